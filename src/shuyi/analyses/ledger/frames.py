"""Frames of the ledger, and the verdict on spillovers under each of the weights.

A verdict reads the average indirect effect and its p-value, which allows for serially correlated residuals
and for the number of weights that are tried: below one minus the level of confidence a positive effect is
``diffusion`` and a negative one ``siphon``; else there is ``no_evidence``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import numpy as np

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.estimation.estimates import cut_to_sample, estimate
from shuyi.analyses.ledger.actual import actual_frame
from shuyi.analyses.ledger.blocks import blocks_of
from shuyi.analyses.multiplicity import adjusted
from shuyi.analyses.tiers.classification import TIERS
from shuyi.errors import ConvergenceError, DataError, IdentificationError, WeightsError
from shuyi.frames import labelled
from shuyi.regions import in_order
from shuyi.spatialpanel import Fit, Specification
from shuyi.spatialpanel.cautions import MIN_UNITS
from shuyi.spatialpanel.diagnostics.serial import MIN_PERIODS, serial_correlation
from shuyi.spatialpanel.effects import reference_quantile

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.panel import Panel
    from shuyi.weights import Weights


Verdict = Literal["diffusion", "siphon", "no_evidence"]
VERDICTS: tuple[Verdict, ...] = ("diffusion", "siphon", "no_evidence")
DURBIN = "sdm"
"""Model whose coefficients can differ by group of the sender."""
LEE_YU, LEE_YU_ANY_WEIGHTS = "lee_yu", "lee_yu_bias"
"""The transformation needs row-standardised weights; the analytic bias correction does not."""
USUAL = "information"
"""Covariance of the interval that is usually printed."""
COLUMNS = [
    *("weights", "correction", "n", "periods", "loglik", "rho", "rho_std_error"),
    *("direct", "direct_std_error", "estimate", "std_error", "ci_low", "ci_high", "p_value", "p_adjusted"),
    *("total", "total_std_error", "usual_low", "usual_high", "serial_p"),
    *("verdict", "verdict_usual", "reason"),
]
"""Columns of the verdicts."""
PARAMETERS = ("weights", "covariance", "parameter", "value", "admissible_low", "admissible_high")
"""Columns of the parameters before their covariances."""


class Rule(NamedTuple):
    """What a verdict rests on.

    Parameters
    ----------
    covariance : str
        Kind of the covariance of the estimates.
    multiplicity : str
        Rule of `shuyi.analyses.multiplicity.adjusted`, over the weights.
    """

    covariance: str
    multiplicity: str


class Simulation(NamedTuple):
    """Draws, seed and level of intervals.

    Parameters
    ----------
    draws, seed : int
        Number of random draws.
    level : float
        Level of the intervals, between 0 and 1.
    """

    draws: int
    seed: int
    level: float


def groupings(
    tiers: pd.DataFrame | None, region: Mapping[str, str], others: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Return the groupings of the ledger: tier of the last period, region, and further ones such as clusters.

    Parameters
    ----------
    tiers : DataFrame or None
        Columns unit, period, tier; None for a paper without tiers.
    region : mapping of str to str
        Region of each unit.
    others : mapping of str to mapping
        Group of each unit by name of a further grouping.

    Returns
    -------
    dict of str to dict
        Group of each unit by name of the grouping, groups in the order of tables.
    """
    named = {"region": region, **others}
    found = {name: _sorted(groups, in_order(groups.values())) for name, groups in named.items()}
    if tiers is None:
        return found
    last = tiers[tiers["period"] == tiers["period"].max()]
    return {"tier": _sorted(dict(zip(last["unit"], last["tier"], strict=True)), TIERS), **found}


def _sorted(groups: Mapping[str, str], order: Sequence[str]) -> dict[str, str]:
    return dict(sorted(groups.items(), key=lambda item: order.index(item[1])))


