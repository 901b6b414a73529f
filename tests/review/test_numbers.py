"""Printed numbers, intervals, and cells."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuyi.errors import DataError
from shuyi.review.findings import Verdict, judge
from shuyi.review.intervals import UNBOUNDED, Interval, exact, intersection, over_corners
from shuyi.review.numbers import number, parse_number
from shuyi.review.readers.cells import parse_cell

VALUES = st.floats(-1e6, 1e6, allow_nan=False)
DECIMALS = st.integers(0, 6)


@given(VALUES, DECIMALS)
def test_a_printed_number_holds_what_rounds_to_it(value, decimals):
    assert number(f"{value:.{decimals}f}").interval.holds(value)


@given(VALUES, VALUES, VALUES, DECIMALS)
def test_sums_of_rounded_numbers_hold_the_rounded_sum(a, b, c, decimals):
    first, second, total = (number(f"{x:.{decimals}f}") for x in (a, b, a + b))
    assert total.interval.meets(first.interval + second.interval)


@given(st.floats(0.01, 100), st.floats(0.01, 100), st.integers(2, 5))
def test_quotients_of_rounded_numbers_hold_the_quotient(a, b, decimals):
    top, bottom = number(f"{a:.{decimals}f}").interval, number(f"{b:.{decimals}f}").interval
    assert (top / bottom).widened(1e-9 * abs(a / b)).holds(a / b)


@given(VALUES, VALUES, VALUES, VALUES)
def test_products_and_differences_hold_their_corners(a, b, c, d):
    left, right = Interval(min(a, b), max(a, b)), Interval(min(c, d), max(c, d))
    for x in (a, b):
        for y in (c, d):
            assert (left - right).holds(x - y)
            assert (left * right).holds(x * y)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("-0.127", -0.127, 1e-3),
        ("−0.127", -0.127, 1e-3),
        ("–1", -1, 1),
        (".010", 0.01, 1e-3),
        ("1,541.10", 1541.1, 1e-2),
        ("1.2e-05", 1.2e-5, 1e-6),
        ("12.5%", 0.125, 1e-3),
        ("<0.001", 0.001, 1e-3),
        ("０.５", 0.5, 0.1),
    ],
)
def test_spellings_of_numbers(text, value, unit):
    found = number(text)
    assert found.value == pytest.approx(value)
    assert found.unit == pytest.approx(unit)


@pytest.mark.parametrize("text", ["", "abc", "1,23", "1.2.3", "--1", "1e999", "=1+1", "9" * 70, "nan", "inf"])
def test_what_is_no_number(text):
    assert parse_number(text) is None
    with pytest.raises(DataError, match="does not hold a number"):
        number(text)


def test_a_bound_reaches_to_zero():
    assert number("<0.001").interval == Interval(0.0, 0.001)


def test_division_by_an_interval_around_zero_has_no_bounds():
    assert exact(1.0) / Interval(-1, 1) == UNBOUNDED


def test_corners_and_intersections():
    assert over_corners(lambda a, b: a - b, Interval(0, 1), Interval(2, 3)) == Interval(-3, -1)
    assert intersection([Interval(0, 2), Interval(1, 3)]) == Interval(1, 2)
    assert intersection([Interval(0, 1), Interval(2, 3)]) is None
    assert Interval(-2, 1).size == Interval(0.0, 2)
    assert Interval(-2, -1).size == Interval(1, 2)


def test_verdicts_by_distance():
    printed = Interval(0.95, 1.05)
    assert judge(printed, Interval(0.9, 1.1), 1.0) is Verdict.HOLDS
    assert judge(printed, Interval(1.0, 1.2), 1.1) is Verdict.ROUNDING
    assert judge(printed, Interval(1.1, 1.2), 1.15, allowance=0.1) is Verdict.SIMULATION
    assert judge(printed, Interval(1.1, 1.2), 1.15) is Verdict.FAILS


@pytest.mark.parametrize(
    ("text", "value", "stars", "beside"),
    [
        ("0.121**", 0.121, 2, None),
        ("0.121** (0.049)", 0.121, 2, 0.049),
        ("0.121 (0.049)**", 0.121, 2, 0.049),
        ("-0.121＊＊＊", -0.121, 3, None),
        ("(0.049)", None, 0, 0.049),
        ("[2.47]", None, 0, 2.47),
        ("(t = 2.47)", None, 0, 2.47),
        ("（2.47）", None, 0, 2.47),
        ("0.08+", 0.08, 0, None),
    ],
)
def test_cells(text, value, stars, beside):
    cell = parse_cell(text)
    assert (cell.value.value if cell.value else None, cell.stars) == (value, stars)
    assert (cell.beside.value if cell.beside else None) == beside


@pytest.mark.parametrize("text", ["Yes", "", "0.1 to 0.2", "[0.02, 0.23]", "x1", "=cmd|' /C calc'!A0"])
def test_what_is_no_cell_of_numbers(text):
    assert parse_cell(text) is None


def test_infinite_bounds_print():
    from shuyi.review.numbers import short

    assert (short(math.inf), short(-math.inf), short(0.0000123)) == ("∞", "-∞", "1.230e-05")
