import copy
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shuyi import files
from shuyi.analyses.coordination import degrees as co
from shuyi.china.clean import DERIVATIONS
from shuyi.errors import ConfigError, DataError
from shuyi.indices import load_scheme
from shuyi.panel import Panel

EXACT = 1e-12  # closed forms evaluated in double precision
HAND = 5e-7  # hand-worked values are written with six decimals

ROOT = Path(__file__).parents[4]
CONFIG = files.read_yaml(ROOT / "config/coordination.yaml")
SCHEMA = files.read_yaml(ROOT / "workflow/schemas/coordination.schema.yaml")
SCHEME_SCHEMA = files.read_yaml(ROOT / "workflow/schemas/index_scheme.schema.yaml")
SCHEMES = {
    name: load_scheme(files.read_yaml(ROOT / f"config/indices/{name}.yaml"), SCHEME_SCHEMA)
    for name in ("four_dimensions", "access_skill_application")
}
UNITS, PERIODS = ("110000", "120000", "130000"), (2016, 2017, 2018)

scores_of = hnp.arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(2, 4)),
                       elements=st.floats(0.0, 1.0))  # fmt: skip


def two_systems(variant):
    scores = np.array([[[0.6, 0.3]]])
    return co.coordinate(
        scores, systems="ab", units=["x"], periods=[2020], shares=[0.5, 0.5], variant=variant
    )


def test_hand_worked_standard_case():
    # C = 2 sqrt(.18) / .9, T = .45, D = sqrt(C T)
    found = two_systems("standard")
    assert found.coupling[0, 0] == pytest.approx(0.942809, abs=HAND)
    assert found.development[0, 0] == pytest.approx(0.45, abs=EXACT)
    assert found.degree[0, 0] == pytest.approx(0.651356, abs=HAND)
    assert found.classes[0, 0] == "primary_coordination"


def test_hand_worked_corrected_case():
    # C = sqrt((1 - .3) (.3 / .6)) = sqrt(.35), D = sqrt(.45 sqrt(.35))
    found = two_systems("corrected")
    assert found.coupling[0, 0] == pytest.approx(0.591608, abs=HAND)
    assert found.degree[0, 0] == pytest.approx(0.515969, abs=HAND)
    assert found.lagging()[0, 0] == "b"


def test_hand_worked_three_systems():
    # gaps .4 + .6 + .2 over 3 pairs; products (.4/.8)(.2/.8) under the square root
    scores = np.array([0.8, 0.4, 0.2])
    gap, product = 0.6 + 0.4 + 0.2, 0.5 * 0.25
    assert co.coupling_corrected(scores) == pytest.approx(
        np.sqrt((1 - gap / 3) * np.sqrt(product)), abs=EXACT
    )
    assert co.coupling_standard(scores) == pytest.approx(3 * 0.064 ** (1 / 3) / 1.4, abs=EXACT)


@given(scores_of)
def test_degrees_lie_in_the_unit_interval(scores):
    labels = {"units": range(scores.shape[1]), "periods": range(scores.shape[0])}
    for variant in co.VARIANTS:
        found = co.coordinate(scores, systems=range(scores.shape[2]), variant=variant, **labels)
        none = ~scores.any(axis=2)
        assert np.array_equal(np.isnan(found.coupling), none)
        for values in (found.coupling[~none], found.development, found.degree):
            assert ((values >= 0.0) & (values <= 1.0)).all()
        assert not found.degree[none].any()


@given(scores_of)
def test_coupling_does_not_depend_on_the_order_of_systems(scores):
    for order in permutations(range(scores.shape[2])):
        for coupling in (co.coupling_standard, co.coupling_corrected):
            np.testing.assert_allclose(coupling(scores[..., order]), coupling(scores), atol=1e-9)


@pytest.mark.parametrize("m", [2, 3, 5])
def test_equal_systems_are_fully_coupled(m):
    for level in (0.05, 0.5, 1.0):
        scores = np.full((1, 1, m), level)
        assert co.coupling_standard(scores)[0, 0] == pytest.approx(1.0, abs=EXACT)
        assert co.coupling_corrected(scores)[0, 0] == pytest.approx(1.0, abs=EXACT)


def test_corrected_coupling_spreads_over_more_of_the_interval():
    scores = np.random.default_rng(1).uniform(0.05, 1.0, size=(5000, 2))
    standard, corrected = co.coupling_standard(scores), co.coupling_corrected(scores)
    assert corrected.std() > 1.5 * standard.std()
    assert (corrected <= standard + EXACT).all()


