"""The bootstrap: its data, its seeds, its errors, its intervals, and effects by it."""

from importlib import import_module

import numpy as np
import pytest
from spatial_cases import make_panel, make_weights

from shuyi.errors import ConfigError, ConvergenceError, DataError
from shuyi.panel import Panel
from shuyi.spatialpanel import GNS, SAC, SAR, SDEM, SDM, SEM, SLX, Fit
from shuyi.spatialpanel.likelihood import Point
from shuyi.spatialpanel.resampling import Bootstrap, bootstrap, multiplier, with_outcome

module = import_module("shuyi.spatialpanel.resampling")

# Rounding of the reduced form of a few hundred observations.
ROUNDING = {"rtol": 1e-9, "atol": 1e-11}
# Standard deviation of 400 replicates around a standard error, and the small-sample gap between the two.
SPREAD = 0.2

N, T = 15, 6


def fitted(model=SDM, correction="lee_yu", effects="twoways", n=N, t=T, seed=2, **options):
    weights = make_weights("nearest", n)
    panel = make_panel(n, t, weights, seed=seed)
    spec = model(panel, weights, outcome="y", regressors=["x1", "x2"], effects=effects)
    return spec.fit(correction, **options)


@pytest.mark.parametrize("effects", ["pooled", "individual", "time", "twoways"])
@pytest.mark.parametrize("model", [SLX, SAR, SEM, SDM, SDEM, SAC, GNS])
def test_the_estimates_are_those_of_the_residuals_themselves(model, effects, monkeypatch):
    """Multipliers of one and no scale give the outcome back, and with it the estimates."""
    fit = fitted(model, "exact", effects)
    monkeypatch.setattr(module, "multiplier", lambda rng, name, shape: np.ones(shape))
    problem, point = fit.problem, Point.from_vector(fit.values, fit.problem.spatial)
    base, carriers, scaled, _ = module._parts(problem, point, "wild")
    plan = module._Plan(problem, base, carriers, fit.residual_values, 1.0, "wild", "rademacher", False, "")
    outcome = module._outcome(plan, np.random.default_rng(0))
    np.testing.assert_allclose(outcome, fit.outcome_values, **ROUNDING)
    found = module._replicate(plan, 0)[1].vector(problem.spatial)
    np.testing.assert_allclose(found, fit.values, rtol=1e-6)
    rank = {"pooled": N * T, "individual": N * (T - 1), "time": (N - 1) * T, "twoways": (N - 1) * (T - 1)}
    np.testing.assert_allclose(scaled, fit.residual_values * np.sqrt(N * T / rank[effects]))


@pytest.mark.parametrize("correction", ["exact", "demean_then_lag", "lee_yu", "lee_yu_bias"])
def test_a_replicate_is_the_estimate_of_its_own_panel(correction):
    weights = make_weights("nearest", N)
    panel = make_panel(N, T, weights, seed=2)
    fit = SDM(panel, weights, outcome="y", regressors=["x1", "x2"]).fit(correction)
    found = bootstrap(fit, "parametric", draws=3, seed=7)
    point = Point.from_vector(fit.values, ("rho",))
    parts = module._parts(fit.problem, point, "parametric")
    plan = module._Plan(fit.problem, *parts, "parametric", "rademacher", False, "", {}, 7)
    outcome = module._outcome(plan, np.random.default_rng(np.random.SeedSequence(7, spawn_key=(2,))))
    values = panel.values.copy()
    values[:, :, 0] = outcome
    again = Panel(values, panel.units, panel.periods, panel.variables)
    expected = SDM(again, weights, outcome="y", regressors=["x1", "x2"]).fit(correction)
    np.testing.assert_allclose(found.sample[2], expected.values, rtol=1e-8)


def test_results_depend_on_the_seed_alone():
    fit = fitted()
    first, second = (bootstrap(fit, draws=12, seed=5, jobs=jobs) for jobs in (1, 2))
    np.testing.assert_array_equal(first.sample, second.sample)
    longer = bootstrap(fit, draws=20, seed=5)
    np.testing.assert_array_equal(longer.sample[:12], first.sample)
    assert not np.array_equal(bootstrap(fit, draws=12, seed=6).sample, first.sample)


def test_clusters_keep_the_signs_of_a_unit_together():
    fit = fitted()
    point = Point.from_vector(fit.values, ("rho",))
    parts = module._parts(fit.problem, point, "wild_cluster")
    plan = module._Plan(fit.problem, *parts, "wild_cluster", "rademacher", False, "")
    ratio = module._innovations(plan, np.random.default_rng(1)) / plan.scaled
    np.testing.assert_array_equal(ratio, np.broadcast_to(ratio[0], ratio.shape))
    assert set(np.round(ratio[0], 12)) == {-1.0, 1.0}


@pytest.mark.parametrize(("name", "third"), [("rademacher", 0), ("mammen", 1), ("webb", 0), ("normal", 0)])
def test_multipliers_have_mean_zero_and_variance_one(name, third):
    v = multiplier(np.random.default_rng(2), name, (400, 1000))
    assert v.mean() == pytest.approx(0, abs=0.01)
    assert (v**2).mean() == pytest.approx(1, abs=0.01)
    assert (v**3).mean() == pytest.approx(third, abs=0.03)


@pytest.mark.parametrize(
    ("kind", "covariance"), [("parametric", "information"), ("wild", "robust"), ("wild_cluster", "cluster")]
)
def test_errors_are_near_those_of_the_covariance_of_their_name(kind, covariance):
    fit = fitted(n=40, t=8, covariance=covariance)
    found = bootstrap(fit, kind, draws=400, seed=3, multipliers="normal")
    np.testing.assert_allclose(found.std_error[:-1], fit.standard_errors[:-1], rtol=SPREAD)