def first_tiers(tiers: pd.DataFrame) -> dict[str, str]:
    """Return the tier of each unit in the first period, which what follows cannot have changed.

    Parameters
    ----------
    tiers : DataFrame
        Columns unit, period, tier.

    Returns
    -------
    dict of str to str
        Tiers in the order of tables.
    """
    first = tiers[tiers["period"] == tiers["period"].min()]
    of = dict(zip(first["unit"].astype(str), first["tier"], strict=True))
    return dict(sorted(of.items(), key=lambda item: TIERS.index(item[1])))


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


def scaled(frames: Mapping[str, pd.DataFrame], rise: float) -> dict[str, pd.DataFrame]:
    """Return the frames of the ledger for a rise of the regressor by another amount than one.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Of `ledger_frames`.
    rise : float
        In units of the regressor.

    Returns
    -------
    dict of DataFrame
        With a column ``rise`` at the end.
    """
    plain = ("pairs", "units")
    scaled_frames = {}
    for name, frame in frames.items():
        effects = [c for c in frame.select_dtypes("number").columns if c not in plain]
        scaled_frames[name] = frame.assign(**{c: frame[c] * rise for c in effects}, rise=rise)
    return scaled_frames


def within_deviation(values: NDArray[np.float64]) -> float:
    """Return the standard deviation of a variable within units: about each unit's mean over time.

    Parameters
    ----------
    values : ndarray, shape (T, n)
        Values by period and unit.

    Returns
    -------
    float
        With ``n (T - 1)`` degrees of freedom.
    """
    T, n = values.shape
    return float(np.sqrt(((values - values.mean(axis=0)) ** 2).sum() / (n * (T - 1))))


def verdict(estimate: float, p_value: float, level: float) -> Verdict:
    """Return what the average indirect effect says (see the module's description).

    Parameters
    ----------
    estimate : float
        Average indirect effect.
    p_value : float
        Adjusted for the number of weights.
    level : float
        Level of confidence: p must lie below one minus it.

    Returns
    -------
    {"diffusion", "siphon", "no_evidence"}
    """
    if not p_value < round(1.0 - level, 12):
        return "no_evidence"
    return "diffusion" if estimate > 0.0 else "siphon"


def under_weights(specification: Specification, name: str, weights: Weights) -> Specification:
    """Return a specification under other weights.

    The transformation of Lee and Yu over time effects needs rows that sum to one; under other weights the
    analytic bias correction of the same authors stands in for it.

    Parameters
    ----------
    specification : Specification
        Row of the specification sheet.
    name : str
        Of the weights.
    weights : Weights
        Spatial weights in the panel's order of units.

    Returns
    -------
    Specification
    """
    over_units = specification.effects in ("time", "twoways")
    needs_rows = specification.correction == LEE_YU and over_units and not weights.is_row_standardised
    correction = LEE_YU_ANY_WEIGHTS if needs_rows else specification.correction
    return replace(specification, weights=name, correction=correction)


@dataclass(frozen=True, eq=False)
class Estimated:
    """A specification estimated under one of several weights.

    Parameters
    ----------
    specification : Specification
        What was estimated, with the correction that the weights allow.
    fits : mapping of str to Fit
        By kind of covariance; empty where the weights do not identify the model.
    reason : str, default ""
        Why they do not.
    """

    specification: Specification
    fits: Mapping[str, Fit]
    reason: str = ""


def estimates_by_weights(
    panel: Panel,
    weights: Mapping[str, Weights],
    specification: Specification,
    excluded: Sequence[str],
    covariances: Sequence[str],
) -> list[Estimated]:
    """Estimate a specification under several weights, with several covariances.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    weights : mapping of str to Weights
        By name.
    specification : Specification
        What is estimated.
    excluded : sequence of str
        Units that the sample leaves out.
    covariances : sequence of str
        Kinds of covariance.

    Returns
    -------
    list of Estimated
        In the order of the weights.
    """
    _check_spatial(specification)
    found = []
    for name, matrix in weights.items():
        own = under_weights(specification, name, matrix)
        try:
            cut, kept = cut_to_sample(panel, matrix, excluded)
            fits = {
                kind: cast(Fit, estimate(cut, kept, replace(own, covariance=kind))) for kind in covariances
            }
            found.append(Estimated(own, fits))
        except (WeightsError, IdentificationError, ConvergenceError) as error:
            lines = (line.strip() for line in str(error).splitlines())
            found.append(Estimated(own, {}, "; ".join(lines)))
    return found


