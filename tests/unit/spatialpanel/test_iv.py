"""Spatial instrumental variables: against dummies and normal equations, by simulation, and refusals."""

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose
from spatial_cases import labels, make_weights

from shuyi.errors import ConfigError, ConvergenceError, DataError, IdentificationError, WeightsError
from shuyi.panel import Panel
from shuyi.spatialpanel import SpatialIV, SpatialIVFit
from shuyi.spatialpanel.iv.moments import estimate_error_process
from shuyi.spatialpanel.transforms import degrees_of_freedom, within

# Two ways to the same linear algebra in double precision on well-conditioned data of order one.
ROUNDING = {"rtol": 1e-8, "atol": 1e-10}
# Means over draws lie within four of their own standard errors.
STANDARD_ERRORS = 4.0

EFFECTS = ("pooled", "individual", "time", "twoways")
N, T = 14, 7


def simulate(n, T, weights, *, rho=0.4, lam=0.0, seed=0, strength=1.0):
    """Return a panel whose regressor h is endogenous, with external instruments q1 and q2."""
    rng = np.random.default_rng(seed)
    w = weights.to_dense()
    x, q = rng.standard_normal((T, n)), rng.standard_normal((T, n, 2))
    e, v = rng.standard_normal((2, T, n))
    mu, xi = rng.standard_normal(n), rng.standard_normal((T, 1))
    h = strength * (q @ np.array([1.0, 0.5])) + 0.3 * x + 0.8 * e + 0.6 * v + mu
    u = np.linalg.solve(np.eye(n) - lam * w, e.T).T
    y = np.linalg.solve(np.eye(n) - rho * w, (x + 0.7 * h + mu + xi + u).T).T
    values = np.stack([y, x, h, q[:, :, 0], q[:, :, 1]], axis=2)
    return Panel(values, labels(n), tuple(range(2000, 2000 + T)), ("y", "x", "h", "q1", "q2"))


def equation(panel, weights, **options):
    given = {"outcome": "y", "regressors": ["x", "h"], "endogenous": ["h"], "instruments": ["q1", "q2"]}
    return SpatialIV(panel, weights, **{**given, **options})


@pytest.fixture(scope="module")
def weights():
    return make_weights("row", N)


@pytest.fixture(scope="module")
def panel(weights):
    return simulate(N, T, weights, seed=5)


def dummies(effects):
    unit, period = np.tile(np.arange(N), T), np.repeat(np.arange(T), N)
    one = np.ones((N * T, 1))
    by_unit, by_period = (unit[:, None] == np.arange(1, N)), (period[:, None] == np.arange(1, T))
    parts = {"pooled": [], "individual": [by_unit], "time": [by_period], "twoways": [by_unit, by_period]}
    return np.concatenate([one, *parts[effects]], axis=1).astype(float)


def lag(weights, values, power=1):
    return values @ np.linalg.matrix_power(weights.to_dense(), power).T


def with_dummies(panel, weights, effects):
    """Return y, [endogenous, exogenous, dummies] and [instruments, exogenous, dummies], stacked."""
    flat = {name: panel[name].ravel() for name in panel.variables}
    lags = {f"W{p}": lag(weights, panel["x"], p).ravel() for p in (1, 2)}
    wy, d = lag(weights, panel["y"]).ravel(), dummies(effects)
    x = np.column_stack([wy, flat["h"], flat["x"], d])
    z = np.column_stack([flat["q1"], flat["q2"], lags["W1"], lags["W2"], flat["x"], d])
    return flat["y"], x, z


def two_stage(y, x, z):
    fitted = z @ np.linalg.lstsq(z, x, rcond=None)[0]
    b = np.linalg.solve(fitted.T @ x, fitted.T @ y)
    return b, y - x @ b, fitted


def rss(y, x):
    return float(((y - x @ np.linalg.lstsq(x, y, rcond=None)[0]) ** 2).sum())


NAMES = ["rho", "h", "x"]