def test_intervals_by_their_definition():
    fit = fitted()
    found = bootstrap(fit, draws=200, seed=1, studentise="cluster")
    low, high = np.quantile(found.sample[:, 0], [0.05, 0.95])
    np.testing.assert_allclose(found.interval(0.9)[0], [low, high])
    np.testing.assert_allclose(found.interval(0.9, "basic")[0], 2 * fit.values[0] - [high, low])
    own = fitted(covariance="cluster").standard_errors[0]
    t = (found.sample[:, 0] - fit.values[0]) / np.sqrt(found.covariances[:, 0, 0])
    expected = fit.values[0] - own * np.quantile(t, [0.95, 0.05])
    np.testing.assert_allclose(found.interval(0.9, "studentised")[0], expected)
    frame = found.to_frame(0.9, "basic")
    assert list(frame.columns) == ["estimate", "bias", "std_error", "ci_low", "ci_high"]
    np.testing.assert_allclose(frame["bias"], found.sample.mean(axis=0) - fit.values)


def test_effects_are_those_of_the_replicates():
    fit = fitted()
    found = bootstrap(fit, draws=60, seed=1, studentise="cluster")
    effects = fit.effects(bootstrap=found, level=0.9)
    w = fit.lags.at(0).to_dense()
    names = list(fit.names)
    totals = []
    for values in found.sample:
        b, th, rho = (values[names.index(name)] for name in ("x1", "W_x1", "rho"))
        matrix = np.linalg.inv(np.eye(N) - rho * w) @ (b * np.eye(N) + th * w)
        totals.append([np.trace(matrix) / N, matrix.sum() / N])
    np.testing.assert_allclose(effects.simulated[:, 0][:, [0, 2]], totals, **ROUNDING)
    np.testing.assert_allclose(effects.interval[0, 0], np.quantile(np.array(totals)[:, 0], [0.05, 0.95]))
    np.testing.assert_array_equal(effects.estimate, fit.effects(draws=0).estimate)
    percentile = found.effects(0.9)
    np.testing.assert_array_equal(percentile.interval, effects.interval)
    basic = found.effects(0.9, "basic").interval
    np.testing.assert_allclose(basic, 2 * effects.estimate[..., None] - effects.interval[..., ::-1])
    studentised = found.effects(0.9, "studentised").interval
    assert np.all((studentised[..., 0] < effects.estimate) & (effects.estimate < studentised[..., 1]))


def test_studentised_effects_use_delta_errors():
    fit = fitted(covariance="cluster")
    found = bootstrap(fit, draws=40, seed=1, studentise="cluster")
    own, drawn = found._errors(found._effect_errors)
    np.testing.assert_allclose(own, fit.effects(draws=0).std_error_delta, **ROUNDING)
    assert drawn.shape == (40, 2, 3)


def test_estimates_at_the_edge_are_drawn_again(monkeypatch):
    fit = fitted()
    calls = []
    original = module.maximise

    def sometimes(problem, reduced):
        calls.append(1)
        if len(calls) % 4 == 0:
            raise ConvergenceError("edge")
        return original(problem, reduced)

    monkeypatch.setattr(module, "maximise", sometimes)
    found = bootstrap(fit, draws=9)
    assert found.share_redrawn == pytest.approx(2 / 11)

    def never(problem, reduced):
        raise ConvergenceError("edge", found="rho = 0.999")

    monkeypatch.setattr(module, "maximise", never)
    with pytest.raises(ConvergenceError, match=r"rho = 0\.999"):
        bootstrap(fit, draws=2)


def test_another_outcome_is_transformed_like_the_first():
    for correction in ("exact", "demean_then_lag"):
        fit = fitted(GNS, correction)
        same = with_outcome(fit.problem, fit.problem.design.y)
        for name in ("y", "wy", "ey", "ewy"):
            np.testing.assert_array_equal(getattr(same, name), getattr(fit.problem, name))


def test_a_model_is_estimated_first():
    weights = make_weights("nearest", N)
    model = SDM(make_panel(N, T, weights, seed=2), weights, outcome="y", regressors=["x1", "x2"])
    found = bootstrap(model, draws=3)
    assert isinstance(found, Bootstrap)
    np.testing.assert_array_equal(found.fit.values, model.fit().values)


def test_refusals():
    fit = fitted()
    with pytest.raises(ConfigError, match="parametric, wild, wild_cluster"):
        bootstrap(fit, "pairs")
    with pytest.raises(ConfigError, match="rademacher"):
        bootstrap(fit, multipliers="uniform")
    with pytest.raises(ConfigError, match="draws is too small"):
        bootstrap(fit, draws=1)
    with pytest.raises(ConfigError, match="studentise='cluster'"):
        bootstrap(fit, draws=2).interval(method="studentised")
    with pytest.raises(ConfigError, match="percentile, basic"):
        bootstrap(fit, draws=2).interval(method="bca")
    with pytest.raises(DataError, match="estimate the model again"):
        bootstrap(Fit.from_dict(fit.to_dict()), draws=2)
    with pytest.raises(ConfigError, match="static models"):
        bootstrap(fitted(effects="random"), draws=2)


def test_many_units_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_UNITS", 10)
    with pytest.raises(ConfigError, match="at most 10 units"):
        bootstrap(fitted(), draws=2)
