"""Periods: every form that is read, what is refused, order, distance and gaps."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuyi.errors import DataError
from shuyi.periods import (
    FREQUENCIES,
    Period,
    gaps,
    is_period,
    lag_positions,
    parse_period,
    parse_periods,
    step,
)

YEAR, QUARTER, MONTH = Period("year", 2011), Period.of("quarter", 2011, 2), Period.of("month", 2011, 3)


TEXTS = ["2011", " 2011 ", "2011.0", "2011年", "２０１１年", "2011年度", "y2011", "yr_2011"]


@pytest.mark.parametrize(
    "value", [*TEXTS, 2011, 2011.0, np.int64(2011), np.float64(2011), pd.Period("2011", "Y")]
)
def test_years(value):
    assert parse_period(value) == YEAR


@pytest.mark.parametrize(
    "value",
    [
        "2011Q2",
        "2011q2",
        "2011-Q2",
        "2011 Q2",
        "Q2 2011",
        "2011年2季度",
        "2011年第二季度",
        "2011 年 二季度",
        pd.Period("2011Q2"),
    ],
)
def test_quarters(value):
    assert parse_period(value) == QUARTER


@pytest.mark.parametrize(
    "value",
    [
        "2011-03",
        "2011/3",
        "2011m3",
        "2011M03",
        "2011年3月",
        "201103",
        201103,
        "Mar 2011",
        "March 2011",
        pd.Period("2011-03"),
    ],
)
def test_months(value):
    assert parse_period(value) == MONTH


@pytest.mark.parametrize("value", ["2011H2", "2011年下半年", "2011-h2"])
def test_halves_stay_halves(value):
    assert parse_period(value) == Period.of("half", 2011, 2)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (2011.5, "a fraction of a year"),
        ("2011.5", "no period"),
        (5, "not a year"),
        (None, "empty"),
        ("", "empty"),
        (float("nan"), "empty"),
        (pd.NaT, "empty"),
        (True, "a truth value"),
        ("2_011", "no period"),
        ("2011W3", "no period"),
        ("201113", "no period"),
        ("2011-02-30", "no such day"),
        (pd.Period("2011-03-01", "D"), "a period by 'D'"),
        (dt.datetime(2011, 1, 1, 12), "a time of day"),
    ],
)
def test_what_is_no_period_is_refused_with_the_reason(value, reason):
    assert not is_period(value)
    with pytest.raises(DataError, match=reason):
        parse_period(value)


@pytest.mark.parametrize(
    ("months", "day", "frequency"),
    [
        ((1, 1), 1, "year"),
        ((12, 12), 31, "year"),
        ((1, 4), 1, "quarter"),
        ((6, 9), 30, "quarter"),
        ((1, 2), 1, "month"),
    ],
)
def test_dates_are_the_coarsest_periods_that_they_all_begin_or_end(months, day, frequency):
    days = [dt.date(2011, months[0], day), dt.datetime(2012, months[1], day)]
    found = parse_periods(days)
    assert [p.frequency for p in found] == [frequency] * 2
    assert found == parse_periods([str(days[0]), pd.Timestamp(days[1])])


def test_dates_that_say_no_frequency_are_refused():
    with pytest.raises(DataError, match=r"say frequency"):
        parse_period(dt.date(2011, 1, 1))
    with pytest.raises(DataError, match=r"2011-01-05"):
        parse_periods([dt.date(2011, 1, 5), dt.date(2011, 2, 5)])
    assert parse_period(dt.date(2011, 5, 17), "quarter") == QUARTER


def test_mixed_frequencies_are_refused_with_examples():
    with pytest.raises(DataError, match=r"year: 2011; quarter: 2011Q2"):
        parse_periods([2011, "2011Q2"])
    with pytest.raises(DataError, match=r"another frequency"):
        parse_period("2011", "month")
    with pytest.raises(DataError, match=r"Unknown frequency"):
        parse_period("2011", "week")


def test_every_wrong_value_is_named_at_once():
    with pytest.raises(DataError, match=r"'a'.*'b'"):
        parse_periods(["2011", "a", "b", "a"])


def test_rounds_are_numbers_only_on_request():
    assert parse_periods([0, 1.0, "2"], "index") == [Period("index", i) for i in range(3)]
    with pytest.raises(DataError, match=r"frequency: index"):
        parse_periods([0, 1])


def test_distance_order_and_parts():
    assert Period.of("month", 2012, 1) - MONTH == 10
    assert Period.of("month", 2012, 1) == MONTH + 10
    assert (MONTH.year, MONTH.part, QUARTER.part) == (2011, 3, 2)
    assert MONTH < MONTH + 1 <= MONTH + 1 and MONTH + 1 > MONTH >= MONTH
    assert int(YEAR) == 2011
    assert repr(QUARTER) == "Period('2011Q2')"
    with pytest.raises(DataError, match=r"no order"):
        sorted([YEAR, QUARTER])
    with pytest.raises(DataError, match=r"no order"):
        YEAR - MONTH


def test_gaps_and_step():
    decades = parse_periods([1940, 1950, 1970])
    assert step(decades) == 10
    assert [str(p) for p in gaps(decades)] == ["1960"]
    assert gaps([]) == () and gaps([YEAR]) == () and step([YEAR]) == 1
    assert [str(p) for p in gaps(parse_periods(["2011Q4", "2012Q3"]), by=1)] == ["2012Q1", "2012Q2"]


def test_a_lag_is_the_period_before_and_not_the_row_before():
    assert lag_positions(parse_periods([2013, 2011, 2010])) == [-1, 2, -1]
    assert lag_positions(parse_periods([2013, 2011, 2010]), 2) == [1, -1, -1]


@given(st.sampled_from([f for f in FREQUENCIES if f != "index"]), st.integers(1000, 2999), st.integers(0, 30))
def test_text_restores_a_period(frequency, year, steps):
    period = Period.of(frequency, year) + steps
    if period.year < 3000:
        assert parse_period(str(period)) == period
    assert period - Period.of(frequency, year) == steps
