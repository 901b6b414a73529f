"""Tables of effects by group, of directed spillovers and of two regimes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.headline import headline_notes
from shuyi.publish.notes import joined, label_or, source_note, stars_note, uncertainty_note
from shuyi.publish.numbers import MISSING, TableOptions, in_parentheses, number, p_value, starred
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels

KINDS = (("receiver", "direct"), ("receiver", "indirect"), ("sender", "indirect"))
"""Columns of the table: way of telling groups apart, and component."""


def grouping_name(name: str, labels: Labels) -> str:
    """Return the printed name of a grouping.

    Parameters
    ----------
    name : str
        Its name in the configuration.
    labels : Labels
        Words in the language of the page.

    Returns
    -------
    str
        Its label, or the name itself.
    """
    return label_or(labels, f"heterogeneity.grouping.{name}", name)


def group_name(group: str, labels: Labels, settings: Mapping[str, Any] | None = None) -> str:
    """Return the printed name of a group: a tier, a region, years, or small groups joined.

    Parameters
    ----------
    group : str
        Key of the group.
    labels : Labels
        Words in the language of the page.
    settings : mapping, optional
        Entry of the grouping, for the year that divides the panel.

    Returns
    -------
    str
        Its label, or the key itself.
    """
    year = (settings or {}).get("year", "")
    for key in (f"heterogeneity.group.{group}", f"tier.{group}", f"distribution.region.{group}"):
        if key in labels.texts:
            return labels.text(key, year=year) if "{year}" in labels.texts[key] else labels.text(key)
    return group


def _cells(row: Mapping[str, Any] | None, options: TableOptions) -> tuple[list[str], list[str]]:
    if row is None:
        return [MISSING, MISSING], ["", ""]
    t = row["estimate"] / row["std_error"]
    return (
        [starred(row["estimate"], row["p_value"], options), number(row["detectable"], options.decimals)],
        [in_parentheses(row["std_error"], t, row["p_value"], options), ""],
    )


def heterogeneity_table(
    effects: pd.DataFrame,
    tests: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    groupings: Mapping[str, Mapping[str, Any]],
    term: str,
    notes: Sequence[str] = (),
) -> Table:
    """Return direct, received and given effects by group, with tests of their equality.

    Parameters
    ----------
    effects, tests : DataFrame
        As `frames.heterogeneity_frames` gives them.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals and stars.
    groupings : mapping of str to mapping
        As configured.
    term : str
        The regressor.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``heterogeneity``.
    """
    headings = [labels.text(f"heterogeneity.column.{by}_{component}") for by, component in KINDS]
    detectable = labels.text("heterogeneity.column.detectable")
    columns = [text for h in headings for text in (h, labels.text("heading.part", whole=h, part=detectable))]
    lines: list[list[str]] = []
    index: list[tuple[str, str]] = []
    for name, entry in groupings.items():
        own = effects[(effects["grouping"] == name) & effects["estimate"].notna()]
        title = grouping_name(name, labels)
        for group in dict.fromkeys(own.loc[own["component"] == "direct", "receivers"]):
            pairs = [_cells(_row(own, kind, group), options) for kind in KINDS]
            lines += [
                [text for pair in pairs for text in pair[0]],
                [text for pair in pairs for text in pair[1]],
            ]
            index += [(title, group_name(group, labels, entry)), (title, "")]
        for key in ("p_value", "p_adjusted"):
            found = [_test(tests, name, kind, key, options) for kind in KINDS]
            lines.append([text for p in found for text in (p, "")])
            index.append((title, labels.text(f"heterogeneity.row.{key}")))
    display = pd.DataFrame(lines, columns=columns, index=pd.MultiIndex.from_tuples(index))
    sentences = [
        equality_sentence(tests, labels),
        labels.text("heterogeneity.note", term=labels.term(term)),
        labels.text("heterogeneity.note.tests", count=len(tests)),
        *_refusals(effects, labels),
        stars_note(options, labels),
        uncertainty_note(options, labels),
        *notes,
        source_note(labels),
    ]
    return build_table("heterogeneity", labels, data=effects, display=display, notes=sentences)


def _row(rows: pd.DataFrame, kind: tuple[str, str], group: str) -> Mapping[str, Any] | None:
    by, component = kind
    side = "senders" if by == "sender" else "receivers"
    found = rows[(rows["by"] == by) & (rows["component"] == component) & (rows[side] == group)]
    return None if found.empty else dict(found.iloc[0])


def _test(tests: pd.DataFrame, name: str, kind: tuple[str, str], key: str, options: TableOptions) -> str:
    by, component = kind
    found = tests[(tests["grouping"] == name) & (tests["by"] == by) & (tests["component"] == component)]
    return MISSING if found.empty else p_value(found[key].iloc[0], options.decimals)


def equality_sentence(tests: pd.DataFrame, labels: Labels, size: float = 0.05) -> str:
    """Return whether any test of equality rejects once their number is allowed for.

    Parameters
    ----------
    tests : DataFrame
        With ``p_adjusted``.
    labels : Labels
        Words in the language of the table.
    size : float, default 0.05
        Level of the tests.

    Returns
    -------
    str
        One sentence.
    """
    found = tests[tests["p_adjusted"] < size]
    if found.empty:
        return labels.text("heterogeneity.equality.none", count=len(tests))
    names = joined([grouping_name(n, labels) for n in dict.fromkeys(found["grouping"])], labels)
    return labels.text("heterogeneity.equality.some", found=len(found), count=len(tests), names=names)


def _refusals(effects: pd.DataFrame, labels: Labels) -> list[str]:
    refused = effects[effects["estimate"].isna()]
    return [
        labels.text(
            "heterogeneity.refused",
            grouping=grouping_name(row["grouping"], labels),
            by=labels.text(f"heterogeneity.by.{row['by']}"),
            reason=row["reason"],
        )
        for row in refused.to_dict("records")
    ]


def directed_table(
    effects: pd.DataFrame,
    tests: pd.DataFrame,
    regimes: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    notes: Sequence[str] = (),
) -> Table:
    """Return spillovers from group to group, within and between groups, and two regimes of rho.

    Parameters
    ----------
    effects, tests, regimes : DataFrame
        As `frames.heterogeneity_frames` gives them.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals and stars.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``directed``.
    """
    lines: list[list[str]] = []
    index: list[tuple[str, str]] = []
    shown = effects[effects["by"].isin(["directed", "link"]) & (effects["component"] == "indirect")]
    for (grouping, by), rows in shown.groupby(["grouping", "by"], sort=False):
        title = labels.text(f"heterogeneity.title.{by}", grouping=grouping_name(str(grouping), labels))
        for row in rows.dropna(subset=["estimate"]).to_dict("records"):
            first, below = _cells({str(k): v for k, v in row.items()}, options)
            lines += [[*first, p_value(row["p_value"], options.decimals)], [*below, ""]]
            index += [(title, _pair(row, labels)), (title, "")]
        found = tests[(tests["grouping"] == grouping) & (tests["by"] == by)]
        for key in ("p_value", "p_adjusted"):
            for p in found[key]:
                lines.append(["", "", p_value(p, options.decimals)])
                index.append((title, labels.text(f"heterogeneity.row.{key}")))
    lines += _regime_lines(regimes, options)
    index += _regime_index(regimes, labels)
    columns = [
        labels.text("heterogeneity.column.estimate"),
        labels.text("heterogeneity.column.detectable"),
        labels.text("column.p"),
    ]
    display = pd.DataFrame(lines, columns=columns, index=pd.MultiIndex.from_tuples(index))
    sentences = [
        labels.text("heterogeneity.note.directed"),
        labels.text("heterogeneity.note.regimes", draws=int(regimes["draws"].max())),
        *_refusals(effects[effects["by"].isin(["directed", "link"])], labels),
        stars_note(options, labels),
        uncertainty_note(options, labels),
        *notes,
        source_note(labels),
    ]
    return build_table("directed", labels, data=effects, display=display, notes=sentences)


def _pair(row: Mapping[str, Any], labels: Labels) -> str:
    if row["links"]:
        return labels.text(f"heterogeneity.links.{row['links']}")
    sender, receiver = (group_name(row[key], labels) for key in ("senders", "receivers"))
    return f"{sender} → {receiver}"


def _regime_lines(regimes: pd.DataFrame, options: TableOptions) -> list[list[str]]:
    lines = []
    for row in regimes.to_dict("records"):
        if row["item"].startswith("rho"):
            t = row["estimate"] / row["std_error"]
            lines.append([number(row["estimate"], options.decimals), "", ""])
            lines.append([in_parentheses(row["std_error"], t, float("nan"), options), "", ""])
            continue
        lines.append(["", "", p_value(row["p_value"], options.decimals)])
        if not pd.isna(row["p_bootstrap"]):
            lines.append(["", "", p_value(row["p_bootstrap"], options.decimals)])
    return lines


def _regime_index(regimes: pd.DataFrame, labels: Labels) -> list[tuple[str, str]]:
    first = regimes.iloc[0]
    inside = group_name(first["inside"], labels)
    title = labels.text(
        "heterogeneity.title.regimes", grouping=grouping_name(first["grouping"], labels), inside=inside
    )
    rows = []
    for row in regimes.to_dict("records"):
        rows.append((title, labels.text(f"heterogeneity.row.{row['item']}", inside=inside)))
        if row["item"].startswith("rho"):
            rows.append((title, ""))
        elif not pd.isna(row["p_bootstrap"]):
            rows.append((title, labels.text("heterogeneity.row.bootstrap")))
    return rows


def print_tables(page: Page) -> list[Table]:
    """Return the tables of the analysis.

    Parameters
    ----------
    page : Page
        What printing works with.

    Returns
    -------
    list of Table
        By group, and directed.
    """
    p, labels, sources = page.settings, page.labels, page.sources
    effects = sources.frame(
        "effects", text=["grouping", "by", "component", "receivers", "senders", "links", "reason"]
    )
    tests = sources.frame("tests", text=["grouping", "by", "component"])
    regimes = sources.frame("regimes", text=["grouping", "inside", "item"])
    panel = sources.panel("panel")
    n = panel.n - len(p["excluded"])
    notes = headline_notes(p, sources.weights("weights"), n, panel.periods, labels)
    return [
        heterogeneity_table(
            *(effects, tests, labels, page.options),
            groupings=p["groupings"],
            term=p["term"],
            notes=notes,
        ),
        directed_table(effects, tests, regimes, labels, page.options, notes=notes),
    ]
