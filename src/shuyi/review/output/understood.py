"""What was understood, as rows of cells for a reader to compare with the printed page."""

from __future__ import annotations

from collections.abc import Iterator

from shuyi.review.numbers import Number
from shuyi.review.table import Column, Estimate, PrintedTable, PrintedTest, estimates, model_of
from shuyi.review.words import Language, say

COUNTS = ("N", "n", "T", "n_effective")
Rows = list[list[str]]


def understood(table: PrintedTable, language: Language = "en") -> Rows:
    """Return the figures of a table as rows of cells, the first row a header.

    Parameters
    ----------
    table : PrintedTable
        What was read.
    language : {"en", "zh"}
        Language of the headings.

    Returns
    -------
    list of list of str
        Models side by side, followed by tests, Moran's I and weights.
    """
    rows: Rows = []
    if table.columns:
        rows += _columns(table, language)
    tests = [(block.name, t) for block in table.lm for t in _of_block(block)]
    tests += [(t.column, t) for t in table.tests]
    if tests:
        rows += [[say("row", language), "", "p", "df"], *(_test(name, t) for name, t in tests)]
    if table.moran:
        rows.append([say("row", language), "I", "z", "p"])
        rows += [
            [f"{m.group} {m.period}".strip(), _text(m.statistic), _text(m.z), _text(m.p)] for m in table.moran
        ]
    if table.index_weights:
        rows.append([say("row", language), "w", "e", ""])
        rows += [[w.indicator, _text(w.weight), _text(w.entropy), w.dimension] for w in table.index_weights]
        rows += [[name, _text(w), "", ""] for name, w in table.dimension_weights.items()]
    return rows


def facts(table: PrintedTable, language: Language = "en") -> list[str]:
    """Return what was taken from notes and title, one fact a line.

    Parameters
    ----------
    table : PrintedTable
        What was read.
    language : {"en", "zh"}
        Language of the words.

    Returns
    -------
    list of str
    """
    missing = say("not_said", language)
    levels = ", ".join(f"{level:g}" for level in table.stars)
    found = [
        f"{say('parentheses', language)}: {table.beside or missing}",
        f"{say('stars', language)}: {levels or missing}",
    ]
    counts = {"n": table.n, "T": table.T, "N": table.N}
    found += [f"{name}: {count}" for name, count in counts.items() if count]
    if table.weights:
        found.append(f"{say('weights', language)}: {table.weights}")
    for name in ("row_standardised", "simulated", "structure", "covariance"):
        value = getattr(table, name)
        if value not in (None, ""):
            told = say(str(value), language) if isinstance(value, bool) else value
            found.append(f"{say(name, language)}: {told}")
    return [*found, *(note.replace("left out", say("left_out", language), 1) for note in table.notes)]


def _columns(table: PrintedTable, language: Language) -> Rows:
    listed = [dict(estimates(c)) for c in table.columns]
    names = list(dict.fromkeys(name for each in listed for name in each))
    rows = [
        ["", *(c.name for c in table.columns)],
        [say("model", language), *(model_of(c) for c in table.columns)],
    ]
    rows += [[name, *(_estimate(each.get(name)) for each in listed)] for name in names]
    for label, key in (("logL", "loglik"), ("R2", "r2"), ("AIC", "aic"), ("BIC", "bic")):
        if any(getattr(c, key) for c in table.columns):
            rows.append([label, *(_text(getattr(c, key)) for c in table.columns)])
    rows += [
        [key, *(_count(c, key) for c in table.columns)]
        for key in COUNTS
        if any(_count(c, key) for c in table.columns)
    ]
    return rows


def _of_block(block: object) -> Iterator[PrintedTest]:
    for place in ("lag", "error", "robust_lag", "robust_error", "joint"):
        test = getattr(block, place)
        if test is not None:
            yield test


def _test(name: str, test: PrintedTest) -> list[str]:
    label = test.name if not name or name in test.name else f"{name}: {test.name}"
    return [label, test.statistic.text + "*" * (test.stars or 0), _text(test.p), str(test.df or "")]


def _estimate(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    beside = (
        f" ({estimate.beside.text}{' ' + estimate.kind if estimate.kind else ''})" if estimate.beside else ""
    )
    return f"{estimate.value.text}{'*' * (estimate.stars or 0)}{beside}"


def _text(number: Number | None) -> str:
    return "" if number is None else number.text


def _count(column: Column, key: str) -> str:
    return str(getattr(column, key) or "")
