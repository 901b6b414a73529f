"""Tiers of the digital index, their transitions and instruments, and the development coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.tiers.classification import (
    TIERS,
    TITLES,
    Hysteresis,
    classify,
    development_coordinates,
    instrument_matrix,
    transitions,
)
from shuyi.indices import INDEX, load_scheme
from shuyi.publish.labels import label_rows

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.panel import Panel


JOINED_BY = {"en": " + ", "zh": "＋"}
"""Signs between the dimensions of an axis."""


def tier_frames(
    index: Panel,
    instruments: Sequence[Mapping[str, str]],
    *,
    rule: Mapping[str, Any],
    axes: Mapping[str, Sequence[str]],
    titles: Mapping[str, Mapping[str, str]],
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Return tiers, their transitions and instruments, and the development coordinates.

    Parameters
    ----------
    index : Panel
        The index and its sub-scores (`shuyi.indices.IndexResult.to_panel`).
    instruments : sequence of mapping
        Rows of the table of policy instruments.
    rule : mapping
        ``method``, ``pool``, ``quantiles``, ``margin`` and ``periods`` (see
        `shuyi.analyses.tiers.classification`).
    axes : mapping of str to sequence of str
        Dimensions on ``x`` and ``y``.
    titles : mapping
        Title by language of each dimension of the index.
    seed : int
        Of k-means alone.

    Returns
    -------
    dict of DataFrame
        ``tiers``, ``cuts``, ``changes``, ``transitions``, ``instruments`` (instrument, tier, applies,
        source), ``unit_instruments`` (of the last period), ``coordinates``, ``arrows``, ``labels``.

    Raises
    ------
    DataError
        If the scores cannot be divided into tiers or a dimension is not in the index.
    """
    lower, upper = rule["quantiles"]
    result = classify(
        index[INDEX],
        units=index.units,
        periods=index.periods,
        method=rule["method"],
        pool=rule["pool"],
        quantiles=(lower, upper),
        hysteresis=Hysteresis(rule["margin"], rule["periods"]),
        seed=seed,
    )
    matrix = instrument_matrix(instruments)
    return {
        "tiers": result.to_frame(),
        "cuts": result.cuts_frame(),
        "changes": result.changes(),
        "transitions": transitions(result).to_frame(),
        "instruments": matrix.to_frame().drop(columns=["en", "zh"]),
        "unit_instruments": matrix.for_units(result, result.periods[-1]),
        **_coordinates(index, axes),
        "labels": label_rows(
            [
                *((f"tier.{tier}", TITLES[tier]) for tier in TIERS),
                *((f"instrument.{i.id}", i.title) for i in matrix.instruments),
                *((f"axis.{axis}", _joined([titles[d] for d in axes[axis]])) for axis in ("x", "y")),
            ]
        ),
    }


def _coordinates(index: Panel, axes: Mapping[str, Sequence[str]]) -> dict[str, pd.DataFrame]:
    names = [v.removeprefix(f"{INDEX}_") for v in index.variables if v != INDEX]
    found = development_coordinates(
        index.array([f"{INDEX}_{name}" for name in names]),
        dimensions=names,
        x=axes["x"],
        y=axes["y"],
        units=index.units,
        periods=index.periods,
    )
    return {"coordinates": found.to_frame(), "arrows": found.arrows()}


def _joined(titles: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {language: sign.join(t[language] for t in titles) for language, sign in JOINED_BY.items()}


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis (see `tier_frames`).

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
    return tier_frames(
        sources.panel("index"),
        sources.rows("instruments"),
        rule=settings["rule"],
        axes=settings["axes"],
        titles=load_scheme(sources.data("scheme"), sources.data("schema")).dimensions,
        seed=settings["seed"],
    )
