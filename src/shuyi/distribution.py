"""The tidy results behind the tables and figures on inequality, convergence, dynamics and geography.

Each function runs the analyses of one section of the configuration and returns its frames by name; one job
writes them, and tables and figures only read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.panel import Panel
from shuyi.regions import Grouping

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.clubs import Transform
    from shuyi.dynamics import ConditionalDensity
    from shuyi.geography import TrendSurface
    from shuyi.weights import Weights

THEIL, GINI = "theil", "gini"
ABSOLUTE, CONDITIONAL = "absolute", "conditional"
EFFECTS = {ABSOLUTE: "time", CONDITIONAL: "twoways"}
"""Fixed effects of panel regressions: without those of units all provinces share one steady state."""
DRAWN_STEP = 4
"""Of the fine grid that conditional densities are computed on, every fourth point is kept for drawing."""
SURFACE_DEGREES = {"longitude": (72, 136), "latitude": (16, 55)}
"""Rectangle of the trend surface's grid, degrees; it holds the outline of the country."""


def inequality_frames(
    panel: Panel,
    indicators: Panel,
    grouping: Grouping,
    weights: Weights,
    *,
    variables: Sequence[str],
    threshold: float,
    permutations: int,
    seed: int,
    name: str,
    others: Sequence[Grouping] = (),
) -> dict[str, pd.DataFrame]:
    """Return inequality between provinces by year, region, indicator and province.

    Parameters
    ----------
    panel, indicators : Panel
        The panel, and the indicators of the index in their own units.
    grouping : Grouping
        Regions of the decompositions.
    weights : Weights
        Neighbours of the spatial Gini coefficient.
    variables : sequence of str
    threshold : float
        Ratio of the largest to the smallest value above which a gap is flagged.
    permutations, seed : int
        Of the spatial Gini coefficient.
    name : str
        Name of the weights.
    others : sequence of Grouping
        Further region schemes, decomposed beside the first.

    Returns
    -------
    dict
        ``parts`` (both decompositions), ``regions``, ``pairs``, ``provinces`` (contributions),
        ``dispersion`` (by indicator) and ``spatial_gini``; ``other_parts`` and ``other_regions`` of the
        further schemes.

    Raises
    ------
    DataError, AlignmentError, WeightsError
        As the functions of `shuyi.inequality`.
    """
    import pandas as pd

    from shuyi.inequality import dagum, spatial_gini, theil

    theils = [theil(panel, variable, grouping) for variable in variables]
    ginis = [dagum(panel, variable, grouping) for variable in variables]
    by_pair = [spatial_gini(panel, v, weights, permutations=permutations, seed=seed) for v in variables]
    other_theils = [theil(panel, variable, other) for other in others for variable in variables]
    other_ginis = [dagum(panel, variable, other) for other in others for variable in variables]
    return {
        "parts": _parts(theils, ginis),
        "regions": _side_by_side([r.regions_frame() for r in theils], [r.regions_frame() for r in ginis]),
        "pairs": pd.concat([r.pairs_frame() for r in ginis], ignore_index=True),
        "provinces": _side_by_side([r.units_frame() for r in theils], [r.units_frame() for r in ginis]),
        "dispersion": dispersion_frame(panel, indicators, variables, threshold),
        "spatial_gini": pd.concat([r.to_frame() for r in by_pair], ignore_index=True).assign(weights=name),
        "other_parts": _parts(other_theils, other_ginis),
        "other_regions": _stacked([r.regions_frame() for r in other_theils]),
    }


