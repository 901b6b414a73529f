"""Readers: what people have in hand, as printed tables.

Every format becomes a `grid.Grid`, which `interpret.interpret` reads; the form is read directly.
"""

from __future__ import annotations

from collections.abc import Sequence

from shuyi.errors import DataError, did_you_mean
from shuyi.review.readers.form import is_csv_form, read_csv_form, read_form
from shuyi.review.readers.grid import Grid
from shuyi.review.readers.limits import MAX_BYTES, check_large
from shuyi.review.table import PrintedTable

ENCODINGS = ("utf-8-sig", "gb18030")
ZIP, OLD_OFFICE, UTF16 = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", (b"\xff\xfe", b"\xfe\xff")
FORMATS = {
    ".yaml": "form",
    ".yml": "form",
    ".json": "form",
    ".csv": "csv",
    ".tsv": "csv",
    ".tex": "latex",
    ".ltx": "latex",
    ".html": "html",
    ".htm": "html",
    ".docx": "word",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".txt": "text",
    ".md": "text",
    "": "text",
}
"""Format by extension; text without an extension is looked at."""


def read_tables(name: str, content: bytes) -> list[PrintedTable]:
    r"""Read every table of a file.

    Parameters
    ----------
    name : str
        Name of the file, whose extension says its format.
    content : bytes
        What it holds.

    Returns
    -------
    list of PrintedTable
        Those in which something of a spatial panel study was found.

    Raises
    ------
    DataError
        If the format is not known, the file is broken, hostile or too large, or no table is found.

    Examples
    --------
    >>> text = "\tSAR\ndig\t0.131***\n\t(0.047)\nrho\t-0.047\n"
    >>> table, = read_tables("pasted.txt", text.encode())
    >>> table.columns[0].b["dig"].stars
    3
    """
    check_large(len(content), MAX_BYTES, "file")
    kind = _format(name, content)
    source = name.replace("\\", "/").rsplit("/", 1)[-1]
    if kind == "form" or (kind == "csv" and is_csv_form(_decoded(content))):
        text = _decoded(content)
        tables = read_form(text) if kind == "form" else [read_csv_form(text)]
    else:
        from shuyi.review.readers.interpret import interpret

        tables = [interpret(grid) for grid in read_grids(kind, content, source)]
    kept = [t for t in tables if not t.is_empty]
    if not kept:
        raise DataError(
            "No table of a spatial panel study was found.",
            expected="rows of coefficients, effects, tests, Moran's I by year or weights of an index",
            found=f"{len(tables)} tables without one in {source!r}",
            remedy="type the figures into a form: shuyi check-table --template sdm",
        )
    return kept


def read_grids(kind: str, content: bytes, source: str) -> Sequence[Grid]:
    """Return the tables of a file as grids of cells.

    Parameters
    ----------
    kind : {"csv", "latex", "html", "word", "excel", "text"}
        Format.
    content : bytes
        What the file holds.
    source : str
        Its name.

    Returns
    -------
    sequence of Grid
    """
    if kind == "word":
        from shuyi.review.readers.word import read_word

        return read_word(content, source)
    if kind == "excel":
        from shuyi.review.readers.excel import read_excel

        return read_excel(content, source)
    if kind == "html":
        from shuyi.review.readers.html import read_html

        return read_html(content, source)
    if kind == "latex":
        from shuyi.review.readers.latex import read_latex

        return read_latex(_decoded(content), source)
    from shuyi.review.readers.text import read_pasted, read_separated

    return (
        [read_separated(_decoded(content), source)]
        if kind == "csv"
        else read_pasted(_decoded(content), source)
    )


def _format(name: str, content: bytes) -> str:
    if content.startswith(OLD_OFFICE):
        raise DataError(
            "The file is of an old Office format.",
            expected=".docx or .xlsx",
            found=repr(name[-60:]),
            remedy="save it as .docx or .xlsx",
        )
    base = name.replace("\\", "/").rsplit("/", 1)[-1].lower()
    extension = base[base.rfind(".") :] if "." in base else ""
    if extension not in FORMATS:
        raise DataError(
            "The format of the file is not known.",
            expected=", ".join(e for e in FORMATS if e),
            found=repr(extension),
            remedy=did_you_mean(extension, FORMATS) or "paste the table into a .txt file",
        )
    kind = FORMATS[extension]
    return _looked_at(content) if kind == "text" else kind


def _looked_at(content: bytes) -> str:
    """Return the format of text without an extension that says it."""
    head = content[:4000].lower()
    if b"\\begin{tab" in head or (b"\\\\" in head and b"&" in head):
        return "latex"
    return "html" if b"<table" in head else "text"


def _decoded(content: bytes) -> str:
    if content.startswith(UTF16):
        content = content.decode("utf-16", errors="replace").encode()
    if content.startswith(ZIP) or b"\x00" in content[:4000]:
        raise DataError("The file is not text.", expected="a text file", found="binary content")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(
        "The encoding of the file is not known.", expected=" or ".join(ENCODINGS), found="other bytes"
    )
