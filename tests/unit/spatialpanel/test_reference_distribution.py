"""Intervals and p-values of effects refer to Student's t with n - 1 degrees of freedom, or as asked."""

import math

import numpy as np
import pytest
from scipy.stats import norm, t
from spatial_cases import make_panel, make_weights

from shuyi.spatialpanel import SDM
from shuyi.spatialpanel.effects import p_value, percentile_error, reference_quantile

# Quantiles of the same distributions by another library.
QUANTILE = 1e-10


@pytest.fixture(scope="module")
def fit():
    weights = make_weights("row", 20)
    panel = make_panel(20, 6, weights)
    return SDM(panel, weights, outcome="y", regressors=["x1", "x2"]).fit()


@pytest.mark.parametrize("df", [3, 19, 30.5])
def test_the_normal_level_reaches_as_far_as_student_t(df):
    quantile, level = reference_quantile(0.95, df)
    assert quantile == pytest.approx(t.ppf(0.975, df), rel=QUANTILE)
    assert norm.ppf(0.5 + level / 2) == pytest.approx(quantile, rel=QUANTILE)
    assert p_value(2.1, df) == pytest.approx(2 * t.sf(2.1, df), rel=QUANTILE)


def test_without_degrees_of_freedom_it_is_the_normal_distribution():
    quantile, level = reference_quantile(0.9, math.inf)
    assert (quantile, level) == (pytest.approx(norm.ppf(0.95), rel=QUANTILE), 0.9)
    assert p_value(-2.1, math.inf) == pytest.approx(2 * norm.sf(2.1), rel=QUANTILE)


@pytest.mark.parametrize(("asked", "df"), [(None, 19), (math.inf, math.inf), (7.0, 7.0)])
def test_effects_use_it_in_both_intervals_and_p_values(fit, asked, df):
    found = fit.effects(draws=400, seed=2, df=asked)
    quantile, level = reference_quantile(0.95, df)
    assert found.df == df
    reach = quantile * found.std_error_delta
    np.testing.assert_allclose(found.interval_delta[..., 1] - found.estimate, reach, rtol=QUANTILE)
    drawn = fit.effects(draws=40_000, seed=2, df=asked).simulated
    tails = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    tolerance = 4 * percentile_error(drawn, level)
    np.testing.assert_allclose(found.interval, np.moveaxis(tails, 0, -1), atol=tolerance)
    for record in found.records():
        assert record["p_value"] == pytest.approx(p_value(record["z"], df))
    assert found.to_dict()["df"] == (None if math.isinf(df) else df)


def test_errors_do_not_depend_on_it(fit):
    normal, student = (fit.effects(draws=400, seed=2, df=df) for df in (math.inf, 5))
    np.testing.assert_array_equal(normal.std_error, student.std_error)
    np.testing.assert_array_equal(normal.simulated, student.simulated)
    assert (np.diff(student.interval) > np.diff(normal.interval)).all()
