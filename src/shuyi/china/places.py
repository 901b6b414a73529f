"""The provinces as the units of a paper: names, coordinates of the capitals, region schemes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from shuyi.china import provinces, regions
from shuyi.china.projection import PROJECTION, RECTANGLE

if TYPE_CHECKING:
    from shuyi.publish.projection import Projection
    from shuyi.regions import Grouping


class Provinces:
    """The 31 provinces of the sample (`shuyi.analyses.base.Places`)."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the provinces in increasing order."""
        return provinces.codes()

    @property
    def schemes(self) -> tuple[str, ...]:
        """Names of the region schemes."""
        return regions.SCHEMES

    @property
    def coordinates(self) -> Mapping[str, tuple[float, float]]:
        """Latitude and longitude of each capital in degrees."""
        return provinces.coordinates_of_capitals()

    @property
    def clusters(self) -> Mapping[str, tuple[str, ...]]:
        """Members of each city cluster and river belt; they may overlap."""
        return provinces.clusters()

    @property
    def projection(self) -> Projection:
        """Projection of the maps."""
        return PROJECTION

    @property
    def rectangle(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Longitudes and latitudes, in whole degrees, that hold the outline."""
        return RECTANGLE

    def names(self, language: str) -> Mapping[str, str]:
        """Return the display name of each province: English, or the short Chinese one.

        Parameters
        ----------
        language : str
            Language of the texts, "en" or "zh".

        Returns
        -------
        mapping of str to str
            Name by code.
        """
        return provinces.display_names("zh" if language == "zh" else "en")

    def grouping(self, scheme: str, units: Sequence[str]) -> Grouping:
        """Return a region scheme of some provinces (see `shuyi.china.regions.province_grouping`).

        Parameters
        ----------
        scheme : str
            Name of the region scheme.
        units : sequence of str
            Province codes, in the order wanted.

        Returns
        -------
        Grouping
            One region per province.

        Raises
        ------
        DataError, AlignmentError
            As `shuyi.china.regions.province_grouping`.
        """
        return regions.province_grouping(scheme, units)


PLACES = Provinces()
