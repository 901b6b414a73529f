"""The likelihood of all static models with fixed effects: one equation, one place.

Every model is a case of the general nesting equation

    y = rho W1 y + X b + u,   u = lam W2 u + e,   e ~ (0, sigma2 I),

with X holding regressors and their spatial lags, and y, W1 y, X, W2 y, W2 W1 y, W2 X transformed as the
convention says (`build_problem`). Then ``e = (y - rho W1 y) - lam (W2 y - rho W2 W1 y) - (X - lam W2 X) b``
and

    l = -(N/2) ln(2 pi sigma2) + J1(rho) + J2(lam) - e'e / (2 sigma2),

with N and J of the convention. All inner products are taken in the coordinates of one QR decomposition of the
transformed data (`reduce`), so that an evaluation costs O(k^3 + n) whatever T is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import ConfigError, IdentificationError, offenders
from shuyi.panel import stack
from shuyi.spatialpanel.collinear import dependent_columns
from shuyi.spatialpanel.design import INTERCEPT, Design, Lags, check_kept_dummies
from shuyi.spatialpanel.logdet.choose import Jacobian, log_determinant
from shuyi.spatialpanel.transforms import Convention, within

if TYPE_CHECKING:
    from numpy.typing import NDArray

ABSORBED = 1e-10
"""Share of a column's size that must be left after the transformation: rounding of O(n T) additions."""


@dataclass(frozen=True, slots=True, eq=False)
class LikelihoodProblem:
    """Transformed data of one model under one convention.

    Attributes
    ----------
    design : Design
        Data of the model, aligned and complete.
    convention : Convention
        How the effects are removed.
    y : ndarray, shape (T, n)
        Outcome, transformed.
    x : ndarray, shape (T, n, k)
        Regressors and their spatial lags.
    wy : ndarray, shape (T, n), or None
        ``W1 y`` where the model has rho.
    ey, ewy, ex : ndarray or None
        ``W2 y``, ``W2 W1 y`` and ``W2 X`` where the model has lam.
    lag_jacobian, error_jacobian : Jacobian or None
        Log-determinants of ``I - rho W1`` and ``I - lam W2``.
    """

    design: Design
    convention: Convention
    y: NDArray[np.float64]
    x: NDArray[np.float64]
    wy: NDArray[np.float64] | None
    ey: NDArray[np.float64] | None
    ewy: NDArray[np.float64] | None
    ex: NDArray[np.float64] | None
    lag_jacobian: Jacobian | None
    error_jacobian: Jacobian | None

    @property
    def spatial(self) -> tuple[str, ...]:
        """Names of the spatial parameters of the model: none, rho, lam or both."""
        return (*(("rho",) if self.wy is not None else ()), *(("lam",) if self.ey is not None else ()))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all parameters in their order: coefficients, rho, lam, sigma2."""
        return (*self.design.names, *self.spatial, "sigma2")


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A value of all parameters; rho or lam is zero where the model has none.

    Attributes
    ----------
    beta : ndarray, shape (k,)
        Coefficients of the regressors and of their spatial lags.
    rho, lam, sigma2 : float
        Spatial lag and spatial error parameter, and variance of the innovations.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.likelihood import Point
    >>> Point(np.array([1.0]), rho=0.4, lam=0.0, sigma2=2.0).vector(("rho",))
    array([1. , 0.4, 2. ])
    """

    beta: NDArray[np.float64]
    rho: float
    lam: float
    sigma2: float

    def vector(self, spatial: tuple[str, ...]) -> NDArray[np.float64]:
        """Return the parameters of a model with these spatial parameters, in the order of ``problem.names``.

        Parameters
        ----------
        spatial : tuple of str
            Names of the model's spatial parameters, ``"rho"``, ``"lam"`` or both.

        Returns
        -------
        ndarray, shape (p,)
            Coefficients, spatial parameters, sigma2.
        """
        return np.array([*self.beta, *(getattr(self, name) for name in spatial), self.sigma2])

    @classmethod
    def from_vector(cls, vector: NDArray, spatial: tuple[str, ...]) -> Point:
        """Invert `vector`.

        Parameters
        ----------
        vector : ndarray, shape (p,)
            Coefficients, spatial parameters, sigma2.
        spatial : tuple of str
            Names of the model's spatial parameters.

        Returns
        -------
        Point
            Zero for a parameter that the model has not.
        """
        k = len(vector) - len(spatial) - 1
        named = dict(zip(spatial, vector[k:-1].tolist(), strict=True))
        return cls(vector[:k].copy(), named.get("rho", 0.0), named.get("lam", 0.0), float(vector[-1]))


