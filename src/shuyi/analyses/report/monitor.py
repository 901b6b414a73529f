"""The page of the monitor: changes against the year before, against the previous vintage, and alarms."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.report.control import (
    Charted,
    ControlChart,
    ControlRule,
    charted_series,
    charted_variables,
    compare_vintages,
    control_chart,
    load_vintage,
    vintage_summary,
    year_changes,
)
from shuyi.analyses.report.yearly import (
    DECIMALS,
    DIGEST_LENGTH,
    Source,
    class_text,
    gain_text,
    rank_text,
    standings,
    tier_text,
)
from shuyi.data.series import series_table
from shuyi.data.snapshot import tidy_figures
from shuyi.publish.notes import joined
from shuyi.publish.numbers import MISSING, number
from shuyi.publish.pages import Column, Grid, Page, Section

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.data.series import Caveat, SeriesTable
    from shuyi.panel import Panel
    from shuyi.publish.labels import Labels


PERCENT = 100.0
SHOWN_CELLS = 30
"""Revised cells on the page; the file holds all."""
DEGREE = "degree"


MEASURED = ("coordination", "tiers")
"""Frames that the monitor rests on beside the index and the figures."""


@dataclass(frozen=True, eq=False)
class Figures:
    """The official figures of a run.

    Parameters
    ----------
    table, codebook : DataFrame of str
        As printed, with the columns of the snapshot's files.
    caveats : sequence of Caveat
        What is known of the cells.
    vintage : mapping of str to str
        By language.
    previous : DataFrame of str, optional
        An earlier vintage of the table.
    """

    table: pd.DataFrame
    codebook: pd.DataFrame
    caveats: Sequence[Caveat]
    vintage: Mapping[str, str]
    previous: pd.DataFrame | None = None


@dataclass(frozen=True, eq=False)
class Vintages:
    """The comparison with an earlier vintage.

    Parameters
    ----------
    source : Source
        File of the earlier vintage.
    differences : DataFrame
        From `shuyi.analyses.report.control.compare_vintages`.
    summary : DataFrame
        From `shuyi.analyses.report.control.vintage_summary`.
    """

    source: Source
    differences: pd.DataFrame
    summary: pd.DataFrame


def monitor(
    index: Panel,
    measured: Mapping[str, pd.DataFrame],
    figures: Figures,
    sources: Sequence[Source],
    settings: Mapping[str, Any],
    labels: Labels,
    names: Mapping[str, str],
) -> tuple[dict[str, pd.DataFrame], Page]:
    """Return the frames and the page of the monitor for the last year of the index.

    Parameters
    ----------
    index : Panel
        The index and its sub-scores.
    measured : mapping of str to DataFrame
        The frames of `MEASURED` (see `shuyi.analyses.report.yearly.standings`).
    figures : Figures
        Official figures, and an earlier vintage where there is one.
    sources : sequence of Source
        Files with their digests; where there is an earlier vintage, its file is the last one.
    settings : mapping
        Sections of the configuration: seed, coordination and monitor.
    labels : Labels
        With the names of classes (``class.ID``) and tiers (``tier.ID``).
    names : mapping of str to str
        Display name of each unit in the language of the labels.

    Returns
    -------
    frames : dict of DataFrame
        ``changes`` (`year_changes`), ``vintage`` (`compare_vintages`; no rows without an earlier vintage) and
        ``alarms`` (`ControlChart.alarms`, of every year).
    page : Page
    """
    chosen = settings["coordination"]
    ranked = standings(
        index,
        measured["coordination"],
        measured["tiers"],
        system_set=chosen["sets"][0],
        variant=chosen["variant"],
    )
    rule = ControlRule(settings["monitor"]["sigmas"], settings["monitor"]["baseline"])
    year, seed = index.periods[-1], settings["seed"]
    chart = chart_of(
        series_table(figures.table, figures.codebook, index.units),
        index,
        ranked,
        figures.caveats,
        rule=rule,
        last_year=year,
        seed=seed,
    )
    current = tidy_figures(figures.table)
    vintages = _compared(figures, current, sources[-1])
    frames = {
        "changes": year_changes(ranked, year),
        "vintage": compare_vintages(current, current) if vintages is None else vintages.differences,
        "alarms": chart.alarms,
    }
    provenance = monitor_provenance(sources, figures.vintage, labels, seed=seed)
    page = monitor_page(frames["changes"], vintages, chart, provenance, labels, names, year=year, rule=rule)
    return frames, page


def _compared(figures: Figures, current: pd.DataFrame, source: Source) -> Vintages | None:
    if figures.previous is None:
        return None
    indicators = sorted(set(current["indicator"]))
    units = sorted(set(current["province_code"]))
    previous = load_vintage(figures.previous, indicators=indicators, units=units)
    differences = compare_vintages(previous, current)
    return Vintages(source, differences, vintage_summary(differences, previous, current))


def degree_panel(standings: pd.DataFrame, units: Sequence[str]) -> Charted:
    """Return the degree of coordination for the control chart.

    Parameters
    ----------
    standings : DataFrame
        From `shuyi.analyses.report.yearly.standings`.
    units : sequence of str
        Order of the columns.

    Returns
    -------
    Charted
        In plain differences.
    """
    wide = standings.pivot(index="period", columns="unit", values=DEGREE)[list(units)]
    return Charted(DEGREE, wide.to_numpy(dtype=np.float64), int(wide.index[0]), "plain")


def chart_of(
    table: SeriesTable,
    index: Panel,
    standings: pd.DataFrame,
    caveats: Sequence[Caveat],
    *,
    rule: ControlRule,
    last_year: int,
    seed: int,
) -> ControlChart:
    """Chart every official series, the index with its dimensions, and the degree of coordination.

    Parameters
    ----------
    table : SeriesTable
        Official series.
    index : Panel
        Of the table's units.
    standings : DataFrame
        From `shuyi.analyses.report.yearly.standings`.
    caveats : sequence of Caveat
        What is known of the cells.
    rule : ControlRule
        Width of the limits and how many changes they need.
    last_year : int
        Later figures are left out.
    seed : int
        Seed of the random draws.

    Returns
    -------
    ControlChart
        Alarms up to `last_year`.
    """
    charted = [
        *charted_series(table, caveats),
        *charted_variables(index),
        degree_panel(standings, index.units),
    ]
    cut = [
        Charted(c.name, c.values[: last_year - c.first_year + 1], c.first_year, c.kind, c.breaks)
        for c in charted
    ]
    return control_chart(cut, index.units, rule, caveats=caveats, seed=seed)


def monitor_page(
    changes: pd.DataFrame,
    vintages: Vintages | None,
    chart: ControlChart,
    provenance: Section,
    labels: Labels,
    names: Mapping[str, str],
    *,
    year: int,
    rule: ControlRule,
) -> Page:
    """Return the page of the monitor.

    Parameters
    ----------
    changes : DataFrame
        From `shuyi.analyses.report.control.year_changes`.
    vintages : Vintages or None
        None where no earlier vintage was supplied; the page says so.
    chart : ControlChart
        Alarms of every year.
    provenance : Section
        From `monitor_provenance`.
    labels : Labels
        As `monitor` takes them.
    names : mapping of str to str
        Display name of each unit.
    year : int
        The year that is monitored.
    rule : ControlRule
        Which the alarms rest on.

    Returns
    -------
    Page
        With the changes, the vintages and the alarms.
    """
    sections = (
        _years(changes, year, labels, names),
        *_vintages(vintages, labels, names),
        _alarms(chart, year, rule, labels, names),
    )
    lead = labels.text("monitor.lead", before=year - 1)
    return Page(labels.language, labels.text("monitor.title", year=year), lead, sections, provenance)


def _years(changes: pd.DataFrame, year: int, labels: Labels, names: Mapping[str, str]) -> Section:
    text = labels.text(
        "monitor.years.lead",
        moved=int((changes["rank_gain"] != 0).sum()),
        n=len(changes),
        tiers=int((changes["tier"] != changes["tier_before"]).sum()),
        classes=int((changes["class"] != changes["class_before"]).sum()),
    )
    ordered = changes.sort_values(["rank", "unit"])
    rows = tuple(_change_row(row, labels, names) for row in _records(ordered))
    return Section(
        labels.text("monitor.years", before=year - 1), (text,), Grid(tuple(_change_columns(labels)), rows)
    )


def _change_columns(labels: Labels) -> Iterator[Column]:
    before, now, change = (labels.text(f"monitor.column.{word}") for word in ("before", "now", "change"))
    yield Column(labels.text("report.column.province"), "", "left")
    for group in ("index", "rank", "degree"):
        heading = labels.text(f"monitor.group.{group}")
        yield from (Column(text, heading, "right") for text in (before, now, change))
    for group in ("class", "tier"):
        heading = labels.text(f"monitor.group.{group}")
        yield from (Column(text, heading, "left") for text in (before, now))


def _change_row(row: Mapping[str, Any], labels: Labels, names: Mapping[str, str]) -> tuple[str, ...]:
    return (
        names[row["unit"]],
        *(number(row[c], DECIMALS) for c in ("score_before", "score", "score_change")),
        *(rank_text(row[c]) for c in ("rank_before", "rank")),
        gain_text(row["rank_gain"]),
        *(number(row[c], DECIMALS) for c in ("degree_before", "degree", "degree_change")),
        class_text(row["class_before"], "", labels),
        class_text(row["class"], row["class_before"], labels),
        tier_text(row["tier_before"], "", labels),
        tier_text(row["tier"], row["tier_before"], labels),
    )


def _vintages(vintages: Vintages | None, labels: Labels, names: Mapping[str, str]) -> Iterator[Section]:
    heading = labels.text("monitor.vintage")
    if vintages is None:
        yield Section(heading, (labels.text("monitor.vintage.none"),))
        return
    totals = {c: f"{int(vintages.summary[c].sum()):,}" for c in ("common", "revised", "added", "withdrawn")}
    digest = vintages.source.digest[:DIGEST_LENGTH]
    lead = labels.text("monitor.vintage.lead", **totals, path=vintages.source.path, digest=digest)
    if vintages.differences.empty:
        yield Section(heading, (lead, labels.text("monitor.vintage.equal", common=totals["common"])))
        return
    yield Section(heading, (lead,), _summary_grid(vintages.summary, labels))
    largest = vintages.differences[vintages.differences["relative"].notna()]
    largest = largest.reindex(largest["relative"].abs().sort_values(ascending=False, kind="stable").index)
    shown = largest.head(SHOWN_CELLS)
    text = labels.text("monitor.vintage.cells.lead", shown=len(shown), all=f"{len(vintages.differences):,}")
    yield Section(labels.text("monitor.vintage.cells"), (text,), _cells_grid(shown, labels, names))


def _summary_grid(summary: pd.DataFrame, labels: Labels) -> Grid:
    counts = ("common", "revised", "added", "withdrawn")
    columns = (
        Column(labels.text("monitor.column.series"), "", "left"),
        *(Column(labels.text(f"monitor.column.{c}")) for c in (*counts, "largest")),
    )
    rows = tuple(
        (
            labels.term(row["indicator"]),
            *(f"{row[c]:,}" for c in counts),
            number(PERCENT * row["largest"], 2),
        )
        for row in _records(summary)
    )
    return Grid(columns, rows)


def _cells_grid(cells: pd.DataFrame, labels: Labels, names: Mapping[str, str]) -> Grid:
    columns = (
        Column(labels.text("monitor.column.series"), "", "left"),
        Column(labels.text("report.column.province"), "", "left"),
        *(Column(labels.text(f"monitor.column.{c}")) for c in ("year", "previous", "current", "relative")),
    )
    rows = tuple(
        (
            labels.term(row["indicator"]),
            names[row["province_code"]],
            str(row["year"]),
            _printed(row["previous"]),
            _printed(row["current"]),
            number(PERCENT * row["relative"], 2),
        )
        for row in _records(cells)
    )
    return Grid(columns, rows)


def _printed(value: float) -> str:
    """Return a figure with the digits that its source printed."""
    return f"{value:,}".removesuffix(".0")


def _alarms(
    chart: ControlChart, year: int, rule: ControlRule, labels: Labels, names: Mapping[str, str]
) -> Section:
    found = chart.in_year(year)
    lead = labels.text(
        "monitor.alarms.lead",
        alarms=len(found),
        points=f"{chart.points.get(year, 0):,}",
        year=year,
        expected=number(chart.expected.get(year, 0.0), 1),
        uncharted=f"{chart.uncharted.get(year, 0):,}",
        baseline=rule.baseline,
    )
    counts = [
        f"{y}: {int((chart.alarms['year'] == y).sum())} ({points:,})" for y, points in chart.points.items()
    ]
    paragraphs = [
        labels.text("monitor.alarms.rule", sigmas=f"{rule.sigmas:g}"),
        lead,
        labels.text("monitor.alarms.excluded"),
        labels.text("monitor.alarms.years", counts=joined(counts, labels)),
    ]
    if found.empty:
        paragraphs.append(labels.text("monitor.alarms.none"))
        return Section(labels.text("monitor.alarms"), tuple(paragraphs))
    return Section(labels.text("monitor.alarms"), tuple(paragraphs), _alarm_grid(found, labels, names))


def _alarm_grid(alarms: pd.DataFrame, labels: Labels, names: Mapping[str, str]) -> Grid:
    distance = (alarms["change"] - alarms["centre"]) / alarms["sigma"]
    ordered = alarms.assign(distance=distance).reindex(
        distance.abs().sort_values(ascending=False, kind="stable").index
    )
    words = ("growth", "limits", "sigmas", "baseline")
    columns = (
        Column(labels.text("monitor.column.series"), "", "left"),
        Column(labels.text("report.column.province"), "", "left"),
        *(Column(labels.text(f"monitor.column.{word}")) for word in words),
        Column(labels.text("monitor.column.caveat"), "", "left", wraps=True),
    )
    rows = tuple(
        (
            labels.text("monitor.degree") if row["series"] == DEGREE else labels.term(row["series"]),
            names[row["unit"]],
            _change(row["change"], row["kind"]),
            f"{_change(row['lower'], row['kind'])} – {_change(row['upper'], row['kind'])}",
            number(row["distance"], 1),
            str(row["baseline"]),
            row["caveat"] or MISSING,
        )
        for row in _records(ordered)
    )
    return Grid(columns, rows)


def _change(value: float, kind: str) -> str:
    """Return a change: of logarithms as the growth in per cent that it means, else as it is."""
    if kind != "log":
        return number(value, DECIMALS)
    percent = number(PERCENT * math.expm1(value), 1)
    return percent if percent == MISSING else f"{percent}%"


def monitor_provenance(
    sources: Sequence[Source], vintage: Mapping[str, str], labels: Labels, *, seed: int
) -> Section:
    """Return where the numbers of the monitor come from.

    Parameters
    ----------
    sources : sequence of Source
        Files with their digests.
    vintage : mapping of str to str
        Vintage of the current figures by language.
    labels : Labels
        Texts in the language of the output.
    seed : int
        Of the simulated rate of false alarms.

    Returns
    -------
    Section
        One table.
    """
    texts = {
        "figures": labels.text("note.source"),
        "vintage": vintage[labels.language],
        "draws": labels.text("monitor.seed", seed=seed),
        "digests": joined([f"{s.path} {s.digest[:DIGEST_LENGTH]}" for s in sources], labels),
    }
    columns = (Column("", "", "left"), Column("", "", "left", wraps=True))
    rows = tuple((labels.text(f"report.provenance.{name}"), text) for name, text in texts.items())
    return Section(labels.text("report.provenance"), (), Grid(columns, rows))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
