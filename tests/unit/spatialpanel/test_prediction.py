"""Recovered effects against dummies, reduced forms against inverses, predictions and measures of fit."""

import numpy as np
import pytest
from spatial_cases import make_panel, make_weights

from shuyi.errors import AlignmentError, ConfigError, DataError
from shuyi.panel import Panel
from shuyi.spatialpanel import OLS, SAC, SAR, SDEM, SDM, SEM, SLX, Fit

# Two ways of solving the same normal equations of at most 40 unknowns.
SOLVE = {"rtol": 1e-8, "atol": 1e-10}

N, T = 12, 7
CONVENTIONS = ("exact", "demean_then_lag", "lee_yu", "lee_yu_bias")


@pytest.fixture
def weights():
    return make_weights("nearest", N)


@pytest.fixture
def panel(weights):
    return make_panel(N, T, weights, seed=4)


def model(kind, panel, weights, effects="twoways"):
    return kind(panel, weights, outcome="y", regressors=["x1", "x2"], effects=effects)


def dummies(effects):
    """Columns of a full set of effects under the printed normalisation, shape (T, n, q), and their names."""
    columns = [np.ones((T, N))]
    if effects in ("individual", "twoways"):
        columns += [np.tile(np.eye(N)[i] - np.eye(N)[-1], (T, 1)) for i in range(N - 1)]
    if effects in ("time", "twoways"):
        columns += [np.tile((np.eye(T)[t] - np.eye(T)[-1])[:, None], (1, N)) for t in range(T - 1)]
    return np.stack(columns, axis=2)


def split(values, effects):
    """Return intercept, individual and time effects, the last of each from the sum to zero."""
    found, at = {"intercept": values[:1]}, 1
    for kind, count in (("individual", N), ("time", T)):
        if effects in (kind, "twoways"):
            free = values[at : at + count - 1]
            found[kind], at = np.append(free, -free.sum()), at + count - 1
    return found


def by_kind(frame, column="estimate"):
    return {kind: part[column].to_numpy() for kind, part in frame.groupby("kind", sort=False)}


@pytest.mark.parametrize("effects", ["individual", "time", "twoways"])
@pytest.mark.parametrize("correction", CONVENTIONS)
@pytest.mark.parametrize("kind", [SDM, SEM, SAC], ids=["sdm", "sem", "sac"])
def test_effects_are_the_dummies_at_the_estimates(kind, correction, effects, panel, weights):
    fit = model(kind, panel, weights, effects).fit(correction)
    w, named = weights.to_dense(), dict(zip(fit.names, fit.values, strict=True))
    y, x = panel["y"], panel.array(["x1", "x2"])
    lagged = np.einsum("ij,tjk->tik", w, x)
    r = y - named.get("rho", 0) * y @ w.T - x @ [named["x1"], named["x2"]]
    if kind is SDM:
        r = r - lagged @ [named["W_x1"], named["W_x2"]]
    filtering = np.eye(N) - named.get("lam", 0) * w
    columns = np.einsum("ij,tjq->tiq", filtering, dummies(effects)).reshape(T * N, -1)
    solved = np.linalg.lstsq(columns, (r @ filtering.T).ravel(), rcond=None)[0]
    expected, found = split(solved, effects), by_kind(fit.fixed_effects())
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, **SOLVE)


@pytest.mark.parametrize("effects", ["individual", "time", "twoways"])
@pytest.mark.parametrize("kind", [OLS, SLX], ids=["ols", "slx"])
def test_errors_are_those_of_least_squares_with_dummies(kind, effects, panel, weights):
    fit = model(kind, panel, weights, effects).fit("exact")
    x = panel.array(["x1", "x2"])
    if kind is SLX:
        x = np.concatenate([x, np.einsum("ij,tjk->tik", weights.to_dense(), x)], axis=2)
    columns = np.concatenate([x, dummies(effects)], axis=2).reshape(T * N, -1)
    cov = fit["sigma2"] * np.linalg.inv(columns.T @ columns)
    k = x.shape[2]
    found, at = by_kind(fit.fixed_effects(), "std_error"), k + 1
    np.testing.assert_allclose(found["intercept"], np.sqrt(cov[k, k]), **SOLVE)
    for name, count in (("individual", N), ("time", T)):
        if name in found:
            free = np.arange(at, at + count - 1)
            errors = np.append(np.sqrt(np.diag(cov)[free]), np.sqrt(cov[np.ix_(free, free)].sum()))
            np.testing.assert_allclose(found[name], errors, **SOLVE)
            at += count - 1


