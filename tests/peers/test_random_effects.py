"""Random effects against the dense nT-variate normal likelihood of the first ten cigarette years, by R."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from peer_data import golden, panel

from shuyi.spatialpanel import MODELS, SAR
from shuyi.spatialpanel.random import phi
from shuyi.weights import Weights

# Newton steps below 1e-10 in (spatial, ln ratio) on fourth-order differences of a log-likelihood of 660,
# rounding 1e-13: the maximum is known to about 1e-8 standard errors.
ESTIMATE = 1e-8
# Second differences with steps of a tenth of a standard error, one Richardson step: relative error 1e-7.
ERRORS = {"rtol": 1e-6}
LOGLIK = 1e-9
# spreg's search of rho ends at steps of 1e-7; its coefficients follow.
SPREG = 1e-6

RECORDED = golden("random_effects_cigar")
NAMES = {"(Intercept)": "const"}


def first_years() -> pd.DataFrame:
    frame = panel("cigar").frame
    low, high = RECORDED["years"]
    years = frame.index.get_level_values("period")
    return frame[(years >= low) & (years <= high)]


@pytest.mark.parametrize("case", sorted(RECORDED["fits"]))
def test_random_effects(case):
    model, _, kind = case.partition("_")
    p = panel("cigar")
    fit = MODELS[model](
        first_years(),
        p.weights,
        outcome=p.outcome,
        regressors=p.regressors,
        effects="correlated" if kind == "mundlak" else "random",
        random_form="baltagi" if model in ("sem", "sdem") and not kind else "kkp",
    ).fit(covariance="hessian")
    recorded = RECORDED["fits"][case]
    names = [NAMES.get(name, name) for name in recorded["params"]]
    assert sorted(names) == sorted(fit.names)
    errors = np.array(list(recorded["std_errors_hessian"].values()))
    values = np.array(list(recorded["params"].values()))
    assert np.abs((fit.params[names] - values) / errors).max() < ESTIMATE
    assert_allclose(fit.std_errors[names], errors, **ERRORS)
    assert fit.loglik == pytest.approx(recorded["loglik"], abs=LOGLIK)


def test_spreg_lag_model():
    """Estimates alone: spreg's errors and logll have other definitions (see differences.md)."""
    from spreg import Panel_RE_Lag

    p, frame = panel("cigar"), first_years()
    n = p.n
    by_period = frame.swaplevel().sort_index(level=0, sort_remaining=False)
    order = [(t, u) for t in sorted(set(by_period.index.get_level_values(0))) for u in p.weights.index]
    stacked = by_period.loc[order]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = Panel_RE_Lag(
            stacked[[p.outcome]].to_numpy(),
            stacked[p.regressors].to_numpy(),
            Weights.coerce(p.weights).to_graph().to_W(),
        )
    ours = SAR(frame, p.weights, outcome=p.outcome, regressors=p.regressors, effects="random").fit()
    theirs = np.ravel(peer.betas)
    assert len(stacked) == n * (RECORDED["years"][1] - RECORDED["years"][0] + 1)
    assert_allclose(ours.params[["const", *p.regressors, "rho"]], theirs[:-1], atol=SPREG)
    assert phi(ours)[0] == pytest.approx(theirs[-1], abs=SPREG)
    assert ours["sigma2"] == pytest.approx(np.squeeze(peer.sig2), abs=SPREG)
