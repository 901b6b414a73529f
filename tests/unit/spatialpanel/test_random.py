"""Random effects against the density of the nT-variate normal vector y, written down with dense matrices."""

import json

import numpy as np
import pytest
from spatial_cases import make_panel, make_weights

from shuyi.errors import ConfigError, ConvergenceError, IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel import GNS, OLS, SAC, SAR, SDEM, SDM, SEM, SLX, Fit
from shuyi.spatialpanel.diagnostics import hausman
from shuyi.spatialpanel.random import build_form, mundlak_wald, phi, random_effects_ratio

# Log-likelihoods of some fifty observations: rounding of sums and of log-determinants.
VALUE = 1e-9
# Central differences of the log-likelihood (step 1e-6) keep six to seven digits of derivatives.
DIFFERENCE = 2e-5
# The search ends 1e-11 standard errors from the maximum; derivatives there are rounding of their terms.
SCORE = 1e-6
# Solutions of linear systems along two routes.
SOLVED = 1e-8

N, T = 9, 4
CASES = [
    (OLS, "kkp"),
    (SLX, "kkp"),
    (SAR, "kkp"),
    (SDM, "kkp"),
    (SEM, "kkp"),
    (SDEM, "kkp"),
    (SAC, "kkp"),
    (GNS, "kkp"),
    (SEM, "baltagi"),
    (SDEM, "baltagi"),
]


def with_effects(weights, scale=1.0, seed=5, **options):
    panel = make_panel(N, T, weights, rho=0.3, lam=0.2, seed=seed, **options)
    mu = scale * np.random.default_rng(seed + 100).standard_normal(N)
    return panel.with_variables({"y": panel["y"] + mu})


def build(model, form="kkp", effects="random", kind="nearest", **options):
    weights = make_weights(kind, N)
    error = make_weights("row", N) if model in (SAC, GNS) else None
    panel = options.pop("panel", None) or with_effects(weights)
    return model(
        panel,
        weights,
        outcome="y",
        regressors=["x1", "x2"],
        effects=effects,
        error_weights=error,
        random_form=form,
        **options,
    )


def moments(vector, built):
    """Return mean and variance of y at (coefficients, spatial parameters, sigma2, sigma2_mu)."""
    design, terms = built.design, built.terms
    x = design.x
    if design.durbin:
        w = design.lags.at(0).to_dense()
        x = np.concatenate([x, np.einsum("ij,tjk->tik", w, x[:, :, design.durbin_positions])], axis=2)
    k, named = x.shape[2], {}
    for j, name in enumerate([n for n, has in (("rho", terms.lag), ("lam", terms.error)) if has]):
        named[name] = vector[k + j]
    unit, inner, outer = np.eye(N), np.eye(N), np.eye(N)
    if terms.lag:
        outer = np.linalg.inv(unit - named["rho"] * design.lags.at(0).to_dense())
    if terms.error:
        inner = np.linalg.inv(unit - named["lam"] * design.error_lags.at(0).to_dense())
    s2, s2_mu = vector[-2:]
    each, all_periods = np.eye(T), np.ones((T, T))
    if built.random_form == "kkp":
        variance = np.kron(s2 * each + s2_mu * all_periods, outer @ inner @ inner.T @ outer.T)
    else:
        variance = np.kron(s2 * each, inner @ inner.T) + np.kron(s2_mu * all_periods, unit)
    return np.kron(each, outer) @ (x.reshape(N * T, k) @ vector[:k]), variance


def normal_loglik(vector, built):
    mean, variance = moments(vector, built)
    e = built.design.y.ravel() - mean
    return -0.5 * (
        len(e) * np.log(2 * np.pi) + np.linalg.slogdet(variance)[1] + e @ np.linalg.solve(variance, e)
    )


def somewhere(built):
    """Return a point away from the maximum."""
    k = len(built.design.names)
    spatial = [0.25] * built.terms.lag + [-0.15] * built.terms.error
    return np.array([*np.linspace(0.2, 1.1, k), *spatial, 0.4, 0.6])


@pytest.mark.parametrize(("model", "form"), CASES)
def test_likelihood_is_the_normal_density(model, form):
    built = build(model, form)
    at = somewhere(built)
    assert build_form(built).derivatives(at)[0] == pytest.approx(normal_loglik(at, built), abs=VALUE)


