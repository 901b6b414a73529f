"""Covariance matrices of the estimates, by kind.

A kind is a function ``(problem, point, **options) -> ndarray (p, p)`` in the order of `Problem.names`
(coefficients, rho, lam, sigma2), entered in `COVARIANCES` by name as ``"module:function"`` and imported when
first used. Options come from ``fit(covariance_options={...})``.

What a new kind can use: `likelihood.score_and_hessian` (analytic, at any point), `likelihood.residuals`
(T, n), `expected_information`, `inverse`, and the transformed data in `Problem`. A method of the
log-determinant that avoids n x n matrices enters its traces in `SPATIAL_PARTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, IdentificationError, refuse_unknown
from shuyi.panel import stack
from shuyi.spatialpanel.likelihood import Point, Problem, residuals, score_and_hessian
from shuyi.spatialpanel.transforms import within
from shuyi.weights.container import refuse_dense

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.weights import Weights

    Unfilter = Callable[[Weights, float, NDArray], NDArray]

COVARIANCES = {
    "information": "shuyi.spatialpanel.covariance:information",
    "hessian": "shuyi.spatialpanel.covariance:hessian",
    "robust": "shuyi.spatialpanel.robust:robust",
    "cluster": "shuyi.spatialpanel.robust:cluster",
    "cluster_jackknife": "shuyi.spatialpanel.jackknife:cluster_jackknife",
    "driscoll_kraay": "shuyi.spatialpanel.robust:driscoll_kraay",
    "conley": "shuyi.spatialpanel.robust:conley",
}
"""Name of each kind and the function that computes it."""

NOTES = {"cluster": "shuyi.spatialpanel.robust:cluster_notes"}
"""Kinds whose tables must say something: the function ``(problem, **options) -> tuple of str`` that does."""

SPATIAL_PARTS = {
    "eigenvalues": "shuyi.spatialpanel.covariance:dense_parts",
    "sparse_lu": "shuyi.spatialpanel.large:sparse_parts",
    "stochastic_trace": "shuyi.spatialpanel.stochastic:stochastic_parts",
}
"""Method of the log-determinant and the function ``(problem, point) -> SpatialParts`` that goes with it."""

SINGULAR = 1e14
"""Condition number of a scaled information matrix that leaves no digit of its inverse."""


def covariance(
    kind: str, problem: Problem, point: Point, options: Mapping[str, Any] | None = None
) -> NDArray[np.float64]:
    """Return the covariance matrix of the named kind, shape (p, p).

    Parameters
    ----------
    kind : str
        A key of `COVARIANCES`.
    problem : Problem
    point : Point
        Where it is evaluated.
    options : mapping, optional
        Arguments of that kind.

    Raises
    ------
    ConfigError
        If the kind is unknown, or an option is none of the kind's.
    IdentificationError
        If the matrix to invert is singular.
    """
    refuse_unknown(kind, tuple(COVARIANCES), "covariance")
    function = _imported(COVARIANCES[kind])
    _refuse_options(kind, function, options or {})
    return function(problem, point, **(options or {}))


def covariance_notes(
    kind: str, problem: Problem, options: Mapping[str, Any] | None = None
) -> tuple[str, ...]:
    """Return what every table with this kind of covariance must say."""
    return _imported(NOTES[kind])(problem, **(options or {})) if kind in NOTES else ()


def _imported(path: str) -> Callable[..., Any]:
    module, name = path.split(":")
    return getattr(import_module(module), name)


def _refuse_options(kind: str, function: Callable[..., Any], options: Mapping[str, Any]) -> None:
    parameters = list(signature(function).parameters.values())[2:]
    known = [p.name for p in parameters]
    wrong = [name for name in options if name not in known]
    lacking = [p.name for p in parameters if p.default is p.empty and p.name not in options]
    if wrong or lacking:
        raise ConfigError(
            f"covariance={kind!r} was given other options than it takes.",
            expected=f"covariance_options from {', '.join(known)}" if known else "no covariance_options",
            found=f"unknown: {', '.join(wrong) or 'none'}; missing: {', '.join(lacking) or 'none'}",
        )


def information(problem: Problem, point: Point) -> NDArray[np.float64]:
    """Invert the expected information matrix (see `expected_information`)."""
    return inverse(expected_information(problem, point))


def hessian(problem: Problem, point: Point) -> NDArray[np.float64]:
    """Invert minus the analytic Hessian of the log-likelihood."""
    return inverse(-score_and_hessian(problem, point)[1])


def expected_information(problem: Problem, point: Point) -> NDArray[np.float64]:
    """Return the expected information of all parameters, shape (p, p).

    With ``A = I - lam W2``, ``B = I - rho W1``, ``Gr = A W1 B^{-1} A^{-1}``, ``Gl = W2 A^{-1}``, X the
    transformed and filtered regressors, and v the transformed ``A W1 B^{-1}`` times the mean of ``B y``:

    I_bb = X'X/s2, I_b,rho = X'v/s2, I_rho,rho = tr(Gr Gr + Gr'Gr) + v'v/s2,
    I_rho,lam = tr(Gr Gl + Gr'Gl), I_lam,lam = tr(Gl Gl + Gl'Gl), I_rho,s2 = tr(Gr)/s2, I_lam,s2 = tr(Gl)/s2,
    I_s2,s2 = N/(2 s2^2), with traces summed over the effective periods of the convention. Where the
    convention drops the unit root, ``G`` is replaced by ``(I - 11'/n) G``.

    Anselin (1988, chapter 6); Lee and Yu (2010); Elhorst (2014, section 3.3).
    """
    k, s2 = len(point.beta), point.sigma2
    m = len(problem.spatial)
    x = problem.x if problem.ex is None else problem.x - point.lam * problem.ex
    sides = spatial_parts(problem, point)
    columns = stack(
        np.concatenate([x, *([sides.mean[:, :, None]] if sides.mean is not None else [])], axis=2)
    )
    products = columns.T @ columns / s2
    info = np.zeros((k + m + 1, k + m + 1))
    size = len(products)
    info[:size, :size] = products
    info[k:-1, k:-1] += sides.products
    info[k:-1, -1] = info[-1, k:-1] = sides.traces / s2
    info[-1, -1] = problem.convention.observations / (2 * s2**2)
    return info


@dataclass(frozen=True, slots=True, eq=False)
class SpatialParts:
    """What the information of the spatial parameters consists of.

    Attributes
    ----------
    mean : ndarray, shape (T, n), or None
        The transformed mean of ``A W1 y`` where the model has rho.
    traces : ndarray, shape (m,)
        ``sum_t tr(G)``.
    products : ndarray, shape (m, m)
        ``sum_t tr(G H + G'H)``.
    """

    mean: NDArray[np.float64] | None
    traces: NDArray[np.float64]
    products: NDArray[np.float64]


def spatial_parts(problem: Problem, point: Point) -> SpatialParts:
    """Return the spatial part of the information by the way that belongs to the log-determinant's method."""
    used = problem.lag_jacobian or problem.error_jacobian
    way = SPATIAL_PARTS.get(used.parts[0].method if used else "", SPATIAL_PARTS["eigenvalues"])
    module, name = way.split(":")
    return getattr(import_module(module), name)(problem, point)


def dense_parts(problem: Problem, point: Point) -> SpatialParts:
    """Return the spatial part of the information from the matrices G themselves (n x n, exact)."""
    m = len(problem.spatial)
    traces, products = np.zeros(m), np.zeros((m, m))
    signal = signal_of(problem, point, _unfilter)
    mean = np.empty_like(problem.y) if signal is not None else None
    for lag, error, periods in distinct_pairs(problem):
        matrices, applied = generators(lag, error, point)
        if mean is not None and signal is not None:
            mean[periods] = signal[periods] @ applied.T
        if problem.convention.drops_unit_root:
            matrices = [g - g.mean(axis=0) for g in matrices]
        count = len(periods) * problem.convention.periods / problem.design.T
        for a, g in enumerate(matrices):
            traces[a] += count * np.trace(g)
            for b, h in enumerate(matrices):
                products[a, b] += count * float((g * h.T).sum() + (g * h).sum())
    if mean is not None:
        mean = within(mean, problem.convention.effects)
    return SpatialParts(mean, traces, products)


def signal_of(problem: Problem, point: Point, unfilter: Unfilter) -> NDArray[np.float64] | None:
    """Return the estimated mean of ``(I - rho W1) y``, fixed effects included, shape (T, n).

    Parameters
    ----------
    problem : Problem
    point : Point
    unfilter : callable
        ``(weights, lam, values of shape (n, m)) -> (I - lam W)^{-1} values``.

    Returns
    -------
    ndarray, or None where the model has no rho
    """
    if problem.wy is None:
        return None
    design, u = problem.design, residuals(problem, point)
    assert design.lags is not None
    if design.error_lags is not None:
        for weights, periods in design.error_lags.distinct(design.T):
            u[periods] = unfilter(weights, point.lam, u[periods].T).T
    y = problem.y if problem.convention.lags_last else design.y
    return y - point.rho * design.lags.lag(y) - u


def _unfilter(weights: Weights, lam: float, values: NDArray) -> NDArray[np.float64]:
    return np.linalg.solve(np.eye(weights.n) - lam * weights.to_dense(), values).astype(np.float64)


def distinct_pairs(problem: Problem) -> list[tuple[Weights | None, Weights | None, list[int]]]:
    """Return the pairs of lag and error weights that differ, each with the periods it serves."""
    design = problem.design
    lag = design.lags if problem.wy is not None else None
    error = design.error_lags
    pairs: dict[tuple[int, int], tuple[Weights | None, Weights | None, list[int]]] = {}
    for t in range(design.T if problem.spatial else 0):
        pair = (lag.at(t) if lag else None, error.at(t) if error else None)
        pairs.setdefault((id(pair[0]), id(pair[1])), (*pair, []))[2].append(t)
    return list(pairs.values())


def generators(
    lag: Weights | None, error: Weights | None, point: Point
) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
    """Return [Gr, Gl] as far as the model has them, and ``A W1 B^{-1}``, all of shape (n, n).

    Parameters
    ----------
    lag, error : Weights or None
        Of one period.
    point : Point

    Raises
    ------
    WeightsError
        See `weights.container.refuse_dense`.
    """
    for weights in (lag, error):
        if weights is not None and weights.is_sparse:
            refuse_dense(
                weights.n, "The scores of this covariance", "use covariance='information' or 'hessian'"
            )
    found = []
    applied: NDArray = np.zeros((0, 0))
    if lag is not None:
        w = lag.to_dense()
        applied = np.linalg.solve((np.eye(lag.n) - point.rho * w).T, w.T).T
    if error is None:
        return [applied], applied
    w = error.to_dense()
    inverse = np.linalg.inv(np.eye(error.n) - point.lam * w)
    if lag is not None:
        applied = applied - point.lam * w @ applied
        found.append(applied @ inverse)
    return [*found, w @ inverse], applied


def inverse(matrix: NDArray) -> NDArray[np.float64]:
    """Invert an information matrix after scaling its diagonal to one, so that units of data do not matter.

    Raises
    ------
    IdentificationError
        If the matrix is singular.
    """
    scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(matrix)), np.finfo(float).tiny))
    scaled = matrix * scale * scale[:, None]
    condition = float(np.linalg.cond(scaled))
    if condition > SINGULAR:
        raise IdentificationError(
            "The information matrix is singular, so that the parameters have no standard errors.",
            expected="linearly independent scores",
            found=f"condition number {condition:.2g} after scaling",
            remedy="simplify the model: regressors or spatial terms duplicate each other",
        )
    found = np.linalg.inv(scaled) * scale * scale[:, None]
    return 0.5 * (found + found.T)
