"""Identities of spatial parameters: where rho may lie, and when a dynamic model is stable."""

from __future__ import annotations

from collections.abc import Iterator

from shuyi.review.findings import Check, Verdict
from shuyi.review.intervals import Interval
from shuyi.review.numbers import short, span
from shuyi.review.table import Column, Estimate, PrintedTable
from shuyi.review.usual_weights import LEAST_BINDING, SMALLEST_EIGENVALUE, usual_weights


def admissible(table: PrintedTable) -> Iterator[Check]:
    """Check that rho and lambda lie in (1/w_min, 1/w_max).

    I - rho W is singular at the inverse of every real eigenvalue of W; w_max = 1 where rows sum to one, and
    w_min >= -1, so (-1, 1) is always admissible (LeSage and Pace 2009, section 4.3.2). Below -1 it depends on
    w_min: that of the given weights, or of the usual weights of the 31 provinces.

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
        for name, estimate in (("rho", column.rho), ("lambda", column.lam)):
            if estimate is not None:
                yield _admissible(table, column, name, estimate)


def _admissible(table: PrintedTable, column: Column, name: str, estimate: Estimate) -> Check:
    rho, place = estimate.value.interval, f"{column.name}: {name}"
    w_min, source = known_minimum(table, column)
    lower = 1 / w_min if w_min else -1.0
    figures = {"w_min": short(w_min)} | ({"W": source} if source else {}) if w_min else {}
    text = f"({short(lower)}, 1)"
    if rho.meets(Interval(lower, 1.0)):
        return Check("G1", place, Verdict.HOLDS, estimate.value.text, text, figures)
    if table.row_standardised is False and not table.w_min:
        return Check(
            "G1", place, Verdict.CANNOT_TELL, estimate.value.text, text, figures, "not_row_standardised"
        )
    if rho.high < -1 and not w_min:
        needed = {"w_min": f"> {short(1 / rho.high)}"}
        return Check("G1", place, Verdict.CANNOT_TELL, estimate.value.text, text, needed, "w_min_unknown")
    if table.w_min is None and source and rho.high < 0 and rho.high >= 1 / LEAST_BINDING.get(source, -1e-9):
        return Check("G1", place, Verdict.CANNOT_TELL, estimate.value.text, text, figures, "weights_by_name")
    return Check("G1", place, Verdict.FAILS, estimate.value.text, text, figures)


def known_minimum(table: PrintedTable, column: Column) -> tuple[float | None, str]:
    """Return the smallest eigenvalue of the weights of a column and where it is from, or None.

    Parameters
    ----------
    table : PrintedTable
        Names its weights, or gives their smallest eigenvalue.
    column : Column
        May have its own number of units.

    Returns
    -------
    tuple[float or None, str]
    """
    if table.w_min is not None:
        return table.w_min, table.weights
    kind = usual_weights(table.weights, column.n or table.n)
    return (SMALLEST_EIGENVALUE[kind], kind) if kind else (None, "")


def stable(table: PrintedTable) -> Iterator[Check]:
    """Check tau + rho + eta < 1 in a dynamic model whose long-run effects are printed.

    The largest eigenvalue of (I - rho W)^{-1}(tau I + eta W) for a row-standardised W is (tau + eta)/(1 -
    rho); it is below one if tau + rho + eta < 1 (Elhorst 2014, section 4.4). Without stability there is no
    long run.

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
        if not column.is_dynamic or column.rho is None:
            continue
        total = Interval(0.0, 0.0)
        for estimate in (column.tau, column.rho, column.eta):
            if estimate is not None:
                total = total + estimate.value.interval
        if total.low < 1:
            verdict = Verdict.HOLDS if total.high < 1 else Verdict.ROUNDING
        else:
            verdict = Verdict.FAILS if column.long else Verdict.CANNOT_TELL
        reason = "" if verdict is not Verdict.CANNOT_TELL else "unstable"
        yield Check("G2", column.name, verdict, f"tau + rho + eta = {span(total)}", "< 1", reason=reason)
