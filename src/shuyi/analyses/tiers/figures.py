"""The figure of moves in the development coordinates, and the map of tiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shuyi.analyses.base import Page
from shuyi.errors import DataError, offenders
from shuyi.publish.charts import place_name
from shuyi.publish.maps import by_column, map_categories
from shuyi.publish.style import COORDINATES_HEIGHT, LIGHT, SMALL_SIZE, facets, require_columns, settle, style
from shuyi.regions import in_order

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from shuyi.publish.basemap import Basemap
    from shuyi.publish.labels import Labels


TIER_COLOURS = {"lagging": "#7fcdbb", "transition": "#1d91c0", "frontier": "#0c2c84"}
"""Three steps of ColorBrewer's YlGnBu, which show as lines on white too."""


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

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

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


def tier_map(tiers: pd.DataFrame, labels: Labels, basemap: Basemap, *, years: Sequence[int]) -> Figure:
    """Draw the tier of each province in several years.

    Parameters
    ----------
    tiers : DataFrame
        Columns unit, period and tier.
    labels : Labels
        With the titles of the tiers.
    basemap : Basemap
        Outlines, projection, and what must stand under a map.
    years : sequence of int
        Years that are shown.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.
    """
    levels = {tier: labels.text(f"tier.{tier}") for tier in TIER_COLOURS}
    return map_categories(
        by_column(tiers, "tier", years, basemap.units),
        levels,
        labels,
        basemap,
        legend_title=labels.text("tiers.legend"),
        palette=list(TIER_COLOURS.values()),
    )


def draw_figures(page: Page) -> dict[str, Figure]:
    """Return the figure and the map of the analysis by name.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        Figure by name.
    """
    p, labels, tiers = page.settings, page.labels, page.sources.frame("tiers")
    coordinates = coordinates_figure(
        page.sources.frame("arrows"),
        tiers,
        labels,
        regions=page.places.grouping(p["regions"], page.places.codes).region_of,
        names=page.names,
    )
    return {
        "tier_map": tier_map(tiers, labels, page.map, years=p["years"]),
        "development_coordinates": coordinates,
    }
