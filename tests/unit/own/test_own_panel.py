"""The panel of one's own files: several files, derived variables, gaps."""

import numpy as np
import pytest

from shuyi.errors import ConfigError, DataError
from shuyi.own.panel import build_panel, variables_of
from shuyi.units import Unit, Units

UNITS = Units((Unit("02", "Borea"), Unit("01", "Alba")))
LONG = (
    'region,year,GDP\nAlba,2001,"1,200"\nAlba,2002,1300\nAlba,2003,1500\n'
    "Borea,2001,10\nBorea,2002,11\nBorea,2003,…\n"
)
WIDE = "code,2003,2002,2001\n1,3,2,1\n2,30,20,10\n"


@pytest.fixture
def paper(tmp_path):
    (tmp_path / "long.csv").write_text(LONG, encoding="utf-8")
    (tmp_path / "wide.csv").write_text(WIDE, encoding="utf-8")
    return {
        "sources": [
            {
                "path": str(tmp_path / "long.csv"), "layout": "long", "unit_column": "region",
                "period_column": "year", "columns": {"GDP": "gdp"}, "measures": {"gdp": "CNY"},
            },
            {
                "path": str(tmp_path / "wide.csv"), "layout": "wide_by_period", "unit_column": "code",
                "variable": "pop", "measures": {"pop": "persons"}, "id_width": 2,
            },
        ],
        "derived": {"gdp_pc": "gdp / pop", "ln_gdp_pc": {"expression": "ln(gdp_pc)", "measure": "log CNY"}},
    }  # fmt: skip


def test_files_of_two_layouts_are_joined_in_the_order_of_the_units(paper):
    found = build_panel(paper, UNITS, [2001, 2002], ["ln_gdp_pc"])
    assert found.panel.units == ("02", "01") and found.panel.periods == (2001, 2002)
    np.testing.assert_array_equal(found.panel["gdp"], [[10, 1200], [11, 1300]])
    np.testing.assert_array_equal(found.panel["ln_gdp_pc"], np.log([[1, 1200], [11 / 20, 650]]))
    assert (
        found.panel.measures["gdp_pc"] == "CNY per persons" and found.panel.measures["ln_gdp_pc"] == "log CNY"
    )
    assert found.panel.unit_names["01"] == "Alba"


def test_every_changed_cell_is_logged_and_the_account_says_what_rests_on_what(paper):
    found = build_panel(paper, UNITS, [2001, 2002], ["ln_gdp_pc"])
    assert "1,200" in set(found.changes()["raw"])
    record = found.to_record()
    assert record["variables"]["ln_gdp_pc"]["series"] == ["gdp", "pop"]
    assert set(record["files"]) == {entry["path"] for entry in paper["sources"]}


def test_gaps_of_used_variables_are_refused_with_the_choices(paper):
    with pytest.raises(DataError) as error:
        build_panel(paper, UNITS, [2001, 2002, 2003], ["gdp"])
    text = str(error.value)
    assert "02 2003: gdp" in text and "take these 1 units out" in text and "2001, 2002" in text


def test_gaps_of_other_variables_are_reported(paper):
    found = build_panel(paper, UNITS, [2001, 2002, 2003], ["pop"])
    assert {"variable": "gdp", "unit": "02", "years": [2003]} in found.to_record()["gaps"]


def test_names_are_known_without_opening_a_file(paper):
    assert variables_of(paper) == ("gdp", "pop", "gdp_pc", "ln_gdp_pc")
    for wrong in ({"gdp": "2 * pop"}, {"x": "gdp / nothing"}):
        with pytest.raises(ConfigError):
            variables_of(paper | {"derived": wrong})
    with pytest.raises(ConfigError, match="Two sources"):
        variables_of(paper | {"sources": paper["sources"][:1] * 2})


def test_quarters_are_refused_with_what_to_do(tmp_path):
    (tmp_path / "q.csv").write_text("r,t,x\nAlba,2001Q1,1\nBorea,2001Q1,2\n", encoding="utf-8")
    entry = {"path": str(tmp_path / "q.csv"), "unit_column": "r", "period_column": "t", "columns": {"x": "x"}}
    with pytest.raises(DataError, match="quarter"):
        build_panel({"sources": [entry]}, UNITS, [2001], ["x"])