@pytest.mark.parametrize("effects", EFFECTS)
def test_equals_two_stage_least_squares_with_dummies(panel, weights, effects):
    y, x, z = with_dummies(panel, weights, effects)
    b, e, _ = two_stage(y, x, z)
    fit = equation(panel, weights, effects=effects).fit()
    assert_allclose(fit.params[NAMES], b[:3], **ROUNDING)
    assert_allclose(fit.residual_values.ravel(), e, **ROUNDING)
    assert fit.df_residual == N * T - x.shape[1]
    assert_allclose(fit.sigma2, e @ e / fit.df_residual, **ROUNDING)


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("kind", ["unadjusted", "robust", "clustered"])
def test_covariances_are_those_of_the_regression_with_dummies(panel, weights, effects, kind):
    y, x, z = with_dummies(panel, weights, effects)
    _, e, fitted = two_stage(y, x, z)
    inverse = np.linalg.inv(fitted.T @ fitted)
    scores = fitted * e[:, None]
    k = 3 + (effects == "pooled")
    nested = 0 if effects == "pooled" else 1 + (T - 1) * (effects != "individual")
    clusters = scores.reshape(T, N, -1).sum(axis=0)
    df = N * T - x.shape[1]
    middle = {
        "unadjusted": fitted.T @ fitted * (e @ e) / df,
        "robust": scores.T @ scores * (N * T) / df,
        "clustered": clusters.T @ clusters * N / (N - 1) * (N * T - 1) / (N * T - k - nested),
    }
    expected = (inverse @ middle[kind] @ inverse)[:3, :3]
    fit = equation(panel, weights, effects=effects).fit(covariance=kind)
    assert_allclose(fit.cov.loc[NAMES, NAMES], expected, **ROUNDING)


def test_without_small_sample_factor_the_divisor_is_the_rank_of_the_projector(panel, weights):
    model = equation(panel, weights)
    small, large = model.fit(), model.fit(small_sample=False)
    ratio = small.df_residual / degrees_of_freedom("twoways", N, T)
    assert_allclose(large.cov, small.cov * ratio, **ROUNDING)
    assert_allclose(large.sigma2, small.sigma2 * ratio, **ROUNDING)


@pytest.mark.parametrize("effects", EFFECTS)
def test_first_stage_f_is_that_of_the_excluded_instruments(panel, weights, effects):
    _, x, z = with_dummies(panel, weights, effects)
    fit = equation(panel, weights, effects=effects).fit()
    table = fit.first_stage.set_index("variable")
    for j, name in enumerate(("rho", "h")):
        free = rss(x[:, j], z)
        f = (rss(x[:, j], z[:, 4:]) - free) / 4 / (free / (N * T - z.shape[1]))
        assert_allclose(table.loc[name, "f"], f, **ROUNDING)
        assert_allclose(table.loc[name, "partial_r2"], 1 - free / rss(x[:, j], z[:, 4:]), **ROUNDING)
    assert list(table["df_denom"]) == [N * T - z.shape[1]] * 2


def test_conditional_f_partials_the_other_endogenous_variable_out(panel, weights):
    _, x, z = with_dummies(panel, weights, "twoways")
    table = equation(panel, weights).fit().first_stage.set_index("variable")
    for j, name in enumerate(("rho", "h")):
        others = np.column_stack([x[:, 1 - j], x[:, 2:]])
        _, rest, _ = two_stage(x[:, j], others, z)
        free = rss(rest, z)
        f = (rss(rest, z[:, 4:]) - free) / 3 / (free / (N * T - z.shape[1]))
        assert_allclose(table.loc[name, "conditional_f"], f, **ROUNDING)
        assert table.loc[name, "conditional_df"] == 3


def test_conditional_f_of_one_endogenous_variable_is_the_first_stage_f(panel, weights):
    row = equation(panel, weights, lag=False).fit().first_stage.iloc[0]
    assert_allclose(row["conditional_f"], row["f"], **ROUNDING)


