"""A proposal of how a file is laid out, shown as a table for its owner to confirm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from shuyi.errors import DataError, ShuyiError, offenders
from shuyi.periods import Period, parse_period, parse_periods, step
from shuyi.readers.content import Content, load
from shuyi.readers.excel import sheet_names
from shuyi.readers.grid import Grid, column_letters, is_blank
from shuyi.readers.layouts import MOSTLY, sampled, split_title, stated_variable
from shuyi.readers.names import read_name, text_of
from shuyi.readers.panels import NO_FIGURES, Reading, grids_of, read_source
from shuyi.readers.source import SheetRole, Source
from shuyi.readers.tables import Table, as_table, is_number, is_title_period, looks_like_figure
from shuyi.readers.words import (
    CODE_PARTS,
    ITEM_WORDS,
    ORDER_WORDS,
    PERIOD_WORDS,
    TOTAL_WORDS,
    UNIT_PARTS,
    UNIT_WORDS,
)

if TYPE_CHECKING:
    from shuyi.units import Units

SHOWN = 4
"""Values that the table of a guess shows for each row."""


@dataclass(frozen=True, eq=False)
class Guess:
    """What was understood of a file.

    Parameters
    ----------
    source : Source
        The proposal, to be edited where it is wrong.
    facts : tuple of (str, str)
        What was understood, row by row.
    questions : tuple of str
        What the file does not say and its owner must.
    reading : Reading or None
        The figures read by the proposal; None where it cannot be read yet.
    """

    source: Source
    facts: tuple[tuple[str, str], ...]
    questions: tuple[str, ...]
    reading: Reading | None

    def __str__(self) -> str:
        width = max(len(name) for name, _ in self.facts)
        lines = [f"  {name.ljust(width)}  {value}" for name, value in self.facts]
        asked = [f"  ? {question}" for question in self.questions]
        return "\n".join([self.source.path, *lines, *asked])


def guess(path: str, *, data: bytes | None = None, units: Units | None = None) -> Guess:
    """Propose how a file of figures is laid out.

    Parameters
    ----------
    path : str
        File; its ending says what kind it is.
    data : bytes, optional
        Content of the file, where it is at hand already.
    units : Units, optional
        Table of units; the column that it resolves best is taken for the units.

    Returns
    -------
    Guess
        A source to edit, what was understood as a table, and what must be asked.

    Raises
    ------
    DataError
        If the file cannot be opened or holds no table.
    """
    content = load(path, data)
    source = _with_sheets(Source(path), content)
    table = as_table(grids_of(source, content)[0])
    source, questions = _laid_out(source, table, units)
    reading = None
    if not questions:
        try:
            reading = read_source(source, data=content.data, units=units)
        except ShuyiError as error:
            questions = (str(error),)
    return Guess(source, tuple(_facts(source, table, reading)), questions, reading)


def _with_sheets(source: Source, content: Content) -> Source:
    """Return the source with the role of its sheets, where several hold figures."""
    if source.kind(content.suffix) != "excel":
        return source
    names = [n for n in sheet_names(content) if n.strip().casefold() not in NO_FIGURES]
    role = _role_of_sheets(names)
    if role:
        return replace(source, sheet_role=role)
    grids = grids_of(replace(source, sheets=tuple(names)), content)
    full = [grid.sheet for grid in grids if _has_figures(grid)]
    if not full:
        raise DataError(f"No sheet of {source.path} holds a table.", found=f"sheets {offenders(names)}")
    return replace(source, sheets=(full[0],)) if len(full) > 1 or len(names) > 1 else source


def _role_of_sheets(names: Sequence[str]) -> SheetRole:
    if len(names) < 2:
        return ""
    if all(map(is_title_period, names)):
        return "period"
    tails = [name[-4:] for name in names]
    heads = [name[:-4].rstrip(" _-") for name in names]
    if all(map(is_title_period, tails)) and all(heads):
        return "unit_period"
    return ""


def _has_figures(grid: Grid) -> bool:
    try:
        table = as_table(grid)
    except DataError:
        return False
    return any(is_number(c) for j in range(len(table.titles)) for c in table.values(j)[:20])


def _laid_out(source: Source, table: Table, units: Units | None) -> tuple[Source, tuple[str, ...]]:
    titles = range(len(table.titles))
    periods = [j for j in titles if is_title_period(table.cells[table.header[-1]][j])]
    joined = [j for j in titles if split_title(table, j) is not None]
    period_column = _period_column(table)
    if len(periods) >= 2 and any(table.groups):
        source = replace(source, layout="wide_by_variable")
    elif len(periods) >= 2 and period_column is None:
        source = replace(source, layout="wide_by_period")
    elif len(joined) >= 2 and period_column is None and _repeats(table, joined):
        source = replace(source, layout="wide_by_variable")
    elif _titles_are_units(source, table, units, period_column):
        source = replace(source, layout="wide_by_unit")
    return _with_columns(source, table, units, period_column)


def _repeats(table: Table, joined: Sequence[int]) -> bool:
    """Return whether titles such as gdp_2011 repeat a variable or a period."""
    pairs = [split_title(table, j) for j in joined]
    parts = [pair for pair in pairs if pair is not None]
    return len({p for _, p in parts}) >= 2 and len({v for v, _ in parts}) < len(parts)


def _titles_are_units(source: Source, table: Table, units: Units | None, period_column: int | None) -> bool:
    names = [t for j, t in enumerate(table.titles) if j != period_column and not t.startswith("column ")]
    if units is not None:
        return len(units.match(names).ids) > len(names) / 2
    if source.sheet_role != "period":
        return False
    words = {t.casefold() for t in table.titles}
    return bool(words & ITEM_WORDS) and not words & UNIT_WORDS


def _with_columns(
    source: Source, table: Table, units: Units | None, period_column: int | None
) -> tuple[Source, tuple[str, ...]]:
    questions: list[str] = []
    item = [j for j, title in enumerate(table.titles) if title.casefold() in ITEM_WORDS]
    unit = _unit_column(table, units, {period_column, *item}) if source.layout != "wide_by_unit" else None
    if source.sheet_role == "unit_period":
        unit, item = None, item or [0]
    if item:
        source = replace(source, item_column=" + ".join(table.titles[j] for j in _with_groups(table, item)))
    if unit is not None and "unit" not in source.sheet_role:
        source = replace(source, unit_column=table.titles[unit])
    elif source.layout != "wide_by_unit" and "unit" not in source.sheet_role:
        titles = ", or layout: wide_by_unit if titles are units" if period_column is not None else ""
        questions.append(f"nothing says which unit the figures are of: say unit_column: or unit:{titles}")
    if source.layout in ("long", "wide_by_unit") and "period" not in source.sheet_role:
        source, question = _with_period(source, table, period_column)
        questions += question
    if source.layout == "wide_by_period" and not item:
        source, question = _with_variable(source, table, unit)
        questions += question
    return _with_variables(source, table), tuple(questions)


def _with_groups(table: Table, item: Sequence[int]) -> list[int]:
    """Return the item column, after a merged column to its left that groups its rows."""
    first = item[0]
    merged = {left for top, left, bottom, right in table.grid.merged if bottom > top and left == right}
    return [first - 1, *item] if first - 1 in merged else list(item)


def _with_period(source: Source, table: Table, column: int | None) -> tuple[Source, list[str]]:
    if column is not None:
        cells = [c for c in table.values(column) if not is_blank(c)]
        numbers = [text_of(c) for c in cells]
        rounds = all(n.isdigit() and int(n) < 1000 for n in numbers) and bool(numbers)
        source = replace(source, period_column=table.titles[column], frequency="index" if rounds else "")
        return source, []
    stated = [v for k, v in table.preamble.items() if k in PERIOD_WORDS and is_title_period(v)]
    if stated:
        return replace(source, period=str(parse_period(stated[0]))), []
    return source, ["nothing says which period the figures are of: say period_column: or period:"]


def _with_variable(source: Source, table: Table, unit: int | None) -> tuple[Source, list[str]]:
    """Return the source of a table of one variable, or with the stacked variables of an export."""
    if stated_variable(table)[0]:
        return source, []
    stacked = _stacked_column(table, unit)
    if stacked is not None:
        return replace(source, item_column=table.titles[stacked]), []
    return source, ["nothing says which variable the figures are of: say variable: and measures:"]


def _stacked_column(table: Table, unit: int | None) -> int | None:
    """Return a column of names left of the units, each of which stands for several rows."""
    for j in range(unit or 0):
        names = {text_of(c) for c in table.values(j)} - {""}
        texts = names and not any(map(is_number, names))
        if texts and 2 <= len(names) <= len(table.body) / 2:
            return j
    return None


def _with_variables(source: Source, table: Table) -> Source:
    """Return the source with the columns of a long table that are figures, codes and numbering left aside."""
    if source.layout != "long" or source.item_column:
        return source
    keys = {source.unit_column, source.period_column}
    columns = {
        title: title
        for j, title in enumerate(table.titles)
        if title not in keys
        and title != f"column {column_letters(j)}"
        and _kind(table, j) == "figures"
        and not _is_code(title)
    }
    measures = {t: table.measures[table.titles.index(t)] for t in columns}
    return replace(source, columns=columns, measures={t: m for t, m in measures.items() if m})


def _is_code(title: str) -> bool:
    word = title.casefold()
    return word in ORDER_WORDS or any(part in word for part in CODE_PARTS) or word.endswith("_id")


def _kind(table: Table, j: int) -> str:
    present = sampled([c for c in table.values(j) if not is_blank(c)])
    numbers = sum(map(looks_like_figure, present))
    if not present:
        return "nothing"
    return "figures" if numbers >= MOSTLY * len(present) else "text"


def _period_column(table: Table) -> int | None:
    """Return the column of periods: the one called so, else the only one that holds nothing else."""
    named = [j for j, title in enumerate(table.titles) if title.casefold() in PERIOD_WORDS]
    for j in named:
        if _parses(table.values(j)):
            return j
    return named[0] if named and not is_title_period(table.cells[table.header[-1]][named[0]]) else None


def _parses(cells: Sequence[Any]) -> bool:
    try:
        parse_periods([c for c in cells if not is_blank(c)])
    except DataError:
        return False
    return True


def _unit_column(table: Table, units: Units | None, taken: set[int | None]) -> int | None:
    free = [j for j in range(len(table.titles)) if j not in taken and _may_name_units(table, j)]
    if units is not None:
        shares = {j: _share_resolved(table, j, units) for j in free}
        best = max(shares, key=lambda j: shares[j], default=None)
        return best if best is not None and shares[best] > MOSTLY else None
    ranks = [(j, rank) for j in free if (rank := _rank(table, j)) is not None]
    keys = [(_is_no_key(table, j), rank, -_distinct(table, j), j) for j, rank in ranks]
    return min(keys)[-1] if keys else None


def _is_no_key(table: Table, j: int) -> bool:
    """Return whether a column repeats a unit in a period, or names each row of several periods otherwise."""
    period = _period_column(table)
    names = [text_of(c) for c in table.values(j)]
    if period is None:
        return len(set(names)) < len(names)
    periods = [text_of(c) for c in table.values(period)]
    keys = set(zip(names, periods, strict=True))
    pasted = len(set(periods)) > 1 and len(set(names)) == len(names)
    return pasted or len(keys) < len(names)


def _may_name_units(table: Table, j: int) -> bool:
    if is_title_period(table.cells[table.header[-1]][j]):
        return False
    present = sampled([c for c in table.values(j) if not is_blank(c)])
    whole = all(
        isinstance(c, str) or float(c).is_integer() for c in present if isinstance(c, (str, int, float))
    )
    return bool(present) and whole


def _share_resolved(table: Table, j: int, units: Units) -> float:
    names = {read_name(c).name for c in table.values(j) if not is_blank(c)}
    names -= {n for n in names if n.casefold() in TOTAL_WORDS}
    return len(units.match(names).ids) / len(names) if names else 0.0


def _rank(table: Table, j: int) -> int | None:
    """Return how well a column's title and cells fit units; lower is better, None is not at all."""
    word = table.titles[j].casefold()
    textual = _kind(table, j) == "text"
    code = any(part in word for part in CODE_PARTS)
    if code and any(part in word for part in UNIT_PARTS):
        return 0 if _kind(table, j) != "nothing" else None
    if word in UNIT_WORDS:
        return 1 if textual else 4
    if code or (textual and any(part in word for part in UNIT_PARTS)):
        return 2 if textual else 3
    if word in ORDER_WORDS or word.endswith("_id"):
        return 6
    return 5 if textual and _distinct(table, j) >= 2 else None


