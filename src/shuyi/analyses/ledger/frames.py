"""Frames of the ledger, and the verdict on spillovers under each of the weights.

A verdict reads the interval of the average indirect effect: above zero it is ``diffusion``, below zero
``siphon``, and one that holds zero is ``no_evidence``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.estimation.estimates import cut_to_sample, estimate
from shuyi.analyses.ledger.blocks import blocks_of
from shuyi.analyses.tiers.classification import TIERS
from shuyi.errors import ConvergenceError, DataError, IdentificationError, WeightsError
from shuyi.regions import in_order
from shuyi.spatialpanel import Fit, Specification
from shuyi.spatialpanel.effects import reference_quantile

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.panel import Panel
    from shuyi.spatialpanel.least_squares import FixedEffectsFit
    from shuyi.weights import Weights


Verdict = Literal["diffusion", "siphon", "no_evidence"]
VERDICTS: tuple[Verdict, ...] = ("diffusion", "siphon", "no_evidence")
LEE_YU, LEE_YU_ANY_WEIGHTS = "lee_yu", "lee_yu_bias"
"""The transformation needs row-standardised weights; the analytic bias correction does not."""
OF_EFFECTS = (
    *("estimate", "std_error", "std_error_delta", "ci_low", "ci_high", "ci_low_delta", "ci_high_delta"),
    "p_value",
)
"""Columns of the effects that a verdict keeps."""


def groupings(
    tiers: pd.DataFrame, *, clusters: Mapping[str, str], region: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Return the groupings of the ledger: tier of the last period, region, city cluster.

    Parameters
    ----------
    tiers : DataFrame
        Columns unit, period, tier.
    clusters, region : mapping of str to str
        Cluster and region of each unit.

    Returns
    -------
    dict of str to dict
        Group of each unit by name of the grouping, groups in the order of tables.
    """
    last = tiers[tiers["period"] == tiers["period"].max()]
    tier = dict(zip(last["unit"], last["tier"], strict=True))
    orders = (TIERS, in_order(region.values()), in_order(clusters.values()))
    named = {"tier": tier, "region": region, "cluster": clusters}
    return {
        name: dict(sorted(groups.items(), key=lambda item: order.index(item[1])))
        for (name, groups), order in zip(named.items(), orders, strict=True)
    }


def ledger_frames(
    fit: Fit,
    term: str,
    groupings: Mapping[str, Mapping[str, str]],
    *,
    draws: int,
    seed: int,
    level: float,
) -> dict[str, pd.DataFrame]:
    """Return the ledger of one regressor by unit and by group.

    Intervals are percentiles at the level at which normal draws reach as many standard errors as Student's t
    with n - 1 degrees of freedom, like those of the effects.

    Parameters
    ----------
    fit : Fit
        With its weights.
    term : str
        Name of a regressor.
    groupings : mapping of str to mapping
        Group of each unit by name of the grouping.
    draws : int
        Number of random draws.
    seed : int
        Seed of the random draws.
    level : float
        Level of the intervals.

    Returns
    -------
    dict of DataFrame
        ``ledger`` (`Fit.ledger` and one column per grouping), ``matrix`` (receiver, sender, effect, the
        diagonal included), ``blocks`` and ``groups`` (`Blocks.to_frame` and `Blocks.summary` by grouping).
    """
    import pandas as pd

    wide = reference_quantile(level, fit.n - 1)[1]
    ledger = fit.ledger(term, draws=draws, seed=seed, level=wide)
    for name, groups in groupings.items():
        ledger.insert(1, name, [groups.get(unit, "") for unit in ledger["unit"]])
    found = {
        name: blocks_of(fit, term, groups, draws=draws, seed=seed, level=wide)
        for name, groups in groupings.items()
    }
    matrix = fit.effect_matrix(term).rename_axis("receiver").reset_index()
    return {
        "ledger": ledger,
        "matrix": matrix.melt("receiver", var_name="sender", value_name="effect"),
        "blocks": pd.concat([_by(name, b.to_frame()) for name, b in found.items()], ignore_index=True),
        "groups": pd.concat([_by(name, b.summary()) for name, b in found.items()], ignore_index=True),
    }


