"""Statistical figures: Moran scatterplots, Moran's I over the years, effects and intervals.

Each function takes tidy frames and labels and returns a matplotlib figure; nothing is estimated here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import DataError, offenders
from shuyi.figurestyle import (
    CATEGORICAL,
    FRAME_HEIGHT,
    LIGHT,
    MUTED,
    NOTE_SIZE,
    PAGE_WIDTH,
    SMALL_SIZE,
    facets,
    require_columns,
    settle,
    style,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from shuyi.labels import Labels

CLEARANCE = 5.0
"""Pixels at 100 dots per inch that stay free around a point's name."""

COMPONENTS = ("direct", "indirect", "total")
METHODS = ("simulated", "delta")
MARKERS = {"simulated": "o", "delta": "s"}
METHOD_COLOURS = {"simulated": CATEGORICAL[0], "delta": CATEGORICAL[4]}

SCATTER_HEIGHT, SERIES_HEIGHT, FACET_HEIGHT, ROW_HEIGHT = 2.9, 1.9, 1.15, 0.24
"""Inches: a row of scatterplots, of time series, of effects; a line of an interval plot."""

NAME_COST = 3
"""How many covered points weigh as much as a covered name."""
LABEL_OFFSETS = ((4, 3), (4, -8), (-4, 3), (-4, -8), (0, 6), (0, -11), (7, -2.5), (-7, -2.5))
"""Where a point's name may stand, points right and up of it; tried in this order."""


def moran_scatter(
    points: pd.DataFrame,
    statistics: pd.DataFrame,
    labels: Labels,
    *,
    variable: str,
    names: Mapping[str, str],
    named: int = 6,
) -> Figure:
    """Draw Moran scatterplots, one panel per year on common axes.

    Parameters
    ----------
    points : DataFrame
        Columns ``code``, ``year``, ``z`` (standardised value) and ``lag`` (its spatial lag W z).
    statistics : DataFrame
        Columns ``year``, ``I`` and ``p``, one row per year; I is the slope of the line through the origin.
    labels : Labels
    variable : str
        Name of the variable as printed.
    names : mapping
        Province names by code.
    named : int
        How many provinces, those farthest from the origin, carry their names in each panel.

    Raises
    ------
    DataError
        If a column is missing or the two frames name other years.
    """
    require_columns(points, ("code", "year", "z", "lag"))
    require_columns(statistics, ("year", "I", "p"))
    years = sorted(points["year"].unique())
    if sorted(statistics["year"]) != years:
        raise DataError(
            "Points and statistics of the Moran scatterplots name other years.",
            expected=offenders(years, len(years)),
            found=offenders(sorted(statistics["year"]), len(statistics)),
        )
    by_year = statistics.set_index("year")
    with style(labels):
        figure, axes = facets(len(years), 3, SCATTER_HEIGHT, sharex=True, sharey=True)
        for panel, year in zip(axes, years, strict=True):
            chosen = points[points["year"] == year].sort_values("code")
            _scatter(panel, chosen, float(by_year.loc[year, "I"]))
            statistic, p = _number(by_year.loc[year, "I"], 3), _probability(by_year.loc[year, "p"])
            panel.set_title(
                labels.text("moran.scatter", year=year, statistic=statistic, p=p), fontsize=SMALL_SIZE
            )
        figure.supxlabel(labels.text("moran.z", variable=variable), fontsize=SMALL_SIZE)
        figure.supylabel(labels.text("moran.lag", variable=variable), fontsize=SMALL_SIZE)
        settle(figure)
        for panel, year in zip(axes, years, strict=True):
            _name_points(panel, points[points["year"] == year], names, named)
    return figure


def _scatter(axes: Axes, points: pd.DataFrame, slope: float) -> None:
    axes.axhline(0.0, color=LIGHT, linewidth=0.7, zorder=0)
    axes.axvline(0.0, color=LIGHT, linewidth=0.7, zorder=0)
    axes.axline((0.0, 0.0), slope=slope, color=CATEGORICAL[4], linewidth=1.0, zorder=1)
    axes.scatter(points["z"], points["lag"], s=11, color=CATEGORICAL[0], linewidths=0, zorder=2)
    axes.margins(0.18, 0.12)


