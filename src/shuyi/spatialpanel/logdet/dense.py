"""Exact log-determinants from the eigenvalues of W."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.spatialpanel.logdet.base import GRID_POINTS, _chunked, interior_points, within_bounds
from shuyi.weights.container import real_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.weights import Weights


class EigenvalueLogDeterminant:
    """Exact log-determinants from all eigenvalues of W (Ord 1975), real or in conjugate pairs.

    One member of each conjugate pair is kept with multiplicity two. All evaluations cost O(n) per rho.

    Parameters
    ----------
    weights : Weights
        Spatial weights, at most `DENSE_LIMIT` units where they are sparse.
    """

    method = "eigenvalues"
    error = 0.0

    def __init__(self, weights: Weights) -> None:
        self.spectrum = Spectrum.of(weights.eigenvalues)
        self.interval = within_bounds(real_interval(weights.eigenvalues), weights.row_sums)
        self._weights = weights
        self._sums: Spectrum | None = None
        self._grid: tuple[NDArray, NDArray] | None = None

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
        return self.spectrum.log_determinant(np.asarray(rho, float))

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
        return self.spectrum.derivatives(rho)

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
        return self.spectrum.trace(np.asarray(rho, float))

    def sum_lag(self, rho: NDArray) -> NDArray:
        """Return ``1'S W 1``: n / (1 - rho) where rows sum to one, else by the determinant lemma.

        ``1'S r = det(I - rho W + r 1') / det(I - rho W) - 1`` with the row sums ``r = W 1``.

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
        if self._weights.is_row_standardised:
            return self._weights.n / (1.0 - rho)
        return self._ratio(rho) - 1.0

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
        if self._weights.is_row_standardised:
            return float(self._weights.n / (1.0 - rho) ** 2)
        slope = self._rank_one().derivatives(rho)[1] - self.spectrum.derivatives(rho)[1]
        return float(self._ratio(np.array(rho)) * slope)

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
        return self.spectrum.power_traces(orders)

    def grid(self) -> tuple[NDArray, NDArray]:
        """Return `GRID_POINTS` equally spaced interior points and the log-determinant there.

        Returns
        -------
        (ndarray, ndarray), each of shape (GRID_POINTS,)
            Points and values.
        """
        if self._grid is None:
            points = interior_points(self.interval, GRID_POINTS)
            self._grid = points, self.value(points)
        return self._grid

    def trace_error(self, rho: NDArray) -> float:
        """Return zero: traces are exact.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        float
            Zero.
        """
        return 0.0

    def record(self, rho: float) -> dict[str, Any]:
        """Return method and error.

        Parameters
        ----------
        rho : float
            One value of rho.

        Returns
        -------
        dict
            Keys method and error.
        """
        return {"method": self.method, "error": self.error}

    def _rank_one(self) -> Spectrum:
        """Eigenvalues of ``(I + r 1')^{-1} W``, in which ``det(I - rho W + r 1')`` factors."""
        if self._sums is None:
            w, r = self._weights.to_dense(), self._weights.row_sums
            updated = w - np.outer(r / (1.0 + r.sum()), w.sum(axis=0))
            self._sums = Spectrum.of(np.linalg.eigvals(updated))
        return self._sums

    def _ratio(self, rho: NDArray) -> NDArray:
        top, bottom = self._rank_one(), self.spectrum
        size = (1.0 + self._weights.row_sums.sum()) * np.exp(
            top.log_determinant(rho) - bottom.log_determinant(rho)
        )
        return size * top.sign(rho) * bottom.sign(rho)


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Eigenvalues ``re + i im`` with ``im >= 0`` and how often each counts; all of shape (m,), m <= n.

    Parameters
    ----------
    re, im : ndarray
        Real and imaginary parts.
    times : ndarray
        One for a real eigenvalue, two for a pair.
    """

    re: NDArray
    im: NDArray
    times: NDArray

    @classmethod
    def of(cls, eigenvalues: NDArray) -> Spectrum:
        """Keep the real eigenvalues and one of each conjugate pair.

        Parameters
        ----------
        eigenvalues : ndarray, shape (n,)
            All eigenvalues, real or complex.

        Returns
        -------
        Spectrum
            With multiplicities that sum to n.
        """
        kept = eigenvalues[eigenvalues.imag >= 0]
        return cls(kept.real.copy(), kept.imag.copy(), np.where(kept.imag > 0, 2.0, 1.0))

    @property
    def is_real(self) -> bool:
        """Whether no eigenvalue has an imaginary part."""
        return not self.im.any()

    def log_determinant(self, rho: NDArray) -> NDArray:
        """Return ``ln|det(I - rho W)|`` for rho of any shape.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        ndarray, shape of rho
            Logarithm of the absolute determinant.
        """
        if self.is_real:
            return _chunked(
                lambda r: np.log(np.abs(1.0 - r[:, None] * self.re)).sum(axis=1), rho, len(self.re)
            )
        return _chunked(lambda r: 0.5 * (np.log(self._modulus(r)) @ self.times), rho, len(self.re))

    def trace(self, rho: NDArray) -> NDArray:
        """Return ``sum w / (1 - rho w)`` for rho of any shape.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        ndarray, shape of rho
            Traces.
        """
        if self.is_real:
            return _chunked(lambda r: (self.re / (1.0 - r[:, None] * self.re)).sum(axis=1), rho, len(self.re))
        square = self.re**2 + self.im**2

        def paired(r: NDArray) -> NDArray:
            return ((self.re - r[:, None] * square) / self._modulus(r)) @ self.times

        return _chunked(paired, rho, len(self.re))

    def derivatives(self, rho: float) -> tuple[float, float, float]:
        """Return the log-determinant and its first two derivatives at one rho.

        Parameters
        ----------
        rho : float
            One value of rho.

        Returns
        -------
        (float, float, float)
            Value and first two derivatives.
        """
        if self.is_real:
            rest = 1.0 - rho * self.re
            g = self.re / rest
            return float(np.log(np.abs(rest)).sum()), float(-g.sum()), float(-(g @ g))
        w = self.re + 1j * self.im
        remains = 1.0 - rho * w
        pairs = w / remains
        value = np.log(np.abs(remains)) @ self.times
        return float(value), float(-(pairs.real @ self.times)), float(-((pairs**2).real @ self.times))

    def sign(self, rho: NDArray) -> NDArray:
        """Return the sign of ``det(I - rho W)``: pairs contribute a positive factor.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        ndarray, shape of rho
            One or minus one.
        """
        real = self.re[self.im == 0]
        return _chunked(lambda r: np.sign(1.0 - r[:, None] * real).prod(axis=1), rho, max(len(real), 1))

    def power_traces(self, orders: int) -> NDArray:
        """Return ``sum w^q`` for q = 0, ..., orders.

        Parameters
        ----------
        orders : int
            Highest power of W.

        Returns
        -------
        ndarray, shape (orders + 1,)
            n first.
        """
        w = self.re + 1j * self.im
        return np.array([float((w**q).real @ self.times) for q in range(orders + 1)])

    def _modulus(self, rho: NDArray) -> NDArray:
        return (1.0 - rho[:, None] * self.re) ** 2 + (rho[:, None] * self.im) ** 2
