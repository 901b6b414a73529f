"""The model classes: which terms a model has, its data, and its estimation.

`ESTIMATORS` maps a route to the function that estimates it, ``(model, options) -> Fit``, imported when first
used. The route of a model is ``"dynamic"`` where ``dynamic`` is given, else its effects structure; static
models with fixed effects are estimated by `fit_fixed` below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from shuyi.errors import ConfigError, WeightsError, did_you_mean, refuse_unknown
from shuyi.spatialpanel.cautions import coverage_warning
from shuyi.spatialpanel.covariance import covariance, covariance_notes, expected_information
from shuyi.spatialpanel.design import Design, build_design
from shuyi.spatialpanel.likelihood import Point, Problem, build_problem, loglikelihood, reduce, residuals
from shuyi.spatialpanel.logdet import Jacobian, refuse_outside
from shuyi.spatialpanel.optimise import Convergence, maximise
from shuyi.spatialpanel.results import Fit
from shuyi.spatialpanel.transforms import (
    FIXED_EFFECTS,
    RANDOM_EFFECTS,
    Convention,
    refuse_too_few,
    resolve_convention,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

ESTIMATORS = {
    **dict.fromkeys(FIXED_EFFECTS, "shuyi.spatialpanel.models:fit_fixed"),
    **dict.fromkeys(RANDOM_EFFECTS, "shuyi.spatialpanel.random:fit_random"),
    "dynamic": "shuyi.spatialpanel.dynamic:fit_dynamic",
}
"""Route and the function that estimates it."""

WITH_INTERCEPT = ("pooled", *RANDOM_EFFECTS)
"""Effects structures whose models get an intercept."""

BIAS_BASES = ("exact", "demean_then_lag")
DYNAMICS = ("tau", "eta", "both")
EFFECTS = (*FIXED_EFFECTS, *RANDOM_EFFECTS)
"""Effects structures."""

UNSTABLE = ("refuse", "flag")
RANDOM_FORMS = ("kkp", "baltagi")


@dataclass(frozen=True, slots=True)
class Terms:
    """Which spatial terms a model has.

    Attributes
    ----------
    name : str
    lag, durbin, error : bool
        Spatial lag of the outcome (rho), of regressors (th), of the error (lam).
    note : str
        What every table of this model must say.
    """

    name: str
    lag: bool = False
    durbin: bool = False
    error: bool = False
    note: str = ""

    @property
    def spills_over(self) -> bool:
        """Whether a regressor affects other units: through rho or th."""
        return self.lag or self.durbin


@dataclass(frozen=True, slots=True)
class FitOptions:
    """Arguments of `SpatialModel.fit`, handed to the estimator of the model's route."""

    correction: str = "lee_yu"
    covariance: str = "information"
    covariance_options: Mapping[str, Any] = field(default_factory=dict)
    logdet: str = "auto"
    bias_of: str = "exact"
    unstable: str = "refuse"


