from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shuyi import files
from shuyi.analyses.tiers import classification
from shuyi.errors import ConfigError, DataError

EXACT = 1e-12  # sums of squares and means in double precision

ROOT = Path(__file__).parents[4]
L, M, F = 0, 1, 2


def classify(scores, **options):
    scores = np.asarray(scores, float)
    labels = {"units": [f"u{i}" for i in range(scores.shape[1])], "periods": range(2016, 2016 + len(scores))}
    return classification.classify(scores, **labels, **options)


def within_squares(values, cuts):
    groups = np.searchsorted(cuts, values, side="left")
    return sum(((values[groups == g] - values[groups == g].mean()) ** 2).sum() for g in np.unique(groups))


def brute_force(values):
    ordered = np.unique(values)
    middles = (ordered[:-1] + ordered[1:]) / 2.0
    return min(within_squares(values, np.array(pair)) for pair in combinations(middles, 2))


def test_hand_worked_natural_breaks_and_quantiles():
    scores = [[1.0, 2.0, 10.0, 11.0, 30.0, 31.0]]
    found = classify(scores)
    assert found.cuts.tolist() == [[6.0, 20.5]]
    assert found.raw.tolist() == [[L, L, M, M, F, F]]
    by_quantile = classify(scores, method="quantile", quantiles=(0.2, 0.4))
    assert by_quantile.cuts.tolist() == [[2.0, 10.0]]
    assert by_quantile.raw.tolist() == [[L, L, M, F, F, F]]


vectors = hnp.arrays(
    float, st.integers(5, 12), elements=st.integers(0, 1000).map(lambda v: v / 10), unique=True
)


@given(vectors)
def test_natural_breaks_are_the_optimum_that_kmeans_can_only_reach(values):
    best = brute_force(values)
    natural = within_squares(values, classification.natural_break_cuts(values))
    assert natural == pytest.approx(best, rel=1e-9, abs=EXACT)


def test_kmeans_reaches_the_optimum_of_separated_groups():
    rng = np.random.default_rng(4)
    values = np.concatenate([rng.normal(centre, 0.3, 10) for centre in (0.0, 5.0, 12.0)])
    kmeans, natural = classification.kmeans_cuts(values, seed=1), classification.natural_break_cuts(values)
    assert within_squares(values, kmeans) == pytest.approx(within_squares(values, natural), rel=1e-9)
    assert classification.kmeans_cuts(values, seed=1).tolist() == kmeans.tolist()
    assert within_squares(values, classification.kmeans_cuts(values[::-1].copy(), seed=7)) == pytest.approx(
        brute_force(values), rel=1e-9
    )


@pytest.mark.parametrize("method", classification.METHODS)
@pytest.mark.parametrize("pool", classification.POOLS)
def test_tiers_do_not_depend_on_the_order_of_units(method, pool):
    scores = np.random.default_rng(2).uniform(size=(4, 12))
    order = np.random.default_rng(3).permutation(12)
    one = classify(scores, method=method, pool=pool).positions[:, order]
    other = classify(scores[:, order], method=method, pool=pool).positions
    assert np.array_equal(one, other)


def test_panel_cuts_are_one_standard_for_all_periods():
    scores = np.random.default_rng(2).uniform(size=(4, 12)) + np.arange(4)[:, None]
    found = classify(scores, method="quantile", pool="panel")
    assert (found.cuts == found.cuts[0]).all()
    assert (found.raw[0] == L).all()
    assert (found.raw[3] == F).all()


CUTS = np.array([[1.0, 2.0]] * 6)


def path(values, margin, periods):
    """Tiers of a single unit, whose scores have no spread within a period: the band is nil."""
    scores = np.asarray(values, float)[:, None]
    return classification.apply_hysteresis(
        scores, CUTS[: len(scores)], classification.Hysteresis(margin, periods)
    )[:, 0]


def test_without_margin_and_delay_the_cuts_decide():
    assert path([0.5, 1.5, 2.5, 1.5, 0.5, 3.0], 0.0, 1).tolist() == [L, M, F, M, L, F]


