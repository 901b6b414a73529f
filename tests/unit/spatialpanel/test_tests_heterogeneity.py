"""Fixed against no effects, fixed against random: identities, generalised inverses, refusals and size."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import binom, chi2, f
from spatial_cases import NAMES, fitted

from shuyi.errors import ConfigError, IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel.diagnostics import (
    Estimates,
    effects_ratio,
    fixed_effects_f,
    fixed_effects_tests,
    hausman,
    hausman_test,
    mundlak_test,
    spatial_hausman,
)

ROUNDING = {"rtol": 1e-9}
# linearmodels solves the same least squares by another route, through variances of components.
LIBRARY = {"rtol": 1e-6}
REPLICATIONS, LEVEL, TAIL = 200, 0.05, 5e-4

N, T = 14, 6


@pytest.mark.parametrize("model", ["ols", "sar", "sem", "sdm"])
def test_degrees_are_counted_and_the_ratios_add_up(panel, weights, model):
    results = fixed_effects_tests(panel, weights, model=model, **NAMES)
    by = {(r.test, r.spec): r for r in results}
    assert by["lr_individual", "pooled"].df == by["lr_individual", "time"].df == N - 1
    assert by["lr_time", "pooled"].df == by["lr_time", "individual"].df == T - 1
    assert by["lr_effects", "pooled"].df == N + T - 2
    for first, second in (
        (("lr_individual", "pooled"), ("lr_time", "individual")),
        (("lr_time", "pooled"), ("lr_individual", "time")),
    ):
        total = by[first].statistic + by[second].statistic
        assert_allclose(by["lr_effects", "pooled"].statistic, total, **ROUNDING)
    for r in results:
        assert_allclose(r.p_value, chi2.sf(r.statistic, r.df), rtol=1e-8)


def test_without_spatial_terms_the_ratio_is_that_of_residual_sums(panel, weights):
    results = fixed_effects_tests(panel, weights, model="ols", **NAMES)
    y, x = panel["y"].ravel(), panel.array(["x1", "x2"]).reshape(N * T, 2)
    unit, period = np.tile(np.eye(N), (T, 1)), np.repeat(np.eye(T), N, axis=0)
    dummies = {"pooled": np.ones((N * T, 1)), "individual": unit, "time": period}
    dummies["twoways"] = np.hstack([unit, period[:, 1:]])

    def rss(effects):
        design = np.hstack([dummies[effects], x])
        return float(np.linalg.lstsq(design, y, rcond=None)[1][0])

    expected = N * T * np.log(rss("time") / rss("twoways"))
    assert_allclose(results[1].statistic, expected, **ROUNDING)
    q, left = N + T - 2, N * T - (N + T - 1) - 2
    ratio = (rss("pooled") - rss("twoways")) / q / (rss("twoways") / left)
    found = fixed_effects_f(panel, **NAMES)
    assert_allclose(found.statistic, ratio, **ROUNDING)
    assert (found.df, found.df_denominator) == (q, left)
    assert_allclose(found.p_value, f.sf(ratio, q, left), rtol=1e-8)


def test_other_conventions_and_effects_are_refused(panel, weights):
    pooled = fitted("sar", panel, weights, "exact", effects="pooled")
    with pytest.raises(ConfigError, match="do not test fixed effects") as caught:
        effects_ratio(pooled, fitted("sar", panel, weights, "lee_yu", effects="individual"))
    assert "conventions none and lee_yu" in str(caught.value)
    with pytest.raises(ConfigError, match="do not test fixed effects") as caught:
        effects_ratio(fitted("sar", panel, weights, "exact", effects="individual"), pooled)
    assert "individual effects against pooled" in str(caught.value)


def test_hausman_with_a_common_variance_is_the_mundlak_test(panel):
    for effects in ("individual", "twoways"):
        found = hausman_test(panel, effects=effects, **NAMES)
        mundlak = mundlak_test(panel, effects=effects, covariance="unadjusted", **NAMES)
        assert found.df == mundlak.df == 2
        assert_allclose(found.statistic, mundlak.statistic, **LIBRARY)


def test_hausman_by_hand():
    first = Estimates(("a", "b"), np.array([1.0, 2.0]), np.diag([2.0, 5.0]))
    second = Estimates(("const", "b", "a"), np.array([9.0, 1.0, 0.5]), np.diag([1.0, 1.0, 1.0]))
    found = hausman(first, second)
    assert_allclose(found.statistic, 0.5**2 / 1.0 + 1.0**2 / 4.0, **ROUNDING)
    assert found.df == 2
    assert "generalised inverse" not in found.note


def test_an_indefinite_difference_uses_its_positive_part_and_says_so():
    first = Estimates(("a", "b"), np.array([1.0, 2.0]), np.diag([2.0, 0.5]))
    second = Estimates(("a", "b"), np.array([0.0, 0.0]), np.diag([1.0, 1.0]))
    found = hausman(first, second)
    assert_allclose(found.statistic, 1.0, **ROUNDING)
    assert found.df == 1
    assert "generalised inverse of rank 1 of 2" in found.note
    with pytest.raises(IdentificationError, match="no direction"):
        hausman(second, Estimates(("a", "b"), np.zeros(2), np.diag([3.0, 3.0])))
    with pytest.raises(ConfigError, match="lack common parameters"):
        hausman(first, Estimates(("c",), np.zeros(1), np.eye(1)))


def test_a_regressor_without_within_variation_is_named(panel):
    fixed = panel.with_variables({"x2": np.broadcast_to(panel["x2"][0], (T, N)).copy()})
    with pytest.raises(IdentificationError, match="within estimate") as caught:
        hausman_test(fixed, **NAMES)
    assert "x2" in str(caught.value)


@pytest.mark.parametrize("model", ["sar", "sem", "sdm", "sdem"])
def test_spatial_hausman_has_full_rank_with_common_variance(panel, weights, model):
    fixed = fitted(model, panel, weights, effects="individual")
    random = fitted(model, panel, weights, effects="random")
    found = spatial_hausman(fixed, random)
    compared = set(fixed.names) - {"sigma2"}
    assert found.df == len(compared)
    assert found.statistic > 0


def test_spatial_hausman_refuses_other_pairs(panel, weights):
    random = fitted("sar", panel, weights, effects="random")
    exact = fitted("sar", panel, weights, "exact", effects="individual")
    with pytest.raises(ConfigError, match="no spatial Hausman test") as caught:
        spatial_hausman(exact, random)
    assert "convention exact" in str(caught.value)
    with pytest.raises(ConfigError, match="no spatial Hausman test") as caught:
        spatial_hausman(fitted("sdm", panel, weights, effects="individual"), random)
    assert "model" in str(caught.value)


def drawn(weights, rng, x, mu_of_x):
    periods, n, _ = x.shape
    mu = rng.standard_normal(n) + mu_of_x * x.mean(axis=(0, 2)) * np.sqrt(periods)
    y = x.sum(axis=2) + mu + rng.standard_normal((periods, n))
    inverse = np.linalg.inv(np.eye(n) - 0.3 * weights.to_dense())
    values = np.concatenate([(y @ inverse.T)[:, :, None], x], axis=2)
    return Panel(values, weights.labels, tuple(range(periods)), ("y", "x1", "x2"))


def test_size_and_power_of_the_spatial_hausman_test(weights_of):
    n, periods = 40, 6
    weights = weights_of("row", n)
    rng = np.random.default_rng(6)
    x = rng.standard_normal((periods, n, 2))

    def rejects(mu_of_x):
        panel = drawn(weights, rng, x, mu_of_x)
        fits = [fitted("sar", panel, weights, effects=e) for e in ("individual", "random")]
        return spatial_hausman(*fits).p_value <= LEVEL

    low, high = binom.ppf([TAIL, 1 - TAIL], REPLICATIONS, LEVEL)
    assert low <= sum(rejects(0.0) for _ in range(REPLICATIONS)) <= high
    assert sum(rejects(2.0) for _ in range(20)) >= 15
