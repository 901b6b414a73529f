"""Ten published tables: what breaks in each, and that nothing else does."""

from pathlib import Path

import pytest

from shuyi.review import Verdict, check_table, read_form

FILE = Path(__file__).with_name("published_tables.json")
TABLES = {table.id: table for table in read_form(FILE.read_text(encoding="utf-8"))}
REPORTS = {name: check_table(table) for name, table in TABLES.items()}
BROKEN = {
    "P02": {"D2", "D3"},
    "P03": set(),
    "P04": {"A2", "A3", "B1"},
    "P07": {"B2", "B3", "C1"},
    "P08": {"B2"},
    "P10": {"A1", "B1"},
    "P16": {"B1"},
    "P17": set(),
    "P19": set(),
    "P21": set(),
}
"""Identities that fail; in P10 two stars stand behind t = 3.05, beside the sums of effects."""


def failed(name, identity):
    return {c.place: c for c in REPORTS[name].failed if c.identity == identity}


@pytest.mark.parametrize("name", BROKEN)
def test_identities_that_break(name):
    assert {c.identity for c in REPORTS[name].failed} == BROKEN[name]


@pytest.mark.parametrize("identity", ["D2", "D3"])
def test_observations_implied_by_likelihood_and_variance(identity):
    found = failed("P02", identity)
    assert sorted(found) == ["1", "2", "3", "4"]
    for column in ("1", "2"):
        low, _, high = found[column].implied.partition(" … ")
        assert 560 < float(low) < float(high) < 580
    assert found["1"].printed == "N = 21675"


def test_effects_of_the_first_table_are_of_the_size_of_simulation():
    totals = [c for c in REPORTS["P02"].checks if c.identity == "A2"]
    assert {c.verdict for c in totals} == {Verdict.SIMULATION}
    assert all(c.verdict is Verdict.HOLDS for c in REPORTS["P02"].checks if c.identity == "A1")


def test_totals_that_the_coefficients_do_not_give():
    found = failed("P04", "A2")
    assert {place: c.printed for place, c in found.items()} == {
        "BPS: DExPGDP": "0.8714",
        "LI: DExPGDP": "0.1981",
        "SECS: DExPGDP": "0.5356",
    }
    assert found["BPS: DExPGDP"].implied.startswith("1.54")
    assert found["SECS: DExPGDP"].implied == "1.093"


def test_direct_effect_below_the_coefficient():
    assert failed("P04", "A3")["BPS: DExPGDP"].reason == "below_one"


def test_thirteen_stars_are_impossible():
    found = failed("P04", "B1")
    assert len(found) == 13
    assert found["LI: DE, total"].printed == "**"
    assert found["LI: DE, total"].implied == "–"


def test_lm_identity_and_p_value():
    assert list(failed("P07", "C1")) == ["Infser"]
    assert failed("P07", "C1")["Infser"].implied == "0.0725 … 0.0755"
    assert list(failed("P07", "B2")) == ["Infser: LM_lag"]


def test_tests_of_one_model_imply_two_degrees_of_freedom():
    check = failed("P07", "B3")["Livser"]
    assert "LR SDM/SAR Livser: 30" in check.printed
    assert "LR SDM/SEM Livser: 39" in check.printed
    equal = [c for c in REPORTS["P07"].checks if c.identity == "B3" and c.place == "Infser"]
    assert [c.implied for c in equal] == ["12"]


def test_four_p_values_do_not_belong_to_their_statistics():
    found = failed("P08", "B2")
    implied = {place.split()[-1]: c.implied.split(" … ")[0] for place, c in found.items()}
    assert implied == {"LM_err": "0.2388", "RLM_err": "0.9042", "LM_lag": "0.218", "RLM_lag": "0.7038"}
    assert all(c.verdict is not Verdict.FAILS for c in REPORTS["P08"].checks if c.identity == "C1")


def test_a_negative_hausman_statistic_is_no_failure():
    (check,) = [c for c in REPORTS["P08"].checks if c.place == "Hausman"]
    assert (check.verdict, check.reason) == (Verdict.CANNOT_TELL, "negative_statistic")


def test_sums_of_effects():
    found = failed("P10", "A1")
    assert {place: c.printed for place, c in found.items()} == {"2: CPE": "-0.011", "2: EOI": "0.021"}


def test_two_stars_behind_a_t_of_2_81():
    check = failed("P16", "B1")["Policy: Policy"]
    assert (check.printed, check.implied) == ("**", "***")
    assert check.figures["*** p < 0.01"] == "2.576 to 2.750"


def test_lm_identity_holds_to_the_last_digit():
    for name in ("P17", "P19"):
        sums = [c for c in REPORTS[name].checks if c.identity == "C1"]
        assert {c.verdict for c in sums} <= {Verdict.HOLDS, Verdict.ROUNDING}


def test_information_criteria_give_whole_numbers_of_parameters():
    found = [c.implied for c in REPORTS["P21"].checks if c.identity == "D4"]
    assert found == ["k = 10", "k = 11", "k = 10"]


def test_no_sentence_accuses():
    from shuyi.review.words import QUESTION

    for english, chinese in QUESTION.values():
        assert english.rstrip().endswith(("?", "nearer."))
        assert "？" in chinese
        assert not any(
            word in english.lower() for word in ("fraud", "fabricat", "false", "manipulat", "wrong")
        )
