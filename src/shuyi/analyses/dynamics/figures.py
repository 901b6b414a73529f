"""Figures of kernel densities, conditional densities and movements in the Moran scatterplot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.base import Page
from shuyi.publish.charts import legend_line, legend_patch, place_name
from shuyi.publish.style import (
    CATEGORICAL,
    DENSITY_HEIGHT,
    FRAME_HEIGHT,
    INK,
    LIGHT,
    NOTE_SIZE,
    PAGE_WIDTH,
    PLANE_HEIGHT,
    SMALL_SIZE,
    colours,
    facets,
    head_note,
    require_columns,
    settle,
    style,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from shuyi.publish.labels import Labels


BAND_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
BAND_COLOURS = ("#cfe3f1", "#8fbfe0")
NAMED = 8
"""Longest movements that carry the names of their provinces."""
QUANTILE_LIMITS = (0.001, 0.999)
"""Share of a density's mass that the axis leaves out on either side."""
SIGNIFICANCE = 0.05


def kernel_densities(densities: pd.DataFrame, labels: Labels, *, variable: str) -> Figure:
    """Draw kernel densities by year: relative to the mean, and to the neighbours.

    Parameters
    ----------
    densities : DataFrame
        Columns relative_to, period, x and density.
    labels : Labels
        Texts in the language of the output.
    variable : str
        Printed name.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a column is missing.
    """
    require_columns(densities, ("relative_to", "period", "x", "density"))
    references = list(dict.fromkeys(densities["relative_to"]))
    years = sorted(densities["period"].unique())
    palette = dict(zip(years, colours("sequential", len(years) + 2)[2:], strict=True))
    with style(labels):
        figure, axes = facets(len(references), 2, DENSITY_HEIGHT)
        for panel, reference in zip(axes, references, strict=True):
            chosen = densities[densities["relative_to"] == reference]
            panel.axvline(1.0, color=LIGHT, linewidth=0.7, zorder=0)
            for year in years:
                curve = chosen[chosen["period"] == year]
                width = 1.6 if year in (years[0], years[-1]) else 0.8
                panel.plot(curve["x"], curve["density"], color=palette[year], linewidth=width)
            panel.set_xlim(*_bulk(chosen))
            panel.set_ylim(bottom=0)
            panel.set_xlabel(labels.text(f"density.{reference}", variable=variable), fontsize=SMALL_SIZE)
        figure.supylabel(labels.text("density.density"), fontsize=SMALL_SIZE)
        head_note(figure, labels.text("density.reflection"), labels)
        handles = [legend_line(palette[year]) for year in years]
        figure.legend(handles, [str(year) for year in years], loc="outside lower center", ncols=len(years))
        return settle(figure)


def _bulk(curves: pd.DataFrame) -> tuple[float, float]:
    """Return the places between which all curves hold nearly their whole mass."""
    mean = curves.groupby("x")["density"].mean()
    share = np.cumsum(mean.to_numpy()) / mean.sum()
    low, high = np.interp(QUANTILE_LIMITS, share, mean.index.to_numpy())
    return float(low), float(high)


def conditional_densities(conditional: pd.DataFrame, labels: Labels, *, variable: str) -> Figure:
    """Draw the density of a value given the province's own earlier value, and given its neighbours' mean.

    Bands hold the middle half and the middle nine tenths of each conditional density, the line its median.

    Parameters
    ----------
    conditional : DataFrame
        Columns given, lag, x, y and density.
    labels : Labels
        Texts in the language of the output.
    variable : str
        Printed name.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a column is missing.
    """
    require_columns(conditional, ("given", "lag", "x", "y", "density"))
    with style(labels):
        kinds = list(dict.fromkeys(conditional["given"]))
        figure, axes = facets(len(kinds), 2, PLANE_HEIGHT)
        for panel, given in zip(axes, kinds, strict=True):
            chosen = conditional[conditional["given"] == given]
            handles = _draw_bands(panel, chosen.pivot(index="x", columns="y", values="density"))
            lag = int(chosen["lag"].iloc[0])
            panel.set_xlabel(labels.text(f"density.given.{given}", lag=lag), fontsize=SMALL_SIZE)
        figure.supylabel(labels.text("density.mean", variable=variable), fontsize=SMALL_SIZE)
        texts = [labels.text(f"density.{word}") for word in ("nine_tenths", "half", "median", "diagonal")]
        figure.legend(handles, texts, loc="outside lower center", ncols=len(handles))
        return settle(figure)


def _draw_bands(axes: Axes, density: pd.DataFrame) -> list[Any]:
    """Draw quantiles of each row's density over the row's place; return the handles of a legend."""
    x, y = density.index.to_numpy(), density.columns.to_numpy()
    share = np.cumsum(density.to_numpy(), axis=1)
    share /= share[:, -1:]
    low, quarter, median, three_quarters, high = np.array([np.interp(BAND_SHARES, row, y) for row in share]).T
    wide = axes.fill_between(x, low, high, color=BAND_COLOURS[0], linewidth=0)
    narrow = axes.fill_between(x, quarter, three_quarters, color=BAND_COLOURS[1], linewidth=0)
    (middle,) = axes.plot(x, median, color=CATEGORICAL[0], linewidth=1.2)
    (diagonal,) = axes.plot(x, x, color=INK, linewidth=0.7, linestyle="--")
    return [wide, narrow, middle, diagonal]


