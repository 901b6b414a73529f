"""The yearly report and the monitor: the declaration of the analysis.

Its pages are made by jobs of their own (`workflow/rules/report.smk`), one per year.
"""

from __future__ import annotations

from shuyi.analyses.base import Analysis, Draft
from shuyi.analyses.checks import check_years
from shuyi.schema import Problem


def _check(draft: Draft) -> list[Problem]:
    return check_years(draft, "report")


ANALYSIS = Analysis(
    "report",
    check=_check,
    sections=("report", "monitor"),
    needs=("index", "coordination", "tiers", "ledger"),
)
