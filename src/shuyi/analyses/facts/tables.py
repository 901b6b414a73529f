"""The table of the register of facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.publish.notes import joined, label_or, literature_note, source_note
from shuyi.publish.numbers import MISSING, number
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels


WIDTHS = (0.34, 0.08, 0.11, 0.11, 0.1, 0.1, 0.16)
"""Shares of the claim, stated value, recomputed value, unit, grade, verdict and needs."""
VERDICTS = ("confirmed", "contradicted", "not comparable", "computed", "not checked")
RECOMPUTED_DECIMALS = 2
CALENDAR = "year"
"""Unit of calendar years, which have no thousands separator."""
TEXTS = (
    *("id", "source", "claim_en", "claim_zh", "unit", "relation", "grade", "check", "verdict", "detail"),
    *("needs_en", "needs_zh"),
)
"""Columns of the register that are text, empty ones included."""


def facts_table(register: pd.DataFrame, labels: Labels) -> Table:
    """Return the table of each claim, its value, the recomputed value, grade, verdict and what a check needs.

    Parameters
    ----------
    register : DataFrame
        `shuyi.analyses.facts.register.FactRegister.to_frame`.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    rows = register.sort_values("source", kind="stable", ignore_index=True)
    display = pd.DataFrame(
        {
            labels.text("facts.column.value"): [
                _stated(v, r, u, labels)
                for v, r, u in zip(rows["value"], rows["relation"], rows["unit"], strict=True)
            ],
            labels.text("facts.column.recomputed"): [
                number(v, RECOMPUTED_DECIMALS) for v in rows["recomputed"]
            ],
            labels.text("facts.column.unit"): [label_or(labels, f"facts.unit.{u}", u) for u in rows["unit"]],
            labels.text("facts.column.grade"): [labels.text(f"facts.grade.{g}") for g in rows["grade"]],
            labels.text("facts.column.verdict"): [labels.text(f"facts.verdict.{v}") for v in rows["verdict"]],
            labels.text("facts.column.needs"): [n or MISSING for n in rows[f"needs_{labels.language}"]],
        }
    )
    groups = [f"{labels.text('facts.column.source')} {source}" for source in rows["source"]]
    claims = list(rows[f"claim_{labels.language}"])
    display.index = pd.MultiIndex.from_arrays([groups, claims], names=["group", "row"])
    counts = [
        f"{labels.text(f'facts.verdict.{verdict}')} {int((rows['verdict'] == verdict).sum())}"
        for verdict in VERDICTS
    ]
    notes = [
        labels.text("table.facts.note", counts=joined(counts, labels)),
        literature_note(list(rows["source"]), labels),
        source_note(labels),
    ]
    return build_table("facts", labels, data=rows, display=display, notes=notes, widths=WIDTHS)


def _stated(value: float, relation: str, unit: str, labels: Labels) -> str:
    if pd.isna(value):
        return MISSING
    text = f"{value}" if unit == CALENDAR else f"{value:,}"
    return labels.text(f"facts.relation.{relation}", value=text.removesuffix(".0"))


def print_tables(page: Page) -> tuple[Table, ...]:
    """Return the table of the analysis.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    tuple of Table
        In the order of the paper.
    """
    return (facts_table(page.sources.frame("facts", text=TEXTS), page.labels),)
