"""Figures of dispersion by year and of transition paths, and the map of convergence clubs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.base import Page
from shuyi.publish.charts import legend_line
from shuyi.publish.maps import map_categories
from shuyi.publish.style import (
    CATEGORICAL,
    INK,
    LIGHT,
    LINES_HEIGHT,
    MUTED,
    PLANE_HEIGHT,
    SMALL_SIZE,
    colours,
    facets,
    require_columns,
    settle,
    style,
)
from shuyi.regions import EVERY, in_order

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from shuyi.publish.basemap import Basemap
    from shuyi.publish.labels import Labels


def sigma_by_year(sigma: pd.DataFrame, labels: Labels, *, variables: Sequence[str]) -> Figure:
    """Draw dispersion by year for all provinces and inside the regions, a row per variable.

    Parameters
    ----------
    sigma : DataFrame
        Columns variable, period, region, cv and sd_log.
    labels : Labels
        Texts in the language of the output.
    variables : sequence of str
        In the order of the rows.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a column is missing.
    """
    require_columns(sigma, ("variable", "period", "region", "cv", "sd_log"))
    panels = [(variable, measure) for variable in variables for measure in ("cv", "sd_log")]
    regions = in_order(sigma["region"])
    with style(labels):
        figure, axes = facets(len(panels), 2, LINES_HEIGHT, sharex=True)
        for panel, (variable, measure) in zip(axes, panels, strict=True):
            wide = sigma[sigma["variable"] == variable].pivot(
                index="period", columns="region", values=measure
            )
            for region, colour in zip(regions, (INK, *CATEGORICAL), strict=False):
                width = 1.6 if region == EVERY else 1.0
                panel.plot(
                    wide.index, wide[region], color=colour, linewidth=width, marker="o", markersize=2.4
                )
            panel.set_ylim(bottom=0)
            panel.set_xticks(wide.index[:: max(1, math.ceil(len(wide) / 9))])
            title = labels.text(f"sigma.{measure}")
            panel.set_title(f"{labels.term(variable)}: {title}", fontsize=SMALL_SIZE)
        lines: list[Any] = list(axes[0].lines)
        texts = [labels.text(f"distribution.region.{region}") for region in regions]
        figure.legend(lines, texts, loc="outside lower center", ncols=len(regions))
        return settle(figure)


def club_colours(count: int) -> tuple[str, ...]:
    """Return a colour per club, from the highest (dark) to the lowest (light).

    Parameters
    ----------
    count : int
        Number of clubs.

    Returns
    -------
    tuple of str
        Hexadecimal colours.
    """
    return tuple(reversed(colours("sequential", max(count, 2))))[:count]


def transition_paths(paths: pd.DataFrame, labels: Labels, *, variables: Sequence[str]) -> Figure:
    """Draw relative transition paths, coloured by club, a panel per variable.

    Parameters
    ----------
    paths : DataFrame
        Columns variable, unit, club (zero: none), period and transition.
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
        If a column is missing.
    """
    require_columns(paths, ("variable", "unit", "club", "period", "transition"))
    most = int(paths["club"].max())
    palette = dict(enumerate(club_colours(most), start=1)) | {0: MUTED}
    with style(labels):
        figure, axes = facets(len(variables), 2, PLANE_HEIGHT)
        for panel, variable in zip(axes, variables, strict=True):
            panel.axhline(1.0, color=LIGHT, linewidth=0.7, zorder=0)
            chosen = paths[paths["variable"] == variable]
            for (club, _), path in chosen.groupby(["club", "unit"]):
                line = "--" if club == 0 else "-"
                panel.plot(
                    path["period"],
                    path["transition"],
                    color=palette[int(club)],
                    linewidth=0.9,
                    linestyle=line,
                )
            panel.set_xticks(np.unique(chosen["period"])[::2])
            panel.set_title(labels.term(variable), fontsize=SMALL_SIZE)
        figure.supylabel(labels.text("clubs.transition"), fontsize=SMALL_SIZE)
        handles = [legend_line(palette[c]) for c in range(1, most + 1)] + [legend_line(MUTED, "--")]
        texts = [labels.text("clubs.club", number=c) for c in range(1, most + 1)] + [
            labels.text("clubs.none")
        ]
        figure.legend(handles, texts, loc="outside lower center", ncols=min(len(texts), 6))
        return settle(figure)


NO_CLUB = 0


def club_map(clubs: pd.DataFrame, labels: Labels, basemap: Basemap, *, variables: Sequence[str]) -> Figure:
    """Draw convergence clubs, one panel per variable; the highest club is darkest.

    Parameters
    ----------
    clubs : DataFrame
        Columns variable, unit and club (zero: none).
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
    require_columns(clubs, ("variable", "unit", "club"))
    most = int(clubs["club"].max())
    wide = clubs.pivot(index="unit", columns="variable", values="club").astype(str)[list(variables)]
    levels = {str(c): labels.text("clubs.club", number=c) for c in range(1, most + 1)}
    return map_categories(
        wide.rename(columns={v: labels.term(v) for v in variables}),
        levels | {str(NO_CLUB): labels.text("clubs.none")},
        labels,
        basemap,
        legend_title=labels.text("clubs.map"),
        palette=(*club_colours(most), LIGHT),
        notes=[labels.text("clubs.map_note")],
    )


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
    labels, sources, clubs = page.labels, page.sources, list(page.settings["clubs"])
    variables = page.settings["variables"]
    return {
        "sigma_by_year": sigma_by_year(sources.frame("sigma"), labels, variables=variables),
        "transition_paths": transition_paths(sources.frame("paths"), labels, variables=clubs),
        "club_map": club_map(sources.frame("clubs"), labels, page.map, variables=clubs),
    }
