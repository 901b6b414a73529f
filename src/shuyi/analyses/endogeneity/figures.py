"""The figure of instruments: their strength, and the estimates that rest on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuyi.analyses.base import Page
from shuyi.analyses.endogeneity.equations import LEAST_SQUARES, SLX
from shuyi.analyses.endogeneity.tables import set_name
from shuyi.publish.style import CATEGORICAL, FRAME_HEIGHT, MUTED, PAGE_WIDTH, SMALL_SIZE, settle, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from shuyi.publish.labels import Labels

ROW = 0.3
"""Inches of a line."""
REACH = 6.0
"""Half of the drawn range, in multiples of the least-squares interval's half width."""


def endogeneity_figure(
    estimates: pd.DataFrame, tests: pd.DataFrame, labels: Labels, *, term: str, level: float
) -> Figure:
    """Draw effective F against its critical value, and estimates with intervals beside it.

    Parameters
    ----------
    estimates, tests : DataFrame
        As `frames.endogeneity_frames` gives them.
    labels : Labels
        Words in the language of the figure.
    term : str
        The endogenous regressor.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Figure
        Ready to be saved. Intervals beyond the drawn range end in an arrow.
    """
    from matplotlib.figure import Figure

    terms = (term, f"W_{term}")
    slx = estimates[estimates["equation"] == SLX]
    names = list(dict.fromkeys(slx["set"]))
    rows = [(name, variable) for name in names for variable in terms]
    with style(labels):
        height = FRAME_HEIGHT + ROW * (len(rows) + 1)
        figure = Figure(figsize=(PAGE_WIDTH, height), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1.4))
        _strength(left, tests[tests["equation"] == SLX], rows, labels)
        _estimates(right, slx, rows, labels, level)
        texts = [
            labels.text("heading.part", whole=set_name(name, labels), part=labels.term(variable))
            for name, variable in rows
        ]
        left.set_yticks(range(len(rows)), texts)
        left.set_ylim(len(rows) - 0.4, -0.6)
        return settle(figure)


def _strength(axes: Axes, tests: pd.DataFrame, rows: list[tuple[str, str]], labels: Labels) -> None:
    found = tests[tests["test"] == "effective_f"].set_index(["set", "term"])
    for y, key in enumerate(rows):
        if key[0] == LEAST_SQUARES:
            continue
        row = found.loc[key]
        axes.plot([0, row["statistic"]], [y, y], color=CATEGORICAL[0], linewidth=4, solid_capstyle="butt")
        axes.plot([row["critical"]] * 2, [y - 0.35, y + 0.35], color=MUTED, linewidth=1.2)
    axes.set_xlim(left=0)
    axes.set_xlabel(labels.text("endogeneity.figure.strength"), fontsize=SMALL_SIZE)


def _estimates(
    axes: Axes, slx: pd.DataFrame, rows: list[tuple[str, str]], labels: Labels, level: float
) -> None:
    found = slx.set_index(["set", "term"])
    own = slx[slx["set"] == LEAST_SQUARES]
    bound = REACH * float(np.maximum(own["ci_high"].abs(), own["ci_low"].abs()).max())
    axes.axvline(0, color=MUTED, linewidth=0.7, zorder=0)
    for y, key in enumerate(rows):
        row = found.loc[key]
        low, high = max(row["ci_low"], -bound), min(row["ci_high"], bound)
        axes.plot([low, high], [y, y], color=CATEGORICAL[0], linewidth=1.0)
        for end, mark, cut in ((low, "<", row["ci_low"] < -bound), (high, ">", row["ci_high"] > bound)):
            if cut:
                axes.plot([end], [y], mark, color=CATEGORICAL[0], markersize=4, clip_on=False)
        if abs(row["estimate"]) <= bound:
            axes.plot([row["estimate"]], [y], "o", color=CATEGORICAL[0], markersize=3.4)
    axes.set_xlim(-bound, bound)
    axes.set_xlabel(
        labels.text("endogeneity.figure.estimates", level=f"{100 * level:g}"), fontsize=SMALL_SIZE
    )


def draw_figures(page: Page) -> dict[str, Figure]:
    """Return the figure by name.

    Parameters
    ----------
    page : Page
        What drawing works with.

    Returns
    -------
    dict of str to Figure
        One figure.
    """
    p, sources = page.settings, page.sources
    drawn = endogeneity_figure(
        sources.frame("estimates", text=["set", "equation", "term"]),
        sources.frame("tests", text=["set", "equation", "test", "term", "shape", "reason"]),
        page.labels,
        term=p["term"],
        level=p["level"],
    )
    return {"endogeneity_figure": drawn}
