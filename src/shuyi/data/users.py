"""Panel tables that users bring: every problem is found at once, and joins are one-to-one by code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from shuyi.errors import AlignmentError, DataError, ShuyiError, did_you_mean, offenders

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.panel import Panel

Resolve = Callable[[str], str]
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
YEAR = re.compile(r"(19|20)\d\d")
MISSING = ("", "NA", "NaN", "nan")
"""Texts that stand for an empty cell."""

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
        Years that every province of the sample must have; by default the years that occur.

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

    table = _named_columns(table)
    columns = tuple(variables or (c for c in table.columns if c not in (province, year)))
    _check_columns(table, (province, year, *columns))
    named, unit_problems = _named_units(table[province], units, resolve)
    periods, year_problems = _periods(table[year])
    problems = [*unit_problems, *year_problems, *_text_in_numbers(table, columns)]
    keys = list(zip(named, periods, strict=True))
    problems += _repeated(keys)
    problems += _absent_cells(keys, units, years)
    if problems:
        raise DataError(
            f"The user's table has {len(problems)} kind(s) of problems.",
            expected="one row per province and year, numbers with a decimal point and without separators",
            found="".join(f"\n    {problem}" for problem in problems),
            remedy="correct the file; line 1 is the header",
        )
    numbers = table[list(columns)].apply(lambda column: column.str.strip().replace(list(MISSING), "nan"))
    index = pd.MultiIndex.from_tuples(keys, names=["unit", "period"])
    return numbers.astype(float).set_index(index).sort_index()


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


def _check_columns(table: pd.DataFrame, wanted: Sequence[str]) -> None:
    present = [str(c) for c in table.columns]
    absent = [c for c in wanted if c not in present]
    if absent:
        raise DataError(
            "The user's table lacks columns.",
            expected=", ".join(wanted),
            found=f"without {offenders(absent)}; it has {offenders(present, 12)}",
            remedy=did_you_mean(absent[0], present),
        )
    twice = sorted({c for c in present if present.count(c) > 1})
    if twice:
        raise DataError("The user's table names a column twice.", found=offenders(twice))


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


def _text_in_numbers(table: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    wrong = [
        f"{text!r} in line {line}, column {column}"
        for column in columns
        for line, text in enumerate(table[column], FIRST_LINE)
        if text.strip() not in MISSING and not NUMBER.fullmatch(text.strip())
    ]
    large = [
        f"{text!r} in line {line}, column {column}"
        for column in columns
        for line, text in enumerate(table[column], FIRST_LINE)
        if NUMBER.fullmatch(text.strip()) and not isfinite(float(text))
    ]
    problems = [f"text in a number: {offenders(wrong)}"] if wrong else []
    return problems + ([f"number too large for a computer: {offenders(large)}"] if large else [])


def _named_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without nameless columns that are empty or number the rows; refuse others."""
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


def _repeated(keys: Sequence[tuple[str | None, int | None]]) -> list[str]:
    lines: dict[tuple[str, int], list[int]] = {}
    for line, (unit, period) in enumerate(keys, FIRST_LINE):
        if unit is not None and period is not None:
            lines.setdefault((unit, period), []).append(line)
    twice = [f"{u} {p} in lines {', '.join(map(str, n))}" for (u, p), n in lines.items() if len(n) > 1]
    return [f"repeated row: {offenders(twice)}"] if twice else []


def _absent_cells(
    keys: Sequence[tuple[str | None, int | None]], units: Sequence[str], years: Sequence[int] | None
) -> list[str]:
    present = set(keys)
    wanted = sorted({p for _, p in keys if p is not None}) if years is None else sorted(years)
    absent = [f"{unit} {year}" for unit in units for year in wanted if (unit, year) not in present]
    return [f"no row for: {offenders(absent)}"] if absent else []


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
