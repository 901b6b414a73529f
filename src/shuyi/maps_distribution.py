"""Maps of contributions to inequality, convergence clubs, deviational ellipses and trend surfaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from shuyi.boundaries import project
from shuyi.figures_distribution import club_colours
from shuyi.figurestyle import CATEGORICAL, INK, LIGHT, colours, require_columns, style
from shuyi.maps import MapCredit, blank_map, classify, mainland_path, map_categories, map_values

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from shuyi.labels import Labels

CONTRIBUTION_CLASSES = 6
LEVELS = 12
"""Largest number of lines of a trend surface."""
MAX_DECIMALS = 12
NO_CLUB = 0


def contributions_map(
    provinces: pd.DataFrame, labels: Labels, credit: MapCredit, *, years: Sequence[int]
) -> Figure:
    """Draw every province's share in Theil's index of the first variable, in per cent, mirrored about zero.

    Parameters
    ----------
    provinces : DataFrame
        ``provinces`` of `shuyi.distribution.inequality_frames`.
    labels, credit
    years : sequence of int
        One panel each.

    Raises
    ------
    DataError
        If a column is missing.
    """
    require_columns(provinces, ("variable", "period", "unit", "theil_share"))
    variable = str(provinces["variable"].iloc[0])
    chosen = provinces[(provinces["variable"] == variable) & provinces["period"].isin(years)]
    values = 100.0 * chosen.pivot(index="unit", columns="period", values="theil_share")
    scheme = classify(values.to_numpy().ravel(), "quantiles", CONTRIBUTION_CLASSES, centre=0.0)
    title = labels.text("inequality.map", variable=labels.term(variable))
    notes = [labels.text("inequality.map_note")]
    return map_values(values, scheme, labels, credit, legend_title=title, notes=notes)


def club_map(clubs: pd.DataFrame, labels: Labels, credit: MapCredit, *, variables: Sequence[str]) -> Figure:
    """Draw convergence clubs, one panel per variable; the highest club is darkest.

    Parameters
    ----------
    clubs : DataFrame
        Columns variable, unit and club (zero: none).
    labels, credit
    variables : sequence of str
        In the order of the panels.

    Raises
    ------
    DataError
        If a column is missing.
    """
    require_columns(clubs, ("variable", "unit", "club"))
    most = int(clubs["club"].max())
    wide = clubs.pivot(index="unit", columns="variable", values="club").astype(str)[list(variables)]
    levels = {str(c): labels.text("clubs.club", number=c) for c in range(1, most + 1)}
    return map_categories(
        wide.rename(columns={v: labels.term(v) for v in variables}),
        levels | {str(NO_CLUB): labels.text("clubs.none")},
        labels,
        credit,
        legend_title=labels.text("clubs.map"),
        palette=(*club_colours(most), LIGHT),
        notes=[labels.text("clubs.map_note")],
    )


def ellipse_map(
    centres: pd.DataFrame,
    outlines: pd.DataFrame,
    labels: Labels,
    credit: MapCredit,
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
    labels, credit
    variables : sequence of str
        In the order of the panels.

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
        titles, lines, labels, credit, legend_title=labels.text("geography.ellipses"),
        notes=[labels.text("geography.ellipse_note")],
    )  # fmt: skip
    for axes, variable in zip(figure.axes, variables, strict=False):
        for year, colour in palette.items():
            drawn = outlines[(outlines["variable"] == variable) & (outlines["period"] == year)]
            _draw_line(axes, drawn, colour, 1.2)
        path = centres[centres["variable"] == variable].sort_values("period")
        _draw_line(axes, path, INK, 0.8)
    return figure


def _year_colours(count: int) -> tuple[str, ...]:
    return CATEGORICAL[:count] if count <= len(CATEGORICAL) else colours("sequential", count)


def _draw_line(axes: Axes, points: pd.DataFrame, colour: str, width: float) -> None:
    places = project(points["longitude"].to_numpy(), points["latitude"].to_numpy())
    limits = axes.get_xlim(), axes.get_ylim()
    axes.plot(places[:, 0], places[:, 1], color=colour, linewidth=width, zorder=5)
    axes.set(xlim=limits[0], ylim=limits[1])


def trend_map(surface: pd.DataFrame, labels: Labels, credit: MapCredit) -> Figure:
    """Draw the trend surface of the first and the last year as lines of equal value.

    Parameters
    ----------
    surface : DataFrame
        Columns variable, period, longitude, latitude and value on a grid of degrees.
    labels, credit

    Raises
    ------
    DataError
        If a column is missing.
    """
    require_columns(surface, ("variable", "period", "longitude", "latitude", "value"))
    years = sorted(int(year) for year in surface["period"].unique())
    levels = _levels(surface)
    step = levels[1] - levels[0]
    decimals = next(d for d in range(MAX_DECIMALS) if abs(round(step, d) - step) < step / 1000)
    texts = [f"{level:.{decimals}f}".replace("-", "\u2212") for level in levels]
    palette = colours("sequential", len(levels) + 1)[1:]
    variable = labels.term(str(surface["variable"].iloc[0]))
    figure = blank_map(
        [str(year) for year in years], dict(zip(texts, palette, strict=True)), labels, credit,
        legend_title=labels.text("geography.trend_of", variable=variable),
        notes=[labels.text("geography.trend_note")],
    )  # fmt: skip
    with style(labels):
        for axes, year in zip(figure.axes, years, strict=False):
            _draw_contours(axes, surface[surface["period"] == year], levels, palette)
    return figure


def _levels(surface: pd.DataFrame) -> list[float]:
    """Return round values that cut the surface within the country."""
    from matplotlib.ticker import MaxNLocator

    places = project(surface["longitude"].to_numpy(), surface["latitude"].to_numpy())
    inside = surface["value"][mainland_path().contains_points(places)]
    low, high = float(inside.min()), float(inside.max())
    ticks = MaxNLocator(LEVELS, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(tick) for tick in ticks if low < tick < high]


def _draw_contours(axes: Axes, grid: pd.DataFrame, levels: Sequence[float], palette: Sequence[str]) -> None:
    from matplotlib.patches import PathPatch

    wide = grid.pivot(index="longitude", columns="latitude", values="value")
    longitude, latitude = np.meshgrid(wide.index, wide.columns, indexing="ij")
    places = project(longitude.ravel(), latitude.ravel()).reshape(*wide.shape, 2)
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
    drawn.set_clip_path(PathPatch(mainland_path(), transform=axes.transData))
    axes.set(xlim=limits[0], ylim=limits[1])
