"""User files as programs write them, each refused or accepted when the run is loaded."""

import pytest
from project_copy import Project

from shuyi.china.provinces import codes

PATH = "data/external/own.csv"
YEARS = range(2016, 2025)
CELLS = [(code, year) for code in codes() for year in YEARS]
HEAD = "province,year,own"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = Project(tmp_path)
    found.set(("panel", "user_file"), PATH)
    return found


def lines(cells=CELLS, cell="{i}", head=HEAD):
    rows = [f"{code},{year},{cell.format(i=i)}" for i, (code, year) in enumerate(cells)]
    return "\n".join([head, *rows]) + "\n"


def without(*left_out):
    return [cell for cell in CELLS if cell[0] not in left_out]


def table(head, *rows):
    return "\n".join([head, *rows]) + "\n"


ROWS = lines().splitlines()[1:]
TEXTS = {
    "empty": ("", "own.csv is empty"),
    "header alone": (HEAD + "\n", "no row of any province for 2016 to 2024"),
    "title lines": (table("database: annual", "indicator: own", HEAD, *ROWS), "delete title lines"),
    "padded title lines": (table("annual,,", HEAD, *ROWS), "the header seems to be line 2"),
    "separator of thousands": (table(HEAD, *ROWS[:5], "110000,2021,1,234", *ROWS[6:]), "line 7 has 4"),
    "header one name short": (table(HEAD, *(f"{i},{row}" for i, row in enumerate(ROWS))), "line 2 has 4"),
    "semicolons": (lines().replace(",", ";"), "separate the cells by commas"),
    "names of the columns": (lines(head="省份,年份,own"), "rename the column '省份' to 'province'"),
    "column twice": (table(HEAD + ",own", *(row + ",9" for row in ROWS)), "names a column twice"),
    "province and year alone": (table("province,year", *(r.rpartition(",")[0] for r in ROWS)), "no column"),
    "open quotation mark": (table(HEAD, '"' + ROWS[0], *ROWS[1:]), "not in the form of CSV"),
    "a workbook": (b"PK\x03\x04\x00\x00", "no text file"),
    "UTF-16": (lines().encode("utf-16"), "no text file"),
    "overflow": (table(HEAD, "110000,2016,1e400", *ROWS[1:]), "number too large"),
    "underscore": (table(HEAD, "110000,2016,1_000", *ROWS[1:]), "'1_000' in line 2"),
    "decimal comma": (table(HEAD, '110000,2016,"1,5"', *ROWS[1:]), "'1,5' in line 2"),
    "formula": (table(HEAD, "110000,2016,=1+1", *ROWS[1:]), "'=1+1' in line 2"),
    "a city": (lines().replace("220000", "吉林市"), "吉林市"),
    "another city": (lines().replace("460000", "Hainan City"), "Hainan City"),
    "unknown province": (lines().replace("220000", "Jlin"), "Jilin"),
    "no year": (lines().replace("2016", "二〇一六"), "not a year"),
    "row twice": (lines() + ROWS[0] + "\n", "repeated row: 110000 2016 in lines 2, 281"),
    "row missing": (lines(CELLS[1:]), "write the row with empty cells: 110000,2016,"),
    "years missing": (lines([c for c in CELLS if c[1] > 2017]), "no row of any province for 2016 to 2017"),
    **{
        f"column {name}": (lines(head=f"province,year,{name}"), expected)
        for name, expected in {
            "digital": "the index or one of its sub-scores",
            "digital_talent": "the index or one of its sub-scores",
            "unit": "the panel or the estimates",
            "period": "the panel or the estimates",
            "rho": "the panel or the estimates",
            "W_digital": "spatial or time lag",
            "gdp_nominal": "official or derived",
            "ln_gdp_pc": "official or derived",
            "../x": "a letter first",
            "x/../../../x": "a letter first",
            "a/b": "a letter first",
            "{x}": "a letter first",
            "a.*b(": "a letter first",
            "=cmd": "a letter first",
            "$\\foo$": "a letter first",
            "1a": "a letter first",
        }.items()
    },
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_wrong_file_is_refused_before_any_job(project, name):
    content, expected = TEXTS[name]
    project.write(PATH, content)
    text = project.refusal()
    assert expected in text
    assert PATH in text


@pytest.mark.parametrize("key", ["lisa", "moran"])
def test_an_unsafe_column_that_is_used_gives_one_message(project, key):
    project.write(PATH, lines(head="province,year,x/../../../x"))
    text = project.refusal({(key, "variables"): ["x/../../../x"]})
    assert "1 problem" in text


@pytest.mark.parametrize(
    "content",
    [
        lines().encode("gb18030"),
        lines().encode("utf-8-sig"),
        lines().replace("\n", "\r\n"),
        lines().replace("110000", "北京").encode("gb18030"),
        table(HEAD + ",", *(row + "," for row in ROWS)),
        table("," + HEAD, *(f"{i},{row}" for i, row in enumerate(ROWS))),
        lines(head="province,year,数字金融"),
    ],
    ids=["GB 18030", "byte-order mark", "Windows", "Chinese", "empty last column", "row numbers", "name"],
)
def test_forms_that_programs_write_are_read(project, content):
    project.write(PATH, content)
    assert project.load().notes == ()


def test_further_years_are_left_out_and_said(project):
    project.write(PATH, lines([(code, year) for code in codes() for year in range(2011, 2026)]))
    (note,) = project.load().notes
    assert note == f"{PATH}: Rows of 2011 to 2015, 2025 are left out: the panel's years are 2016 to 2024."


def test_text_in_years_that_are_left_out_does_not_matter(project):
    project.write(PATH, lines() + "110000,2011,...\n")
    assert "2011" in project.load().notes[0]


SAMPLE = 'To paste below `samples:`: `without_540000: ["540000"]`'


def test_a_file_without_tibet_is_used_by_a_sample_without_it(project):
    project.write(PATH, lines(without("540000")))
    project.edit_row("sdm_without_tibet", regressors="digital own")
    (note,) = project.load().notes
    assert "No rows for 540000" in note
    assert "rows such as 540000,2024, would say" in note
    assert SAMPLE in note


def test_a_file_without_tibet_is_refused_where_tibet_is_asked_for(project):
    project.write(PATH, lines(without("540000")))
    project.edit_row("sdm", regressors="digital own")
    text = project.refusal({("moran", "variables"): ["own"]})
    assert "2 problems" in text
    assert "row sdm, column sample: found 'all', for which own" in text
    assert SAMPLE in text
    assert "moran.variables.0: found own" in text


def test_the_sample_to_paste_leaves_out_what_the_old_one_did(project):
    project.write(PATH, lines(without("650000")))
    project.edit_row("sdm_without_tibet", regressors="digital own")
    assert 'without_2: ["540000", "650000"]' in project.refusal()


def test_an_empty_cell_counts_like_a_missing_province(project):
    rows = ("540000,2020,NA" if row.startswith("540000,2020,") else row for row in ROWS)
    project.write(PATH, table(HEAD, *rows))
    project.edit_row("sdm", regressors="digital own")
    assert "has no figure of 540000" in project.refusal()
    project.edit_row("sdm", regressors="digital urbanisation")
    assert project.refusal() == ""


def test_own_indicators_of_the_index_must_be_complete(project):
    project.write(PATH, lines(without("540000")))
    project.edit("config/indices/four_dimensions.yaml", "numerator: optical_cable_length", "numerator: own")
    assert "index.scheme (indicator" in project.refusal()
