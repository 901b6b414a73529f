"""Log-determinants and traces of large sparse weights by sparse LU factors, without an n x n dense array.

``ln|I - rho W|`` is the sum of the logarithms of the pivots. It is computed at equally spaced points of z,
where ``rho = (low + high)/2 + (high - low)/2 tanh z`` runs over the admissible interval, and interpolated by
a spline in z: the logarithmic singularities at the ends of the interval are straight lines in z. Traces
follow without an inverse from Jacobi's formula ``d ln det(M + s D)/ds = tr(M^{-1} D)``, whose left side is
the imaginary part of one complex factorisation at an imaginary step (Squire and Trapp 1998), exact to
rounding.

The error of the spline and of its slope is measured against factorisations between its points.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError
from shuyi.spatialpanel.logdet.base import GRID_POINTS, interior_points, within_bounds

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array
    from scipy.sparse.linalg import SuperLU

    from shuyi.weights import Weights


INNER = 3.0
"""Value of |z| up to which the grid is fine: all but 0.25 % of the interval at either end."""

REACH = 7.0
"""Largest |z| of the grid, nearer to the ends than any estimate is accepted (``1 - tanh 7 = 2e-6``); beyond
it the spline continues as a straight line in z."""

STEP = 0.125
"""Distance of grid points in z up to `INNER`; twice that beyond, where the tails are nearly straight."""

DEGREE = 7
"""Degree of the spline."""

CHECKS = (-6.125, -3.625, -2.0625, -0.8125, 0.0625, 0.6875, 1.3125, 2.0625, 3.625, 6.125)
"""Values of z, midway between grid points, at which the errors of values are measured."""

TRACE_CHECKS = (-2.0, -0.75, 0.0, 0.625, 1.25, 2.0)
"""Grid points at which the errors of slopes are measured: there they are largest, and midway they vanish."""

TINY = 1e-30
"""Imaginary step: its square vanishes beside one in double precision, so that no digit is lost."""

PIVOT_THRESHOLD = 0.1
"""A diagonal pivot is kept unless it is ten times smaller than the largest entry of its column."""

MAX_POWER_ENTRIES = 50_000_000
"""Largest number of nonzero entries of a power of W that exact traces of powers may form."""


class SparseLogDeterminant:
    """Log-determinants from sparse LU factors on a grid of rho, with a measured error of interpolation.

    Attributes
    ----------
    weights : Weights
        Spatial weights in the panel's order of units.
    interval : tuple of float
        (1/w_min, 1/w_max) of the extreme real parts of W's eigenvalues (see `Weights.eigenvalue_interval`).
    error : float
        Largest absolute difference between spline and factorisation at `CHECKS`.
    """

    method = "sparse_lu"

    def __init__(self, weights: Weights) -> None:
        self.weights = weights

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Open interval of admissible rho."""
        return within_bounds(self.weights.eigenvalue_interval, self.weights.row_sums)

    @property
    def error(self) -> float:
        """Largest absolute error of the log-determinant found at `CHECKS`."""
        return self._measured[0]

    def record(self, rho: float) -> dict[str, Any]:
        """Return method, errors and grid, for the record of a fit.

        ``error`` is the error of the log-determinant; ``trace_error`` that of tr(SW)/n and ``sum_error`` that
        of 1'SW1, relative.

        Parameters
        ----------
        rho : float
            One value of rho.

        Returns
        -------
        dict
            Keys method, error, sum_error, trace_error, grid_points and checks.
        """
        errors = dict(zip(("error", "sum_error"), self._measured, strict=True))
        settings = {"grid_points": len(self._nodes), "checks": len(CHECKS)}
        return {"method": self.method, **errors, "trace_error": self._trace_error, **settings}

    def trace_error(self, rho: NDArray) -> float:
        """Return the largest error of ``tr(SW)/n`` found at `TRACE_CHECKS`; zero where all rho are zero.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        float
            Absolute error.
        """
        return self._trace_error if np.any(rho) else 0.0

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
        return self._log_spline(self._z(rho), 0)

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
        if rho == 0:
            return 0.0, 0.0, -float(self.power_traces(2)[2])
        z, speed, turn = self._chain(np.array(float(rho)))
        first, second = self._log_spline(z, 1), self._log_spline(z, 2)
        return float(self._log_spline(z, 0)), float(first * speed), float(second * speed**2 + first * turn)

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
        rho = np.asarray(rho, float)
        if not rho.any():
            return np.zeros_like(rho)
        z, speed, _ = self._chain(rho)
        return -self._log_spline(z, 1) * speed

    def sum_lag(self, rho: NDArray) -> NDArray:
        """Return ``1'S W 1``: n/(1 - rho) where rows sum to one, else interpolated in z.

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
        if not rho.any():
            return np.full_like(rho, self.weights.row_sums.sum())
        z = self._z(rho)
        return self._sum_spline(z, 0) * np.cosh(z) ** 2

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
        if rho == 0:
            return float(self.sparse.sum(axis=0) @ self.weights.row_sums)
        z, speed, _ = self._chain(np.array(float(rho)))
        inner = self._sum_spline(z, 1) + 2.0 * np.tanh(z) * self._sum_spline(z, 0)
        return float(inner * np.cosh(z) ** 2 * speed)

    def power_traces(self, orders: int) -> NDArray:
        """Return ``tr(W^q)`` for q = 0, ..., orders, exactly, from sparse powers up to half the order.

        Parameters
        ----------
        orders : int
            Highest power of W.

        Returns
        -------
        ndarray, shape (orders + 1,)
            n first.

        Raises
        ------
        ConfigError
            If a power holds more than `MAX_POWER_ENTRIES` entries.
        """
        return exact_power_traces(self.weights, orders)

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
    def sparse(self) -> csc_array:
        """W by columns."""
        return self.weights.to_sparse().tocsc()

    @cached_property
    def _order(self) -> NDArray[np.intp]:
        """Order of elimination with little fill, by minimum degree on the pattern of W + W'."""
        factors = factorise(unit_minus(self._safe, self.sparse), "MMD_AT_PLUS_A")
        return np.argsort(factors.perm_c)

    @property
    def _safe(self) -> float:
        """A rho at which rows are diagonally dominant."""
        return 0.5 / max(float(np.abs(self.weights.row_sums).max()), np.finfo(float).tiny)

    @cached_property
    def _ordered(self) -> csc_array:
        return self.sparse[self._order][:, self._order].tocsc()

    @cached_property
    def _nodes(self) -> NDArray[np.float64]:
        inner = np.linspace(-INNER, INNER, round(2 * INNER / STEP) + 1)
        outer = np.linspace(INNER, REACH, round((REACH - INNER) / (2 * STEP)) + 1)[1:]
        return np.concatenate([-outer[::-1], inner, outer])

    @cached_property
    def _samples(self) -> tuple[NDArray, NDArray]:
        """Log-determinant and ``1'S W 1 / cosh^2 z`` at the grid points (zero where rows sum to one)."""
        logs, sums = np.empty(len(self._nodes)), np.zeros(len(self._nodes))
        for position, rho in enumerate(self._rho(self._nodes).tolist()):
            factors = factorise(unit_minus(rho, self._ordered))
            logs[position] = _log_pivots(factors)
            sums[position] = self._sum_from(factors)
        return logs, sums / np.cosh(self._nodes) ** 2

    def _sum_from(self, factors: SuperLU) -> float:
        if self.weights.is_row_standardised:
            return 0.0
        return float(factors.solve(self.weights.row_sums[self._order]).sum())

    @cached_property
    def _splines(self) -> tuple[Any, Any]:
        from scipy.interpolate import make_interp_spline

        logs, sums = self._samples
        return make_interp_spline(self._nodes, logs, DEGREE), make_interp_spline(self._nodes, sums, DEGREE)

    def _log_spline(self, z: NDArray, order: int) -> NDArray:
        return _continued(self._splines[0], z, order)

    def _sum_spline(self, z: NDArray, order: int) -> NDArray:
        return _continued(self._splines[1], z, order)

    @cached_property
    def _measured(self) -> tuple[float, float]:
        """Largest errors of the log-determinant and, relative, of ``1'S W 1`` at `CHECKS`."""
        value = total = 0.0
        for rho in self._rho(np.array(CHECKS)):
            factors = factorise(unit_minus(float(rho), self._ordered))
            value = max(value, abs(_log_pivots(factors) - float(self.value(rho))))
            exact = self._sum_from(factors)
            if exact:
                total = max(total, abs(1.0 - float(self.sum_lag(rho)) / exact))
        return value, total

    @cached_property
    def _trace_error(self) -> float:
        """Largest error of ``tr(SW)/n`` at `TRACE_CHECKS`."""
        errors = [
            determinant_slope(unit_minus(rho, self._ordered), self._ordered, "NATURAL")
            - float(self.trace_lag(np.array(rho)))
            for rho in self._rho(np.array(TRACE_CHECKS)).tolist()
        ]
        return float(np.abs(errors).max()) / self.weights.n

    def _rho(self, z: NDArray) -> NDArray:
        low, high = self.interval
        return 0.5 * (low + high) + 0.5 * (high - low) * np.tanh(z)

    def _z(self, rho: NDArray) -> NDArray:
        low, high = self.interval
        return 0.5 * (np.log(rho - low) - np.log(high - rho))

    def _chain(self, rho: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        """Return z with its first and second derivative by rho."""
        low, high = self.interval
        left, right = 1.0 / (rho - low), 1.0 / (high - rho)
        return self._z(rho), 0.5 * (left + right), 0.5 * (right**2 - left**2)


def unit_minus(rho: complex, matrix: csc_array) -> csc_array:
    """Return ``I - rho W``.

    Parameters
    ----------
    rho : complex
        Factor of the matrix.
    matrix : csc_array, shape (n, n)
        W.

    Returns
    -------
    csc_array, shape (n, n)
        A new matrix.
    """
    from scipy.sparse import eye_array

    return (eye_array(matrix.shape[0], format="csc") - rho * matrix).tocsc()


def factorise(matrix: csc_array, order: str = "NATURAL") -> SuperLU:
    """Return the sparse LU factors with pivots on the diagonal wherever they are large enough.

    Parameters
    ----------
    matrix : csc_array, shape (n, n)
        Matrix to factorise.
    order : str, default "NATURAL"
        Ordering of the columns, as scipy's ``splu`` names it.

    Returns
    -------
    scipy.sparse.linalg.SuperLU
        The factors.
    """
    from scipy.sparse.linalg import splu

    symmetric = {"SymmetricMode": True}
    return splu(matrix, permc_spec=order, diag_pivot_thresh=PIVOT_THRESHOLD, options=symmetric)


def determinant_slope(matrix: Any, direction: Any, order: str = "MMD_AT_PLUS_A") -> float:
    """Return ``tr(M^{-1} D)`` as the derivative of ``ln|det(M + s D)|`` at s = 0, by an imaginary step.

    Parameters
    ----------
    matrix, direction : sparse array, shape (n, n)
        M and D, both real.
    order : str, default "MMD_AT_PLUS_A"
        Ordering of the columns, as scipy's ``splu`` names it.

    Returns
    -------
    float
        Exact to rounding.
    """
    pivots = factorise((matrix + 1j * TINY * direction).tocsc(), order).U.diagonal()
    return float((pivots.imag / pivots.real).sum()) / TINY


def _log_pivots(factors: SuperLU) -> float:
    return float(np.log(np.abs(factors.U.diagonal())).sum())


def exact_power_traces(weights: Weights, orders: int) -> NDArray[np.float64]:
    """Return ``tr(W^q)`` for q = 0, ..., orders from sparse powers up to half the order.

    Parameters
    ----------
    weights : Weights
        Spatial weights in the panel's order of units.
    orders : int
        Highest power of W.

    Returns
    -------
    ndarray, shape (orders + 1,)
        n first.

    Raises
    ------
    ConfigError
        If a power holds more than `MAX_POWER_ENTRIES` entries.

    Examples
    --------
    >>> from shuyi.spatialpanel.logdet.sparse import exact_power_traces
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> exact_power_traces(lattice(3), 3).round(3)
    array([9.   , 0.   , 3.333, 0.   ])
    """
    w = weights.to_sparse()
    traces = np.zeros(orders + 1)
    traces[0] = weights.n
    left = w
    for q in range(2, orders + 1):
        right = left
        if q % 2:
            right = left @ w
            _check_fill(right.nnz, q, orders)
        traces[q] = float(left.multiply(right.T).sum())
        if q % 2:
            left = right
    return traces


def _check_fill(entries: int, q: int, orders: int) -> None:
    if entries > MAX_POWER_ENTRIES:
        raise ConfigError(
            "A power of the weights fills up, so that traces of this order are out of reach.",
            expected=f"at most {MAX_POWER_ENTRIES} nonzero entries of W^{(q + 1) // 2}",
            found=f"{entries} entries; traces up to order {orders} asked for",
            remedy=f"ask for at most {q - 1} orders",
        )


def _continued(spline: Any, z: NDArray, order: int) -> NDArray[np.float64]:
    """Return a derivative of a spline, continued beyond its ends as a straight line."""
    z = np.asarray(z, float)
    inside = np.clip(z, -REACH, REACH)
    if order == 0:
        return spline(inside) + (z - inside) * spline(inside, 1)
    if order == 1:
        return spline(inside, 1)
    return np.where(z == inside, spline(inside, order), 0.0)
