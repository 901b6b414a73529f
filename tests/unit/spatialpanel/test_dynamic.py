"""Dynamic models: likelihood, bias, stability and effects against brute force, and coverage by simulation."""

import json

import numpy as np
import pytest
from spatial_cases import make_weights

from shuyi.errors import ConfigError, ConvergenceError, DataError, IdentificationError
from shuyi.spatialpanel import GNS, OLS, SAR, SDM, SEM, Fit
from shuyi.spatialpanel.bias import Traces, correct_bias, expected_score
from shuyi.spatialpanel.likelihood import Point, build_problem
from shuyi.spatialpanel.montecarlo.simulate import simulate
from shuyi.spatialpanel.stability import spectral_radius, stability, stability_test
from shuyi.spatialpanel.transforms import Convention

# Log-likelihoods of some hundred observations: rounding of sums and of log-determinants.
VALUE = 1e-8
# Traces of sums of powers that have converged to rounding.
TRACE = 1e-9
# Central differences (step 1e-6) keep six to seven digits of derivatives.
DIFFERENCE = 1e-5
# 4,000 simulated scores: their means carry an error of sd / 63; four of them.
SCORES, MONTE_CARLO = 4000, 4.0

N, T = 9, 8
TRUTH = {"tau": 0.4, "rho": 0.3, "eta": 0.1}


def panel_of(kind="row", periods=T, seed=1, effects="twoways", **changed):
    weights = make_weights(kind, N)
    parameters = {**TRUTH, **changed}
    theta = parameters.pop("theta", [0.5, -0.2])
    return weights, simulate(
        *("sdm", weights, periods), seed=seed, beta=[1.0, 0.5], theta=theta, effects=effects, **parameters
    )


def build(model=SDM, dynamic="both", kind="row", effects="twoways", **options):
    weights, panel = panel_of(kind, **options)
    return model(panel, weights, outcome="y", regressors=["x1", "x2"], effects=effects, dynamic=dynamic)


def names_of(dynamic):
    return {"tau": ("tau",), "eta": ("eta",), "both": ("tau", "eta")}[dynamic]


@pytest.mark.parametrize("dynamic", ["tau", "eta", "both"])
@pytest.mark.parametrize("effects", ["pooled", "individual", "time", "twoways"])
@pytest.mark.parametrize("model", [SAR, SDM])
def test_exact_is_maximum_likelihood_given_the_first_period(model, effects, dynamic):
    weights, panel = panel_of()
    fit = build(model, dynamic, effects=effects).fit("none" if effects == "pooled" else "exact")
    w, y, x = weights.to_dense(), panel["y"], panel.array(["x1", "x2"])
    columns = {"tau": y[:-1], "eta": y[:-1] @ w.T}
    parts = [columns[name][..., None] for name in names_of(dynamic)] + [x[1:]]
    if model is SDM:
        parts.append(np.einsum("ij,tjk->tik", w, x[1:]))
    units, periods = np.tile(np.eye(N), (T - 1, 1)), np.repeat(np.eye(T - 1), N, axis=0)
    dummies = {
        "pooled": np.ones((N * (T - 1), 1)),
        "individual": units,
        "time": periods,
        "twoways": np.hstack([units, periods[:, 1:]]),
    }[effects]
    design = np.hstack([np.concatenate(parts, axis=2).reshape(N * (T - 1), -1), dummies])

    def concentrated(rho):
        left = (y[1:] - rho * y[1:] @ w.T).ravel()
        b = np.linalg.lstsq(design, left, rcond=None)[0]
        s2 = ((left - design @ b) ** 2).mean()
        logs = (T - 1) * np.linalg.slogdet(np.eye(N) - rho * w)[1]
        return b, s2, logs - 0.5 * N * (T - 1) * (np.log(2 * np.pi * s2) + 1)

    b, s2, value = concentrated(fit["rho"])
    assert fit.loglik == pytest.approx(value, abs=VALUE)
    assert fit["sigma2"] == pytest.approx(s2, rel=1e-9)
    slopes = [n for n in fit.names if n not in ("const", "rho", "sigma2")]
    np.testing.assert_allclose(fit.params[slopes], b[: len(slopes)], rtol=1e-7)
    assert max(concentrated(fit["rho"] + step)[2] for step in (-1e-3, 1e-3)) < value
    assert (fit.T, fit.periods[0], fit.n_effective) == (T - 1, panel.periods[1], N * (T - 1))


