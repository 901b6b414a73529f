"""Many estimation problems of one shape as arrays: their setting, their data, their orthonormal bases.

B fits share a sample of n units and T periods, effects, a convention and one weights matrix W; their
outcomes and regressors differ. Series are rows of N = nT numbers, period-major, transformed for the effects.
Regressors are written as ``X = R'Q`` with orthonormal rows Q, and everything up to the covariance happens in
the coordinates ``g = R b``, so that collinearity costs no digits before the coefficients themselves. An axis
of B is of length one where all fits share the array.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.spatialpanel.logdet.choose import Jacobian
from shuyi.spatialpanel.logdet.dense import Spectrum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.transforms import Convention
    from shuyi.weights import Weights

INDEPENDENT = 1e-8
"""Share of a column's length that must be new to the columns before it. What has less goes to the single fit,
which decides at 1e-9 and says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What B fits have in common.

    Attributes
    ----------
    n, T : int
        Units and periods.
    convention : Convention
        How the effects are removed.
    spatial : {"", "rho", "lam"}
        The spatial parameter of the model.
    weights : Weights or None
        One matrix for all periods.
    jacobian : Jacobian or None
        Of the spatial parameter.
    """

    n: int
    T: int
    convention: Convention
    spatial: str
    weights: Weights | None
    jacobian: Jacobian | None

    @property
    def size(self) -> int:
        """Effective observations."""
        return self.convention.observations

    @property
    def centres_units(self) -> bool:
        """Whether period means are removed."""
        return self.convention.effects in ("time", "twoways")

    @property
    def centres_periods(self) -> bool:
        """Whether the means of units are removed."""
        return self.convention.effects in ("individual", "twoways")

    def panel(self, series: NDArray) -> NDArray:
        """Return series of shape (..., N) as (..., T, n).

        Parameters
        ----------
        series : ndarray, shape (..., N)
            Stacked values, period-major.

        Returns
        -------
        ndarray, shape (..., T, n)
            A view.
        """
        return series.reshape(*series.shape[:-1], self.T, self.n)

    def within(self, series: NDArray) -> NDArray[np.float64]:
        """Remove from series of shape (..., N) what the effects absorb.

        Parameters
        ----------
        series : ndarray, shape (..., N)
            Stacked values, period-major.

        Returns
        -------
        ndarray, shape (..., N)
            Deviations.
        """
        return demeaned(self.panel(series), self.convention.effects).reshape(series.shape)

    def generators(self, parameter: NDArray) -> NDArray[np.float64]:
        """Return ``W (I - r W)^{-1}`` at parameters of shape (B,): shape (B, n, n).

        Parameters
        ----------
        parameter : ndarray, shape (B,)
            rho or lam of each fit.

        Returns
        -------
        ndarray, shape (B, n, n)
            One matrix per fit.
        """
        assert self.weights is not None
        w = self.weights.to_dense()
        inverse = np.linalg.inv(np.eye(self.n) - parameter[:, None, None] * w)
        return w @ inverse


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """The data of B fits.

    Attributes
    ----------
    setting : Setting
        What the fits share.
    basis : ndarray, shape (B, k, N)
        Q, the orthonormal rows of the regressors.
    unroot : ndarray, shape (B, k, k)
        ``R^{-1}``: coefficients are ``b = R^{-1} g``.
    y : ndarray, shape (B, N)
        Transformed outcomes.
    lagged : ndarray, shape (B, N), or None
        ``W y`` where the model has rho or lam.
    lagged_basis : ndarray, shape (B, k, N), or None
        ``W X`` in the coordinates of Q, where the model has lam.
    sound : ndarray of bool, shape (B,)
        Fits whose regressors are clearly independent; the numbers of all others mean nothing.
    """

    setting: Setting
    basis: NDArray[np.float64]
    unroot: NDArray[np.float64]
    y: NDArray[np.float64]
    lagged: NDArray[np.float64] | None
    lagged_basis: NDArray[np.float64] | None
    sound: NDArray[np.bool_]

    @property
    def k(self) -> int:
        """Number of coefficients."""
        return self.basis.shape[1]

    @property
    def names_count(self) -> int:
        """Number of parameters: coefficients, rho or lam, sigma2."""
        return self.k + bool(self.setting.spatial) + 1


def build_stack(
    setting: Setting, x: NDArray, y: NDArray, lagged: NDArray | None, lagged_x: NDArray | None
) -> Stack:
    """Orthonormalise the regressors of many fits.

    Parameters
    ----------
    setting : Setting
        What the fits share.
    x : ndarray, shape (B, k, N)
        Transformed regressors with their spatial lags; B is one where all fits share them.
    y : ndarray, shape (B, N)
        Transformed outcomes.
    lagged : ndarray, shape (B, N), or None
        Transformed ``W y``.
    lagged_x : ndarray, shape (B, k, N), or None
        Transformed ``W X`` of a model with lam.

    Returns
    -------
    Stack
        Bases, outcomes and lags of all fits.
    """
    columns, triangle = np.linalg.qr(x.transpose(0, 2, 1))
    lengths = np.sqrt(np.einsum("bkn,bkn->bk", x, x))
    pivots = np.abs(np.diagonal(triangle, axis1=1, axis2=2))
    independent = np.all(pivots > INDEPENDENT * lengths, axis=1)
    unroot = np.linalg.inv(np.where(independent[:, None, None], triangle, np.eye(x.shape[1])))
    sides = None
    if lagged_x is not None:
        sides = unroot.transpose(0, 2, 1) @ lagged_x
    sound = np.broadcast_to(independent, (len(y),))
    return Stack(setting, np.ascontiguousarray(columns.transpose(0, 2, 1)), unroot, y, lagged, sides, sound)


def inner(rows: NDArray, series: NDArray) -> NDArray[np.float64]:
    """Return the products of rows (B or 1, k, N) with series (B, N): shape (B, k).

    Parameters
    ----------
    rows : ndarray, shape (B or 1, k, N)
        k series per fit.
    series : ndarray, shape (B, N)
        One series per fit.

    Returns
    -------
    ndarray, shape (B, k)
        Products.
    """
    if len(rows) == 1:
        return series @ rows[0].T
    return (rows @ series[:, :, None])[:, :, 0]


def outer(coefficients: NDArray, rows: NDArray) -> NDArray[np.float64]:
    """Return the combinations of rows (B or 1, k, N) with coefficients (B, k): shape (B, N).

    Parameters
    ----------
    coefficients : ndarray, shape (B, k)
        Factors of the rows.
    rows : ndarray, shape (B or 1, k, N)
        k series per fit.

    Returns
    -------
    ndarray, shape (B, N)
        One series per fit.
    """
    if len(rows) == 1:
        return coefficients @ rows[0]
    return (coefficients[:, None, :] @ rows)[:, 0]


def dot(left: NDArray, right: NDArray) -> NDArray[np.float64]:
    """Return the products of two series of each fit, shape (B,).

    Parameters
    ----------
    left, right : ndarray, shape (B, N)
        One series per fit.

    Returns
    -------
    ndarray, shape (B,)
        One number per fit.
    """
    return np.einsum("bn,bn->b", left, right)


def demeaned(values: NDArray, effects: str) -> NDArray[np.float64]:
    """Remove individual means, period means or both from an array of shape (..., T, n).

    Parameters
    ----------
    values : ndarray, shape (..., T, n)
        Values in levels.
    effects : {"pooled", "individual", "time", "twoways"}
        Which means are removed.

    Returns
    -------
    ndarray, shape (..., T, n)
        Deviations.
    """
    if effects in ("individual", "twoways"):
        values = values - values.mean(axis=-2, keepdims=True)
    if effects in ("time", "twoways"):
        values = values - values.mean(axis=-1, keepdims=True)
    return values


def jacobian_at(jacobian: Jacobian, r: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Return the Jacobian of one matrix and its first two derivatives at parameters of shape (B,).

    Parameters
    ----------
    jacobian : Jacobian
        With one part, whose log-determinant comes from eigenvalues.
    r : ndarray, shape (B,)
        Spatial parameters.

    Returns
    -------
    (ndarray, ndarray, ndarray), each of shape (B,)
        Value and derivatives.
    """
    count, spectrum = jacobian.counts[0], spectrum_of(jacobian)
    first, second = traces(spectrum, r)
    value = count * spectrum.log_determinant(r)
    first, second = -count * first, -count * second
    if jacobian.drops_unit_root:
        rest = 1.0 - r
        value, first, second = value - count * np.log(rest), first + count / rest, second + count / rest**2
    return value, first, second


def spectrum_of(jacobian: Jacobian) -> Spectrum:
    """Return the eigenvalues behind a Jacobian of one matrix.

    Parameters
    ----------
    jacobian : Jacobian
        With one part, whose log-determinant comes from eigenvalues.

    Returns
    -------
    Spectrum
        One of each conjugate pair.
    """
    return jacobian.parts[0].spectrum  # type: ignore[attr-defined]


def traces(spectrum: Spectrum, r: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ``tr(G)`` and ``tr(GG)`` with ``G = W (I - r W)^{-1}`` at parameters of shape (B,).

    Parameters
    ----------
    spectrum : Spectrum
        Eigenvalues of W.
    r : ndarray, shape (B,)
        Spatial parameters.

    Returns
    -------
    (ndarray, ndarray), each of shape (B,)
        Both traces.
    """
    if spectrum.is_real:
        g = spectrum.re / (1.0 - r[:, None] * spectrum.re)
        return g.sum(axis=1), np.einsum("bi,bi->b", g, g)
    w = spectrum.re + 1j * spectrum.im
    pairs = w / (1.0 - r[:, None] * w)
    return pairs.real @ spectrum.times, (pairs**2).real @ spectrum.times
