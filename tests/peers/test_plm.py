"""Non-spatial columns and the data themselves against R's plm."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from peer_data import golden, panel

from shuyi.spatialpanel import OLS, SLX

# Least squares on the same demeaned columns: rounding, magnified by the condition of the pooled design.
LEAST_SQUARES = {"rtol": 1e-8, "atol": 1e-12}

EFFECTS = ("pooled", "individual", "time", "twoways")
MODELS = {"ols": OLS, "slx": SLX}


@pytest.fixture(
    scope="module",
    params=[(p, e, m) for p in ("cigar", "produc") for e in EFFECTS for m in MODELS],
    ids="-".join,
)
def case(request):
    name, effects, model = request.param
    p = panel(name)
    specification = MODELS[model](
        p.frame, p.weights, outcome=p.outcome, regressors=p.regressors, effects=effects
    )
    return SimpleNamespace(
        exact=specification.fit(correction="exact"),
        transformed=specification.fit(correction="lee_yu"),
        peer=golden(f"plm_{name}")["fits"][effects][model],
        observations=p.n * p.T,
    )


def _renamed(numbers: dict[str, float]) -> dict[str, float]:
    return {"const" if k == "(Intercept)" else k: v for k, v in numbers.items()}


def test_params(case):
    peer = _renamed(case.peer["params"])
    assert_allclose(case.exact.params[list(peer)], list(peer.values()), **LEAST_SQUARES)


def test_sigma2(case):
    assert_allclose(case.exact["sigma2"], case.peer["rss"] / case.observations, **LEAST_SQUARES)


def test_std_errors_up_to_degrees_of_freedom(case):
    """Maximum likelihood divides the residual sum by nT (exact), plm by nT less parameters and dummies."""
    peer = _renamed(case.peer["std_errors"])
    divisor = np.sqrt(case.peer["df_residual"] / case.observations)
    assert_allclose(case.exact.std_errors[list(peer)] / divisor, list(peer.values()), **LEAST_SQUARES)


def test_transformed_std_errors_up_to_slopes(case):
    """The transformation's divisor is what the effects leave: plm's less the slopes."""
    peer = _renamed(case.peer["std_errors"])
    divisor = np.sqrt(case.peer["df_residual"] / (case.peer["df_residual"] + len(peer)))
    assert_allclose(case.transformed.std_errors[list(peer)] / divisor, list(peer.values()), **LEAST_SQUARES)


@pytest.mark.parametrize("name", ["cigar", "produc"])
def test_data_are_those_of_plm(name):
    peer = golden(f"plm_{name}")["column_sums"]
    assert_allclose(panel(name).frame[list(peer)].sum(), list(peer.values()), **LEAST_SQUARES)
