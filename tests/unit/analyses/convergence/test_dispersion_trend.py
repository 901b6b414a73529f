"""Trends of dispersion over nine years: level with persistent units, power, the exact test of two years."""

import numpy as np
import pytest
from scipy.stats import pearsonr

from shuyi.analyses.convergence.dispersion_trend import dispersion_trend, pitman_morgan
from shuyi.errors import ConfigError, DataError
from shuyi.spatialpanel.montecarlo.simulate import autoregressive

PANELS, MOST = 200, 21
"""Rejections of 200 true nulls at 5 % that a test which keeps its level exceeds once in 2,000 times."""


@pytest.mark.parametrize("measure", ["sd_log", "cv"])
def test_level_of_trends_of_persistent_units(measure):
    rng = np.random.default_rng(1)
    panels = 0.4 * autoregressive(rng.standard_normal((PANELS, 9, 31)), 0.95)
    rejected = [dispersion_trend(logs, range(9), measure).p_value <= 0.05 for logs in panels]
    assert 1 <= sum(rejected) <= MOST


def test_power_where_dispersion_halves():
    rng = np.random.default_rng(2)
    start = rng.standard_normal(31)
    logs = start * np.linspace(1, 0.5, 9)[:, None] + 0.05 * rng.standard_normal((9, 31))
    found = dispersion_trend(logs, range(2016, 2025))
    assert found.slope < 0
    assert max(found.p_value, found.change_p_value) < 0.001


def test_two_years_are_compared_by_the_correlation_of_sum_and_difference():
    rng = np.random.default_rng(3)
    first, last = rng.standard_normal((2, 12))
    expected = pearsonr(last - first, last + first).pvalue
    np.testing.assert_allclose(pitman_morgan(first, last), expected, rtol=1e-10)
    assert np.isnan(pitman_morgan(first, first))


def test_few_units_are_marked_and_too_few_refused():
    logs = np.random.default_rng(4).standard_normal((9, 4))
    assert dispersion_trend(logs, range(9)).few_units
    with pytest.raises(DataError, match="cannot be tested"):
        dispersion_trend(logs[:, :2], range(9))
    with pytest.raises(ConfigError, match="measure of dispersion"):
        dispersion_trend(logs, range(9), "gini")
