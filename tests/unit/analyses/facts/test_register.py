from pathlib import Path

import numpy as np
import pytest

from shuyi import files
from shuyi.analyses.facts import register as facts_register
from shuyi.china.places import PLACES
from shuyi.china.provinces import clusters, codes, region_scheme
from shuyi.errors import DataError
from shuyi.panel import Panel

EXACT = 1e-9  # ratios of decimal fractions

ROOT = Path(__file__).parents[4]
ROWS = files.read_rows(ROOT / "data/facts/claims.csv")
CLAIMS = {claim.id: claim for claim in facts_register.load_claims(ROWS)}
EAST = np.array([region_scheme("belt3")[u] == "East" for u in codes()])


def panel(**series):
    layers = {name: np.broadcast_to(np.asarray(v, float), (2, 31)) for name, v in series.items()}
    return Panel(np.stack(list(layers.values()), axis=2), codes(), (2023, 2024), tuple(layers))


def evidence(data=None):
    return facts_register.Evidence(data, PLACES)


def judged(name, data=None):
    return facts_register.check_claim(CLAIMS[name], evidence(data))


@pytest.mark.parametrize(
    ("name", "recomputed", "verdict"),
    [
        ("firms_east_share", 83.6, "confirmed"),
        ("firms_central_west_share", 14.4, "confirmed"),
        ("firms_unassigned", 10.0, "contradicted"),
        ("firms_unassigned_share", 2.0, "contradicted"),
        ("netizens_rural_share", 100 * 3.22 / 11.23, "confirmed"),
        ("netizens_urban_share", 100 * 8.01 / 11.23, "confirmed"),
        ("smile_shares_sum", 100.0, "confirmed"),
    ],
)
def test_claims_that_their_own_numbers_decide(name, recomputed, verdict):
    found = judged(name)
    assert found.recomputed == pytest.approx(recomputed, abs=EXACT)
    assert (found.verdict, found.grade) == (verdict, "recomputed")


def claim(value, relation="equal", rounding=0.1, scope="same", parts="28.673"):
    row = {
        **dict.fromkeys(facts_register.COLUMNS, "x"),
        "row": "1", "value": value, "relation": relation, "rounding": str(rounding), "scope": scope,
        "traceability": "traceable", "check": "total", "arguments": f"parts={parts}",
    }  # fmt: skip
    return facts_register.load_claims([row])[0]


@pytest.mark.parametrize(
    ("value", "parts", "verdict"),
    [
        ("28.7", "28.65", "confirmed"),
        ("28.7", "28.7499", "confirmed"),
        ("28.7", "28.6499", "contradicted"),
        ("28.7", "28.7501", "contradicted"),
    ],
)
def test_equality_means_half_the_last_printed_digit(value, parts, verdict):
    assert facts_register.check_claim(claim(value, parts=parts), evidence()).verdict == verdict


@pytest.mark.parametrize(
    ("relation", "parts", "verdict"),
    [
        ("more_than", "3", "contradicted"),
        ("more_than", "3.01", "confirmed"),
        ("at_least", "3", "confirmed"),
        ("at_least", "2.99", "contradicted"),
    ],
)
def test_one_sided_relations(relation, parts, verdict):
    assert facts_register.check_claim(claim("3", relation, parts=parts), evidence()).verdict == verdict


def test_a_proxy_decides_nothing():
    found = facts_register.check_claim(claim("28.7", scope="proxy"), evidence())
    assert (found.verdict, found.grade) == ("not comparable", "traceable")
    assert found.recomputed == 28.673


def test_claims_without_figures_say_what_they_need():
    register = facts_register.check_claims(tuple(CLAIMS.values()), evidence()).to_frame()
    assert len(register) == len(ROWS)
    unchecked = register[(register["verdict"] == "not checked") & (register["check"] == "")]
    assert (unchecked[["needs_en", "needs_zh"]] != "").all(axis=None)
    assert set(register["grade"]) == {"recomputed", "traceable", "not traceable"}
    gap = register.set_index("id").loc["gap_above_three"]
    assert (gap["verdict"], gap["grade"]) == ("not checked", "traceable")
    assert gap["detail"] == "There are no official figures."


def gap_panel(software):
    pairs = CLAIMS["gap_above_three"].arguments["indicators"].split("|")
    names = dict.fromkeys(n for pair in pairs for n in pair.split("/"))
    return panel(**{**dict.fromkeys(names, 1.0), "software_revenue": software})


