"""The units of a paper of one's own: names, groupings, points and the projection of its maps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from shuyi.errors import DataError
from shuyi.own.projections import projection_for
from shuyi.regions import Grouping

if TYPE_CHECKING:
    from shuyi.own.boundaries import Boundaries
    from shuyi.publish.projection import Projection
    from shuyi.units import Units


@dataclass(frozen=True, eq=False)
class OwnPlaces:
    """The units of a table (`shuyi.analyses.base.Places`).

    Parameters
    ----------
    units : Units
        Table of units.
    second : str, default "zh"
        Language of the second names; every other language shows the first.
    boundaries : Boundaries, optional
        Outlines, whose inner points stand for units without coordinates.
    definition : str, default ""
        Projection of the maps in PROJ's language or as ``EPSG:...``; chosen for the extent where empty.

    Examples
    --------
    >>> from shuyi.units import Unit, Units
    >>> units = Units((Unit("1", "Alba", lon=9.0, lat=45.0), Unit("2", "Borea", lon=9.5, lat=46.0)))
    >>> places = OwnPlaces(units)
    >>> places.codes, places.rectangle
    (('1', '2'), ((9, 10), (45, 46)))
    """

    units: Units
    second: str = "zh"
    boundaries: Boundaries | None = None
    definition: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """Ids in the order of the table."""
        return self.units.ids

    @property
    def schemes(self) -> tuple[str, ...]:
        """Names of the grouping columns."""
        return self.units.groupings

    @cached_property
    def coordinates(self) -> Mapping[str, tuple[float, float]]:
        """Latitude and longitude of each unit: of the table, else a point inside its outline."""
        given = self.units.coordinates
        inner = self.boundaries.points if self.boundaries is not None else {}
        return {unit: given.get(unit) or inner[unit] for unit in self.codes if unit in given or unit in inner}

    @property
    def clusters(self) -> Mapping[str, tuple[str, ...]]:
        """Nothing: clusters of a table are groupings like any other."""
        return {}

    @cached_property
    def projection(self) -> Projection:
        """Projection of the maps."""
        return projection_for(self._bounds, self.definition)

    @property
    def rectangle(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Longitudes and latitudes, in whole degrees, that hold all units."""
        west, south, east, north = self._bounds
        return (math.floor(west), math.ceil(east)), (math.floor(south), math.ceil(north))

    @cached_property
    def _bounds(self) -> tuple[float, float, float, float]:
        if self.boundaries is not None:
            return self.boundaries.bounds
        points = list(self.coordinates.values())
        if not points:
            raise DataError(
                "The units of the paper have no place on a map.",
                expected="columns lon and lat in the table of units, or boundaries",
                found="neither",
                remedy="add them, or leave out what needs distances and maps",
            )
        lats, lons = zip(*points, strict=True)
        return min(lons), min(lats), max(lons), max(lats)

    def names(self, language: str) -> Mapping[str, str]:
        """Return the display name of each unit.

        Parameters
        ----------
        language : str
            Language of the texts, "en" or "zh".

        Returns
        -------
        mapping of str to str
            Name by id.
        """
        return self.units.names(language == self.second)

    def grouping(self, scheme: str, units: Sequence[str]) -> Grouping:
        """Return a grouping of some units.

        Parameters
        ----------
        scheme : str
            Name of a grouping column.
        units : sequence of str
            Ids, in the order wanted.

        Returns
        -------
        Grouping
            One group per unit.

        Raises
        ------
        DataError, AlignmentError
            If there is no such column, or a unit has no group.
        """
        return Grouping.from_mapping(scheme, self.units.group(scheme), units)