@pytest.mark.parametrize("effects", EFFECTS)
def test_sargan_is_n_times_r2_of_the_residuals(panel, weights, effects):
    y, x, z = with_dummies(panel, weights, effects)
    _, e, _ = two_stage(y, x, z)
    row = equation(panel, weights, effects=effects).fit().overidentification.iloc[0]
    count = degrees_of_freedom(effects, N, T)
    assert_allclose(row["statistic"], count * (1 - rss(e, z) / (e @ e)), **ROUNDING)
    assert row["df"] == 2


@pytest.mark.parametrize("effects", EFFECTS)
def test_wu_hausman_is_the_f_of_the_first_stage_residuals(panel, weights, effects):
    y, x, z = with_dummies(panel, weights, effects)
    residuals = x[:, :2] - z @ np.linalg.lstsq(z, x[:, :2], rcond=None)[0]
    augmented = np.column_stack([x, residuals])
    df = N * T - augmented.shape[1]
    f = (rss(y, x) - rss(y, augmented)) / 2 / (rss(y, augmented) / df)
    row = equation(panel, weights, effects=effects).fit().endogeneity.iloc[-1]
    assert row["variables"] == "rho + h"
    assert (row["df"], row["df_denom"]) == (2, df)
    assert_allclose(row["statistic"], f, **ROUNDING)


def test_robust_endogeneity_test_is_the_wald_test_of_the_augmented_regression(panel, weights):
    y, x, z = with_dummies(panel, weights, "twoways")
    residuals = x[:, :2] - z @ np.linalg.lstsq(z, x[:, :2], rcond=None)[0]
    augmented = np.column_stack([residuals, x])
    inverse = np.linalg.inv(augmented.T @ augmented)
    b = inverse @ augmented.T @ y
    clusters = (augmented * (y - augmented @ b)[:, None]).reshape(T, N, -1).sum(axis=0)
    cov = (inverse @ clusters.T @ clusters @ inverse)[:2, :2]
    row = equation(panel, weights).fit(covariance="clustered").endogeneity.iloc[-1]
    assert_allclose(row["statistic"], b[:2] @ np.linalg.solve(cov, b[:2]), rtol=1e-6)


@pytest.mark.parametrize("kind", ["robust", "clustered"])
def test_two_step_gmm_and_hansen_j_solve_their_normal_equations(panel, weights, kind):
    model = equation(panel, weights)
    y, x, z = (within(a.reshape(T, N, -1), "twoways").reshape(N * T, -1) for a in _plain(panel, weights))
    _, e, _ = two_stage(y[:, 0], x, z)
    scores = z * e[:, None]
    if kind == "clustered":
        scores = scores.reshape(T, N, -1).sum(axis=0)
    weight = np.linalg.inv(scores.T @ scores)
    left = x.T @ z @ weight
    b = np.linalg.solve(left @ z.T @ x, left @ z.T @ y[:, 0])
    moments = z.T @ (y[:, 0] - x @ b)
    fit = model.fit("gmm", kind)
    assert_allclose(fit.params[NAMES], b, **ROUNDING)
    hansen = fit.overidentification.set_index("test").loc["Hansen J"]
    assert_allclose(hansen["statistic"], moments @ weight @ moments, **ROUNDING)
    assert_allclose(model.fit("s2sls", kind).overidentification.iloc[-1]["statistic"], hansen["statistic"])


def _plain(panel, weights):
    y, x, z = with_dummies(panel, weights, "pooled")
    return y, x[:, :3], z[:, :5]


def test_homoskedastic_gmm_is_two_stage_least_squares(panel, weights):
    model = equation(panel, weights)
    assert_allclose(model.fit("gmm").values, model.fit().values, **ROUNDING)


def test_spatial_lags_of_an_endogenous_regressor_are_endogenous(panel, weights):
    model = equation(panel, weights, durbin="all", lag_instruments=True)
    fit = model.fit()
    assert fit.endogenous == ("rho", "h", "W_h")
    assert fit.names == ("x", "h", "W_x", "W_h", "rho")
    assert fit.instruments == ("q1", "q2", "W_q1", "W_q2", "W2_x", "W2_q1", "W2_q2")