@pytest.mark.parametrize("effects", ["pooled", "time"])
def test_without_individual_effects_nothing_is_biased_by_lags(effects):
    exact = build(effects=effects).fit("exact" if effects == "time" else "none")
    transformed = build(effects=effects).fit("lee_yu")
    if effects == "pooled":
        np.testing.assert_array_equal(exact.values, transformed.values)
        assert transformed.convention == "none"
    else:
        w = transformed.lags.at(0).to_dense()
        assert transformed.n_effective == (N - 1) * (T - 1)
        score = derivative_of_transformed(transformed, w)
        assert abs(score) < 1e-5


def derivative_of_transformed(fit, w):
    """Slope in rho of the likelihood of F_n'y with weights F_n'W F_n at the estimate."""
    full = np.linalg.qr(np.column_stack([np.ones(N), np.eye(N)[:, : N - 1]]))[0][:, 1:]
    small = full.T @ w @ full
    y, x = fit.problem.design.y @ full, fit.problem.design.x
    x = np.concatenate([x, np.einsum("ij,tjk->tik", w, x[..., 2:])], axis=2)
    x = np.einsum("tik,ij->tjk", x, full).reshape(-1, x.shape[2])

    def value(rho):
        left = (y - rho * y @ small.T).ravel()
        e = left - x @ np.linalg.lstsq(x, left, rcond=None)[0]
        logs = len(y) * np.linalg.slogdet(np.eye(N - 1) - rho * small)[1]
        return logs - 0.5 * len(left) * np.log(e @ e)

    return (value(fit["rho"] + 1e-5) - value(fit["rho"] - 1e-5)) / 2e-5


@pytest.mark.parametrize("kind", ["row", "nearest", "spectral"])
def test_traces_are_sums_of_powers(kind):
    fit = build(kind=kind, effects="individual").fit("exact", unstable="flag")
    w = fit.lags.at(0).to_dense()
    unit, centred = np.eye(N), np.eye(N) - 1 / N
    s = np.linalg.inv(unit - fit["rho"] * w)
    a, d = s @ (fit["tau"] * unit + fit["eta"] * w), np.zeros((N, N))
    term = s
    for _ in range(3000):
        d, term = d + term, a @ term
    g = w @ s
    point = Point.from_vector(fit.values, ("rho",))
    plain = Traces.of(fit.problem, point, has_time_effects=False)
    np.testing.assert_allclose(
        [plain.d, plain.wd, plain.g, plain.mean_g],
        [np.trace(d), np.trace(w @ d), np.trace(g), g.sum() / N],
        rtol=TRACE,
    )
    timed = Traces.of(fit.problem, point, has_time_effects=True)
    expected = [np.trace(centred @ m) for m in (d, w @ d, g)]
    np.testing.assert_allclose([timed.d, timed.wd, timed.g], expected, rtol=TRACE)
    drift = fit["tau"] * unit + fit["eta"] * w
    assert np.trace(g @ drift @ d) == pytest.approx(plain.wd - plain.g, rel=TRACE)