def test_classes_are_closed_below():
    degrees = np.array([0.0, 0.0999, 0.1, 0.3, 0.5, 0.8999, 0.9, 1.0])
    assert [co.CLASSES[k].id for k in co.class_positions(degrees)] == [
        "extreme_imbalance", "extreme_imbalance", "severe_imbalance", "mild_imbalance", "bare_coordination",
        "good_coordination", "high_coordination", "high_coordination",
    ]  # fmt: skip
    assert [c.upper for c in co.CLASSES[:-1]] == [c.lower for c in co.CLASSES[1:]]


def example(seed=3):
    scores = np.random.default_rng(seed).uniform(size=(3, 3, 2))
    return co.coordinate(scores, systems=("digital", "regional"), units=UNITS, periods=PERIODS)


def test_frame_is_tidy_and_counts_add_up():
    found = example()
    frame = found.to_frame()
    assert list(frame.columns) == [
        "unit", "period", "score_digital", "score_regional", "coupling", "development", "degree", "class",
        "lagging_system",
    ]  # fmt: skip
    assert list(frame["unit"].unique()) == list(UNITS)
    cell = frame[(frame["unit"] == "120000") & (frame["period"] == 2018)].iloc[0]
    assert cell["degree"] == found.degree[2, 1]
    assert cell["score_regional"] == found.scores[2, 1, 1]
    counts = found.class_counts()
    assert (counts.groupby("period")["units"].sum() == 3).all()
    assert len(counts) == 3 * len(co.CLASSES)


def obstacles(normalised, weights):
    return co.obstacle_degrees(
        normalised, np.asarray(weights), indicators=("a", "b", "c"), systems=("s", "s", "t"),
        units=UNITS, periods=PERIODS,
    )  # fmt: skip


def test_obstacle_degrees_hand_worked():
    # shortfalls .2 * .5, .3 * .1 and .5 * 0 sum to .13
    normalised = np.tile([0.5, 0.9, 1.0], (3, 3, 1))
    found = obstacles(normalised, [0.2, 0.3, 0.5])
    np.testing.assert_allclose(found.degrees[0, 0], [0.1 / 0.13, 0.03 / 0.13, 0.0], atol=EXACT)
    np.testing.assert_allclose(found.by_system().degrees[0, 0], [1.0, 0.0], atol=EXACT)
    assert found.by_system().systems == ("s", "t")


def test_obstacle_degrees_sum_to_one_and_rank_from_the_largest():
    found = obstacles(np.random.default_rng(5).uniform(size=(3, 3, 3)), [0.2, 0.3, 0.5])
    np.testing.assert_allclose(found.degrees.sum(axis=2), 1.0, atol=EXACT)
    np.testing.assert_allclose(found.by_system().degrees.sum(axis=2), 1.0, atol=EXACT)
    frame = found.to_frame()
    assert (frame.groupby(["unit", "period"])["degree"].diff().dropna() <= 0.0).all()
    assert len(found.to_frame(first=2)) == 18


def test_no_shortfall_has_no_obstacle():
    found = obstacles(np.ones((3, 3, 3)), [0.2, 0.3, 0.5])
    assert np.isnan(found.degrees).all()


def test_negative_weights_have_no_obstacle_degrees():
    with pytest.raises(DataError, match="not negative"):
        obstacles(np.ones((3, 3, 3)), [0.9, -0.1, 0.2])


def test_trend_by_region():
    found = example()
    regions = dict(zip(UNITS, ("North", "North", "South"), strict=True))
    frame = co.trend(found, regions)
    assert list(frame["region"].unique()) == ["all", "North", "South"]
    south = frame[(frame["region"] == "South") & (frame["period"] == 2017)].iloc[0]
    assert south["degree"] == found.degree[1, 2]
    assert np.isnan(south["degree_sd"])
    overall = frame[frame["region"] == "all"]
    np.testing.assert_allclose(overall["degree"], found.degree.mean(axis=1), atol=EXACT)


def test_trend_needs_a_region_per_unit():
    with pytest.raises(DataError, match="130000"):
        co.trend(example(), {"110000": "North", "120000": "North"})


def test_slopes_of_lines_and_of_constants():
    line = np.array([0.2, 0.3, 0.4])
    scores = np.stack([np.stack([line, line[::-1], np.full(3, 0.5)], axis=1)] * 2, axis=2)
    frame = co.slopes(co.coordinate(scores, systems="ab", units=UNITS, periods=PERIODS))
    degrees = np.sqrt(line)
    assert frame["slope"][0] == pytest.approx(
        np.median([degrees[1] - degrees[0], degrees[2] - degrees[1], (degrees[2] - degrees[0]) / 2])
    )
    assert list(frame["tau"][:2]) == [1.0, -1.0]
    assert frame["slope"][2] == 0.0
    assert np.isnan(frame["tau"][2])


