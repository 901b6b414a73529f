"""Files as grids: encodings, delimiters, workbooks, typed files, limits and what cannot be opened."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from reader_cases import rewritten, text, workbook

from shuyi.errors import DataError
from shuyi.readers import content as contents
from shuyi.readers.content import Content, gunzip, load, unzip
from shuyi.readers.excel import read_workbook, sheet_names
from shuyi.readers.grid import Grid, column_letters, filled
from shuyi.readers.text import read_text_grid, sniff_delimiter
from shuyi.readers.typed import read_parquet, read_spss, read_stata

MADE = Path(__file__).parent / "made"
ROWS = [["地区", "2012年"], ["甲省", "1.5"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_are_found(encoding):
    grid = read_text_grid(Content("a.csv", text("地区,2012年", "甲省,1.5", encoding=encoding)))
    assert grid.rows == ROWS


def test_a_rare_character_needs_gb18030_and_not_gbk():
    name = "㑇"
    assert read_text_grid(Content("a.csv", f"a,b\n{name},1\n".encode("gb18030"))).rows[1][0] == name


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a,b\n\xff\xff\x00", "is not text"),
        (b"a\0b,c\n", "is not text"),
        ("锘垮湴鍖,x\n".encode(), "wrong encoding"),
    ],
)
def test_what_is_no_text_is_refused(data, message):
    with pytest.raises(DataError, match=message):
        read_text_grid(Content("a.csv", data))


def test_an_unknown_encoding_is_refused():
    with pytest.raises(DataError, match=r"Unknown encoding"):
        read_text_grid(Content("a.csv", b"a,b\n"), encoding="utf-9")


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_the_delimiter_is_the_one_that_divides_evenly(mark):
    lines = "\n".join(mark.join(row) for row in (["a", "b", "c"], ["1", "2", "3"]))
    assert sniff_delimiter(f"title, with commas\n{lines}\n") == mark or mark == ","


def test_lines_are_those_of_the_file_after_a_quoted_line_break():
    grid = read_text_grid(Content("a.csv", b'a,"b\nc"\nd,e\n'))
    assert grid.cell(1, 1) == "B3"


def test_cells_with_tabs_and_an_empty_last_column_are_one_table():
    grid = read_text_grid(Content("a.csv", "x\t,2011年\t,\n甲省\t,1.0\t,\n".encode()))
    assert grid.width == 2


def test_letters():
    assert [column_letters(j) for j in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_gzipped_text_is_read_and_a_damaged_one_refused():
    data = gzip.compress(text("a,b", "c,1"))
    assert read_text_grid(Content("a.csv.gz", data)).rows == [["a", "b"], ["c", "1"]]
    assert Content("a.csv.gz", data).suffix == ".csv"
    with pytest.raises(DataError, match=r"cannot be unpacked"):
        gunzip(Content("a.csv.gz", data[:-9]))


def test_limits_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(contents, "MAX_BYTES", 4)
    (tmp_path / "a.csv").write_bytes(b"12345")
    with pytest.raises(DataError, match=r"too large to read(.|\n)*at most 0 MiB"):
        load(tmp_path / "a.csv")
    monkeypatch.setattr(contents, "MAX_CELLS", 3)
    with pytest.raises(DataError, match=r"at most 3 cells(.|\n)*2 rows of 2"):
        read_text_grid(Content("a.csv", b"a,b\nc,d\n"))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 2_000_000)
    monkeypatch.setattr(contents, "MAX_UNPACKED", 1_000_000)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("unpacked"))
    with pytest.raises(DataError, match=r"unpacked content of a.xlsx is too large"):
        unzip(Content("a.xlsx", packed.getvalue()))
    with pytest.raises(DataError, match=r"unpacked content of a.csv.gz is too large"):
        gunzip(Content("a.csv.gz", gzip.compress(b"0" * 2_000_000)))


def test_missing_and_empty_files_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"A file is missing"):
        load(tmp_path / "none.csv")
    with pytest.raises(DataError, match=r"a folder"):
        load(tmp_path)
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(DataError, match=r"is empty"):
        load(tmp_path / "empty.csv")


def test_a_workbook_is_read_with_its_types_and_merged_cells():
    rows = [["title", None, None], ["id", "x", "y"], ["01", 1.5, None], [None, 2, "t"]]
    data = workbook({"a": rows, "b": [["z"]]}, merged=[("a", "A1:C1"), ("a", "A3:A4")])
    grids = read_workbook(Content("w.xlsx", data))
    assert [g.sheet for g in grids] == sheet_names(Content("w.xlsx", data)) == ["a", "b"]
    assert grids[0].rows == rows and grids[0].typed
    assert grids[0].merged == ((0, 0, 0, 2), (2, 0, 3, 0))
    assert filled(grids[0])[3][0] == "01" and filled(grids[0])[0] == ["title", None, None]
    assert [g.sheet for g in read_workbook(Content("w.xlsx", data), ["b"])] == ["b"]
    with pytest.raises(DataError, match=r"lacks sheets(.|\n)*sheets a, b"):
        read_workbook(Content("w.xlsx", data), ["c"])


def test_a_used_range_of_a_million_rows_is_read_to_its_last_value():
    data = workbook({"a": [["id", "x"], ["u", 1]]}, formats=[("a", "A1048576")])
    (grid,) = read_workbook(Content("w.xlsx", data))
    assert len(grid.rows) == 2
    assert grid.notes == ("rows below 2 hold no values",)


def test_formulas_are_never_run():
    data = workbook({"a": [["id", "x"], ["u", "=1+1"]]})
    with pytest.raises(DataError, match=r"line 2, cell B2(.|\n)*'=1\+1' has no stored value"):
        read_workbook(Content("w.xlsx", data))
    stored = rewritten(data, "xl/worksheets/sheet1.xml", b"<v />", b"<v>7</v>")
    stored = rewritten(stored, "xl/worksheets/sheet1.xml", b"<v></v>", b"<v>7</v>")
    assert read_workbook(Content("w.xlsx", stored))[0].rows[1] == ["u", 7]


def test_an_old_workbook_is_read_whatever_its_name():
    data = (MADE / "export.xls").read_bytes()
    grids = read_workbook(Content("export.xlsx", data))
    assert sheet_names(Content("export.xls", data)) == ["年度数据", "dates"]
    assert grids[0].rows[3:5] == [["地区", "2013年", "2012年", "2011年"], ["甲省", 3.5, 2.5, 1.5]]
    assert str(grids[1].rows[1][1]) == "2011-01-01 00:00:00"


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 nothing", b"plain text", b"\xd0\xcf\x11\xe0 nothing", b"\xd0\xcf\x11\xe0" * 300]
)
def test_what_is_no_workbook_is_refused(data):
    with pytest.raises(DataError, match=r"save it anew"):
        read_workbook(Content("w.xlsx", data))


def test_a_zip_file_without_a_workbook_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(DataError, match=r"not a workbook"):
        read_workbook(Content("w.xlsx", packed.getvalue()))


FRAME = pd.DataFrame({"code": ["01", "02"], "year": [2011.0, 2012.0], "x": [1.5, np.nan]})


@pytest.mark.parametrize("version", [114, 117, 118])
def test_stata(version):
    data = io.BytesIO()
    FRAME.to_stata(data, write_index=False, version=version, variable_labels={"x": "output"})
    grid = read_stata(Content("a.dta", data.getvalue()))
    assert grid.rows == [["code", "year", "x"], ["01", 2011.0, 1.5], ["02", 2012.0, None]]
    assert grid.labels[2] == "output" and grid.notes[0].startswith("Stata release 11")


def test_stata_value_labels_take_the_place_of_codes():
    data = io.BytesIO()
    FRAME.assign(code=pd.Categorical(["甲省", "乙省"])).to_stata(data, write_index=False, version=118)
    assert [row[0] for row in read_stata(Content("a.dta", data.getvalue())).rows[1:]] == ["甲省", "乙省"]


def test_text_in_an_old_stata_file_is_read_in_its_encoding():
    data = io.BytesIO()
    frame = FRAME.assign(code=["甲省".encode("gb18030").decode("latin-1"), "x"])
    frame.to_stata(data, write_index=False, version=114)
    assert read_stata(Content("a.dta", data.getvalue())).rows[1][0] == "甲省"
    with pytest.raises(DataError, match=r"is not in ascii"):
        read_stata(Content("a.dta", data.getvalue()), encoding="ascii")


def test_single_precision_keeps_the_digits_that_were_written():
    data = io.BytesIO()
    FRAME.assign(x=np.array([86.2, np.nan], dtype=np.float32)).to_stata(data, write_index=False, version=118)
    assert read_stata(Content("a.dta", data.getvalue())).rows[1][2] == 86.2


def test_spss(tmp_path):
    import pyreadstat

    pyreadstat.write_sav(FRAME, str(tmp_path / "a.sav"), column_labels=["", "", "output"])
    grid = read_spss(load(tmp_path / "a.sav"))
    assert grid.rows == [["code", "year", "x"], ["01", 2011.0, 1.5], ["02", 2012.0, None]]
    assert grid.labels[2] == "output"


def test_parquet_with_and_without_an_index():
    data, indexed = io.BytesIO(), io.BytesIO()
    FRAME.to_parquet(data)
    FRAME.set_index("code").to_parquet(indexed)
    assert read_parquet(Content("a.parquet", data.getvalue())).rows[1:] == [
        ["01", 2011.0, 1.5],
        ["02", 2012.0, None],
    ]
    assert read_parquet(Content("a.parquet", indexed.getvalue())).rows[0] == ["code", "year", "x"]


@pytest.mark.parametrize("reader", [read_stata, read_spss, read_parquet])
def test_damaged_files_are_refused(reader):
    for data in (b"nothing of the kind", b"<stata_dta>", b"PAR1", b"$FL2", b"\x72\x02\x01"):
        with pytest.raises(DataError, match=r"is not a"):
            reader(Content("a", data))


def test_places_in_a_sheet():
    assert Grid("f", "s", [["a"]]).line(0) == 1


def test_a_workbook_that_declares_entities_is_refused():
    data = workbook({"a": [["x"]]})
    bomb = rewritten(data, "xl/workbook.xml", b"<workbook", b'<!DOCTYPE a [<!ENTITY b "c">]><workbook')
    with pytest.raises(DataError, match=r"declares XML entities"):
        read_workbook(Content("w.xlsx", bomb))


@pytest.mark.parametrize(
    ("form", "text"), [("tm", "2011-04"), ("tq", "2011Q2"), ("th", "2011H1"), ("ty", "2011")]
)
def test_stata_periods_keep_their_frequency(form, text):
    data = io.BytesIO()
    frame = pd.DataFrame({"t": pd.to_datetime(["2011-04-01", None]), "x": [1.0, 2.0]})
    if form == "ty":
        frame["t"] = pd.to_datetime(["2011-01-01", None])
    frame.to_stata(data, write_index=False, version=118, convert_dates={"t": form})
    rows = read_stata(Content("a.dta", data.getvalue())).rows
    assert str(rows[1][0]) == text and rows[2][0] is None
