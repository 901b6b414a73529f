"""Simulation study of the estimators: bias, coverage of intervals, size and power of tests.

`cells` (what is drawn), `coverage` (bias, root mean squared error, coverage), `size` (rejection rates),
`resampled` (bootstrap intervals). The tables of the documentation are made by ``tools/validation_page.py``.
"""

from shuyi.spatialpanel.montecarlo.cells import (
    Cell,
    Layout,
    Settings,
    build_layout,
    draw_designs,
    lattice,
    load_settings,
)
from shuyi.spatialpanel.montecarlo.coverage import (
    INTERVALS,
    TERMS,
    Replications,
    bias_table,
    collect,
    coverage_table,
    replicate,
)
from shuyi.spatialpanel.montecarlo.resampled import bootstrap_table
from shuyi.spatialpanel.montecarlo.size import size_table

__all__ = [
    "INTERVALS",
    "TERMS",
    "Cell",
    "Layout",
    "Replications",
    "Settings",
    "bias_table",
    "bootstrap_table",
    "build_layout",
    "collect",
    "coverage_table",
    "draw_designs",
    "lattice",
    "load_settings",
    "replicate",
    "size_table",
]
