"""Arithmetic on intervals: a printed number stands for all values that round to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

SLACK = 1e-9
"""Relative widening of every half unit, so that binary fractions do not decide at an edge."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval of real numbers.

    Parameters
    ----------
    low, high : float
        Bounds, which may be infinite.

    Examples
    --------
    >>> Interval(1, 2) - Interval(0, 0.5)
    Interval(low=0.5, high=2)
    """

    low: float
    high: float

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval) -> Interval:
        corners = [_product(a, b) for a, b in product((self.low, self.high), (other.low, other.high))]
        return Interval(min(corners), max(corners))

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0 <= other.high:
            return UNBOUNDED
        return self * Interval(1 / other.high, 1 / other.low)

    @property
    def width(self) -> float:
        """Length of the interval."""
        return self.high - self.low

    @property
    def size(self) -> Interval:
        """Interval of the absolute values."""
        if self.low <= 0 <= self.high:
            return Interval(0.0, max(-self.low, self.high))
        return Interval(min(abs(self.low), abs(self.high)), max(abs(self.low), abs(self.high)))

    def meets(self, other: Interval) -> bool:
        """Return whether the intervals share a value.

        Parameters
        ----------
        other : Interval
            The interval to compare with.

        Returns
        -------
        bool
        """
        return self.low <= other.high and other.low <= self.high

    def holds(self, value: float) -> bool:
        """Return whether a value lies inside.

        Parameters
        ----------
        value : float
            The value to look for.

        Returns
        -------
        bool
        """
        return self.low <= value <= self.high

    def widened(self, amount: float) -> Interval:
        """Return the interval extended on both sides.

        Parameters
        ----------
        amount : float
            What is added above and subtracted below.

        Returns
        -------
        Interval
        """
        return Interval(self.low - amount, self.high + amount)

    def scaled(self, share: float) -> Interval:
        """Return the interval extended by a share of its bounds.

        Parameters
        ----------
        share : float
            Such as 0.03 for three per cent.

        Returns
        -------
        Interval
        """
        return Interval(self.low - share * abs(self.low), self.high + share * abs(self.high))


UNBOUNDED = Interval(-math.inf, math.inf)


def exact(value: float) -> Interval:
    """Return the interval that holds one value.

    Parameters
    ----------
    value : float
        The value.

    Returns
    -------
    Interval
    """
    return Interval(value, value)


def over_corners(function: Callable[..., float], *intervals: Interval) -> Interval:
    """Return the range of a function that is monotone in each argument.

    Parameters
    ----------
    function : callable
        Takes one number per interval.
    *intervals : Interval
        Where the arguments lie; bounded.

    Returns
    -------
    Interval
    """
    values = [function(*corner) for corner in product(*((i.low, i.high) for i in intervals))]
    return Interval(min(values), max(values))


def intersection(intervals: Iterable[Interval]) -> Interval | None:
    """Return what all intervals share, or None.

    Parameters
    ----------
    intervals : iterable of Interval
        At least one.

    Returns
    -------
    Interval or None
    """
    every = list(intervals)
    shared = Interval(max(i.low for i in every), min(i.high for i in every))
    return shared if shared.low <= shared.high else None


def _product(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b
