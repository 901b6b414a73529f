"""The table of the reach of spillovers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.reach.rings import boundary
from shuyi.publish.notes import caveat_notes, sample_note, source_note, stars_note
from shuyi.publish.numbers import TableOptions, equals, interval, number, p_value, starred
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels

PERCENT = 100.0


def reach_table(
    rings: pd.DataFrame,
    cutoffs: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    settings: Mapping[str, Any],
    notes: Sequence[str] = (),
) -> Table:
    """Return the effect of one province by distance, and the customary cut-offs beneath.

    Parameters
    ----------
    rings, cutoffs : DataFrame
        As `rings.rings_frame` and `rings.cutoffs_frame` give them.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals and stars.
    settings : mapping
        As the declaration gives them.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``reach``.
    """
    rows = {**_ring_rows(rings, labels, options), **_cutoff_rows(cutoffs, labels, options)}
    display = pd.DataFrame.from_dict(rows, orient="index").fillna("")
    display.index = pd.MultiIndex.from_tuples(list(rows))
    spec = settings["specification"]
    sentences = [
        labels.text(
            "table.reach.note",
            term=labels.term(settings["term"]),
            outcome=labels.term(spec["outcome"]),
            last=number(rings["high_km"].max(), 0),
            covariance=labels.text(f"covariance.{spec['covariance']}"),
            level=f"{100 * settings['level']:g}",
        ),
        stars_note(options, labels),
        reach_sentence(rings, settings["level"], labels),
        labels.text("reach.customary"),
        *notes,
        source_note(labels),
    ]
    data = pd.concat([rings.assign(frame="rings"), cutoffs.assign(frame="cutoffs")])
    return build_table("reach", labels, data=data, display=display, notes=sentences)


def ring_name(row: Mapping[Any, Any], labels: Labels) -> str:
    """Return the printed name of a ring.

    Parameters
    ----------
    row : mapping
        With low_km and high_km.
    labels : Labels
        Words.

    Returns
    -------
    str
    """
    return labels.text("reach.ring", low=number(row["low_km"], 0), high=number(row["high_km"], 0))


def _ring_rows(
    rings: pd.DataFrame, labels: Labels, options: TableOptions
) -> dict[tuple[str, str], dict[str, str]]:
    group, digits = labels.text("reach.group.rings"), options.decimals
    found = {}
    for row in rings.to_dict("records"):
        found[group, ring_name(row, labels)] = {
            labels.text("reach.links"): number(row["links"], 1),
            labels.text("reach.effect"): starred(PERCENT * row["estimate"], row["p_value"], options),
            labels.text("reach.error"): f"({number(PERCENT * row['std_error'], digits)})",
            labels.text("reach.interval"): interval(
                PERCENT * row["band_low"], PERCENT * row["band_high"], digits
            ),
            labels.text("reach.p_adjusted"): p_value(row["p_adjusted"], digits),
            labels.text("column.detectable"): number(PERCENT * row["detectable"], digits),
        }
    return found


def _cutoff_rows(
    cutoffs: pd.DataFrame, labels: Labels, options: TableOptions
) -> dict[tuple[str, str], dict[str, str]]:
    group, digits = labels.text("reach.group.cutoffs"), options.decimals
    rows = cutoffs[(cutoffs["component"] == "indirect") & cutoffs["estimate"].notna()]
    return {
        (group, labels.text("reach.beyond", km=number(row["cutoff_km"], 0))): {
            labels.text("reach.links"): "",
            labels.text("reach.effect"): starred(PERCENT * row["estimate"], row["p_value"], options),
            labels.text("reach.error"): f"({number(PERCENT * row['std_error'], digits)})",
            labels.text("reach.interval"): interval(
                PERCENT * row["ci_low"], PERCENT * row["ci_high"], digits
            ),
            labels.text("reach.p_adjusted"): "",
            labels.text("column.detectable"): number(PERCENT * row["detectable"], digits),
        }
        for row in rows.to_dict("records")
    }


def reach_sentence(rings: pd.DataFrame, level: float, labels: Labels) -> str:
    """Return how far spillovers reach, or that the data do not say.

    Parameters
    ----------
    rings : DataFrame
        As `rings.rings_frame` gives them.
    level : float
        Level of the band.
    labels : Labels
        Words.

    Returns
    -------
    str
        One sentence.
    """
    first = rings.iloc[0]
    joint = equals(float(first["joint_p"]), 3)
    if first["band_low"] <= 0 <= first["band_high"]:
        return labels.text("reach.none", ring=ring_name(first, labels), level=f"{100 * level:g}", joint=joint)
    km = boundary(rings)
    if km is None:
        return labels.text("reach.unbounded", level=f"{100 * level:g}", joint=joint)
    return labels.text("reach.found", km=number(km, 0), level=f"{100 * level:g}", joint=joint)


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
    p, labels, sources = page.settings, page.labels, page.sources
    rings, cutoffs = sources.frame("rings"), sources.frame("cutoffs", text=["reason"])
    told = caveat_notes({labels.text("reach.headline"): sources.data("found")}, labels)
    sample = sample_note(int(rings["n"].max()), [int(year) for year in p["years"]], labels)
    return [reach_table(rings, cutoffs, labels, page.options, settings=p, notes=[sample, *told])]
