"""The cluster jackknife of many fits at once, each unit a cluster.

``(n - 1)/n (sum_c d_c d_c' + 2 inverse(H) sum_{c != d} q_cd q_cd' inverse(H))`` with
``d_c = (H - H_c)^{-1} m_c``, which is ``inverse(H) (I - H_c inverse(H))^{-1} m_c`` of
`jackknife.cluster_jackknife`: H is minus the Hessian, H_c and m_c the unit's share of it and of the score.
The block of the coefficients is inverted first, because outcomes that share a design share it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.spatialpanel.many.estimates import Estimates, filtered, profiled, side_at
from shuyi.spatialpanel.many.information import inverse_roots, inverted, norm, scaled_inverse
from shuyi.spatialpanel.many.stack import Setting, Stack, dot, inner, jacobian_at
from shuyi.spatialpanel.transforms import degrees_of_freedom

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.many.information import Matrices

LEVERAGE = 1e5
"""Bound of the norm of ``(I - H_c H^{-1})^{-1}`` up to which no parameter hangs on one cluster: the single
fit refuses from 1e8."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The data of a stack by unit, at its estimates.

    Attributes
    ----------
    x : ndarray, shape (B or 1, n, k, T)
        Filtered regressors.
    lagged_x : ndarray, shape (B or 1, n, k, T), or None
        Their lags where the model has lam.
    residuals : ndarray, shape (B, T, n)
        Innovations by period and unit.
    side : ndarray, shape (B, N), or None
        Minus the derivative of the residuals by the spatial parameter.
    generators : ndarray, shape (B, n, n), or None
        ``W (I - r W)^{-1}``.
    """

    x: NDArray[np.float64]
    lagged_x: NDArray[np.float64] | None
    residuals: NDArray[np.float64]
    side: NDArray[np.float64] | None
    generators: NDArray[np.float64] | None

    @classmethod
    def of(cls, stack: Stack, at: Estimates) -> Units:
        """Arrange a stack by unit.

        Parameters
        ----------
        stack : Stack
            Data of the fits.
        at : Estimates
            Estimates of the fits.

        Returns
        -------
        Units
            At these estimates.
        """
        setting, p = stack.setting, stack.lagged_basis
        return cls(
            _by_unit(setting, filtered(stack, at.parameter)),
            None if p is None else _by_unit(setting, p),
            setting.panel(at.residuals),
            side_at(stack, at.g) if setting.spatial else None,
            setting.generators(at.parameter) if setting.spatial else None,
        )


def cluster_jackknife(stack: Stack, found: Estimates) -> Matrices:
    """Return the covariances in the coordinates of the bases, and whether they are sound.

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    found : Estimates
        Estimates of the fits.

    Returns
    -------
    matrices : ndarray, shape (B, p, p)
    sound : ndarray of bool, shape (B,)
        False where a parameter may hang on one unit alone: the single fit decides.
    """
    n, k, at = stack.setting.n, stack.k, profiled(stack.setting, found)
    units = Units.of(stack, at)
    whole = observed_information(stack, at)
    last = np.diagonal(whole, axis1=1, axis2=2)[:, k:]
    scale = np.concatenate([np.repeat(np.sqrt(at.sigma2)[:, None], k, axis=1), inverse_roots(last)], axis=1)
    scaled = whole * scale[:, None, :] * scale[:, :, None]
    own, between = unit_scores(stack, at, units)
    steps, size = left_out(stack, at, units, scaled, scale, own * scale[:, None])
    inverse, sound = scaled_inverse(scaled)
    right = inverse[:, :, k:] * scale[:, None, k:]
    variance = steps.transpose(0, 2, 1) @ steps + 2 * right @ between @ right.transpose(0, 2, 1)
    scale[:, -1] *= found.sigma2 / at.sigma2
    sound = sound & (last > 0).all(axis=1) & (norm(scaled) * size < LEVERAGE)
    return (n - 1) / n * variance * scale[:, None, :] * scale[:, :, None], sound


def observed_information(stack: Stack, at: Estimates) -> NDArray[np.float64]:
    """Return minus the Hessian in the coordinates of the bases, shape (B, p, p).

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    at : Estimates
        Estimates of the fits, with the sigma2 that maximises.

    Returns
    -------
    ndarray, shape (B, p, p)
        Coefficients, rho or lam, sigma2.
    """
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


def left_out(
    stack: Stack, at: Estimates, units: Units, scaled: NDArray, scale: NDArray, own: NDArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ``(H - H_c)^{-1} m_c`` of every unit, and a bound of the norm of these inverses.

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    at : Estimates
        With the sigma2 that maximises.
    units : Units
        The same data by unit.
    scaled : ndarray, shape (B, p, p)
        H in scaled parameters.
    scale : ndarray, shape (B, p)
        That of a coefficient is ``sqrt(sigma2)``.
    own : ndarray, shape (B, n, p)
        m_c in scaled parameters.

    Returns
    -------
    steps : ndarray, shape (B, n, p)
    size : ndarray, shape (B,)
        Largest bound of any unit.
    """
    k = stack.k
    x = filtered(stack, at.parameter)
    without = inverted((x @ x.transpose(0, 2, 1))[:, None] - units.x @ units.x.transpose(0, 1, 3, 2))
    cross, corner = last_shares(stack, at, units)
    cross = scaled[:, None, :k, k:] - cross * scale[:, None, :k, None] * scale[:, None, None, k:]
    corner = scaled[:, None, k:, k:] - corner * scale[:, None, k:, None] * scale[:, None, None, k:]
    solved = _applied(without, np.concatenate([cross, own[:, :, :k, None]], axis=3))
    moved = cross.transpose(0, 1, 3, 2) @ solved
    rest = _small_inverse(corner - moved[..., :-1])
    last = (rest @ (own[:, :, k:] - moved[..., -1])[..., None])[..., 0]
    first = solved[..., -1] - (solved[..., :-1] @ last[..., None])[..., 0]
    size = norm(without) + norm(rest) * (1 + norm(solved[..., :-1])) ** 2
    return np.concatenate([first, last], axis=2), size.max(axis=1)


