"""Simulated panels satisfy their equation, have the errors they say, and give their parameters back."""

import numpy as np
import pytest

from shuyi.errors import AlignmentError, ConfigError
from shuyi.panel import Panel
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.montecarlo import lattice
from shuyi.spatialpanel.montecarlo.simulate import ERRORS, draw_errors, simulate, unit_variances
from shuyi.weights import Weights

# Rounding of the solution of a linear system of 36 units with entries of order one.
ROUNDING = 1e-10
# Standard errors within which an estimate lies: missed once in 16,000.
STANDARD_ERRORS = 4.0
# Standard errors of a moment within which its estimate lies, likewise.
MOMENT = 4.0

W = lattice(6)
PARAMETERS = {
    "ols": {},
    "slx": {"theta": (0.5, -0.3)},
    "sar": {"rho": 0.4},
    "sem": {"lam": -0.3},
    "sdm": {"rho": 0.5, "theta": (0.5, 0.0)},
    "sdem": {"lam": 0.4, "theta": (0.5, 0.2)},
    "sac": {"rho": 0.3, "lam": 0.3},
    "gns": {"rho": 0.3, "lam": 0.2, "theta": (1.0, -1.0)},
}


def right_side(panel, beta, theta):
    x = panel.array(["x1", "x2"])
    return x @ np.array(beta) + W.lag(x @ np.array(theta or (0.0, 0.0)))


@pytest.mark.parametrize("model", PARAMETERS)
def test_without_noise_the_equation_holds(model):
    given = PARAMETERS[model]
    panel = simulate(model, W, 5, seed=3, beta=(1.0, -2.0), sigma2=0.0, effects="pooled", **given)
    y = panel["y"]
    left = y - given.get("rho", 0.0) * W.lag(y)
    np.testing.assert_allclose(left, right_side(panel, (1.0, -2.0), given.get("theta")), atol=ROUNDING)


def test_without_noise_the_dynamic_equation_holds():
    given = {"rho": 0.3, "tau": 0.4, "eta": -0.1, "theta": (0.5, 0.1)}
    panel = simulate("sdm", W, 6, seed=3, beta=(1.0, -2.0), sigma2=0.0, effects="pooled", **given)
    y = panel["y"]
    left = y[1:] - 0.3 * W.lag(y)[1:] - 0.4 * y[:-1] + 0.1 * W.lag(y)[:-1]
    np.testing.assert_allclose(left, right_side(panel, (1.0, -2.0), given["theta"])[1:], atol=ROUNDING)


def test_the_spatial_error_process_filters_the_same_innovations():
    plain = simulate("ols", W, 5, seed=3, effects="twoways")
    error = simulate("sem", W, 5, seed=3, effects="twoways", lam=0.6)
    fixed = simulate("ols", W, 5, seed=3, effects="twoways", sigma2=0.0)["y"]
    u = error["y"] - fixed
    np.testing.assert_allclose(u - 0.6 * W.lag(u), plain["y"] - fixed, atol=ROUNDING)


def test_weights_may_vary_by_period():
    other = Weights(np.roll(W.to_dense(), 1, axis=(0, 1)), W.labels).normalise("row")
    panel = simulate("sar", [W, other, W], 3, seed=1, rho=0.5, sigma2=0.0, effects="pooled")
    for t, w in enumerate((W, other, W)):
        y = panel["y"][t : t + 1]
        np.testing.assert_allclose(y - 0.5 * w.lag(y), panel["x1"][t : t + 1], atol=ROUNDING)


@pytest.mark.parametrize("design", ERRORS)
def test_errors_have_unit_variance_and_mean_zero(design):
    e = draw_errors(np.random.default_rng(1), design, (4000, 6, 9))
    means, squares = e.mean(axis=(1, 2)), (e**2).mean(axis=(1, 2))
    assert abs(means.mean()) < MOMENT * means.std() / np.sqrt(4000)
    assert abs(squares.mean() - 1) < MOMENT * squares.std() / np.sqrt(4000)


