"""Lagrange multiplier tests for a spatial lag or a spatial error in panels with fixed effects.

With e, b and ``s2 = e'e / (n T)`` of the model without spatial dependence and the same fixed effects,
``W_T = I_T x W``, and ``tr = T tr(W W + W'W)``,

    J        = [(W_T X b)' M_X (W_T X b) + tr s2] / s2
    LM_lag   = (e'W_T y / s2)^2 / J                                 LM_err   = (e'W_T e / s2)^2 / tr
    RLM_lag  = (e'W_T y / s2 - e'W_T e / s2)^2 / (J - tr)
    RLM_err  = (e'W_T e / s2 - (tr / J) e'W_T y / s2)^2 / (tr (1 - tr / J))
    LM_joint = LM_lag + RLM_err = LM_err + RLM_lag

(Anselin, Le Gallo and Jayet 2008; Elhorst 2010 and 2014, chapter 3; for one cross-section Anselin, Bera,
Florax and Yoon 1996, eqs. 13, 9, 12, 8 and 15). Where weights vary by period, ``tr`` is the sum over periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import IdentificationError, check_known
from shuyi.panel import stack
from shuyi.spatialpanel.design import Design, Lags, build_design
from shuyi.spatialpanel.diagnostics.result import TestResult, chi_squared
from shuyi.spatialpanel.likelihood import LikelihoodProblem, build_problem, reduce
from shuyi.spatialpanel.transforms import FIXED_EFFECTS, Convention, within

if TYPE_CHECKING:
    from numpy.typing import NDArray


PROJECTIONS = ("panel", "period", "dummies")

TEXTBOOK = "Anselin, Le Gallo and Jayet (2008); Elhorst (2014, chapter 3)"
ROBUST = "Anselin, Bera, Florax and Yoon (1996, eqs. 8, 12 and 15); Elhorst (2014, chapter 3)"

NOTHING_LEFT = 1e-10
"""Share of `tr` below which ``J - tr`` is rounding: the lagged fit is a combination of the regressors."""


@dataclass(frozen=True, slots=True)
class LMStatistics:
    """The five statistics.

    Attributes
    ----------
    lag, error : float
        LM statistics for a spatial lag and for a spatial error, the other absent; one degree of freedom.
    robust_lag, robust_error : float
        The same, robust to a local other; one degree of freedom.
    joint : float
        Statistic for both; two degrees of freedom.

    Examples
    --------
    >>> from shuyi.spatialpanel.design import build_design
    >>> from shuyi.spatialpanel.diagnostics import lm_statistics
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> design = build_design(panel, weights, outcome="y", regressors=["x1"], durbin=(), intercept=False)
    >>> found = lm_statistics(design, "twoways")
    >>> bool(abs(found.lag + found.robust_error - found.joint) < 1e-9)
    True
    """

    lag: float
    error: float
    robust_lag: float
    robust_error: float
    joint: float


def lm_tests(
    data: Any,
    weights: Any,
    *,
    outcome: str,
    regressors: Sequence[str],
    durbin: Sequence[str] = (),
    effects: str = "twoways",
    projection: str = "panel",
    islands: str = "refuse",
) -> tuple[TestResult, ...]:
    """Return LM and robust LM tests for a spatial lag and a spatial error, and their joint test.

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
        Regressors whose spatial lags belong to the model under the null (SLX).
    effects : {"pooled", "individual", "time", "twoways"}, default "twoways"
        Fixed effects of the model under the null.
    projection : {"panel", "period", "dummies"}, default "panel"
        What M_X removes from ``W X b``. ``"panel"`` (textbook): the transformed regressors of the whole
        panel. ``"dummies"``: these and the fixed effects, which makes the tests score tests of maximum
        likelihood with dummies. ``"period"``: the regressors of each period by itself, with coefficients of
        their own (not the textbook value; for comparison with routines that do so). Without time effects,
        and with weights that do not vary, ``"panel"`` and ``"dummies"`` agree.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with units without neighbours: an error, or spatial lags of zero.

    Returns
    -------
    tuple of TestResult
        ``lm_lag``, ``lm_error``, ``robust_lm_lag``, ``robust_lm_error`` (one degree of freedom) and
        ``lm_joint`` (two).

    Raises
    ------
    IdentificationError
        If ``W X b`` is a combination of the regressors, so that lag and error cannot be told apart; or the
        regressors are collinear or absorbed.
    ConfigError, DataError, AlignmentError, WeightsError
        See `design.build_design`.

    Notes
    -----
    With time effects and rows that sum to one, demeaning gives ``e'W_T e / s2`` a mean of about
    ``-n T / (n - 1)`` instead of zero, so that the tests reject too often however long the panel is. The
    tests of `score.score_tests` under ``correction="lee_yu"`` keep their size.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics import lm_tests
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> tests = lm_tests(panel, weights, outcome="y", regressors=["x1"], effects="individual")
    >>> {test.test: round(test.statistic, 1) for test in tests}
    {'lm_lag': 33.7, 'lm_error': 26.3, 'robust_lm_lag': 7.8, 'robust_lm_error': 0.3, 'lm_joint': 34.0}
    """
    check_known(effects, FIXED_EFFECTS, "effects structure")
    check_known(projection, PROJECTIONS, "projection")
    design = build_design(
        data,
        weights,
        outcome=outcome,
        regressors=regressors,
        durbin=durbin,
        intercept=effects == "pooled",
        islands=islands,
    )
    found = lm_statistics(design, effects, projection)
    note = "" if projection == "panel" else f"projection: {projection}"
    common = {"note": note, "group": "spatial_dependence", "spec": effects}
    return (
        chi_squared("lm_lag", "rho_zero", found.lag, 1, reference=TEXTBOOK, **common),
        chi_squared("lm_error", "lam_zero", found.error, 1, reference=TEXTBOOK, **common),
        chi_squared("robust_lm_lag", "rho_zero_given_lam", found.robust_lag, 1, reference=ROBUST, **common),
        chi_squared(
            "robust_lm_error", "lam_zero_given_rho", found.robust_error, 1, reference=ROBUST, **common
        ),
        chi_squared("lm_joint", "rho_and_lam_zero", found.joint, 2, reference=ROBUST, **common),
    )


def lm_statistics(design: Design, effects: str, projection: str = "panel") -> LMStatistics:
    """Return the five statistics for a design (see the module's equations).

    Parameters
    ----------
    design : Design
        Data, weights and regressors, without intercept unless the model is pooled.
    effects : {"pooled", "individual", "time", "twoways"}
        Fixed effects of the model under the null.
    projection : {"panel", "period", "dummies"}, default "panel"
        See `lm_tests`.

    Returns
    -------
    LMStatistics
        All of them positive.

    Raises
    ------
    IdentificationError
        If ``W X b`` is a combination of the regressors, or these are collinear or absorbed.

    Examples
    --------
    >>> from shuyi.spatialpanel.design import build_design
    >>> from shuyi.spatialpanel.diagnostics import lm_statistics
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> design = build_design(panel, weights, outcome="y", regressors=["x1"], durbin=(), intercept=False)
    >>> bool(lm_statistics(design, "individual").lag > lm_statistics(design, "individual").robust_lag)
    True
    """
    assert design.lags is not None
    convention = Convention("exact", effects, design.n * design.T, design.T)
    problem = build_problem(design, convention, has_lag=False)
    e = _least_squares(problem)
    s2 = float((e * e).mean())
    inner, lagged_fit = _lagged(problem, e, projection)
    left = _project(problem.x, lagged_fit, projection == "period")
    trace = _trace(design.lags, design.T)
    surplus = left / s2
    if surplus <= NOTHING_LEFT * trace:
        raise _inseparable(problem)
    return _statistics(inner / s2, float((e * design.lags.lag(e)).sum()) / s2, trace, surplus)


def _statistics(score_lag: float, score_error: float, trace: float, surplus: float) -> LMStatistics:
    j = trace + surplus
    lag, error = score_lag**2 / j, score_error**2 / trace
    robust_lag = (score_lag - score_error) ** 2 / surplus
    robust_error = (score_error - trace / j * score_lag) ** 2 / (trace * surplus / j)
    return LMStatistics(lag, error, robust_lag, robust_error, error + robust_lag)


def _least_squares(problem: LikelihoodProblem) -> NDArray[np.float64]:
    reduced = reduce(problem)
    beta = np.linalg.solve(reduced.triangle, reduced.best(0.0, 0.0)).astype(np.float64)
    return problem.y - problem.x @ beta


def _lagged(problem: LikelihoodProblem, e: NDArray, projection: str) -> tuple[float, NDArray[np.float64]]:
    """Return ``e'W_T y`` and ``W_T X b``, from demeaned data or, with dummies, from the data themselves."""
    lags, effects = problem.design.lags, problem.convention.effects
    assert lags is not None
    y = problem.design.y if projection == "dummies" else problem.y
    lagged_fit = lags.lag(y - e)
    if projection == "dummies":
        lagged_fit = within(lagged_fit, effects)
    return float((e * lags.lag(y)).sum()), lagged_fit


def _project(x: NDArray, values: NDArray, by_period: bool) -> float:
    """Return ``v'M_X v`` over the whole panel, or summed over periods each with a projector of its own."""
    blocks = zip(x, values, strict=True) if by_period else [(stack(x), stack(values))]
    return sum(_square_left(block, v) for block, v in blocks)


def _square_left(x: NDArray, v: NDArray) -> float:
    left = v - x @ np.linalg.lstsq(x, v, rcond=None)[0]
    return float(left @ left)


def _trace(lags: Lags, T: int) -> float:
    """Return the sum over periods of ``tr(W W + W'W)``."""
    total = 0.0
    for w, periods in lags.distinct(T):
        sparse = w.to_sparse()
        total += len(periods) * float(sparse.multiply(sparse.T).sum() + sparse.multiply(sparse).sum())
    return total


def _inseparable(problem: LikelihoodProblem) -> IdentificationError:
    return IdentificationError(
        "A spatial lag and a spatial error cannot be told apart by LM tests here.",
        expected="a lagged fit W X b with variation beside the regressors",
        found=f"W X b is a combination of {', '.join(problem.design.names)}",
        remedy="add a regressor that varies in space, or leave out the spatial lags of regressors",
    )
