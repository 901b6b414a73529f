"""Frames of global and local spatial autocorrelation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.analyses.autocorrelation.settings import lisa_frame
from shuyi.analyses.base import Places, Sources
from shuyi.esda import local_morans, moran

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.data.derivations import Derivations
    from shuyi.weights import Weights


def built_from_variable(weights: Weights) -> str:
    """Return the variable whose values weights are built from, or an empty string for geographic weights.

    Parameters
    ----------
    weights : Weights
        Spatial weights in the panel's order of units.

    Returns
    -------
    str
    """
    return str(weights.definition.get("variable", ""))


def is_level_of(tested: str, built_from: str, derivations: Derivations) -> bool:
    """Return whether a tested variable is another one, or a transformation of it alone or the reverse.

    Parameters
    ----------
    tested : str
        Name of the variable that is tested.
    built_from : str
        Empty for none.
    derivations : Derivations
        Which series each derived variable rests on.

    Returns
    -------
    bool
    """
    return bool(built_from) and _level(tested, derivations) == _level(built_from, derivations)


def _level(variable: str, derivations: Derivations) -> str:
    """Return the variable at the start of a chain of transformations of one variable: of a log, its level."""
    recipe = derivations.find(variable)
    if recipe is None or len(recipe.inputs) != 1:
        return variable
    return _level(recipe.inputs[0], derivations)


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the global statistics and one frame of local statistics per variable.

    Parameters
    ----------
    sources : Sources
        Files that the analysis reads, by name.
    settings : mapping
        As the declaration gives them.
    places : Places
        Names and groupings of the units.

    Returns
    -------
    dict of DataFrame
        ``moran`` (`shuyi.esda.GlobalStatistics.to_frame`, with ``built_from``, the variable that the weights
        are built from or empty, and ``circular``: whether the tested variable is that variable) and
        ``lisa_VARIABLE`` (`shuyi.esda.local_morans`).
    """
    panel, seed = sources.panel("panel"), settings["seed"]
    p, local = settings["moran"], settings["lisa"]
    weights, neighbours = sources.all_weights("weights", p["weights"]), sources.weights("neighbours")
    statistics = moran(panel, weights, p["variables"], permutations=p["permutations"], seed=seed)
    sources_of = sources.derivations()
    built_from = {name: built_from_variable(w) for name, w in weights.items()}
    frame = statistics.to_frame()
    same = [
        is_level_of(variable, built_from[name], sources_of)
        for variable, name in zip(frame["variable"], frame["weights"], strict=True)
    ]
    return {
        "moran": frame.assign(built_from=frame["weights"].map(built_from), circular=same),
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
