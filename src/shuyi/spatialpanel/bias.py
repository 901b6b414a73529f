"""TODO."""

from __future__ import annotations

import numpy as np

from shuyi.spatialpanel.covariance.information import expected_information
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point
from shuyi.spatialpanel.logdet.base import check_inside


def correct_bias(problem: LikelihoodProblem, point: Point) -> Point:
    """Correct a direct estimate for the bias that removing fixed effects leaves.

    Two ways: ``par + (1/n) I^{-1} a`` with I the information per observation and
    ``a = (0, 1/(1 - rho), 1/(1 - lam), 1/(2 sigma2))`` over the parameters of the model, then
    ``sigma2 T/(T - 1)``; individual: ``sigma2 T/(T - 1)``; time: ``sigma2 n/(n - 1)``.

    Lee and Yu (2010); Elhorst (2014, section 3.3).

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
