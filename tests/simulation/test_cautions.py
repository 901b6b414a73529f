"""Serial correlation is tested as published, and a fit tells when its intervals cover less than they say."""

import numpy as np
import pytest
import statsmodels.api as sm

from shuyi.errors import DataError, IdentificationError
from shuyi.spatialpanel import SAR, SDM, SLX
from shuyi.spatialpanel.diagnostics.serial import serial_correlation
from shuyi.spatialpanel.montecarlo import lattice
from shuyi.spatialpanel.montecarlo.simulate import draw_errors, simulate
from shuyi.spatialpanel.transforms import within

# The same least squares by another library.
PEER = {"rel": 1e-10}
# Standard errors of a binomial share within which it lies: missed once in 30,000.
BINOMIAL = 4.0

W = lattice(6)


def test_it_is_the_clustered_regression_of_differences_on_their_lag():
    e = draw_errors(np.random.default_rng(5), "ar1", (8, 30))
    change = np.diff(e, axis=0)
    unit = np.tile(np.arange(30), 6)
    model = sm.OLS(change[1:].ravel(), change[:-1].ravel())
    peer = model.fit(cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False})
    t = (peer.params[0] + 0.5) / (peer.bse[0] * np.sqrt(30 / 29))
    found = serial_correlation(e)
    assert found.statistic == pytest.approx(t**2, **PEER)
    assert (found.df, found.df_denominator, found.distribution) == (1, 29, "F")
    assert f"{peer.params[0]:.4f}" in found.note


def test_individual_effects_and_scale_do_not_matter():
    e = draw_errors(np.random.default_rng(5), "iid", (8, 30))
    shifted = 3.0 * (e + np.arange(30.0))
    assert serial_correlation(shifted).p_value == pytest.approx(serial_correlation(e).p_value, rel=1e-8)
    assert serial_correlation(within(e, "individual")).p_value == pytest.approx(serial_correlation(e).p_value)


@pytest.mark.parametrize("design", ["iid", "heteroskedastic", "heavy_tails", "ar1"])
def test_size_and_power(design):
    draws = draw_errors(np.random.default_rng(6), design, (800, 9, 31))
    rejected = np.mean([serial_correlation(within(e, "twoways")).p_value < 0.05 for e in draws])
    if design == "ar1":
        assert rejected > 0.9
    else:
        assert 0.03 < rejected < 0.05 + BINOMIAL * np.sqrt(0.05 * 0.95 / 800) + 0.01


def test_refusals():
    with pytest.raises(DataError, match="at least 4 periods and 3 units"):
        serial_correlation(np.zeros((3, 9)))
    with pytest.raises(DataError, match="1 missing"):
        serial_correlation(np.where(np.arange(36).reshape(4, 9) == 5, np.nan, 1.0))
    with pytest.raises(IdentificationError, match="do not vary"):
        serial_correlation(np.ones((5, 9)))


def notes(errors, correction="lee_yu", covariance="information", model=SDM, T=12, effects="twoways"):
    given = {"rho": 0.4} if model is SDM else {}
    panel = simulate(model.terms.name, W, T, seed=8, theta=(0.5,), errors=errors, **given)
    fit = model(panel, W, outcome="y", regressors=["x1"], effects=effects).fit(correction, covariance)
    assert all(note in fit.summary() for note in fit.notes)
    return " ".join(fit.notes)


def test_the_default_on_iid_errors_has_nothing_to_tell():
    assert notes("iid") == ""


@pytest.mark.parametrize("covariance", ["information", "hessian", "robust"])
def test_serial_correlation_is_told(covariance):
    assert "serially correlated within units (Wooldridge's test, p = " in notes("ar1", covariance=covariance)
    assert "covariance='cluster_jackknife' allows for it" in notes("ar1", covariance=covariance)


@pytest.mark.parametrize("covariance", ["cluster", "cluster_jackknife"])
def test_clustered_errors_allow_for_it(covariance):
    assert "serially correlated" not in notes("ar1", covariance=covariance)


def test_uncorrected_conventions_are_told_where_time_effects_bias_rho():
    for correction in ("exact", "demean_then_lag"):
        assert f"{correction} convention leaves the bias of time effects in rho" in notes("iid", correction)
    assert notes("iid", "exact", effects="individual") == ""
    assert "bias" not in notes("iid", "exact", model=SLX)


def test_driscoll_kraay_from_few_periods_is_told():
    assert "Driscoll-Kraay errors from 12 periods are too small" in notes("iid", covariance="driscoll_kraay")
    assert "Driscoll-Kraay" not in notes("iid", covariance="driscoll_kraay", T=25)


@pytest.mark.parametrize("covariance", ["information", "cluster_jackknife"])
def test_a_dynamic_model_is_called_inconsistent_and_not_told_to_cluster(covariance):
    panel = simulate("sar", W, 10, seed=1, tau=0.4, rho=0.2, errors="ar1")
    fit = SAR(panel, W, outcome="y", regressors=["x1"], dynamic="tau").fit(covariance=covariance)
    told = " ".join(fit.notes)
    assert "the estimates are inconsistent, whatever the covariance" in told
    assert "too small" not in told
