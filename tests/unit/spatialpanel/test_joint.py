"""Joint tests of a curve: known statistics, exact p-values, size under the null, refusals."""

import numpy as np
import pytest
from scipy.stats import norm, t

from shuyi.errors import DataError
from shuyi.spatialpanel.many.joint import joint_statistics, joint_test

DF = np.full(5, 30.0)
ROUNDING = 1e-12


def test_statistics_are_their_definitions():
    value, error = np.array([0.5, 0.3, -0.1, 0.2, -0.9]), np.array([0.1, 0.2, 0.1, 0.1, 0.3])
    found = joint_statistics(value, error, DF)
    ratio = value / error
    p = 2 * t.sf(np.abs(ratio), 30)
    z = norm.ppf(t.cdf(ratio, 30))
    assert found[0] == pytest.approx(np.abs(np.median(value)), abs=ROUNDING)
    assert found[1] == max(((p < 0.05) & (value > 0)).sum(), ((p < 0.05) & (value < 0)).sum()) / 5
    assert found[2] == pytest.approx(abs(z.sum()) / np.sqrt(5), abs=1e-9)


def test_specifications_without_an_estimate_do_not_count():
    value, error = np.array([0.5, np.nan, 0.3]), np.array([0.1, np.nan, 0.1])
    pair = joint_statistics(value[[0, 2]], error[[0, 2]], DF[:2])
    assert joint_statistics(value, error, DF[:3]) == pytest.approx(pair)


def test_statistics_do_not_depend_on_the_sign():
    rng = np.random.default_rng(1)
    value, error = rng.normal(size=5), rng.uniform(0.5, 1, 5)
    assert joint_statistics(value, error, DF) == pytest.approx(joint_statistics(-value, error, DF))


def test_p_values_count_draws_that_reach_the_observed():
    null = np.tile(np.arange(1.0, 20.0), (5, 1))
    test = joint_test(np.full(5, 15.0), np.ones(5), null, np.ones((5, 19)), DF)
    assert test.p_value[0] == pytest.approx((1 + 5) / 20)
    assert test.specifications == 5


def test_correlated_specifications_under_the_null_keep_the_size():
    rng = np.random.default_rng(5)
    p_values = []
    for _ in range(300):
        common = rng.normal(size=(1, 100))
        curve = 0.9 * common + 0.4 * rng.normal(size=(8, 100))
        df = np.full(8, 1e6)
        test = joint_test(curve[:, 0], np.ones(8), curve[:, 1:], np.ones((8, 99)), df)
        p_values.append(test.p_value)
    size = (np.array(p_values) <= 0.05).mean(axis=0)
    assert (np.abs(size[[0, 2]] - 0.05) < 0.035).all() and size[1] <= 0.085


def test_a_curve_without_draws_is_refused():
    with pytest.raises(DataError, match="No specification"):
        joint_test(np.ones(5), np.ones(5), np.full((5, 9), np.nan), np.ones((5, 9)), DF)
