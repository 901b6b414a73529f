"""Proposals: the layout of every shape is found, and what a file does not say is asked."""

from pathlib import Path

import pandas as pd
import pytest
from reader_cases import UNITS, text, workbook

from shuyi.errors import DataError
from shuyi.readers import Source, guess, read_source

MADE = Path(__file__).parent / "made"


def csv(*lines, name="a.csv", units=None):
    return guess(name, data=text(*lines), units=units)


def test_a_long_table():
    found = csv(
        "id,year,nuts_id,region,gdp (EUR),pop", "1,2011,AT11,a,1,2", "1,2012,AT11,a,3,", "2,2011,AT12,b,5,6"
    )
    assert found.source == Source(
        "a.csv",
        unit_column="nuts_id",
        period_column="year",
        columns={"gdp": "gdp", "pop": "pop"},
        measures={"gdp": "EUR"},
    )
    assert not found.questions
    shown = str(found)
    for line in (
        "titles",
        "nuts_id: 2 (AT11, AT12)",
        "2 by year, 2011 to 2012",
        "gdp [EUR]",
        "unbalanced: 3 rows",
        "pop): say measures",
    ):
        assert line in shown, line
    assert read_source(found.source, data=text("nuts_id,year,gdp,pop", "x,2011,1,2")).units == ("x",)


def test_the_column_that_a_table_of_units_resolves_is_taken():
    lines = ("year,prov_code,name,label,x", "2011,7,甲省,q,1", "2011,8,乙省,r,2")
    assert csv(*lines).source.unit_column == "prov_code"
    assert csv(*lines, units=UNITS).source.unit_column == "name"


def test_a_column_that_repeats_is_no_key():
    found = csv("Code;Name;Province;1990;2000", "C1;a;P;1;2", "C2;b;P;3;4", "C3;c;Q;5;6")
    assert (found.source.layout, found.source.unit_column) == ("wide_by_period", "Name")
    assert found.questions == ("nothing says which variable the figures are of: say variable: and measures:",)
    assert found.reading is None and "? nothing says" in str(found)


def test_exports_of_both_generations():
    old = guess("export.xls", data=(MADE / "export.xls").read_bytes())
    assert (old.source.layout, old.source.sheets, old.source.unit_column) == (
        "wide_by_period",
        ("年度数据",),
        "地区",
    )
    assert old.reading.measures == {"产值": "亿元"}
    new = csv("数据库：年度 ", "时间： ", "指标\t,2012年\t,2011年\t,", "产值 (亿元)\t,2\t,1\t,")
    assert new.source.item_column == "指标"
    assert new.questions == ("nothing says which unit the figures are of: say unit_column: or unit:",)
    year = csv("数据库：年度 ", "时间：2012年 ", "地区\t,产值 (亿元)\t,", "甲省\t,2\t,", "乙省\t,3\t,")
    assert (year.source.period, year.source.columns) == ("2012", {"产值": "产值"})


def test_workbooks_with_a_sheet_per_year_and_per_unit_and_year():
    sheet = [[None, "Items", "Alba", "Borea"], ["Fuel", "Coal", 1, 2], [None, "Gas", 3, 4]]
    data = workbook(
        {"NOTE": [["about"]], "2011": sheet, "2012": sheet}, merged=[("2011", "A2:A3"), ("2012", "A2:A3")]
    )
    found = guess("a.xlsx", data=data)
    assert found.source == Source(
        "a.xlsx", layout="wide_by_unit", item_column="column A + Items", sheet_role="period"
    )
    assert found.reading.frame.shape == (4, 2)
    inventory = [["Inventory", "Raw"], ["unit", "t"], ["Total", 1], ["Farming", 3]]
    found = guess("a.xlsx", data=workbook({"Alba2011": inventory, "Borea2011": inventory}))
    assert (found.source.sheet_role, found.source.item_column) == ("unit_period", "Inventory")
    assert found.reading.units == ("Alba", "Borea")


def test_a_stacked_export_and_titles_of_two_levels():
    block = [[None, "甲", 2, 1], [None, "乙", 4, 3], [None, "丙", 6, 5]]
    rows = [[None, None, "2012", "2011"], *block, *block]
    rows[1], rows[4] = ["产值（亿元）", *block[0][1:]], ["人口（万人）", *block[0][1:]]
    found = guess("a.xlsx", data=workbook({"t": rows}, merged=[("t", "A2:A4"), ("t", "A5:A7")]))
    assert (found.source.item_column, found.source.unit_column) == ("column A", "column B")
    rows = [
        ["name", "gdp", None, "pop", None],
        [None, 2011, 2012, 2011, 2012],
        ["甲省", 1, 2, 3, 4],
        ["乙省", 5, 6, 7, 8],
    ]
    found = guess(
        "a.xlsx", data=workbook({"t": rows}, merged=[("t", "B1:C1"), ("t", "D1:E1"), ("t", "A1:A2")])
    )
    assert found.source.layout == "wide_by_variable"
    assert found.reading.frame.loc[("乙省", found.reading.periods[1])].to_dict() == {"gdp": 6.0, "pop": 8.0}


def test_titles_that_join_variable_and_year():
    assert csv("name,gdp2011,gdp2012,pop2011", "a,1,2,3", "b,4,5,6").source.layout == "wide_by_variable"
    assert csv("name,year,so2,pm25", "a,2011,1,2", "b,2011,3,4").source.layout == "long"


def test_rounds_and_numbers_that_name_no_unit_are_pointed_out():
    found = csv("state,year,x", "1,0,5", "1,1,6", "2,0,7", "2,1,8")
    assert found.source.frequency == "index"
    assert "a number does not say which unit it is" in str(found)


def test_a_cross_section_asks_for_the_period():
    assert csv("name,x", "a,1", "b,2").questions == (
        "nothing says which period the figures are of: say period_column: or period:",
    )


def test_what_cannot_be_read_by_the_proposal_becomes_a_question():
    found = csv("name,year,x", "a,2011,1", "a,2011,2", "b,2011,abc")
    assert "second figure" in found.questions[0] and found.reading is None


def test_a_workbook_without_figures_is_refused():
    with pytest.raises(DataError, match=r"No sheet of a.xlsx holds a table"):
        guess("a.xlsx", data=workbook({"a": [["hello"]], "b": [["there"]]}))


def test_gaps_and_left_out_are_shown():
    lines = [f"{name},{year},1,t" for name in "ab" for year in (2010, 2011, 2013)]
    shown = str(csv("name,year,x,comment", *lines))
    assert "gaps" in shown and "2012" in shown


def test_a_typed_file_is_guessed(tmp_path):
    path = tmp_path / "a.dta"
    pd.DataFrame(
        {"prov_name": ["a", "b"], "prov_code": [11.0, 12.0], "year": [2011.0] * 2, "x": [1.0, 2.0]}
    ).to_stata(path, write_index=False, version=118)
    found = guess(path.as_posix())
    assert found.source.unit_column == "prov_code"
    assert found.reading.units == ("11", "12")


def test_a_code_with_the_year_pasted_to_it_is_no_unit():
    lines = [f"{y},{u},{y}{u},1" for u in ("甲省", "乙省") for y in (2010, 2011)]
    assert csv("year,prov_name,code,x", *lines).source.unit_column == "prov_name"
