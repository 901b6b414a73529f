"""Simulation study of the estimators: bias, coverage of intervals, size and power of tests.

`cells` (what is drawn), `coverage` (bias, root mean squared error, coverage), `size` (rejection rates),
`resampled` (bootstrap intervals) and `page` (the tables of the documentation).
"""

from shuyi.spatialpanel.montecarlo.cells import (
    Cell,
    Ground,
    Settings,
    draw_designs,
    ground_of,
    lattice,
    load_settings,
)
from shuyi.spatialpanel.montecarlo.coverage import (
    INTERVALS,
    TERMS,
    Replications,
    bias_table,
    coverage_table,
    replicate,
)
from shuyi.spatialpanel.montecarlo.page import collect
from shuyi.spatialpanel.montecarlo.resampled import bootstrap_table
from shuyi.spatialpanel.montecarlo.size import size_table

__all__ = [
    "INTERVALS",
    "TERMS",
    "Cell",
    "Ground",
    "Replications",
    "Settings",
    "bias_table",
    "bootstrap_table",
    "collect",
    "coverage_table",
    "draw_designs",
    "ground_of",
    "lattice",
    "load_settings",
    "replicate",
    "size_table",
]
