"""Frames of the specification curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.curve.choices import Multiverse, multiverse
from shuyi.analyses.curve.estimates import (
    contributions_frame,
    estimates_frame,
    joint_frames,
    null_arrays,
    options_frame,
    summary_frame,
)
from shuyi.analyses.robustness.variants import Material
from shuyi.data.series import caveats_from
from shuyi.indices import load_scheme
from shuyi.spatialpanel import Specification

if TYPE_CHECKING:
    import pandas as pd


def universe_of(sources: Sources, settings: Mapping[str, Any], places: Places) -> Multiverse:
    """Return all specifications of the curve with their data.

    Parameters
    ----------
    sources : Sources
        Input files of the analysis.
    settings : mapping
        As the declaration gives them.
    places : Places
        The units of the paper.

    Returns
    -------
    Multiverse
        Every combination of options.
    """
    p, schema = settings, sources.data("schema")
    schemes = {
        name: load_scheme(raw, schema)
        for name, raw in zip(p["options"]["scheme"], sources.all_data("schemes").values(), strict=True)
    }
    specification = Specification.from_row(p["specification"])
    material = Material(
        sources.panel("panel"),
        specification,
        p["term"],
        clean=sources.panel("clean"),
        scheme=next(iter(schemes.values())),
        weighting=p["options"]["weighting"][0],
        caveats=caveats_from(sources.text_frame("caveats"), places.codes),
        derivations=sources.derivations(),
        schemes=schemes,
        samples=p["samples"],
    )
    weights = sources.all_weights("weights", p["options"]["weights"])
    return multiverse(
        material, weights, p["options"], correction=specification.correction,
        covariance=specification.covariance,
    )  # fmt: skip


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
        See `estimates`.
    """
    p = settings
    universe = universe_of(sources, settings, places)
    estimates, refusals = estimates_frame(universe, p["level"])
    size = 1 - p["level"]
    declared = universe.subset(p["subset"])
    joint, draws = joint_frames(declared, estimates, null_arrays(declared, p["draws"], p["seed"]), size)
    return {
        "estimates": estimates,
        "refusals": refusals,
        "summary": summary_frame(estimates, size),
        "options": options_frame(estimates, size),
        "contributions": contributions_frame(estimates),
        "joint": joint,
        "draws": draws,
    }
