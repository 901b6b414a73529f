"""Marginal likelihoods against brute-force quadrature, invariances, recovery, averages and refusals."""

import json
from math import log, pi

import numpy as np
import pytest
from numpy.testing import assert_allclose
from spatial_cases import labels, make_panel, make_weights, nearest

from shuyi.errors import ConfigError, ConvergenceError, IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel import MODELS, ModelComparison, compare_models
from shuyi.spatialpanel.likelihood import Point, loglikelihood, residuals
from shuyi.spatialpanel.marginal import integrate, marginal_likelihood
from shuyi.spatialpanel.model_selection import posterior
from shuyi.weights import Weights

# The trapezium rule on a smooth integrand that has decayed at both ends: its error is that of the cut tails.
BRUTE_FORCE = {"rtol": 0, "atol": 1e-6}
# Posterior probabilities are differences of logarithms of size 1,000 with rounding of 1e-16 each.
ROUNDING = {"rtol": 1e-8, "atol": 1e-12}
# Monte Carlo: standard deviations of 4,000 draws have relative errors of 1/sqrt(8,000) = 1.1 %; four of them.
SIMULATED = {"rtol": 0.045}

N, T = 7, 4


def _logsum(values, *steps):
    """Integrate exp(values) by the trapezium rule on an equidistant grid whose ends do not count."""
    top = values.max()
    return top + log(np.exp(values - top).sum()) + sum(log(step) for step in steps)


def _tiny(model, effects, k):
    weights = make_weights("row", N)
    panel = make_panel(N, T, weights, k=k, seed=4)
    fit = MODELS[model](
        panel, weights, outcome="y", regressors=[f"x{j + 1}" for j in range(k)], effects=effects
    ).fit()
    return fit, fit.problem


def _grid(fit, names, points=61, width=14.0):
    """Return wide grids of coefficients about the estimate, and of ln sigma2."""
    axes = []
    for name in names:
        reach = width * float(fit.std_errors[name])
        axes.append(np.linspace(fit[name] - reach, fit[name] + reach, points))
    return axes, np.linspace(log(fit["sigma2"]) - 5.0, log(fit["sigma2"]) + 9.0, 201)


def _brute_force(fit, problem, prior, at):
    """Return ln p(y | rho or lam) by quadrature over coefficients and ln sigma2 of likelihood times prior."""
    names = problem.design.names
    axes, logs = _grid(fit, names)
    mesh = np.stack([m.ravel() for m in np.meshgrid(*axes, indexing="ij")], axis=1)
    sigma2 = np.exp(logs)
    spatial = {"rho": at} if problem.spatial == ("rho",) else {"lam": at} if problem.spatial else {}
    size = problem.convention.observations
    values = np.empty((len(mesh), len(logs)))
    x = problem.x.reshape(-1, len(names))
    flat = names[0] == "const"
    slopes = x[:, 1:] - x[:, 1:].mean(axis=0) if flat else x
    precision = slopes.T @ slopes / size
    for row, b in enumerate(mesh):
        point = {"beta": b, "rho": 0.0, "lam": 0.0, "sigma2": 1.0, **spatial}
        e = residuals(problem, Point(**point))
        jacobian = loglikelihood(problem, Point(**point)) + 0.5 * (e * e).sum() + 0.5 * size * log(2 * pi)
        values[row] = jacobian - 0.5 * size * np.log(2 * pi * sigma2) - 0.5 * (e * e).sum() / sigma2
        if prior == "unit_information":
            c = b[1:] if flat else b
            values[row] += 0.5 * np.linalg.slogdet(precision)[1] - 0.5 * len(c) * np.log(2 * pi * sigma2)
            values[row] -= 0.5 * (c @ precision @ c) / sigma2
    return _logsum(values, *(axis[1] - axis[0] for axis in axes), logs[1] - logs[0])


def _ours(problem, prior, at):
    from shuyi.spatialpanel.likelihood import reduce
    from shuyi.spatialpanel.marginal import _jacobian, log_density

    jacobian = problem.lag_jacobian or problem.error_jacobian
    flat = problem.design.names[0] == "const"
    value = log_density(reduce(problem), np.array([at]), prior, flat)[0]
    return value + (_jacobian(jacobian, np.array([at]))[0] if jacobian else 0.0)


@pytest.mark.parametrize("prior", ["unit_information", "diffuse"])
@pytest.mark.parametrize(
    ("model", "effects", "k"),
    [
        ("sar", "twoways", 1),
        ("sem", "twoways", 1),
        ("sdm", "individual", 1),
        ("sdem", "time", 1),
        ("slx", "twoways", 1),
        ("sar", "pooled", 1),
        ("sem", "pooled", 1),
    ],
)
def test_coefficients_and_variance_are_integrated_exactly(model, effects, k, prior):
    fit, problem = _tiny(model, effects, k)
    for at in (0.0, 0.35) if problem.spatial else (0.0,):
        assert_allclose(_ours(problem, prior, at), _brute_force(fit, problem, prior, at), **BRUTE_FORCE)


