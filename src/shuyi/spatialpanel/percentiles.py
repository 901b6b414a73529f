"""Percentiles of effects under normal estimates, without simulation error.

Given rho, effects are linear in b and th and so normal; over rho they are a mixture of normals, whose
percentiles follow from one integral over rho, restricted to its admissible interval, by Gauss-Legendre
quadrature. The draws of `effects.draw` come from the same distribution, and their percentiles tend to these
as draws are added; these depend on no seed. Moments have no such limit: where rho nears one, effects grow
without bound.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NODES = 128
COARSE = 96
"""Nodes of a second rule, whose difference from the first is the numerical error."""

REACH = 8.5
"""Standard errors of rho on either side that the integral covers; beyond lies 2e-17 of the mass."""

STEPS = 60
PRECISION = 1e-9
"""Change of a percentile, as a share of the range searched, at which its search ends."""


Function = Callable[["NDArray[np.float64]"], "NDArray[np.float64]"]


def normal_percentiles(
    values: NDArray[np.float64],
    root: NDArray[np.float64],
    functions: tuple[Function, Function],
    interval: tuple[float, float] | None,
    level: float,
) -> tuple[NDArray[np.float64], float]:
    """Return the percentiles of the effects of normal coefficients, with rho in its interval.

    Parameters
    ----------
    values : ndarray, shape (2 K + 1,)
        b of every term, th of every term, rho.
    root : ndarray, shape (2 K + 1, r)
        A matrix whose product with its transpose is the covariance of `values`.
    functions : tuple of callable
        c = tr(S W)/n and d = 1'S W 1/n of rho (m,), (m,) each.
    interval : tuple of float, or None
        Admissible rho; None for no restriction.
    level : float
        Mass between the two percentiles.

    Returns
    -------
    ends : ndarray, shape (K, 3, 2)
    error : float
        Largest numerical error of the ends.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.percentiles import normal_percentiles
    >>> none = (np.zeros_like, np.zeros_like)
    >>> ends, error = normal_percentiles(np.array([1.0, 0.0, 0.0]), np.diag([0.5, 0, 0]), none, None, 0.95)
    >>> ends[0, 0].round(2).tolist(), error < 1e-9
    ([0.02, 1.98], True)
    """
    cov = root @ root.T
    tails = (0.5 - level / 2, 0.5 + level / 2)
    ends, coarse = (
        np.stack([_quantile(p, *mixture) for p in tails], axis=-1)
        for mixture in (_mixture(values, cov, functions, interval, nodes) for nodes in (NODES, COARSE))
    )
    return ends, float(np.abs(ends - coarse).max(initial=0.0))


def _mixture(
    values: NDArray,
    cov: NDArray,
    functions: tuple[Function, Function],
    interval: tuple[float, float] | None,
    nodes: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return mass (m, 1, 1), means and standard deviations (m, K, 3) of the normals that are mixed."""
    error = float(np.sqrt(max(cov[-1, -1], 0.0)))
    rho, mass = _nodes(float(values[-1]), error, interval, nodes)
    return (mass[:, None, None], *_conditional(values, cov, rho, functions))


def _nodes(
    centre: float, error: float, interval: tuple[float, float] | None, nodes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return values of rho and their masses, which sum to one."""
    low, high = centre - REACH * error, centre + REACH * error
    if interval is not None:
        low, high = max(low, interval[0]), min(high, interval[1])
    if error <= 0.0 or low >= high:
        return np.array([centre]), np.ones(1)
    x, w = np.polynomial.legendre.leggauss(nodes)
    rho = 0.5 * (low + high) + 0.5 * (high - low) * x
    mass = w * np.exp(-0.5 * ((rho - centre) / error) ** 2)
    return rho, mass / mass.sum()


def _conditional(
    values: NDArray, cov: NDArray, rho: NDArray, functions: tuple[Function, Function]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of the effects given each rho, shapes (m, K, 3)."""
    K = len(values) // 2
    variance = float(cov[-1, -1])
    slope = cov[:-1, -1] / variance if variance > 0 else np.zeros(2 * K)
    given = cov[:-1, :-1] - np.outer(slope, slope) * variance
    b, th = np.split(values[:-1] + np.outer(rho - values[-1], slope), 2, axis=1)
    c, d = (function(rho) for function in functions)
    own = np.stack([1 + rho * c, rho * (d - c), 1 + rho * d], axis=1)[:, None, :]
    lagged = np.stack([c, d - c, d], axis=1)[:, None, :]
    places = np.arange(K)
    v_own, v_lagged, both = (
        given[rows, columns][:, None]
        for rows, columns in ((places, places), (places + K, places + K), (places, places + K))
    )
    square = own**2 * v_own + 2 * own * lagged * both + lagged**2 * v_lagged
    return own * b[:, :, None] + lagged * th[:, :, None], np.sqrt(np.maximum(square, 0.0))


def _quantile(p: float, mass: NDArray, centres: NDArray, widths: NDArray) -> NDArray[np.float64]:
    """Return the p-quantile of the mixtures: Newton's method inside a bracket that every step narrows."""
    from scipy.special import ndtr, ndtri

    low, high = (centres - 9 * widths).min(axis=0), (centres + 9 * widths).max(axis=0)
    scale = np.where(high > low, high - low, 1.0)
    widths = np.maximum(widths, 1e-11 * scale)
    x = np.clip((mass * (centres + float(ndtri(p)) * widths)).sum(axis=0), low, high)
    for _ in range(STEPS):
        z = (x - centres) / widths
        excess = (mass * ndtr(z)).sum(axis=0) - p
        density = (mass * np.exp(-0.5 * z * z) / widths).sum(axis=0) / np.sqrt(2 * np.pi)
        low, high = np.where(excess < 0, x, low), np.where(excess < 0, high, x)
        newton = x - excess / np.maximum(density, 1e-300)
        inside = (newton >= low) & (newton <= high)
        moved = np.where(inside, newton, 0.5 * (low + high))
        change, x = np.abs(moved - x) / scale, moved
        if (change < PRECISION).all():
            break
    return np.asarray(x)
