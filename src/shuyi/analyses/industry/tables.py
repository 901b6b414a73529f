"""Tables of the digital industries: location quotients, structures, and the negative list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.industry.frames import ROBUST_BOUND
from shuyi.publish.notes import joined, source_note
from shuyi.publish.numbers import MISSING, count, number
from shuyi.publish.table import Table, build_table
from shuyi.regions import in_order

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels


QUOTIENT_DECIMALS = 2
SIMILARITY_DECIMALS = 3
FLAG = "†"
"""Stands behind an entry that rests on an odd figure."""
LETTERS = "ABCDEFGH"
FRAMES = ("industry", "structure", "negative_list", "undecided", "skipped")
"""Frames of the measurement that the tables read."""


def industry_tables(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    *,
    year: int,
    regions: Mapping[str, str],
    names: Mapping[str, str],
    neighbours: str,
    structure: str,
) -> list[Table]:
    """Return the tables of location quotients, of structures and of the negative list in one year.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        `shuyi.analyses.industry.frames.industry_frames`.
    labels : Labels
        With the titles of sectors and rules.
    year : int
        Year that is printed.
    regions : mapping of str to str
        Region of each province.
    names : mapping of str to str
        Names of the provinces by code.
    neighbours : str
        Name of the weights that say who neighbours whom.
    structure : {"profile", "value"}
        Kind of the structures, for the note.

    Returns
    -------
    list of Table
        Quotients, structures, negative list.
    """
    return [
        quotients_table(frames["industry"], labels, year=year, regions=regions, names=names),
        structures_table(
            frames["structure"],
            labels,
            year=year,
            regions=regions,
            names=names,
            neighbours=neighbours,
            structure=structure,
        ),
        negative_list_table(frames, labels, year=year, names=names, neighbours=neighbours),
    ]


def quotients_table(
    industry: pd.DataFrame,
    labels: Labels,
    *,
    year: int,
    regions: Mapping[str, str],
    names: Mapping[str, str],
    identifier: str = "location_quotients",
) -> Table:
    """Return location quotients by province and sector in one year.

    Parameters
    ----------
    industry : DataFrame
        Columns unit, period, sector and location_quotient.
    labels : Labels
        Texts in the language of the output.
    year : int
        Year that is printed.
    regions : mapping of str to str
        Region of each province by code.
    names : mapping of str to str
        Names of the provinces by code.
    identifier : str, default "table39"
        Id of the table.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    rows = industry[industry["period"] == year]
    sectors = list(dict.fromkeys(rows["sector"]))
    wide = rows.pivot(index="unit", columns="sector", values="location_quotient")
    order = _by_region(list(wide.index), regions)
    display = pd.DataFrame(
        {
            labels.text(f"sector.{s}"): [number(v, QUOTIENT_DECIMALS) for v in wide.loc[order, s]]
            for s in sectors
        },
        index=_region_index(order, regions, names, labels),
    )
    sector_notes = [
        labels.text("note.columns", columns=labels.text(f"sector.{s}"), note=labels.text(f"sectornote.{s}"))
        for s in sectors
    ]
    notes = [labels.text("industry.note.quotient", year=year), *sector_notes, source_note(labels)]
    return build_table(identifier, labels, data=industry, display=display, notes=notes)


def _by_region(units: Sequence[str], regions: Mapping[str, str]) -> list[str]:
    places = in_order(regions.values())
    return sorted(units, key=lambda unit: (places.index(regions[unit]), unit))


def _region_index(
    units: Sequence[str], regions: Mapping[str, str], names: Mapping[str, str], labels: Labels
) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays(
        [[labels.text(f"distribution.region.{regions[u]}") for u in units], [names[u] for u in units]]
    )


