"""Likelihood, derivatives, information and maxima against brute force.

The oracle writes every model as y ~ N(mean, variance) on the data themselves: with dummies for ``exact``, on
data transformed by explicit orthonormal bases for ``lee_yu``. It shares no code with the package.
"""

import numpy as np
import pytest

from shuyi.spatialpanel import GNS, OLS, SAC, SAR, SDEM, SDM, SEM, SLX
from shuyi.spatialpanel.covariance.information import expected_information
from shuyi.spatialpanel.likelihood import Point, loglikelihood, residuals, score_and_hessian

# Log-likelihoods of some hundred observations: rounding of sums and of log-determinants.
VALUE = 1e-8
# Central differences of the log-likelihood (step 1e-6) keep six to seven digits of derivatives.
DIFFERENCE = 2e-5
# Inverses of information matrices obtained along two routes.
COVARIANCE = 1e-6

N, T = 9, 5
SPATIAL = [SAR, SEM, SDM, SDEM, SAC, GNS]
ALL = [OLS, SLX, *SPATIAL]
EFFECTS = ["pooled", "individual", "time", "twoways"]


def estimate(model, panel_of, weights_of, effects="twoways", correction="exact", kind="nearest", **options):
    weights = weights_of(kind, N)
    panel = panel_of(N, T, weights, rho=0.3, lam=0.2, seed=5)
    error = weights_of("row", N) if model in (SAC, GNS) else None
    fitted = model(
        panel, weights, outcome="y", regressors=["x1", "x2"], effects=effects, error_weights=error, **options
    ).fit(correction)
    return panel, weights.to_dense(), (error or weights).to_dense(), fitted


def dummies(effects):
    units, periods = np.tile(np.eye(N), (T, 1)), np.repeat(np.eye(T), N, axis=0)
    return {
        "pooled": np.ones((N * T, 1)),
        "individual": units,
        "time": periods,
        "twoways": np.hstack([units, periods[:, 1:]]),
    }[effects]


def stacked(panel, w, model):
    """Return y (T n,), X (T n, k) with lags where the model has them, period by period."""
    y, x = panel["y"].ravel(), panel.array(["x1", "x2"])
    if model.terms.durbin:
        x = np.concatenate([x, np.einsum("ij,tjk->tik", w, x)], axis=2)
    return y, x.reshape(N * T, -1)


def moments(theta, x, w1, w2, periods, spatial):
    """Return mean and variance of the stacked outcome at (coefficients, spatial parameters, sigma2)."""
    named = dict(zip(spatial, theta[x.shape[1] : -1], strict=True))
    size = len(w1)
    b = np.linalg.inv(np.eye(size) - named.get("rho", 0.0) * w1)
    a = np.linalg.inv(np.eye(size) - named.get("lam", 0.0) * w2)
    outer = np.kron(np.eye(periods), b)
    inner = outer @ np.kron(np.eye(periods), a)
    return outer @ (x @ theta[: x.shape[1]]), theta[-1] * inner @ inner.T


def normal_loglik(y, mean, variance):
    e = y - mean
    return -0.5 * (
        len(y) * np.log(2 * np.pi) + np.linalg.slogdet(variance)[1] + e @ np.linalg.solve(variance, e)
    )


def fisher(theta, function, difference):
    """Expected information of N(mean, variance) from numerical derivatives of both."""
    _, variance = function(theta)
    inverse = np.linalg.inv(variance)
    d_mean = difference(lambda v: function(v)[0], theta)
    d_variance = difference(lambda v: function(v)[1], theta)
    parts = [inverse @ d_variance[..., j] for j in range(len(theta))]
    traces = np.array([[np.trace(p @ q) for q in parts] for p in parts])
    return d_mean.T @ inverse @ d_mean + 0.5 * traces


def fitted_rho(fitted):
    return fitted["rho"] if "rho" in fitted.names else 0.0


def bases(effects):
    def complement(size):
        full = np.linalg.qr(np.column_stack([np.ones(size), np.eye(size)[:, : size - 1]]))[0]
        return full[:, 1:]

    f_t = complement(T) if effects in ("individual", "twoways") else np.eye(T)
    f_n = complement(N) if effects in ("time", "twoways") else np.eye(N)
    return f_t, f_n


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("model", ALL)
def test_exact_is_maximum_likelihood_with_dummies(model, effects, panel_of, weights_of):
    panel, w1, w2, fitted = estimate(model, panel_of, weights_of, effects)
    y, x = stacked(panel, w1, model)
    spatial = fitted.problem.spatial

    def concentrated(values):
        named = dict(zip(spatial, values, strict=True))
        rho, lam = named.get("rho", 0.0), named.get("lam", 0.0)
        a = np.kron(np.eye(T), np.eye(N) - lam * w2)
        b = np.kron(np.eye(T), np.eye(N) - rho * w1)
        columns = a @ np.hstack([x, dummies(effects)])
        left = a @ b @ y
        coefficients = np.linalg.lstsq(columns, left, rcond=None)[0]
        sigma2 = ((left - columns @ coefficients) ** 2).mean()
        logs = np.linalg.slogdet(a)[1] + np.linalg.slogdet(b)[1]
        return coefficients, sigma2, logs - 0.5 * N * T * (np.log(2 * np.pi * sigma2) + 1)

    at = [fitted[name] for name in spatial]
    coefficients, sigma2, value = concentrated(at)
    assert fitted.loglik == pytest.approx(value, abs=VALUE)
    assert fitted["sigma2"] == pytest.approx(sigma2, rel=1e-9)
    shift = 1 if effects == "pooled" else 0
    np.testing.assert_allclose(
        fitted.values[shift : shift + x.shape[1]], coefficients[: x.shape[1]], rtol=1e-7
    )
    for j in range(len(at)):
        for step in (-1e-3, 1e-3):
            moved = [v + step * (i == j) for i, v in enumerate(at)]
            assert concentrated(moved)[2] < value


