"""A grid understood as a table: which lines hold titles, which rows figures, which remarks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shuyi.errors import DataError, did_you_mean, offenders
from shuyi.periods import is_period
from shuyi.readers.grid import Grid, column_letters, filled, is_blank
from shuyi.readers.names import has_ideographs, read_name, split_measure, text_of
from shuyi.readers.numbers import MISSING_MARKS, read_number
from shuyi.readers.words import (
    ITEM_WORDS,
    KEY_VALUE,
    MEASURE_KEYS,
    NOTE,
    NUMBERED_NOTE,
    PERIOD_WORDS,
    UNIT_WORDS,
)

SEARCHED = 40
"""Lines in which titles are looked for."""

YEARS_IN_TITLES = (1700, 2200)
"""Years that a title may be: figures such as 2311 are not taken for titles."""


_BEGINS_AS_NUMBER = re.compile(r"\s*[(（]?[+\-－]?[\d０-９]")


@dataclass(frozen=True, eq=False)
class Table:
    """The parts of a sheet.

    Parameters
    ----------
    grid : Grid
        The sheet.
    cells : list of list
        Its cells, merged ones filled.
    header : tuple of int
        Positions of the rows with titles.
    titles : tuple of str
        Title of each column, without its unit of measurement; ``column B`` where there is none.
    groups : tuple of str
        Upper title of each column in a header of two levels; empty elsewhere.
    seconds : tuple of str
        Title in a second language; usually empty.
    measures : tuple of str
        Unit of measurement of each column; usually empty.
    body : tuple of int
        Positions of the rows with figures.
    preamble : mapping of str to str
        What lines above the table say, by key (``unit``, ``indicator`` in any language).
    notes : tuple of str
        Remarks above and below the table.
    remarks : tuple of int
        Positions of the rows with remarks below the titles.
    """

    grid: Grid
    cells: list[list[Any]]
    header: tuple[int, ...]
    titles: tuple[str, ...]
    groups: tuple[str, ...]
    seconds: tuple[str, ...]
    measures: tuple[str, ...]
    body: tuple[int, ...]
    preamble: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    remarks: tuple[int, ...] = ()

    @property
    def merged(self) -> frozenset[tuple[int, int]]:
        """Positions of the cells of rows with figures that are merged with others."""
        areas = [area for area in self.grid.merged if area[2] > self.header[-1]]
        return frozenset(
            (i, j)
            for top, left, bottom, right in areas
            for i in range(top, bottom + 1)
            for j in range(left, right + 1)
        )

    @property
    def place(self) -> str:
        """File and sheet, for messages."""
        return f"{self.grid.file}, sheet {self.grid.sheet!r}" if self.grid.sheet else self.grid.file

    def column(self, title: str, what: str) -> int:
        """Return the position of a column by its title.

        Parameters
        ----------
        title : str
            With or without unit of measurement, case and spaces ignored; or ``column B``.
        what : str
            What the column is for, for messages.

        Returns
        -------
        int
            Position from 0.

        Raises
        ------
        DataError
            If no column or several bear the title.
        """
        wanted = _key(title)
        named = [j for j in range(len(self.titles)) if wanted in self._names(j)]
        if len(named) == 1:
            return named[0]
        raise DataError(
            f"{self.place} has {'several columns' if named else 'no column'} {title!r} ({what}).",
            expected=f"one of {offenders(self.titles, 30)}",
            found=f"columns {offenders(column_letters(j) for j in named)}" if named else "",
            remedy=did_you_mean(title, self.titles)
            or "write the title as it stands in the file, or column B",
        )

    def _names(self, j: int) -> set[str]:
        raw = " ".join(text_of(self.cells[i][j]) for i in self.header)
        letters = f"column {column_letters(j)}"
        return {_key(name) for name in (self.titles[j], self.seconds[j], raw, letters) if name}

    def values(self, j: int) -> list[Any]:
        """Return the cells of a column in the rows with figures.

        Parameters
        ----------
        j : int
            Position from 0.

        Returns
        -------
        list
            As the file holds them.
        """
        return [self.cells[i][j] for i in self.body]


def _key(title: str) -> str:
    return "".join(title.split()).casefold()


def as_table(grid: Grid, *, header: Sequence[int] = (), rows: Sequence[int] = ()) -> Table:
    """Return the parts of a sheet.

    Parameters
    ----------
    grid : Grid
        A sheet.
    header : sequence of int
        Lines with titles, counted from 1; by default they are found.
    rows : sequence of int
        First and last line with figures; by default all below the titles.

    Returns
    -------
    Table
        Titles, figures and remarks.

    Raises
    ------
    DataError
        If no line holds titles, or the lines given are not in the file.
    """
    cells = filled(grid)
    lines = {grid.line(i): i for i in range(len(cells))}
    absent = [n for n in header if n not in lines]
    if absent:
        raise DataError(
            f"{grid.file} has no line {absent[0]}.", expected=f"lines 1 to {max(lines, default=0)}"
        )
    places = tuple(lines[n] for n in header) or find_header(grid, cells)
    titles = _titles(grid, cells, places)
    first, last = (rows[0], rows[1]) if rows else (grid.line(places[-1]) + 1, grid.line(len(cells) - 1))
    inside = [i for i in range(places[-1] + 1, len(cells)) if first <= grid.line(i) <= last]
    body, remarks = _split_body(cells, inside)
    above = [_joined(cells[i]) for i in range(places[0])]
    notes = tuple(note for note in (*above, *(_joined(cells[i]) for i in remarks)) if note)
    return Table(grid, cells, places, *titles, tuple(body), _preamble(above), notes, tuple(remarks))


def _joined(row: Sequence[Any]) -> str:
    return " ".join(text_of(c) for c in row if not is_blank(c))


def find_header(grid: Grid, cells: Sequence[Sequence[Any]]) -> tuple[int, ...]:
    """Return the positions of the rows with titles.

    Parameters
    ----------
    grid : Grid
        The sheet, for messages.
    cells : sequence of sequences
        Its cells, merged ones filled.

    Returns
    -------
    tuple of int
        One row, or several: a second language, units of measurement, or a second level.

    Raises
    ------
    DataError
        If no row looks like titles.
    """
    for i in range(min(len(cells), SEARCHED)):
        if _is_header(cells, i, grid.width):
            return _extended(cells, i)
    raise DataError(
        f"{grid.file}{f', sheet {grid.sheet!r}' if grid.sheet else ''} has no line of titles.",
        expected="a line with a title for each column, or with years",
        found="; ".join(" | ".join(text_of(c)[:20] for c in row[:4]) for row in cells[:3]) or "no cells",
        remedy="name the line: header: [1], or add one",
    )


def is_title_period(cell: Any) -> bool:
    """Return whether a title is a period.

    Parameters
    ----------
    cell : object
        A cell among the titles.

    Returns
    -------
    bool
        False for numbers that no title would be.
    """
    plain = title_of(cell)
    if is_blank(plain) or isinstance(plain, bool) or not is_period(plain):
        return False
    try:
        number = read_number(plain).value
    except ValueError:
        return True
    return number != number or YEARS_IN_TITLES[0] <= number <= YEARS_IN_TITLES[1] or number > 170000


def title_of(cell: Any) -> Any:
    """Return a title without what stands in brackets after it, such as a remark after a year.

    Parameters
    ----------
    cell : object
        A cell among the titles.

    Returns
    -------
    object
        Shorter text; other cells as they are.
    """
    return split_measure(cell)[0] if isinstance(cell, str) else cell


def is_number(cell: Any) -> bool:
    """Return whether a cell holds a number, plain or to be mended.

    Parameters
    ----------
    cell : object
        A cell.

    Returns
    -------
    bool
        False for nothing and for marks of missing figures.
    """
    if type(cell) is float:
        return cell == cell
    try:
        value = read_number(cell).value
    except ValueError:
        return False
    return value == value


def looks_like_figure(cell: Any) -> bool:
    """Return whether a cell is a number, or meant to be one and written in a way that must be mended.

    Parameters
    ----------
    cell : object
        A cell.

    Returns
    -------
    bool
        False for names, codes that begin with a letter, dates and marks of missing figures.
    """
    if is_number(cell):
        return True
    return isinstance(cell, str) and bool(_BEGINS_AS_NUMBER.match(cell)) and not is_period(cell)


def _words(cells: Sequence[Any]) -> set[str]:
    return {split_measure(read_name(c).name)[0].casefold() for c in cells if isinstance(c, str)}


def _is_header(cells: Sequence[Sequence[Any]], i: int, width: int) -> bool:
    present = [c for c in cells[i] if not is_blank(c)]
    distinct = {text_of(c) for c in present}
    if len(distinct) < 2 or (len(present) <= 2 < width / 2):
        return False
    periods = sum(map(is_title_period, present))
    if (
        periods >= 2
        and periods >= len(present) / 2
        and periods == len(set(map(text_of, present))) - (len(distinct) - periods)
    ):
        return True
    if any(isinstance(c, (int, float)) and not is_title_period(c) for c in present):
        return False
    known = _words(present) & (UNIT_WORDS | PERIOD_WORDS | ITEM_WORDS)
    textual = not any(is_number(c) and not is_title_period(c) for c in present)
    return textual and (bool(known) or len(present) > width / 2)


def _extended(cells: Sequence[Sequence[Any]], i: int) -> tuple[int, ...]:
    rows = [i]
    while rows[-1] + 1 < min(len(cells), i + 4) and _continues(cells, rows[0], rows[-1] + 1):
        rows.append(rows[-1] + 1)
    return tuple(rows)


def _continues(cells: Sequence[Sequence[Any]], first: int, i: int) -> bool:
    top, row = cells[first], cells[i]
    present = [c for c in row if not is_blank(c)]
    if not present:
        return False
    if _is_level(top, row):
        return True
    if any(is_number(c) for c in present) or any(text_of(c) in MISSING_MARKS for c in present):
        return False
    if _is_measures(row):
        return True
    chinese_above = any(has_ideographs(text_of(c)) for c in top)
    latin = sum(not has_ideographs(text_of(c)) for c in present)
    return len(present) >= 2 and chinese_above and latin == len(present) and latin > len(row) / 2


def _is_level(top: Sequence[Any], row: Sequence[Any]) -> bool:
    """Return whether a row holds periods below titles that each span several columns."""
    periods = [j for j, c in enumerate(row) if is_title_period(c)]
    others = [j for j, c in enumerate(row) if not is_blank(c) and not is_title_period(c)]
    texts = [text_of(c) for c in row]
    repeated = len({texts[j] for j in periods}) < len(periods)
    keys = all(text_of(top[j]) == texts[j] or is_blank(top[j]) for j in others)
    return len(periods) >= 2 and repeated and keys and not any(is_title_period(c) for c in top)


def _is_measures(row: Sequence[Any]) -> bool:
    first = next((j for j, c in enumerate(row) if not is_blank(c)), 0)
    word = text_of(row[first]).strip("()（）:：").casefold()
    bracketed = [text_of(c)[:1] in "(（[" and text_of(c)[-1:] in ")）]" for c in row if not is_blank(c)]
    return word in MEASURE_KEYS or (first > 0 and len(bracketed) > 1 and all(bracketed))


def _titles(
    grid: Grid, cells: Sequence[Sequence[Any]], header: Sequence[int]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return titles, upper titles, titles in a second language and units of measurement."""
    levels = len(header) > 1 and _is_level(cells[header[0]], cells[header[1]])
    upper = _spread(cells[header[0]]) if levels else [""] * grid.width
    rest = list(header[1:] if levels else header)
    measured = [i for i in rest[1:] if _is_measures(cells[i])]
    second_rows = [i for i in rest[1:] if i not in measured]
    found = []
    for j in range(grid.width):
        name = read_name(cells[rest[0]][j])
        title, measure = split_measure(name.name)
        group, group_measure = split_measure(read_name(upper[j]).name)
        second = " ".join([name.second, *(text_of(cells[i][j]) for i in second_rows)]).strip()
        extra = next((text_of(cells[i][j]).strip("()（）[]") for i in measured), "")
        group = "" if group == title else group
        found.append(
            (title or f"column {column_letters(j)}", group, second, measure or extra or group_measure)
        )
    columns = list(zip(*found, strict=True)) if found else [(), (), (), ()]
    return columns[0], columns[1], columns[2], columns[3]


def _spread(row: Sequence[Any]) -> list[str]:
    last, spread = "", []
    for cell in row:
        last = last if is_blank(cell) else text_of(cell)
        spread.append(last)
    return spread


def _split_body(cells: Sequence[Sequence[Any]], inside: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the rows with figures, and those with remarks."""
    body: list[int] = []
    notes: list[int] = []
    for i in inside:
        present = [c for c in cells[i] if not is_blank(c)]
        if present:
            follows = bool(notes) and (not body or notes[-1] > body[-1])
            (notes if _is_note(cells[i], present, follows) else body).append(i)
    return body, notes


def _is_note(row: Sequence[Any], present: Sequence[Any], follows: bool) -> bool:
    first = present[0] if isinstance(present[0], str) else ""
    strong, weak = bool(NOTE.match(first)), bool(NUMBERED_NOTE.match(first))
    if not (strong or weak or follows):
        return False
    numbers = sum(map(is_number, present))
    return (strong and numbers <= len(row) / 2) or (weak and not numbers) or (follows and numbers < 2)


def _preamble(lines: Sequence[str]) -> dict[str, str]:
    pairs = [KEY_VALUE.match(line) for line in lines]
    return {m[1].strip().casefold(): m[2] for m in pairs if m and m[2]}
