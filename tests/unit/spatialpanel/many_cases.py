"""What a single fit says, in the form of the results of many fits."""

from dataclasses import asdict

import numpy as np

from shuyi.errors import ShuyiError
from shuyi.spatialpanel import Specification, fit

WITH_LAGS = ("slx", "sdm", "sdem")
FLAT = ("rho", "lam", "sigma2")


def specification(model="sdm", **changes):
    """Return a specification of `y` on `x1` and `x2` whose id names its choices."""
    values = {
        "model": model,
        "outcome": "y",
        "regressors": ("x1", "x2"),
        "durbin": "all" if model in WITH_LAGS else "none",
        "weights": "row",
        **changes,
    }
    return Specification(
        id="|".join(f"{name} {value}" for name, value in values.items()), table="", column="", **values
    )


def single(panel, weights, spec, islands="refuse"):
    """Return the fit and its effects, or the reason why there is none."""
    try:
        found = fit(panel, weights, spec, islands=islands)
        return found, found.effects(draws=0), ""
    except ShuyiError as error:
        return None, None, str(error)


def assert_equal(found, i, panel, weights, tolerance, islands="refuse"):
    """Assert that entry i of many fits is its single fit."""
    spec = found.specifications[i]
    alone, effects, reason = single(panel, weights, spec, islands)
    assert found.reasons[i] == reason, asdict(spec)
    assert found.estimated[i] == (reason == "")
    if reason:
        return
    errors = dict(zip(alone.names, np.sqrt(np.diag(alone.covariance_matrix)), strict=True))
    for j, term in enumerate(spec.regressors):
        for name, letter in ((term, "beta"), (f"W_{term}", "theta")):
            near(getattr(found, letter)[i, j], alone.params.get(name, np.nan), tolerance, spec)
            near(getattr(found, f"{letter}_std_error")[i, j], errors.get(name, np.nan), tolerance, spec)
    for name in FLAT:
        near(getattr(found, name)[i], alone.params.get(name, np.nan), tolerance, spec)
        near(getattr(found, f"{name}_std_error")[i], errors.get(name, np.nan), tolerance, spec)
    K = len(spec.regressors)
    near(found.effects[i, :K], effects.estimate, tolerance, spec)
    near(found.effects_std_error[i, :K], effects.std_error_delta, tolerance, spec)
    near(found.loglik[i], alone.loglik, tolerance, spec)
    assert (found.n[i], found.T[i], found.n_effective[i]) == (alone.n, alone.T, alone.n_effective)


def near(found, expected, tolerance, spec):
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance, err_msg=spec.id)
