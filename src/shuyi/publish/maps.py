"""Province maps of China: classed values, categories, LISA clusters and the links of spatial weights.

Every map is drawn in the Albers equal-area conic projection (central meridian 105 E, standard parallels 25
and 47 N) and carries the ten-dash line, the South China Sea inset, Hong Kong, Macao and Taiwan without data,
a north arrow on the central meridian, a scale bar, its sources and the map approval number.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from shuyi.china.boundaries import KM, OUTSIDE, Boundaries, Extent, boundaries
from shuyi.china.provinces import codes
from shuyi.errors import ConfigError, DataError, check_known, offenders
from shuyi.publish.style import (
    CATEGORICAL,
    INK,
    MUTED,
    NOTE_SIZE,
    PAGE_WIDTH,
    SMALL_SIZE,
    TEXT_SIZE,
    colours,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from shuyi.publish.labels import Labels


Scheme = Literal["natural_breaks", "quantiles", "equal_interval"]
SCHEMES = {"natural_breaks": "FisherJenks", "quantiles": "Quantiles", "equal_interval": "EqualInterval"}
"""Our names of the classification schemes and mapclassify's."""

MAIN_EXTENT = (-2720 * KM, 1790 * KM, 2620 * KM, 6000 * KM)
INSET_EXTENT = (330 * KM, 290 * KM, 1880 * KM, 2450 * KM)
"""West, south, east and north edges of the main map and of the inset, projected metres."""
INSET_BOX = (1860 * KM, 1820 * KM, 2590 * KM, 2837 * KM)
"""Where the inset lies, in the projected metres of the main map: south-east of Taiwan's islands."""
SCALE_BAR = (-1080 * KM, 1865 * KM, 1000 * KM)
"""West end, height above the equator's line and length of the scale bar, projected metres."""
NORTH_ARROW = (0.0, 5380 * KM, 5680 * KM)
"""Position on the central meridian, foot and head of the north arrow, projected metres."""
TOLERANCE = {1: 3 * KM, 2: 5 * KM}
"""Simplification of the boundaries, metres, by columns of panels: about 0.3 pt on the page."""

PANEL_WIDTH = 3.3
"""Width of a map without text around it, inches."""
MARGIN, TITLE_HEIGHT, NOTE_LINE = 0.1, 0.22, 0.125
LEGEND_ROW = 0.16
"""Inches."""
LATIN_LINE, HAN_LINE = 140, 82
"""Characters of a note line that fit the page width."""

NO_DATA: dict[str, Any] = {"facecolor": "#f0f0f0", "hatch": "//////", "edgecolor": "#969696"}


@dataclass(frozen=True)
class MapCredit:
    """What must stand under every published map of China.

    Parameters
    ----------
    approval : str
        The map approval number with its heading, printed as given.
    source : str
        Sources of boundaries and data.

    Raises
    ------
    ConfigError
        If either is blank.
    """

    approval: str
    source: str

    def __post_init__(self) -> None:
        if not self.approval.strip():
            raise ConfigError(
                "No map can be drawn without a map approval number.",
                expected="maps.approval_number holds the number under which the boundaries were approved",
                found="an empty text",
                remedy="copy the number (审图号) from the page the boundaries come from",
            )
        if not self.source.strip():
            raise ConfigError("No map can be drawn without its sources.", found="an empty source text")


