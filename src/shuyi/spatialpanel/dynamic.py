"""Dynamic SAR and SDM: quasi-maximum likelihood conditional on the first period, with bias correction.

``y_t = tau y_{t-1} + rho W y_t + eta W y_{t-1} + X_t b + W Z_t th + mu + xi_t 1 + e_t``: the lags in time
enter as regressors. With individual effects the estimates are biased of order 1/T. With
``D = ((1 - tau) I - (rho + eta) W)^{-1}`` (the sum of ``A^h S``, ``A = S (tau I + eta W)``,
``S = (I - rho W)^{-1}``) and ``G = W S`` the expected score of one unit is minus

    tr(D)/n for tau, tr(W D)/n for eta, (tr(W D) - tr(G))/n for rho,

because ``G (tau I + eta W) D = W D - G``. The corrections add the inverse information times these:

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

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, ConvergenceError, check_known, offenders
from shuyi.spatialpanel.covariance.information import expected_information
from shuyi.spatialpanel.covariance.kinds import covariance
from shuyi.spatialpanel.design import Design
from shuyi.spatialpanel.fixed import assemble
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, build_problem, reduce
from shuyi.spatialpanel.logdet.base import check_inside
from shuyi.spatialpanel.optimise import maximise
from shuyi.spatialpanel.results import Fit
from shuyi.spatialpanel.stability import roots_of, spectral_radius, stability
from shuyi.spatialpanel.transforms import (
    FIXED_EFFECTS,
    Convention,
    check_enough_observations,
    resolve_convention,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.models import SpatialModel
    from shuyi.spatialpanel.terms import FitOptions


CORRECTIONS = ("lee_yu", "exact", "lee_yu_bias")
MODELS = ("sar", "sdm")
LAGS = {"tau": ("tau",), "eta": ("eta",), "both": ("tau", "eta")}
"""Value of ``dynamic`` and the parameters it stands for."""


def fit_dynamic(model: SpatialModel, options: FitOptions) -> Fit:
    """Estimate a dynamic model with fixed effects or none.

    Parameters
    ----------
    model : SpatialModel
        SAR or SDM with one weights matrix for all periods.
    options : FitOptions
        ``correction`` is ``"lee_yu"``, ``"exact"`` or ``"lee_yu_bias"``.

    Raises
    ------
    ConfigError
        If the model, its effects, its weights or an option have no dynamic form.
    ConvergenceError
        If an estimate lies outside the stable region and is not to be flagged, or an estimate that is to be
        corrected does.
    IdentificationError
        See `SpatialModel.fit`.
    """
    _check_model(model)
    convention = _convention(model, options)
    base = convention if convention.name != "lee_yu_bias" else replace(convention, name="exact")
    design = with_time_lags(model.design, LAGS[str(model.dynamic)])
    check_enough_observations(model.effects, design.n, design.T, len(design.names) + 2)
    problem = build_problem(design, base, has_lag=True, logdet=options.logdet)
    point, record = maximise(problem, reduce(problem))
    if convention.name in ("lee_yu", "lee_yu_bias"):
        point = correct_bias(problem, point, convention)
    radius = _radius_at(problem, point)
    if radius >= 1 and options.unstable == "refuse":
        raise _unstable("The estimate", point, problem, radius)
    matrix = covariance(options.covariance, problem, point, options.covariance_options)
    fit = assemble(model, options, convention, problem, point, record, matrix)
    found = {**fit.convergence, "spectral_radius": radius, "stable": radius < 1}
    fit = replace(fit, regressors=model.design.regressors, convergence=found)
    return replace(fit, notes=(*_notes(fit, model.design.periods[0]), *fit.notes))


def with_time_lags(design: Design, lags: tuple[str, ...]) -> Design:
    """Return the design of all periods but the first, with lags in time of y or W y before the regressors.

    Parameters
    ----------
    design : Design
    lags : tuple of {"tau", "eta"}
    """
    assert design.lags is not None
    past = design.y[:-1]
    columns = {"tau": past, "eta": design.lags.lag(past)}
    x = np.concatenate([*(columns[name][:, :, None] for name in lags), design.x[1:]], axis=2)
    return replace(
        design, y=design.y[1:], x=x, regressors=(*lags, *design.regressors), periods=design.periods[1:]
    )


def correct_bias(problem: LikelihoodProblem, point: Point, convention: Convention) -> Point:
    """Correct an estimate for the bias of order 1/T, and of the direct approach for that of order 1/n.

    Parameters
    ----------
    problem : LikelihoodProblem
        As it was estimated.
    point : Point
        Its maximum.
    convention : Convention
        ``"lee_yu"`` or ``"lee_yu_bias"``.

    Raises
    ------
    ConvergenceError
        If the estimate that is to be corrected is not stable, so that its bias has no value, or if the
        corrected rho leaves its interval.
    """
    radius = _radius_at(problem, point)
    if radius >= 1:
        raise _unstable("The estimate before its correction", point, problem, radius)
    effects, T = convention.effects, problem.design.T
    score, by_sigma2 = expected_score(problem, point, convention)
    vector = point.vector(problem.spatial)
    vector = vector - np.linalg.solve(expected_information(problem, point), np.append(score, by_sigma2))
    if convention.name == "lee_yu_bias" and effects in ("individual", "twoways"):
        vector[-1] *= T / (T - 1)
    corrected = Point.from_vector(vector, problem.spatial)
    assert problem.lag_jacobian is not None
    check_inside("rho", corrected.rho, problem.lag_jacobian.interval)
    return corrected


def expected_score(
    problem: LikelihoodProblem, point: Point, convention: Convention
) -> tuple[NDArray[np.float64], float]:
    """Return the expected score at the truth that effects and lags in time leave, to first order.

    Returns
    -------
    score : ndarray, shape (k + 1,)
        Of the coefficients and rho.
    by_sigma2 : float
        Of sigma2; what ``T/(T - 1)`` corrects is left out of both.
    """
    design, names = problem.design, problem.design.names
    score = np.zeros(len(names) + 1)
    direct = convention.name == "lee_yu_bias" and convention.effects in ("time", "twoways")
    traces = Traces.of(problem, point, has_time_effects=convention.effects in ("time", "twoways"))
    if convention.effects in ("individual", "twoways"):
        for name, trace in (("tau", traces.d), ("eta", traces.wd)):
            if name in names:
                score[names.index(name)] = -trace
        score[-1] = traces.g - traces.wd
    if not direct:
        return score, 0.0
    score[-1] -= design.T * traces.mean_g
    return score, -design.T / (2 * point.sigma2)


@dataclass(frozen=True, slots=True)
class Traces:
    """Traces of D, W D and G, less ``1'M 1/n`` of each where there are time effects.

    Attributes
    ----------
    d, wd, g : float
    mean_g : float
        ``1'G 1/n``.
    """

    d: float
    wd: float
    g: float
    mean_g: float

    @classmethod
    def of(cls, problem: LikelihoodProblem, point: Point, *, has_time_effects: bool) -> Traces:
        """Return the traces at a point: ``D = (I - r W)^{-1} / (1 - tau)``, ``r = (rho + eta)/(1 - tau)``."""
        tau, eta = _time_lags(problem, point)
        method = _log_determinant(problem)
        n, left = problem.design.n, 1 - tau
        r = np.array((point.rho + eta) / left)
        spread, total = float(method.trace_lag(r)), float(method.sum_lag(r)) / n
        g, mean_g = (
            float(method.trace_lag(np.array(point.rho))),
            float(method.sum_lag(np.array(point.rho))) / n,
        )
        d, wd = (n + float(r) * spread) / left, spread / left
        if has_time_effects:
            d, wd, g = d - (1 + float(r) * total) / left, wd - total / left, g - mean_g
        return cls(d, wd, g, mean_g)


def _time_lags(problem: LikelihoodProblem, point: Point) -> tuple[float, float]:
    """Return tau and eta at a point; zero where the model has none."""
    named = dict(zip(problem.design.names, point.beta.tolist(), strict=True))
    return named.get("tau", 0.0), named.get("eta", 0.0)


def _radius_at(problem: LikelihoodProblem, point: Point) -> float:
    lags = problem.design.lags
    assert lags is not None
    roots = roots_of(lags.at(0), _log_determinant(problem).method)
    return float(spectral_radius(roots, *_time_lags(problem, point), point.rho))


def _log_determinant(problem: LikelihoodProblem) -> Any:
    assert problem.lag_jacobian is not None
    return problem.lag_jacobian.parts[0]


def _convention(model: SpatialModel, options: FitOptions) -> Convention:
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
            remedy="call weights.normalise('row'), or use correction='lee_yu_bias'",
        )
    return resolve_convention(correction, effects, n, T, row_standardised=standardised, constant_weights=True)


def _check_model(model: SpatialModel) -> None:
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


def _unstable(what: str, point: Point, problem: LikelihoodProblem, radius: float) -> ConvergenceError:
    tau, eta = _time_lags(problem, point)
    return ConvergenceError(
        f"{what} lies outside the stable region.",
        expected="a spectral radius of (I - rho W)^{-1} (tau I + eta W) below one",
        found=f"{radius:.6f} at tau = {tau:.6f}, rho = {point.rho:.6f}, eta = {eta:.6f}",
        remedy="check for unit roots, difference the outcome or leave out tau or eta; "
        "correction='exact' with unstable='flag' shows the estimate without calling it a result",
    )


def _notes(fit: Fit, first: int) -> tuple[str, ...]:
    found = stability(fit)
    notes = [
        f"Conditional on the first period ({first}); T counts the periods that are explained.",
        f"tau + w_max (rho + eta) = {found.total:.6f} ({found.std_error:.6f}); spectral radius "
        f"{found.spectral_radius:.6f}; p-value of a unit root {found.p_value:.4f}.",
    ]
    if not found.is_stable:
        notes.insert(0, "Outside the stable region: this estimate is not a result.")
    return tuple(notes)
