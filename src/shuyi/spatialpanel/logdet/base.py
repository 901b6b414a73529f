"""What every method of the log-determinant offers, and what the methods share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from shuyi.errors import ConvergenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray


UNBOUNDED = 100.0
"""Multiple of 1/radius that replaces an infinite bound: W without a positive or negative real eigenvalue."""

GRID_POINTS = 40
"""Starting points of a search over one spatial parameter."""

CHUNK = 2_000_000
"""Largest number of array elements that one vectorised evaluation holds."""


class LogDeterminant(Protocol):
    """What a method offers; rho may be any array unless said otherwise.

    Attributes
    ----------
    method : str
        A key of `METHODS`.
    error : float
        Largest absolute error of the log-determinant on the interval (zero for exact methods).
    interval : tuple of float
        Open interval of admissible rho: (1/w_min, 1/w_max) of W's real eigenvalues.
    """

    method: str

    @property
    def error(self) -> float:
        """Largest absolute error of the log-determinant on the interval."""

    @property
    def interval(self) -> tuple[float, float]:
        """Open interval of admissible rho."""

    def value(self, rho: NDArray) -> NDArray:
        """Return ``ln|I - rho W|``.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        ndarray, shape of rho
            Logarithm of the absolute determinant.
        """

    def derivatives(self, rho: float) -> tuple[float, float, float]:
        """Return ``ln|I - rho W|``, ``-tr(G)`` and ``-tr(GG)`` at one rho.

        Parameters
        ----------
        rho : float
            One value of rho.

        Returns
        -------
        (float, float, float)
            Value and first two derivatives.
        """

    def trace_lag(self, rho: NDArray) -> NDArray:
        """Return ``tr(G) = tr(S W)`` for ``S = (I - rho W)^{-1}``.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        ndarray, shape of rho
            Traces.
        """

    def sum_lag(self, rho: NDArray) -> NDArray:
        """Return ``1'S W 1``.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        ndarray, shape of rho
            Sums.
        """

    def sum_lag_derivative(self, rho: float) -> float:
        """Return the derivative ``1'S W S W 1`` of `sum_lag` at one rho.

        Parameters
        ----------
        rho : float
            One value of rho.

        Returns
        -------
        float
            The derivative.
        """

    def power_traces(self, orders: int) -> NDArray:
        """Return ``tr(W^q)`` for q = 0, ..., orders.

        Parameters
        ----------
        orders : int
            Highest power of W.

        Returns
        -------
        ndarray, shape (orders + 1,)
            n first.
        """

    def grid(self) -> tuple[NDArray, NDArray]:
        """Return starting points within the interval and the log-determinant there.

        Returns
        -------
        (ndarray, ndarray), each of shape (G,)
            Points and values.
        """

    def trace_error(self, rho: NDArray) -> float:
        """Return the largest error of ``tr(SW)/n`` over these rho (zero for exact methods).

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        float
            Absolute error.
        """

    def record(self, rho: float) -> dict[str, Any]:
        """Return the method's name, its errors and its settings, for the record of a fit at this rho.

        Parameters
        ----------
        rho : float
            One value of rho.

        Returns
        -------
        dict
            At least method and error.
        """


def check_inside(name: str, value: float, interval: tuple[float, float]) -> None:
    """Raise ConvergenceError unless a spatial parameter lies inside its admissible interval.

    Parameters
    ----------
    name : str
        Name of the parameter.
    value : float
        Its estimate.
    interval : (float, float)
        Open interval of admissible values.

    Raises
    ------
    ConvergenceError
        If the value lies at an end or beyond.
    """
    if not interval[0] < value < interval[1]:
        raise ConvergenceError(
            f"The estimate of {name} lies outside its admissible interval.",
            expected=f"a value inside ({interval[0]:.6f}, {interval[1]:.6f})",
            found=f"{name} = {value:.6f}",
            remedy="use another correction or another model",
        )


def within_bounds(interval: tuple[float, float], row_sums: NDArray) -> tuple[float, float]:
    """Replace infinite ends of an interval by `UNBOUNDED` over the largest row sum.

    Parameters
    ----------
    interval : (float, float)
        Interval that may be unbounded.
    row_sums : ndarray, shape (n,)
        Row sums of the weights.

    Returns
    -------
    (float, float)
        A bounded interval.
    """
    size = float(np.abs(row_sums).max())
    bound = UNBOUNDED / size if size > 0 else UNBOUNDED
    return max(interval[0], -bound), min(interval[1], bound)


def interior_points(interval: tuple[float, float], count: int) -> NDArray[np.float64]:
    """Return equally spaced points inside an interval.

    Parameters
    ----------
    interval : (float, float)
        Bounded interval.
    count : int
        Number of points.

    Returns
    -------
    ndarray, shape (count,)
        Increasing; the ends themselves are not among them.

    Examples
    --------
    >>> from shuyi.spatialpanel.logdet.base import interior_points
    >>> interior_points((-1.0, 1.0), 4)
    array([-0.75, -0.25,  0.25,  0.75])
    """
    low, high = interval
    return low + (high - low) * (np.arange(count) + 0.5) / count


def _chunked(function: Callable[[NDArray], NDArray], rho: NDArray, width: int) -> NDArray:
    flat = rho.reshape(-1)
    step = max(1, CHUNK // width)
    if len(flat) <= step:
        return function(flat).reshape(rho.shape)
    parts = [function(flat[start : start + step]) for start in range(0, len(flat), step)]
    return np.concatenate(parts).reshape(rho.shape)
