"""Workbooks as grids: .xlsx by openpyxl, .xls by xlrd. Stored values are read, formulas never run."""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

from shuyi.errors import DataError, did_you_mean, offenders
from shuyi.readers.content import Content, check_many_cells, unzip
from shuyi.readers.grid import Area, Grid, rectangular
from shuyi.readers.problems import CellProblem, raise_problems

OLE = b"\xd0\xcf\x11\xe0"
"""First bytes of an .xls file, and of a workbook with a password."""

PROLOGUE = 4096
"""Bytes at the start of an XML file that may declare entities; Excel declares none."""

_VALUE_END = re.compile(rb"</(?:\w+:)?(?:v|is)>")
_ROW_NUMBER = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d+)\"")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*?\bref=\"([A-Z]+)(\d+):([A-Z]+)(\d+)\"")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def sheet_names(content: Content) -> list[str]:
    """Return the names of the sheets of a workbook.

    Parameters
    ----------
    content : Content
        An .xlsx or .xls file.

    Returns
    -------
    list of str
        In the order of the workbook; chart sheets are left out.
    """
    if content.data.startswith(OLE):
        return [sheet.name for sheet in _xlrd_book(content).sheets()]
    return list(_sheet_parts(unzip(content), content.name))


def read_workbook(content: Content, sheets: Sequence[str] = ()) -> list[Grid]:
    """Return the sheets of a workbook as grids.

    Parameters
    ----------
    content : Content
        An .xlsx or .xls file; its first bytes decide, not its name.
    sheets : sequence of str
        Names of the sheets wanted, in the order wanted; by default all.

    Returns
    -------
    list of Grid
        Cells with the values that Excel stored.

    Raises
    ------
    DataError
        If the file is no workbook, is protected by a password, is too large, lacks a sheet, or a formula
        has no stored value.
    """
    if content.data.startswith(OLE):
        return _read_xls(content, sheets)
    return _read_xlsx(content, sheets)


def _chosen(present: Sequence[str], wanted: Sequence[str], name: str) -> list[str]:
    absent = [sheet for sheet in wanted if sheet not in present]
    if absent:
        raise DataError(
            f"{name} lacks sheets.",
            expected=f"sheets {offenders(present, 40)}",
            found=f"asked for: {offenders(map(repr, absent))}",
            remedy=did_you_mean(absent[0], present),
        )
    return list(wanted or present)


def _read_xlsx(content: Content, sheets: Sequence[str]) -> list[Grid]:
    from zipfile import BadZipFile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    parts = unzip(content)
    places = _sheet_parts(parts, content.name)
    chosen = _chosen(list(places), sheets, content.name)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content.data), read_only=True, data_only=True)
        grids = [_xlsx_grid(content.name, book[s], parts[places[s]]) for s in chosen]
    except (InvalidFileException, BadZipFile, KeyError, ValueError, ElementTree.ParseError) as error:
        raise _no_workbook(content.name, error) from error
    formulas = [g for g in grids if _FORMULA.search(parts[places[g.sheet]])]
    if formulas:
        _check_unstored(content, formulas)
    return grids


def _xlsx_grid(file: str, sheet: Any, xml: bytes) -> Grid:
    sheet.reset_dimensions()
    last, read = _last_row(xml)
    rows = rectangular(sheet.iter_rows(max_row=last, values_only=True)) if last else []
    check_many_cells(len(rows), len(rows[0]) if rows else 0, f"Sheet {sheet.title!r} of {file}")
    merged = tuple(_area(match) for match in _MERGED.findall(xml))
    notes = (f"rows below {last} hold no values",) if read > last else ()
    return Grid(file, sheet.title, rows, merged=merged, typed=True, notes=notes)


def _last_row(xml: bytes) -> tuple[int, int]:
    """Return the last row with a value and the last row at all: sheets may name a million empty rows."""
    last_value = 0
    for match in _VALUE_END.finditer(xml):
        last_value = match.end()
    numbers = [int(number) for number in _ROW_NUMBER.findall(xml, 0, last_value)]
    if not numbers and last_value:
        return 1_048_576, 1_048_576
    every = _ROW_NUMBER.findall(xml, last_value)
    last = max(numbers, default=0)
    return last, int(every[-1]) if every else last