def build_problem(
    design: Design, convention: Convention, *, has_lag: bool, logdet: str = "auto"
) -> LikelihoodProblem:
    """Transform the data as the convention says.

    Parameters
    ----------
    design : Design
        Data of the model, aligned and complete.
    convention : Convention
        How the effects are removed.
    has_lag : bool
        Whether the model has rho; it has lam where the design carries weights of the error process.
    logdet : str, default "auto"
        Method of the log-determinants.

    Returns
    -------
    LikelihoodProblem
        Transformed outcome, regressors and spatial lags.

    Raises
    ------
    IdentificationError
        If the outcome or a regressor is absorbed by the effects, or regressors are collinear (named).
    ConfigError
        If the dummies of an error model cannot be removed by a transformation.
    """
    _check_commuting(design, convention)
    effects, error = convention.effects, design.error_lags
    x, y = design.x, design.y
    if design.durbin:
        assert design.lags is not None
        x = np.concatenate([x, design.lags.lag(x[:, :, design.durbin_positions])], axis=2)
    if convention.lags_last:
        y, x = within(y, effects), within(x, effects)
    wy = design.lags.lag(y) if has_lag and design.lags is not None else None
    ey = error.lag(y) if error else None
    ewy = error.lag(wy) if error and wy is not None else None
    ex = error.lag(x) if error else None
    if not convention.lags_last:
        y, x = within(y, effects), within(x, effects)
        wy, ey, ewy, ex = (None if a is None else within(a, effects) for a in (wy, ey, ewy, ex))
    _check_not_absorbed(design, y, x, effects)
    lag_jacobian = _jacobian(design.lags, convention, design.T, logdet) if wy is not None else None
    error_jacobian = _jacobian(error, convention, design.T, logdet) if error else None
    return LikelihoodProblem(design, convention, y, x, wy, ey, ewy, ex, lag_jacobian, error_jacobian)


def residuals(problem: LikelihoodProblem, point: Point) -> NDArray[np.float64]:
    """Return the innovations e at a point, transformed, shape (T, n).

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    ndarray, shape (T, n)
        In the unit of the outcome.
    """
    e = problem.y - problem.x @ point.beta
    if problem.wy is not None:
        e = e - point.rho * problem.wy
    if problem.ey is not None and problem.ex is not None:
        inner = problem.ey - problem.ex @ point.beta
        if problem.ewy is not None:
            inner = inner - point.rho * problem.ewy
        e = e - point.lam * inner
    return e


def loglikelihood(problem: LikelihoodProblem, point: Point) -> float:
    """Return the log-likelihood at any point, from the transformed data themselves.

    l = -(N/2) ln(2 pi sigma2) + J1(rho) + J2(lam) - e'e / (2 sigma2).

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    float
        With its constants.
    """
    e = residuals(problem, point)
    size = problem.convention.observations
    value = -0.5 * size * np.log(2 * np.pi * point.sigma2) - float((e * e).sum()) / (2 * point.sigma2)
    return float(value + _jacobian_derivatives(problem, point.rho, point.lam)[0])


