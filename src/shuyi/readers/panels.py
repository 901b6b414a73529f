"""Sources read into one frame of figures, with an account of everything that was changed or left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from shuyi.errors import DataError, offenders
from shuyi.periods import Period, gaps
from shuyi.readers.content import Content, load
from shuyi.readers.excel import read_workbook
from shuyi.readers.grid import Grid
from shuyi.readers.layouts import Change, Ledger, LeftOut, Reader, Run
from shuyi.readers.names import read_name, text_of
from shuyi.readers.problems import CellProblem, raise_problems
from shuyi.readers.source import Source
from shuyi.readers.tables import Table, as_table
from shuyi.readers.text import read_text_grid
from shuyi.readers.typed import read_parquet, read_spss, read_stata

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.panel import Panel
    from shuyi.units import Units

NO_FIGURES = frozenset(("note", "notes", "readme", "说明", "注释", "目录", "contents"))
"""Names of sheets that hold remarks."""


@dataclass(frozen=True, eq=False)
class Reading:
    """The figures of one or several sources.

    Parameters
    ----------
    frame : DataFrame
        Index (unit, period), units in the order of the file and periods increasing; a float column per
        variable. A row is there for every unit and period that the source has a row for.
    measures : mapping of str to str
        Unit of measurement by variable; empty where the source does not say.
    names : mapping of str to str
        Name of each unit as the source writes it, by the id in the index.
    changes : tuple of Change
        Every cell that was changed in reading.
    left_out : tuple of LeftOut
        Rows, columns and periods that were not read as figures.
    notes : tuple of str
        Remarks of the source above and below its table.
    digests : mapping of str to str
        SHA-256 of each file.
    """

    frame: pd.DataFrame
    measures: Mapping[str, str]
    names: Mapping[str, str]
    changes: tuple[Change, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        missing = int(self.frame.isna().to_numpy().sum())
        return (
            f"<Reading of {len(self.units)} units x {len(self.periods)} periods"
            f"{f' ({self.periods[0]} to {self.periods[-1]})' if self.periods else ''}, "
            f"{self.frame.shape[1]} variables, {missing} missing cells, {len(self.changes)} cells changed>"
        )

    @property
    def units(self) -> tuple[str, ...]:
        """Units in the order of the source."""
        return tuple(self.frame.index.unique("unit"))

    @property
    def periods(self) -> tuple[Period, ...]:
        """Periods, increasing."""
        return tuple(sorted(self.frame.index.unique("period")))

    @property
    def gaps(self) -> tuple[Period, ...]:
        """Periods missing between the first and the last."""
        return gaps(self.periods)

    def changes_table(self) -> pd.DataFrame:
        """Return the cells that were changed as a table.

        Returns
        -------
        DataFrame
            Columns file, sheet, cell, raw, value, rule.
        """
        import pandas as pd

        return pd.DataFrame(self.changes, columns=list(Change._fields))

    def left_out_table(self) -> pd.DataFrame:
        """Return what was not read as figures as a table.

        Returns
        -------
        DataFrame
            Columns file, sheet, cells, why.
        """
        import pandas as pd

        return pd.DataFrame(self.left_out, columns=list(LeftOut._fields))

    def to_units(self) -> Units:
        """Return a table of the units of the source, with ids and names only.

        Returns
        -------
        Units
            A start for the table of units of a paper.
        """
        from shuyi.units import Unit, Units

        return Units(tuple(Unit(key, self.names.get(key, key)) for key in self.units))

    def to_panel(self) -> Panel:
        """Return the figures as a balanced panel.

        Returns
        -------
        Panel
            Periods as whole numbers (years as themselves).

        Raises
        ------
        DataError
            If the panel is unbalanced.
        """
        from shuyi.panel import Panel

        plain = self.frame.copy()
        plain.index = plain.index.set_levels([int(p) for p in plain.index.levels[1]], level=1)
        measures = {k: v for k, v in self.measures.items() if v}
        return Panel.from_frame(plain, unit_names=self.names, measures=measures)


def read_source(source: Source, *, data: bytes | None = None, units: Units | None = None) -> Reading:
    """Read one file of figures.

    Parameters
    ----------
    source : Source
        Where it lies and how it is laid out; `shuyi.readers.guess` proposes one.
    data : bytes, optional
        Content of the file, where it is at hand already.
    units : Units, optional
        Table of units that names are resolved by; without one, names and codes stand for themselves.

    Returns
    -------
    Reading
        Figures and the account of changes.

    Raises
    ------
    DataError
        Listing every cell, row and column that cannot be read, with what to write instead.
    """
    content = load(source.path, data)
    ledger = Ledger()
    reader = Reader(source, units, ledger)
    runs: list[Run] = []
    notes: list[str] = []
    for grid in grids_of(source, content):
        table = as_table(grid, header=source.header, rows=source.rows)
        runs += reader.runs(table)
        notes += [*grid.notes, *table.notes]
    _check_absent_titles(source, runs, ledger)
    frame = _assembled(runs, ledger)
    raise_problems(ledger.problems, source.path)
    if frame is None:
        raise DataError(f"{source.path} holds no figures.", remedy="check layout: and columns:")
    frame = _without_empty_periods(frame, source, ledger)
    _note_absent_units(frame, source, units, ledger)
    measures = {run.variable: run.measure for run in reversed(runs)}
    return Reading(
        frame,
        MappingProxyType({v: measures[v] for v in frame.columns}),
        MappingProxyType(ledger.names),
        tuple(ledger.changes),
        tuple(ledger.left_out),
        tuple(dict.fromkeys(notes)),
        MappingProxyType({source.path: content.sha256}),
    )


def read_rows(source: Source, *, data: bytes | None = None) -> list[dict[str, str]]:
    """Read a table that holds no figures, such as a table of units, as text.

    Parameters
    ----------
    source : Source
        Its path, reader, sheets, header, rows and encoding count.
    data : bytes, optional
        Content of the file, where it is at hand already.

    Returns
    -------
    list of dict
        One per row, text by title; whole numbers as their digits, text with its leading zeros.

    Raises
    ------
    DataError
        If the file cannot be opened, holds no line of titles, or two titles are the same.
    """
    content = load(source.path, data)
    grids = grids_of(source, content)
    table = as_table(grids[0], header=source.header, rows=source.rows)
    titles = [read_name(table.cells[table.header[0]][j]).name for j in range(len(table.titles))]
    twice = sorted({title for title in titles if title and titles.count(title) > 1})
    if twice or len(grids) > 1:
        raise DataError(
            f"{source.path} is not one table with a title for each column.",
            found=f"titles given twice: {offenders(twice)}" if twice else f"{len(grids)} sheets",
            remedy="rename the columns" if twice else "say sheets: with one of them",
        )
    return [{t: text_of(c) for t, c in zip(titles, table.cells[i], strict=True) if t} for i in table.body]


def grids_of(source: Source, content: Content) -> list[Grid]:
    """Return the sheets of a source as grids.

    Parameters
    ----------
    source : Source
        What the paper says about the file.
    content : Content
        The file.

    Returns
    -------
    list of Grid
        One for files without sheets; of a workbook those named, else those that hold figures.

    Raises
    ------
    DataError
        If several sheets of a workbook hold figures and none is named.
    """
    kind = source.kind(content.suffix)
    if kind == "excel":
        return _sheets(source, content)
    if kind == "stata":
        return [read_stata(content, source.encoding)]
    if kind == "spss":
        return [read_spss(content, source.encoding)]
    if kind == "parquet":
        return [read_parquet(content)]
    delimiter = source.delimiter or ("\t" if kind == "tsv" else "")
    return [read_text_grid(content, encoding=source.encoding, delimiter=delimiter)]


def _sheets(source: Source, content: Content) -> list[Grid]:
    grids = [g for g in read_workbook(content, source.sheets) if g.rows]
    if source.sheets:
        return grids
    figures = [g for g in grids if g.sheet.strip().casefold() not in NO_FIGURES]
    if len(figures) > 1 and not source.sheet_role:
        raise DataError(
            f"{source.path} has several sheets with figures.",
            expected="sheets: with the one to read, or sheet_role: period, unit, variable or unit_period",
            found=f"sheets {offenders((g.sheet for g in figures), 12)}",
            remedy=f"for example sheets: [{figures[0].sheet}]",
        )
    return figures


def _check_absent_titles(source: Source, runs: Sequence[Run], ledger: Ledger) -> None:
    if not source.columns or ledger.problems:
        return
    found = {run.variable for run in runs}
    absent = [title for title, name in source.columns.items() if name not in found]
    if absent:
        titles = dict.fromkeys(t for run in runs for t in run.table.titles)
        remedy = f"write titles as in the file: {offenders(titles, 20)}"
        ledger.problems.append(
            CellProblem(source.path, "", "", f"no title {offenders(map(repr, absent))}", remedy)
        )


def _assembled(runs: Sequence[Run], ledger: Ledger) -> pd.DataFrame | None:
    """Return one frame of all runs; two figures for one cell of the panel are a problem."""
    columns: dict[str, dict[tuple[str, Period], float]] = {}
    for run in runs:
        cells = columns.setdefault(run.variable, {})
        before = len(cells)
        cells.update(zip(run.keys, run.values, strict=True))
        if len(cells) < before + len(run.keys):
            _note_twice(run, runs, ledger)
    _check_mixed_frequencies(runs, ledger)
    if not columns or ledger.problems:
        return None
    keys = [key for one in columns.values() for key in one] if len(columns) == 1 else _every_key(runs)
    ordered, index = _index(keys)
    import pandas as pd

    nan = float("nan")
    return pd.DataFrame(
        {v: [cells.get(k, nan) for k in ordered] for v, cells in columns.items()}, index=index
    )


def _every_key(runs: Sequence[Run]) -> list[tuple[str, Period]]:
    """Return each unit and period once, in the order of the file."""
    lists = {id(run.keys): run.keys for run in runs}
    return list(dict.fromkeys(key for keys in lists.values() for key in keys))


def _index(keys: Iterable[tuple[str, Period]]) -> tuple[list[tuple[str, Period]], pd.MultiIndex]:
    """Return keys and index with units in the order of the file and periods increasing."""
    import pandas as pd

    found = list(keys)
    order = {unit: i for i, unit in enumerate(dict.fromkeys(unit for unit, _ in found))}
    ordered = sorted(found, key=lambda key: (order[key[0]], key[1].ordinal))
    return ordered, pd.MultiIndex.from_tuples(ordered, names=["unit", "period"])


def _note_twice(run: Run, runs: Sequence[Run], ledger: Ledger) -> None:
    """Note the cells of a run whose unit and period another cell of the same variable has already."""
    first: dict[tuple[str, Period], str] = {}
    for other in runs:
        if other.variable != run.variable:
            continue
        for key, row in zip(other.keys, other.rows, strict=True):
            grid = other.table.grid
            place = f"{grid.sheet + ' ' if grid.sheet else ''}{grid.cell(row, other.column)}"
            if first.setdefault(key, place) != place and other is run:
                found = "a second figure for a variable, unit and period"
                raw = f"{run.variable} of {key[0]} in {key[1]}, as in {first[key]}"
                remedy = "keep one row, name those wanted under columns:, or say rows: [first, last]"
                cell = grid.cell(row, run.column)
                ledger.problems.append(CellProblem(grid.file, grid.sheet, cell, found, remedy, raw))
        if other is run:
            return


def _check_mixed_frequencies(runs: Sequence[Run], ledger: Ledger) -> None:
    kinds = {key[1].frequency: run for run in runs for key in run.keys[:1]}
    if len(kinds) > 1:
        table: Table = next(iter(kinds.values())).table
        ledger.refuse(
            table, f"periods by {' and by '.join(kinds)} in one source", "read each from its own source"
        )


def _without_empty_periods(frame: pd.DataFrame, source: Source, ledger: Ledger) -> pd.DataFrame:
    """Return the frame without periods in which no figure is published, which are reported."""
    period = frame.index.get_level_values("period")
    full = set(period[frame.notna().any(axis=1).to_numpy()].unique())
    empty = sorted(set(period.unique()) - full)
    if not empty:
        return frame
    ledger.left_out += [LeftOut(source.path, "", str(p), "no figure in the whole period") for p in empty]
    if not full:
        raise DataError(f"{source.path} holds no figure at all.", found="every cell is empty")
    return frame[[p in full for p in period]]


def _note_absent_units(frame: pd.DataFrame, source: Source, units: Units | None, ledger: Ledger) -> None:
    present = set(frame.index.unique("unit"))
    absent = [unit for unit in units or () if unit.id not in present]
    ledger.left_out += [LeftOut(source.path, "", str(unit), "a unit without a row") for unit in absent]


def read_sources(
    sources: Sequence[Source], *, data: Mapping[str, bytes] | None = None, units: Units | None = None
) -> Reading:
    """Read several files of figures and join them by unit and period.

    Parameters
    ----------
    sources : sequence of Source
        In the order of the columns wanted.
    data : mapping of str to bytes, optional
        Content by path, where it is at hand already.
    units : Units, optional
        Table of units that names are resolved by.

    Returns
    -------
    Reading
        All variables; a unit and period that only some sources have is missing in the others' columns.

    Raises
    ------
    DataError
        Listing the problems of every source at once; if two sources bring one variable, have the same content
        (a file that was downloaded twice), or are of several frequencies.
    """
    readings, wrong = [], []
    for source in sources:
        try:
            readings.append(read_source(source, data=(data or {}).get(source.path), units=units))
        except DataError as error:
            wrong.append(str(error))
    if wrong:
        raise DataError("\n".join(wrong))
    return join_readings(readings)


def join_readings(readings: Sequence[Reading]) -> Reading:
    """Join the figures of several sources by unit and period.

    Parameters
    ----------
    readings : sequence of Reading
        In the order of the columns wanted.

    Returns
    -------
    Reading
        All variables over all units and periods.

    Raises
    ------
    DataError
        If two bring one variable or are of several frequencies.
    """
    import pandas as pd

    if not readings:
        raise DataError("A panel needs at least one source.", remedy="add an entry to the panel's sources")
    _check_repeated(readings)
    frames = [reading.frame for reading in readings]
    _, index = _index(dict.fromkeys(key for frame in frames for key in frame.index))
    return Reading(
        pd.concat([frame.reindex(index) for frame in frames], axis=1),
        MappingProxyType({k: v for r in readings for k, v in r.measures.items()}),
        MappingProxyType({k: v for r in reversed(readings) for k, v in r.names.items()}),
        tuple(c for r in readings for c in r.changes),
        (*(c for r in readings for c in r.left_out), *_unmatched(readings)),
        tuple(dict.fromkeys(n for r in readings for n in r.notes)),
        MappingProxyType({k: v for r in readings for k, v in r.digests.items()}),
    )


def _check_repeated(readings: Sequence[Reading]) -> None:
    origin: dict[str, Reading] = {}
    clashes = []
    for reading in readings:
        path = ", ".join(reading.digests)
        for variable in reading.frame.columns:
            other = origin.setdefault(variable, reading)
            if other is not reading:
                clashes.append(
                    f"{variable!r} in {', '.join(other.digests)} and in {path}{_twin(other, reading)}"
                )
    clashes += _copies(readings)
    common = set(readings[0].units).intersection(*(reading.units for reading in readings))
    if not common:
        firsts = "; ".join(f"{', '.join(r.digests)}: {offenders(r.units, 3)}" for r in readings)
        clashes.append(f"no unit is in all of them ({firsts}): names or codes may differ in form")
    kinds = {period.frequency for reading in readings for period in reading.periods[:1]}
    if clashes or len(kinds) > 1:
        mixed = [f"periods by {' and by '.join(sorted(kinds))}"] if len(kinds) > 1 else []
        raise DataError(
            "The sources of the panel cannot be joined.",
            expected="each variable from one source, one frequency throughout",
            found="; ".join([*mixed, *clashes]),
            remedy="leave one source out, or rename its variables under columns:",
        )


def _unmatched(readings: Sequence[Reading]) -> list[LeftOut]:
    """Return the units that each source lacks and others have, with the nearest of its own that they lack."""
    from difflib import get_close_matches

    every = dict.fromkeys(unit for reading in readings for unit in reading.units)
    found = []
    for reading in readings:
        lacking = [unit for unit in every if unit not in set(reading.units)]
        spare = [u for u in reading.units if any(u not in set(other.units) for other in readings)]
        for unit in lacking:
            near = get_close_matches(unit, spare, n=1)
            why = f"a unit of another source without a row{f'; nearest: {near[0]}' if near else ''}"
            found.append(LeftOut(", ".join(reading.digests), "", unit, why))
    return found


def _twin(one: Reading, other: Reading) -> str:
    return " (the same file twice)" if set(one.digests.values()) & set(other.digests.values()) else ""


def _copies(readings: Sequence[Reading]) -> list[str]:
    """Return the pairs of variables that hold the same figures of files with the same content."""
    return [
        f"{a!r} in {', '.join(one.digests)} is {b!r} in {', '.join(other.digests)} (the same file twice)"
        for k, one in enumerate(readings)
        for other in readings[k + 1 :]
        if _twin(one, other)
        for a in one.frame.columns
        for b in other.frame.columns
        if a != b and one.frame[a].equals(other.frame[b])
    ]
