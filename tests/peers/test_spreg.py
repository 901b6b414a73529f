"""Individual-effects SAR, SDM, SEM and SDEM against spreg, run beside them."""

from types import SimpleNamespace

import numpy as np
import pytest
import spreg
from libpysal.weights import full2W
from numpy.testing import assert_allclose
from peer_data import panel

from shuyi.spatialpanel import MODELS

# spreg searches rho and lam by bounded Brent steps on the value of the likelihood: distances from the maximum
# of about 1e-6 standard errors cannot be seen there (see test_spatialreg.py), the coefficients follow.
SEARCH = 1e-5
# The errors are evaluated at spreg's own rho or lam.
ERRORS = {"rtol": 1e-5}
# Rounding of sums over n T terms.
LOGLIK = {"rtol": 1e-11}

CLASSES = {"sar": "Panel_FE_Lag", "sdm": "Panel_FE_Lag", "sem": "Panel_FE_Error", "sdem": "Panel_FE_Error"}


def _arrays(p, durbin: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return y and X stacked by period, then unit, as spreg reads long panels."""
    T, n = p.T, p.n
    values = p.frame[[p.outcome, *p.regressors]].to_numpy().reshape(n, T, -1).transpose(1, 0, 2)
    x = values[:, :, 1:]
    if durbin:
        x = np.concatenate([x, p.weights.to_numpy() @ x], axis=2)
    return values[:, :, :1].reshape(n * T, 1), x.reshape(n * T, -1)


def _spreg(p, model: str):
    w = full2W((p.weights.to_numpy() > 0).astype(float))
    w.transform = "r"
    y, x = _arrays(p, durbin=model in ("sdm", "sdem"))
    return getattr(spreg, CLASSES[model])(y, x, w)


def _ours(p, model: str):
    specification = MODELS[model](
        p.frame, p.weights, outcome=p.outcome, regressors=p.regressors, effects="individual"
    )
    return specification.fit(correction="exact")


@pytest.fixture(
    scope="module", params=[(p, m) for p in ("cigar", "produc", "knn") for m in CLASSES], ids="-".join
)
def case(request):
    name, model = request.param
    p = panel(name)
    return SimpleNamespace(fit=_ours(p, model), peer=_spreg(p, model), observations=p.n * p.T)


def test_params(case):
    distance = (case.fit.values[:-1] - case.peer.betas.ravel()) / case.fit.standard_errors[:-1]
    assert_allclose(distance, 0, atol=SEARCH)


def test_sigma2(case):
    assert_allclose(case.fit["sigma2"], np.ravel(case.peer.sig2)[0], **ERRORS)


def test_std_errors(case):
    assert_allclose(case.fit.standard_errors[:-1], np.sqrt(np.diag(case.peer.vm)), **ERRORS)


def test_loglik_up_to_the_constant_that_spreg_leaves_out(case):
    """spreg takes ln e'e for ln sigma2 but keeps the other constants: its value lacks (nT/2) ln(nT)."""
    missing = case.observations / 2 * np.log(case.observations)
    assert_allclose(case.fit.loglik - case.peer.logll, missing, **LOGLIK)