def _parts(theils: Sequence[Any], ginis: Sequence[Any]) -> pd.DataFrame:
    frames = [r.to_frame().assign(measure=THEIL) for r in theils]
    return _stacked([*frames, *(r.to_frame().assign(measure=GINI) for r in ginis)])


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def dispersion_frame(
    panel: Panel, indicators: Panel, variables: Sequence[str], threshold: float
) -> pd.DataFrame:
    """Return gaps, coefficient of variation and Gini coefficient by variable or indicator and year.

    Returns
    -------
    DataFrame
        The fields of `shuyi.inequality.GapRow`, cv, gini, threshold and role (variable or indicator).
    """
    import pandas as pd

    from shuyi.inequality import dispersion, gaps

    parts = []
    for role, source, names in (
        ("variable", panel, tuple(variables)),
        ("indicator", indicators, indicators.variables),
    ):
        found = gaps(source, names, threshold=threshold)
        measures = dispersion(source, names, measures=("cv", "gini")).to_frame()
        wide = measures.pivot(index=["variable", "period"], columns="measure", values="value").reset_index()
        frame = found.to_frame().merge(wide, on=["variable", "period"], how="left", validate="one_to_one")
        parts.append(frame.assign(threshold=found.threshold, role=role))
    return pd.concat(parts, ignore_index=True).drop(columns="region_scheme")