def test_errors_are_those_of_the_information_with_dummies(panel, weights):
    """SAR with individual effects: the dummies are columns of X in the information of all parameters."""
    fit = model(SAR, panel, weights, "individual").fit("exact")
    rho, s2, w = fit["rho"], fit["sigma2"], weights.to_dense()
    frame = by_kind(fit.fixed_effects())
    columns = np.concatenate([panel.array(["x1", "x2"]), dummies("individual")], axis=2)
    values = np.r_[fit.values[:2], frame["intercept"], frame["individual"][:-1]]
    g = np.linalg.solve((np.eye(N) - rho * w).T, w.T).T
    all_columns = np.concatenate([columns, ((columns @ values) @ g.T)[:, :, None]], axis=2).reshape(T * N, -1)
    q = all_columns.shape[1]
    info = np.zeros((q + 1, q + 1))
    info[:q, :q] = all_columns.T @ all_columns / s2
    info[q - 1, q - 1] += T * ((g * g.T).sum() + (g * g).sum())
    info[q - 1, q] = info[q, q - 1] = T * np.trace(g) / s2
    info[q, q] = N * T / (2 * s2**2)
    cov = np.linalg.inv(info)
    found = by_kind(fit.fixed_effects(), "std_error")
    np.testing.assert_allclose(found["intercept"], np.sqrt(cov[2, 2]), **SOLVE)
    np.testing.assert_allclose(found["individual"][:-1], np.sqrt(np.diag(cov)[3 : 3 + N - 1]), **SOLVE)


def test_errors_under_a_spatial_error_process(panel, weights):
    """SEM: generalised least squares on filtered dummies; lam is orthogonal to the means."""
    fit = model(SEM, panel, weights, "twoways").fit("exact")
    filtering = np.eye(N) - fit["lam"] * weights.to_dense()
    columns = np.concatenate([panel.array(["x1", "x2"]), dummies("twoways")], axis=2)
    filtered = np.einsum("ij,tjq->tiq", filtering, columns).reshape(T * N, -1)
    cov = fit["sigma2"] * np.linalg.inv(filtered.T @ filtered)
    found = by_kind(fit.fixed_effects(), "std_error")
    np.testing.assert_allclose(found["intercept"], np.sqrt(cov[2, 2]), **SOLVE)
    np.testing.assert_allclose(found["individual"][:-1], np.sqrt(np.diag(cov)[3 : 2 + N]), **SOLVE)
    np.testing.assert_allclose(found["time"][:-1], np.sqrt(np.diag(cov)[2 + N :]), **SOLVE)


@pytest.mark.parametrize("kind", [SDM, SAR, SDEM, SLX], ids=["sdm", "sar", "sdem", "slx"])
def test_reduced_form_plus_propagated_innovations_is_the_outcome(kind, panel, weights):
    fit = model(kind, panel, weights).fit("exact")
    w = weights.to_dense()
    named = dict(zip(fit.names, fit.values, strict=True))
    e = fit.residual_values
    u = np.linalg.solve(np.eye(N) - named.get("lam", 0) * w, e.T).T
    propagated = np.linalg.solve(np.eye(N) - named.get("rho", 0) * w, u.T).T
    fitted = fit.fitted_reduced_form.to_numpy().reshape(N, T).T
    np.testing.assert_allclose(fitted + propagated, panel["y"], **SOLVE)


def test_prediction_in_the_sample_is_the_reduced_form(panel, weights):
    for effects in ("pooled", "individual", "time", "twoways"):
        fit = model(SDM, panel, weights, effects).fit()
        np.testing.assert_allclose(fit.predict(panel), fit.fitted_reduced_form, **SOLVE)
        frame = panel.to_frame().sample(frac=1, random_state=3)
        predicted = fit.predict(frame)
        np.testing.assert_allclose(predicted, fit.fitted_reduced_form, **SOLVE)
        assert predicted.index.names == ["unit", "period"]


def test_new_periods_have_the_mean_or_the_last_time_effect(panel, weights):
    fit = model(SDM, panel, weights).fit()
    later = Panel(panel.values[-1:].copy(), panel.units, (2050,), panel.variables)
    known = fit.predict(panel).xs(panel.periods[-1], level="period")
    time = by_kind(fit.fixed_effects())["time"]
    # Rows of W sum to one, so that a common shift passes through with 1/(1 - rho).
    shift = time[-1] / (1 - fit["rho"])
    np.testing.assert_allclose(fit.predict(later).droplevel("period"), known - shift, **SOLVE)
    np.testing.assert_allclose(fit.predict(later, "last").droplevel("period"), known, **SOLVE)