def test_a_move_waits_for_consecutive_periods():
    assert path([0.5, 1.5, 0.5, 1.5, 1.6, 0.5], 0.0, 2).tolist() == [L, L, L, L, M, M]
    assert path([0.5, 1.5, 2.5, 2.5, 0.5, 1.5], 0.0, 2).tolist() == [L, L, F, F, F, M]


def test_a_change_of_side_starts_the_count_anew():
    assert path([1.5, 2.5, 0.5, 2.5, 0.5, 0.5], 0.0, 2).tolist() == [M, M, M, M, M, L]


def test_a_move_must_exceed_the_margin():
    # the two scores are 0.8 apart from their mean on either side: standard deviation .8, band .08
    first = np.array([1.05, 1.05, 1.12, 0.95, 0.9])
    scores = np.stack([first, first - 1.6], axis=1)
    found = classification.apply_hysteresis(scores, CUTS[:5], classification.Hysteresis(0.1, 1))
    assert found[:, 0].tolist() == [M, M, M, M, L]
    lower = np.array([0.95, 1.05, 1.07, 1.09, 0.93])
    scores = np.stack([lower, lower - 1.6], axis=1)
    assert classification.apply_hysteresis(scores, CUTS[:5], classification.Hysteresis(0.1, 1))[
        :, 0
    ].tolist() == [
        L,
        L,
        L,
        M,
        M,
    ]


@given(hnp.arrays(float, (8, 6), elements=st.floats(0.0, 1.0)), st.floats(0.0, 1.0), st.integers(1, 4))
def test_hysteresis_never_travels_further_than_the_cuts(scores, margin, periods):
    cuts = np.tile([1 / 3, 2 / 3], (8, 1))
    raw = classification.apply_hysteresis(scores, cuts, classification.NO_HYSTERESIS)
    assert np.array_equal(raw, (scores[:, :, None] > cuts[:, None, :]).sum(axis=2))
    held = classification.apply_hysteresis(scores, cuts, classification.Hysteresis(margin, periods))
    travelled = [np.abs(np.diff(p, axis=0)).sum(axis=0) for p in (held, raw)]
    assert (travelled[0] <= travelled[1]).all()
    assert np.array_equal(held[0], raw[0])


def test_frames_of_tiers():
    scores = np.random.default_rng(8).uniform(size=(3, 9))
    found = classify(scores, method="quantile", hysteresis=classification.Hysteresis(0.2, 2))
    frame = found.to_frame()
    assert list(frame.columns) == ["unit", "period", "score", "tier_by_cuts", "tier", "held"]
    assert (frame["held"] == (frame["tier_by_cuts"] != frame["tier"])).all()
    assert frame.loc[4, "score"] == scores[1, 1]
    cuts = found.cuts_frame()
    assert (cuts["units_below"] + cuts["units_above"] == 9).all()
    changes = found.changes()
    assert len(changes) == np.count_nonzero(np.diff(found.positions, axis=0))
    assert (changes["from"] != changes["to"]).all()


def test_transitions_hand_counted():
    # u0: L M M, u1: M M F, u2: F F F
    scores = [[0.0, 5.0, 9.0], [5.0, 5.0, 9.0], [5.0, 9.0, 9.0]]
    found = classify(scores, method="quantile", pool="panel", quantiles=(0.05, 0.5))
    assert found.positions.T.tolist() == [[L, M, M], [M, M, F], [F, F, F]]
    counted = classification.transitions(found)
    assert counted.counts.tolist() == [[0, 1, 0], [0, 2, 1], [0, 0, 2]]
    np.testing.assert_allclose(counted.shares[1], [0.0, 2 / 3, 1 / 3], atol=EXACT)
    assert len(counted.to_frame()) == 9


def test_transitions_agree_with_giddy():
    from giddy.markov import Markov

    found = classify(np.random.default_rng(9).uniform(size=(9, 31)))
    peer = Markov(found.positions.T, summary=False)
    counted = classification.transitions(found)
    assert np.array_equal(counted.counts, peer.transitions)
    np.testing.assert_allclose(counted.shares, peer.p, atol=EXACT)


def test_a_tier_that_nobody_left_has_no_shares():
    found = classification.TierTransitions(np.array([[1, 0, 0], [0, 0, 0], [0, 0, 2]]))
    assert np.isnan(found.shares[1]).all()


