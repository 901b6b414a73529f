"""Coefficients with their errors, and direct, indirect and total effects, of many fits at once.

The formulas are those of `shuyi.spatialpanel.effects`: ``direct = b (1 + rho c) + th c`` and
``total = b (1 + rho d) + th d`` with ``c = tr(SW)/n`` and ``d = 1'SW1/n``, and delta-method errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.spatialpanel.many.stack import Setting, Stack, traces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.logdet.dense import Spectrum
    from shuyi.weights import Weights


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where the coefficients of each term stand among those of a fit.

    Attributes
    ----------
    own : ndarray of int, shape (K,)
        Position of b.
    lagged : ndarray of int, shape (B or 1, K)
        Position of th; -1 where the term has none.
    """

    own: NDArray[np.int64]
    lagged: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class BatchEffects:
    """Effects of B fits.

    Attributes
    ----------
    estimate, std_error : ndarray, shape (B, K, 3)
        Direct, indirect, total, and their delta-method errors.
    """

    estimate: NDArray[np.float64]
    std_error: NDArray[np.float64]


def in_names(stack: Stack, g: NDArray, matrix: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return coefficients (B, k) and covariances (B, p, p) of the regressors themselves.

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    g : ndarray, shape (B, k)
        In the coordinates of the basis.
    matrix : ndarray, shape (B, p, p)
        Likewise in its first k rows and columns.

    Returns
    -------
    ndarray, shape (B, k)
        Coefficients.
    ndarray, shape (B, p, p)
        Their covariances.
    """
    k = stack.k
    beta = (stack.unroot @ g[:, :, None])[:, :, 0]
    turned = np.array(matrix)
    turned[:, :k] = stack.unroot @ turned[:, :k]
    turned[:, :, :k] = turned[:, :, :k] @ stack.unroot.transpose(0, 2, 1)
    return beta, turned


def effects(setting: Setting, beta: NDArray, rho: NDArray, matrix: NDArray, places: Places) -> BatchEffects:
    """Return direct, indirect and total effects of many fits with delta-method errors.

    Parameters
    ----------
    setting : Setting
        What the fits share.
    beta : ndarray, shape (B, k)
        Coefficients of the regressors and of their spatial lags.
    rho : ndarray, shape (B,)
        Zero where the model has none.
    matrix : ndarray, shape (B, p, p)
        Covariance of coefficients, rho, sigma2.
    places : Places
        Where the coefficients of the effects' terms stand.

    Returns
    -------
    BatchEffects
        Effects and their errors.
    """
    count, k = beta.shape
    lagged = np.broadcast_to(places.lagged, (count, places.lagged.shape[1]))
    has = lagged >= 0
    fits = np.arange(count)[:, None]
    b, th = beta[:, places.own], np.where(has, beta[fits, lagged], 0.0)
    values, slopes = spillover(setting, rho)
    at = np.stack([np.broadcast_to(places.own, lagged.shape), np.where(has, lagged, 0)], axis=2)
    if setting.spatial == "rho":
        at = np.concatenate([at, np.full((*lagged.shape, 1), k)], axis=2)
    cov = matrix[fits[:, :, None, None], at[:, :, :, None], at[:, :, None, :]]
    found, gradients = [], []
    for value, slope in zip(values, slopes, strict=True):
        value, slope, r = value[:, None], slope[:, None], rho[:, None]
        found.append(b * (1 + r * value) + th * value)
        parts = [np.broadcast_to(1 + r * value, b.shape), has * value]
        if setting.spatial == "rho":
            parts.append(b * (value + r * slope) + th * slope)
        gradients.append(np.stack(parts, axis=2))
    direct, total = found
    gradient = np.stack([gradients[0], gradients[1] - gradients[0], gradients[1]], axis=2)
    variance = np.einsum("bkca,bkcd,bkad->bkc", gradient, gradient, cov, optimize=True)
    return BatchEffects(np.stack([direct, total - direct, total], axis=2), np.sqrt(np.maximum(variance, 0.0)))


def spillover(setting: Setting, rho: NDArray) -> tuple[tuple[NDArray, NDArray], tuple[NDArray, NDArray]]:
    """Return c and d at each rho, and their derivatives, each of shape (B,).

    Parameters
    ----------
    setting : Setting
        What the fits share.
    rho : ndarray, shape (B,)
        rho of each fit.

    Returns
    -------
    ((ndarray, ndarray), (ndarray, ndarray))
        c and d, then their derivatives.
    """
    if setting.weights is None:
        nothing = np.zeros_like(rho)
        return (nothing, nothing), (nothing, nothing)
    n = setting.n
    first, second = traces(spectrum(setting.weights), rho)
    if setting.weights.is_row_standardised:
        rest = 1.0 - rho
        return (first / n, 1.0 / rest), (second / n, 1.0 / rest**2)
    total, slope = _sums(setting.weights, rho)
    return (first / n, total / n), (second / n, slope / n)


def spectrum(weights: Weights) -> Spectrum:
    """Return the eigenvalues of weights, which live as long as the weights do.

    Parameters
    ----------
    weights : Weights
        Spatial weights.

    Returns
    -------
    Spectrum
        One of each conjugate pair.
    """
    from shuyi.spatialpanel.logdet.choose import log_determinant

    return log_determinant(weights, "eigenvalues").spectrum  # type: ignore[attr-defined]


def _sums(weights: Weights, rho: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ``1'S W 1`` and its derivative ``1'S W S W 1`` at each rho."""
    w = weights.to_dense()
    inverse = np.linalg.inv(np.eye(len(w)) - rho[:, None, None] * w)
    right = inverse @ w.sum(axis=1)
    left = inverse.sum(axis=1) @ w
    return right.sum(axis=1), np.einsum("bi,bi->b", left, right)
