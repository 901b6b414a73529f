"""Figures of inequality and its decompositions.

Each function takes tidy frames of `shuyi.analyses.inequality.frames` and labels and returns a matplotlib
figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from shuyi.analyses.base import Page
from shuyi.analyses.inequality.tables import ODD_MARK, odd_note
from shuyi.indices import load_scheme
from shuyi.publish.charts import legend_patch
from shuyi.publish.maps import classify, map_values
from shuyi.publish.style import (
    BARS_HEIGHT,
    CATEGORICAL,
    CELL_HEIGHT,
    FRAME_HEIGHT,
    INK,
    MUTED,
    NOTE_SIZE,
    PAGE_WIDTH,
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
    from numpy.typing import NDArray

    from shuyi.publish.basemap import Basemap
    from shuyi.publish.labels import Labels


PARTS = {"within": CATEGORICAL[0], "between": CATEGORICAL[1], "transvariation": CATEGORICAL[2]}
"""Colour of each part of an inequality index; the net part between regions of Dagum is drawn as between."""
DRAWN = {"theil": ("within", "between"), "gini": ("within", "net_between", "transvariation")}
RATIO_STEPS = (3.0, 5.0, 10.0, 100.0)
"""Bounds of the classes of ratios above the threshold; those below it are left out."""
BAR_WIDTH = 0.72


def inequality_by_year(parts: pd.DataFrame, labels: Labels, *, variables: Sequence[str]) -> Figure:
    """Draw both decompositions by year as stacked bars, a row per variable.

    Parameters
    ----------
    parts : DataFrame
        Columns region_scheme, variable, period, measure (theil, gini), part and value.
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
    require_columns(parts, ("region_scheme", "variable", "period", "measure", "part", "value"))
    panels = [(variable, measure) for variable in variables for measure in DRAWN]
    with style(labels):
        figure, axes = facets(len(panels), 2, BARS_HEIGHT, sharex=True)
        for panel, (variable, measure) in zip(axes, panels, strict=True):
            chosen = parts[(parts["variable"] == variable) & (parts["measure"] == measure)]
            _stack(panel, chosen.pivot(index="period", columns="part", values="value"), DRAWN[measure])
            title = labels.text(f"inequality.{measure}")
            panel.set_title(f"{labels.term(variable)}: {title}", fontsize=SMALL_SIZE)
        scheme = labels.text(f"distribution.scheme.{parts['region_scheme'].iloc[0]}")
        handles = [legend_patch(colour) for colour in PARTS.values()]
        texts = [labels.text(f"inequality.drawn.{part}") for part in PARTS]
        figure.legend(
            handles, texts, loc="outside lower center", ncols=len(PARTS),
            title=labels.text("inequality.drawn", scheme=scheme),
        )  # fmt: skip
        return settle(figure)


def _stack(axes: Axes, values: pd.DataFrame, parts: Sequence[str]) -> None:
    foot = np.zeros(len(values))
    for part in parts:
        height = values[part].to_numpy()
        axes.bar(values.index, height, BAR_WIDTH, foot, color=PARTS[part.removeprefix("net_")], linewidth=0)
        foot = foot + height
    axes.set_xticks(values.index[:: max(1, math.ceil(len(values) / 9))])


def dispersion_by_indicator(dispersion: pd.DataFrame, labels: Labels, *, titles: Mapping[str, str]) -> Figure:
    """Draw the ratio of the largest to the smallest value by indicator and year; flagged cells are coloured.

    Parameters
    ----------
    dispersion : DataFrame
        Of `shuyi.analyses.inequality.frames.dispersion_frame`.
    labels : Labels
        Texts in the language of the output.
    titles : mapping
        Names of the indicators.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a column is missing.
    """
    require_columns(dispersion, ("role", "variable", "period", "ratio", "threshold"))
    keys = list(dict.fromkeys(zip(dispersion["role"], dispersion["variable"], strict=True)))
    wide = dispersion.pivot(index=["role", "variable"], columns="period", values="ratio").loc[keys]
    names = [titles.get(v, labels.term(v)) if role == "indicator" else labels.term(v) for role, v in keys]
    threshold = float(dispersion["threshold"].iloc[0])
    bounds = [threshold, *(step for step in RATIO_STEPS if step > threshold)]
    palette = ["#ffffff", *colours("sequential", len(bounds))]
    from matplotlib.figure import Figure

    with style(labels):
        height = FRAME_HEIGHT + CELL_HEIGHT * (len(wide) + 3)
        figure = Figure(figsize=(PAGE_WIDTH, height), layout="constrained")
        axes = figure.add_subplot()
        odd = _odd(dispersion, wide)
        _ratio_cells(axes, wide.to_numpy(), bounds, palette, odd)
        head_note(figure, odd_note(dispersion, labels, titles), labels)
        axes.set_xticks(range(wide.shape[1]), [str(year) for year in wide.columns])
        axes.set_yticks(range(len(wide)), names)
        axes.tick_params(length=0, top=True, bottom=False, labeltop=True, labelbottom=False)
        axes.spines[:].set_visible(False)
        handles = [legend_patch(colour) for colour in palette]
        handles[0].set(edgecolor=MUTED, linewidth=0.4)
        figure.legend(
            handles, _ratio_texts(bounds), loc="outside lower center", ncols=len(palette),
            title=labels.text("inequality.ratio"),
        )  # fmt: skip
        return settle(figure)


