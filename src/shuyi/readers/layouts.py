"""A table turned into runs of figures with variable, units and periods, and an account of changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from shuyi.data.numerals import plain_number
from shuyi.errors import DataError, offenders
from shuyi.periods import Frequency, Period, parse_period, parse_periods
from shuyi.readers.grid import column_letters, is_blank
from shuyi.readers.names import read_name, split_measure, text_of
from shuyi.readers.numbers import MISSING_MARKS, read_number
from shuyi.readers.problems import CellProblem
from shuyi.readers.source import Source
from shuyi.readers.tables import Table, is_number, is_title_period, looks_like_figure, title_of
from shuyi.readers.words import ITEM_WORDS, MEASURE_KEYS, TOTAL_WORDS
from shuyi.units import Units

MOSTLY = 0.5
"""Share of numbers above which a column counts as one of figures."""

SAMPLE = 500
"""Cells by which a column is judged to hold figures, text or codes."""


class Change(NamedTuple):
    """One cell that was changed in reading.

    Parameters
    ----------
    file, sheet, cell : str
        Place; the sheet is empty for files without sheets.
    raw : str
        What stands in the file.
    value : str
        What was made of it; empty for a missing figure.
    rule : str
        Why.
    """

    file: str
    sheet: str
    cell: str
    raw: str
    value: str
    rule: str


class LeftOut(NamedTuple):
    """Cells that were not read as figures, and why.

    Parameters
    ----------
    file, sheet : str
        Place.
    cells : str
        Row, column or cell.
    why : str
        Reason.
    """

    file: str
    sheet: str
    cells: str
    why: str


@dataclass(frozen=True, eq=False, slots=True)
class Run:
    """Figures of one variable from one column of a table.

    Parameters
    ----------
    variable, measure : str
        Name and unit of measurement.
    keys : list of (str, Period)
        Unit and period of each figure.
    values : list of float
        NaN where a figure is missing.
    rows : list of int
        Positions of the rows.
    column : int
        Position of the column.
    table : Table
        Where they come from.
    """

    variable: str
    measure: str
    keys: list[tuple[str, Period]]
    values: list[float]
    rows: list[int]
    column: int
    table: Table


@dataclass(eq=False)
class Ledger:
    """Collects what reading a source changed, left out and could not read.

    Parameters
    ----------
    changes : list of Change
        Cells changed.
    left_out : list of LeftOut
        Cells not read.
    problems : list of CellProblem
        Cells that cannot be read.
    names : dict of str to str
        Name of each unit as the file writes it, by the id in use.
    """

    changes: list[Change] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def change(self, table: Table, row: int, column: int, value: object, rules: Sequence[str]) -> None:
        """Note a cell that was changed, once for each rule.

        Parameters
        ----------
        table : Table
            Where it stands.
        row, column : int
            Position of the cell.
        value : object
            What was made of it.
        rules : sequence of str
            Why.
        """
        grid = table.grid
        raw = text_of(table.cells[row][column])
        for rule in rules:
            self.changes.append(Change(grid.file, grid.sheet, grid.cell(row, column), raw, str(value), rule))

    def leave(self, table: Table, cells: str, why: str) -> None:
        """Note cells that are not read as figures.

        Parameters
        ----------
        table : Table
            Where they stand.
        cells : str
            Which they are.
        why : str
            Reason.
        """
        self.left_out.append(LeftOut(table.grid.file, table.grid.sheet, cells, why))

    def problem(self, table: Table, row: int, column: int, found: str, remedy: str = "") -> None:
        """Note a cell that cannot be read.

        Parameters
        ----------
        table : Table
            Where it stands.
        row, column : int
            Position of the cell.
        found : str
            What is wrong with it.
        remedy : str
            What to write instead.
        """
        grid = table.grid
        raw = text_of(table.cells[row][column])[:60]
        self.problems.append(CellProblem(grid.file, grid.sheet, grid.cell(row, column), found, remedy, raw))

    def refuse(self, table: Table, found: str, remedy: str) -> None:
        """Note that a whole sheet or file cannot be read.

        Parameters
        ----------
        table : Table
            The sheet.
        found : str
            What is wrong with it.
        remedy : str
            What to write instead.
        """
        self.problems.append(CellProblem(table.grid.file, table.grid.sheet, "", found, remedy))


@dataclass(eq=False)
class Reader:
    """Reads the tables of one source.

    Parameters
    ----------
    source : Source
        What the paper says about the file.
    units : Units or None
        Table of units that names are resolved by; without one, names and codes stand for themselves.
    ledger : Ledger
        Filled in reading.
    """

    source: Source
    units: Units | None
    ledger: Ledger
    _resolved: dict[tuple[str, str | None], str | None] = field(default_factory=dict)
    _missing: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._missing = MISSING_MARKS | set(self.source.missing)

    def runs(self, table: Table) -> list[Run]:
        """Return the figures of a table, run by run.

        Parameters
        ----------
        table : Table
            One sheet.

        Returns
        -------
        list of Run
            In the order of the file.

        Raises
        ------
        DataError
            If a column that the source names is not there.
        """
        self._check_edges(table)
        rows = self._rows(table)
        return list(_LAYOUTS[self.source.layout](self, table, rows))

    def _check_edges(self, table: Table) -> None:
        """Note figures among the remarks, and cells of text files to the right of the last title."""
        for i in table.remarks:
            if any(is_number(c) for c in table.cells[i]):
                self.ledger.leave(table, f"line {table.grid.line(i)}", "a remark below the figures")
        if table.grid.typed:
            return
        titled = max(j for i in table.header for j, c in enumerate(table.cells[i]) if not is_blank(c))
        for i in table.body:
            for j in range(titled + 1, len(table.cells[i])):
                if not is_blank(table.cells[i][j]):
                    remedy = "put numbers with commas in quotation marks, or write them without"
                    self.ledger.problem(table, i, j, "a cell to the right of the last title", remedy)

    def _rows(self, table: Table) -> list[int]:
        """Return the rows to read: without totals, repeated titles and those to skip."""
        column = self._named(table, self.source.unit_column, "units")
        if column is None:
            return list(table.body)
        skip = {read_name(s).name.casefold() for s in self.source.skip}
        kept = []
        for i in table.body:
            name = read_name(table.cells[i][column]).name
            why = self._why_skipped(table, i, column, name, skip)
            if why:
                self.ledger.leave(table, f"line {table.grid.line(i)} ({name})", why)
            else:
                kept.append(i)
        return kept

    def _why_skipped(self, table: Table, row: int, column: int, name: str, skip: set[str]) -> str:
        if name.casefold() in skip:
            return "named under skip:"
        if name.casefold() in TOTAL_WORDS and not (self.units and self.units.match([name]).ids):
            return "a total or average of the other rows"
        header = table.cells[table.header[0]]
        if name and name == read_name(header[column]).name:
            if [text_of(c) for c in table.cells[row]] != [text_of(c) for c in header]:
                self.ledger.problem(
                    table, row, column, "a second table below the first", "say rows: [first, last]"
                )
            return "titles repeated"
        return ""

    def _named(self, table: Table, title: str, what: str) -> int | None:
        return table.column(title, what) if title else None

    def units_of(self, table: Table, rows: Sequence[int]) -> list[str | None]:
        """Return the unit of each row, None where it cannot be told.

        Parameters
        ----------
        table : Table
            One sheet.
        rows : sequence of int
            Positions of rows.

        Returns
        -------
        list of str or None
            Ids where there is a table of units, else names or codes.
        """
        column = self._named(table, self.source.unit_column, "units")
        if column is None:
            return [self._constant_unit(table)] * len(rows)
        return [self._unit(table, i, column) for i in rows]

    def _unit(self, table: Table, row: int, column: int) -> str | None:
        raw = table.cells[row][column]
        if is_blank(raw):
            self.ledger.problem(table, row, column, "no unit", "write its name or code, or delete the row")
            return None
        if isinstance(raw, float) and not raw.is_integer():
            self.ledger.problem(
                table, row, column, "no code of a unit", "write the code as text or whole number"
            )
            return None
        read = read_name(raw)
        name = self._padded(read.name)
        rules = read.rules if name == read.name else (*read.rules, "leading zeros restored")
        if rules:
            self.ledger.change(table, row, column, name, rules)
        beside = self._named(table, self.source.parent_column, "units that hold others")
        parent = None if beside is None else read_name(table.cells[row][beside]).name
        return self._id(table, name, row, column, parent)

    def _padded(self, name: str) -> str:
        return name.zfill(self.source.id_width) if name.isdigit() else name

    def _id(self, table: Table, name: str, row: int, column: int, parent: str | None = None) -> str | None:
        key = (name, parent)
        if key not in self._resolved:
            self._resolved[key] = self._look_up(table, name, row, column, parent)
        found = self._resolved[key]
        if found is not None:
            self.ledger.names.setdefault(found, name)
        return found

    def _look_up(self, table: Table, name: str, row: int, column: int, parent: str | None) -> str | None:
        if self.units is None:
            return name
        match = self.units.match([name], parent=parent)
        if match.unknown:
            near = match.unknown[0]
            offered = f"nearest: {' or '.join(near.nearest)}; " if near.nearest else ""
            several = "say parent_column:, " if near.reason.startswith("may stand") and not parent else ""
            remedy = f"{offered}{several}correct it, add it as an alias, or name it under skip:"
            self.ledger.problem(table, row, column, f"not one unit: {near.reason}", remedy)
            return None
        return match.ids[name]

    def _constant_unit(self, table: Table) -> str | None:
        name = self.source.unit or self._from_sheet(table, "unit")
        if not name:
            self.ledger.refuse(
                table, "nothing says which unit the figures are of", "say unit_column: or unit:"
            )
            return None
        if self.units is None:
            return name
        return self.units.resolve(name).id

    def _from_sheet(self, table: Table, role: str) -> str:
        sheet = table.grid.sheet
        if self.source.sheet_role == role:
            return sheet
        if self.source.sheet_role == "unit_period" and role in ("unit", "period"):
            digits = len(sheet) - len(sheet.rstrip("0123456789"))
            cut = len(sheet) - digits
            return sheet[:cut].rstrip(" _-") if role == "unit" else sheet[cut:]
        return ""

    def periods_of(self, table: Table, rows: Sequence[int]) -> list[Period | None]:
        """Return the period of each row, None where it cannot be told.

        Parameters
        ----------
        table : Table
            One sheet.
        rows : sequence of int
            Positions of rows.

        Returns
        -------
        list of Period or None
            Of one frequency.
        """
        column = self._named(table, self.source.period_column, "periods")
        if column is None:
            return [self._constant_period(table)] * len(rows)
        return self._parsed([(i, column) for i in rows], table)

    def _constant_period(self, table: Table) -> Period | None:
        text = self.source.period or self._from_sheet(table, "period")
        if not text:
            self.ledger.refuse(
                table, "nothing says which period the figures are of", "say period_column: or period:"
            )
            return None
        return parse_period(text, self._frequency)

    @property
    def _frequency(self) -> Frequency | None:
        return self.source.frequency or None  # type: ignore[return-value]

    def _parsed(self, places: Sequence[tuple[int, int]], table: Table) -> list[Period | None]:
        titles = len(places) > 0 and places[0][0] in table.header
        cells = [table.cells[i][j] for i, j in places]
        raw = [title_of(c) for c in cells] if titles else cells
        try:
            periods: list[Period | None] = list(parse_periods(raw, self._frequency))
        except DataError as error:
            periods = self._parsed_singly(places, table, error)
        for (i, j), cell, period in zip(places, cells, periods, strict=True):
            if period is not None and isinstance(cell, str) and text_of(cell) != str(period):
                self.ledger.change(table, i, j, period, ("period",))
        return periods

    def _parsed_singly(
        self, places: Sequence[tuple[int, int]], table: Table, error: DataError
    ) -> list[Period | None]:
        """Note each cell that names no period; where each does by itself, the whole column is refused."""
        known: dict[str, bool] = {}
        wrong = 0
        for i, j in places:
            cell = table.cells[i][j]
            if not known.setdefault(f"{type(cell)}{cell}", self._is_period(cell)):
                remedy = f"write a year, quarter or month such as 2011, 2011Q1, 2011-03; {error.remedy}"
                self.ledger.problem(table, i, j, "no period", remedy)
                wrong += 1
        if not wrong:
            self.ledger.refuse(table, f"{error.what} {error.found}", error.remedy)
        return [None] * len(places)

    def _is_period(self, cell: Any) -> bool:
        try:
            parse_period(cell, self._frequency or ("month" if hasattr(cell, "month") else None))
        except DataError:
            return False
        return True

    def figures(self, table: Table, rows: Sequence[int], column: int) -> list[float]:
        """Return the figures of a column in the rows given; what cannot be read is noted.

        Parameters
        ----------
        table : Table
            One sheet.
        rows : sequence of int
            Positions of rows.
        column : int
            Position of the column.

        Returns
        -------
        list of float
            NaN where a figure is missing or cannot be read.
        """
        values: list[float] = []
        percent: list[int] = []
        plain: list[int] = []
        cells, typed, decimal = table.cells, table.grid.typed, self.source.decimal or "."
        doubtful = table.grid.delimiter == ";" and not self.source.decimal
        merged = table.merged if table.grid.merged else frozenset()
        for i in rows:
            raw = cells[i][column]
            if (i, column) in merged and not is_blank(raw):
                self.ledger.problem(table, i, column, "a figure in merged cells", "write one for each cell")
            if type(raw) is float and -1e308 < raw < 1e308:
                values.append(raw)
                plain.append(i)
                continue
            plainly = plain_number(raw) if not typed and decimal == "." and type(raw) is str else None
            if plainly is not None:
                values.append(plainly)
                plain.append(i)
                continue
            try:
                read = read_number(raw, missing=self._missing, decimal=decimal, typed=typed)
            except ValueError as error:
                self.ledger.problem(table, i, column, str(error))
                values.append(float("nan"))
                continue
            if doubtful and read.rules and text_of(raw).count(",") == 1:
                remedy = "say decimal: with '.' or ','"
                self.ledger.problem(table, i, column, "a comma that may divide thousands or decimals", remedy)
            values.append(read.value)
            if read.rules:
                self.ledger.change(table, i, column, _shown(read.value), read.rules)
            if read.value == read.value:
                (percent if read.percent else plain).append(i)
        self._check_mixed_percent(table, column, percent, plain)
        return values

    def _check_mixed_percent(self, table: Table, j: int, percent: list[int], plain: list[int]) -> None:
        if percent and plain:
            odd, bears = (
                (percent, "a percent sign") if len(percent) <= len(plain) else (plain, "no percent sign")
            )
            found = f"a figure with {bears}, unlike the others of column {column_letters(j)}"
            self.ledger.problem(table, odd[0], j, found, "write all of them one way")

    def variable(self, title: str, measure: str) -> tuple[str, str] | None:
        """Return the paper's name and unit of measurement of a title, or None where it is not wanted.

        Parameters
        ----------
        title, measure : str
            As read from the file.

        Returns
        -------
        tuple of (str, str) or None
            Name and unit; the configuration's unit goes before the file's.
        """
        names = self.source.columns
        name = title
        if names:
            wanted = {"".join(key.split()): value for key, value in names.items()}
            squeezed = "".join(title.split())
            long = f"{squeezed}({measure})"
            found = wanted.get(squeezed, wanted.get(long, wanted.get(split_measure(long)[0])))
            if found is None:
                return None
            name = found
        return name, self.source.measures.get(name, measure)


def _shown(value: float) -> str:
    return "" if value != value else repr(value)


def _long(reader: Reader, table: Table, rows: list[int]) -> Iterator[Run]:
    units, periods = reader.units_of(table, rows), reader.periods_of(table, rows)
    items = _items(reader, table, rows)
    columns = _value_columns(reader, table)
    keep = [k for k in range(len(rows)) if units[k] is not None and periods[k] is not None]
    kept = [rows[k] for k in keep]
    keys: list[tuple[str, Period]] = [(units[k], periods[k]) for k in keep]  # type: ignore[misc]
    for j, name in columns:
        values = reader.figures(table, rows, j)
        some = [values[k] for k in keep]
        if items is None:
            measure = reader.source.measures.get(name, table.measures[j])
            yield Run(name, measure, keys, some, kept, j, table)
        else:
            yield from _by_item(
                reader, table, j, [items[k] for k in keep], (keys, some, kept), len(columns) > 1
            )


def _value_columns(reader: Reader, table: Table) -> list[tuple[int, str]]:
    """Return the columns of figures, each with the name of its variable."""
    source = reader.source
    if source.columns and not source.item_column:
        return [(table.column(title, "figures"), name) for title, name in source.columns.items()]
    keys = _key_columns(reader, table)
    found = []
    for j in range(len(table.titles)):
        if j in keys:
            continue
        letters = column_letters(j)
        if table.titles[j] == f"column {letters}":
            reader.ledger.leave(table, f"column {letters}", "no title")
            continue
        present = sampled([c for c in table.values(j) if not is_blank(c)])
        numbers = sum(map(looks_like_figure, present))
        marks = sum(isinstance(c, str) and text_of(c) in MISSING_MARKS for c in present)
        if present and numbers >= MOSTLY * (len(present) - marks):
            found.append((j, table.titles[j]))
        elif present:
            reader.ledger.leave(table, f"column {letters} ({table.titles[j]})", "text, not figures")
    return found


def sampled(cells: Sequence[Any]) -> Sequence[Any]:
    """Return at most about `SAMPLE` cells, evenly spread.

    Parameters
    ----------
    cells : sequence
        A column.

    Returns
    -------
    sequence
        The column itself where it is short.
    """
    return cells[:: max(1, len(cells) // SAMPLE)]


def _key_columns(reader: Reader, table: Table) -> set[int]:
    source = reader.source
    named = [(source.unit_column, "units"), (source.period_column, "periods")]
    named += [(source.parent_column, "units that hold others")]
    named += [(title, "names of variables") for title in source.item_columns]
    return {table.column(title, what) for title, what in named if title}


def _items(reader: Reader, table: Table, rows: Sequence[int]) -> list[tuple[str, str]] | None:
    """Return the variable and unit of measurement that each row names, None without such a column."""
    columns = [table.column(title, "names of variables") for title in reader.source.item_columns]
    if not columns:
        return None
    found, last = [], [""] * len(columns)
    for i in rows:
        parts = [read_name(table.cells[i][j]).name for j in columns]
        last = [part or before for part, before in zip(parts, last, strict=True)]
        title = " / ".join(part for part in last if part)
        found.append(split_measure(title))
    return found


_Figures = tuple[list[tuple[str, Period]], list[float], list[int]]


def _by_item(
    reader: Reader, table: Table, j: int, items: Sequence[tuple[str, str]], figures: _Figures, several: bool
) -> Iterator[Run]:
    keys, values, rows = figures
    places: dict[tuple[str, str], list[int]] = {}
    for k, item in enumerate(items):
        places.setdefault(item, []).append(k)
    for (title, measure), some in places.items():
        full = f"{title} / {table.titles[j]}" if several else title
        named = reader.variable(full, measure or table.measures[j])
        if named:
            yield Run(
                *named, [keys[k] for k in some], [values[k] for k in some], [rows[k] for k in some], j, table
            )


def _wide_by_period(reader: Reader, table: Table, rows: list[int]) -> Iterator[Run]:
    units, items = reader.units_of(table, rows), _items(reader, table, rows)
    columns = _period_columns(reader, table)
    periods = reader._parsed([(table.header[-1], j) for j in columns], table) if columns else []
    if not columns:
        reader.ledger.refuse(
            table, f"no column is a period; titles are {offenders(table.titles)}", "say layout: long"
        )
    single = None if items is not None else _single_variable(reader, table)
    keep = [k for k in range(len(rows)) if units[k] is not None]
    for j, period in zip(columns, periods, strict=True):
        values = reader.figures(table, rows, j)
        if period is None:
            continue
        keys: list[tuple[str, Period]] = [(units[k], period) for k in keep]  # type: ignore[misc]
        some, kept = [values[k] for k in keep], [rows[k] for k in keep]
        if items is not None:
            yield from _by_item(reader, table, j, [items[k] for k in keep], (keys, some, kept), False)
        elif single:
            yield Run(*single, keys, some, kept, j, table)


def _period_columns(reader: Reader, table: Table) -> list[int]:
    keys = _key_columns(reader, table)
    columns = []
    for j in range(len(table.titles)):
        if j in keys:
            continue
        if is_title_period(table.cells[table.header[-1]][j]):
            columns.append(j)
        elif any(not is_blank(c) for c in table.values(j)):
            reader.ledger.leave(
                table, f"column {column_letters(j)} ({table.titles[j]})", "its title is no period"
            )
    return columns


def _single_variable(reader: Reader, table: Table) -> tuple[str, str] | None:
    """Return the one variable of a table: from the configuration, the sheet's name, or lines above it."""
    source = reader.source
    title, measure = stated_variable(table)
    title = source.variable or reader._from_sheet(table, "variable") or title
    if not title:
        reader.ledger.refuse(
            table,
            "nothing says which variable the figures are of",
            "say variable: and measures: in the source",
        )
        return None
    return reader.variable(title, source.measures.get(title, measure))


