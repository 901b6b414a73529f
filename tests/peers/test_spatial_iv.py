"""Spatial two-stage least squares against R's plm and spatialreg (recorded) and spreg (run beside)."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import spreg
from libpysal.weights import WSP
from numpy.testing import assert_allclose
from peer_data import golden, panel
from scipy.sparse import block_diag

from shuyi.spatialpanel import SpatialIV

# The same normal equations solved with and without a QR decomposition: the pooled panels' columns are
# collinear to five digits.
ROUNDING = {"rtol": 1e-9}
# spreg searches lam by difference gradients and ends within 5e-6 of the root; the coefficients follow.
SEARCH = {"rtol": 2e-5, "atol": 1e-7}

EFFECTS = ("pooled", "individual", "time", "twoways")


def _model(name, effects, **options):
    p = panel(name)
    return SpatialIV(
        p.frame, p.weights, outcome=p.outcome, regressors=p.regressors, effects=effects, **options
    )


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("name", ["cigar", "produc"])
def test_plm(name, effects):
    peer = golden(f"plm_{name}")["fits"][effects]["iv"]
    ours = {"(Intercept)": "const", f"W_{panel(name).outcome}": "rho"}
    fit = _model(name, effects).fit()
    names = [ours.get(k, k) for k in peer["params"]]
    assert_allclose(fit.params[names], list(peer["params"].values()), **ROUNDING)
    assert_allclose(fit.std_errors[names], list(peer["std_errors"].values()), **ROUNDING)
    assert fit.df_residual == peer["df_residual"]
    assert_allclose(fit.sigma2 * fit.df_residual, peer["rss"], **ROUNDING)


@pytest.mark.parametrize("name", ["cigar", "produc"])
def test_spatialreg_on_demeaned_data_counts_no_effects(name):
    """stsls divides by n T - k and has no factor with HC0; ours divide by what the effects leave."""
    peer = golden(f"spdep_{name}")["stsls_individual"]
    p = panel(name)
    names = ["rho" if k == "Rho" else k for k in peer["params"]]
    model = _model(name, "individual")
    fit, robust = model.fit(), model.fit(covariance="robust", small_sample=False)
    assert_allclose(fit.params[names], list(peer["params"].values()), **ROUNDING)
    factor = np.sqrt(peer["df_residual"] / fit.df_residual)
    assert peer["df_residual"] == p.n * p.T - len(names)
    assert_allclose(fit.std_errors[names], factor * np.array(list(peer["std_errors"].values())), **ROUNDING)
    assert_allclose(robust.std_errors[names], list(peer["std_errors_hc0"].values()), **ROUNDING)


@cache
def _stacked(name, effects):
    """Return y, X and the weights of the stacked panel, demeaned by unit for individual effects."""
    p = panel(name)
    values = p.frame[[p.outcome, *p.regressors]].to_numpy().reshape(p.n, p.T, -1).transpose(1, 0, 2)
    if effects == "individual":
        values = values - values.mean(axis=0)
    flat = values.reshape(p.n * p.T, -1)
    w = WSP(block_diag([p.weights.to_numpy()] * p.T, format="csr")).to_W(silence_warnings=True)
    return SimpleNamespace(y=flat[:, :1], x=flat[:, 1:], w=w)


@pytest.mark.parametrize("robust", [None, "white"])
@pytest.mark.parametrize("name", ["knn", "produc"])
def test_spreg_of_the_lag_model(name, robust):
    data, p = _stacked(name, "pooled"), panel(name)
    peer = spreg.GM_Lag(data.y, data.x, w=data.w, w_lags=2, robust=robust, sig2n_k=False, latex=False)
    kind = "robust" if robust else "unadjusted"
    fit = _model(name, "pooled").fit(covariance=kind, small_sample=False)
    names = ["const", *p.regressors, "rho"]
    assert_allclose(fit.params[names], peer.betas.ravel(), rtol=1e-7)
    assert_allclose(fit.cov.loc[names, names], peer.vm, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("name", ["knn", "produc"])
def test_spreg_with_an_endogenous_regressor(name):
    data, p = _stacked(name, "pooled"), panel(name)
    *exogenous, endogenous = range(len(p.regressors))
    q = data.x[:, [endogenous]] ** 2 + data.x[:, [0]] ** 2
    yend = data.x[:, [endogenous]]
    peer = spreg.GM_Lag(
        data.y, data.x[:, exogenous], yend=yend, q=q, w=data.w, w_lags=2, lag_q=True, latex=False
    )
    frame = p.frame.assign(q=p.frame[p.regressors[endogenous]] ** 2 + p.frame[p.regressors[0]] ** 2)
    model = SpatialIV(
        frame,
        p.weights,
        outcome=p.outcome,
        regressors=p.regressors,
        endogenous=[p.regressors[endogenous]],
        instruments=["q"],
        effects="pooled",
        lag_instruments=True,
    )
    fit = model.fit(small_sample=False)
    names = ["const", *(p.regressors[j] for j in exogenous), p.regressors[endogenous], "rho"]
    assert_allclose(fit.params[names], peer.betas.ravel(), rtol=1e-5)


@pytest.mark.parametrize("effects", ["pooled", "individual"])
@pytest.mark.parametrize("name", ["knn", "produc"])
def test_spreg_with_a_spatial_error_process(name, effects):
    """On data demeaned by unit spreg's moments, all over n T, have the same solution for lam."""
    data, p = _stacked(name, effects), panel(name)
    peer = spreg.GM_Combo(data.y, data.x, w=data.w, w_lags=2, latex=False)
    fit = _model(name, effects).fit("gs2sls", moments="unweighted", small_sample=False)
    names = [*p.regressors, "rho"]
    assert_allclose(fit.lam, float(peer.betas[-1, 0]), **SEARCH)
    assert_allclose(fit.params[names], peer.betas[1:-1].ravel(), **SEARCH)
