"""Maximum-likelihood estimates of a stack, corrected for bias where the convention asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from shuyi.spatialpanel.many.search import PERFECT, ErrorSquares, Found, LagSquares, project, search
from shuyi.spatialpanel.many.stack import Setting, Stack, dot, inner, jacobian_at, outer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.many.search import Squares


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Estimates of B fits in the coordinates of their bases.

    Attributes
    ----------
    g : ndarray, shape (B, k)
        Coordinates of the coefficients.
    parameter : ndarray, shape (B,)
        rho or lam; zero where the model has neither.
    sigma2 : ndarray, shape (B,)
        Variance of the innovations.
    residuals : ndarray, shape (B, N)
        Innovations, transformed.
    iterations : ndarray of int, shape (B,)
        Newton steps of the search.
    gradient : ndarray, shape (B,)
        Absolute derivative of the concentrated log-likelihood at the estimate.
    sound : ndarray of bool, shape (B,)
        Fits whose numbers count; the others go to the single fit.
    """

    g: NDArray[np.float64]
    parameter: NDArray[np.float64]
    sigma2: NDArray[np.float64]
    residuals: NDArray[np.float64]
    iterations: NDArray[np.int64]
    gradient: NDArray[np.float64]
    sound: NDArray[np.bool_]

    @property
    def vector(self) -> NDArray[np.float64]:
        """Coordinates, spatial parameter and sigma2, shape (B, k + 2)."""
        return np.concatenate([self.g, self.parameter[:, None], self.sigma2[:, None]], axis=1)


def estimate(stack: Stack) -> Estimates:
    """Maximise the likelihoods of a stack (for ``lee_yu_bias``: of the direct approach).

    Parameters
    ----------
    stack : Stack
        Data of the fits.

    Returns
    -------
    Estimates
        In the coordinates of the bases.
    """
    setting = stack.setting
    if not setting.spatial:
        g, e = project(stack, stack.y)
        count = len(e)
        nothing = Found(np.zeros(count), np.zeros(count, np.int64), np.zeros(count), np.ones(count, bool))
        return _collected(stack, nothing, g, dot(e, e))
    assert setting.jacobian is not None
    squares: Squares = LagSquares.of(stack) if setting.spatial == "rho" else ErrorSquares.of(stack)
    found = search(squares, setting.jacobian, setting.size)
    at_zero = squares.at(np.zeros(len(stack.y)), np.arange(len(stack.y)))[0]
    return _collected(stack, found, squares.coordinates(found.parameter), at_zero)


def residuals_at(stack: Stack, g: NDArray, parameter: NDArray) -> NDArray[np.float64]:
    """Return the innovations at coordinates (B, k) and spatial parameters (B,): shape (B, N).

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    g : ndarray, shape (B, k)
        Coordinates of the coefficients.
    parameter : ndarray, shape (B,)
        rho or lam.

    Returns
    -------
    ndarray, shape (B, N)
        Innovations.
    """
    e = stack.y - outer(g, stack.basis)
    if stack.lagged is not None:
        e -= parameter[:, None] * side_at(stack, g)
    return e


def side_at(stack: Stack, g: NDArray) -> NDArray[np.float64]:
    """Return minus the derivative of the innovations by the spatial parameter, shape (B, N).

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    g : ndarray, shape (B, k)
        Coordinates of the coefficients.

    Returns
    -------
    ndarray, shape (B, N)
        ``W y`` where the model has rho, ``W (y - X b)`` where it has lam.
    """
    assert stack.lagged is not None
    return stack.lagged if stack.lagged_basis is None else stack.lagged - outer(g, stack.lagged_basis)


def filtered(stack: Stack, parameter: NDArray) -> NDArray[np.float64]:
    """Return the regressors' basis, filtered by lam where the model has it, shape (B or 1, k, N).

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    parameter : ndarray, shape (B,)
        lam of each fit.

    Returns
    -------
    ndarray, shape (B or 1, k, N)
        ``Q - lam W Q``.
    """
    if stack.lagged_basis is None:
        return stack.basis
    return stack.basis - parameter[:, None, None] * stack.lagged_basis


