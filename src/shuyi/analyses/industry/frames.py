"""Location quotients, similarity of structure and the negative list of the digital industries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.industry.quotients import (
    IndustryMap,
    IndustryRules,
    StructureKind,
    cosine_similarity,
    industry_map,
    load_industry_rules,
    national_distance,
    negative_list,
    neighbour_similarity,
)
from shuyi.data.series import caveats_from
from shuyi.errors import AlignmentError, offenders
from shuyi.publish.labels import Row, label_rows

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.data.series import Caveat
    from shuyi.panel import Panel
    from shuyi.weights import Weights


ODD = ("outlier", "doubtful")
"""Kinds of caveats on single figures."""
MAD_SCALE = 1.4826
"""Median absolute deviations to a standard deviation of the normal distribution."""
ROBUST_BOUND = 3.5
"""Robust standard deviations beyond which growth is odd (Iglewicz and Hoaglin 1993)."""


def industry_frames(
    rules: IndustryRules,
    panel: Panel,
    weights: Weights,
    *,
    structure: StructureKind,
    caveats: Sequence[Caveat] = (),
) -> dict[str, pd.DataFrame]:
    """Return the industry map, the similarity of structures and the negative list.

    Parameters
    ----------
    rules : IndustryRules
        Sectors, base and rules.
    panel : Panel
        Balanced panel that holds the variables.
    weights : Weights
        A positive weight makes the column's unit a neighbour of the row's.
    structure : {"profile", "value"}
        Which structure is compared, see `quotients`.
    caveats : sequence of Caveat
        On figures of the sectors' series.

    Returns
    -------
    dict of DataFrame
        ``industry`` (`IndustryMap.to_frame`), ``similarity`` (pairs), ``structure`` (one row per unit and
        period: similarity with the most similar neighbour and who that is, mean similarity with all others,
        distance from the nation), ``negative_list``, ``undecided``, ``skipped``, ``labels``.

    Raises
    ------
    AlignmentError
        If the weights name other units than the panel.
    DataError
        If a series is missing or a size is not admissible.
    """
    if weights.labels != panel.units:
        other = [label for label in weights.labels if label not in panel.units]
        raise AlignmentError(
            "The weights name other units than the panel.",
            expected="the panel's units in its order",
            found=offenders(other) or "another order",
        )
    found = industry_map(rules, panel, structure=structure)
    neighbours = weights.to_dense() > 0.0
    listed = negative_list(rules, found, neighbours, panel)
    return {
        "industry": found.to_frame().pipe(
            lambda frame: frame.assign(proxy=frame["sector"].map({s.id: s.proxy for s in rules.sectors}))
        ),
        "similarity": found.similarity_frame(),
        "structure": structure_frame(found, neighbours),
        "negative_list": flagged_entries(listed.to_frame(), rules, found, caveats),
        "undecided": listed.undecided_frame(),
        "skipped": listed.skipped_frame(),
        "labels": label_rows(_titles(rules)),
    }


def odd_growth(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which figures grew far unlike those of the other units in their year.

    Parameters
    ----------
    values : ndarray, shape (T, n, k)
        Sizes of sectors; growth is not defined from or to zero or no data.

    Returns
    -------
    ndarray of bool, shape (T, n, k)
        Whether growth into the period lies more than `ROBUST_BOUND` times 1.4826 times the median absolute
        deviation from the median (Iglewicz and Hoaglin 1993); False in the first period.
    """
    logs = np.log(np.where(values > 0.0, values, np.nan))
    growth = np.diff(logs, axis=0)
    odd = np.zeros(values.shape, dtype=bool)
    for t, k in np.ndindex(growth.shape[0], growth.shape[2]):
        row = growth[t, :, k]
        if np.isfinite(row).any():
            distance = np.abs(row - np.nanmedian(row))
            spread = MAD_SCALE * np.nanmedian(distance)
            odd[t + 1, :, k] = (distance > ROBUST_BOUND * spread) & (spread > 0.0)
    return odd