@pytest.mark.parametrize("effects", ["individual", "time", "twoways"])
@pytest.mark.parametrize("model", ALL)
def test_lee_yu_is_the_likelihood_of_transformed_data(
    model, effects, panel_of, weights_of, central_difference
):
    panel, w1, w2, fitted = estimate(model, panel_of, weights_of, effects, "lee_yu")
    y, x = stacked(panel, w1, model)
    f_t, f_n = bases(effects)
    turn = np.kron(f_t, f_n).T
    y, x = turn @ y, turn @ x
    w1, w2 = f_n.T @ w1 @ f_n, f_n.T @ w2 @ f_n
    spatial = fitted.problem.spatial

    def function(theta):
        return moments(theta, x, w1, w2, f_t.shape[1], spatial)

    rng = np.random.default_rng(1)
    for _ in range(3):
        theta = fitted.values + 0.05 * rng.standard_normal(len(fitted.values))
        theta[-1] = abs(theta[-1]) + 0.1
        value = loglikelihood(fitted.problem, Point.from_vector(theta, spatial))
        assert value == pytest.approx(normal_loglik(y, *function(theta)), abs=VALUE)
    assert fitted.loglik == pytest.approx(normal_loglik(y, *function(fitted.values)), abs=VALUE)
    expected = fisher(fitted.values, function, central_difference)
    np.testing.assert_allclose(
        expected_information(fitted.problem, Point.from_vector(fitted.values, spatial)),
        expected,
        rtol=COVARIANCE,
        atol=COVARIANCE * np.abs(expected).max(),
    )


DUMMY_CASES = [
    (model, kind, effects)
    for model in (SAR, SDM, SEM, SAC)
    for kind in ("nearest", "spectral")
    for effects in EFFECTS
    if not (model is SEM and kind == "spectral" and effects in ("time", "twoways"))
]
"""All but the error model with time effects under other row sums, which is refused (see test_refusals)."""


@pytest.mark.parametrize(("model", "kind", "effects"), DUMMY_CASES)
def test_exact_information_is_that_with_dummies(
    model, kind, effects, panel_of, weights_of, central_difference
):
    panel, w1, w2, fitted = estimate(model, panel_of, weights_of, effects, kind=kind)
    y, x = stacked(panel, w1, model)
    d = dummies(effects)
    spatial, shift = fitted.problem.spatial, 1 if effects == "pooled" else 0
    k, m = x.shape[1], len(spatial)
    a = np.kron(np.eye(T), np.eye(N) - (fitted["lam"] if "lam" in spatial else 0.0) * w2)
    rest = y - fitted_rho(fitted) * np.kron(np.eye(T), w1) @ y - x @ fitted.values[shift : shift + k]
    fixed = np.linalg.lstsq(a @ d, a @ rest, rcond=None)[0]
    theta = np.concatenate([fitted.values[shift : shift + k], fixed, fitted.values[shift + k :]])
    columns = np.hstack([x, d])
    information = fisher(theta, lambda v: moments(v, columns, w1, w2, T, spatial), central_difference)
    kept = [*range(k), *range(len(theta) - m - 1, len(theta))]
    expected = np.linalg.inv(information)[np.ix_(kept, kept)]
    np.testing.assert_allclose(
        fitted.covariance_matrix[shift:, shift:], expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max()
    )


@pytest.mark.parametrize("correction", ["exact", "demean_then_lag", "lee_yu"])
@pytest.mark.parametrize("model", ALL)
def test_score_and_hessian_are_finite_differences(
    model, correction, panel_of, weights_of, central_difference
):
    *_, fitted = estimate(model, panel_of, weights_of, "twoways", correction)
    problem, spatial = fitted.problem, fitted.problem.spatial
    rng = np.random.default_rng(2)
    theta = fitted.values + 0.05 * rng.standard_normal(len(fitted.values))
    theta[-1] = abs(theta[-1]) + 0.1

    def value(v):
        return loglikelihood(problem, Point.from_vector(v, spatial))

    def score(v):
        return score_and_hessian(problem, Point.from_vector(v, spatial))[0]

    gradient, hessian = score_and_hessian(problem, Point.from_vector(theta, spatial))
    scale = np.abs(hessian).max()
    np.testing.assert_allclose(gradient, central_difference(value, theta), rtol=DIFFERENCE, atol=1e-6 * scale)
    np.testing.assert_allclose(
        hessian, central_difference(score, theta), rtol=DIFFERENCE, atol=DIFFERENCE * scale
    )


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("model", ALL)
def test_score_is_zero_at_the_estimate(model, effects, panel_of, weights_of):
    *_, fitted = estimate(model, panel_of, weights_of, effects)
    gradient, hessian = score_and_hessian(
        fitted.problem, Point.from_vector(fitted.values, fitted.problem.spatial)
    )
    assert np.abs(gradient).max() <= 1e-7 * np.abs(hessian).max()
    assert np.linalg.eigvalsh(hessian).max() < 0


