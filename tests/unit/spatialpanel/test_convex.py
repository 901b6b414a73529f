"""Convex combinations of weights: corners, known posteriors, quadrature, recovery, refusals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from shuyi.errors import ConfigError
from shuyi.spatialpanel import compare_models
from shuyi.spatialpanel.convex import ConvexCombination, combined, convex_combination, simplex
from shuyi.spatialpanel.montecarlo.cells import lattice
from shuyi.spatialpanel.montecarlo.simulate import simulate
from shuyi.weights import Weights

TERMS = {"outcome": "y", "regressors": ["x1"]}
ROUNDING = 1e-10
LATTICE = 0.01
"""Error of moments by the trapezoid rule on forty steps, against closed forms."""


def second_order(rook):
    twice = rook.to_dense() @ rook.to_dense()
    twice[range(rook.n), range(rook.n)] = 0.0
    return Weights(twice, rook.labels).normalise("row")


def flat(parts, steps=40, log_density=None):
    points = simplex(parts, steps)
    logs = np.zeros(len(points)) if log_density is None else log_density(points)
    return ConvexCombination(tuple([lattice(3)] * parts), tuple("abc"[:parts]), points, logs, steps)


def test_corners_are_the_marginal_likelihoods_of_the_weights_alone():
    rook = lattice(5)
    names = {"rook": rook, "second": second_order(rook)}
    panel = simulate("sdm", rook, 8, seed=2, rho=0.4, theta=(0.5,))
    found = convex_combination(panel, names, steps=4, **TERMS)
    alone = compare_models(panel, names, models=["sdm"], **TERMS).to_frame()["log_marginal"]
    assert_allclose(found.log_marginal[[0, -1]], alone, atol=ROUNDING)


def test_shares_of_equal_weights_keep_their_prior():
    rook = lattice(5)
    panel = simulate("sar", rook, 8, seed=2, rho=0.4)
    found = convex_combination(panel, {"a": rook, "b": rook, "c": rook}, steps=6, **TERMS)
    assert_allclose(found.log_marginal, found.log_marginal[0], atol=1e-8)
    assert_allclose(found.mean, 1 / 3, atol=0.02)


def test_without_data_intervals_are_those_of_the_flat_prior():
    for parts in (2, 3):
        found = flat(parts)
        assert_allclose(found.mean, 1 / parts, atol=LATTICE)
        assert_allclose(found.interval(0.9), [found.prior_interval(0.9)] * parts, atol=LATTICE)
        assert found.log_evidence == pytest.approx(0.0, abs=ROUNDING)


def test_moments_of_a_dirichlet_posterior_are_found():
    a = np.array([3.0, 2.0, 4.0])
    found = flat(3, log_density=lambda g: ((a - 1) * np.log(np.maximum(g, 1e-300))).sum(axis=1))
    assert_allclose(found.mean, a / a.sum(), atol=LATTICE)
    assert not found.is_at_edge


def test_the_share_that_made_the_data_is_recovered():
    rook = lattice(6)
    parts = (rook, second_order(rook))
    panel = simulate("sar", combined(parts, [0.6, 0.4]), 30, seed=4, rho=0.6)
    found = convex_combination(panel, dict(zip("ab", parts, strict=True)), model="sar", steps=20, **TERMS)
    low, high = found.interval()[0]
    assert low < 0.6 < high and high - low < 0.5
    assert found.weights().is_row_standardised


def test_refusals():
    rook = lattice(3)
    panel = simulate("sar", rook, 6, seed=1, rho=0.3)
    with pytest.raises(ConfigError, match="two or three weights"):
        convex_combination(panel, {"rook": rook}, **TERMS)
    with pytest.raises(ConfigError, match="simplex"):
        combined([rook, rook], [0.7, 0.7])
    with pytest.raises(ConfigError, match="same units"):
        combined([rook, lattice(4)], [0.5, 0.5])
