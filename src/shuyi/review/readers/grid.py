"""A table as a grid of cells, and the reading of its header and notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from shuyi.review.readers.cells import is_blank, parse_cell, tidy
from shuyi.review.readers.limits import check_rows
from shuyi.review.vocabulary import part_of, statistic_of

NOTE = re.compile(
    r"^\(?(?:notes?|source|standard errors?|robust standard|t[- ]statistics?|z[- ]statistics?|注|资料来源|\*)"
    r"|in parenthes|括号|p ?< ?0?\.\d",
    re.IGNORECASE,
)
LABELLED_NOTE = re.compile(r"^(?:notes?|注释?|说明)\s*[:：.]?$", re.IGNORECASE)
LONG = 60
"""Characters from which on a lone cell is a note."""
YEAR = re.compile(r"(?:19|20)\d{2}")
GROUPED = ("group", "row")
"""First cells of the header of shuyi's own rounded tables."""


@dataclass(frozen=True)
class Grid:
    """Cells of one table as found in a file.

    Parameters
    ----------
    rows : tuple of tuple of str
        Cells by row, all rows of one length; a cell that spans others is followed by empty ones.
    title, notes : str
        Text above and below the table.
    source : str
        Where it was found, for the report.
    """

    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    notes: str = ""
    source: str = ""


@dataclass(frozen=True)
class Body:
    """A grid whose header and notes are set apart.

    Parameters
    ----------
    header : tuple of tuple of str
        For every column its headings from top to bottom.
    rows : tuple of tuple of str
        Rows below the header.
    groups : tuple of str
        Group of each row, where the table has a column of groups; else empty strings.
    title, notes : str
        Text around the table.
    source : str
        Where it was found.
    """

    header: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...]
    groups: tuple[str, ...] = field(default=())
    title: str = ""
    notes: str = ""
    source: str = ""

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.header)

    def heading(self, column: int) -> str:
        """Return the headings of a column as one text, without repetition.

        Parameters
        ----------
        column : int
            Position.

        Returns
        -------
        str
        """
        return " ".join(dict.fromkeys(h for h in self.header[column] if h))

    def role(self, column: int) -> str:
        """Return which statistic a column holds by its lowest heading, or an empty string.

        Parameters
        ----------
        column : int
            Position.

        Returns
        -------
        str
        """
        for heading in reversed(self.header[column]):
            if heading:
                _, name = split_heading(heading)
                return statistic_of(heading) or statistic_of(name)
        return ""

    def part(self, column: int) -> str:
        """Return which effect a column holds by any of its headings, or an empty string.

        Parameters
        ----------
        column : int
            Position.

        Returns
        -------
        str
        """
        return next((p for h in self.header[column] if (p := part_of(h))), "")


def build_grid(rows: Iterable[Sequence[str]], title: str = "", notes: str = "", source: str = "") -> Grid:
    """Build a grid from ragged rows.

    Parameters
    ----------
    rows : iterable of sequence of str
        Cells as found.
    title, notes : str
        Text around the table.
    source : str
        Where it was found.

    Returns
    -------
    Grid
        With tidy cells; without rows and columns that are wholly blank.

    Raises
    ------
    DataError
        If there are more rows or columns than a printed table has.
    """
    kept = []
    for count, row in enumerate(rows, start=1):
        check_rows(count, len(row))
        cells = [tidy(cell) for cell in row]
        if any(cells):
            kept.append(cells)
    width = max((len(row) for row in kept), default=0)
    padded = [row + [""] * (width - len(row)) for row in kept]
    filled = [j for j in range(width) if any(row[j] for row in padded)]
    return Grid(
        tuple(tuple(row[j] for j in filled) for row in padded), tidy(title), tidy_lines(notes), source
    )


def tidy_lines(text: str) -> str:
    """Return notes with tidy lines.

    Parameters
    ----------
    text : str
        One note per line.

    Returns
    -------
    str
    """
    return "\n".join(line for raw in text.splitlines()[:200] if (line := tidy(raw)))


