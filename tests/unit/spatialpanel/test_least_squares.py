"""Least squares with fixed effects: identities, the dummy regression, round trip and refusals."""

import json

import numpy as np
import pytest
from scipy.stats import t as student_t

from shuyi.errors import ConfigError, DataError, IdentificationError
from shuyi.panel import Panel, stack
from shuyi.spatialpanel.least_squares import FixedEffectsFit, fit_fixed_effects
from shuyi.spatialpanel.transforms import within

NUMERICAL = 1e-9
"""Two ways of solving a well-conditioned least-squares problem of 60 rows."""

UNITS, PERIODS = tuple("abcdefghijkl"), tuple(range(2016, 2021))
MODEL = {"outcome": "y", "regressors": ["x", "z"]}


def make_panel(**replaced):
    values = np.random.default_rng(11).normal(size=(5, 12, 3))
    values[:, :, 0] += values[:, :, 1] - 2 * values[:, :, 2]
    panel = Panel(values, UNITS, PERIODS, ("y", "x", "z"))
    return panel.with_variables(replaced) if replaced else panel


@pytest.fixture(scope="module")
def panel():
    return make_panel()


def dummies(effects):
    unit = np.tile(np.eye(12), (5, 1))
    period = np.repeat(np.eye(5), 12, axis=0)
    return {
        "pooled": np.ones((60, 1)),
        "individual": unit,
        "time": period,
        "twoways": np.hstack([unit, period[:, 1:]]),
    }[effects]


@pytest.mark.parametrize("effects", ["pooled", "individual", "time", "twoways"])
class TestAgainstDummies:
    def test_estimates_and_errors(self, panel, effects):
        fit = fit_fixed_effects(panel, **MODEL, effects=effects, covariance="information")
        design = np.hstack([stack(panel.array(("x", "z"))), dummies(effects)])
        y = stack(panel["y"])
        b = np.linalg.lstsq(design, y, rcond=None)[0]
        e = y - design @ b
        sigma2 = e @ e / (60 - design.shape[1])
        errors = np.sqrt(sigma2 * np.diag(np.linalg.inv(design.T @ design)))
        np.testing.assert_allclose(fit.params[["x", "z"]], b[:2], rtol=NUMERICAL)
        np.testing.assert_allclose(fit.std_errors[["x", "z"]], errors[:2], rtol=NUMERICAL)
        assert fit.sigma2 == pytest.approx(sigma2, rel=NUMERICAL)
        np.testing.assert_allclose(stack(fit.residual_values), e, atol=NUMERICAL)
        loglik = -30 * (np.log(2 * np.pi) + np.log(e @ e / 60) + 1)
        assert fit.loglik == pytest.approx(loglik, rel=NUMERICAL)

    def test_order_of_units_does_not_matter(self, panel, effects):
        turned = panel.select(units=UNITS[::-1])
        first = fit_fixed_effects(panel, **MODEL, effects=effects)
        second = fit_fixed_effects(turned, **MODEL, effects=effects)
        np.testing.assert_allclose(first.params, second.params, rtol=NUMERICAL)
        np.testing.assert_allclose(first.std_errors, second.std_errors, rtol=NUMERICAL)


@pytest.mark.parametrize(("effects", "parameters"), [("individual", 2), ("twoways", 2 + 12 + 4)])
def test_clustered_errors_are_the_sandwich_over_units(panel, effects, parameters):
    fit = fit_fixed_effects(panel, **MODEL, effects=effects, covariance="cluster")
    x = within(panel.array(("x", "z")), effects)
    scores = np.einsum("tik,ti->ik", x, fit.residual_values)
    bread = np.linalg.inv(np.einsum("tik,til->kl", x, x))
    factor = 12 / 11 * 59 / (60 - parameters)
    np.testing.assert_allclose(
        fit.covariance_matrix, factor * bread @ scores.T @ scores @ bread, rtol=NUMERICAL
    )


def test_information_criteria(panel):
    fit = fit_fixed_effects(panel, **MODEL)
    assert fit.n_parameters == 3
    assert fit.aic == pytest.approx(6 - 2 * fit.loglik)
    assert fit.bic == pytest.approx(3 * np.log(60) - 2 * fit.loglik)


def test_intervals_and_p_values_are_of_one_distribution(panel):
    fit = fit_fixed_effects(panel, **MODEL)
    for level in (0.9, 0.95):
        bounds = fit.conf_int(level)
        edge = fit.params - fit.std_errors * student_t.ppf(0.5 + level / 2, fit.n - 1)
        np.testing.assert_allclose(bounds["low"], edge, rtol=NUMERICAL)
    p = 2 * student_t.sf(fit.tstats.abs(), fit.n - 1)
    np.testing.assert_allclose(fit.pvalues, p, rtol=NUMERICAL)


def test_residuals_are_labelled(panel):
    fit = fit_fixed_effects(panel, **MODEL)
    assert fit.residuals.loc[("c", 2018)] == fit.residual_values[2, 2]
    with pytest.raises(DataError, match="without its residuals"):
        FixedEffectsFit.from_dict(fit.to_dict(arrays=False)).residuals  # noqa: B018


def test_round_trip_through_json(panel):
    fit = fit_fixed_effects(panel, **MODEL)
    again = FixedEffectsFit.from_dict(json.loads(json.dumps(fit.to_dict())))
    assert again.to_dict() == fit.to_dict()
    assert again.params.equals(fit.params) and again.pvalues.equals(fit.pvalues)


def test_arrays_can_be_left_out(panel):
    fit = fit_fixed_effects(panel, **MODEL)
    again = FixedEffectsFit.from_dict(fit.to_dict(arrays=False))
    assert again.residual_values is None and again.loglik == fit.loglik


def test_other_payloads_are_refused():
    with pytest.raises(DataError, match=r"found: None, format 1"):
        FixedEffectsFit.from_dict({"format": 1})


class TestRefusals:
    def test_unknown_covariance(self, panel):
        with pytest.raises(ConfigError, match="did you mean 'cluster'"):
            fit_fixed_effects(panel, **MODEL, covariance="clustered")

    def test_unknown_effects(self, panel):
        with pytest.raises(ConfigError, match="pooled, individual, time, twoways"):
            fit_fixed_effects(panel, **MODEL, effects="random")

    def test_missing_cells_are_not_dropped(self):
        y = make_panel()["y"].copy()
        y[0, 0] = np.nan
        with pytest.raises(DataError, match="y"):
            fit_fixed_effects(make_panel(y=y), **MODEL)

    def test_absorbed_regressor_is_named(self):
        z = np.tile(np.arange(12.0), (5, 1))
        with pytest.raises(IdentificationError, match=r"absorbed by the individual effects[\s\S]*found: .*z"):
            fit_fixed_effects(make_panel(z=z), **MODEL, effects="individual")

    def test_collinear_regressors_are_named(self):
        with pytest.raises(IdentificationError, match="x, z"):
            fit_fixed_effects(make_panel(z=2 * make_panel()["x"]), **MODEL)