def structures_table(
    structures: pd.DataFrame,
    labels: Labels,
    *,
    year: int,
    regions: Mapping[str, str],
    names: Mapping[str, str],
    neighbours: str,
    structure: str,
    identifier: str = "industry_similarity",
) -> Table:
    """Return how similar each province's structure is to its neighbours' and to the nation's in one year.

    Parameters
    ----------
    structures : DataFrame
        Result of `shuyi.analyses.industry.frames.structure_frame`.
    labels : Labels
        Texts in the language of the output.
    year : int
        Year that is printed.
    regions : mapping of str to str
        Region of each province by code.
    names : mapping of str to str
        Names of the provinces by code.
    neighbours : str
        Name of the weights that say who neighbours whom.
    structure : {"profile", "value"}
        Kind of the structures, for the note.
    identifier : str, default "table40"
        Id of the table.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    rows = structures[structures["period"] == year].set_index("unit")
    order = _by_region(list(rows.index), regions)
    chosen = rows.loc[order]
    display = pd.DataFrame(
        {
            labels.text("industry.neighbour"): [
                names.get(str(u), MISSING) for u in chosen["nearest_neighbour"]
            ],
            **{
                labels.text(f"industry.{name}"): [number(v, SIMILARITY_DECIMALS) for v in chosen[name]]
                for name in ("neighbour_similarity", "mean_similarity", "national_distance")
            },
        },
        index=_region_index(order, regions, names, labels),
    )
    notes = [
        labels.text("industry.note.structure", year=year, weights=labels.name("weights", neighbours)),
        labels.text(f"industry.note.{structure}"),
        labels.text("industry.note.no_structure"),
        source_note(labels),
    ]
    return build_table(identifier, labels, data=structures, display=display, notes=notes)


def negative_list_table(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    *,
    year: int,
    names: Mapping[str, str],
    neighbours: str,
    identifier: str = "negative_list",
) -> Table:
    """Return the negative list of one year: provinces by sectors, with a letter for each rule that applies.

    Provinces without an entry are left out; a note counts them.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``negative_list``, ``undecided``, ``skipped`` and ``industry`` of
        `shuyi.analyses.industry.frames.industry_frames`.
    labels : Labels
        Texts in the language of the output.
    year : int
        Year that is printed.
    names : mapping of str to str
        Names of the provinces by code.
    neighbours : str
        Name of the weights that say who neighbours whom.
    identifier : str, default "table41"
        Id of the table.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    listed = frames["negative_list"]
    rows = listed[listed["year"] == year]
    rules = [key.removeprefix("rule.") for key in labels.texts if key.startswith("rule.")]
    letters = dict(zip(rules, LETTERS, strict=False))
    sectors = list(dict.fromkeys(frames["industry"]["sector"]))
    provinces = sorted(set(rows["province"]))
    cells = {
        sector: [_letters(rows, province, sector, letters) for province in provinces] for sector in sectors
    }
    display = pd.DataFrame({labels.text(f"sector.{s}"): c for s, c in cells.items()})
    display[labels.text("industry.entries")] = [
        count(float((rows["province"] == province).sum())) for province in provinces
    ]
    display.index = pd.Index([names[province] for province in provinces])
    everyone = frames["industry"]["unit"].nunique()
    notes = [
        labels.text("industry.note.listed", year=year, weights=labels.name("weights", neighbours)),
        *(labels.text("industry.note.rule", letter=letters[r], rule=labels.text(f"rule.{r}")) for r in rules),
        labels.text("industry.note.clear", count=everyone - len(provinces)),
        _flagged_note(rows, labels),
        _proxy_note(frames["industry"], labels),
        *_undecided_note(frames["undecided"], year, labels),
        *_skipped_note(frames["skipped"], labels),
        source_note(labels),
    ]
    return build_table(identifier, labels, data=listed, display=display, notes=notes)


def _letters(rows: pd.DataFrame, province: str, sector: str, letters: Mapping[str, str]) -> str:
    own = rows[(rows["province"] == province) & (rows["sector"] == sector)]
    flagged = own["flagged"] if "flagged" in own else pd.Series(False, index=own.index)
    return " ".join(
        sorted(letters[r] + (FLAG if f else "") for r, f in zip(own["rule"], flagged, strict=True))
    )


def _flagged_note(rows: pd.DataFrame, labels: Labels) -> str:
    found = int(rows["flagged"].sum()) if "flagged" in rows else 0
    return labels.text("industry.note.flagged", count=found, bound=f"{ROBUST_BOUND:g}") if found else ""


def _proxy_note(industry: pd.DataFrame, labels: Labels) -> str:
    proxies = industry.loc[industry["proxy"], "sector"].unique() if "proxy" in industry else []
    named = [labels.text(f"sector.{sector}") for sector in proxies]
    return labels.text("industry.note.proxy", sectors=joined(named, labels)) if named else ""


def _undecided_note(undecided: pd.DataFrame, year: int, labels: Labels) -> list[str]:
    cells = int((undecided["year"] == year).sum())
    return [labels.text("industry.note.undecided", count=cells)] if cells else []


def _skipped_note(skipped: pd.DataFrame, labels: Labels) -> list[str]:
    return [
        labels.text(
            "industry.note.skipped",
            rule=labels.text(f"rule.{rule}"),
        )
        for rule in dict.fromkeys(skipped["rule"])
    ]


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
    p = page.settings
    return industry_tables(
        page.sources.frames(FRAMES, text=["province", "nearest_neighbour"]),
        page.labels,
        year=p["year"],
        regions=page.places.grouping(p["regions"], page.places.codes).region_of,
        names=page.names,
        neighbours=p["neighbours"],
        structure=p["structure"],
    )
