"""The balanced panel: the only place where the stacking order exists.

Observations are period-major: row ``t * n + i`` of a stacked array is unit ``i`` in period ``t``, so that
``y_t`` is a contiguous block of ``n`` rows. Everything else works on arrays of shape ``(T, n)`` or
``(T, n, k)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import AlignmentError, DataError, did_you_mean, offenders
from shuyi.periods import gaps, parse_periods, step

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Panel:
    """A balanced panel of n units over T periods.

    Parameters
    ----------
    values : ndarray, shape (T, n, k)
        One layer per variable, in float64. Missing cells are NaN.
    units : tuple of str, length n
        Unit identifiers (for provinces the six-digit GB/T 2260 code).
    periods : tuple of int or Period, length T
        Increasing: years or numbered rounds as integers, halves, quarters and months as `Period`. Text, dates
        and pandas periods are read as what they name.
    variables : tuple of str, length k
        Names of the layers, each once.
    unit_names : mapping of str to str, default empty
        Display name by unit.
    measures : mapping of str to str, default empty
        Unit of measurement by variable.

    Raises
    ------
    DataError
        If the values do not fit the labels, or a label occurs twice.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.panel import Panel
    >>> panel = Panel(np.arange(12.0).reshape(2, 3, 2), ("a", "b", "c"), (2020, 2021), ("y", "x"))
    >>> panel
    <Panel of 3 units x 2 periods (2020-2021), 2 variables, 0 missing cells>
    >>> panel["y"]
    array([[ 0.,  2.,  4.],
           [ 6.,  8., 10.]])
    """

    values: NDArray[np.float64]
    units: tuple[str, ...]
    periods: tuple[Any, ...]
    variables: tuple[str, ...]
    unit_names: Mapping[str, str] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "periods", read_periods(self.periods))
        shape = (len(self.periods), len(self.units), len(self.variables))
        if self.values.shape != shape:
            raise DataError(
                "The values of a panel do not fit its labels.",
                expected=f"shape {shape} (periods, units, variables)",
                found=f"shape {self.values.shape}",
            )
        for labels, name in ((self.units, "unit"), (self.periods, "period"), (self.variables, "variable")):
            _check_unique(labels, name)
        _check_increasing(self.periods)
        _check_variable_names(self.variables)
        self.values.setflags(write=False)
        object.__setattr__(self, "unit_names", MappingProxyType(dict(self.unit_names)))
        object.__setattr__(self, "measures", MappingProxyType(dict(self.measures)))

    def __repr__(self) -> str:
        missing = int(np.isnan(self.values).sum())
        span = f"{self.periods[0]}-{self.periods[-1]}" if self.periods else "no periods"
        return (
            f"<Panel of {self.n} units x {self.T} periods ({span}), "
            f"{len(self.variables)} variables, {missing} missing cells>"
        )

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.units)

    @property
    def T(self) -> int:  # noqa: N802 - the field's symbol
        """Number of periods."""
        return len(self.periods)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        variables: Sequence[str] | None = None,
        unit_names: Mapping[str, str] | None = None,
        measures: Mapping[str, str] | None = None,
    ) -> Panel:
        """Build a panel from a frame indexed by (unit, period).

        Parameters
        ----------
        frame : DataFrame
            Two-level index, units first; numeric columns. Rows may come in any order; units keep the order
            of their first appearance, periods are sorted. Periods are whole numbers, dates, pandas periods or
            text that names them (see `read_periods`).
        variables : sequence of str, optional
            Columns that are taken, by default all.
        unit_names : mapping of str to str, optional
            Display name by unit.
        measures : mapping of str to str, optional
            Unit of measurement by variable.

        Returns
        -------
        Panel
            Units in the order in which they first occur, periods increasing, variables as the columns are.

        Raises
        ------
        DataError
            If the index has not two levels, or its first one holds the periods; if a label is missing or is
            no period; if a cell occurs twice; if a column has no name of its own, is not numeric or infinite;
            or if the panel is empty or unbalanced (the message names the missing cells).

        Examples
        --------
        >>> import pandas as pd
        >>> from shuyi.panel import Panel
        >>> index = pd.MultiIndex.from_product([["a", "b"], [2020, 2021]])
        >>> Panel.from_frame(pd.DataFrame({"y": [1.0, 2.0, 3.0, 4.0]}, index=index))["y"]
        array([[1., 3.],
               [2., 4.]])
        """
        if frame.index.nlevels != 2:
            raise DataError(
                "A panel needs a two-level index.",
                expected="a DataFrame indexed by (unit, period)",
                found=f"{frame.index.nlevels} level(s): {list(frame.index.names)}",
                remedy="call frame.set_index([unit_column, period_column])",
            )
        columns = list(frame.columns if variables is None else variables)
        _check_columns(frame, columns)
        units, unit_of_row = _coded(frame.index, 0)
        labels, period_of_row = _coded(frame.index, 1)
        _check_labelled(units, labels)
        check_roles(units, labels, frame.index.names)
        periods = list(read_periods(labels))
        _check_unique(periods, "period")
        by_time = sorted(range(len(periods)), key=lambda place: periods[place])
        periods = [periods[place] for place in by_time]
        period_of_row = np.argsort(by_time)[period_of_row] if len(by_time) else period_of_row
        size = len(periods) * len(units)
        cell = period_of_row * len(units) + unit_of_row
        if len(frame) != size or np.bincount(cell, minlength=size).max(initial=1) > 1:
            _check_unique_cells(frame)
            _check_balanced(frame, units, labels)
        values = np.empty((size, len(columns)))
        values[cell] = _numeric(frame, columns)
        _check_not_infinite(values, columns)
        return cls(
            values.reshape(len(periods), len(units), len(columns)),
            tuple(str(u) for u in units),
            tuple(periods),
            tuple(str(c) for c in columns),
            unit_names or {},
            measures or {},
        )

    def to_frame(self) -> pd.DataFrame:
        """Return a frame indexed by (unit, period), units slow and periods fast.

        Returns
        -------
        DataFrame
            One row per unit and period, one column per variable.
        """
        import pandas as pd

        index = pd.MultiIndex.from_product([self.units, self.periods], names=["unit", "period"])
        flat = self.values.transpose(1, 0, 2).reshape(self.n * self.T, -1)
        return pd.DataFrame(flat, index=index, columns=list(self.variables))

    def __getitem__(self, variable: str) -> NDArray[np.float64]:
        """Return one variable as an array of shape (T, n)."""
        return self.values[:, :, self._position(variable)]

    def array(self, variables: Sequence[str]) -> NDArray[np.float64]:
        """Return several variables as an array of shape (T, n, k), in the order asked for.

        Parameters
        ----------
        variables : sequence of str
            Names of panel variables.

        Returns
        -------
        ndarray, shape (T, n, k)
            A copy.

        Raises
        ------
        DataError
            If the panel has no such variable.
        """
        return self.values[:, :, [self._position(v) for v in variables]]

    def select(self, *, units: Sequence[str] | None = None, periods: Sequence[Any] | None = None) -> Panel:
        """Return the panel of the named units, in the order asked for, and of the named periods.

        Parameters
        ----------
        units : sequence of str, optional
            Units to keep; by default all.
        periods : sequence of int, optional
            Periods to keep; by default all.

        Returns
        -------
        Panel
            With all variables, names and units of measurement.

        Raises
        ------
        AlignmentError
            If a unit or a period is not in the panel.
        DataError
            If periods do not increase: lags and differences would then take the wrong one for the last.
        """
        units = self.units if units is None else tuple(units)
        periods = self.periods if periods is None else read_periods(periods)
        rows = _positions(units, self.units, "unit")
        layers = _positions(periods, self.periods, "period")
        values = self.values[np.ix_(layers, rows)]
        return Panel(values, units, periods, self.variables, self.unit_names, self.measures)

    def with_variables(
        self, columns: Mapping[str, NDArray[np.float64]], measures: Mapping[str, str] | None = None
    ) -> Panel:
        """Return a panel with variables of shape (T, n) added or replaced.

        Parameters
        ----------
        columns : mapping of str to ndarray of shape (T, n)
            New values by name; a name of the panel replaces its variable, which moves to the end.
        measures : mapping of str to str, optional
            Unit of measurement of the new variables.

        Returns
        -------
        Panel
            A new panel; this one stays as it is.

        Raises
        ------
        DataError
            If the units of the new values do not fit the panel's.
        """
        _check_plain(columns, (self.T, self.n))
        kept = [v for v in self.variables if v not in columns]
        layers = [self.array(kept), *(np.asarray(c, float)[:, :, None] for c in columns.values())]
        return Panel(
            np.concatenate(layers, axis=2),
            self.units,
            self.periods,
            (*kept, *columns),
            self.unit_names,
            {**self.measures, **(measures or {})},
        )

    def join(self, other: Panel) -> Panel:
        """Return a panel with the variables of another panel of the same units and periods.

        Parameters
        ----------
        other : Panel
            Panel of the same units and periods; its variables replace those of the same name.

        Returns
        -------
        Panel
            The variables of both panels, those of the other last.

        Raises
        ------
        AlignmentError
            If the other panel has other units or periods, or holds them in another order.
        DataError
            If a variable stands in both.
        """
        both = [v for v in other.variables if v in self.variables]
        if both:
            raise DataError(
                "Two panels that are joined name a variable each.",
                expected="every variable in one of them",
                found=f"in both: {offenders(both)}",
                remedy="rename or leave out the variable in one panel",
            )
        for name, ours, theirs in (
            ("units", self.units, other.units),
            ("periods", self.periods, other.periods),
        ):
            if ours != theirs:
                raise AlignmentError(
                    f"Two panels with different {name} cannot be joined.",
                    expected=offenders(ours),
                    found=offenders(theirs),
                    remedy="call other.select(units=panel.units, periods=panel.periods)",
                )
        return self.with_variables({v: other[v] for v in other.variables}, other.measures)

    def _position(self, variable: str) -> int:
        if variable not in self.variables:
            raise DataError(
                f"The panel has no variable {variable!r}.",
                expected=f"one of {offenders(self.variables, 12)}",
                remedy=did_you_mean(variable, self.variables),
            )
        return self.variables.index(variable)


def stack(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Stack an array of shape (T, n) or (T, n, k) into (T n,) or (T n, k), period-major.

    Parameters
    ----------
    values : ndarray, shape (T, n) or (T, n, k)
        One or k values per period and unit.

    Returns
    -------
    ndarray, shape (T n,) or (T n, k)
        Row ``t n + i`` is unit i in period t.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.panel import stack
    >>> stack(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([1., 2., 3., 4.])
    """
    return values.reshape(values.shape[0] * values.shape[1], *values.shape[2:])


