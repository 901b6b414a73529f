"""Panel tables that users bring: every problem is found at once, and joins are one-to-one by code."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from shuyi.errors import AlignmentError, DataError, ShuyiError, did_you_mean, offenders
from shuyi.panel import PERIOD_NAMES, UNIT_NAMES

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.panel import Panel

Resolve = Callable[[str], str]
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
YEAR = re.compile(r"(19|20)\d\d")
MISSING = ("", "NA", "NaN", "nan")
"""Texts that stand for an empty cell."""

TITLES = 20
"""Lines below the first among which the header is looked for, where the first is none."""
FIRST_LINE = 2
"""Line of the first row in the user's file: the header is line 1."""


def clean_user_table(
    table: pd.DataFrame,
    *,
    units: Sequence[str],
    resolve: Resolve,
    variables: Sequence[str] | None = None,
    province: str = "province",
    year: str = "year",
    years: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Return a user's table with codes, years and numbers in place of its text.

    Rows of further years are left out, and a province without any row has empty cells; a warning says both.

    Parameters
    ----------
    table : DataFrame of str
        One row per province and year; a province by id or by any name that `resolve` accepts.
    units : sequence of str
        Ids of the provinces of the sample, in their order.
    resolve : callable
        Returns the id that a name denotes, and raises an error of the package for a name that it does not
        know.
    variables : sequence of str, optional
        Columns of numbers; by default every other column.
    province, year : str
        Names of the key columns; "province" and "year" by default.
    years : sequence of int, optional
        Years that every province must have, if it has any row; by default the years that occur.

    Returns
    -------
    DataFrame
        Index (unit, period) in the order of codes and years, float columns; an empty cell is NaN.

    Raises
    ------
    DataError
        Listing every kind of problem with its first offenders: a column that is missing, a province that is
        unknown, ambiguous or out of sample, a year that is none, a row that occurs twice, text in a number,
        a province-year without a row.
    """
    import pandas as pd

    check_headings(table, (province, year))
    table = named_columns(table)
    columns = tuple(variables or (c for c in table.columns if c not in (province, year)))
    check_headings(table, (province, year, *columns))
    named, unit_problems = _named_units(table[province], units, resolve)
    periods, year_problems = _periods(table[year])
    keys = list(zip(named, periods, strict=True))
    wanted = sorted({p for p in periods if p is not None}) if years is None else sorted(years)
    kept = [i for i, period in enumerate(periods) if period is None or period in wanted]
    problems = [*unit_problems, *year_problems, *_text_in_numbers(table, columns, kept)]
    problems += [*_repeated(keys, kept), *_absent_cells({keys[i] for i in kept}, units, wanted, columns)]
    if problems:
        raise DataError(
            f"The user's table has {len(problems)} kind(s) of problems.",
            expected="one row per province and year, numbers with a decimal point and without separators",
            found="".join(f"\n    {problem}" for problem in problems),
            remedy="correct the file; line 1 is the header. An empty cell says that there is no figure",
        )
    _say_what_is_left_out(keys, units, wanted, columns)
    cells = table.iloc[kept][list(columns)].apply(lambda c: c.str.strip().replace(list(MISSING), "nan"))
    index = pd.MultiIndex.from_tuples([keys[i] for i in kept], names=["unit", "period"])
    grid = pd.MultiIndex.from_product([sorted(units), wanted], names=["unit", "period"])
    return cells.astype(float).set_index(index).reindex(grid)


def _say_what_is_left_out(
    keys: Sequence[tuple[str | None, int | None]],
    units: Sequence[str],
    years: Sequence[int],
    columns: Sequence[str],
) -> None:
    further = sorted({period for _, period in keys if period is not None and period not in years})
    if further:
        span = f"{years[0]} to {years[-1]}" if years else "none"
        warnings.warn(f"Rows of {_spans(further)} are left out: the panel's years are {span}.", stacklevel=3)
    absent = _without_rows(keys, units)
    if absent:
        warnings.warn(
            f"No rows for {offenders(absent, len(absent))}: their cells are empty, as rows such as "
            f"{absent[0]},{years[-1] if years else ''}{',' * len(columns)} would say. "
            f"A specification that uses these columns needs a sample without them. {sample_to_paste(absent)}",
            stacklevel=3,
        )


def sample_to_paste(units: Sequence[str]) -> str:
    """Return the setting of a sample that leaves units out, ready to paste into a configuration.

    Parameters
    ----------
    units : sequence of str
        Ids of the units.

    Returns
    -------
    str
        A sentence with one line of YAML.

    Examples
    --------
    >>> from shuyi.data.users import sample_to_paste
    >>> print(sample_to_paste(["540000"]))
    To paste below `samples:`: `without_540000: ["540000"]`; name it in the column sample of the row.
    """
    name = f"without_{units[0]}" if len(units) == 1 else f"without_{len(units)}"
    listed = ", ".join(f'"{unit}"' for unit in units)
    return f"To paste below `samples:`: `{name}: [{listed}]`; name it in the column sample of the row."


def _spans(years: Sequence[int]) -> str:
    """Return years as spans: 2011 to 2015, 2025."""
    starts = [y for y in years if y - 1 not in years]
    ends = [y for y in years if y + 1 not in years]
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in zip(starts, ends, strict=True))


def _without_rows(keys: Iterable[tuple[str | None, int | None]], units: Sequence[str]) -> list[str]:
    """Return the units that have no row at all; where none has one, that is another fault."""
    present = {unit for unit, _ in keys}
    absent = [unit for unit in units if unit not in present]
    return absent if len(absent) < len(units) else []


def join_user_table(panel: Panel, table: pd.DataFrame, measures: Mapping[str, str] | None = None) -> Panel:
    """Join a table of `clean_user_table` to a panel, one row to one cell.

    Parameters
    ----------
    panel : Panel
        With every key of the table, and no other.
    table : DataFrame
        Indexed by (unit, period).
    measures : mapping of str to str, optional
        Unit of measurement by column; ``"as supplied"`` where not given.

    Returns
    -------
    Panel
        With the columns of the table.

    Raises
    ------
    AlignmentError
        If a key of either side is not in the other; the message names the first of each.
    DataError
        If a key occurs twice, or a column would replace a variable of the panel.
    """
    taken = [c for c in table.columns if c in panel.variables]
    repeated = table.index[table.index.duplicated()].unique()
    if taken or len(repeated):
        raise DataError(
            "The user's table cannot be joined to the panel.",
            expected="new variable names and one row per province and year",
            found=_named(("already in the panel", taken), ("repeated", tuple(repeated))),
            remedy="rename the columns or remove the repeated rows",
        )
    keys = [(unit, period) for unit in panel.units for period in panel.periods]
    _check_matched(keys, list(table.index))
    grid = (len(panel.units), len(panel.periods))
    ordered = table.loc[keys]
    columns = {str(c): ordered[c].to_numpy(dtype=float).reshape(grid).T for c in table.columns}
    return panel.with_variables(columns, {c: (measures or {}).get(c, "as supplied") for c in columns})


def join_user_files(panel: Panel, tables: Iterable[pd.DataFrame], resolve: Resolve) -> Panel:
    """Join tables of text that users brought to a panel, each checked for the panel's years.

    Parameters
    ----------
    panel : Panel
        Its units are the sample.
    tables : iterable of DataFrame of str
        As `clean_user_table` takes them.
    resolve : callable
        Returns the id that a name denotes.

    Returns
    -------
    Panel
        With the columns of the tables.

    Raises
    ------
    DataError, AlignmentError
        As `clean_user_table` and `join_user_table` do.
    """
    for table in tables:
        panel = join_user_table(panel, _clean_for(panel, table, resolve))
    return panel


def _clean_for(panel: Panel, table: pd.DataFrame, resolve: Resolve) -> pd.DataFrame:
    return clean_user_table(table, units=panel.units, resolve=resolve, years=panel.periods)


def check_headings(table: pd.DataFrame, wanted: Sequence[str]) -> None:
    """Raise DataError unless a table has the columns wanted and names each once.

    Parameters
    ----------
    table : DataFrame of str
        As it was read.
    wanted : sequence of str
        Names of columns.

    Raises
    ------
    DataError
        With a guess at what happened to the header.
    """
    present = [str(c) for c in table.columns]
    absent = [c for c in wanted if c not in present]
    if absent:
        raise DataError(
            "The user's table lacks columns.",
            expected=f"a header with {', '.join(wanted)}",
            found=f"without {offenders(absent)}; it has {offenders(present, 12)}",
            remedy=_header_hint(table, absent) or did_you_mean(absent[0], present),
        )
    twice = sorted({c for c in present if present.count(c) > 1})
    if twice:
        raise DataError("The user's table names a column twice.", found=offenders(twice))


def _header_hint(table: pd.DataFrame, absent: Sequence[str]) -> str:
    """Return what probably happened to the header: title lines above it, another separator, other names."""
    present = [str(c) for c in table.columns]
    for line, row in enumerate(table.head(TITLES).itertuples(index=False), FIRST_LINE):
        if set(absent) <= {str(cell).strip() for cell in row}:
            return f"the header seems to be line {line}: delete the lines above it"
    if len(present) == 1 and re.search(r"[;\t|]", present[0]):
        return "separate the cells by commas"
    alike = {"province": UNIT_NAMES, "year": PERIOD_NAMES}
    named = [(c, w) for w in absent for c in present if c.strip().lower() in alike.get(w, ())]
    return "; ".join(f"rename the column {c!r} to {w!r}" for c, w in named)


def _named_units(
    column: Iterable[str], units: Sequence[str], resolve: Resolve
) -> tuple[list[str | None], list[str]]:
    found: list[str | None] = []
    unknown, outside = [], []
    for line, name in enumerate(column, FIRST_LINE):
        try:
            unit = resolve(name.strip())
        except ShuyiError as error:
            found.append(None)
            unknown.append(f"{name!r} in line {line} ({error.remedy or error.found})")
            continue
        found.append(unit if unit in units else None)
        if unit not in units:
            outside.append(f"{name!r} in line {line}")
    problems = [f"unknown province: {offenders(unknown)}"] if unknown else []
    return found, problems + ([f"province outside the sample: {offenders(outside)}"] if outside else [])


def _periods(column: Iterable[str]) -> tuple[list[int | None], list[str]]:
    texts = [text.strip() for text in column]
    periods = [int(text) if YEAR.fullmatch(text) else None for text in texts]
    wrong = [
        f"{text!r} in line {line}"
        for line, (text, period) in enumerate(zip(texts, periods, strict=True), FIRST_LINE)
        if period is None
    ]
    return periods, [f"not a year: {offenders(wrong)}"] if wrong else []


def _text_in_numbers(table: pd.DataFrame, columns: Sequence[str], kept: Sequence[int]) -> list[str]:
    rows = set(kept)
    cells = [
        (text.strip(), f"{text!r} in line {line}, column {column}")
        for column in columns
        for line, text in enumerate(table[column], FIRST_LINE)
        if line - FIRST_LINE in rows and text.strip() not in MISSING
    ]
    wrong = [place for text, place in cells if not NUMBER.fullmatch(text)]
    large = [place for text, place in cells if NUMBER.fullmatch(text) and not isfinite(float(text))]
    problems = [f"text in a number: {offenders(wrong)}"] if wrong else []
    return problems + ([f"number too large for a computer: {offenders(large)}"] if large else [])


def named_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without nameless columns that are empty or number the rows.

    Parameters
    ----------
    table : DataFrame of str
        As it was read.

    Returns
    -------
    DataFrame of str
        Columns with a name.

    Raises
    ------
    DataError
        If another column has no name.
    """
    keep, wrong = [], []
    for place, name in enumerate(table.columns):
        if str(name).strip() and not str(name).startswith("Unnamed: "):
            keep.append(place)
            continue
        texts = [str(text).strip() for text in table.iloc[:, place]]
        numbers = [[str(i + first) for i in range(len(texts))] for first in (0, 1)]
        if any(texts) and texts not in numbers:
            wrong.append(f"column {place + 1} ({offenders(texts, 2)})")
    if wrong:
        raise DataError(
            "The user's table has columns without a name.",
            expected="a name for every column that is not empty",
            found=offenders(wrong),
            remedy="name or delete these columns",
        )
    return table.iloc[:, keep]


def _repeated(keys: Sequence[tuple[str | None, int | None]], kept: Sequence[int]) -> list[str]:
    lines: dict[tuple[str, int], list[int]] = {}
    for place in kept:
        unit, period = keys[place]
        if unit is not None and period is not None:
            lines.setdefault((unit, period), []).append(place + FIRST_LINE)
    twice = [f"{u} {p} in lines {', '.join(map(str, n))}" for (u, p), n in lines.items() if len(n) > 1]
    return [f"repeated row: {offenders(twice)}"] if twice else []


def _absent_cells(
    present: set[tuple[str | None, int | None]],
    units: Sequence[str],
    years: Sequence[int],
    columns: Sequence[str],
) -> list[str]:
    there = [unit for unit in units if unit not in _without_rows(present, units)]
    nowhere = [year for year in years if not any((unit, year) in present for unit in there)]
    absent = [(u, y) for u in there for y in years if y not in nowhere and (u, y) not in present]
    problems = []
    if nowhere:
        problems.append(
            f"no row of any province for {_spans(nowhere)}: supply these years, or set panel.first_year and "
            "panel.last_year to years that the file has"
        )
    if absent:
        example = f"{absent[0][0]},{absent[0][1]}{',' * len(columns)}"
        problems.append(
            f"no row for: {offenders(f'{u} {y}' for u, y in absent)}; where there is no figure, write the "
            f"row with empty cells: {example}"
        )
    return problems


def _check_matched(panel_keys: Sequence[object], table_keys: Sequence[object]) -> None:
    in_panel, in_table = set(panel_keys), set(table_keys)
    missing = [key for key in panel_keys if key not in in_table]
    extra = [key for key in table_keys if key not in in_panel]
    if missing or extra:
        raise AlignmentError(
            "The user's table and the panel name other provinces or years.",
            expected=f"the panel's {len(panel_keys)} province-years, each once",
            found=_named(("only in the panel", missing), ("only in the table", extra)),
            remedy="supply the missing rows and leave out the others, or change the years of the panel",
        )


def _named(*groups: tuple[str, Sequence[object]]) -> str:
    return "; ".join(f"{name}: {offenders(items)}" for name, items in groups if len(items))
