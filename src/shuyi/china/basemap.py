"""The basemap of China: what every published map of the country must carry.

Albers equal-area conic projection (central meridian 105 E, standard parallels 25 and 47 N), the ten-dash
line, the South China Sea inset, Hong Kong, Macao and Taiwan without data, the sources and the map approval
number.
"""

from __future__ import annotations

from shuyi.china.boundaries import OUTSIDE, boundaries
from shuyi.china.projection import PROJECTION
from shuyi.china.provinces import codes
from shuyi.errors import ConfigError
from shuyi.publish.basemap import Basemap, Inset, MapFrame
from shuyi.publish.projection import KM

INSET = Inset(
    extent=(330 * KM, 290 * KM, 1880 * KM, 2450 * KM),
    box=(1860 * KM, 1820 * KM, 2590 * KM, 2837 * KM),
    name="map.inset",
)
"""The South China Sea; the box lies south-east of Taiwan's islands."""
FRAME = MapFrame(
    extent=(-2720 * KM, 1790 * KM, 2620 * KM, 6000 * KM),
    scale_bar=(-1080 * KM, 1865 * KM, 1000 * KM),
    north_arrow=(0.0, 5380 * KM, 5680 * KM),
    tolerance={1: 3 * KM, 2: 5 * KM},
    inset=INSET,
)
"""The tolerances are about 0.3 pt on the page."""


def provinces_basemap(approval: str, source: str) -> Basemap:
    """Return the basemap of the 31 provinces.

    Parameters
    ----------
    approval : str
        The map approval number with its heading, printed as given.
    source : str
        Sources of boundaries and data, printed as given.

    Returns
    -------
    Basemap

    Raises
    ------
    ConfigError
        If either is blank.
    """
    if not approval.strip():
        raise ConfigError(
            "No map can be drawn without a map approval number.",
            expected="maps.approval_number holds the number under which the boundaries were approved",
            found="an empty text",
            remedy="copy the number (审图号) from the page the boundaries come from",
        )
    if not source.strip():
        raise ConfigError("No map can be drawn without its sources.", found="an empty source text")
    return Basemap(codes(), OUTSIDE, boundaries, PROJECTION, FRAME, (source, approval))
