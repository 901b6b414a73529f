"""The explorer: one HTML file that holds its data, its programs and the drawing library.

The page may load nothing and run nothing but the programs whose digests its policy names. Data stand in it as
JSON with every ``<``, ``>`` and ``&`` escaped, so that no text of a user can end the element or be run.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi import files
from shuyi.publish.projection import KM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.publish.basemap import Basemap, MapFrame
    from shuyi.publish.labels import Labels


PROGRAMS = ("numbers", "arithmetic", "state", "figures", "views", "page")
"""Programs of the page, in the order in which they are read."""
LIBRARY = ("plotly", "package_data/plotly.min.js")
"""Package and path of the drawing library (plotly.js, MIT)."""


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
    """Return the ground of the maps in kilometres of their projection, rounded to whole ones.

    Parameters
    ----------
    basemaps : sequence of Basemap or None
        The same ground with its credit in every language.
    words : sequence of Labels
        The languages, in the same order.

    Returns
    -------
    dict or None
        Extent, box of the inset, rings of every unit (those of the inset moved into its box), outer lines and
        further lines, scale bar, north arrow, credit; None for a paper without boundaries.
    """
    first = basemaps[0]
    if first is None:
        return None
    frame = first.frame
    outlines = first.outlines(frame.tolerance[1])
    units: dict[str, list[Any]] = {unit: [] for unit in outlines.units}
    lines: list[Any] = []
    for window, scale, shift in _windows(frame):
        for unit, shape in zip(outlines.units, outlines.shapes, strict=True):
            units[unit] += _rings(_within(shape, window), scale, shift)
        for shape in (outlines.outline, outlines.lines):
            lines += _rings(_within(shape, window), scale, shift)
    return {
        "extent": _km(frame.extent),
        "inset": None if frame.inset is None else _km(frame.inset.box),
        "units": units,
        "lines": lines,
        "without_data": list(first.without_data),
        "scale_bar": _km(frame.scale_bar),
        "north_arrow": _km(frame.north_arrow),
        "credit": {
            labels.language: list(each.credit)
            for labels, each in zip(words, basemaps, strict=True)
            if each is not None
        },
    }


def _km(metres: Sequence[float]) -> list[int]:
    return [round(value / KM) for value in metres]


def _windows(frame: MapFrame) -> list[tuple[Any, float, tuple[float, float]]]:
    """Return what is seen of the ground: the map without the box of its inset, and the inset in that box."""
    import shapely

    whole = shapely.box(*frame.extent)
    if frame.inset is None:
        return [(whole, 1.0, (0.0, 0.0))]
    extent, box = frame.inset.extent, frame.inset.box
    scale = min((box[2] - box[0]) / (extent[2] - extent[0]), (box[3] - box[1]) / (extent[3] - extent[1]))
    shift = (box[0] - scale * extent[0], box[1] - scale * extent[1])
    return [(whole.difference(shapely.box(*box)), 1.0, (0.0, 0.0)), (shapely.box(*extent), scale, shift)]


def _within(shape: Any, window: Any) -> Any:
    import shapely

    return shape if shapely.contains_properly(window, shape) else shapely.intersection(shape, window)


def _rings(shape: Any, scale: float, shift: tuple[float, float]) -> list[list[list[int]]]:
    """Return the rings or lines of a geometry as lists of x and of y in kilometres."""
    import shapely

    found = []
    for part in shapely.get_parts(shape):
        if part.is_empty:
            continue
        lines = [part] if part.geom_type in ("LineString", "LinearRing") else []
        if part.geom_type == "Polygon":
            lines = [part.exterior, *part.interiors]
        found += [_whole(shapely.get_coordinates(line) * scale + shift) for line in lines]
    return [ring for ring in found if len(ring[0]) > 1]


def _whole(metres: NDArray[np.float64]) -> list[list[int]]:
    """Return points in whole kilometres, equal neighbours once."""
    km = np.round(metres / KM).astype(int)
    kept = np.r_[True, (np.diff(km, axis=0) != 0).any(axis=1)]
    return km[kept].T.tolist()
