"""Figures of the measurement: coordination by region, development coordinates, matrix of effects.

Each function takes tidy frames and labels and returns a matplotlib figure; nothing is computed here but the
arrangement of the frames.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import DataError, offenders
from shuyi.figures import interval_plot, place_name
from shuyi.figurestyle import (
    CATEGORICAL,
    INK,
    LIGHT,
    MUTED,
    NOTE_SIZE,
    PAGE_WIDTH,
    PALETTES,
    SMALL_SIZE,
    facets,
    require_columns,
    settle,
    style,
)
from shuyi.regions import in_order

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from shuyi.labels import Labels

TREND_HEIGHT, COORDINATES_HEIGHT = 2.6, 3.1
"""Inches: a row of trends, of development coordinates."""
MARKERS = "osD^vP*X"
WHOLE = "all"
"""The row of a trend that stands for all provinces."""
TIER_COLOURS = {"lagging": "#7fcdbb", "transition": "#1d91c0", "frontier": "#0c2c84"}
"""Three steps of ColorBrewer's YlGnBu, which show as lines on white too."""


def trend_figure(trend: pd.DataFrame, labels: Labels, *, sets: Sequence[str], variant: str) -> Figure:
    """Draw the mean coordination degree of each region over the years, one panel per set of systems.

    Parameters
    ----------
    trend : DataFrame
        Columns ``set``, ``variant``, ``region`` ("all" for all provinces), ``period`` and ``degree``.
    labels : Labels
        With the titles of the sets.
    sets : sequence of str
        In the order of the panels.
    variant : {"corrected", "standard"}

    Raises
    ------
    DataError
        If a column is missing or a set has no rows.
    """
    require_columns(trend, ("set", "variant", "region", "period", "degree"))
    rows = trend[trend["variant"] == variant]
    without = [name for name in sets if not (rows["set"] == name).any()]
    if without:
        raise DataError("A set of systems has no trend.", found=offenders(without))
    regions = list(dict.fromkeys(rows["region"]))
    with style(labels):
        figure, axes = facets(len(sets), 2, TREND_HEIGHT, sharey=True)
        for panel, name in zip(axes, sets, strict=True):
            _trend_panel(panel, rows[rows["set"] == name], regions)
            panel.set_title(labels.text(f"set.{name}"), fontsize=SMALL_SIZE)
        texts = [labels.text(f"distribution.region.{region}") for region in regions]
        figure.legend(axes[0].lines, texts, loc="outside lower center", ncols=len(texts))
        figure.supylabel(labels.text("coordination.degree"), fontsize=SMALL_SIZE)
        return settle(figure)


def _trend_panel(axes: Axes, rows: pd.DataFrame, regions: Sequence[str]) -> None:
    colours = iter(CATEGORICAL)
    for region, marker in zip(regions, MARKERS, strict=False):
        series = rows[rows["region"] == region].sort_values("period")
        whole = region == WHOLE
        axes.plot(
            series["period"],
            series["degree"],
            color=INK if whole else next(colours),
            linewidth=1.8 if whole else 1.1,
            marker="" if whole else marker,
            markersize=3.0,
        )
    years = np.unique(rows["period"])
    axes.set_xticks(years[:: max(1, math.ceil(len(years) / 5))])


