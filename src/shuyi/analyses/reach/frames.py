"""Frames of the reach of spillovers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.estimation.rows import Reading
from shuyi.analyses.reach.rings import cutoffs_frame, rings_frame
from shuyi.analyses.robustness.variants import Headline
from shuyi.spatialpanel import Specification
from shuyi.weights.build import great_circle_km

if TYPE_CHECKING:
    import pandas as pd


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames ``rings`` and ``cutoffs``.

    Parameters
    ----------
    sources : Sources
        Its input files.
    settings : mapping
        As the declaration gives them.
    places : Places
        The units of the paper, with their coordinates.

    Returns
    -------
    dict of str to DataFrame
        See `rings`.
    """
    p, whole = settings, sources.panel("panel")
    panel = whole.select(units=[unit for unit in whole.units if unit not in p["excluded"]])
    headline = Headline(panel, Specification.from_row(p["specification"]), p["term"])
    distances = great_circle_km(panel.units, places.coordinates)
    reading = Reading(p["level"], p["power"])
    return {
        "rings": rings_frame(headline, distances, p["edges"], reading=reading, seed=p["seed"]),
        "cutoffs": cutoffs_frame(headline, distances, p["edges"], reading=reading),
    }
