"""Partitions of the units into regions. A result carries the name of the one scheme it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi import provinces
from shuyi.errors import AlignmentError, DataError, offenders, refuse_unknown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.panel import Panel

CLUSTER_SCHEME = "clusters"
CITY_CLUSTERS = (
    "beijing_tianjin_hebei",
    "chengdu_chongqing",
    "greater_bay_area",
    "middle_yangtze",
    "yangtze_river_delta",
)
"""The clusters that do not overlap; the Yangtze belt, which holds three of them, is not among them."""
OUTSIDE = "outside"
"""Region of the units that belong to no cluster."""
EVERY = "all"
"""Name of all units together, beside those of regions."""
ORDER = ("East", "Central", "West", "Northeast", "North", "South")
"""Order of regions in tables and figures; others follow in alphabetical order, "outside" last."""
SCHEMES = (*provinces.REGION_SCHEMES, CLUSTER_SCHEME)


@dataclass(frozen=True)
class Grouping:
    """A partition of units into regions.

    Parameters
    ----------
    scheme : str
        Name of the region scheme.
    units : tuple of str, length n
    membership : tuple of str, length n
        Region of each unit.
    """

    scheme: str
    units: tuple[str, ...]
    membership: tuple[str, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions in alphabetical order, "outside" last."""
        return tuple(sorted(set(self.membership), key=lambda region: (region == OUTSIDE, region)))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of units of each region."""
        return tuple(self.membership.count(region) for region in self.regions)

    @property
    def positions(self) -> NDArray[np.intp]:
        """Position in `regions` of each unit's region, shape (n,)."""
        place = {region: g for g, region in enumerate(self.regions)}
        return np.array([place[region] for region in self.membership], dtype=np.intp)

    @property
    def indicator(self) -> NDArray[np.float64]:
        """One column of zeros and ones per region, shape (n, g)."""
        return np.eye(len(self.regions))[self.positions]

    def members(self, region: str) -> tuple[str, ...]:
        """Return the units of a region."""
        return tuple(u for u, r in zip(self.units, self.membership, strict=True) if r == region)

    @classmethod
    def from_mapping(cls, scheme: str, region_of: Mapping[str, str], units: Sequence[str]) -> Grouping:
        """Build a grouping from the region of each unit.

        Raises
        ------
        AlignmentError
            If a unit has no region.
        """
        missing = [unit for unit in units if not region_of.get(unit)]
        if missing:
            raise AlignmentError(
                f"The region scheme {scheme!r} does not place every unit.",
                expected=f"a region for each of {len(units)} units",
                found=f"none for {offenders(missing)}",
                remedy="add the units to the scheme, or leave them out of the panel",
            )
        return cls(scheme, tuple(units), tuple(region_of[unit] for unit in units))

    @classmethod
    def from_clusters(
        cls, clusters: Mapping[str, Sequence[str]], units: Sequence[str], scheme: str = CLUSTER_SCHEME
    ) -> Grouping:
        """Build a grouping from the members of clusters; units in none form the region "outside".

        Raises
        ------
        DataError
            If a unit belongs to two clusters, or a cluster has no member among the units.
        """
        homes = {unit: [c for c in sorted(clusters) if unit in clusters[c]] for unit in units}
        twice = [f"{unit} ({' and '.join(home)})" for unit, home in homes.items() if len(home) > 1]
        empty = [c for c in sorted(clusters) if not any(unit in clusters[c] for unit in units)]
        if twice or empty:
            raise DataError(
                "Clusters must partition the units.",
                expected="every unit in one cluster at most, every cluster with a member",
                found=f"in two clusters: {offenders(twice)}" if twice else f"empty: {offenders(empty)}",
                remedy="leave out one of the clusters",
            )
        return cls(scheme, tuple(units), tuple(home[0] if home else OUTSIDE for home in homes.values()))


def in_order(names: Iterable[str]) -> list[str]:
    """Return names of regions in the order of tables and figures, each once, "all" first."""
    place = {name: i for i, name in enumerate(ORDER)}
    return sorted(set(names), key=lambda r: (r != EVERY, place.get(r, len(place)), r == OUTSIDE, r))


def province_grouping(scheme: str, units: Sequence[str] | None = None) -> Grouping:
    """Return a registered region scheme of the provinces.

    Parameters
    ----------
    scheme : {"belt3", "nbs4", "north_south", "clusters"}
        ``"clusters"`` are the `CITY_CLUSTERS`; the other provinces form the region "outside".
    units : sequence of str, optional
        Province codes, by default all 31.

    Raises
    ------
    DataError
        If the scheme is unknown.
    AlignmentError
        If a unit is not a province of the sample.
    """
    refuse_unknown(scheme, SCHEMES, "region scheme", DataError)
    chosen = tuple(provinces.codes() if units is None else units)
    if scheme == CLUSTER_SCHEME:
        known = provinces.clusters()
        every = Grouping.from_clusters({name: known[name] for name in CITY_CLUSTERS}, provinces.codes())
        return Grouping.from_mapping(scheme, dict(zip(every.units, every.membership, strict=True)), chosen)
    registered = next(name for name in provinces.REGION_SCHEMES if name == scheme)
    return Grouping.from_mapping(scheme, provinces.region_scheme(registered), chosen)


def region_of(scheme: str) -> dict[str, str]:
    """Return the region of each province of the sample by code (see `province_grouping`)."""
    found = province_grouping(scheme)
    return dict(zip(found.units, found.membership, strict=True))


def refuse_misplaced(panel: Panel, grouping: Grouping) -> None:
    """Raise AlignmentError unless a grouping names the panel's units in the panel's order."""
    if grouping.units != panel.units:
        other = [u for u, v in zip(grouping.units, panel.units, strict=False) if u != v]
        raise AlignmentError(
            f"The region scheme {grouping.scheme!r} names other units than the panel.",
            expected=f"the panel's {panel.n} units in its order",
            found=f"{len(grouping.units)} units; differing: {offenders(other)}",
            remedy="build the grouping from panel.units",
        )


def other_groupings(scheme: str, units: Sequence[str] | None = None) -> list[Grouping]:
    """Return the registered region schemes of the provinces beside the named one."""
    return [province_grouping(other, units) for other in SCHEMES if other != scheme]
