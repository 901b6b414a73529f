"""What an analysis refuses before it computes: missing, negative and constant values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import DataError, offenders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.panel import Panel

    Array = NDArray[np.float64]


CONSTANT_TOLERANCE = 1e-12
"""Standard deviation relative to the largest absolute value below which a year counts as constant."""


def complete(panel: Panel, variable: str) -> Array:
    """Return a variable, shape (T, n), or raise DataError where a cell is missing or infinite.

    Parameters
    ----------
    panel : Panel
        Panel that holds the variable.
    variable : str
        Name of the variable.

    Returns
    -------
    ndarray, shape (T, n)
        Values of the variable.

    Raises
    ------
    DataError
        If a cell is missing or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.panel import Panel
    >>> from shuyi.validation import complete
    >>> complete(Panel(np.ones((1, 2, 1)), ("a", "b"), (2020,), ("y",)), "y")
    array([[1., 1.]])
    """
    values = panel[variable]
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise DataError(
            f"{variable!r} has missing or infinite values.",
            expected=f"a finite number for each of {panel.n} units and {panel.T} periods",
            found=cells(panel, values, wrong),
            remedy="leave out the units or the periods: panel.select(...)",
        )
    return values


def nonnegative(panel: Panel, variable: str, method: str) -> Array:
    """Return a complete variable, or raise DataError where it is negative, or zero throughout a period.

    Parameters
    ----------
    panel : Panel
        Panel that holds the variable.
    variable : str
        Name of the variable.
    method : str
        What needs such values, as the subject of the message.

    Returns
    -------
    ndarray, shape (T, n)
        Values of the variable.

    Raises
    ------
    DataError
        If a cell is missing, infinite or negative, or a period is zero throughout.
    """
    values = complete(panel, variable)
    if (values < 0).any():
        raise DataError(
            f"{method} is not defined for negative values.",
            expected=f"{variable!r} of zero or more",
            found=cells(panel, values, values < 0),
            remedy="use the variable in levels, with a natural zero",
        )
    empty = [period for period, row in zip(panel.periods, values, strict=True) if not row.any()]
    if empty:
        raise DataError(
            f"{method} divides by the mean, which is zero.",
            expected=f"some positive {variable!r} in every period",
            found=f"all zero in {offenders(empty)}",
            remedy="leave out these periods",
        )
    return values


def positive(panel: Panel, variable: str, method: str) -> Array:
    """Return a complete variable, or raise DataError where it is zero or negative.

    Parameters
    ----------
    panel : Panel
        Panel that holds the variable.
    variable : str
        Name of the variable.
    method : str
        What needs such values, as the subject of the message.

    Returns
    -------
    ndarray, shape (T, n)
        Values of the variable.

    Raises
    ------
    DataError
        If a cell is missing, infinite, zero or negative.
    """
    values = complete(panel, variable)
    if (values <= 0).any():
        raise DataError(
            f"{method} needs positive values.",
            expected=f"{variable!r} above zero",
            found=cells(panel, values, values <= 0),
            remedy="leave out the units concerned, or choose a method that admits zeros",
        )
    return values


def varying(panel: Panel, variable: str, values: Array, method: str) -> Array:
    """Return values of shape (T, n), or raise DataError where a period does not vary across units.

    Parameters
    ----------
    panel : Panel
        Panel whose periods the message names.
    variable : str
        Name of the variable, for the message.
    values : ndarray, shape (T, n)
        Values of the variable, or a transformation of them.
    method : str
        What needs such values, as the subject of the message.

    Returns
    -------
    ndarray, shape (T, n)
        The values given.

    Raises
    ------
    DataError
        If the values of a period are the same for all units.
    """
    spread = values.std(axis=1)
    still = spread <= CONSTANT_TOLERANCE * np.abs(values).max(axis=1)
    if still.any():
        raise DataError(
            f"{method} needs values that differ across units.",
            expected=f"{variable!r} that varies in every period",
            found=f"constant in {offenders(p for p, c in zip(panel.periods, still, strict=True) if c)}",
            remedy="leave out these periods",
        )
    return values


def cells(panel: Panel, values: Array, wrong: NDArray[np.bool_]) -> str:
    """List the first cells of an array of shape (T, n) that are wrong.

    Parameters
    ----------
    panel : Panel
        Panel whose units and periods are named.
    values : ndarray, shape (T, n)
        Values to print.
    wrong : ndarray of bool, shape (T, n)
        True where a cell is wrong.

    Returns
    -------
    str
        Unit, period and value of the first cells, and the number of the rest.
    """
    return offenders(
        f"{panel.units[i]} in {panel.periods[t]} ({values[t, i]:g})" for t, i in np.argwhere(wrong)
    )
