"""Non-spatial columns and the data themselves against R's plm."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from peer_data import LEAST_SQUARES_CASES, by_own_names, golden, least_squares, panel

# Least squares on the same demeaned columns: rounding, magnified by the condition of the pooled design.
LEAST_SQUARES = {"rtol": 1e-8, "atol": 1e-12}


@pytest.fixture(scope="module", params=LEAST_SQUARES_CASES, ids="-".join)
def case(request):
    specified, peer = least_squares(*request.param)
    data = panel(request.param[0])
    return SimpleNamespace(
        exact=specified.fit(correction="exact"),
        transformed=specified.fit(correction="lee_yu"),
        peer=peer,
        observations=data.n * data.T,
    )


def test_params(case):
    peer = by_own_names(case.peer["params"])
    assert_allclose(case.exact.params[list(peer)], list(peer.values()), **LEAST_SQUARES)


def test_sigma2(case):
    assert_allclose(case.exact["sigma2"], case.peer["rss"] / case.observations, **LEAST_SQUARES)


def test_std_errors_up_to_degrees_of_freedom(case):
    """Maximum likelihood divides the residual sum by nT (exact), plm by nT less parameters and dummies."""
    peer = by_own_names(case.peer["std_errors"])
    divisor = np.sqrt(case.peer["df_residual"] / case.observations)
    assert_allclose(case.exact.std_errors[list(peer)] / divisor, list(peer.values()), **LEAST_SQUARES)


def test_transformed_std_errors_up_to_slopes(case):
    """The transformation's divisor is what the effects leave: plm's less the slopes."""
    peer = by_own_names(case.peer["std_errors"])
    divisor = np.sqrt(case.peer["df_residual"] / (case.peer["df_residual"] + len(peer)))
    assert_allclose(case.transformed.std_errors[list(peer)] / divisor, list(peer.values()), **LEAST_SQUARES)


@pytest.mark.parametrize("name", ["cigar", "produc"])
def test_data_are_those_of_plm(name):
    peer = golden(f"plm_{name}")["column_sums"]
    assert_allclose(panel(name).frame[list(peer)].sum(), list(peer.values()), **LEAST_SQUARES)
