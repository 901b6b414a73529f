"""Paths of mean centres, and maps of deviational ellipses and trend surfaces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.base import Page
from shuyi.errors import DataError
from shuyi.publish.charts import place_name
from shuyi.publish.maps import area_path, blank_map
from shuyi.publish.style import (
    CATEGORICAL,
    INK,
    LIGHT,
    PLANE_HEIGHT,
    SMALL_SIZE,
    colours,
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

    from shuyi.publish.basemap import Basemap
    from shuyi.publish.labels import Labels


def centre_paths(centres: pd.DataFrame, labels: Labels, *, variables: Sequence[str]) -> Figure:
    """Draw the way of the mean centre from year to year, km from the first year's, a panel per variable.

    Parameters
    ----------
    centres : DataFrame
        Columns variable, period, x_km and y_km.
    labels : Labels
        Texts in the language of the output.
    variables : sequence of str
        In the order of the panels.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a column is missing, or a variable has one year only.
    """
    require_columns(centres, ("variable", "period", "x_km", "y_km"))
    if centres["period"].nunique() < 2:
        raise DataError("A path of centres needs two years.", found=f"{centres['period'].nunique()}")
    with style(labels):
        figure, axes = facets(len(variables), 2, PLANE_HEIGHT)
        paths = [centres[centres["variable"] == variable].sort_values("period") for variable in variables]
        ways = [path[["x_km", "y_km"]].to_numpy() - path[["x_km", "y_km"]].to_numpy()[0] for path in paths]
        for panel, way, variable in zip(axes, ways, variables, strict=True):
            _draw_way(panel, way)
            panel.set_title(labels.term(variable), fontsize=SMALL_SIZE)
        figure.supxlabel(labels.text("geography.east_km"), fontsize=SMALL_SIZE)
        figure.supylabel(labels.text("geography.north_km"), fontsize=SMALL_SIZE)
        settle(figure)
        for panel, way, path in zip(axes, ways, paths, strict=True):
            _name_years(panel, way, list(path["period"]))
    return figure


def _draw_way(axes: Axes, way: NDArray[np.float64]) -> None:
    """Draw places of shape (T, 2), linked by arrows."""
    for line in (axes.axhline, axes.axvline):
        line(0.0, color=LIGHT, linewidth=0.7, zorder=0)
    arrow = {"arrowstyle": "-|>", "linewidth": 0.9, "color": CATEGORICAL[0], "mutation_scale": 7}
    for start, end in pairwise(way):
        axes.annotate("", end, start, arrowprops=arrow)
    axes.scatter(way[:, 0], way[:, 1], s=10, color=INK, zorder=3)
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.15)


def _name_years(axes: Axes, way: NDArray[np.float64], years: Sequence[int]) -> None:
    dots = axes.transData.transform(way)
    boxes: list[Any] = []
    for place, year in zip(way, years, strict=True):
        text = place_name(axes, str(year), (place[0], place[1]), dots, boxes)
        boxes.append(text.get_window_extent())


LEVELS = 12
"""Largest number of lines of a trend surface."""
MAX_DECIMALS = 12


def ellipse_map(
    centres: pd.DataFrame,
    outlines: pd.DataFrame,
    labels: Labels,
    basemap: Basemap,
    *,
    variables: Sequence[str],
) -> Figure:
    """Draw standard deviational ellipses of several years with the way of the centre, a panel per variable.

    Parameters
    ----------
    centres : DataFrame
        Columns variable, period, longitude and latitude; all years.
    outlines : DataFrame
        Columns variable, period, longitude and latitude of the ellipses drawn.
    labels : Labels
        Texts in the language of the output.
    basemap : Basemap
        Outlines, projection, and what must stand under a map.
    variables : sequence of str
        In the order of the panels.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a column is missing.
    """
    for frame in (centres, outlines):
        require_columns(frame, ("variable", "period", "longitude", "latitude"))
    years = sorted(int(year) for year in outlines["period"].unique())
    palette = dict(zip(years, _year_colours(len(years)), strict=True))
    lines = {str(year): colour for year, colour in palette.items()}
    lines[labels.text("geography.path", first=centres["period"].min(), last=centres["period"].max())] = INK
    titles = [labels.term(variable) for variable in variables]
    figure = blank_map(
        titles, lines, labels, basemap, legend_title=labels.text("geography.ellipses"),
        notes=[labels.text("geography.ellipse_note")],
    )  # fmt: skip
    for axes, variable in zip(figure.axes, variables, strict=False):
        for year, colour in palette.items():
            drawn = outlines[(outlines["variable"] == variable) & (outlines["period"] == year)]
            _draw_line(axes, basemap, drawn, colour, 1.2)
        path = centres[centres["variable"] == variable].sort_values("period")
        _draw_line(axes, basemap, path, INK, 0.8)
    return figure


def _year_colours(count: int) -> tuple[str, ...]:
    return CATEGORICAL[:count] if count <= len(CATEGORICAL) else colours("sequential", count)


def _draw_line(axes: Axes, basemap: Basemap, points: pd.DataFrame, colour: str, width: float) -> None:
    places = basemap.projection.project(points["longitude"].to_numpy(), points["latitude"].to_numpy())
    limits = axes.get_xlim(), axes.get_ylim()
    axes.plot(places[:, 0], places[:, 1], color=colour, linewidth=width, zorder=5)
    axes.set(xlim=limits[0], ylim=limits[1])


def trend_map(surface: pd.DataFrame, labels: Labels, basemap: Basemap) -> Figure:
    """Draw the trend surface of the first and the last year as lines of equal value.

    Parameters
    ----------
    surface : DataFrame
        Columns variable, period, longitude, latitude and value on a grid of degrees.
    labels : Labels
        Texts in the language of the output.
    basemap : Basemap
        Outlines, projection, and what must stand under a map.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a column is missing.
    """
    require_columns(surface, ("variable", "period", "longitude", "latitude", "value"))
    years = sorted(int(year) for year in surface["period"].unique())
    levels = _levels(surface, basemap)
    step = levels[1] - levels[0]
    decimals = next(d for d in range(MAX_DECIMALS) if abs(round(step, d) - step) < step / 1000)
    texts = [f"{level:.{decimals}f}".replace("-", "\u2212") for level in levels]
    palette = colours("sequential", len(levels) + 1)[1:]
    variable = labels.term(str(surface["variable"].iloc[0]))
    figure = blank_map(
        [str(year) for year in years], dict(zip(texts, palette, strict=True)), labels, basemap,
        legend_title=labels.text("geography.trend_of", variable=variable),
        notes=[labels.text("geography.trend_note")],
    )  # fmt: skip
    with style(labels):
        for axes, year in zip(figure.axes, years, strict=False):
            _draw_contours(axes, basemap, surface[surface["period"] == year], levels, palette)
    return figure


def _levels(surface: pd.DataFrame, basemap: Basemap) -> list[float]:
    """Return round values that cut the surface within the country."""
    from matplotlib.ticker import MaxNLocator

    places = basemap.projection.project(surface["longitude"].to_numpy(), surface["latitude"].to_numpy())
    inside = surface["value"][area_path(basemap).contains_points(places)]
    low, high = float(inside.min()), float(inside.max())
    ticks = MaxNLocator(LEVELS, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(tick) for tick in ticks if low < tick < high]


def _draw_contours(
    axes: Axes, basemap: Basemap, grid: pd.DataFrame, levels: Sequence[float], palette: Sequence[str]
) -> None:
    from matplotlib.patches import PathPatch

    wide = grid.pivot(index="longitude", columns="latitude", values="value")
    longitude, latitude = np.meshgrid(wide.index, wide.columns, indexing="ij")
    flat = basemap.projection.project(longitude.ravel(), latitude.ravel())
    places = flat.reshape(*wide.shape, 2)
    limits = axes.get_xlim(), axes.get_ylim()
    drawn = axes.contour(
        places[..., 0],
        places[..., 1],
        wide.to_numpy(),
        levels,
        colors=list(palette),
        linewidths=1.1,
        zorder=5,
    )
    drawn.set_clip_path(PathPatch(area_path(basemap), transform=axes.transData))
    axes.set(xlim=limits[0], ylim=limits[1])


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
    labels, sources, variables = page.labels, page.sources, page.settings["variables"]
    centres = sources.frame("centres")
    return {
        "ellipse_map": ellipse_map(centres, sources.frame("outlines"), labels, page.map, variables=variables),
        "centre_paths": centre_paths(centres, labels, variables=variables),
        "trend_map": trend_map(sources.frame("surface"), labels, page.map),
    }