def stated_variable(table: Table) -> tuple[str, str]:
    """Return the variable and unit of measurement that the lines above a table state.

    Parameters
    ----------
    table : Table
        One sheet.

    Returns
    -------
    tuple of (str, str)
        Empty where nothing is stated.
    """
    stated = next((value for key, value in table.preamble.items() if key in ITEM_WORDS), "")
    measure = next((value for key, value in table.preamble.items() if key in MEASURE_KEYS), "")
    title, own = split_measure(stated)
    return title, own or measure


def _wide_by_unit(reader: Reader, table: Table, rows: list[int]) -> Iterator[Run]:
    periods, items = reader.periods_of(table, rows), _items(reader, table, rows)
    single = None if items is not None else _single_variable(reader, table)
    keys_at = _key_columns(reader, table)
    keep = [k for k in range(len(rows)) if periods[k] is not None]
    for j in range(len(table.titles)):
        unit = _unit_of_title(reader, table, j) if j not in keys_at else None
        if unit is None:
            continue
        values = reader.figures(table, rows, j)
        keys: list[tuple[str, Period]] = [(unit, periods[k]) for k in keep]  # type: ignore[misc]
        some, kept = [values[k] for k in keep], [rows[k] for k in keep]
        if items is not None:
            yield from _by_item(reader, table, j, [items[k] for k in keep], (keys, some, kept), False)
        elif single:
            yield Run(*single, keys, some, kept, j, table)