def coordinates_figure(
    arrows: pd.DataFrame,
    tiers: pd.DataFrame,
    labels: Labels,
    *,
    regions: Mapping[str, str],
    names: Mapping[str, str],
) -> Figure:
    """Draw the yearly moves of the provinces in the development coordinates, one panel per region.

    Parameters
    ----------
    arrows : DataFrame
        Columns ``unit``, ``from``, ``to``, ``x``, ``y``, ``dx`` and ``dy``.
    tiers : DataFrame
        Columns ``unit``, ``period`` and ``tier``: an arrow has the colour of the tier at its start.
    labels : Labels
        With the titles of the axes (``axis.x``, ``axis.y``) and of the tiers.
    regions : mapping of str to str
        Region of each unit.
    names : mapping of str to str
        Printed name per unit.

    Raises
    ------
    DataError
        If a column is missing, or an arrow's start has no tier.
    """
    require_columns(arrows, ("unit", "from", "to", "x", "y", "dx", "dy"))
    require_columns(tiers, ("unit", "period", "tier"))
    start = tiers.rename(columns={"period": "from"})[["unit", "from", "tier"]]
    moves = arrows.merge(start, on=["unit", "from"], how="left").assign(
        region=arrows["unit"].map(regions).to_numpy()
    )
    without = sorted(set(moves.loc[moves["tier"].isna() | moves["region"].isna(), "unit"]))
    if without:
        raise DataError("A move has no tier or region at its start.", found=offenders(without))
    shown = in_order(moves["region"])
    with style(labels):
        figure, axes = facets(len(shown), 2, COORDINATES_HEIGHT)
        for panel, region in zip(axes, shown, strict=True):
            _arrows_panel(panel, moves[moves["region"] == region])
            panel.set_title(labels.text(f"distribution.region.{region}"), fontsize=SMALL_SIZE)
        figure.supxlabel(labels.text("axis.x"), fontsize=SMALL_SIZE)
        figure.supylabel(labels.text("axis.y"), fontsize=SMALL_SIZE)
        _tier_legend(figure, labels)
        settle(figure)
        for panel, region in zip(axes, shown, strict=True):
            _name_ends(panel, moves[moves["region"] == region], names)
    return figure


def _arrows_panel(axes: Axes, moves: pd.DataFrame) -> None:
    axes.quiver(
        moves["x"],
        moves["y"],
        moves["dx"],
        moves["dy"],
        color=[TIER_COLOURS[tier] for tier in moves["tier"]],
        angles="xy",
        scale_units="xy",
        scale=1.0,
        width=0.004,
        headwidth=3.5,
        headlength=4.0,
        headaxislength=3.5,
    )
    ends_x, ends_y = moves["x"] + moves["dx"], moves["y"] + moves["dy"]
    axes.update_datalim(np.column_stack([np.r_[moves["x"], ends_x], np.r_[moves["y"], ends_y]]))
    axes.autoscale_view()
    axes.grid(color=LIGHT, linewidth=0.4)
    axes.set_axisbelow(True)


def _tier_legend(figure: Figure, labels: Labels) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=colour, linewidth=1.4) for colour in TIER_COLOURS.values()]
    texts = [labels.text(f"tier.{tier}") for tier in TIER_COLOURS]
    figure.legend(handles, texts, loc="outside upper right", ncols=len(texts))


def _name_ends(axes: Axes, moves: pd.DataFrame, names: Mapping[str, str]) -> None:
    last = moves[moves["to"] == moves["to"].max()].sort_values("unit")
    ends = np.column_stack([last["x"] + last["dx"], last["y"] + last["dy"]])
    passed = np.concatenate([moves[["x", "y"]].to_numpy(), ends])
    dots = axes.transData.transform(passed)
    boxes: list[Any] = []
    for unit, (x, y) in zip(last["unit"], ends, strict=True):
        text = place_name(axes, names[unit], (x, y), dots, boxes)
        boxes.append(text.get_window_extent())