def _name_points(axes: Axes, points: pd.DataFrame, names: Mapping[str, str], named: int) -> None:
    """Name the points farthest from the origin, each where it covers no point and no other name."""
    far = points.assign(distance=np.hypot(points["z"], points["lag"]))
    chosen = far.sort_values(["distance", "code"], ascending=[False, True]).head(named)
    dots = axes.transData.transform(points[["z", "lag"]].to_numpy())
    boxes: list[Any] = []
    for row in chosen.itertuples():
        text = place_name(axes, names[row.code], (row.z, row.lag), dots, boxes)
        boxes.append(text.get_window_extent())


def place_name(
    axes: Axes, name: str, point: tuple[float, float], dots: NDArray[np.float64], boxes: Sequence[Any]
) -> Any:
    """Write a name beside a point, at the offset that covers least: points, other names, the panel's edge.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Laid out, because places are compared in pixels.
    name : str
    point : (float, float)
        In the coordinates of the data.
    dots : ndarray, shape (m, 2)
        Pixels of the points that must stay free.
    boxes : sequence
        Extents of the names written so far.
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


def moran_by_year(frame: pd.DataFrame, labels: Labels, *, weights_names: Mapping[str, str]) -> Figure:
    """Draw Moran's I over the years, one panel per weights, over its reference band.

    Parameters
    ----------
    frame : DataFrame
        Columns ``weights``, ``year``, ``I``, ``expected`` (under no spatial dependence) and ``low``, ``high``
        (bounds that hold 95 % of the values under no spatial dependence).
    labels : Labels
    weights_names : mapping
        Printed name per weights, in the order of the panels.

    Raises
    ------
    DataError
        If a column is missing or weights of the frame have no name.
    """
    require_columns(frame, ("weights", "year", "I", "expected", "low", "high"))
    _refuse_nameless(frame["weights"], weights_names)
    kinds = [kind for kind in weights_names if (frame["weights"] == kind).any()]
    with style(labels):
        figure, axes = facets(len(kinds), 3, SERIES_HEIGHT, sharex=True, sharey=True)
        for panel, kind in zip(axes, kinds, strict=True):
            series = frame[frame["weights"] == kind].sort_values("year")
            years = series["year"].to_numpy()
            band = panel.fill_between(years, series["low"], series["high"], color=LIGHT, linewidth=0)
            (expected,) = panel.plot(years, series["expected"], color=MUTED, linewidth=0.7, linestyle="--")
            (observed,) = panel.plot(
                years, series["I"], color=CATEGORICAL[0], linewidth=1.2, marker="o", markersize=2.8
            )
            panel.set_title(weights_names[kind], fontsize=SMALL_SIZE)
            panel.set_xticks(years[:: max(1, math.ceil(len(years) / 5))])
        texts = [labels.text(f"moran.{word}") for word in ("statistic", "expected", "band")]
        figure.legend([observed, expected, band], texts, loc="outside lower center", ncols=3)
        figure.supylabel(labels.text("moran.statistic"), fontsize=SMALL_SIZE)
        return settle(figure)


def effects_figure(
    frame: pd.DataFrame, labels: Labels, *, term_names: Mapping[str, str], level: float = 0.95
) -> Figure:
    """Draw direct, indirect and total effects, one panel per term on its own scale.

    Parameters
    ----------
    frame : DataFrame
        Columns ``term``, ``component`` ("direct", "indirect", "total"), ``method`` ("simulated" or "delta"),
        ``estimate``, ``low`` and ``high``.
    labels : Labels
    term_names : mapping
        Printed name per term, in the order of the panels.
    level : float
        Confidence level of the intervals, as printed in the legend.

    Raises
    ------
    DataError
        If a column is missing, a component or method is unknown, or a term has no name.
    """
    require_columns(frame, ("term", "component", "method", "estimate", "low", "high"))
    _refuse_nameless(frame["term"], term_names)
    _refuse_unknown(frame["component"], COMPONENTS)
    _refuse_unknown(frame["method"], METHODS)
    terms = [term for term in term_names if (frame["term"] == term).any()]
    methods = [method for method in METHODS if (frame["method"] == method).any()]
    with style(labels):
        figure, axes = facets(len(terms), 2, FACET_HEIGHT, sharey=True)
        for panel, term in zip(axes, terms, strict=True):
            _effects_panel(panel, frame[frame["term"] == term], methods, labels)
            panel.set_title(term_names[term], fontsize=SMALL_SIZE)
        percent = f"{100 * level:g}"
        texts = [labels.text(f"effects.{method}", level=percent) for method in methods]
        handles: list[Any] = list(axes[0].containers)
        figure.legend(handles, texts, loc="outside lower center", ncols=len(methods))
        return settle(figure)


def _effects_panel(axes: Axes, frame: pd.DataFrame, methods: Sequence[str], labels: Labels) -> None:
    axes.axvline(0.0, color=MUTED, linewidth=0.7, zorder=0)
    shifts = np.linspace(-0.14, 0.14, len(methods)) if len(methods) > 1 else np.zeros(1)
    for method, shift in zip(methods, shifts, strict=True):
        rows = frame[frame["method"] == method].set_index("component").reindex(COMPONENTS)
        _whiskers(axes, rows, np.arange(len(COMPONENTS)) + shift, METHOD_COLOURS[method], MARKERS[method])
    axes.set_yticks(range(len(COMPONENTS)), [labels.text(f"effects.{name}") for name in COMPONENTS])
    axes.set_ylim(len(COMPONENTS) - 0.5, -0.5)
    axes.locator_params(axis="x", nbins=6)


def interval_plot(
    frame: pd.DataFrame, labels: Labels, *, value_name: str, reference: float | None = 0.0
) -> Figure:
    """Draw estimates with intervals, one line per row, in the order of the frame.

    Parameters
    ----------
    frame : DataFrame
        Columns ``name`` (as printed), ``estimate``, ``low`` and ``high``; optionally ``group``, printed in
        a colour and marker of its own with a legend.
    labels : Labels
        For the language of the fonts.
    value_name : str
        What is drawn, with its unit and the level of the intervals.
    reference : float, optional
        Where the vertical line stands; None draws none.

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
        figure = Figure(figsize=(PAGE_WIDTH, FRAME_HEIGHT + ROW_HEIGHT * len(frame)), layout="constrained")
        axes = figure.add_subplot()
        if reference is not None:
            axes.axvline(reference, color=MUTED, linewidth=0.7, zorder=0)
        _interval_groups(axes, frame)
        axes.set_yticks(range(len(frame)), list(frame["name"]))
        axes.set_ylim(len(frame) - 0.4, -0.6)
        axes.set_xlabel(value_name, fontsize=SMALL_SIZE)
        return settle(figure)