def _unit_of_title(reader: Reader, table: Table, j: int) -> str | None:
    name = table.titles[j]
    why = ""
    if name.startswith("column ") and is_blank(table.cells[table.header[0]][j]):
        why = "no title"
    elif name.casefold() in TOTAL_WORDS:
        why = "a total or average of the other columns"
    elif name in reader.source.skip:
        why = "named under skip:"
    if why:
        reader.ledger.leave(table, f"column {column_letters(j)} ({name})", why)
        return None
    return reader._id(table, reader._padded(name), table.header[-1], j)


def _wide_by_variable(reader: Reader, table: Table, rows: list[int]) -> Iterator[Run]:
    units = reader.units_of(table, rows)
    keys_at = _key_columns(reader, table)
    parts = {j: split_title(table, j) for j in range(len(table.titles)) if j not in keys_at}
    found = {j: part for j, part in parts.items() if part is not None}
    if not found:
        reader.ledger.refuse(
            table, f"no title joins a variable and a period: {offenders(table.titles)}", "say another layout:"
        )
    keep = [k for k in range(len(rows)) if units[k] is not None]
    for j, part in parts.items():
        if part is None:
            reader.ledger.leave(
                table, f"column {column_letters(j)} ({table.titles[j]})", "its title has no period"
            )
            continue
        named = reader.variable(part[0], table.measures[j])
        if named:
            period = parse_period(part[1], reader._frequency)
            values = reader.figures(table, rows, j)
            keys: list[tuple[str, Period]] = [(units[k], period) for k in keep]  # type: ignore[misc]
            yield Run(*named, keys, [values[k] for k in keep], [rows[k] for k in keep], j, table)