def test_orders_of_spatial_lags(panel, weights):
    assert equation(panel, weights, orders=1).fit().instruments == ("q1", "q2", "W_x")
    assert equation(panel, weights, orders=3).fit().instruments[-1] == "W3_x"
    assert equation(panel, None, lag=False).fit().instruments == ("q1", "q2")


@pytest.mark.parametrize("kind", ["unadjusted", "robust", "clustered"])
def test_an_equation_without_exogenous_regressors(panel, kind):
    model = equation(panel, None, lag=False, regressors=["h"], effects="individual")
    q, h, y = (within(panel.array([v]), "individual").reshape(N * T, -1) for v in ("q1", "h", "y"))
    z = np.column_stack([q, within(panel["q2"], "individual").ravel()])
    assert_allclose(model.fit(covariance=kind).values, two_stage(y[:, 0], h, z)[0], **ROUNDING)


@pytest.mark.parametrize("kind", ["unadjusted", "robust", "clustered"])
def test_units_of_measurement_do_not_matter(panel, weights, kind):
    scale = np.array([1e4, 1e-3, 1e5, 1e-4, 1e3])
    scaled = Panel(panel.values * scale, panel.units, panel.periods, panel.variables)
    one, other = (equation(p, weights).fit("gs2sls", kind) for p in (panel, scaled))
    factor = scale[0] / np.array([scale[1], scale[2], scale[0]])
    assert_allclose(other.values, one.values * factor, rtol=1e-6)
    assert_allclose(other.standard_errors, one.standard_errors * factor, rtol=1e-6)
    assert_allclose(other.endogeneity["statistic"], one.endogeneity["statistic"], rtol=1e-5)
    assert_allclose(other.overidentification["statistic"], one.overidentification["statistic"], rtol=1e-5)


def test_weights_by_period_that_are_the_same_change_nothing(panel, weights):
    one, several = (equation(panel, w).fit() for w in (weights, [weights] * T))
    assert_allclose(several.values, one.values, **ROUNDING)


def test_order_of_units_does_not_matter(panel, weights):
    order = panel.units[::-1]
    turned = equation(panel.select(units=order), weights.reindex(order)).fit("gs2sls", "clustered")
    straight = equation(panel, weights).fit("gs2sls", "clustered")
    assert_allclose(turned.values, straight.values, **ROUNDING)
    assert_allclose(turned.cov, straight.cov, **ROUNDING)
    assert_allclose(turned.lam, straight.lam, **ROUNDING)


# ---------------------------------------------------------------- moments of the error process


def moments_at(residuals, weights, effects, lam, sigma2):
    """Return the three moments minus their expectations, by their definition."""
    w, n = weights.to_dense(), weights.n
    e = residuals - lam * within(residuals @ w.T, effects)
    e1 = within(e @ w.T, effects)
    demean = np.eye(n) - (1.0 / n if effects in ("time", "twoways") else 0.0)
    m = demean @ w @ demean
    count = degrees_of_freedom(effects, n, len(residuals))
    periods = count / np.trace(demean)
    expected = np.array([count, periods * (m * m).sum(), periods * np.trace(m)]) * sigma2
    return (np.array([(e * e).sum(), (e1 * e1).sum(), (e1 * e).sum()]) - expected) / count


