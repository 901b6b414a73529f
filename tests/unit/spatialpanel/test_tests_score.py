"""Score tests: identities with LM tests, brute-force likelihoods, refusals and size."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from scipy.stats import binom

from shuyi.errors import ConfigError
from shuyi.panel import Panel
from shuyi.spatialpanel.diagnostics import lm_tests, score_tests

# Two routes to the same quadratic form: rounding.
ROUNDING = {"rtol": 1e-8}
# Numerical maximisation and second differences of the dense likelihood.
NUMERICAL = {"rtol": 2e-3}
REPLICATIONS, LEVEL, TAIL = 200, 0.05, 5e-4

N, T = 9, 5
NAMES = {"outcome": "y", "regressors": ["x1", "x2"]}


def by_name(results):
    return {r.test: r.statistic for r in results}


@pytest.mark.parametrize("effects", ["pooled", "individual", "time", "twoways"])
def test_joint_and_marginal_tests_with_dummies_are_the_lm_tests(panel_of, weights_of, effects):
    weights = weights_of("row", N)
    panel = panel_of(N, T, weights)
    score = by_name(score_tests(panel, weights, effects=effects, correction="exact", **NAMES))
    lm = by_name(lm_tests(panel, weights, effects=effects, projection="dummies", **NAMES))
    pairs = {"score_joint": "lm_joint", "score_lag": "lm_lag", "score_error": "lm_error"}
    for one, other in pairs.items():
        assert_allclose(score[one], lm[other], **ROUNDING)


def test_the_transformation_rescales_the_tests_with_individual_effects(panel_of, weights_of):
    """Both conventions share residuals; variance and traces scale with T - 1 instead of T."""
    weights = weights_of("row", N)
    panel = panel_of(N, T, weights)
    exact = by_name(score_tests(panel, weights, correction="exact", **NAMES))
    lee_yu = by_name(score_tests(panel, weights, correction="lee_yu", **NAMES))
    for name in ("score_joint", "score_lag", "score_error"):
        assert_allclose(lee_yu[name], exact[name] * (T - 1) / T, **ROUNDING)


def dense_loglikelihood(parameters, y, x, w):
    """Pooled SAC with the constant among x; parameters are b, rho, lam, ln sigma2."""
    *b, rho, lam, log_s2 = parameters
    n = len(w)
    a, c = np.eye(n) - lam * w, np.eye(n) - rho * w
    e = (y @ c.T - x @ np.array(b)) @ a.T
    jacobian = len(y) * (np.linalg.slogdet(a)[1] + np.linalg.slogdet(c)[1])
    return -0.5 * y.size * (np.log(2 * np.pi) + log_s2) + jacobian - 0.5 * (e * e).sum() / np.exp(log_s2)


@pytest.mark.parametrize(
    ("test", "zero"),
    [("score_lag_given_error", -3), ("score_error_given_lag", -2)],
)
def test_conditional_tests_start_from_the_restricted_maximum(panel_of, weights_of, test, zero):
    """The signed root is the score over its standard deviation, here by numerical maximisation."""
    weights = weights_of("row", N)
    panel = panel_of(N, 40, weights, rho=0.2, lam=0.2, seed=4)
    y, w = panel["y"], weights.to_dense()
    x = np.concatenate([np.ones((*y.shape, 1)), panel.array(["x1", "x2"])], axis=2)
    free = [j for j in range(6) if j != 6 + zero]

    def negative(values):
        full = np.zeros(6)
        full[free] = values
        return -dense_loglikelihood(full, y, x, w)

    start = np.array([0.0, 1.0, 0.5, 0.1, 0.0])
    best = minimize(negative, start, method="BFGS", options={"gtol": 1e-7})
    at = np.zeros(6)
    at[free] = best.x
    h = 1e-4
    steps = h * np.eye(6)
    score = np.array(
        [
            (dense_loglikelihood(at + s, y, x, w) - dense_loglikelihood(at - s, y, x, w)) / (2 * h)
            for s in steps
        ]
    )
    assert_allclose(score[free], 0, atol=1e-2)
    information = expected_information(at, y, x, w)
    expected = score @ np.linalg.solve(information, score)
    found = by_name(score_tests(panel, weights, effects="pooled", **NAMES))[test]
    assert_allclose(found, expected, **NUMERICAL)


def expected_information(at, y, x, w):
    """Covariance of the score, from its definition with dense matrices (sigma2 in logarithms)."""
    *b, rho, lam, log_s2 = at
    n, periods, s2 = len(w), len(y), np.exp(log_s2)
    a, c = np.eye(n) - lam * w, np.eye(n) - rho * w
    gr = a @ w @ np.linalg.inv(c) @ np.linalg.inv(a)
    gl = w @ np.linalg.inv(a)
    filtered = np.einsum("ij,tjk->tik", a, x).reshape(periods * n, -1)
    mean = (x @ np.array(b)) @ (a @ w @ np.linalg.inv(c)).T
    columns = np.column_stack([filtered, mean.ravel(), np.zeros(periods * n), np.zeros(periods * n)])
    information = columns.T @ columns / s2
    for i, g in ((-3, gr), (-2, gl)):
        for j, h in ((-3, gr), (-2, gl)):
            information[i, j] += periods * np.trace(g @ h + g.T @ h)
        information[i, -1] = information[-1, i] = periods * np.trace(g)
    information[-1, -1] = periods * n / 2
    return information


def test_transformation_needs_row_standardised_weights_with_time_effects(panel_of, weights_of):
    weights = weights_of("spectral", N)
    panel = panel_of(N, T, weights)
    with pytest.raises(ConfigError, match="row-standardised"):
        score_tests(panel, weights, effects="twoways", **NAMES)
    with pytest.raises(ConfigError, match="correction of a score test"):
        score_tests(panel, weights, correction="lee_yu_bias", **NAMES)


def test_size_with_two_way_effects(weights_of):
    n, periods = 31, 9
    weights = weights_of("row", n)
    rng = np.random.default_rng(8)
    x = rng.standard_normal((periods, n, 2))
    rejected = np.zeros(5, int)
    for _ in range(REPLICATIONS):
        y = x.sum(axis=2) + rng.standard_normal((periods, n))
        values = np.concatenate([y[:, :, None], x], axis=2)
        panel = Panel(values, weights.labels, tuple(range(periods)), ("y", "x1", "x2"))
        results = score_tests(panel, weights, effects="twoways", **NAMES)
        rejected += [r.p_value <= LEVEL for r in results]
    low, high = binom.ppf([TAIL, 1 - TAIL], REPLICATIONS, LEVEL)
    assert (low <= rejected).all() and (rejected <= high).all(), rejected
