"""Figures on inequality, convergence, distribution dynamics and the movement of centres.

Each function takes tidy frames of `shuyi.distribution` and labels and returns a matplotlib figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from shuyi.errors import DataError
from shuyi.figures import place_name
from shuyi.figurestyle import (
    CATEGORICAL,
    FRAME_HEIGHT,
    INK,
    LIGHT,
    MUTED,
    NOTE_SIZE,
    PAGE_WIDTH,
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
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from shuyi.labels import Labels

PARTS = {"within": CATEGORICAL[0], "between": CATEGORICAL[1], "transvariation": CATEGORICAL[2]}
"""Colour of each part of an inequality index; the net part between regions of Dagum is drawn as between."""
DRAWN = {"theil": ("within", "between"), "gini": ("within", "net_between", "transvariation")}
RATIO_STEPS = (3.0, 5.0, 10.0, 100.0)
"""Bounds of the classes of ratios above the threshold; those below it are left out."""
BAR_WIDTH = 0.72
BARS_HEIGHT, LINES_HEIGHT, DENSITY_HEIGHT, PLANE_HEIGHT, CELL_HEIGHT = 2.2, 2.2, 2.9, 3.2, 0.21
"""Inches of a row of panels, and of a line of the matrix of ratios."""
BAND_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
BAND_COLOURS = ("#cfe3f1", "#8fbfe0")
NAMED = 8
"""Longest movements that carry the names of their provinces."""
QUANTILE_LIMITS = (0.001, 0.999)
"""Share of a density's mass that the axis leaves out on either side."""
SIGNIFICANCE = 0.05


def inequality_by_year(parts: pd.DataFrame, labels: Labels, *, variables: Sequence[str]) -> Figure:
    """Draw both decompositions by year as stacked bars, a row per variable.

    Parameters
    ----------
    parts : DataFrame
        Columns region_scheme, variable, period, measure (theil, gini), part and value.
    labels : Labels
    variables : sequence of str
        In the order of the rows.

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
        handles = [_patch(colour) for colour in PARTS.values()]
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


def _patch(colour: str) -> Any:
    from matplotlib.patches import Patch

    return Patch(facecolor=colour, linewidth=0)


def dispersion_by_indicator(dispersion: pd.DataFrame, labels: Labels, *, titles: Mapping[str, str]) -> Figure:
    """Draw the ratio of the largest to the smallest value by indicator and year; flagged cells are coloured.

    Parameters
    ----------
    dispersion : DataFrame
        Of `shuyi.distribution.dispersion_frame`.
    labels : Labels
    titles : mapping
        Names of the indicators.

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
        _ratio_cells(axes, wide.to_numpy(), bounds, palette)
        axes.set_xticks(range(wide.shape[1]), [str(year) for year in wide.columns])
        axes.set_yticks(range(len(wide)), names)
        axes.tick_params(length=0, top=True, bottom=False, labeltop=True, labelbottom=False)
        axes.spines[:].set_visible(False)
        handles = [_patch(colour) for colour in palette]
        handles[0].set(edgecolor=MUTED, linewidth=0.4)
        figure.legend(
            handles, _ratio_texts(bounds), loc="outside lower center", ncols=len(palette),
            title=labels.text("inequality.ratio"),
        )  # fmt: skip
        return settle(figure)


def _ratio_cells(
    axes: Axes, ratios: NDArray[np.float64], bounds: Sequence[float], palette: Sequence[str]
) -> None:
    from matplotlib.colors import ListedColormap

    classes = np.searchsorted(bounds, ratios, side="left")
    axes.imshow(classes, cmap=ListedColormap(list(palette)), vmin=-0.5, vmax=len(bounds) + 0.5, aspect="auto")
    for (row, column), ratio in np.ndenumerate(ratios):
        text = "∞" if np.isinf(ratio) else f"{ratio:,.1f}" if ratio < 100 else f"{ratio:,.0f}"
        dark = classes[row, column] >= len(palette) - 2
        ink = "white" if dark else INK
        axes.text(column, row, text, ha="center", va="center", fontsize=NOTE_SIZE, color=ink)


def _ratio_texts(bounds: Sequence[float]) -> list[str]:
    words = [f"{bound:g}" for bound in bounds]
    between = [f"{low}–{high}" for low, high in pairwise(words)]
    return [f"≤ {words[0]}", *between, f"> {words[-1]}"]


def sigma_by_year(sigma: pd.DataFrame, labels: Labels, *, variables: Sequence[str]) -> Figure:
    """Draw dispersion by year for all provinces and inside the regions, a row per variable.

    Parameters
    ----------
    sigma : DataFrame
        Columns variable, period, region, cv and sd_log.
    labels : Labels
    variables : sequence of str
        In the order of the rows.

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
    """Return a colour per club, from the highest (dark) to the lowest (light)."""
    return tuple(reversed(colours("sequential", max(count, 2))))[:count]


def transition_paths(paths: pd.DataFrame, labels: Labels, *, variables: Sequence[str]) -> Figure:
    """Draw relative transition paths, coloured by club, a panel per variable.

    Parameters
    ----------
    paths : DataFrame
        Columns variable, unit, club (zero: none), period and transition.
    labels : Labels
    variables : sequence of str
        In the order of the panels.

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
        handles = [_line(palette[c]) for c in range(1, most + 1)] + [_line(MUTED, "--")]
        texts = [labels.text("clubs.club", number=c) for c in range(1, most + 1)] + [
            labels.text("clubs.none")
        ]
        figure.legend(handles, texts, loc="outside lower center", ncols=min(len(texts), 6))
        return settle(figure)


def _line(colour: str, linestyle: Literal["-", "--"] = "-") -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, linewidth=1.2, linestyle=linestyle)


def kernel_densities(densities: pd.DataFrame, labels: Labels, *, variable: str) -> Figure:
    """Draw kernel densities by year: relative to the mean, and to the neighbours.

    Parameters
    ----------
    densities : DataFrame
        Columns relative_to, period, x and density.
    labels : Labels
    variable : str
        Printed name.

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
        handles = [_line(palette[year]) for year in years]
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
    variable : str
        Printed name.

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
    variable : str
        Printed name.
    names : mapping
        Province names by code.

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
    return [_patch(CATEGORICAL[0]), _patch(CATEGORICAL[4]), _line(INK, "--")]


def centre_paths(centres: pd.DataFrame, labels: Labels, *, variables: Sequence[str]) -> Figure:
    """Draw the way of the mean centre from year to year, km from the first year's, a panel per variable.

    Parameters
    ----------
    centres : DataFrame
        Columns variable, period, x_km and y_km.
    labels : Labels
    variables : sequence of str
        In the order of the panels.

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