def last_shares(stack: Stack, at: Estimates, units: Units) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each unit's share of minus the Hessian beside the block of the coefficients.

    As in `jackknife.unit_hessians`, elements between coefficients and sigma2 are left out.

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    at : Estimates
        Estimates of the fits, with the sigma2 that maximises.
    units : Units
        The same data by unit.

    Returns
    -------
    cross : ndarray, shape (B, n, k, q)
        Coefficients by the last q parameters: rho or lam where the model has it, and sigma2.
    corner : ndarray, shape (B, n, q, q)
    """
    setting, k, s2, e = stack.setting, stack.k, at.sigma2[:, None], units.residuals
    q = stack.names_count - k
    cross = np.zeros((len(s2), setting.n, k, q))
    corner = np.zeros((len(s2), setting.n, q, q))
    corner[..., -1, -1] = _over_time(e, e) / s2**3 - setting.size / (2 * setting.n * s2**2)
    if units.side is None or units.generators is None:
        return cross, corner
    side = setting.panel(units.side)
    cross[..., 0] = _unit_products(units.x, side)
    if units.lagged_x is not None:
        cross[..., 0] += _unit_products(units.lagged_x, e)
    cross /= s2[..., None, None]
    corner[..., 0, -1] = corner[..., -1, 0] = _over_time(side, e) / s2**2
    corner[..., 0, 0] = _over_time(side, side) / s2 + _unit_traces(setting, units.generators)
    return cross, corner


def unit_scores(stack: Stack, at: Estimates, units: Units) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the units' own scores and what the products of two units add to the score's variance.

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    at : Estimates
        Estimates of the fits, with the sigma2 that maximises.
    units : Units
        The same data by unit.

    Returns
    -------
    own : ndarray, shape (B, n, p)
    between : ndarray, shape (B, q, q)
        ``sum_{c != d} q_cd q_cd'`` of the last q parameters, which have quadratic parts.
    """
    setting, s2, n, e = stack.setting, at.sigma2, stack.setting.n, units.residuals
    centring = 1.0 / n if setting.centres_units else 0.0
    forms = [((np.eye(n) - centring) / 2)[None] / (s2**2)[:, None, None]]
    linear = np.zeros((len(s2), n))
    if units.generators is not None:
        g = units.generators
        centred = g - g.mean(axis=1, keepdims=True) if setting.centres_units else g
        forms.insert(0, centred / s2[:, None, None])
        linear = _linear_part(setting, at, units, centred)
    pairs = e.transpose(0, 2, 1) @ e
    products = [form * pairs for form in forms]
    count = setting.T - 1 if setting.centres_periods else setting.T
    rank = degrees_of_freedom(setting.convention.effects, n, setting.T)
    mean = count * dot(at.residuals, at.residuals) / rank
    own = [_diagonal(p) - mean[:, None] * _diagonal(f) for p, f in zip(products, forms, strict=True)]
    own[0] = own[0] + linear
    coefficients = _unit_products(units.x, e) / s2[:, None, None]
    return np.concatenate([coefficients, np.stack(own, axis=2)], axis=2), _between(products)


