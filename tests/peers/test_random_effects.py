"""Random effects against the dense nT-variate normal likelihood of the first ten cigarette years, by R."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from peer_data import golden, panel

from shuyi.spatialpanel import MODELS

# Newton steps below 1e-10 in (spatial, ln ratio) on fourth-order differences of a log-likelihood of 660,
# rounding 1e-13: the maximum is known to about 1e-8 standard errors.
ESTIMATE = 1e-8
# Second differences with steps of a tenth of a standard error, one Richardson step: relative error 1e-7.
ERRORS = {"rtol": 1e-6}
LOGLIK = 1e-9

RECORDED = golden("random_effects_cigar")
NAMES = {"(Intercept)": "const"}


@pytest.mark.parametrize("case", sorted(RECORDED["fits"]))
def test_random_effects(case):
    model, _, kind = case.partition("_")
    p = panel("cigar")
    low, high = RECORDED["years"]
    years = p.frame.index.get_level_values("period")
    fit = MODELS[model](
        p.frame[(years >= low) & (years <= high)],
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
