"""The tidy results behind the tables and figures on inequality, convergence, dynamics and geography.

Each function runs the analyses of one section of the configuration and returns its frames by name; one job
writes them, and tables and figures only read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Places, Sources
from shuyi.data.series import caveats_from
from shuyi.indices import indicator_panel, load_scheme
from shuyi.panel import Panel
from shuyi.regions import Grouping

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.data.derivations import Derivations
    from shuyi.data.series import Caveat
    from shuyi.indices import Scheme
    from shuyi.weights import Weights


THEIL, GINI = "theil", "gini"
ODD = ("outlier", "doubtful")
"""Kinds of caveats on single figures."""


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
        Names of panel variables, of zero or more.
    threshold : float
        Ratio of the largest to the smallest value above which a gap is flagged.
    permutations, seed : int
        Of the spatial Gini coefficient.
    name : str
        Name of the weights.
    others : sequence of Grouping, default empty
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
        As the functions of `shuyi.analyses.inequality.decomposition`.
    """
    import pandas as pd

    from shuyi.analyses.inequality.decomposition import dagum, spatial_gini, theil

    theils = [theil(panel, variable, grouping) for variable in variables]
    ginis = [dagum(panel, variable, grouping) for variable in variables]
    by_pair = [spatial_gini(panel, v, weights, permutations=permutations, seed=seed) for v in variables]
    other_theils = [theil(panel, variable, other) for other in others for variable in variables]
    other_ginis = [dagum(panel, variable, other) for other in others for variable in variables]
    return {
        "parts": _parts(theils, ginis),
        "regions": _side_by_side([r.regions_frame() for r in theils], [r.regions_frame() for r in ginis]),
        "pairs": pd.concat([r.pairs_frame() for r in ginis], ignore_index=True).pipe(
            lambda pairs: pairs.assign(unit=[panel.measures.get(v, "") for v in pairs["variable"]])
        ),
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

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    indicators : Panel
        Indicators of the index in their own units.
    variables : sequence of str
        Names of panel variables, of zero or more.
    threshold : float
        Ratio of the largest to the smallest value above which a gap is flagged.

    Returns
    -------
    DataFrame
        The fields of `shuyi.analyses.inequality.decomposition.GapRow`, cv, gini, threshold and role (variable
        or indicator).
    """
    import pandas as pd

    from shuyi.analyses.inequality.decomposition import dispersion, gaps

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


def with_caveats(
    dispersion: pd.DataFrame, scheme: Scheme, caveats: Sequence[Caveat], derivations: Derivations
) -> pd.DataFrame:
    """Return dispersion with the unit at either end whose figure of that year is known to be odd.

    Parameters
    ----------
    dispersion : DataFrame
        Of `dispersion_frame`.
    scheme : Scheme
        Whose indicators are the rows of role ``indicator``.
    caveats : sequence of Caveat
        Those of `ODD` kinds count.
    derivations : Derivations
        Which series each derived variable rests on.

    Returns
    -------
    DataFrame
        With ``odd_end``: the largest or the smallest unit, or an empty string.
    """
    columns = {i.id: derivations.origins(i.columns()) for i in scheme.indicators}
    odd = [c for c in caveats if c.kind in ODD]

    def end(row: Any) -> str:
        series = columns.get(row.variable, ()) if row.role == "indicator" else ()
        found = [
            unit
            for unit in (row.largest, row.smallest)
            for c in odd
            if c.series in series and unit in c.units and c.first_year <= row.period <= c.last_year
        ]
        return str(found[0]) if found else ""

    return dispersion.assign(odd_end=[end(row) for row in dispersion.itertuples()])


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


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis (see `inequality_frames`).

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
    panel, others = sources.panel("panel"), [s for s in places.schemes if s != settings["regions"]]
    scheme = load_scheme(sources.data("scheme"), sources.data("schema"))
    found = inequality_frames(
        panel,
        indicator_panel(scheme, panel)[0],
        places.grouping(settings["regions"], panel.units),
        sources.weights("neighbours"),
        variables=settings["variables"],
        threshold=settings["gap_threshold"],
        permutations=settings["permutations"],
        seed=settings["seed"],
        name=settings["weights"],
        others=[places.grouping(other, panel.units) for other in others],
    )
    caveats = caveats_from(sources.text_frame("caveats"), panel.units)
    odd = with_caveats(found["dispersion"], scheme, caveats, sources.derivations())
    return {**found, "dispersion": odd}