def matrix_figure(
    matrix: pd.DataFrame, ledger: pd.DataFrame, labels: Labels, names: Mapping[str, str], outcome: str
) -> Figure:
    """Draw the effects of every province on every other as a heat map; the diagonal stays blank.

    Parameters
    ----------
    matrix : DataFrame
        Columns ``receiver``, ``sender`` and ``effect``.
    ledger : DataFrame
        Columns ``unit`` and ``region``: rows and columns are in the order of the regions.
    labels : Labels
    names : mapping of str to str
    outcome : str
        Printed name of the outcome.

    Raises
    ------
    DataError
        If a column is missing or the ledger names other units than the matrix.
    """
    require_columns(matrix, ("receiver", "sender", "effect"))
    require_columns(ledger, ("unit", "region"))
    places = ledger["region"].map(in_order(ledger["region"]).index)
    order = list(ledger.assign(place=places).sort_values(["place", "unit"])["unit"])
    if sorted(order) != sorted(set(matrix["receiver"])):
        raise DataError(
            "The ledger names other units than the matrix of effects.",
            expected=offenders(sorted(set(matrix["receiver"])), 6),
            found=offenders(order, 6),
        )
    wide = matrix.pivot(index="receiver", columns="sender", values="effect").loc[order, order]
    values = wide.to_numpy(copy=True)
    np.fill_diagonal(values, np.nan)
    reach = float(np.nanmax(np.abs(values)))
    from matplotlib.figure import Figure

    with style(labels):
        figure = Figure(figsize=(PAGE_WIDTH, PAGE_WIDTH * 0.88), layout="constrained")
        axes = figure.add_subplot()
        image = axes.pcolormesh(values, cmap=PALETTES["diverging"], vmin=-reach, vmax=reach, rasterized=False)
        axes.invert_yaxis()
        axes.set_aspect("equal")
        middle = np.arange(len(order)) + 0.5
        texts = [names[unit] for unit in order]
        axes.set_xticks(middle, texts, rotation=90, fontsize=NOTE_SIZE)
        axes.set_yticks(middle, texts, fontsize=NOTE_SIZE)
        axes.tick_params(length=0)
        axes.set_xlabel(labels.text("matrix.sender"), fontsize=SMALL_SIZE)
        axes.set_ylabel(labels.text("matrix.receiver"), fontsize=SMALL_SIZE)
        bar = figure.colorbar(image, ax=axes, shrink=0.6, pad=0.01)
        bar.set_label(labels.text("matrix.effect", outcome=outcome), fontsize=SMALL_SIZE)
        bar.outline.set_visible(False)
        axes.set_title(labels.text("matrix.note"), fontsize=NOTE_SIZE, color=MUTED)
        return settle(figure)


def rank_intervals_figure(
    intervals: pd.DataFrame, labels: Labels, *, names: Mapping[str, str], year: int, level: float
) -> Figure:
    """Draw the ranks of one year with their intervals, the first rank on top.

    Parameters
    ----------
    intervals : DataFrame
        Columns unit, period, rank, lower, upper.
    labels : Labels
    names : mapping of str to str
    year : int
    level : float
        Level of the intervals.
    """
    rows = intervals[intervals["period"] == year].sort_values(["rank", "unit"])
    frame = rows.assign(
        name=[names[unit] for unit in rows["unit"]],
        estimate=rows["rank"],
        low=np.minimum(rows["lower"], rows["rank"]),
        high=np.maximum(rows["upper"], rows["rank"]),
    )
    value = labels.text("rankintervals.axis", year=year, level=f"{100 * level:g}")
    return interval_plot(frame, labels, value_name=value, reference=None)


def indirect_figure(verdicts: pd.DataFrame, labels: Labels, *, term: str, level: float) -> Figure:
    """Draw the average indirect effect under each of the weights, coloured by the verdict.

    Parameters
    ----------
    verdicts : DataFrame
        Columns weights, estimate, ci_low, ci_high and verdict; weights without an estimate are left out.
    labels : Labels
    term : str
        Printed name of the regressor.
    level : float
    """
    known = verdicts[verdicts["verdict"] != ""]
    frame = known.assign(
        name=[labels.name("weights", name) for name in known["weights"]],
        low=known["ci_low"],
        high=known["ci_high"],
        group=[labels.text(f"verdict.{v}") for v in known["verdict"]],
    )
    value = labels.text("verdict.axis", term=term, level=f"{100 * level:g}")
    return interval_plot(frame, labels, value_name=value)