def test_new_periods_of_varying_weights_need_weights(panel, weights):
    other = make_weights("row", N)
    several = [weights if t % 2 else other for t in range(T)]
    fit = model(SDM, panel, several, "individual").fit("exact")
    np.testing.assert_allclose(fit.predict(panel), fit.fitted_reduced_form, **SOLVE)
    later = Panel(panel.values[:1].copy(), panel.units, (2050,), panel.variables)
    with pytest.raises(ConfigError, match="no weights for 2050"):
        fit.predict(later)
    first = fit.predict(panel).xs(panel.periods[0], level="period")
    predicted = fit.predict(later, weights={2050: other}).droplevel("period")
    np.testing.assert_allclose(predicted, first, **SOLVE)


def test_sparse_weights_predict_as_dense_ones(panel, weights):
    from scipy.sparse import csr_array

    from shuyi.weights import Weights

    sparse = Weights(csr_array(weights.to_dense()), weights.labels, "nearest", "row")
    one, two = (model(SDM, panel, w).fit().fitted_reduced_form for w in (weights, sparse))
    np.testing.assert_allclose(one, two, **SOLVE)


def test_measures_of_fit_of_least_squares(panel, weights):
    """Without spatial terms the five measures are the within and the overall R2 of regression."""
    fit = model(OLS, panel, None, "individual").fit("exact")
    measures = fit.r_squared()["value"]
    y, x = panel["y"], panel.array(["x1", "x2"])
    y_in, x_in = y - y.mean(axis=0), (x - x.mean(axis=0)).reshape(-1, 2)
    e = y_in.ravel() - x_in @ np.linalg.lstsq(x_in, y_in.ravel(), rcond=None)[0]
    within, overall = 1 - e @ e / (y_in**2).sum(), 1 - e @ e / ((y - y.mean()) ** 2).sum()
    assert measures["within"] == pytest.approx(within, rel=1e-10)
    assert measures["correlation_within"] == pytest.approx(within, rel=1e-10)
    for name in ("overall", "correlation", "reduced_form"):
        assert measures[name] == pytest.approx(overall, rel=1e-10)


def test_measures_of_fit_of_a_spatial_model(panel, weights):
    fit = model(SDM, panel, weights).fit()
    measures = fit.r_squared()
    y, fitted = panel["y"], fit.fitted_reduced_form.to_numpy().reshape(N, T).T
    assert measures.loc["correlation", "value"] == pytest.approx(
        np.corrcoef(y.ravel(), fitted.ravel())[0, 1] ** 2
    )
    inner = fitted - fitted.mean(axis=0) - fitted.mean(axis=1, keepdims=True) + fitted.mean()
    transformed = np.corrcoef(fit.problem.y.ravel(), inner.ravel())[0, 1] ** 2
    w = weights.to_dense()
    bare = np.linalg.solve(np.eye(N) - fit["rho"] * w, (fit.problem.x @ fit.values[:4]).T).T
    expected = np.corrcoef(fit.problem.y.ravel(), bare.ravel())[0, 1] ** 2
    assert measures.loc["correlation_within", "value"] == pytest.approx(expected)
    assert transformed == pytest.approx(expected, rel=0.1)
    assert measures["definition"].str.len().min() > 20


def test_fits_without_data_or_of_other_kinds_are_refused(panel, weights):
    fit = model(SDM, panel, weights).fit()
    restored = Fit.from_dict(fit.to_dict(), weights)
    with pytest.raises(DataError, match="estimate the model again"):
        restored.fixed_effects()
    with pytest.raises(ConfigError, match="static models"):
        model(SDM, panel, weights, "random").fit().r_squared()
    with pytest.raises(ConfigError, match="const"):
        model(SDM, panel, weights, "pooled").fit().fixed_effects()


def test_new_data_are_checked(panel, weights):
    fit = model(SDM, panel, weights).fit()
    frame = panel.to_frame()
    with pytest.raises(AlignmentError, match="u03"):
        fit.predict(frame.drop(index="u03"))
    with pytest.raises(DataError, match="x2"):
        fit.predict(frame.drop(columns="x2"))
    with pytest.raises(DataError, match="infinite"):
        fit.predict(frame.assign(x1=np.nan))
    with pytest.raises(ConfigError, match="mean, last"):
        fit.predict(frame, "first")
