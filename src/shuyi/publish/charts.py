"""Statistical figures: Moran scatterplots, Moran's I over the years, effects and intervals.

Each function takes tidy frames and labels and returns a matplotlib figure; nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from shuyi.errors import DataError, offenders
from shuyi.publish.style import (
    CATEGORICAL,
    FRAME_HEIGHT,
    MUTED,
    NOTE_SIZE,
    PAGE_WIDTH,
    SMALL_SIZE,
    head_note,
    require_columns,
    settle,
    style,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from shuyi.publish.labels import Labels


CLEARANCE = 5.0
"""Pixels at 100 dots per inch that stay free around a point's name."""

SCATTER_HEIGHT, SERIES_HEIGHT, FACET_HEIGHT, ROW_HEIGHT = 2.9, 1.9, 1.15, 0.24
"""Inches: a row of scatterplots, of time series, of effects; a line of an interval plot."""

NAME_COST = 3
"""How many covered points weigh as much as a covered name."""
LABEL_OFFSETS = ((4, 3), (4, -8), (-4, 3), (-4, -8), (0, 6), (0, -11), (7, -2.5), (-7, -2.5))
"""Where a point's name may stand, points right and up of it; tried in this order."""


def place_name(
    axes: Axes, name: str, point: tuple[float, float], dots: NDArray[np.float64], boxes: Sequence[Any]
) -> Any:
    """Write a name beside a point, at the offset that covers least: points, other names, the panel's edge.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Laid out, because places are compared in pixels.
    name : str
        What is written.
    point : (float, float)
        In the coordinates of the data.
    dots : ndarray, shape (m, 2)
        Pixels of the points that must stay free.
    boxes : sequence
        Extents of the names written so far.

    Returns
    -------
    matplotlib.transforms.Bbox
        Extent of the name, for the next ones.
    """
    text = axes.annotate(name, point, LABEL_OFFSETS[0], textcoords="offset points", fontsize=NOTE_SIZE)
    text.set_in_layout(False)
    frame = axes.get_window_extent()
    costs = []
    for offset in LABEL_OFFSETS:
        _move(text, offset)
        box = text.get_window_extent().padded(CLEARANCE)
        covered = int(box.count_contains(dots)) + NAME_COST * box.count_overlaps(boxes)
        outside = box.x0 < frame.x0 or box.x1 > frame.x1 or box.y0 < frame.y0 or box.y1 > frame.y1
        costs.append(covered + 10 * outside)
    _move(text, LABEL_OFFSETS[int(np.argmin(costs))])
    return text


def _move(text: Any, offset: tuple[float, float]) -> None:
    text.set_position(offset)
    text.set_horizontalalignment("left" if offset[0] > 0 else "right" if offset[0] < 0 else "center")


def interval_plot(
    frame: pd.DataFrame,
    labels: Labels,
    *,
    value_name: str,
    reference: float | None = 0.0,
    note: str = "",
) -> Figure:
    """Draw estimates with intervals, one line per row, in the order of the frame.

    Parameters
    ----------
    frame : DataFrame
        Columns ``name`` (as printed; a row without one has no tick), ``estimate``, ``low`` and ``high``;
        optionally ``group``, printed in a colour and marker of its own with a legend.
    labels : Labels
        For the language of the fonts.
    value_name : str
        What is drawn, with its unit and the level of the intervals.
    reference : float, optional
        Where the vertical line stands; None draws none.
    note : str
        Stands above the intervals, in lines that fit the page.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a column is missing, the frame is empty or an estimate lies outside its interval.
    """
    require_columns(frame, ("name", "estimate", "low", "high"))
    outside = frame[(frame["estimate"] < frame["low"]) | (frame["estimate"] > frame["high"])]
    if frame.empty or len(outside):
        raise DataError(
            "The intervals cannot be drawn.",
            expected="at least one row, each estimate within its bounds",
            found=offenders(outside["name"]) if len(outside) else "no row",
        )
    from matplotlib.figure import Figure

    with style(labels):
        rows = len(frame) + (1 if note else 0)
        figure = Figure(figsize=(PAGE_WIDTH, FRAME_HEIGHT + ROW_HEIGHT * rows), layout="constrained")
        axes = figure.add_subplot()
        if reference is not None:
            axes.axvline(reference, color=MUTED, linewidth=0.7, zorder=0)
        _interval_groups(axes, frame)
        named = np.flatnonzero(frame["name"].to_numpy() != "")
        axes.set_yticks(named, list(frame["name"].iloc[named]))
        axes.set_ylim(len(frame) - 0.4, -0.6)
        axes.set_xlabel(value_name, fontsize=SMALL_SIZE)
        head_note(figure, note, labels)
        return settle(figure)


