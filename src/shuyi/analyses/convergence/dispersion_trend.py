"""Trends of dispersion over a few years, tested by the units and not by the years.

Nine values of a dispersion measure are one short, strongly autocorrelated series: no error from the series
itself is reliable. But the trend is a function of the units' histories,

    s = sum_t c_t d(y_1t, ..., y_nt),       c_t = (t - tbar) / sum_t (t - tbar)^2,

and histories of different units are the independent observations, whatever their autocorrelation: leaving out
each unit in turn gives the jackknife error of s, and ``s / error`` is compared with Student's t with n - 1
degrees of freedom. It is that of a population of units like these, with independent histories: dependence
between neighbours makes it too small. In simulated panels of nine years without a trend it rejects .03 to .08
at 5 % from five units on (persistence .5 to .99), where Newey-West errors reject .28 to .58; with three units
it hardly ever rejects.

Between two years alone the test of Pitman (1939) and Morgan (1939) is exact under normality: dispersion is
the same in both if ``y_T - y_1`` and ``y_T + y_1`` are uncorrelated over units (Carree and Klomp 1997 apply
it to convergence).

Efron and Stein (1981).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import DataError, check_known

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FEW_UNITS = 5
"""Units below which the test hardly ever rejects."""

MIN_UNITS = 3


def _sd(logs: Array) -> Array:
    return logs.std(axis=-1)


def _cv(logs: Array) -> Array:
    levels = np.exp(logs)
    return levels.std(axis=-1) / levels.mean(axis=-1)


MEASURES: dict[str, Callable[[Array], Array]] = {"cv": _cv, "sd_log": _sd}
"""Coefficient of variation of levels, and standard deviation of logs, both with divisor n."""


@dataclass(frozen=True, slots=True)
class DispersionTrend:
    """Linear trend of a dispersion measure.

    Attributes
    ----------
    slope : float
        Per unit of `periods`.
    std_error : float
        Jackknife over units.
    t, p_value : float
        Two-sided, by Student's t.
    df : int
        n - 1.
    few_units : bool
        Whether there are fewer than five units: a trend is then hardly ever found.
    change_p_value : float
        Pitman and Morgan's exact test of equal standard deviations of logs in the first and the last period.
    """

    slope: float
    std_error: float
    t: float
    p_value: float
    df: int
    few_units: bool
    change_p_value: float


def dispersion_trend(logs: Array, periods: Sequence[float], measure: str = "sd_log") -> DispersionTrend:
    """Return the trend of a dispersion measure with a test that serial correlation does not spoil.

    Parameters
    ----------
    logs : ndarray, shape (T, n)
        Logarithms of the levels.
    periods : sequence of float, length T
        Years.
    measure : {"cv", "sd_log"}
        Coefficient of variation, or standard deviation of logs.

    Returns
    -------
    DispersionTrend

    Raises
    ------
    ConfigError
        If the measure is unknown.
    DataError
        If values are missing, or there are fewer than 3 units or 3 periods.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> fixed = rng.standard_normal(31) + 0.3 * rng.standard_normal((9, 31))
    >>> dispersion_trend(fixed, range(2016, 2025)).df
    30
    """
    check_known(measure, tuple(MEASURES), "measure of dispersion")
    T, n = logs.shape
    if n < MIN_UNITS or T < MIN_UNITS or len(periods) != T or not np.isfinite(logs).all():
        raise DataError(
            "This trend of dispersion cannot be tested.",
            expected="finite logs of at least 3 units over at least 3 periods, and one label per period",
            found=f"{n} units, {T} periods, {len(periods)} labels",
        )
    slope = float(_slopes(logs[None], periods, measure)[0])
    left = _slopes(np.array([np.delete(logs, i, axis=1) for i in range(n)]), periods, measure)
    error = float(np.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum()))
    t = slope / error if error > 0 else float("nan")
    return DispersionTrend(
        slope, error, t, _two_sided(t, n - 1), n - 1, n < FEW_UNITS, pitman_morgan(logs[0], logs[-1])
    )


def pitman_morgan(first: Array, last: Array) -> float:
    """Return the p-value of equal variances of two correlated variables, exact under normality.

    Parameters
    ----------
    first, last : ndarray, shape (n,)
        Values in the first and the last period.

    Returns
    -------
    float
        Two-sided, by Student's t with n - 2 degrees of freedom; NaN where sum or difference does not vary.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> pitman_morgan(rng.standard_normal(31), 3 * rng.standard_normal(31)) < 0.001
    True
    """
    n = len(first)
    difference, total = last - first, last + first
    difference, total = difference - difference.mean(), total - total.mean()
    size = float(np.sqrt((difference @ difference) * (total @ total)))
    if size <= 0:
        return float("nan")
    r = float(difference @ total) / size
    left = max(1 - r * r, np.finfo(float).eps)
    return _two_sided(r * float(np.sqrt((n - 2) / left)), n - 2)


def _slopes(logs: Array, periods: Sequence[float], measure: str) -> Array:
    """Return the slope of each of R panels of shape (R, T, n)."""
    t = np.asarray(periods, dtype=np.float64)
    centred = t - t.mean()
    found: Array = MEASURES[measure](logs) @ centred / (centred @ centred)
    return found


def _two_sided(t: float, df: int) -> float:
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(t)))