def test_slopes_need_three_periods():
    found = co.coordinate(np.full((2, 1, 2), 0.5), systems="ab", units=["x"], periods=[1, 2])
    with pytest.raises(DataError, match="three periods"):
        co.slopes(found)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.array([[[0.5, 1.2]]]), r"1\.2 at \(0, 0, 1\)"),
        (np.array([[[0.5, np.nan]]]), "nan at"),
        (np.array([[[0.5]]]), "at least two systems"),
    ],
)
def test_refused_scores(scores, message):
    with pytest.raises(DataError, match=message):
        co.coordinate(scores, systems=range(scores.shape[2]), units=["x"], periods=[1])


def test_refused_shares_labels_and_variant():
    scores = np.full((1, 1, 2), 0.5)
    with pytest.raises(DataError, match="division of one"):
        co.coordinate(scores, systems="ab", units=["x"], periods=[1], shares=[0.5, 0.6])
    with pytest.raises(DataError, match="do not fit"):
        co.coordinate(scores, systems="ab", units=["x", "y"], periods=[1])
    with pytest.raises(DataError, match="did you mean 'corrected'"):
        co.coordinate(scores, systems="ab", units=["x"], periods=[1], variant="correct")


def load(raw):
    return co.load_sets(raw, SCHEMA, SCHEMES, SCHEME_SCHEMA, DERIVATIONS)


def test_committed_sets_are_valid():
    sets = load(CONFIG)
    assert next(iter(sets)) == "digital_regional"
    digital = sets["digital_regional"].systems[0].scheme
    assert "talent" not in digital.dimensions
    assert {i.dimension for i in digital.indicators} == set(digital.dimensions)
    assert sum(s.share for s in sets["economy_society_government"].systems) == pytest.approx(1.0, abs=EXACT)


def test_indicator_schema_equals_that_of_the_index_schemes():
    for name in ("title", "indicator"):
        assert SCHEMA["$defs"][name] == SCHEME_SCHEMA["$defs"][name]


def changed(**values):
    raw = copy.deepcopy(CONFIG)
    raw["sets"][0]["systems"][0].update(values)
    return raw


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"scheme": "four_dimension"}, "did you mean 'four_dimensions'"),
        ({"dimensions": ["industri"]}, "did you mean 'industry'"),
        ({"scheme": None, "dimensions": []}, "either a scheme or indicators"),
        ({"id": "regional_system"}, "each system once"),
        ({"weight": 0}, "more than 0"),
        ({"share": 0.5}, "unknown key"),
        ({"dimensions": []}, "invention_grants"),
    ],
)
def test_refused_sets(values, message):
    with pytest.raises(ConfigError, match=message):
        load(changed(**values))


def panel_of(system_set, seed=0, without=()):
    names = dict.fromkeys(c for s in system_set.systems for i in s.scheme.indicators for c in i.columns())
    values = np.random.default_rng(seed).uniform(1.0, 2.0, size=(3, 3, len(names)))
    keep = [j for j, name in enumerate(names) if name not in without]
    return Panel(values[:, :, keep], UNITS, PERIODS, tuple(np.array(list(names))[keep]))


def test_a_set_is_the_coordination_of_its_indices():
    system_set = load(CONFIG)["digital_regional"]
    result = co.coordinate_set(system_set, panel_of(system_set), caveats=())
    for j, index in enumerate(result.indices):
        np.testing.assert_allclose(result.coordination.scores[:, :, j], index.scores, atol=EXACT)
    weights = result.weights_frame()
    assert weights["overall_weight"].sum() == pytest.approx(1.0, abs=EXACT)
    by_hand = np.concatenate([i.normalised for i in result.indices], axis=2)
    shortfall = weights["overall_weight"].to_numpy() * (1.0 - by_hand)
    np.testing.assert_allclose(
        result.obstacles.degrees, shortfall / shortfall.sum(axis=2, keepdims=True), atol=EXACT
    )
    np.testing.assert_allclose(shortfall.sum(axis=2), 1.0 - result.coordination.development, atol=1e-9)


def test_a_set_names_every_missing_column():
    system_set = load(CONFIG)["digital_economy_society_government"]
    with pytest.raises(DataError, match=r"egov_index \(system government\)"):
        co.coordinate_set(system_set, panel_of(system_set, without=("egov_index",)), caveats=())
