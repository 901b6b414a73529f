"""CADF regressions by least squares, the table of critical values by simulation, refusals and size."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import binom
from statsmodels.regression.linear_model import OLS

from shuyi.errors import ConfigError, DataError, IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel.diagnostics import cips
from shuyi.spatialpanel.diagnostics.unitroot import CASES, cadf_ratios, critical_values, simulate_cips

# QR against the pseudo-inverse of statsmodels.
LEAST_SQUARES = {"rtol": 1e-8}
# Quantiles of 4,000 draws of a statistic with standard deviation of about .2 at the 1 to 10 per cent tails.
SIMULATED = 0.06
REPLICATIONS, LEVEL, TAIL = 400, 0.05, 5e-4


def make(n, T, seed=0, walk=True):
    e = np.random.default_rng(seed).standard_normal((T, n))
    values = e.cumsum(axis=0) if walk else e
    units = tuple(f"u{i:02d}" for i in range(n))
    return Panel(values[:, :, None], units, tuple(range(2000, 2000 + T)), ("y",))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("lags", [0, 1, 2])
def test_t_ratios_by_statsmodels(case, lags):
    panel = make(6, 25)
    y = panel["y"]
    d, ybar = np.diff(y, axis=0), y.mean(axis=1)
    dbar = d.mean(axis=1)
    rows = np.arange(lags, 24)
    expected = []
    for i in range(panel.n):
        x = [y[rows, i], ybar[rows], dbar[rows]]
        x += [s[rows - j] for j in range(1, lags + 1) for s in (d[:, i], dbar)]
        x += {"none": [], "drift": [np.ones(len(rows))], "trend": [np.ones(len(rows)), rows]}[case]
        expected.append(OLS(d[rows, i], np.column_stack(x)).fit().tvalues[0])
    found = cips(panel, "y", case=case, lags=lags)
    assert_allclose(found.t_ratios, expected, **LEAST_SQUARES)
    assert_allclose(found.statistic, np.mean(expected), **LEAST_SQUARES)


def test_truncation_uses_the_bounds_of_the_case():
    panel = make(6, 8, seed=3)
    free, cut = (cips(panel, "y", case="trend", truncated=t) for t in (False, True))
    assert_allclose(cut.t_ratios, np.clip(free.t_ratios, -6.42, 1.70))
    assert cut.statistic == cut.t_ratios.mean()


@pytest.mark.parametrize(
    ("n", "T", "case", "truncated"),
    [(10, 10, "drift", False), (10, 10, "trend", True), (20, 10, "none", False), (15, 15, "trend", False)],
)
def test_the_table_by_simulation(n, T, case, truncated):
    draws = simulate_cips(n, T, case, 0, truncated, 4000, seed=9)
    table = critical_values(n, T, case, truncated)
    assert_allclose(np.quantile(draws, list(table)), list(table.values()), atol=SIMULATED)


def test_table_entries_interpolation_and_edges():
    assert critical_values(10, 10, "drift") == {0.01: -2.97, 0.05: -2.52, 0.10: -2.31}
    assert critical_values(200, 200, "trend", truncated=True)[0.05] == -2.55
    between = critical_values(12, 10, "drift")[0.05]
    assert_allclose(between, -2.52 + 2 / 5 * (2.52 - 2.40))
    assert critical_values(9, 10, "drift") is None
    assert critical_values(31, 9, "drift") is None
    for case in CASES:
        values = list(critical_values(33, 41, case).values())
        assert values == sorted(values)


def test_p_value_bounds_and_result():
    panel = make(12, 15, walk=False)
    found = cips(panel, "y")
    assert found.p_high == 0.01 and found.p_low == 0.0
    result = found.to_result()
    assert (result.p_value, result.distribution) == (0.01, "tabulated")
    assert "0 < p <= 0.01" in result.note
    short = cips(make(12, 8), "y")
    assert short.critical_values is None
    assert np.isnan(short.to_result().p_value)
    assert "outside the table" in short.to_result().note


def test_simulated_p_value_is_reproducible_and_the_batch_changes_nothing(monkeypatch):
    panel = make(12, 8)
    first = cips(panel, "y", simulations=199, seed=3)
    assert first.to_result().distribution == "simulated"
    monkeypatch.setattr("shuyi.spatialpanel.diagnostics.unitroot.BATCH", 5_000)
    assert cips(panel, "y", simulations=199, seed=3).p_simulated == first.p_simulated


def test_common_shocks_and_scale_of_units_leave_the_size():
    """Size with a strong common factor, judged by draws without one."""
    n, T = 15, 12
    null = simulate_cips(n, T, "drift", 0, False, 2000, seed=1)
    cut = np.quantile(null, LEVEL)
    rng = np.random.default_rng(2)
    shocks = rng.standard_normal((REPLICATIONS, T, n)) + 3 * rng.standard_normal((REPLICATIONS, T, 1))
    rejections = (cadf_ratios(shocks.cumsum(axis=1), "drift", 0).mean(axis=1) <= cut).sum()
    low, high = binom.ppf([TAIL, 1 - TAIL], REPLICATIONS, LEVEL)
    assert low <= rejections <= high


def test_refusals():
    with pytest.raises(DataError, match="Too few periods") as caught:
        cips(make(6, 8), "y", case="trend", lags=2)
    assert "at least 13 periods" in str(caught.value)
    with pytest.raises(ConfigError, match="deterministic case"):
        cips(make(6, 12), "y", case="constant")
    with pytest.raises(ConfigError, match="lags is out of range"):
        cips(make(6, 12), "y", lags=-1)
    panel = make(6, 12)
    values = panel["y"].copy()
    values[:, 2] = 1.0
    with pytest.raises(IdentificationError) as caught:
        cips(panel.with_variables({"y": values}), "y")
    assert "u02" in str(caught.value)
    values[3, 4] = np.nan
    with pytest.raises(DataError, match="missing") as caught:
        cips(panel.with_variables({"y": values}), "y")
    assert "u04 in 2003" in str(caught.value)
