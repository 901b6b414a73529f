"""The expected information of many fits at once, and inverses that say whether they can be trusted.

The formulas are those of `covariance.expected_information`, in the orthonormal coordinates of a stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuyi.spatialpanel.many.estimates import Estimates, filtered
from shuyi.spatialpanel.many.stack import Stack, dot, inner

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrices = tuple[NDArray[np.float64], NDArray[np.bool_]]

WELL_CONDITIONED = 1e9
"""Norm of a scaled matrix times that of its inverse up to which the inverse keeps its digits."""


def information(stack: Stack, found: Estimates) -> Matrices:
    """Invert the expected information of many fits: matrices (B, p, p) and whether they are sound.

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    found : Estimates
        Estimates of the fits.

    Returns
    -------
    (ndarray, ndarray)
        Covariances, shape (B, p, p), and which of them are sound, shape (B,).
    """
    inverse, sound = scaled_inverse(expected_information(stack, found))
    return 0.5 * (inverse + inverse.transpose(0, 2, 1)), sound


def expected_information(stack: Stack, found: Estimates) -> NDArray[np.float64]:
    """Return the expected information in the coordinates of the bases, shape (B, p, p).

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    found : Estimates
        Estimates of the fits.

    Returns
    -------
    ndarray, shape (B, p, p)
        Coefficients, rho or lam, sigma2.
    """
    setting, k, s2 = stack.setting, stack.k, found.sigma2
    info = np.zeros((len(s2), stack.names_count, stack.names_count))
    x = filtered(stack, found.parameter)
    info[:, :k, :k] = x @ x.transpose(0, 2, 1) / s2[:, None, None]
    info[:, -1, -1] = setting.size / (2 * s2**2)
    if not setting.spatial:
        return info
    g = setting.generators(found.parameter)
    if setting.spatial == "rho":
        mean = _spatial_mean(stack, found, g)
        info[:, :k, k] = info[:, k, :k] = inner(stack.basis, mean) / s2[:, None]
        info[:, k, k] = dot(mean, mean) / s2
    if setting.convention.drops_unit_root:
        g = g - g.mean(axis=1, keepdims=True)
    periods = setting.convention.periods
    both = np.einsum("bij,bji->b", g, g) + np.einsum("bij,bij->b", g, g)
    info[:, k, k] += periods * both
    info[:, k, -1] = info[:, -1, k] = periods * np.trace(g, axis1=1, axis2=2) / s2
    return info


def scaled_inverse(matrix: NDArray) -> Matrices:
    """Invert symmetric matrices (B, p, p) after scaling their diagonals to one.

    Parameters
    ----------
    matrix : ndarray, shape (B, p, p)
        Symmetric matrices.

    Returns
    -------
    inverse : ndarray, shape (B, p, p)
    sound : ndarray of bool, shape (B,)
        Whether the inverse keeps its digits.
    """
    scale = inverse_roots(np.diagonal(matrix, axis1=1, axis2=2))
    weights = scale[:, None, :] * scale[:, :, None]
    scaled = matrix * weights
    inverse = inverted(scaled)
    return inverse * weights, norm(scaled) * norm(inverse) < WELL_CONDITIONED


def inverse_roots(diagonal: NDArray) -> NDArray[np.float64]:
    """Return ``1/sqrt(d)`` of positive numbers and one of all others.

    Parameters
    ----------
    diagonal : ndarray
        Numbers of any shape.

    Returns
    -------
    ndarray, shape of `diagonal`
        Positive numbers.
    """
    return 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))


def inverted(matrix: NDArray) -> NDArray[np.float64]:
    """Invert matrices (..., p, p); where one is exactly singular, return NaN for all of them.

    Parameters
    ----------
    matrix : ndarray, shape (..., p, p)
        Square matrices.

    Returns
    -------
    ndarray, shape (..., p, p)
        Their inverses.
    """
    try:
        return np.linalg.inv(matrix).astype(np.float64, copy=False)
    except np.linalg.LinAlgError:
        return np.full(matrix.shape, np.nan)


def norm(matrix: NDArray) -> NDArray[np.float64]:
    """Return the Frobenius norms of matrices (..., p, q).

    Parameters
    ----------
    matrix : ndarray, shape (..., p, q)
        Matrices.

    Returns
    -------
    ndarray, shape (...)
        One norm per matrix.
    """
    return np.sqrt(np.einsum("...ij,...ij->...", matrix, matrix))


def _spatial_mean(stack: Stack, found: Estimates, g: NDArray) -> NDArray[np.float64]:
    """Return the transformed mean of ``W y``: ``W y`` less ``W (I - rho W)^{-1} e``, shape (B, N)."""
    setting = stack.setting
    assert stack.lagged is not None
    noise = setting.panel(found.residuals) @ g.transpose(0, 2, 1)
    return setting.within(stack.lagged - noise.reshape(stack.lagged.shape))
