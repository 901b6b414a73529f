"""Frames of distribution dynamics: transitions, mobility, densities, moves in the Moran scatterplot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Places, Sources
from shuyi.panel import Panel
from shuyi.regions import Grouping

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.analyses.dynamics.chains import ConditionalDensity
    from shuyi.weights import Weights


DRAWN_STEP = 4
"""Of the fine grid that conditional densities are computed on, every fourth point is kept for drawing."""


def dynamics_frames(
    panel: Panel,
    grouping: Grouping,
    weights: Weights,
    *,
    variable: str,
    classes: int,
    lag: int,
    sectors: int,
    permutations: int,
    seed: int,
    name: str,
) -> dict[str, pd.DataFrame]:
    """Return how the distribution of one variable moves.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    grouping : Grouping
        Regions of the cohesion of rank changes.
    weights : Weights
        Row-standardised, with mutual neighbours.
    variable : str
        Name of the panel variable.
    classes, lag, sectors : int
        Classes of the chains, years of the conditional density, directions of movement.
    permutations : int
        Number of random permutations.
    seed : int
        Seed of the random draws.
    name : str
        Name of the weights.

    Returns
    -------
    dict
        ``densities``, ``density_summary``, ``conditional``; ``transitions``, ``classes``, ``ergodic``,
        ``tests``, ``mobility``; ``lisa_transitions``, ``lisa_tests``, ``lisa_moves``, ``vectors``,
        ``sectors``; ``rank_mobility`` and ``ranks``.

    Raises
    ------
    DataError, AlignmentError, WeightsError
        As the functions of `shuyi.analyses.dynamics.chains` and `shuyi.analyses.dynamics.mobility`.
    """
    return {
        **density_frames(panel, variable, weights, lag),
        **_chain_frames(panel, variable, weights, classes, name),
        **_movement_frames(
            panel, variable, weights, grouping, sectors, permutations=permutations, seed=seed, name=name
        ),
    }


def density_frames(panel: Panel, variable: str, weights: Weights, lag: int) -> dict[str, pd.DataFrame]:
    """Return kernel densities relative to the mean and to the neighbours, and conditional densities.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variable : str
        Name of the panel variable.
    weights : Weights
        Spatial weights in the panel's order of units.
    lag : int
        Years between the two values of the conditional density.

    Returns
    -------
    dict
        ``densities``, ``density_summary`` and ``conditional`` (given the own value `lag` years before, and
        given the neighbours' mean of the same year).
    """
    import pandas as pd

    from shuyi.analyses.dynamics.chains import conditional_density, kernel_densities

    kernels = [
        kernel_densities(panel, variable, relative_to=reference, weights=weights)
        for reference in ("mean", "neighbours")
    ]
    conditional = [
        conditional_density(panel, variable, given="own", lag=lag),
        conditional_density(panel, variable, given="neighbours", lag=0, weights=weights),
    ]
    return {
        "densities": pd.concat([k.to_frame() for k in kernels], ignore_index=True),
        "density_summary": pd.concat([k.summary_frame() for k in kernels], ignore_index=True),
        "conditional": pd.concat([_thinned(c) for c in conditional], ignore_index=True),
    }


def _thinned(density: ConditionalDensity) -> pd.DataFrame:
    frame = density.to_frame().assign(n_pairs=density.n_pairs)
    return frame[frame["y"].isin(density.grid[::DRAWN_STEP])]


def _chain_frames(
    panel: Panel, variable: str, weights: Weights, classes: int, name: str
) -> dict[str, pd.DataFrame]:
    from shuyi.analyses.dynamics.chains import spatial_markov

    found = spatial_markov(panel, variable, weights, classes=classes, name=name)
    return {
        "transitions": found.to_frame(),
        "classes": found.chain.classes_frame(),
        "ergodic": found.ergodic_frame(),
        "tests": found.tests_frame(),
        "mobility": found.chain.mobility_frame(),
    }


def _movement_frames(
    panel: Panel,
    variable: str,
    weights: Weights,
    grouping: Grouping,
    sectors: int,
    *,
    permutations: int,
    seed: int,
    name: str,
) -> dict[str, pd.DataFrame]:
    import pandas as pd

    from shuyi.analyses.dynamics.mobility import lisa_transitions, lisa_vectors, rank_mobility

    lisa = lisa_transitions(panel, variable, weights, name=name)
    vectors = lisa_vectors(
        panel, variable, weights, sectors=sectors, permutations=permutations, seed=seed, name=name
    )
    ranks = rank_mobility(panel, variable, weights, grouping, permutations=permutations, seed=seed, name=name)
    test = {"stability": lisa.stability, "lr": lisa.lr, "df": lisa.df, "p_value": lisa.p_value}
    ergodic = {f"ergodic_{q}": share for q, share in zip(("HH", "LH", "LL", "HL"), lisa.ergodic, strict=True)}
    return {
        "lisa_transitions": lisa.to_frame(),
        "lisa_tests": pd.DataFrame([test | ergodic]),
        "lisa_moves": lisa.units_frame(),
        "vectors": vectors.to_frame(),
        "sectors": vectors.sectors_frame().assign(permutations=permutations, seed=seed),
        "rank_mobility": ranks.to_frame(),
        "ranks": ranks.ranks_frame(),
    }


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis (see `dynamics_frames`).

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
    panel, p = sources.panel("panel"), settings
    return dynamics_frames(
        panel,
        places.grouping(p["regions"], panel.units),
        sources.weights("neighbours"),
        variable=p["variable"],
        classes=p["classes"],
        lag=p["lag"],
        sectors=p["sectors"],
        permutations=p["permutations"],
        seed=p["seed"],
        name=p["weights"],
    )