@pytest.mark.parametrize(("model", "form"), CASES)
def test_score_and_hessian_are_differences(model, form, central_difference):
    built = build(model, form)
    at, likelihood = somewhere(built), build_form(built)
    _, score, hessian = likelihood.derivatives(at)
    numerical = central_difference(lambda v: likelihood.derivatives(v)[0], at)
    np.testing.assert_allclose(score, numerical, rtol=DIFFERENCE, atol=DIFFERENCE)
    numerical = central_difference(lambda v: likelihood.derivatives(v)[1], at)
    np.testing.assert_allclose(hessian, numerical, rtol=DIFFERENCE, atol=DIFFERENCE * np.abs(hessian).max())


@pytest.mark.parametrize(("model", "form"), CASES)
def test_information_is_that_of_the_normal_distribution(model, form, central_difference):
    built = build(model, form)
    at = somewhere(built)
    inverse = np.linalg.inv(moments(at, built)[1])
    d_mean = central_difference(lambda v: moments(v, built)[0], at)
    d_variance = central_difference(lambda v: moments(v, built)[1], at)
    parts = [inverse @ d_variance[..., j] for j in range(len(at))]
    traces = np.array([[np.trace(p @ q) for q in parts] for p in parts])
    expected = d_mean.T @ inverse @ d_mean + 0.5 * traces
    found = build_form(built).information(at)
    np.testing.assert_allclose(found, expected, rtol=DIFFERENCE, atol=DIFFERENCE * np.abs(expected).max())


@pytest.mark.parametrize("effects", ["random", "correlated"])
@pytest.mark.parametrize(("model", "form"), CASES)
def test_estimate_is_the_maximum(model, form, effects):
    built = build(model, form, effects)
    fit = built.fit()
    likelihood = build_form(built)
    order = (*likelihood.data.problem.names, "sigma2_mu")
    at = np.array([fit[name] for name in order])
    value, score, hessian = likelihood.derivatives(at)
    assert fit.loglik == pytest.approx(value, abs=VALUE)
    assert np.abs(score / np.sqrt(-np.diag(hessian))).max() < SCORE
    assert np.linalg.eigvalsh(hessian).max() < 0
    rng = np.random.default_rng(0)
    for _ in range(20):
        near = at + rng.standard_normal(len(at)) * fit.standard_errors.mean() * 0.3
        if likelihood.data.is_inside(near):
            assert likelihood.derivatives(near)[0] < value


@pytest.mark.parametrize("model", [SAR, SDM])
def test_closed_form_with_quasi_demeaning(model):
    """l = -(nT/2) ln(2 pi s2) + T ln|I - rho W| + (n/2) ln phi^2 - e.'e. / (2 s2)."""
    fit = build(model).fit()
    p, _ = phi(fit)
    w = fit.lags.at(0).to_dense()
    quasi = fit.problem
    e = quasi.y - fit["rho"] * quasi.wy - quasi.x @ fit.values[: len(fit.problem.design.names)]
    value = -N * T / 2 * np.log(2 * np.pi * fit["sigma2"]) - (e**2).sum() / (2 * fit["sigma2"])
    value += T * np.linalg.slogdet(np.eye(N) - fit["rho"] * w)[1] + N / 2 * np.log(p**2)
    assert fit.loglik == pytest.approx(value, abs=VALUE)
    np.testing.assert_allclose((e**2).sum() / (N * T), fit["sigma2"], rtol=SOLVED)


def test_phi_has_its_delta_error(central_difference):
    fit = build(SDM).fit()
    value, error = phi(fit)
    slope = central_difference(lambda v: np.sqrt(v[-2] / (T * v[-1] + v[-2])), fit.values, step=1e-7)
    assert error == pytest.approx(np.sqrt(slope @ fit.covariance_matrix @ slope), rel=1e-5)
    assert 0 < value < 1


@pytest.mark.parametrize(("model", "form"), [(SDM, "kkp"), (SEM, "kkp"), (SEM, "baltagi")])
def test_residuals_are_predicted_innovations(model, form):
    """E(mu | y) = cov(mu, y) V^{-1} (y - mean); the residuals are what remains of v."""
    built = build(model, form)
    fit = built.fit()
    order = (*build_form(built).data.problem.names, "sigma2_mu")
    at = np.array([fit[name] for name in order])
    mean, variance = moments(at, built)
    design = built.design
    weights = {"rho": design.lags.at(0).to_dense(), "lam": design.lags.at(0).to_dense()}
    filters = {name: np.eye(N) - fit[name] * weights[name] for name in ("rho", "lam") if name in fit.names}
    outer = np.linalg.inv(np.linalg.multi_dot([np.eye(N), *filters.values(), np.eye(N)]))
    carried = outer if form == "kkp" else np.eye(N)
    share = fit["sigma2_mu"] * np.kron(np.ones((1, T)), carried.T)
    mu = share @ np.linalg.solve(variance, design.y.ravel() - mean)
    u = (design.y.ravel() - mean).reshape(T, N) - carried @ mu
    e = u @ np.linalg.inv(outer).T
    np.testing.assert_allclose(fit.residual_values, e, atol=SOLVED)


