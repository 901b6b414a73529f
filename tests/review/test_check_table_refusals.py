"""Malformed, hostile and huge input is refused; nothing is executed or put unescaped into a page."""

import zipfile

import printed
import pytest

from shuyi import cli
from shuyi.errors import ConfigError, DataError
from shuyi.review import check_table, read_form
from shuyi.review.output.page import page
from shuyi.review.output.terminal import report_text
from shuyi.review.readers import read_tables
from shuyi.review.readers.limits import MAX_ROWS
from shuyi.review.templates import KINDS, template

ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def with_entity(content):
    return ENTITY + content.partition(b"?>")[2] if b"?>" in content else ENTITY + content


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.docx", b"not a zip", "not a Word"),
        ("a.docx", printed.zip_of({"x.txt": b"x"}), "not a Word"),
        ("a.xlsx", b"PK\x03\x04broken", "not an Excel"),
        ("a.xlsx", printed.word_file(), "not an Excel"),
        ("a.docx", printed.excel_file(), "not a Word"),
        ("a.doc", b"\xd0\xcf\x11\xe0old", "old Office"),
        ("a.pdf", b"%PDF-1.7", "format of the file is not known"),
        ("a.txt", b"\x00\x01\x02", "not text"),
        ("a.txt", printed.word_file(), "not text"),
        ("a.txt", b"nothing here", "No table"),
        ("a.tex", b"\\begin{tabular}{ll} a & 1 \\\\", "has no end"),
        ("a.html", b"", "not HTML|No table"),
        ("a.yaml", b"columns: [", "not YAML"),
        ("a.yaml", b"colums: []", "did you mean"),
        ("a.yaml", b"columns: [{name: SDM, b: {x: [abc, 1]}}]", "is not a number"),
        ("a.yaml", b"columns: [{name: SDM, b: {x: [1, 2, 3, 4]}}]", "wrong number of entries"),
        ("a.yaml", b"columns: [{name: SDM, b: {x: [1, 2, '^^']}}]", "other characters"),
        ("a.yaml", b"columns: [{name: SDM, model: spatial, b: {x: [1]}}]", "unknown model"),
        ("a.yaml", b"a: &a [1]\nb: *a", "uses an alias"),
        ("a.yaml", b"!!python/object/apply:os.system ['true']", "another shape|No table"),
        ("a.yaml", b"N: 3.5\ncolumns: []", "not a whole number"),
        ("a.yaml", b"stars: [5]\ncolumns: []", "out of range"),
        ("a.yaml", b"simulated: perhaps\ncolumns: []", "neither yes nor no"),
        ("a.yaml", b"[" * 3000, "nested too deeply|not YAML"),
        ("a.csv", b"column,part,row,value,beside,stars\nSDM,nonsense,x,1,,", "unknown part"),
    ],
)
def test_what_cannot_be_read(name, content, message):
    with pytest.raises(DataError, match=message):
        read_tables(name, content)


def test_zip_bombs_are_not_unpacked():
    bomb = printed.replaced(printed.word_file(), "word/styles.xml", lambda _: b" " * 50_000_000)
    with pytest.raises(DataError, match="unpacks to"):
        read_tables("a.docx", bomb)
    many = printed.zip_of({f"x{i}": b"" for i in range(3000)})
    with pytest.raises(DataError, match="unpacks to too much"):
        read_tables("a.xlsx", many)


def test_a_lying_size_is_refused(tmp_path):
    archive = bytearray(printed.word_file())
    at = archive.rfind(b"PK\x01\x02")
    archive[at + 24 : at + 28] = (10).to_bytes(4, "little")
    with pytest.raises(DataError):
        read_tables("a.docx", bytes(archive))
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass


@pytest.mark.parametrize(
    ("name", "part", "make"),
    [("a.docx", "word/document.xml", printed.word_file), ("a.xlsx", "xl/workbook.xml", printed.excel_file)],
)
def test_external_entities_are_refused(name, part, make):
    hostile = printed.replaced(make(), part, with_entity)
    with pytest.raises(DataError, match="declares XML entities"):
        read_tables(name, hostile)


def test_a_million_rows_are_refused():
    rows = "x 0.1\n" * 1_000_000
    for name, text in (("a.txt", rows), ("a.csv", "label,a\n" + "x,0.1\n" * 1_000_000)):
        with pytest.raises(DataError, match="more than a printed table"):
            read_tables(name, text.encode())
    table = "<table>" + "<tr><td>x<td>0.1" * (MAX_ROWS + 10) + "</table>"
    with pytest.raises(DataError, match="more than a printed table"):
        read_tables("a.html", table.encode())
    with pytest.raises(DataError, match="too large"):
        read_tables("a.html", b"<table>" + b" " * 21_000_000)


def test_spans_do_not_multiply_cells():
    wide = '<table><tr><td colspan="999999999">a</td></tr></table>'
    with pytest.raises(DataError):
        read_tables("a.html", wide.encode())
    with pytest.raises(DataError):
        read_tables("a.tex", rb"\begin{tabular}{l}\multicolumn{999}{l}{a} & 0.1 \\ x & 0.2\end{tabular}" * 3)


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m\x07"


def hostile_report():
    form = read_form(f"columns: [{{name: SDM, b: {{x: [0.1, 0.01, '*']}}}}]\nid: {'t' * 3}")[0]
    from dataclasses import replace

    column = replace(form.columns[0], name=HOSTILE, b={HOSTILE: form.columns[0].b["x"]})
    return check_table(replace(form, id=HOSTILE, columns=(column,), notes=(HOSTILE,), beside="se"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_of_a_file_is_put_unescaped_into_a_page(language):
    html = page([hostile_report()], language)
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert "default-src 'none'" in html


def test_terminals_get_no_control_characters():
    text = report_text(hostile_report())
    assert "\x1b" not in text
    assert "\x07" not in text


def test_latex_is_not_executed(tmp_path):
    text = (
        rf"\begin{{tabular}}{{ll}} & SDM \\ \input{{{tmp_path}/secret}} x & 0.1 \\ rho & 0.2\end{{tabular}}"
    )
    (tmp_path / "secret.tex").write_text("hidden & 9.9 \\\\", encoding="utf-8")
    (table,) = read_tables("a.tex", text.encode())
    assert "x" in table.columns[0].b
    assert "hidden" not in str(table)


def test_formulas_stay_text():
    text = "\tSDM\n=cmd|' /C calc'!A0\t0.1\nrho\t0.2\n"
    (table,) = read_tables("a.txt", text.encode())
    assert any(name.startswith("=cmd") for name in table.columns[0].b)


@pytest.mark.parametrize("kind", KINDS)
def test_templates_are_read_as_empty_forms(kind):
    text = template(kind)
    with pytest.raises(DataError, match="No table"):
        read_tables("a.csv" if kind == "csv" else "a.yaml", text.encode())


def test_unknown_templates_are_refused():
    with pytest.raises(ConfigError, match="Unknown template"):
        template("sdmm")


def test_a_broken_file_beside_a_good_one(tmp_path, capsys):
    (tmp_path / "good.txt").write_text(printed.ALIGNED, encoding="utf-8")
    (tmp_path / "bad.docx").write_bytes(b"no")
    assert cli.main(["check-table", str(tmp_path / "good.txt"), str(tmp_path / "bad.docx")]) == 2
    out = capsys.readouterr().out
    assert "not a Word" in out
    assert "Spatial Durbin model" in out
