"""Direct, indirect and total effects against inverses of n x n matrices."""

import json

import numpy as np
import pytest

from shuyi.errors import ConfigError, ConvergenceError, DataError, IdentificationError
from shuyi.spatialpanel import OLS, SAR, SDEM, SDM, SEM, SLX, Fit
from shuyi.spatialpanel.effects import COMPONENTS, Coefficients, Spillover, effects_at, partition

# Effects from eigenvalues and from inverses of matrices of order ten.
EXACT = 1e-10
# Monte Carlo error of a standard deviation from 20,000 draws is half a per cent; four of these.
SIMULATED = 0.02

N, T = 10, 8
KINDS = ["row", "nearest", "spectral", "symmetric"]


def fitted(model, kind, panel_of, weights_of, effects="individual", **options):
    weights = weights_of(kind, N)
    rho = 0.25 * weights.eigenvalue_interval[1]
    panel = panel_of(N, T, weights, rho=rho, seed=3)
    return weights, model(
        panel, weights, outcome="y", regressors=["x1", "x2"], effects=effects, **options
    ).fit("exact")


def brute(b, th, rho, w):
    s = np.linalg.inv(np.eye(len(w)) - rho * w)
    m = s @ (b * np.eye(len(w)) + th * w)
    direct, total = np.trace(m) / len(w), m.sum() / len(w)
    return np.array([direct, total - direct, total])


def parameters(fit, term):
    names = fit.names
    th = fit[f"W_{term}"] if f"W_{term}" in names else 0.0
    return fit[term], th, fit["rho"] if "rho" in names else 0.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", [OLS, SLX, SAR, SEM, SDM, SDEM])
def test_effects_are_those_of_the_inverse(model, kind, panel_of, weights_of):
    weights, fit = fitted(model, kind, panel_of, weights_of)
    found = fit.effects(draws=0)
    for i, term in enumerate(("x1", "x2")):
        expected = brute(*parameters(fit, term), weights.to_dense())
        np.testing.assert_allclose(found.estimate[i], expected, atol=EXACT)
    assert found.terms == ("x1", "x2")


def test_total_of_row_standardised_weights_is_the_identity(panel_of, weights_of):
    _, fit = fitted(SDM, "nearest", panel_of, weights_of)
    b, th, rho = parameters(fit, "x1")
    assert fit.effects(draws=0).estimate[0, 2] == pytest.approx((b + th) / (1 - rho), rel=1e-12)


def test_lagged_regressors_feed_back_into_the_direct_effect(panel_of, weights_of):
    weights, fit = fitted(SDM, "row", panel_of, weights_of)
    b, th, rho = parameters(fit, "x1")
    s = np.linalg.inv(np.eye(N) - rho * weights.to_dense())
    feedback = th * np.trace(s @ weights.to_dense()) / N
    without = b * np.trace(s) / N
    assert abs(feedback) > 1e-3
    assert fit.effects(draws=0).estimate[0, 0] == pytest.approx(without + feedback, abs=EXACT)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", [SLX, SAR, SDM, SDEM])
def test_delta_errors_follow_the_gradient(model, kind, panel_of, weights_of, central_difference):
    weights, fit = fitted(model, kind, panel_of, weights_of)
    errors = fit.effects(draws=0).std_error_delta
    w = weights.to_dense()
    for i, term in enumerate(("x1", "x2")):
        names = [name for name in (term, f"W_{term}", "rho") if name in fit.names]
        start = np.array([fit[name] for name in names])

        def function(values, names=names, term=term):
            named = dict(zip(names, values, strict=True))
            return brute(named[term], named.get(f"W_{term}", 0.0), named.get("rho", 0.0), w)

        gradient = central_difference(function, start)
        cov = fit.cov.loc[names, names].to_numpy()
        expected = np.sqrt(np.diag(gradient @ cov @ gradient.T))
        np.testing.assert_allclose(errors[i], expected, rtol=1e-6, atol=1e-9)


def test_simulated_errors_agree_with_the_delta_method_in_a_linear_model(panel_of, weights_of):
    _, fit = fitted(SLX, "row", panel_of, weights_of)
    found = fit.effects(draws=20_000, seed=7)
    np.testing.assert_allclose(found.std_error, found.std_error_delta, rtol=SIMULATED)
    np.testing.assert_allclose(
        found.mean_draws, found.estimate, atol=4 * found.std_error.max() / np.sqrt(20_000)
    )
    np.testing.assert_allclose(found.interval, found.interval_delta, atol=0.05 * found.std_error.max())