@pytest.mark.parametrize("model", [OLS, SLX])
def test_unit_means_give_within_estimates(model):
    """Mundlak (1978): with unit means, slopes are those of fixed effects whatever phi is."""
    panel = with_effects(make_weights("row", N))
    within_fit = build(model, panel=panel, effects="individual", kind="row").fit("exact")
    fit = build(model, panel=panel, effects="correlated", kind="row").fit()
    slopes = [n for n in within_fit.names if n != "sigma2"]
    np.testing.assert_allclose(fit.params[slopes], within_fit.params[slopes], rtol=SOLVED)


def test_names_follow_the_model():
    fit = build(SDM, effects="correlated").fit()
    assert fit.names == (
        *("const", "x1", "x2", "W_x1", "W_x2", "mean_x1", "mean_x2", "mean_W_x1", "mean_W_x2"),
        *("rho", "sigma2", "sigma2_mu"),
    )
    assert fit.regressors == ("const", "x1", "x2")
    assert fit.durbin == ("x1", "x2")
    assert build(SAR, effects="correlated").fit().names[3:5] == ("mean_x1", "mean_x2")


def test_effects_come_from_the_slopes_alone():
    fit = build(SDM, effects="correlated", kind="row", panel=with_effects(make_weights("row", N))).fit()
    frame = fit.effects(draws=200, seed=1).to_frame()
    assert sorted(set(frame["term"])) == ["x1", "x2"]
    total = frame.query("term == 'x1' and component == 'total'")["estimate"].item()
    assert total == pytest.approx((fit["x1"] + fit["W_x1"]) / (1 - fit["rho"]))


@pytest.mark.parametrize("effects", ["random", "correlated"])
def test_dictionary_and_text(effects):
    fit = build(SDEM, "baltagi", effects).fit(covariance="hessian")
    back = Fit.from_dict(json.loads(json.dumps(fit.to_dict())), weights=fit.lags.at(0))
    assert back.to_dict() == fit.to_dict()
    assert back.summary() == fit.summary()
    assert "outside the error process" in fit.summary()
    assert "sigma2_mu" in fit.summary()
    np.testing.assert_allclose(back.effects(draws=50).estimate, fit.effects(draws=50).estimate)


def test_likelihood_ratio_of_no_random_effects():
    built = build(SDM)
    found = random_effects_ratio(built)
    pooled = build(SDM, effects="pooled").fit()
    assert found.statistic == pytest.approx(2 * (built.fit().loglik - pooled.loglik), rel=SOLVED)
    from scipy.stats import chi2

    assert found.p_value == pytest.approx(0.5 * chi2.sf(found.statistic, 1))
    assert found.hypothesis == "no_random_effects"


def without_effects():
    """A panel whose residuals have no unit means at all: sigma2_mu is estimated at zero."""
    panel = with_effects(make_weights("row", N))
    y, x = panel["y"], panel.array(["x1", "x2"])
    return panel.with_variables(
        {"y": y - y.mean(axis=0), "x1": x[..., 0] - x[..., 0].mean(axis=0), "x2": x[..., 1]}
    )


def test_estimate_at_zero_is_refused_and_has_no_likelihood_ratio():
    built = build(SDM, panel=without_effects(), kind="row")
    with pytest.raises(ConvergenceError, match="estimated at zero") as caught:
        built.fit()
    assert "use effects='pooled'" in str(caught.value)
    found = random_effects_ratio(built)
    assert (found.statistic, found.p_value) == (0.0, 1.0)


def test_mundlak_is_the_wald_test_of_the_means():
    fit = build(SDM, effects="correlated").fit()
    means = ["mean_x1", "mean_x2", "mean_W_x1", "mean_W_x2"]
    expected = fit.params[means] @ np.linalg.solve(fit.cov.loc[means, means], fit.params[means])
    found = mundlak_wald(fit)
    assert found.statistic == pytest.approx(expected, rel=SOLVED)
    assert found.df == 4
    with pytest.raises(ConfigError, match="unit means to test") as caught:
        mundlak_wald(build(SDM).fit())
    assert "effects='correlated'" in str(caught.value)


def test_hausman_compares_names_of_fixed_and_random():
    panel = with_effects(make_weights("row", N))
    fixed = build(SDM, panel=panel, effects="individual", kind="row").fit()
    found = hausman(fixed, build(SDM, panel=panel, kind="row").fit())
    assert "x1, x2, W_x1, W_x2, rho" in found.note