class SpatialModel:
    """A panel model with spatial terms; its subclasses only say which.

    Parameters
    ----------
    data : Panel or DataFrame
        A frame is indexed by (unit, period). The panel is balanced.
    weights : Weights, libpysal Graph or W, labelled square DataFrame, or a list of T of them
        Spatial weights, with the panel's units in the panel's order; a list where they vary by period.
        ``OLS`` needs none.
    outcome : str
    regressors : sequence of str
    durbin : "all", sequence of str, or None
        Regressors whose spatial lags are included. By default all where the model has such terms.
    effects : {"pooled", "individual", "time", "twoways", "random", "correlated"}
        Pooled, random and correlated random effects get an intercept, named ``"const"``.
    dynamic : False, "tau", "eta" or "both"
        Lags in time of SAR and SDM: ``tau y_{t-1}``, ``eta W y_{t-1}`` or both (see `dynamic`). The first
        period is then only conditioned on.
    error_weights : as `weights`, optional
        Weights of the spatial error process; by default those of the lag.
    islands : {"refuse", "keep"}
        What to do with units without neighbours; kept, their spatial lags are zero.
    random_form : {"kkp", "baltagi"}
        Whether random effects stand inside or outside the spatial error process (see `random`).

    Raises
    ------
    ConfigError
        If an option is unknown or does not suit the model, or `durbin` is not among the regressors.
    DataError, AlignmentError, WeightsError
        See `design.build_design`.
    """

    terms: ClassVar[Terms]

    def __init__(
        self,
        data: Any,
        weights: Any = None,
        *,
        outcome: str,
        regressors: Sequence[str],
        durbin: str | Sequence[str] | None = "default",
        effects: str = "twoways",
        dynamic: bool | str = False,
        error_weights: Any = None,
        islands: str = "refuse",
        random_form: str = "kkp",
    ) -> None:
        self.effects = effects
        self.dynamic = dynamic
        self.random_form = random_form
        _refuse_route(effects, dynamic)
        _refuse_random_form(effects, random_form)
        if weights is None and (self.terms.lag or self.terms.durbin or self.terms.error):
            raise WeightsError(f"{self.terms.name.upper()} needs spatial weights.", found="weights=None")
        if error_weights is not None and not self.terms.error:
            raise ConfigError(
                f"{self.terms.name.upper()} has no spatial error process, so that it takes no error_weights.",
                remedy="use SEM, SDEM, SAC or GNS",
            )
        if isinstance(regressors, str):
            raise ConfigError(
                "Regressors are a list of names.", found=repr(regressors), remedy=f"[{regressors!r}]"
            )
        self.design: Design = build_design(
            data,
            weights,
            outcome=outcome,
            regressors=regressors,
            durbin=_durbin(self.terms, durbin, tuple(regressors)),
            intercept=effects in WITH_INTERCEPT,
            error_weights=error_weights,
            has_error=self.terms.error,
            islands=islands,
        )

    def __repr__(self) -> str:
        d = self.design
        size = f"n = {d.n}, T = {d.T}"
        terms = ", ".join(d.names)
        return f"<{type(self).__name__} of {d.outcome!r} on {terms}, {self.effects} effects, {size}>"

    @property
    def route(self) -> str:
        """Key of `ESTIMATORS` under which this model is estimated."""
        return "dynamic" if self.dynamic else self.effects

    def fit(
        self,
        correction: str = "lee_yu",
        covariance: str = "information",
        *,
        covariance_options: Mapping[str, Any] | None = None,
        logdet: str = "auto",
        bias_of: str = "exact",
        unstable: str = "refuse",
    ) -> Fit:
        """Estimate the model by maximum likelihood.

        Parameters
        ----------
        correction : {"lee_yu", "exact", "demean_then_lag", "lee_yu_bias"}
            How fixed effects are removed (see `transforms`). Without effects (``"pooled"``) all of them are
            the same estimator, whose convention is named ``"none"``.
        covariance : str
            A key of `covariance.COVARIANCES`.
        covariance_options : mapping, optional
            Arguments of that covariance, e.g. distances and cut-off.
        logdet : str
            ``"auto"`` or a key of `logdet.METHODS`.
        bias_of : {"exact", "demean_then_lag"}
            The direct estimate that ``correction="lee_yu_bias"`` corrects.
        unstable : {"refuse", "flag"}
            What to do with a dynamic estimate outside the stable region; flagged, the fit says that it is not
            a result and has no effects.

        Raises
        ------
        ConfigError
            If an option is unknown, or the correction does not exist for these effects and weights.
        IdentificationError
            If regressors are absorbed or collinear (named), or observations are too few.
        ConvergenceError
            If a spatial parameter ends at the edge of its interval, or a dynamic estimate is unstable.
        """
        refuse_unknown(unstable, UNSTABLE, "rule for unstable estimates")
        options = FitOptions(
            correction, covariance, dict(covariance_options or {}), logdet, bias_of, unstable
        )
        module, name = ESTIMATORS[self.route].split(":")
        return getattr(import_module(module), name)(self, options)


class OLS(SpatialModel):
    """``y = X b + effects + e``."""

    terms = Terms("ols")


