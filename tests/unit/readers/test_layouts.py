"""Figures in every layout, from files of the shapes met in the field, with the account of changes."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from reader_cases import UNITS, text, workbook

from shuyi.errors import ConfigError, DataError
from shuyi.periods import Period
from shuyi.readers import Source, join_readings, read_rows, read_source, read_sources
from shuyi.units import Unit, Units

MADE = Path(__file__).parent / "made"
WIDE = {"layout": "wide_by_period", "unit_column": "地区"}


def read(data, path="a.csv", units=UNITS, **about):
    return read_source(Source(path, **about), data=data, units=units)


def table(reading):
    """Return figures as {(unit, period): {variable: value}} with text keys, gaps left out."""
    return {
        (unit, str(period)): {k: v for k, v in row.items() if v == v}
        for (unit, period), row in reading.frame.to_dict("index").items()
    }


LONG = {
    ("01", "2011"): {"x": 1.5},
    ("01", "2012"): {"x": 2.5},
    ("02", "2011"): {"x": 3.0},
    ("02", "2012"): {},
}


@pytest.mark.parametrize(
    ("data", "path", "about"),
    [
        (
            text("name,year,x", "甲省,2011,1.5", "甲省,2012,2.5", "乙省,2011,3", "乙省,2012,"),
            "a.csv",
            {"unit_column": "name", "period_column": "year"},
        ),
        (
            text("name\tyear\tx", "甲\t2012年\t2.5", "甲\t2011年\t1.5", "乙\t2011年\t3", "乙\t2012年\t…"),
            "a.tsv",
            {"unit_column": "name", "period_column": "year"},
        ),
        (text("地区,2012年,2011年", "甲省,2.5,1.5", "乙省,,3"), "a.csv", {**WIDE, "variable": "x"}),
        (
            text("year,甲省,乙省,合计", "2011,1.5,3,4.5", "2012,2.5,,2.5"),
            "a.csv",
            {"layout": "wide_by_unit", "period_column": "year", "variable": "x"},
        ),
        (
            text("name,x_2011,x_2012", "甲省,1.5,2.5", "乙省,3,"),
            "a.csv",
            {"layout": "wide_by_variable", "unit_column": "name"},
        ),
        (
            workbook(
                {
                    "2011": [["name", "x"], ["甲省", 1.5], ["乙省", 3]],
                    "2012": [["name", "x"], ["甲省", 2.5], ["乙省", None]],
                }
            ),
            "a.xlsx",
            {"unit_column": "name", "sheet_role": "period"},
        ),
        (
            workbook(
                {
                    "甲省": [["year", "x"], [2011, 1.5], [2012, 2.5]],
                    "乙省": [["year", "x"], [2011, 3], [2012, None]],
                }
            ),
            "a.xlsx",
            {"period_column": "year", "sheet_role": "unit"},
        ),
        (
            workbook(
                {"Alba2011": [["x"], ["1.5"]], "Alba2012": [["x"], [2.5]]}
                | {f"Borea{y}": [["k", "x"], ["a", v]] for y, v in ((2011, 3), (2012, "-"))}
            ),
            "a.xlsx",
            {"sheet_role": "unit_period", "header": (1,)},
        ),
        (
            workbook({"x": [["地区", 2011, 2012], ["甲省", 1.5, 2.5], ["乙省", 3, None]]}),
            "a.xlsx",
            {**WIDE, "sheet_role": "variable"},
        ),
    ],
    ids=[
        "long",
        "tsv",
        "wide by year",
        "wide by unit",
        "wide by variable",
        "sheet per year",
        "sheet per unit",
        "sheet per both",
        "sheet per variable",
    ],
)
def test_every_layout_gives_the_same_figures(data, path, about):
    reading = read(data, path, **about)
    assert table(reading) == LONG
    assert reading.periods == (Period("year", 2011), Period("year", 2012))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "dta", "parquet", "sav"])
def test_every_kind_of_file_gives_the_same_figures(kind, tmp_path):
    frame = pd.DataFrame(
        {"name": ["甲省", "甲省", "乙省", "乙省"], "year": [2011, 2012] * 2, "x": [1.5, 2.5, 3.0, np.nan]}
    )
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        path.write_bytes(frame.to_csv(index=False).encode("gb18030"))
    elif kind == "sav":
        __import__("pyreadstat").write_sav(frame, str(path))
    else:
        writer = {"xlsx": frame.to_excel, "dta": frame.to_stata, "parquet": frame.to_parquet}[kind]
        writer(path, **({"write_index": False, "version": 118} if kind == "dta" else {"index": False}))
    reading = read_source(Source(path.as_posix(), unit_column="name", period_column="year"), units=UNITS)
    assert table(reading) == LONG
    assert not reading.changes
    assert len(next(iter(reading.digests.values()))) == 64


OLD_EXPORT = text(
    "数据库：年度数据",
    "指标：产值(按当年价)(亿元)",
    "时间：最近3年",
    "地区,2013年,2012年,2011年",
    "甲省,,2.50,1.5",
    "乙省,,4.0,3",
    "注：1.本表,按当年价格计算，2011年以后修订。",
    "\u3000\u3000\u30002.初步数。",
    "数据来源：某局",
    encoding="gb18030",
)


def test_the_old_export_of_a_statistics_office():
    reading = read(OLD_EXPORT, **WIDE)
    name = "产值(按当年价)"
    assert reading.measures == {name: "亿元"}
    assert table(reading)["01", "2012"] == {name: 2.5}
    assert [(c.cells, c.why) for c in reading.left_out] == [
        ("2013", "no figure in the whole period"),
        ("丙市 (03)", "a unit without a row"),
    ]
    assert any("2.初步数" in note for note in reading.notes)
    assert reading.names == {"01": "甲省", "02": "乙省"}


def test_the_same_export_as_a_workbook():
    reading = read((MADE / "export.xls").read_bytes(), "export.xls", **WIDE, sheets=("年度数据",))
    assert table(reading)["01", "2013"] == {"产值": 3.5}
    dated = read(
        (MADE / "export.xls").read_bytes(),
        "export.xls",
        None,
        unit_column="name",
        period_column="date",
        sheets=("dates",),
    )
    assert dated.periods == (Period("year", 2011), Period("year", 2012))


NEW_EXPORT = ["\ufeff数据库：年度数据 ", "时间：2011年-2012年 "]


def test_the_new_export_does_not_say_what_it_holds():
    data = text(
        *NEW_EXPORT, "地区\t,2012年\t,2011年\t,", "甲省\t,\t,1.5\t,", "乙省\t,\t,3.0\t,", "数据来源：某局"
    )
    with pytest.raises(DataError, match=r"nothing says which variable(.|\n)*say variable: and measures:"):
        read(data, **WIDE)
    reading = read(data, **WIDE, variable="x", measures={"x": "亿元"})
    assert reading.measures == {"x": "亿元"}
    assert reading.frame["x"].tolist() == [1.5, 3.0]


def test_the_new_export_of_one_unit_does_not_name_it():
    data = text(
        *NEW_EXPORT, "指标\t,2012年\t,2011年\t,", "产值 (亿元) \t,2\t,1\t,", "人口 (万人) \t,4\t,3\t,"
    )
    about = {"layout": "wide_by_period", "item_column": "指标"}
    with pytest.raises(DataError, match=r"nothing says which unit"):
        read(data, **about)
    reading = read(data, **about, unit="甲省", columns={"产值": "gdp"})
    assert table(reading) == {("01", "2011"): {"gdp": 1.0}, ("01", "2012"): {"gdp": 2.0}}
    assert reading.measures == {"gdp": "亿元"}


def test_the_new_export_of_one_year():
    data = text(
        *NEW_EXPORT,
        "地区\t,产值 (亿元) \t,人口 (万人) \t,",
        "甲省\t,1\t,2\t,",
        "乙省\t,3\t,4\t,",
        "注：1. 甲",
        "2. 乙",
    )
    reading = read(data, unit_column="地区", period="2011", columns={"产值": "gdp", "人口 (万人)": "pop"})
    assert table(reading)["02", "2011"] == {"gdp": 3.0, "pop": 4.0}
    assert reading.measures == {"gdp": "亿元", "pop": "万人"}


def test_an_edited_export_with_a_footer_cut_to_a_character():
    data = text("地区,2012年,2011年", "甲省,2,1", "乙省,4,3", "注,,", "数,,")
    assert read(data, **WIDE, variable="x").notes[-2:] == ("注", "数")


def test_a_yearbook_table():
    rows = [
        ["各地区产值", None, None, None],
        ["单位：亿元", None, None, None],
        ["地  区", "2011年", "2012年", "备 注"],
        ["全  国", 12, "1,014", None],
        ["甲 省  Alba", "１，０００.5", "14①", "x"],
        ["#乙\u3000省", "…", "--", None],
        [None, None, None, None],
        ["丙市", 3, 4, None],
    ]
    reading = read(workbook({"t": rows}, merged=[("t", "A1:D1")]), "a.xlsx", **WIDE, variable="x")
    assert table(reading) == {
        ("01", "2011"): {"x": 1000.5},
        ("01", "2012"): {"x": 14.0},
        ("02", "2011"): {},
        ("02", "2012"): {},
        ("03", "2011"): {"x": 3.0},
        ("03", "2012"): {"x": 4.0},
    }
    assert reading.measures == {"x": "亿元"}
    log = {(c.cell, c.raw): (c.value, c.rule) for c in reading.changes}
    rules = {c.rule for c in reading.changes if c.cell == "A6"}
    assert rules == {"footnote mark removed", "spaces inside a name removed"}
    assert {c.rule for c in reading.changes if c.cell == "B5"} == {
        "full-width characters",
        "thousands separators removed",
    }
    assert log["C6", "--"] == ("", "mark for a missing figure")
    assert {(c.cells, c.why) for c in reading.left_out} == {
        ("line 4 (全国)", "a total or average of the other rows"),
        ("column D (备注)", "its title is no period"),
    }
    assert reading.changes_table().columns.tolist() == ["file", "sheet", "cell", "raw", "value", "rule"]
    assert len(reading.left_out_table()) == 2


def test_two_lines_of_titles_in_two_languages_with_units():
    rows = [
        ["地区", "产值", "人口"],
        ["Region", "Output", "Population"],
        [None, "(亿元)", "(万人)"],
        ["甲省", 1, 2],
        ["乙省", 3, 4],
    ]
    data = workbook({"t": rows})
    named = read(
        data, "a.xlsx", unit_column="Region", period="2011", columns={"Output": "output", "人口": "people"}
    )
    assert named.measures == {"output": "亿元", "people": "万人"}
    reading = read(data, "a.xlsx", unit_column="Region", period="2011")
    assert reading.measures == {"产值": "亿元", "人口": "万人"}
    assert table(reading)["02", "2011"] == {"产值": 3.0, "人口": 4.0}


def test_titles_of_two_levels():
    rows = [
        ["name", "gdp", None, "pop", None],
        [None, 2011, 2012, 2011, 2012],
        ["甲省", 1, 2, 3, 4],
        ["乙省", 5, 6, 7, 8],
    ]
    data = workbook({"t": rows}, merged=[("t", "B1:C1"), ("t", "D1:E1"), ("t", "A1:A2")])
    reading = read(data, "a.xlsx", layout="wide_by_variable", unit_column="name")
    assert table(reading)["02", "2012"] == {"gdp": 6.0, "pop": 8.0}


def test_a_stacked_commercial_export():
    rows = [[None, None, "2012", "2011"]]
    rows += [
        ["产值（亿元）", "甲", "2.50000", "1.50000"],
        [None, "乙", "4.0", ""],
        ["人口（万人）", "甲", "20", "10"],
        [None, "乙", "40", "30"],
    ]
    rows += [["数据来源：<p>年鉴</p>"], ["由EPS DATA整理"]]
    data = workbook({"base": rows}, merged=[("base", "A2:A3"), ("base", "A4:A5")])
    about = {"layout": "wide_by_period", "item_column": "column A", "unit_column": "column B"}
    reading = read(data, "a.xlsx", **about)
    assert table(reading)["02", "2012"] == {"产值": 4.0, "人口": 40.0}
    assert reading.measures == {"产值": "亿元", "人口": "万人"}
    assert ("C2", "number stored as text") in {(c.cell, c.rule) for c in reading.changes}
    assert table(read(data, "a.xlsx", **about, columns={"人口": "pop"}))["01", "2011"] == {"pop": 10.0}


def test_a_sheet_per_year_with_items_and_units_as_columns():
    sheet = [
        [None, "Items", "Alba", "Borea"],
        ["Fuel", "Coal", 1, 2],
        [None, "Gas", 3, 4],
        ["Process", "Gas", 5, 6],
    ]
    data = workbook(
        {"NOTE": [["about"]], "2011": sheet, "2012": sheet}, merged=[("2011", "A2:A3"), ("2012", "A2:A3")]
    )
    reading = read(data, "a.xlsx", layout="wide_by_unit", item_column="column A + Items", sheet_role="period")
    assert table(reading)["02", "2012"] == {"Fuel / Coal": 2.0, "Fuel / Gas": 4.0, "Process / Gas": 6.0}


def test_a_sheet_per_unit_and_year_with_items_by_columns():
    sheet = [["Inventory", "Raw", "Coke"], ["unit", "10^4 t", "t"], ["Total", 1, 2], ["Farming", 3, 4]]
    data = workbook({"Alba2011": sheet, "Borea2011": sheet})
    reading = read(
        data, "a.xlsx", item_column="Inventory", sheet_role="unit_period", columns={"Total / Coke": "coke"}
    )
    assert table(reading) == {("01", "2011"): {"coke": 2.0}, ("02", "2011"): {"coke": 2.0}}
    assert reading.measures == {"coke": "t"}


def test_codes_get_their_leading_zeros_back_and_say_so():
    data = text("code,year,x", "1,2011,1", "2,2011,2")
    with pytest.raises(DataError, match=r"'1', '2' is not one unit"):
        read(data, unit_column="code", period_column="year")
    reading = read(data, unit_column="code", period_column="year", id_width=2)
    assert reading.units == ("01", "02")
    assert {c.rule for c in reading.changes} == {"leading zeros restored"}


def test_quarters_and_rounds():
    data = text("name,t,x", "a,2011年2季度,1", "a,2011Q4,2")
    reading = read(data, units=None, unit_column="name", period_column="t")
    assert [str(p) for p in reading.periods] == ["2011Q2", "2011Q4"]
    rounds = text("name,t,x", "a,0,1", "a,1,2")
    with pytest.raises(DataError, match=r"frequency: index"):
        read(rounds, units=None, unit_column="name", period_column="t")
    assert (
        read(rounds, units=None, unit_column="name", period_column="t", frequency="index").periods[1].ordinal
        == 1
    )


def test_every_problem_is_listed_at_once_with_its_cell():
    data = text("name,year,x,y", "甲省,2011,1_0,1", '甲市,2011.5,"1,5",2', ",2012,3,4", "乙省,2012,4,abc")
    with pytest.raises(DataError) as error:
        read(data, unit_column="name", period_column="year", columns={"x": "x", "y": "y"})
    message = str(error.value)
    for part in (
        "6 problems; nothing was written",
        "line 3, cell A3: '甲市' is not one unit",
        "nearest: 甲省 (01)",
        "line 4, cell A4: no unit",
        "line 3, cell B3: '2011.5' is no period",
        "line 2, cell C2: '1_0' is a number with underscores",
        "line 3, cell C3: '1,5' is a comma",
        "line 5, cell D5: 'abc' is not a number",
    ):
        assert part in message, part


@pytest.mark.parametrize(
    ("lines", "about", "message"),
    [
        (
            ["name,year,x", "甲省,2011,1", "甲,2011,2"],
            {},
            "C3: 'x of 01 in 2011, as in C2' is a second figure",
        ),
        (["name,year,x", "甲省,2011,1", "乙省,2011Q1,2"], {}, "several frequencies"),
        (["name,year,x", "甲省,2011,1"], {"columns": {"z": "z"}}, "no column 'z'"),
        (["name,year,x", "甲省,2011,1"], {"unit_column": "nam"}, "did you mean 'name'"),
        (["name,year,x", "甲省,2011,"], {"columns": {"x": "x"}}, "holds no figure at all"),
        (["1,2,3", "4,5,6"], {}, "no line of titles"),
        (["name,year,x", "甲省,2011,1"], {"header": (9,)}, "no line 9"),
        (["name,name,year,x", "甲省,乙省,2011,1"], {}, "several columns 'name'"),
        (["name,year,x", "甲省,2011,1"], {"period_column": ""}, "nothing says which period"),
        (["name,year,x", "甲省,2011,1"], {"layout": "wide_by_period"}, "no column is a period"),
        (["name,year,x", "甲省,2011,1"], {"layout": "wide_by_variable"}, "no title joins"),
        (["name,year,x", "甲省,2011,5%", "乙省,2011,5"], {}, "a percent sign, unlike the others"),
        (["name,year,x", "甲省,2011,1", "name,year,z", "乙省,2011,1"], {}, "second table below"),
    ],
)
def test_what_is_ambiguous_is_refused(lines, about, message):
    with pytest.raises(DataError, match=message):
        read(text(*lines), **{"unit_column": "name", "period_column": "year", **about})


def test_lines_titles_repeated_and_rows_chosen():
    data = text("name,year,x", "甲省,2011,1", "name,year,x", "乙省,2011,2", "丙市,2011,3")
    assert read(data, unit_column="name", period_column="year").units == ("01", "02", "03")
    assert read(data, unit_column="name", period_column="year", rows=(4, 4)).units == ("02",)


def test_text_columns_are_left_out_and_named():
    data = text("name,year,x,comment", "甲省,2011,1,fine", "乙省,2011,2,so")
    reading = read(data, unit_column="name", period_column="year")
    assert reading.frame.columns.tolist() == ["x"]
    assert reading.left_out[0].cells == "column D (comment)"


def test_several_sheets_must_be_named():
    data = workbook({"a": [["name", "x"], ["甲", 1]], "b": [["name", "x"], ["甲", 1]]})
    with pytest.raises(DataError, match=r"several sheets(.|\n)*sheets a, b(.|\n)*sheets: \[a\]"):
        read(data, "a.xlsx", unit_column="name", period="2011")


def test_sources_are_joined_by_unit_and_period_and_not_by_row():
    one = text("name,year,x", "甲省,2011,1", "乙省,2011,2")
    two = text("name,year,y", "Borea,2011,20", "Alba,2011,10", "Alba,2012,11")
    sources = [Source(p, unit_column="name", period_column="year") for p in ("one.csv", "two.csv")]
    reading = read_sources(sources, data={"one.csv": one, "two.csv": two}, units=UNITS)
    assert table(reading) == {
        ("01", "2011"): {"x": 1.0, "y": 10.0},
        ("01", "2012"): {"y": 11.0},
        ("02", "2011"): {"x": 2.0, "y": 20.0},
    }
    assert set(reading.digests) == {"one.csv", "two.csv"}
    assert repr(reading).startswith("<Reading of 2 units x 2 periods (2011 to 2012), 2 variables, 1 missing")
    with pytest.raises(DataError, match=r"unbalanced"):
        reading.to_panel()


def test_problems_of_all_sources_come_in_one_message():
    about = {"unit_column": "name", "period_column": "year", "columns": {"x": "x"}}
    sources = [Source(path, **about) for path in ("one.csv", "two.csv")]
    wrong = text("name,year,x", "甲省,2011,a")
    with pytest.raises(DataError, match=r"one.csv, line 2(.|\n)*two.csv, line 2"):
        read_sources(sources, data={"one.csv": wrong, "two.csv": wrong}, units=UNITS)


def test_a_file_that_was_loaded_twice_is_refused():
    data = text("地区,2012年,2011年", "甲省,2,1")
    twins = [Source(path, **WIDE, variable=name) for path, name in (("a.csv", "x"), ("a (1).csv", "y"))]
    with pytest.raises(DataError, match=r"'x' in a.csv is 'y' in a \(1\).csv \(the same file twice\)"):
        read_sources(twins, data={"a.csv": data, "a (1).csv": data})
    with pytest.raises(DataError, match=r"'x' in a.csv and in b.csv"):
        read_sources(
            [twins[0], Source("b.csv", **WIDE, variable="x")], data={"a.csv": data, "b.csv": data + b"\n"}
        )
    with pytest.raises(DataError, match=r"at least one source"):
        join_readings([])


def test_a_panel_of_years():
    data = text("name,year,x", "甲省,2011,1", "甲省,2012,2", "乙省,2011,3", "乙省,2012,4")
    panel = read(data, unit_column="name", period_column="year", measures={"x": "t"}).to_panel()
    assert panel.periods == (2011, 2012) and panel.units == ("01", "02")
    assert panel["x"].tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert panel.measures == {"x": "t"} and panel.unit_names == {"01": "甲省", "02": "乙省"}


def test_a_source_is_checked_and_restored():
    source = Source("a.csv", **WIDE, columns={"x": "y"}, rows=(2, 5), skip=("z",))
    assert Source.from_config(source.to_config()) == source
    for wrong, message in (
        ({"path": "a", "colums": {}}, "did you mean 'columns'"),
        ({"layout": "long"}, "no path"),
        ({"path": "a", "layout": "wide"}, "Unknown layout"),
        ({"path": "a", "rows": [5]}, "first and a last line"),
        ({"path": "a", "frequency": "week"}, "Unknown frequency"),
    ):
        with pytest.raises(ConfigError, match=message):
            Source.from_config(wrong)
    with pytest.raises(ConfigError, match=r"does not say how to read it"):
        read(b"x", "a.doc")


def test_bytes_are_enough():
    data = io.BytesIO(text("name,year,x", "甲省,2011,1")).getvalue()
    assert read(data, unit_column="name", period_column="year").units == ("01",)


def test_a_name_of_two_units_needs_the_unit_that_holds_it():
    twins = Units((Unit("01", "Springfield", parent="Alba"), Unit("02", "Springfield", parent="Borea")))
    data = text("city,state,year,x", "Springfield,Alba,2011,1", "Springfield,Borea,2011,2")
    about = {"unit_column": "city", "period_column": "year", "columns": {"x": "x"}}
    with pytest.raises(
        DataError, match=r"may stand for Springfield \(01, Alba\) and(.|\n)*say parent_column:"
    ):
        read(data, units=twins, **about)
    reading = read(data, units=twins, **about, parent_column="state")
    assert table(reading) == {("01", "2011"): {"x": 1.0}, ("02", "2011"): {"x": 2.0}}


def test_units_without_a_row_are_reported():
    reading = read(text("name,year,x", "甲省,2011,1", "丙,2011,2"), unit_column="name", period_column="year")
    assert [(c.cells, c.why) for c in reading.left_out] == [("乙省 (02)", "a unit without a row")]


def test_an_unquoted_thousands_separator_does_not_shift_a_row():
    data = text("name,year,x,y", "甲省,2011,1,234,5", "乙省,2011,7,8")
    with pytest.raises(
        DataError, match=r"cell E2: '5' is a cell to the right of the last title; put numbers"
    ):
        read(data, unit_column="name", period_column="year")


def test_a_figure_in_merged_cells_is_not_copied_but_a_key_is():
    rows = [
        ["year", "name", "x"],
        [2011, "甲省", 1],
        [None, "乙省", 2],
        [2012, "甲省", 3],
        [None, "乙省", None],
    ]
    keys = [("t", "A2:A3"), ("t", "A4:A5")]
    about = {"unit_column": "name", "period_column": "year"}
    assert table(read(workbook({"t": rows}, merged=keys), "a.xlsx", **about))["02", "2011"] == {"x": 2.0}
    with pytest.raises(DataError, match=r"C4 \(and C5\): '3' is a figure in merged cells"):
        read(workbook({"t": rows}, merged=[*keys, ("t", "C4:C5")]), "a.xlsx", **about)


def test_numbered_names_are_no_remarks_and_figures_among_remarks_are_reported():
    data = text("name,2011", "1.甲,5", "2.乙,6", "注：1. a", "2. b", "3. c,2018")
    reading = read(data, units=None, layout="wide_by_period", unit_column="name", variable="x")
    assert reading.units == ("1.甲", "2.乙")
    assert [(c.cells, c.why) for c in reading.left_out] == [("line 6", "a remark below the figures")]


def test_a_table_of_units_is_read_as_text_and_made_from_a_panel():
    data = text("id,name,lon", "01,甲省,10.5", "02,乙省,11")
    units = Units.from_rows(read_rows(Source("units.csv"), data=data))
    assert units.ids == ("01", "02") and units["01"].lon == 10.5
    sheet = workbook({"u": [["id", "name"], [1, "a"], ["02", "b"]]})
    assert [row["id"] for row in read_rows(Source("u.xlsx"), data=sheet)] == ["1", "02"]
    with pytest.raises(DataError, match=r"titles given twice: id"):
        read_rows(Source("units.csv"), data=text("id,id,name", "1,2,a"))
    reading = read(text("name,year,x", "甲省,2011,1"), unit_column="name", period_column="year")
    assert reading.to_units()["01"].name == "甲省"


def test_a_comma_between_semicolons_must_be_explained():
    data = text("name;year;x", "甲省;2011;1,234", "乙省;2011;2,5")
    about = {"unit_column": "name", "period_column": "year"}
    with pytest.raises(DataError, match=r"'1,234' is a comma that may divide thousands or decimals"):
        read(data, **about)
    assert read(data, **about, decimal=",").frame["x"].tolist() == [1.234, 2.5]
    assert read(text("name;year;x", "甲省;2011;1,234"), **about, decimal=".").frame["x"].tolist() == [1234.0]


def test_a_column_without_a_title_is_left_out():
    reading = read(
        text(",name,year,x", "0,甲省,2011,1", "1,乙省,2011,2"), unit_column="name", period_column="year"
    )
    assert reading.frame.columns.tolist() == ["x"]
    assert ("column A", "no title") in {(c.cells, c.why) for c in reading.left_out}


def test_sources_whose_units_are_written_in_other_forms_are_noticed():
    sources = [Source(path, unit_column="id", period_column="year") for path in ("one.csv", "two.csv")]
    one = text("id,year,x", "01001,2011,1", "9,2011,2")
    with pytest.raises(DataError, match=r"no unit is in all of them \(one.csv: 01001, 9; two.csv: 1001\)"):
        read_sources(sources, data={"one.csv": one, "two.csv": text("id,year,y", "1001,2011,1")})
    joined = read_sources(
        sources, data={"one.csv": one, "two.csv": text("id,year,y", "1001,2011,1", "9,2011,2")}
    )
    assert [(c.file, c.cells, c.why.partition("; ")[2]) for c in joined.left_out] == [
        ("one.csv", "1001", "nearest: 01001"),
        ("two.csv", "01001", "nearest: 1001"),
    ]


def test_remarks_in_titles_of_years_are_no_part_of_them():
    data = text("state,fips,1997 (r),1998", "甲,01,1,2", "乙,02,3,4")
    reading = read(data, layout="wide_by_period", unit_column="state", variable="x")
    assert reading.frame["x"].tolist() == [1.0, 2.0, 3.0, 4.0]
    twice = text("地区,2011年,2011年(初步)", "甲省,1,2")
    with pytest.raises(DataError, match=r"x of 01 in 2011, as in B2' is a second figure"):
        read(twice, **WIDE, variable="x")
