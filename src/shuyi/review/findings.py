"""Verdicts, single checks and the report of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shuyi.review.intervals import Interval
from shuyi.review.numbers import span
from shuyi.review.table import PrintedTable


class Verdict(StrEnum):
    """What a check says of an identity."""

    HOLDS = "holds"
    ROUNDING = "holds within rounding"
    SIMULATION = "within simulation noise"
    FAILS = "fails"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Check:
    """One identity at one place of a table.

    Parameters
    ----------
    identity : str
        Key of `identities.IDENTITIES`.
    place : str
        Column and row.
    verdict : Verdict
        What was found.
    printed, implied : str
        The printed figure and what the other figures imply.
    figures : mapping of str to str
        Further numbers that the check used.
    reason : str
        Key of the sentence (`words.REASONS`) beyond the identity's own.
    """

    identity: str
    place: str
    verdict: Verdict
    printed: str = ""
    implied: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Report:
    """All checks of one table.

    Parameters
    ----------
    table : PrintedTable
        What was understood.
    checks : tuple of Check
        In the order of the identities.
    remarks : tuple of Check
        Observations that are no verdicts, such as jumps of magnitude.

    Examples
    --------
    >>> from shuyi.review import check_table, read_form
    >>> report = check_table(read_form("columns: [{name: m, b: {x: [0.5]}, R2: 1.2}]")[0])
    >>> [(check.identity, check.printed, check.implied) for check in report.failed]
    [('E2', '1.2', '0 … 1')]
    """

    table: PrintedTable
    checks: tuple[Check, ...]
    remarks: tuple[Check, ...] = ()

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that fail."""
        return tuple(c for c in self.checks if c.verdict is Verdict.FAILS)

    def count(self, verdict: Verdict) -> int:
        """Return how many checks end in a verdict.

        Parameters
        ----------
        verdict : Verdict
            The verdict to count.

        Returns
        -------
        int
        """
        return sum(c.verdict is verdict for c in self.checks)


def judge(printed: Interval, implied: Interval, middle: float, allowance: float = 0.0) -> Verdict:
    """Return the verdict on a printed number against what other printed numbers imply.

    Parameters
    ----------
    printed : Interval
        Values that round to the printed number.
    implied : Interval
        Values that the other numbers allow.
    middle : float
        What the other numbers imply as they are printed, without their rounding.
    allowance : float
        Distance that simulated draws explain.

    Returns
    -------
    Verdict
        "holds" where the implied value rounds to the printed one as it stands.
    """
    if printed.holds(middle):
        return Verdict.HOLDS
    if printed.meets(implied):
        return Verdict.ROUNDING
    if allowance and printed.meets(implied.widened(allowance)):
        return Verdict.SIMULATION
    return Verdict.FAILS


def shown(interval: Interval) -> str:
    """Return an implied interval as text.

    Parameters
    ----------
    interval : Interval
        The interval.

    Returns
    -------
    str
    """
    return span(interval)
