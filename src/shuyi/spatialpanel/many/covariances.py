"""Covariances of many fits at once: the expected information and the cluster jackknife by unit.

The formulas are those of `covariance.expected_information` and `jackknife.cluster_jackknife`, in the
orthonormal coordinates of a stack. A kind is a function ``(stack, estimates) -> (matrices, sound)``, entered
in `BATCHED`; fits that are not sound are close to what the single fit refuses, and go to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from shuyi.spatialpanel.many.estimates import Estimates, filtered, profiled, side_at
from shuyi.spatialpanel.many.stack import Setting, Stack, dot, inner, jacobian_at
from shuyi.spatialpanel.transforms import degrees_of_freedom

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrices = tuple[NDArray[np.float64], NDArray[np.bool_]]

WELL_CONDITIONED = 1e9
"""Norm of a scaled matrix times that of its inverse up to which the inverse keeps its digits."""

LEVERAGE = 1e5
"""Bound of the norm of ``(I - H_c H^{-1})^{-1}`` up to which no parameter hangs on one cluster: the single fit
refuses from 1e8."""


def information(stack: Stack, found: Estimates) -> Matrices:
    """Invert the expected information of many fits: matrices (B, p, p) and whether they are sound."""
    inverse, sound = scaled_inverse(expected_information(stack, found))
    return 0.5 * (inverse + inverse.transpose(0, 2, 1)), sound


def expected_information(stack: Stack, found: Estimates) -> NDArray[np.float64]:
    """Return the expected information in the coordinates of the bases, shape (B, p, p)."""
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


def cluster_jackknife(stack: Stack, found: Estimates) -> Matrices:
    """Return the clustered covariance with the correction of the jackknife, each unit a cluster.

    ``(n - 1)/n (sum_c d_c d_c' + 2 inverse(H) sum_{c != d} q_cd q_cd' inverse(H))`` with
    ``d_c = (H - H_c)^{-1} m_c``, which is ``inverse(H) (I - H_c inverse(H))^{-1} m_c``.

    Parameters
    ----------
    stack : Stack
    found : Estimates

    Returns
    -------
    matrices : ndarray, shape (B, p, p)
    sound : ndarray of bool, shape (B,)
    """
    n, at = stack.setting.n, profiled(stack.setting, found)
    generators = stack.setting.generators(at.parameter) if stack.setting.spatial else None
    whole = observed_information(stack, at)
    scale = 1.0 / np.sqrt(np.maximum(np.diagonal(whole, axis1=1, axis2=2), np.finfo(float).tiny))
    scaled = whole * scale[:, None, :] * scale[:, :, None]
    shares = unit_shares(stack, at, generators) * (scale[:, None, None, :] * scale[:, None, :, None])
    own, between = unit_scores(stack, at, generators)
    without = _inverse(scaled[:, None] - shares)
    inverse, sound = scaled_inverse(scaled)
    steps = (without @ (own * scale[:, None])[..., None])[..., 0]
    found_own = steps.transpose(0, 2, 1) @ steps
    first = stack.k
    right = inverse[:, :, first:] * scale[:, None, first:]
    variance = found_own + 2 * right @ between @ right.transpose(0, 2, 1)
    factor = scale.copy()
    factor[:, -1] *= found.sigma2 / at.sigma2
    sound = sound & (_size(scaled) * _size(without).max(axis=1) < LEVERAGE)
    return (n - 1) / n * variance * factor[:, None, :] * factor[:, :, None], sound


def observed_information(stack: Stack, at: Estimates) -> NDArray[np.float64]:
    """Return minus the Hessian in the coordinates of the bases, shape (B, p, p)."""
    setting, k, s2, e = stack.setting, stack.k, at.sigma2, at.residuals
    found = np.zeros((len(s2), stack.names_count, stack.names_count))
    x = filtered(stack, at.parameter)
    found[:, :k, :k] = x @ x.transpose(0, 2, 1) / s2[:, None, None]
    found[:, :k, -1] = found[:, -1, :k] = inner(x, e) / (s2**2)[:, None]
    found[:, -1, -1] = dot(e, e) / s2**3 - setting.size / (2 * s2**2)
    if setting.jacobian is None:
        return found
    side = side_at(stack, at.g)
    cross = inner(x, side)
    if stack.lagged_basis is not None:
        cross += inner(stack.lagged_basis, e)
    found[:, :k, k] = found[:, k, :k] = cross / s2[:, None]
    found[:, k, k] = dot(side, side) / s2 - jacobian_at(setting.jacobian, at.parameter)[2]
    found[:, k, -1] = found[:, -1, k] = dot(side, e) / s2**2
    return found


def unit_shares(stack: Stack, at: Estimates, generators: NDArray | None) -> NDArray[np.float64]:
    """Return each unit's share of `observed_information`, as `jackknife.unit_hessians`: (B, n, p, p)."""
    setting, k, s2 = stack.setting, stack.k, at.sigma2
    e = setting.panel(at.residuals)
    x = _by_unit(setting, filtered(stack, at.parameter))
    found = np.zeros((len(s2), setting.n, stack.names_count, stack.names_count))
    found[:, :, :k, :k] = x @ x.transpose(0, 1, 3, 2) / s2[:, None, None, None]
    squares = np.einsum("bti,bti->bi", e, e)
    own = setting.size / (2 * setting.n * s2**2)
    found[:, :, -1, -1] = squares / (s2**3)[:, None] - own[:, None]
    if generators is None:
        return found
    side = setting.panel(side_at(stack, at.g))
    cross = _unit_products(x, side)
    if stack.lagged_basis is not None:
        cross += _unit_products(_by_unit(setting, stack.lagged_basis), e)
    found[:, :, :k, k] = found[:, :, k, :k] = cross / s2[:, None, None]
    found[:, :, k, -1] = found[:, :, -1, k] = np.einsum("bti,bti->bi", side, e) / (s2**2)[:, None]
    found[:, :, k, k] = np.einsum("bti,bti->bi", side, side) / s2[:, None] + _unit_traces(setting, generators)
    return found


