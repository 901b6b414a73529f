"""Tables of the spillover ledger: by province, by group, and the verdict by weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.ledger.actual import GROUPED, PLAIN
from shuyi.analyses.ledger.blocks import share_of_weights
from shuyi.analyses.ledger.frames import serial_p_value
from shuyi.analyses.tiers.classification import TIERS
from shuyi.errors import offenders
from shuyi.publish.notes import (
    caveat_line,
    estimation_notes,
    fit_facts,
    joined,
    region_name,
    sample_note,
    simulation_notes,
    source_note,
    weights_notes,
)
from shuyi.publish.numbers import (
    MISSING,
    SHARE_DECIMALS,
    TableOptions,
    count,
    equals,
    interval,
    number,
    p_value,
)
from shuyi.publish.table import Table, build_table
from shuyi.regions import in_order
from shuyi.spatialpanel.cautions import CLUSTERED, SIGNIFICANCE

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels
    from shuyi.weights import Weights


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
        ``term``, ``rise``, ``level``, ``draws``, ``seed``, ``serial_p`` and the fields of `estimation_notes`.
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
    d = effect_decimals(facts["rise"], options)
    display = pd.concat([_account(rows, name, labels, d) for name in ACCOUNTS], axis=1)
    display.index = pd.MultiIndex.from_arrays(
        [[region_name(r, labels) for r in rows["region"]], [names[u] for u in rows["unit"]]]
    )
    sentences = [
        labels.text("ledger.note"),
        *_ledger_notes(facts, labels),
        zero_note(ledger, ACCOUNTS, labels),
        *notes,
        source_note(labels),
    ]
    return build_table(identifier, labels, data=rows, display=display, notes=sentences)


def effect_decimals(rise: float, options: TableOptions) -> int:
    """Return the decimals of effects of a small rise: as many digits as those of a rise by one have.

    Parameters
    ----------
    rise : float
        In units of the regressor.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses.

    Returns
    -------
    int
    """
    return options.decimals + max(0, math.ceil(-math.log10(rise)))


def zero_note(frame: pd.DataFrame, accounts: Sequence[str], labels: Labels) -> str:
    """Return how many intervals of several accounts hold zero, of all that there are.

    Parameters
    ----------
    frame : DataFrame
        Each account with ``_low`` and ``_high``.
    accounts : sequence of str
        Names of the accounts, such as given and received.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
    """
    zero, known = intervals_with_zero(frame, accounts)
    return labels.text("ledger.note.zero", zero=zero, count=known)


def intervals_with_zero(frame: pd.DataFrame, accounts: Sequence[str]) -> tuple[int, int]:
    """Return how many intervals of several accounts hold zero, and how many there are.

    Parameters
    ----------
    frame : DataFrame
        Each account with ``_low`` and ``_high``.
    accounts : sequence of str
        Names of the accounts, such as given and received.

    Returns
    -------
    (int, int)
    """
    zero = sum(int(((frame[f"{a}_low"] <= 0) & (frame[f"{a}_high"] >= 0)).sum()) for a in accounts)
    return zero, sum(int(frame[f"{a}_low"].notna().sum()) for a in accounts)


def _account(rows: pd.DataFrame, name: str, labels: Labels, decimals: int) -> pd.DataFrame:
    bounds = zip(rows[f"{name}_low"], rows[f"{name}_high"], strict=True)
    block = pd.DataFrame(
        {
            labels.text("ledger.estimate"): [number(v, decimals) for v in rows[name]],
            labels.text("ledger.interval"): [interval(a, b, decimals) for a, b in bounds],
        }
    )
    block.columns = pd.MultiIndex.from_product([[labels.text(f"ledger.{name}")], block.columns])
    return block


def _ledger_notes(facts: Mapping[str, Any], labels: Labels) -> list[str]:
    return [
        unit_note(facts, labels),
        labels.text("ledger.note.interval", level=f"{100 * facts['level']:g}"),
        *estimation_notes({k: facts.get(k) for k in STATED if k != "outcome"}, labels),
        serial_note(facts, labels),
        *simulation_notes(facts["draws"], facts["seed"], labels, outside=0.0)[:1],
    ]


def unit_note(facts: Mapping[str, Any], labels: Labels) -> str:
    """Return of which rise the effects are.

    Parameters
    ----------
    facts : mapping
        ``term``, ``outcome`` and ``rise``.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
    """
    return labels.text(
        "ledger.note.unit",
        term=labels.term(facts["term"]),
        outcome=labels.term(facts["outcome"]),
        rise=number(facts["rise"], 3),
        times=number(1.0 / facts["rise"], 0),
    )


def serial_note(facts: Mapping[str, Any], labels: Labels) -> str:
    """Return whether residuals are serially correlated and errors allow for it; empty where they are not.

    Parameters
    ----------
    facts : mapping
        ``serial_p`` (of Wooldridge's test) and ``covariance``.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
    """
    if not facts["serial_p"] < SIGNIFICANCE:
        return ""
    p = equals(facts["serial_p"])
    if facts["covariance"] in CLUSTERED:
        return labels.text("ledger.note.serial", p=p)
    return labels.text("note.serial_correlation", texts=f"p {p}")


def weights_share_note(ledger: pd.DataFrame, weights: Weights, labels: Labels) -> str:
    """Return how much of given and net follows from the weights alone.

    Parameters
    ----------
    ledger : DataFrame
        Columns unit, given, received and net.
    weights : Weights
        Spatial weights in the panel's order of units.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
    """
    shares = share_of_weights(ledger, weights)
    texts = {name: number(100.0 * share, SHARE_DECIMALS) for name, share in shares.items()}
    return labels.text("ledger.note.weights", **texts)


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
    d = effect_decimals(facts["rise"], options)
    display = pd.concat([_account(rows, name, labels, d) for name in accounts], axis=1)
    display.insert(0, ("", labels.text("ledger.units")), [count(v) for v in rows["units"]])
    pair = labels.text("ledger.per_pair")
    for name in ("within", "given"):
        place = list(display.columns.get_level_values(0)).index(labels.text(f"ledger.{name}")) + 2
        cells = [number(v, d + 1) for v in rows[f"{name}_per_pair"]]
        display.insert(place, (labels.text(f"ledger.{name}"), pair), cells)
    display.index = pd.MultiIndex.from_arrays(
        [
            [labels.name("grouping", g) for g in rows["grouping"]],
            [_group_name(g, name, labels) for g, name in zip(rows["grouping"], rows["group"], strict=True)],
        ]
    )
    sentences = [
        labels.text("ledger.note.groups"),
        *_ledger_notes(facts, labels),
        zero_note(groups, accounts, labels),
        *notes,
        source_note(labels),
    ]
    return build_table(identifier, labels, data=groups, display=display, notes=sentences)


def _group_name(grouping: str, group: str, labels: Labels) -> str:
    return labels.text(f"tier.{group}") if grouping == "tier" else region_name(group, labels)


def verdicts_table(
    verdicts: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    facts: Mapping[str, Any],
    identifier: str = "verdicts",
    notes: Sequence[str] = (),
) -> Table:
    """Return the average effects under each of the weights and what the indirect one says.

    Parameters
    ----------
    verdicts : DataFrame
        `shuyi.analyses.ledger.frames.verdicts` with its ``rise``.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    facts : mapping
        ``term``, ``outcome``, ``model``, ``level``, ``draws``, ``seed``, ``effects``, ``correction``,
        ``covariance``, ``periods``.
    identifier : str
        Name of the table.
    notes : sequence of str, default empty
        Caveats of the headline.

    Returns
    -------
    Table
        Two lines to the weights: estimates, and their standard errors in parentheses.
    """
    rows = [_verdict_lines(row, labels, options) for row in verdicts.to_dict("records")]
    headings = [
        *map(labels.text, ("verdict.rho", "effect.direct", "effect.indirect")),
        *map(labels.text, ("effect.total", "ledger.interval", "column.p")),
        *(labels.text(f"verdict.{key}") for key in ("adjusted", "usual", "verdict")),
    ]
    index = [text for name in verdicts["weights"] for text in (labels.name("weights", name), "")]
    lines = [line for pair in rows for line in pair]
    display = pd.DataFrame(lines, columns=headings, index=pd.Index(index))
    sentences = [*_verdict_notes(verdicts, facts, labels, options), *notes, source_note(labels)]
    return build_table(identifier, labels, data=verdicts, display=display, notes=sentences)


def _verdict_lines(
    row: Mapping[str, Any], labels: Labels, options: TableOptions
) -> tuple[list[str], list[str]]:
    d = options.decimals
    pairs = {"rho": "rho", "direct": "direct", "estimate": "", "total": "total"}
    errors = [row[f"{name}_std_error" if name else "std_error"] for name in pairs.values()]
    first = [
        *(number(row[name], d) for name in pairs),
        interval(row["ci_low"], row["ci_high"], d),
        *(p_value(row[name], d) for name in ("p_value", "p_adjusted")),
        interval(row["usual_low"], row["usual_high"], d),
        labels.text(f"verdict.{row['verdict']}") if row["verdict"] else MISSING,
    ]
    second = [f"({number(e, d)})" if e == e else "" for e in errors]
    return first, [*second, *[""] * 5]


def _verdict_notes(
    verdicts: pd.DataFrame, facts: Mapping[str, Any], labels: Labels, options: TableOptions
) -> list[str]:
    known = verdicts[verdicts["verdict"] != ""]
    sizes = [sample_note(int(n), facts["periods"], labels) for n in dict.fromkeys(known["n"])]
    return [
        labels.text("verdict.note", model=str(facts["model"]).upper(), term=labels.term(facts["term"])),
        labels.text("verdict.note.unit", term=labels.term(facts["term"]), rise=number(facts["rise"], 3)),
        labels.text("verdict.note.rule", alpha=f"{1 - facts['level']:.2g}"),
        *(labels.text(f"verdict.note.multiplicity.{rule}", count=len(known))
          for rule in dict.fromkeys(verdicts["multiplicity"])),
        labels.text("verdict.note.errors", level=f"{100 * facts['level']:g}",
                    df=offenders(f"{n - 1:g}" for n in dict.fromkeys(known["n"]))),
        *estimation_notes({k: facts.get(k) for k in STATED}, labels),
        *_usual_notes(known, labels),
        *_other_corrections(verdicts, facts, labels),
        *(labels.text("verdict.note.reason", weights=labels.name("weights", r.weights), reason=r.reason)
          for r in verdicts[verdicts["reason"] != ""].itertuples()),
        *simulation_notes(facts["draws"], facts["seed"], labels, outside=0.0)[:1],
        *sizes,
    ]  # fmt: skip


def _usual_notes(known: pd.DataFrame, labels: Labels) -> list[str]:
    """Return what the usual interval would say, and why it is too short."""
    other = known[known["verdict"] != known["verdict_usual"]]
    texts = [
        labels.text(
            "verdict.note.usual_one",
            verdict=labels.text(f"verdict.{row.verdict_usual}"),
            weights=labels.name("weights", row.weights),
        )
        for row in other.itertuples()
    ]
    says = (
        labels.text("verdict.note.usual_other", texts=joined(texts, labels))
        if texts
        else labels.text("verdict.note.usual_same")
    )
    return [labels.text("verdict.note.usual"), says, _serial_verdicts_note(known, labels)]


def _serial_verdicts_note(known: pd.DataFrame, labels: Labels) -> str:
    rejected = known["serial_p"][known["serial_p"] < SIGNIFICANCE]
    if rejected.empty:
        return ""
    return labels.text(
        "verdict.note.serial", count=len(rejected), all=len(known), p=equals(float(rejected.max()))
    )


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


def actual_table(
    actual: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    facts: Mapping[str, Any],
    names: Mapping[str, str],
    notes: Sequence[str] = (),
) -> Table:
    """Return what provinces gave and received over the sample, under one coefficient and by tier of sender.

    Parameters
    ----------
    actual : DataFrame
        As `actual.actual_frame` gives it.
    labels, options, facts, names, notes
        As in `ledger_table`.

    Returns
    -------
    Table
        Named ``ledger_actual``.
    """
    plain = actual[actual["model"] == PLAIN].reset_index(drop=True)
    grouped = actual[actual["model"] == GROUPED].reset_index(drop=True)
    order = plain["group"].map(list(dict.fromkeys(_tiers_in_order(plain["group"]))).index)
    places = order.argsort(kind="stable")
    d = options.decimals
    blocks = []
    for model, rows in ((PLAIN, plain), (GROUPED, grouped)):
        for name in ("given", "received"):
            block = _account(rows.iloc[places], name, labels, d)
            title = labels.text(f"ledger.actual.{model}", account=labels.text(f"ledger.{name}"))
            block.columns = pd.MultiIndex.from_product([[title], block.columns.get_level_values(1)])
            blocks.append(block)
    display = pd.concat(blocks, axis=1)
    changes = [number(v, d) for v in plain["change"].iloc[places]]
    display.insert(0, ("", labels.text("ledger.actual.change")), changes)
    display.index = pd.MultiIndex.from_arrays(
        [
            [labels.text(f"tier.{g}") for g in plain["group"].iloc[places]],
            [names[str(u)] for u in plain["unit"].iloc[places]],
        ]
    )
    zero, known = intervals_with_zero(actual, ("given", "received"))
    sentences = [
        labels.text("ledger.actual.note", term=labels.term(facts["term"])),
        labels.text("ledger.actual.note.tiers"),
        labels.text("ledger.actual.note.zero", zero=zero, count=known, level=f"{100 * facts['level']:g}"),
        *estimation_notes({k: facts.get(k) for k in STATED}, labels),
        serial_note(facts, labels),
        *notes,
        source_note(labels),
    ]
    return build_table("ledger_actual", labels, data=actual, display=display, notes=sentences)


def _tiers_in_order(tiers: pd.Series) -> list[str]:
    return sorted(set(tiers), key=TIERS.index)


def facts_of(page: Page) -> dict[str, Any]:
    """Return what notes state of ledger and verdicts.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    dict
        The fields of `estimation_notes`, with ``term``, ``level``, ``draws``, ``seed``, ``rise``, ``periods``
        and ``serial_p``.
    """
    p, fit = page.settings, page.sources.fit("fit")
    return {
        **fit_facts(fit),
        **{key: p[key] for key in ("term", "level", "draws", "seed", "covariance")},
        "rise": float(page.sources.frame("ledger")["rise"].iloc[0]),
        "periods": fit.periods,
        "serial_p": serial_p_value(fit),
    }


def _actual(page: Page, facts: Mapping[str, Any], notes: Sequence[str]) -> list[Table]:
    if not page.sources.has("actual"):
        return []
    frame = page.sources.frame("actual", text=["model", "unit", "group"])
    return [actual_table(frame, page.labels, page.options, facts=facts, names=page.names, notes=notes)]


def caveats_told(page: Page) -> str:
    """Return the caveats of the headline; serial correlation is told of the ledger's own errors.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    str
    """
    column = page.settings["specification"]["column"]
    return caveat_line({column: page.sources.data("told")}, page.labels, without_serial=True)


def print_tables(page: Page) -> list[Table]:
    """Return the tables of the analysis.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    list of Table
    """
    p, labels, options, sources = page.settings, page.labels, page.options, page.sources
    facts, ledger, weights = facts_of(page), sources.frame("ledger"), sources.weights("neighbours")
    notes = [
        *weights_notes(p["specification"]["weights"], weights, labels),
        sample_note(len(ledger), facts["periods"], labels),
    ]
    told = caveats_told(page)
    own = [weights_share_note(ledger, weights, labels), told, *notes]
    verdicts = sources.frame("verdicts", text=["verdict", "verdict_usual", "reason"])
    return [
        ledger_table(ledger, labels, options, facts=facts, names=page.names, notes=own),
        *_actual(page, facts, [told, *notes]),
        ledger_groups_table(sources.frame("groups"), labels, options, facts=facts, notes=own),
        verdicts_table(verdicts, labels, options, facts=facts, notes=[told]),
    ]
