"""Matrices and lists of links in tables: delimited text, workbooks, Stata data sets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shuyi.errors import WeightsError
from shuyi.readers.grid import Grid, is_blank
from shuyi.readers.numbers import read_number
from shuyi.readers.problems import CellProblem, raise_problems
from shuyi.weights.readers.entries import Entries, from_dense, from_links, label_of

WEIGHT_WORDS = ("weight", "weights", "w", "value", "wij", "w_ij", "权重")
"""Titles of the column of weights in a list of links."""

_COUNTED = re.compile(r"^([A-Za-z_.]*?)_?(\d+)$")


def read_matrix(grid: Grid, axis: str = "") -> Entries:
    """Return the square matrix in a table, with or without labels.

    Parameters
    ----------
    grid : Grid
        A matrix; labels may stand in the first row, the first column or both.
    axis : {"", "rows", "columns"}
        Where labels stand on one axis only: that axis, to say that the other one has the same order.

    Returns
    -------
    Entries
        Without labels where the table has none. Titles such as v1, v2, ... are none.

    Raises
    ------
    WeightsError
        If the table is not square, its axes name other units or another order, only one axis is labelled and
        `axis` does not say so, or listing every cell that is no number.
    """
    top, left = _has_titles(grid), _has_labels(grid)
    rows = grid.rows[1:] if top else grid.rows
    body = [row[1:] if left else row for row in rows]
    height, width = len(body), len(body[0]) if body else 0
    if height != width or height < 2:
        raise _not_square(grid, height, width, top, left)
    titles = tuple(label_of(c) for c in grid.rows[0][1 if left else 0 :]) if top else ()
    labels = tuple(label_of(row[0]) for row in rows) if left else ()
    values = _numbers(grid, body, int(top), int(left))
    named = _one_axis(grid, labels, titles, axis)
    form = "labelled matrix" if named else "matrix without labels"
    return from_dense(grid.file, values, named, form=form)


def _has_titles(grid: Grid) -> bool:
    row = grid.rows[0]
    if is_blank(row[0]) or any(not is_blank(c) and not _is_number(c) for c in row[1:]):
        return True
    if len(grid.rows) == grid.width:
        return not _is_number(row[0])
    return len(grid.rows) > grid.width and _distinct_whole(row)


def _has_labels(grid: Grid) -> bool:
    first = [row[0] for row in grid.rows[1:]]
    texts = any(not is_blank(c) and not _is_number(c) for c in first)
    wide = len(grid.rows) - 1 == grid.width - 1 and _has_titles(grid)
    wider = len(grid.rows) < grid.width
    return texts or ((wide or wider) and _distinct_whole(first))


def _is_number(cell: Any) -> bool:
    try:
        read_number(cell)
    except ValueError:
        return False
    return True


def _distinct_whole(cells: Sequence[Any]) -> bool:
    texts = [label_of(c) for c in cells]
    return len(set(texts)) == len(texts) and all(t.isdigit() for t in texts)


def _numbers(
    grid: Grid, body: Sequence[Sequence[Any]], top: int, left: int
) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = np.zeros((len(body), len(body)))
    problems = []
    for i, row in enumerate(body):
        for j, cell in enumerate(row):
            try:
                value = _weight_of(cell)
            except ValueError as error:
                problems.append(_problem(grid, i + top, j + left, str(error), label_of(cell)))
                continue
            if value != value:
                problems.append(_problem(grid, i + top, j + left, "an empty cell; write 0", ""))
            values[i, j] = value
    raise_problems(problems, grid.file, WeightsError)
    return values


def _weight_of(cell: Any) -> float:
    """Return a plain number; a weight is not mended, as a figure of a panel is."""
    read = read_number(cell, missing=())
    if read.rules:
        raise ValueError("not a plain number; write digits with a decimal point")
    return read.value


def _problem(grid: Grid, row: int, column: int, found: str, raw: str) -> CellProblem:
    return CellProblem(grid.file, grid.sheet, grid.cell(row, column), found, raw=raw)


def _one_axis(grid: Grid, labels: Sequence[str], titles: Sequence[str], axis: str) -> tuple[str, ...]:
    """Return the labels of a matrix that may have them on either axis or on both."""
    titles = () if _only_counts(titles) else titles
    if labels and titles:
        if tuple(labels) != tuple(titles):
            raise _other_axis(grid, labels, titles)
        return tuple(labels)
    known = "rows" if labels else "columns" if titles else ""
    counted = bool(labels) and not titles
    if not known or axis == known or (counted and _only_counts(labels)):
        return tuple(labels or titles)
    raise WeightsError(
        f"{grid.file} labels its {known} only.",
        expected="the same labels on both axes",
        found=f"labels such as {', '.join((labels or titles)[:3])} on the {known}",
        remedy=f"if the other axis has the same order, say axis: {known}",
    )


def _only_counts(labels: Sequence[str]) -> bool:
    """Return whether labels are v1, v2, ..., W1, W2, ..., 1, 2, ... in order."""
    matches = [_COUNTED.match(label) for label in labels]
    if not labels or not all(matches):
        return False
    stems = {m[1] for m in matches if m}
    numbers = [int(m[2]) for m in matches if m]
    return len(stems) == 1 and numbers in (
        list(range(len(numbers))),
        list(range(1, len(numbers) + 1)),
    )


def _other_axis(grid: Grid, labels: Sequence[str], titles: Sequence[str]) -> WeightsError:
    same = sorted(labels) == sorted(titles)
    pairs = [f"{r!r} beside {c!r}" for r, c in zip(labels, titles, strict=True) if r != c]
    return WeightsError(
        f"{grid.file} names its columns {'in another order than' if same else 'other than'} its rows.",
        expected="the same labels in the same order on both axes",
        found=", ".join(pairs[:5]),
        remedy="reorder the columns like the rows" if same else "mend the labels",
    )


def _not_square(grid: Grid, height: int, width: int, top: bool, left: bool) -> WeightsError:
    seen = [name for name, is_there in (("titles", top), ("a column of labels", left)) if is_there]
    return WeightsError(
        f"{grid.file} is not a square table.",
        expected="as many rows as columns, beside the labels",
        found=f"{height} rows of {width} cells" + (f", {' and '.join(seen)} aside" if seen else ""),
        remedy="say form: edges, if each row is a link; separate cells evenly",
    )


@dataclass(frozen=True)
class LinkColumns:
    """Titles of the columns of a list of links.

    Parameters
    ----------
    unit, neighbour, weight : str
        Titles; the weight may be empty where every link counts one.
    """

    unit: str
    neighbour: str
    weight: str = ""


def read_edges(grid: Grid, columns: LinkColumns | None = None) -> Entries:
    """Return the links in a table of links.

    Parameters
    ----------
    grid : Grid
        A row per link, with a line of titles.
    columns : LinkColumns, optional
        Titles; by default the first two columns are the units, and the third or the one called weight their
        weight.

    Returns
    -------
    Entries
        Units in the order of their first link.

    Raises
    ------
    WeightsError
        If a title is missing, the column of weights cannot be told, or listing every row without a unit or
        a number.
    """
    bare = columns is None and without_titles(grid)
    titles = [f"column {j + 1}" if bare else label_of(c) for j, c in enumerate(grid.rows[0])]
    unit, neighbour, weight = _places(grid, titles, columns)
    links, problems = [], []
    for i, row in enumerate(grid.rows):
        if i == 0 and not bare:
            continue
        if all(is_blank(c) for c in row):
            continue
        pair = (label_of(row[unit]), label_of(row[neighbour]))
        for label, j in zip(pair, (unit, neighbour), strict=True):
            if not label:
                problems.append(_problem(grid, i, j, "no unit; write its name or code", ""))
        links.append((*pair, _weight(grid, row, i, weight, problems)))
    raise_problems(problems, grid.file, WeightsError)
    labels = list(dict.fromkeys(e for a, b, _ in links for e in (a, b)))
    return from_links(grid.file, links, labels, form="list of links")


def without_titles(grid: Grid) -> bool:
    """Return whether a list of links begins with a link: a number is its last cell, or its units come again.

    Parameters
    ----------
    grid : Grid
        A list of links of two columns or more.

    Returns
    -------
    bool
        False where the first line holds titles.
    """
    first, others = grid.rows[0], grid.rows[1:]
    if grid.width > 2:
        return not is_blank(first[-1]) and _is_number(first[-1])
    units = {label_of(c) for row in others for c in row}
    return any(label_of(c) in units for c in first)


def looks_like_links(grid: Grid) -> bool:
    """Return whether a table is a list of links rather than a matrix.

    Parameters
    ----------
    grid : Grid
        A table.

    Returns
    -------
    bool
        True for two to four columns of which the second holds names, or with far more rows than columns.
    """
    if not 2 <= grid.width <= 4:
        return False
    second = [row[1] for row in grid.rows[1:]]
    return len(grid.rows) > grid.width + 1 or any(not is_blank(c) and not _is_number(c) for c in second)


def _weight(grid: Grid, row: Sequence[Any], i: int, j: int | None, problems: list[CellProblem]) -> float:
    if j is None:
        return 1.0
    try:
        value = _weight_of(row[j])
    except ValueError as error:
        problems.append(_problem(grid, i, j, str(error), label_of(row[j])))
        return 0.0
    if value != value:
        problems.append(_problem(grid, i, j, "an empty cell; write the weight, or delete the row", ""))
        return 0.0
    return value


def _places(grid: Grid, titles: list[str], columns: LinkColumns | None) -> tuple[int, int, int | None]:
    if columns is not None:
        wanted = [columns.unit, columns.neighbour, *([columns.weight] if columns.weight else [])]
        absent = [title for title in wanted if title not in titles]
        if absent:
            raise WeightsError(
                f"{grid.file} has no column {absent[0]!r}.", expected=f"one of {', '.join(titles)}"
            )
        return (
            titles.index(wanted[0]),
            titles.index(wanted[1]),
            titles.index(wanted[2]) if wanted[2:] else None,
        )
    if len(titles) == 2:
        return 0, 1, None
    named = [j for j, title in enumerate(titles) if title.casefold() in WEIGHT_WORDS]
    if len(named) == 1 or len(titles) == 3:
        return 0, 1, named[0] if named else 2
    raise WeightsError(
        f"{grid.file} does not say which column holds the weights.",
        expected="columns unit, neighbour, weight",
        found=f"columns {', '.join(titles)}",
        remedy=f"say columns: [{titles[0]}, {titles[1] if titles[1:] else 'neighbour'}, ...]",
    )