def parameters_frame(estimates: Sequence[Estimated]) -> pd.DataFrame:
    """Return the parameters of the estimates under each of the weights with their covariance matrices.

    Parameters
    ----------
    estimates : sequence of Estimated
        From `estimates_by_weights`.

    Returns
    -------
    DataFrame
        One row per weights, covariance and parameter: weights, covariance, parameter, value, admissible_low
        and admissible_high (NaN where any value is admissible), and one column of covariances per parameter.
        Weights that do not identify the model have no row.
    """
    import pandas as pd

    parts = [
        pd.DataFrame(fit.covariance_matrix, columns=list(fit.names)).pipe(
            labelled,
            weights=each.specification.weights,
            covariance=kind,
            parameter=list(fit.names),
            value=fit.values,
            admissible_low=[fit.intervals.get(name, (np.nan, np.nan))[0] for name in fit.names],
            admissible_high=[fit.intervals.get(name, (np.nan, np.nan))[1] for name in fit.names],
        )
        for each in estimates
        for kind, fit in each.fits.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=PARAMETERS)


def verdicts(
    estimates: Sequence[Estimated], *, term: str, rule: Rule, simulation: Simulation
) -> pd.DataFrame:
    """Say of a specification under each of several weights whether it shows diffusion or siphon.

    Parameters
    ----------
    estimates : sequence of Estimated
        From `estimates_by_weights`, with the rule's covariance and `USUAL`, in the order of the rows.
    term : str
        Name of a regressor.
    rule : Rule
        Covariance and adjustment for the number of weights.
    simulation : Simulation
        Of the customary interval; its level is that of all intervals.

    Returns
    -------
    DataFrame
        One row per weights: `COLUMNS`. ``estimate`` and what follows it, to ``p_value``, are of the average
        indirect effect under the rule's covariance (delta method); ``p_adjusted`` allows for the number of
        weights; ``usual_low``, ``usual_high`` and ``verdict_usual`` rest on the information matrix and
        simulated draws, without adjustment; ``serial_p`` is Wooldridge's test of serially uncorrelated
        residuals; ``reason`` says why weights do not identify the model (then NaN and empty verdicts).
    """
    import pandas as pd

    rows = [
        _verdict_row(each, term, rule, simulation)
        if each.fits
        else {
            "weights": each.specification.weights,
            "correction": each.specification.correction,
            "reason": each.reason,
        }
        for each in estimates
    ]
    texts = ["verdict", "verdict_usual", "reason"]
    found = pd.DataFrame(rows, columns=COLUMNS)
    found["p_adjusted"] = adjusted(found["p_value"].astype(float), rule.multiplicity)
    known = found["p_value"].notna()
    found["verdict"] = [
        verdict(r.estimate, r.p_adjusted, simulation.level) if ok else ""
        for r, ok in zip(found.itertuples(), known, strict=True)
    ]
    return found.fillna(dict.fromkeys(texts, "")).assign(
        covariance=rule.covariance, multiplicity=rule.multiplicity
    )


def _verdict_row(each: Estimated, term: str, rule: Rule, simulation: Simulation) -> dict[str, Any]:
    specification, fit, usual = each.specification, each.fits[rule.covariance], each.fits[USUAL]
    effects = _by_component(fit, term, simulation._replace(draws=0))
    customary = _by_component(usual, term, simulation).loc["indirect"]
    indirect = effects.loc["indirect"]
    row: dict[str, Any] = {
        "weights": specification.weights,
        "correction": specification.correction,
        "n": fit.n,
        "periods": len(fit.periods),
        "loglik": fit.loglik,
        **{name: _of_rho(fit)[i] for i, name in enumerate(("rho", "rho_std_error"))},
        "estimate": indirect["estimate"],
        "std_error": indirect["std_error_delta"],
        "ci_low": indirect["ci_low_delta"],
        "ci_high": indirect["ci_high_delta"],
        "p_value": indirect["p_value"],
        "usual_low": customary["ci_low"],
        "usual_high": customary["ci_high"],
        "serial_p": serial_p_value(fit),
        "verdict_usual": _by_interval(customary["ci_low"], customary["ci_high"]),
        "reason": "",
    }
    for name in ("direct", "total"):
        row |= {
            name: effects.loc[name, "estimate"],
            f"{name}_std_error": effects.loc[name, "std_error_delta"],
        }
    return row