def unit_scores(
    stack: Stack, at: Estimates, generators: NDArray | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the units' own scores and what the products of two units add to the score's variance.

    Returns
    -------
    own : ndarray, shape (B, n, p)
    between : ndarray, shape (B, q, q)
        ``sum_{c != d} q_cd q_cd'`` of the last q parameters, which have quadratic parts.
    """
    setting, s2, n = stack.setting, at.sigma2, stack.setting.n
    e = setting.panel(at.residuals)
    centring = 1.0 / n if setting.centres_units else 0.0
    pairs = e.transpose(0, 2, 1) @ e
    forms = [((np.eye(n) - centring) / 2)[None] / (s2**2)[:, None, None]]
    x = _by_unit(setting, filtered(stack, at.parameter))
    linear = [_unit_products(x, e) / s2[:, None, None]]
    if generators is not None:
        centred = generators - generators.mean(axis=1, keepdims=True) if setting.centres_units else generators
        forms.insert(0, centred / s2[:, None, None])
        linear.append(_linear_part(stack, at, centred)[:, :, None])
    products = [form * pairs for form in forms]
    count = setting.T - 1 if setting.centres_periods else setting.T
    rank = degrees_of_freedom(setting.convention.effects, n, setting.T)
    mean = count * dot(at.residuals, at.residuals) / rank
    own = [_diagonal(p) - mean[:, None] * _diagonal(f) for p, f in zip(products, forms, strict=True)]
    if generators is not None:
        own[0] += linear.pop()[:, :, 0]
    return np.concatenate([*linear, np.stack(own, axis=2)], axis=2), _between(products)


def scaled_inverse(matrix: NDArray) -> Matrices:
    """Invert symmetric matrices (B, p, p) after scaling their diagonals to one.

    Returns
    -------
    inverse : ndarray, shape (B, p, p)
        The identity where a matrix is exactly singular.
    sound : ndarray of bool, shape (B,)
        Whether the inverse keeps its digits.
    """
    scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diagonal(matrix, axis1=1, axis2=2)), np.finfo(float).tiny))
    weights = scale[:, None, :] * scale[:, :, None]
    scaled = matrix * weights
    inverse = _inverse(scaled)
    return inverse * weights, _size(scaled) * _size(inverse) < WELL_CONDITIONED


def _linear_part(stack: Stack, at: Estimates, centred: NDArray) -> NDArray[np.float64]:
    """Return the part of the spatial parameter's unit scores that is linear in e, shape (B, n)."""
    setting = stack.setting
    e = setting.panel(at.residuals)
    side = side_at(stack, at.g) - (e @ centred.transpose(0, 2, 1)).reshape(at.residuals.shape)
    if not setting.convention.lags_last:
        side = setting.within(side)
    return np.einsum("bti,bti->bi", setting.panel(side), e) / at.sigma2[:, None]


def _spatial_mean(stack: Stack, found: Estimates, g: NDArray) -> NDArray[np.float64]:
    """Return the transformed mean of ``W y``: ``W y`` less ``W (I - rho W)^{-1} e``, shape (B, N)."""
    setting = stack.setting
    assert stack.lagged is not None
    noise = setting.panel(found.residuals) @ g.transpose(0, 2, 1)
    return setting.within(stack.lagged - noise.reshape(stack.lagged.shape))


def _unit_traces(setting: Setting, generators: NDArray) -> NDArray[np.float64]:
    """Return the diagonals of ``G G`` summed over the effective periods, shape (B, n)."""
    if setting.convention.drops_unit_root:
        generators = generators - generators.mean(axis=1, keepdims=True)
    return setting.convention.periods * np.einsum("bij,bji->bi", generators, generators)


def _between(products: list[NDArray]) -> NDArray[np.float64]:
    """Return ``sum_{c != d} q_cd q_cd'`` of the symmetrised products (B, n, n) of each parameter."""
    count, n = len(products), products[0].shape[1]
    sides = []
    for product in products:
        side = 0.5 * (product + product.transpose(0, 2, 1))
        side[:, range(n), range(n)] = 0.0
        sides.append(side.reshape(len(side), -1))
    found = np.empty((len(sides[0]), count, count))
    for a in range(count):
        for b in range(count):
            found[:, a, b] = dot(sides[a], sides[b])
    return found


def _by_unit(setting: Setting, rows: NDArray) -> NDArray[np.float64]:
    """Return rows (B, k, N) as (B, n, k, T)."""
    return np.ascontiguousarray(setting.panel(rows).transpose(0, 3, 1, 2))


def _unit_products(x: NDArray, series: NDArray) -> NDArray[np.float64]:
    """Return the products over periods of (B or 1, n, k, T) and (B, T, n): shape (B, n, k)."""
    turned = series.transpose(0, 2, 1)
    if len(x) == 1:
        return (x[0] @ turned.transpose(1, 2, 0)).transpose(2, 0, 1)
    return (x @ turned[..., None])[..., 0]


def _diagonal(matrix: NDArray) -> NDArray[np.float64]:
    return np.diagonal(matrix, axis1=1, axis2=2)


def _inverse(matrix: NDArray) -> NDArray[np.float64]:
    """Invert matrices (..., p, p); where one is exactly singular, all of them go to the single fit."""
    try:
        return np.linalg.inv(matrix).astype(np.float64, copy=False)
    except np.linalg.LinAlgError:
        return np.full(matrix.shape, np.nan)


def _size(matrix: NDArray) -> NDArray[np.float64]:
    """Return the Frobenius norms of matrices (..., p, p)."""
    return np.sqrt(np.einsum("...ij,...ij->...", matrix, matrix))


BATCHED: dict[str, Callable[[Stack, Estimates], Matrices]] = {
    "information": information,
    "cluster_jackknife": cluster_jackknife,
}
"""Kinds of covariance that are computed for all fits of a stack at once."""
