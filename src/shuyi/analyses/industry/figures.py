"""The map of location quotients by sector."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.publish.maps import map_categories
from shuyi.publish.style import colours

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from shuyi.publish.basemap import Basemap
    from shuyi.publish.labels import Labels


QUOTIENT_BOUNDS = (0.5, 0.8, 1.25, 2.0)
"""Bounds of the classes of location quotients: symmetric about one as ratios."""


def industry_map(industry: pd.DataFrame, labels: Labels, basemap: Basemap, *, year: int) -> Figure:
    """Draw the location quotients of the sectors in one year in fixed classes about one.

    Parameters
    ----------
    industry : DataFrame
        Columns unit, period, sector and location_quotient.
    labels : Labels
        With the titles of the sectors.
    basemap : Basemap
        Outlines, projection, and what must stand under a map.
    year : int
        Year that is drawn.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.
    """
    rows = industry[industry["period"] == year]
    sectors = list(dict.fromkeys(rows["sector"]))
    wide = rows.pivot(index="unit", columns="sector", values="location_quotient")
    edges = [-float("inf"), *QUOTIENT_BOUNDS, float("inf")]
    texts = _class_texts(labels)
    classes = wide.loc[list(basemap.units), sectors].apply(
        lambda column: pd.cut(column, edges, right=False, labels=list(texts)).astype(object)
    )
    return map_categories(
        classes.rename(columns={s: labels.text(f"sector.{s}") for s in sectors}),
        texts,
        labels,
        basemap,
        legend_title=labels.text("industry.legend", year=year),
        palette=colours("diverging", len(texts)),
        notes=[labels.text("industry.map.note")],
    )


def _class_texts(labels: Labels) -> Mapping[str, str]:
    words = [f"{bound:g}" for bound in QUOTIENT_BOUNDS]
    inner = [labels.text("industry.class.between", low=low, high=high) for low, high in pairwise(words)]
    texts = [
        labels.text("industry.class.below", bound=words[0]),
        *inner,
        labels.text("industry.class.above", bound=words[-1]),
    ]
    return {str(place): text for place, text in enumerate(texts)}


def draw_figures(page: Page) -> dict[str, Figure]:
    """Return the map of the analysis by name.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        Figure by name.
    """
    industry = page.sources.frame("industry")
    return {"industry_map": industry_map(industry, page.labels, page.map, year=page.settings["year"])}
