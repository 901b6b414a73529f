"""One row of the specification sheet estimated: its sample, its estimator, its effects and its peer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from shuyi import spatialpanel
from shuyi.panel import Panel
from shuyi.spatialpanel import Fit, Specification
from shuyi.spatialpanel.least_squares import ESTIMATOR, FixedEffectsFit, fit_fixed_effects
from shuyi.weights import Weights

KEPT_ISLANDS = "keep"


@dataclass(frozen=True)
class PeerComparison:
    """Our estimates of one model beside another package's.

    Parameters
    ----------
    id : str
        Of the specification.
    ours, peer : mapping of str to float
        Estimates by term.
    loglik, loglik_at_peer : float
        Our log-likelihood at our estimates and at the other package's.
    """

    id: str
    ours: Mapping[str, float]
    peer: Mapping[str, float]
    loglik: float
    loglik_at_peer: float


def cut_to_sample(panel: Panel, weights: Weights, excluded: Sequence[str]) -> tuple[Panel, Weights]:
    """Return panel and weights without the excluded units; the weights are normalised anew.

    Raises
    ------
    AlignmentError
        If an excluded unit is not in the panel.
    """
    panel.select(units=excluded)
    kept = [unit for unit in panel.units if unit not in excluded]
    return panel.select(units=kept), weights.subset(kept)


def estimate(
    panel: Panel, weights: Weights, specification: Specification, excluded: Sequence[str] = ()
) -> Fit | FixedEffectsFit:
    """Estimate one specification on its sample.

    The non-spatial model is estimated by linearmodels, every other by `shuyi.spatialpanel`.

    Parameters
    ----------
    panel : Panel
    weights : Weights
        In the panel's order of units.
    specification : Specification
    excluded : sequence of str
        Units that the sample leaves out.

    Raises
    ------
    ShuyiError
        Whatever the estimator refuses.
    """
    panel, weights = cut_to_sample(panel, weights, excluded)
    if specification.model == "ols":
        return fit_fixed_effects(
            panel,
            outcome=specification.outcome,
            regressors=specification.regressors,
            effects=specification.effects,
            covariance=specification.covariance,
        )
    return spatialpanel.fit(panel, weights, specification, islands=islands_rule(weights))


def fit_from_dict(payload: Mapping[str, Any]) -> Fit | FixedEffectsFit:
    """Restore what `estimate` returned from its dictionary form."""
    kind = FixedEffectsFit if payload.get("estimator") == ESTIMATOR else Fit
    return kind.from_dict(payload)


def islands_rule(weights: Weights) -> str:
    """Return how the estimator treats islands: kept where the weights were built so, else refused."""
    return KEPT_ISLANDS if weights.definition.get("islands") == KEPT_ISLANDS else "refuse"


def effects_of(fit: Fit, weights: Weights, *, draws: int, seed: int, level: float) -> spatialpanel.Effects:
    """Return direct, indirect and total effects of a fit that was read back.

    Parameters
    ----------
    fit : Fit
    weights : Weights
        Those of the specification, for all units; they are cut to the fit's sample.
    draws, seed : int
    level : float
        Confidence level of the intervals.
    """
    return fit.with_weights(weights.subset(fit.units)).effects(draws=draws, seed=seed, level=level)


def serial_p_values(fits: Mapping[str, Fit | FixedEffectsFit]) -> dict[str, float]:
    """Return the p-values of serially correlated residuals, of fits whose errors are not clustered.

    The test is Wooldridge's (`shuyi.spatialpanel.diagnostics.serial`), its level
    `shuyi.spatialpanel.cautions.SIGNIFICANCE`; fits below it are left out.

    Parameters
    ----------
    fits : mapping of str to fit
        By heading of the column, with their residuals.
    """
    from shuyi.spatialpanel.cautions import CLUSTERED, SIGNIFICANCE
    from shuyi.spatialpanel.diagnostics.serial import serial_correlation

    found = {
        column: serial_correlation(fit.residual_values).p_value
        for column, fit in fits.items()
        if fit.covariance_kind not in CLUSTERED and fit.residual_values is not None
    }
    return {column: p for column, p in found.items() if p < SIGNIFICANCE}


def peer_estimates(panel: Panel, weights: Weights, specification: Specification) -> dict[str, float]:
    """Return spreg's estimates of a SAR or SEM with individual effects.

    Parameters
    ----------
    panel : Panel
    weights : Weights
    specification : Specification
        Its model (``sar`` or ``sem``), outcome and regressors are used.

    Returns
    -------
    dict
        Coefficients by name, ``rho`` or ``lam``, and ``sigma2``.
    """
    from spreg import Panel_FE_Error, Panel_FE_Lag

    from shuyi.panel import stack

    model = {"sar": Panel_FE_Lag, "sem": Panel_FE_Error}[specification.model]
    y = stack(panel[specification.outcome])[:, None]
    x = stack(panel.array(specification.regressors))
    found = model(np.ascontiguousarray(y), np.ascontiguousarray(x), weights.to_graph().to_W())
    names = (*specification.regressors, "rho" if specification.model == "sar" else "lam")
    values = dict(zip(names, np.ravel(found.betas).tolist(), strict=True))
    return values | {"sigma2": float(np.squeeze(found.sig2))}


def with_individual_effects(specification: Specification) -> Specification:
    """Return a specification with individual effects, estimated by maximum likelihood with dummies."""
    return replace(specification, effects="individual", correction="exact", covariance="information")


def compare_with_peer(
    panel: Panel, weights: Mapping[str, Weights], specifications: Iterable[Specification]
) -> list[PeerComparison]:
    """Return our and spreg's estimates of specifications with individual effects.

    Parameters
    ----------
    panel : Panel
    weights : mapping of str to Weights
        By the names that the specifications use.
    specifications : iterable of Specification
        Models ``sar`` and ``sem``.
    """
    from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, loglikelihood

    comparisons = []
    for specification in map(with_individual_effects, specifications):
        built = weights[specification.weights]
        peer = peer_estimates(panel, built, specification)
        fit = spatialpanel.fit(panel, built, specification, islands=islands_rule(built))
        ours = dict(zip(fit.names, fit.values.tolist(), strict=True))
        beta = np.array([peer[name] for name in specification.regressors])
        point = Point(beta, peer.get("rho", 0.0), peer.get("lam", 0.0), peer["sigma2"])
        at_peer = loglikelihood(cast(LikelihoodProblem, fit.problem), point)
        comparisons.append(PeerComparison(specification.id, ours, peer, fit.loglik, at_peer))
    return comparisons