@pytest.mark.parametrize(("model", "form"), [(SDM, "kkp"), (SEM, "baltagi")])
def test_order_of_units_changes_nothing(model, form):
    built = build(model, form)
    fit = built.fit()
    order = np.random.default_rng(1).permutation(N)
    units = [built.design.units[i] for i in order]
    panel = with_effects(make_weights("nearest", N)).select(units=units)
    weights = make_weights("nearest", N).reindex(units)
    again = model(
        panel, weights, outcome="y", regressors=["x1", "x2"], effects="random", random_form=form
    ).fit()
    np.testing.assert_allclose(again.values, fit.values, rtol=1e-7)
    np.testing.assert_allclose(again.standard_errors, fit.standard_errors, rtol=1e-7)


def test_weights_that_vary_by_period():
    several = [make_weights("row", N) if t % 2 else make_weights("nearest", N) for t in range(T)]
    panel = with_effects(several[0])
    built = SDM(panel, several, outcome="y", regressors=["x1", "x2"], effects="random")
    fit = built.fit(covariance="hessian")
    outer = np.zeros((N * T, N * T))
    x = np.concatenate([np.ones((T, N, 1)), panel.array(["x1", "x2"])], axis=2)
    x = np.concatenate(
        [x, np.stack([w.to_dense() @ v[:, 1:] for w, v in zip(several, x, strict=True)])], axis=2
    )
    for t, w in enumerate(several):
        outer[t * N : t * N + N, t * N : t * N + N] = np.linalg.inv(np.eye(N) - fit["rho"] * w.to_dense())
    core = np.kron(fit["sigma2"] * np.eye(T) + fit["sigma2_mu"] * np.ones((T, T)), np.eye(N))
    variance = outer @ core @ outer.T
    e = panel["y"].ravel() - outer @ (x.reshape(N * T, -1) @ fit.values[:5])
    value = -0.5 * (
        N * T * np.log(2 * np.pi) + np.linalg.slogdet(variance)[1] + e @ np.linalg.solve(variance, e)
    )
    assert fit.loglik == pytest.approx(value, abs=VALUE)
    with pytest.raises(ConfigError, match="same weights in every period") as caught:
        built.fit()
    assert "covariance='hessian'" in str(caught.value)
    sem = SEM(panel, several, outcome="y", regressors=["x1"], effects="random", random_form="baltagi")
    with pytest.raises(ConfigError, match="same weights in every period"):
        sem.fit()


def test_time_invariant_regressor_is_random_but_not_correlated():
    panel = with_effects(make_weights("row", N))
    panel = panel.with_variables({"x2": np.broadcast_to(panel["x2"][0], (T, N)).copy()})
    assert np.isfinite(build(SDM, panel=panel, kind="row").fit().values).all()
    with pytest.raises(IdentificationError, match="collinear") as caught:
        build(SDM, panel=panel, effects="correlated", kind="row").fit()
    assert "mean_x2" in str(caught.value)


def test_refusals():
    weights = make_weights("row", N)
    panel = with_effects(weights)
    with pytest.raises(ConfigError, match="form of random effects"):
        build(SEM, "anselin")
    with pytest.raises(ConfigError, match="no random effects whose form"):
        build(SEM, "baltagi", "individual")
    for model in (SAR, OLS, SAC):
        with pytest.raises(ConfigError, match="does not exist for") as caught:
            build(model, "baltagi").fit()
        assert "use random_form='kkp'" in str(caught.value)
    with pytest.raises(ConfigError, match="covariance of a model with random effects") as caught:
        build(SDM).fit(covariance="cluster")
    assert "information, hessian" in str(caught.value)
    with pytest.raises(ConfigError, match="takes no options"):
        build(SDM).fit(covariance_options={"cutoff": 1})
    with pytest.raises(ConfigError, match="Unknown correction"):
        build(SDM).fit("shrink")
    named = panel.with_variables({"mean_x1": panel["x2"]})
    with pytest.raises(ConfigError, match="that the model gives itself"):
        SAR(named, weights, outcome="y", regressors=["x1", "mean_x1"], effects="correlated").fit()
    for name in ("tau", "eta", "sigma2_mu"):
        renamed = Panel(panel.values, panel.units, panel.periods, ("y", name, "x2"))
        with pytest.raises(ConfigError, match="name of a parameter"):
            SAR(renamed, weights, outcome="y", regressors=[name], effects="random")
    first = panel.select(periods=panel.periods[:1])
    with pytest.raises(ConfigError, match="repeated observations"):
        SAR(first, weights, outcome="y", regressors=["x1"], effects="random").fit()
