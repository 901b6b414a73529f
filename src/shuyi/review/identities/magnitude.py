"""Remarks on jumps of magnitude, which may be a shifted decimal point."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

from shuyi.review.findings import Check, Verdict
from shuyi.review.numbers import short
from shuyi.review.table import PrintedTable, estimates

JUMP = 8.0
"""Ratio to the median of the row's other columns from which on a shifted digit is thought of."""
CALM = 3.0
"""Largest ratio among the other columns themselves."""
FEWEST = 4
"""Columns that a row needs."""


def magnitude_jumps(table: PrintedTable) -> Iterator[Check]:
    """Remark standard errors and coefficients that are about ten times those of the same row's other columns.

    No identity is broken: models differ. Errors of one regressor rarely differ tenfold between columns,
    though.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    rows: dict[str, list[tuple[str, float, str]]] = {}
    for column in table.columns:
        for name, estimate in estimates(column):
            if (
                estimate.beside is not None
                and (estimate.kind or table.beside) == "se"
                and estimate.beside.value > 0
            ):
                rows.setdefault(name, []).append((column.name, estimate.beside.value, estimate.beside.text))
    for name, cells in rows.items():
        if len(cells) >= FEWEST:
            yield from _jumps(name, cells)


def _jumps(name: str, cells: list[tuple[str, float, str]]) -> Iterator[Check]:
    for column, value, text in cells:
        others = [v for c, v, _ in cells if c != column]
        if not others or max(others) > CALM * min(others):
            continue
        ratio = value / median(others)
        if abs(math.log10(ratio)) > math.log10(JUMP):
            yield Check("M1", f"{column}: {name}", Verdict.CANNOT_TELL, text, f"≈ {short(median(others), 2)}")
