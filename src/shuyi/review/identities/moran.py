"""Identities of Moran's I over periods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shuyi.review.distributions import normal_p
from shuyi.review.findings import Check, Verdict, shown
from shuyi.review.intervals import Interval, exact
from shuyi.review.numbers import span
from shuyi.review.table import MoranRow, PrintedTable

SAME_SD = 0.03
"""Share by which standard deviations of one W differ under normality, beyond rounding."""
NEARLY_SAME_SD = 0.20
"""Share by which they differ under randomisation and permutation, for skewed variables of few units."""
LEAST_ROOM, RANGES, ENOUGH_YEARS = 0.06, 2.0, 4
"""With enough other years these say how much sd moves: at least 6 %, or twice their range."""
LARGEST = 1.2
"""Moran's I of row-standardised weights that is never exceeded."""
EXPECTATIONS = Interval(-0.12, 0.0)
"""E[I] where the number of units is not printed: ten units and more."""


def standard_deviation(table: PrintedTable) -> Iterator[Check]:
    """Check that I and z of one variable and W imply one standard deviation over the years.

    z = (I - E[I])/sd(I) with E[I] = -1/(n - 1). Under normality sd depends on W and n alone (Cliff and Ord
    1981); under randomisation it moves a little with the kurtosis of the variable: twice the
    range of the other years is allowed.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for group in dict.fromkeys(row.group for row in table.moran):
        rows = [r for r in table.moran if r.group == group]
        bounds = [(r, sd) for r in rows if (sd := implied_sd(table, r)) is not None]
        if len(bounds) > 2:
            yield from _one_sd(bounds)
        yield from (_printed_sd(r, sd) for r, sd in bounds if r.sd is not None)


def implied_sd(table: PrintedTable, row: MoranRow) -> Interval | None:
    """Return the standard deviation that I and z of a year imply, or None where z is near zero.

    Parameters
    ----------
    table : PrintedTable
        States n, or not.
    row : MoranRow
        One year.

    Returns
    -------
    Interval or None
    """
    if row.z is None:
        return None
    expected = expectation(table.n) if row.expected is None else row.expected.interval
    z = row.z.interval
    if z.low <= 0.5 and z.high >= -0.5:
        return None
    return (row.statistic.interval - expected) / z


def expectation(n: int | None) -> Interval:
    """Return E[I] = -1/(n - 1), or a range where n is not known.

    Parameters
    ----------
    n : int, optional
        Units.

    Returns
    -------
    Interval
    """
    return exact(-1 / (n - 1)) if n and n > 2 else EXPECTATIONS


def _one_sd(bounds: Sequence[tuple[MoranRow, Interval]]) -> Iterator[Check]:
    """Judge each year against the median of the others."""
    for row, sd in bounds:
        others = sorted((o for r, o in bounds if r is not row), key=lambda i: i.low + i.high)
        middle = others[len(others) // 2]
        verdict = _verdict(sd, middle, _room(others))
        figures = {"I": row.statistic.text, "z": row.z.text if row.z else ""}
        place = f"{row.group}: {row.period}" if row.group else row.period
        yield Check("F1", place, verdict, f"sd = {span(sd)}", f"sd = {span(middle)}", figures)


def _room(others: Sequence[Interval]) -> float:
    """Return the share by which a year's standard deviation may differ from the median of the others."""
    if len(others) < ENOUGH_YEARS:
        return 2 * NEARLY_SAME_SD
    middles = [(i.low + i.high) / 2 for i in others]
    spread = (max(middles) - min(middles)) / abs(middles[len(middles) // 2])
    return min(max(RANGES * spread, LEAST_ROOM), 2 * NEARLY_SAME_SD)


def _verdict(sd: Interval, middle: Interval, room: float) -> Verdict:
    if sd.scaled(SAME_SD).meets(middle):
        return Verdict.HOLDS
    if sd.meets(middle.scaled(room)):
        return Verdict.SIMULATION
    return Verdict.FAILS


def _printed_sd(row: MoranRow, sd: Interval) -> Check:
    assert row.sd is not None
    printed = row.sd.interval
    close = printed.scaled(SAME_SD).meets(sd)
    verdict = Verdict.HOLDS if printed.meets(sd) else Verdict.SIMULATION if close else Verdict.FAILS
    return Check("F1", f"{row.group}: {row.period}", verdict, row.sd.text, shown(sd), reason="printed_sd")


def expected_value(table: PrintedTable) -> Iterator[Check]:
    """Check a printed E[I] against -1/(n - 1), and that it is one for all years.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    rows = [r for r in table.moran if r.expected is not None]
    for row in rows:
        assert row.expected is not None and rows[0].expected is not None
        implied = expectation(table.n) if table.n else rows[0].expected.interval
        verdict = Verdict.HOLDS if row.expected.interval.meets(implied) else Verdict.FAILS
        yield Check("F3", f"{row.group}: {row.period}", verdict, row.expected.text, shown(implied))


def bounds_and_counts(table: PrintedTable) -> Iterator[Check]:
    """Check that Moran's I is not beyond about 1 and that counts of quadrants add up to n.

    I is a Rayleigh quotient of W, bounded by the eigenvalues of its symmetric part; for row-standardised
    weights these lie about [-1, 1].

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for row in table.moran:
        place = f"{row.group}: {row.period}" if row.group else row.period
        inside = row.statistic.interval.meets(Interval(-LARGEST, LARGEST))
        outside = Verdict.CANNOT_TELL if table.row_standardised is False else Verdict.FAILS
        reason = "not_row_standardised" if outside is Verdict.CANNOT_TELL else ""
        verdict = Verdict.HOLDS if inside else outside
        yield Check("F2", place, verdict, row.statistic.text, "-1 … 1", reason=reason)
        if len(row.quadrants) == 4 and table.n:
            total = sum(row.quadrants)
            verdict = Verdict.HOLDS if total == table.n else Verdict.FAILS
            counts = " + ".join(map(str, row.quadrants))
            yield Check("F2", place, verdict, f"{counts} = {total}", f"n = {table.n}", reason="quadrants")


def moran_p(table: PrintedTable) -> Iterator[Check]:
    """Compare p with z under normality, one- and two-sided; a permutation's p may differ.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for row in table.moran:
        if row.z is None or row.p is None:
            continue
        two = normal_p(row.z.interval)
        one = Interval(two.low / 2, two.high / 2)
        place = f"{row.group}: {row.period}" if row.group else row.period
        printed = row.p.interval.widened(row.p.unit / 2)
        if printed.meets(two) or printed.meets(one):
            yield Check("F4", place, Verdict.ROUNDING, row.p.text, f"{span(one)} / {span(two)}")
        else:
            yield Check(
                "F4", place, Verdict.CANNOT_TELL, row.p.text, f"{span(one)} / {span(two)}", reason="permuted"
            )
