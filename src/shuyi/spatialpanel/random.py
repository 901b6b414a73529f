"""Random effects of units by maximum likelihood, and correlated random effects (Mundlak 1978).

With ``v = (I - lam W2)(y - rho W1 y - X b)``, unit effects ``mu ~ N(0, sigma2_mu)`` and ``e ~ N(0, sigma2)``:

- ``"kkp"``: the effect is inside the error process, ``v_t = mu + e_t`` (Kapoor, Kelejian and Prucha 2007).
  Then ``l = -(nT/2) ln(2 pi sigma2) + J(rho, lam) + (n/2) ln phi^2 - v*'v* / (2 sigma2)`` with
  ``v*_t = v_t - (1 - phi) vbar`` and ``phi^2 = sigma2 / (T sigma2_mu + sigma2)`` (Elhorst 2014, chapter 3).
  Without lam there is no other form.
- ``"baltagi"``: the effect is outside, ``y_t = X_t b + mu + u_t, u_t = lam W2 u_t + e_t`` (Anselin 1988;
  Baltagi, Song and Koh 2003). The period-mean residuals then have variance
  ``sigma2 (A'A)^{-1} + T sigma2_mu I`` with ``A = I - lam W2``; an evaluation costs O(n^3).

Correlated random effects add the unit means of X and of W Z to the regressors (``mean_x``, ``mean_W_z``;
Debarsy 2012 for the spatial Durbin model). Parameters: coefficients, rho, lam, sigma2, sigma2_mu.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from shuyi.errors import ConfigError, ConvergenceError, check_known
from shuyi.panel import stack
from shuyi.spatialpanel.covariance.information import spatial_parts
from shuyi.spatialpanel.covariance.parts import inverse
from shuyi.spatialpanel.design import INTERCEPT, Design
from shuyi.spatialpanel.exact import check_not_exact
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, build_problem, reduce, residuals
from shuyi.spatialpanel.optimise import Convergence, maximise
from shuyi.spatialpanel.results import Fit, design_fields
from shuyi.spatialpanel.transforms import CORRECTIONS, Convention, check_enough_observations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.diagnostics.result import TestResult
    from shuyi.spatialpanel.terms import FitOptions, SpecifiedModel

COVARIANCES = ("information", "hessian")

RATIOS = np.concatenate([np.logspace(-8, -1, 15), np.linspace(0.2, 0.9, 8), [0.97, 0.999]])
"""Starting values of phi^2 in (0, 1): two per order of magnitude, since l is smooth in ln phi."""

CERTAIN = 1e-8
"""Newton decrement below which full steps are taken: the gain of one is then below the rounding of l."""

FINISHED = 1e-22
"""Newton decrement at which the search ends: 1e-11 standard errors from the maximum."""

MAX_ITERATIONS = 100
SMALLEST_STEP = 1e-10
AT_ZERO = 1e-8
"""Ratio of sigma2_mu to sigma2 that counts as an estimate of zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Within or between variation of the data, in coordinates that keep its inner products.

    Attributes
    ----------
    x : ndarray, shape (r, k)
        Regressors and their spatial lags.
    ex : ndarray, shape (r, k)
        Their spatial lags by the error weights, zero where the model has none.
    y, wy, ey, ewy : ndarray, shape (r,)
        The outcome and its spatial lags by W1, W2 and both; zero where the model has no such term.
    """

    x: NDArray[np.float64]
    ex: NDArray[np.float64]
    y: NDArray[np.float64]
    wy: NDArray[np.float64]
    ey: NDArray[np.float64]
    ewy: NDArray[np.float64]

    def square(
        self, b: NDArray, rho: float, lam: float, spatial: tuple[str, ...]
    ) -> tuple[float, NDArray, NDArray]:
        """Return ``v'v`` with gradient (k + m,) and Hessian (k + m, k + m) in (b, spatial parameters).

        Parameters
        ----------
        b : ndarray, shape (k,)
            Coefficients.
        rho, lam : float
            Spatial parameters.
        spatial : tuple of str
            Names of the model's spatial parameters.

        Returns
        -------
        (float, ndarray, ndarray)
            Value, gradient and Hessian.
        """
        k = len(b)
        inner = self.ey - rho * self.ewy - self.ex @ b
        v = self.y - rho * self.wy - self.x @ b - lam * inner
        sides = {"rho": self.wy - lam * self.ewy, "lam": inner}
        columns = np.column_stack([self.x - lam * self.ex, *(sides[name] for name in spatial)])
        curvature = columns.T @ columns
        if "lam" in spatial:
            cross = np.zeros(k + len(spatial))
            cross[:k] = self.ex.T @ v
            if len(spatial) == 2:
                cross[-2] = self.ewy @ v
            curvature[-1] += cross
            curvature[:, -1] += cross
        return float(v @ v), -2 * columns.T @ v, 2 * curvature


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Untransformed data of one model with their within and between parts.

    Attributes
    ----------
    problem : LikelihoodProblem
        As of a pooled model.
    within, between : Part
        ``v_t - vbar``; ``sqrt(T) vbar``.
    """

    problem: LikelihoodProblem
    within: Part
    between: Part

    @property
    def n(self) -> int:
        """Number of units."""
        return self.problem.design.n

    @property
    def T(self) -> int:  # noqa: N802 - the field's symbol
        """Number of periods."""
        return self.problem.design.T

    @property
    def k(self) -> int:
        """Number of coefficients."""
        return self.problem.x.shape[2]

    def split(self, vector: NDArray) -> tuple[Point, float]:
        """Return the parameters without sigma2_mu as a point, and sigma2_mu.

        Parameters
        ----------
        vector : ndarray, shape (p,)
            Coefficients, spatial parameters, sigma2, sigma2_mu.

        Returns
        -------
        (Point, float)
            Both parts.
        """
        return Point.from_vector(vector[:-1], self.problem.spatial), float(vector[-1])

    def jacobian(self, point: Point) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return the log-determinants with first and second derivatives, shapes (), (m,), (m,).

        Parameters
        ----------
        point : Point
            Values of all parameters, usually the estimate.

        Returns
        -------
        (float, ndarray, ndarray)
            Value and derivatives by the spatial parameters.
        """
        pairs = ((self.problem.lag_jacobian, point.rho), (self.problem.error_jacobian, point.lam))
        found = np.array([j.derivatives(at) for j, at in pairs if j is not None]).reshape(-1, 3)
        return float(found[:, 0].sum()), found[:, 1], found[:, 2]

    def is_inside(self, vector: NDArray) -> bool:
        """Whether variances are positive and spatial parameters in their intervals.

        Parameters
        ----------
        vector : ndarray, shape (p,)
            Coefficients, spatial parameters, sigma2, sigma2_mu.

        Returns
        -------
        bool
            False also on a bound.
        """
        point, s2_mu = self.split(vector)
        pairs = ((self.problem.lag_jacobian, point.rho), (self.problem.error_jacobian, point.lam))
        spatial = all(j is None or j.interval[0] < at < j.interval[1] for j, at in pairs)
        return spatial and point.sigma2 > 0 and s2_mu > 0


class Form(Protocol):
    """Likelihood of one form of random effects; vectors hold (b, rho, lam, sigma2, sigma2_mu)."""

    @property
    def data(self) -> Data:
        """Data of the model."""

    def derivatives(self, vector: NDArray) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return log-likelihood, score (p,) and Hessian (p, p).

        Parameters
        ----------
        vector : ndarray, shape (p,)
            Coefficients, spatial parameters, sigma2, sigma2_mu.

        Returns
        -------
        (float, ndarray, ndarray)
            Value, score and Hessian.
        """

    def information(self, vector: NDArray) -> NDArray[np.float64]:
        """Return the expected information, shape (p, p).

        Parameters
        ----------
        vector : ndarray, shape (p,)
            Coefficients, spatial parameters, sigma2, sigma2_mu.

        Returns
        -------
        ndarray, shape (p, p)
            In the order of the vector.
        """

    def unit_effects(self, vector: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the predicted mu (n,) and innovations e (T, n) that remain.

        Parameters
        ----------
        vector : ndarray, shape (p,)
            Coefficients, spatial parameters, sigma2, sigma2_mu.

        Returns
        -------
        (ndarray, ndarray)
            mu and e.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """The unit effect inside the error process (Kapoor, Kelejian and Prucha 2007), or no error process.

    Parameters
    ----------
    data : Data
        Within and between variation of the data.
    """

    data: Data

    def derivatives(self, vector: NDArray) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return log-likelihood, score (p,) and Hessian (p, p).

        Parameters
        ----------
        vector : ndarray, shape (p,)
            Coefficients, spatial parameters, sigma2, sigma2_mu.

        Returns
        -------
        (float, ndarray, ndarray)
            Value, score and Hessian.
        """
        data, spatial = self.data, self.data.problem.spatial
        n, T, k = data.n, data.T, data.k
        point, s2_mu = data.split(vector)
        s2, s1 = point.sigma2, point.sigma2 + T * s2_mu
        w, gw, hw = data.within.square(point.beta, point.rho, point.lam, spatial)
        b, gb, hb = data.between.square(point.beta, point.rho, point.lam, spatial)
        j, j1, j2 = data.jacobian(point)
        value = -0.5 * n * (T * np.log(2 * np.pi) + (T - 1) * np.log(s2) + np.log(s1))
        d1, d2 = -n / (2 * s1) + b / (2 * s1**2), n / (2 * s1**2) - b / s1**3
        own, own2 = -n * (T - 1) / (2 * s2) + w / (2 * s2**2), n * (T - 1) / (2 * s2**2) - w / s2**3
        score = np.concatenate([-gw / (2 * s2) - gb / (2 * s1), [own + d1, T * d1]])
        score[k:-2] += j1
        hessian = np.zeros((len(vector), len(vector)))
        hessian[:-2, :-2] = -hw / (2 * s2) - hb / (2 * s1)
        hessian[k:-2, k:-2] += np.diag(j2)
        hessian[:-2, -2] = hessian[-2, :-2] = gw / (2 * s2**2) + gb / (2 * s1**2)
        hessian[:-2, -1] = hessian[-1, :-2] = T * gb / (2 * s1**2)
        hessian[-2:, -2:] = [[own2 + d2, T * d2], [T * d2, T**2 * d2]]
        return float(value + j - w / (2 * s2) - b / (2 * s1)), score, hessian

    def information(self, vector: NDArray) -> NDArray[np.float64]:
        """Return the expected information, shape (p, p).

        As `covariance.expected_information` with quasi-demeaned X and means;
        ``I_rho,s2 = tr(G) ((T-1)/s2 + 1/s1)``, ``I_rho,mu = T tr(G)/s1``,
        ``I_s2,s2 = n (T-1)/(2 s2^2) + n/(2 s1^2)``, ``I_s2,mu = nT/(2 s1^2)``, ``I_mu,mu = nT^2/(2 s1^2)``
        with ``s1 = s2 + T s2_mu``.

        Parameters
        ----------
        vector : ndarray, shape (p,)
            Coefficients, spatial parameters, sigma2, sigma2_mu.

        Returns
        -------
        ndarray, shape (p, p)
            In the order of the vector.

        Raises
        ------
        ConfigError
            If the weights vary by period.
        """
        data, problem = self.data, self.data.problem
        n, T, k = data.n, data.T, data.k
        _check_constant_weights(problem, "covariance='information'", "use covariance='hessian'")
        point, s2_mu = data.split(vector)
        s2, s1 = point.sigma2, point.sigma2 + T * s2_mu
        x = problem.x if problem.ex is None else problem.x - point.lam * problem.ex
        parts = spatial_parts(problem, point)
        means = [] if parts.mean is None else [parts.mean[:, :, None]]
        columns = stack(_quasi_demean(np.concatenate([x, *means], axis=2), s2 / s1))
        info = np.zeros((len(vector), len(vector)))
        size = columns.shape[1]
        info[:size, :size] = columns.T @ columns / s2
        info[k:-2, k:-2] += parts.products
        info[k:-2, -2] = info[-2, k:-2] = parts.traces / T * ((T - 1) / s2 + 1 / s1)
        info[k:-2, -1] = info[-1, k:-2] = parts.traces / s1
        shared = n / (2 * s1**2)
        info[-2:, -2:] = [[n * (T - 1) / (2 * s2**2) + shared, T * shared], [T * shared, T**2 * shared]]
        return info

    def unit_effects(self, vector: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return ``E(mu | y) = (1 - phi^2) vbar`` and ``e = v - mu``.

        Parameters
        ----------
        vector : ndarray, shape (p,)
            Coefficients, spatial parameters, sigma2, sigma2_mu.

        Returns
        -------
        (ndarray, ndarray)
            mu, shape (n,), and e, shape (T, n).
        """
        point, s2_mu = self.data.split(vector)
        v = residuals(self.data.problem, point)
        mu = self.data.T * s2_mu / (point.sigma2 + self.data.T * s2_mu) * v.mean(axis=0)
        return mu, v - mu


@dataclass(frozen=True, slots=True, eq=False)
class Outside:
    """The unit effect outside the error process (Anselin 1988; Baltagi, Song and Koh 2003); no rho.

    Parameters
    ----------
    data : Data
        Within and between variation of the data.
    """

    data: Data

    def derivatives(self, vector: NDArray) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return log-likelihood, score (p,) and Hessian (p, p).

        Parameters
        ----------
        vector : ndarray, shape (p,)
            Coefficients, spatial parameters, sigma2, sigma2_mu.

        Returns
        -------
        (float, ndarray, ndarray)
            Value, score and Hessian.
        """
        data = self.data
        n, T, k = data.n, data.T, data.k
        point, _ = data.split(vector)
        s2, share = point.sigma2, (T - 1) / T
        w, gw, hw = data.within.square(point.beta, 0.0, point.lam, ("lam",))
        j, j1, j2 = data.jacobian(point)
        value, score, hessian = self._between(vector)
        value += -0.5 * n * (T - 1) * np.log(2 * np.pi * s2) + share * j - w / (2 * s2)
        score[:-2] -= gw / (2 * s2)
        score[k] += share * j1[0]
        score[-2] += -n * (T - 1) / (2 * s2) + w / (2 * s2**2)
        hessian[:-2, :-2] -= hw / (2 * s2)
        hessian[k, k] += share * j2[0]
        hessian[:-2, -2] += gw / (2 * s2**2)
        hessian[-2, :-2] += gw / (2 * s2**2)
        hessian[-2, -2] += n * (T - 1) / (2 * s2**2) - w / s2**3
        return float(value), score, hessian

    def information(self, vector: NDArray) -> NDArray[np.float64]:
        """Return the expected information, shape (p, p): that of T - 1 filtered periods and of the means.

        Parameters
        ----------
        vector : ndarray, shape (p,)
            Coefficients, spatial parameters, sigma2, sigma2_mu.

        Returns
        -------
        ndarray, shape (p, p)
            In the order of the vector.
        """
        data, problem = self.data, self.data.problem
        n, T, k = data.n, data.T, data.k
        point, _ = data.split(vector)
        s2 = point.sigma2
        means, first, _, x, _ = self._moments(vector)
        solved = [np.linalg.solve(means, d) for d in first]
        info = np.zeros((len(vector), len(vector)))
        filtered = data.within.x - point.lam * data.within.ex
        info[:k, :k] = filtered.T @ filtered / s2 + x.T @ np.linalg.solve(means, x)
        info[k:, k:] = [[0.5 * float((a * b.T).sum()) for b in solved] for a in solved]
        parts = spatial_parts(problem, point)
        info[k, k] += (T - 1) / T * parts.products[0, 0]
        info[k, -2] += (T - 1) / T * parts.traces[0] / s2
        info[-2, k] = info[k, -2]
        info[-2, -2] += n * (T - 1) / (2 * s2**2)
        return info

    def unit_effects(self, vector: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return ``E(mu | y) = T sigma2_mu S^{-1} ubar``, S the variance of ``sqrt(T) ubar``, and e.

        Parameters
        ----------
        vector : ndarray, shape (p,)
            Coefficients, spatial parameters, sigma2, sigma2_mu.

        Returns
        -------
        (ndarray, ndarray)
            mu, shape (n,), and e, shape (T, n).
        """
        data, problem = self.data, self.data.problem
        point, s2_mu = data.split(vector)
        u = problem.y - problem.x @ point.beta
        mu = data.T * s2_mu * np.linalg.solve(self._moments(vector)[0], u.mean(axis=0))
        error = problem.design.error_lags
        assert error is not None
        return mu, (u - mu) - point.lam * error.lag(u - mu)

    def _between(self, vector: NDArray) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return normal log-likelihood, score and Hessian of ``sqrt(T) ybar``."""
        k, p = self.data.k, len(vector)
        variance, first, second, x, m = self._moments(vector)
        solve = np.linalg.inv(variance)
        r = solve @ m
        applied = [d @ r for d in first]
        products = [solve @ d for d in first]
        value = -0.5 * (len(m) * np.log(2 * np.pi) + np.linalg.slogdet(variance)[1] + m @ r)
        score = np.concatenate(
            [x.T @ r, [0.5 * (r @ a - np.trace(s)) for a, s in zip(applied, products, strict=True)]]
        )
        hessian = np.zeros((p, p))
        hessian[:k, :k] = -x.T @ solve @ x
        hessian[:k, k:] = -x.T @ solve @ np.column_stack(applied)
        hessian[k:, :k] = hessian[:k, k:].T
        for a in range(3):
            for b in range(3):
                both = second.get((min(a, b), max(a, b)))
                curved = 0.0 if both is None else 0.5 * float(r @ both @ r - (solve * both).sum())
                trace = 0.5 * float((products[a] * products[b].T).sum())
                hessian[k + a, k + b] = trace + curved - applied[a] @ solve @ applied[b]
        return float(value), score, hessian

    def _moments(
        self, vector: NDArray
    ) -> tuple[NDArray, list[NDArray], Mapping[tuple[int, int], NDArray], NDArray, NDArray]:
        """Return variance of ``sqrt(T) ubar`` with derivatives by (lam, sigma2, sigma2_mu), x, residual."""
        data, problem = self.data, self.data.problem
        point, s2_mu = data.split(vector)
        error = problem.design.error_lags
        assert error is not None
        w, unit = error.at(0).to_dense(), np.eye(data.n)
        a = unit - point.lam * w
        f = np.linalg.inv(a.T @ a)
        mixed = w.T @ a + a.T @ w
        f1 = f @ mixed @ f
        f2 = 2 * (f1 @ mixed @ f - f @ w.T @ w @ f)
        root = np.sqrt(data.T)
        x, y = root * problem.x.mean(axis=0), root * problem.y.mean(axis=0)
        variance = point.sigma2 * f + data.T * s2_mu * unit
        first = [point.sigma2 * f1, f, data.T * unit]
        return variance, first, {(0, 0): point.sigma2 * f2, (0, 1): f1}, x, y - x @ point.beta


def fit_random(model: SpecifiedModel, options: FitOptions) -> Fit:
    """Estimate a model with random or correlated random effects by maximum likelihood.

    Parameters
    ----------
    model : SpecifiedModel
        With ``effects="random"`` or ``"correlated"``; its ``random_form`` says where the unit effect stands.
    options : FitOptions
        ``covariance`` is ``"information"`` or ``"hessian"``. All corrections of fixed effects are the same
        here, since nothing is removed.

    Returns
    -------
    Fit
        With ``sigma2_mu``, the variance of the unit effects, as last parameter.

    Raises
    ------
    ConfigError
        If an option is unknown or does not exist for random effects.
    ConvergenceError
        If the variance of the unit effects or a spatial parameter is estimated at its bound.
    IdentificationError
        If regressors are collinear (named).
    """
    check_known(options.correction, CORRECTIONS, "correction")
    check_known(options.covariance, COVARIANCES, f"covariance of a model with {model.effects} effects")
    _check_options(options)
    form = build_form(model, options.logdet)
    vector, record = _maximise(form)
    matrix = form.information(vector) if options.covariance == "information" else -form.derivatives(vector)[2]
    return _assemble(model, options, form, vector, record, inverse(matrix))


def build_form(model: SpecifiedModel, logdet: str = "auto") -> Form:
    """Return the likelihood of a model with random effects.

    Parameters
    ----------
    model : SpecifiedModel
        Model with its aligned data.
    logdet : str, default "auto"
        ``"auto"`` or a key of `logdet.METHODS`.

    Returns
    -------
    Form
        With the unit effect inside or outside the error process.

    Raises
    ------
    ConfigError, IdentificationError
        See `fit_random`.
    """
    _check_form(model)
    design = model.design if model.effects == "random" else with_unit_means(model.design)
    n, T = design.n, design.T
    check_enough_observations("pooled", n, T, len(design.names) + model.terms.lag + model.terms.error + 2)
    if T < 2:
        raise ConfigError("Random effects need repeated observations.", expected="T >= 2", found="T = 1")
    convention = Convention("none", "pooled", n * T, T)
    problem = build_problem(design, convention, has_lag=model.terms.lag, logdet=logdet)
    reduce(problem)
    data = Data(problem, *_parts(problem))
    if model.random_form == "kkp":
        return Inside(data)
    _check_constant_weights(problem, "random_form='baltagi'", "use random_form='kkp'")
    return Outside(data)


def with_unit_means(design: Design) -> Design:
    """Return a design with the unit means of the regressors and of their spatial lags among its regressors.

    Parameters
    ----------
    design : Design
        Data of the model, aligned and complete.

    Returns
    -------
    Design
        The means are named ``mean_<name>``.

    Raises
    ------
    ConfigError
        If a regressor already has the name of a mean.
    """
    x, names = design.x, [f"mean_{name}" for name in design.names if name != INTERCEPT]
    taken = [name for name in names if name in design.names]
    if taken:
        raise ConfigError(
            "A regressor has the name of a unit mean that correlated random effects add.",
            found=", ".join(taken),
            remedy="rename it, or leave it out: the means are added by themselves",
        )
    varying = [x[:, :, [j for j, name in enumerate(design.regressors) if name != INTERCEPT]]]
    if design.lags is not None and design.durbin:
        varying.append(design.lags.lag(x[:, :, design.durbin_positions]))
    means = np.concatenate(varying, axis=2).mean(axis=0)
    x = np.concatenate([x, np.broadcast_to(means, (design.T, *means.shape))], axis=2)
    return replace(design, x=x, regressors=(*design.regressors, *names))


def random_effects_ratio(model: SpecifiedModel, logdet: str = "auto") -> TestResult:
    """Return the likelihood-ratio test of no random effects, ``sigma2_mu = 0``, that is ``phi = 1``.

    The null lies on the bound, so that the statistic is zero with probability 1/2 and chi-squared with one
    degree of freedom otherwise (Self and Liang 1987, case 5). An estimate on the bound has LR = 0 and p = 1.

    Parameters
    ----------
    model : SpecifiedModel
        With random or correlated random effects.
    logdet : str, default "auto"
        ``"auto"`` or a key of `logdet.METHODS`.

    Returns
    -------
    TestResult
        Small p-values speak for random effects.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR, random_effects_ratio
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> model = SAR(panel, weights, outcome="y", regressors=["x1"], effects="random")
    >>> random_effects_ratio(model).df
    1
    """
    from shuyi.spatialpanel.diagnostics.result import chi_squared

    form = build_form(model, logdet)
    problem = form.data.problem
    point, _ = maximise(problem, reduce(problem))
    null = np.append(point.vector(problem.spatial), 0.0)
    try:
        vector, _ = _maximise(form)
        statistic = max(0.0, 2 * (form.derivatives(vector)[0] - form.derivatives(null)[0]))
    except VarianceAtZeroError:
        statistic = 0.0
    found = chi_squared(
        "lr_random",
        "no_random_effects",
        statistic,
        1,
        note="p-value of the mixture of zero and chi-squared(1) with equal weights",
        reference="Self and Liang (1987, case 5); Elhorst (2014, chapter 3)",
        group="effects",
        spec=model.effects,
    )
    return replace(found, p_value=0.5 * found.p_value if statistic > 0 else 1.0)


def mundlak_wald(fit: Fit) -> TestResult:
    """Return the Wald test that the unit means of a correlated random-effects fit are jointly zero.

    Parameters
    ----------
    fit : Fit
        Estimates of a model.

    Returns
    -------
    TestResult
        Chi-squared with one degree of freedom per mean; small p-values speak against random effects.

    Raises
    ------
    ConfigError
        If the fit has other effects.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR, mundlak_wald
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fit = SAR(panel, weights, outcome="y", regressors=["x1"], effects="correlated").fit()
    >>> mundlak_wald(fit).df
    1
    """
    from shuyi.spatialpanel.diagnostics.lr import wald_zero

    if fit.effects_structure != "correlated":
        raise ConfigError(
            "Only correlated random effects have unit means to test.",
            expected="a fit with effects='correlated'",
            found=f"{fit.effects_structure} effects",
        )
    means = [f"mean_{name}" for name in fit.names if f"mean_{name}" in fit.names]
    return wald_zero(fit, means, test="mundlak", hypothesis="random_effects").about(group="effects")


def phi(fit: Fit) -> tuple[float, float]:
    """Return ``phi = sqrt(sigma2 / (T sigma2_mu + sigma2))`` and its delta-method standard error.

    Parameters
    ----------
    fit : Fit
        Estimates of a model.

    Returns
    -------
    (float, float)
        phi in (0, 1], and its error.

    Raises
    ------
    ConfigError
        If the fit has no random effects.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR, phi
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> value, error = phi(SAR(panel, weights, outcome="y", regressors=["x1"], effects="random").fit())
    >>> 0 < value < 1
    True
    """
    s2, s2_mu = fit["sigma2"], fit["sigma2_mu"]
    total = fit.T * s2_mu + s2
    value = np.sqrt(s2 / total)
    slope = 0.5 / value * np.array([fit.T * s2_mu, -fit.T * s2]) / total**2
    place = [fit.names.index(name) for name in ("sigma2", "sigma2_mu")]
    variance = slope @ fit.covariance_matrix[np.ix_(place, place)] @ slope
    return float(value), float(np.sqrt(variance))


class VarianceAtZeroError(ConvergenceError):
    """The variance of the unit effects is estimated at zero."""


def _maximise(form: Form) -> tuple[NDArray[np.float64], Convergence]:
    """Return the maximum and how it was found, or refuse a maximum on the bound sigma2_mu = 0."""
    start = _start(form.data)
    if isinstance(form, Inside):
        return _newton(form, start)
    found = []
    low, high = _interval(form.data)
    for lam in (start[form.data.k], *(low + share * (high - low) for share in (0.3, 0.5, 0.7, 0.9))):
        at = start.copy()
        at[form.data.k] = lam
        found.append(_newton(form, at))
    best = max(found, key=lambda pair: form.derivatives(pair[0])[0])
    return best[0], replace(best[1], starts=len(found))


def _start(data: Data) -> NDArray[np.float64]:
    """Return the best point of a grid over phi^2, each with the maximum over all other parameters."""
    found = []
    edge: ConvergenceError | None = None
    for ratio in RATIOS.tolist():
        try:
            found.append(_given_ratio(data, ratio))
        except ConvergenceError as error:
            edge = error
    if not found:
        assert edge is not None
        raise edge
    return max(found, key=lambda pair: pair[0])[1]


def _given_ratio(data: Data, ratio: float) -> tuple[float, NDArray[np.float64]]:
    """Return log-likelihood and maximum at a given phi^2, from quasi-demeaned data."""
    problem, root = data.problem, np.sqrt(ratio)
    rows: dict[str, Any] = {
        name: np.concatenate([getattr(data.within, name), root * getattr(data.between, name)])[:, None]
        for name in ("x", "y", "wy", "ey", "ewy", "ex")
        if getattr(problem, name) is not None
    }
    quasi = replace(problem, **rows)
    point, _ = maximise(quasi, reduce(quasi))
    vector = np.append(point.vector(problem.spatial), point.sigma2 * (1 / ratio - 1) / data.T)
    return Inside(data).derivatives(vector)[0], vector


def _newton(form: Form, vector: NDArray) -> tuple[NDArray[np.float64], Convergence]:
    value, score, hessian = form.derivatives(vector)
    last = np.inf
    for iteration in range(1, MAX_ITERATIONS + 1):
        step = _ascent(score, hessian)
        decrement = float(score @ step)
        if decrement <= FINISHED or (decrement < CERTAIN and decrement >= last):
            return vector, Convergence(iteration, float(np.abs(score * step).max()), 1)
        size = 1.0
        while True:
            new = vector + size * step
            if form.data.is_inside(new):
                found = form.derivatives(new)
                if found[0] > value or decrement < CERTAIN:
                    break
            size /= 2
            if size < SMALLEST_STEP:
                raise _unfinished()
        vector, (value, score, hessian), last = new, found, decrement
        if vector[-1] <= AT_ZERO * vector[-2]:
            raise _at_zero()
    raise _unfinished()


def _ascent(score: NDArray, hessian: NDArray) -> NDArray[np.float64]:
    """Return a Newton step, uphill also where the Hessian is not negative definite."""
    scale = 1.0 / np.sqrt(np.abs(np.diag(hessian)))
    roots, vectors = np.linalg.eigh(hessian * scale * scale[:, None])
    size = np.maximum(np.abs(roots), 1e-14 * np.abs(roots).max())
    return scale * (vectors @ ((vectors.T @ (scale * score)) / size))


def _parts(problem: LikelihoodProblem) -> tuple[Part, Part]:
    k = problem.x.shape[2]
    optional = {"wy": problem.wy, "ey": problem.ey, "ewy": problem.ewy}
    given = [name for name, a in optional.items() if a is not None]
    columns = [problem.x, *([problem.ex] if problem.ex is not None else [])]
    columns += [a[:, :, None] for a in (problem.y, *(optional[name] for name in given)) if a is not None]
    data = np.concatenate(columns, axis=2)
    means = data.mean(axis=0)
    return (
        _part(np.linalg.qr(stack(data - means), mode="r"), k, given, problem.ex is not None),
        _part(np.linalg.qr(np.sqrt(len(data)) * means, mode="r"), k, given, problem.ex is not None),
    )


def _part(r: Any, k: int, given: list[str], has_error: bool) -> Part:
    zero = np.zeros(len(r))
    ex = r[:, k : 2 * k] if has_error else np.zeros((len(r), k))
    first = 2 * k if has_error else k
    named = {name: r[:, first + 1 + j] for j, name in enumerate(given)}
    return Part(
        r[:, :k], ex, r[:, first], named.get("wy", zero), named.get("ey", zero), named.get("ewy", zero)
    )


def _quasi_demean(values: NDArray, ratio: float) -> NDArray[np.float64]:
    """Return ``values - (1 - phi) mean over t`` with ``phi^2 = ratio``."""
    return values - (1 - np.sqrt(ratio)) * values.mean(axis=0)


def _interval(data: Data) -> tuple[float, float]:
    jacobian = data.problem.error_jacobian
    assert jacobian is not None
    return jacobian.interval


def _quasi_demeaned(problem: LikelihoodProblem, effects: str, ratio: float) -> LikelihoodProblem:
    names = ("x", "y", "wy", "ey", "ewy", "ex")
    given = {name: a for name in names if (a := getattr(problem, name)) is not None}
    arrays: dict[str, Any] = {name: _quasi_demean(a, ratio) for name, a in given.items()}
    convention = replace(problem.convention, name="random", effects=effects)
    return replace(problem, convention=convention, **arrays)


def _assemble(
    model: SpecifiedModel,
    options: FitOptions,
    form: Form,
    vector: NDArray,
    record: Convergence,
    matrix: NDArray,
) -> Fit:
    data, problem = form.data, form.data.problem
    point, s2_mu = data.split(vector)
    jacobians = {"rho": problem.lag_jacobian, "lam": problem.error_jacobian}
    used = {name: j for name, j in jacobians.items() if j is not None}
    methods = [part for j in used.values() for part in j.parts]
    names = (*problem.names, "sigma2_mu")
    order = _order(names, data.k, model.design)
    ratio = point.sigma2 / (data.T * s2_mu + point.sigma2)
    check_not_exact(np.sqrt(point.sigma2), model.design.y, model.design.y)
    return Fit(
        **design_fields(model.design),
        model=model.terms.name,
        effects_structure=model.effects,
        convention=f"random_{model.random_form}" if model.terms.error else "random",
        names=tuple(names[j] for j in order),
        values=vector[order],
        covariance_matrix=matrix[np.ix_(order, order)],
        covariance_kind=options.covariance,
        loglik=form.derivatives(vector)[0],
        n_effective=problem.convention.observations,
        intervals={name: j.interval for name, j in used.items()},
        convergence=asdict(record),
        logdet={"method": methods[0].method, "error": max(m.error for m in methods)} if methods else {},
        notes=_notes(model, float(np.sqrt(ratio))),
        residual_values=form.unit_effects(vector)[1],
        problem=_quasi_demeaned(problem, model.effects, ratio),
    )


def _order(names: tuple[str, ...], k: int, design: Design) -> list[int]:
    """Return the order of parameters in which unit means follow the spatial lags of regressors."""
    first = [names.index(name) for name in design.names]
    return [*first, *(j for j in range(k) if j not in first), *range(k, len(names))]


def _notes(model: SpecifiedModel, value: float) -> tuple[str, ...]:
    notes = [model.terms.note] if model.terms.note else []
    return (*notes, f"Weight of the unit means in quasi-demeaning: phi = {value:.6f}.")


def _at_zero() -> VarianceAtZeroError:
    return VarianceAtZeroError(
        "The variance of the unit effects is estimated at zero.",
        expected="a maximum with sigma2_mu > 0",
        found=f"a log-likelihood that rises until sigma2_mu / sigma2 < {AT_ZERO:g}",
        remedy="use effects='pooled', which is the same estimate",
    )


def _unfinished() -> ConvergenceError:
    return ConvergenceError(
        "The search for the variance of the unit effects did not end.",
        expected=f"convergence within {MAX_ITERATIONS} Newton steps",
        remedy="rescale the variables or simplify the model",
    )


def _check_options(options: FitOptions) -> None:
    if options.covariance_options:
        raise ConfigError(
            f"covariance={options.covariance!r} takes no options.",
            found=", ".join(map(str, options.covariance_options)),
        )


def _check_form(model: SpecifiedModel) -> None:
    if model.random_form == "baltagi" and (model.terms.lag or not model.terms.error):
        raise ConfigError(
            f"random_form='baltagi' does not exist for {model.terms.name.upper()}.",
            expected="SEM or SDEM, whose unit effect may stand outside the spatial error process",
            found=f"random_form='baltagi' with {model.terms.name.upper()}",
            remedy="use random_form='kkp'",
        )


def _check_constant_weights(problem: LikelihoodProblem, what: str, remedy: str) -> None:
    used = [lags for lags in (problem.design.lags, problem.design.error_lags) if lags is not None]
    if not all(lags.is_constant for lags in used):
        raise ConfigError(
            f"{what} with random effects needs the same weights in every period.",
            expected="one weights matrix",
            found="a list of weights, one per period",
            remedy=remedy,
        )
