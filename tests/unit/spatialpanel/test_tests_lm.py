"""LM tests against dense algebra, their identities, refusals and size."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import binom, chi2

from shuyi.errors import ConfigError, IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel.diagnostics import TestResult, lm_tests, to_frame

# Dense least squares and QR of the same numbers differ by rounding alone.
ROUNDING = {"rtol": 1e-9}
# Replications of the size check; rejections must lie within these binomial tails.
REPLICATIONS, LEVEL, TAIL = 200, 0.05, 5e-4

N, T = 9, 5
EFFECTS = ("pooled", "individual", "time", "twoways")
NAMES = {"outcome": "y", "regressors": ["x1", "x2"]}


def statistics(panel, weights, **options):
    return {r.test: r.statistic for r in lm_tests(panel, weights, **NAMES, **options)}


def demeaned(a, effects):
    if effects in ("individual", "twoways"):
        a = a - a.mean(axis=0)
    if effects in ("time", "twoways"):
        a = a - a.mean(axis=1, keepdims=True)
    return a


def textbook(panel, matrices, effects, by_period=False):
    """The module's equations with the nT x nT block-diagonal weights and explicit projectors."""
    y, x = demeaned(panel["y"], effects), demeaned(panel.array(["x1", "x2"]), effects)
    if effects == "pooled":
        x = np.concatenate([np.ones((T, N, 1)), x], axis=2)
    big = np.zeros((T * N, T * N))
    for t, w in enumerate(matrices):
        big[t * N : (t + 1) * N, t * N : (t + 1) * N] = w
    y, x = y.ravel(), x.reshape(T * N, -1)
    b = np.linalg.solve(x.T @ x, x.T @ y)
    e = y - x @ b
    s2 = e @ e / (N * T)
    lagged = big @ x @ b
    if by_period:
        blocks = [slice(t * N, (t + 1) * N) for t in range(T)]
        left = sum(_left(x[block], lagged[block]) for block in blocks)
    else:
        left = _left(x, lagged)
    trace = np.trace(big @ big + big.T @ big)
    j = (left + trace * s2) / s2
    lag, error = e @ big @ y / s2, e @ big @ e / s2
    return {
        "lm_lag": lag**2 / j,
        "lm_error": error**2 / trace,
        "robust_lm_lag": (lag - error) ** 2 / (j - trace),
        "robust_lm_error": (error - trace / j * lag) ** 2 / (trace * (1 - trace / j)),
        "lm_joint": lag**2 / j + (error - trace / j * lag) ** 2 / (trace * (1 - trace / j)),
    }


def _left(x, v):
    return v @ v - v @ x @ np.linalg.solve(x.T @ x, x.T @ v)


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("kind", ["row", "nearest", "symmetric"])
def test_the_equations_by_dense_algebra(panel_of, weights_of, effects, kind):
    weights = weights_of(kind, N)
    panel = panel_of(N, T, weights, rho=0.1)
    expected = textbook(panel, [weights.to_dense()] * T, effects)
    found = statistics(panel, weights, effects=effects)
    assert list(found) == list(expected)
    assert_allclose(list(found.values()), list(expected.values()), **ROUNDING)


@pytest.mark.parametrize("effects", EFFECTS)
def test_period_by_period_projection(panel_of, weights_of, effects):
    weights = weights_of("row", N)
    panel = panel_of(N, T, weights)
    expected = textbook(panel, [weights.to_dense()] * T, effects, by_period=True)
    found = statistics(panel, weights, effects=effects, projection="period")
    assert_allclose(list(found.values()), list(expected.values()), **ROUNDING)


def test_weights_that_vary_by_period(panel_of, weights_of):
    kinds = ["row", "nearest", "row", "nearest", "row"]
    weights = [weights_of(kind, N) for kind in kinds]
    panel = panel_of(N, T, weights[0])
    expected = textbook(panel, [w.to_dense() for w in weights], "twoways")
    found = statistics(panel, weights, effects="twoways")
    assert_allclose(list(found.values()), list(expected.values()), **ROUNDING)


def test_dummies_are_the_same_as_the_panel_without_time_effects(panel_of, weights_of):
    weights = weights_of("row", N)
    panel = panel_of(N, T, weights)
    for effects in ("pooled", "individual"):
        one = statistics(panel, weights, effects=effects)
        other = statistics(panel, weights, effects=effects, projection="dummies")
        assert_allclose(list(one.values()), list(other.values()), **ROUNDING)


