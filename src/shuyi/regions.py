"""Partitions of the units into regions. A result carries the name of the one scheme it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import AlignmentError, DataError, offenders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.panel import Panel


CLUSTER_SCHEME = "clusters"
OUTSIDE = "outside"
"""Region of the units that belong to no cluster."""
EVERY = "all"
"""Name of all units together, beside those of regions."""
ORDER = ("East", "Central", "West", "Northeast", "North", "South")
"""Order of regions in tables and figures; others follow in alphabetical order, "outside" last."""


@dataclass(frozen=True)
class Grouping:
    """A partition of units into regions.

    Parameters
    ----------
    scheme : str
        Name of the region scheme.
    units : tuple of str, length n
        Labels, in the order of a panel.
    membership : tuple of str, length n
        Region of each unit.

    Examples
    --------
    >>> from shuyi.regions import Grouping
    >>> grouping = Grouping("coast", ("a", "b", "c"), ("East", "West", "East"))
    >>> grouping.regions, grouping.sizes
    (('East', 'West'), (2, 1))
    >>> grouping.members("East")
    ('a', 'c')
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

    @property
    def region_of(self) -> dict[str, str]:
        """Region of each unit."""
        return dict(zip(self.units, self.membership, strict=True))

    def members(self, region: str) -> tuple[str, ...]:
        """Return the units of a region.

        Parameters
        ----------
        region : str
            Name of a region; of an unknown one there are no units.

        Returns
        -------
        tuple of str
            In the order of `units`.
        """
        return tuple(u for u, r in zip(self.units, self.membership, strict=True) if r == region)

    @classmethod
    def from_mapping(cls, scheme: str, region_of: Mapping[str, str], units: Sequence[str]) -> Grouping:
        """Build a grouping from the region of each unit.

        Parameters
        ----------
        scheme : str
            Name of the region scheme.
        region_of : mapping of str to str
            Region by unit; further units are ignored.
        units : sequence of str
            Units in the order wanted.

        Returns
        -------
        Grouping
            One region for each of the units.

        Raises
        ------
        AlignmentError
            If a unit has no region.
        """
        missing = [u for u in units if not region_of.get(u) or region_of[u] != region_of[u]]
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

        Parameters
        ----------
        clusters : mapping of str to sequence of str
            Members by name of the cluster.
        units : sequence of str
            Units in the order wanted.
        scheme : str, default CLUSTER_SCHEME
            Name of the region scheme.

        Returns
        -------
        Grouping
            One cluster, or "outside", for each of the units.

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
    """Return names of regions in the order of tables and figures, each once, "all" first.

    Parameters
    ----------
    names : iterable of str
        Names of regions, "all" and "outside" among them.

    Returns
    -------
    list of str
        Each name once.

    Examples
    --------
    >>> from shuyi.regions import in_order
    >>> in_order(["West", "outside", "East", "all"])
    ['all', 'East', 'West', 'outside']
    """
    place = {name: i for i, name in enumerate(ORDER)}
    return sorted(set(names), key=lambda r: (r != EVERY, place.get(r, len(place)), r == OUTSIDE, r))


def check_placed(panel: Panel, grouping: Grouping) -> None:
    """Raise AlignmentError unless a grouping names the panel's units in the panel's order.

    Parameters
    ----------
    panel : Panel
        Panel whose units are compared.
    grouping : Grouping
        Grouping to compare with them.

    Raises
    ------
    AlignmentError
        If the units differ or stand in another order.
    """
    if grouping.units != panel.units:
        other = [u for u, v in zip(grouping.units, panel.units, strict=False) if u != v]
        raise AlignmentError(
            f"The region scheme {grouping.scheme!r} names other units than the panel.",
            expected=f"the panel's {panel.n} units in its order",
            found=f"{len(grouping.units)} units; differing: {offenders(other)}",
            remedy="build the grouping from panel.units",
        )