DRAWN = ("direct", "indirect")
"""Components of effects that are drawn beside each other."""


def effects_plot(
    effects: pd.DataFrame,
    name: Callable[[dict[Hashable, Any]], str],
    labels: Labels,
    *,
    value_name: str,
    per_deviation: bool = False,
    note: str = "",
) -> Figure:
    """Draw direct and indirect effects with their intervals, one line each, named once.

    Parameters
    ----------
    effects : DataFrame
        Columns ``component``, ``estimate`` (rows without one are left out), ``ci_low``, ``ci_high`` and, for
        effects per standard deviation, ``spread``; the direct effect first of each.
    name : callable
        Returns the printed name of a row.
    labels : Labels
        Words in the language of the figure.
    value_name : str
        What is drawn, with its unit and the level of the intervals.
    per_deviation : bool, default False
        Whether effects are multiplied by ``spread``, the standard deviation of the regressor.
    note : str, default ""
        Stands above the intervals, in lines that fit the page.

    Returns
    -------
    matplotlib.figure.Figure
        Ready to be saved.

    Raises
    ------
    DataError
        As `interval_plot`.
    """
    shown = effects[effects["component"].isin(DRAWN)].dropna(subset=["estimate"])
    scale = shown["spread"] if per_deviation else 1.0
    frame = shown.assign(
        name=[name(row) if row["component"] == DRAWN[0] else "" for row in shown.to_dict("records")],
        group=[labels.text(f"effect.{component}") for component in shown["component"]],
        estimate=shown["estimate"] * scale,
        low=shown["ci_low"] * scale,
        high=shown["ci_high"] * scale,
    )
    return interval_plot(frame, labels, value_name=value_name, note=note)


def _interval_groups(axes: Axes, frame: pd.DataFrame) -> None:
    rows = np.arange(len(frame), dtype=np.float64)
    if "group" not in frame:
        whiskers(axes, frame, rows, CATEGORICAL[0], "o")
        return
    groups = list(dict.fromkeys(frame["group"]))
    for group, colour, marker in zip(groups, CATEGORICAL, "osD^vP*X", strict=False):
        chosen = (frame["group"] == group).to_numpy()
        whiskers(axes, frame[chosen], rows[chosen], colour, marker)
    handles: list[Any] = list(axes.containers)
    axes.figure.legend(handles, groups, loc="outside lower center", ncols=len(groups))


def whiskers(axes: Axes, rows: pd.DataFrame, y: NDArray[np.float64], colour: str, marker: str) -> None:
    """Draw estimates with their intervals as horizontal whiskers.

    Parameters
    ----------
    axes : Axes
        Where they are drawn.
    rows : DataFrame
        Columns estimate, low and high.
    y : ndarray
        Height of each row.
    colour : str
        Colour of points and whiskers.
    marker : str
        Marker of the points, as matplotlib names it.
    """
    spread = np.vstack([rows["estimate"] - rows["low"], rows["high"] - rows["estimate"]])
    axes.errorbar(
        rows["estimate"],
        y,
        xerr=spread,
        fmt=marker,
        color=colour,
        markersize=3.4,
        elinewidth=1.0,
        capsize=0,
        markerfacecolor="white" if marker == "s" else colour,
        markeredgewidth=0.9,
    )


def check_named(values: pd.Series, names: Mapping[str, str]) -> None:
    """Raise DataError if an entry of a figure has no printed name.

    Parameters
    ----------
    values : Series
        Entries that are drawn.
    names : mapping of str to str
        Printed name by entry.

    Raises
    ------
    DataError
        If a name is missing.
    """
    nameless = sorted(set(values) - set(names))
    if nameless:
        raise DataError("A figure has no printed name for an entry.", found=offenders(nameless))


def legend_patch(colour: str) -> Any:
    """Return a filled patch for a legend.

    Parameters
    ----------
    colour : str
        Colour of the patch.

    Returns
    -------
    matplotlib.patches.Patch
        Without an edge.
    """
    from matplotlib.patches import Patch

    return Patch(facecolor=colour, linewidth=0)


def legend_line(colour: str, linestyle: Literal["-", "--"] = "-") -> Any:
    """Return a line for a legend.

    Parameters
    ----------
    colour : str
        Colour of the line.
    linestyle : {"-", "--"}, default "-"
        Full or dashed.

    Returns
    -------
    matplotlib.lines.Line2D
        Without points.
    """
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, linewidth=1.2, linestyle=linestyle)
