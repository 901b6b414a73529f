"""What every output format asks of a frame of cells: which columns hold numbers and how they align."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from shuyi.publish.notes import joined
from shuyi.publish.numbers import MISSING, common_decimals, is_interval, is_number, overhang

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels


def in_given_order(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a frame with the rows of each value of a column beside each other, values in their first order.

    Parameters
    ----------
    frame : DataFrame
        Rows in any order.
    column : str
        Name of the column.

    Returns
    -------
    DataFrame
        The same rows.
    """
    place = {value: i for i, value in enumerate(dict.fromkeys(frame[column]))}
    return frame.sort_values(column, key=lambda values: values.map(place), kind="stable")


def grouped_rows(groups: Sequence[str], rows: Sequence[str]) -> pd.MultiIndex:
    """Return the index of a table whose rows stand in groups.

    Parameters
    ----------
    groups : sequence of str
        Heading of the group of each row.
    rows : sequence of str
        Label of each row.

    Returns
    -------
    MultiIndex
        Two levels.
    """
    return pd.MultiIndex.from_arrays([list(groups), list(rows)])


def unit_names(units: Sequence[str], labels: Labels) -> str:
    """Return the names of several units as a list in the language's punctuation.

    Parameters
    ----------
    units : sequence of str
        Labels of the units.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        The names, ready to print.
    """
    return joined([labels.unit(unit) for unit in units], labels)


LONG_TEXT = 14
"""Columns of text with cells up to this width (in Latin letters) are centred, longer ones left-aligned."""

HUNG_LETTER = 0.5
"""Width of a star, bracket or digit in em."""


def text_width(text: str) -> float:
    r"""Return the width of the widest line of a text in Latin letters; Chinese characters count twice.

    Parameters
    ----------
    text : str
        Text, possibly of several lines.

    Returns
    -------
    float
        Number of letters, Chinese ones twice.

    Examples
    --------
    >>> from shuyi.publish.layout import text_width
    >>> text_width("index\n指数 of")
    7.0
    """
    widths = (sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line) for line in text.split("\n"))
    return float(max(widths))


def in_two_lines(text: str, width: float) -> str:
    """Break a heading that is wider than `width` at the gap nearest to its middle, if it has one.

    English breaks at spaces, Chinese before an opening parenthesis.

    Parameters
    ----------
    text : str
        Heading of a column.
    width : float
        Widest heading that stays in one line, in letters.

    Returns
    -------
    str
        The heading, with at most one line break.
    """
    gaps = [i for i, letter in enumerate(text) if letter in " （"]
    if text_width(text) <= width or not gaps:
        return text
    middle = min(gaps, key=lambda i: abs(text_width(text[:i]) - text_width(text) / 2))
    return f"{text[:middle]}\n{text[middle:].lstrip()}"


def is_text_column(column: pd.Series) -> bool:
    """Return whether fewer than half of the filled cells hold numbers or intervals.

    Parameters
    ----------
    column : Series
        Cells of a column.

    Returns
    -------
    bool
        False also for an empty column.
    """
    filled = [cell for cell in column if cell not in ("", MISSING)]
    return sum(is_number(cell) or is_interval(cell) for cell in filled) * 2 < len(filled)


def align_columns(display: pd.DataFrame) -> list[str]:
    """Return ``right`` for columns of numbers, ``center`` or ``left`` for columns of short or long text.

    Parameters
    ----------
    display : DataFrame
        Text cells of a table.

    Returns
    -------
    list of str
        One word per column.
    """
    return [_alignment(display.iloc[:, j]) for j in range(display.shape[1])]


def mark_overhang(display: pd.DataFrame, mark: Callable[[str, str], str]) -> pd.DataFrame:
    """Return the cells with what hangs over the right edge marked by ``mark(kept, hung)``.

    Parameters
    ----------
    display : DataFrame
        Text cells of a table.
    mark : callable
        Function of what stays and what hangs, which returns the cell.

    Returns
    -------
    DataFrame
        A copy; cells without overhang are as they were.
    """
    marked = display.copy()
    for j in range(display.shape[1]):
        column = display.iloc[:, j]
        decimals = common_decimals(column)
        parts = [overhang(cell, decimals) for cell in column]
        marked.isetitem(j, [mark(kept, hung) if hung else kept for kept, hung in parts])
    return marked


def overhang_widths(display: pd.DataFrame) -> list[float]:
    """Return the width that hangs over the right edge of each column, in em.

    Parameters
    ----------
    display : DataFrame
        Text cells of a table.

    Returns
    -------
    list of float
        One width per column; zero where nothing hangs.
    """
    widths = []
    for j in range(display.shape[1]):
        decimals = common_decimals(display.iloc[:, j])
        hung = (overhang(cell, decimals)[1] for cell in display.iloc[:, j])
        widths.append(max((HUNG_LETTER * len(text) for text in hung), default=0.0))
    return widths


def _alignment(column: pd.Series) -> str:
    if not is_text_column(column):
        return "right"
    return "center" if max(map(text_width, column), default=0) <= LONG_TEXT else "left"
