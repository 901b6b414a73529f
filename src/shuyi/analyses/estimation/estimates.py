"""One row of the specification sheet estimated: its sample, its estimator, its effects and its peer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from shuyi import spatialpanel
from shuyi.errors import ShuyiError
from shuyi.panel import Panel
from shuyi.spatialpanel import Fit, Specification
from shuyi.spatialpanel.least_squares import ESTIMATOR, FixedEffectsFit, fit_fixed_effects
from shuyi.weights import Weights

if TYPE_CHECKING:
    import pandas as pd

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


@dataclass(frozen=True)
class Sheet:
    """The specification sheet with what its samples leave out.

    Parameters
    ----------
    rows : tuple of Specification
    samples : mapping of str to sequence of str
        Units that each sample leaves out, by its name.
    """

    rows: tuple[Specification, ...]
    samples: Mapping[str, Sequence[str]]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]], samples: Mapping[str, Sequence[str]]) -> Sheet:
        """Build the sheet from rows of plain values."""
        return cls(tuple(map(Specification.from_row, rows)), samples)

    def row(self, spec: str) -> Specification:
        """Return the specification of an id."""
        return next(row for row in self.rows if row.id == spec)

    def excluded(self, spec: str) -> Sequence[str]:
        """Return the units that a specification's sample leaves out."""
        return self.samples[self.row(spec).sample]


@dataclass(frozen=True, eq=False)
class SheetEstimates:
    """What a whole specification sheet gave.

    Parameters
    ----------
    fits : mapping of str to fit
        By id of the specification, in the order of the sheet.
    effects : mapping of str to DataFrame
        Direct, indirect and total effects by id, with the draws, seed, level and degrees of freedom behind
        them.
    tests : DataFrame
        Specification tests of the headline.
    """

    fits: Mapping[str, Fit | FixedEffectsFit]
    effects: Mapping[str, pd.DataFrame]
    tests: pd.DataFrame


def estimate_sheet(
    panel: Panel,
    weights: Mapping[str, Weights],
    sheet: Sheet,
    with_effects: Sequence[str],
    headline: str,
    *,
    draws: int,
    level: float,
    seed: int,
    permutations: int,
) -> SheetEstimates:
    """Estimate every row of the specification sheet.

    Parameters
    ----------
    panel : Panel
    weights : mapping of str to Weights
        By the names that the sheet uses, in the panel's order of units.
    sheet : Sheet
    with_effects : sequence of str
        Ids of the specifications whose effects are wanted.
    headline : str
        Id of the specification that is tested.
    draws, seed : int
        Of the simulated errors of effects.
    level : float
        Confidence level of intervals.
    permutations : int
        Of the tests with permutation p-values.

    Returns
    -------
    SheetEstimates

    Raises
    ------
    ShuyiError
        Whatever an estimator refuses; the message opens with the row concerned.
    """
    from shuyi.spatialpanel.diagnostics import specification_tests

    fits = {row.id: _estimate_row(panel, weights, row, sheet) for row in sheet.rows}
    effects = {
        spec: effects_frame(
            effects_of(
                cast(Fit, fits[spec]), weights[sheet.row(spec).weights], draws=draws, seed=seed, level=level
            )
        )
        for spec in with_effects
    }
    tested = sheet.row(headline)
    sample = cut_to_sample(panel, weights[tested.weights], sheet.excluded(headline))
    tests = specification_tests(*sample, tested, permutations=permutations, seed=seed)
    return SheetEstimates(fits, effects, tests)


def _estimate_row(
    panel: Panel, weights: Mapping[str, Weights], row: Specification, sheet: Sheet
) -> Fit | FixedEffectsFit:
    try:
        return estimate(panel, weights[row.weights], row, sheet.excluded(row.id))
    except ShuyiError as error:
        raise type(error)(f"Row {row.id!r} of the specification sheet: {error}") from error


def effects_frame(effects: spatialpanel.Effects) -> pd.DataFrame:
    """Return effects with the draws, seed, level and degrees of freedom that they rest on in every row."""
    return effects.to_frame().assign(
        draws=effects.draws, seed=effects.seed, level=effects.level, df=effects.df
    )


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
        column: serial_correlation(fit.residual_values, periods=fit.periods).p_value
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


def compare_rows_with_peer(
    panel: Panel, weights: Mapping[str, Weights], rows: Iterable[Mapping[str, Any]]
) -> list[PeerComparison]:
    """Return our and spreg's estimates of rows of the sheet (see `compare_with_peer`)."""
    return compare_with_peer(panel, weights, map(Specification.from_row, rows))
