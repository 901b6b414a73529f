import copy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial.distance import cdist

from shuyi import files
from shuyi.analyses.industry import quotients as industry_quotients
from shuyi.errors import ConfigError, DataError
from shuyi.panel import Panel

EXACT = 1e-12  # ratios and sums of a few terms in double precision
PEER = 1e-10  # scipy takes the cosine as one minus a distance

ROOT = Path(__file__).parents[4]
CONFIG = files.read_yaml(ROOT / "config/negative_list_rules.yaml")
SCHEMA = files.read_yaml(ROOT / "workflow/schemas/negative_list_rules.schema.yaml")
RULES = industry_quotients.load_industry_rules(CONFIG, SCHEMA)

sizes = hnp.arrays(float, (2, 5, 3), elements=st.floats(0.1, 100.0))
bases = hnp.arrays(float, (2, 5), elements=st.floats(1.0, 100.0))


def test_location_quotient_hand_worked():
    # unit 0 holds 30 of 40 with half of the base
    values, base = np.array([[[30.0], [10.0]]]), np.array([[50.0, 50.0]])
    np.testing.assert_allclose(
        industry_quotients.location_quotients(values, base)[0, :, 0], [1.5, 0.5], atol=EXACT
    )


def test_an_absent_figure_is_no_data_and_leaves_both_sums():
    values = np.array([[[30.0], [10.0], [np.nan]]])
    found = industry_quotients.location_quotients(values, np.array([[50.0, 50.0, 900.0]]))[0, :, 0]
    np.testing.assert_allclose(found, [1.5, 0.5, np.nan], atol=EXACT)
    zero = industry_quotients.location_quotients(np.nan_to_num(values), np.array([[50.0, 50.0, 900.0]]))[
        0, :, 0
    ]
    assert zero[2] == 0.0
    assert zero[0] == pytest.approx(15.0, abs=EXACT)


@given(sizes, bases)
def test_base_weighted_quotients_average_to_one(values, base):
    quotients = industry_quotients.location_quotients(values, base)
    weights = base / base.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(np.einsum("tn,tnk->tk", weights, quotients), 1.0, rtol=1e-9)


@given(sizes, bases)
def test_units_of_measurement_do_not_matter(values, base):
    scale = np.array([1.0, 1e4, 1e-3])
    one, other = (industry_quotients.location_quotients(v, base) for v in (values, values * scale))
    np.testing.assert_allclose(one, other, rtol=1e-9)
    one, other = (industry_quotients.structure_shares(v) for v in (values, values * scale))
    np.testing.assert_allclose(one, other, rtol=1e-9)


@given(sizes, bases)
def test_the_profile_is_that_of_the_location_quotients(values, base):
    quotients = industry_quotients.location_quotients(values, base)
    profile = quotients / quotients.sum(axis=2, keepdims=True)
    np.testing.assert_allclose(industry_quotients.structure_shares(values), profile, rtol=1e-9)