def _interval_groups(axes: Axes, frame: pd.DataFrame) -> None:
    rows = np.arange(len(frame), dtype=np.float64)
    if "group" not in frame:
        _whiskers(axes, frame, rows, CATEGORICAL[0], "o")
        return
    groups = list(dict.fromkeys(frame["group"]))
    for group, colour, marker in zip(groups, CATEGORICAL, "osD^vP*X", strict=False):
        chosen = (frame["group"] == group).to_numpy()
        _whiskers(axes, frame[chosen], rows[chosen], colour, marker)
    handles: list[Any] = list(axes.containers)
    axes.figure.legend(handles, groups, loc="outside lower center", ncols=len(groups))


def _whiskers(axes: Axes, rows: pd.DataFrame, y: NDArray[np.float64], colour: str, marker: str) -> None:
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


def _number(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", "\u2212")


def _probability(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def _refuse_nameless(values: pd.Series, names: Mapping[str, str]) -> None:
    nameless = sorted(set(values) - set(names))
    if nameless:
        raise DataError("A figure has no printed name for an entry.", found=offenders(nameless))


def _refuse_unknown(values: pd.Series, allowed: Sequence[str]) -> None:
    unknown = sorted(set(values) - set(allowed))
    if unknown:
        raise DataError("Unknown entry in a figure.", expected=", ".join(allowed), found=offenders(unknown))