def _distinct(table: Table, j: int) -> int:
    return len({text_of(c) for c in table.values(j)} - {""})


def _facts(source: Source, table: Table, reading: Reading | None) -> list[tuple[str, str]]:
    grid = table.grid
    lines = ", ".join(str(grid.line(i)) for i in table.header)
    facts = [("file", "; ".join([source.kind_text, *grid.notes])), ("titles", f"line {lines}")]
    if source.sheets or source.sheet_role:
        facts.append(("sheets", ", ".join(source.sheets) or f"each one is a {source.sheet_role}"))
    facts.append(("layout", source.layout))
    where = {
        "units": (source.unit_column, source.unit, "titles" if source.layout == "wide_by_unit" else ""),
        "periods": (source.period_column, source.period, "titles" if source.layout[:6] == "wide_b" else ""),
        "variables": (source.item_column, source.variable, ""),
    }
    for name, (column, constant, spread) in where.items():
        facts.append((name, _described(name, column or constant or spread, reading)))
    if reading is not None:
        facts += _account(reading)
    return facts


def _described(what: str, where: str, reading: Reading | None) -> str:
    if reading is None:
        return where or "?"
    if what == "units":
        shown = offenders(
            (f"{u} {n}" if (n := reading.names.get(u, u)) != u else u for u in reading.units), SHOWN
        )
        return f"{where}: {len(reading.units)} ({shown})"
    if what == "periods":
        return f"{where}: {_span(reading.periods)}"
    named = [f"{v} [{m}]" if (m := reading.measures[v]) else v for v in reading.frame.columns]
    return f"{f'{where}: ' if where else ''}{len(named)} ({offenders(named, SHOWN)})"