def test_indicator_gaps_are_recomputed_from_the_figures():
    software = np.where(EAST, 3.5, 1.0)
    found = judged("gap_above_three", gap_panel(software))
    assert found.recomputed == pytest.approx(3.5, abs=EXACT)
    assert found.verdict == "confirmed"
    assert "above 3: 1 of 14" in found.detail
    assert judged("gap_above_three", gap_panel(np.where(EAST, 2.9, 1.0))).verdict == "contradicted"


def test_a_province_without_a_figure_leaves_both_sums():
    software = np.where(EAST, 3.5, 1.0)
    software[codes().index("540000")] = np.nan
    assert judged("gap_above_three", gap_panel(software)).recomputed == pytest.approx(3.5, abs=EXACT)


def test_penetration_counts_residents_of_the_area():
    data = panel(population_urban=2e7, population_resident=3e7)
    found = judged("netizens_rural_penetration", data)
    assert found.recomputed == pytest.approx(100 * 3.22e8 / 31e7, abs=EXACT)
    assert found.verdict == "computed"
    assert judged("netizens_urban_penetration", data).recomputed == pytest.approx(100 * 8.01e8 / 62e7)


def test_missing_series_and_years_are_named():
    assert "population_urban" in judged("netizens_rural_penetration", panel(x=1.0)).detail
    data = panel(population_urban=2e7, population_resident=3e7).select(periods=[2023])
    assert judged("netizens_rural_penetration", data).detail == "The panel lacks the year 2024"
    data = panel(population_urban=2e7, population_resident=3e7).select(units=codes()[:30])
    assert "650000" in judged("netizens_rural_penetration", data).detail


def test_region_share_and_growth_rank():
    data = panel(series=np.where(EAST, 2.0, 1.0))
    share = facts_register.region_share(
        evidence(data), series="series", scheme="belt3", region="East", year="2024"
    )
    assert share.value == pytest.approx(100 * 22 / 42, abs=EXACT)
    levels = np.ones((2, 31))
    grown = {"beijing_tianjin_hebei": 1.1, "greater_bay_area": 1.5, "middle_yangtze": 1.3}
    for name, growth in grown.items():
        levels[1, np.isin(codes(), clusters()[name])] = growth
    options = {"series": "series", "first": "2023", "last": "2024"}
    among = "beijing_tianjin_hebei|greater_bay_area|middle_yangtze"
    ranked = [
        facts_register.cluster_growth_rank(
            evidence(panel(series=levels)), cluster=name, among=among, **options
        )
        for name in among.split("|")
    ]
    assert [r.value for r in ranked] == [3.0, 1.0, 2.0]
    assert "greater_bay_area 50.0 % a year, middle_yangtze 30.0" in ranked[0].detail


def test_wrong_arguments_of_checks_are_refused():
    data = panel(series=1.0)
    with pytest.raises(DataError, match="did you mean 'belt3'"):
        facts_register.region_share(
            evidence(data), series="series", scheme="belt4x", region="East", year="2024"
        )
    with pytest.raises(DataError, match="wrong region"):
        facts_register.region_share(
            evidence(data), series="series", scheme="belt3", region="Northeast", year="2024"
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"check": "share_of_totals"}, "did you mean 'share_of_total'"),
        ({"arguments": "parts=418"}, "takes parts, whole; found parts"),
        ({"value": "many"}, "no number"),
        ({"relation": "about"}, "none of equal"),
        ({"rounding": ""}, "last printed digit"),
        ({"scope": ""}, "belong together"),
        ({"traceability": "verified"}, "none of traceable"),
        ({"check": "", "arguments": "", "scope": ""}, "needs_en"),
        ({"id": "smile_shares_sum"}, "'smile_shares_sum' twice"),
        ({"claim_zh": ""}, "claim_zh is empty"),
    ],
)
def test_refused_registers(change, message):
    rows = [{**row, **change} if row["id"] == "firms_east_share" else row for row in ROWS]
    with pytest.raises(DataError, match=message):
        facts_register.load_claims(rows)


def test_a_register_needs_its_columns():
    with pytest.raises(DataError, match="without source"):
        facts_register.load_claims([{k: v for k, v in ROWS[0].items() if k != "source"}])
