"""What was written for provinces and holds for any units: rules, series, derivations, projections."""

import numpy as np
import pandas as pd
import pytest

from shuyi.data.coverage import covered_variables, variable_coverage
from shuyi.data.derivations import Derivations, Derived
from shuyi.data.rules import Contract, Sum, figure_violations
from shuyi.data.series import caveats_from, series_table
from shuyi.data.users import clean_user_table
from shuyi.errors import DataError
from shuyi.publish.projection import KM, Projection

PLACE = 1e-9
"""Degrees that the way to the map and back may lose."""

FIGURES = pd.DataFrame(
    [
        (name, unit, 2020, value)
        for unit, values in {"a": (3.0, 1.0, 2.0), "b": (5.0, 6.0, 1.0)}.items()
        for name, value in zip(("whole", "part", "rest"), values, strict=True)
    ],
    columns=["indicator", "province_code", "year", "value"],
)
CODEBOOK = pd.DataFrame(
    [(name, "pieces", "2020", "2020", "2") for name in ("whole", "part", "rest")],
    columns=["indicator", "unit", "first_year", "last_year", "cells"],
)
CAVEATS = pd.DataFrame(
    [("part", "break", "all", "2020", "2020", "new definition")],
    columns=["indicator", "kind", "province_code", "first_year", "last_year", "note"],
)
CONTRACT = Contract(
    ("a", "b"), {"rest": (0.0, 1.5)}, (Sum("whole", ("part", "rest"), 0.5),), (("part", "whole"),), (), ()
)
DERIVATIONS = Derivations(
    (
        Derived("ratio", "1", "part / area", ("part", "area"), np.divide, ("area",)),
        Derived("square", "1", "ratio squared", ("ratio",), np.square),
    ),
    ("area",),
)


def test_a_contract_names_the_units_and_what_their_figures_must_hold():
    found = [(v.rule, v.where) for v in figure_violations(FIGURES, CODEBOOK, CAVEATS, CONTRACT)]
    assert found == [("range", "rest a 2020"), ("identity", "b 2020"), ("identity", "b 2020")]
    short = FIGURES[FIGURES["province_code"] == "a"]
    missing = [v for v in figure_violations(short, CODEBOOK, CAVEATS, CONTRACT) if v.rule == "coverage"]
    assert [v.where for v in missing] == ["whole b 2020", "part b 2020", "rest b 2020"]


def test_series_and_caveats_are_of_the_units_given():
    table = series_table(FIGURES, CODEBOOK, ("b", "a"))
    np.testing.assert_array_equal(table["part"].values, [[6.0, 1.0]])
    (caveat,) = caveats_from(CAVEATS, ("b", "a"))
    assert caveat.units == ("b", "a")


def test_a_variable_rests_on_series_and_a_name_without_recipe_on_itself():
    assert DERIVATIONS.origins(["square"]) == ("area", "part")
    assert DERIVATIONS.origins(["square"], measured=True) == ("part",)
    assert Derivations().origins(["square"]) == ("square",)
    assert [recipe.name for recipe in DERIVATIONS.with_earlier(["square"])] == ["ratio", "square"]
    with pytest.raises(DataError, match="did you mean 'ratio'"):
        DERIVATIONS.with_earlier(["ratoi"])


def test_constants_do_not_limit_the_years_of_a_variable():
    spans = variable_coverage(CODEBOOK.to_dict("records"), DERIVATIONS)
    assert spans["square"] == (2020, 2020)
    assert covered_variables(spans, DERIVATIONS.names, 2020, 2020) == ("ratio", "square")
    assert covered_variables(spans, DERIVATIONS.names, 2019, 2020) == ()


def test_a_user_names_units_as_the_caller_resolves_them():
    rows = pd.DataFrame([("A", "2020", "1"), ("B", "2020", "2"), ("C", "2020", "3")])
    rows.columns = ["province", "year", "x"]
    table = clean_user_table(rows[:2], units=("a", "b"), resolve=str.lower)
    assert list(table.index) == [("a", 2020), ("b", 2020)]
    with pytest.raises(DataError, match="outside the sample: 'C' in line 4"):
        clean_user_table(rows, units=("a", "b"), resolve=str.lower)


def test_a_projection_returns_to_the_degrees_it_came_from():
    utm = Projection("+proj=utm +zone=33 +datum=WGS84 +units=m")
    longitude, latitude = np.array([15.0, 16.0]), np.array([0.0, 48.0])
    plane = utm.project(longitude, latitude)
    np.testing.assert_allclose(plane[0], [500 * KM, 0.0], atol=1e-6)
    np.testing.assert_allclose(utm.unproject(*plane.T), np.column_stack([longitude, latitude]), atol=PLACE)