@pytest.mark.parametrize("model", ["sar", "sem"])
@pytest.mark.parametrize("effects", ["pooled", "twoways"])
def test_spatial_parameter_is_integrated_by_quadrature(model, effects):
    from scipy.integrate import quad

    _, problem = _tiny(model, effects, 1)
    found = marginal_likelihood(problem)
    jacobian = problem.lag_jacobian or problem.error_jacobian
    low, high = jacobian.interval
    top = found.log_likelihood
    moments = [
        quad(
            lambda r, p=p: r**p * np.exp(_ours(problem, "unit_information", r) - top),
            low,
            high,
            limit=200,
            epsabs=1e-12,
        )[0]
        / (high - low)
        for p in (0, 1, 2)
    ]
    assert_allclose(moments[0], 1.0, rtol=1e-8)
    assert_allclose(found.mean, moments[1], atol=1e-8)
    assert_allclose(found.std, np.sqrt(moments[2] - moments[1] ** 2), atol=1e-8)


@pytest.mark.parametrize("width", [1e-6, 1e-3, 0.1])
def test_integral_of_a_normal_density(width):
    def density(r):
        return -0.5 * ((r - 0.3) / width) ** 2 - 0.5 * log(2 * pi) - log(width)

    value, mean, std = integrate(density, -1.5, 1.0)
    assert_allclose([value, mean, std], [0.0, 0.3, width], atol=1e-9)


def test_integral_of_two_separate_peaks():
    def density(r):
        return np.logaddexp(-0.5 * ((r + 0.8) / 0.01) ** 2, -0.5 * ((r - 0.6) / 0.01) ** 2)

    value, mean, _ = integrate(density, -1.0, 1.0)
    assert_allclose(value, log(2 * 0.01 * np.sqrt(2 * pi)), atol=1e-8)
    assert_allclose(mean, -0.1, atol=1e-8)


def test_posterior_of_very_small_likelihoods():
    assert posterior([-5000.0, -5000.0]) == [0.5, 0.5]
    assert_allclose(posterior([-9000.0, -9000.0 + log(3.0)]), [0.25, 0.75], **ROUNDING)
    assert posterior([0.0, -2000.0]) == [1.0, 0.0]


# ---------------------------------------------------------------- comparison

UNITS, PERIODS = 20, 6


def _weights():
    k = {f"k{j}": Weights(nearest(UNITS, j), labels(UNITS), f"k{j}").normalise("row") for j in (3, 6)}
    return {"ring": make_weights("row", UNITS), **k}


@pytest.fixture(scope="module")
def panel():
    return make_panel(UNITS, PERIODS, _weights()["ring"], rho=0.4, seed=2)


def compare(panel, weights=None, **options):
    return compare_models(panel, weights or _weights(), outcome="y", regressors=["x1", "x2"], **options)


@pytest.fixture(scope="module")
def comparison(panel):
    return compare(panel)


def test_probabilities_follow_the_marginal_likelihoods(comparison):
    frame = comparison.to_frame()
    assert len(frame) == 15
    assert_allclose(frame["probability"].sum(), 1.0, **ROUNDING)
    shifted = frame["log_marginal"] - frame["log_marginal"].max()
    assert_allclose(frame["probability"], np.exp(shifted) / np.exp(shifted).sum(), **ROUNDING)
    assert comparison.best.probability == frame["probability"].max()


def test_criteria_are_those_of_the_fits(comparison):
    for candidate, row in zip(comparison.candidates, comparison.to_frame().itertuples(), strict=True):
        fit = candidate.fit
        assert (row.loglik, row.aic, row.bic) == (fit.loglik, fit.aic, fit.bic)
        assert_allclose(row.aic, 2 * row.parameters - 2 * row.loglik, **ROUNDING)
    assert comparison.to_frame().query("model == 'slx'")["spatial"].isna().all()


def test_probabilities_of_models_and_weights_are_sums(comparison):
    frame = comparison.to_frame()
    by_model, by_weights = comparison.model_probabilities(), comparison.weights_probabilities()
    assert_allclose(by_model, frame.groupby("model")["probability"].sum()[by_model.index], **ROUNDING)
    assert_allclose(by_weights, frame.groupby("weights")["probability"].sum()[by_weights.index], **ROUNDING)
    within = frame.query("model == 'sdm'").set_index("weights")["probability"]
    assert_allclose(comparison.weights_probabilities("sdm"), within / within.sum(), **ROUNDING)


