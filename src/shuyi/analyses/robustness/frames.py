"""Frames of the robustness analysis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.estimation.estimates import cut_to_sample
from shuyi.analyses.estimation.influence import without_each
from shuyi.analyses.robustness.alternatives import COORDINATION, alternatives_frame
from shuyi.analyses.robustness.comparison import comparison_frame
from shuyi.analyses.robustness.persistence import persistence_frame
from shuyi.analyses.robustness.variants import Material
from shuyi.data.series import caveats_from
from shuyi.indices import load_scheme
from shuyi.spatialpanel import Specification

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.weights import Weights


def robustness_frames(
    material: Material,
    weights: Weights,
    variants: Mapping[str, Mapping[str, Any]],
    alternatives: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
    *,
    level: float,
    power: float,
    draws: int,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Return all frames: ``effects``, ``alternatives``, ``units``, ``persistence``.

    Parameters
    ----------
    material : Material
        The headline and its data.
    weights : Weights
        Of the headline, for at least its units.
    variants : mapping of str to mapping
        As the configuration gives them.
    alternatives : mapping of str to mapping, optional
        Further variants by group, as the configuration gives them; none by default.
    level : float
        Confidence level of the intervals.
    power : float
        Power at which an effect counts as detectable.
    draws, seed : int
        Of the simulated distributions of the unit-root tests.

    Returns
    -------
    dict of str to DataFrame
        See `comparison.comparison_frame`, `alternatives`, `estimation.influence` and `persistence`.
    """
    own = weights.subset(material.panel.units)
    units = without_each(material.panel, own, material.specification, material.term)
    influential = units.units[units.influential]
    return {
        "effects": comparison_frame(material, own, variants, influential, level=level, power=power),
        "alternatives": alternatives_frame(material, own, alternatives or {}, level=level, power=power),
        "units": units.to_frame(),
        "persistence": persistence_frame(material, own, draws=draws, seed=seed),
    }


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis.

    Parameters
    ----------
    sources : Sources
        Its input files.
    settings : mapping
        As the declaration gives them.
    places : Places
        The units of the paper.

    Returns
    -------
    dict of str to DataFrame
        See `robustness_frames`.
    """
    p = settings
    weights = sources.weights("weights")
    panel, _ = cut_to_sample(sources.panel("panel"), weights, p["excluded"])
    material = Material(
        panel,
        Specification.from_row(p["specification"]),
        p["term"],
        clean=sources.panel("clean"),
        scheme=load_scheme(sources.data("scheme"), sources.data("schema")),
        weighting=p["weighting"],
        caveats=caveats_from(sources.text_frame("caveats"), places.codes),
        derivations=sources.derivations(),
        schemes={
            name: load_scheme(raw, sources.data("schema"))
            for name, raw in zip(p["schemes"], sources.all_data("schemes").values(), strict=True)
        },
        samples=p["samples"],
        outcomes=_outcomes(sources, p["coordination"]),
    )
    return robustness_frames(
        material,
        weights,
        p["variants"],
        p["alternatives"],
        level=p["level"],
        power=p["power"],
        draws=p["draws"],
        seed=p["seed"],
    )


def _outcomes(sources: Sources, coordination: Mapping[str, str]) -> dict[str, Any]:
    """Return the degree of coordination by year and unit where an alternative explains it."""
    if not coordination:
        return {}
    frame = sources.frame("coordination")
    chosen = (frame["set"] == coordination["set"]) & (frame["variant"] == coordination["variant"])
    table = frame[chosen].pivot(index="period", columns="unit", values="degree")
    return {COORDINATION: table[list(sources.panel("clean").units)].to_numpy()}
