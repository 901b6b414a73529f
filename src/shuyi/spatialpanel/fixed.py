"""Static models with fixed effects or none: estimation, and the `Fit` that holds an estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import check_known
from shuyi.spatialpanel.bias import correct_bias
from shuyi.spatialpanel.cautions import coverage_warning
from shuyi.spatialpanel.covariance.kinds import covariance, covariance_notes
from shuyi.spatialpanel.covariance.sandwich import cluster_members
from shuyi.spatialpanel.exact import check_not_exact
from shuyi.spatialpanel.likelihood import (
    LikelihoodProblem,
    Point,
    build_problem,
    loglikelihood,
    reduce,
    residuals,
)
from shuyi.spatialpanel.logdet.choose import Jacobian
from shuyi.spatialpanel.optimise import Convergence, maximise
from shuyi.spatialpanel.results import Fit
from shuyi.spatialpanel.terms import BIAS_BASES
from shuyi.spatialpanel.transforms import Convention, check_enough_observations, resolve_convention
from shuyi.weights.container import how_to_standardise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.terms import FitOptions, SpecifiedModel


def fit_fixed(model: SpecifiedModel, options: FitOptions) -> Fit:
    """Estimate a static model with fixed effects or none.

    Parameters
    ----------
    model : SpecifiedModel
        Model with its aligned data.
    options : FitOptions
        Arguments of `SpatialModel.fit`.

    Returns
    -------
    Fit
        Under the convention that the options name.

    Raises
    ------
    ConfigError, IdentificationError, ConvergenceError
        See `SpatialModel.fit`.
    """
    convention = _convention(model, options.correction)
    base = convention
    if convention.name == "lee_yu_bias":
        check_known(options.bias_of, BIAS_BASES, "estimate to correct")
        base = _convention(model, options.bias_of)
    design = model.design
    spatial = model.terms.lag + model.terms.error
    check_enough_observations(model.effects, design.n, design.T, len(design.names) + spatial + 1)
    problem = build_problem(design, base, has_lag=model.terms.lag, logdet=options.logdet)
    point, record = maximise(problem, reduce(problem))
    if convention.name == "lee_yu_bias":
        point = correct_bias(problem, point)
    matrix = covariance(options.covariance, problem, point, options.covariance_options)
    return assemble(model, options, convention, problem, point, record, matrix)


def assemble(
    model: SpecifiedModel,
    options: FitOptions,
    convention: Convention,
    problem: LikelihoodProblem,
    point: Point,
    record: Convergence,
    matrix: NDArray[np.float64],
) -> Fit:
    """Collect an estimate into a `Fit`.

    Parameters
    ----------
    model : SpecifiedModel
        Model with its aligned data.
    options : FitOptions
        Arguments of `SpatialModel.fit`.
    convention : Convention
        How the effects were removed.
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.
    record : Convergence
        How the maximum was found.
    matrix : ndarray, shape (p, p)
        Covariance of the estimates.

    Returns
    -------
    Fit
        With its data, weights and notes.
    """
    jacobians = {"rho": problem.lag_jacobian, "lam": problem.error_jacobian}
    used = {name: j for name, j in jacobians.items() if j is not None}
    design, e = problem.design, residuals(problem, point)
    check_not_exact(e, problem.y, design.y)
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
        clusters=_clusters(problem, options),
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
                correction=convention.name,
                covariance=options.covariance,
                spatial=problem.spatial,
                dynamic=bool({"tau", "eta"} & set(problem.names)),
                periods=design.periods,
            ),
        ),
        residual_values=e,
        outcome_values=design.y,
        lags=design.lags,
        problem=problem,
    )


def _clusters(problem: LikelihoodProblem, options: FitOptions) -> int:
    """Return the number of clusters where they are not the units."""
    groups = (options.covariance_options or {}).get("groups")
    return 0 if groups is None else cluster_members(problem, groups).shape[1]


def logdet_record(jacobians: Mapping[str, Jacobian], point: Point) -> dict[str, Any]:
    """Return the record of the log-determinant with the largest error (see `LogDeterminant.record`).

    Parameters
    ----------
    jacobians : mapping of str to Jacobian
        Log-determinants of the model by the name of their parameter.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    dict
        Empty for a model without spatial parameters.
    """
    records = [part.record(getattr(point, name)) for name, j in jacobians.items() for part in j.parts]
    return max(records, key=lambda record: record["error"]) if records else {}


def _fit_notes(model: SpecifiedModel, convention: Convention) -> tuple[str, ...]:
    notes = [model.terms.note] if model.terms.note else []
    if convention.name == "lee_yu_bias":
        notes.append("The log-likelihood is that of the direct approach at the corrected estimate.")
    return tuple(notes)


def _convention(model: SpecifiedModel, correction: str) -> Convention:
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
        standardise=how_to_standardise([w for lags in used for w in lags.by_period]),
    )
