"""Region schemes of the provinces as groupings: three belts, four regions, north and south, city clusters."""

from __future__ import annotations

from collections.abc import Sequence

from shuyi.china import provinces
from shuyi.errors import DataError, check_known
from shuyi.regions import CLUSTER_SCHEME, Grouping

CITY_CLUSTERS = (
    "beijing_tianjin_hebei",
    "chengdu_chongqing",
    "greater_bay_area",
    "middle_yangtze",
    "yangtze_river_delta",
)
"""The clusters that do not overlap; the Yangtze belt, which holds three of them, is not among them."""
SCHEMES = (*provinces.REGION_SCHEMES, CLUSTER_SCHEME)


def province_grouping(scheme: str, units: Sequence[str] | None = None) -> Grouping:
    """Return a registered region scheme of the provinces.

    Parameters
    ----------
    scheme : {"belt3", "nbs4", "north_south", "clusters"}
        ``"clusters"`` are the `CITY_CLUSTERS`; the other provinces form the region "outside".
    units : sequence of str, optional
        Province codes, by default all 31.

    Returns
    -------
    Grouping
        Of the units, in their order.

    Raises
    ------
    DataError
        If the scheme is unknown.
    AlignmentError
        If a unit is not a province of the sample.
    """
    check_known(scheme, SCHEMES, "region scheme", DataError)
    chosen = tuple(provinces.codes() if units is None else units)
    if scheme == CLUSTER_SCHEME:
        known = provinces.clusters()
        every = Grouping.from_clusters({name: known[name] for name in CITY_CLUSTERS}, provinces.codes())
        return Grouping.from_mapping(scheme, dict(zip(every.units, every.membership, strict=True)), chosen)
    registered = next(name for name in provinces.REGION_SCHEMES if name == scheme)
    return Grouping.from_mapping(scheme, provinces.region_scheme(registered), chosen)


def region_of(scheme: str) -> dict[str, str]:
    """Return the region of each province of the sample by code (see `province_grouping`).

    Parameters
    ----------
    scheme : {"belt3", "nbs4", "north_south", "clusters"}
        Name of the region scheme.

    Returns
    -------
    dict of str to str
        Region by code.

    Raises
    ------
    DataError
        If the scheme is unknown.
    """
    found = province_grouping(scheme)
    return dict(zip(found.units, found.membership, strict=True))


def other_groupings(scheme: str, units: Sequence[str] | None = None) -> list[Grouping]:
    """Return the registered region schemes of the provinces beside the named one.

    Parameters
    ----------
    scheme : {"belt3", "nbs4", "north_south", "clusters"}
        Name of the region scheme that is left out.
    units : sequence of str, optional
        Province codes, by default all 31.

    Returns
    -------
    list of Grouping
        In the order of `SCHEMES`.

    Raises
    ------
    AlignmentError
        If a unit is not a province of the sample.
    """
    return [province_grouping(other, units) for other in SCHEMES if other != scheme]