@pytest.mark.parametrize("effects", ["pooled", "individual", "time", "twoways"])
def test_units_of_measurement_do_not_matter(panel, effects):
    scaled = Panel(panel.values * [1000.0, 0.01, 7.0], panel.units, panel.periods, panel.variables)
    one, other = (compare(p, effects=effects).to_frame()["probability"] for p in (panel, scaled))
    assert_allclose(other, one, rtol=1e-6, atol=1e-12)


def test_order_of_units_does_not_matter(panel):
    order = panel.units[::-1]
    turned = {name: w.reindex(order) for name, w in _weights().items()}
    one, other = compare(panel), compare(panel.select(units=order), turned)
    assert_allclose(other.to_frame()["log_marginal"], one.to_frame()["log_marginal"], **ROUNDING)


def test_level_of_the_outcome_does_not_matter_where_an_intercept_has_a_flat_prior(panel):
    moved = panel.with_variables({"y": panel["y"] + 50.0, "x1": panel["x1"] - 30.0})
    one, other = (
        compare(p.select(), effects="pooled").to_frame()["log_marginal"]
        for p in (panel.with_variables({"y": panel["y"], "x1": panel["x1"]}), moved)
    )
    assert_allclose(other, one, atol=1e-7)


def _recovered(kind, true, seeds, **options):
    weights = _weights()
    hits = 0
    for seed in seeds:
        rho, lam = (0.5, 0.0) if kind != "sem" else (0.0, 0.6)
        data = _draw(weights[true], kind, rho, lam, seed)
        comparison = compare(data, weights, **options)
        hits += comparison.weights_probabilities().idxmax() == true
    return hits / len(seeds)


def _draw(weights, kind, rho, lam, seed, periods=PERIODS):
    rng = np.random.default_rng(seed)
    w = weights.to_dense()
    x = rng.standard_normal((periods, UNITS, 2))
    mean = x @ np.array([1.0, 0.5])
    if kind in ("sdm", "slx"):
        mean = mean + (x @ np.array([0.5, -0.4])) @ w.T
    u = np.linalg.solve(np.eye(UNITS) - lam * w, rng.standard_normal((UNITS, periods))).T
    y = np.linalg.solve(np.eye(UNITS) - rho * w, (mean + u + rng.standard_normal(UNITS)).T).T
    values = np.concatenate([y[:, :, None], x], axis=2)
    return Panel(values, labels(UNITS), tuple(range(periods)), ("y", "x1", "x2"))


@pytest.mark.parametrize("true", ["ring", "k3", "k6"])
def test_the_true_weights_get_most_of_the_probability(true):
    assert _recovered("sdm", true, range(12)) >= 0.8


@pytest.mark.parametrize("kind", ["slx", "sar", "sem", "sdm"])
def test_the_true_model_gains_probability_with_more_periods(kind):
    weights = _weights()["ring"]
    share = [_mean_probability(kind, weights, periods) for periods in (4, 24)]
    assert share[1] > max(share[0], 0.85)


def _mean_probability(kind, weights, periods):
    rho, lam = {"sem": (0.0, 0.6), "slx": (0.0, 0.0)}.get(kind, (0.5, 0.0))
    draws = (_draw(weights, kind, rho, lam, 50 + seed, periods) for seed in range(12))
    return np.mean([compare(d, {"ring": weights}).model_probabilities()[kind] for d in draws])


def test_flat_priors_agree_with_the_literature_on_models_of_equal_size(panel):
    """SLX, SDM and SDEM have the same coefficients: flat and unit-information priors rank them alike."""
    three = ("slx", "sdm", "sdem")
    flat, unit = (compare(panel, models=three, prior=p) for p in ("diffuse", "unit_information"))
    assert (flat.best.model, flat.best.weights) == (unit.best.model, unit.best.weights)


# ---------------------------------------------------------------- averages


def test_average_of_one_candidate_is_its_effects(panel):
    one = compare(panel, {"ring": _weights()["ring"]}, models=["sdm"])
    average, effects = one.average_effects(draws=300), one.candidates[0].fit.effects(300)
    assert_allclose(average.estimate, effects.estimate, **ROUNDING)
    assert_allclose(average.std_error, effects.std_error, **ROUNDING)
    assert_allclose(average.std_error_delta, effects.std_error_delta, **ROUNDING)
    assert_allclose(average.interval, effects.interval, atol=0.5 * effects.std_error.max())
    assert not average.share_between.any()