@pytest.mark.parametrize(
    ("correction", "kind", "effects"),
    [
        ("lee_yu", "row", "individual"),
        ("lee_yu", "row", "twoways"),
        ("lee_yu_bias", "row", "twoways"),
        ("lee_yu_bias", "spectral", "twoways"),
        ("lee_yu_bias", "spectral", "time"),
    ],
)
def test_expected_score_is_the_mean_of_simulated_scores(correction, kind, effects):
    """Scores at the truth, of panels long enough (40 periods) for the expansion in 1/T."""
    periods = 40
    weights = make_weights(kind, N)
    design = SDM(
        simulate("sdm", weights, periods, seed=0, beta=[1.0], theta=[0.5], effects=effects, **TRUTH),
        *(weights,),
        outcome="y",
        regressors=["x1"],
        effects=effects,
        dynamic="both",
    )
    fit = design.fit("lee_yu" if correction == "lee_yu" else "exact", unstable="flag")
    truth = Point(np.array([0.4, 0.1, 1.0, 0.5]), 0.3, 0.0, 1.0)
    found, by_sigma2 = expected_score(fit.problem, truth, Convention(correction, effects, 0, 0))
    scores = simulated_scores(weights, fit.problem, effects, periods - 1)
    if correction == "lee_yu_bias" and effects == "twoways":
        g = Traces.of(fit.problem, truth, has_time_effects=False).g
        found[-1] -= g
        by_sigma2 -= N / 2
    error = scores.std(axis=0) / np.sqrt(len(scores))
    slack = MONTE_CARLO * error + 0.04 * np.abs([*found, by_sigma2])
    assert np.all(np.abs(scores.mean(axis=0) - [*found, by_sigma2]) < slack)


def simulated_scores(weights, problem, effects, periods):
    """Return scores by (tau, eta, b, th, rho, sigma2) at the truth, shape (replications, 6)."""
    rng = np.random.default_rng(7)
    w = weights.to_dense()
    s = np.linalg.inv(np.eye(N) - 0.3 * w)
    x = rng.standard_normal((60 + periods, N))
    means = x + 0.5 * x @ w.T
    y = np.zeros((SCORES, N))
    kept = np.empty((periods + 1, SCORES, N))
    errors = rng.standard_normal((60 + periods, SCORES, N))
    for t in range(60 + periods):
        y = (0.4 * y + 0.1 * y @ w.T + means[t] + errors[t]) @ s.T
        if t >= 59:
            kept[t - 59] = y
    e, y, lagged = errors[60:], kept[1:], kept[:-1]

    def demean(values):
        if effects in ("individual", "twoways"):
            values = values - values.mean(axis=0)
        if effects in ("time", "twoways"):
            values = values - values.mean(axis=-1, keepdims=True)
        return values

    e = demean(e)
    ex = np.broadcast_to(x[60:, None], y.shape)
    columns = [lagged, lagged @ w.T, ex, ex @ w.T, y @ w.T]
    scores = [(demean(c) * e).sum(axis=(0, 2)) for c in columns]
    slope = problem.lag_jacobian.derivatives(0.3)[1]
    size = problem.convention.observations
    scores[-1] = scores[-1] + slope
    return np.column_stack([*scores, -size / 2 + (e * e).sum(axis=(0, 2)) / 2])


def test_correction_is_one_step_of_the_expected_score():
    exact, corrected = build().fit("exact"), build().fit("lee_yu_bias")
    convention = Convention("lee_yu_bias", "twoways", N * (T - 1), T - 1)
    point = Point.from_vector(exact.values, ("rho",))
    score, by_sigma2 = expected_score(exact.problem, point, convention)
    vector = exact.values - exact.covariance_matrix @ np.append(score, by_sigma2)
    vector[-1] *= (T - 1) / (T - 2)
    np.testing.assert_allclose(corrected.values, vector, rtol=1e-8)


def test_correction_of_a_static_model_is_the_static_correction():
    """Without lags in time only the time effects' bias of rho and sigma2 is left."""
    weights, panel = panel_of()
    static = SDM(panel, weights, outcome="y", regressors=["x1", "x2"])
    problem = build_problem(static.design, Convention("exact", "twoways", N * T, T), has_lag=True)
    point = Point.from_vector(static.fit("exact").values, ("rho",))
    score, by_sigma2 = expected_score(problem, point, Convention("lee_yu_bias", "twoways", N * T, T))
    assert score[-1] == pytest.approx(-T / (1 - point.rho))
    assert by_sigma2 == pytest.approx(-T / (2 * point.sigma2))
    from shuyi.spatialpanel.covariance.information import expected_information

    moved = point.vector(("rho",)) - np.linalg.solve(
        expected_information(problem, point), np.append(score, by_sigma2)
    )
    moved[-1] *= T / (T - 1)
    np.testing.assert_allclose(correct_bias(problem, point).vector(("rho",)), moved, rtol=1e-9)


