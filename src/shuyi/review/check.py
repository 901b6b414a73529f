"""From a printed table to its report."""

from __future__ import annotations

from shuyi.review.findings import Report
from shuyi.review.identities import IDENTITIES, REMARKS
from shuyi.review.identities.stars import read_parentheses
from shuyi.review.table import PrintedTable


def check_table(table: PrintedTable) -> Report:
    """Check a printed table against every identity that its figures allow.

    Parameters
    ----------
    table : PrintedTable
        What is printed.

    Returns
    -------
    Report
        One check per identity and place. A check that fails is a question to the authors.

    Examples
    --------
    >>> from shuyi.review import read_form
    >>> text = "lm: [{LM_lag: [7.438], LM_err: [3.192], RLM_lag: [9.141], RLM_err: [12.259]}]"
    >>> [check.identity for check in check_table(read_form(text)[0]).failed]
    ['C1']
    """
    settled, label = read_parentheses(table)
    checks = [*label, *(check for identity in IDENTITIES for check in identity(settled))]
    remarks = tuple(check for identity in REMARKS for check in identity(settled))
    return Report(settled, tuple(checks), remarks)