@pytest.mark.parametrize(
    ("scores", "options", "message"),
    [
        ([[1.0, 1.0, 2.0]], {}, "scores of 2016 cannot be divided"),
        ([[1.0, np.nan, 2.0]], {}, "u1 2016"),
        ([[1.0, 2.0, 3.0]], {"method": "natural"}, "did you mean 'natural_breaks'"),
        ([[1.0, 2.0, 3.0]], {"pool": "years"}, "did you mean 'year'"),
        ([[1.0, 2.0, 3.0]], {"method": "quantile", "quantiles": (0.6, 0.4)}, "0 < lower < upper < 1"),
        ([[1.0, 1.0, 1.0, 1.0, 2.0, 3.0]], {"method": "quantile", "quantiles": (0.2, 0.4)}, "coincide"),
    ],
)
def test_refused_scores(scores, options, message):
    with pytest.raises(DataError, match=message):
        classify(scores, **options)


def test_refused_rules():
    with pytest.raises(ConfigError, match="margin is out of range"):
        classification.Hysteresis(-0.1, 2)
    with pytest.raises(DataError, match="two periods"):
        classification.transitions(classify([[1.0, 2.0, 3.0]]))


ROWS = files.read_rows(ROOT / "data/policy/instruments.csv")


def test_every_tier_has_instruments_with_a_source():
    frame = classification.instrument_matrix(ROWS).to_frame()
    assert frame["applies"].sum() == len(ROWS)
    assert (frame[frame["applies"]].groupby("tier").size() >= 3).all()
    assert (frame["applies"] == (frame["source"] != "")).all()


def test_instruments_of_units_follow_their_tier():
    matrix = classification.instrument_matrix(ROWS)
    found = classify([[1.0, 2.0, 3.0]])
    frame = matrix.for_units(found, 2016)
    assert set(frame[frame["unit"] == "u2"]["tier"]) == {"frontier"}
    expected = [row["instrument"] for row in ROWS if row["tier"] == "frontier"]
    assert list(frame[frame["unit"] == "u2"]["instrument"]) == expected
    with pytest.raises(DataError, match="one of 2016"):
        matrix.for_units(found, 2030)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tier": "frontiers"}, "did you mean 'frontier'"),
        ({"source": ""}, "without source"),
        ({"instrument": ROWS[1]["instrument"]}, "another title"),
    ],
)
def test_refused_instruments(change, message):
    with pytest.raises(DataError, match=message):
        classification.instrument_matrix([{**ROWS[0], **change}, *ROWS[1:]])


def coordinates(**options):
    scores = np.array([[[0.2, 0.4, 0.1, 0.3]], [[0.5, 0.5, 0.1, 0.7]], [[0.5, 0.5, 0.1, 0.7]]])
    labels = {"dimensions": "abcd", "units": ["u"], "periods": (2016, 2017, 2018)}
    return classification.development_coordinates(scores, **{"x": "ab", "y": "cd", **labels, **options})


def test_development_coordinates_hand_worked():
    found = coordinates()
    np.testing.assert_allclose(found.x[:, 0], [0.3, 0.5, 0.5], atol=EXACT)
    np.testing.assert_allclose(found.y[:, 0], [0.2, 0.4, 0.4], atol=EXACT)
    arrows = found.arrows()
    assert arrows["direction"][0] == pytest.approx(45.0, abs=1e-9)
    assert arrows["length"][0] == pytest.approx(0.2 * 2**0.5, abs=EXACT)
    assert np.isnan(arrows["direction"][1])
    assert list(arrows["from"]) == [2016, 2017]
    assert list(arrows["to"]) == [2017, 2018]
    assert len(found.to_frame()) == 3


def test_development_coordinates_with_weights():
    found = coordinates(weights={"a": 3.0, "b": 1.0, "c": 1.0, "d": 1.0})
    assert found.x[0, 0] == pytest.approx(0.25, abs=EXACT)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x": "ae"}, "one or more of a, b, c, d"),
        ({"x": "abc"}, "none on both"),
        ({"y": ""}, "y: none"),
        ({"weights": {"a": -1.0, "b": 1.0, "c": 1.0, "d": 1.0}}, "positive weight"),
    ],
)
def test_refused_axes(options, message):
    with pytest.raises(DataError, match=message):
        coordinates(**options)