def flagged_entries(
    entries: pd.DataFrame, rules: IndustryRules, industry: IndustryMap, caveats: Sequence[Caveat]
) -> pd.DataFrame:
    """Return the negative list with whether an entry rests on an odd figure.

    Parameters
    ----------
    entries : DataFrame
        Columns province, sector, year, rule, value.
    rules : IndustryRules
        Rules of the negative list.
    industry : IndustryMap
        Quotients by sector, unit and period.
    caveats : sequence of Caveat
        Those of `ODD` kinds count.

    Returns
    -------
    DataFrame
        With ``flagged``: growth into one of the years that the rule looks at is odd (`odd_growth`), or a
        caveat is on a figure of these years.
    """
    odd, sectors = odd_growth(industry.values), [s.id for s in rules.sectors]
    columns = {s.id: s.columns() for s in rules.sectors}
    spans = {rule.id: max(c.years for c in rule.conditions) for rule in rules.rules}
    noted = [c for c in caveats if c.kind in ODD]

    def flagged(row: Any) -> bool:
        t, i = industry.periods.index(row.year), industry.units.index(row.province)
        first = max(t - max(spans[row.rule], 1) + 1, 0)
        grown = bool(odd[first : t + 1, i, sectors.index(row.sector)].any())
        return grown or any(
            c.series in columns[row.sector]
            and row.province in c.units
            and c.first_year <= row.year
            and c.last_year >= row.year - spans[row.rule]
            for c in noted
        )

    return entries.assign(flagged=[flagged(row) for row in entries.itertuples()])


def structure_frame(industry: IndustryMap, neighbours: NDArray[np.bool_]) -> pd.DataFrame:
    """Return how similar each unit's structure is to its neighbours', to all others' and to the nation's.

    Parameters
    ----------
    industry : IndustryMap
        Structures of the units.
    neighbours : ndarray of bool, shape (n, n)
        Whether the column's unit neighbours the row's.

    Returns
    -------
    DataFrame
        One row per unit and period: ``neighbour_similarity`` (largest cosine with a neighbour),
        ``nearest_neighbour`` (which one; empty without any), ``mean_similarity`` (mean cosine with the other
        units that have a structure), ``national_distance`` (Krugman's index). NaN for a unit without a
        structure.
    """
    import pandas as pd

    cosine = cosine_similarity(industry.structure)
    own = np.eye(len(industry.units), dtype=bool)
    beside = np.where(neighbours & ~own, cosine, np.nan)
    others = np.where(own, np.nan, cosine)
    known = ~np.isnan(others)
    counted = known.sum(axis=2)
    total = np.where(known, others, 0.0).sum(axis=2)
    mean = np.divide(total, counted, out=np.full_like(total, np.nan), where=counted > 0)
    first = np.where(np.isnan(beside), -np.inf, beside).argmax(axis=2)
    named = np.where(np.isnan(beside).all(axis=2), "", np.array(industry.units)[first])
    labels = pd.MultiIndex.from_product([industry.units, industry.periods], names=["unit", "period"])
    columns = {
        "neighbour_similarity": neighbour_similarity(industry.structure, neighbours),
        "nearest_neighbour": named,
        "mean_similarity": mean,
        "national_distance": national_distance(industry.structure, industry.values, industry.kind),
    }
    return labels.to_frame(index=False).assign(**{name: v.T.ravel() for name, v in columns.items()})


def _titles(rules: IndustryRules) -> Iterator[Row]:
    for sector in rules.sectors:
        yield f"sector.{sector.id}", sector.title
        yield f"sectornote.{sector.id}", sector.note
    yield from ((f"rule.{rule.id}", rule.title) for rule in rules.rules)


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis (see `industry_frames`).

    Parameters
    ----------
    sources : Sources
        Files that the analysis reads, by name.
    settings : mapping
        As the declaration of the analysis gives them.
    places : Places
        Names and groupings of the units.

    Returns
    -------
    dict of str to DataFrame
        Frame by name.
    """
    return industry_frames(
        load_industry_rules(sources.data("rules"), sources.data("schema")),
        sources.panel("panel"),
        sources.weights("weights"),
        structure=settings["structure"],
        caveats=caveats_from(sources.text_frame("caveats"), places.codes),
    )