def test_each_design_departs_as_it_says():
    e = {d: draw_errors(np.random.default_rng(1), d, (20_000, 4, 9)) for d in ERRORS}
    variances = e["heteroskedastic"].var(axis=(0, 1))
    np.testing.assert_allclose(variances, unit_variances(9), rtol=MOMENT * np.sqrt(2 / 80_000))
    adjacent = (e["ar1"][:, 1:] * e["ar1"][:, :-1]).mean()
    assert adjacent == pytest.approx(0.5, abs=MOMENT * 1.2 / np.sqrt(60_000 * 9))
    assert (e["ar1"][:, 2:] * e["ar1"][:, :-2]).mean() == pytest.approx(0.25, abs=0.01)
    assert (e["iid"][:, 1:] * e["iid"][:, :-1]).mean() == pytest.approx(0.0, abs=0.01)
    assert (e["heavy_tails"] ** 4).mean() > 6 > 4 > (e["iid"] ** 4).mean()


@pytest.mark.parametrize("model", PARAMETERS)
def test_estimates_return_the_parameters(model):
    given = PARAMETERS[model]
    panel = simulate(model, lattice(8), 20, seed=9, beta=(1.0, -2.0), **given)
    fit = MODELS[model](panel, lattice(8), outcome="y", regressors=["x1", "x2"]).fit()
    truth = {"x1": 1.0, "x2": -2.0, "sigma2": 1.0, **{k: v for k, v in given.items() if k != "theta"}}
    truth |= dict(zip(("W_x1", "W_x2"), given.get("theta", ()), strict=False))
    for name, value, error in zip(fit.names, fit.values, fit.standard_errors, strict=True):
        assert abs(value - truth[name]) < STANDARD_ERRORS * error, name


@pytest.mark.parametrize("effects", ["random", "correlated"])
def test_random_effects_are_related_to_regressors_only_if_correlated(effects):
    given = {"seed": 4, "sigma2": 0.0, "sigma2_mu": 0.0}
    panel = simulate("ols", W, 4, effects=effects, **given)
    mu = (panel["y"] - panel["x1"])[0]
    expected = 0.5 * panel["x1"].mean(axis=0) if effects == "correlated" else np.zeros(36)
    np.testing.assert_allclose(mu, expected, atol=ROUNDING)


def test_own_regressors_are_used_and_seeds_repeat():
    drawn = simulate("ols", W, 4, seed=1)
    own = Panel(drawn.array(["x1"]), drawn.units, drawn.periods, ("income",))
    first, second = (simulate("sar", W, 4, seed=2, rho=0.3, regressors=own) for _ in range(2))
    assert first.variables == ("y", "income")
    np.testing.assert_array_equal(first.values, second.values)
    np.testing.assert_array_equal(first["income"], own["income"])
    assert not np.array_equal(first["y"], simulate("sar", W, 4, seed=3, rho=0.3, regressors=own)["y"])


@pytest.mark.parametrize(
    ("model", "given", "message"),
    [
        ("sdn", {}, "did you mean 'sdm'"),
        ("sar", {"theta": (0.5,)}, "not zero: theta"),
        ("sem", {"rho": 0.2, "tau": 0.1}, "not zero: rho, tau"),
        ("sar", {"rho": 1.0}, "admissible interval"),
        ("sdm", {"rho": 0.4, "tau": 0.5, "eta": 0.2}, "not stable"),
        ("sdm", {"theta": (0.5, 0.5)}, "2 entries"),
        ("sar", {"errors": "iied"}, "did you mean 'iid'"),
        ("sar", {"effects": "two"}, "Unknown effects structure"),
        ("sar", {"sigma2": -1.0}, "Variances are not negative"),
    ],
)
def test_refusals(model, given, message):
    with pytest.raises(ConfigError, match=message):
        simulate(model, W, 5, seed=1, **given)


def test_misfitting_regressors_are_refused():
    own = simulate("ols", W, 4, seed=1)
    with pytest.raises(ConfigError, match="4 periods and 2 variables"):
        simulate("sar", W, 5, seed=1, regressors=own)
    with pytest.raises(AlignmentError, match="other"):
        simulate("sar", W.reindex(W.labels[::-1]), 4, seed=1, regressors=own)