def loglikelihood(setting: Setting, found: Estimates) -> NDArray[np.float64]:
    """Return the log-likelihoods with their constants, shape (B,).

    Parameters
    ----------
    setting : Setting
        What the fits share.
    found : Estimates
        Estimates of the fits.

    Returns
    -------
    ndarray, shape (B,)
        On the effective observations of the convention.
    """
    square = dot(found.residuals, found.residuals)
    value = -0.5 * setting.size * np.log(2 * np.pi * found.sigma2) - square / (2 * found.sigma2)
    if setting.jacobian is not None:
        value = value + jacobian_at(setting.jacobian, found.parameter)[0]
    return value


def profiled(setting: Setting, found: Estimates) -> Estimates:
    """Return the estimates with the sigma2 that maximises the likelihood.

    Parameters
    ----------
    setting : Setting
        What the fits share.
    found : Estimates
        Estimates of the fits.

    Returns
    -------
    Estimates
        Otherwise the same.
    """
    return replace(found, sigma2=dot(found.residuals, found.residuals) / setting.size)


def corrected(stack: Stack, found: Estimates, information: NDArray) -> Estimates:
    """Correct direct estimates as `models.correct_bias` does.

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    found : Estimates
        Direct estimates.
    information : ndarray, shape (B, p, p)
        Expected information at them, in their coordinates.

    Returns
    -------
    Estimates
        With corrected rho or lam and sigma2.
    """
    setting, k = stack.setting, stack.k
    n, T, effects = setting.n, setting.T, setting.convention.effects
    g, parameter, sigma2 = found.g, found.parameter, found.sigma2
    if effects == "twoways":
        a = np.zeros(information.shape[:2])
        if setting.spatial:
            a[:, k] = 1.0 / (1.0 - parameter)
        a[:, -1] = 1.0 / (2 * sigma2)
        step = np.linalg.solve(information / (n * T), a[:, :, None])[:, :, 0] / n
        g, sigma2 = g + step[:, :k], sigma2 + step[:, -1]
        parameter = parameter + step[:, k] if setting.spatial else parameter
    sigma2 = sigma2 * (n / (n - 1) if effects == "time" else T / (T - 1))
    sound = found.sound & _admissible(setting, parameter)
    parameter = np.where(sound, parameter, 0.0)
    residuals = residuals_at(stack, g, parameter)
    return replace(found, g=g, parameter=parameter, sigma2=sigma2, residuals=residuals, sound=sound)


def _admissible(setting: Setting, parameter: NDArray) -> NDArray[np.bool_]:
    if setting.jacobian is None:
        return np.ones(len(parameter), bool)
    low, high = setting.jacobian.interval
    return (low < parameter) & (parameter < high)


def _collected(stack: Stack, found: Found, g: NDArray, at_zero: NDArray) -> Estimates:
    """Refine the coefficients by one projection of the residuals and compute sigma2.

    Fits that are not sound get parameters zero and sigma2 one, so that later formulas stay finite.
    """
    total = dot(stack.y, stack.y)
    sound = stack.sound & found.sound & (at_zero > PERFECT * total) & np.isfinite(g).all(axis=1)
    parameter, g = np.where(sound, found.parameter, 0.0), np.where(sound[:, None], g, 0.0)
    e = residuals_at(stack, g, parameter)
    if stack.lagged_basis is None:
        step: NDArray = inner(stack.basis, e)
    else:
        x = filtered(stack, parameter)
        step = np.linalg.solve(x @ x.transpose(0, 2, 1), inner(x, e)[:, :, None])[:, :, 0]
    g = g + step
    e = residuals_at(stack, g, parameter)
    sigma2 = np.where(sound, dot(e, e) / stack.setting.size, 1.0)
    return Estimates(g, parameter, sigma2, e, found.iterations, found.gradient, sound)
