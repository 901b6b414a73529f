"""Maps of the measurement: classes of coordination, tiers, the spillover ledger and location quotients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from shuyi.figures_measurement import TIER_COLOURS
from shuyi.figurestyle import colours
from shuyi.maps import MapCredit, classify, map_categories, map_values
from shuyi.provinces import codes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from shuyi.labels import Labels

TENTHS = 10
"""Classes of coordination, each a tenth wide."""
QUOTIENT_BOUNDS = (0.5, 0.8, 1.25, 2.0)
"""Bounds of the classes of location quotients: symmetric about one as ratios."""
LEDGER_CLASSES = 6
ACCOUNTS = ("given", "received", "net")


def coordination_maps(
    coordination: pd.DataFrame,
    labels: Labels,
    credit: MapCredit,
    *,
    sets: Sequence[str],
    years: Sequence[int],
    variant: str,
) -> dict[str, Figure]:
    """Return one map per set of systems by its name ``coordination_map_SET`` (see `coordination_map`)."""
    rows = coordination[coordination["variant"] == variant]
    return {
        f"coordination_map_{name}": coordination_map(
            rows[rows["set"] == name],
            labels,
            credit,
            title=labels.text(f"set.{name}"),
            years=years,
            variant=variant,
        )
        for name in sets
    }


def coordination_map(
    coordination: pd.DataFrame,
    labels: Labels,
    credit: MapCredit,
    *,
    title: str,
    years: Sequence[int],
    variant: str,
) -> Figure:
    """Draw the class of coordination of each province in several years.

    Parameters
    ----------
    coordination : DataFrame
        Columns unit, period, degree and class of one set and one variant.
    labels : Labels
        With the names of the classes, in ascending order.
    credit : MapCredit
    title : str
        Printed title of the set.
    years : sequence of int
    variant : {"corrected", "standard"}
    """
    rows = coordination[coordination["period"].isin(years)]
    wide = _wide(rows, "class", years)
    every = [key.removeprefix("class.") for key in labels.texts if key.startswith("class.")]
    present = [place for place, name in enumerate(every) if (rows["class"] == name).any()]
    shown = range(present[0], present[-1] + 1)
    levels = {
        every[place]: labels.text(
            "coordination.map.class",
            name=labels.text(f"class.{every[place]}"),
            lower=f"{place / TENTHS:.1f}",
            upper=f"{(place + 1) / TENTHS:.1f}",
        )
        for place in shown
    }
    palette = colours("sequential", TENTHS)
    legend = f"{title}\n{labels.text('coordination.degree')}"
    notes = [labels.text(f"coordination.map.note.{variant}")]
    chosen = [palette[place] for place in shown]
    return map_categories(wide, levels, labels, credit, legend_title=legend, palette=chosen, notes=notes)


def _wide(rows: pd.DataFrame, value: str, columns: Sequence[int]) -> pd.DataFrame:
    wide = rows.pivot(index="unit", columns="period", values=value)
    return wide.reindex(index=list(codes()), columns=list(columns))


def tier_map(tiers: pd.DataFrame, labels: Labels, credit: MapCredit, *, years: Sequence[int]) -> Figure:
    """Draw the tier of each province in several years.

    Parameters
    ----------
    tiers : DataFrame
        Columns unit, period and tier.
    labels : Labels
        With the titles of the tiers.
    credit : MapCredit
    years : sequence of int
    """
    levels = {tier: labels.text(f"tier.{tier}") for tier in TIER_COLOURS}
    return map_categories(
        _wide(tiers, "tier", years),
        levels,
        labels,
        credit,
        legend_title=labels.text("tiers.legend"),
        palette=list(TIER_COLOURS.values()),
    )


def ledger_map(ledger: pd.DataFrame, labels: Labels, credit: MapCredit, *, term: str, outcome: str) -> Figure:
    """Draw what each province gives, receives and nets on one classification about zero.

    Parameters
    ----------
    ledger : DataFrame
        Columns unit, and given, received and net with ``_low`` and ``_high``; provinces outside the model's
        sample have no row and are drawn as "no data".
    labels : Labels
    credit : MapCredit
    term, outcome : str
        Printed names of regressor and outcome.
    """
    values = ledger.set_index("unit")[list(ACCOUNTS)].reindex(list(codes()))
    classification = classify(values.to_numpy().ravel(), "natural_breaks", LEDGER_CLASSES, centre=0.0)
    zero = sum(int(((ledger[f"{a}_low"] <= 0) & (ledger[f"{a}_high"] >= 0)).sum()) for a in ACCOUNTS)
    note = labels.text(
        "ledger.map.note", term=term, outcome=outcome, insignificant=zero, count=len(ledger) * len(ACCOUNTS)
    )
    return map_values(
        values.rename(columns={a: labels.text(f"ledger.{a}") for a in ACCOUNTS}),
        classification,
        labels,
        credit,
        legend_title=labels.text("ledger.map.legend"),
        notes=[note],
    )


def industry_map(industry: pd.DataFrame, labels: Labels, credit: MapCredit, *, year: int) -> Figure:
    """Draw the location quotients of the sectors in one year in fixed classes about one.

    Parameters
    ----------
    industry : DataFrame
        Columns unit, period, sector and location_quotient.
    labels : Labels
        With the titles of the sectors.
    credit : MapCredit
    year : int
    """
    rows = industry[industry["period"] == year]
    sectors = list(dict.fromkeys(rows["sector"]))
    wide = rows.pivot(index="unit", columns="sector", values="location_quotient")
    edges = [-float("inf"), *QUOTIENT_BOUNDS, float("inf")]
    texts = _class_texts(labels)
    classes = wide.loc[list(codes()), sectors].apply(
        lambda column: pd.cut(column, edges, right=False, labels=list(texts)).astype(object)
    )
    return map_categories(
        classes.rename(columns={s: labels.text(f"sector.{s}") for s in sectors}),
        texts,
        labels,
        credit,
        legend_title=labels.text("industry.legend", year=year),
        palette=colours("diverging", len(texts)),
        notes=[labels.text("industry.map.note")],
    )


def _class_texts(labels: Labels) -> Mapping[str, str]:
    words = [f"{bound:g}" for bound in QUOTIENT_BOUNDS]
    inner = [labels.text("industry.class.between", low=low, high=high) for low, high in pairwise(words)]
    texts = [
        labels.text("industry.class.below", bound=words[0]),
        *inner,
        labels.text("industry.class.above", bound=words[-1]),
    ]
    return {str(place): text for place, text in enumerate(texts)}
