import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shuyi.analyses.index import rankings
from shuyi.errors import ConfigError, DataError

EXACT = 1e-12  # sums of a few products in double precision
MONTE_CARLO = 0.01  # five standard errors of a mean of 20,000 draws whose standard deviation is below .25

UNITS, PERIODS = tuple("abcdef"), (2016, 2017)


def stability(**scorings):
    arrays = {name: np.tile(np.asarray(v, float), (2, 1)) for name, v in scorings.items()}
    return rankings.rank_stability(arrays, units=UNITS, periods=PERIODS, top=2)


def test_ranks_hand_worked():
    assert rankings.ranks(np.array([[3.0, 5.0, 5.0, 1.0]])).tolist() == [[3.0, 1.5, 1.5, 4.0]]


@given(hnp.arrays(float, (3, 6), elements=st.floats(-1e6, 1e6)))
def test_ranks_agree_with_pandas(scores):
    peer = pd.DataFrame(scores).rank(axis=1, ascending=False).to_numpy()
    np.testing.assert_array_equal(rankings.ranks(scores), peer)


def test_moves_hand_worked():
    scores = np.array([[3.0, 2.0, 1.0], [1.0, 2.0, 3.0]])
    frame = rankings.rank_moves(scores, units="xyz", periods=PERIODS).to_frame()
    assert frame["rank"].tolist() == [1.0, 3.0, 2.0, 2.0, 3.0, 1.0]
    np.testing.assert_array_equal(frame["gain"], [np.nan, -2.0, np.nan, 0.0, np.nan, 2.0])


def test_stability_hand_worked():
    # d^2: (1-2)^2 + (2-1)^2 + 0 + 0 + (5-6)^2 + (6-5)^2 = 4; rho = 1 - 6 * 4 / 210; tau = (13 - 2) / 15
    found = stability(one=[6, 5, 4, 3, 2, 1], other=[5, 6, 4, 3, 1, 2]).agreements[0]
    assert found.spearman == pytest.approx(1 - 24 / 210, abs=EXACT)
    assert found.kendall == pytest.approx(11 / 15, abs=EXACT)
    assert (found.top_shared, found.bottom_shared) == (2, 2)


def test_changes_at_both_ends_are_named():
    found = stability(one=[6, 5, 4, 3, 2, 1], other=[6, 4, 5, 1, 3, 2]).agreements[0]
    assert (found.top_only_first, found.top_only_second) == (("b",), ("c",))
    assert (found.bottom_only_first, found.bottom_only_second) == (("e",), ("d",))
    frame = stability(one=[6, 5, 4, 3, 2, 1], other=[1, 2, 3, 4, 5, 6]).to_frame()
    assert frame.loc[0, "top_only_first"] == "a b"
    assert frame.loc[0, "top_shared"] == 0


def test_identical_and_reversed_rankings():
    one = np.arange(6.0)
    found = stability(one=one, same=np.exp(one), reverse=-one).agreements
    assert [(a.first, a.second, a.period) for a in found[::2]] == [
        ("one", "same", 2016), ("one", "reverse", 2016), ("same", "reverse", 2016),
    ]  # fmt: skip
    for agreement, sign in zip(found[::2], (1.0, -1.0, -1.0), strict=True):
        assert agreement.spearman == pytest.approx(sign, abs=EXACT)
        assert agreement.kendall == pytest.approx(sign, abs=EXACT)


def test_a_scoring_without_variation_has_no_correlation():
    found = stability(one=np.arange(6.0), flat=np.ones(6)).agreements[0]
    assert np.isnan(found.spearman)
    assert np.isnan(found.kendall)


@given(
    hnp.arrays(float, (2, 6), elements=st.integers(0, 5)),
    hnp.arrays(float, (2, 6), elements=st.integers(0, 5)),
)
def test_both_ends_are_counted_completely(first, second):
    found = rankings.rank_stability({"p": first, "q": second}, units=UNITS, periods=PERIODS, top=2)
    for a in found.agreements:
        assert a.top_shared + len(a.top_only_first) == a.top_shared + len(a.top_only_second) == 2
        assert a.bottom_shared + len(a.bottom_only_first) == 2


def intervals(normalised=None, weights=(0.5, 0.3, 0.2), **options):
    if normalised is None:
        normalised = np.random.default_rng(1).uniform(size=(2, 6, 3))
    chosen = {"draws": 400, "seed": 3, **options}
    return rankings.rank_intervals(normalised, np.array(weights), units=UNITS, periods=PERIODS, **chosen)