def _side_by_side(theils: Sequence[pd.DataFrame], ginis: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Merge frames of both decompositions; what only one of them has is named after it."""
    import pandas as pd

    first, second = pd.concat(theils, ignore_index=True), pd.concat(ginis, ignore_index=True)
    keys = [c for c in first.columns if c in second.columns and first[c].dtype.kind != "f"]
    first, second = (
        frame.rename(columns={c: f"{name}_{c}" for c in frame.columns if c not in (*keys, THEIL, GINI)})
        for name, frame in ((THEIL, first), (GINI, second))
    )
    return first.merge(second, on=keys, validate="one_to_one")


def convergence_frames(
    panel: Panel,
    grouping: Grouping,
    weights: Weights,
    *,
    variables: Sequence[str],
    controls: Sequence[str],
    models: Sequence[str],
    span: int,
    significance: float,
    clubs: Mapping[str, Transform],
    hp_smoothing: float | None,
    name: str,
) -> dict[str, pd.DataFrame]:
    """Return sigma, beta, spatial beta and club convergence.

    Parameters
    ----------
    panel : Panel
    grouping : Grouping
        Regions inside which dispersion and absolute convergence are measured, too.
    weights : Weights
        Row-standardised.
    variables, controls : sequence of str
        Levels above zero, and what conditional convergence holds constant.
    models : sequence of str
        Spatial models.
    span : int
        Years per interval of panel regressions.
    significance : float
    clubs : mapping of str to {"log", "none"}
        Variables that are clustered and what is taken of them.
    hp_smoothing : float, optional
    name : str
        Name of the weights.

    Returns
    -------
    dict
        ``sigma``, ``sigma_trends``, ``beta``, ``spatial_beta``, ``clubs``, ``club_tests`` and ``paths``.

    Raises
    ------
    DataError, AlignmentError, ConvergenceError
        As the functions of `shuyi.convergence` and `shuyi.clubs`.
    """
    import pandas as pd

    from shuyi.clubs import ClubSettings, club_convergence
    from shuyi.convergence import sigma_convergence

    sigmas = [sigma_convergence(panel, v, grouping, significance=significance) for v in variables]
    betas = [beta_frame(panel, v, grouping, controls, span) for v in variables]
    spatial = [spatial_beta_frame(panel, v, weights, controls, models, span, name) for v in variables]
    found = [
        club_convergence(panel, v, ClubSettings(transform=transform, hp_smoothing=hp_smoothing))
        for v, transform in clubs.items()
    ]
    frames = {
        "sigma": [s.to_frame() for s in sigmas],
        "sigma_trends": [s.trends_frame() for s in sigmas],
        "beta": betas,
        "spatial_beta": spatial,
        "clubs": [c.to_frame() for c in found],
        "club_tests": [c.tests_frame().assign(transform=c.settings.transform) for c in found],
        "paths": [c.paths_frame() for c in found],
    }
    return {key: pd.concat(parts, ignore_index=True) for key, parts in frames.items()}


def beta_frame(
    panel: Panel, variable: str, grouping: Grouping, controls: Sequence[str], span: int
) -> pd.DataFrame:
    """Return absolute beta convergence of all provinces and regions, and conditional of all provinces.

    Returns
    -------
    DataFrame
        The columns of `shuyi.convergence.BetaConvergence.to_frame` and kind (absolute or conditional).
    """
    import pandas as pd

    from shuyi.convergence import cross_section_beta, panel_beta

    parts = []
    for kind, chosen, regions in ((ABSOLUTE, (), grouping), (CONDITIONAL, tuple(controls), None)):
        cross = cross_section_beta(panel, variable, controls=chosen, grouping=regions)
        successive = panel_beta(panel, variable, controls=chosen, span=span, effects=EFFECTS[kind])
        parts += [result.to_frame().assign(kind=kind) for result in (cross, successive)]
    return pd.concat(parts, ignore_index=True)


def spatial_beta_frame(
    panel: Panel,
    variable: str,
    weights: Weights,
    controls: Sequence[str],
    models: Sequence[str],
    span: int,
    name: str,
) -> pd.DataFrame:
    """Return absolute and conditional convergence by spatial models.

    Returns
    -------
    DataFrame
        The columns of `shuyi.convergence.SpatialBeta.to_frame` and kind (absolute or conditional).
    """
    import pandas as pd

    from shuyi.convergence import spatial_beta

    parts = [
        spatial_beta(
            panel,
            variable,
            weights,
            models=models,
            controls=chosen,
            span=span,
            effects=EFFECTS[kind],
            name=name,
        )
        .to_frame()
        .assign(kind=kind)
        for kind, chosen in ((ABSOLUTE, ()), (CONDITIONAL, tuple(controls)))
    ]
    return pd.concat(parts, ignore_index=True)


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
    grouping : Grouping
        Regions of the cohesion of rank changes.
    weights : Weights
        Row-standardised, with mutual neighbours.
    variable : str
    classes, lag, sectors : int
        Classes of the chains, years of the conditional density, directions of movement.
    permutations, seed : int
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
        As the functions of `shuyi.dynamics` and `shuyi.mobility`.
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

    Returns
    -------
    dict
        ``densities``, ``density_summary`` and ``conditional`` (given the own value `lag` years before, and
        given the neighbours' mean of the same year).
    """
    import pandas as pd

    from shuyi.dynamics import conditional_density, kernel_densities

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
    from shuyi.dynamics import spatial_markov

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

    from shuyi.mobility import lisa_transitions, lisa_vectors, rank_mobility

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


def geography_frames(
    panel: Panel, *, variables: Sequence[str], order: int, years: Sequence[int]
) -> dict[str, pd.DataFrame]:
    """Return mean centres, deviational ellipses and trend surfaces; provinces stand at their capitals.

    Parameters
    ----------
    panel : Panel
        Of provinces.
    variables : sequence of str
        Weights; the first has a trend surface.
    order : {1, 2}
        Of the trend surface.
    years : sequence of int
        The first and the last have the surface on a grid of degrees.

    Returns
    -------
    dict
        ``centres``, ``outlines`` (of the ellipses), ``trend`` (coefficients) and ``surface``.

    Raises
    ------
    DataError, AlignmentError
        As the functions of `shuyi.geography`.
    """
    from shuyi.geography import capital_coordinates, centres, trend_surface

    longitude, latitude = capital_coordinates(panel.units)
    found = centres(panel, variables, longitude, latitude)
    surface = trend_surface(panel, variables[0], longitude, latitude, order=order)
    outlines = found.outlines_frame()
    return {
        "centres": found.to_frame().assign(scale=found.scale),
        "outlines": outlines[outlines["period"].isin(years)],
        "trend": surface.to_frame(),
        "surface": surface_frame(surface, sorted({years[0], years[-1]})),
    }


def surface_frame(surface: TrendSurface, years: Sequence[int]) -> pd.DataFrame:
    """Return a trend surface on a grid of degrees: variable, period, longitude, latitude, value."""
    import pandas as pd

    grids = [np.arange(low, high + 1.0) for low, high in SURFACE_DEGREES.values()]
    longitude, latitude = (axis.ravel() for axis in np.meshgrid(*grids, indexing="ij"))
    values = surface.predict(longitude, latitude)
    parts = [
        pd.DataFrame(
            {
                "variable": surface.rows[0].variable,
                "period": year,
                "longitude": longitude,
                "latitude": latitude,
                "value": values[surface.periods.index(year)],
            }
        )
        for year in years
    ]
    return pd.concat(parts, ignore_index=True)
