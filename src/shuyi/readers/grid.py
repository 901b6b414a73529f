"""A sheet of cells as the file holds it, and the names of its places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shuyi.readers.numbers import BLANKS

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, counted from 0, all included."""


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of one sheet or text file.

    Parameters
    ----------
    file : str
        Name of the file, for messages.
    sheet : str
        Name of the sheet; empty for files without sheets.
    rows : list of list
        Cells as the file holds them, all rows of one length; None where there is nothing.
    lines : list of int or None
        Line of each row in the file, where it differs from its place (text with quoted line breaks).
    merged : tuple of Area
        Merged cells.
    typed : bool
        Whether the file tells numbers from text.
    notes : tuple of str
        What was met in opening the file (encoding, rows left unread).
    labels : tuple of str
        Longer titles of the columns, where the file has them beside the names (Stata, SPSS).
    delimiter : str
        Between the cells of a text file.
    """

    file: str
    sheet: str
    rows: list[list[Any]]
    lines: list[int] | None = None
    merged: tuple[Area, ...] = ()
    typed: bool = False
    notes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    delimiter: str = ""

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.rows[0]) if self.rows else 0

    def line(self, row: int) -> int:
        """Return the line of a row in the file.

        Parameters
        ----------
        row : int
            Position from 0.

        Returns
        -------
        int
            Line from 1.
        """
        return self.lines[row] if self.lines else row + 1

    def cell(self, row: int, column: int) -> str:
        """Return the name of a cell.

        Parameters
        ----------
        row, column : int
            Positions from 0.

        Returns
        -------
        str
            Such as ``C5``.
        """
        return f"{column_letters(column)}{self.line(row)}"


def column_letters(column: int) -> str:
    """Return the letters of a column as in a spreadsheet.

    Parameters
    ----------
    column : int
        Position from 0.

    Returns
    -------
    str
        ``A`` for 0, ``AA`` for 26.
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def is_blank(cell: Any) -> bool:
    """Return whether a cell holds nothing or white space.

    Parameters
    ----------
    cell : object
        As the file holds it.

    Returns
    -------
    bool
        True also for NaN.
    """
    return cell is None or cell != cell or (isinstance(cell, str) and not cell.strip(BLANKS))


def filled(grid: Grid) -> list[list[Any]]:
    """Return the rows with the value of merged cells in each of them, titles across a sheet left alone.

    Parameters
    ----------
    grid : Grid
        A sheet.

    Returns
    -------
    list of list
        New rows where something was merged, else the grid's own.
    """
    areas = [area for area in grid.merged if not _is_title(area, grid.width)]
    if not areas:
        return grid.rows
    rows = [list(row) for row in grid.rows]
    for top, left, bottom, right in areas:
        for i in range(top, min(bottom, len(rows) - 1) + 1):
            for j in range(left, min(right, grid.width - 1) + 1):
                rows[i][j] = grid.rows[top][left]
    return rows


def _is_title(area: Area, width: int) -> bool:
    top, left, bottom, right = area
    return top == bottom and left == 0 and right - left + 1 > width / 2


def rectangular(rows: Iterable[Iterable[Any]]) -> list[list[Any]]:
    """Return rows of one length, without blank columns at the right and blank rows at the end.

    Parameters
    ----------
    rows : iterable of iterables
        Rows of any lengths.

    Returns
    -------
    list of list
        Short rows are filled with None.
    """
    listed = [list(row) for row in rows]
    used = [max((j + 1 for j, cell in enumerate(row) if not is_blank(cell)), default=0) for row in listed]
    last = max((i + 1 for i, length in enumerate(used) if length), default=0)
    width = max(used, default=0)
    return [(row + [None] * (width - len(row)))[:width] for row in listed[:last]]
