"""Parts of the information from stochastic traces, without factors or n x n matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuyi.spatialpanel.covariance.parts import SpatialParts, distinct_pairs, signal_of
from shuyi.spatialpanel.logdet.choose import log_determinant
from shuyi.spatialpanel.logdet.trace import PROBES, SEED, TraceLogDeterminant, neumann, signs
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point
    from shuyi.weights import Weights


def stochastic_parts(problem: LikelihoodProblem, point: Point) -> SpatialParts:
    """Return the spatial part of the information from probes; the mean and tr(G) need none of their own.

    The relative standard error of the products is left with the log-determinant's method, for its record.

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
    ConvergenceError
        If a series of powers of W does not end.
    """
    m = len(problem.spatial)
    traces, products, variance = np.zeros(m), np.zeros((m, m)), np.zeros((m, m))
    signal = signal_of(problem, point, _unfilter)
    mean = np.empty_like(signal) if signal is not None else None
    for lag, error, periods in distinct_pairs(problem):
        if mean is not None and signal is not None and lag is not None:
            mean[periods] = _filtered(error, point, lag.matrix @ _solved(lag, point.rho, signal[periods].T)).T
        count = len(periods) * problem.convention.periods / problem.design.T
        found = _probed(lag, error, point, centred=problem.convention.drops_unit_root)
        traces += count * found[0]
        products += count * found[1].mean(axis=0)
        variance += (count * found[1].std(axis=0, ddof=1)) ** 2 / PROBES
    _leave_errors(problem, point, np.sqrt(np.diag(variance)) / np.diag(products))
    if mean is not None:
        mean = within(mean, problem.convention.effects)
    return SpatialParts(mean, traces, products)


def _leave_errors(problem: LikelihoodProblem, point: Point, errors: NDArray) -> None:
    for name, error in zip(problem.spatial, errors.tolist(), strict=True):
        jacobian = problem.lag_jacobian if name == "rho" else problem.error_jacobian
        assert jacobian is not None
        for part in jacobian.parts:
            if isinstance(part, TraceLogDeterminant):
                part.information_errors[getattr(point, name)] = error


def _probed(
    lag: Weights | None, error: Weights | None, point: Point, *, centred: bool
) -> tuple[NDArray, NDArray]:
    """Return tr(G), shape (m,), and ``z'(G H + G'H) z`` of every probe, shape (PROBES, m, m)."""
    source = lag or error
    assert source is not None
    z = signs(source.n, SEED + 1)
    one = np.ones((source.n, 1))
    forward = _forward(lag, error, point, z)
    backward = _backward(lag, error, point, z - z.mean(axis=0) if centred else z)
    if centred:
        forward = [g - g.mean(axis=0) for g in forward]
    parts = [(w, at) for w, at in ((lag, point.rho), (error, point.lam)) if w is not None]
    traces = np.array(
        [float(log_determinant(w, "stochastic_trace").trace_lag(np.array(at))) for w, at in parts]
    )
    if centred:
        traces -= [float(g.sum()) / source.n for g in _forward(lag, error, point, one)]
    products = np.array(
        [[((g + h) * f).sum(axis=0) for f in forward] for g, h in zip(forward, backward, strict=True)]
    )
    products = products.transpose(2, 0, 1)
    return traces, 0.5 * (products + products.transpose(0, 2, 1))


def _forward(lag: Weights | None, error: Weights | None, point: Point, v: NDArray) -> list[NDArray]:
    """Return ``Gr v = A W1 B^{-1} A^{-1} v`` and ``Gl v = W2 A^{-1} v``."""
    found = []
    inner = v if error is None else _solved(error, point.lam, v)
    if lag is not None:
        found.append(_filtered(error, point, lag.matrix @ _solved(lag, point.rho, inner)))
    if error is not None:
        found.append(error.matrix @ inner)
    return found


def _backward(lag: Weights | None, error: Weights | None, point: Point, v: NDArray) -> list[NDArray]:
    """Return ``Gr'v`` and ``Gl'v``."""
    found = []
    if lag is not None:
        outer = v if error is None else v - point.lam * (error.matrix.T @ v)
        outer = neumann(lag.matrix.T, point.rho, lag.matrix.T @ outer)
        found.append(outer if error is None else neumann(error.matrix.T, point.lam, outer))
    if error is not None:
        found.append(neumann(error.matrix.T, point.lam, error.matrix.T @ v))
    return found


def _filtered(error: Weights | None, point: Point, v: NDArray) -> NDArray:
    return v if error is None else v - point.lam * (error.matrix @ v)


def _solved(weights: Weights, rho: float, v: NDArray) -> NDArray[np.float64]:
    return neumann(weights.matrix, rho, v)


def _unfilter(weights: Weights, lam: float, values: NDArray) -> NDArray[np.float64]:
    return neumann(weights.matrix, lam, values)
