"""Hotelling's F: exact for the jackknife of a mean, and what is refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import f, kstest

from shuyi.errors import ConfigError
from shuyi.spatialpanel.diagnostics import hotelling_f
from shuyi.spatialpanel.diagnostics.result import chi_squared, standard_normal


def test_it_is_exact_for_a_mean():
    """The Wald statistic of a mean with the sample covariance over n; 400 p-values are uniform."""
    rng = np.random.default_rng(1)
    p_values = []
    for _ in range(400):
        x = rng.standard_normal((12, 5))
        mean = x.mean(axis=0)
        wald = mean @ np.linalg.solve(np.cov(x.T) / 12, mean)
        p_values.append(hotelling_f(chi_squared("wald", "zero", wald, 5), 12).p_value)
    assert kstest(p_values, "uniform").pvalue > 0.001


def test_the_labels_stay():
    found = hotelling_f(chi_squared("wald_sar", "th_zero", 9.0, 3, spec="twoways"), 31)
    assert (found.test, found.spec, found.df, found.df_denominator) == ("wald_sar", "twoways", 3, 28)
    assert_allclose(found.p_value, f.sf(28 / (3 * 30) * 9.0, 3, 28))


def test_what_is_refused():
    with pytest.raises(ConfigError, match="fewer restrictions than units"):
        hotelling_f(chi_squared("wald", "zero", 9.0, 5), 5)
    with pytest.raises(ConfigError, match="normal"):
        hotelling_f(standard_normal("cd", "zero", 9.0), 31)
