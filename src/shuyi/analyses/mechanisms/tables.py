"""Tables of channels, and of the layers and actors of the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.headline import headline_notes
from shuyi.analyses.mechanisms.equations import COMPONENTS
from shuyi.analyses.mechanisms.frames import JOINT
from shuyi.publish.notes import joined, label_or, source_note, stars_note, uncertainty_note
from shuyi.publish.numbers import MISSING, TableOptions, count, in_parentheses, number, p_value, starred
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels


def channel_name(name: str, labels: Labels) -> str:
    """Return the printed name of a channel.

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
    return label_or(labels, f"mechanisms.channel.{name}", name)


def part_name(name: str, labels: Labels) -> str:
    """Return the printed name of a part of the index.

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
    return label_or(labels, f"mechanisms.part.{name}", name)


def _lines(
    rows: pd.DataFrame, labels: Labels, options: TableOptions
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the two lines of an effect of one equation: estimates, and what stands below them."""
    first: dict[str, Any] = {}
    below: dict[str, Any] = {}
    for component in COMPONENTS:
        row = rows[rows["component"] == component].iloc[0]
        title = labels.text(f"effect.{component}")
        t = row["estimate"] / row["std_error"]
        first[title] = starred(row["estimate"], row["p_value"], options)
        below[title] = in_parentheses(row["std_error"], t, row["p_value"], options)
        columns = {
            labels.text("mechanisms.column.scaled"): number(row["estimate"] * row["scale"], options.decimals),
            labels.text("mechanisms.column.adjusted"): p_value(row["p_adjusted"], options.decimals),
            labels.text("mechanisms.column.detectable"): number(row["detectable"], options.decimals),
        }
        for key, text in columns.items():
            heading = labels.text("heading.part", whole=title, part=key)
            first[heading], below[heading] = text, ""
    periods = labels.text("stat.periods")
    first[periods], below[periods] = count(rows["T"].iloc[0]), ""
    return first, below


def mechanisms_table(
    channels: pd.DataFrame,
    left_out: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    term: str,
    draws: int,
    level: float,
    notes: Sequence[str] = (),
) -> Table:
    """Return the effects of the index, and of the neighbours', on every channel.

    Parameters
    ----------
    channels, left_out : DataFrame
        As `frames.channel_frames` gives them.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals and stars.
    term : str
        The index.
    draws : int
        Resampled outcomes of each equation.
    level : float
        Confidence level.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``mechanisms``.
    """
    shown = channels[channels["estimate"].notna()]
    lines, index = [], []
    for (group, name), rows in shown.groupby(["group", "name"], sort=False):
        first, below = _lines(rows, labels, options)
        claims = [labels.text(f"mechanisms.claim.{c}") for c in rows["claim"]]
        lines += [
            first | {labels.text("mechanisms.column.claim"): claims[0]},
            below | {labels.text("mechanisms.column.claim"): claims[1]},
        ]
        title = label_or(labels, f"mechanisms.group.{group}", str(group))
        index += [(title, channel_name(str(name), labels)), (title, "")]
    display = pd.DataFrame(lines, index=pd.MultiIndex.from_tuples(index))
    sentences = [
        claims_sentence(channels, labels),
        labels.text("mechanisms.note", term=labels.term(term), draws=count(draws), count=len(shown)),
        labels.text("mechanisms.note.claim", size=f"{1 - level:.2g}"),
        labels.text("mechanisms.note.argued"),
        labels.text("mechanisms.note.scales"),
        *_left_out_notes(left_out, labels),
        stars_note(options, labels),
        uncertainty_note(options, labels),
        *notes,
        source_note(labels),
    ]
    return build_table("mechanisms", labels, data=channels, display=display, notes=sentences)


def claims_sentence(channels: pd.DataFrame, labels: Labels) -> str:
    """Return how many effects of the family support a claim.

    Parameters
    ----------
    channels : DataFrame
        As `frames.channel_frames` gives it.
    labels : Labels
        Words in the language of the table.

    Returns
    -------
    str
        One sentence.
    """
    shown = channels[channels["estimate"].notna()]
    found = shown[shown["claim"] == "supported"]
    if found.empty:
        return labels.text("mechanisms.claims.none", count=len(shown))
    names = joined([channel_name(n, labels) for n in dict.fromkeys(found["name"])], labels)
    return labels.text("mechanisms.claims.some", found=len(found), count=len(shown), names=names)


