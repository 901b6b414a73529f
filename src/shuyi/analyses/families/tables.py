"""The table of all headline claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.publish.notes import label_or, source_note
from shuyi.publish.numbers import TableOptions, count, number, p_value
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels


def families_table(
    claims: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    settings: Mapping[str, Any],
    notes: Sequence[str] = (),
) -> Table:
    """Return every headline claim with its family, adjusted p-value, detectable effect and verdict.

    Parameters
    ----------
    claims : DataFrame
        As `claims.claims_frame` gives them.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals.
    settings : mapping
        As the declaration gives them.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``families``.
    """
    digits = options.decimals
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for row in claims.to_dict("records"):
        family = labels.text(f"families.family.{row['family']}")
        shown = labels.text("families.with_tests", family=family, tests=count(row["tests"]))
        rows[shown, claim_name(row, labels)] = {
            labels.text("families.estimate"): number(row["estimate"], digits),
            labels.text("column.p"): p_value(row["p_value"], digits),
            labels.text("families.p_adjusted"): p_value(row["p_adjusted"], digits),
            labels.text("column.detectable"): number(row["detectable"], digits),
            labels.text("families.verdict"): labels.text(f"families.verdict.{row['verdict']}"),
        }
    display = pd.DataFrame.from_dict(rows, orient="index")
    display.index = pd.MultiIndex.from_tuples(list(rows))
    found = int((claims["verdict"] != "none").sum())
    sentences = [
        labels.text(
            "table.families.note",
            term=labels.term(settings["term"]),
            rule=labels.text(f"families.rule.{settings['multiplicity']}"),
            size=f"{100 * (1 - settings['level']):.0f}",
            power=f"{100 * settings['power']:.0f}",
        ),
        labels.text("families.found" if found else "families.nothing", count=found, claims=len(claims)),
        *notes,
        source_note(labels),
    ]
    return build_table("families", labels, data=claims, display=display, notes=sentences)


def claim_name(row: Mapping[Any, Any], labels: Labels) -> str:
    """Return the printed name of a claim.

    Parameters
    ----------
    row : mapping
        A row of `claims.claims_frame`.
    labels : Labels
        Words.

    Returns
    -------
    str
    """
    effect = labels.text(f"families.effect.{row['component']}")
    detail = str(row["detail"])
    if not detail:
        return effect
    named = {
        "weights": label_or(labels, f"weights.{detail}", detail),
        "data": label_or(labels, f"robustness.variant.{detail}", detail.replace("_", " ")),
        "mechanisms": label_or(labels, f"mechanisms.channel.{detail}", detail),
        "rings": labels.text("families.km", ring=detail.replace("-", "–")),
    }.get(row["family"], label_or(labels, f"families.detail.{detail}", detail))
    return labels.text("families.claim", effect=effect, detail=named)


def print_tables(page: Page) -> list[Table]:
    """Return the table of the analysis.

    Parameters
    ----------
    page : Page
        What printing works with.

    Returns
    -------
    list of Table
        One table.
    """
    claims = page.sources.frame("claims", text=["detail"]).fillna({"detail": ""})
    return [families_table(claims, page.labels, page.options, settings=page.settings)]