def test_spectral_radius_is_that_of_the_matrix():
    for kind in ("row", "nearest", "spectral"):
        w = make_weights(kind, N)
        tau, eta, rho = np.array([0.5, 0.9]), np.array([-0.3, 0.4]), np.array([0.4, -0.2])
        found = spectral_radius(w.eigenvalues, tau, eta, rho)
        for j in range(2):
            a = np.linalg.solve(np.eye(N) - rho[j] * w.to_dense(), tau[j] * np.eye(N) + eta[j] * w.to_dense())
            assert found[j] == pytest.approx(np.abs(np.linalg.eigvals(a)).max(), rel=1e-9)


def test_stability_by_the_delta_method():
    from scipy.stats import norm

    fit = build().fit()
    found, test = stability(fit), stability_test(fit)
    picked = ["tau", "eta", "rho"]
    total = fit.params[picked].sum()
    error = np.sqrt(fit.cov.loc[picked, picked].to_numpy().sum())
    assert (found.total, found.std_error) == pytest.approx((total, error))
    assert found.z == pytest.approx((total - 1) / error)
    assert test.statistic == pytest.approx((1 - total) / error)
    assert found.p_value == pytest.approx(norm.cdf((total - 1) / error))
    assert test.p_value == pytest.approx(found.p_value)
    assert found.is_stable
    assert fit.convergence["stable"] is True
    assert fit.convergence["spectral_radius"] == pytest.approx(found.spectral_radius)


@pytest.mark.parametrize("kind", ["row", "spectral"])
@pytest.mark.parametrize("dynamic", ["tau", "eta", "both"])
@pytest.mark.parametrize("horizon", ["short", "long"])
def test_effects_are_those_of_the_inverse(horizon, dynamic, kind, central_difference):
    fit = build(dynamic=dynamic, kind=kind, effects="individual").fit()
    w = fit.lags.at(0).to_dense()

    def brute(values):
        named = dict(zip(fit.names, values, strict=True))
        tau, eta = named.get("tau", 0.0), named.get("eta", 0.0)
        inverse = np.linalg.inv(
            np.eye(N) - named["rho"] * w
            if horizon == "short"
            else (1 - tau) * np.eye(N) - (named["rho"] + eta) * w
        )
        found = []
        for term in ("x1", "x2"):
            m = inverse @ (named[term] * np.eye(N) + named[f"W_{term}"] * w)
            direct, total = np.trace(m) / N, m.sum() / N
            found.append([direct, total - direct, total])
        return np.array(found)

    effects = fit.effects(draws=300, seed=3, horizon=horizon)
    np.testing.assert_allclose(effects.estimate, brute(fit.values), rtol=1e-9)
    slope = central_difference(brute, fit.values)
    error = np.sqrt(np.einsum("kcp,pq,kcq->kc", slope, fit.covariance_matrix, slope))
    np.testing.assert_allclose(effects.std_error_delta, error, rtol=DIFFERENCE)
    assert effects.simulated.shape == (300, 2, 3)
    assert np.isfinite(effects.simulated).all()


def test_short_run_draws_are_those_of_the_distribution():
    fit = build(periods=30).fit()
    effects = fit.effects(draws=20_000, seed=2)
    np.testing.assert_allclose(effects.std_error, effects.std_error_delta, rtol=0.1)


def test_unstable_draws_are_drawn_again_and_counted():
    from dataclasses import replace

    fit = build().fit()
    loose = fit.covariance_matrix.copy()
    place = fit.names.index("tau")
    loose[place, :] = loose[:, place] = 0.0
    loose[place, place] = 0.2
    effects = replace(fit, covariance_matrix=loose).effects(draws=500, seed=1, horizon="long")
    assert 0.02 < effects.share_redrawn < 0.6
    total = effects.simulated[:, :, 2]
    assert np.isfinite(total).all()
    again = replace(fit, covariance_matrix=loose).effects(draws=500, seed=1, horizon="long")
    np.testing.assert_array_equal(effects.simulated, again.simulated)