def lisa_vectors(
    vectors: pd.DataFrame, sectors: pd.DataFrame, labels: Labels, *, variable: str, names: Mapping[str, str]
) -> Figure:
    """Draw movements in the Moran scatterplot from a common origin, and their counts by direction.

    Parameters
    ----------
    vectors : DataFrame
        Columns unit, start, end, own, neighbours and length.
    sectors : DataFrame
        Columns low, high (degrees), count, mean_permuted and p_value.
    labels : Labels
        Texts in the language of the output.
    variable : str
        Printed name.
    names : mapping
        Province names by code.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a column is missing.
    """
    require_columns(vectors, ("unit", "start", "end", "own", "neighbours", "length"))
    require_columns(sectors, ("low", "high", "count", "mean_permuted", "p_value"))
    from matplotlib.figure import Figure

    with style(labels):
        figure = Figure(figsize=(PAGE_WIDTH, PLANE_HEIGHT + FRAME_HEIGHT), layout="constrained")
        plane, rose = figure.add_subplot(1, 2, 1), figure.add_subplot(1, 2, 2, projection="polar")
        _draw_vectors(plane, vectors)
        span = f"{vectors['start'].iloc[0]}–{vectors['end'].iloc[0]}"
        plane.set_xlabel(labels.text("vectors.own", variable=variable, span=span), fontsize=SMALL_SIZE)
        plane.set_ylabel(labels.text("vectors.neighbours", span=span), fontsize=SMALL_SIZE)
        handles = _draw_rose(rose, sectors)
        rose.set_title(labels.text("vectors.counts"), fontsize=SMALL_SIZE)
        texts = [labels.text(f"vectors.{word}") for word in ("observed", "significant", "permuted")]
        figure.legend(handles, texts, loc="outside lower center", ncols=3)
        settle(figure)
        _name_vectors(plane, vectors, names)
    return figure


def _draw_vectors(axes: Axes, vectors: pd.DataFrame) -> None:
    for line in (axes.axhline, axes.axvline):
        line(0.0, color=LIGHT, linewidth=0.7, zorder=0)
    for row in vectors.itertuples():
        axes.annotate(
            "", (row.own, row.neighbours), (0.0, 0.0),
            arrowprops={"arrowstyle": "-|>", "linewidth": 0.8, "color": CATEGORICAL[0], "mutation_scale": 6},
        )  # fmt: skip
    reach = 1.15 * float(np.abs(vectors["own"]).max())
    rise = 1.25 * float(np.abs(vectors["neighbours"]).max())
    axes.set(xlim=(-reach, reach), ylim=(-rise, rise))


def _name_vectors(axes: Axes, vectors: pd.DataFrame, names: Mapping[str, str]) -> None:
    longest = vectors.sort_values(["length", "unit"], ascending=[False, True]).head(NAMED)
    dots = axes.transData.transform(vectors[["own", "neighbours"]].to_numpy())
    boxes: list[Any] = []
    for row in longest.itertuples():
        text = place_name(axes, names[row.unit], (row.own, row.neighbours), dots, boxes)
        boxes.append(text.get_window_extent())


def _draw_rose(axes: Axes, sectors: pd.DataFrame) -> list[Any]:
    """Draw counts by sector with their means under permutation; return the handles of a legend."""
    middle = np.radians((sectors["low"] + sectors["high"]).to_numpy() / 2)
    width = np.radians((sectors["high"] - sectors["low"]).to_numpy())
    unusual = (sectors["p_value"] < SIGNIFICANCE).to_numpy()
    fill = np.where(unusual, CATEGORICAL[4], CATEGORICAL[0])
    axes.bar(middle, sectors["count"], width, color=fill, edgecolor="white", linewidth=0.6)
    turn = np.linspace(0.0, 2.0 * np.pi, 361)
    place = np.minimum((turn / (2.0 * np.pi) * len(sectors)).astype(int), len(sectors) - 1)
    axes.plot(turn, sectors["mean_permuted"].to_numpy()[place], color=INK, linewidth=0.9, linestyle="--")
    axes.grid(color=LIGHT, linewidth=0.5)
    axes.tick_params(labelsize=NOTE_SIZE)
    return [legend_patch(CATEGORICAL[0]), legend_patch(CATEGORICAL[4]), legend_line(INK, "--")]


def draw_figures(page: Page) -> dict[str, Figure]:
    """Return the figures of the analysis by name.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        Figure by name.
    """
    labels, sources = page.labels, page.sources
    variable, vectors = labels.term(page.settings["variable"]), sources.frame("vectors")
    return {
        "kernel_densities": kernel_densities(sources.frame("densities"), labels, variable=variable),
        "conditional_densities": conditional_densities(
            sources.frame("conditional"), labels, variable=variable
        ),
        "lisa_vectors": lisa_vectors(
            vectors, sources.frame("sectors"), labels, variable=variable, names=page.names
        ),
    }