def test_similarity_hand_worked():
    structure = np.array([[[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]])
    np.testing.assert_allclose(
        industry_quotients.cosine_similarity(structure)[0, 2, :2], [0.5**0.5] * 2, atol=EXACT
    )
    assert industry_quotients.cosine_similarity(structure)[0, 0, 1] == 0.0
    np.testing.assert_allclose(industry_quotients.krugman_index(structure)[0, 0], [0.0, 2.0, 1.0], atol=EXACT)


@given(sizes)
def test_similarity_agrees_with_scipy(values):
    structure = industry_quotients.structure_shares(values, "value")
    for t in range(2):
        cosine, krugman = (
            industry_quotients.cosine_similarity(structure)[t],
            industry_quotients.krugman_index(structure)[t],
        )
        np.testing.assert_allclose(cosine, 1.0 - cdist(structure[t], structure[t], "cosine"), atol=PEER)
        np.testing.assert_allclose(krugman, cdist(structure[t], structure[t], "cityblock"), atol=PEER)


def test_structure_needs_every_sector():
    values = np.array([[[1.0, 2.0], [3.0, np.nan], [0.0, 0.0], [2.0, 2.0]]])
    structure = industry_quotients.structure_shares(values, "value")
    assert np.isnan(structure[0, 1]).all()
    assert np.isnan(structure[0, 2]).all()
    np.testing.assert_allclose(structure[0, 0], [1 / 3, 2 / 3], atol=EXACT)
    neighbours = ~np.eye(4, dtype=bool)
    similarity = industry_quotients.neighbour_similarity(structure, neighbours)
    assert np.isnan(similarity[0, 1])
    expected = (1 / 3 + 2 / 3) / np.hypot(1 / 3, 2 / 3) / 2**0.5
    assert similarity[0, 0] == pytest.approx(expected, abs=EXACT)
    neighbours[3] = False
    assert np.isnan(industry_quotients.neighbour_similarity(structure, neighbours)[0, 3])


@given(sizes)
def test_distance_to_the_nation(values):
    total = values.sum(axis=1)
    structure = industry_quotients.structure_shares(values, "value")
    expected = np.abs(structure - (total / total.sum(axis=1, keepdims=True))[:, None, :]).sum(axis=2)
    np.testing.assert_allclose(
        industry_quotients.national_distance(structure, values, "value"), expected, atol=EXACT
    )
    profile = industry_quotients.structure_shares(values)
    expected = np.abs(profile - 1 / 3).sum(axis=2)
    np.testing.assert_allclose(industry_quotients.national_distance(profile, values), expected, atol=EXACT)


UNITS, YEARS = ("110000", "120000", "130000", "540000"), (2016, 2017, 2018, 2019)
COLUMNS = (
    "gdp_nominal",
    "software_revenue",
    "it_service_revenue",
    "ecommerce_sales",
    "mobile_internet_traffic",
)


def panel(**changed):
    base = dict(zip(COLUMNS, (100.0, 30.0, 10.0, 40.0, 50.0), strict=True))
    layers = {name: np.full((4, 4), level) for name, level in base.items()}
    for name in ("software_revenue", "it_service_revenue"):
        layers[name][:, 3] = np.nan
    layers |= {name: np.asarray(v, float) for name, v in changed.items()}
    return Panel(np.stack(list(layers.values()), axis=2), UNITS, YEARS, tuple(layers))


def test_industry_map_takes_the_part_off_the_whole_and_marks_no_data():
    found = industry_quotients.industry_map(RULES, panel())
    frame = found.to_frame()
    assert frame["no_data"].sum() == 2 * 4
    assert set(frame[frame["no_data"]]["unit"]) == {"540000"}
    software = frame[(frame["sector"] == "software") & (frame["unit"] == "110000")]
    assert (software["value"] == 20.0).all()
    np.testing.assert_allclose(software["location_quotient"], 1.0, atol=EXACT)
    np.testing.assert_allclose(software["national_share"], 1 / 3, atol=EXACT)
    pairs = found.similarity_frame()
    assert len(pairs) == 4 * 3
    assert "540000" not in set(pairs["other"])
    np.testing.assert_allclose(pairs["cosine"], 1.0, atol=EXACT)
    np.testing.assert_allclose(pairs["krugman"], 0.0, atol=EXACT)


def test_industry_map_refuses_missing_and_inadmissible_figures():
    short = Panel(panel().array(COLUMNS[:4]), UNITS, YEARS, COLUMNS[:4])
    with pytest.raises(DataError, match="mobile_internet_traffic"):
        industry_quotients.industry_map(RULES, short)
    too_much = np.full((4, 4), 31.0)
    with pytest.raises(DataError, match="software 110000 2016: -1"):
        industry_quotients.industry_map(RULES, panel(it_service_revenue=too_much))
    with pytest.raises(DataError, match="no total"):
        industry_quotients.industry_map(RULES, panel(ecommerce_sales=np.zeros((4, 4))))
    with pytest.raises(DataError, match="positive base"):
        industry_quotients.industry_map(RULES, panel(gdp_nominal=np.zeros((4, 4))))


def listed(data, rules=RULES, neighbours=None):
    near = ~np.eye(4, dtype=bool) if neighbours is None else neighbours
    return industry_quotients.negative_list(rules, industry_quotients.industry_map(rules, data), near, data)


def falling():
    """Unit 1 falls from 40 to 10 of e-commerce sales; its quotient in 2019 is 10/130 over 1/4."""
    sales = np.full((4, 4), 40.0)
    sales[:, 1] = [40.0, 30.0, 20.0, 10.0]
    return panel(ecommerce_sales=sales)


def test_weak_and_losing_hand_worked():
    found = listed(falling()).to_frame()
    weak = found[found["rule"] == "weak_and_losing"]
    assert weak[["province", "sector", "year"]].to_numpy().tolist() == [["120000", "ecommerce", 2019]]
    assert weak["value"].iloc[0] == pytest.approx((10 / 130) / 0.25, abs=EXACT)


def test_duplication_needs_similarity_no_advantage_and_growth():
    # unit 1 grows towards the others from below; all four structures are close to one another
    sales = np.full((4, 4), 40.0)
    sales[:, 1] = [30.0, 32.0, 34.0, 36.0]
    found = listed(panel(ecommerce_sales=sales)).to_frame()
    same = found[found["rule"] == "duplicated_structure"]
    assert same[["province", "sector", "year"]].to_numpy().tolist() == [["120000", "ecommerce", 2019]]
    assert 0.9 < same["value"].iloc[0] < 1.0
    alone = listed(panel(ecommerce_sales=sales), neighbours=np.zeros((4, 4), bool))
    assert not len(alone.to_frame())
    undecided = alone.undecided_frame()
    assert "neighbour_similarity" in set(undecided[undecided["province"] == "120000"]["metric"])


def test_cells_without_data_are_listed_and_rules_without_columns_named():
    found = listed(falling())
    undecided = found.undecided_frame()
    software = undecided[(undecided["province"] == "540000") & (undecided["sector"] == "software")]
    assert set(software["year"]) == set(YEARS)
    assert "540000" not in set(found.to_frame().query("sector == 'software'")["province"])
    assert found.skipped_frame()["missing"].tolist() == [
        f"capacity_utilisation_{s}" for s in ("software", "it_services", "ecommerce", "telecom")
    ]


def test_a_users_column_runs_its_rule():
    use = np.full((4, 4), 0.8)
    use[2, 0] = 0.3
    found = listed(panel(capacity_utilisation_telecom=use))
    idle = found.to_frame().query("rule == 'idle_capacity'")
    assert idle.to_numpy().tolist() == [["110000", "telecom", 2018, "idle_capacity", 0.3]]
    assert len(found.skipped) == 3


def test_thresholds_exclude_equality_and_conditions_combine():
    raw = copy.deepcopy(CONFIG)
    raw["rules"] = [
        {
            "id": "level", "title": {"en": "a", "zh": "b"}, "source": "test",
            "conditions": [{"metric": "location_quotient", "is": "below", "threshold": 1.0, "years": 0}],
        }
    ]  # fmt: skip
    data = panel(mobile_internet_traffic=np.tile([25.0, 75.0, 50.0, 50.0], (4, 1)))
    found = listed(data, industry_quotients.load_industry_rules(raw, SCHEMA)).to_frame()
    telecom = found[found["sector"] == "telecom"]
    assert set(telecom["province"]) == {"110000"}
    assert telecom["value"].tolist() == [0.5] * 4


def test_spans_longer_than_the_panel_and_wrong_neighbours_are_refused():
    short = panel().select(periods=(2016, 2017))
    with pytest.raises(DataError, match="at most 1 years"):
        listed(short)
    with pytest.raises(DataError, match=r"booleans of shape \(4, 4\)"):
        listed(panel(), neighbours=np.ones((3, 3), bool))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("rules", 0, "conditions", 0, "metric"), "location_quotien", "did you mean 'location_quotient'"),
        (("rules", 0, "conditions", 0, "years"), 2, "0 for every other metric"),
        (("rules", 1, "conditions", 1, "years"), 0, "1 or more for a change"),
        (("sectors", 1, "id"), "software", "'software' twice"),
        (("rules", 0, "threshold"), 1.0, "unknown key"),
    ],
)
def test_refused_rules(path, value, message):
    raw = copy.deepcopy(CONFIG)
    target = raw
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(ConfigError, match=message):
        industry_quotients.load_industry_rules(raw, SCHEMA)


def test_unknown_structure_is_refused():
    with pytest.raises(DataError, match="did you mean 'profile'"):
        industry_quotients.structure_shares(np.ones((1, 2, 2)), "profil")
