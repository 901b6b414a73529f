"""Tables of tiers: transitions with their sizes, and policy instruments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.publish.notes import joined, label_or, literature_note, source_note
from shuyi.publish.numbers import count, number
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels


TIERS = ("lagging", "transition", "frontier")
FRAMES = ("tiers", "cuts", "changes", "transitions", "instruments")
"""Frames of the measurement that the tables read."""
CUT_DECIMALS = 4


def tier_tables(
    frames: Mapping[str, pd.DataFrame], labels: Labels, *, rule: Mapping[str, Any], names: Mapping[str, str]
) -> list[Table]:
    """Return the table of transitions between tiers and the table of instruments by tier.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        `shuyi.analyses.tiers.frames.tier_frames`.
    labels : Labels
        With the titles of tiers and instruments.
    rule : mapping
        ``method``, ``pool``, ``quantiles``, ``margin``, ``periods``.
    names : mapping of str to str
        Names of the provinces by code.

    Returns
    -------
    list of Table
        Transitions, then instruments.
    """
    return [
        transitions_table(frames, labels, rule=rule, names=names),
        instruments_table(frames["instruments"], frames["tiers"], labels, names=names),
    ]


def transitions_table(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    *,
    rule: Mapping[str, Any],
    names: Mapping[str, str],
    identifier: str = "tier_transitions",
) -> Table:
    """Return transitions between tiers from one year to the next, and the provinces of each tier by year.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``transitions``, ``tiers``, ``cuts`` and ``changes`` of `shuyi.analyses.tiers.frames.tier_frames`.
    labels : Labels
        Texts in the language of the output.
    rule : mapping
        ``method``, ``pool``, ``quantiles``, ``margin``, ``periods``.
    names : mapping of str to str
        Names of the provinces by code.
    identifier : str, default "table34"
        Id of the table.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    data = frames["transitions"]
    shares = data.set_index(["from", "to"])
    sizes = frames["tiers"].groupby(["period", "tier"]).size().unstack(fill_value=0)
    cuts = frames["cuts"].pivot(index="period", columns="below", values="cut")
    headings = [labels.text(f"tier.{tier}") for tier in TIERS]
    total, lower, upper = (labels.text(f"tiers.{c}") for c in ("moves", "lower_cut", "upper_cut"))
    rows: dict[tuple[str, str], list[str]] = {}
    for one in TIERS:
        cells = [_share(shares.loc[(one, other)]) for other in TIERS]
        moves = float(sum(shares.loc[(one, other), "count"] for other in TIERS))
        rows[labels.text("tiers.transitions"), labels.text(f"tier.{one}")] = [*cells, count(moves), "", ""]
    for period in sizes.index:
        found = [count(float(sizes.loc[period].get(tier, 0))) for tier in TIERS]
        bounds = [number(cuts.loc[period, tier], CUT_DECIMALS) for tier in TIERS[:2]]
        rows[labels.text("tiers.sizes"), str(period)] = [*found, "", *bounds]
    display = pd.DataFrame(list(rows.values()), columns=[*headings, total, lower, upper])
    display.index = pd.MultiIndex.from_tuples(list(rows))
    notes = [
        labels.text(f"tiers.note.{rule['method']}", lower=_percent(rule, 0), upper=_percent(rule, 1)),
        labels.text(f"tiers.note.{rule['pool']}"),
        labels.text("tiers.note.hysteresis", margin=f"{rule['margin']:g}", periods=rule["periods"]),
        _changes_note(frames["changes"], labels, names),
        source_note(labels),
    ]
    return build_table(identifier, labels, data=data, display=display, notes=notes)


def _percent(rule: Mapping[str, Any], place: int) -> str:
    return f"{100 * rule['quantiles'][place]:.1f}"


def _share(row: pd.Series) -> str:
    share = number(100 * row["share"], 1)
    return f"{count(row['count'])} ({share}%)" if share != "—" else count(row["count"])


def _changes_note(changes: pd.DataFrame, labels: Labels, names: Mapping[str, str]) -> str:
    if changes.empty:
        return labels.text("tiers.note.no_changes")
    moves = [
        labels.text(
            "tiers.move",
            province=names[row["unit"]],
            year=row["period"],
            before=labels.text(f"tier.{row['from']}"),
            after=labels.text(f"tier.{row['to']}"),
        )
        for row in changes.to_dict("records")
    ]
    return labels.text("tiers.note.changes", changes=labels.text("tiers.separator").join(moves))


def instruments_table(
    instruments: pd.DataFrame,
    tiers: pd.DataFrame,
    labels: Labels,
    *,
    names: Mapping[str, str],
    identifier: str = "instruments",
) -> Table:
    """Return the policy instruments by tier, with the source that assigns each.

    Parameters
    ----------
    instruments : DataFrame
        Result of `InstrumentMatrix.to_frame`.
    tiers : DataFrame
        Columns unit, period and tier.
    labels : Labels
        Texts in the language of the output.
    names : mapping of str to str
        Names of the provinces by code.
    identifier : str, default "table35"
        Id of the table.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    wide = instruments.pivot(index="instrument", columns="tier", values="applies")
    order = list(dict.fromkeys(instruments["instrument"]))
    assigned = instruments[instruments["applies"]]
    places = assigned.assign(place=[_place(source, labels) for source in assigned["source"]])
    separator = labels.text("distribution.semicolon")
    sources = places.groupby("instrument")["place"].agg(separator.join)
    display = pd.DataFrame(
        {
            labels.text(f"tier.{tier}"): [
                labels.text("tiers.applies") if wide.loc[i, tier] else "" for i in order
            ]
            for tier in TIERS
        },
        index=pd.Index([labels.text(f"instrument.{i}") for i in order]),
    )
    display[labels.text("tiers.source")] = [sources.get(i, "") for i in order]
    last = tiers[tiers["period"] == tiers["period"].max()]
    members = [
        labels.text(
            "tiers.members",
            tier=labels.text(f"tier.{tier}"),
            year=int(last["period"].iloc[0]),
            provinces=joined([names[u] for u in last.loc[last["tier"] == tier, "unit"]], labels)
            or labels.text("tiers.none"),
        )
        for tier in TIERS
    ]
    read = [part.split("/")[0] for text in assigned["source"] for part in text.split("; ")]
    notes = [labels.text("tiers.note.instruments"), *members, literature_note(read, labels)]
    return build_table(identifier, labels, data=instruments, display=display, notes=notes)


def _place(source: str, labels: Labels) -> str:
    """Return ``S3/4/region`` in words; several places are joined by semicolons."""
    places = [part.split("/") for part in source.split("; ")]
    return labels.text("distribution.semicolon").join(
        labels.text("source.place", id=name, row=row, basis=label_or(labels, f"source.basis.{basis}", basis))
        for name, row, basis in places
    )


def print_tables(page: Page) -> list[Table]:
    """Return the tables of the analysis.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    list of Table
        In the order of the paper.
    """
    frames = page.sources.frames(FRAMES, text=["source"])
    return tier_tables(frames, page.labels, rule=page.settings["rule"], names=page.names)
