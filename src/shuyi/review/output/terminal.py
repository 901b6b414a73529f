"""The report on a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from shuyi.review.findings import Check, Report, Verdict
from shuyi.review.output.understood import facts, understood
from shuyi.review.words import Language, identity_text, say, sentence, verdict_text

WIDEST = 44
"""Columns of a terminal that one cell may take."""


def report_text(report: Report, language: Language = "en", details: bool = False) -> str:
    """Return a report as text.

    Parameters
    ----------
    report : Report
        Checks of one table.
    language : {"en", "zh"}
        Language of the words.
    details : bool
        Whether checks that hold are listed one by one; otherwise they are counted by identity.

    Returns
    -------
    str
        What was understood, the checks and the remarks; control characters are left out.
    """
    table = report.table
    lines = [f"# {clean(table.id)}", "", say("understood", language), ""]
    lines += [
        *aligned(understood(table, language)),
        "",
        *(f"  {clean(f)}" for f in facts(table, language)),
        "",
    ]
    lines += [say("checks", language), ""]
    listed = report.checks if details else [c for c in report.checks if c.verdict in _TOLD]
    lines += aligned(_rows(listed, language)) if listed else []
    lines += [*([""] if listed else []), *_counts(report, language)]
    for check in report.failed:
        lines += ["", *_explained(check, language)]
    if report.remarks:
        lines += ["", say("remarks", language), "", *aligned(_rows(report.remarks, language))]
    return "\n".join([*lines, "", closing(report, language)]) + "\n"


_TOLD = (Verdict.FAILS, Verdict.SIMULATION, Verdict.CANNOT_TELL)


def closing(report: Report, language: Language) -> str:
    """Return the last line of a report.

    Parameters
    ----------
    report : Report
        Checks of one table.
    language : {"en", "zh"}
        Language of the words.

    Returns
    -------
    str
    """
    if not report.checks:
        return say("none", language)
    text = say("summary", language).format(total=len(report.checks), fails=len(report.failed))
    return f"{text} {say('ask', language)}" if report.failed else text


def _counts(report: Report, language: Language) -> list[str]:
    found = []
    for key in dict.fromkeys(c.identity for c in report.checks):
        own = [c for c in report.checks if c.identity == key]
        tallies = [(v, sum(c.verdict is v for c in own)) for v in Verdict]
        told = ", ".join(f"{verdict_text(v, language)} {count}" for v, count in tallies if count)
        found.append([key, identity_text(key, language), told])
    return aligned(found, header=False)


def _rows(checks: Iterable[Check], language: Language) -> list[list[str]]:
    head = [say(k, language) for k in ("identity", "place", "verdict", "printed", "implied")]
    return [
        head,
        *([c.identity, c.place, verdict_text(c.verdict, language), c.printed, c.implied] for c in checks),
    ]


def _explained(check: Check, language: Language) -> list[str]:
    figures = "; ".join(f"{name} {value}" for name, value in check.figures.items())
    head = f"{check.identity} {check.place}: {say('printed', language)} {check.printed}"
    implied = f", {say('implied', language)} {check.implied}" if check.implied else ""
    parts = [
        clean(f"{head}{implied}" + (f" ({figures})" if figures else "")),
        f"  {sentence(check, language)}",
    ]
    return [part for part in parts if part.strip()]


def aligned(rows: Sequence[Sequence[str]], header: bool = True) -> list[str]:
    """Return rows as lines whose columns align, wide characters counted twice.

    Parameters
    ----------
    rows : sequence of sequence of str
        Cells.
    header : bool
        Whether a line stands below the first row.

    Returns
    -------
    list[str]
    """
    if not rows:
        return []
    cells = [[_cut(clean(cell)) for cell in row] for row in rows]
    count = max(map(len, cells))
    widths = [max(_width(row[j]) for row in cells if j < len(row)) for j in range(count)]
    lines = [
        "  ".join(c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=False)).rstrip()
        for row in cells
    ]
    return [lines[0], "-" * min(sum(widths) + 2 * (count - 1), 100), *lines[1:]] if header else lines


def clean(text: str) -> str:
    """Return text without control characters, which a terminal would obey.

    Parameters
    ----------
    text : str
        Content of a file.

    Returns
    -------
    str
    """
    return "".join(
        " " if c in "\n\t" else c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C"
    )


def _cut(text: str) -> str:
    if _width(text) <= WIDEST:
        return text
    kept = ""
    for character in text:
        if _width(kept + character) >= WIDEST:
            break
        kept += character
    return kept + "…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
