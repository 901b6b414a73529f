"""Identities of coefficients, their errors and their stars."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from shuyi.review.distributions import normal_critical, normal_tail, t_critical, t_tail
from shuyi.review.findings import Check, Verdict
from shuyi.review.intervals import Interval
from shuyi.review.numbers import span
from shuyi.review.table import Estimate, PrintedTable, estimates

SCHEMES = ((0.1, 0.05, 0.01), (0.05, 0.01, 0.001), (0.1, 0.05, 0.01, 0.001), (0.1, 0.05, 0.001))
"""Levels of one, two, three stars, tried in turn where the table does not state its own."""
FEWEST_DF = 30
"""Degrees of freedom of the largest t thresholds, where the number of units is not printed."""
MISREAD, CLEARLY_FEWER = 3, 4
"""A label is doubted from this many impossible stars on, if another reading has so many times fewer."""
NONE_ALLOWED = (0, -1)
"""No number of stars is possible: the number in parentheses cannot be what it is read as."""


def smallest_df(table: PrintedTable) -> int:
    """Return the fewest degrees of freedom that a t test of the table may have: clusters less one.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Returns
    -------
    int
    """
    clusters = table.n or min((c.n for c in table.columns if c.n), default=FEWEST_DF + 1)
    return max(3, min(FEWEST_DF, clusters - 1))


def t_statistic(estimate: Estimate, kind: str) -> Interval | None:
    """Return the absolute t statistics that a printed estimate allows.

    Parameters
    ----------
    estimate : Estimate
        Coefficient and number in parentheses.
    kind : {"se", "t", "z"}
        What the parentheses hold.

    Returns
    -------
    Interval or None
        ``|b / se|`` or ``|t|``; None without a number in parentheses or with one below zero as an error.
    """
    if estimate.beside is None:
        return None
    beside = estimate.beside.interval
    if kind in ("t", "z"):
        return beside.size
    if beside.high <= 0:
        return None
    size, low = estimate.value.interval.size, max(beside.low, 0.0)
    return Interval(size.low / beside.high, size.high / low if low else math.inf)


def allowed_stars(estimate: Estimate, kind: str, levels: Sequence[float], df: int) -> tuple[int, int] | None:
    """Return the fewest and the most stars that an estimate may carry.

    Parameters
    ----------
    estimate : Estimate
        Coefficient and number in parentheses.
    kind : {"se", "t", "z", "p"}
        What the parentheses hold.
    levels : sequence of float
        Levels of one, two, three stars.
    df : int
        Fewest degrees of freedom: critical values lie between the normal ones and those of t(df).

    Returns
    -------
    tuple of int or None
        None where the parentheses hold nothing that could be tested.
    """
    if estimate.beside is None:
        return None
    if kind == "p":
        p = estimate.beside.interval
        if p.low > 1:
            return NONE_ALLOWED
        return sum(p.high < level for level in levels), sum(p.low <= level for level in levels)
    t = t_statistic(estimate, kind)
    if t is None:
        return NONE_ALLOWED if kind == "se" and estimate.beside.interval.high < 0 else None
    fewest = sum(t.low > t_critical(level, df) for level in levels)
    return fewest, sum(t.high >= normal_critical(level) for level in levels)


def impossible(rows: Sequence[Estimate], beside: str, levels: Sequence[float], df: int) -> int:
    """Count the estimates whose stars no value in the printed intervals allows.

    Parameters
    ----------
    rows : sequence of Estimate
        Estimates with stars.
    beside : str
        Reading of the parentheses, where an estimate has none of its own.
    levels : sequence of float
        Levels of one, two, three stars.
    df : int
        Fewest degrees of freedom.

    Returns
    -------
    int
    """
    return sum(not _possible(e, e.kind or beside, levels, df) for e in rows)


def _possible(estimate: Estimate, kind: str, levels: Sequence[float], df: int) -> bool:
    allowed = allowed_stars(estimate, kind, levels, df)
    return allowed is None or estimate.stars is None or allowed[0] <= estimate.stars <= allowed[1]


def starred(table: PrintedTable) -> list[tuple[str, Estimate]]:
    """Return the estimates whose stars can be tested, with their places.

    Parameters
    ----------
    table : PrintedTable
        The printed table; without any star in it there is nothing to test.

    Returns
    -------
    list[tuple[str, Estimate]]
    """
    rows = [
        (f"{column.name}: {name}", e)
        for column in table.columns
        for name, e in estimates(column)
        if e.stars is not None and e.beside is not None
    ]
    return rows if any(e.stars for _, e in rows) else []


def best_levels(table: PrintedTable, rows: Sequence[Estimate], beside: str) -> tuple[float, ...]:
    """Return the levels of the stars that explain most of them under a reading of the parentheses.

    Parameters
    ----------
    table : PrintedTable
        States its levels, or not.
    rows : sequence of Estimate
        Estimates with stars.
    beside : str
        Reading of the parentheses.

    Returns
    -------
    tuple[float, ...]
    """
    df = smallest_df(table)
    tried = (table.stars,) if table.stars else SCHEMES
    return min(tried, key=lambda levels: impossible(rows, beside, levels, df))


def read_parentheses(table: PrintedTable) -> tuple[PrintedTable, tuple[Check, ...]]:
    """Settle what the parentheses hold: as labelled, unless another reading explains the stars far better.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Returns
    -------
    tuple
        The table with ``beside`` and ``stars`` settled, and the check of the label.
    """
    rows = [e for _, e in starred(table)]
    plain = [e for e in rows if not e.kind]
    if not rows:
        return table, ()
    df = smallest_df(table)
    counts = {}
    for kind in ("se", "t", "p"):
        levels = best_levels(table, rows, kind)
        counts[kind] = (impossible(rows, kind, levels, df) + (_signs(plain) if kind == "t" else 0), levels)
    labelled = "t" if table.beside == "z" else table.beside
    best = min(counts, key=lambda kind: counts[kind][0])
    figures = {kind: f"{count} of {len(rows)}" for kind, (count, _) in counts.items()}
    if not labelled:
        return _without_label(table, plain, best, counts, figures)
    failures = counts[labelled][0]
    if best != labelled and failures >= MISREAD and failures >= CLEARLY_FEWER * max(1, counts[best][0]):
        check = Check("B4", table.id, Verdict.FAILS, table.beside, best, figures, f"holds_{best}")
        return replace(table, beside=best, stars=counts[best][1]), (check,)
    return replace(table, stars=counts[labelled][1]), (
        Check("B4", table.id, Verdict.HOLDS, table.beside, table.beside, figures),
    )


def _without_label(
    table: PrintedTable,
    plain: Sequence[Estimate],
    best: str,
    counts: dict[str, tuple[int, tuple[float, ...]]],
    figures: dict[str, str],
) -> tuple[PrintedTable, tuple[Check, ...]]:
    """Read unlabelled parentheses as what the stars tell; leave them unread where the stars do not tell."""
    others = [count for kind, (count, _) in counts.items() if kind != best]
    decided = len(plain) > 2 and min(others) >= MISREAD and min(others) >= CLEARLY_FEWER * counts[best][0]
    check = Check("B4", table.id, Verdict.CANNOT_TELL, "", best if decided else "", figures, "no_label")
    if not decided:
        return table, (check,)
    return replace(table, beside=best, stars=counts[best][1]), (check,)


def _signs(rows: Sequence[Estimate]) -> int:
    """Count t statistics whose sign is not their coefficient's."""
    return sum(e.beside is not None and e.value.value * e.beside.value < 0 for e in rows)


