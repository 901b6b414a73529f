"""Cells: strict numbers, names, and a rule for every change."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuyi.data.numerals import plain_number
from shuyi.readers.names import read_name, split_measure, text_of
from shuyi.readers.numbers import read_number


@pytest.mark.parametrize(
    ("raw", "value", "rule"),
    [
        ("12.5", 12.5, ""),
        (" 12.50\t", 12.5, ""),
        ("\u300012\u00a0", 12.0, ""),
        (3, 3.0, ""),
        ("-.5e-3", -0.0005, ""),
        ("１２．５", 12.5, "full-width"),
        ("－１２", -12.0, "full-width"),
        ("1,234,567.8", 1234567.8, "thousands"),
        ("1 234", 1234.0, "thousands"),
        ("1\u00a0234", 1234.0, "thousands"),
        ("１，２３４", 1234.0, "thousands"),
        ("12.5%", 12.5, "percent"),
        ("12.5 ％", 12.5, "percent"),
        ("12.5①", 12.5, "footnote"),
        ("12.5*", 12.5, "footnote"),
        ("12.5[1]", 12.5, "footnote"),
        ("10²", 10.0, "footnote"),
        ("…", math.nan, "missing"),
        ("--", math.nan, "missing"),
        ("NA", math.nan, "missing"),
        ("", math.nan, ""),
        ("\t", math.nan, ""),
        (None, math.nan, ""),
        (float("nan"), math.nan, ""),
    ],
)
def test_numbers(raw, value, rule):
    read = read_number(raw)
    assert read.value == value or (math.isnan(read.value) and math.isnan(value))
    assert any(rule in r for r in read.rules) if rule else read.rules == ()


@pytest.mark.parametrize(
    ("raw", "advice"),
    [
        ("1_000", "underscores"),
        ("1e400", "too large"),
        ("1,23", "decimal point"),
        ("12,3456", "decimal point"),
        ("(12)", "minus sign"),
        ("3万", "scale word"),
        ("#DIV/0!", "error of Excel"),
        ("inf", "not a number"),
        ("0x1F", "not a number"),
        ("१२", "not a number"),
        ("1.2.3", "not a number"),
        ("2011-03", "not a number"),
        (True, "truth value"),
        (float("inf"), "infinite"),
        ([1], "a list"),
    ],
)
def test_what_is_no_number_is_refused_with_advice(raw, advice):
    with pytest.raises(ValueError, match=advice):
        read_number(raw)


def test_a_decimal_comma_must_be_said():
    assert read_number("1.234,5", decimal=",").value == 1234.5
    assert read_number("0,5", decimal=",").value == 0.5
    with pytest.raises(ValueError, match="decimal"):
        read_number("0,5")


def test_marks_are_removed_before_digits_are_recognised():
    """A circled one is a digit to Unicode: 12.5 with a mark must not become 12.51."""
    assert read_number("12.5①").value == 12.5
    assert read_number("12.5¹").value == 12.5


def test_numbers_in_text_are_reported_where_the_file_has_types():
    assert read_number("5", typed=True).rules == ("number stored as text",)
    assert read_number("x", missing=("x",)).rules == ("mark for a missing figure",)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_restored(value):
    assert plain_number(repr(value)) == value
    assert read_number(f"{repr(value).replace('-', '－')}").value == value


@given(st.integers(-(10**12), 10**12))
def test_thousands_separators_are_restored(value):
    assert read_number(f"{value:,}").value == value


@given(st.text(max_size=12))
def test_text_is_a_number_a_gap_or_refused(text):
    try:
        read = read_number(text)
    except ValueError:
        return
    assert math.isnan(read.value) or math.isfinite(read.value)


@pytest.mark.parametrize(
    ("raw", "name", "second", "changed"),
    [
        ("北京", "北京", "", False),
        ("北  京", "北京", "", True),
        ("北\u3000京", "北京", "", True),
        ("北 京  Beijing", "北京", "Beijing", True),
        ("内蒙古\nInner  Mongolia", "内蒙古", "Inner Mongolia", True),
        ("#啤酒", "啤酒", "", True),
        ("天津①", "天津", "", True),
        ("North   Dakota*", "North Dakota", "", True),
        ("ＡＢ", "AB", "", True),
        (" Alba ", "Alba", "", False),
        (11.0, "11", "", False),
        ("01001", "01001", "", False),
    ],
)
def test_names(raw, name, second, changed):
    read = read_name(raw)
    assert (read.name, read.second, bool(read.rules)) == (name, second, changed)


@pytest.mark.parametrize(
    ("title", "name", "measure"),
    [
        ("GDP (million EUR)", "GDP", "million EUR"),
        ("人口（万人）", "人口", "万人"),
        ("人口数(人口抽样调查)(人)", "人口数(人口抽样调查)", "人"),
        ("支出（亿元）i", "支出", "亿元"),
        ("产值 (亿元) \t", "产值", "亿元"),
        ("GDP", "GDP", ""),
    ],
)
def test_units_of_measurement_in_titles(title, name, measure):
    assert split_measure(title) == (name, measure)


def test_text_of_cells():
    assert [text_of(c) for c in (None, float("nan"), 2.0, 2.5, " a\t")] == ["", "", "2", "2.5", "a"]
