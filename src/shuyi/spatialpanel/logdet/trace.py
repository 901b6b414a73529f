"""Log-determinants and traces of large weights by Monte Carlo (Barry and Pace 1999), with their errors.

``ln|I - rho W| = -sum_j rho^j tr(W^j)/j`` for |rho| below one over the spectral radius. tr(W^j) is the mean
of ``z'W^j z`` over probes z of random signs (Hutchinson 1990), and exact for the first orders. Only products
of W with blocks of vectors are needed, so that the method serves weights whose LU factors fill up.

Errors are 95 % of the probes' variation plus a bound of the terms left out, which all powers share because
``|tr(W^j)| <= n r^j`` with the spectral radius r.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConvergenceError
from shuyi.spatialpanel.logdet.base import GRID_POINTS, interior_points, within_bounds
from shuyi.spatialpanel.logdet.sparse import exact_power_traces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.weights import Weights


PROBES = 50
ORDERS = 100
SEED = 1999
"""Probes, powers and seed of the moments: fixed, so that a fit is the same whenever it is repeated."""

SUM_ORDERS = 1000
"""Powers of the series of 1'SW1 where rows do not sum to one (one vector each)."""

SPARSE_DEGREE = 50
"""Mean number of neighbours up to which tr(W^3) and tr(W^4) are computed exactly."""

CENTRAL = 0.9
"""Share of the interval over which `TraceLogDeterminant.error` is the largest error."""

Z95 = 1.959963984540054
"""97.5 % quantile of the standard normal distribution."""

SERIES_TOLERANCE = 1e-13
MAX_TERMS = 20_000


class TraceLogDeterminant:
    """Log-determinants from stochastic traces of the powers of W.

    Attributes
    ----------
    weights : Weights
        Spatial weights in the panel's order of units.
    interval : tuple of float
        The part of (1/w_min, 1/w_max) in which the series converges: |rho| < 1/r.
    """

    method = "stochastic_trace"

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.information_errors: dict[float, float] = {}

    @cached_property
    def radius(self) -> float:
        """Spectral radius; one where rows sum to one and no entry is negative."""
        data = self.weights.matrix.data if self.weights.is_sparse else self.weights.matrix
        if self.weights.is_row_standardised and not np.any(data < 0):
            return 1.0
        return self.weights.spectral_radius

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Open interval of admissible rho in which the series converges."""
        low, high = within_bounds(self.weights.eigenvalue_interval, self.weights.row_sums)
        reach = 1.0 / self.radius if self.radius > 0 else np.inf
        return max(low, -reach), min(high, reach)

    @cached_property
    def error(self) -> float:
        """Largest error of the log-determinant over the central `CENTRAL` of the interval."""
        points = CENTRAL * np.array(self.interval)
        return max(self.value_error(float(rho)) for rho in points)

    def value_error(self, rho: float) -> float:
        """Return the error of the log-determinant at one rho (95 %).

        Parameters
        ----------
        rho : float
            One value of rho.

        Returns
        -------
        float
            Absolute error.
        """
        rest = abs(rho) * self.radius
        tail = self.weights.n * rest ** (ORDERS + 1) / ((ORDERS + 1) * (1.0 - rest))
        return Z95 * self._spread(self._log_coefficients, np.array(rho)) + float(tail)

    def trace_error(self, rho: NDArray) -> float:
        """Return the largest error of ``tr(SW)/n`` over these rho (95 %).

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        float
            Absolute error.
        """
        rho = np.asarray(rho, float).reshape(-1)
        if not rho.any():
            return 0.0
        far = rho[[int(np.argmin(rho)), int(np.argmax(rho))]]
        errors = []
        for at in far:
            rest = abs(float(at)) * self.radius
            tail = self.radius * rest**ORDERS / (1.0 - rest)
            errors.append(Z95 * self._spread(self._trace_coefficients, at) / self.weights.n + tail)
        return float(max(errors))

    def record(self, rho: float) -> dict[str, Any]:
        """Return method, errors and settings, for the record of a fit.

        ``error`` is that of the log-determinant at the estimate, ``trace_error`` that of tr(SW)/n there and
        ``information_error`` the relative standard error of the information's trace of products, if used.

        Parameters
        ----------
        rho : float
            One value of rho.

        Returns
        -------
        dict
            Keys method, error, trace_error, probes, orders, seed and, if used, information_error.
        """
        found = {
            "method": self.method,
            "error": self.value_error(rho),
            "trace_error": self.trace_error(np.array([rho])),
            "probes": PROBES,
            "orders": ORDERS,
            "seed": SEED,
        }
        if rho in self.information_errors:
            found["information_error"] = self.information_errors[rho]
        return found

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
        from numpy.polynomial.polynomial import polyval

        return polyval(np.asarray(rho, float), self._log_coefficients.mean(axis=0))

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
        log = self._log_coefficients.mean(axis=0)
        from numpy.polynomial.polynomial import polyder, polyval

        value, first, second = (polyval(rho, c) for c in (log, polyder(log), polyder(log, 2)))
        return float(value), float(first), float(second)

    def trace_lag(self, rho: NDArray) -> NDArray:
        """Return ``tr(G) = tr(S W)``.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        ndarray, shape of rho
            Traces.
        """
        from numpy.polynomial.polynomial import polyval

        return polyval(np.asarray(rho, float), self._trace_coefficients.mean(axis=0))

    def sum_lag(self, rho: NDArray) -> NDArray:
        """Return ``1'S W 1``: n/(1 - rho) where rows sum to one, else its power series.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        ndarray, shape of rho
            Sums.
        """
        rho = np.asarray(rho, float)
        if self.weights.is_row_standardised:
            return self.weights.n / (1.0 - rho)
        from numpy.polynomial.polynomial import polyval

        return polyval(rho, self._sums)

    def sum_lag_derivative(self, rho: float) -> float:
        """Return ``1'S W S W 1``, the derivative of `sum_lag`.

        Parameters
        ----------
        rho : float
            One value of rho.

        Returns
        -------
        float
            The derivative.
        """
        if self.weights.is_row_standardised:
            return float(self.weights.n / (1.0 - rho) ** 2)
        from numpy.polynomial.polynomial import polyder, polyval

        return float(polyval(rho, polyder(self._sums)))

    def power_traces(self, orders: int) -> NDArray:
        """Return ``tr(W^q)`` for q = 0, ..., orders: exact for the first orders, else the probes' mean.

        Parameters
        ----------
        orders : int
            Highest power of W.

        Returns
        -------
        ndarray, shape (orders + 1,)
            n first.
        """
        if orders > ORDERS:
            return exact_power_traces(self.weights, orders)
        return np.append(float(self.weights.n), self._moments.mean(axis=0)[1 : orders + 1])

    def grid(self) -> tuple[NDArray, NDArray]:
        """Return `GRID_POINTS` equally spaced interior points and the log-determinant there.

        Returns
        -------
        (ndarray, ndarray), each of shape (GRID_POINTS,)
            Points and values.
        """
        points = interior_points(self.interval, GRID_POINTS)
        return points, self.value(points)

    @cached_property
    def _moments(self) -> NDArray[np.float64]:
        """``z'W^j z`` of every probe, shape (PROBES, ORDERS + 1), exact traces in the first columns."""
        probes = signs(self.weights.n, SEED)
        moments = np.empty((PROBES, ORDERS + 1))
        power = probes
        for j in range(ORDERS + 1):
            moments[:, j] = (probes * power).sum(axis=0)
            power = self.weights.matrix @ power
        cheap = 4 if self.weights.nonzero <= SPARSE_DEGREE * self.weights.n else 2
        moments[:, : cheap + 1] = exact_power_traces(self.weights, cheap)
        return moments

    @cached_property
    def _log_coefficients(self) -> NDArray[np.float64]:
        order = np.arange(1, ORDERS + 1)
        return np.concatenate([np.zeros((PROBES, 1)), -self._moments[:, 1:] / order], axis=1)

    @property
    def _trace_coefficients(self) -> NDArray[np.float64]:
        return self._moments[:, 1:]

    @cached_property
    def _sums(self) -> NDArray[np.float64]:
        sums = np.empty(SUM_ORDERS)
        power = self.weights.row_sums
        for j in range(SUM_ORDERS):
            sums[j] = power.sum()
            power = self.weights.matrix @ power
        return sums

    @staticmethod
    def _spread(coefficients: NDArray, rho: NDArray) -> float:
        """Return the standard error of a polynomial over the probes."""
        from numpy.polynomial.polynomial import polyval

        values = polyval(rho, coefficients.T)
        return float(values.std(ddof=1) / np.sqrt(len(values)))