def stars_agree(table: PrintedTable) -> Iterator[Check]:
    """Check stars against t = b/se, the printed t, or the printed p.

    Under normality |t| > z(level) is needed for a star of that level; with few degrees of freedom more is. A
    star fails where no |t| in the printed intervals reaches the normal critical value, a missing one where
    every |t| exceeds that of the t distribution with the fewest degrees of freedom (clusters less one, at
    most 30).

    Parameters
    ----------
    table : PrintedTable
        The printed table, its parentheses settled by `read_parentheses`.

    Yields
    ------
    Check
        One per place in the table.
    """
    rows, df = starred(table), smallest_df(table)
    if not any(e.kind for _, e in rows) and not table.beside:
        return
    levels = table.stars or best_levels(table, [e for _, e in rows], table.beside)
    for place, estimate in rows:
        kind = estimate.kind or table.beside
        allowed = allowed_stars(estimate, kind, levels, df) if kind else None
        if allowed is None or estimate.stars is None or estimate.beside is None:
            continue
        if allowed == NONE_ALLOWED:
            continue
        fits = allowed[0] <= estimate.stars <= allowed[1]
        verdict = (
            Verdict.FAILS if not fits else Verdict.HOLDS if allowed[0] == allowed[1] else Verdict.ROUNDING
        )
        figures = {"b": estimate.value.text, kind: estimate.beside.text, **thresholds(levels, df)}
        t = t_statistic(estimate, kind) if kind != "p" else None
        if t is not None:
            figures["|t|"] = span(t)
        yield Check("B1", place, verdict, _asterisks(estimate.stars), _range(allowed), figures)


