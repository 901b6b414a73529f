"""Score tests for a spatial lag and a spatial error: joint, marginal and conditional.

With s the score and I the expected information of the general model at the restricted maximum,

    LM = s' I^{-1} s,

chi-squared with the number of restrictions. Under ``correction="lee_yu"`` and individual effects these are
the five tests of Debarsy and Ertur (2010), who build them on the likelihood of the transformation of Lee and
Yu (2010). They differ from `lm.lm_tests` in the effective number of observations and periods, and in that the
conditional tests estimate the other spatial parameter instead of correcting for it locally; the joint and the
marginal tests under ``correction="exact"`` are those of `lm.lm_tests` with ``projection="dummies"``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import check_known
from shuyi.spatialpanel.covariance.information import expected_information
from shuyi.spatialpanel.design import Design, build_design
from shuyi.spatialpanel.diagnostics.result import TestResult, chi_squared, quadratic_form
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, build_problem, reduce, score_and_hessian
from shuyi.spatialpanel.optimise import maximise
from shuyi.spatialpanel.transforms import (
    FIXED_EFFECTS,
    Convention,
    check_enough_observations,
    resolve_convention,
)
from shuyi.weights.container import how_to_standardise

if TYPE_CHECKING:
    from numpy.typing import NDArray


REFERENCE = "Debarsy and Ertur (2010); Lee and Yu (2010)"
CORRECTIONS = ("lee_yu", "exact")

CASES = (
    ("score_joint", "rho_and_lam_zero", (), ("rho", "lam")),
    ("score_lag", "rho_zero", (), ("rho",)),
    ("score_error", "lam_zero", (), ("lam",)),
    ("score_lag_given_error", "rho_zero_given_lam", ("lam",), ("rho",)),
    ("score_error_given_lag", "lam_zero_given_rho", ("rho",), ("lam",)),
)
"""Test, null, spatial parameters estimated under the null, spatial parameters tested."""


def score_tests(
    data: Any,
    weights: Any,
    *,
    outcome: str,
    regressors: Sequence[str],
    durbin: Sequence[str] = (),
    effects: str = "individual",
    correction: str = "lee_yu",
    error_weights: Any = None,
    islands: str = "refuse",
) -> tuple[TestResult, ...]:
    """Return the joint, marginal and conditional score tests of rho and lam.

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the outcome and the regressors.
    weights : Weights or anything that `Weights.coerce` accepts, or a list of T of them
        Spatial weights with the panel's units in the panel's order; a list where they vary by period.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        Names of the explanatory variables, without the intercept.
    durbin : sequence of str, default empty
        Regressors whose spatial lags belong to the model under the null.
    effects : {"pooled", "individual", "time", "twoways"}, default "individual"
        Fixed effects of the model under the null and the alternative.
    correction : {"lee_yu", "exact"}, default "lee_yu"
        Likelihood: of the transformed data, or with dummies.
    error_weights : as `weights`, optional
        Weights of the spatial error process; by default those of the lag.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with units without neighbours: an error, or spatial lags of zero.

    Returns
    -------
    tuple of TestResult
        ``score_joint`` (two degrees of freedom), ``score_lag`` and ``score_error`` (the other parameter is
        zero), ``score_lag_given_error`` and ``score_error_given_lag`` (the other parameter is estimated).

    Raises
    ------
    ConfigError
        If the correction does not exist for these effects and weights.
    IdentificationError
        If the scores of the tested parameters are collinear with the others.
    DataError, AlignmentError, WeightsError, ConvergenceError
        Whatever the restricted models refuse.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics import score_tests
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> tests = score_tests(panel, weights, outcome="y", regressors=["x1"], effects="twoways")
    >>> [int(test.df) for test in tests]
    [2, 1, 1, 1, 1]
    """
    check_known(effects, FIXED_EFFECTS, "effects structure")
    check_known(correction, CORRECTIONS, "correction of a score test")
    design = build_design(
        data,
        weights,
        outcome=outcome,
        regressors=regressors,
        durbin=durbin,
        intercept=effects == "pooled",
        error_weights=error_weights,
        has_error=True,
        islands=islands,
    )
    check_enough_observations(effects, design.n, design.T, len(design.names) + 3)
    convention = _convention(design, effects, correction)
    found = []
    for test, hypothesis, estimated, tested in CASES:
        restricted = _problem(design, convention, estimated)
        point = maximise(restricted, reduce(restricted))[0]
        general = _problem(design, convention, (*estimated, *tested))
        statistic = score_statistic(general, point, tested)
        found.append(
            chi_squared(
                test,
                hypothesis,
                statistic,
                len(tested),
                note=f"convention: {convention.name}",
                reference=REFERENCE,
                group="spatial_dependence",
                spec=effects,
            )
        )
    return tuple(found)


def score_statistic(problem: LikelihoodProblem, point: Point, tested: Sequence[str]) -> float:
    """Return ``s' I^{-1} s`` for the named spatial parameters at a restricted maximum.

    Parameters
    ----------
    problem : LikelihoodProblem
        Of the general model.
    point : Point
        Restricted estimate: the tested parameters zero, all others maximising the likelihood.
    tested : sequence of str
        Names of the tested parameters: rho, lam or both.

    Returns
    -------
    float
        Not negative; chi-squared with one degree of freedom per name under the null.

    Raises
    ------
    IdentificationError
        If the information of the tested parameters is singular given the others.
    """
    score = score_and_hessian(problem, point)[0]
    positions = [problem.names.index(name) for name in tested]
    efficient = _efficient_information(expected_information(problem, point), positions)
    return quadratic_form(score[positions], efficient, "The score test")


def _efficient_information(information: NDArray, tested: list[int]) -> NDArray[np.float64]:
    """Return ``I_11 - I_12 I_22^{-1} I_21`` for the tested parameters (1) and the others (2)."""
    others = [j for j in range(len(information)) if j not in tested]
    cross = information[np.ix_(others, tested)]
    explained = np.linalg.solve(information[np.ix_(others, others)], cross)
    return information[np.ix_(tested, tested)] - cross.T @ explained


def _problem(design: Design, convention: Convention, spatial: Sequence[str]) -> LikelihoodProblem:
    error_lags = design.error_lags if "lam" in spatial else None
    return build_problem(replace(design, error_lags=error_lags), convention, has_lag="rho" in spatial)


def _convention(design: Design, effects: str, correction: str) -> Convention:
    used = [lags for lags in (design.lags, design.error_lags) if lags is not None]
    return resolve_convention(
        correction,
        effects,
        design.n,
        design.T,
        row_standardised=all(lags.is_row_standardised for lags in used),
        constant_weights=all(lags.is_constant for lags in used),
        standardise=how_to_standardise([w for lags in used for w in lags.by_period]),
    )