def test_long_run_effects_are_the_limit_of_responses():
    fit = build().fit()
    w, unit = fit.lags.at(0).to_dense(), np.eye(N)
    s = np.linalg.inv(unit - fit["rho"] * w)
    a = s @ (fit["tau"] * unit + fit["eta"] * w)
    response, shock = np.zeros((N, N)), s @ (fit["x1"] * unit + fit["W_x1"] * w)
    for _ in range(2000):
        response = a @ response + shock
    found = fit.effects(draws=0, horizon="long").estimate[0]
    np.testing.assert_allclose(found[0], np.trace(response) / N, rtol=1e-9)
    np.testing.assert_allclose(found[2], response.sum() / N, rtol=1e-9)
    total = (fit["x1"] + fit["W_x1"]) / (1 - fit["tau"] - fit["rho"] - fit["eta"])
    assert found[2] == pytest.approx(total)


def test_dictionary_and_text():
    fit = build().fit()
    back = Fit.from_dict(json.loads(json.dumps(fit.to_dict())))
    assert back.to_dict() == fit.to_dict()
    assert back.summary() == fit.summary()
    assert back.is_dynamic
    assert "Conditional on the first period (1)" in fit.summary()
    with pytest.raises(DataError, match="read back without them"):
        back.effects(horizon="long")
    whole = back.with_weights(fit.lags.at(0))
    long = fit.effects(draws=50, horizon="long")
    np.testing.assert_array_equal(whole.effects(draws=50, horizon="long").simulated, long.simulated)
    assert stability(whole) == stability(fit)


def test_names_and_order():
    assert build().fit().names == ("tau", "eta", "x1", "x2", "W_x1", "W_x2", "rho", "sigma2")
    assert build(SAR, "eta").fit().names == ("eta", "x1", "x2", "rho", "sigma2")
    assert build().fit().regressors == ("x1", "x2")


def test_order_of_units_changes_nothing():
    weights, panel = panel_of()
    order = [weights.labels[i] for i in np.random.default_rng(3).permutation(N)]
    options = {"outcome": "y", "regressors": ["x1", "x2"], "dynamic": "both"}
    first = SDM(panel, weights, **options).fit()
    second = SDM(panel.select(units=order), weights.reindex(order), **options).fit()
    np.testing.assert_allclose(first.values, second.values, rtol=1e-8)
    np.testing.assert_allclose(first.standard_errors, second.standard_errors, rtol=1e-8)


def explosive():
    """A panel in which every unit grows by a twentieth each period."""
    weights, panel = panel_of(periods=12, effects="individual")
    growth = 1.05 ** np.arange(12)[:, None] * (10 + np.arange(N))
    return weights, panel.with_variables({"y": growth + 0.01 * panel["y"]})


def test_unstable_estimate_is_refused_or_flagged():
    weights, panel = explosive()
    model = SAR(panel, weights, outcome="y", regressors=["x1"], effects="individual", dynamic="both")
    with pytest.raises(ConvergenceError, match="outside the stable region") as caught:
        model.fit("exact")
    assert "spectral radius" in str(caught.value)
    assert "unstable='flag'" in str(caught.value)
    with pytest.raises(ConvergenceError, match="before its correction"):
        model.fit("lee_yu", unstable="flag")
    flagged = model.fit("exact", unstable="flag")
    assert flagged.convergence["stable"] is False
    assert "NOT A RESULT" in flagged.summary()
    assert flagged.notes[0].startswith("Outside the stable region")
    for horizon in ("short", "long"):
        with pytest.raises(ConvergenceError, match="has no effects"):
            flagged.effects(horizon=horizon)
    for ask in (flagged.partition, lambda: flagged.ledger("x1"), lambda: flagged.effect_matrix("x1")):
        with pytest.raises(ConvergenceError, match="has no effects"):
            ask()
    assert not stability(flagged).is_stable


