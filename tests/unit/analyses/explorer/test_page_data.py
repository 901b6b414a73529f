"""What the explorer holds beside responses: variables with their classes, estimates, safe text, the map."""

import base64
import json

import numpy as np
import pandas as pd
import pytest
from words import read_labels

from shuyi import files
from shuyi.analyses.explorer import specifications, variables
from shuyi.china.basemap import provinces_basemap
from shuyi.errors import DataError
from shuyi.panel import Panel
from shuyi.publish import explorer
from shuyi.publish.maps import classify

WORDS = [read_labels("en"), read_labels("zh")]
YEARS = (2001, 2002, 2003)
MAPS = {"years": [2001, 2003], "classification": "natural_breaks", "classes": 3}
HEADLINE = {
    **{"id": "sdm", "model": "sdm", "weights": "w", "effects": "twoways", "outcome": "y", "sample": "all"},
    "covariance": "robust",
}


def panel(values):
    return Panel(np.asarray(values, dtype=float)[:, :, None], tuple("abcdefg"), YEARS, ("digital",))


def test_classes_are_those_of_the_printed_map_and_of_all_years():
    values = np.random.default_rng(4).random((3, 7))
    values[2, 3] = np.nan
    record = variables.variable_record(panel(values), "digital", MAPS, WORDS, 3)
    printed = classify(values[[0, 2]].ravel(), "natural_breaks", 3)
    assert record["classes"]["printed"]["assigned"] == printed.assign(values[[0, 2]]).tolist()
    assert record["classes"]["printed"]["texts"]["zh"] == list(printed.texts(WORDS[1]))
    assert record["classes"]["printed"]["colours"] == list(printed.colours())
    assert record["classes"]["all"]["periods"] == list(YEARS)
    assert record["classes"]["all"]["assigned"][2][3] == -1
    assert record["values"][2][3] is None
    assert "2001, 2003" in record["classes"]["printed"]["note"]["en"]
    assert "2001–2003" in record["classes"]["all"]["note"]["en"]


@pytest.mark.parametrize(("row", "k"), [([1, 2, 3, 1, 2, 3, 1], 2), ([1, 2, 1, 2, 1, 1, 1], 2), ([5] * 7, 1)])
def test_few_distinct_values_have_fewer_classes(row, k):
    values = np.tile(np.array(row, dtype=float), (3, 1))
    values[0, 0] = np.nan
    for classes in variables.variable_record(panel(values), "digital", MAPS, WORDS, 3)["classes"].values():
        assert len(classes["colours"]) == len(classes["texts"]["en"]) == k
        assert set(np.ravel(classes["assigned"])) == {-1, *range(k)}


def test_a_variable_without_values_has_no_classes():
    record = variables.variable_record(panel(np.full((3, 7), np.nan)), "digital", MAPS, WORDS, 3)
    assert record["classes"] == {"printed": None, "all": None}


def effects():
    rows = [("x", c, 0.1, 0.05, 0.0, 0.2, 0.04) for c in ("direct", "indirect", "total")]
    names = ["term", "component", "estimate", "std_error", "ci_low", "ci_high", "p_value"]
    return pd.DataFrame(rows, columns=names)


def test_estimates_of_the_sheet_keep_their_numbers_and_choices():
    found = specifications.sheet_frame([HEADLINE], {"sdm": effects()}, {}, "scheme", 0.95)
    assert list(found.columns) == list(specifications.COLUMNS)
    assert found["low"].tolist() == [0.0] * 3
    assert set(found["covariance"]) == {"robust"}
    assert set(found["index"]) == {"scheme"}


def test_robustness_leaves_out_the_headline_and_what_has_no_estimate():
    frame = effects().assign(variant=["headline", "log", "lagged"], unit=[np.nan, "a", np.nan])
    frame.loc[2, "estimate"] = np.nan
    found = specifications.robustness_frame(frame, HEADLINE, "scheme", "x")
    assert found["data"].tolist() == ["log a"]


def curve(count):
    numbers = np.random.default_rng(1).normal(size=(count, 5))
    frame = pd.DataFrame(numbers, columns=list(specifications.NUMBERS)).assign(specification=range(count))
    return frame.assign(scheme="a", weights=["w", "v"] * (count // 2), n=31, component="direct")


def test_the_curve_keeps_its_choices_and_numbers():
    found = specifications.curve_frame(curve(4), "x")
    assert set(found.columns) == {"index", "weights", "component", "term", *specifications.NUMBERS}
    record = specifications.estimates_record("curve", found, "x")
    assert record["choices"]["weights"]["levels"] == ["w", "v"]
    codes = np.frombuffer(base64.b64decode(record["choices"]["weights"]["codes"]), specifications.CODES)
    assert codes.tolist() == [0, 1, 0, 1]
    held = np.frombuffer(base64.b64decode(record["numbers"]["low"]), "<f8")
    np.testing.assert_array_equal(held, found["low"])


def test_many_estimates_are_held_in_single_precision():
    frame = specifications.curve_frame(curve(specifications.FEW + 2), "x")
    record = specifications.estimates_record("curve", frame, "x")
    held = np.frombuffer(base64.b64decode(record["numbers"]["estimate"]), "<f4")
    assert (record["bytes"], record["count"]) == (4, len(frame))
    np.testing.assert_array_equal(held, frame["estimate"].astype("f4"))


def test_text_of_users_cannot_end_the_element_that_holds_it():
    text = explorer.json_text({"name": "</script><img src=x onerror=alert(1)>&"})
    assert not set("<>&") & set(text)
    assert json.loads(text)["name"] == "</script><img src=x onerror=alert(1)>&"
    with pytest.raises(ValueError, match="Out of range"):
        explorer.json_text({"value": float("nan")})


def test_the_page_names_its_programs_and_allows_no_other():
    page = explorer.render({"units": []}, "A <title>").decode()
    policy = page.partition('Content-Security-Policy" content="')[2].partition('"')[0]
    assert "default-src 'none'" in policy
    assert policy.count("sha256-") == 2
    assert "unsafe-eval" not in policy
    assert "script-src 'unsafe" not in policy
    assert "<title>A &lt;title&gt;</title>" in page
    for name in explorer.PROGRAMS:
        program = files.read_resource(f"explorer.{name}.js")
        assert "eval(" not in program
        assert "innerHTML" not in program


def test_the_map_has_every_unit_and_what_maps_must_carry():
    basemap = provinces_basemap("Approval 1", "Source")
    record = explorer.map_record([basemap, basemap], WORDS)
    assert set(record["units"]) == {*basemap.units, *basemap.without_data}
    assert all(record["units"].values())
    assert record["credit"]["zh"] == ["Source", "Approval 1"]
    west, south, east, north = record["inset"]
    inside = [(x, y) for ring in record["units"]["460000"] for x, y in zip(*ring, strict=True) if x > west]
    assert inside
    assert all(west <= x <= east and south <= y <= north for x, y in inside)
    assert explorer.map_record([None, None], WORDS) is None


def test_a_package_that_is_missing_is_named():
    with pytest.raises(DataError, match="no_such_package is not installed"):
        files.read_package_text("no_such_package", "file.js")
