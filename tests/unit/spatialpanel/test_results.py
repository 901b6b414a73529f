"""Labelled views, text, the JSON form, the table plug-in, invariance and the cost of importing."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spatial_cases import make_panel, make_weights

from shuyi.errors import ConfigError, DataError
from shuyi.panel import Panel
from shuyi.spatialpanel import OLS, SAC, SDEM, SDM, SEM, Fit

# Reordered sums change the last digits; Newton's method ends at a step of 1e-13.
REORDERED = 1e-8

N, T = 9, 6


@pytest.fixture
def fitted(panel_of, weights_of):
    weights = weights_of("row", N)
    model = SDM(panel_of(N, T, weights), weights, outcome="y", regressors=["x1", "x2"])
    return weights, model.fit()


def test_views_are_labelled(fitted):
    _, fit = fitted
    names = ["x1", "x2", "W_x1", "W_x2", "rho", "sigma2"]
    assert list(fit.params.index) == names
    assert list(fit.cov.columns) == list(fit.cov.index) == names
    np.testing.assert_allclose(fit.std_errors**2, np.diag(fit.cov))
    np.testing.assert_allclose(fit.tstats, fit.params / fit.std_errors)
    assert fit.params["rho"] == fit["rho"]
    assert fit.residuals.index.names == ["unit", "period"]
    assert (fit.n, fit.T, fit.n_effective) == (N, T, (N - 1) * (T - 1))
    low, high = fit.rho_interval
    assert low < fit["rho"] < high == pytest.approx(1.0)
    assert fit.lam_interval is None
    assert fit.convention == "lee_yu"
    with pytest.raises(ConfigError, match="no parameter 'lam'"):
        fit["lam"]


def test_p_values_are_those_of_the_normal_distribution(fitted):
    from scipy.stats import norm

    _, fit = fitted
    np.testing.assert_allclose(fit.pvalues, 2 * norm.sf(np.abs(fit.tstats)), rtol=1e-12)
    bounds = fit.conf_int(0.9)
    np.testing.assert_allclose(bounds["high"], fit.params + norm.ppf(0.95) * fit.std_errors)


def test_information_criteria(fitted):
    _, fit = fitted
    assert fit.aic == pytest.approx(2 * 6 - 2 * fit.loglik)
    assert fit.bic == pytest.approx(6 * np.log((N - 1) * (T - 1)) - 2 * fit.loglik)


def test_json_restores_every_number(fitted):
    weights, fit = fitted
    text = json.dumps(fit.to_dict(), sort_keys=True)
    back = Fit.from_dict(json.loads(text), weights)
    assert json.dumps(back.to_dict(), sort_keys=True) == text
    np.testing.assert_array_equal(back.values, fit.values)
    np.testing.assert_array_equal(back.covariance_matrix, fit.covariance_matrix)
    np.testing.assert_array_equal(back.effects().simulated, fit.effects().simulated)
    assert back.summary() == fit.summary()
    assert len(fit.weights_info["lag"]["sha256"]) == 64


def test_json_without_arrays_says_what_is_missing(fitted):
    _, fit = fitted
    back = Fit.from_dict(fit.to_dict(arrays=False))
    with pytest.raises(DataError, match="without its residuals"):
        _ = back.residuals
    with pytest.raises(DataError, match="known format"):
        Fit.from_dict({"format": 0})


def test_summary_shows_convention_interval_and_estimates(fitted):
    _, fit = fitted
    text = fit.summary()
    assert str(fit) == text
    for part in ("SDM of y", "twoways", "lee_yu", "Admissible interval of rho", "W_x1", f"{fit['rho']:.6g}"):
        assert part in text
    assert max(len(line) for line in text.splitlines()) <= 110


def test_table_plug_in(fitted):
    from maketables import ETable
    from maketables.extractors import PluginExtractor

    _, fit = fitted
    extractor = PluginExtractor()
    assert extractor.can_handle(fit)
    table = extractor.coef_table(fit)
    assert {"b", "se", "t", "p"} <= set(table.columns)
    assert table.index.name == "Coefficient"
    assert extractor.depvar(fit) == "y"
    assert extractor.fixef_string(fit) == "unit+period"
    assert extractor.stat(fit, "N") == N * T
    assert extractor.stat(fit, "unknown") is None
    assert extractor.vcov_info(fit)["vcov_type"] == "information"
    html = ETable([fit]).make(type="html")
    assert "W_x1" in str(html)
    assert f"{fit['rho']:.3f}" in str(html)


def test_importing_is_light():
    code = (
        "import sys, shuyi.spatialpanel;"
        "heavy = {'pandas', 'scipy', 'matplotlib', 'geopandas', 'libpysal'} & set(sys.modules);"
        "print(sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_estimation_of_a_panel_needs_no_pandas():
    code = (
        "import sys, json, numpy as np\n"
        "from shuyi.panel import Panel\n"
        "from shuyi.weights import Weights\n"
        "from shuyi.spatialpanel import SDM, Fit\n"
        "w = Weights(np.ones((5, 5)) - np.eye(5) + np.diag(np.ones(4), 1), tuple('abcde')).normalise('row')\n"
        "values = np.random.default_rng(0).standard_normal((9, 5, 2))\n"
        "panel = Panel(values, tuple('abcde'), tuple(range(9)), ('y', 'x'))\n"
        "fit = SDM(panel, w, outcome='y', regressors=['x'], effects='individual').fit()\n"
        "back = Fit.from_dict(json.loads(json.dumps(fit.to_dict())), w)\n"
        "back.effects(); back.summary()\n"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


MODELS = st.sampled_from([OLS, SEM, SDM, SDEM])


def estimates(model, panel, weights, correction="lee_yu", effects="twoways"):
    options = {"outcome": "y", "regressors": ["x1", "x2"], "effects": effects}
    return model(panel, weights, **options).fit(correction)


@given(model=MODELS, seed=st.integers(0, 10_000), correction=st.sampled_from(["exact", "lee_yu"]))
def test_order_of_units_and_periods_is_irrelevant(model, seed, correction):
    weights = make_weights("row", N)
    panel = make_panel(N, T, weights, seed=1)
    rng = np.random.default_rng(seed)
    units = [panel.units[i] for i in rng.permutation(N)]
    periods = rng.permutation(T)
    turned = panel.select(units=units)
    turned = Panel(turned.values[periods].copy(), turned.units, turned.periods, turned.variables)
    first = estimates(model, panel, weights, correction)
    second = estimates(model, turned, weights.reindex(units), correction)
    np.testing.assert_allclose(second.values, first.values, rtol=REORDERED, atol=REORDERED)
    np.testing.assert_allclose(second.covariance_matrix, first.covariance_matrix, rtol=1e-6, atol=REORDERED)
    np.testing.assert_allclose(
        second.effects(draws=0).estimate, first.effects(draws=0).estimate, rtol=1e-7, atol=REORDERED
    )


@given(model=MODELS, seed=st.integers(0, 10_000), correction=st.sampled_from(["exact", "lee_yu"]))
def test_constants_per_unit_and_period_are_irrelevant(model, seed, correction):
    weights = make_weights("nearest", N)
    panel = make_panel(N, T, weights, seed=1)
    rng = np.random.default_rng(seed)
    shift = {v: panel[v] + rng.normal(0, 5, N) + rng.normal(0, 5, (T, 1)) for v in panel.variables}
    first = estimates(model, panel, weights, correction)
    second = estimates(model, panel.with_variables(shift), weights, correction)
    np.testing.assert_allclose(second.values, first.values, rtol=REORDERED, atol=REORDERED)
    np.testing.assert_allclose(second.covariance_matrix, first.covariance_matrix, rtol=1e-6, atol=REORDERED)


@given(model=MODELS, a=st.floats(0.01, 100), b=st.floats(0.01, 100))
def test_scaling_scales_the_coefficients(model, a, b):
    weights = make_weights("row", N)
    panel = make_panel(N, T, weights, seed=1)
    scaled = panel.with_variables({"y": a * panel["y"], "x1": b * panel["x1"]})
    first, second = estimates(model, panel, weights), estimates(model, scaled, weights)
    factors = {"x1": a / b, "W_x1": a / b, "x2": a, "W_x2": a, "sigma2": a**2}
    expected = np.array([first[name] * factors.get(name, 1.0) for name in first.names])
    np.testing.assert_allclose(second.values, expected, rtol=1e-6)
    errors = first.standard_errors * np.array([factors.get(name, 1.0) for name in first.names])
    np.testing.assert_allclose(second.standard_errors, errors, rtol=1e-6)


def test_two_runs_give_the_same_bytes(panel_of, weights_of):
    texts = []
    for _ in range(2):
        weights = weights_of("nearest", N)
        panel = panel_of(N, T, weights)
        fit = SAC(panel, weights, outcome="y", regressors=["x1"], error_weights=weights_of("row", N)).fit()
        texts.append(json.dumps([fit.to_dict(), fit.effects().to_dict()]))
    assert texts[0] == texts[1]