def _check_spatial(specification: Specification) -> None:
    if specification.model == "ols":
        raise DataError(
            "A model without spatial terms has no spillover to judge.",
            expected="a headline with a spatial lag of the outcome or the regressors",
            found=specification.model,
            remedy="set estimation.headline to such a specification",
        )


def _by_component(fit: Fit, term: str, simulation: Simulation) -> pd.DataFrame:
    effects = fit.effects(**simulation._asdict()).to_frame()
    return effects[effects["term"] == term].set_index("component")


def _of_rho(fit: Fit) -> tuple[float, float]:
    if "rho" not in fit.names:
        return np.nan, np.nan
    place = fit.names.index("rho")
    return float(fit.values[place]), float(np.sqrt(fit.covariance_matrix[place, place]))


def serial_p_value(fit: Fit) -> float:
    """Return the p-value of Wooldridge's test of serially uncorrelated residuals; NaN for short panels.

    Parameters
    ----------
    fit : Fit
        Estimates with their residuals.

    Returns
    -------
    float
    """
    residuals = fit.residual_values
    if residuals is None or residuals.shape[0] < MIN_PERIODS or residuals.shape[1] < MIN_UNITS:
        return float("nan")
    return float(serial_correlation(residuals).p_value)


def _by_interval(low: float, high: float) -> Verdict:
    if low > 0.0:
        return "diffusion"
    return "siphon" if high < 0.0 else "no_evidence"


CLUSTERS = "clusters"
"""The grouping of the units by city cluster, beside regions and tiers."""


def _others(places: Places, regions: str) -> dict[str, dict[str, str]]:
    """Return the groupings beside the regions: the clusters alone where a paper has them, else every one."""
    if CLUSTERS in places.schemes:
        return {"cluster": places.grouping(CLUSTERS, places.codes).region_of}
    return {s: places.grouping(s, places.codes).region_of for s in places.schemes if s != regions}


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the ledger (`ledger_frames`), of `verdicts` and of their parameters.

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
        Effects of the ledger are those of a rise by one within-unit standard deviation of the term.
    """
    p, panel = settings, sources.panel("panel")
    simulation = Simulation(p["draws"], p["seed"], p["level"])
    specification = Specification.from_row(p["specification"])
    cut, kept = cut_to_sample(panel, sources.weights("neighbours"), p["excluded"])
    _check_spatial(specification)
    fit = cast(Fit, estimate(cut, kept, replace(specification, covariance=p["covariance"])))
    tiers = sources.frame("tiers") if sources.has("tiers") else None
    frames = ledger_frames(
        fit,
        p["term"],
        groupings(
            tiers, places.grouping(p["regions"], places.codes).region_of, _others(places, p["regions"])
        ),
        **simulation._asdict(),
    )
    rule = Rule(p["covariance"], p["multiplicity"])
    estimates = estimates_by_weights(
        panel,
        sources.all_weights("weights", p["names"]),
        specification,
        p["excluded"],
        tuple(dict.fromkeys((rule.covariance, USUAL))),
    )
    judged = verdicts(estimates, term=p["term"], rule=rule, simulation=simulation)
    rise = within_deviation(cut[p["term"]])
    found = {
        **scaled(frames, rise),
        "verdicts": judged.assign(rise=rise),
        "parameters": parameters_frame(estimates),
    }
    if specification.model == DURBIN and tiers is not None:
        own = replace(specification, covariance=p["covariance"])
        first = first_tiers(tiers)
        found["actual"] = actual_frame(cut, kept, own, first, term=p["term"], level=p["level"])
    return found