def _by(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    frame.insert(0, "grouping", name)
    return frame


def verdict(low: float, high: float) -> Verdict:
    """Return what the interval of the average indirect effect says (see the module's description).

    Parameters
    ----------
    low, high : float
        Bounds of the interval.

    Returns
    -------
    {"diffusion", "siphon", "no_evidence"}
        Above zero, below zero, or neither.

    Examples
    --------
    >>> from shuyi.analyses.ledger.frames import verdict
    >>> verdict(0.1, 0.4), verdict(-0.2, 0.3)
    ('diffusion', 'no_evidence')
    """
    if low > 0.0:
        return "diffusion"
    return "siphon" if high < 0.0 else "no_evidence"


def under_weights(specification: Specification, name: str, weights: Weights) -> Specification:
    """Return a specification under other weights.

    The transformation of Lee and Yu over time effects needs rows that sum to one; under other weights the
    analytic bias correction of the same authors stands in for it.

    Parameters
    ----------
    specification : Specification
        Specification under its own weights.
    name : str
        Name of the other weights.
    weights : Weights
        Spatial weights in the panel's order of units.

    Returns
    -------
    Specification
        Otherwise the same.
    """
    over_units = specification.effects in ("time", "twoways")
    needs_rows = specification.correction == LEE_YU and over_units and not weights.is_row_standardised
    correction = LEE_YU_ANY_WEIGHTS if needs_rows else specification.correction
    return replace(specification, weights=name, correction=correction)


def verdicts(
    panel: Panel,
    weights: Mapping[str, Weights],
    specification: Specification,
    excluded: Sequence[str],
    *,
    term: str,
    draws: int,
    seed: int,
    level: float,
) -> pd.DataFrame:
    """Estimate a specification under several weights and say of each whether it shows diffusion or siphon.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    weights : mapping of str to Weights
        By name, in the order of the rows.
    specification : Specification
        What is estimated.
    excluded : sequence of str
        Units that the sample leaves out.
    term : str
        Name of a regressor.
    draws : int
        Number of random draws.
    seed : int
        Seed of the random draws.
    level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        weights, correction, n, loglik, rho (NaN where the model has none), estimate, std_error,
        std_error_delta, ci_low, ci_high (of the average indirect effect), ci_low_delta, ci_high_delta,
        p_value, direct, total, verdict, verdict_delta, reason (why these weights do not identify the
        model; then NaN and an empty verdict).
    """
    import pandas as pd

    rows = []
    for name, matrix in weights.items():
        own = under_weights(specification, name, matrix)
        try:
            cut, kept = cut_to_sample(panel, matrix, excluded)
            fit = estimate(cut, kept, own)
            rows.append(_verdict_row(fit, own, term, draws, seed, level))
        except (WeightsError, IdentificationError, ConvergenceError) as error:
            lines = (line.strip() for line in str(error).splitlines())
            rows.append({"weights": name, "correction": own.correction, "reason": "; ".join(lines)})
    texts = ["verdict", "verdict_delta", "reason"]
    columns = ["weights", "correction", "n", "loglik", "rho", *OF_EFFECTS, "direct", "total", *texts]
    return pd.DataFrame(rows, columns=columns).fillna(dict.fromkeys(texts, ""))


def _verdict_row(
    fit: Fit | FixedEffectsFit, specification: Specification, term: str, draws: int, seed: int, level: float
) -> dict[str, float | str]:
    if not isinstance(fit, Fit):
        raise DataError(
            "A model without spatial terms has no spillover to judge.",
            expected="a headline with a spatial lag of the outcome or the regressors",
            found=specification.model,
            remedy="set estimation.headline to such a specification",
        )
    effects = fit.effects(draws=draws, seed=seed, level=level).to_frame().set_index(["term", "component"])
    indirect = effects.loc[(term, "indirect")]
    return {
        "weights": specification.weights,
        "correction": specification.correction,
        "n": fit.n,
        "loglik": fit.loglik,
        "rho": fit["rho"] if "rho" in fit.names else np.nan,
        **{name: float(indirect[name]) for name in OF_EFFECTS},
        "direct": float(effects.loc[(term, "direct"), "estimate"]),
        "total": float(effects.loc[(term, "total"), "estimate"]),
        "verdict": verdict(indirect["ci_low"], indirect["ci_high"]),
        "verdict_delta": verdict(indirect["ci_low_delta"], indirect["ci_high_delta"]),
        "reason": "",
    }


CLUSTERS = "clusters"
"""The grouping of the units by city cluster, beside regions and tiers."""


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the ledger (see `ledger_frames`) and of the verdicts (see `verdicts`).

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
    p, fit = settings, sources.fit("fit")
    simulated = {"draws": p["draws"], "seed": p["seed"], "level": p["level"]}
    clusters, region = (places.grouping(s, places.codes).region_of for s in (CLUSTERS, p["regions"]))
    frames = ledger_frames(
        fit.with_weights(sources.weights("neighbours").subset(fit.units)),
        p["term"],
        groupings(sources.frame("tiers"), clusters=clusters, region=region),
        **simulated,
    )
    judged = verdicts(
        sources.panel("panel"),
        sources.all_weights("weights", p["names"]),
        Specification.from_row(p["specification"]),
        p["excluded"],
        term=p["term"],
        **simulated,
    )
    return {**frames, "verdicts": judged}
