"""Maximise the concentrated likelihood over no, one or two bounded spatial parameters.

The search starts from a grid over the admissible interval, so that it sees every region of the interval, and
ends with Newton steps on analytic derivatives: bracketed in one dimension, with step halving in two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import ConvergenceError, IdentificationError
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, Reduced

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.logdet.choose import Jacobian

STEP_TOLERANCE = 1e-13
"""Newton steps below this count as rounding of a parameter of order one."""

EDGE = 1e-6
"""Share of the interval within which an estimate counts as lying on its edge."""

MAX_ITERATIONS = 100
PERFECT_FIT = 1e-24
"""Share of y'y below which the residual sum of squares is rounding (squared rounding of y)."""

STARTS = 4
"""Local maxima of the grid that a two-dimensional search starts from."""

COARSE = 3
"""Two-dimensional grids use every third point of the one-dimensional ones."""


@dataclass(frozen=True, slots=True)
class Convergence:
    """Record of a search.

    Attributes
    ----------
    iterations : int
        Newton steps of the search that won.
    gradient : float
        Largest absolute derivative of the concentrated log-likelihood at the estimate.
    starts : int
        Number of starting points followed to their maximum.
    """

    iterations: int
    gradient: float
    starts: int


@dataclass(frozen=True, slots=True, eq=False)
class Concentrated:
    """The concentrated log-likelihood of one problem, up to its constant.

    Parameters
    ----------
    reduced : Reduced
        The data in the coordinates of a QR decomposition.
    jacobians : tuple of Jacobian
        Log-determinants of the spatial parameters, in their order.
    """

    reduced: Reduced
    jacobians: tuple[Jacobian, ...]

    def at(self, theta: NDArray) -> tuple[float, NDArray, NDArray]:
        """Return value, gradient (m,) and Hessian (m, m) at spatial parameters of shape (m,).

        Parameters
        ----------
        theta : ndarray, shape (m,)
            Spatial parameters.

        Returns
        -------
        (float, ndarray, ndarray)
            Value, gradient and Hessian.
        """
        reduced = self.reduced
        rho, lam = _named(reduced.spatial, theta)
        square, slope, curvature = reduced.square(reduced.best(rho, lam), rho, lam)
        k, half = reduced.k, 0.5 * reduced.size
        mixed = curvature[:k, k:]
        inner = curvature[k:, k:] - mixed.T @ np.linalg.solve(curvature[:k, :k], mixed)
        s = slope[k:]
        value, gradient = -half * np.log(square), -half * s / square
        hessian = -half * (inner / square - np.outer(s, s) / square**2)
        for j, (jacobian, at) in enumerate(zip(self.jacobians, theta, strict=True)):
            v, d1, d2 = jacobian.derivatives(float(at))
            value, gradient[j], hessian[j, j] = value + v, gradient[j] + d1, hessian[j, j] + d2
        return float(value), gradient, hessian

    def profile(self, axes: list[tuple[NDArray, NDArray]]) -> NDArray[np.float64]:
        """Return the values on the product of grids, each given as (points, log-determinants).

        Parameters
        ----------
        axes : list of (ndarray, ndarray)
            Points and log-determinants of each spatial parameter.

        Returns
        -------
        ndarray, one axis per spatial parameter
            Values.
        """
        mesh = np.meshgrid(*(points for points, _ in axes), indexing="ij")
        logs = sum(np.meshgrid(*(logs for _, logs in axes), indexing="ij"))
        flat = {name: grid.ravel() for name, grid in zip(self.reduced.spatial, mesh, strict=True)}
        zero = np.zeros(mesh[0].size)
        squares = self.reduced.squares(flat.get("rho", zero), flat.get("lam", zero))
        return logs - 0.5 * self.reduced.size * np.log(squares).reshape(mesh[0].shape)


def maximise(problem: LikelihoodProblem, reduced: Reduced) -> tuple[Point, Convergence]:
    """Return the maximum-likelihood point of a problem and how it was found.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    reduced : Reduced
        The data of the problem in the coordinates of a QR decomposition.

    Returns
    -------
    Point
        The maximum.
    Convergence
        How it was found.

    Raises
    ------
    ConvergenceError
        If a spatial parameter ends at the edge of its interval (the message shows the profile), or the
        search does not end.
    IdentificationError
        If the fit is perfect, so that the likelihood has no maximum.
    """
    _check_not_perfect(reduced)
    jacobians = tuple(j for j in (problem.lag_jacobian, problem.error_jacobian) if j is not None)
    target = Concentrated(reduced, jacobians)
    search = (_none, _one_dimension, _two_dimensions)[len(jacobians)]
    theta, record = search(target)
    rho, lam = _named(reduced.spatial, theta)
    g = reduced.best(rho, lam)
    square = reduced.square(g, rho, lam)[0]
    beta = np.linalg.solve(reduced.triangle, g).astype(np.float64)
    return Point(beta, rho, lam, square / reduced.size), record


def _none(target: Concentrated) -> tuple[NDArray, Convergence]:
    return np.zeros(0), Convergence(0, 0.0, 0)


