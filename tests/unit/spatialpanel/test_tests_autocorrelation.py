"""Autocorrelation of residuals: expectations by brute force, the coefficient recovered, what is refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from shuyi.errors import ConfigError, DataError, IdentificationError
from shuyi.spatialpanel import SDM
from shuyi.spatialpanel.diagnostics.autocorrelation import (
    autocorrelation,
    expected_autocorrelation,
    residual_autocorrelation,
)
from shuyi.spatialpanel.montecarlo.simulate import autoregressive
from shuyi.spatialpanel.transforms import within

ROUNDING = {"rtol": 1e-9}
T, N, K = 6, 7, 2


def regressors(seed=0):
    return np.moveaxis(autoregressive(np.random.default_rng(seed).standard_normal((K, T, N)), 0.8), 0, -1)


def brute_force(omega, effects, x):
    """Return expected numerator over denominator and the expected square from the n T x n T matrices."""
    projector = np.array([within(row.reshape(T, N), effects).ravel() for row in np.eye(T * N)]).T
    columns = within(x, effects).reshape(-1, K)
    maker = (np.eye(T * N) - columns @ np.linalg.pinv(columns)) @ projector
    covariance = maker @ np.kron(omega, np.eye(N)) @ maker.T
    ends = np.eye(T)
    ends[0, 0] = ends[-1, -1] = 0.5
    shift = np.kron(np.eye(T, k=1), np.eye(N))
    return (shift * covariance).sum() / (np.kron(ends, np.eye(N)) * covariance).sum(), np.trace(covariance)


@pytest.mark.parametrize("effects", ["pooled", "individual", "time", "twoways"])
@pytest.mark.parametrize("coefficient", [0.0, 0.5, 1.0])
def test_expectations_by_brute_force(effects, coefficient):
    t = np.arange(T)
    stationary = np.power(coefficient, np.abs(t[:, None] - t)) if coefficient else np.eye(T)
    omega = np.minimum(t[:, None], t) + 1.0 if coefficient == 1 else stationary
    x = regressors()
    found = expected_autocorrelation(T, N, effects, x)
    ratio, square = brute_force(omega, effects, x)
    assert_allclose(found.unit_root if coefficient == 1 else found.at(coefficient), ratio, **ROUNDING)
    if coefficient < 1 or effects in ("individual", "twoways"):
        assert_allclose(np.interp(coefficient, found.coefficient, found.square), square, **ROUNDING)


def test_independent_errors_give_minus_one_over_the_other_periods():
    for periods in (6, 9, 14):
        assert_allclose(
            expected_autocorrelation(periods, 31, "twoways").at(0.0), -1 / (periods - 1), **ROUNDING
        )


def test_the_coefficient_is_recovered_from_nine_periods():
    rng = np.random.default_rng(2)
    e = within(autoregressive(rng.standard_normal((9, 400)), 0.5), "twoways")
    found = residual_autocorrelation(e, effects="twoways")
    assert abs(found.ar - 0.5) < 0.08
    assert found.verdict == "between"
    independent = residual_autocorrelation(
        within(rng.standard_normal((9, 400)), "twoways"), effects="twoways"
    )
    assert independent.verdict == "independent"


def test_a_fit_brings_its_effects_and_regressors(panel_of, weights_of):
    weights = weights_of("row", 12)
    fit = SDM(panel_of(12, 6, weights), weights, outcome="y", regressors=["x1", "x2"]).fit("lee_yu")
    found = residual_autocorrelation(fit)
    by_hand = residual_autocorrelation(fit.residual_values, effects="twoways", regressors=fit.problem.x)
    assert found == by_hand
    assert (found.n, found.T, found.effects) == (12, 6, "twoways")


def test_what_is_refused():
    e = np.random.default_rng(0).standard_normal((6, 7))
    with pytest.raises(ConfigError, match="not known"):
        residual_autocorrelation(e)
    with pytest.raises(ConfigError, match="effects structure"):
        residual_autocorrelation(e, effects="both")
    with pytest.raises(DataError, match="not finite"):
        autocorrelation(np.where(e > 1, np.nan, e))
    with pytest.raises(IdentificationError, match="cannot be computed"):
        autocorrelation(np.zeros((6, 7)))
