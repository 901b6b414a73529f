"""Quantiles and tail probabilities, from scipy when first needed."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

from shuyi.review.intervals import Interval


@cache
def normal_critical(level: float) -> float:
    """Return the two-sided critical value of the normal distribution.

    Parameters
    ----------
    level : float
        Level of the test, between 0 and 1.

    Returns
    -------
    float
    """
    return NormalDist().inv_cdf(1 - level / 2)


@cache
def t_critical(level: float, df: int) -> float:
    """Return the two-sided critical value of Student's t distribution.

    Parameters
    ----------
    level : float
        Level of the test.
    df : int
        Degrees of freedom.

    Returns
    -------
    float
    """
    from scipy.special import stdtrit

    return float(stdtrit(df, 1 - level / 2))


def normal_tail(size: float) -> float:
    """Return the two-sided normal probability beyond an absolute value.

    Parameters
    ----------
    size : float
        Absolute value of the statistic.

    Returns
    -------
    float
    """
    return 2 * NormalDist().cdf(-size)


def t_tail(size: float, df: int) -> float:
    """Return the two-sided probability of Student's t beyond an absolute value.

    Parameters
    ----------
    size : float
        Absolute value of the statistic.
    df : int
        Degrees of freedom.

    Returns
    -------
    float
    """
    from scipy.special import stdtr

    return 2 * float(stdtr(df, -size))


def chi2_tail(statistic: float, df: int) -> float:
    """Return the probability that a chi-squared variable exceeds a statistic.

    Parameters
    ----------
    statistic : float
        The statistic; at or below zero the probability is one.
    df : int
        Degrees of freedom.

    Returns
    -------
    float
    """
    from scipy.special import chdtrc

    return float(chdtrc(df, statistic)) if statistic > 0 else 1.0


def chi2_p(statistic: Interval, df: int) -> Interval:
    """Return the p-values that a rounded chi-squared statistic allows.

    Parameters
    ----------
    statistic : Interval
        Values of the statistic.
    df : int
        Degrees of freedom.

    Returns
    -------
    Interval
    """
    return Interval(chi2_tail(statistic.high, df), chi2_tail(statistic.low, df))


def normal_p(statistic: Interval) -> Interval:
    """Return the two-sided normal p-values that a rounded statistic allows.

    Parameters
    ----------
    statistic : Interval
        Values of the statistic.

    Returns
    -------
    Interval
    """
    size = statistic.size
    return Interval(2 * NormalDist().cdf(-size.high), 2 * NormalDist().cdf(-size.low))
