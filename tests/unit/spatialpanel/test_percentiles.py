"""The distribution of effects without simulation error: no seed, the limit of draws, known cases."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm
from spatial_cases import make_panel, make_weights

from shuyi.spatialpanel import SDM, SLX
from shuyi.spatialpanel.effects import percentile_error, reference_quantile, simulated_moments
from shuyi.spatialpanel.percentiles import _quantile

SEEDS = range(20)
NUMERICAL = 1e-8


def case():
    weights = make_weights("row", 20)
    return make_panel(20, 6, weights), weights


@pytest.fixture(scope="module")
def fit():
    return SDM(*case(), outcome="y", regressors=["x1", "x2"]).fit()


def test_ends_of_intervals_do_not_depend_on_the_seed(fit):
    ends = np.array([fit.effects(draws=100, seed=seed).interval for seed in SEEDS])
    assert np.ptp(ends, axis=0).max() == 0.0


def test_it_is_the_limit_of_draws(fit):
    found = fit.effects(draws=200_000, seed=1)
    level = reference_quantile(found.level, found.df)[1]
    interval = simulated_moments(found.simulated, level)[2]
    assert_allclose(found.interval, interval, atol=4 * percentile_error(found.simulated, level))
    assert found.simulation_error < NUMERICAL


def test_without_rho_it_is_the_normal_distribution():
    fit = SLX(*case(), outcome="y", regressors=["x1", "x2"]).fit()
    found = fit.effects(draws=10)
    assert_allclose(found.interval, found.interval_delta, atol=NUMERICAL)


def test_quantile_of_a_mixture_of_two_normals():
    centres, widths = np.array([-1.0, 2.0])[:, None, None], np.array([0.5, 1.5])[:, None, None]
    mass = np.array([0.3, 0.7])[:, None, None]
    for p in (0.01, 0.3, 0.5, 0.99):
        x = float(_quantile(p, mass, centres, widths)[0, 0])
        assert 0.3 * norm.cdf(x, -1.0, 0.5) + 0.7 * norm.cdf(x, 2.0, 1.5) == pytest.approx(p, abs=1e-6)


def test_percentiles_of_draws_state_their_simulation_error():
    drawn = np.random.default_rng(1).standard_normal((200, 1000))
    ends = np.quantile(drawn, [0.025, 0.975], axis=1)
    assert percentile_error(drawn[0], 0.95) == pytest.approx(ends.std(axis=1).max(), rel=0.6)
    assert np.isnan(percentile_error(drawn[0, :1], 0.95))
