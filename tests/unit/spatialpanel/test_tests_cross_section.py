"""Dependence between units with time effects: formula by loops, level and power, what is refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from shuyi.errors import ConfigError
from shuyi.spatialpanel.diagnostics import dependence_test, weighted_cd
from shuyi.spatialpanel.montecarlo.simulate import autoregressive
from shuyi.spatialpanel.transforms import within

PANELS, DRAWS = 60, 39
MOST = 9
"""Rejections of 60 true nulls at 5 % that a test which keeps its level exceeds once in 2,000 times."""


def test_weighted_cd_by_loops():
    T, n = 40, 5
    e = np.random.default_rng(0).standard_normal((T, n))
    w = np.random.default_rng(7).choice([-1.0, 1.0], n)
    total = sum(w[i] * w[j] * np.corrcoef(e[:, i], e[:, j])[0, 1] for i in range(n) for j in range(i + 1, n))
    assert_allclose(weighted_cd(e, seed=7).statistic, np.sqrt(2 * T / (n * (n - 1))) * total)
    e[:, 1] = e[:, 0] + 0.1 * e[:, 1]
    large = abs(np.corrcoef(e[:, 0], e[:, 1])[0, 1])
    found = weighted_cd(e, seed=7, enhanced=True).statistic - weighted_cd(e, seed=7).statistic
    assert_allclose(found, large)


def test_no_correlation_of_nine_periods_is_screened():
    e = within(np.random.default_rng(0).standard_normal((9, 31)), "twoways")
    assert "0 of 465 correlations above 1.235" in weighted_cd(e, seed=1, enhanced=True).note


@pytest.mark.parametrize("coefficient", [0.0, 0.8])
def test_level_with_two_way_effects_and_power_against_a_factor(coefficient):
    rng = np.random.default_rng(5)
    rejected = caught = 0
    for panel in range(PANELS):
        u = autoregressive(rng.standard_normal((9, 31)), coefficient)
        factor = u + rng.standard_normal((9, 1)) * rng.normal(0, 1.0, 31)
        for e, of_null in ((u, True), (factor, False)):
            p = dependence_test(within(e, "twoways"), effects="twoways", draws=DRAWS, seed=panel).p_value
            rejected += of_null and p <= 0.05
            caught += not of_null and p <= 0.05
    assert rejected <= MOST
    assert caught > 0.8 * PANELS


def test_what_is_refused():
    e = np.random.default_rng(0).standard_normal((6, 7))
    with pytest.raises(ConfigError, match="effects structure"):
        dependence_test(e, draws=9, seed=1)
    with pytest.raises(ConfigError, match="draws = 0"):
        dependence_test(e, effects="twoways", draws=0, seed=1)
    with pytest.raises(ConfigError, match="seed = -1"):
        weighted_cd(e, seed=-1)


def test_the_seed_fixes_the_p_value():
    e = within(np.random.default_rng(3).standard_normal((9, 12)), "twoways")
    first, second = (dependence_test(e, effects="twoways", draws=99, seed=4) for _ in range(2))
    assert (first.statistic, first.p_value) == (second.statistic, second.p_value)
    assert (first.draws, first.seed) == (99, 4)