class SLX(SpatialModel):
    """``y = X b + W Z th + effects + e``."""

    terms = Terms("slx", durbin=True)


class SAR(SpatialModel):
    """``y = rho W y + X b + effects + e``."""

    terms = Terms("sar", lag=True)


class SEM(SpatialModel):
    """``y = X b + effects + u``, ``u = lam W u + e``."""

    terms = Terms("sem", error=True)


class SDM(SpatialModel):
    """``y = rho W y + X b + W Z th + effects + e``."""

    terms = Terms("sdm", lag=True, durbin=True)


class SDEM(SpatialModel):
    """``y = X b + W Z th + effects + u``, ``u = lam W u + e``."""

    terms = Terms("sdem", durbin=True, error=True)


class SAC(SpatialModel):
    """``y = rho W1 y + X b + effects + u``, ``u = lam W2 u + e``."""

    terms = Terms("sac", lag=True, error=True)


class GNS(SpatialModel):
    """``y = rho W1 y + X b + W1 Z th + effects + u``, ``u = lam W2 u + e``."""

    terms = Terms(
        "gns",
        lag=True,
        durbin=True,
        error=True,
        note="The general nesting model is only weakly identified: rho, lam and th compete for the same "
        "variation (Elhorst 2014, section 2.3).",
    )


MODELS: dict[str, type[SpatialModel]] = {c.terms.name: c for c in (OLS, SLX, SAR, SEM, SDM, SDEM, SAC, GNS)}
"""Model classes by id."""


def fit_fixed(model: SpatialModel, options: FitOptions) -> Fit:
    """Estimate a static model with fixed effects or none."""
    convention = _convention(model, options.correction)
    base = convention
    if convention.name == "lee_yu_bias":
        refuse_unknown(options.bias_of, BIAS_BASES, "estimate to correct")
        base = _convention(model, options.bias_of)
    design = model.design
    spatial = model.terms.lag + model.terms.error
    refuse_too_few(model.effects, design.n, design.T, len(design.names) + spatial + 1)
    problem = build_problem(design, base, has_lag=model.terms.lag, logdet=options.logdet)
    point, record = maximise(problem, reduce(problem))
    if convention.name == "lee_yu_bias":
        point = correct_bias(problem, point)
    matrix = covariance(options.covariance, problem, point, options.covariance_options)
    return assemble(model, options, convention, problem, point, record, matrix)


def correct_bias(problem: Problem, point: Point) -> Point:
    """Correct a direct estimate for the bias that removing fixed effects leaves.

    Two ways: ``par + (1/n) I^{-1} a`` with I the information per observation and
    ``a = (0, 1/(1 - rho), 1/(1 - lam), 1/(2 sigma2))`` over the parameters of the model, then
    ``sigma2 T/(T - 1)``; individual: ``sigma2 T/(T - 1)``; time: ``sigma2 n/(n - 1)``.

    Lee and Yu (2010); Elhorst (2014, section 3.3).

    Raises
    ------
    ConvergenceError
        If the corrected rho or lam leaves its admissible interval.
    """
    n, T, effects = problem.design.n, problem.design.T, problem.convention.effects
    vector = point.vector(problem.spatial)
    if effects == "twoways":
        a = np.zeros(len(vector))
        a[len(point.beta) : -1] = 1.0 / (1.0 - vector[len(point.beta) : -1])
        a[-1] = 1.0 / (2 * point.sigma2)
        vector = vector + np.linalg.solve(expected_information(problem, point) / (n * T), a) / n
    vector[-1] *= n / (n - 1) if effects == "time" else T / (T - 1)
    corrected = Point.from_vector(vector, problem.spatial)
    for jacobian, name in ((problem.lag_jacobian, "rho"), (problem.error_jacobian, "lam")):
        if jacobian is not None:
            refuse_outside(name, getattr(corrected, name), jacobian.interval)
    return corrected


