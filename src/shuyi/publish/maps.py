"""Maps of units: classed values, categories, LISA clusters and the links of spatial weights.

Every map is drawn on a `Basemap`, which says what stands on the page beside the units: insets, lines, a north
arrow, a scale bar, sources.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from shuyi.errors import ConfigError, DataError, check_known, offenders
from shuyi.publish.basemap import Basemap, Extent
from shuyi.publish.breaks import equal_breaks, natural_breaks, quantile_breaks
from shuyi.publish.projection import KM
from shuyi.publish.style import (
    CATEGORICAL,
    INK,
    MUTED,
    NOTE_SIZE,
    PAGE_WIDTH,
    SMALL_SIZE,
    TEXT_SIZE,
    colours,
    note_lines,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path
    from numpy.typing import NDArray

    from shuyi.publish.labels import Labels


Scheme = Literal["natural_breaks", "quantiles", "equal_interval"]
SCHEMES: dict[Scheme, Callable[[NDArray[np.float64], int], NDArray[np.float64]]] = {
    "natural_breaks": natural_breaks,
    "quantiles": quantile_breaks,
    "equal_interval": equal_breaks,
}
"""What sets the upper bounds of the classes."""

PANEL_WIDTH = 3.3
"""Width of a map without text around it, inches."""
MARGIN, TITLE_HEIGHT, NOTE_LINE = 0.1, 0.22, 0.125
LEGEND_ROW = 0.16
"""Inches."""

NO_DATA: dict[str, Any] = {"facecolor": "#f0f0f0", "hatch": "//////", "edgecolor": "#969696"}


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
        Value that one bound takes; classes below it are closed on the outer side instead.
    """

    scheme: str
    bounds: tuple[float, ...]
    centre: float | None = None

    @property
    def k(self) -> int:
        """Number of classes."""
        return len(self.bounds) - 1

    @property
    def below(self) -> int:
        """Number of classes below the centre; zero without one."""
        return 0 if self.centre is None else sum(bound < self.centre for bound in self.bounds)

    def colours(self) -> tuple[str, ...]:
        """Return a colour per class: of a sequence, or the same on either side as far from the centre.

        Returns
        -------
        tuple of str
            Hexadecimal colours in the order of the classes.
        """
        if self.centre is None:
            return colours("sequential", self.k)
        side = max(self.below, self.k - self.below)
        return colours("diverging", 2 * side)[side - self.below : side + self.k - self.below]

    def assign(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the class 0 to k - 1 of every value, and -1 where there is none.

        Parameters
        ----------
        values : ndarray
            Values of any shape; NaN has no class.

        Returns
        -------
        ndarray of int, shape of `values`
            Class of each value.

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
            outer = np.searchsorted(inner, values, side="right")
            from_centre = np.minimum(np.maximum(classes, self.below), self.k - 1)
            classes = np.where(values < self.centre, outer, from_centre)
        return np.where(np.isnan(values), -1, classes).astype(np.int64)

    def texts(self, labels: Labels) -> tuple[str, ...]:
        """Return one text per class, rounded to a tenth of the narrowest class or finer.

        Parameters
        ----------
        labels : Labels
            Texts in the language of the output.

        Returns
        -------
        tuple of str, length k
            From the lowest class.
        """
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
    scheme : {"natural_breaks", "quantiles", "equal_interval"}, default "natural_breaks"
        Natural breaks are Fisher's (1958) optimal partition; all agree with mapclassify.
    classes : int, default 5
        Number of classes k.
    centre : float, optional
        A value that bounds classes: the values on either side of it have classes of their own, k / 2 or as
        many as they have distinct values, whose outer bounds are the least and the greatest of the values.

    Returns
    -------
    Classification
        Bounds, scheme and centre, for `assign`.

    Raises
    ------
    ConfigError
        If the scheme is unknown, k is below 2, or odd although there is a centre.
    DataError
        If there are fewer distinct values than classes, or ties leave the scheme fewer classes.
    """
    _check_classes(scheme, classes, centre)
    known = np.array([value for value in values if not np.isnan(value)], dtype=np.float64)
    if centre is None:
        return Classification(scheme, tuple(_bounds(known, scheme, classes)))
    sides = [known[known < centre], known[known > centre]]
    if not any(map(len, sides)):
        raise DataError(
            "Too few distinct values for the classes of a map.",
            expected="values on either side of the centre",
            found=f"only {centre:g}",
        )
    low, high = (_outward(np.abs(side - centre), scheme, classes // 2) for side in sides)
    bounds = [*(centre - upper for upper in low[::-1]), centre, *(centre + upper for upper in high)]
    return Classification(scheme, tuple(float(bound) for bound in bounds), centre)


def _bounds(values: NDArray[np.float64], scheme: Scheme, classes: int) -> list[float]:
    distinct = np.unique(values).size
    if distinct <= classes:
        raise DataError(
            "Too few distinct values for the classes of a map.",
            expected=f"more than {classes} distinct values",
            found=f"{distinct}",
            remedy="ask for fewer classes",
        )
    upper = SCHEMES[scheme](values, classes)
    bounds = np.r_[values.min(), upper]
    if len(upper) != classes or np.any(np.diff(bounds) <= 0):
        raise DataError(
            f"The scheme {scheme} cannot form {classes} classes.",
            expected=f"{classes} classes with width",
            found=offenders(f"{bound:g}" for bound in bounds),
            remedy="ask for fewer classes or natural breaks",
        )
    return [float(bound) for bound in bounds]


def _outward(distances: NDArray[np.float64], scheme: Scheme, classes: int) -> list[float]:
    """Return the upper bounds of the classes on one side of a centre, by the distances from it."""
    wanted = min(classes, np.unique(distances).size)
    return [] if wanted == 0 else [float(bound) for bound in SCHEMES[scheme](distances, wanted)]


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
    """One panel: its heading and the colour of each province (None: no data).

    Parameters
    ----------
    title : str
        Heading of the panel.
    colours : mapping of str to str or None
        Colour by province code; None for no data.
    """

    title: str
    colours: Mapping[str, str | None]


@dataclass(frozen=True)
class Key:
    """One legend: its heading and pairs of colour and text.

    Parameters
    ----------
    title : str
        Heading of the legend.
    entries : tuple of (str, str)
        Colour and text, in order.
    """

    title: str
    entries: tuple[tuple[str, str], ...]


def map_values(
    values: pd.DataFrame,
    classification: Classification,
    labels: Labels,
    basemap: Basemap,
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
        Texts in the language of the output.
    basemap : Basemap
        Outlines, projection, and what must stand under a map.
    legend_title : str
        Name and unit of the variable.
    notes : sequence of str, default empty
        Lines beneath the map, before scheme, projection and sources.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        If a province is unknown, missing or twice in the rows, or a value is outside the classes.
    """
    _check_rows(values, basemap)
    palette = classification.colours()
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
    return compose(layers, [key], [*notes, *_scheme_notes(classification, labels)], labels, basemap)


@dataclass(frozen=True)
class PanelMap:
    """A map without text around it, for a page that sets legend, notes and credit itself.

    Parameters
    ----------
    svg : bytes
        The drawing.
    classes : tuple of (str, str)
        Colour and text of each class and of "no data", in the order of the legend.
    notes : tuple of str
        How the classes were set.
    credit : tuple of str
        Lines that must stand beside the map.
    """

    svg: bytes
    classes: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    credit: tuple[str, ...]


def map_panel(
    values: pd.DataFrame, column: object, labels: Labels, basemap: Basemap, *, scheme: Scheme, classes: int
) -> PanelMap:
    """Draw one column of values on the classification of all columns together, without text around it.

    Parameters
    ----------
    values : DataFrame
        Rows are province codes (every mainland province), columns years; NaN is drawn as "no data".
    column : label
        The year that is drawn.
    labels : Labels
        Texts in the language of the output.
    basemap : Basemap
        Outlines, projection, and what must stand under a map.
    scheme : {"natural_breaks", "quantiles", "equal_interval"}
        Rule that sets the bounds, as in `classify`.
    classes : int
        Number of classes.

    Returns
    -------
    PanelMap
        The drawing, with what must stand beside it.

    Raises
    ------
    DataError
        If the column is absent, or a province is unknown, missing or twice in the rows.
    """
    from matplotlib.figure import Figure

    from shuyi.publish.style import figure_bytes

    _check_rows(values, basemap)
    if column not in values.columns:
        raise DataError("A map's frame lacks the column.", found=str(column))
    classification = classify(values.to_numpy().ravel(), scheme, classes)
    palette = colours("sequential", classes)
    found = classification.assign(values[column].to_numpy())
    fill = {code: palette[c] if c >= 0 else None for code, c in zip(values.index, found, strict=True)}
    west, south, east, north = basemap.frame.extent
    with style(labels):
        figure = Figure(figsize=(PANEL_WIDTH, PANEL_WIDTH * (north - south) / (east - west)))
        axes = figure.add_axes((0.003, 0.003, 0.994, 0.994))
        _draw_panel(axes, Layer("", fill), basemap, 2, labels)
        svg = figure_bytes(figure, "svg")
    texts = _with_counts(classification.texts(labels), [[int((found == c).sum())] for c in range(classes)])
    entries = (*zip(palette, texts, strict=True), (NO_DATA["edgecolor"], labels.text("map.no_data")))
    note = labels.text(f"map.panel.{scheme}", k=classes, columns=f"{values.columns[0]}–{values.columns[-1]}")
    return PanelMap(svg, entries, (note,), basemap.credit)


def _scheme_notes(classification: Classification, labels: Labels) -> list[str]:
    scheme = labels.text(f"map.scheme.{classification.scheme}", k=classification.k)
    if classification.centre is None:
        return [scheme]
    return [scheme, labels.text("map.sides", centre=f"{classification.centre:g}")]


def map_categories(
    categories: pd.DataFrame,
    levels: Mapping[str, str],
    labels: Labels,
    basemap: Basemap,
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
    labels, basemap, legend_title
        As in `map_values`.
    palette : sequence of str, optional
        One colour per level; by default those of Okabe and Ito.
    notes : sequence of str, default empty
        As in `map_values`.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.

    Raises
    ------
    DataError
        If a category is none of the levels, or a province is unknown, missing or twice in the rows.
    """
    _check_rows(categories, basemap)
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
    return compose(layers, [key], notes, labels, basemap)


def blank_map(
    panels: Sequence[str],
    lines: Mapping[str, str],
    labels: Labels,
    basemap: Basemap,
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
    labels, basemap, legend_title, notes
        As in `map_values`.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.
    """
    key = Key(legend_title, tuple((colour, text) for text, colour in lines.items()))
    layers = [blank_layer(panel, basemap) for panel in panels]
    return compose(layers, [key], notes, labels, basemap, swatch="line")


def blank_layer(title: str, basemap: Basemap) -> Layer:
    """Return a panel of units without values, the ground of lines and points.

    Parameters
    ----------
    title : str
        Heading of the panel.
    basemap : Basemap
        Outlines, projection, and what must stand under a map.

    Returns
    -------
    Layer
        All units in one light colour.
    """
    return Layer(title, dict.fromkeys(sorted(basemap.units), "#f7f7f7"))


def area_path(basemap: Basemap) -> Path:
    """Return the outline of the units that may have values, for clipping.

    Parameters
    ----------
    basemap : Basemap
        Outlines, projection, and what must stand under a map.

    Returns
    -------
    matplotlib.path.Path
        Compound, in map coordinates; a new one for each panel, because SVG names clips by path.
    """
    return _path(_area(basemap))


@cache
def _area(basemap: Basemap) -> Any:
    import shapely

    found = basemap.outlines(basemap.frame.tolerance[2])
    inside = [
        g for unit, g in zip(found.units, found.shapes, strict=True) if unit not in basemap.without_data
    ]
    return shapely.union_all(inside)


def _check_rows(frame: pd.DataFrame, basemap: Basemap) -> None:
    """Refuse rows that are not the units of the map, each once."""
    rows = [str(unit) for unit in frame.index]
    unknown = [unit for unit in rows if unit not in (*basemap.units, *basemap.without_data)]
    missing = [unit for unit in basemap.units if unit not in rows]
    twice = sorted({unit for unit in rows if rows.count(unit) > 1})
    if unknown or missing or twice or frame.shape[1] == 0:
        problems = (("unknown", unknown), ("missing", missing), ("repeated", twice))
        found = "; ".join(f"{name}: {offenders(units)}" for name, units in problems if units)
        raise DataError(
            "The rows of a map's frame are not the units of the map.",
            expected="every unit once (NaN for no data) and at least one column",
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
    basemap: Basemap,
    *,
    swatch: Literal["patch", "line"] = "patch",
) -> Figure:
    """Compose panels, legends and notes; panel axes come first in the figure, each with its inset.

    Parameters
    ----------
    layers : sequence of Layer
        Panels, from left to right and downwards.
    keys : sequence of Key
        Legends, in order.
    notes : sequence of str
        Lines beneath the map, before projection and sources.
    labels : Labels
        Texts in the language of the output.
    basemap : Basemap
        Outlines, projection, and what must stand under a map.
    swatch : {"patch", "line"}, default "patch"
        Whether the legend shows filled patches or lines.

    Returns
    -------
    matplotlib.figure.Figure
        Laid out and ready to be saved.
    """
    with style(labels):
        lines = note_lines([*notes, labels.text("map.projection"), *basemap.credit], labels)
        titled = any(layer.title for layer in layers)
        figure, panels, legend_axes = _sheet(
            len(layers), keys, len(lines), basemap.frame.extent, titled=titled
        )
        columns = 1 if len(layers) == 1 else 2
        for axes, layer in zip(panels, layers, strict=True):
            _draw_panel(axes, layer, basemap, columns, labels)
        for position, key in enumerate(keys):
            _draw_legend(legend_axes, key, position, len(keys), labels, swatch, len(layers))
        height = figure.get_figheight()
        for number, line in enumerate(reversed(lines)):
            y = (MARGIN * 0.6 + number * NOTE_LINE) / height
            figure.text(MARGIN / PAGE_WIDTH, y, line, fontsize=NOTE_SIZE, color=INK, va="bottom")
    return figure


def _sheet(
    panels: int, keys: Sequence[Key], note_lines: int, extent: Extent, *, titled: bool
) -> tuple[Figure, list[Axes], Axes]:
    """Place the axes: one map, or two columns with the legend in a free cell or in a strip beneath."""
    from matplotlib.figure import Figure

    columns = 1 if panels == 1 else 2
    rows = math.ceil(panels / columns)
    width = (PAGE_WIDTH - (columns + 1) * MARGIN) / columns
    west, south, east, north = extent
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


def _draw_panel(axes: Axes, layer: Layer, basemap: Basemap, columns: int, labels: Labels) -> None:
    frame = basemap.frame
    _draw_area(axes, layer.colours, basemap, columns, frame.extent)
    if layer.title:
        axes.set_title(layer.title, pad=3.0)
    if frame.inset is not None:
        west, south, east, north = frame.inset.box
        inset = axes.inset_axes((west, south, east - west, north - south), transform=axes.transData)
        _draw_area(inset, layer.colours, basemap, columns, frame.inset.extent)
        if columns == 1:
            text = labels.text(frame.inset.name)
            inset.text(0.97, 0.02, text, transform=inset.transAxes, fontsize=5.0, ha="right", va="bottom")
    _draw_scale_bar(axes, frame.scale_bar, labels)
    _draw_north_arrow(axes, frame.north_arrow, labels)


@dataclass(frozen=True)
class _Ground:
    """What every panel of an extent draws: a path of each unit seen, the outer line and further lines."""

    units: Mapping[str, Path]
    outline: Sequence[NDArray[np.float64]]
    lines: Sequence[NDArray[np.float64]]


@cache
def _ground(basemap: Basemap, columns: int, extent: Extent) -> _Ground:
    seen = basemap.outlines(basemap.frame.tolerance[columns]).clip(extent)
    parts = zip(seen.units, seen.shapes, strict=True)
    paths = {unit: _path(geometry) for unit, geometry in parts if not geometry.is_empty}
    return _Ground(paths, _polylines(seen.outline), _polylines(seen.lines))


def _draw_area(
    axes: Axes, fill: Mapping[str, str | None], basemap: Basemap, columns: int, extent: Extent
) -> None:
    """Draw units, outer line and further lines within an extent."""
    from matplotlib.collections import LineCollection, PathCollection

    ground = _ground(basemap, columns, extent)
    coloured = [(path, fill[code]) for code, path in ground.units.items() if fill.get(code) is not None]
    blank = [path for code, path in ground.units.items() if fill.get(code) is None]
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
    for parts, width in ((ground.outline, 0.5), (ground.lines, 1.0)):
        lines = LineCollection(parts, colors=INK, linewidths=width, zorder=2)
        axes.add_collection(lines, autolim=False)
    west, south, east, north = extent
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], aspect="equal")
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.5, color=MUTED)


def _path(geometry: Any) -> Path:
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


def _draw_scale_bar(axes: Axes, place: tuple[float, float, float], labels: Labels) -> None:
    """Draw a bar whose length is true along the standard parallels, in two halves."""
    from matplotlib.patches import Rectangle

    x, y, length = place
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


def _draw_north_arrow(axes: Axes, place: tuple[float, float, float], labels: Labels) -> None:
    """Draw the arrow on the central meridian, the one line of the map where up is true north."""
    from matplotlib.patches import Polygon

    x, foot, head = place
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


def by_column(rows: pd.DataFrame, value: str, columns: Sequence[int], units: Sequence[str]) -> pd.DataFrame:
    """Return the values of units and periods with the units in rows and the wanted periods in columns.

    Parameters
    ----------
    rows : DataFrame
        Columns ``unit``, ``period`` and the value's.
    value : str
        Name of the column of values.
    columns : sequence of int
        Periods, in the order of the columns.
    units : sequence of str
        In the order of the rows; a unit without a row has missing values.

    Returns
    -------
    DataFrame
    """
    wide = rows.pivot(index="unit", columns="period", values=value)
    return wide.reindex(index=list(units), columns=list(columns))
