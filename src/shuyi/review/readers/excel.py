"""Tables of Excel workbooks (.xlsx), as their number formats print them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from shuyi.errors import DataError
from shuyi.review.readers.grid import Grid, build_grid
from shuyi.review.readers.limits import BROKEN, MAX_COLUMNS, MAX_ROWS, MAX_TABLES, check_archive, check_rows

DECIMALS = re.compile(r"^[#,0 ]*?0?(?:\.(?P<after>[0#?]*))?(?P<percent>%?)(?:_\)|_ )?$")
GENERAL_DIGITS = 11
"""Significant digits that Excel shows without a format."""


def read_excel(content: bytes, source: str = "") -> list[Grid]:
    """Return the sheets of a workbook.

    Parameters
    ----------
    content : bytes
        An .xlsx file. Formulas are not computed: the values that Excel stored are read; macros and links are
        left alone.
    source : str
        Name of the file.

    Returns
    -------
    list of Grid
        Blocks of rows between blank rows where a sheet holds several tables.

    Raises
    ------
    DataError
        If the file is no .xlsx, unpacks to too much, or has more cells than a printed table.
    """
    check_archive(content, "xl/workbook.xml", "an Excel (.xlsx)")
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        grids = [grid for sheet in book.worksheets[:MAX_TABLES] for grid in _blocks(sheet, source)]
    except (InvalidFileException, *BROKEN, LookupError, TypeError, AttributeError, SyntaxError) as error:
        raise DataError("The file is not an Excel (.xlsx) file.", found=str(error)[:80]) from error
    return grids


def _blocks(sheet: Any, source: str) -> Iterator[Grid]:
    name = f"{source} {sheet.title}"
    above: list[str] = []
    for block in _split(_rows(sheet)):
        lone = all(sum(map(bool, row)) <= 1 for row in block)
        if lone:
            above.extend(" ".join(row).strip() for row in block)
        else:
            yield build_grid(block, " ".join(above), "", name)
            above = []


def _split(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    """Yield runs of rows between two blank rows; one blank row does not end a table."""
    block: list[list[str]] = []
    blanks = 0
    for row in rows:
        blanks = 0 if any(row) else blanks + 1
        if blanks >= 2 and block:
            yield block
            block = []
        elif any(row):
            block.append(row)
    if block:
        yield block


def _rows(sheet: Any) -> Iterator[list[str]]:
    sheet.reset_dimensions()
    for count, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1, max_row=MAX_ROWS + 1), start=1):
        filled = max((i + 1 for i, cell in enumerate(row) if cell.value is not None), default=0)
        check_rows(count, filled)
        yield [_shown(cell) for cell in row[:filled]]


def _shown(cell: Any) -> str:
    """Return a cell as its format prints it; a format that is not understood keeps all digits."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return formatted(float(value), str(cell.number_format or "General"), isinstance(value, int))


def formatted(value: float, number_format: str, whole: bool = False) -> str:
    """Return a number in an Excel format of decimals, thousands and per cent.

    Parameters
    ----------
    value : float
        Stored value.
    number_format : str
        Such as ``General``, ``0.000``, ``#,##0.00`` or ``0.0%``.
    whole : bool
        Whether the stored value is an integer.

    Returns
    -------
    str

    Examples
    --------
    >>> formatted(0.12, "0.000")
    '0.120'
    """
    first = number_format.split(";")[0].strip()
    match = DECIMALS.fullmatch(first)
    in_brackets = value < 0 and ";" in number_format and "(" in number_format.split(";")[1]
    if match is None or first in ("General", "@", ""):
        return str(int(value)) if whole else f"{value:.{GENERAL_DIGITS}g}"
    percent, decimals = match["percent"], len(match["after"] or "")
    text = f"{value * 100 if percent else value:.{decimals}f}{percent}"
    return f"({text.lstrip('-')})" if in_brackets else text