@pytest.mark.parametrize("projection", ["panel", "period", "dummies"])
def test_the_joint_test_splits_both_ways(panel_of, weights_of, projection):
    weights = weights_of("row", N)
    found = statistics(panel_of(N, T, weights), weights, projection=projection)
    assert_allclose(found["lm_joint"], found["lm_lag"] + found["robust_lm_error"], **ROUNDING)
    assert_allclose(found["lm_joint"], found["lm_error"] + found["robust_lm_lag"], **ROUNDING)


def test_scale_order_of_units_and_constants_change_nothing(panel_of, weights_of):
    weights = weights_of("row", N)
    panel = panel_of(N, T, weights)
    base = statistics(panel, weights)
    order = [panel.units[i] for i in np.random.default_rng(1).permutation(N)]
    turned = statistics(panel.select(units=order), weights.reindex(order))
    shifted = panel.with_variables(
        {"y": 3 * panel["y"] + np.arange(N) + 7.0 * np.arange(T)[:, None], "x1": panel["x1"] / 10}
    )
    assert_allclose(list(turned.values()), list(base.values()), **ROUNDING)
    assert_allclose(list(statistics(shifted, weights).values()), list(base.values()), rtol=1e-7)


def test_p_values_degrees_and_labels(panel_of, weights_of):
    weights = weights_of("row", N)
    results = lm_tests(panel_of(N, T, weights), weights, effects="time", **NAMES)
    assert [r.df for r in results] == [1, 1, 1, 1, 2]
    for r in results:
        assert_allclose(r.p_value, chi2.sf(r.statistic, r.df), rtol=1e-12)
        assert (r.spec, r.distribution, r.group) == ("time", "chi2", "spatial_dependence")


def test_frame_has_the_columns_of_the_table(panel_of, weights_of):
    weights = weights_of("row", N)
    frame = to_frame(lm_tests(panel_of(N, T, weights), weights, **NAMES))
    assert {"group", "test", "null", "spec", "statistic", "df", "p_value"} <= set(frame.columns)
    assert frame["null"].tolist()[:2] == ["rho_zero", "lam_zero"]
    assert frame["period"].isna().all()


def test_lag_and_error_that_cannot_be_told_apart_are_refused(weights_of):
    weights = weights_of("row", N)
    rng = np.random.default_rng(0)
    trend = np.broadcast_to(rng.standard_normal(T)[:, None], (T, N))
    values = np.stack([rng.standard_normal((T, N)), trend], axis=2)
    panel = Panel(values, weights.labels, tuple(range(T)), ("y", "x1"))
    with pytest.raises(IdentificationError, match="told apart") as caught:
        lm_tests(panel, weights, outcome="y", regressors=["x1"], effects="pooled")
    assert "const, x1" in str(caught.value)


def test_unknown_options_are_refused(panel_of, weights_of):
    weights = weights_of("row", N)
    panel = panel_of(N, T, weights)
    with pytest.raises(ConfigError, match="projection"):
        lm_tests(panel, weights, projection="pannel", **NAMES)
    with pytest.raises(ConfigError, match="effects structure"):
        lm_tests(panel, weights, effects="random", **NAMES)


def test_a_result_is_not_collected_as_a_test():
    assert TestResult.__test__ is False


def drawn(weights, periods, rng, x):
    y = x.sum(axis=2) + rng.standard_normal(x.shape[:2])
    values = np.concatenate([y[:, :, None], x], axis=2)
    return Panel(values, weights.labels, tuple(range(periods)), ("y", "x1", "x2"))


@pytest.mark.parametrize("effects", ["pooled", "individual"])
def test_size(weights_of, effects):
    n, periods = 40, 10
    weights = weights_of("row", n)
    rng = np.random.default_rng(12)
    x = rng.standard_normal((periods, n, 2))
    rejected = np.zeros(5, int)
    for _ in range(REPLICATIONS):
        results = lm_tests(drawn(weights, periods, rng, x), weights, effects=effects, **NAMES)
        rejected += [r.p_value <= LEVEL for r in results]
    low, high = binom.ppf([TAIL, 1 - TAIL], REPLICATIONS, LEVEL)
    assert (low <= rejected).all() and (rejected <= high).all(), rejected


def test_time_effects_shift_the_error_score_as_the_notes_say(weights_of):
    n, periods = 40, 10
    weights = weights_of("row", n)
    rng = np.random.default_rng(3)
    e = demeaned(rng.standard_normal((2000, periods, n)).transpose(1, 2, 0), "twoways")
    score = (e * np.einsum("ij,tjr->tir", weights.to_dense(), e)).sum(axis=(0, 1))
    scaled = score / (e * e).mean(axis=(0, 1))
    expected = -n * periods / (n - 1)
    assert abs(scaled.mean() - expected) < 4 * scaled.std() / np.sqrt(scaled.size)