def test_average_is_the_mixture_by_probability():
    weights = _weights()
    panel = _draw(weights["k3"], "sar", 0.1, 0.0, 3)
    comparison = compare(panel, weights, models=["sar", "sdm"])
    average = comparison.average_effects("sdm", draws=4000)
    p = comparison.weights_probabilities("sdm").to_numpy()
    assert p.max() < 0.95
    fits = [c.fit.effects(0) for c in comparison.candidates if c.model == "sdm"]
    expected = sum(q * f.estimate for q, f in zip(p, fits, strict=True))
    assert_allclose(average.estimate, expected, **ROUNDING)
    second = sum(q * (f.std_error_delta**2 + f.estimate**2) for q, f in zip(p, fits, strict=True))
    assert_allclose(average.std_error_delta, np.sqrt(second - expected**2), **ROUNDING)
    simulated = [c.fit.effects(4000) for c in comparison.candidates if c.model == "sdm"]
    mean = sum(q * f.mean_draws for q, f in zip(p, simulated, strict=True))
    square = sum(q * (f.std_error**2 + f.mean_draws**2) for q, f in zip(p, simulated, strict=True))
    whole = np.sqrt(square - mean**2)
    assert_allclose(average.std_error[:, 0], whole[:, 0], **SIMULATED)
    assert (average.share_between > 0).all()


def test_average_over_models_gives_error_models_no_spillover(panel):
    errors = compare(panel, models=["sem"]).average_effects(draws=50)
    assert_allclose(errors.estimate[:, 1], 0.0, atol=1e-12)
    frame = compare(panel).average_effects(draws=50).to_frame()
    assert list(frame.columns[:3]) == ["term", "component", "estimate"]
    assert len(frame) == 6


def test_results_repeat_and_write_to_json(panel, comparison):
    again = compare(panel)
    assert json.dumps(again.to_dict(), allow_nan=False) == json.dumps(comparison.to_dict(), allow_nan=False)
    first, second = (c.average_effects(draws=200, seed=3).to_dict() for c in (comparison, again))
    assert json.dumps(first) == json.dumps(second)
    assert isinstance(comparison, ModelComparison)
    assert "most probable" in repr(comparison)


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("weights", "options", "message"),
    [
        ({}, {}, "needs weights by name"),
        ([1], {}, "needs weights by name"),
        (None, {"models": ["sac"]}, "Unknown model to compare"),
        (None, {"models": "sdm"}, "list of ids"),
        (None, {"models": ["sdm", "sdm"]}, "names each model once"),
        (None, {"correction": "lee_yu_bias"}, "likelihood can be integrated"),
        (None, {"prior": "jeffreys"}, "Unknown prior"),
        (None, {"effects": "random"}, "Unknown effects structure"),
    ],
)
def test_options_that_do_not_fit(panel, weights, options, message):
    given = _weights() if weights is None else weights
    with pytest.raises(ConfigError, match=message):
        compare_models(panel, given, outcome="y", regressors=["x1", "x2"], **options)


def test_flat_priors_refuse_models_of_different_size(panel):
    with pytest.raises(IdentificationError, match="different numbers of coefficients") as caught:
        compare(panel, prior="diffuse")
    assert "sar: 2, sem: 2, sdm: 4" in str(caught.value)


@pytest.mark.parametrize(("seed", "averages"), [(15, True), (65, False)])
def test_a_candidate_at_the_edge_keeps_its_probability_and_is_named(seed, averages):
    """In both draws the likelihood of SEM with the wrong weights k6 rises up to lam = 1."""
    found = compare(_draw(_weights()["k3"], "sdm", 0.5, 0.0, seed))
    missing = [c for c in found.candidates if c.fit is None]
    assert [(c.model, c.weights) for c in missing] == [("sem", "k6")]
    row = found.to_frame().set_index(["model", "weights"]).loc["sem", "k6"]
    assert np.isfinite(row["log_marginal"])
    assert np.isnan(row["loglik"])
    assert "sem with 'k6'" in found.notes[-1]
    json.dumps(found.to_dict(), allow_nan=False)
    if averages:
        assert len(found.average_effects(draws=50).candidates) == 14
        return
    with pytest.raises(ConvergenceError, match="edge of its interval") as caught:
        found.average_effects(draws=50)
    assert "sem with 'k6' (2.33e-05)" in str(caught.value)


def test_averages_need_draws_and_a_model_of_the_comparison(comparison):
    with pytest.raises(ConfigError, match="draws is too small"):
        comparison.average_effects(draws=0)
    with pytest.raises(ConfigError, match="model of this comparison"):
        comparison.average_effects("sac")


def test_conventions_that_set_fixed_effects_to_their_maximum_say_so(panel):
    notes = compare(panel, models=["sdm"], correction="exact").notes
    assert any("not integrated" in note for note in notes)
    assert not any("not integrated" in note for note in compare(panel, models=["sdm"]).notes)
