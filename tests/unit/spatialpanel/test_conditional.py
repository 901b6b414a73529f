"""Effects of some units and of interactions against the matrices they average."""

import numpy as np
import pytest
from spatial_cases import make_panel, make_weights

from shuyi.errors import ConfigError
from shuyi.panel import Panel
from shuyi.spatialpanel import SDM, SLX
from shuyi.spatialpanel.resampling import bootstrap

# Two ways through the same n x n inverse.
INVERSE = {"rtol": 1e-9, "atol": 1e-12}
# Central differences of step 1e-6 of a function of order one.
DIFFERENCE = {"rtol": 1e-6, "atol": 1e-8}

N, T = 14, 6
UNITS = ["u03", "u07", "u08"]
POSITIONS = [3, 7, 8]


def model(kind=SDM, weights_kind="nearest"):
    weights = make_weights(weights_kind, N)
    panel = make_panel(N, T, weights, seed=3)
    product = panel["x1"] * panel["x2"]
    values = np.concatenate([panel.values, product[:, :, None]], axis=2)
    wide = Panel(values, panel.units, panel.periods, (*panel.variables, "x1:x2"))
    return kind(wide, weights, outcome="y", regressors=["x1", "x2", "x1:x2"], effects="individual")


def brute(matrix, role):
    sums = matrix.sum(axis=1 if role == "receiving" else 0)[POSITIONS].mean()
    direct = np.diag(matrix)[POSITIONS].mean()
    return [direct, sums - direct, sums]


@pytest.mark.parametrize("weights_kind", ["nearest", "spectral"])
@pytest.mark.parametrize("role", ["receiving", "sending"])
def test_units_are_rows_or_columns_of_the_matrix(role, weights_kind):
    fit = model(weights_kind=weights_kind).fit("exact")
    found = fit.effects(draws=0, units=UNITS, role=role)
    for k, term in enumerate(found.terms):
        matrix = fit.effect_matrix(term).to_numpy()
        np.testing.assert_allclose(found.estimate[k], brute(matrix, role), **INVERSE)


@pytest.mark.parametrize("role", ["receiving", "sending"])
def test_errors_of_units_follow_the_parameters(role, central_difference):
    fit = model().fit()
    w, names = fit.lags.at(0).to_dense(), list(fit.names)

    def effects(values):
        b, th, rho = (values[names.index(name)] for name in ("x2", "W_x2", "rho"))
        return brute(np.linalg.solve(np.eye(N) - rho * w, b * np.eye(N) + th * w), role)

    slopes = central_difference(effects, fit.values)
    expected = np.sqrt(np.diag(slopes @ fit.covariance_matrix @ slopes.T))
    found = fit.effects(draws=0, units=UNITS, role=role)
    np.testing.assert_allclose(found.std_error_delta[1], expected, **DIFFERENCE)


def test_all_units_are_the_average_effects():
    fit = model().fit()
    whole = fit.effects(draws=50, seed=2)
    for role in ("receiving", "sending"):
        found = fit.effects(draws=50, seed=2, units=fit.units, role=role)
        np.testing.assert_allclose(found.estimate, whole.estimate, **INVERSE)
        np.testing.assert_allclose(found.simulated, whole.simulated, **INVERSE)
        np.testing.assert_allclose(found.std_error_delta, whole.std_error_delta, **INVERSE)


def test_many_draws_are_taken_in_parts(monkeypatch):
    from shuyi.spatialpanel import conditional

    fit = model().fit()
    whole = fit.effects(draws=50, seed=2, units="u03").simulated
    monkeypatch.setattr(conditional, "CHUNK", 3 * N * N)
    np.testing.assert_array_equal(fit.effects(draws=50, seed=2, units="u03").simulated, whole)


@pytest.mark.parametrize("kind", [SDM, SLX])
def test_interactions_are_effects_of_the_combined_coefficients(kind):
    fit = model(kind).fit()
    found = fit.interaction_effects("x1", "x2", [-1.0, 0.0, 2.5], draws=0)
    w, rho = fit.lags.at(0).to_dense(), fit["rho"] if kind is SDM else 0.0
    inverse = np.linalg.inv(np.eye(N) - rho * w)
    for k, m in enumerate((-1.0, 0.0, 2.5)):
        b, th = (fit[p + "x1"] + m * fit[p + "x1:x2"] for p in ("", "W_"))
        matrix = inverse @ (b * np.eye(N) + th * w)
        np.testing.assert_allclose(found.estimate[k, 0], np.trace(matrix) / N, **INVERSE)
        np.testing.assert_allclose(found.estimate[k, 2], matrix.sum() / N, **INVERSE)
    own = fit.effects(draws=0)
    np.testing.assert_allclose(found.estimate[1], own.estimate[0], **INVERSE)
    np.testing.assert_allclose(found.std_error_delta[1], own.std_error_delta[0], **INVERSE)
    assert found.terms == ("x1 at x2 = -1", "x1 at x2 = 0", "x1 at x2 = 2.5")


def test_errors_of_interactions_follow_the_parameters(central_difference):
    fit = model().fit()
    w, names = fit.lags.at(0).to_dense(), list(fit.names)

    def total(values):
        part = {name: values[names.index(name)] for name in names}
        b, th = (part[p + "x1"] + 2 * part[p + "x1:x2"] for p in ("", "W_"))
        return [np.linalg.solve(np.eye(N) - part["rho"] * w, b * np.eye(N) + th * w).sum() / N]

    slopes = central_difference(total, fit.values)
    expected = np.sqrt(slopes @ fit.covariance_matrix @ slopes.T)[0, 0]
    found = fit.interaction_effects("x1", "x2", [2.0], draws=0)
    assert found.std_error_delta[0, 2] == pytest.approx(expected, rel=1e-6)


def test_interactions_by_a_bootstrap():
    fit = model().fit()
    replicates = bootstrap(fit, draws=30, seed=4)
    found = fit.interaction_effects("x1", "x2", [0.0], bootstrap=replicates)
    np.testing.assert_allclose(
        found.simulated[:, 0], fit.effects(bootstrap=replicates).simulated[:, 0], **INVERSE
    )
    assert found.draws == 30


def test_refusals():
    fit = model().fit()
    with pytest.raises(ConfigError, match="receiving, sending"):
        fit.effects(units=UNITS, role="both")
    with pytest.raises(ConfigError, match="u99"):
        fit.effects(units=["u99"])
    with pytest.raises(ConfigError, match="no unit"):
        fit.effects(units=[])
    with pytest.raises(ConfigError, match="x2:x1"):
        fit.interaction_effects("x2", "x1", [1.0])
    with pytest.raises(ConfigError, match=r"values=\[\]"):
        fit.interaction_effects("x1", "x2", [])
