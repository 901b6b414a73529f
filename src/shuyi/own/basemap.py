"""The ground of the maps of a paper of one's own: simplified outlines, or a disc at each unit's point."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.publish.basemap import Basemap, Extent, MapFrame, Outlines
from shuyi.publish.projection import Projection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.own.places import OwnPlaces

TOLERANCE = {1: 2000.0, 2: 1000.0}
"""Parts of the map's width that outlines are simplified to, by the columns of panels: a third of a point."""
SPECK = 4.0
"""Width of the smallest island with an outer line, in tolerances; on the page it would be a black dot."""
DISC = 0.35
"""Radius of a disc over the median distance between nearest units."""
MARGIN, TOP, BOTTOM = 0.03, 0.10, 0.09
"""Space around the units over the width of the map, and what arrow and scale bar take of its height."""
BAR = 0.25
"""Longest scale bar over the width of the map."""
ROUND = (1.0, 2.0, 5.0)
"""First digits of the length of a scale bar."""
NAMED = {"aea": "aea", "laea": "laea", "cea": "cea", "eqearth": "eqearth"}
"""Projections that a map describes in words, by their name in PROJ's language."""


def basemap_of(places: OwnPlaces, credit: Sequence[str]) -> Basemap | None:
    """Return what the maps of a paper are drawn on, or None where its units have no place.

    Parameters
    ----------
    places : OwnPlaces
        Units with outlines or points.
    credit : sequence of str
        Lines that stand beneath every map.

    Returns
    -------
    Basemap or None
        Outlines where there are boundaries, else discs; None where a unit has neither outline nor point.
    """
    if len(places.coordinates) < len(places.codes):
        return None
    projection, found = places.projection, places.boundaries
    shapes = _discs(places) if found is None else projection.project_shapes(found.shapes)
    units = places.codes if found is None else found.units
    extra = () if found is None else found.without_data
    inside = np.array([s for u, s in zip(units, shapes, strict=True) if u not in set(extra)], dtype=object)
    return Basemap(
        places.codes,
        extra,
        _outlines(units, shapes, simplify=found is not None),
        projection,
        _frame(inside),
        tuple(credit),
        described=describe_projection(projection),
    )


def describe_projection(projection: Projection) -> tuple[str, Mapping[str, str]]:
    """Return the key of the sentence on a projection, and its fields.

    Parameters
    ----------
    projection : Projection
        Of the maps.

    Returns
    -------
    str
        Key of a label.
    mapping of str to str
        Degrees with their side of the globe, or the definition.
    """
    parts = dict(
        part.removeprefix("+").split("=", 1) for part in projection.definition.split() if "=" in part
    )
    kind = NAMED.get(parts.get("proj", ""))
    if kind is None:
        return "map.projection.given", {"definition": projection.definition}
    fields = {
        "meridian": _degrees(float(parts.get("lon_0", 0)), "EW"),
        "latitude": _degrees(float(parts.get("lat_0", 0)), "NS"),
        "first": _degrees(float(parts.get("lat_1", parts.get("lat_ts", 0))), "NS"),
        "second": _degrees(float(parts.get("lat_2", 0)), "NS"),
    }
    return f"map.projection.{kind}", fields


def _degrees(value: float, sides: str) -> str:
    return f"{abs(value):g}° {sides[value < 0]}" if value else "0°"


def _outlines(units: Sequence[str], shapes: NDArray[Any], *, simplify: bool) -> Any:
    import shapely

    width = _width(shapes)

    @cache
    def drawn(tolerance: float) -> Outlines:
        simple = shapely.coverage_simplify(shapes, tolerance) if simplify else shapes
        parts = shapely.get_parts(shapely.union_all(simple)) if simplify else []
        rings = [p.exterior for p in parts if p.area > (SPECK * width / TOLERANCE[1]) ** 2]
        return Outlines(tuple(units), simple, shapely.MultiLineString(rings), shapely.MultiLineString())

    return drawn


def _width(shapes: NDArray[Any]) -> float:
    import shapely

    west, _, east, _ = shapely.total_bounds(shapes)
    return float(east - west)


def _discs(places: OwnPlaces) -> NDArray[Any]:
    import shapely
    from scipy.spatial import KDTree

    lat, lon = np.array([places.coordinates[unit] for unit in places.codes]).T
    points = places.projection.project(lon, lat)
    nearest = KDTree(points).query(points, k=2)[0][:, 1] if len(points) > 1 else np.array([1e5])
    radius = DISC * float(np.median(nearest[nearest > 0])) if (nearest > 0).any() else 1e4
    return np.asarray(shapely.buffer(shapely.points(points), radius), dtype=object)


def _frame(shapes: NDArray[Any]) -> MapFrame:
    """Return the extent around the units with room for the north arrow above and the scale bar below them."""
    import shapely

    west, south, east, north = (float(v) for v in shapely.total_bounds(shapes))
    width, height = east - west, north - south
    pad = MARGIN * width
    extent: Extent = (
        west - pad,
        south - pad - BOTTOM * height,
        east + pad,
        north + pad + TOP * height,
    )
    length = _round_length(BAR * width)
    bar = (west, extent[1] + 0.25 * pad + 0.01 * height, length)
    middle = min(max(0.0, west), east)
    arrow = (middle, north + pad / 2, north + pad / 2 + 0.6 * TOP * height)
    tolerance = {columns: width / parts for columns, parts in TOLERANCE.items()}
    return MapFrame(extent, bar, arrow, tolerance, legend_inside=False)


def _round_length(longest: float) -> float:
    power = 10.0 ** math.floor(math.log10(longest))
    return max(digit * power for digit in ROUND if digit * power <= longest)
