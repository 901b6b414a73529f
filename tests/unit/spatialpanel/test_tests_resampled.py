"""Bootstrap p-values of tests: statistics are those of the textbook tests, draws are those of the null."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from shuyi.errors import ConfigError, ConvergenceError, DataError
from shuyi.panel import Panel
from shuyi.spatialpanel import SAR, SDM, SEM, SLX
from shuyi.spatialpanel.diagnostics import (
    between_test,
    bootstrap_test,
    bootstrap_tests,
    fixed_effects_tests,
    hausman_test,
    lm_tests,
    mundlak,
    mundlak_test,
    score_tests,
    simplification_tests,
    spatial_comparison_family,
    spatial_hausman,
)
from shuyi.spatialpanel.diagnostics.resampling import Errors, NullModel, errors_from, null_model
from shuyi.spatialpanel.diagnostics.result import chi_squared
from shuyi.spatialpanel.montecarlo.simulate import autoregressive
from shuyi.spatialpanel.random import mundlak_wald
from shuyi.spatialpanel.results import static_point
from shuyi.spatialpanel.transforms import within

N, T = 12, 6
ROUNDING = {"rtol": 1e-6}
NAMES = {"outcome": "y", "regressors": ["x1", "x2"]}


@pytest.fixture
def found(panel, weights):
    return {(r.test, r.spec): r for r in bootstrap_tests(panel, weights, **NAMES, draws=9, seed=1)}


def test_statistics_are_those_of_the_textbook_tests(panel, weights, found):
    def fit(model, **options):
        return model(panel, weights, **NAMES).fit("lee_yu", **options)

    sdm = fit(SDM, covariance="cluster_jackknife")
    expected = [
        *simplification_tests(sdm, sar=fit(SAR), sem=fit(SEM), slx=fit(SLX)),
        *lm_tests(panel, weights, **NAMES),
        *score_tests(panel, weights, effects="twoways", **NAMES),
        *fixed_effects_tests(panel, weights, model="sdm", durbin="all", **NAMES),
    ]
    for textbook in expected:
        own = found[textbook.test, textbook.spec]
        assert_allclose(own.statistic, textbook.statistic, **ROUNDING)
        assert (own.df, own.hypothesis) == (textbook.df, textbook.hypothesis)


@pytest.mark.parametrize("effects", ["individual", "twoways"])
def test_hausman_is_that_of_linearmodels_and_mundlak_differs_by_its_factor(panel, found, effects):
    hausman = hausman_test(panel, effects=effects, **NAMES)
    assert_allclose(found["hausman", effects].statistic, hausman.statistic, **ROUNDING)
    coefficients = 1 + 2 * 2 + (T - 1 if effects == "twoways" else 0)
    factor = N * T / (N * T - coefficients)
    textbook = mundlak_test(panel, effects=effects, **NAMES).statistic
    assert_allclose(found["mundlak", effects].statistic, factor * textbook, **ROUNDING)


def test_results_carry_draws_and_seed(found):
    for test in found.values():
        assert (test.distribution, test.draws, test.seed) == ("bootstrap", 9, 1)
        assert "9 draws, seed 1" in test.note
        assert 0.1 <= test.p_value <= 1


def test_kinds_and_options_are_refused(panel, weights):
    with pytest.raises(ConfigError, match="bootstrap of a test"):
        bootstrap_tests(panel, weights, **NAMES, kind="pairs", draws=9, seed=1)
    with pytest.raises(ConfigError, match="effects structure"):
        bootstrap_tests(panel, weights, **NAMES, effects="pooled", draws=9, seed=1)
    with pytest.raises(ConfigError, match="draws = 0"):
        bootstrap_tests(panel, weights, **NAMES, draws=0, seed=1)
    with pytest.raises(ConfigError, match=r"seed = 1\.5"):
        bootstrap_tests(panel, weights, **NAMES, draws=9, seed=1.5)


def test_jackknife_of_mundlak_by_hand(panel):
    y, x = panel["y"], panel.array(("x1", "x2"))
    left = []
    for i in range(N):
        rows = [j for j in range(N) if j != i]
        left.append(mundlak.slopes(y[:, rows], x[:, rows]).difference)
    centred = np.array(left) - np.mean(left, axis=0)
    g = mundlak.slopes(y, x).difference
    t2 = g @ np.linalg.solve((N - 1) / N * centred.T @ centred, g)
    test = between_test(y, x)
    assert_allclose(test.statistic, (N - 2) / (2 * (N - 1)) * t2, **ROUNDING)
    assert (test.df, test.df_denominator) == (2, N - 2)
    with pytest.raises(DataError, match="more units"):
        between_test(y[:, :3], x[:, :3])


@pytest.mark.parametrize("kind", ["ar1", "wild_cluster"])
def test_spatial_hausman_and_mundlak_are_those_of_the_fits(panel, weights, kind):
    panel = panel.with_variables({"y": panel["y"] + 3.0 * np.random.default_rng(1).standard_normal(N)})
    family = spatial_comparison_family(panel, weights, **NAMES, kind=kind)
    random, correlated, fixed = (
        SDM(panel, weights, effects=effects, **NAMES).fit()
        for effects in ("random", "correlated", "individual")
    )
    expected = spatial_hausman(fixed, random).statistic, mundlak_wald(correlated).statistic
    assert_allclose([test.statistic for test in family.observed], expected, **ROUNDING)
    assert [test.draws for test in family.resampled(3, 1)] == [3, 3]


def test_outcomes_of_the_null_are_its_reduced_form(panel, weights):
    problem, point = static_point(SAR(panel, weights, **NAMES).fit("lee_yu"))
    null = null_model(problem, point, kind="wild_cluster")
    y = null.draw(np.random.default_rng(1))
    multiplier = np.random.default_rng(1).choice([-1.0, 1.0], (1, N))
    system = np.eye(N) - point.rho * weights.to_dense()
    right = panel.array(("x1", "x2")) @ point.beta + null.errors.residuals * multiplier
    assert_allclose(y @ system.T, right, **ROUNDING)


def test_drawn_errors_have_the_autocorrelation_and_size_of_the_residuals():
    rng = np.random.default_rng(4)
    u = 2.0 * autoregressive(rng.standard_normal((9, 400)), 0.6)
    errors = errors_from(within(u, "twoways"), "twoways")
    assert abs(errors.coefficient - 0.6) < 0.08
    drawn = within(errors.draw(rng), "twoways")
    assert_allclose((drawn**2).sum(), (within(u, "twoways") ** 2).sum(), rtol=0.1)


def test_statistics_that_are_refused_are_left_out_or_end_the_test():
    observed = chi_squared("mean", "zero", 1.0, 1)
    null = null_of(np.ones((4, 3)))
    calls = iter(range(100))

    def sometimes(y):
        if next(calls) % 20 == 0:
            raise ConvergenceError("none")
        return np.array([0.5])

    found = bootstrap_test([observed], null, sometimes, draws=20, seed=1)[0]
    assert found.draws == 19
    assert_allclose(found.p_value, 1 / 20)

    def never(y):
        raise ConvergenceError("none")

    with pytest.raises(ConvergenceError, match="too few statistics"):
        bootstrap_test([observed], null, never, draws=5, seed=1)


def null_of(e):
    T, n = e.shape
    return NullModel(np.zeros((T, n)), ((None, list(range(T))),), Errors("wild_cluster", e, 0.0, 1.0))


def test_a_panel_of_other_order_gives_the_same(panel, weights):
    shuffled = Panel(panel.values, panel.units, panel.periods, panel.variables)
    first = bootstrap_tests(panel, weights, **NAMES, draws=5, seed=2)
    assert bootstrap_tests(shuffled.to_frame(), weights, **NAMES, draws=5, seed=2) == first