def _area(match: tuple[bytes, bytes, bytes, bytes]) -> Area:
    left, top, right, bottom = (part.decode() for part in match)
    return int(top) - 1, _column(left), int(bottom) - 1, _column(right)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _sheet_parts(parts: dict[str, bytes], name: str) -> dict[str, str]:
    """Return the member of the zip file that holds each sheet, by the sheet's name."""
    if any(b"<!DOCTYPE" in content[:PROLOGUE] for part, content in parts.items() if part.endswith(".xml")):
        raise _no_workbook(name, ValueError("it declares XML entities"))
    try:
        root = ElementTree.fromstring(parts["xl/workbook.xml"])
        links = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    except (KeyError, ElementTree.ParseError) as error:
        raise _no_workbook(name, error) from error
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    found = {}
    for element in root.iter():
        if element.tag.endswith("}sheet"):
            key = element.get(_RELATION) or element.get(_STRICT_RELATION)
            target = targets.get(key, "")
            part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            if part in parts and "chartsheet" not in part:
                found[element.get("name", "")] = part
    return found


def _no_workbook(name: str, error: Exception) -> DataError:
    return DataError(
        f"{name} is not a workbook that can be read.",
        expected="an .xlsx or .xls file",
        found=str(error),
        remedy="open it in Excel and save it anew as .xlsx, or as 'CSV UTF-8'",
    )


def _check_unstored(content: Content, grids: Sequence[Grid]) -> None:
    """Refuse formulas without a stored value: their cells would pass for empty ones."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content.data), read_only=True, data_only=False)
    problems = []
    for grid in grids:
        sheet = book[grid.sheet]
        sheet.reset_dimensions()
        for i, j, formula in _formulas(sheet, len(grid.rows), grid.width):
            if grid.rows[i][j] is None:
                found = f"the formula {formula!r} has no stored value"
                remedy = "open the file in Excel and save it, or paste values"
                problems.append(CellProblem(grid.file, grid.sheet, grid.cell(i, j), found, remedy))
    raise_problems(problems, content.name)


def _formulas(sheet: Any, rows: int, width: int) -> Iterator[tuple[int, int, str]]:
    if not rows:
        return
    for i, row in enumerate(sheet.iter_rows(max_row=rows, max_col=width)):
        for j, cell in enumerate(row):
            if getattr(cell, "data_type", "") == "f":
                yield i, j, str(getattr(cell.value, "text", cell.value))


def _xlrd_book(content: Content) -> Any:
    import xlrd
    from xlrd.compdoc import CompDocError

    try:
        return xlrd.open_workbook(file_contents=content.data, formatting_info=True, logfile=io.StringIO())
    except (xlrd.XLRDError, CompDocError, AssertionError, IndexError, KeyError, UnicodeDecodeError) as error:
        raise _no_workbook(content.name, error) from error


def _read_xls(content: Content, sheets: Sequence[str]) -> list[Grid]:
    book = _xlrd_book(content)
    chosen = _chosen([sheet.name for sheet in book.sheets()], sheets, content.name)
    return [_xls_grid(content.name, book.sheet_by_name(s), book.datemode) for s in chosen]


def _xls_grid(file: str, sheet: Any, datemode: int) -> Grid:
    check_many_cells(sheet.nrows, sheet.ncols, f"Sheet {sheet.name!r} of {file}")
    rows = rectangular([[_xls_value(c, datemode) for c in sheet.row(i)] for i in range(sheet.nrows)])
    merged = tuple((top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells)
    return Grid(file, sheet.name, rows, merged=merged, typed=True)


def _xls_value(cell: Any, datemode: int) -> Any:
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate_as_datetime(cell.value, datemode)
        except (xlrd.xldate.XLDateError, ValueError, OverflowError):
            return cell.value
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERROR!")
    return cell.value