def unstack(values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Invert `stack` for n units.

    Parameters
    ----------
    values : ndarray, shape (T n,) or (T n, k)
        Stacked values, period-major.
    n : int
        Number of units.

    Returns
    -------
    ndarray, shape (T, n) or (T, n, k)
        The array that `stack` made them from.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.panel import unstack
    >>> unstack(np.array([1.0, 2.0, 3.0, 4.0]), 2)
    array([[1., 2.],
           [3., 4.]])
    """
    return values.reshape(values.shape[0] // n, n, *values.shape[1:])


def read_periods(labels: Iterable[Any]) -> tuple[Any, ...]:
    """Return the periods that labels name, in the order given.

    Parameters
    ----------
    labels : iterable
        Whole numbers (also as floats or text: years or numbered rounds), dates, pandas periods, `Period`, or
        text such as 2011年, 2011Q1 or 2011-03.

    Returns
    -------
    tuple of int or Period
        Integers for years and numbered rounds, `Period` for halves, quarters and months.

    Raises
    ------
    DataError
        If a label names no period, or the labels are of several kinds.
    """
    given = tuple(labels)
    if all(type(label) is int for label in given):
        return given
    numbers = [_whole(label) for label in given]
    if all(number is not None for number in numbers):
        return tuple(numbers)
    try:
        found = parse_periods(given)
    except DataError as error:
        remedy = "write all periods in one of these forms, or number rounds 1, 2, 3"
        raise DataError(error.what, expected=error.expected, found=error.found, remedy=remedy) from None
    return tuple(p.ordinal if p.frequency in ("year", "index") else p for p in found)


def check_roles(units: Sequence[object], periods: Sequence[object], names: Sequence[object]) -> None:
    """Raise DataError where the first level of an index holds the periods, or nothing says which does.

    Parameters
    ----------
    units, periods : sequence
        Labels of the first and of the second level.
    names : sequence
        Names of the two levels, or None.

    Raises
    ------
    DataError
        With the call that swaps or names the levels.
    """
    said = [_role_of_name(name) for name in names]
    if said in (["unit", "period"], ["unit", ""], ["", "period"]):
        return
    found = f"levels {names[0]!r}: {offenders(units, 3)}; {names[1]!r}: {offenders(periods, 3)}"
    expected = "a DataFrame indexed by (unit, period)"
    if said in (["period", "unit"], ["period", ""], ["", "unit"]) or _are_swapped(units, periods):
        raise DataError(
            "The index has periods first and units second.",
            expected=expected,
            found=found,
            remedy="call frame.swaplevel(), or name the levels if they are right: "
            "frame.index.names = ['unit', 'period']",
        )
    if _could_be_either(units, periods):
        raise DataError(
            "Both levels of the index could be periods, and their names do not say which is.",
            expected=expected,
            found=found,
            remedy="name the levels: frame.index.names = ['unit', 'period'], or ['period', 'unit'] and then "
            "frame.swaplevel()",
        )


def check_evenly_spaced(periods: Sequence[Any], what: str) -> int:
    """Return the steps from each period to the next, or raise DataError where they differ.

    Parameters
    ----------
    periods : sequence of int or Period
        Increasing.
    what : str
        What needs them, as the subject of a sentence: ``"A lag in time"``.

    Returns
    -------
    int
        1 for consecutive periods, 2 for every other one; 1 where there is only one period.

    Raises
    ------
    DataError
        Naming the periods that are missing and the longest run without a gap.
    """
    missing = gaps(periods)
    if missing:
        first, last = _longest_run(periods)
        raise DataError(
            f"{what} needs periods without gaps: the row before is not the period before.",
            expected=f"evenly spaced periods from {periods[0]} to {periods[-1]}",
            found=f"missing: {offenders(missing)}",
            remedy=f"supply the missing periods, or select a run without gaps, the longest being {first} to "
            f"{last}: panel.select(periods=[...])",
        )
    return step(periods)


def steps_between(periods: Sequence[Any]) -> NDArray[np.int64]:
    """Return how many steps each period lies after the first, shape (T,).

    Parameters
    ----------
    periods : sequence of int or Period
        Increasing; the unit is one step of evenly spaced periods, so that decades are 0, 1, 2.

    Returns
    -------
    ndarray of int
        Zero first.
    """
    if not len(periods):
        return np.zeros(0, dtype=np.int64)
    apart = np.array([p - periods[0] for p in periods], dtype=np.int64)
    return apart // step(periods)


PERIOD_NAMES = frozenset(
    {
        *("period", "periods", "year", "years", "yr", "fyear", "time", "t", "date"),
        *("dates", "day", "month", "quarter", "wave", "round", "年", "年份", "年度"),
        *("时间", "时期", "月份", "季度", "日期"),
    }
)
UNIT_NAMES = frozenset(
    {
        *("unit", "units", "id", "i", "entity", "individual", "firm", "company", "region"),
        *("regions", "province", "city", "county", "country", "state", "area", "code", "name"),
        *("prefecture", "district", "iso", "地区", "省", "省份", "省区", "城市", "市"),
        *("县", "单位", "国家", "企业", "代码", "名称"),
    }
)
YEAR_SPAN = range(1700, 2201)
"""Whole numbers that are taken for years where nothing else says what they are."""

LABELS_OF_INDEX = ("unit", "period")
"""Names that a panel's frame gives its index, and no variable may have."""


def _role_of_name(name: object) -> str:
    words = set(str(name).strip().lower().replace("-", "_").split("_")) | {str(name).strip().lower()}
    is_period, is_unit = bool(words & PERIOD_NAMES), bool(words & UNIT_NAMES)
    return "" if is_period == is_unit else "period" if is_period else "unit"


def _are_swapped(units: Sequence[object], periods: Sequence[object]) -> bool:
    """Whether only the first level could hold periods, or it alone holds dates or years."""
    if _names_periods(units) and not _names_periods(periods):
        return True
    return _surely_periods(units) and not _surely_periods(periods)


def _could_be_either(units: Sequence[object], periods: Sequence[object]) -> bool:
    return _names_periods(units) and _surely_periods(units) == _surely_periods(periods)


def _names_periods(labels: Sequence[object]) -> bool:
    try:
        read_periods(labels)
    except DataError:
        return False
    return True


def _surely_periods(labels: Sequence[object]) -> bool:
    """Whether labels are years, dates or named periods rather than any whole numbers."""
    numbers = [_whole(label) for label in labels]
    if all(number is not None for number in numbers):
        return all(number in YEAR_SPAN for number in numbers)
    return _names_periods(labels)


def _whole(label: object) -> int | None:
    """Return the whole number that a label is, or None."""
    if isinstance(label, str):
        text = label.strip()
        return int(text) if text.isascii() and text.removeprefix("-").isdigit() else None
    if isinstance(label, bool | np.bool_) or not isinstance(label, int | float | np.integer | np.floating):
        return None
    return int(label) if np.isfinite(label) and label == int(label) else None


def _longest_run(periods: Sequence[Any]) -> tuple[Any, Any]:
    smallest = step(periods)
    runs = [[periods[0]]]
    for before, period in pairwise(periods):
        if period - before == smallest:
            runs[-1].append(period)
        else:
            runs.append([period])
    longest = max(runs, key=len)
    return longest[0], longest[-1]


def _check_increasing(periods: tuple[Any, ...]) -> None:
    wrong = [f"{b} after {a}" for a, b in pairwise(periods) if b <= a]
    if wrong:
        raise DataError(
            "The periods of a panel increase.",
            expected=offenders(sorted(periods)),
            found=offenders(wrong),
            remedy="sort the periods: panel.select(periods=sorted(periods))",
        )


def _check_variable_names(variables: tuple[str, ...]) -> None:
    wrong = [name for name in variables if not str(name).strip() or name in LABELS_OF_INDEX]
    if wrong:
        raise DataError(
            "A variable has no name of its own.",
            expected=f"names other than {' and '.join(LABELS_OF_INDEX)}, which label rows, and none empty",
            found=offenders(map(repr, wrong)),
            remedy="rename or drop the column",
        )


def _check_columns(frame: pd.DataFrame, columns: list[Any]) -> None:
    absent = [str(c) for c in columns if c not in frame.columns]
    if absent:
        raise DataError(
            f"The data have no variable {absent[0]!r}.",
            expected=f"one of {offenders(frame.columns, 12)}",
            found=f"missing: {offenders(absent)}",
            remedy=did_you_mean(absent[0], [str(c) for c in frame.columns]),
        )
    unnamed = [repr(c) for c in columns if c is None or c != c or str(c).startswith("Unnamed: ")]
    if unnamed:
        raise DataError(
            "The data have columns without a name.",
            expected="a name for every column",
            found=offenders(unnamed),
            remedy="name or drop these columns; a header one name short shifts all names by one column",
        )
    names = [str(c) for c in frame.columns]
    twice = sorted({str(c) for c in columns if names.count(str(c)) > 1})
    if twice:
        raise DataError(
            "The data have several columns of the same name.",
            expected="each name once",
            found=f"repeated: {offenders(twice)}",
            remedy="rename or drop one of them",
        )


def _check_labelled(units: Sequence[object], periods: Sequence[object]) -> None:
    if not units or not periods:
        raise DataError(
            "The data hold no rows.", expected="one row per unit and period", found="an empty frame"
        )
    lacking = [name for name, labels in (("unit", units), ("period", periods)) if _any_missing(labels)]
    if lacking:
        raise DataError(
            f"Rows of the data have no {' and no '.join(lacking)}.",
            expected="a unit and a period in every row",
            found="missing labels in the index",
            remedy="drop these rows or supply their labels before set_index",
        )


def _any_missing(labels: Sequence[Any]) -> bool:
    return any(label is None or label != label or not str(label).strip() for label in labels)


def _check_plain(columns: Mapping[str, Any], shape: tuple[int, int]) -> None:
    for name, values in columns.items():
        if hasattr(values, "index") and hasattr(values, "to_numpy"):
            raise DataError(
                f"The labels of {name!r} would be ignored.",
                expected=f"an array of shape {shape} (periods, units)",
                found=f"a {type(values).__name__}",
                remedy="build a panel with Panel.from_frame and join it: panel.join(other)",
            )
        if np.shape(values) != shape:
            raise DataError(
                f"The variable {name!r} does not fit the panel.",
                expected=f"shape {shape} (periods, units)",
                found=f"shape {np.shape(values)}",
            )


def _check_unique(labels: Iterable[object], name: str) -> None:
    seen: set[object] = set()
    twice = [label for label in labels if label in seen or seen.add(label)]  # type: ignore[func-returns-value]
    if twice:
        raise DataError(f"A panel names each {name} once.", found=f"repeated: {offenders(twice)}")


def _check_unique_cells(frame: pd.DataFrame) -> None:
    twice = frame.index[frame.index.duplicated()].unique()
    if len(twice):
        raise DataError(
            "The panel has more than one row for the same unit and period.",
            expected="one row per (unit, period)",
            found=f"repeated: {offenders(tuple(twice))}",
            remedy="remove or aggregate the repeated rows",
        )


def _check_balanced(frame: pd.DataFrame, units: Sequence[object], periods: Sequence[object]) -> None:
    if len(frame) == len(units) * len(periods):
        return
    present = set(frame.index)
    missing = [(u, p) for u in units for p in periods if (u, p) not in present]
    raise DataError(
        "The panel is unbalanced.",
        expected=f"{len(units)} units x {len(periods)} periods = {len(units) * len(periods)} rows",
        found=f"{len(frame)} rows; missing: {offenders(missing)}",
        remedy="supply the missing cells, or leave the incomplete units or periods out",
    )


def _coded(index: Any, level: int) -> tuple[list[Any], NDArray[np.intp]]:
    """Return the labels of a level in order of first appearance, and the place of each row's label."""
    codes = np.asarray(index.codes[level], dtype=np.intp)
    if codes.size and codes.min() < 0:
        rows = index.get_level_values(level)
        places = {label: i for i, label in enumerate(rows.unique())}
        return list(places), rows.map(places).to_numpy(dtype=np.intp)
    used, first, place = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(first)
    labels: list[Any] = index.levels[level].tolist()
    return [labels[i] for i in used[order].tolist()], np.argsort(order)[place]


def _numeric(frame: pd.DataFrame, columns: list[Any]) -> NDArray[np.float64]:
    """Return columns as an array of shape (rows, k)."""
    series = [frame[c] for c in columns]
    if all(s.ndim == 1 and isinstance(s.dtype, np.dtype) and s.dtype.kind in "fiub" for s in series):
        found = np.empty((len(frame), len(series)))
        for j, column in enumerate(series):
            found[:, j] = column.to_numpy()
        return found
    frame = frame[columns]
    wrong = [str(c) for c, dtype in frame.dtypes.items() if dtype.kind not in "fiub"]
    if wrong:
        raise DataError(
            "A panel holds numbers only.",
            expected="numeric columns",
            found=f"not numeric: {offenders(wrong)}",
            remedy="convert or drop these columns",
        )
    return frame.to_numpy(dtype=np.float64)


def _check_not_infinite(values: NDArray[np.float64], columns: Sequence[object]) -> None:
    wrong = np.flatnonzero(np.isinf(values).any(axis=0)).tolist()
    if wrong:
        raise DataError(
            "A panel holds finite numbers, and NaN where one is missing.",
            found=f"infinite: {offenders(columns[j] for j in wrong)}",
            remedy="mend the column (a number too large to read, the logarithm of zero, a division by zero), "
            "or set the cells to NaN",
        )


def _positions(wanted: Sequence[object], present: Sequence[object], name: str) -> list[int]:
    place = {label: position for position, label in enumerate(present)}
    unknown = [w for w in wanted if w not in place]
    if unknown:
        raise AlignmentError(
            f"The panel does not hold every {name} asked for.",
            expected=f"{name}s among {offenders(present, 12)}",
            found=f"not in the panel: {offenders(unknown)}",
        )
    return [place[w] for w in wanted]
