"""Imputation by explicit rule, inside gaps only, with a log of every cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from shuyi.data.series import Caveat, Series, SeriesTable, break_years
from shuyi.errors import DataError, check_known

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

Method = Literal["linear", "geometric"]
METHODS: tuple[Method, ...] = ("linear", "geometric")


@dataclass(frozen=True)
class ImputedCell:
    """One imputed cell.

    Parameters
    ----------
    series, unit : str
        Name of the series and id of the unit.
    year : int
        Of the cell.
    method : str
        "linear" or "geometric".
    value : float
        In the base unit of the series.
    neighbours : tuple of (year, value)
        The printed cells before and after the gap that determine the value.
    """

    series: str
    unit: str
    year: int
    method: str
    value: float
    neighbours: tuple[tuple[int, float], tuple[int, float]]


def impute(
    table: SeriesTable, rules: Mapping[str, Method], caveats: Sequence[Caveat] = ()
) -> tuple[SeriesTable, tuple[ImputedCell, ...]]:
    """Fill the inner gaps of the series that a rule names.

    Parameters
    ----------
    table : SeriesTable
        As printed, without doubtful cells.
    rules : mapping of str to {"linear", "geometric"}
        Method by series; a series without a rule keeps its gaps.
    caveats : sequence of Caveat
        A gap is not filled across a break of the series.

    Returns
    -------
    SeriesTable
        With the gaps filled.
    tuple of ImputedCell
        In the order series, unit, year.

    Raises
    ------
    DataError
        If a method is unknown or a geometric rule meets a value that is not positive.
    """
    log: list[ImputedCell] = []
    for name in sorted(rules):
        filled, cells = fill_gaps(table[name], table.units, rules[name], break_years(caveats, name))
        table = table.with_values(name, filled)
        log += cells
    return table, tuple(log)


def fill_gaps(
    series: Series, units: Sequence[str], method: Method, breaks: Sequence[int] = ()
) -> tuple[NDArray[np.float64], tuple[ImputedCell, ...]]:
    """Fill the gaps of one series between printed cells of the same unit; never extrapolate.

    Linear interpolation in the level or, for ``geometric``, in the logarithm.

    Parameters
    ----------
    series : Series
        With gaps.
    units : sequence of str, length n
        Ids of its second axis.
    method : {"linear", "geometric"}
        Of the interpolation.
    breaks : sequence of int
        Years from which another definition holds; no gap is filled across them.

    Returns
    -------
    ndarray, shape (T, n)
        A copy with the gaps filled.
    tuple of ImputedCell
        In the order unit, year.

    Raises
    ------
    DataError
        If the method is unknown or a geometric rule meets a value that is not positive.
    """
    check_known(method, METHODS, f"imputation method {method!r}", DataError)
    values = series.values.copy()
    cells = [
        _cell(series, i, units[i], t, method, before, after)
        for i in range(values.shape[1])
        for t, before, after in _inner_gaps(series.values[:, i])
        if not any(before < b - series.first_year <= after for b in breaks)
    ]
    for cell in cells:
        values[cell.year - series.first_year, list(units).index(cell.unit)] = cell.value
    return values, tuple(cells)


def imputed_mask(
    log: Sequence[ImputedCell], name: str, years: Sequence[int], units: Sequence[str]
) -> NDArray[np.bool_]:
    """Return which cells of a series are imputed.

    Parameters
    ----------
    log : sequence of ImputedCell
        Of any series.
    name : str
        The series.
    years, units : sequence
        Rows and columns of the result.

    Returns
    -------
    ndarray of bool, shape (T, n)
        True where imputed.
    """
    imputed = {(cell.year, cell.unit) for cell in log if cell.series == name}
    return np.array([[(year, unit) in imputed for unit in units] for year in years], dtype=bool)


def log_frame(cells: Sequence[ImputedCell]) -> pd.DataFrame:
    """Return the log of imputed cells as a frame.

    Parameters
    ----------
    cells : sequence of ImputedCell
        The log.

    Returns
    -------
    DataFrame
        One row per cell with its two neighbours.
    """
    import pandas as pd

    columns = ["series", "unit", "year", "method", "value"]
    sides = ["before_year", "before_value", "after_year", "after_value"]
    rows = [(c.series, c.unit, c.year, c.method, c.value, *c.neighbours[0], *c.neighbours[1]) for c in cells]
    return pd.DataFrame(rows, columns=columns + sides)


def _inner_gaps(column: NDArray[np.float64]) -> list[tuple[int, int, int]]:
    printed = np.flatnonzero(~np.isnan(column))
    return [
        (gap, int(before), int(after))
        for before, after in pairwise(printed)
        for gap in range(before + 1, after)
    ]


def _cell(series: Series, i: int, unit: str, t: int, method: Method, before: int, after: int) -> ImputedCell:
    low, high = float(series.values[before, i]), float(series.values[after, i])
    share = (t - before) / (after - before)
    if method == "geometric" and min(low, high) <= 0.0:
        raise DataError(
            f"The geometric rule cannot fill {series.name!r}.",
            expected="positive neighbours",
            found=f"{low} and {high} for {unit} around {series.first_year + t}",
            remedy="use the linear rule",
        )
    value = low + share * (high - low) if method == "linear" else low * (high / low) ** share
    neighbours = ((series.first_year + before, low), (series.first_year + after, high))
    return ImputedCell(series.name, unit, series.first_year + t, method, value, neighbours)