@pytest.mark.parametrize("effects", EFFECTS)
def test_moment_estimate_minimises_the_criterion(weights, effects):
    from scipy.optimize import minimize

    u = within(np.random.default_rng(3).standard_normal((T, N)), effects)
    interval = weights.eigenvalue_interval
    found = estimate_error_process(u, weights, effects, interval, weighting="unweighted")

    def criterion(theta):
        return float((moments_at(u, weights, effects, *theta) ** 2).sum())

    at = criterion((found.lam, found.sigma2))
    assert_allclose(at, found.criterion, rtol=1e-6, atol=1e-14)
    searched = minimize(criterion, [0.1, 1.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-15})
    assert at <= searched.fun + 1e-12
    assert_allclose([found.lam, found.sigma2], searched.x, atol=1e-5)


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("weighting", ["weighted", "unweighted"])
def test_moments_have_their_expectations_and_recover_lam(weights, effects, weighting):
    rng = np.random.default_rng(8)
    w, lam = weights.to_dense(), 0.5
    draws, estimates = [], []
    for _ in range(300):
        e = 0.7 * rng.standard_normal((T, N))
        u = within(np.linalg.solve(np.eye(N) - lam * w, e.T).T, effects)
        draws.append(moments_at(u, weights, effects, lam, 0.49))
        found = estimate_error_process(u, weights, effects, weights.eigenvalue_interval, weighting=weighting)
        estimates.append((found.lam, found.sigma2))
    sample = np.array(draws)
    error = sample.std(axis=0, ddof=1) / np.sqrt(len(sample))
    assert np.all(np.abs(sample.mean(axis=0)) < STANDARD_ERRORS * error)
    # Moment estimates are consistent, not unbiased: some hundredths are left at this size.
    assert_allclose(np.median(estimates, axis=0), [lam, 0.49], atol=0.06)


# ---------------------------------------------------------------- simulation


def _estimates(method, lam, draws=25, **options):
    weights = make_weights("row", 40)
    panels = (simulate(40, 8, weights, lam=lam, seed=100 + s) for s in range(draws))
    return [equation(p, weights, **options).fit(method) for p in panels]


@pytest.mark.parametrize(("method", "lam"), [("s2sls", 0.0), ("gmm", 0.0), ("gs2sls", 0.5)])
def test_recovers_the_parameters_with_an_endogenous_regressor(method, lam):
    fits = _estimates(method, lam)
    values = np.array([fit.params[["rho", "x", "h"]] for fit in fits])
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    assert np.all(np.abs(values.mean(axis=0) - [0.4, 1.0, 0.7]) < STANDARD_ERRORS * error + 0.005)
    # Reported errors match the spread over draws within the 58 % that 25 draws allow (4/sqrt(2 * 24)).
    reported = np.median([fit.std_errors[["rho", "x", "h"]] for fit in fits], axis=0)
    assert_allclose(reported, values.std(axis=0, ddof=1), rtol=0.58)
    if lam:
        assert_allclose(np.mean([fit.lam for fit in fits]), lam, atol=0.05)


def test_taking_the_regressor_as_exogenous_is_biased_and_the_test_finds_it():
    naive = np.mean([fit["h"] for fit in _estimates("s2sls", 0.0, draws=12, endogenous=[])])
    assert naive > 0.8
    fits = _estimates("s2sls", 0.0, draws=12)
    p = [fit.endogeneity.set_index("variables").loc["h", "p_value"] for fit in fits]
    assert np.mean(np.array(p) < 0.05) > 0.9


def test_overidentification_test_rejects_an_invalid_instrument():
    weights = make_weights("row", 40)
    panel = simulate(40, 8, weights, seed=1)
    wrong = panel.with_variables({"q2": panel["q2"] + 0.5 * panel["y"]})
    assert equation(panel, weights).fit().overidentification.iloc[0]["p_value"] > 0.01
    assert equation(wrong, weights).fit().overidentification.iloc[0]["p_value"] < 1e-6


# ---------------------------------------------------------------- result


@pytest.fixture(scope="module")
def fit(panel, weights):
    return equation(panel, weights, durbin=["x"]).fit("gs2sls", "clustered")


def test_effects_are_those_of_the_coefficients(fit, weights):
    table = fit.effects(draws=200).to_frame().set_index(["term", "component"])["estimate"]
    s = np.linalg.inv(np.eye(N) - fit["rho"] * weights.to_dense())
    m = s @ (fit["x"] * np.eye(N) + fit["W_x"] * weights.to_dense())
    assert_allclose(table["x", "direct"], np.trace(m) / N, **ROUNDING)
    assert_allclose(table["x", "total"], m.sum() / N, **ROUNDING)
    assert_allclose(table["h", "total"], fit["h"] / (1 - fit["rho"]), **ROUNDING)


