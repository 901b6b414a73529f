"""Tables of the spillover ledger: by province, by group, and the verdict by weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.publish.notes import (
    estimation_notes,
    fit_facts,
    joined,
    simulation_notes,
    source_note,
    stars_note,
    weights_notes,
)
from shuyi.publish.numbers import MISSING, TableOptions, count, interval, number, p_value, starred
from shuyi.publish.table import Table, build_table
from shuyi.regions import in_order

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels


ACCOUNTS = ("given", "received", "net")
STATED = ("outcome", "effects", "correction", "covariance")
"""What notes state of the estimate."""


def ledger_table(
    ledger: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    facts: Mapping[str, Any],
    names: Mapping[str, str],
    notes: Sequence[str] = (),
    identifier: str = "ledger",
) -> Table:
    """Return the spillover ledger by province, grouped by region.

    Parameters
    ----------
    ledger : DataFrame
        unit, region, and given, received and net with ``_low`` and ``_high``.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    facts : mapping
        ``term``, ``level``, ``draws``, ``seed`` and the fields of `estimation_notes`.
    names : mapping of str to str
        Names of the provinces by code.
    notes : sequence of str, default empty
        On weights and simulation.
    identifier : str, default "table36"
        Id of the table.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    places = ledger["region"].map(in_order(ledger["region"]).index)
    rows = ledger.iloc[places.argsort(kind="stable")]
    display = pd.concat([_account(rows, name, labels, options) for name in ACCOUNTS], axis=1)
    display.index = pd.MultiIndex.from_arrays(
        [[labels.text(f"distribution.region.{r}") for r in rows["region"]], [names[u] for u in rows["unit"]]]
    )
    sentences = [labels.text("ledger.note"), *_ledger_notes(facts, labels), *notes, source_note(labels)]
    return build_table(identifier, labels, data=rows, display=display, notes=sentences)


def _account(rows: pd.DataFrame, name: str, labels: Labels, options: TableOptions) -> pd.DataFrame:
    bounds = zip(rows[f"{name}_low"], rows[f"{name}_high"], strict=True)
    block = pd.DataFrame(
        {
            labels.text("ledger.estimate"): [number(v, options.decimals) for v in rows[name]],
            labels.text("ledger.interval"): [interval(a, b, options.decimals) for a, b in bounds],
        }
    )
    block.columns = pd.MultiIndex.from_product([[labels.text(f"ledger.{name}")], block.columns])
    return block


def _ledger_notes(facts: Mapping[str, Any], labels: Labels) -> list[str]:
    return [
        labels.text(
            "ledger.note.unit", term=labels.term(facts["term"]), outcome=labels.term(facts["outcome"])
        ),
        labels.text("ledger.note.interval", level=f"{100 * facts['level']:g}"),
        *estimation_notes({k: facts.get(k) for k in STATED if k != "outcome"}, labels),
        *simulation_notes(facts["draws"], facts["seed"], labels, outside=0.0)[:1],
    ]


