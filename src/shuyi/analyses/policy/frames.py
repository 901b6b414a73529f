"""Frames of the policy analysis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.policy.designs import designs_frame, effects_frame, events_frames, units_frame
from shuyi.analyses.policy.register import overlap_frame
from shuyi.analyses.policy.synthetic import synthetic_frames

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
        See `designs` and `synthetic`.
    """
    p, panel, rows = settings, sources.panel("panel"), sources.rows("policies")
    weights = sources.weights("weights")
    headline, synthetic = p["designs"][p["headline"]], p["synthetic"]
    simulation = {"draws": p["draws"], "seed": p["seed"]}
    strata = places.grouping(p["strata"], panel.units).membership
    events, before = events_frames(
        panel, rows, weights, headline, outcome=p["outcome"], level=p["level"], **simulation
    )
    gaps, donors = synthetic_frames(
        panel,
        rows,
        weights,
        p["designs"][synthetic["design"]],
        unit=synthetic["unit"],
        start=synthetic["start"],
        outcome=p["outcome"],
    )
    return {
        "effects": effects_frame(
            panel,
            rows,
            weights,
            headline,
            p["variants"],
            outcome=p["outcome"],
            strata=strata,
            level=p["level"],
            **simulation,
        ),
        "units": units_frame(panel, rows, weights, headline),
        "events": events,
        "before": before,
        "designs": designs_frame(panel, rows, weights, p["designs"], outcome=p["outcome"], **simulation),
        "overlap": overlap_frame(rows),
        "synthetic": gaps,
        "donors": donors,
    }
