"""Whatever looks at the period before takes the period before, not the row before."""

import numpy as np
import pandas as pd
import pytest

from shuyi.analyses.convergence.clubs import club_convergence
from shuyi.analyses.convergence.convergence import sigma_convergence
from shuyi.analyses.dynamics.chains import conditional_density, markov, spatial_markov
from shuyi.analyses.dynamics.mobility import lisa_transitions
from shuyi.analyses.index.rankings import RankMoves
from shuyi.analyses.tiers.classification import Hysteresis, classify, transitions
from shuyi.errors import DataError
from shuyi.panel import Panel
from shuyi.spatialpanel import OLS, SAR, SDM
from shuyi.spatialpanel.diagnostics import cips
from shuyi.spatialpanel.diagnostics.serial import serial_correlation
from shuyi.weights import Weights

N, T = 12, 24
UNITS = [f"u{i:02d}" for i in range(N)]
KEPT = [t for t in range(1, T + 1) if t % 4]
RING = np.roll(np.eye(N), 1, 1) / 2 + np.roll(np.eye(N), -1, 1) / 2
W = Weights.from_frame(pd.DataFrame(RING, UNITS, UNITS))


def panel(periods=range(1, T + 1)):
    rng = np.random.default_rng(4)
    x, level = rng.normal(size=(2, len(periods), N))
    y = np.zeros_like(x)
    for t in range(len(periods)):
        y[t] = 0.5 * (y[t - 1] if t else 0) + x[t] + 0.3 * rng.normal(size=N)
    values = np.stack([y, x, np.exp(level / 3 + 2)], axis=2)
    return Panel(values, tuple(UNITS), tuple(periods), ("y", "x", "level"))


GAPPED = panel().select(periods=KEPT)
MODEL = {"outcome": "y", "regressors": ["x"], "effects": "individual"}


@pytest.mark.parametrize(
    "needs_the_period_before",
    [
        lambda p: SAR(p, W, **MODEL, dynamic="tau").fit("lee_yu_bias"),
        lambda p: SDM(p, W, **MODEL, dynamic="both").fit("lee_yu_bias", unstable="flag"),
        lambda p: markov(p, "level"),
        lambda p: spatial_markov(p, "level", W),
        lambda p: conditional_density(p, "level"),
        lambda p: lisa_transitions(p, "level", W),
        lambda p: club_convergence(p, "level"),
        lambda p: sigma_convergence(p, "level"),
        lambda p: cips(p, "y"),
        lambda p: transitions(classify(p["level"], units=p.units, periods=p.periods)),
        lambda p: classify(p["level"], units=p.units, periods=p.periods, hysteresis=Hysteresis(0.1, 2)),
    ],
)
def test_gaps_are_refused(needs_the_period_before):
    needs_the_period_before(panel())
    with pytest.raises(DataError, match=r"missing: 4, 8, 12.*\n.*longest being 1 to 3"):
        needs_the_period_before(GAPPED)


def test_every_other_period_is_a_lag_of_two_and_says_so():
    two = SAR(panel().select(periods=range(2, T + 1, 2)), W, **MODEL, dynamic="tau").fit("lee_yu_bias")
    assert any("2 steps apart" in note for note in two.notes)


def test_driscoll_kraay_weighs_by_distance_in_time():
    """With one lag, rows that are two periods apart have no weight."""
    options = {"covariance_options": {"lags": 1, "small_sample": False}}
    gapped = OLS(GAPPED, **MODEL).fit("exact", "driscoll_kraay", **options)
    e, x = gapped.residual_values, GAPPED["x"] - GAPPED["x"].mean(axis=0)
    h = (x * e).sum(axis=1)
    h = h - h.mean()
    apart = np.abs(np.subtract.outer(KEPT, KEPT))
    expected = h @ np.maximum(1 - apart / 2, 0) @ h / (x**2).sum() ** 2
    assert gapped.covariance_matrix[0, 0] == pytest.approx(expected, rel=1e-8)


def test_serial_correlation_leaves_differences_across_gaps_out():
    e = np.random.default_rng(1).normal(size=(8, 30))
    periods = (1, 2, 3, 4, 7, 8, 9, 10)
    d = np.diff(e, axis=0)
    pairs = [(0, 1), (1, 2), (4, 5), (5, 6)]
    slope = sum(d[a] @ d[b] for a, b in pairs) / sum(d[a] @ d[a] for a, _ in pairs)
    assert f"{slope:.4f}" in serial_correlation(e, periods=periods).note
    with pytest.raises(DataError, match="across gaps"):
        serial_correlation(e, periods=(1, 2, 4, 5, 7, 8, 10, 11))


def test_a_fit_over_gaps_says_no_caution_that_rests_on_them():
    sparse = panel().select(periods=[1, 2, 4, 5, 7, 8, 10, 11])
    assert not any("Wooldridge" in note for note in OLS(sparse, **MODEL).fit().notes)


def test_a_gain_in_rank_is_that_of_one_period():
    moves = RankMoves(("a", "b"), (2001, 2002, 2004), np.array([[1.0, 2.0], [2.0, 1.0], [1.0, 2.0]]))
    np.testing.assert_array_equal(moves.to_frame()["gain"], [np.nan, -1, np.nan, np.nan, 1, np.nan])


@pytest.mark.parametrize(
    "names", [pd.period_range("2011Q1", periods=T, freq="Q"), [f"{t}" for t in range(1, T + 1)]]
)
def test_periods_of_other_kinds_give_the_same_numbers(names):
    own = panel()
    index = pd.MultiIndex.from_product([UNITS, names])
    data = pd.DataFrame({v: own[v].T.ravel() for v in own.variables}, index=index)
    expected = SDM(own, W, **MODEL, dynamic="tau").fit("lee_yu_bias")
    found = SDM(data, W, **MODEL, dynamic="tau").fit("lee_yu_bias")
    np.testing.assert_array_equal(found.values, expected.values)
    errors = [SDM(d, W, **MODEL).fit(covariance="driscoll_kraay").standard_errors for d in (own, data)]
    np.testing.assert_array_equal(*errors)
