"""Tests of random effects and spatial errors against dense Gaussian likelihoods, identities and size."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import binom, norm

from shuyi.errors import ConfigError
from shuyi.panel import Panel
from shuyi.spatialpanel import SEM
from shuyi.spatialpanel.diagnostics import random_effects_tests
from shuyi.spatialpanel.diagnostics.random_effects import marginal_statistics, random_effects_ml, random_score

ROUNDING = {"rtol": 1e-9}
# Central differences of the dense log-likelihood.
DIFFERENCES = {"rtol": 1e-5}
REPLICATIONS, LEVEL, TAIL = 200, 0.05, 5e-4

N, T = 9, 5
NAMES = {"outcome": "y", "regressors": ["x1", "x2"]}


def omega(w, periods, s2_v, s2_mu, lam):
    n = len(w)
    filtering = np.eye(n) - lam * w
    return s2_mu * np.kron(np.ones((periods, periods)), np.eye(n)) + s2_v * np.kron(
        np.eye(periods), np.linalg.inv(filtering.T @ filtering)
    )


def loglikelihood(u, w, s2_v, s2_mu, lam):
    matrix = omega(w, len(u), s2_v, s2_mu, lam)
    return -0.5 * np.linalg.slogdet(matrix)[1] - 0.5 * u.ravel() @ np.linalg.solve(matrix, u.ravel())


@pytest.fixture
def setting(panel_of, weights_of):
    weights = weights_of("row", N)
    panel = panel_of(N, T, weights, rho=0.0, lam=0.3)
    x = np.concatenate([np.ones((T, N, 1)), panel.array(["x1", "x2"])], axis=2)
    return panel, weights, x


def by_name(panel, weights, **options):
    return {r.test: r for r in random_effects_tests(panel, weights, **NAMES, **options)}


def test_marginal_statistics_by_dense_matrices(setting):
    panel, weights, x = setting
    w = weights.to_dense()
    flat = x.reshape(N * T, -1)
    u = panel["y"].ravel() - flat @ np.linalg.lstsq(flat, panel["y"].ravel(), rcond=None)[0]
    g = u @ np.kron(np.ones((T, T)), np.eye(N)) @ u / (u @ u) - 1
    h = u @ np.kron(np.eye(T), (w + w.T) / 2) @ u / (u @ u)
    b = np.trace((w + w.T) @ (w + w.T)) / 2
    lm1, lm2 = np.sqrt(N * T / (2 * (T - 1))) * g, np.sqrt(N**2 * T / b) * h
    found = by_name(panel, weights)
    assert_allclose(found["bsk_random"].statistic, lm1, **ROUNDING)
    assert_allclose(found["bsk_error"].statistic, lm2, **ROUNDING)
    assert_allclose(found["bsk_joint"].statistic, lm1**2 + lm2**2, **ROUNDING)
    assert_allclose(found["bsk_random"].p_value, norm.sf(lm1), **ROUNDING)
    assert_allclose(found["bsk_error"].p_value, 2 * norm.sf(abs(lm2)), **ROUNDING)


def test_standardised_statistics_by_dense_moments(setting):
    panel, weights, x = setting
    w, flat = weights.to_dense(), x.reshape(N * T, -1)
    y = panel["y"].ravel()
    m = np.eye(N * T) - flat @ np.linalg.solve(flat.T @ flat, flat.T)
    u, s = m @ y, N * T - 3
    found = by_name(panel, weights, standardised=True)
    for name, d in (
        ("bsk_random", np.kron(np.ones((T, T)), np.eye(N))),
        ("bsk_error", np.kron(np.eye(T), (w + w.T) / 2)),
    ):
        first, second = np.trace(d @ m), np.trace(d @ m @ d @ m)
        variance = 2 * (s * second - first**2) / (s**2 * (s + 2))
        expected = (u @ d @ u / (u @ u) - first / s) / np.sqrt(variance)
        assert_allclose(found[name].statistic, expected, **ROUNDING)


def test_random_effects_ml_is_a_maximum(setting):
    panel, weights, x = setting
    y, w = panel["y"], weights.to_dense()
    beta, s2_v, s2_1 = random_effects_ml(y, x)
    at = np.array([*beta, s2_v, (s2_1 - s2_v) / T])
    top = loglikelihood(y - x @ beta, w, *at[-2:], 0.0)
    for j in range(len(at)):
        for sign in (-1, 1):
            other = at.copy()
            other[j] *= 1 + sign * 1e-3
            assert loglikelihood(y - x @ other[:-2], w, *other[-2:], 0.0) < top


def test_a_negative_variance_of_the_effects_is_put_to_zero():
    rng = np.random.default_rng(2)
    y = rng.standard_normal((T, N))
    y -= 0.95 * y.mean(axis=0)
    _, s2_v, s2_1 = random_effects_ml(y, np.ones((T, N, 1)))
    assert s2_v == s2_1


def test_conditional_test_of_lam_is_the_score_over_its_deviation(setting, central_difference):
    panel, weights, x = setting
    y, w = panel["y"], weights.to_dense()
    beta, s2_v, s2_1 = random_effects_ml(y, x)
    u, s2_mu = y - x @ beta, (s2_1 - s2_v) / T
    score = central_difference(lambda p: loglikelihood(u, w, s2_v, s2_mu, p[0]), np.zeros(1))[..., 0]
    inverse = np.linalg.inv(omega(w, T, s2_v, s2_mu, 0.0))
    slope = np.kron(np.eye(T), s2_v * (w + w.T))
    information = 0.5 * np.trace(inverse @ slope @ inverse @ slope)
    found = by_name(panel, weights)["bsk_error_given_random"]
    assert_allclose(found.statistic, score / np.sqrt(information), **DIFFERENCES)


def test_conditional_test_of_random_effects_by_dense_matrices(setting, central_difference):
    panel, weights, x = setting
    w = weights.to_dense()
    fit = SEM(panel, weights, **NAMES, effects="pooled").fit()
    u, lam, s2 = panel["y"] - x @ fit.values[:-2], fit["lam"], fit["sigma2"]
    score, information = random_score(u, w, lam, s2)
    numerical = central_difference(lambda p: loglikelihood(u, w, s2, p[0], lam), np.zeros(1))[..., 0]
    assert_allclose(score, numerical, **DIFFERENCES)
    inverse = np.linalg.inv(omega(w, T, s2, 0.0, lam))
    slopes = central_difference(lambda p: omega(w, T, *p), np.array([s2, 0.0, lam]))
    expected = [
        [0.5 * np.trace(inverse @ slopes[..., i] @ inverse @ slopes[..., j]) for j in range(3)]
        for i in range(3)
    ]
    assert_allclose(information, expected, **DIFFERENCES)
    found = by_name(panel, weights)["bsk_random_given_error"]
    assert_allclose(found.statistic, score * np.sqrt(np.linalg.inv(information)[1, 1]), **ROUNDING)


def test_weights_that_vary_by_period_are_refused(panel_of, weights_of):
    weights = [weights_of("row", N)] * (T - 1) + [weights_of("nearest", N)]
    with pytest.raises(ConfigError, match="same weights in every period"):
        random_effects_tests(panel_of(N, T, weights[0]), weights, **NAMES)


def test_size(weights_of):
    n, periods = 49, 7
    weights = weights_of("row", n)
    rng = np.random.default_rng(31)
    x = rng.standard_normal((periods, n, 2))
    rejected = np.zeros(6, int)
    for _ in range(REPLICATIONS):
        y = x.sum(axis=2) + rng.standard_normal((periods, n))
        values = np.concatenate([y[:, :, None], x], axis=2)
        panel = Panel(values, weights.labels, tuple(range(periods)), ("y", "x1", "x2"))
        rejected += [r.p_value <= LEVEL for r in random_effects_tests(panel, weights, **NAMES)]
    low, high = binom.ppf([TAIL, 1 - TAIL], REPLICATIONS, LEVEL)
    assert (low <= rejected).all() and (rejected <= high).all(), rejected


def test_signs_follow_the_dependence(weights_of):
    w = weights_of("row", 40).to_dense()
    rng = np.random.default_rng(1)
    e = rng.standard_normal((6, 40))
    spatial = np.linalg.solve(np.eye(40) - 0.6 * w, e.T).T
    assert marginal_statistics(spatial, w)[1] > 3
    assert marginal_statistics(e + 2 * rng.standard_normal(40), w)[0] > 3
