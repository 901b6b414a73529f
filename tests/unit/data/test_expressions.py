"""Derived variables by expression: values, units of measurement, and what is refused."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuyi.data.expressions import ordered, parse_expression
from shuyi.errors import ConfigError, DataError
from shuyi.panel import Panel

GDP = np.array([[1.0, 4.0], [2.0, 8.0], [6.0, 16.0]])
POP = np.array([[2.0, 2.0], [4.0, 4.0], [4.0, 8.0]])
PANEL = Panel(
    np.stack([GDP, POP], axis=2),
    ("a", "b"),
    (2000, 2001, 2003),
    ("gdp", "pop"),
    measures={"gdp": "CNY", "pop": "persons"},
)
NAN = np.full((1, 2), np.nan)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ln(gdp / pop)", np.log(GDP / POP)),
        ("-gdp + 2 * (pop - 1) ** 2", -GDP + 2 * (POP - 1) ** 2),
        ("log10(gdp) - sqrt(pop)", np.log10(GDP) - np.sqrt(POP)),
        ("exp(abs(-pop) / 10)", np.exp(POP / 10)),
        ("lag(gdp)", np.vstack([NAN, GDP[:1], NAN])),
        ("diff(gdp, 2)", np.vstack([NAN, NAN, GDP[2:] - GDP[1:2]])),
        ("growth(gdp)", np.vstack([NAN, GDP[1:2] / GDP[:1] - 1, NAN])),
        ("gdp / first(gdp)", GDP / GDP[0]),
        ("deflate(gdp, pop)", GDP / (POP / POP[0])),
        ("3", np.full((3, 2), 3.0)),
    ],
)
def test_values(text, expected):
    np.testing.assert_array_equal(parse_expression(text).evaluate(PANEL), expected)


def test_a_lag_looks_at_the_year_and_not_at_the_row():
    found = parse_expression("lag(gdp)").evaluate(PANEL)
    assert np.isnan(found[2]).all(), "2002 is not in the panel, so that 2003 has no year before"


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('x')",
        "gdp.real",
        "gdp[0]",
        "lambda: 1",
        "[gdp]",
        "gdp if 1 else pop",
        "gdp == pop",
        "gdp and pop",
        "f(gdp)",
        "ln(gdp, pop)",
        "ln()",
        "ln(x=gdp)",
        "lag(gdp, pop)",
        "lag(gdp, 0)",
        "lag(gdp, 1.5)",
        "lag(gdp, True)",
        "'text'",
        "True",
        "gdp // pop",
        "gdp % pop",
        "gdp @ pop",
        "~gdp",
        "not gdp",
        "",
        "gdp pop",
        "gdp := 1",
        "(yield)",
        "*gdp",
        "f'{gdp}'",
        "1j * gdp",
        "gdp" + " + gdp" * 200,
        "-" * 60 + "gdp",
    ],
)
def test_what_is_no_arithmetic_is_refused(text):
    with pytest.raises(ConfigError, match="cannot be read"):
        parse_expression(text)


def test_log_says_which_logarithm():
    with pytest.raises(ConfigError, match="write ln"):
        parse_expression("log(gdp)")


@pytest.mark.parametrize("text", ["ln(gdp - 1)", "gdp / (pop - 2)", "exp(gdp * 1e9)", "sqrt(-gdp)"])
def test_a_result_that_is_not_finite_names_its_cells(text):
    with pytest.raises(DataError, match=r"a 2000|b 2000|a 2003"):
        parse_expression(text).evaluate(PANEL)


def test_missing_inputs_give_missing_results():
    values = PANEL.values.copy()
    values[0, 0, 0] = np.nan
    found = parse_expression("ln(gdp)").evaluate(Panel(values, PANEL.units, PANEL.periods, PANEL.variables))
    assert np.isnan(found).sum() == 1


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("gdp / pop", "CNY per persons"),
        ("ln(gdp)", "ln of CNY"),
        ("gdp - gdp", "CNY"),
        ("gdp / gdp", "ratio"),
        ("lag(pop)", "persons"),
        ("gdp * pop", ""),
        ("exp(gdp)", ""),
    ],
)
def test_the_unit_follows_where_it_can(text, unit):
    assert parse_expression(text).measure(PANEL.measures) == unit


def test_different_units_are_not_added():
    with pytest.raises(ConfigError, match="different units"):
        parse_expression("gdp + pop").measure(PANEL.measures)


def test_variables_are_ordered_by_what_they_read():
    parsed = {n: parse_expression(t) for n, t in {"c": "b + a", "b": "2 * a", "a": "gdp"}.items()}
    assert ordered(parsed, ["gdp"]) == ["a", "b", "c"]
    with pytest.raises(ConfigError, match="circle"):
        ordered({"a": parse_expression("b"), "b": parse_expression("a")}, [])
    with pytest.raises(ConfigError, match="gdp"):
        ordered({"a": parse_expression("gpd")}, ["gdp"])


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text):
    with contextlib.suppress(ConfigError):
        parse_expression(text)