def _odd(dispersion: pd.DataFrame, wide: pd.DataFrame) -> NDArray[np.bool_]:
    if "odd_end" not in dispersion:
        return np.zeros(wide.shape, dtype=bool)
    marked = dispersion.assign(odd=dispersion["odd_end"].fillna("") != "")
    flags = marked.pivot(index=["role", "variable"], columns="period", values="odd")
    return np.asarray(flags.loc[wide.index, wide.columns].to_numpy(dtype=bool))


def _ratio_cells(
    axes: Axes,
    ratios: NDArray[np.float64],
    bounds: Sequence[float],
    palette: Sequence[str],
    odd: NDArray[np.bool_],
) -> None:
    from matplotlib.colors import ListedColormap

    classes = np.searchsorted(bounds, ratios, side="left")
    axes.imshow(classes, cmap=ListedColormap(list(palette)), vmin=-0.5, vmax=len(bounds) + 0.5, aspect="auto")
    for (row, column), ratio in np.ndenumerate(ratios):
        text = "∞" if np.isinf(ratio) else f"{ratio:,.1f}" if ratio < 100 else f"{ratio:,.0f}"
        text += ODD_MARK if odd[row, column] else ""
        dark = classes[row, column] >= len(palette) - 2
        ink = "white" if dark else INK
        axes.text(column, row, text, ha="center", va="center", fontsize=NOTE_SIZE, color=ink)


def _ratio_texts(bounds: Sequence[float]) -> list[str]:
    words = [f"{bound:g}" for bound in bounds]
    between = [f"{low}–{high}" for low, high in pairwise(words)]
    return [f"≤ {words[0]}", *between, f"> {words[-1]}"]


CONTRIBUTION_CLASSES = 6


def contributions_map(
    provinces: pd.DataFrame, labels: Labels, basemap: Basemap, *, years: Sequence[int]
) -> Figure:
    """Draw every province's share in Theil's index of the first variable, in per cent, classed about zero.

    Parameters
    ----------
    provinces : DataFrame
        ``provinces`` of `shuyi.analyses.inequality.frames.inequality_frames`.
    labels : Labels
        Texts in the language of the output.
    basemap : Basemap
        Outlines, projection, and what must stand under a map.
    years : sequence of int
        One panel each.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a column is missing.
    """
    require_columns(provinces, ("variable", "period", "unit", "theil_share"))
    variable = str(provinces["variable"].iloc[0])
    chosen = provinces[(provinces["variable"] == variable) & provinces["period"].isin(years)]
    values = 100.0 * chosen.pivot(index="unit", columns="period", values="theil_share")
    scheme = classify(values.to_numpy().ravel(), "natural_breaks", CONTRIBUTION_CLASSES, centre=0.0)
    title = labels.text("inequality.map", variable=labels.term(variable))
    notes = [labels.text("inequality.map_note")]
    return map_values(values, scheme, labels, basemap, legend_title=title, notes=notes)


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
    scheme = load_scheme(sources.data("scheme"), sources.data("schema"))
    return {
        "inequality_by_year": inequality_by_year(sources.frame("parts"), labels, variables=p["variables"]),
        "dispersion_by_indicator": dispersion_by_indicator(
            sources.frame("dispersion", text=["largest", "smallest", "odd_end"]),
            labels,
            titles=scheme.titles(labels.language),
        ),
        "contributions_map": contributions_map(
            sources.frame("provinces"), labels, page.map, years=p["years"]
        ),
    }
