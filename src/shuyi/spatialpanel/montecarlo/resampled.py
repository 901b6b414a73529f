"""Coverage of bootstrap intervals, by simulation, in a few cells: each draw is one more estimate."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import ConvergenceError
from shuyi.panel import Panel
from shuyi.spatialpanel.effects import Spillover
from shuyi.spatialpanel.models import SDM
from shuyi.spatialpanel.montecarlo.cells import Cell, Layout, Resampling, Settings, draw_designs
from shuyi.spatialpanel.montecarlo.coverage import LEVEL, TERMS, proportion, truth
from shuyi.spatialpanel.resampling import bootstrap

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.spatialpanel.design import Design


CONVENTION = "lee_yu"
METHODS = ("percentile", "studentised")


def bootstrap_table(cell: Cell, layout: Layout, settings: Settings) -> pd.DataFrame:
    """Return the coverage of 95 % bootstrap intervals in a cell under the convention `CONVENTION`.

    The first replications of the cell are used, so that the errors are those of its other intervals.

    Columns: those of `coverage.coverage_table`; ``covariance`` holds the kind of bootstrap with the kind of
    covariance that studentises, ``interval`` the method.

    Parameters
    ----------
    cell : Cell
        Cell to draw.
    layout : Layout
        Weights of the cell's layout, and options of the kinds of covariance.
    settings : Settings
        Its `bootstrap` says what is measured.

    Returns
    -------
    DataFrame
        One row per method and term.
    """
    import pandas as pd

    asked = settings.bootstrap
    designs = islice(draw_designs(cell, layout.weights), asked.replications)
    true = truth(cell, Spillover((layout.weights,), (1.0,)))
    inside = np.array(
        [_inside(design, layout, asked, true, asked.seed + r) for r, design in enumerate(designs)]
    )
    usable = np.isfinite(inside[:, 0, 0])
    rows = [
        {
            **cell.labels(layout.weights.n),
            "convention": CONVENTION,
            "covariance": f"{asked.kind} ({asked.studentise})",
            "interval": method,
            "term": term,
            **proportion(inside[usable, m, j] == 1, len(inside)),
        }
        for m, method in enumerate(METHODS)
        for j, term in enumerate(TERMS)
    ]
    return pd.DataFrame(rows)


def _inside(
    design: Design, layout: Layout, asked: Resampling, true: NDArray, seed: int
) -> NDArray[np.float64]:
    """Return whether each interval holds the truth, shape (methods, terms); NaN where refused."""
    values = np.concatenate([design.y[..., None], design.x], axis=2)
    panel = Panel(values, design.units, design.periods, ("y", "x"))
    model = SDM(panel, layout.weights, outcome="y", regressors=["x"])
    try:
        found = bootstrap(model.fit(CONVENTION), asked.kind, asked.draws, seed, studentise=asked.studentise)
    except ConvergenceError:
        return np.full((len(METHODS), len(TERMS)), np.nan)
    bounds = np.array(
        [
            [*found.interval(LEVEL, method)[:3], *found.effects(LEVEL, method).interval[0, :2]]
            for method in METHODS
        ]
    )
    return ((bounds[..., 0] <= true) & (true <= bounds[..., 1])).astype(float)
