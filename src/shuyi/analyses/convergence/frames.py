"""Frames of sigma convergence, beta convergence with and without neighbours, and convergence clubs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Places, Sources
from shuyi.panel import Panel
from shuyi.regions import Grouping

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.analyses.convergence.clubs import Transform
    from shuyi.weights import Weights


ABSOLUTE, CONDITIONAL = "absolute", "conditional"
EFFECTS = {ABSOLUTE: "time", CONDITIONAL: "twoways"}
"""Fixed effects of panel regressions: without those of units all provinces share one steady state."""


NULL_DRAWS = 499
"""Panels of random walks; the simulation error of a p-value of .05 is .01."""


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
    draws: int = NULL_DRAWS,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Return sigma, beta, spatial beta and club convergence.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
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
        Level of the tests, in (0, 1).
    clubs : mapping of str to {"log", "none"}
        Variables that are clustered and what is taken of them.
    hp_smoothing : float, optional
        Smoothing parameter of the Hodrick-Prescott filter before clubs are sought; by default values are used
        as they are.
    name : str
        Name of the weights.
    draws, seed : int
        Of the random walks that estimates of beta are compared with.

    Returns
    -------
    dict
        ``sigma``, ``sigma_trends``, ``beta``, ``spatial_beta``, ``beta_null``, ``clubs``, ``club_tests``
        and ``paths``.

    Raises
    ------
    DataError, AlignmentError, ConvergenceError
        As the functions of `shuyi.analyses.convergence.convergence` and `shuyi.analyses.convergence.clubs`.
    """
    import pandas as pd

    from shuyi.analyses.convergence.clubs import ClubSettings, club_convergence
    from shuyi.analyses.convergence.convergence import sigma_convergence
    from shuyi.analyses.convergence.convergence_null import beta_null_frame

    sigmas = [sigma_convergence(panel, v, grouping, significance=significance) for v in variables]
    betas = [beta_frame(panel, v, grouping, controls, span) for v in variables]
    spatial = [spatial_beta_frame(panel, v, weights, controls, models, span, name) for v in variables]
    kinds = {kind: (EFFECTS[kind], held) for kind, held in ((ABSOLUTE, ()), (CONDITIONAL, tuple(controls)))}
    null = beta_null_frame(
        panel, variables, weights, kinds=kinds, models=models, span=span, draws=draws, seed=seed
    )
    found = [
        club_convergence(panel, v, ClubSettings(transform=transform, hp_smoothing=hp_smoothing))
        for v, transform in clubs.items()
    ]
    frames = {
        "sigma": [s.to_frame() for s in sigmas],
        "sigma_trends": [s.trends_frame() for s in sigmas],
        "beta": betas,
        "spatial_beta": spatial,
        "beta_null": [null],
        "clubs": [c.to_frame() for c in found],
        "club_tests": [c.tests_frame().assign(transform=c.settings.transform) for c in found],
        "paths": [c.paths_frame() for c in found],
    }
    return {key: pd.concat(parts, ignore_index=True) for key, parts in frames.items()}


def beta_frame(
    panel: Panel, variable: str, grouping: Grouping, controls: Sequence[str], span: int
) -> pd.DataFrame:
    """Return absolute beta convergence of all provinces and regions, and conditional of all provinces.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variable : str
        Name of the panel variable.
    grouping : Grouping
        Region of each unit.
    controls : sequence of str
        Names of the control variables.
    span : int
        Years per interval of the panel regressions.

    Returns
    -------
    DataFrame
        The columns of `shuyi.analyses.convergence.convergence.BetaConvergence.to_frame`, and kind (absolute
        or conditional).
    """
    import pandas as pd

    from shuyi.analyses.convergence.convergence import cross_section_beta, panel_beta

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

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variable : str
        Name of the panel variable.
    weights : Weights
        Spatial weights in the panel's order of units.
    controls : sequence of str
        Names of the control variables.
    models : sequence of str
        Ids of spatial models.
    span : int
        Years per interval.
    name : str
        Name of the weights.

    Returns
    -------
    DataFrame
        The columns of `shuyi.analyses.convergence.convergence.SpatialBeta.to_frame`, and kind (absolute or
        conditional).
    """
    import pandas as pd

    from shuyi.analyses.convergence.convergence import spatial_beta

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


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis (see `convergence_frames`).

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
    return convergence_frames(
        panel,
        places.grouping(p["regions"], panel.units),
        sources.weights("neighbours"),
        variables=p["variables"],
        controls=p["controls"],
        models=p["models"],
        span=p["span"],
        significance=p["significance"],
        clubs=p["clubs"],
        hp_smoothing=p["hp_smoothing"],
        name=p["weights"],
        seed=p["seed"],
    )