def _linear_part(setting: Setting, at: Estimates, units: Units, centred: NDArray) -> NDArray[np.float64]:
    """Return the part of the spatial parameter's unit scores that is linear in e, shape (B, n)."""
    e = units.residuals
    assert units.side is not None
    side = units.side - (e @ centred.transpose(0, 2, 1)).reshape(units.side.shape)
    if not setting.convention.lags_last:
        side = setting.within(side)
    return _over_time(setting.panel(side), e) / at.sigma2[:, None]


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


def _applied(matrices: NDArray, right: NDArray) -> NDArray[np.float64]:
    """Return the products of (B or 1, n, k, k) and (B, n, k, c): shape (B, n, k, c)."""
    if len(matrices) > 1:
        return matrices @ right
    count, n, k, c = right.shape
    columns = np.ascontiguousarray(right.transpose(1, 2, 0, 3)).reshape(n, k, count * c)
    return (matrices[0] @ columns).reshape(n, k, count, c).transpose(2, 0, 1, 3)


def _small_inverse(matrix: NDArray) -> NDArray[np.float64]:
    """Invert matrices of one or two rows, shape (..., q, q); NaN where one is singular."""
    if matrix.shape[-1] == 1:
        return 1.0 / np.where(matrix == 0, np.nan, matrix)
    a, b, c, d = matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 0], matrix[..., 1, 1]
    determinant = a * d - b * c
    turned = np.stack([np.stack([d, -b], axis=-1), np.stack([-c, a], axis=-1)], axis=-2)
    return turned / np.where(determinant == 0, np.nan, determinant)[..., None, None]


def _over_time(left: NDArray, right: NDArray) -> NDArray[np.float64]:
    """Return the products over periods of two arrays (B, T, n): shape (B, n)."""
    return np.einsum("bti,bti->bi", left, right)


def _unit_products(x: NDArray, series: NDArray) -> NDArray[np.float64]:
    """Return the products over periods of (B or 1, n, k, T) and (B, T, n): shape (B, n, k)."""
    turned = series.transpose(0, 2, 1)
    if len(x) == 1:
        return (x[0] @ turned.transpose(1, 2, 0)).transpose(2, 0, 1)
    return (x @ turned[..., None])[..., 0]


def _diagonal(matrix: NDArray) -> NDArray[np.float64]:
    return np.diagonal(matrix, axis1=1, axis2=2)
