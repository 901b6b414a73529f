"""Traces, means and generators that the information of the spatial parameters consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import IdentificationError
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, residuals
from shuyi.spatialpanel.transforms import within
from shuyi.weights.container import check_dense_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.weights import Weights

    Unfilter = Callable[[Weights, float, NDArray], NDArray]


SINGULAR = 1e14
"""Condition number of a scaled information matrix that leaves no digit of its inverse."""


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


def dense_parts(problem: LikelihoodProblem, point: Point) -> SpatialParts:
    """Return the spatial part of the information from the matrices G themselves (n x n, exact).

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    SpatialParts
        Traces, their products and the mean of the spatial lag.

    Raises
    ------
    WeightsError
        If the weights are sparse and too many for n x n arrays.
    """
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


def signal_of(problem: LikelihoodProblem, point: Point, unfilter: Unfilter) -> NDArray[np.float64] | None:
    """Return the estimated mean of ``(I - rho W1) y``, fixed effects included, shape (T, n).

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.
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


def distinct_pairs(problem: LikelihoodProblem) -> list[tuple[Weights | None, Weights | None, list[int]]]:
    """Return the pairs of lag and error weights that differ, each with the periods it serves.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.

    Returns
    -------
    list of (lag, error, periods)
        In order of appearance; None where the model has no such term.
    """
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
        Values of all parameters, usually the estimate.

    Returns
    -------
    list of ndarray, each of shape (n, n)
        Gr and Gl, as far as the model has them.
    ndarray, shape (n, n)
        ``A W1 B^{-1}``; empty without a lag.

    Raises
    ------
    WeightsError
        See `weights.container.check_dense_size`.
    """
    for weights in (lag, error):
        if weights is not None and weights.is_sparse:
            check_dense_size(
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

    Parameters
    ----------
    matrix : ndarray, shape (p, p)
        Symmetric information matrix.

    Returns
    -------
    ndarray, shape (p, p)
        The inverse, in the original units.

    Raises
    ------
    IdentificationError
        If the matrix is singular.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.covariance.parts import inverse
    >>> inverse(np.diag([4.0, 1e-12])).diagonal().tolist()
    [0.25, 1000000000000.0]
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
