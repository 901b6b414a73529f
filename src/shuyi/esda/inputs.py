"""One variable in one period, and weights as esda takes them: what autocorrelation accepts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from shuyi.arguments import check_draws, check_seed
from shuyi.errors import DataError, WeightsError, check_known, offenders
from shuyi.esda.results import ALTERNATIVES
from shuyi.panel import Panel
from shuyi.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


MIN_UNITS = 4
"""The randomisation variance divides by n - 3."""
CONSTANT_TOLERANCE = 1e-12
"""Standard deviation relative to the largest absolute value below which a variable counts as constant."""


class Cell(NamedTuple):
    """One variable in one period; `other` is empty but for bivariate statistics.

    Parameters
    ----------
    variable : str
        Name of the variable.
    other : str
        Name of the second variable of a bivariate statistic, else empty.
    period : int
        Year or other period.
    values : ndarray, shape (n,)
        The variable, one value per unit.
    other_values : ndarray, shape (n,) or (0,)
        The second variable, empty where there is none.
    """

    variable: str
    other: str
    period: int
    values: Array
    other_values: Array


def cells_of(panel: Panel, variables: Sequence[str], periods: Sequence[int] | None) -> list[Cell]:
    """Return the cells of several variables, each over all (or the named) periods.

    Parameters
    ----------
    panel : Panel
        Panel that holds the variables.
    variables : sequence of str
        Names of panel variables.
    periods : sequence of int or None
        Periods of the panel in the order wanted; by default all.

    Returns
    -------
    list of Cell
        Variables slow, periods fast.

    Raises
    ------
    DataError
        If there are fewer than four units, or a cell has missing values or does not vary.
    """
    panel = panel if periods is None else panel.select(periods=periods)
    if panel.n < MIN_UNITS:
        raise DataError(
            "Too few units for spatial autocorrelation.",
            expected=f"at least {MIN_UNITS} units",
            found=f"{panel.n} units",
        )
    cells = [
        Cell(variable, "", period, panel[variable][t], np.empty(0))
        for variable in variables
        for t, period in enumerate(panel.periods)
    ]
    for cell in cells:
        _check_usable(cell, panel.units)
    return cells


def _check_usable(cell: Cell, units: Sequence[str]) -> None:
    missing = [unit for unit, value in zip(units, cell.values, strict=True) if not np.isfinite(value)]
    if missing:
        raise DataError(
            f"{cell.variable!r} has missing values in {cell.period}.",
            expected=f"a finite number for each of {len(units)} units",
            found=f"missing: {offenders(missing)}",
            remedy="leave out the units or the period",
        )
    if cell.values.std() <= CONSTANT_TOLERANCE * np.abs(cell.values).max():
        raise DataError(
            f"{cell.variable!r} does not vary in {cell.period}.",
            expected="different values across units",
            found=f"{cell.values[0]:g} for all {len(units)} units",
            remedy="leave out the variable or the period",
        )


def check_settings(
    permutations: Any, seed: Any, alternative: str, *, each: int, none: bool = True
) -> tuple[int, int]:
    """Return permutations and seed, or refuse them or an unknown alternative.

    Parameters
    ----------
    permutations, seed : int
        Whole numbers, also as floats.
    alternative : str
        One of `results.ALTERNATIVES`.
    each : int
        Bytes that one permutation takes.
    none : bool
        Whether zero permutations are admissible.

    Returns
    -------
    tuple of int
        Permutations and seed.

    Raises
    ------
    ConfigError
        If permutations are too few or too many, or the seed is none.
    DataError
        If the alternative is unknown.
    """
    check_known(alternative, ALTERNATIVES, "alternative of a permutation test", DataError)
    number = check_draws(permutations, "permutations", least=1, none=none, each=each)
    return number, check_seed(seed)


def as_w(weights: Weights) -> Any:
    """Return a libpysal ``W`` of its own, which esda may transform without touching the caller's weights.

    Parameters
    ----------
    weights : Weights
        Weights with at least one nonzero entry.

    Returns
    -------
    libpysal.weights.W
        A new object with the labels and values of the weights.

    Raises
    ------
    WeightsError
        If the weights are all zero.
    """
    if weights.nonzero == 0:
        raise WeightsError(
            "The weights are all zero: there is no spatial autocorrelation to measure.",
            found=repr(weights),
        )
    return weights.to_graph().to_W()


def standardised(y: Array) -> Array:
    """Return values of shape (n,) less their mean, over their population standard deviation.

    Parameters
    ----------
    y : ndarray, shape (n,)
        Values that differ.

    Returns
    -------
    ndarray, shape (n,)
        Mean zero, population standard deviation one.
    """
    return (y - y.mean()) / y.std()
