"""Figures of the measurement: coordination by region, development coordinates, matrix of effects.

Each function takes tidy frames and labels and returns a matplotlib figure; nothing is computed here but the
arrangement of the frames.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from shuyi.analyses.base import Page
from shuyi.errors import DataError, offenders
from shuyi.publish.maps import by_column, map_categories
from shuyi.publish.style import (
    CATEGORICAL,
    INK,
    SMALL_SIZE,
    TREND_HEIGHT,
    colours,
    facets,
    require_columns,
    settle,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from shuyi.publish.basemap import Basemap
    from shuyi.publish.labels import Labels


MARKERS = "osD^vP*X"
WHOLE = "all"
"""The row of a trend that stands for all provinces."""


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
        Formula of the coupling degree that is drawn.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

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


TENTHS = 10
"""Classes of coordination, each a tenth wide."""


def coordination_maps(
    coordination: pd.DataFrame,
    labels: Labels,
    basemap: Basemap,
    *,
    sets: Sequence[str],
    years: Sequence[int],
    variant: str,
) -> dict[str, Figure]:
    """Return one map per set of systems by its name ``coordination_map_SET`` (see `coordination_map`).

    Parameters
    ----------
    coordination : DataFrame
        Columns set, variant, unit, period, degree and class.
    labels : Labels
        Texts in the language of the output.
    basemap : Basemap
        Outlines, projection, and what must stand under a map.
    sets : sequence of str
        Ids of the sets.
    years : sequence of int
        Years that are shown.
    variant : {"corrected", "standard"}
        Formula of the coupling degree that is drawn.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        Map by name.
    """
    rows = coordination[coordination["variant"] == variant]
    return {
        f"coordination_map_{name}": coordination_map(
            rows[rows["set"] == name],
            labels,
            basemap,
            title=labels.text(f"set.{name}"),
            years=years,
            variant=variant,
        )
        for name in sets
    }


def coordination_map(
    coordination: pd.DataFrame,
    labels: Labels,
    basemap: Basemap,
    *,
    title: str,
    years: Sequence[int],
    variant: str,
) -> Figure:
    """Draw the class of coordination of each province in several years.

    Parameters
    ----------
    coordination : DataFrame
        Columns unit, period, degree and class of one set and one variant.
    labels : Labels
        With the names of the classes, in ascending order.
    basemap : Basemap
        Outlines, projection, and what must stand under a map.
    title : str
        Printed title of the set.
    years : sequence of int
        Years that are shown.
    variant : {"corrected", "standard"}
        Formula of the coupling degree, for the note.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.
    """
    rows = coordination[coordination["period"].isin(years)]
    wide = by_column(rows, "class", years, basemap.units)
    every = [key.removeprefix("class.") for key in labels.texts if key.startswith("class.")]
    present = [place for place, name in enumerate(every) if (rows["class"] == name).any()]
    shown = range(present[0], present[-1] + 1)
    levels = {
        every[place]: labels.text(
            "coordination.map.class",
            name=labels.text(f"class.{every[place]}"),
            lower=f"{place / TENTHS:.1f}",
            upper=f"{(place + 1) / TENTHS:.1f}",
        )
        for place in shown
    }
    palette = colours("sequential", TENTHS)
    legend = f"{title}\n{labels.text('coordination.degree')}"
    notes = [labels.text(f"coordination.map.note.{variant}")]
    chosen = [palette[place] for place in shown]
    return map_categories(wide, levels, labels, basemap, legend_title=legend, palette=chosen, notes=notes)


def draw_figures(page: Page) -> dict[str, Figure]:
    """Return the figures and maps of the analysis by name.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        Figure by name.
    """
    p, labels, sources = page.settings, page.labels, page.sources
    maps = coordination_maps(
        sources.frame("coordination"),
        labels,
        page.map,
        sets=p["sets"],
        years=p["years"],
        variant=p["variant"],
    )
    trend = trend_figure(sources.frame("trend"), labels, sets=p["sets"], variant=p["variant"])
    return {**maps, "coordination_trend": trend}