def test_dictionary_round_trip(fit, weights):
    payload = json.loads(json.dumps(fit.to_dict(), allow_nan=False))
    back = SpatialIVFit.from_dict(payload, weights)
    assert back.to_dict() == fit.to_dict()
    assert_allclose(back.effects(50).estimate, fit.effects(50).estimate, rtol=1e-14)
    assert_allclose(back.residuals, fit.residuals)


def test_fit_read_back_without_weights_has_no_effects(fit, panel):
    back = SpatialIVFit.from_dict(fit.to_dict(arrays=False))
    with pytest.raises(DataError, match="need the weights"):
        back.effects()
    with pytest.raises(DataError, match="without its residuals"):
        _ = back.residuals
    with pytest.raises(DataError, match="not the weights"):
        back.with_weights(make_weights("nearest", N))
    with pytest.raises(DataError, match="known format"):
        SpatialIVFit.from_dict({"format": 9})


def test_summary_names_what_a_reader_needs(fit):
    text = fit.summary()
    for part in (
        "GS2SLS of y",
        "Instruments: q1, q2, W2_x",
        "First stage of h",
        "Hansen J",
        "Exogeneity of rho",
    ):
        assert part in text
    assert "14 clusters" in text
    assert str(fit) == text


def test_table_plug_in(fit):
    assert list(fit.__maketables_coef_table__.index) == list(fit.names)
    assert fit.__maketables_stat__("first_stage_f") == fit.first_stage["f"].min()
    assert fit.__maketables_stat__("unknown") is None
    assert fit.__maketables_vcov_info__["clustervar"] == "unit"


def test_weak_instruments_are_named(weights):
    panel = simulate(N, T, weights, seed=2, strength=0.02)
    fit = equation(panel, weights).fit()
    assert fit.first_stage.set_index("variable").loc["h", "weak"]
    assert any(note.startswith("Weak instruments") and "h (" in note for note in fit.notes)


def test_robust_errors_with_individual_effects_carry_their_warning(panel, weights):
    notes = equation(panel, weights).fit(covariance="robust").notes
    assert any("Stock and Watson" in note for note in notes)


def test_just_identified_equation_has_no_overidentification_test(panel):
    model = equation(panel, None, lag=False, instruments=["q1"])
    fit = model.fit(covariance="robust")
    assert fit.overidentification.empty
    assert any("just identified" in note for note in fit.notes)
    assert_allclose(model.fit("gmm", "robust").values, fit.values, **ROUNDING)


def test_rho_outside_its_interval_is_flagged_and_has_no_effects(weights):
    w = weights.to_dense()
    rng = np.random.default_rng(0)
    x = rng.standard_normal((T, N))
    y = np.linalg.solve(np.eye(N) - 1.3 * w, x.T).T + 1e-3 * rng.standard_normal((T, N))
    panel = Panel(np.stack([y, x], axis=2), labels(N), tuple(range(T)), ("y", "x"))
    fit = SpatialIV(panel, weights, outcome="y", regressors=["x"], effects="pooled").fit()
    assert fit["rho"] > 1.2
    assert any("outside its admissible interval" in note for note in fit.notes)
    with pytest.raises(ConvergenceError, match="outside its admissible interval"):
        fit.effects()


# ---------------------------------------------------------------- refusals


def test_too_few_instruments(panel, weights):
    with pytest.raises(IdentificationError, match="under-identified") as caught:
        equation(panel, None, lag=False, instruments=[]).fit()
    assert "at least 1 instruments for h" in str(caught.value)
    assert "found: 0: none" in str(caught.value)


def test_collinear_instruments_are_named(panel, weights):
    more = panel.with_variables({"q2": 2 * panel["q1"] + panel["x"]})
    with pytest.raises(IdentificationError, match="Instruments are collinear") as caught:
        equation(more, weights).fit()
    assert "q2" in str(caught.value)