def assemble(
    model: SpatialModel,
    options: FitOptions,
    convention: Convention,
    problem: Problem,
    point: Point,
    record: Convergence,
    matrix: NDArray[np.float64],
) -> Fit:
    """Collect an estimate into a `Fit`."""
    jacobians = {"rho": problem.lag_jacobian, "lam": problem.error_jacobian}
    used = {name: j for name, j in jacobians.items() if j is not None}
    design, e = problem.design, residuals(problem, point)
    return Fit(
        model=model.terms.name,
        outcome=design.outcome,
        regressors=design.regressors,
        durbin=design.durbin,
        effects_structure=model.effects,
        convention=convention.name,
        names=problem.names,
        values=point.vector(problem.spatial),
        covariance_matrix=matrix,
        covariance_kind=options.covariance,
        loglik=loglikelihood(problem, point),
        n=design.n,
        T=design.T,
        n_effective=convention.observations,
        intervals={name: j.interval for name, j in used.items()},
        units=design.units,
        periods=design.periods,
        convergence=asdict(record),
        logdet=logdet_record(used, point),
        notes=(
            *_fit_notes(model, convention),
            *covariance_notes(options.covariance, problem, options.covariance_options),
            *coverage_warning(
                e,
                effects=model.effects,
                convention=convention.name,
                covariance=options.covariance,
                spatial=problem.spatial,
                dynamic=bool({"tau", "eta"} & set(problem.names)),
            ),
        ),
        residual_values=e,
        outcome_values=design.y,
        lags=design.lags,
        problem=problem,
    )


def logdet_record(jacobians: Mapping[str, Jacobian], point: Point) -> dict[str, Any]:
    """Return the record of the log-determinant with the largest error (see `LogDeterminant.record`)."""
    records = [part.record(getattr(point, name)) for name, j in jacobians.items() for part in j.parts]
    return max(records, key=lambda record: record["error"]) if records else {}


def _refuse_route(effects: str, dynamic: bool | str) -> None:
    refuse_unknown(effects, EFFECTS, "effects structure")
    if dynamic is not False:
        refuse_unknown(str(dynamic), DYNAMICS, "value of dynamic")


def _refuse_random_form(effects: str, form: str) -> None:
    refuse_unknown(form, RANDOM_FORMS, "form of random effects")
    if form != RANDOM_FORMS[0] and effects not in RANDOM_EFFECTS:
        raise ConfigError(
            f"A model with {effects} effects has no random effects whose form could be chosen.",
            expected=f"effects: one of {', '.join(RANDOM_EFFECTS)}",
            found=f"random_form={form!r}",
            remedy="leave random_form out",
        )


def _fit_notes(model: SpatialModel, convention: Convention) -> tuple[str, ...]:
    notes = [model.terms.note] if model.terms.note else []
    if convention.name == "lee_yu_bias":
        notes.append("The log-likelihood is that of the direct approach at the corrected estimate.")
    return tuple(notes)


def _convention(model: SpatialModel, correction: str) -> Convention:
    design = model.design
    given = (design.lags, design.error_lags) if model.terms.name != "ols" else ()
    used = [lags for lags in given if lags is not None]
    return resolve_convention(
        correction,
        model.effects,
        design.n,
        design.T,
        row_standardised=all(lags.is_row_standardised for lags in used),
        constant_weights=all(lags.is_constant for lags in used),
    )


def _durbin(terms: Terms, durbin: str | Sequence[str] | None, regressors: tuple[str, ...]) -> tuple[str, ...]:
    if durbin == "default":
        durbin = "all" if terms.durbin else None
    if durbin is None:
        return ()
    if not terms.durbin:
        nearest = {"ols": "SLX", "sar": "SDM", "sem": "SDEM", "sac": "GNS"}[terms.name]
        raise ConfigError(
            f"{terms.name.upper()} has no spatial lags of regressors.",
            expected="durbin=None",
            found=repr(durbin),
            remedy=f"use {nearest}",
        )
    if isinstance(durbin, str):
        if durbin != "all":
            raise ConfigError(
                "durbin is 'all', a list of regressors, or None.",
                found=repr(durbin),
                remedy=did_you_mean(durbin, ("all",)) or f"[{durbin!r}]",
            )
        return regressors
    return tuple(durbin)