def split_title(table: Table, j: int) -> tuple[str, str] | None:
    """Return the variable and the period that a title joins, or None.

    Parameters
    ----------
    table : Table
        One sheet.
    j : int
        Position of the column.

    Returns
    -------
    tuple of (str, str) or None
        ``("gdp", "2011")`` for ``gdp_2011``, ``gdp2011``, ``2011gdp`` and two lines of titles.
    """
    title = table.titles[j]
    if table.groups[j] and is_title_period(title):
        return table.groups[j], title
    if table.groups[j] and is_title_period(table.groups[j]):
        return title, table.groups[j]
    for cut in range(1, len(title)):
        head, tail = title[:cut], title[cut:]
        joined = not (head[-1].isdigit() and tail[0].isdigit())
        if joined and is_title_period(tail.strip(" _-.")) and not head[-1].isdigit():
            return head.rstrip(" _-."), tail.strip(" _-.")
    for cut in range(len(title) - 1, 3, -1):
        head, tail = title[:cut], title[cut:]
        if is_title_period(head.strip(" _-.")) and not tail[0].isdigit():
            return tail.strip(" _-."), head.strip(" _-.")
    return None


_Layout = Callable[[Reader, Table, list[int]], Iterator[Run]]
_LAYOUTS: Mapping[str, _Layout] = {
    "long": _long,
    "wide_by_period": _wide_by_period,
    "wide_by_unit": _wide_by_unit,
    "wide_by_variable": _wide_by_variable,
}