@pytest.mark.parametrize("resample", rankings.RESAMPLES)
def test_intervals_are_ranks_in_order_and_repeatable(resample):
    found = intervals(resample=resample)
    assert (found.lower <= found.median).all()
    assert (found.median <= found.upper).all()
    assert found.lower.min() >= 1.0
    assert found.upper.max() <= 6.0
    assert (found.upper > found.lower).any()
    again = intervals(resample=resample)
    pd.testing.assert_frame_equal(found.to_frame(), again.to_frame())
    assert not found.to_frame().equals(intervals(resample=resample, seed=4).to_frame())


def test_a_unit_best_in_everything_has_no_uncertainty():
    normalised = np.random.default_rng(1).uniform(0.1, 0.9, size=(2, 6, 3))
    normalised[:, 2], normalised[:, 4] = 1.0, 0.0
    found = intervals(normalised)
    assert (found.lower[:, 2] == 1.0).all()
    assert (found.upper[:, 2] == 1.0).all()
    assert (found.lower[:, 4] == 6.0).all()
    assert (found.top_share[:, 2] == 1.0).all()
    assert (found.top_share[:, 4] == 0.0).all()


def test_intervals_narrow_as_the_weights_concentrate():
    wide, narrow = (intervals(resample="weights", concentration=c) for c in (1.0, 1e6))
    assert (narrow.upper - narrow.lower).sum() < (wide.upper - wide.lower).sum()
    np.testing.assert_array_equal(narrow.median, narrow.ranks)


def test_order_of_units_permutes_the_intervals():
    normalised = np.random.default_rng(1).uniform(size=(2, 6, 3))
    order = np.array([3, 0, 5, 1, 4, 2])
    one, other = intervals(normalised), intervals(normalised[:, order])
    np.testing.assert_array_equal(one.lower[:, order], other.lower)
    np.testing.assert_array_equal(one.top_share[:, order], other.top_share)


def test_blocks_of_draws_change_nothing(monkeypatch):
    whole = intervals()
    monkeypatch.setattr(rankings, "BLOCK_CELLS", 60)
    pd.testing.assert_frame_equal(whole.to_frame(), intervals().to_frame())


def test_moments_of_drawn_weights():
    weights, concentration = np.array([0.5, 0.3, 0.2]), 4.0
    rng = np.random.default_rng(0)
    drawn = rankings.draw_weights(weights, "weights", 20_000, rng, concentration)
    np.testing.assert_allclose(drawn.mean(axis=0), weights, atol=MONTE_CARLO)
    np.testing.assert_allclose(drawn.var(axis=0), weights * (1 - weights) / (3 * 4.0 + 1), atol=MONTE_CARLO)


def test_indicator_draws_are_multiples_and_zero_weights_stay_out():
    rng = np.random.default_rng(0)
    drawn = rankings.draw_weights(np.array([0.5, 0.0, 0.5]), "indicators", 500, rng, 1.0)
    assert set(drawn[:, 0]) == {0.0, 0.5, 1.0}
    assert not drawn[:, 1].any()
    for resample in rankings.RESAMPLES:
        drawn = rankings.draw_weights(np.array([0.5, 0.0, 0.5]), resample, 50, rng, 1.0)
        np.testing.assert_allclose(drawn.sum(axis=1), 1.0, atol=EXACT)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resample": "weight"}, "did you mean 'weights'"),
        ({"draws": 0}, "draws is too small"),
        ({"concentration": 0.0}, "concentration is out of range"),
        ({"confidence": 1.0}, "confidence is a share"),
        ({"weights": (0.9, -0.1, 0.2)}, "entropy, critic or equal"),
        ({"weights": (0.5, 0.5)}, r"shape \(2, 6, 2\)"),
        ({"normalised": np.full((2, 6, 3), np.nan)}, "no rank"),
    ],
)
def test_refused_intervals(options, message):
    with pytest.raises((ConfigError, DataError), match=message):
        intervals(**options)


def test_refused_comparisons():
    with pytest.raises(DataError, match="1 scorings"):
        stability(one=np.arange(6.0))
    with pytest.raises(DataError, match="scores of 'other'"):
        stability(one=np.arange(6.0), other=np.arange(5.0))
    with pytest.raises(DataError, match=r"no rank.*|infinite"):
        stability(one=np.arange(6.0), other=[1, 2, 3, 4, 5, np.inf])