def split_header(grid: Grid) -> Body:
    """Set the header and the notes of a grid apart.

    Parameters
    ----------
    grid : Grid
        Cells of a table.

    Returns
    -------
    Body
        The header is what stands above the first row with a number that is no year and no column number.
    """
    rows, notes, title = list(grid.rows), [grid.notes], grid.title
    lone = [sum(map(bool, row)) == 1 for row in rows]
    kept: list[tuple[str, ...]] = []
    for row, single in zip(rows, lone, strict=True):
        text = "".join(row) if single else ""
        if LABELLED_NOTE.match(row[0]) and not single:
            notes.append(" ".join(filter(None, row)))
        elif single and row[0] and not kept and not title:
            title = text
        elif single and (len(text) > LONG or NOTE.search(text)):
            if kept:
                notes.append(text)
            else:
                title = f"{title} {text}".strip()
        else:
            kept.append(row)
    start = next((i for i, row in enumerate(kept) if _has_value(row)), len(kept))
    while start > 1 and _is_section(kept[start - 1]):
        start -= 1
    header = [list(row) for row in kept[:start]]
    grouped = bool(header) and tuple(c.lower() for c in header[0][:2]) == GROUPED
    body = kept[start:]
    groups = tuple(row[0] for row in body) if grouped else ("",) * len(body)
    if grouped:
        header, body = [row[1:] for row in header], [row[1:] for row in body]
    width = len(body[0]) if body else len(header[0]) if header else 0
    stacked = tuple(zip(*_filled(header), strict=True)) if header else (("",),) * width
    return Body(stacked, tuple(map(tuple, body)), groups, title, "\n".join(filter(None, notes)), grid.source)


def _has_value(row: Sequence[str]) -> bool:
    cells = [parse_cell(cell) for cell in row[1:]]
    values = [c for c in cells if c is not None and c.value is not None]
    return bool(values) and not _is_enumeration([c for c in row[1:] if not is_blank(c)])


def _is_enumeration(cells: Sequence[str]) -> bool:
    if all(YEAR.fullmatch(c) for c in cells):
        return True
    return len(cells) > 1 and all(c == str(i) for i, c in enumerate(cells, start=1))


def _is_section(row: Sequence[str]) -> bool:
    """Return whether a row above the first number is a heading of rows rather than of columns."""
    return bool(row[0]) and not any(row[1:])


def _filled(header: list[list[str]]) -> list[list[str]]:
    """Return header rows whose blank cells repeat the one to the left where headings stand below."""
    for i, row in enumerate(header[:-1]):
        below = header[i + 1 :]
        for j in range(2, len(row)):
            if not row[j] and row[j - 1] and any(r[j] and not _enumerates(r[j]) for r in below):
                row[j] = row[j - 1]
    return header


def _enumerates(cell: str) -> bool:
    return re.fullmatch(r"\(?\d{1,2}\)?|M\d", cell) is not None


def split_heading(heading: str) -> tuple[str, str]:
    """Split what a heading adds to a statistic from its name, as in ``Income: z`` or ``Moran's I (W1)``.

    Parameters
    ----------
    heading : str
        As printed.

    Returns
    -------
    tuple of str
        What is added, and the name of the statistic.
    """
    if statistic_of(heading):
        return "", heading
    before, _, after = heading.rpartition(":")
    added = re.fullmatch(r"(?P<name>.*?)\s*\((?P<added>[^()]+)\)", heading)
    if before or added is None:
        return before.strip(), after.strip()
    return added["added"], added["name"]


def with_sections(body: Body) -> Body:
    """Return a body whose rows without numbers have become the groups of the rows below them.

    Parameters
    ----------
    body : Body
        Header and rows.

    Returns
    -------
    Body
    """
    rows, groups, section = [], [], ""
    for row, group in zip(body.rows, body.groups, strict=True):
        if row[0] and not any(row[1:]):
            section = row[0]
        else:
            rows.append(row)
            groups.append(group or section)
    return replace(body, rows=tuple(rows), groups=tuple(groups))


def has_years(labels: Iterable[str]) -> bool:
    """Return whether most labels are years.

    Parameters
    ----------
    labels : iterable of str
        Labels of rows or headings of columns.

    Returns
    -------
    bool
    """
    every = [label for label in labels if label]
    return bool(every) and sum(bool(YEAR.fullmatch(label)) for label in every) > 0.6 * len(every)
