"""Map projections: degrees to metres on a plane, and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


KM = 1000.0
"""Metres of a kilometre."""
DEGREES = "EPSG:4326"
"""Longitude and latitude on WGS 84."""


@dataclass(frozen=True)
class Projection:
    """A map projection of longitudes and latitudes (WGS 84).

    Parameters
    ----------
    definition : str
        In PROJ's language, in metres.
    """

    definition: str

    def project(self, longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.float64]:
        """Project degrees to map coordinates.

        Parameters
        ----------
        longitude, latitude : ndarray, shape (n,)
            Degrees.

        Returns
        -------
        ndarray, shape (n, 2)
            Metres east and north.
        """
        return np.column_stack(_transformer(DEGREES, self.definition).transform(longitude, latitude))

    def unproject(self, east: NDArray[np.float64], north: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the degrees of map coordinates.

        Parameters
        ----------
        east, north : ndarray, shape (n,)
            Metres.

        Returns
        -------
        ndarray, shape (n, 2)
            Longitude and latitude, degrees.
        """
        return np.column_stack(_transformer(self.definition, DEGREES).transform(east, north))

    def project_shapes(self, shapes: Any) -> Any:
        """Project geometries of shapely.

        Parameters
        ----------
        shapes : geometry or ndarray of geometries
            In degrees.

        Returns
        -------
        geometry or ndarray of geometries
            In metres.
        """
        import shapely

        return shapely.transform(shapes, _transformer(DEGREES, self.definition).transform, interleaved=False)


@cache
def _transformer(source: str, target: str) -> Any:
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)
