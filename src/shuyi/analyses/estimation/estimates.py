"""One row of the specification sheet estimated: its sample, its estimator, its effects and its peer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from shuyi import spatialpanel
from shuyi.analyses.estimation.caveats import Caveats, caveats_of
from shuyi.analyses.estimation.levels import with_levels
from shuyi.errors import ShuyiError
from shuyi.panel import Panel
from shuyi.spatialpanel import Fit, Specification
from shuyi.spatialpanel.least_squares import ESTIMATOR, FixedEffectsFit, fit_fixed_effects
from shuyi.weights import Weights

if TYPE_CHECKING:
    import pandas as pd

KEPT_ISLANDS = "keep"
BOOTSTRAP_DRAWS = 499
"""Of the tests that bear serial correlation; the simulation error of a p-value of .05 is .01."""


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
        One per estimated column, in the order of the sheet.
    samples : mapping of str to sequence of str
        Units that each sample leaves out, by its name.
    """

    rows: tuple[Specification, ...]
    samples: Mapping[str, Sequence[str]]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]], samples: Mapping[str, Sequence[str]]) -> Sheet:
        """Build the sheet from rows of plain values.

        Parameters
        ----------
        rows : iterable of mapping
            Value by column, as `Specification.from_row` takes it.
        samples : mapping of str to sequence of str
            Units that each sample leaves out, by its name.

        Returns
        -------
        Sheet
            In the order of the rows.
        """
        return cls(tuple(map(Specification.from_row, rows)), samples)

    def row(self, spec: str) -> Specification:
        """Return the specification of an id.

        Parameters
        ----------
        spec : str
            Id of a specification.

        Returns
        -------
        Specification
            Its row of the sheet.
        """
        return next(row for row in self.rows if row.id == spec)

    def excluded(self, spec: str) -> Sequence[str]:
        """Return the units that a specification's sample leaves out.

        Parameters
        ----------
        spec : str
            Id of a specification.

        Returns
        -------
        sequence of str
            Labels; empty for the whole sample.
        """
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
        Specification tests of the headline, with levels.
    caveats : mapping of str to Caveats
        What the reader of each estimate must know, by id.
    """

    fits: Mapping[str, Fit | FixedEffectsFit]
    effects: Mapping[str, pd.DataFrame]
    tests: pd.DataFrame
    caveats: Mapping[str, Caveats]


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
    term: str,
    power: float,
    shared: Mapping[str, Mapping[str, Sequence[str]]],
) -> SheetEstimates:
    """Estimate every row of the specification sheet.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    weights : mapping of str to Weights
        By the names that the sheet uses, in the panel's order of units.
    sheet : Sheet
        Rows to estimate.
    with_effects : sequence of str
        Ids of the specifications whose effects are wanted.
    headline : str
        Id of the specification that is tested.
    draws : int
        Draws of the simulated errors of effects.
    level : float
        Level of the intervals, in (0, 1).
    seed : int
        Seed of draws and permutations.
    permutations : int
        Of the tests with permutation p-values.
    term : str
        Regressor whose effects the caveats concern.
    power : float
        Power at which an effect counts as detectable.
    shared : mapping of str to mapping
        Denominators of indicators that each outcome rests on too (`shuyi.indices.shared_denominators`).

    Returns
    -------
    SheetEstimates
        Fits, effects and tests.

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
    tests = with_levels(
        specification_tests(*sample, tested, permutations=permutations, draws=BOOTSTRAP_DRAWS, seed=seed),
        fits[headline],
    )
    told = {}
    for row in sheet.rows:
        cut, kept = cut_to_sample(panel, weights[row.weights], sheet.excluded(row.id))
        told[row.id] = caveats_of(
            *(cut, kept, row, fits[row.id]),
            term=term,
            power=power,
            level=level,
            shared=shared.get(row.outcome, {}),
        )
    return SheetEstimates(fits, effects, tests, told)


def _estimate_row(
    panel: Panel, weights: Mapping[str, Weights], row: Specification, sheet: Sheet
) -> Fit | FixedEffectsFit:
    try:
        return estimate(panel, weights[row.weights], row, sheet.excluded(row.id))
    except ShuyiError as error:
        raise type(error)(f"Row {row.id!r} of the specification sheet: {error}") from error


