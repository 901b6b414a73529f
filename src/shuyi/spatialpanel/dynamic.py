"""Dynamic SAR and SDM: quasi-maximum likelihood conditional on the first period, with bias correction.

``y_t = tau y_{t-1} + rho W y_t + eta W y_{t-1} + X_t b + W Z_t th + mu + xi_t 1 + e_t``: the lags in time
enter as regressors. With individual effects the estimates are biased of order 1/T (see `bias` for D, G and
the expected score that the corrections are made of):

- ``"lee_yu"``: effects are transformed out (n (T - 1) observations with individual effects, (n - 1)(T - 1)
  with both; W row-standardised where there are time effects), then the correction of Yu, de Jong and Lee
  (2008) for the transformed weights ``F_n' W F_n``, which lack one root of one (Lee and Yu 2010).
- ``"lee_yu_bias"``: the direct approach of Lee and Yu (2010) on the estimate with dummies, for any W: traces
  of J D, J W D and J G with ``J = I - 11'/n`` where there are time effects, whose own bias of order 1/n is
  ``1'G 1/n`` for rho and ``1/(2 sigma2)`` for sigma2; and ``sigma2 T/(T - 1)`` for individual effects.
- ``"exact"``: maximum likelihood with dummies, not corrected.

Here T counts the periods that are explained.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, check_known, offenders
from shuyi.panel import check_evenly_spaced
from shuyi.spatialpanel.bias import correct_dynamic_bias
from shuyi.spatialpanel.covariance.kinds import covariance
from shuyi.spatialpanel.design import Design
from shuyi.spatialpanel.fixed import assemble
from shuyi.spatialpanel.likelihood import build_problem, reduce
from shuyi.spatialpanel.optimise import maximise
from shuyi.spatialpanel.results import Fit
from shuyi.spatialpanel.stability import outside_stability, radius_at, stability
from shuyi.spatialpanel.transforms import (
    FIXED_EFFECTS,
    Convention,
    check_enough_observations,
    resolve_convention,
)
from shuyi.weights.container import how_to_standardise

if TYPE_CHECKING:
    from shuyi.spatialpanel.terms import FitOptions, SpecifiedModel


CORRECTIONS = ("lee_yu", "exact", "lee_yu_bias")
MODELS = ("sar", "sdm")
LAGS = {"tau": ("tau",), "eta": ("eta",), "both": ("tau", "eta")}
"""Value of ``dynamic`` and the parameters it stands for."""


def fit_dynamic(model: SpecifiedModel, options: FitOptions) -> Fit:
    """Estimate a dynamic model with fixed effects or none.

    Parameters
    ----------
    model : SpecifiedModel
        SAR or SDM with one weights matrix for all periods.
    options : FitOptions
        ``correction`` is ``"lee_yu"``, ``"exact"`` or ``"lee_yu_bias"``.

    Returns
    -------
    Fit
        With tau and eta among the coefficients.

    Raises
    ------
    ConfigError
        If the model, its effects, its weights or an option have no dynamic form.
    DataError
        If periods are missing between the first and the last.
    ConvergenceError
        If an estimate lies outside the stable region and is not to be flagged, or an estimate that is to be
        corrected does.
    IdentificationError
        See `SpatialModel.fit`.
    """
    _check_model(model)
    apart = check_evenly_spaced(model.design.periods, "A lag in time")
    convention = _convention(model, options)
    base = convention if convention.name != "lee_yu_bias" else replace(convention, name="exact")
    design = with_time_lags(model.design, LAGS[str(model.dynamic)])
    check_enough_observations(model.effects, design.n, design.T, len(design.names) + 2)
    problem = build_problem(design, base, has_lag=True, logdet=options.logdet)
    point, record = maximise(problem, reduce(problem))
    if convention.name in ("lee_yu", "lee_yu_bias"):
        point = correct_dynamic_bias(problem, point, convention)
    radius = radius_at(problem, point)
    if radius >= 1 and options.unstable == "refuse":
        raise outside_stability("The estimate", point, problem, radius)
    matrix = covariance(options.covariance, problem, point, options.covariance_options)
    fit = assemble(model, options, convention, problem, point, record, matrix)
    found = {**fit.convergence, "spectral_radius": radius, "stable": radius < 1}
    fit = replace(fit, regressors=model.design.regressors, convergence=found)
    return replace(fit, notes=(*_notes(fit, model.design.periods[0], apart), *fit.notes))


def with_time_lags(design: Design, lags: tuple[str, ...]) -> Design:
    """Return the design of all periods but the first, with lags in time of y or W y before the regressors.

    Parameters
    ----------
    design : Design
        Data of the model, aligned and complete.
    lags : tuple of {"tau", "eta"}
        Which lags are added.

    Returns
    -------
    Design
        One period shorter.
    """
    assert design.lags is not None
    past = design.y[:-1]
    columns = {"tau": past, "eta": design.lags.lag(past)}
    x = np.concatenate([*(columns[name][:, :, None] for name in lags), design.x[1:]], axis=2)
    return replace(
        design, y=design.y[1:], x=x, regressors=(*lags, *design.regressors), periods=design.periods[1:]
    )


def _convention(model: SpecifiedModel, options: FitOptions) -> Convention:
    design, effects, correction = model.design, model.effects, options.correction
    assert design.lags is not None
    if effects == "pooled":
        check_known(correction, ("none", *CORRECTIONS), "correction of a dynamic model")
    else:
        check_known(correction, CORRECTIONS, "correction of a dynamic model")
    if correction == "lee_yu_bias":
        check_known(options.bias_of, ("exact",), "estimate to correct in a dynamic model")
    n, T, standardised = design.n, design.T - 1, design.lags.is_row_standardised
    if correction == "lee_yu_bias" and effects != "pooled":
        return Convention(correction, effects, n * T, T)
    if correction == "lee_yu" and effects in ("time", "twoways") and not standardised:
        raise ConfigError(
            f"correction='lee_yu' with {effects} effects needs row-standardised weights: "
            "only then does the transformation remove the time effects from the spatial lag.",
            expected="weights whose rows all sum to one",
            found="weights with other row sums (not normalised, normalised spectrally, or with an island)",
            remedy=f"{how_to_standardise(design.lags.by_period)}, or use correction='lee_yu_bias'",
        )
    return resolve_convention(correction, effects, n, T, row_standardised=standardised, constant_weights=True)


def _check_model(model: SpecifiedModel) -> None:
    if model.terms.name not in MODELS:
        raise ConfigError(
            f"{model.terms.name.upper()} has no dynamic form here.",
            expected="SAR or SDM",
            found=f"dynamic={model.dynamic!r} with {model.terms.name.upper()}",
            remedy="use SAR or SDM, or dynamic=False",
        )
    if model.effects not in FIXED_EFFECTS:
        raise ConfigError(
            f"A dynamic model has no {model.effects} effects: they would depend on the first period.",
            expected=f"effects: one of {offenders(FIXED_EFFECTS)}",
            found=f"effects={model.effects!r}",
            remedy="use individual or two-way effects with correction='lee_yu'",
        )
    assert model.design.lags is not None
    if not model.design.lags.is_constant:
        raise ConfigError(
            "A dynamic model needs the same weights in every period: stability and bias refer to one matrix.",
            expected="one weights matrix",
            found="a list of weights, one per period",
            remedy="use one matrix, for instance their mean",
        )
    needed = 3 if model.effects in ("individual", "twoways") else 2
    if needed > model.design.T:
        raise ConfigError(
            "A dynamic model needs more periods: the first one is only conditioned on.",
            expected=f"at least {needed} periods with {model.effects} effects",
            found=f"{model.design.T} periods",
        )


def _notes(fit: Fit, first: Any, apart: int) -> tuple[str, ...]:
    found = stability(fit)
    notes = [
        f"Conditional on the first period ({first}); T counts the periods that are explained.",
        f"tau + w_max (rho + eta) = {found.total:.6f} ({found.std_error:.6f}); spectral radius "
        f"{found.spectral_radius:.6f}; p-value of a unit root {found.p_value:.4f}.",
    ]
    if apart > 1:
        notes.append(f"Periods are {apart} steps apart: a lag in time is {apart} steps long.")
    if not found.is_stable:
        notes.insert(0, "Outside the stable region: this estimate is not a result.")
    return tuple(notes)
