"""Official series as arrays in base units, each over its own coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from shuyi.data.snapshot import tidy_figures
from shuyi.errors import DataError, did_you_mean, offenders

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


BASE_UNITS: Mapping[str, tuple[float, str]] = {
    "100 million CNY": (1e8, "CNY"),
    "10,000 CNY": (1e4, "CNY"),
    "CNY per person": (1.0, "CNY per person"),
    "10,000 persons": (1e4, "persons"),
    "10,000 accounts": (1e4, "accounts"),
    "10,000 ports": (1e4, "ports"),
    "10,000 GB": (1e4, "GB"),
    "10,000": (1e4, "number"),
    "pieces": (1.0, "pieces"),
    "enterprises": (1.0, "enterprises"),
    "km": (1.0, "km"),
    "index": (1.0, "previous year = 100"),
    "per 100 enterprises": (1.0, "per 100 enterprises"),
    "per 100 employees": (1.0, "per 100 employees"),
}
"""Factor and base unit of each unit in the codebook, so that ratios need no further conversion."""

REBASED_AT = 100.0
"""Level of the previous year in an index of the kind "previous year = 100"."""


@dataclass(frozen=True)
class Caveat:
    """One row of ``caveats.csv``: what is known about cells of a series; ``units`` names who is concerned.

    Parameters
    ----------
    series : str
        Name of the series.
    kind : str
        For example ``"break"`` (definition or coverage changes in the first year) or ``"doubtful"``.
    units : tuple of str
        Labels of the units.
    first_year, last_year : int
        Years concerned, both included.
    note : str
        What is known.
    """

    series: str
    kind: str
    units: tuple[str, ...]
    first_year: int
    last_year: int
    note: str


@dataclass(frozen=True, eq=False)
class Series:
    """One official series.

    Parameters
    ----------
    name : str
        As in the codebook.
    values : ndarray, shape (T, n)
        In base units; NaN where nothing is printed. Row t is year ``first_year + t``.
    first_year : int
        Year of the first row.
    measure : str
        Base unit.
    """

    name: str
    values: NDArray[np.float64]
    first_year: int
    measure: str

    @property
    def years(self) -> tuple[int, ...]:
        """Years that the series covers."""
        return tuple(range(self.first_year, self.last_year + 1))

    @property
    def last_year(self) -> int:
        """Last year that the series covers."""
        return self.first_year + len(self.values) - 1

    def covers(self, first_year: int, last_year: int) -> bool:
        """Whether the series covers every year from the first to the last.

        Parameters
        ----------
        first_year, last_year : int
            Years asked for, both included.

        Returns
        -------
        bool
            Coverage says nothing of missing cells.
        """
        return self.first_year <= first_year and last_year <= self.last_year

    def window(self, first_year: int, last_year: int) -> NDArray[np.float64]:
        """Return the values of the years from the first to the last, shape (T, n).

        Parameters
        ----------
        first_year, last_year : int
            Years asked for, both included.

        Returns
        -------
        ndarray, shape (T, n)
            A view of the values; missing cells are NaN.

        Raises
        ------
        DataError
            If a year lies outside the coverage.
        """
        if not self.covers(first_year, last_year):
            raise DataError(
                f"The series {self.name!r} does not cover the years asked for.",
                expected=f"years within {self.first_year}-{self.last_year}",
                found=f"{first_year}-{last_year}",
                remedy="change first_year, last_year or base_year of the panel, or leave the variable out",
            )
        start = first_year - self.first_year
        return self.values[start : start + last_year - first_year + 1]


@dataclass(frozen=True, eq=False)
class SeriesTable:
    """All official series of the same units.

    Parameters
    ----------
    series : mapping of str to Series
        By name.
    units : tuple of str
        Ids of the units, the second axis of every series.
    """

    series: Mapping[str, Series]
    units: tuple[str, ...]

    def __getitem__(self, name: str) -> Series:
        """Return a series by its name."""
        if name not in self.series:
            raise DataError(
                f"There is no official series {name!r}.",
                expected=f"one of {offenders(self.series, 12)}",
                remedy=did_you_mean(name, self.series),
            )
        return self.series[name]

    def with_values(self, name: str, values: NDArray[np.float64]) -> SeriesTable:
        """Return a table in which one series has other values.

        Parameters
        ----------
        name : str
            Name of the series.
        values : ndarray, shape (T, n)
            Its new values, of the same years.

        Returns
        -------
        SeriesTable
            A new table; this one stays as it is.
        """
        return SeriesTable({**self.series, name: replace(self[name], values=values)}, self.units)


def series_table(figures: pd.DataFrame, codebook: pd.DataFrame, units: Sequence[str]) -> SeriesTable:
    """Arrange the printed figures by series and convert them to base units.

    Parameters
    ----------
    figures : DataFrame
        Columns indicator, province_code, year, value.
    codebook : DataFrame
        Columns indicator and unit.
    units : sequence of str, length n
        Ids of the units, in the order of the second axis.

    Returns
    -------
    SeriesTable
        One series per indicator, over the years in which it is printed.

    Raises
    ------
    DataError
        If an indicator is not in the codebook, its unit is unknown, or a cell occurs twice.
    """
    tidy = tidy_figures(figures)
    unit_of = dict(zip(codebook["indicator"], codebook["unit"], strict=True))
    found = {str(name): group for (name,), group in tidy.groupby(["indicator"])}
    _check_known(found, unit_of)
    return SeriesTable(
        {name: _series(name, group, unit_of[name], units) for name, group in found.items()}, tuple(units)
    )


def caveats_from(table: pd.DataFrame, units: Sequence[str]) -> tuple[Caveat, ...]:
    """Return the caveats of a table with the columns of ``caveats.csv``.

    Parameters
    ----------
    table : DataFrame of str
        One row per caveat.
    units : sequence of str
        Ids of the units that a caveat of ``all`` concerns.

    Returns
    -------
    tuple of Caveat
        In the order of the rows.
    """
    return tuple(
        Caveat(
            row.indicator,
            row.kind,
            tuple(units) if row.province_code == "all" else (row.province_code,),
            int(row.first_year),
            int(row.last_year),
            row.note,
        )
        for row in table.itertuples()
    )


def break_years(caveats: Sequence[Caveat], name: str) -> tuple[int, ...]:
    """Return the years in which the definition or coverage of a series changes, in increasing order.

    Parameters
    ----------
    caveats : sequence of Caveat
        Of any series.
    name : str
        The series.

    Returns
    -------
    tuple of int
        Each the first year of another definition.
    """
    return tuple(sorted(c.first_year for c in caveats if c.kind == "break" and c.series == name))


def withdraw_doubtful(table: SeriesTable, caveats: Sequence[Caveat]) -> SeriesTable:
    """Return the table without the cells that a caveat of kind ``doubtful`` names.

    Parameters
    ----------
    table : SeriesTable
        As printed.
    caveats : sequence of Caveat
        Of any kind.

    Returns
    -------
    SeriesTable
        With NaN in the doubtful cells.
    """
    for caveat in caveats:
        if caveat.kind != "doubtful" or caveat.series not in table.series:
            continue
        series = table[caveat.series]
        values = series.values.copy()
        years = [y - series.first_year for y in range(caveat.first_year, caveat.last_year + 1)]
        values[np.ix_(years, [table.units.index(u) for u in caveat.units])] = np.nan
        table = table.with_values(caveat.series, values)
    return table


def _check_known(found: Mapping[str, pd.DataFrame], unit_of: Mapping[str, str]) -> None:
    absent = [name for name in found if name not in unit_of]
    strange = sorted({unit_of[name] for name in found if name not in absent} - set(BASE_UNITS))
    if absent or strange:
        what = (
            f"no row for {offenders(absent)}" if absent else "",
            f"unknown units {offenders(strange)}" if strange else "",
        )
        raise DataError(
            "The codebook does not describe every series.",
            expected=f"a row per indicator with a unit among {', '.join(BASE_UNITS)}",
            found="; ".join(filter(None, what)),
        )


def _series(name: str, group: pd.DataFrame, unit: str, units: Sequence[str]) -> Series:
    twice = group[group.duplicated(["province_code", "year"])]
    if len(twice):
        cells = (f"{row.province_code} {row.year}" for row in twice.itertuples())
        raise DataError(f"The series {name!r} has more than one figure per cell.", found=offenders(cells))
    first, last = int(group["year"].min()), int(group["year"].max())
    factor, measure = BASE_UNITS[unit]
    wide = group.pivot_table(index="year", columns="province_code", values="value")
    wide = wide.reindex(index=range(first, last + 1), columns=list(units))
    return Series(name, wide.to_numpy(dtype=np.float64) * factor, first, measure)
