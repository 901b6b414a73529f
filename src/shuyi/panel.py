"""The balanced panel: the only place where the stacking order exists.

Observations are period-major: row ``t * n + i`` of a stacked array is unit ``i`` in period ``t``, so that
``y_t`` is a contiguous block of ``n`` rows. Everything else works on arrays of shape ``(T, n)`` or
``(T, n, k)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import AlignmentError, DataError, did_you_mean, offenders

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
    periods : tuple of int, length T
        Increasing.
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
    periods: tuple[int, ...]
    variables: tuple[str, ...]
    unit_names: Mapping[str, str] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = (len(self.periods), len(self.units), len(self.variables))
        if self.values.shape != shape:
            raise DataError(
                "The values of a panel do not fit its labels.",
                expected=f"shape {shape} (periods, units, variables)",
                found=f"shape {self.values.shape}",
            )
        for labels, name in ((self.units, "unit"), (self.periods, "period"), (self.variables, "variable")):
            _check_unique(labels, name)
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
            of their first appearance, periods are sorted.
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
            If the index has not two levels, a cell occurs twice, a column is not numeric, or the panel is
            unbalanced (the message names the missing cells).

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
        units, unit_of_row = _coded(frame.index, 0)
        periods, period_of_row = _coded(frame.index, 1)
        by_time = sorted(range(len(periods)), key=lambda place: periods[place])
        periods = [periods[place] for place in by_time]
        period_of_row = np.argsort(by_time)[period_of_row] if len(by_time) else period_of_row
        size = len(periods) * len(units)
        cell = period_of_row * len(units) + unit_of_row
        if len(frame) != size or np.bincount(cell, minlength=size).max(initial=1) > 1:
            _check_unique_cells(frame)
            _check_balanced(frame, units, periods)
        values = np.empty((size, len(columns)))
        values[cell] = _numeric(frame, columns)
        return cls(
            values.reshape(len(periods), len(units), len(columns)),
            tuple(str(u) for u in units),
            tuple(int(p) for p in periods),
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

    def select(self, *, units: Sequence[str] | None = None, periods: Sequence[int] | None = None) -> Panel:
        """Return the panel of the named units and periods, in the order asked for.

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
        """
        units = self.units if units is None else tuple(units)
        periods = self.periods if periods is None else tuple(periods)
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
        """
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
