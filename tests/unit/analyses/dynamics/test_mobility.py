import numpy as np
import pandas as pd
import pytest
from distribution_cases import panel_of, ring, us_states
from hypothesis import given, settings
from hypothesis import strategies as st

from shuyi.analyses.dynamics import mobility
from shuyi.errors import AlignmentError, DataError, WeightsError
from shuyi.regions import Grouping
from shuyi.weights import Weights

ROUNDING = 1e-12


def moved(panel, order):
    return panel.select(units=[panel.units[i] for i in order])


@pytest.fixture(scope="module")
def walk():
    rng = np.random.default_rng(3)
    return panel_of(np.exp(0.2 * rng.normal(size=(6, 12)).cumsum(axis=0) + rng.normal(size=12)))


@pytest.fixture(scope="module")
def states():
    return us_states()


def test_quadrant_transitions_of_us_incomes_are_those_of_giddy(states):
    result = mobility.lisa_transitions(states[0], "y", states[1])
    printed = [[1087, 44, 4, 34], [41, 470, 36, 1], [5, 34, 1422, 39], [30, 1, 40, 552]]
    np.testing.assert_array_equal(result.counts, printed)
    np.testing.assert_allclose(result.ergodic, [0.28561505, 0.14190226, 0.40493672, 0.16754598], atol=5e-9)
    both = np.trace(result.counts) / result.counts.sum()
    assert result.stability == pytest.approx(both, abs=ROUNDING)
    np.testing.assert_allclose(result.expected.sum(axis=1), result.counts.sum(axis=1))


def test_quadrants_and_moves_by_hand():
    """On a ring 10, 10, 1, 1 the neighbours of each unit are one rich and one poor; then unit 01 falls."""
    panel = panel_of([[10, 9, 8, 1, 1.5, 2], [10, 1, 8, 1, 1.5, 9]])
    result = mobility.lisa_transitions(panel, "y", ring(panel.units))
    y = panel["y"]
    z = y - y.mean(axis=1, keepdims=True)
    lag = ring(panel.units).lag(z)
    own, near = np.where(z > 0, "H", "L"), np.where(lag > 0, "H", "L")
    np.testing.assert_array_equal(result.quadrants, np.char.add(own, near))
    expected = {
        (False, False): "none",
        (True, False): "own",
        (False, True): "neighbours",
        (True, True): "both",
    }
    changed = zip(own[0] != own[1], near[0] != near[1], strict=True)
    assert result.moves[0].tolist() == [expected[a, b] for a, b in changed]
    assert result.moves[0, 1] in ("own", "both")
    assert result.moves_frame()["share"].sum() == pytest.approx(1)
    frame = result.units_frame()
    assert frame.columns.tolist()[2:5] == ["unit", "start", "end"]
    assert len(frame) == 6


def test_independent_moves_are_recovered():
    """With independent two-state chains the likelihood ratio is about its degrees of freedom."""
    rng = np.random.default_rng(6)
    p = 0.2
    own, near = ((rng.random((4000, 12)) < p).cumsum(axis=0) % 2 == 1 for _ in range(2))
    code = np.where(own, np.where(near, 0, 3), np.where(near, 1, 2))
    counts = np.array(
        [[((code[:-1] == a) & (code[1:] == b)).sum() for b in range(4)] for a in range(4)], float
    )
    expected, lr, df, p_value = mobility._independent_moves(own, near, counts)
    np.testing.assert_allclose(
        expected / counts.sum(axis=1, keepdims=True),
        np.array(
            [
                [0.64, 0.16, 0.04, 0.16],
                [0.16, 0.64, 0.16, 0.04],
                [0.04, 0.16, 0.64, 0.16],
                [0.16, 0.04, 0.16, 0.64],
            ]
        ),
        atol=0.01,
    )
    assert df == 8
    assert p_value > 0.01
    assert lr < 20


def test_moves_that_never_occur_are_not_tested():
    """Only the first unit falls and only from HL: one free cell each in HH and HL, one free probability."""
    panel = panel_of([[10, 1, 1, 9, 9, 9, 1.0], [2, 1, 1, 9, 9, 9, 1.0]])
    result = mobility.lisa_transitions(panel, "y", ring(panel.units))
    assert result.quadrants[0, 0] == "HL"
    assert result.moves.ravel().tolist().count("own") == 1
    assert (result.expected.sum(axis=1) == result.counts.sum(axis=1)).all()
    assert result.df >= 0


def test_vectors_by_hand():
    panel = panel_of([[1, 2, 3, 2], [2, 2, 3, 1]])
    result = mobility.lisa_vectors(panel, "y", ring(panel.units), permutations=0, seed=1)
    np.testing.assert_allclose(result.own, [0.5, 0.0, 0.0, -0.5])
    np.testing.assert_allclose(result.neighbours, [-0.25, 0.25, -0.25, 0.25])
    np.testing.assert_allclose(result.length[0], np.sqrt(0.25 + 0.0625))
    np.testing.assert_allclose(result.angle[1:3], [90.0, 270.0])
    np.testing.assert_allclose(result.angle[0], 360 - np.degrees(np.arctan(0.5)))
    assert result.counts.sum() == 4
    assert np.isnan(result.p_values).all()
    assert len(result.sectors_frame()) == 8


