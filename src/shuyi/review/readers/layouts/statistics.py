"""Tables of tests, of Moran's I by year, and of weights of an index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from shuyi.review.numbers import Number, parse_number
from shuyi.review.readers.cells import Cell, is_blank, parse_cell
from shuyi.review.readers.grid import YEAR, Body, has_years, split_heading
from shuyi.review.table import IndexWeight, MoranRow, PrintedTest
from shuyi.review.vocabulary import TESTS, distribution_of, kind_of_test, statistic_of

WEIGHT_IN_HEADING = re.compile(
    r"^(?P<name>.*?)\s*[(（\[]\s*(?:weight|权重)?\s*[:：=]?\s*(?P<weight>0?\.\d+)\s*[)）\]]$", re.I
)
SUMS = re.compile(r"^(?:sum|total|合计|总计)$", re.IGNORECASE)
MORAN = re.compile(r"moran|莫兰", re.IGNORECASE)


def is_tests(body: Body) -> bool:
    """Return whether a table lists tests with statistics and p-values in columns.

    Parameters
    ----------
    body : Body
        Header and rows.

    Returns
    -------
    bool
    """
    roles = {body.role(j) for j in range(1, body.width)}
    named = sum(bool(TESTS.search(row[0])) for row in body.rows)
    return bool(roles & {"statistic", "p", "df"}) and named >= max(1, len(body.rows) // 3)


def read_tests(body: Body) -> tuple[list[PrintedTest], list[str]]:
    """Read a table of tests.

    Parameters
    ----------
    body : Body
        Header and rows.

    Returns
    -------
    tuple
        Tests and what was left out.
    """
    roles = {j: body.role(j) for j in range(1, body.width)}
    columns = _columns_of_tests(body, roles)
    tests: list[PrintedTest] = []
    left_out: list[str] = []
    for row in body.rows:
        if not any(not is_blank(c) for c in row[1:]):
            continue
        if not row[0] and tests:
            _p_below(tests, row, columns)
            continue
        found = [_test(row, positions, heading) for heading, positions in columns.items()]
        tests += [t for t in found if t is not None]
        if not any(found):
            left_out.append(row[0])
    starred = any(t.stars for t in tests)
    return [t if starred else replace(t, stars=None) for t in tests], left_out


def _columns_of_tests(body: Body, roles: dict[int, str]) -> dict[str, dict[str, int]]:
    """Return positions by role for each model that has tests of its own."""
    columns: dict[str, dict[str, int]] = {}
    for j, role in roles.items():
        if role not in ("statistic", "p", "df", "distribution"):
            continue
        kept = [h for h in body.header[j] if h and not statistic_of(h)]
        name = " ".join(dict.fromkeys(kept))
        while role in columns.get(name, {}):
            name += "'"
        columns.setdefault(name, {})[role] = j
    if not any("statistic" in c for c in columns.values()):
        free = [j for j in range(1, body.width) if not roles[j]]
        for name, found in zip(list(columns), free, strict=False):
            columns[name]["statistic"] = found
    return columns


def _test(row: Sequence[str], positions: dict[str, int], heading: str) -> PrintedTest | None:
    cell = parse_cell(row[positions["statistic"]]) if "statistic" in positions else None
    if cell is None or cell.value is None:
        return None
    p = _number(row, positions.get("p")) or cell.beside
    df = _number(row, positions.get("df"))
    stated = row[positions["distribution"]] if "distribution" in positions else ""
    whole = int(df.value) if df is not None and df.value == int(df.value) and df.value >= 1 else None
    distribution = distribution_of(row[0], stated)
    return PrintedTest(
        row[0], cell.value, p, whole, cell.stars, distribution, kind_of_test(row[0]), heading.strip("'")
    )


def _p_below(tests: list[PrintedTest], row: Sequence[str], columns: dict[str, dict[str, int]]) -> None:
    latest = len(tests) - len(columns)
    for at, positions in enumerate(columns.values()):
        cell = parse_cell(row[positions["statistic"]]) if "statistic" in positions else None
        if cell is not None and cell.beside is not None and latest + at >= 0 and tests[latest + at].p is None:
            tests[latest + at] = replace(tests[latest + at], p=cell.beside)


def is_moran(body: Body) -> bool:
    """Return whether a table lists Moran's I by year, years in rows or in columns.

    Parameters
    ----------
    body : Body
        Header and rows.

    Returns
    -------
    bool
    """
    roles = [body.role(j) for j in range(1, body.width)]
    named = MORAN.search(body.title + " ".join(body.heading(j) for j in range(body.width)))
    labels = [row[0] for row in body.rows]
    if has_years(labels):
        return "I" in roles and (bool({"z", "p", "sd"} & set(roles)) or named is not None)
    return is_transposed_moran(body)


def is_transposed_moran(body: Body) -> bool:
    """Return whether years head the columns and the rows are Moran's I and its statistics.

    Parameters
    ----------
    body : Body
        Header and rows.

    Returns
    -------
    bool
    """
    labels = {statistic_of(row[0]) for row in body.rows}
    return (
        has_years(body.heading(j) for j in range(1, body.width))
        and "I" in labels
        and bool(labels & {"z", "p", "sd"})
    )


def transposed(body: Body) -> Body:
    """Return a table of years in columns as one of years in rows.

    Parameters
    ----------
    body : Body
        Header and rows.

    Returns
    -------
    Body
    """
    header = (("",), *((row[0],) for row in body.rows))
    rows = tuple(
        (body.heading(j), *(row[j] for row in body.rows))
        for j in range(1, body.width)
        if YEAR.search(body.heading(j))
    )
    return Body(header, rows, ("",) * len(rows), body.title, body.notes, body.source)


def read_moran(body: Body, beside: str = "") -> list[MoranRow]:
    """Read Moran's I by year.

    Parameters
    ----------
    body : Body
        Header and rows, years in rows.
    beside : str
        What numbers in parentheses are, from the notes.

    Returns
    -------
    list of MoranRow
        Grouped by the table's groups and what the headings add to the names of the statistics.
    """
    rows: list[MoranRow] = []
    seen: set[tuple[str, str]] = set()
    columns = _moran_columns(body)
    for cells, group in zip(body.rows, body.groups, strict=True):
        if not YEAR.fullmatch(cells[0]):
            continue
        for name, positions in columns.items():
            found = parse_cell(cells[positions["I"]]) if "I" in positions else None
            if found is None or found.value is None:
                continue
            z, p = _number(cells, positions.get("z")), _number(cells, positions.get("p"))
            if found.beside is not None:
                z = found.beside if beside in ("z", "t") and z is None else z
                p = found.beside if beside == "p" and p is None else p
            sd, expected = _number(cells, positions.get("sd")), _number(cells, positions.get("expected"))
            whole = " / ".join(filter(None, [group, name]))
            while (whole, cells[0]) in seen:
                whole += "'"
            seen.add((whole, cells[0]))
            rows.append(MoranRow(whole, cells[0], found.value, z, sd, expected, p, found.stars))
    return rows


def _moran_columns(body: Body) -> dict[str, dict[str, int]]:
    columns: dict[str, dict[str, int]] = {}
    current = ""
    for j in range(1, body.width):
        role = body.role(j)
        if role not in ("I", "z", "p", "sd", "expected"):
            continue
        stack = [h for h in body.header[j] if h]
        upper = [*stack[:-1], split_heading(stack[-1])[0]] if stack else []
        name = " ".join(dict.fromkeys(filter(None, upper)))
        current = name if name or role != "I" else ""
        for number in range(2, body.width):
            if role not in columns.get(current, {}):
                break
            current = f"{name} ({number})".strip()
        columns.setdefault(current, {})[role] = j
    return columns


def is_index(body: Body) -> bool:
    """Return whether a table lists the weights of an index.

    Parameters
    ----------
    body : Body
        Header and rows.

    Returns
    -------
    bool
    """
    roles = [body.role(j) for j in range(1, body.width)]
    numeric = sum(parse_cell(row[-1]) is not None for row in body.rows)
    return "weight" in roles and numeric > 1


def read_index(body: Body) -> tuple[list[IndexWeight], dict[str, Number]]:
    """Read weights of an index, and of its dimensions where headings carry them.

    Parameters
    ----------
    body : Body
        Header and rows.

    Returns
    -------
    tuple
        Weights of indicators, and of dimensions by name.
    """
    at = {body.role(j): j for j in range(1, body.width)}
    texts = [j for j in range(body.width) if j < at["weight"] and _is_text(body, j)]
    dimensions: dict[str, Number] = {}
    rows, dimension = [], ""
    for cells, group in zip(body.rows, body.groups, strict=True):
        weight = _cell(cells, at["weight"])
        heading = group or (cells[0] if len(texts) > 1 or weight is None else "")
        if heading:
            dimension = _dimension(heading, dimensions)
        if weight is None or weight.value is None:
            continue
        indicator = cells[texts[1]] if len(texts) > 1 and not group else cells[0]
        if not SUMS.match(indicator):
            rows.append(IndexWeight(indicator, weight.value, _number(cells, at.get("entropy")), dimension))
    return rows, dimensions


def _dimension(heading: str, dimensions: dict[str, Number]) -> str:
    match = WEIGHT_IN_HEADING.match(heading)
    if match is None:
        return heading
    found = parse_number(match["weight"])
    if found is not None:
        dimensions.setdefault(match["name"], found)
    return match["name"]


def _is_text(body: Body, column: int) -> bool:
    cells = [row[column] for row in body.rows if not is_blank(row[column])]
    return bool(cells) and sum(len(c) > 2 and parse_cell(c) is None for c in cells) > len(cells) / 2


def _cell(row: Sequence[str], position: int | None) -> Cell | None:
    return None if position is None or is_blank(row[position]) else parse_cell(row[position])


def _number(row: Sequence[str], position: int | None) -> Number | None:
    cell = _cell(row, position)
    return None if cell is None else cell.value or cell.beside