def test_every_draw_is_the_effect_of_its_parameters(panel_of, weights_of):
    weights, fit = fitted(SDM, "spectral", panel_of, weights_of)
    at, spillover = fit._coefficients, fit.spillover
    rng = np.random.default_rng(4)
    sample = at.values + 0.02 * rng.standard_normal((5, len(at.values)))
    found = effects_at(at, sample, spillover)
    for row, effect in zip(sample, found, strict=True):
        for k in range(2):
            np.testing.assert_allclose(
                effect[k], brute(row[k], row[2 + k], row[-1], weights.to_dense()), atol=EXACT
            )


def test_the_seed_alone_decides(panel_of, weights_of):
    _, fit = fitted(SDM, "row", panel_of, weights_of)
    first, again, other = (fit.effects(draws=50, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first.simulated, again.simulated)
    assert not np.array_equal(first.simulated, other.simulated)
    assert np.array_equal(first.estimate, other.estimate)


def restored(fit, weights, **changes):
    return Fit.from_dict({**fit.to_dict(), **changes}, weights)


def test_draws_outside_the_interval_are_redrawn_and_counted(panel_of, weights_of):
    weights, fit = fitted(SAR, "row", panel_of, weights_of)
    values, cov = fit.values.copy(), fit.covariance_matrix.copy()
    values[fit.names.index("rho")] = 0.9
    cov = np.diag([cov[0, 0], cov[1, 1], 0.1**2, cov[3, 3]])
    near = restored(fit, weights, values=values.tolist(), covariance_matrix=cov.tolist())
    found = near.effects(draws=4000, seed=1)
    # P(N(.9, .1) > 1) = .159; the other bound is far away.
    assert found.share_redrawn == pytest.approx(0.159, abs=0.02)
    assert np.isfinite(found.simulated).all()
    assert fit.effects(draws=100).share_redrawn == 0.0


def test_a_distribution_outside_the_interval_is_refused(panel_of, weights_of):
    weights, fit = fitted(SAR, "row", panel_of, weights_of)
    values, cov = fit.values.copy(), np.diag(np.diag(fit.covariance_matrix))
    values[fit.names.index("rho")] = 0.5
    cov[2, 2] = 1e4
    with pytest.raises(ConvergenceError, match="Hardly any draw of rho"):
        restored(fit, weights, values=values.tolist(), covariance_matrix=cov.tolist()).effects(draws=1000)


def test_an_estimate_outside_the_interval_has_no_effects(panel_of, weights_of):
    weights, fit = fitted(SAR, "row", panel_of, weights_of)
    values = fit.values.copy()
    values[fit.names.index("rho")] = 1.5
    with pytest.raises(ConvergenceError, match="outside its admissible interval") as caught:
        restored(fit, weights, values=values.tolist()).effects()
    assert "rho = 1.500000" in str(caught.value)


def test_an_indefinite_covariance_is_refused(panel_of, weights_of):
    weights, fit = fitted(SAR, "row", panel_of, weights_of)
    cov = fit.covariance_matrix.copy()
    cov[0, 2] = cov[2, 0] = 2 * np.sqrt(cov[0, 0] * cov[2, 2])
    with pytest.raises(IdentificationError, match="not positive semidefinite"):
        restored(fit, weights, covariance_matrix=cov.tolist()).effects()


@pytest.mark.parametrize("kind", ["row", "spectral"])
def test_orders_of_neighbourhood_add_up(kind, panel_of, weights_of):
    _, fit = fitted(SDM, kind, panel_of, weights_of)
    rows = partition(fit._coefficients, fit.spillover, 80, 0, 1)
    estimate = fit.effects(draws=0).estimate
    for i, term in enumerate(fit._coefficients.terms):
        for j, component in enumerate(COMPONENTS):
            chosen = [r["estimate"] for r in rows if r["term"] == term and r["component"] == component]
            assert sum(chosen) == pytest.approx(estimate[i, j], abs=1e-9)
    frame = fit.partition(orders=2, draws=100)
    assert (frame.query("order == 0 and component == 'indirect'").estimate == 0).all()
    assert frame.query("order == 1").std_error.gt(0).any()


def test_partition_without_weights_is_the_coefficient():
    at = Coefficients(("x",), np.array([2.0, 0.0, 0.0]), np.zeros((3, 3)))
    rows = partition(at, Spillover.of(None, 3), 1, 0, 1)
    assert [r["estimate"] for r in rows if r["component"] == "direct"] == [2.0, 0.0]


def test_effect_matrix_and_ledger(panel_of, weights_of):
    weights, fit = fitted(SDM, "nearest", panel_of, weights_of)
    b, th, rho = parameters(fit, "x2")
    w = weights.to_dense()
    expected = np.linalg.inv(np.eye(N) - rho * w) @ (b * np.eye(N) + th * w)
    matrix = fit.effect_matrix("x2")
    np.testing.assert_allclose(matrix.to_numpy(), expected, atol=EXACT)
    assert list(matrix.index) == list(weights.labels)
    book = fit.ledger("x2", draws=200, seed=1)
    off = expected - np.diag(np.diag(expected))
    np.testing.assert_allclose(book["given"], off.sum(axis=0), atol=EXACT)
    np.testing.assert_allclose(book["received"], off.sum(axis=1), atol=EXACT)
    np.testing.assert_allclose(book["net"], book["given"] - book["received"], atol=EXACT)
    assert book["received"].mean() == pytest.approx(fit.effects(draws=0).estimate[1, 1], abs=EXACT)
    assert ((book["net_low"] < book["net"]) & (book["net"] < book["net_high"])).all()
    assert abs(book["net"].sum()) < 1e-10


def test_ledger_of_an_unknown_term_is_refused(panel_of, weights_of):
    _, fit = fitted(SDM, "row", panel_of, weights_of)
    with pytest.raises(ConfigError, match="no regressor 'x9'"):
        fit.ledger("x9")


def test_weights_by_period_give_mean_effects(panel_of, weights_of):
    given = [weights_of("row", N), weights_of("nearest", N)]
    panel = panel_of(N, T, given[0], seed=3)
    by_period = [given[0]] * 6 + [given[1]] * 2
    fit = SDM(panel, by_period, outcome="y", regressors=["x1"], effects="individual").fit("exact")
    at = parameters(fit, "x1")
    expected = 0.75 * brute(*at, given[0].to_dense()) + 0.25 * brute(*at, given[1].to_dense())
    np.testing.assert_allclose(fit.effects(draws=0).estimate[0], expected, atol=EXACT)
    assert fit.effect_matrix("x1", period=2007).shape == (N, N)
    with pytest.raises(ConfigError, match="vary by period"):
        fit.effect_matrix("x1")


def test_frame_has_the_named_columns(panel_of, weights_of):
    _, fit = fitted(SDM, "row", panel_of, weights_of)
    frame = fit.effects(draws=100, seed=1).to_frame()
    assert list(frame.columns[:4]) == ["term", "component", "estimate", "std_error"]
    assert list(frame.component) == ["direct", "indirect", "total"] * 2
    assert frame[["ci_low", "ci_high", "ci_low_delta", "ci_high_delta", "p_value"]].notna().all().all()
    sums = frame.pivot_table(index="term", columns="component", values="estimate")
    np.testing.assert_allclose(sums.direct + sums.indirect, sums.total)


def test_effects_convert_to_json(panel_of, weights_of):
    _, fit = fitted(SDM, "row", panel_of, weights_of)
    payload = fit.effects(draws=0).to_dict()
    assert json.loads(json.dumps(payload)) == payload
    assert payload["std_error"] == [[None] * 3] * 2


def test_intercept_has_no_effects(panel_of, weights_of):
    _, fit = fitted(SDM, "row", panel_of, weights_of, effects="pooled")
    assert fit.effects(draws=0).terms == ("x1", "x2")


def test_effects_need_weights(panel_of, weights_of):
    weights, fit = fitted(SDM, "row", panel_of, weights_of)
    bare = Fit.from_dict(fit.to_dict())
    with pytest.raises(DataError, match="need the weights") as caught:
        bare.effects()
    assert "with_weights" in str(caught.value)
    np.testing.assert_array_equal(bare.with_weights(weights).effects().estimate, fit.effects().estimate)
    with pytest.raises(DataError, match="not the weights the model was estimated with"):
        bare.with_weights(weights_of("nearest", N))
