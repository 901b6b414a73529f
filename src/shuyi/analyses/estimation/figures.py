"""The figure of effects with their intervals, and the map of the headline's weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.base import Page
from shuyi.errors import DataError, offenders
from shuyi.publish.charts import FACET_HEIGHT, check_named, whiskers
from shuyi.publish.maps import Key, blank_layer, compose
from shuyi.publish.notes import caveat_line
from shuyi.publish.style import (
    CATEGORICAL,
    INK,
    MUTED,
    SMALL_SIZE,
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
    from shuyi.weights import Weights


COMPONENTS = ("direct", "indirect", "total")
METHODS = ("simulated", "delta")
MARKERS = {"simulated": "o", "delta": "s"}
METHOD_COLOURS = {"simulated": CATEGORICAL[0], "delta": CATEGORICAL[4]}


def effects_figure(
    frame: pd.DataFrame,
    labels: Labels,
    *,
    term_names: Mapping[str, str],
    level: float = 0.95,
    note: str = "",
) -> Figure:
    """Draw direct, indirect and total effects, one panel per term on its own scale.

    Parameters
    ----------
    frame : DataFrame
        Columns ``term``, ``component`` ("direct", "indirect", "total"), ``method`` ("simulated" or "delta"),
        ``estimate``, ``low`` and ``high``.
    labels : Labels
        Texts in the language of the output.
    term_names : mapping
        Printed name per term, in the order of the panels.
    level : float, default 0.95
        Confidence level of the intervals, as printed in the legend.
    note : str, default ""
        What stands above the panels: the caveats of the estimate.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a column is missing, a component or method is unknown, or a term has no name.
    """
    require_columns(frame, ("term", "component", "method", "estimate", "low", "high"))
    check_named(frame["term"], term_names)
    _check_known(frame["component"], COMPONENTS)
    _check_known(frame["method"], METHODS)
    terms = [term for term in term_names if (frame["term"] == term).any()]
    methods = [method for method in METHODS if (frame["method"] == method).any()]
    with style(labels):
        figure, axes = facets(len(terms), 2, FACET_HEIGHT, sharey=True)
        for panel, term in zip(axes, terms, strict=True):
            _effects_panel(panel, frame[frame["term"] == term], methods, labels)
            panel.set_title(term_names[term], fontsize=SMALL_SIZE)
        percent = f"{100 * level:g}"
        texts = [labels.text(f"effects.{method}", level=percent) for method in methods]
        handles: list[Any] = list(axes[0].containers)
        figure.legend(handles, texts, loc="outside lower center", ncols=len(methods))
        head_note(figure, note, labels)
        return settle(figure)


def _effects_panel(axes: Axes, frame: pd.DataFrame, methods: Sequence[str], labels: Labels) -> None:
    axes.axvline(0.0, color=MUTED, linewidth=0.7, zorder=0)
    shifts = np.linspace(-0.14, 0.14, len(methods)) if len(methods) > 1 else np.zeros(1)
    for method, shift in zip(methods, shifts, strict=True):
        rows = frame[frame["method"] == method].set_index("component").reindex(COMPONENTS)
        whiskers(axes, rows, np.arange(len(COMPONENTS)) + shift, METHOD_COLOURS[method], MARKERS[method])
    axes.set_yticks(range(len(COMPONENTS)), [labels.text(f"effects.{name}") for name in COMPONENTS])
    axes.set_ylim(len(COMPONENTS) - 0.5, -0.5)
    axes.locator_params(axis="x", nbins=6)


def _check_known(values: pd.Series, allowed: Sequence[str]) -> None:
    unknown = sorted(set(values) - set(allowed))
    if unknown:
        raise DataError("Unknown entry in a figure.", expected=", ".join(allowed), found=offenders(unknown))


def map_connectivity(
    weights: Weights,
    coordinates: pd.DataFrame,
    labels: Labels,
    basemap: Basemap,
    *,
    added: Sequence[tuple[str, str]] = (),
    notes: Sequence[str] = (),
) -> Figure:
    """Draw the links of spatial weights over the provinces; a line is as wide as its mean weight.

    Parameters
    ----------
    weights : Weights
        Labels are province codes.
    coordinates : DataFrame
        Rows are province codes, columns ``longitude`` and ``latitude`` in degrees.
    labels, basemap
        As in `map_values`.
    added : sequence of pairs of str, default empty
        Links that a rule added (an island's), drawn in another colour.
    notes : sequence of str, default empty
        As in `map_values`.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a unit of the weights has no coordinates, or an added link has no weight.
    """
    unknown = [label for label in weights.labels if label not in coordinates.index]
    if unknown:
        raise DataError("Units of the weights have no coordinates.", found=offenders(unknown))
    points = coordinates.loc[list(weights.labels)]
    places = basemap.projection.project(points["longitude"].to_numpy(), points["latitude"].to_numpy())
    pairs, widths, by_rule = _links(weights, added)
    entries = [(INK, labels.text("map.links", count=len(pairs) - sum(by_rule)))]
    if any(by_rule):
        entries.append((CATEGORICAL[4], labels.text("map.links_added", count=sum(by_rule))))
    average = f"{weights.cardinalities.mean():.2f}"
    islands = offenders(weights.islands) or labels.text("map.no_islands")
    stated = labels.text("map.neighbours", average=average, islands=islands)
    key = Key(labels.text("map.links_title"), tuple(entries))
    figure = compose([blank_layer("", basemap)], [key], [*notes, stated], labels, basemap, swatch="line")
    _draw_links(figure.axes[0], places[pairs], widths, [entries[int(rule)][0] for rule in by_rule])
    figure.axes[0].scatter(places[:, 0], places[:, 1], s=9, color=INK, zorder=5, linewidths=0)
    return figure


def _links(
    weights: Weights, added: Sequence[tuple[str, str]]
) -> tuple[NDArray[np.int64], NDArray[np.float64], list[bool]]:
    """Return linked pairs (m, 2), their line widths in points (m,) and whether a rule added them."""
    dense = weights.to_dense()
    mean = np.abs(dense + dense.T) / 2.0
    pairs = np.argwhere(np.triu(mean, 1) > 0)
    strength = mean[pairs[:, 0], pairs[:, 1]]
    widths = 0.1 + 1.5 * strength / strength.max() if strength.size else strength
    rules = {frozenset(pair) for pair in added}
    found = [frozenset((weights.labels[i], weights.labels[j])) for i, j in pairs]
    absent = [pair for pair in added if frozenset(pair) not in found]
    if absent:
        raise DataError("An added link has no weight.", found=offenders(absent))
    return pairs, widths, [pair in rules for pair in found]


def _draw_links(
    axes: Axes, segments: NDArray[np.float64], widths: NDArray[np.float64], line_colours: Sequence[str]
) -> None:
    from matplotlib.collections import LineCollection

    axes.add_collection(
        LineCollection(list(segments), linewidths=widths, colors=list(line_colours), zorder=4), autolim=False
    )


def effect_intervals(effects: pd.DataFrame) -> pd.DataFrame:
    """Return effects in long form: one row per term, component and method (simulated, delta).

    Parameters
    ----------
    effects : DataFrame
        Rows of `shuyi.spatialpanel.effects.Effects.to_frame`.

    Returns
    -------
    DataFrame
        Columns term, component, estimate, low, high and method.
    """
    import pandas as pd

    columns = {"simulated": ("ci_low", "ci_high"), "delta": ("ci_low_delta", "ci_high_delta")}
    keys = ["term", "component", "estimate"]
    parts = [
        effects[[*keys, low, high]].rename(columns={low: "low", high: "high"}).assign(method=method)
        for method, (low, high) in columns.items()
    ]
    return pd.concat(parts, ignore_index=True)


def draw_figures(page: Page) -> dict[str, Figure]:
    """Return the map of the headline's weights and, where it has effects, their figure by name.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        Figure by name.
    """
    p, labels = page.settings, page.labels
    headline = p["headline"]
    weights = page.sources.all_weights("weights", p["weights"])[headline["weights"]]
    links = [(first, second) for first, second in p["added"]]
    drawn = {"weights_map": map_connectivity(weights, _points(page), labels, page.map, added=links)}
    if headline["id"] in p["effects"]:
        effects = page.sources.listed("effects", p["effects"])[headline["id"]]
        terms = {term: labels.term(term) for term in headline["regressors"]}
        level = float(effects["level"].iloc[0])
        told = dict(zip(p["fits"], page.sources.all_data("told").values(), strict=True))[headline["id"]]
        note = caveat_line({headline["column"]: {**told, "df": float(effects["df"].iloc[0])}}, labels)
        drawn["effects_figure"] = effects_figure(
            effect_intervals(effects), labels, term_names=terms, level=level, note=note
        )
    return drawn


def _points(page: Page) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame.from_dict(page.places.coordinates, orient="index", columns=["latitude", "longitude"])