def effects_frame(effects: spatialpanel.Effects) -> pd.DataFrame:
    """Return effects with the draws, seed, level and degrees of freedom that they rest on in every row.

    Parameters
    ----------
    effects : Effects
        Effects of a fit.

    Returns
    -------
    DataFrame
        Columns of ``effects.to_frame()``, draws, seed, level and df.
    """
    return effects.to_frame().assign(
        draws=effects.draws, seed=effects.seed, level=effects.level, df=effects.df
    )


def cut_to_sample(panel: Panel, weights: Weights, excluded: Sequence[str]) -> tuple[Panel, Weights]:
    """Return panel and weights without the excluded units; the weights are normalised anew.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    weights : Weights
        Spatial weights in the panel's order of units.
    excluded : sequence of str
        Units to leave out.

    Returns
    -------
    (Panel, Weights)
        Both of the same units.

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
        Balanced panel that holds the variables.
    weights : Weights
        In the panel's order of units.
    specification : Specification
        Model, outcome, regressors and options.
    excluded : sequence of str, default empty
        Units that the sample leaves out.

    Returns
    -------
    Fit or FixedEffectsFit
        The latter for a model without spatial terms.

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
    """Restore what `estimate` returned from its dictionary form.

    Parameters
    ----------
    payload : mapping
        What ``to_dict`` of the fit returned.

    Returns
    -------
    Fit or FixedEffectsFit
        Without weights.

    Raises
    ------
    DataError
        If the payload has another format.
    """
    kind = FixedEffectsFit if payload.get("estimator") == ESTIMATOR else Fit
    return kind.from_dict(payload)


def islands_rule(weights: Weights) -> str:
    """Return how the estimator treats islands: kept where the weights were built so, else refused.

    Parameters
    ----------
    weights : Weights
        Spatial weights in the panel's order of units.

    Returns
    -------
    {"keep", "refuse"}
        The argument ``islands`` of the models.
    """
    return KEPT_ISLANDS if weights.definition.get("islands") == KEPT_ISLANDS else "refuse"


def effects_of(fit: Fit, weights: Weights, *, draws: int, seed: int, level: float) -> spatialpanel.Effects:
    """Return direct, indirect and total effects of a fit that was read back.

    Parameters
    ----------
    fit : Fit
        Fit of the specification.
    weights : Weights
        Those of the specification, for all units; they are cut to the fit's sample.
    draws : int
        Number of random draws.
    seed : int
        Seed of the random draws.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    Effects
        With simulated and delta-method errors.
    """
    return fit.with_weights(weights.subset(fit.units)).effects(draws=draws, seed=seed, level=level)


def peer_estimates(panel: Panel, weights: Weights, specification: Specification) -> dict[str, float]:
    """Return spreg's estimates of a SAR or SEM with individual effects.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    weights : Weights
        Spatial weights in the panel's order of units.
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
    """Return a specification with individual effects, estimated by maximum likelihood with dummies.

    Parameters
    ----------
    specification : Specification
        Specification of any effects.

    Returns
    -------
    Specification
        Otherwise the same.
    """
    return replace(specification, effects="individual", correction="exact", covariance="information")


def compare_with_peer(
    panel: Panel, weights: Mapping[str, Weights], specifications: Iterable[Specification]
) -> list[PeerComparison]:
    """Return our and spreg's estimates of specifications with individual effects.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    weights : mapping of str to Weights
        By the names that the specifications use.
    specifications : iterable of Specification
        Models ``sar`` and ``sem``.

    Returns
    -------
    list of PeerComparison
        In the order of the specifications.
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
    """Return our and spreg's estimates of rows of the sheet (see `compare_with_peer`).

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    weights : mapping of str to Weights
        Weights by the names that the rows use.
    rows : iterable of mapping
        Value by column, models ``sar`` and ``sem`` with individual effects.

    Returns
    -------
    list of PeerComparison
        In the order of the rows.
    """
    return compare_with_peer(panel, weights, map(Specification.from_row, rows))
