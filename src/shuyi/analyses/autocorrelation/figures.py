"""Moran scatterplots, Moran's I over the years, and maps of local clusters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.autocorrelation.settings import lisa_frame
from shuyi.analyses.autocorrelation.tables import circular
from shuyi.analyses.base import Page
from shuyi.analyses.multiplicity import multiplicity_note
from shuyi.errors import DataError, offenders
from shuyi.publish.charts import SCATTER_HEIGHT, SERIES_HEIGHT, check_named, place_name
from shuyi.publish.maps import map_categories
from shuyi.publish.style import CATEGORICAL, LIGHT, MUTED, SMALL_SIZE, facets, require_columns, settle, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from shuyi.publish.basemap import Basemap
    from shuyi.publish.labels import Labels


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
        Texts in the language of the output.
    variable : str
        Name of the variable as printed.
    names : mapping
        Province names by code.
    named : int, default 6
        How many provinces, those farthest from the origin, carry their names in each panel.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

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


def moran_by_year(
    frame: pd.DataFrame, labels: Labels, *, weights_names: Mapping[str, str], variable: str
) -> Figure:
    """Draw Moran's I over the years, one panel per weights, over its reference band.

    Parameters
    ----------
    frame : DataFrame
        Columns ``weights``, ``year``, ``I``, ``expected`` (under no spatial dependence) and ``low``, ``high``
        (bounds of the middle 95% of the permuted values).
    labels : Labels
        Texts in the language of the output.
    weights_names : mapping
        Printed name per weights, in the order of the panels.
    variable : str
        Printed name of the variable.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a column is missing or weights of the frame have no name.
    """
    require_columns(frame, ("weights", "year", "I", "expected", "low", "high"))
    check_named(frame["weights"], weights_names)
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
        statistic = labels.text("moran.statistic")
        figure.supylabel(
            labels.text("moran.variable", statistic=statistic, variable=variable), fontsize=SMALL_SIZE
        )
        return settle(figure)


def _number(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", "\u2212")


def _probability(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


LISA_COLOURS = {"HH": "#ca0020", "LL": "#0571b0", "HL": "#f4a582", "LH": "#92c5de", "ns": "#f7f7f7"}


def map_lisa(
    clusters: pd.DataFrame,
    labels: Labels,
    basemap: Basemap,
    *,
    legend_title: str,
    notes: Sequence[str] = (),
) -> Figure:
    """Draw LISA clusters, one panel per column.

    Parameters
    ----------
    clusters : DataFrame
        Rows are province codes, columns years; values "HH", "LL", "HL", "LH" or "ns" (not significant).
    labels, basemap, legend_title, notes
        As in `map_values`; the notes state significance, permutations and seed.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.
    """
    levels = {level: labels.text(f"map.lisa.{level}") for level in LISA_COLOURS}
    return map_categories(
        clusters,
        levels,
        labels,
        basemap,
        legend_title=legend_title,
        palette=tuple(LISA_COLOURS.values()),
        notes=notes,
    )


NOT_SIGNIFICANT = "ns"
MAP_CLUSTERS = {"not significant": NOT_SIGNIFICANT, "no neighbours": NOT_SIGNIFICANT}


def clusters_by_year(lisa: pd.DataFrame) -> pd.DataFrame:
    """Return the LISA cluster (HH, LL, HL, LH, ns) with the units in rows and the years in columns.

    Parameters
    ----------
    lisa : DataFrame
        Rows of local Moran statistics: unit, period, cluster.

    Returns
    -------
    DataFrame, shape (n, number of periods)
        Text cells.
    """
    clusters = lisa.assign(cluster=lisa["cluster"].replace(MAP_CLUSTERS))
    return clusters.pivot(index="unit", columns="period", values="cluster")


def lisa_note(lisa: pd.DataFrame, labels: Labels) -> str:
    """Return what stands under a LISA map: weights, permutations, seed and level, and the number of tests.

    Parameters
    ----------
    lisa : DataFrame
        Rows of local Moran statistics, all of the same weights and settings.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        Two sentences.
    """
    first = lisa.iloc[0]
    said = labels.text(
        "lisa.note",
        weights=labels.name("weights", first["weights"]),
        permutations=f"{first['permutations']:,}",
        seed=first["seed"],
        significance=first["significance"],
        fdr=labels.text("lisa.fdr") if first["fdr"] else "",
    )
    space = " " if labels.language == "en" else ""
    return f"{said}{space}{multiplicity_note(lisa['p'].to_numpy(dtype=float), labels)}"


def scatter_points(lisa: pd.DataFrame) -> pd.DataFrame:
    """Return the points of Moran scatterplots.

    Parameters
    ----------
    lisa : DataFrame
        Rows of local Moran statistics: unit, period, z, lag.

    Returns
    -------
    DataFrame
        Columns code, year, z and its spatial lag.
    """
    return lisa.rename(columns={"unit": "code", "period": "year"})[["code", "year", "z", "lag"]]


def scatter_statistics(moran: pd.DataFrame, lisa: pd.DataFrame) -> pd.DataFrame:
    """Return Moran's I and its permutation p-value for the variable, weights and years of LISA rows.

    Parameters
    ----------
    moran : DataFrame
        Rows of global Moran statistics: variable, weights, period, value, p_permuted.
    lisa : DataFrame
        Rows of local Moran statistics of one variable and one weights.

    Returns
    -------
    DataFrame
        Columns year, I and p.
    """
    variable, weights = lisa["variable"].iloc[0], lisa["weights"].iloc[0]
    rows = moran[(moran["variable"] == variable) & (moran["weights"] == weights)]
    rows = rows[rows["period"].isin(lisa["period"])]
    return rows.rename(columns={"period": "year", "value": "I", "p_permuted": "p"})[["year", "I", "p"]]


def moran_bands(moran: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Return Moran's I of one variable by weights and year, with the middle of the permuted values.

    A point lies beyond the band exactly where the two-sided permutation p-value is at most 0.05.

    Parameters
    ----------
    moran : DataFrame
        Rows of global Moran's I.
    variable : str
        Name of the panel variable.

    Returns
    -------
    DataFrame
        Columns weights, year, I, expected, low and high.
    """
    names = {"period": "year", "value": "I", "low_permuted": "low", "high_permuted": "high"}
    rows = moran[(moran["variable"] == variable) & ~circular(moran)].rename(columns=names)
    return rows[["weights", "year", "I", "expected", "low", "high"]]


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
    p, labels, found = page.settings["moran"], page.labels, page.sources.frame("moran")
    names = {name: labels.name("weights", name) for name in p["weights"]}
    bands = moran_bands(found, p["variables"][0])
    return {
        "moran_by_year": moran_by_year(
            bands, labels, weights_names=names, variable=labels.term(p["variables"][0])
        ),
        **{
            name: figure
            for variable in page.settings["lisa"]["variables"]
            for name, figure in _of_variable(variable, found, page).items()
        },
    }


def _of_variable(variable: str, found: pd.DataFrame, page: Page) -> dict[str, Figure]:
    lisa, labels = page.sources.frame(lisa_frame(variable)), page.labels
    term = labels.term(variable)
    return {
        f"lisa_map_{variable}": map_lisa(
            clusters_by_year(lisa), labels, page.map, legend_title=term, notes=[lisa_note(lisa, labels)]
        ),
        f"moran_scatter_{variable}": moran_scatter(
            scatter_points(lisa), scatter_statistics(found, lisa), labels, variable=term, names=page.names
        ),
    }