def test_refusals():
    weights, panel = panel_of()
    options = {"outcome": "y", "regressors": ["x1", "x2"]}
    for model in (OLS, SEM, GNS):
        with pytest.raises(ConfigError, match="has no dynamic form") as caught:
            model(panel, weights, dynamic="tau", **options).fit()
        assert "SAR or SDM" in str(caught.value)
    for effects in ("random", "correlated"):
        with pytest.raises(ConfigError, match=f"no {effects} effects"):
            SDM(panel, weights, dynamic="tau", effects=effects, **options).fit()
    with pytest.raises(ConfigError, match="value of dynamic"):
        SDM(panel, weights, dynamic="yes", **options)
    with pytest.raises(ConfigError, match="same weights in every period"):
        SDM(panel, [weights, *[make_weights("nearest", N)] * (T - 1)], dynamic="tau", **options).fit()
    dynamic = SDM(panel, weights, dynamic="both", **options)
    with pytest.raises(ConfigError, match="correction of a dynamic model"):
        dynamic.fit("demean_then_lag")
    with pytest.raises(ConfigError, match="correction of a dynamic model"):
        dynamic.fit("none")
    with pytest.raises(ConfigError, match="estimate to correct in a dynamic model"):
        dynamic.fit("lee_yu_bias", bias_of="demean_then_lag")
    with pytest.raises(ConfigError, match="rule for unstable estimates"):
        dynamic.fit(unstable="keep")
    with pytest.raises(ConfigError, match="horizon of effects"):
        dynamic.fit().effects(horizon="medium")
    static = SDM(panel, weights, **options).fit()
    with pytest.raises(ConfigError, match="one horizon"):
        static.effects(horizon="long")
    with pytest.raises(ConfigError, match="always stable"):
        stability(static)
    short = panel.select(periods=panel.periods[:2])
    with pytest.raises(ConfigError, match="needs more periods"):
        SDM(short, weights, dynamic="tau", **options).fit()
    with pytest.raises(IdentificationError, match="Fewer effective observations"):
        SDM(
            panel.select(periods=panel.periods[:3], units=panel.units[:4]),
            weights.subset(panel.units[:4]).normalise("row"),
            dynamic="both",
            effects="twoways",
            islands="keep",
            **options,
        ).fit("exact")


def test_transformation_needs_row_standardised_weights():
    with pytest.raises(ConfigError, match="row-standardised") as caught:
        build(kind="spectral").fit()
    assert "correction='lee_yu_bias'" in str(caught.value)
    assert np.isfinite(build(kind="spectral").fit("lee_yu_bias").values).all()


# 300 replications: a coverage of .95 has a standard error of .0126; four of them on either side. Exact is to
# cover tau far less than that.
REPLICATIONS, COVERAGE, BIASED = 300, (0.90, 1.0), 0.75


@pytest.mark.parametrize(("effects", "correction"), [("individual", "lee_yu"), ("twoways", "lee_yu")])
def test_correction_removes_the_bias_of_lags(effects, correction):
    weights = make_weights("row", 31)
    truth = np.array([0.4, 0.1, 1.0, 0.5, 0.3])
    found = {"exact": [], correction: []}
    for seed in range(REPLICATIONS):
        panel = simulate(*("sdm", weights, 9), seed=seed, beta=[1.0], theta=[0.5], effects=effects, **TRUTH)
        model = SDM(panel, weights, outcome="y", regressors=["x1"], effects=effects, dynamic="both")
        for name, estimates in found.items():
            fit = model.fit(name, unstable="flag")
            estimates.append([fit.values[:-1] - truth, fit.standard_errors[:-1]])
    moved = {name: np.array(estimates) for name, estimates in found.items()}
    covered = {name: (np.abs(m[:, 0]) < 1.96 * m[:, 1]).mean(axis=0) for name, m in moved.items()}
    bias = {name: m[:, 0].mean(axis=0) for name, m in moved.items()}
    assert covered["exact"][0] < BIASED
    assert abs(bias["exact"][0]) > 0.07
    assert abs(bias[correction][0]) < 0.025
    assert COVERAGE[0] <= covered[correction].min()
