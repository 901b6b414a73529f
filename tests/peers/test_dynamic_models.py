"""Dynamic models against spatialreg's estimates, corrected in R by sums of matrix powers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from peer_data import golden, panel

from shuyi.errors import ConvergenceError
from shuyi.spatialpanel import SDM

# spatialreg's golden-section search of rho ends where log-likelihoods differ by rounding: 2.2e-16 times 2,600
# is 6e-13, which is 1e-6 standard errors from the maximum; the correction moves with the estimate.
ESTIMATE = 1e-5
# Standard errors are smooth functions of the estimate.
ERRORS = {"rtol": 1e-4}
# The likelihood is flat at its maximum; with 75 dummies it carries rounding of 1e-8.
LOGLIK = 1e-7

RECORDED = golden("dynamic_models")
CASES = [
    (name, effects, correction)
    for name, by_effects in RECORDED.items()
    for effects, by_correction in by_effects.items()
    for correction in by_correction
]


def estimate(name, effects, correction, **options):
    p = panel(name)
    model = SDM(
        p.frame, p.weights, outcome=p.outcome, regressors=p.regressors, effects=effects, dynamic="both"
    )
    return model.fit(correction, **options)


@pytest.mark.parametrize(("name", "effects", "correction"), CASES)
def test_corrected_estimates(name, effects, correction):
    recorded = RECORDED[name][effects][correction]
    fit = estimate(name, effects, correction, unstable="flag")
    names = list(recorded["params"])
    assert sorted(names) == sorted(fit.names)
    errors = np.array(list(recorded["std_errors_uncorrected"].values()))
    moved = (fit.params[names] - list(recorded["params"].values())) / errors
    assert np.abs(moved).max() < ESTIMATE


@pytest.mark.parametrize(("name", "effects"), [(n, e) for n, e, c in CASES if c == "lee_yu_bias"])
def test_maximum_likelihood_with_dummies(name, effects):
    recorded = RECORDED[name][effects]["lee_yu_bias"]
    fit = estimate(name, effects, "exact")
    names = list(recorded["uncorrected"])
    errors = np.array(list(recorded["std_errors_uncorrected"].values()))
    moved = (fit.params[names] - list(recorded["uncorrected"].values())) / errors
    assert np.abs(moved).max() < ESTIMATE
    assert_allclose(fit.std_errors[names], errors, **ERRORS)
    assert fit.loglik == pytest.approx(recorded["loglik_uncorrected"], abs=LOGLIK)


def test_unstable_estimate_of_the_cigarette_panel_is_refused():
    """With individual effects alone common shocks end in tau + rho + eta = 1.02."""
    with pytest.raises(ConvergenceError, match="outside the stable region") as caught:
        estimate("cigar", "individual", "lee_yu")
    assert "spectral radius" in str(caught.value)
    recorded = RECORDED["cigar"]["individual"]["lee_yu"]["params"]
    assert sum(recorded[name] for name in ("tau", "rho", "eta")) > 1