def test_weights_that_vary_by_period(panel_of, weights_of):
    given = [weights_of("row", N), weights_of("nearest", N)]
    panel = panel_of(N, T, given[0], seed=8)
    by_period = [given[t % 2] for t in range(T)]
    fitted = SDM(panel, by_period, outcome="y", regressors=["x1", "x2"], effects="twoways").fit("exact")
    y, x = panel["y"], panel.array(["x1", "x2"])
    big = np.zeros((N * T, N * T))
    for t, w in enumerate(by_period):
        big[t * N : (t + 1) * N, t * N : (t + 1) * N] = w.to_dense()
    x = x.reshape(N * T, -1)
    columns = np.hstack([x, big @ x, dummies("twoways")])
    b = np.eye(N * T) - fitted["rho"] * big
    coefficients = np.linalg.lstsq(columns, b @ y.ravel(), rcond=None)[0]
    sigma2 = ((b @ y.ravel() - columns @ coefficients) ** 2).mean()
    value = np.linalg.slogdet(b)[1] - 0.5 * N * T * (np.log(2 * np.pi * sigma2) + 1)
    np.testing.assert_allclose(fitted.values[:4], coefficients[:4], rtol=1e-8)
    assert fitted.loglik == pytest.approx(value, abs=VALUE)


def test_the_same_weights_in_every_period_are_one_matrix(panel_of, weights_of):
    weights = weights_of("nearest", N)
    panel = panel_of(N, T, weights)
    once = SAR(panel, weights, outcome="y", regressors=["x1"]).fit()
    repeated = SAR(panel, [weights] * T, outcome="y", regressors=["x1"]).fit()
    np.testing.assert_array_equal(once.values, repeated.values)


@pytest.mark.parametrize("model", [SLX, SDM, SDEM, GNS])
def test_durbin_subsets_nest(model, panel_of, weights_of):
    weights = weights_of("row", N)
    panel = panel_of(N, T, weights)
    options = {"outcome": "y", "regressors": ["x1", "x2"], "effects": "individual"}
    values = [model(panel, weights, durbin=d, **options).fit("exact").loglik for d in (None, ["x2"], "all")]
    assert values[0] < values[1] < values[2]


def test_sigma2_of_lee_yu_is_larger_by_the_lost_periods(panel_of, weights_of):
    weights = weights_of("row", N)
    panel = panel_of(N, T, weights)
    model = SDM(panel, weights, outcome="y", regressors=["x1", "x2"], effects="individual")
    exact, corrected = model.fit("exact"), model.fit("lee_yu")
    np.testing.assert_allclose(exact.values[:-1], corrected.values[:-1], rtol=1e-9)
    assert corrected["sigma2"] == pytest.approx(exact["sigma2"] * T / (T - 1), rel=1e-9)
    biased = model.fit("lee_yu_bias")
    np.testing.assert_allclose(biased.values, corrected.values, rtol=1e-9)


def test_without_effects_all_corrections_are_one_estimator(panel_of, weights_of):
    weights = weights_of("row", N)
    panel = panel_of(N, T, weights)
    model = SDM(panel, weights, outcome="y", regressors=["x1", "x2"], effects="pooled")
    fits = [model.fit(c) for c in ("none", "exact", "lee_yu", "lee_yu_bias", "demean_then_lag")]
    assert {f.convention for f in fits} == {"none"}
    assert all(np.array_equal(f.values, fits[0].values) for f in fits)
    assert fits[0].names[0] == "const"


def test_residuals_are_those_of_the_equation(panel_of, weights_of):
    panel, w1, _, fitted = estimate(SDM, panel_of, weights_of, "individual")
    y, x = panel["y"], panel.array(["x1", "x2"])
    b = fitted.values
    mean = b[4] * y @ w1.T + x @ b[:2] + np.einsum("ij,tjk->tik", w1, x) @ b[2:4]
    e = y - mean
    np.testing.assert_allclose(fitted.residual_values, e - e.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(
        fitted.fitted.to_numpy() + fitted.residuals.to_numpy(), y.T.ravel(), atol=1e-12
    )
    point = Point.from_vector(b, ("rho",))
    assert (residuals(fitted.problem, point) ** 2).mean() == pytest.approx(fitted["sigma2"], rel=1e-12)
