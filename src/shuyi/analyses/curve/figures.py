"""The figure of the specification curve: ordered estimates above, the choices beneath.

Thousands of ordered specifications are drawn in as many groups of equal size as the panel can show: the curve
is the median of each group, the choices are the share of each option in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.base import Page
from shuyi.analyses.curve.choices import CHOICES, option_name
from shuyi.publish.style import CATEGORICAL, MUTED, NOTE_SIZE, PAGE_WIDTH, SMALL_SIZE, settle, style
from shuyi.spatialpanel.effects import COMPONENTS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from shuyi.publish.labels import Labels

GROUPS = 120
"""Groups of ordered specifications; a panel is two inches wide."""
CURVE_HEIGHT, OPTION_HEIGHT, PADDING = 2.0, 0.17, 0.7
"""Inches: the curve, a line of options, what is around."""
SHOWN = 0.95
"""Share of the groups whose intervals fit: a few near the edge of stability would set the axis."""
PERCENT = 100.0


def curve_figure(
    estimates: pd.DataFrame, labels: Labels, *, options: Mapping[str, Any], term: str, level: float
) -> Figure:
    """Draw the curve of direct, indirect and total effects with the choices beneath.

    Parameters
    ----------
    estimates : DataFrame
        As `estimates.estimates_frame` gives them.
    labels : Labels
        Words in the language of the figure.
    options : mapping
        Options by choice.
    term : str
        The regressor whose effects are drawn.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Figure
        Ready to be saved.
    """
    from matplotlib.figure import Figure

    lines = [(choice, option) for choice in CHOICES for option in options[choice]]
    with style(labels):
        beneath = OPTION_HEIGHT * len(lines)
        figure = Figure(figsize=(PAGE_WIDTH, CURVE_HEIGHT + beneath + PADDING), layout="constrained")
        panels = figure.subplots(2, len(COMPONENTS), sharex=True, height_ratios=[CURVE_HEIGHT, beneath])
        for column, component in enumerate(COMPONENTS):
            part = estimates[estimates["component"] == component].sort_values("estimate", kind="stable")
            ends = np.linspace(0, len(part), min(GROUPS, len(part)) + 1).astype(int)
            upper, lower = panels[0, column], panels[1, column]
            _draw_curve(upper, part, ends)
            upper.set_title(labels.text(f"effect.{component}"), fontsize=SMALL_SIZE)
            _draw_options(lower, part, ends, lines)
            lower.set_yticks([])
            lower.set_xticks([0, int(ends[-1]) // 2, int(ends[-1])])
        _name_options(panels[1, 0], lines, labels)
        axis = labels.text("curve.axis", term=labels.term(term), level=f"{100 * level:g}")
        panels[0, 0].set_ylabel(axis, fontsize=NOTE_SIZE)
        figure.supxlabel(labels.text("curve.order"), fontsize=SMALL_SIZE)
        return settle(figure)


def _draw_curve(axes: Axes, part: pd.DataFrame, ends: np.ndarray) -> None:
    middle = 0.5 * (ends[1:] + ends[:-1])
    columns = {
        name: _group_medians(PERCENT * part[name].to_numpy(), ends) for name in ("estimate", "low", "high")
    }
    axes.axhline(0.0, color=MUTED, linewidth=0.7, zorder=0)
    axes.fill_between(middle, columns["low"], columns["high"], color=CATEGORICAL[0], alpha=0.2, linewidth=0)
    axes.plot(middle, columns["estimate"], color=CATEGORICAL[0], linewidth=1.2)
    ends_shown = [float(np.quantile(columns[n], q)) for n, q in (("low", 1 - SHOWN), ("high", SHOWN))]
    axes.set_ylim(*ends_shown)
    axes.tick_params(labelsize=NOTE_SIZE)


def _group_medians(values: np.ndarray, ends: np.ndarray) -> np.ndarray:
    return np.array([np.median(part) for part in np.split(values, ends[1:-1])])


def _group_means(values: np.ndarray, ends: np.ndarray) -> np.ndarray:
    return np.add.reduceat(values, ends[:-1]) / np.diff(ends)


def _draw_options(axes: Axes, part: pd.DataFrame, ends: np.ndarray, lines: Sequence[tuple[str, str]]) -> None:
    """Draw the share of each option in each group, relative to the largest that it reaches anywhere."""
    shares = np.stack(
        [_group_means((part[choice] == option).to_numpy(float), ends) for choice, option in lines]
    )
    top = np.maximum(shares.max(axis=1, keepdims=True), 1e-12)
    extent = (0.0, float(ends[-1]), len(lines) - 0.5, -0.5)
    axes.imshow(
        shares / top, aspect="auto", cmap="Greys", extent=extent, vmin=0, vmax=1, interpolation="none"
    )
    choices = [choice for choice, _ in lines]
    for i in range(1, len(lines)):
        if choices[i] != choices[i - 1]:
            axes.axhline(i - 0.5, color="white", linewidth=2.0)
    axes.tick_params(labelsize=NOTE_SIZE)


def _name_options(axes: Axes, lines: Sequence[tuple[str, str]], labels: Labels) -> None:
    names = [option_name(choice, option, labels) for choice, option in lines]
    axes.set_yticks(range(len(lines)), names, fontsize=NOTE_SIZE)


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
    p = page.settings
    estimates = page.sources.frame("estimates")
    drawn = curve_figure(estimates, page.labels, options=p["options"], term=p["term"], level=p["level"])
    return {"curve_figure": drawn}
