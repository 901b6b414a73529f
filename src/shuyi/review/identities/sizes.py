"""Identities of observations, units, periods and R squared."""

from __future__ import annotations

from collections.abc import Iterator

from shuyi.review.findings import Check, Verdict
from shuyi.review.table import PrintedTable

ADJUSTED = ("adj", "pseudo", "mcfadden", "调整", "修正", "伪")
"""Words in the label of an R squared that may be negative."""
MOST_LAGS = 3
"""Periods that lags or differences may cost a static model."""


def observations(table: PrintedTable) -> Iterator[Check]:
    """Check N = n T, or N = n (T - 1) where a lag in time conditions on the first period.

    A balanced panel has n T rows; fewer come from gaps, lags or differences, more from nothing.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    seen = set()
    for column in table.columns:
        n, T, N = column.n or table.n, column.T or table.T, column.N or table.N
        if not (n and T and N) or (n, T, N, column.is_dynamic) in seen:
            continue
        seen.add((n, T, N, column.is_dynamic))
        yield _observations(column.name, n, T, N, column.is_dynamic, table.balanced)
    if not table.columns and table.n and table.T and table.N:
        yield _observations(table.id, table.n, table.T, table.N, dynamic=False, balanced=table.balanced)


def _observations(place: str, n: int, T: int, N: int, dynamic: bool, balanced: bool) -> Check:
    figures = {"n": str(n), "T": str(T)}
    lost = [k for k in range(1, MOST_LAGS + 1) if n * (T - k) == N]
    if dynamic:
        if n * (T - 1) == N:
            return Check("E3", place, Verdict.HOLDS, str(N), f"n(T-1) = {n * (T - 1)}", figures)
        if n * T == N:
            return Check(
                "E3", place, Verdict.CANNOT_TELL, str(N), f"n(T-1) = {n * (T - 1)}", figures, "first_period"
            )
    if n * T == N:
        return Check("E1", place, Verdict.HOLDS, str(N), f"nT = {n * T}", figures)
    if lost or (not balanced and n * T > N):
        return Check("E1", place, Verdict.CANNOT_TELL, str(N), f"nT = {n * T}", figures, "fewer_periods")
    return Check("E1", place, Verdict.FAILS, str(N), f"nT = {n * T}", figures)


def r_squared(table: PrintedTable) -> Iterator[Check]:
    """Check 0 <= R2 <= 1: shares of variance and squared correlations lie there.

    Adjusted and pseudo R squared may be negative, never above one.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for column in table.columns:
        if column.r2 is None:
            continue
        found, reason = column.r2.interval, ""
        verdict = Verdict.HOLDS
        if found.low > 1 or found.high < 0:
            verdict = Verdict.FAILS
        if found.high < 0 and any(word in column.r2_label.lower() for word in ADJUSTED):
            verdict, reason = Verdict.CANNOT_TELL, "adjusted"
        yield Check("E2", column.name, verdict, column.r2.text, "0 … 1", reason=reason)
