"""Identities of weights in a composite index."""

from __future__ import annotations

from collections.abc import Iterator

from shuyi.review.findings import Check, Verdict, judge, shown
from shuyi.review.intervals import Interval, exact
from shuyi.review.numbers import short
from shuyi.review.table import IndexWeight, PrintedTable


def weights_sum(table: PrintedTable) -> Iterator[Check]:
    """Check that the weights of the indicators sum to one, or to a hundred per cent.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    rows = table.index_weights
    if not rows:
        return
    total, middle = _sum(rows)
    scale = 100.0 if middle > 10 else 1.0
    printed = exact(scale)
    verdict = Verdict.HOLDS if abs(middle - scale) < 1e-9 else judge(printed, total, middle)
    yield Check("H1", table.id, verdict, short(middle, 6), f"{scale:g}")
    if table.dimension_weights:
        bounds = _added([d.interval for d in table.dimension_weights.values()])
        middle = sum(d.value for d in table.dimension_weights.values())
        yield Check(
            "H1",
            table.id,
            judge(printed, bounds, middle),
            short(middle, 6),
            f"{scale:g}",
            reason="dimensions",
        )


def dimension_sums(table: PrintedTable) -> Iterator[Check]:
    """Check that the weights of a dimension's indicators sum to the dimension's.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for dimension, printed in table.dimension_weights.items():
        rows = [r for r in table.index_weights if r.dimension == dimension]
        if rows:
            total, middle = _sum(rows)
            place = f"{table.id}: {dimension}" if table.id else dimension
            yield Check("H2", place, judge(printed.interval, total, middle), printed.text, shown(total))


def weights_from_entropy(table: PrintedTable) -> Iterator[Check]:
    """Check w_j = (1 - e_j) / sum (1 - e) where every entropy is printed.

    The entropy weights of Shannon (1948): the less even an indicator, the more it weighs.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    rows = table.index_weights
    if len(rows) < 2 or any(r.entropy is None for r in rows):
        return
    entropies = [r.entropy for r in rows if r.entropy is not None]
    spare = [exact(1.0) - e.interval for e in entropies]
    middle = sum(1 - e.value for e in entropies)
    scale = 100.0 if sum(r.weight.value for r in rows) > 10 else 1.0
    for row, own, e in zip(rows, spare, entropies, strict=True):
        others = _added([s for s in spare if s is not own])
        low, high = scale * own.low / (own.low + others.high), scale * own.high / (own.high + others.low)
        verdict = judge(row.weight.interval, Interval(low, high), scale * (1 - e.value) / middle)
        yield Check(
            "H3", row.indicator, verdict, row.weight.text, shown(Interval(low, high)), {"entropy": e.text}
        )


def weights_in_range(table: PrintedTable) -> Iterator[Check]:
    """Check that entropies lie between 0 and 1 and weights are not negative.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for row in table.index_weights:
        inside = row.weight.interval.high >= 0
        if row.entropy is not None:
            inside = inside and row.entropy.interval.meets(Interval(0.0, 1.0))
        printed = row.weight.text if row.entropy is None else f"{row.weight.text}, e = {row.entropy.text}"
        yield Check("H4", row.indicator, Verdict.HOLDS if inside else Verdict.FAILS, printed, "0 … 1")


def _sum(rows: tuple[IndexWeight, ...] | list[IndexWeight]) -> tuple[Interval, float]:
    return _added([r.weight.interval for r in rows]), sum(r.weight.value for r in rows)


def _added(intervals: list[Interval]) -> Interval:
    return Interval(sum(i.low for i in intervals), sum(i.high for i in intervals))
