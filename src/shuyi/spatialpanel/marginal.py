"""Log-marginal likelihoods of spatial panel models with one spatial parameter or none.

Coefficients and sigma2 are integrated analytically, the spatial parameter r (rho or lam) numerically. With
the transformed data of a convention (`likelihood.build_problem`), ``e(r) = y(r) - X(r) b`` and N effective
observations,

    p(y | r) = exp(J(r)) G(v/2) (pi S(r))^(-v/2) D(r),

where J is the Jacobian, G the gamma function, and S, D, v depend on the prior of b; sigma2 has density
1/sigma2. Fixed effects have flat priors, and so has the intercept of a pooled model.

``unit_information``
    ``b | sigma2 ~ N(0, sigma2 (g X'X)^{-1})`` with g = 1/N and X less its means where there is an intercept:
    the g-prior of Zellner (1986) as in LeSage and Parent (2007). ``v = N`` (N - 1 with an intercept). X is
    not filtered by lam, so that all models with the same columns share one prior.
``diffuse``
    Flat, as in LeSage (2014). ``v = N - k``, ``D = |X(r)'X(r)|^(-1/2)``. A flat density has no scale, so that
    only models with the same number of coefficients can be compared.

The spatial parameter is uniform on its admissible interval. LeSage and Parent (2007); LeSage (2014); Hepple
(1995).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma, log, pi
from typing import TYPE_CHECKING

import numpy as np

from shuyi.spatialpanel.design import INTERCEPT
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Reduced, reduce

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from shuyi.spatialpanel.logdet.choose import Jacobian

PRIORS = ("unit_information", "diffuse")

GRID = 201
"""Points of each look at the interval before the quadrature."""

LOOKS = 4
"""How often the look is narrowed to where the density counts."""

NEGLIGIBLE = 50.0
"""Logarithm below the largest value at which a density no longer counts: exp(-50) is below rounding."""

NODES = 24
PIECES = 16
"""Gauss-Legendre nodes on each of so many equal pieces of the narrowed interval."""


@dataclass(frozen=True, slots=True)
class Marginal:
    """The log-marginal likelihood of one model and the posterior of its spatial parameter.

    Attributes
    ----------
    log_likelihood : float
        Logarithm of the marginal density of the transformed outcome.
    mean, std : float or None
        Posterior moments of rho or lam, None where the model has neither.
    """

    log_likelihood: float
    mean: float | None
    std: float | None


def marginal_likelihood(problem: LikelihoodProblem, prior: str = "unit_information") -> Marginal:
    """Return the log-marginal likelihood of a model with at most one spatial parameter.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    prior : {"unit_information", "diffuse"}, default "unit_information"
        Of the coefficients (see the module).

    Returns
    -------
    Marginal
        Its logarithm, and the posterior moments of the spatial parameter.

    Raises
    ------
    IdentificationError
        If regressors are collinear (named).
    """
    reduced = reduce(problem)
    flat = problem.design.names[:1] == (INTERCEPT,)
    jacobian = problem.lag_jacobian or problem.error_jacobian
    if jacobian is None:
        return Marginal(float(log_density(reduced, np.zeros(1), prior, flat)[0]), None, None)
    low, high = jacobian.interval

    def target(r: NDArray) -> NDArray[np.float64]:
        return log_density(reduced, r, prior, flat) + _jacobian(jacobian, r) - log(high - low)

    value, mean, std = integrate(target, low, high)
    return Marginal(value, mean, std)


def log_density(reduced: Reduced, r: NDArray, prior: str, flat: bool) -> NDArray[np.float64]:
    """Return ``ln p(y | r)`` without the Jacobian at spatial parameters of shape (G,).

    Parameters
    ----------
    reduced : Reduced
        The data in the coordinates of a QR decomposition.
    r : ndarray, shape (G,)
        rho or lam, whichever the model has.
    prior : {"unit_information", "diffuse"}
        Of the coefficients.
    flat : bool
        Whether the first coefficient is an intercept.

    Returns
    -------
    ndarray, shape (G,)
        Coefficients and variance integrated out.
    """
    k = reduced.k
    informative = np.zeros(k)
    if prior == "unit_information":
        informative[int(flat) :] = 1.0 / reduced.size
    free = k - int((informative > 0).sum())
    diagonal = np.log(np.abs(np.diag(reduced.triangle)))
    constant = 0.5 * np.log(informative[informative > 0]).sum() - diagonal[informative == 0].sum()
    squares, determinants = _quadratic_forms(reduced, r, informative)
    half = 0.5 * (reduced.size - free)
    return lgamma(half) - half * np.log(pi * squares) + constant - 0.5 * determinants


def integrate(
    target: Callable[[NDArray], NDArray[np.float64]], low: float, high: float
) -> tuple[float, float, float]:
    """Integrate the exponential of a function over an interval.

    Parameters
    ----------
    target : callable
        Takes points of shape (G,), returns the function there.
    low, high : float
        Ends of the interval.

    Returns
    -------
    value : float
        Logarithm of the integral.
    mean, std : float
        Moments of the variable under the normalised density.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.marginal import integrate
    >>> value, mean, std = integrate(lambda x: -0.5 * (x / 0.1) ** 2, -1.0, 1.0)
    >>> round(float(np.exp(value)), 4), round(std, 4)
    (0.2507, 0.1)
    """
    low, high = _narrow(target, low, high)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    edges = np.linspace(low, high, PIECES + 1)
    half = 0.5 * (edges[1] - edges[0])
    points = (0.5 * (edges[:-1] + edges[1:])[:, None] + half * nodes).ravel()
    logs = target(points)
    top = float(logs.max())
    mass = np.exp(logs - top) * np.tile(weights, PIECES) * half
    total = float(mass.sum())
    mean = float(mass @ points) / total
    return top + log(total), mean, float(np.sqrt(mass @ (points - mean) ** 2 / total))


def _narrow(target: Callable[[NDArray], NDArray[np.float64]], low: float, high: float) -> tuple[float, float]:
    """Narrow an interval to the part where the exponential of a function is not negligible."""
    for _ in range(LOOKS):
        step = (high - low) / GRID
        points = low + step * (np.arange(GRID) + 0.5)
        logs = target(points)
        counts = np.flatnonzero(logs > logs.max() - NEGLIGIBLE)
        low, high = max(low, points[counts[0]] - step), min(high, points[counts[-1]] + step)
    return low, high


def _quadratic_forms(
    reduced: Reduced, r: NDArray, informative: NDArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return S(r) and ``ln |x'x + diag(informative)|`` in the coordinates of the QR decomposition, (G,)."""
    k = reduced.k
    error = reduced.spatial == ("lam",)
    lag = r if reduced.spatial == ("rho",) else np.zeros_like(r)
    lam = r if error else np.zeros_like(r)
    y = reduced.y - lag[:, None] * reduced.wy - lam[:, None] * reduced.ey
    if not error:
        squares = (y[:, k:] ** 2).sum(axis=1) + (y[:, :k] ** 2) @ (informative / (1.0 + informative))
        return squares, np.full(len(r), np.log1p(informative).sum())
    x = np.eye(len(reduced.y), k) - lam[:, None, None] * reduced.ex
    transposed = x.transpose(0, 2, 1)
    inner = transposed @ x + np.diag(informative)
    g = np.linalg.solve(inner, transposed @ y[:, :, None])
    squares = ((y[:, :, None] - x @ g) ** 2).sum(axis=(1, 2)) + (g[:, :, 0] ** 2) @ informative
    return squares, np.linalg.slogdet(inner)[1]


def _jacobian(jacobian: Jacobian, r: NDArray) -> NDArray[np.float64]:
    """Return the log-Jacobian of a convention at many spatial parameters."""
    value = sum(
        (count * part.value(r) for part, count in zip(jacobian.parts, jacobian.counts, strict=True)),
        np.zeros_like(r),
    )
    return value - sum(jacobian.counts) * np.log(1.0 - r) if jacobian.drops_unit_root else value
