"""Analytic corrections for the bias that removing fixed effects leaves, of static and of dynamic models.

With ``D = ((1 - tau) I - (rho + eta) W)^{-1}`` (the sum of ``A^h S``, ``A = S (tau I + eta W)``,
``S = (I - rho W)^{-1}``) and ``G = W S`` the expected score of one unit of a dynamic model with individual
effects is minus

    tr(D)/n for tau, tr(W D)/n for eta, (tr(W D) - tr(G))/n for rho,

because ``G (tau I + eta W) D = W D - G``; `correct_dynamic_bias` adds the inverse information times these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.spatialpanel.covariance.information import expected_information
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point
from shuyi.spatialpanel.logdet.base import check_inside
from shuyi.spatialpanel.stability import lag_determinant, outside_stability, radius_at, time_lags
from shuyi.spatialpanel.transforms import Convention

if TYPE_CHECKING:
    from numpy.typing import NDArray


def correct_bias(problem: LikelihoodProblem, point: Point) -> Point:
    """Correct a direct estimate for the bias that removing fixed effects leaves.

    Two ways: ``par + (1/n) I^{-1} a`` with I the information per observation and
    ``a = (0, 1/(1 - rho), 1/(1 - lam), 1/(2 sigma2))`` over the parameters of the model, then
    ``sigma2 T/(T - 1)``; individual: ``sigma2 T/(T - 1)``; time: ``sigma2 n/(n - 1)``.

    Lee and Yu (2010); Elhorst (2014, section 3.3).

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    Point
        The corrected estimate.

    Raises
    ------
    ConvergenceError
        If the corrected rho or lam leaves its admissible interval.
    """
    n, T, effects = problem.design.n, problem.design.T, problem.convention.effects
    vector = point.vector(problem.spatial)
    if effects == "twoways":
        a = np.zeros(len(vector))
        a[len(point.beta) : -1] = 1.0 / (1.0 - vector[len(point.beta) : -1])
        a[-1] = 1.0 / (2 * point.sigma2)
        vector = vector + np.linalg.solve(expected_information(problem, point) / (n * T), a) / n
    vector[-1] *= n / (n - 1) if effects == "time" else T / (T - 1)
    corrected = Point.from_vector(vector, problem.spatial)
    for jacobian, name in ((problem.lag_jacobian, "rho"), (problem.error_jacobian, "lam")):
        if jacobian is not None:
            check_inside(name, getattr(corrected, name), jacobian.interval)
    return corrected


def correct_dynamic_bias(problem: LikelihoodProblem, point: Point, convention: Convention) -> Point:
    """Correct an estimate for the bias of order 1/T, and of the direct approach for that of order 1/n.

    Parameters
    ----------
    problem : LikelihoodProblem
        As it was estimated.
    point : Point
        Its maximum.
    convention : Convention
        ``"lee_yu"`` or ``"lee_yu_bias"``.

    Returns
    -------
    Point
        The corrected estimate.

    Raises
    ------
    ConvergenceError
        If the estimate that is to be corrected is not stable, so that its bias has no value, or if the
        corrected rho leaves its interval.
    """
    radius = radius_at(problem, point)
    if radius >= 1:
        raise outside_stability("The estimate before its correction", point, problem, radius)
    effects, T = convention.effects, problem.design.T
    score, by_sigma2 = expected_score(problem, point, convention)
    vector = point.vector(problem.spatial)
    vector = vector - np.linalg.solve(expected_information(problem, point), np.append(score, by_sigma2))
    if convention.name == "lee_yu_bias" and effects in ("individual", "twoways"):
        vector[-1] *= T / (T - 1)
    corrected = Point.from_vector(vector, problem.spatial)
    assert problem.lag_jacobian is not None
    check_inside("rho", corrected.rho, problem.lag_jacobian.interval)
    return corrected


def expected_score(
    problem: LikelihoodProblem, point: Point, convention: Convention
) -> tuple[NDArray[np.float64], float]:
    """Return the expected score at the truth that effects and lags in time leave, to first order.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.
    convention : Convention
        ``"lee_yu"`` or ``"lee_yu_bias"``.

    Returns
    -------
    score : ndarray, shape (k + 1,)
        Of the coefficients and rho.
    by_sigma2 : float
        Of sigma2; what ``T/(T - 1)`` corrects is left out of both.
    """
    design, names = problem.design, problem.design.names
    score = np.zeros(len(names) + 1)
    direct = convention.name == "lee_yu_bias" and convention.effects in ("time", "twoways")
    traces = Traces.of(problem, point, has_time_effects=convention.effects in ("time", "twoways"))
    if convention.effects in ("individual", "twoways"):
        for name, trace in (("tau", traces.d), ("eta", traces.wd)):
            if name in names:
                score[names.index(name)] = -trace
        score[-1] = traces.g - traces.wd
    if not direct:
        return score, 0.0
    score[-1] -= design.T * traces.mean_g
    return score, -design.T / (2 * point.sigma2)


@dataclass(frozen=True, slots=True)
class Traces:
    """Traces of D, W D and G, less ``1'M 1/n`` of each where there are time effects.

    Attributes
    ----------
    d, wd, g : float
        Traces of D, W D and G over n, corrected for time effects.
    mean_g : float
        ``1'G 1/n``.
    """

    d: float
    wd: float
    g: float
    mean_g: float

    @classmethod
    def of(cls, problem: LikelihoodProblem, point: Point, *, has_time_effects: bool) -> Traces:
        """Return the traces at a point: ``D = (I - r W)^{-1} / (1 - tau)``, ``r = (rho + eta)/(1 - tau)``.

        Parameters
        ----------
        problem : LikelihoodProblem
            Transformed data of the model under its convention.
        point : Point
            Values of all parameters, usually the estimate.
        has_time_effects : bool
            Whether period means were removed.

        Returns
        -------
        Traces
            All of them at the point.
        """
        tau, eta = time_lags(problem, point)
        method = lag_determinant(problem)
        n, left = problem.design.n, 1 - tau
        r = np.array((point.rho + eta) / left)
        spread, total = float(method.trace_lag(r)), float(method.sum_lag(r)) / n
        g, mean_g = (
            float(method.trace_lag(np.array(point.rho))),
            float(method.sum_lag(np.array(point.rho))) / n,
        )
        d, wd = (n + float(r) * spread) / left, spread / left
        if has_time_effects:
            d, wd, g = d - (1 + float(r) * total) / left, wd - total / left, g - mean_g
        return cls(d, wd, g, mean_g)
