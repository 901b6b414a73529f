"""Models side by side: one row per regressor, one column per model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shuyi.review.numbers import Number
from shuyi.review.readers.cells import Cell, is_blank, is_range, parse_cell
from shuyi.review.readers.grid import Body
from shuyi.review.readers.layouts.draft import COUNTS, NUMBERS, Draft
from shuyi.review.table import Column, Effect, Estimate, PrintedTest
from shuyi.review.vocabulary import (
    SINGLE_NAMES,
    TESTS,
    distribution_of,
    kind_of_test,
    match,
    model_named,
    row_of,
    section_of,
    statistic_of,
)

UNCERTAINTY = ("se", "t", "z", "p")
NO_ESTIMATE = "detectable"
"""Role of a column that says what an estimate could have been, and holds none."""
RESET = re.compile(r"^panel\b|^面板", re.IGNORECASE)
WEIGHTS_ROW = re.compile(r"^(?:spatial )?weights?(?: matrix)?$|^w$|^(?:空间)?权重(?:矩阵)?$", re.IGNORECASE)


@dataclass
class Reading:
    """State while rows are read from top to bottom.

    Parameters
    ----------
    drafts : dict of int to Draft
        By position of the column that holds its coefficients.
    roles : dict of int to (int, str)
        For columns of errors: the position of the coefficients and what they are.
    equations : dict of int to str
        Equation that a column holds, where a model takes several columns.
    tests : list of PrintedTest
        Tests printed as rows.
    left_out : list of str
        What was not understood.
    weights : list of str
        Cells of a row that names the weights.
    section : str
        Section that is open.
    last : dict of int to (str, str)
        Kind and name of the latest row of estimates, by column.
    last_tests : dict of int to int
        Positions of the tests of the latest row, by column.
    """

    drafts: dict[int, Draft]
    roles: dict[int, tuple[int, str]] = field(default_factory=dict)
    equations: dict[int, str] = field(default_factory=dict)
    tests: list[PrintedTest] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    weights: list[str] = field(default_factory=list)
    section: str = ""
    last: dict[int, tuple[str, str]] = field(default_factory=dict)
    last_tests: dict[int, int] = field(default_factory=dict)


def read_models(body: Body) -> tuple[list[Column], list[PrintedTest], list[str], list[str]]:
    """Read a table of models side by side.

    Parameters
    ----------
    body : Body
        Header and rows.

    Returns
    -------
    tuple
        Columns, loose tests, what was left out, and names of weights.
    """
    reading = _start(body)
    group = ""
    for row, own in zip(body.rows, body.groups, strict=True):
        if own != group:
            group, reading.section = own, section_of(own)
        _read_row(reading, row)
    is_dynamic = any(kind.startswith("short") for d in reading.drafts.values() for kind, _ in d.estimates)
    drafts = {id(d): d for d in reading.drafts.values()}
    columns = [d.column(is_dynamic) for d in drafts.values() if d.estimates or d.numbers]
    headings = {h.lower() for stack in body.header[1:] for h in stack}
    settled = [_settle(c, {n for other in columns for n in other.b}, headings) for c in columns]
    return settled, reading.tests, reading.left_out, reading.weights


def _start(body: Body) -> Reading:
    roles = {j: body.role(j) for j in range(1, body.width)}
    with_errors = "coefficient" in roles.values() and any(r in UNCERTAINTY for r in roles.values())
    drafts: dict[int, Draft] = {}
    errors: dict[int, tuple[int, str]] = {}
    equations = _equations(body)
    for j in range(1, body.width):
        if with_errors and roles[j] in UNCERTAINTY and drafts:
            errors[j] = (max(drafts), roles[j])
        elif roles[j] == NO_ESTIMATE:
            continue
        elif equations.get(j, "b") != "b" and drafts:
            drafts[j] = drafts[max(drafts)]
        else:
            name = _name(body, j, with_errors)
            drafts[j] = Draft(name or str(len(drafts) + 1), model_named(name))
    return Reading(drafts, errors, equations)


def _equations(body: Body) -> dict[int, str]:
    """Return the equation of each column where a model takes several, as outreg2 prints them."""
    found = {}
    for j in range(1, body.width):
        sections = [s for h in body.header[j] if (s := section_of(h))]
        if sections:
            found[j] = sections[-1]
    return found if "b" in found.values() and len(set(found.values())) > 1 else {}


def _name(body: Body, column: int, with_errors: bool) -> str:
    stack = body.header[column]
    kept = [h for h in stack if h and not (with_errors and statistic_of(h) == "coefficient")]
    return " ".join(dict.fromkeys(kept))


def _read_row(reading: Reading, row: Sequence[str]) -> None:
    label, cells = row[0], {j: row[j] for j in range(1, len(row)) if not is_blank(row[j])}
    if not cells:
        _open_section(reading, label)
        return
    parsed = {j: parse_cell(text) for j, text in cells.items()}
    if WEIGHTS_ROW.match(label) and all(p is None for p in parsed.values()):
        reading.weights.extend(dict.fromkeys(cells.values()))
        return
    if _continues(reading, label, parsed):
        _attach(reading, label, parsed)
        return
    for j, text in cells.items():
        if parsed[j] is None and not is_range(text) and any(p is not None for p in parsed.values()):
            reading.left_out.append(f"{label}: {text}"[:80])
    found = {j: p for j, p in parsed.items() if p is not None}
    if not found:
        if label:
            reading.left_out.append(label[:80])
    elif TESTS.search(label) and not match(label, SINGLE_NAMES):
        _add_tests(reading, label, found)
    else:
        _add_estimates(reading, label, found)


def _open_section(reading: Reading, label: str) -> None:
    section = section_of(label)
    if section == "singles" or (not section and RESET.match(label)):
        reading.section = ""
    elif section:
        reading.section = section
    reading.last, reading.last_tests = {}, {}


def _continues(reading: Reading, label: str, parsed: dict[int, Cell | None]) -> bool:
    """Return whether a row holds what stands beside the row above."""
    if not reading.last and not reading.last_tests:
        return False
    known = [p for p in parsed.values() if p is not None]
    if known and all(p.value is None for p in known):
        return True
    return not reading.roles and statistic_of(label) in UNCERTAINTY and not match(label, SINGLE_NAMES)


def _attach(reading: Reading, label: str, parsed: dict[int, Cell | None]) -> None:
    kind = statistic_of(label.strip("()[]"))
    kind = kind if kind in UNCERTAINTY else ""
    ignored = []
    for j, cell in parsed.items():
        beside = None if cell is None else cell.beside or cell.value
        if cell is None or beside is None:
            continue
        if j in reading.last_tests:
            at = reading.last_tests[j]
            if reading.tests[at].p is None and 0 <= beside.value <= 1:
                reading.tests[at] = replace(reading.tests[at], p=beside)
        elif j in reading.last and not reading.drafts[j].attach(reading.last[j], beside, kind, cell.stars):
            ignored.append(beside.text)
    if ignored:
        reading.left_out.append(f"{label or '(second row of numbers)'}: {', '.join(ignored[:4])}")


def _add_tests(reading: Reading, label: str, found: dict[int, Cell]) -> None:
    reading.last, reading.last_tests = {}, {}
    kind, distribution = kind_of_test(label), distribution_of(label)
    several = len(reading.drafts) > 1
    for j, cell in found.items():
        if cell.value is not None and j in reading.drafts:
            name = reading.drafts[j].name if several else ""
            stars = cell.stars or None
            test = PrintedTest(label, cell.value, cell.beside, None, stars, distribution, kind, name)
            reading.last_tests[j] = len(reading.tests)
            reading.tests.append(test)
    reading.tests = _starred(reading.tests, label)


def _starred(tests: list[PrintedTest], label: str) -> list[PrintedTest]:
    """Give tests without stars zero of them where others of the same row have some."""
    if not any(t.stars for t in tests if t.name == label):
        return tests
    return [replace(t, stars=t.stars or 0) if t.name == label else t for t in tests]


def _add_estimates(reading: Reading, label: str, found: dict[int, Cell]) -> None:
    reading.last, reading.last_tests = {}, {}
    for j, cell in found.items():
        if j in reading.drafts and cell.value is not None:
            _add_estimate(reading, j, label, cell, cell.value)
    for j, cell in found.items():
        at, kind = reading.roles.get(j, (0, ""))
        beside = cell.value or cell.beside
        if at in reading.last and beside is not None:
            reading.drafts[at].attach(reading.last[at], beside, kind, cell.stars)


def _add_estimate(reading: Reading, column: int, label: str, cell: Cell, value: Number) -> None:
    row, draft = row_of(label, reading.equations.get(column, reading.section)), reading.drafts[column]
    if row.kind in NUMBERS or row.kind in COUNTS:
        draft.numbers[row.kind] = value
        draft.r2_label = label if row.kind == "r2" else draft.r2_label
    elif (row.kind, row.name) in draft.estimates:
        reading.left_out.append(f"{label}: {value.text} (a second row of this name)")
    else:
        reading.last[column] = (row.kind, row.name)
        draft.estimates[row.kind, row.name] = Estimate(value, cell.beside, cell.stars)


def _settle(column: Column, regressors: set[str], headings: set[str]) -> Column:
    """Read the spatial lag of the outcome as rho; give nameless effects the name of the only regressor."""
    own = [name for name in column.theta if name.lower() in headings and name not in regressors]
    if column.rho is None and len(own) == 1:
        theta = {name: e for name, e in column.theta.items() if name != own[0]}
        column = replace(column, rho=column.theta[own[0]], theta=theta)
    if len(column.b) == 1:
        only = next(iter(column.b))
        runs: dict[str, Any] = {
            run: _renamed(getattr(column, run), only) for run in ("effects", "short", "long")
        }
        column = replace(column, **runs)
    return column


def _renamed(effects: Mapping[str, Effect], only: str) -> dict[str, Effect]:
    return {name or only: effect for name, effect in effects.items()}