def _span(periods: Sequence[Period]) -> str:
    by = step(periods)
    every = "" if by == 1 else f", every {by}"
    return f"{len(periods)} by {periods[0].frequency}, {periods[0]} to {periods[-1]}{every}"


def _account(reading: Reading) -> list[tuple[str, str]]:
    missing = int(reading.frame.isna().to_numpy().sum())
    balanced = len(reading.frame) == len(reading.units) * len(reading.periods)
    facts = [
        ("balance", "balanced" if balanced else f"unbalanced: {len(reading.frame)} rows"),
        ("missing", f"{missing} of {reading.frame.size} cells"),
        (
            "changed",
            f"{len(reading.changes)} cells ({offenders(dict.fromkeys(c.rule for c in reading.changes))})",
        ),
    ]
    unstated = [v for v in reading.frame.columns if not reading.measures[v]]
    if unstated:
        facts.append(
            ("no measure", f"{len(unstated)} variables ({offenders(unstated, SHOWN)}): say measures:")
        )
    if _numbered(reading.units):
        facts.append(("caution", "units are only numbered; a number does not say which unit it is"))
    if reading.gaps:
        facts.append(("gaps", offenders(reading.gaps)))
    facts += [("left out", f"{cells}: {why}") for _, _, cells, why in reading.left_out[:SHOWN]]
    if len(reading.left_out) > SHOWN:
        facts.append(("left out", f"and {len(reading.left_out) - SHOWN} more"))
    return facts


def _numbered(units: Sequence[str]) -> bool:
    return len(units) > 1 and sorted(units) == sorted(str(i + 1) for i in range(len(units)))
