"""Frames of the choice of weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.estimation.estimates import cut_to_sample
from shuyi.analyses.estimation.rows import Reading
from shuyi.analyses.robustness.variants import Headline
from shuyi.analyses.weights_choice.choice import Choice, choice_frames
from shuyi.spatialpanel import Specification

if TYPE_CHECKING:
    import pandas as pd


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
        See `choice.choice_frames`.
    """
    p, whole = settings, sources.panel("panel")
    given = sources.all_weights("weights", p["weights"])
    cut = {name: cut_to_sample(whole, weights, p["excluded"]) for name, weights in given.items()}
    panel = next(iter(cut.values()))[0]
    headline = Headline(panel, Specification.from_row(p["specification"]), p["term"])
    return choice_frames(
        Choice(headline, {name: weights for name, (_, weights) in cut.items()}),
        models=p["models"],
        combined=p["combined"],
        steps=p["steps"],
        reading=Reading(p["level"], p["power"]),
        draws=p["draws"],
        seed=p["seed"],
    )
