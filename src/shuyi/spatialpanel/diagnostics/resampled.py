"""The tests of a specification with bootstrap p-values.

Statistics are those of `lr`, `lm`, `score`, `heterogeneity` and `mundlak`; outcomes are drawn as `resampling`
says, from the null model of each test.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuyi.errors import check_known
from shuyi.panel import Panel
from shuyi.spatialpanel.covariance.kinds import covariance
from shuyi.spatialpanel.design import Design, build_design
from shuyi.spatialpanel.diagnostics import mundlak, score
from shuyi.spatialpanel.diagnostics.heterogeneity import HAUSMAN, LR_EFFECTS, MUNDLAK, STEPS, spatial_hausman
from shuyi.spatialpanel.diagnostics.lm import ROBUST, TEXTBOOK, lm_statistics
from shuyi.spatialpanel.diagnostics.lr import COMMON_FACTOR, HYPOTHESES, LR, WALD
from shuyi.spatialpanel.diagnostics.resampling import (
    Errors,
    NullModel,
    Statistics,
    bootstrap_test,
    errors_from,
    errors_of,
    null_model,
)
from shuyi.spatialpanel.diagnostics.result import TestResult, chi_squared, quadratic_form
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, build_problem, loglikelihood, reduce
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.optimise import maximise
from shuyi.spatialpanel.prediction import regressors as regressors_of
from shuyi.spatialpanel.random import mundlak_wald
from shuyi.spatialpanel.resampling import with_outcome
from shuyi.spatialpanel.results import Fit, static_point
from shuyi.spatialpanel.transforms import (
    FIXED_EFFECTS,
    Convention,
    degrees_of_freedom,
    resolve_convention,
    within,
)

RESTRICTED = ("sar", "sem", "slx")
CORRECTION = "lee_yu"


@dataclass(frozen=True, slots=True)
class Family:
    """Tests of one null model in the form that a bootstrap needs.

    Attributes
    ----------
    observed : tuple of TestResult, length q
        With their textbook p-values.
    null : NullModel
        What outcomes are drawn from.
    statistics : callable
        Of an outcome of shape (T, n), shape (q,).
    """

    observed: tuple[TestResult, ...]
    null: NullModel
    statistics: Statistics

    def resampled(self, draws: int, seed: int) -> tuple[TestResult, ...]:
        """Return the tests with their bootstrap p-values.

        Parameters
        ----------
        draws : int
            Number of draws.
        seed : int
            Start of the random numbers, zero or more.

        Returns
        -------
        tuple of TestResult
            In the order of `observed`.
        """
        return bootstrap_test(self.observed, self.null, self.statistics, draws=draws, seed=seed)


def bootstrap_tests(
    data: Any,
    weights: Any,
    *,
    outcome: str,
    regressors: Sequence[str],
    effects: str = "twoways",
    kind: str = "ar1",
    draws: int = 999,
    seed: int,
    islands: str = "refuse",
) -> tuple[TestResult, ...]:
    """Return the tests of a spatial Durbin model and of its effects with bootstrap p-values.

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        The panel.
    weights : Weights or anything that `Weights.coerce` accepts
        With rows that sum to one where there are time effects.
    outcome : str
        Variable to explain.
    regressors : sequence of str
        All of them have spatial lags in the Durbin model.
    effects : {"individual", "twoways"}
        Of the Durbin model, the LM and the score tests.
    kind : {"ar1", "wild_cluster"}
        See `resampling`. Likelihood ratios of effects take ``"ar1"`` always: whole histories hold the effects
        that their null excludes.
    draws : int
        Number of draws.
    seed : int
        Start of the random numbers, zero or more.
    islands : {"refuse", "keep"}
        What to do with units without neighbours: an error, or spatial lags of zero.

    Returns
    -------
    tuple of TestResult
        In this order: LM tests, score tests, likelihood ratios of effects, Hausman and Mundlak tests of the
        model without spatial terms, LR and Wald tests of SDM against SAR, SEM and SLX. The Wald statistics
        are with the clustered jackknife covariance.

    Raises
    ------
    ConfigError
        If an option is unknown.
    ShuyiError
        Whatever the models refuse.

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> from shuyi.spatialpanel.montecarlo import lattice
    >>> w = lattice(4)
    >>> panel = simulate("sar", w, 6, seed=1, rho=0.3)
    >>> found = bootstrap_tests(panel, w, outcome="y", regressors=["x1"], draws=19, seed=1)
    >>> found[-6].test, found[-6].distribution
    ('lr_sar', 'bootstrap')
    """
    check_known(effects, mundlak.STRUCTURES, "effects structure of bootstrap tests")
    design = build_design(
        data,
        weights,
        outcome=outcome,
        regressors=regressors,
        durbin=tuple(regressors),
        intercept=False,
        has_error=True,
        islands=islands,
    )
    families = (
        dependence_family(design, effects, kind),
        *effects_families(design),
        *comparison_families(design, kind),
        *simplification_families(design, effects, kind),
    )
    return tuple(test for family in families for test in family.resampled(draws, seed))


def simplification_families(design: Design, effects: str = "twoways", kind: str = "ar1") -> Iterator[Family]:
    """Yield the LR and Wald tests of the Durbin model against SAR, SEM and SLX.

    Parameters
    ----------
    design : Design
        All regressors lagged, error weights given.
    effects : {"individual", "twoways"}
        Effects that the model removes.
    kind : {"ar1", "wild_cluster"}
        How errors are drawn, see `resampling`.

    Returns
    -------
    iterator of Family
        One per restricted model.
    """
    whole = problem_of(replace(design, error_lags=None), effects, has_lag=True)
    for name in RESTRICTED:
        smaller = problem_of(restricted(design, name), effects, has_lag=name == "sar")

        def both(
            y: NDArray[np.float64], smaller: LikelihoodProblem = smaller, name: str = name
        ) -> NDArray[np.float64]:
            large, small = with_outcome(whole, y), with_outcome(smaller, y)
            at = maximum(large)
            ratio = 2 * (loglikelihood(large, at) - loglikelihood(small, maximum(small)))
            return np.array([max(ratio, 0.0), wald_statistic(large, at, name)])

        df = 1 if name == "slx" else len(design.regressors)
        null = null_model(smaller, maximum(smaller), kind=kind)
        yield Family(_simplification(name, both(design.y), df, effects), null, both)


def _simplification(name: str, values: NDArray, df: int, effects: str) -> tuple[TestResult, TestResult]:
    sources = (COMMON_FACTOR, COMMON_FACTOR) if name == "sem" else (LR, WALD)
    notes = (f"convention: {CORRECTION}", f"covariance: cluster_jackknife; convention: {CORRECTION}")
    first, second = (
        chi_squared(
            f"{test}_{name}",
            HYPOTHESES[name, "sdm"],
            value,
            df,
            note=note,
            reference=source,
            group="simplification",
            spec=effects,
        )
        for test, value, note, source in zip(("lr", "wald"), values, notes, sources, strict=True)
    )
    return first, second


def wald_statistic(
    problem: LikelihoodProblem, point: Point, against: str, kind: str = "cluster_jackknife"
) -> float:
    """Return the Wald statistic of a Durbin model against SAR, SEM or SLX.

    Parameters
    ----------
    problem : LikelihoodProblem
        All regressors lagged.
    point : Point
        Estimate of the model.
    against : {"sar", "sem", "slx"}
        Restricted model.
    kind : str
        Of covariance.

    Returns
    -------
    float
        Chi-squared for many units.
    """
    k = len(problem.design.regressors)
    b, th = point.beta[:k], point.beta[k:]
    jacobian = np.zeros((1 if against == "slx" else k, len(problem.names)))
    values = th
    if against == "slx":
        jacobian[0, 2 * k], values = 1.0, np.array([point.rho])
    else:
        jacobian[:, k : 2 * k] = np.eye(k)
    if against == "sem":
        jacobian[:, :k], jacobian[:, 2 * k] = point.rho * np.eye(k), b
        values = th + point.rho * b
    matrix = jacobian @ covariance(kind, problem, point) @ jacobian.T
    return quadratic_form(values, matrix, "The Wald test")


def dependence_family(design: Design, effects: str, kind: str = "ar1") -> Family:
    """Return the LM and the score tests of a spatial lag and a spatial error.

    The null model of the tests that hold the other parameter free is the one without either, too.

    Parameters
    ----------
    design : Design
        With error weights.
    effects : {"individual", "time", "twoways"}
        Effects that the model removes.
    kind : {"ar1", "wild_cluster"}
        How errors are drawn, see `resampling`.

    Returns
    -------
    Family
        Five LM and five score tests.
    """
    plain = replace(design, durbin=())
    convention = Convention("exact", effects, design.n * design.T, design.T)
    problem = build_problem(replace(plain, error_lags=None), convention, has_lag=False)

    def all_of(y: NDArray[np.float64]) -> NDArray[np.float64]:
        drawn = replace(plain, y=y)
        lm = lm_statistics(drawn, effects)
        return np.array([*(getattr(lm, name) for name in _LM), *score_statistics(drawn, effects)])

    labels = [*_LM.values(), *((c[0], c[1], len(c[3]), score.REFERENCE) for c in score.CASES)]
    observed = tuple(
        chi_squared(test, null, value, df, reference=source, group="spatial_dependence", spec=effects)
        for (test, null, df, source), value in zip(labels, all_of(design.y), strict=True)
    )
    return Family(observed, null_model(problem, maximum(problem), kind=kind), all_of)


def score_statistics(design: Design, effects: str) -> list[float]:
    """Return the statistics of `score.score_tests` under the transformation, in the order of its cases.

    Parameters
    ----------
    design : Design
        With error weights.
    effects : {"individual", "time", "twoways"}
        Effects that the model removes.

    Returns
    -------
    list of float
        One per case.
    """

    def problem(spatial: tuple[str, ...]) -> LikelihoodProblem:
        error_lags = design.error_lags if "lam" in spatial else None
        return problem_of(replace(design, error_lags=error_lags), effects, has_lag="rho" in spatial)

    combinations: tuple[tuple[str, ...], ...] = ((), ("rho",), ("lam",), ("rho", "lam"))
    problems = {spatial: problem(spatial) for spatial in combinations}
    points = {spatial: maximum(problems[spatial]) for spatial in combinations[:3]}
    found = []
    for _, _, estimated, tested in score.CASES:
        general = tuple(sorted((*estimated, *tested), reverse=True))
        found.append(score.score_statistic(problems[general], points[estimated], tested))
    return found


_LM = {
    "lag": ("lm_lag", "rho_zero", 1, TEXTBOOK),
    "error": ("lm_error", "lam_zero", 1, TEXTBOOK),
    "robust_lag": ("robust_lm_lag", "rho_zero_given_lam", 1, ROBUST),
    "robust_error": ("robust_lm_error", "lam_zero_given_rho", 1, ROBUST),
    "joint": ("lm_joint", "rho_and_lam_zero", 2, ROBUST),
}
"""Test, null, degrees of freedom and source of each LM statistic."""


def effects_families(design: Design) -> Iterator[Family]:
    """Yield the likelihood ratios of fixed effects in the Durbin model, with normal AR(1) errors.

    Errors are those of the general model of each ratio, so that effects which the null excludes are not taken
    for autocorrelation.

    Parameters
    ----------
    design : Design
        All regressors lagged.

    Returns
    -------
    iterator of Family
        One per ratio.
    """
    problems = {e: _exact(replace(design, error_lags=None), e) for e in FIXED_EFFECTS}
    points = {e: maximum(p) for e, p in problems.items()}
    for test, hypothesis, kept, more in STEPS:
        small, large = problems[kept], problems[more]

        def ratio(
            y: NDArray[np.float64], small: LikelihoodProblem = small, large: LikelihoodProblem = large
        ) -> NDArray[np.float64]:
            pair = with_outcome(large, y), with_outcome(small, y)
            first, second = (loglikelihood(p, maximum(p)) for p in pair)
            return np.array([max(2 * (first - second), 0.0)])

        df = degrees_of_freedom(kept, design.n, design.T) - degrees_of_freedom(more, design.n, design.T)
        observed = chi_squared(
            test,
            hypothesis,
            ratio(design.y)[0],
            df - (kept == "pooled"),
            reference=LR_EFFECTS,
            group="effects",
            spec=kept,
        )
        null = null_model(small, points[kept], errors=errors_of(large, points[more]))
        yield Family((observed,), null, ratio)


def comparison_families(design: Design, kind: str = "ar1") -> Iterator[Family]:
    """Yield Hausman's and Mundlak's test of the model without spatial terms, with both structures of effects.

    Parameters
    ----------
    design : Design
        Data of the model.
    kind : {"ar1", "wild_cluster"}
        How errors are drawn, see `resampling`.

    Returns
    -------
    iterator of Family
        One per structure of effects.
    """
    x, k = design.x, len(design.regressors)
    tests = (("hausman", "unadjusted", HAUSMAN), ("mundlak", "clustered", MUNDLAK))
    for effects in mundlak.STRUCTURES:

        def both(y: NDArray[np.float64], effects: str = effects) -> NDArray[np.float64]:
            return np.array([mundlak.statistic(y, x, effects, cov) for _, cov, _ in tests])

        observed = tuple(
            chi_squared(
                test,
                "random_effects",
                value,
                k,
                note=f"covariance: {cov}",
                reference=source,
                group="effects",
                spec=effects,
            )
            for (test, cov, source), value in zip(tests, both(design.y), strict=True)
        )
        yield Family(observed, random_effects_null(design.y, x, effects, kind), both)


def spatial_comparison_family(
    data: Any, weights: Any, *, outcome: str, regressors: Sequence[str], model: str = "sdm", kind: str = "ar1"
) -> Family:
    """Return Hausman's and Mundlak's test of a spatial model with random individual effects.

    Parameters
    ----------
    data, weights, outcome, regressors
        As in `bootstrap_tests`.
    model : {"sar", "sdm"}
        Model with random effects.
    kind : {"ar1", "wild_cluster"}
        How errors are drawn, see `resampling`.

    Returns
    -------
    Family
        Hausman's and Mundlak's test.

    Raises
    ------
    ConfigError
        If an option is unknown.
    ConvergenceError
        Of the observed panel, if the variance of the random effects is estimated at zero.
    ShuyiError
        Whatever the models refuse.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics import spatial_comparison_family
    >>> from shuyi.spatialpanel.montecarlo import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> w = lattice(5)
    >>> panel = simulate("sar", w, 6, seed=1, rho=0.3, effects="random", sigma2_mu=4.0)
    >>> family = spatial_comparison_family(panel, w, outcome="y", regressors=["x1"])
    >>> [test.test for test in family.resampled(draws=5, seed=1)]
    ['spatial_hausman', 'spatial_mundlak']
    """
    check_known(model, ("sar", "sdm"), "model of a spatial comparison")
    panel = data if isinstance(data, Panel) else Panel.from_frame(data)
    names: dict[str, Any] = {"outcome": outcome, "regressors": list(regressors)}

    def fits(y: NDArray[np.float64]) -> tuple[Fit, Fit, Fit]:
        drawn = panel.with_variables({outcome: y})
        random, correlated = (
            MODELS[model](drawn, weights, effects=e, **names).fit() for e in ("random", "correlated")
        )
        return (
            MODELS[model](drawn, weights, effects="individual", **names).fit(CORRECTION),
            random,
            correlated,
        )

    def tests(y: NDArray[np.float64]) -> tuple[TestResult, TestResult]:
        fixed, random, correlated = fits(y)
        mundlak_form = mundlak_wald(correlated).about(
            test="spatial_mundlak", group="effects", spec="individual"
        )
        return spatial_hausman(fixed, random), mundlak_form

    def both(y: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([test.statistic for test in tests(y)])

    y = panel[outcome]
    fixed, random, _ = fits(y)
    null = _spatial_random_null(fixed, random, kind)
    return Family(tests(y), null, both)


def _spatial_random_null(fixed: Fit, random: Fit, kind: str) -> NullModel:
    """Return outcomes of a spatial model with random effects: composite errors, or AR(1) and unit effects."""
    problem, point = static_point(fixed)
    slopes = np.array([random[name] for name in problem.names[: len(point.beta)]])
    design = problem.design
    at = Point(slopes, random["rho"], 0.0, random["sigma2"])
    mean = regressors_of(problem, design.x) @ slopes
    assert design.lags is not None
    left = design.y - at.rho * design.lags.lag(design.y) - mean
    left = left - left.mean()
    if kind == "wild_cluster":
        errors = Errors(kind, left, 0.0, 1.0)
    else:
        errors = errors_of(problem, point, kind=kind)
        errors = _with_unit_effect(errors, float(left.mean(axis=0).var()))
    return null_model(problem, at, kind=kind, errors=errors)


def random_effects_null(
    y: NDArray[np.float64], x: NDArray[np.float64], effects: str, kind: str = "ar1"
) -> NullModel:
    """Return outcomes of the random-effects model, slopes by feasible generalised least squares.

    Parameters
    ----------
    y : ndarray, shape (T, n)
        Outcome.
    x : ndarray, shape (T, n, k)
        Regressors, without an intercept.
    effects : {"individual", "twoways"}
        Two-way: period means are removed too.
    kind : {"ar1", "wild_cluster"}
        How errors are drawn, see `resampling`.

    Returns
    -------
    NullModel
        Fixed regressors, random effects of units and errors.

    Raises
    ------
    ConfigError
        If an option is unknown.
    """
    found = mundlak.slopes(y, x, effects)
    inner = found.within_gram / found.within_variance
    outer = found.between_gram / found.between_variance
    b = np.linalg.solve(inner + outer, inner @ found.within_slopes + outer @ found.between_slopes)
    left = y - x @ b
    left = left - (left.mean(axis=1, keepdims=True) if effects == "twoways" else left.mean())
    if kind == "wild_cluster":
        errors = Errors(kind, left, 0.0, 1.0)
    else:
        e = within(y - x @ found.within_slopes, effects)
        errors = _with_unit_effect(errors_from(e, effects, x, kind=kind), found.between_variance)
    return NullModel(x @ b, ((None, list(range(len(y)))),), errors)


def _with_unit_effect(errors: Errors, between_variance: float) -> Errors:
    """Add the variance that unit means have beyond the mean of an AR(1)."""
    T = len(errors.residuals)
    t = np.arange(T)
    mean = float(np.power(errors.coefficient, np.abs(t[:, None] - t)).mean()) if errors.coefficient else 1 / T
    own = max(between_variance - errors.spread**2 * mean, 0.0)
    return replace(errors, unit_spread=float(np.sqrt(own)))


def restricted(design: Design, name: str) -> Design:
    """Return the data of SAR, SEM or SLX instead of SDM.

    Parameters
    ----------
    design : Design
        Data of the model.
    name : {"sar", "sem", "slx"}
        Model.

    Returns
    -------
    Design
        The same data, fewer terms.
    """
    if name == "slx":
        return replace(design, error_lags=None)
    return replace(design, durbin=(), error_lags=design.error_lags if name == "sem" else None)


def problem_of(design: Design, effects: str, *, has_lag: bool) -> LikelihoodProblem:
    """Return a model under the transformation of Lee and Yu (2010).

    Parameters
    ----------
    design : Design
        Data of the model.
    effects : str
        Effects that the model removes.
    has_lag : bool
        Whether the model has a spatial lag of the outcome.

    Returns
    -------
    LikelihoodProblem
        Transformed data.
    """
    used = [lags for lags in (design.lags, design.error_lags) if lags is not None]
    convention = resolve_convention(
        CORRECTION,
        effects,
        design.n,
        design.T,
        row_standardised=all(lags.is_row_standardised for lags in used),
        constant_weights=all(lags.is_constant for lags in used),
    )
    return build_problem(design, convention, has_lag=has_lag)


def _exact(design: Design, effects: str) -> LikelihoodProblem:
    if effects == "pooled":
        design = _with_intercept(design)
    convention = Convention("exact", effects, design.n * design.T, design.T)
    return build_problem(design, convention, has_lag=True)


def _with_intercept(design: Design) -> Design:
    from shuyi.spatialpanel.design import INTERCEPT

    x = np.concatenate([np.ones((design.T, design.n, 1)), design.x], axis=2)
    return replace(design, x=x, regressors=(INTERCEPT, *design.regressors))


def maximum(problem: LikelihoodProblem) -> Point:
    """Return the maximum-likelihood estimate.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model.

    Returns
    -------
    Point
        All parameters.
    """
    return maximise(problem, reduce(problem))[0]
