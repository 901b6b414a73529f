"""The figure of rank intervals, and the maps of the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from shuyi.analyses.base import Page
from shuyi.frames import by_unit_and_year
from shuyi.indices import INDEX
from shuyi.publish.charts import interval_plot
from shuyi.publish.maps import classify, map_values

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from shuyi.publish.basemap import Basemap
    from shuyi.publish.labels import Labels
    from shuyi.publish.maps import Scheme


def rank_intervals_figure(
    intervals: pd.DataFrame, labels: Labels, *, names: Mapping[str, str], year: int, level: float
) -> Figure:
    """Draw the ranks of one year with their intervals, the first rank on top.

    Parameters
    ----------
    intervals : DataFrame
        Columns unit, period, rank, lower, upper.
    labels : Labels
        Texts in the language of the output.
    names : mapping of str to str
        Names of the provinces by code.
    year : int
        Year that is drawn.
    level : float
        Level of the intervals.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.
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


def map_index(
    values: pd.DataFrame,
    labels: Labels,
    basemap: Basemap,
    *,
    legend_title: str,
    scheme: Scheme = "natural_breaks",
    classes: int = 5,
    notes: Sequence[str] = (),
) -> Figure:
    """Draw an index in several years on one classification of its pooled values.

    Parameters
    ----------
    values : DataFrame
        Rows are province codes, columns years.
    labels, basemap, legend_title
        As in `map_values`.
    scheme, classes
        As in `classify`.
    notes : sequence of str, default empty
        As in `map_values`.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.
    """
    classification = classify(values.to_numpy().ravel(), scheme, classes)
    return map_values(values, classification, labels, basemap, legend_title=legend_title, notes=notes)


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
    p, labels, chosen = page.settings, page.labels, page.settings["map"]
    index = map_index(
        by_unit_and_year(page.sources.panel("panel"), INDEX, chosen["years"]),
        labels,
        page.map,
        legend_title=labels.term(INDEX),
        scheme=chosen["classification"],
        classes=chosen["classes"],
    )
    intervals = rank_intervals_figure(
        page.sources.frame("intervals"),
        labels,
        names=page.names,
        year=p["years"][-1],
        level=p["rankings"]["confidence"],
    )
    return {"index_map": index, "rank_intervals": intervals}