def neumann(matrix: Any, rho: float, values: NDArray) -> NDArray[np.float64]:
    """Return ``(I - rho W)^{-1} v`` as the series ``sum_j rho^j W^j v``, to rounding.

    Parameters
    ----------
    matrix : ndarray or sparse array, shape (n, n)
        W.
    rho : float
        One value of rho.
    values : ndarray, shape (n,) or (n, m)
        Vectors v in columns.

    Returns
    -------
    ndarray, shape of `values`
        The solution.

    Raises
    ------
    ConvergenceError
        If the series has not ended after `MAX_TERMS` terms: rho is too near the edge of its interval.
    """
    total = np.array(values, dtype=np.float64)
    term = total
    for _ in range(MAX_TERMS):
        term = rho * (matrix @ term)
        total = total + term
        if np.abs(term).max() <= SERIES_TOLERANCE * np.abs(total).max():
            return total
    raise ConvergenceError(
        "The series of (I - rho W)^{-1} did not end.",
        expected=f"convergence within {MAX_TERMS} terms",
        found=f"rho = {rho:.6f}",
        remedy="use logdet='sparse_lu', or check for a unit root",
    )


def signs(n: int, seed: int) -> NDArray[np.float64]:
    """Return `PROBES` probes of random signs, shape (n, PROBES).

    Parameters
    ----------
    n : int
        Number of units.
    seed : int
        Seed of the random draws.

    Returns
    -------
    ndarray, shape (n, PROBES)
        Ones and minus ones.
    """
    heads = np.random.default_rng(seed).integers(0, 2, size=(n, PROBES))
    return (2 * heads - 1).astype(np.float64)
