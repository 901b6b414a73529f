"""The projection of a map chosen for its extent: equal-area, so that shaded areas compare."""

from __future__ import annotations

from shuyi.errors import ConfigError
from shuyi.publish.projection import Projection

Bounds = tuple[float, float, float, float]
"""West, south, east and north, degrees."""

TROPICAL, POLAR = 15.0, 65.0
"""Latitude of the middle up to which a cylinder, and beyond which a plane is taken, degrees."""
WORLD = 160.0
"""Extent in longitude beyond which a projection of the whole globe is chosen, degrees."""


def projection_for(bounds: Bounds, definition: str = "") -> Projection:
    """Return the given projection, or an equal-area one for an extent.

    Albers' cone with standard parallels a sixth of the latitudes from either edge (Snyder 1987, p. 99) serves
    middle latitudes, Lambert's cylinder the tropics, Lambert's azimuthal projection high latitudes and
    extents that are tall rather than wide, Equal Earth most of the globe.

    Parameters
    ----------
    bounds : (west, south, east, north)
        Degrees.
    definition : str, default ""
        In PROJ's language or as ``EPSG:...``.

    Returns
    -------
    Projection
        In metres.

    Raises
    ------
    ConfigError
        If the definition is unknown to PROJ or no plane in metres.

    Examples
    --------
    >>> from shuyi.own.projections import projection_for
    >>> projection_for((-124.7, 24.5, -67.0, 49.4)).definition[:10]
    '+proj=aea '
    """
    if definition:
        return _checked(definition)
    west, south, east, north = bounds
    lon, lat = round((west + east) / 2, 1), round((south + north) / 2, 1)
    tail = "+datum=WGS84 +units=m"
    if east - west > WORLD:
        return Projection(f"+proj=eqearth +lon_0={lon:g} {tail}")
    if abs(lat) < TROPICAL and abs(lat) + (north - south) / 2 < POLAR:
        return Projection(f"+proj=cea +lat_ts={abs(lat):g} +lon_0={lon:g} {tail}")
    if abs(lat) > POLAR or (north - south) > 1.5 * (east - west) or south * north < 0:
        return Projection(f"+proj=laea +lat_0={lat:g} +lon_0={lon:g} {tail}")
    sixth = (north - south) / 6
    first, second = round(south + sixth, 1), round(north - sixth, 1)
    return Projection(f"+proj=aea +lat_1={first:g} +lat_2={second:g} +lat_0={lat:g} +lon_0={lon:g} {tail}")


def _checked(definition: str) -> Projection:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(definition)
    except CRSError as error:
        raise ConfigError(
            "The projection of the maps is unknown.",
            expected="a code such as EPSG:3035, or a definition in PROJ's language",
            found=f"{definition!r} ({error})",
        ) from None
    if not crs.is_projected or crs.axis_info[0].unit_name not in ("metre", "meter"):
        raise ConfigError(
            "The projection of the maps is no plane in metres.",
            expected="a projected coordinate system in metres, such as EPSG:3035",
            found=f"{definition!r}: {crs.name}",
        )
    return Projection(definition)
