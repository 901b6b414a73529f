"""Effects: one row per regressor, columns for direct, indirect and total."""

from __future__ import annotations

import re

from shuyi.review.readers.cells import is_blank, is_range, parse_cell
from shuyi.review.readers.grid import Body
from shuyi.review.readers.layouts.draft import Draft
from shuyi.review.table import Column, Estimate
from shuyi.review.vocabulary import model_named, part_of, statistic_of

RUN_WORDS = (("short", r"short|短期"), ("long", r"long|长期"))
UNCERTAINTY = ("se", "t", "z", "p")
Place = tuple[str, str, str]
"""Column, kind of effect, and what the numbers are."""


def is_effects(body: Body) -> bool:
    """Return whether two or more columns are headed by kinds of effects.

    Parameters
    ----------
    body : Body
        Header and rows.

    Returns
    -------
    bool
    """
    return len({body.part(j) for j in range(1, body.width)} - {""}) >= 2


def read_effects(body: Body) -> tuple[list[Column], list[str]]:
    """Read a table of direct, indirect and total effects.

    Parameters
    ----------
    body : Body
        Header and rows; rows without numbers open a panel, whose heading names the model.

    Returns
    -------
    tuple
        Columns and what was left out.
    """
    places = _places(body)
    drafts: dict[str, Draft] = {}
    left_out: list[str] = []
    panel, term, group, run = "", "", "", ""
    for row, own in zip(body.rows, body.groups, strict=True):
        if own != group:
            group = panel = own
            run = ""
        filled = [j for j in places if j < len(row) and not is_blank(row[j])]
        if not filled:
            run = _run(row[0])
            panel, term = (panel if run else row[0] or panel), ""
            continue
        cells = {j: parse_cell(row[j]) for j in filled}
        if all(is_range(row[j]) for j in filled):
            left_out.append(f"{term}: {row[0] or row[filled[0]]}")
        elif any(c is not None and c.value is not None for c in cells.values()) and _opens(row[0], term):
            term = row[0] or term
            for j, cell in cells.items():
                if cell is not None and cell.value is not None and not places[j][2]:
                    draft = _draft(drafts, panel, places[j][0])
                    estimate = Estimate(cell.value, cell.beside, cell.stars)
                    draft.estimates.setdefault((_kind(places[j][1], run), term), estimate)
            _attach(drafts, panel, run, places, cells, term, left_out, only_roles=True)
        else:
            _attach(drafts, panel, run, places, cells, term, left_out, label=row[0])
    columns = [d.column(any("short" in k for k, _ in d.estimates)) for d in drafts.values()]
    return columns, list(dict.fromkeys(left_out))


def _run(heading: str) -> str:
    return next((run for run, words in RUN_WORDS if re.search(words, heading, re.I)), "")


def _kind(part: str, run: str) -> str:
    return f"{run}_{part}" if run and "_" not in part else part


def _opens(label: str, term: str) -> bool:
    """Return whether a row with numbers is a new regressor rather than errors of the last."""
    return not term or (bool(label) and statistic_of(label.strip("()[]")) not in UNCERTAINTY)


def _places(body: Body) -> dict[int, Place]:
    found: dict[int, Place] = {}
    part = ""
    for j in range(1, body.width):
        own = body.part(j)
        role = body.role(j) if body.role(j) in UNCERTAINTY else ""
        part = own or (part if role else "")
        if part:
            heading = body.heading(j)
            run = _run(heading)
            found[j] = (_model(body, j, found), f"{run}_{part}" if run else part, role)
    return found


def _model(body: Body, column: int, before: dict[int, Place]) -> str:
    kept = [
        h
        for h in body.header[column]
        if h and not part_of(h) and statistic_of(h) not in (*UNCERTAINTY, "coefficient")
    ]
    if not kept and body.role(column) in UNCERTAINTY and before:
        return before[max(before)][0]
    return " ".join(dict.fromkeys(kept))


def _draft(drafts: dict[str, Draft], panel: str, column: str) -> Draft:
    name = " ".join(filter(None, dict.fromkeys([panel, column]))) or "effects"
    return drafts.setdefault(name, Draft(name, model_named(name)))


def _attach(
    drafts: dict[str, Draft],
    panel: str,
    run: str,
    places: dict[int, Place],
    cells: dict,
    term: str,
    left_out: list[str],
    label: str = "",
    only_roles: bool = False,
) -> None:
    named = statistic_of(label.strip("()[]"))
    for j, cell in cells.items():
        column, part, role = places[j]
        if cell is None or (only_roles and not role):
            continue
        beside = cell.value if role and cell.value is not None else cell.beside or cell.value
        kind = role or (named if named in UNCERTAINTY else "")
        if beside is not None and not _draft(drafts, panel, column).attach(
            (_kind(part, run), term), beside, kind, cell.stars
        ):
            left_out.append(f"{term}: {label or beside.text}")