@dataclass(frozen=True)
class Classification:
    """Classes of a variable, shared by the panels of a map.

    Parameters
    ----------
    scheme : str
        The rule that set the bounds.
    bounds : tuple of float, length k + 1
        Ascending. Class j holds values above ``bounds[j]`` up to and including ``bounds[j + 1]``; the first
        class holds its lower bound, too.
    centre : float, optional
        Value about which the bounds are mirrored; classes below it are closed on the outer side instead.
    """

    scheme: str
    bounds: tuple[float, ...]
    centre: float | None = None

    @property
    def k(self) -> int:
        """Number of classes."""
        return len(self.bounds) - 1

    def assign(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the class 0 to k - 1 of every value, and -1 where there is none.

        Raises
        ------
        DataError
            If a value lies outside the bounds.
        """
        values = np.asarray(values, dtype=np.float64)
        known = values[~np.isnan(values)]
        beyond = known[(known < self.bounds[0]) | (known > self.bounds[-1])]
        if beyond.size:
            raise DataError(
                "Values lie outside the classes of the map.",
                expected=f"values from {self.bounds[0]:g} to {self.bounds[-1]:g}",
                found=offenders(beyond),
                remedy="classify the pooled values of all panels",
            )
        inner = np.asarray(self.bounds[1:-1])
        classes = np.searchsorted(inner, values, side="left")
        if self.centre is not None:
            mirrored = np.searchsorted(inner, values, side="right")
            classes = np.where(values < self.centre, mirrored, np.maximum(classes, self.k // 2))
        return np.where(np.isnan(values), -1, classes).astype(np.int64)

    def texts(self, labels: Labels) -> tuple[str, ...]:
        """Return one text per class, rounded to a tenth of the narrowest class or finer."""
        narrowest = float(np.diff(self.bounds).min())
        decimals = max(0, math.ceil(-math.log10(narrowest)) + 1)
        words = [f"{bound:,.{decimals}f}".replace("-", "\u2212") for bound in self.bounds]
        pairs = pairwise(words)
        return tuple(labels.text("map.class", low=low, high=high) for low, high in pairs)


def classify(
    values: Iterable[float],
    scheme: Scheme = "natural_breaks",
    classes: int = 5,
    *,
    centre: float | None = None,
) -> Classification:
    """Set class bounds on pooled values.

    Parameters
    ----------
    values : iterable of float
        The values of all panels together; NaN is left out.
    scheme : {"natural_breaks", "quantiles", "equal_interval"}
        Computed by mapclassify; natural breaks are Fisher's (1958) optimal partition.
    classes : int
        Number of classes k.
    centre : float, optional
        Mirror the classes about this value: k / 2 on either side, from the absolute deviations.

    Raises
    ------
    ConfigError
        If the scheme is unknown, k is below 2, or odd although there is a centre.
    DataError
        If there are fewer distinct values than classes, or ties leave the scheme fewer classes.
    """
    import mapclassify

    _check_classes(scheme, classes, centre)
    known = np.array([value for value in values if not np.isnan(value)], dtype=np.float64)
    measured = known if centre is None else np.abs(known - centre)
    wanted = classes if centre is None else classes // 2
    distinct = np.unique(measured).size
    if distinct <= wanted:
        raise DataError(
            "Too few distinct values for the classes of a map.",
            expected=f"more than {wanted} distinct values",
            found=f"{distinct}",
            remedy="ask for fewer classes",
        )
    upper = np.asarray(getattr(mapclassify, SCHEMES[scheme])(measured, k=wanted).bins, dtype=np.float64)
    bounds = (
        np.r_[measured.min(), upper]
        if centre is None
        else np.r_[centre - upper[::-1], centre, centre + upper]
    )
    if len(upper) != wanted or np.any(np.diff(bounds) <= 0):
        raise DataError(
            f"The scheme {scheme} cannot form {wanted} classes.",
            expected=f"{wanted} classes with width" + ("" if centre is None else " on either side"),
            found=offenders(f"{bound:g}" for bound in bounds),
            remedy="ask for fewer classes or natural breaks",
        )
    return Classification(scheme, tuple(float(bound) for bound in bounds), centre)


def _check_classes(scheme: str, classes: int, centre: float | None) -> None:
    check_known(scheme, SCHEMES, "classification scheme")
    if classes < 2 or (centre is not None and classes % 2):
        raise ConfigError(
            "A map cannot have this number of classes.",
            expected="at least 2" if centre is None else "an even number, half on either side of the centre",
            found=str(classes),
        )


@dataclass(frozen=True)
class Layer:
    """One panel: its heading and the colour of each province (None: no data)."""

    title: str
    colours: Mapping[str, str | None]


@dataclass(frozen=True)
class Key:
    """One legend: its heading and pairs of colour and text."""

    title: str
    entries: tuple[tuple[str, str], ...]


def map_values(
    values: pd.DataFrame,
    classification: Classification,
    labels: Labels,
    credit: MapCredit,
    *,
    legend_title: str,
    notes: Sequence[str] = (),
) -> Figure:
    """Draw one choropleth panel per column, all on one classification.

    Parameters
    ----------
    values : DataFrame
        Rows are province codes (every mainland province), columns the panels in order; NaN is drawn as
        "no data".
    classification : Classification
        From `classify`; one with a centre is drawn in a diverging palette.
    labels : Labels
    credit : MapCredit
    legend_title : str
        Name and unit of the variable.
    notes : sequence of str
        Lines beneath the map, before scheme, projection and sources.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        If a province is unknown, missing or twice in the rows, or a value is outside the classes.
    """
    _check_rows(values)
    palette = colours("sequential" if classification.centre is None else "diverging", classification.k)
    classes = {column: classification.assign(values[column].to_numpy()) for column in values.columns}
    layers = [
        Layer(
            str(column),
            {code: palette[c] if c >= 0 else None for code, c in zip(values.index, found, strict=True)},
        )
        for column, found in classes.items()
    ]
    counts = [[int((found == c).sum()) for found in classes.values()] for c in range(classification.k)]
    texts = _with_counts(classification.texts(labels), counts)
    key = Key(_counted_title(legend_title, layers, labels), tuple(zip(palette, texts, strict=True)))
    return compose(layers, [key], [*notes, *_scheme_notes(classification, labels)], labels, credit)


@dataclass(frozen=True)
class PanelMap:
    """A map without text around it, for a page that sets legend, notes and credit itself.

    Parameters
    ----------
    svg : bytes
    classes : tuple of (str, str)
        Colour and text of each class and of "no data", in the order of the legend.
    notes : tuple of str
        How the classes were set.
    credit : MapCredit
        Must stand beside the map.
    """

    svg: bytes
    classes: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    credit: MapCredit


def map_panel(
    values: pd.DataFrame, column: object, labels: Labels, credit: MapCredit, *, scheme: Scheme, classes: int
) -> PanelMap:
    """Draw one column of values on the classification of all columns together, without text around it.

    Parameters
    ----------
    values : DataFrame
        Rows are province codes (every mainland province), columns years; NaN is drawn as "no data".
    column : label
        The year that is drawn.
    labels, credit
        As in `map_values`.
    scheme, classes
        As in `classify`.

    Raises
    ------
    DataError
        If the column is absent, or a province is unknown, missing or twice in the rows.
    """
    from matplotlib.figure import Figure

    from shuyi.publish.style import figure_bytes

    _check_rows(values)
    if column not in values.columns:
        raise DataError("A map's frame lacks the column.", found=str(column))
    classification = classify(values.to_numpy().ravel(), scheme, classes)
    palette = colours("sequential", classes)
    found = classification.assign(values[column].to_numpy())
    fill = {code: palette[c] if c >= 0 else None for code, c in zip(values.index, found, strict=True)}
    west, south, east, north = MAIN_EXTENT
    with style(labels):
        figure = Figure(figsize=(PANEL_WIDTH, PANEL_WIDTH * (north - south) / (east - west)))
        axes = figure.add_axes((0.003, 0.003, 0.994, 0.994))
        _draw_panel(axes, Layer("", fill), boundaries(TOLERANCE[2]), labels, inset_name=False)
        svg = figure_bytes(figure, "svg")
    texts = _with_counts(classification.texts(labels), [[int((found == c).sum())] for c in range(classes)])
    entries = (*zip(palette, texts, strict=True), (NO_DATA["edgecolor"], labels.text("map.no_data")))
    note = labels.text(f"map.panel.{scheme}", k=classes, columns=f"{values.columns[0]}–{values.columns[-1]}")
    return PanelMap(svg, entries, (note,), credit)


def _scheme_notes(classification: Classification, labels: Labels) -> list[str]:
    scheme = labels.text(f"map.scheme.{classification.scheme}", k=classification.k)
    if classification.centre is None:
        return [scheme]
    return [scheme, labels.text("map.mirrored", centre=f"{classification.centre:g}")]


def map_categories(
    categories: pd.DataFrame,
    levels: Mapping[str, str],
    labels: Labels,
    credit: MapCredit,
    *,
    legend_title: str,
    palette: Sequence[str] | None = None,
    notes: Sequence[str] = (),
) -> Figure:
    """Draw one panel of coloured categories per column.

    Parameters
    ----------
    categories : DataFrame
        Rows are province codes (every mainland province), columns the panels in order; a missing value is
        drawn as "no data".
    levels : mapping
        Every category and its text in the legend, in legend order.
    labels, credit, legend_title, notes
        As in `map_values`.
    palette : sequence of str, optional
        One colour per level; by default those of Okabe and Ito.

    Raises
    ------
    DataError
        If a category is none of the levels, or a province is unknown, missing or twice in the rows.
    """
    _check_rows(categories)
    chosen = tuple(palette or CATEGORICAL)[: len(levels)]
    if len(chosen) < len(levels):
        raise ConfigError("Too few colours.", expected=f"{len(levels)} colours", found=f"{len(chosen)}")
    colour = dict(zip(levels, chosen, strict=True))
    present = {level for column in categories for level in categories[column].dropna()}
    unknown = sorted(str(level) for level in present - set(colour))
    if unknown:
        raise DataError("Unknown category on a map.", expected=", ".join(levels), found=offenders(unknown))
    layers = [
        Layer(str(name), {c: colour.get(v) for c, v in column.items()}) for name, column in categories.items()
    ]
    counts = [[int((categories[panel] == level).sum()) for panel in categories.columns] for level in levels]
    texts = _with_counts(tuple(levels.values()), counts)
    key = Key(_counted_title(legend_title, layers, labels), tuple(zip(chosen, texts, strict=True)))
    return compose(layers, [key], notes, labels, credit)


def blank_map(
    panels: Sequence[str],
    lines: Mapping[str, str],
    labels: Labels,
    credit: MapCredit,
    *,
    legend_title: str,
    notes: Sequence[str] = (),
) -> Figure:
    """Draw provinces without values as the ground of lines.

    Parameters
    ----------
    panels : sequence of str
        Titles; the axes of the panels come first in the figure, in map coordinates (`boundaries.project`).
    lines : mapping
        Colour by text of the legend, in legend order.
    labels, credit, legend_title, notes
        As in `map_values`.
    """
    provinces = dict.fromkeys((c for c in boundaries(TOLERANCE[1]).codes if c not in OUTSIDE), "#f7f7f7")
    key = Key(legend_title, tuple((colour, text) for text, colour in lines.items()))
    layers = [Layer(panel, provinces) for panel in panels]
    return compose(layers, [key], notes, labels, credit, swatch="line")


def mainland_path() -> Any:
    """Return the outline of the provinces with data as a matplotlib path in map coordinates, for clipping."""
    import shapely

    shapes = boundaries(TOLERANCE[2])
    inside = [g for code, g in zip(shapes.codes, shapes.provinces, strict=True) if code not in OUTSIDE]
    return _path(shapely.union_all(inside))


def _check_rows(frame: pd.DataFrame) -> None:
    """Refuse rows that are not the mainland provinces, each once."""
    known = boundaries(TOLERANCE[1]).codes
    rows = [str(code) for code in frame.index]
    unknown = [code for code in rows if code not in known]
    missing = [code for code in known if code not in rows and code not in OUTSIDE]
    twice = sorted({code for code in rows if rows.count(code) > 1})
    if unknown or missing or twice or frame.shape[1] == 0:
        problems = (("unknown", unknown), ("missing", missing), ("repeated", twice))
        found = "; ".join(f"{name}: {offenders(codes)}" for name, codes in problems if codes)
        raise DataError(
            "The rows of a map's frame are not the mainland provinces.",
            expected="every province code once (NaN for no data) and at least one column",
            found=found or "no column",
        )


def _with_counts(texts: Sequence[str], counts: Sequence[Sequence[int]]) -> tuple[str, ...]:
    return tuple(
        f"{text}  ({' / '.join(str(count) for count in row)})"
        for text, row in zip(texts, counts, strict=True)
    )


def _counted_title(title: str, layers: Sequence[Layer], labels: Labels) -> str:
    if len(layers) == 1:
        return f"{title}\n{labels.text('map.counts')}"
    panels = " / ".join(layer.title for layer in layers)
    return f"{title}\n{labels.text('map.counts_by_panel', panels=panels)}"


def compose(
    layers: Sequence[Layer],
    keys: Sequence[Key],
    notes: Sequence[str],
    labels: Labels,
    credit: MapCredit,
    *,
    swatch: Literal["patch", "line"] = "patch",
) -> Figure:
    """Compose panels, legends and notes; panel axes come first in the figure, each with its inset."""
    with style(labels):
        lines = _note_lines([*notes, labels.text("map.projection"), credit.source, credit.approval], labels)
        titled = any(layer.title for layer in layers)
        figure, panels, legend_axes = _sheet(len(layers), keys, len(lines), titled=titled)
        columns = 1 if len(layers) == 1 else 2
        shapes = boundaries(TOLERANCE[columns])
        for axes, layer in zip(panels, layers, strict=True):
            _draw_panel(axes, layer, shapes, labels, inset_name=columns == 1)
        for position, key in enumerate(keys):
            _draw_legend(legend_axes, key, position, len(keys), labels, swatch, len(layers))
        height = figure.get_figheight()
        for number, line in enumerate(reversed(lines)):
            y = (MARGIN * 0.6 + number * NOTE_LINE) / height
            figure.text(MARGIN / PAGE_WIDTH, y, line, fontsize=NOTE_SIZE, color=INK, va="bottom")
    return figure


def _note_lines(notes: Sequence[str], labels: Labels) -> list[str]:
    width = LATIN_LINE if labels.language == "en" else HAN_LINE
    return [line for note in notes for line in textwrap.wrap(note, width)]


def _sheet(
    panels: int, keys: Sequence[Key], note_lines: int, *, titled: bool
) -> tuple[Figure, list[Axes], Axes]:
    """Place the axes: one map, or two columns with the legend in a free cell or in a strip beneath."""
    from matplotlib.figure import Figure

    columns = 1 if panels == 1 else 2
    rows = math.ceil(panels / columns)
    width = (PAGE_WIDTH - (columns + 1) * MARGIN) / columns
    west, south, east, north = MAIN_EXTENT
    height = width * (north - south) / (east - west)
    heading = TITLE_HEIGHT if titled else MARGIN
    strip = 0.0 if panels % 2 else sum(_strip_height(key) for key in keys)
    foot = MARGIN * 1.2 + note_lines * NOTE_LINE + strip
    total = foot + rows * (height + heading) + MARGIN * 0.5
    figure = Figure(figsize=(PAGE_WIDTH, total))

    def place(cell: int) -> tuple[float, float, float, float]:
        row, column = divmod(cell, columns)
        x = MARGIN + column * (width + MARGIN)
        y = foot + (rows - 1 - row) * (height + heading)
        return x / PAGE_WIDTH, y / total, width / PAGE_WIDTH, height / total

    axes = [figure.add_axes(place(cell)) for cell in range(panels)]
    if panels == 1:
        return figure, axes, axes[0]
    beneath = (MARGIN / PAGE_WIDTH, (foot - strip) / total, 1 - 2 * MARGIN / PAGE_WIDTH, strip / total)
    free = figure.add_axes(place(panels) if panels % 2 else beneath)
    free.set_axis_off()
    return figure, axes, free


def _strip_height(key: Key) -> float:
    return LEGEND_ROW * (2.5 + math.ceil((len(key.entries) + 1) / 3))


def _draw_panel(axes: Axes, layer: Layer, shapes: Boundaries, labels: Labels, *, inset_name: bool) -> None:
    _draw_area(axes, layer.colours, shapes, MAIN_EXTENT)
    if layer.title:
        axes.set_title(layer.title, pad=3.0)
    inset = axes.inset_axes(
        (INSET_BOX[0], INSET_BOX[1], INSET_BOX[2] - INSET_BOX[0], INSET_BOX[3] - INSET_BOX[1]),
        transform=axes.transData,
    )
    _draw_area(inset, layer.colours, shapes, INSET_EXTENT)
    if inset_name:
        text = labels.text("map.inset")
        inset.text(0.97, 0.02, text, transform=inset.transAxes, fontsize=5.0, ha="right", va="bottom")
    _draw_scale_bar(axes, labels)
    _draw_north_arrow(axes, labels)


def _draw_area(
    axes: Axes,
    fill: Mapping[str, str | None],
    shapes: Boundaries,
    extent: Extent,
) -> None:
    """Draw provinces, outer line and dashes within an extent."""
    from matplotlib.collections import LineCollection, PathCollection

    seen = shapes.clip(extent)
    parts = [(c, _path(g)) for c, g in zip(seen.codes, seen.provinces, strict=True) if not g.is_empty]
    coloured = [(path, fill[code]) for code, path in parts if fill.get(code) is not None]
    blank = [path for code, path in parts if fill.get(code) is None]
    axes.add_collection(
        PathCollection(
            [path for path, _ in coloured],
            facecolors=[colour for _, colour in coloured],
            edgecolors=MUTED,
            linewidths=0.3,
            zorder=1,
        ),
        autolim=False,
    )
    axes.add_collection(PathCollection(blank, linewidths=0.3, zorder=1, **NO_DATA), autolim=False)
    for line, width in ((seen.outline, 0.5), (seen.dashes, 1.0)):
        lines = LineCollection(_polylines(line), colors=INK, linewidths=width, zorder=2)
        axes.add_collection(lines, autolim=False)
    west, south, east, north = extent
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], aspect="equal")
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.5, color=MUTED)


def _path(geometry: Any) -> Any:
    """Convert polygons to one compound path; holes keep their opposite direction."""
    import shapely
    from matplotlib.path import Path

    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    rings = [
        ring
        for polygon in map(shapely.geometry.polygon.orient, polygons)
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    return Path.make_compound_path(*[Path(shapely.get_coordinates(ring), closed=True) for ring in rings])


def _polylines(geometry: Any) -> list[NDArray[np.float64]]:
    import shapely

    return [shapely.get_coordinates(part) for part in shapely.get_parts(geometry)]


def _draw_scale_bar(axes: Axes, labels: Labels) -> None:
    """Draw a bar whose length is true along the standard parallels, in two halves."""
    from matplotlib.patches import Rectangle

    x, y, length = SCALE_BAR
    half, thickness = length / 2, 28 * KM
    for start, colour in ((x, INK), (x + half, "white")):
        bar = Rectangle((start, y), half, thickness, facecolor=colour, edgecolor=INK, linewidth=0.4, zorder=3)
        axes.add_patch(bar)
    kilometres = int(length / KM)
    texts = (f"{0}", f"{kilometres // 2}", labels.text("map.km", number=kilometres))
    for position, text in zip((x, x + half, x + length), texts, strict=True):
        axes.annotate(
            text, (position, y + thickness), (0, 1.5), textcoords="offset points", ha="center", fontsize=5.5
        )


def _draw_north_arrow(axes: Axes, labels: Labels) -> None:
    """Draw the arrow on the central meridian, the one line of the map where up is true north."""
    from matplotlib.patches import Polygon

    x, foot, head = NORTH_ARROW
    wing = (head - foot) * 0.3
    notch = foot + (head - foot) * 0.25
    for side, colour in ((-1, INK), (1, "white")):
        corners = [(x, head), (x + side * wing, foot), (x, notch)]
        axes.add_patch(Polygon(corners, facecolor=colour, edgecolor=INK, linewidth=0.4, zorder=3))
    text = labels.text("map.north")
    axes.annotate(text, (x, head), (0, 1), textcoords="offset points", ha="center", fontsize=SMALL_SIZE)


def _draw_legend(
    axes: Axes,
    key: Key,
    position: int,
    keys: int,
    labels: Labels,
    swatch: Literal["patch", "line"],
    panels: int,
) -> None:
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Patch(facecolor=colour, edgecolor=MUTED, linewidth=0.3)
        if swatch == "patch"
        else Line2D([], [], color=colour, linewidth=1.2)
        for colour, _ in key.entries
    ]
    handles.append(Patch(linewidth=0.3, **NO_DATA))
    texts = [*(text for _, text in key.entries), labels.text("map.no_data")]
    middle = 1.0 - (position + 0.5) / keys
    place = {"loc": "lower left"} if panels == 1 else {"loc": "center left", "bbox_to_anchor": (0.0, middle)}
    legend = Legend(
        axes,
        handles,
        texts,
        title=key.title,
        ncols=1 if panels % 2 else 3,
        handlelength=1.6,
        handleheight=0.9,
        labelspacing=0.35,
        fontsize=6.5 if panels == 1 else SMALL_SIZE,
        title_fontsize=6.5 if panels == 1 else TEXT_SIZE,
        alignment="left",
        borderaxespad=0.4,
        **place,
    )
    legend.get_title().set_linespacing(1.35)
    axes.add_artist(legend)


def by_column(rows: pd.DataFrame, value: str, columns: Sequence[int]) -> pd.DataFrame:
    wide = rows.pivot(index="unit", columns="period", values=value)
    return wide.reindex(index=list(codes()), columns=list(columns))
