"""Residual dependence: formulas by loops, size, and what is refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import binom, chi2, norm

from shuyi.errors import ConfigError, DataError
from shuyi.esda import residual_moran
from shuyi.spatialpanel import SAR, Fit
from shuyi.spatialpanel.diagnostics import (
    breusch_pagan_dependence,
    mean_absolute_correlation,
    pesaran_cd,
    residual_moran_tests,
)
from shuyi.spatialpanel.diagnostics.residuals import residuals_of

ROUNDING = {"rtol": 1e-10}
REPLICATIONS, LEVEL, TAIL = 400, 0.05, 5e-4


def test_statistics_by_loops():
    T, n = 7, 5
    e = np.random.default_rng(0).standard_normal((T, n))
    r = [np.corrcoef(e[:, i], e[:, j])[0, 1] for i in range(n) for j in range(i + 1, n)]
    cd = pesaran_cd(e)
    assert_allclose(cd.statistic, np.sqrt(2 * T / (n * (n - 1))) * sum(r), **ROUNDING)
    assert_allclose(cd.p_value, 2 * norm.sf(abs(cd.statistic)), **ROUNDING)
    lm, scaled = breusch_pagan_dependence(e)
    assert_allclose(lm.statistic, T * sum(v**2 for v in r), **ROUNDING)
    assert lm.df == n * (n - 1) / 2
    assert_allclose(lm.p_value, chi2.sf(lm.statistic, lm.df), **ROUNDING)
    expected = sum(T * v**2 - 1 for v in r) / np.sqrt(n * (n - 1))
    assert_allclose(scaled.statistic, expected, rtol=1e-8)
    assert_allclose(mean_absolute_correlation(e), np.mean(np.abs(r)), **ROUNDING)


def test_size_of_cd_and_its_power_against_a_factor():
    rng = np.random.default_rng(4)
    rejections = sum(pesaran_cd(rng.standard_normal((9, 31))).p_value <= LEVEL for _ in range(REPLICATIONS))
    low, high = binom.ppf([TAIL, 1 - TAIL], REPLICATIONS, LEVEL)
    assert low <= rejections <= high
    factor = rng.standard_normal((9, 1)) + 0.3 * rng.standard_normal((9, 31))
    assert pesaran_cd(factor).p_value < 1e-10


def test_cd_is_refused_with_time_effects_and_takes_a_fit(panel_of, weights_of):
    e = np.random.default_rng(1).standard_normal((9, 31))
    with pytest.raises(ConfigError, match="time effects"):
        pesaran_cd(e, effects="twoways")
    weights = weights_of("row", 12)
    panel = panel_of(12, 6, weights)
    fits = {
        effects: SAR(panel, weights, outcome="y", regressors=["x1"], effects=effects).fit("lee_yu")
        for effects in ("individual", "twoways")
    }
    own = pesaran_cd(fits["individual"])
    by_hand = pesaran_cd(residuals_of(fits["individual"]), effects="individual")
    assert (own.statistic, own.spec) == (by_hand.statistic, "individual")
    with pytest.raises(ConfigError, match="dependence_test"):
        pesaran_cd(fits["twoways"])


def test_moran_of_residuals_is_that_of_esda(weights_of):
    weights = weights_of("row", 12)
    e = np.random.default_rng(2).standard_normal((3, 12))
    periods = (2001, 2002, 2003)
    rows = residual_moran(e, weights.labels, periods, weights, permutations=99, seed=5).rows
    found = residual_moran_tests(e, weights, weights.labels, periods, permutations=99, seed=5)
    assert [r.period for r in found] == list(periods)
    assert [r.p_value for r in found] == [row.p_permuted for row in rows]
    assert [r.statistic for r in found] == [row.z_random for row in rows]
    analytic = residual_moran_tests(e, weights, weights.labels, periods, permutations=0, seed=5)
    assert [r.p_value for r in analytic] == [row.p_random for row in rows]
    assert {r.distribution for r in analytic} == {"normal"}


@pytest.mark.parametrize(
    ("residuals", "found"),
    [
        (np.full((5, 4), np.nan), "20 values not finite"),
        (np.ones((2, 4)), "2 periods"),
        (np.column_stack([np.arange(5.0), np.full(5, 2.0)]), "positions 1"),
    ],
)
def test_residuals_without_correlations_are_refused(residuals, found):
    with pytest.raises(DataError) as caught:
        pesaran_cd(residuals)
    assert found in str(caught.value)


def test_a_fit_without_residuals_is_refused(panel_of, weights_of):
    weights = weights_of("row", 8)
    fit = SAR(panel_of(8, 5, weights), weights, outcome="y", regressors=["x1"]).fit()
    with pytest.raises(DataError, match="without its residuals"):
        residuals_of(Fit.from_dict(fit.to_dict(arrays=False)))