def test_absorbed_instruments_are_named(panel, weights):
    more = panel.with_variables({"q2": np.broadcast_to(panel["q2"][0], (T, N)).copy()})
    with pytest.raises(IdentificationError, match="absorbed by the individual effects") as caught:
        equation(more, weights, effects="individual").fit()
    assert "q2" in str(caught.value)


def test_instruments_without_relation_are_refused(panel):
    y = panel["y"]
    rng = np.random.default_rng(1)
    q = within(rng.standard_normal((T, N)), "individual")
    h = within(rng.standard_normal((T, N)), "individual")
    h = h - q * (q * h).sum() / (q * q).sum()
    values = np.stack([y, h, q], axis=2)
    data = Panel(values, panel.units, panel.periods, ("y", "h", "q"))
    model = SpatialIV(
        data,
        outcome="y",
        regressors=["h"],
        endogenous=["h"],
        instruments=["q"],
        effects="individual",
        lag=False,
    )
    with pytest.raises(IdentificationError, match="do not identify"):
        model.fit()


def test_nothing_endogenous(panel):
    with pytest.raises(IdentificationError, match="no endogenous variable"):
        equation(panel, None, lag=False, endogenous=[]).fit()


def test_gmm_with_fewer_units_than_moments(weights_of):
    weights = weights_of("row", 6)
    panel = simulate(6, 12, weights)
    with pytest.raises(IdentificationError, match="not more clusters than moments"):
        equation(panel, weights, orders=2, durbin=["x"], lag_instruments=True).fit("gmm", "clustered")
    fit = equation(panel, weights, orders=2, durbin=["x"], lag_instruments=True).fit("s2sls", "clustered")
    assert any("Hansen's J is not defined" in note for note in fit.notes)


def test_too_few_observations(weights_of):
    weights = weights_of("row", 6)
    with pytest.raises(IdentificationError, match="Fewer effective observations"):
        equation(simulate(6, 2, weights), weights).fit()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"endogenous": ["z"]}, "endogenous names a variable that is not among the regressors"),
        ({"durbin": ["q1"]}, "durbin names a variable that is not among the regressors"),
        ({"instruments": ["x"]}, "names each variable once"),
        ({"instruments": "q1"}, "instruments is a list of names"),
        ({"orders": 0}, "orders is out of range"),
        ({"effects": "random"}, "Unknown effects structure"),
    ],
)
def test_options_that_do_not_fit(panel, weights, options, message):
    with pytest.raises(ConfigError, match=message):
        equation(panel, weights, **options)


@pytest.mark.parametrize(
    "options", [{"method": "ols"}, {"covariance": "white"}, {"method": "gs2sls", "moments": "other"}]
)
def test_unknown_options_of_fit(panel, weights, options):
    with pytest.raises(ConfigError, match="Unknown"):
        equation(panel, weights).fit(**options)


def test_spatial_terms_need_weights(panel):
    with pytest.raises(WeightsError, match="need spatial weights"):
        equation(panel, None)
    with pytest.raises(WeightsError, match="error process needs"):
        equation(panel, None, lag=False).fit("gs2sls")


def test_error_process_needs_weights_that_commute(panel, weights):
    spectral = make_weights("spectral", N)
    with pytest.raises(ConfigError, match="row-standardised error weights"):
        equation(panel, spectral).fit("gs2sls")
    assert equation(panel, spectral, error_weights=weights).fit("gs2sls").lam is not None
    with pytest.raises(ConfigError, match="same in every period"):
        equation(panel, [weights] * (T - 1) + [make_weights("nearest", N)]).fit("gs2sls")


def test_error_process_at_the_edge_is_refused(weights):
    flat = np.ones((T, N)) + 1e-6 * np.random.default_rng(0).standard_normal((T, N))
    with pytest.raises(ConvergenceError, match="edge of its interval"):
        estimate_error_process(flat, weights, "pooled", (-1.0, 0.5))
