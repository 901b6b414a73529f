"""The report as one HTML page, everything from a file escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from shuyi.review.findings import Check, Report, Verdict
from shuyi.review.output.terminal import clean, closing
from shuyi.review.output.understood import facts, understood
from shuyi.review.words import Language, identity_text, say, sentence, verdict_text

STYLE = """
body{font:16px/1.5 "Noto Sans CJK SC",system-ui,sans-serif;max-width:75rem;margin:0 auto;padding:1rem;
color:#1a1a1a}
.wide{overflow-x:auto}
table{border-collapse:collapse;margin:.5rem 0 1.5rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.2rem .7rem .2rem 0;border-bottom:1px solid #ddd}
thead th{border-bottom:2px solid #555}
.fails{color:#8c2d04;font-weight:600}.cannot{color:#555}.simulation{color:#08519c}
"""
CLASSES = {Verdict.FAILS: "fails", Verdict.CANNOT_TELL: "cannot", Verdict.SIMULATION: "simulation"}
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(reports: Sequence[Report], language: Language = "en") -> str:
    """Return reports as one page without scripts and without requests.

    Parameters
    ----------
    reports : sequence of Report
        Checks of one or more tables.
    language : {"en", "zh"}
        Language of the words.

    Returns
    -------
    str
        A whole HTML document.
    """
    code = "en" if language == "en" else "zh-Hans"
    head = (
        f'<!doctype html>\n<html lang="{code}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(say('title', language))}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    )
    body = "\n".join(_section(report, language) for report in reports)
    return f"{head}<h1>{escape(say('title', language))}</h1>\n{body}\n</body>\n</html>\n"


def _section(report: Report, language: Language) -> str:
    rows = understood(report.table, language)
    items = "".join(f"<li>{_safe(fact)}</li>" for fact in facts(report.table, language))
    told = [c for c in report.checks if c.verdict is not Verdict.HOLDS]
    remarks = (
        f"<h3>{say('remarks', language)}</h3>{_checks(report.remarks, language)}" if report.remarks else ""
    )
    return (
        f"<section>\n<h2>{_safe(report.table.id)}</h2>\n<p>{_safe(closing(report, language))}</p>\n"
        f"<h3>{say('checks', language)}</h3>\n{_checks(told, language)}\n"
        f"{_counts(report, language)}\n{remarks}"
        f"<h3>{say('understood', language)}</h3>\n{_table(rows)}\n<ul>{items}</ul>\n</section>"
    )


def _checks(checks: Iterable[Check], language: Language) -> str:
    head = [say(k, language) for k in ("identity", "place", "verdict", "printed", "implied", "question")]
    body = "".join(
        f"<tr><td>{c.identity} {_safe(identity_text(c.identity, language))}</td><td>{_safe(c.place)}</td>"
        f'<td class="{CLASSES.get(c.verdict, "")}">{_safe(verdict_text(c.verdict, language))}</td>'
        f"<td>{_safe(c.printed)}</td><td>{_safe(c.implied)}</td><td>{_safe(_told(c, language))}</td></tr>"
        for c in checks
    )
    if not body:
        return ""
    cells = "".join(f'<th scope="col">{_safe(h)}</th>' for h in head)
    return f'<div class="wide"><table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>'


def _told(check: Check, language: Language) -> str:
    figures = "; ".join(f"{name} {value}" for name, value in check.figures.items())
    return " ".join(filter(None, [sentence(check, language), f"({figures})" if figures else ""]))


def _counts(report: Report, language: Language) -> str:
    tallies = [(v, report.count(v)) for v in Verdict]
    return f"<p>{_safe('; '.join(f'{verdict_text(v, language)}: {count}' for v, count in tallies))}</p>"


def _table(rows: Sequence[Sequence[str]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><tbody>{body}</tbody></table></div>'


def _safe(text: str) -> str:
    return escape(clean(text), quote=True)