def _one_dimension(target: Concentrated) -> tuple[NDArray, Convergence]:
    jacobian = target.jacobians[0]
    points, logs = jacobian.grid()
    values = target.profile([(points, logs)])
    best = int(np.argmax(values))
    low, high = jacobian.interval
    margin = EDGE * (high - low)
    left = float(points[best - 1]) if best > 0 else low + margin
    right = float(points[best + 1]) if best + 1 < len(points) else high - margin
    theta, iterations, gradient = _bracketed_newton(target, float(points[best]), left, right)
    if theta <= low + 2 * margin or theta >= high - 2 * margin:
        _check_not_at_edge(target.reduced.spatial[0], theta, (low, high), points, values)
    return np.array([theta]), Convergence(iterations, gradient, 1)


def _bracketed_newton(target: Concentrated, x: float, left: float, right: float) -> tuple[float, int, float]:
    for iteration in range(1, MAX_ITERATIONS + 1):
        _, gradient, hessian = target.at(np.array([x]))
        slope, curvature = float(gradient[0]), float(hessian[0, 0])
        left, right = (x, right) if slope > 0 else (left, x)
        new = x - slope / curvature if curvature < 0 else np.nan
        if abs(new - x) <= STEP_TOLERANCE * (1 + abs(x)):
            return x, iteration, abs(slope)
        if not left < new < right:
            new = 0.5 * (left + right)
        if new in (left, right) or abs(right - left) <= STEP_TOLERANCE:
            return x, iteration, abs(slope)
        x = new
    raise _unfinished(target.reduced.spatial)


def _two_dimensions(target: Concentrated) -> tuple[NDArray, Convergence]:
    intervals = [j.interval for j in target.jacobians]
    grids = [j.grid() for j in target.jacobians]
    axes = [(points[COARSE // 2 :: COARSE], logs[COARSE // 2 :: COARSE]) for points, logs in grids]
    values = target.profile(axes)
    starts = _local_maxima(values)[:STARTS]
    found = [_newton(target, np.array([axes[0][0][i], axes[1][0][j]]), intervals) for i, j in starts]
    theta, iterations, gradient, _ = max(found, key=lambda f: f[3])
    for j, (low, high) in enumerate(intervals):
        margin = 2 * EDGE * (high - low)
        if not low + margin < theta[j] < high - margin:
            profile = values.max(axis=1 - j)
            _check_not_at_edge(target.reduced.spatial[j], float(theta[j]), (low, high), axes[j][0], profile)
    return theta, Convergence(iterations, gradient, len(starts))


def _local_maxima(values: NDArray) -> list[tuple[int, int]]:
    padded = np.pad(values, 1, constant_values=-np.inf)
    neighbours = [padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]]
    peaks = np.argwhere(np.all([values >= other for other in neighbours], axis=0))
    return sorted((tuple(p.tolist()) for p in peaks), key=lambda p: -values[p])


def _newton(
    target: Concentrated, theta: NDArray, intervals: list[tuple[float, float]]
) -> tuple[NDArray, int, float, float]:
    value, gradient, hessian = target.at(theta)
    low, high = (np.array(bound) for bound in zip(*intervals, strict=True))
    margin = EDGE * (high - low)
    for iteration in range(1, MAX_ITERATIONS + 1):
        step = _ascent(gradient, hessian)
        if np.abs(step).max() <= STEP_TOLERANCE * 10:
            return theta, iteration, float(np.abs(gradient).max()), value
        size = 1.0
        while size > 1e-12:
            new = np.clip(theta + size * step, low + margin, high - margin)
            new_value, new_gradient, new_hessian = target.at(new)
            if new_value > value:
                break
            size /= 2
        else:
            return theta, iteration, float(np.abs(gradient).max()), value
        theta, value, gradient, hessian = new, new_value, new_gradient, new_hessian
    raise _unfinished(target.reduced.spatial)


def _ascent(gradient: NDArray, hessian: NDArray) -> NDArray[np.float64]:
    roots, vectors = np.linalg.eigh(hessian)
    floor = 1e-8 * max(1.0, float(np.abs(roots).max()))
    return vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(roots), floor))


def _named(spatial: tuple[str, ...], theta: NDArray) -> tuple[float, float]:
    named = dict(zip(spatial, theta.tolist(), strict=True))
    return named.get("rho", 0.0), named.get("lam", 0.0)


def _check_not_perfect(reduced: Reduced) -> None:
    g = reduced.best(0.0, 0.0)
    if reduced.square(g, 0.0, 0.0)[0] <= PERFECT_FIT * float(reduced.y @ reduced.y):
        raise IdentificationError(
            "The regressors fit the outcome perfectly, so that the error variance is zero.",
            expected="residual variation",
            found="residuals of the size of rounding",
            remedy="remove regressors that define the outcome",
        )


def _check_not_at_edge(
    name: str, value: float, interval: tuple[float, float], points: NDArray, profile: NDArray
) -> None:
    shown = np.linspace(0, len(points) - 1, 8).astype(int)
    top = float(profile.max())
    table = "; ".join(f"{points[i]:.4f}: {profile[i] - top:.3f}" for i in shown)
    raise ConvergenceError(
        f"The estimate of {name} lies at the edge of its interval.",
        expected=f"a maximum inside ({interval[0]:.6f}, {interval[1]:.6f})",
        found=f"{name} = {value:.6f}; log-likelihood profile relative to its largest grid value: {table}",
        remedy="check for a unit root, a wrong weights matrix or too few periods",
    )


def _unfinished(spatial: tuple[str, ...]) -> ConvergenceError:
    return ConvergenceError(
        f"The search for {' and '.join(spatial)} did not end.",
        expected=f"convergence within {MAX_ITERATIONS} Newton steps",
        remedy="rescale the variables or simplify the model",
    )