def test_permutations_of_vectors_are_seeded_and_free_of_the_order_of_units(walk):
    w = ring(walk.units)
    one = mobility.lisa_vectors(walk, "y", w, permutations=99, seed=5)
    again = mobility.lisa_vectors(walk, "y", w, permutations=99, seed=5)
    np.testing.assert_array_equal(one.p_values, again.p_values)
    other = moved(walk, np.random.default_rng(1).permutation(12))
    turned = mobility.lisa_vectors(other, "y", w.reindex(other.units), permutations=99, seed=5)
    np.testing.assert_array_equal(one.counts, turned.counts)
    np.testing.assert_array_equal(one.p_values, turned.p_values)
    np.testing.assert_allclose(one.mean_permuted.sum(), 12)


def test_rank_mobility_by_hand():
    """Units 00 and 01 change places: tau = 1 - 2/6 (pairs) = 2/3, and Theta of their own region is zero."""
    panel = panel_of([[4, 3, 2, 1], [3, 4, 2, 1]])
    together = Grouping("s", panel.units, ("a", "a", "b", "b"))
    apart = Grouping("s", panel.units, ("a", "b", "a", "b"))
    w = ring(panel.units)
    (row,) = mobility.rank_mobility(panel, "y", w, together, permutations=0, seed=1).rows
    assert (row.tau, row.theta, row.changes) == (pytest.approx(2 / 3), 0.0, 2.0)
    assert row.spatial_tau == pytest.approx(2 / 4)
    (row,) = mobility.rank_mobility(panel, "y", w, apart, permutations=0, seed=1).rows
    assert row.theta == 1.0
    result = mobility.rank_mobility(panel, "y", w, apart, permutations=0, seed=1)
    np.testing.assert_array_equal(result.ranks, [[1, 2, 3, 4], [2, 1, 3, 4]])
    assert result.ranks_frame()["change"].tolist() == [0, -1, 0, 1, 0, 0, 0, 0]


def test_tau_is_that_of_scipy_and_pairs_that_of_giddy(walk):
    from giddy.rank import SpatialTau
    from scipy.stats import kendalltau

    from shuyi.weights.neighbours import binary_w

    w = ring(walk.units)
    grouping = Grouping("s", walk.units, tuple("abc" * 4))
    result = mobility.rank_mobility(walk, "y", w, grouping, permutations=49, seed=2)
    y = walk["y"]
    assert [(r.start, r.end) for r in result.rows][-2:] == [(2020, 2021), (2016, 2021)]
    np.testing.assert_allclose(result.rows[-1].tau, kendalltau(y[0], y[-1])[0])
    pattern = w.to_dense() != 0
    first, second = np.nonzero(np.triu(pattern))
    for order in np.random.default_rng(1).permuted(np.tile(np.arange(12), (5, 1)), axis=1):
        peer = SpatialTau(y[0][order], y[3][order], binary_w(pattern)).tau_spatial
        np.testing.assert_allclose(mobility._pair_tau(y[0][order], y[3][order], first, second), peer)
    assert all(0 < r.theta_p_value <= 1 and 0 < r.spatial_tau_p_value <= 1 for r in result.rows)


@settings(max_examples=5)
@given(st.permutations(range(12)))
def test_rank_mobility_does_not_depend_on_the_order_of_units(order):
    rng = np.random.default_rng(3)
    panel = panel_of(np.exp(rng.normal(size=(3, 12))))
    w, regions = ring(panel.units), dict(zip(panel.units, "abc" * 4, strict=True))
    other = moved(panel, order)
    rows = [
        mobility.rank_mobility(
            p, "y", w.reindex(p.units), Grouping.from_mapping("s", regions, p.units), permutations=29, seed=9
        ).to_frame()
        for p in (panel, other)
    ]
    pd.testing.assert_frame_equal(*rows)
    lisa = [mobility.lisa_transitions(p, "y", w.reindex(p.units)) for p in (panel, other)]
    np.testing.assert_allclose(lisa[0].lr, lisa[1].lr, rtol=1e-9)
    np.testing.assert_allclose(lisa[0].expected, lisa[1].expected, rtol=1e-9)


def test_what_cannot_be_measured_is_refused(walk):
    grouping = Grouping("s", walk.units, tuple("abc" * 4))
    still = panel_of(np.tile(walk["y"][0], (3, 1)))
    (row, *_) = mobility.rank_mobility(still, "y", ring(still.units), grouping, permutations=9, seed=1).rows
    assert (row.tau, row.changes) == (pytest.approx(1), 0.0)
    assert np.isnan([row.theta, row.theta_p_value]).all()
    lopsided = ring(walk.units).to_frame()
    lopsided.iloc[0, 5] = 1.0
    with pytest.raises(WeightsError, match="one-sided: 00 -> 05"):
        mobility.rank_mobility(walk, "y", Weights.from_frame(lopsided), grouping, seed=1)
    with pytest.raises(WeightsError, match="sum to one"):
        mobility.lisa_transitions(walk, "y", Weights.from_frame(lopsided))
    with pytest.raises(AlignmentError, match="in another order"):
        mobility.lisa_transitions(walk, "y", ring(walk.units[::-1]))
    flat = walk["y"].copy()
    flat[1] = 2.0
    with pytest.raises(DataError, match="constant in 2017"):
        mobility.lisa_transitions(panel_of(flat), "y", ring(walk.units))