def _left_out_notes(left_out: pd.DataFrame, labels: Labels) -> list[str]:
    notes = []
    for row in left_out.to_dict("records"):
        name = channel_name(row["name"], labels)
        if row["reason"]:
            notes.append(labels.text("mechanisms.refused", channel=name, reason=row["reason"]))
            continue
        if row["indicators"]:
            count_ = len(row["indicators"].split())
            notes.append(labels.text("mechanisms.note.indicators", channel=name, count=count_))
        if row["controls"]:
            names = joined([labels.term(c) for c in row["controls"].split()], labels)
            notes.append(labels.text("mechanisms.note.controls", channel=name, controls=names))
    return notes


def layers_table(
    races: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    settings: Mapping[str, Mapping[str, Any]],
    draws: int,
    notes: Sequence[str] = (),
) -> Table:
    """Return the effects of parts of the index on the outcome, each alone and all in one equation.

    Parameters
    ----------
    races : DataFrame
        As `frames.race_frame` gives it.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals and stars.
    settings : mapping of str to mapping
        The races as configured.
    draws : int
        Resampled outcomes of each equation.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``layers``.
    """
    lines: list[dict[str, Any]] = []
    index: list[tuple[str, str]] = []
    for race, rows in races[races["estimate"].notna()].groupby("race", sort=False):
        for joint in (False, True):
            own = rows[(rows["name"] == JOINT) == joint]
            kind = labels.text(f"mechanisms.race.{'joint' if joint else 'alone'}")
            whole = label_or(labels, f"mechanisms.race.{race}", str(race))
            title = labels.text("heading.part", whole=whole, part=kind)
            for term, effect in own.groupby("term", sort=False):
                lines += _lines(effect, labels, options)
                index += [(title, part_name(str(term), labels)), (title, "")]
    display = pd.DataFrame(lines, index=pd.MultiIndex.from_tuples(index))
    absent = [
        labels.text(
            "mechanisms.note.absent",
            race=label_or(labels, f"mechanisms.race.{race}", race),
            parts=joined([part_name(p, labels) for p in entry["absent"]], labels),
        )
        for race, entry in settings.items()
        if entry.get("absent")
    ]
    refused = [
        labels.text("mechanisms.refused", channel=part_name(row["term"], labels), reason=row["reason"])
        for row in races[races["estimate"].isna()].to_dict("records")
    ]
    sentences = [
        labels.text("mechanisms.note.layers", draws=count(draws)),
        *absent,
        *refused,
        stars_note(options, labels),
        uncertainty_note(options, labels),
        *notes,
        source_note(labels),
    ]
    return build_table("layers", labels, data=races, display=display.fillna(MISSING), notes=sentences)


def print_tables(page: Page) -> list[Table]:
    """Return the tables of the analysis.

    Parameters
    ----------
    page : Page
        What printing works with.

    Returns
    -------
    list of Table
        Channels, and layers and actors.
    """
    p, labels, sources = page.settings, page.labels, page.sources
    channels = sources.frame("channels", text=["group", "name", "term", "component", "reason", "claim"])
    left_out = sources.frame("left_out", text=["name", "indicators", "controls", "reason"])
    races = sources.frame("races", text=["race", "name", "term", "component", "reason"])
    panel = sources.panel("panel")
    n = panel.n - len(p["excluded"])
    weights = sources.weights("weights")
    outcome = headline_notes(p, weights, n, panel.periods, labels)
    spec = {**p["specification"], "outcome": ""}
    shared = headline_notes({**p, "specification": spec}, weights, n, panel.periods, labels)
    return [
        mechanisms_table(
            *(channels, left_out, labels, page.options),
            term=p["term"],
            draws=p["draws"],
            level=p["level"],
            notes=shared,
        ),
        layers_table(races, labels, page.options, settings=p["races"], draws=p["draws"], notes=outcome),
    ]
