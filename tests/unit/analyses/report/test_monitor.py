"""The control chart by hand, the comparison of vintages and years, and the page of the monitor."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from report_inputs import UNITS, YEARS, index_panel, measured, report_labels
from snapshot_files import table

from shuyi.analyses.report import control, monitor, yearly
from shuyi.china.provinces import codes, display_names
from shuyi.data import snapshot
from shuyi.data.series import Caveat, caveats_from, series_table
from shuyi.errors import ConfigError, DataError
from shuyi.panel import Panel
from shuyi.publish import pages

EXACT = 1e-12
"""The same arithmetic in another order."""
SIMULATED = 0.01
"""Three standard errors of a share of about one fifth over 20,000 charts."""

SEED = 7
RULE = control.ControlRule(sigmas=3.0, baseline=4)
ROOT = Path(__file__).parents[4]


def test_limits_worked_by_hand():
    """Changes 1, 3, 2, 6: mean 3; moving ranges 2, 1, 4 with mean 7/3; sigma 7/3 over 1.1284."""
    found = control.control_limits(np.array([1.0, 3.0, 2.0, 6.0]), RULE)
    sigma = 7 / 3 / 1.1283791670955126
    assert found.centre == pytest.approx(3.0, abs=EXACT)
    assert found.sigma == pytest.approx(sigma, abs=EXACT)
    assert (found.lower, found.upper) == pytest.approx((3 - 3 * sigma, 3 + 3 * sigma), abs=EXACT)
    assert found.baseline == 4


def test_gaps_are_left_out_and_their_neighbours_become_adjacent():
    gapped = control.control_limits(np.array([1.0, np.nan, 3.0, 2.0, 6.0]), RULE)
    assert gapped == control.control_limits(np.array([1.0, 3.0, 2.0, 6.0]), RULE)


@pytest.mark.parametrize("changes", [[1.0, 3.0, 2.0], [2.0, 2.0, 2.0, 2.0], [0.1 + 0.2, 0.3, 0.3, 0.3], []])
def test_too_few_or_equal_changes_set_no_limits(changes):
    assert control.control_limits(np.array(changes), RULE) is None


def test_limits_scale_and_shift_with_the_changes():
    changes = np.array([0.4, -0.1, 0.9, 0.3, 0.7])
    base, moved = (control.control_limits(c, RULE) for c in (changes, 5.0 - 2.0 * changes))
    assert moved.centre == pytest.approx(5.0 - 2.0 * base.centre, abs=EXACT)
    assert moved.sigma == pytest.approx(2.0 * base.sigma, abs=EXACT)


@pytest.mark.parametrize(("sigmas", "baseline"), [(0.0, 5), (3.0, 1), (math.nan, 5)])
def test_rules_that_set_no_limits_are_refused(sigmas, baseline):
    with pytest.raises(ConfigError, match=r"sigmas|baseline"):
        control.ControlRule(sigmas, baseline)


def test_false_alarm_rate_of_two_changes_is_that_of_a_cauchy_variable():
    """With m = 2 the distance over sigma is a ratio of two normal variables."""
    bound = 3 * math.sqrt(2) / (control.D2 * math.sqrt(1.5))
    exact = 1 - 2 * math.atan(bound) / math.pi
    assert control.false_alarm_rate(2, 3.0, seed=SEED) == pytest.approx(exact, abs=SIMULATED)
    assert control.false_alarm_rate(200, 3.0, seed=SEED) == pytest.approx(0.0027, abs=SIMULATED / 5)


def charted(values, kind="plain", breaks=()):
    return control.Charted("x", np.array(values, float)[:, None], 2010, kind, breaks)


def test_changes_are_growth_rates_of_levels_and_differences_of_indices():
    assert charted([1, 2, 4], "log").changes().ravel() == pytest.approx([math.log(2)] * 2, abs=EXACT)
    assert charted([1, 2, 4]).changes().ravel() == pytest.approx([1, 2], abs=EXACT)
    assert np.isnan(charted([1, 0, 4], "log").changes()).all()
    assert np.isnan(charted([1, -2, 4], "log").changes()).all()


def test_a_break_is_no_change():
    assert np.isnan(charted([1, 2, 4, 8], breaks=(2012,)).changes()).ravel().tolist() == [False, True, False]
    assert not np.isnan(charted([1, 2], breaks=(2010,)).changes()).any()


STEADY = np.cumsum([0.0, 1.0, 3.0, 2.0, 6.0])
"""Levels whose changes are those of the case worked by hand; its upper limit is 9.2."""


@pytest.mark.parametrize(("change", "alarms"), [(9.2, 0), (9.21, 1), (-3.2, 0), (-3.21, 1)])
def test_a_change_is_held_against_earlier_changes_only(change, alarms):
    series = charted([*STEADY, STEADY[-1] + change])
    chart = control.control_chart([series], ("110000",), RULE, seed=SEED)
    assert len(chart.alarms) == alarms
    assert chart.points == {2015: 1}
    assert chart.uncharted == {2011: 1, 2012: 1, 2013: 1, 2014: 1}
    assert chart.expected == {2015: control.false_alarm_rate(4, 3.0, seed=SEED)}


def test_an_alarm_states_value_limits_and_what_is_known_of_the_cell():
    series = charted([*STEADY, STEADY[-1] + 50])
    notes = [
        Caveat("x", "outlier", ("110000",), 2015, 2015, "As printed"),
        Caveat("x", "outlier", ("120000",), 2015, 2015, "Another province"),
        Caveat("x", "rounding", ("110000",), 2013, 2013, "Another year"),
    ]
    (row,) = control.control_chart([series], ("110000",), RULE, caveats=notes, seed=SEED).alarms.to_dict(
        "records"
    )
    assert list(row) == list(control.ALARM_COLUMNS)
    assert (row["series"], row["unit"], row["year"], row["baseline"]) == ("x", "110000", 2015, 4)
    assert (row["previous"], row["value"], row["change"]) == (12.0, 62.0, 50.0)
    assert row["lower"] < row["centre"] < row["upper"] < row["change"]
    assert row["caveat"] == "As printed"


def test_series_of_the_snapshot_are_charted_as_what_they_are():
    caveats = caveats_from(table("caveats"), codes())
    found = {
        c.name: c
        for c in control.charted_series(
            series_table(table("provincial_figures"), table("codebook"), codes()), caveats
        )
    }
    assert len(found) == 37
    assert {n for n, c in found.items() if c.kind == "plain"} == {"cpi_prev100", "gdp_index_prev100"}
    assert found["ecommerce_enterprises"].breaks == (2023,)


def test_a_panel_with_a_missing_year_is_not_charted():
    panel = Panel(np.zeros((2, 1, 1)), ("110000",), (2016, 2018), ("x",))
    with pytest.raises(DataError, match="consecutive years from 2016"):
        control.charted_variables(panel)


def vintage(*rows):
    return pd.DataFrame(rows, columns=list(snapshot.FIGURES_COLUMNS))


OLD = vintage(("a", "110000", 2020, 10.0), ("a", "110000", 2021, 0.0), ("b", "110000", 2020, 5.0))
NEW = vintage(("a", "110000", 2020, 9.0), ("a", "110000", 2021, 2.0), ("c", "110000", 2020, 7.0))


def test_vintages_are_compared_cell_by_cell():
    found = control.compare_vintages(OLD, NEW)
    assert found["status"].tolist() == ["revised", "revised", "withdrawn", "added"]
    assert found["difference"].iloc[:2].tolist() == [-1.0, 2.0]
    assert found["relative"].iloc[0] == pytest.approx(-0.1, abs=EXACT)
    assert found["relative"].iloc[1:].isna().all()
    assert control.compare_vintages(NEW, NEW).empty


def test_summary_counts_every_cell_once():
    found = control.vintage_summary(control.compare_vintages(OLD, NEW), OLD, NEW).set_index("indicator")
    assert found.loc["a", ["common", "revised", "added", "withdrawn"]].tolist() == [2, 2, 0, 0]
    assert found.loc["a", "largest"] == pytest.approx(-0.1, abs=EXACT)
    assert found.loc["b", "withdrawn"] == found.loc["c", "added"] == 1


def load(rows):
    frame = pd.DataFrame(rows, columns=list(snapshot.FIGURES_COLUMNS), dtype=str)
    return control.load_vintage(frame, indicators=["a"], units=["110000", "120000"])


def test_an_earlier_vintage_is_read_with_its_types():
    found = load([("a", "110000", "2020", "1.5"), ("retired", "120000", "2020", "2")])
    assert found["value"].tolist() == [1.5, 2.0]
    assert found["year"].tolist() == [2020, 2020]


def test_every_bad_row_of_an_earlier_vintage_is_listed():
    rows = [
        ("a", "110000", "2020", "1"), ("a", "110000", "2020", "2"), ("a", "990000", "2020", "1"),
        ("a", "120000", "2020.5", "1"), ("a", "120000", "2021", "x"),
    ]  # fmt: skip
    with pytest.raises(DataError) as caught:
        load(rows)
    for part in (
        "line 3 (a 110000 2020 2): repeated key",
        "line 4 (a 990000 2020 1): unknown province",
        "line 5 (a 120000 2020.5 1): year is no whole number",
        "line 6 (a 120000 2021 x): value is no number",
        "monitor.previous_vintage",
    ):
        assert part in str(caught.value)


def test_another_file_is_not_taken_for_a_vintage():
    with pytest.raises(DataError, match="without indicator, province_code"):
        control.load_vintage(
            pd.DataFrame({"year": ["1"], "value": ["1"]}), indicators=["a"], units=["110000"]
        )
    with pytest.raises(DataError, match="none of the known indicators"):
        load([("z", "110000", "2020", "1")])


def standings():
    return yearly.standings(
        index_panel(), measured()["coordination"], measured()["tiers"], system_set="pair", variant="corrected"
    )


def test_year_changes_are_differences_of_the_standings():
    frame = standings()
    found = control.year_changes(frame, YEARS[-1]).set_index("unit")
    wide = frame.pivot(index="unit", columns="period", values="score")
    assert found["score_change"].to_numpy() == pytest.approx((wide[YEARS[-1]] - wide[YEARS[-2]]).to_numpy())
    assert found["rank_gain"].sum() == 0
    with pytest.raises(DataError, match=f"a year from {YEARS[1]} to {YEARS[-1]}"):
        control.year_changes(frame, YEARS[0])


SETTINGS = {
    "seed": SEED,
    "coordination": {"sets": ["pair"], "variant": "corrected"},
    "monitor": {"previous_vintage": None, "baseline": 5, "sigmas": 3},
}
SOURCES = (yearly.Source("data/old.csv", "0" * 64),)


def page(language="en", previous=None):
    figures = monitor.Figures(
        table("provincial_figures"),
        table("codebook"),
        caveats_from(table("caveats"), codes()),
        {"en": "Vintage A", "zh": "版本甲"},
        previous,
    )
    labels = report_labels(language)
    return monitor.monitor(
        index_panel(), measured(), figures, SOURCES, SETTINGS, labels, display_names(language)
    )


@pytest.mark.parametrize(
    ("language", "words"), [("en", "No earlier vintage"), ("zh", "未提供更早的数据版本")]
)
def test_page_without_an_earlier_vintage_says_so(language, words):
    frames, made = page(language)
    text = pages.render_html(made, "monitor").decode()
    assert words in text
    assert frames["vintage"].empty
    assert len(frames["changes"]) == len(UNITS)
    assert set(frames["alarms"]["year"]) <= set(range(2011, YEARS[-1] + 1))
    assert text == pages.render_html(page(language)[1], "monitor").decode()


def test_page_lists_what_a_new_vintage_changed():
    old = table("provincial_figures")
    cell = (old["indicator"] == "gdp_nominal") & (old["province_code"] == "110000") & (old["year"] == "2020")
    old.loc[cell, "value"] = "12345.6"
    frames, made = page(previous=old)
    assert len(frames["vintage"]) == 1
    (row,) = made.sections[2].grid.rows
    assert row[:2] == ("Gross regional product, current prices", "Beijing")
    assert row[3] == "12,345.6"
    text = pages.render_html(made, "monitor").decode()
    assert "1 were revised" in text
    assert "000000000000000" in text


def test_equal_vintages_are_called_equal():
    frames, made = page(previous=table("provincial_figures"))
    assert frames["vintage"].empty
    assert "The two vintages agree in all 11,970 common cells" in made.sections[1].paragraphs[1]


def test_changes_that_touch_a_known_outlier_set_no_limits():
    values = [*STEADY, STEADY[-1] * 5, STEADY[-1] + 1, STEADY[-1] + 2, STEADY[-1] + 40]
    series = charted(values)
    plain = control.control_chart([series], ("110000",), RULE, seed=SEED).alarms
    first = series.first_year + len(STEADY)
    odd = Caveat("x", "outlier", ("110000",), first, first, "As printed")
    screened = control.control_chart([series], ("110000",), RULE, caveats=[odd], seed=SEED).alarms
    last = series.first_year + len(values) - 1
    assert last in set(screened["year"])
    assert last not in set(plain["year"])