def score_and_hessian(
    problem: LikelihoodProblem, point: Point
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return gradient and Hessian of the log-likelihood at any point, in the order of ``problem.names``.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    score : ndarray, shape (p,)
    hessian : ndarray, shape (p, p)
    """
    reduced = reduce(problem)
    m = len(problem.spatial)
    square, slope, curvature = reduced.square(reduced.triangle @ point.beta, point.rho, point.lam)
    turn = np.eye(len(slope))
    k = len(point.beta)
    turn[:k, :k] = reduced.triangle
    slope, curvature = turn.T @ slope, turn.T @ curvature @ turn
    _, first, second = _jacobian_derivatives(problem, point.rho, point.lam)
    size, s2 = problem.convention.observations, point.sigma2
    score = np.append(-slope / (2 * s2), -size / (2 * s2) + square / (2 * s2**2))
    hessian = np.zeros((k + m + 1, k + m + 1))
    hessian[:-1, :-1] = -curvature / (2 * s2)
    hessian[:-1, -1] = hessian[-1, :-1] = slope / (2 * s2**2)
    hessian[-1, -1] = size / (2 * s2**2) - square / s2**3
    score[k:-1] += first
    hessian[k:-1, k:-1] += np.diag(second)
    return score, hessian


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """The data in the coordinates of a QR decomposition: inner products are those of the transformed data.

    Attributes
    ----------
    triangle : ndarray, shape (k, k)
        Upper triangle R of ``X = Q R``; ``g = R b`` are the coefficients of the orthonormal columns.
    y, wy, ey, ewy : ndarray, shape (p,)
        Zero where the model has no such term.
    ex : ndarray, shape (p, k)
        ``W2 X R^{-1}``.
    spatial : tuple of str
        Names of the model's spatial parameters.
    size : int
        Effective observations.
    """

    triangle: NDArray[np.float64]
    y: NDArray[np.float64]
    wy: NDArray[np.float64]
    ey: NDArray[np.float64]
    ewy: NDArray[np.float64]
    ex: NDArray[np.float64]
    spatial: tuple[str, ...]
    size: int

    @property
    def k(self) -> int:
        """Number of coefficients."""
        return len(self.triangle)

    def square(self, g: NDArray, rho: float, lam: float) -> tuple[float, NDArray, NDArray]:
        """Return ``e'e`` with gradient and Hessian in (g, spatial parameters of the model).

        Shapes (), (k + m,) and (k + m, k + m).

        Parameters
        ----------
        g : ndarray, shape (k,)
            Coefficients of the orthonormal columns.
        rho, lam : float
            Spatial parameters.

        Returns
        -------
        (float, ndarray, ndarray)
            Value, gradient and Hessian.
        """
        e, x, sides = self._residual(g, rho, lam)
        k, m = self.k, len(self.spatial)
        slope = np.empty(k + m)
        curvature = np.empty((k + m, k + m))
        slope[:k] = x.T @ e
        slope[k:] = sides @ e
        curvature[:k, :k] = x.T @ x
        curvature[k:, :k] = sides @ x
        curvature[k:, k:] = sides @ sides.T
        if "lam" in self.spatial:
            curvature[-1, :k] += e @ self.ex
            if m == 2:
                cross = float(self.ewy @ e)
                curvature[-1, -2] += cross
                curvature[-2, -1] += cross
        curvature[:k, k:] = curvature[k:, :k].T
        return float(e @ e), -2 * slope, 2 * curvature

    def best(self, rho: float, lam: float) -> NDArray[np.float64]:
        """Return the generalised least-squares coefficients g at given spatial parameters.

        Parameters
        ----------
        rho, lam : float
            Spatial parameters.

        Returns
        -------
        ndarray, shape (k,)
            Coefficients of the orthonormal columns.
        """
        right = self.y - rho * self.wy - lam * (self.ey - rho * self.ewy)
        if "lam" not in self.spatial:
            return right[: self.k]
        x = self._regressors(lam)
        return np.linalg.solve(x.T @ x, x.T @ right).astype(np.float64)

    def squares(self, rho: NDArray, lam: NDArray) -> NDArray[np.float64]:
        """Return the concentrated ``e'e`` at many spatial parameters of shape (G,).

        Parameters
        ----------
        rho, lam : ndarray, shape (G,)
            Spatial parameters.

        Returns
        -------
        ndarray, shape (G,)
            Sum of squares at each.
        """
        inner = self.ey - rho[:, None] * self.ewy
        right = self.y - rho[:, None] * self.wy - lam[:, None] * inner
        if "lam" not in self.spatial:
            return (right[:, self.k :] ** 2).sum(axis=1)
        x = np.eye(len(self.y), self.k) - lam[:, None, None] * self.ex
        transposed = x.transpose(0, 2, 1)
        g = np.linalg.solve(transposed @ x, transposed @ right[:, :, None])
        return ((right[:, :, None] - x @ g) ** 2).sum(axis=(1, 2))

    def _regressors(self, lam: float) -> NDArray[np.float64]:
        return np.eye(len(self.y), self.k) - lam * self.ex

    def _residual(self, g: NDArray, rho: float, lam: float) -> tuple[NDArray, NDArray, NDArray]:
        """Return e, the filtered regressors and minus the derivatives of e by the spatial parameters."""
        x = self._regressors(lam)
        inner = self.ey - rho * self.ewy
        e = self.y - rho * self.wy - lam * inner - x @ g
        sides = {"rho": self.wy - lam * self.ewy, "lam": inner - self.ex @ g}
        return e, x, np.array([sides[name] for name in self.spatial]).reshape(len(self.spatial), len(e))


def reduce(problem: LikelihoodProblem) -> Reduced:
    """Take one QR decomposition of the transformed data.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.

    Returns
    -------
    Reduced
        Data of as many rows as there are columns.

    Raises
    ------
    IdentificationError
        If a column of X is a combination of the columns before it (named).
    """
    k = problem.x.shape[2]
    columns = [problem.x, problem.y[:, :, None]]
    optional = {"wy": problem.wy, "ey": problem.ey, "ewy": problem.ewy}
    columns += [a[:, :, None] for a in optional.values() if a is not None]
    if problem.ex is not None:
        columns.append(problem.ex)
    data = stack(np.concatenate(columns, axis=2))
    r: NDArray[np.float64] = np.linalg.qr(data, mode="r")  # type: ignore[assignment]
    _check_not_collinear(problem, r[:k, :k], data)
    place = {name: k + 1 + j for j, name in enumerate(n for n, a in optional.items() if a is not None)}
    zero = np.zeros(len(r))
    wy, ey, ewy = (r[:, place[name]] if name in place else zero for name in optional)
    triangle = r[:k, :k]
    ex = np.zeros((len(r), k))
    if problem.ex is not None:
        ex[:] = np.linalg.solve(triangle.T, r[:, r.shape[1] - k :].T).T
    return Reduced(triangle, r[:, k], wy, ey, ewy, ex, problem.spatial, problem.convention.observations)


def _jacobian_derivatives(
    problem: LikelihoodProblem, rho: float, lam: float
) -> tuple[float, list[float], list[float]]:
    value, first, second = 0.0, [], []
    for jacobian, at in ((problem.lag_jacobian, rho), (problem.error_jacobian, lam)):
        if jacobian is not None:
            v, d1, d2 = jacobian.derivatives(at)
            value += v
            first.append(d1)
            second.append(d2)
    return value, first, second


def _jacobian(lags: Lags | None, convention: Convention, T: int, method: str) -> Jacobian:
    assert lags is not None
    distinct = lags.distinct(T)
    parts = tuple(log_determinant(w, method) for w, _ in distinct)
    counts = tuple(len(periods) * convention.periods / T for _, periods in distinct)
    return Jacobian(parts, counts, convention.drops_unit_root)


def _check_commuting(design: Design, convention: Convention) -> None:
    error, effects = design.error_lags, convention.effects
    if error is None or convention.lags_last or effects == "pooled":
        return
    check_kept_dummies(error, effects, "a model without lam")
    if effects in ("individual", "twoways") and not error.is_constant:
        raise ConfigError(
            f"A spatial error process with {effects} effects needs error weights that are the same in every "
            "period: otherwise filtering changes the individual dummies.",
            expected="one matrix of error weights",
            found="a list of weights, one per period",
            remedy="give error_weights=, use time effects, or a model without lam",
        )


def _check_not_absorbed(design: Design, y: NDArray, x: NDArray, effects: str) -> None:
    if _size(y) <= ABSORBED * _size(design.y):
        raise IdentificationError(
            f"The outcome {design.outcome!r} has no variation left.",
            expected=f"variation that {effects} effects do not absorb",
            found="all values equal" if effects == "pooled" else f"a variable that {effects} effects absorb",
        )
    sizes = [_size(design.x[:, :, p]) for p in range(design.x.shape[2])]
    before = [*sizes, *(sizes[p] for p in design.durbin_positions)]
    gone = [
        name
        for j, name in enumerate(design.names)
        if name != INTERCEPT and _size(x[:, :, j]) <= ABSORBED * before[j]
    ]
    if gone:
        where = {"individual": "within units", "time": "within periods"}.get(effects, "after both means")
        raise IdentificationError(
            f"Regressors are absorbed by the {effects} effects.",
            expected=f"regressors that vary {where}",
            found=f"constant {where}: {offenders(gone)}",
            remedy="leave them out, or interact them with something that varies",
        )


def _check_not_collinear(problem: LikelihoodProblem, triangle: NDArray, data: NDArray) -> None:
    k = problem.x.shape[2]
    lengths = np.sqrt((data[:, :k] ** 2).sum(axis=0))
    names = dependent_columns(problem.design.names, triangle, lengths)
    if names:
        raise IdentificationError(
            "Regressors are collinear after the transformation.",
            expected="columns of [X, W Z] that are linearly independent once the effects are removed",
            found=f"combinations of the columns before them: {offenders(names)}",
            remedy="leave these columns out",
        )


def _size(values: NDArray) -> float:
    return float(np.sqrt((values * values).sum()))
