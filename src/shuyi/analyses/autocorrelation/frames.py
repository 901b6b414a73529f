"""Frames of global and local spatial autocorrelation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.analyses.autocorrelation.settings import lisa_frame
from shuyi.analyses.base import Places, Sources
from shuyi.esda import local_morans, moran

if TYPE_CHECKING:
    import pandas as pd


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the global statistics and one frame of local statistics per variable.

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
    dict of DataFrame
        ``moran`` (`shuyi.esda.GlobalStatistics.to_frame`) and ``lisa_VARIABLE`` (`shuyi.esda.local_morans`).
    """
    panel, seed = sources.panel("panel"), settings["seed"]
    p, local = settings["moran"], settings["lisa"]
    weights, neighbours = sources.all_weights("weights", p["weights"]), sources.weights("neighbours")
    statistics = moran(panel, weights, p["variables"], permutations=p["permutations"], seed=seed)
    return {
        "moran": statistics.to_frame(),
        **{
            lisa_frame(variable): local_morans(
                panel,
                neighbours,
                variable,
                local["years"],
                name=local["weights"],
                permutations=local["permutations"],
                seed=seed,
                significance=local["significance"],
                fdr=local["false_discovery_rate"],
            )
            for variable in local["variables"]
        },
    }