def ledger_groups_table(
    groups: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    facts: Mapping[str, Any],
    notes: Sequence[str] = (),
    identifier: str = "ledger_groups",
) -> Table:
    """Return the ledger by tier, region and city cluster: within each group, given to the others, and net.

    Parameters
    ----------
    groups : DataFrame
        `shuyi.analyses.ledger.blocks.Blocks.summary` by grouping.
    labels, options, facts, notes, identifier
        As in `ledger_table`.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    accounts = ("within", "given", "net")
    rows = groups.reset_index(drop=True)
    display = pd.concat([_account(rows, name, labels, options) for name in accounts], axis=1)
    display.insert(0, ("", labels.text("ledger.units")), [count(v) for v in rows["units"]])
    pair = labels.text("ledger.per_pair")
    for name in ("within", "given"):
        place = list(display.columns.get_level_values(0)).index(labels.text(f"ledger.{name}")) + 2
        cells = [number(v, options.decimals + 1) for v in rows[f"{name}_per_pair"]]
        display.insert(place, (labels.text(f"ledger.{name}"), pair), cells)
    display.index = pd.MultiIndex.from_arrays(
        [
            [labels.text(f"grouping.{g}") for g in rows["grouping"]],
            [_group_name(g, name, labels) for g, name in zip(rows["grouping"], rows["group"], strict=True)],
        ]
    )
    sentences = [
        labels.text("ledger.note.groups"),
        *_ledger_notes(facts, labels),
        *notes,
        source_note(labels),
    ]
    return build_table(identifier, labels, data=groups, display=display, notes=sentences)


def _group_name(grouping: str, group: str, labels: Labels) -> str:
    return labels.text(f"tier.{group}" if grouping == "tier" else f"distribution.region.{group}")


def verdicts_table(
    verdicts: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    facts: Mapping[str, Any],
    identifier: str = "verdicts",
) -> Table:
    """Return the average indirect effect under each of the weights and what it says.

    Parameters
    ----------
    verdicts : DataFrame
        `shuyi.analyses.ledger.frames.verdicts`.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    facts : mapping
        ``term``, ``outcome``, ``model``, ``level``, ``draws``, ``seed``, ``effects``, ``correction``,
        ``covariance``.
    identifier : str, default "table38"
        Id of the table.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    d = options.decimals
    low_high = zip(verdicts["ci_low"], verdicts["ci_high"], strict=True)
    display = pd.DataFrame(
        {
            labels.text("verdict.rho"): [number(v, d) for v in verdicts["rho"]],
            labels.text("effect.direct"): [number(v, d) for v in verdicts["direct"]],
            labels.text("effect.indirect"): [
                starred(v, p, options) for v, p in zip(verdicts["estimate"], verdicts["p_value"], strict=True)
            ],
            labels.text("ledger.interval"): [interval(low, high, d) for low, high in low_high],
            labels.text("column.p"): [p_value(p, d) for p in verdicts["p_value"]],
            labels.text("stat.loglik"): [number(v, 2) for v in verdicts["loglik"]],
            labels.text("verdict.verdict"): [
                labels.text(f"verdict.{v}") if v else MISSING for v in verdicts["verdict"]
            ],
        },
        index=pd.Index([labels.name("weights", name) for name in verdicts["weights"]]),
    )
    notes = [
        labels.text("verdict.note.rule", level=f"{100 * facts['level']:g}"),
        labels.text("verdict.note.multiplicity"),
        stars_note(options, labels),
        labels.text("verdict.note", model=str(facts["model"]).upper(), term=labels.term(facts["term"])),
        *estimation_notes({k: facts.get(k) for k in STATED}, labels),
        *_other_corrections(verdicts, facts, labels),
        *_delta_note(verdicts, labels),
        *[labels.text("verdict.note.reason", weights=labels.name("weights", r.weights), reason=r.reason)
          for r in verdicts[verdicts["reason"] != ""].itertuples()],
        *simulation_notes(facts["draws"], facts["seed"], labels, outside=0.0)[:1],
        source_note(labels),
    ]  # fmt: skip
    return build_table(identifier, labels, data=verdicts, display=display, notes=notes)


def _other_corrections(verdicts: pd.DataFrame, facts: Mapping[str, Any], labels: Labels) -> list[str]:
    other = verdicts[verdicts["correction"] != facts["correction"]]
    return [
        labels.text(
            "verdict.note.correction",
            weights=joined([labels.name("weights", w) for w in rows["weights"]], labels),
            correction=labels.text(f"correction.{correction}"),
        )
        for correction, rows in other.groupby("correction", sort=True)
    ]


def _delta_note(verdicts: pd.DataFrame, labels: Labels) -> list[str]:
    known = verdicts[verdicts["verdict"] != ""]
    differing = known[known["verdict"] != known["verdict_delta"]]
    if differing.empty:
        return [labels.text("verdict.note.delta_same")]
    named = joined([labels.name("weights", w) for w in differing["weights"]], labels)
    return [labels.text("verdict.note.delta_other", weights=named)]


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
    p, labels, options, sources = page.settings, page.labels, page.options, page.sources
    facts = {**fit_facts(sources.fit("fit")), **{key: p[key] for key in ("term", "level", "draws", "seed")}}
    notes = weights_notes(p["specification"]["weights"], sources.weights("neighbours"), labels)
    verdicts = sources.frame("verdicts", text=["verdict", "verdict_delta", "reason"])
    return [
        ledger_table(sources.frame("ledger"), labels, options, facts=facts, names=page.names, notes=notes),
        ledger_groups_table(sources.frame("groups"), labels, options, facts=facts, notes=notes),
        verdicts_table(verdicts, labels, options, facts=facts),
    ]