def thresholds(levels: Sequence[float], df: int) -> dict[str, str]:
    """Return the critical values that were tried, as text by level.

    Parameters
    ----------
    levels : sequence of float
        Levels of one, two, three stars.
    df : int
        Fewest degrees of freedom.

    Returns
    -------
    dict[str, str]
    """
    return {
        f"{'*' * (i + 1)} p < {level:g}": f"{normal_critical(level):.3f} to {t_critical(level, df):.3f}"
        for i, level in enumerate(levels)
    }


def signs_agree(table: PrintedTable) -> Iterator[Check]:
    """Check that a t statistic has the sign of its coefficient, where t statistics are printed with signs.

    t = b/se and se > 0.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    rows = [
        (f"{column.name}: {name}", e)
        for column in table.columns
        for name, e in estimates(column)
        if (e.kind or table.beside) in ("t", "z") and e.beside is not None
    ]
    if not any(e.beside and e.beside.value < 0 for _, e in rows):
        return
    for place, estimate in rows:
        if estimate.beside is None or not estimate.beside.value:
            continue
        wrong = estimate.value.interval.high * estimate.beside.value < 0 and (
            estimate.value.interval.low * estimate.beside.value < 0
        )
        verdict = Verdict.FAILS if wrong else Verdict.HOLDS
        yield Check("B5", place, verdict, estimate.beside.text, estimate.value.text)


def errors_positive(table: PrintedTable) -> Iterator[Check]:
    """Check that printed standard errors are not negative and printed p-values lie between 0 and 1.

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
        for name, e in estimates(column):
            kind = e.kind or table.beside
            if e.beside is None or kind not in ("se", "p"):
                continue
            inside = e.beside.interval.high >= 0 and (kind == "se" or e.beside.interval.low <= 1)
            verdict = Verdict.HOLDS if inside else Verdict.FAILS
            bounds = "≥ 0" if kind == "se" else "0 … 1"
            yield Check("B6", f"{column.name}: {name}", verdict, e.beside.text, bounds)


def further_numbers_agree(table: PrintedTable) -> Iterator[Check]:
    """Check a t statistic or p-value that is printed beside a coefficient and its standard error.

    t = b/se; p lies between the tail of the normal distribution and that of t with the fewest degrees of
    freedom.

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
        for name, e in estimates(column):
            if (e.kind or table.beside) != "se" or (e.t is None and e.p is None):
                continue
            t, place = t_statistic(e, "se"), f"{column.name}: {name}"
            if t is None:
                continue
            if e.t is not None:
                verdict = Verdict.ROUNDING if e.t.interval.size.meets(t) else Verdict.FAILS
                yield Check("B8", place, verdict, f"t = {e.t.text}", f"|t| = {span(t)}")
            if e.p is not None:
                implied = Interval(normal_tail(t.high), t_tail(t.low, smallest_df(table)))
                verdict = (
                    Verdict.ROUNDING if e.p.interval.widened(e.p.unit / 2).meets(implied) else Verdict.FAILS
                )
                yield Check("B8", place, verdict, f"p = {e.p.text}", span(implied))


def _asterisks(count: int) -> str:
    return "*" * count or "–"


def _range(allowed: tuple[int, int]) -> str:
    fewest, most = allowed
    return _asterisks(fewest) if fewest == most else f"{_asterisks(fewest)} … {_asterisks(most)}"
