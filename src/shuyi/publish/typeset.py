"""Tables as fragments of Typst, which papers import: title, notes and body under fixed names."""

from __future__ import annotations

import json
from itertools import groupby

import pandas as pd

from shuyi.publish.layout import LONG_TEXT, align_columns, mark_overhang, overhang_widths, text_width
from shuyi.publish.table import Table

HANG, END = "\ue000", "\ue001"
RULE, THIN = "0.8pt", "0.4pt"
"""Thickness of the rules above and below a table, and of those inside."""
WIDEST = 60.0
"""Length of text, in Latin letters, beyond which a wrapping column becomes no wider."""
MOST_FIXED = 140.0
"""Letters of a turned page, which has some two hundred, that columns which do not wrap may take."""
SIDE, ABOVE = "0.35em", "0.26em"
"""Space beside a cell and above it."""


def to_typst(table: Table) -> str:
    """Return a fragment that defines ``title``, ``heading``, ``notes``, ``shares``, ``body`` and ``wrapped``.

    ``wrapped`` is the table whose columns of text wrap, for pages that it does not fit otherwise; none where
    they would have no room.

    Heads, and the heading of a group of rows, repeat on every page that a table breaks over; a row without a
    label, such as the errors below estimates, stays on the page of the row above it.

    Parameters
    ----------
    table : Table
        Table to write.

    Returns
    -------
    str
        Definitions alone: nothing is printed where a file is imported.
    """
    lines = [
        f"// {table.id}, for Typst 0.14 or newer",
        f"#let title = {quoted(table.title)}",
        f"#let heading = {quoted(table.heading)}",
        f"#let notes = {quoted(table.note())}",
        f"#let language = {quoted(table.language)}",
        f"#let shares = ({''.join(f'{share:.4f}, ' for share in table.widths)})",
        "#let hang(kept, over) = kept + box(width: 0pt, align(left, over))",
        f"#let room = ({''.join(f'{width:.2f}, ' for width in [0.0, *overhang_widths(table.display)])})",
        "#let make(columns) = table(",
        "  columns: columns,",
        f"  align: (left, {', '.join(align_columns(table.display))},),",
        f"  inset: (column, _) => (left: {SIDE}, right: {SIDE} + room.at(column) * 1em, y: {ABOVE}),",
        "  stroke: none,",
        f"  table.hline(stroke: {RULE}),",
        "  table.header(",
        *(f"    {line}" for line in _head(table.display)),
        "  ),",
        *(f"  {line}" for line in _body(table.display)),
        f"  table.hline(stroke: {RULE}),",
        ")",
        f"#let body = make(({_columns(table)}))",
        f"#let wrapped = {_wrapped(table)}",
    ]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    r"""Return a text as a string of Typst; line breaks become breaks of the line.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        An expression.

    Examples
    --------
    >>> from shuyi.publish.typeset import quoted
    >>> print(quoted('a "b"\nc'))
    "a \"b\"" + linebreak() + "c"
    """
    return " + linebreak() + ".join(json.dumps(line, ensure_ascii=False) for line in text.split("\n"))


def _columns(table: Table) -> str:
    columns = [f"{share:.4f}fr" for share in table.widths] or ["auto"] * (table.display.shape[1] + 1)
    return ", ".join(columns) + ","


def _wrapped(table: Table) -> str:
    """Return the table with columns of text that wrap: numbers as wide as needed, texts by their length."""
    display = table.display
    stub = max((text_width(str(label)) for label in display.index.get_level_values(-1)), default=0.0)
    cells = (display.iloc[:, j] for j in range(display.shape[1]))
    widths = [stub, *(max(map(text_width, column), default=0.0) for column in cells)]
    numeric = [False, *(side == "right" for side in align_columns(display))]
    fixed = [number or width <= LONG_TEXT for number, width in zip(numeric, widths, strict=True)]
    needed = sum(width + 2 for width, stays in zip(widths, fixed, strict=True) if stays)
    if all(fixed) or needed > MOST_FIXED:
        return "none"
    pairs = zip(widths, fixed, strict=True)
    columns = ["auto" if stays else f"{min(width, WIDEST):.0f}fr" for width, stays in pairs]
    return f"make(({', '.join(columns)},))"


def _head(display: pd.DataFrame) -> list[str]:
    lines, columns = [], display.columns
    if isinstance(columns, pd.MultiIndex):
        spans, start = [], 1
        for text, members in groupby(columns.get_level_values(0)):
            spans.append((text, start, start + len(list(members))))
            start = spans[-1][2]
        cells = [
            f"table.cell(colspan: {end - begin}, align: center)[#({quoted(text)})]"
            for text, begin, end in spans
        ]
        lines += [f"[], {', '.join(cells)},"]
        lines += [
            f"table.hline(start: {begin}, end: {end}, stroke: {THIN})," for text, begin, end in spans if text
        ]
    lines.append(", ".join(["[]", *(quoted(text) for text in columns.get_level_values(-1))]) + ",")
    return [*lines, f"table.hline(stroke: {THIN}),"]


def _body(display: pd.DataFrame) -> list[str]:
    cells = mark_overhang(display, lambda kept, hung: f"{kept}{HANG}{hung}{END}")
    stubs = [str(label) for label in display.index.get_level_values(-1)]
    groups = (
        [str(g) for g in display.index.get_level_values(0)]
        if display.index.nlevels == 2
        else [""] * len(stubs)
    )
    lines = []
    for i, row in enumerate(cells.itertuples(index=False)):
        if groups[i] and groups[i] != (groups[i - 1] if i else ""):
            heading = f"table.cell(colspan: {display.shape[1] + 1}, align: left)[#emph({quoted(groups[i])})]"
            lines.append(f"table.header(level: 2, {heading}),")
        stub = _stub(stubs, groups, i)
        lines.append(", ".join([*stub, *map(_cell, row)]) + ",")
    return lines


def _stub(stubs: list[str], groups: list[str], i: int) -> list[str]:
    """Return the cell of a row's label, which holds the rows without a label below it."""
    if i and not stubs[i] and groups[i] == groups[i - 1]:
        return []
    end = i + 1
    while end < len(stubs) and not stubs[end] and groups[end] == groups[i]:
        end += 1
    if end == i + 1:
        return [quoted(stubs[i])]
    return [f"table.cell(rowspan: {end - i}, breakable: false, align: left + top)[#({quoted(stubs[i])})]"]


def _cell(cell: str) -> str:
    kept, hangs, hung = cell.partition(HANG)
    return f"hang({quoted(kept)}, {quoted(hung.removesuffix(END))})" if hangs else quoted(kept)
