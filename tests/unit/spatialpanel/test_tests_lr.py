"""Likelihood ratios and Wald tests: identities, what is nested in what, and size."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import binom, chi2
from spatial_cases import NAMES, fitted

from shuyi.errors import ConfigError
from shuyi.panel import Panel
from shuyi.spatialpanel import SAR, SDM
from shuyi.spatialpanel.diagnostics import (
    likelihood_ratio,
    simplification_tests,
    wald,
    wald_sar,
    wald_sem,
    wald_slx,
    wald_zero,
)

ROUNDING = {"rtol": 1e-10}
# Central differences of smooth functions of order one.
DIFFERENCES = {"rtol": 1e-7}
REPLICATIONS, LEVEL, TAIL = 200, 0.05, 5e-4

N, T = 12, 6


def test_likelihood_ratio_is_twice_the_difference_with_counted_degrees(panel, weights):
    sdm = fitted("sdm", panel, weights)
    for model, df, null in (("sar", 2, "th_zero"), ("sem", 2, "common_factor"), ("slx", 1, "rho_zero")):
        restricted = fitted(model, panel, weights)
        found = likelihood_ratio(restricted, sdm)
        assert_allclose(found.statistic, 2 * (sdm.loglik - restricted.loglik), **ROUNDING)
        assert (found.df, found.hypothesis, found.test) == (df, null, f"lr_{model}")
        assert_allclose(found.p_value, chi2.sf(found.statistic, df), **ROUNDING)


def test_wald_of_the_common_factor_uses_the_delta_method(panel, weights, central_difference):
    fit = fitted("sdm", panel, weights)
    names = list(fit.names)

    def restrictions(values):
        at = dict(zip(names, values, strict=True))
        return np.array([at[f"W_{x}"] + at["rho"] * at[x] for x in ("x1", "x2")])

    jacobian = central_difference(restrictions, fit.values)
    g = restrictions(fit.values)
    expected = g @ np.linalg.solve(jacobian @ fit.covariance_matrix @ jacobian.T, g)
    assert_allclose(wald_sem(fit).statistic, expected, **DIFFERENCES)


def test_wald_of_one_parameter_is_the_square_of_z(panel, weights):
    fit = fitted("sdm", panel, weights)
    assert_allclose(wald_slx(fit).statistic, fit.tstats["rho"] ** 2, **ROUNDING)
    assert_allclose(wald_zero(fit, ["W_x2"]).statistic, fit.tstats["W_x2"] ** 2, **ROUNDING)


def test_wald_does_not_depend_on_how_restrictions_are_written(panel, weights):
    fit = fitted("sdm", panel, weights)
    selection = np.eye(len(fit.names))[[2, 3]]
    mixed = np.array([[2.0, 1.0], [0.5, -1.0]]) @ selection
    assert_allclose(wald(fit, mixed @ fit.values, mixed).statistic, wald_sar(fit).statistic, rtol=1e-8)


def test_a_lagged_subset_has_no_sem_within(panel, weights):
    sdm = fitted("sdm", panel, weights, durbin=["x1"])
    assert likelihood_ratio(fitted("sar", panel, weights), sdm).df == 1
    assert wald_sem(sdm).df == 1
    with pytest.raises(ConfigError, match="not nested") as caught:
        likelihood_ratio(fitted("sem", panel, weights), sdm)
    assert "every regressor is lagged" in str(caught.value)


def test_rows_that_do_not_sum_to_one_break_the_nesting_with_time_effects(panel_of, weights_of):
    weights = weights_of("spectral", N)
    panel = panel_of(N, T, weights, rho=0.1)
    individual = {"effects": "individual", "correction": "exact"}
    found = likelihood_ratio(
        fitted("sem", panel, weights, **individual), fitted("sdm", panel, weights, **individual)
    )
    assert found.df == 2
    pooled = {"effects": "pooled"}
    with pytest.raises(ConfigError, match="not nested"):
        likelihood_ratio(fitted("sem", panel, weights, **pooled), fitted("sdm", panel, weights, **pooled))


def test_other_data_conventions_or_weights_are_refused(panel, weights, weights_of):
    sdm = fitted("sdm", panel, weights)
    with pytest.raises(ConfigError, match="cannot be compared") as caught:
        likelihood_ratio(fitted("sar", panel, weights, "exact"), sdm)
    assert "convention: exact against lee_yu" in str(caught.value)
    with pytest.raises(ConfigError, match="cannot be compared") as caught:
        likelihood_ratio(fitted("sar", panel, weights_of("nearest", N)), sdm)
    assert "weights of the lag" in str(caught.value)
    with pytest.raises(ConfigError, match="not nested"):
        likelihood_ratio(sdm, fitted("sar", panel, weights))
    corrected = SDM(panel, weights, **NAMES).fit("lee_yu_bias")
    with pytest.raises(ConfigError, match="does not maximise"):
        likelihood_ratio(SAR(panel, weights, **NAMES).fit("lee_yu_bias"), corrected)


def test_tests_of_other_models_or_parameters_are_refused(panel, weights):
    sar = fitted("sar", panel, weights)
    with pytest.raises(ConfigError, match="starts from another model"):
        wald_sem(sar)
    with pytest.raises(ConfigError, match="lacks parameters") as caught:
        wald_zero(sar, ["W_x1"])
    assert "W_x1" in str(caught.value)


def test_size_of_simplification_tests(weights_of):
    """Data of a SAR: the tests of th = 0 hold their level, the test of rho = 0 rejects."""
    n, periods = 31, 9
    weights = weights_of("row", n)
    rng = np.random.default_rng(21)
    x = rng.standard_normal((periods, n, 2))
    inverse = np.linalg.inv(np.eye(n) - 0.3 * weights.to_dense())
    rejected = {"lr_sar": 0, "wald_sar": 0}
    for _ in range(REPLICATIONS):
        y = (x.sum(axis=2) + rng.standard_normal((periods, n))) @ inverse.T
        values = np.concatenate([y[:, :, None], x], axis=2)
        panel = Panel(values, weights.labels, tuple(range(periods)), ("y", "x1", "x2"))
        sdm, sar = fitted("sdm", panel, weights), fitted("sar", panel, weights)
        for r in simplification_tests(sdm, sar=sar):
            if r.test in rejected:
                rejected[r.test] += r.p_value <= LEVEL
    low, high = binom.ppf([TAIL, 1 - TAIL], REPLICATIONS, LEVEL)
    assert all(low <= count <= high for count in rejected.values()), rejected
