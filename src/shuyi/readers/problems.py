"""What is wrong in a file, cell by cell, and the one message that lists it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shuyi.errors import DataError, ShuyiError, offenders

LISTED = 40
"""Kinds of problems that a message lists; the rest are counted."""

CELLS_NAMED = 4
"""Further cells that are named for one kind of problem."""


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One thing that a reader cannot read.

    Parameters
    ----------
    file : str
        Name of the file as the user gave it.
    sheet : str
        Sheet of a workbook; empty for files without sheets.
    cell : str
        Cell such as ``C5`` (column and line); empty where the whole file or sheet is meant.
    found : str
        What is wrong; the same words for the same fault, so that cells can be listed together.
    remedy : str
        What to write instead.
    raw : str
        What stands in the cell.
    """

    file: str
    sheet: str
    cell: str
    found: str
    remedy: str = ""
    raw: str = ""

    @property
    def fault(self) -> tuple[str, ...]:
        """What cells have in common that are listed together: place, column, fault and remedy."""
        return self.file, self.sheet, self.cell.rstrip("0123456789"), self.found, self.remedy

    def __str__(self) -> str:
        return _listed([self])


def _listed(problems: Sequence[CellProblem]) -> str:
    """Return one line for cells with one fault: where they are, what stands there, what to write."""
    first = problems[0]
    places = [first.file]
    places += [f"sheet {first.sheet!r}"] if first.sheet else []
    line = "".join(c for c in first.cell if c.isdigit())
    if line:
        more = f" (and {offenders([p.cell for p in problems[1:]], CELLS_NAMED)})" if problems[1:] else ""
        places.append(f"line {line}, cell {first.cell}{more}")
    elif first.cell:
        places.append(first.cell)
    raw = offenders(dict.fromkeys(repr(p.raw) for p in problems if p.raw), CELLS_NAMED)
    found = f"{raw} is {first.found}" if raw else first.found
    return f"{', '.join(places)}: {found}{f'; {first.remedy}' if first.remedy else ''}"


def raise_problems(problems: Sequence[CellProblem], what: str, error: type[ShuyiError] = DataError) -> None:
    """Raise one error that lists every problem, if there is any.

    Parameters
    ----------
    problems : sequence of CellProblem
        In the order of the file.
    what : str
        What could not be read, as in ``{what} cannot be read: 3 problems.``
    error : type
        Class of the error.

    Raises
    ------
    ShuyiError
        Of the class asked for.
    """
    if not problems:
        return
    groups: dict[tuple[str, ...], list[CellProblem]] = {}
    for problem in problems:
        groups.setdefault(problem.fault, []).append(problem)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = [f"  {number}. {_listed(some)}" for number, some in enumerate(list(groups.values())[:LISTED], 1)]
    if len(groups) > LISTED:
        lines.append(f"  and {len(groups) - LISTED} more kinds")
    raise error("\n".join([f"{what} cannot be read: {count}; nothing was written.", *lines]))
