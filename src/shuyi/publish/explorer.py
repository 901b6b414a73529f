"""The explorer: one HTML file that holds its data, its programs and the drawing library.

The page may load nothing and run nothing but the programs whose digests its policy names. Data stand in it as
JSON with every ``<``, ``>`` and ``&`` escaped, so that no text of a user can end the element or be run.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi import files
from shuyi.publish.projection import KM

if TYPE_CHECKING:
    from shuyi.publish.basemap import Basemap, Extent, MapFrame
    from shuyi.publish.labels import Labels


PROGRAMS = ("numbers", "arithmetic", "state", "figures", "views", "page")
"""Programs of the page, in the order in which they are read."""
LIBRARY = ("plotly", "package_data/plotly.min.js")
"""Package and path of the drawing library (plotly.js, MIT)."""
STEPS = 5000
"""Steps of the grid that maps are rounded to, from west to east: several on each dot of a screen."""


def render(record: Mapping[str, Any], title: str) -> bytes:
    """Return the page.

    Parameters
    ----------
    record : mapping
        What `shuyi.analyses.explorer.contents.contents` gives: finite numbers, text, lists, None.
    title : str
        Title of the document.

    Returns
    -------
    bytes
        UTF-8 HTML that loads nothing.
    """
    import jinja2

    library = files.read_package_text(*LIBRARY).replace("</script", "<\\/script")
    programs = "\n".join(files.read_resource(f"explorer.{name}.js") for name in PROGRAMS)
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
        files.read_resource("explorer.html")
    )
    text = template.render(
        title=title,
        policy=" ".join(f"'sha256-{_digest(text)}'" for text in (library, programs)),
        style=files.read_resource("explorer.css"),
        library=library,
        programs=programs,
        data=json_text(record),
    )
    return text.encode()


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def json_text(record: Mapping[str, Any]) -> str:
    r"""Return data as JSON that may stand inside an HTML element of any kind.

    Parameters
    ----------
    record : mapping
        Plain data.

    Returns
    -------
    str
        Without ``<``, ``>`` and ``&``.

    Raises
    ------
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> from shuyi.publish.explorer import json_text
    >>> json_text({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def map_record(basemaps: Sequence[Basemap | None], words: Sequence[Labels]) -> dict[str, Any] | None:
    """Return the ground of the maps on a grid of `STEPS` steps across the map, from its south-west corner.

    Parameters
    ----------
    basemaps : sequence of Basemap or None
        The same ground with its credit in every language.
    words : sequence of Labels
        The languages, in the same order.

    Returns
    -------
    dict or None
        Width and height, box of the inset, rings of every unit (those of the inset moved into its box), outer
        and further lines, scale bar with its length in km, north arrow, credit; None without boundaries.
    """
    first = basemaps[0]
    if first is None:
        return None
    frame = first.frame
    outlines = first.outlines(frame.tolerance[1])
    grid = _Grid.of(frame)
    units: dict[str, list[Any]] = {unit: [] for unit in outlines.units}
    lines: list[Any] = []
    for window, carried in _windows(frame, grid):
        for unit, shape in zip(outlines.units, outlines.shapes, strict=True):
            units[unit] += _rings(_within(shape, window), carried)
        for shape in (outlines.outline, outlines.lines):
            lines += _rings(_within(shape, window), carried)
    left, height, length = frame.scale_bar
    middle, foot, head = frame.north_arrow
    return {
        "size": grid.whole([frame.extent[2:]])[0],
        "inset": None if frame.inset is None else _corners(frame.inset.box, grid),
        "units": units,
        "lines": lines,
        "without_data": list(first.without_data),
        "scale_bar": [*grid.whole([(left, height)])[0], round(length / grid.step)],
        "scale_km": length / KM,
        "north_arrow": [grid.whole([(middle, foot)])[0], grid.whole([(middle, head)])[0]],
        "credit": {
            labels.language: list(each.credit)
            for labels, each in zip(words, basemaps, strict=True)
            if each is not None
        },
    }


@dataclass(frozen=True)
class _Grid:
    """A grid on the plane of a map: metres of a step, and metres east and north of its origin."""

    step: float
    origin: tuple[float, float]

    @classmethod
    def of(cls, frame: MapFrame) -> _Grid:
        west, south, east, _ = frame.extent
        return cls((east - west) / STEPS, (west, south))

    def whole(self, metres: Any) -> list[list[int]]:
        """Return the nearest points of the grid."""
        return np.round((np.asarray(metres) - self.origin) / self.step).astype(int).tolist()


def _corners(box: Extent, grid: _Grid) -> list[int]:
    return [value for corner in grid.whole([box[:2], box[2:]]) for value in corner]


def _windows(frame: MapFrame, grid: _Grid) -> list[tuple[Any, _Grid]]:
    """Return what is seen of the ground: the map without the box of its inset, and the inset in that box."""
    import shapely

    whole = shapely.box(*frame.extent)
    if frame.inset is None:
        return [(whole, grid)]
    extent, box = frame.inset.extent, frame.inset.box
    scale = min((box[2] - box[0]) / (extent[2] - extent[0]), (box[3] - box[1]) / (extent[3] - extent[1]))
    x, y = (extent[i] - (box[i] - grid.origin[i]) / scale for i in (0, 1))
    carried = _Grid(grid.step / scale, (x, y))
    return [(whole.difference(shapely.box(*box)), grid), (shapely.box(*extent), carried)]


def _within(shape: Any, window: Any) -> Any:
    import shapely

    return shape if shapely.contains_properly(window, shape) else shapely.intersection(shape, window)


def _rings(shape: Any, grid: _Grid) -> list[list[list[int]]]:
    """Return the rings or lines of a geometry as lists of x and of y on a grid."""
    import shapely

    found = []
    for part in shapely.get_parts(shape):
        if part.is_empty:
            continue
        lines = [part] if part.geom_type in ("LineString", "LinearRing") else []
        if part.geom_type == "Polygon":
            lines = [part.exterior, *part.interiors]
        found += [_without_repetition(grid.whole(shapely.get_coordinates(line))) for line in lines]
    return [ring for ring in found if len(ring[0]) > 1]


def _without_repetition(points: list[list[int]]) -> list[list[int]]:
    """Return x and y of points, equal neighbours once."""
    kept = [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]
    return [list(values) for values in zip(*kept, strict=True)]
