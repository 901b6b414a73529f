"""The yearly report "regional digital competitiveness and coordination": its numbers and its page.

Competitiveness is the digital development index, coordination the degree of coupling coordination.
`standings` joins what earlier steps measured, `year_table` takes one year of it in full precision, and
`report_page` puts the year into words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.coordination.degrees import CLASSES
from shuyi.analyses.report.control import year_changes
from shuyi.analyses.tiers.classification import TIERS
from shuyi.errors import DataError, offenders
from shuyi.files import sha256
from shuyi.indices import INDEX
from shuyi.publish.notes import caveat_line, joined
from shuyi.publish.numbers import MISSING, number
from shuyi.publish.pages import Align, Column, Grid, MapBlock, Page, Section

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.indices import Scheme
    from shuyi.panel import Panel
    from shuyi.publish.basemap import Basemap
    from shuyi.publish.labels import Labels
    from shuyi.publish.maps import PanelMap


COORDINATED = 0.5
"""Degree from which a province counts as coordinated on the scale of ten classes."""
NAMED = 3
"""Provinces named in a sentence on gains or losses of rank."""
DECIMALS = 3
DIGEST_LENGTH = 16
"""Hexadecimal digits of a digest on the page; the manifest holds all 64."""
UP, DOWN = "\u00a0↑", "\u00a0↓"
ACCOUNTS = ("given", "received", "net")
LEDGER = tuple(f"{account}{bound}" for account in ACCOUNTS for bound in ("", "_low", "_high"))
CLASS_ORDER = tuple(c.id for c in CLASSES)
RANK_WIDTHS = {"rank": 0.6, "interval": 0.85, "gain": 0.8, "province": 1.35}


MEASURED = ("coordination", "tiers", "intervals", "ledger")
"""Frames that a report rests on beside the index."""


@dataclass(frozen=True)
class Source:
    """One file that a page rests on: its path in the project and its SHA-256 digest.

    Parameters
    ----------
    path : str
        Path of the file in the project.
    digest : str
        SHA-256 of its content, hexadecimal.
    """

    path: str
    digest: str


@dataclass(frozen=True, eq=False)
class Basis:
    """What a page says about where its numbers come from.

    Parameters
    ----------
    scheme : Scheme
        Of the index.
    weights : DataFrame
        Weights of the indicators, with the columns dimension and dimension_weight.
    vintage : mapping of str to str
        Vintage of the figures by language.
    sources : sequence of Source
        Files with their digests.
    settings : mapping
        Sections of the configuration: seed, index, rankings, coordination, tiers, ledger, estimation and
        maps; ``headline``, the row of the specification sheet; and ``told``, the caveats of its estimate.
    basemap : Basemap
        Outlines, projection, and what must stand under a map.
    """

    scheme: Scheme
    weights: pd.DataFrame
    vintage: Mapping[str, str]
    sources: Sequence[Source]
    settings: Mapping[str, Any]
    basemap: Basemap


def sources_of(files: Mapping[str, bytes]) -> tuple[Source, ...]:
    """Return files with their digests, in the order given.

    Parameters
    ----------
    files : mapping of str to bytes
        Content by path.

    Returns
    -------
    tuple of Source
        In the same order.
    """
    return tuple(Source(path, sha256(content)) for path, content in files.items())


def vintage_of(descriptor: Mapping[str, Any]) -> dict[str, str]:
    """Return the vintage that a data package states, by language.

    Parameters
    ----------
    descriptor : mapping
        The parsed ``data/datapackage.json``.

    Returns
    -------
    dict of str to str
        Text by language.

    Raises
    ------
    DataError
        If the package does not state it in both languages.
    """
    keys = {"en": "vintage", "zh": "vintage_zh"}
    absent = [key for key in keys.values() if not descriptor.get(key)]
    if absent:
        raise DataError(
            "The description of the figures does not state their vintage in both languages.",
            expected=f"{' and '.join(keys.values())} in data/datapackage.json",
            found=f"no {offenders(absent)}",
        )
    return {language: descriptor[key] for language, key in keys.items()}


def yearly_report(
    year: int,
    index: Panel,
    measured: Mapping[str, pd.DataFrame],
    basis: Basis,
    labels: Labels,
    names: Mapping[str, str],
) -> tuple[pd.DataFrame, Page]:
    """Return the numbers and the page of a year's report.

    Parameters
    ----------
    year : int
        A year of the index.
    index : Panel
        The index and its sub-scores.
    measured : mapping of str to DataFrame
        The frames of `MEASURED` (see `standings` and `year_table`).
    basis : Basis
        Where the numbers come from.
    labels : Labels
        With the names of classes (``class.ID``), tiers (``tier.ID``) and sets of systems (``set.ID``).
    names : mapping of str to str
        Display name of each unit in the language of the labels.

    Returns
    -------
    table : DataFrame
        From `year_table`.
    page : Page
        From `report_page`.

    Raises
    ------
    DataError
        If the year is not in the panel, or a measurement does not cover it.
    """
    from shuyi.frames import by_unit_and_year
    from shuyi.publish.maps import map_panel

    coordination, maps = basis.settings["coordination"], basis.settings["maps"]
    joined_standings = standings(
        index,
        measured["coordination"],
        measured["tiers"],
        system_set=coordination["sets"][0],
        variant=coordination["variant"],
    )
    table = year_table(joined_standings, measured["intervals"], measured["ledger"], year)
    panel_map = map_panel(
        by_unit_and_year(index, INDEX, index.periods),
        year,
        labels,
        basis.basemap,
        scheme=maps["classification"],
        classes=maps["classes"],
    )
    return table, report_page(table, year, panel_map, basis, labels, names)


def standings(
    index: Panel, coordination: pd.DataFrame, tiers: pd.DataFrame, *, system_set: str, variant: str
) -> pd.DataFrame:
    """Join index, ranks, coordination and tiers of every province and year.

    Parameters
    ----------
    index : Panel
        The index and its sub-scores.
    coordination : DataFrame
        Columns set, variant, unit, period, degree and class.
    tiers : DataFrame
        Columns unit, period and tier.
    system_set, variant : str
        Which degree of coordination is meant.

    Returns
    -------
    DataFrame
        unit, period, score, rank, one column per dimension (``dimension_ID``), degree, class, tier; units
        slow, periods fast.

    Raises
    ------
    DataError
        If a province and year of the index has no degree of coordination or no tier.
    """
    long = index.to_frame().reset_index()
    names = {name: f"dimension_{name.removeprefix(f'{INDEX}_')}" for name in index.variables if name != INDEX}
    frame = long.rename(columns={INDEX: "score", **names})[["unit", "period", "score", *names.values()]]
    frame = frame.sort_values(["unit", "period"], ignore_index=True)
    frame.insert(3, "rank", frame.groupby("period")["score"].rank(ascending=False))
    chosen = coordination[(coordination["set"] == system_set) & (coordination["variant"] == variant)]
    keys = ["unit", "period"]
    frame = frame.merge(chosen[[*keys, "degree", "class"]], on=keys, how="left", validate="one_to_one")
    frame = frame.merge(tiers[[*keys, "tier"]], on=keys, how="left", validate="one_to_one")
    short = frame[frame["class"].isna() | frame["tier"].isna()]
    if len(short):
        raise DataError(
            "The index and the other measurements cover different provinces or years.",
            expected=f"coordination ({system_set}, {variant}) and tier of each province and year",
            found=f"none for {offenders(f'{r.unit} {r.period}' for r in short.itertuples())}",
        )
    return frame


def year_table(
    standings: pd.DataFrame, intervals: pd.DataFrame, ledger: pd.DataFrame, year: int
) -> pd.DataFrame:
    """Return the numbers of a year's report, one row per province, the first rank first.

    Parameters
    ----------
    standings : DataFrame
        From `standings`.
    intervals : DataFrame
        Columns unit, period, lower and upper: bounds of the rank.
    ledger : DataFrame
        Columns unit and those of `LEDGER`. A province outside the sample of the model has no row.
    year : int
        Year of the report.

    Returns
    -------
    DataFrame
        unit, rank, rank_low, rank_high, rank_before, rank_gain, score, score_before, score_change,
        dimensions, degree, degree_before, degree_change, class, class_before, tier, tier_before, and
        the ledger. In the first year of the standings, the columns that look back are NaN or empty.

    Raises
    ------
    DataError
        If the year is not in the standings.
    """
    periods = sorted(set(standings["period"]))
    if year not in periods:
        raise DataError(
            f"There is no report of {year}.",
            expected=f"a year of the panel, {periods[0]} to {periods[-1]}",
            found=str(year),
        )
    own = standings[standings["period"] == year].drop(columns="period")
    back = _looking_back(standings, own, year)
    bounds = intervals[intervals["period"] == year].rename(
        columns={"lower": "rank_low", "upper": "rank_high"}
    )
    frame = own.merge(back, on="unit", validate="one_to_one")
    frame = frame.merge(bounds[["unit", "rank_low", "rank_high"]], on="unit", validate="one_to_one")
    frame = frame.merge(ledger[["unit", *LEDGER]], on="unit", how="left", validate="one_to_one")
    dimensions = [c for c in own.columns if c.startswith("dimension_")]
    order = ["unit", "rank", "rank_low", "rank_high", "rank_before", "rank_gain", "score", "score_before"]
    order += [
        "score_change",
        *dimensions,
        "degree",
        "degree_before",
        "degree_change",
        "class",
        "class_before",
    ]
    return frame[[*order, "tier", "tier_before", *LEDGER]].sort_values(["rank", "unit"], ignore_index=True)


def _looking_back(standings: pd.DataFrame, own: pd.DataFrame, year: int) -> pd.DataFrame:
    numbers = ["rank_before", "rank_gain", "score_before", "score_change", "degree_before", "degree_change"]
    texts = ["class_before", "tier_before"]
    if year == standings["period"].min():
        return own[["unit"]].assign(**dict.fromkeys(numbers, np.nan), **dict.fromkeys(texts, ""))
    return year_changes(standings, year)[["unit", *numbers, *texts]]


def report_page(
    table: pd.DataFrame,
    year: int,
    panel_map: PanelMap,
    basis: Basis,
    labels: Labels,
    names: Mapping[str, str],
) -> Page:
    """Return the page of a year.

    Parameters
    ----------
    table : DataFrame
        From `year_table`.
    year : int
        The year of the table.
    panel_map : PanelMap
        Of the index in that year.
    basis : Basis
        Where the numbers come from.
    labels : Labels
        As `yearly_report` takes them.
    names : mapping of str to str
        Display name of each unit.

    Returns
    -------
    Page
        With summary, table, map, notes and provenance.
    """
    titles = {d: title[labels.language] for d, title in basis.scheme.dimensions.items()}
    return Page(
        labels.language,
        labels.text("report.title", year=year),
        labels.text("report.lead", scheme=basis.scheme.title[labels.language]),
        (
            Section(
                labels.text("report.summary"),
                tuple(_summary(table, year, labels, names)),
                _grid(table, titles, labels, names),
            ),
        ),
        provenance_section(basis, labels),
        tuple(_notes(table, basis.settings, labels, names)),
        map_block(panel_map, labels.text("report.map", variable=labels.term(INDEX), year=year), labels),
    )


def map_block(panel_map: PanelMap, heading: str, labels: Labels) -> MapBlock:
    """Return a map with its heading, classes and credit as a block of a page.

    Parameters
    ----------
    panel_map : PanelMap
        The drawing.
    heading : str
        Heading of the map.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    MapBlock
        Ready for a page.
    """
    notes = (
        *panel_map.notes,
        labels.text("map.projection"),
        *panel_map.credit,
    )
    return MapBlock(heading, panel_map.classes, notes, heading, panel_map.svg)


def _grid(table: pd.DataFrame, titles: Mapping[str, str], labels: Labels, names: Mapping[str, str]) -> Grid:
    rows = tuple(_row(record, titles, labels, names) for record in _records(table))
    return Grid(tuple(_columns(table, titles, labels)), rows)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def _columns(table: pd.DataFrame, titles: Mapping[str, str], labels: Labels) -> Iterator[Column]:
    first = bool(table["rank_before"].isna().all())
    competitiveness, ledger = labels.text("report.group.competitiveness"), labels.text("report.group.ledger")
    for name, width in RANK_WIDTHS.items():
        align: Align = "left" if name == "province" else "center"
        if not (first and name == "gain"):
            yield Column(labels.text(f"report.column.{name}"), competitiveness, align, width)
    yield Column(labels.text("report.column.score"), competitiveness, "right", 0.7)
    dimensions = labels.text("report.group.dimensions")
    yield from (Column(title, dimensions, "right", 1.1) for title in titles.values())
    coordination = labels.text("report.group.coordination")
    yield Column(labels.text("report.column.degree"), coordination, "right", 0.75)
    yield Column(labels.text("report.column.class"), coordination, "left", 2.1)
    yield Column(labels.text("report.column.tier"), "", "left", 1.35)
    yield from (Column(labels.text(f"report.column.{a}"), ledger, "right", 0.95) for a in ACCOUNTS)


def _row(
    row: Mapping[str, Any], titles: Mapping[str, str], labels: Labels, names: Mapping[str, str]
) -> tuple[str, ...]:
    gain = () if np.isnan(row["rank_before"]) else (gain_text(row["rank_gain"]),)
    return (
        rank_text(row["rank"]),
        f"{rank_text(row['rank_low'])}–{rank_text(row['rank_high'])}",
        *gain,
        names[row["unit"]],
        number(row["score"], DECIMALS),
        *(number(row[f"dimension_{d}"], DECIMALS) for d in titles),
        number(row["degree"], DECIMALS),
        class_text(row["class"], row["class_before"], labels),
        tier_text(row["tier"], row["tier_before"], labels),
        *(_account(row, account) for account in ACCOUNTS),
    )


def _account(row: Mapping[str, Any], account: str) -> str:
    """Return an account with a star where its interval excludes zero."""
    return number(row[account], DECIMALS) + ("*" if _decided(row, account) else "")


def _decided(row: Mapping[str, Any], account: str) -> bool:
    """Whether the interval of an account excludes zero."""
    return bool(row[f"{account}_low"] > 0.0 or row[f"{account}_high"] < 0.0)


def rank_text(rank: float) -> str:
    """Return a rank; shared ranks have a half.

    Parameters
    ----------
    rank : float
        One for the first.

    Returns
    -------
    str
        Without decimals unless shared.

    Examples
    --------
    >>> from shuyi.analyses.report.yearly import rank_text
    >>> rank_text(3.0), rank_text(4.5)
    ('3', '4.5')
    """
    return number(rank, 0 if rank == int(rank) else 1)


def gain_text(gain: float) -> str:
    """Return a change of rank: a triangle upwards or downwards with the places, or a dash for none.

    Parameters
    ----------
    gain : float
        Places gained; negative are lost.

    Returns
    -------
    str
        An em dash where it is not known.
    """
    if np.isnan(gain):
        return MISSING
    return f"{'▲' if gain > 0 else '▼'}\u00a0{rank_text(abs(gain))}" if gain else "–"


def class_text(now: str, before: str, labels: Labels) -> str:
    """Return a class of coordination with an arrow where it differs from the year before.

    Parameters
    ----------
    now, before : str
        Class of this year and of the year before, the latter possibly empty.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        The class, ready to print.
    """
    return labels.text(f"class.{now}") + _arrow(now, before, CLASS_ORDER)


def tier_text(now: str, before: str, labels: Labels) -> str:
    """Return a tier with an arrow where it differs from the year before.

    Parameters
    ----------
    now, before : str
        Tier of this year and of the year before, the latter possibly empty.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        The tier, ready to print.
    """
    return labels.text(f"tier.{now}") + _arrow(now, before, TIERS)


def _arrow(now: str, before: str, order: Sequence[str]) -> str:
    if not before or now == before:
        return ""
    return UP if order.index(now) > order.index(before) else DOWN


def _summary(table: pd.DataFrame, year: int, labels: Labels, names: Mapping[str, str]) -> Iterator[str]:
    mean = number(float(table["score"].mean()), DECIMALS)
    if table["rank_before"].isna().all():
        yield labels.text("report.first_year", year=year, mean=mean)
    else:
        before = number(float(table["score_before"].mean()), DECIMALS)
        yield labels.text("report.mean", mean=mean, before=before)
        for word, sign in (("rises", 1.0), ("falls", -1.0)):
            yield labels.text(f"report.{word}", provinces=_movers(table, sign, labels, names))
    counts = [f"{labels.text(f'tier.{t}')} {int((table['tier'] == t).sum())}" for t in reversed(TIERS)]
    yield labels.text("report.tiers", counts=joined(counts, labels), moves=_tier_moves(table, labels, names))
    yield labels.text("report.coordinated", number=int((table["degree"] >= COORDINATED).sum()), n=len(table))
    decided = [r["unit"] for r in _records(table) if _decided(r, "net")]
    yield labels.text("report.decided", provinces=_names(decided, labels, names))


def _movers(table: pd.DataFrame, sign: float, labels: Labels, names: Mapping[str, str]) -> str:
    moved = table[sign * table["rank_gain"] > 0].assign(size=(sign * table["rank_gain"]))
    moved = moved.sort_values(["size", "rank"], ascending=[False, True]).head(NAMED)
    texts = [f"{names[r.unit]} ({gain_text(r.rank_gain)})" for r in moved.itertuples()]
    return joined(texts, labels) or labels.text("report.none")


def _tier_moves(table: pd.DataFrame, labels: Labels, names: Mapping[str, str]) -> str:
    moved = [r for r in _records(table) if r["tier_before"] and r["tier"] != r["tier_before"]]
    texts = [f"{names[r['unit']]}{_arrow(r['tier'], r['tier_before'], TIERS)}" for r in moved]
    return joined(texts, labels) or labels.text("report.none")


def _names(units: Sequence[str], labels: Labels, names: Mapping[str, str]) -> str:
    return joined([names[u] for u in units], labels) or labels.text("report.none")


def _notes(
    table: pd.DataFrame, settings: Mapping[str, Any], labels: Labels, names: Mapping[str, str]
) -> Iterator[str]:
    rankings, tiers, headline = settings["rankings"], settings["tiers"], settings["headline"]
    yield labels.text("report.note.ranks")
    yield labels.text(
        "report.note.interval", level=f"{100 * rankings['confidence']:g}", draws=f"{rankings['draws']:,}",
        what=labels.text(f"report.resample.{rankings['resample']}"),
    )  # fmt: skip
    yield labels.text("report.note.coordination")
    yield labels.text("report.note.tiers", margin=tiers["margin"], periods=tiers["periods"])
    yield labels.text(
        "report.note.ledger",
        term=labels.term(settings["ledger"]["term"]),
        outcome=labels.term(headline["outcome"]),
    )
    yield caveat_line({headline["model"].upper(): settings["told"]}, labels.with_units(names))
    without = [r["unit"] for r in _records(table) if np.isnan(r["net"])]
    if without:
        yield labels.text("report.note.outside", provinces=_names(without, labels, names))


def provenance_section(basis: Basis, labels: Labels) -> Section:
    """Return where the numbers of a report come from: figures, methods, settings, digests.

    Parameters
    ----------
    basis : Basis
        Where the numbers come from.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    Section
        One table.
    """
    settings, scheme = basis.settings, basis.scheme
    shares_of = basis.weights.drop_duplicates("dimension").set_index("dimension")["dimension_weight"]
    index, headline = settings["index"], settings["headline"]
    shares = [
        f"{title[labels.language]} {number(shares_of[d], DECIMALS)}" for d, title in scheme.dimensions.items()
    ]
    texts = {
        "figures": labels.text("note.source"),
        "vintage": basis.vintage[labels.language],
        "index": labels.text(
            "report.index", scheme=scheme.title[labels.language],
            weighting=labels.text(f"report.weighting.{index['weighting']}"), shares=joined(shares, labels),
        ),
        "coordination": _coordination_text(settings["coordination"], labels),
        "tiers": _tiers_text(settings["tiers"], labels),
        "model": labels.text(
            "report.model", model=headline["model"].upper(),
            effects=labels.text(f"effects.{headline['effects']}"),
            correction=labels.text(f"correction.{headline['correction']}"),
            weights=labels.name("weights", headline["weights"]),
        ),
        "draws": labels.text(
            "report.draws", draws=f"{settings['estimation']['draws']:,}", seed=settings["seed"],
            level=f"{100 * settings['estimation']['confidence']:g}",
        ),
        "digests": joined([f"{s.path} {s.digest[:DIGEST_LENGTH]}" for s in basis.sources], labels),
    }  # fmt: skip
    columns = (Column("", "", "left", 0.5), Column("", "", "left", 2.0))
    rows = tuple((labels.text(f"report.provenance.{name}"), text) for name, text in texts.items())
    return Section(labels.text("report.provenance"), (), Grid(columns, rows))


def _coordination_text(section: Mapping[str, Any], labels: Labels) -> str:
    return labels.text(
        "report.coordination",
        set=labels.text(f"set.{section['sets'][0]}"),
        variant=labels.text(f"report.variant.{section['variant']}"),
        weighting=labels.text(f"report.weighting.{section['weighting']}"),
    )


def _tiers_text(section: Mapping[str, Any], labels: Labels) -> str:
    return labels.text(
        "report.tier_rule",
        method=labels.text(f"report.method.{section['method']}"),
        pool=labels.text(f"report.pool.{section['pool']}"),
    )
