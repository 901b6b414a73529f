"""The report as a JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shuyi.review.findings import Check, Report, Verdict
from shuyi.review.output.understood import facts, understood
from shuyi.review.words import Language, identity_text, sentence, verdict_text


def record(report: Report, language: Language = "en") -> dict[str, Any]:
    """Return a report as plain values for JSON.

    Parameters
    ----------
    report : Report
        Checks of one table.
    language : {"en", "zh"}
        Language of sentences; keys stay English.

    Returns
    -------
    dict
        ``table``, ``passed``, ``counts``, ``understood``, ``facts``, ``checks``, ``remarks``.
    """
    return {
        "table": report.table.id,
        "passed": not report.failed,
        "counts": {verdict.value: report.count(verdict) for verdict in Verdict},
        "understood": understood(report.table, language),
        "facts": facts(report.table, language),
        "checks": _checks(report.checks, language),
        "remarks": _checks(report.remarks, language),
    }


def _checks(checks: Sequence[Check], language: Language) -> list[dict[str, Any]]:
    return [
        {
            "identity": c.identity,
            "says": identity_text(c.identity, language),
            "place": c.place,
            "verdict": c.verdict.value,
            "verdict_text": verdict_text(c.verdict, language),
            "printed": c.printed,
            "implied": c.implied,
            "figures": dict(c.figures),
            "sentence": sentence(c, language),
        }
        for c in checks
    ]
