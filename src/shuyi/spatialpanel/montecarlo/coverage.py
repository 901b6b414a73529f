"""Bias, root mean squared error and coverage of intervals, by simulation.

Each replication is estimated once per convention by the functions that the model classes use; all kinds of
covariance share the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConvergenceError, IdentificationError
from shuyi.spatialpanel.bias import correct_bias
from shuyi.spatialpanel.covariance.kinds import covariance
from shuyi.spatialpanel.effects import Coefficients, Spillover, coefficients, draw, effects_at, gradient
from shuyi.spatialpanel.likelihood import build_problem, reduce
from shuyi.spatialpanel.montecarlo.cells import Cell, Layout, Settings, draw_designs
from shuyi.spatialpanel.optimise import maximise
from shuyi.spatialpanel.transforms import resolve_convention

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.spatialpanel.design import Design
    from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point


TERMS = ("b", "th", "rho", "direct", "indirect")
"""What is measured, in the order of the arrays."""

SIMULATED_TERMS = ("direct", "indirect")
LEVEL = 0.95
INTERVALS = {
    "delta": "estimate -+ the normal quantile times the delta-method error",
    "delta_t": "the same with the quantile of Student's t with n - 1 degrees of freedom",
    "simulated": "percentiles of draws from N(estimate, covariance)",
    "simulated_t": "the same at the level at which the normal quantile equals that of Student's t (n - 1)",
}


@dataclass(frozen=True, slots=True, eq=False)
class Replications:
    """What the replications of a cell gave.

    Attributes
    ----------
    cell : Cell
        Cell that was drawn.
    n : int
        Number of units.
    settings : Settings
        Conventions C, kinds of covariance V and simulated kinds S of the arrays below.
    truth : ndarray, shape (5,)
        True values of `TERMS`.
    estimate : ndarray, shape (C, R, 5)
        NaN where an estimate was refused.
    std_error : ndarray, shape (C, V, R, 5)
        NaN where a covariance was refused or a variance is negative.
    bounds : ndarray, shape (C, S, R, 2, 2, 2)
        Simulated intervals of the direct and the indirect effect: by reference (normal, t), effect, bound.

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo import Cell, Settings, build_layout, replicate
    >>> from shuyi.spatialpanel.montecarlo.cells import Resampling
    >>> from shuyi.weights import Sources
    >>> cell = Cell("lattice", 4, 0.4, "iid", 0.0, 1.0, 0.5, replications=2, seed=1)
    >>> resampling = Resampling((), 0, "wild", 0, "information", seed=1)
    >>> layout = build_layout("lattice", Sources(()), {"conley_cutoff": 2.0})
    >>> settings = Settings((cell,), {"lee_yu": ("information",)}, (), (), 100, 0, resampling, {})
    >>> replicate(cell, layout, settings).estimate.shape
    (1, 2, 5)
    """

    cell: Cell
    n: int
    settings: Settings
    truth: NDArray[np.float64]
    estimate: NDArray[np.float64]
    std_error: NDArray[np.float64]
    bounds: NDArray[np.float64]


def truth(cell: Cell, spillover: Spillover) -> NDArray[np.float64]:
    """Return the true values of `TERMS`, shape (5,).

    Parameters
    ----------
    cell : Cell
        Parameters of the data.
    spillover : Spillover
        Spatial weights that the effects are computed with.

    Returns
    -------
    ndarray, shape (5,)
        beta, theta, rho, direct and indirect effect.
    """
    values = np.array([cell.beta, cell.theta, cell.rho])
    at = Coefficients(("x",), values, np.zeros((3, 0)))
    return np.append(values, effects_at(at, values, spillover)[0, :2])


def replicate(cell: Cell, layout: Layout, settings: Settings) -> Replications:
    """Draw and estimate all replications of a cell.

    Parameters
    ----------
    cell : Cell
        Cell to draw.
    layout : Layout
        Row-standardised weights of the cell's layout, and options of the kinds of covariance.
    settings : Settings
        Its conventions, kinds of covariance and draws are used.

    Returns
    -------
    Replications
        Arrays over conventions, kinds of covariance and replications.
    """
    s, weights = settings, layout.weights
    C, V, S, R = len(s.corrections), len(s.covariances), len(s.simulated), cell.replications
    estimate = np.full((C, R, 5), np.nan)
    std_error = np.full((C, V, R, 5), np.nan)
    bounds = np.full((C, S, R, 2, 2, 2), np.nan)
    spillover = Spillover((weights,), (1.0,))
    for r, design in enumerate(draw_designs(cell, weights)):
        estimates = estimate_all(design, s.corrections)
        for c, correction in enumerate(s.corrections):
            if correction not in estimates:
                continue
            problem, point = estimates[correction]
            estimate[c, r], slopes = _terms(point, spillover)
            matrices = covariances_of(problem, point, s.measured[correction], layout)
            for v, kind in enumerate(s.covariances):
                if kind in matrices:
                    std_error[c, v, r] = _errors(slopes, matrices[kind])
            for v, kind in enumerate(s.simulated):
                if kind in matrices and correction in s.simulated_corrections:
                    bounds[c, v, r] = _simulated(problem, point, matrices[kind], spillover, s.draws, r)
    return Replications(cell, weights.n, settings, truth(cell, spillover), estimate, std_error, bounds)


def estimate_all(design: Design, corrections: tuple[str, ...]) -> dict[str, tuple[LikelihoodProblem, Point]]:
    """Estimate a two-way model under several conventions; those whose estimate is refused are left out.

    Parameters
    ----------
    design : Design
        Data of one replication.
    corrections : tuple of str
        Names of conventions.

    Returns
    -------
    dict of str to (LikelihoodProblem, Point)
        Likelihood problem and estimate by convention.
    """
    found: dict[str, tuple[LikelihoodProblem, Point]] = {}
    for correction in corrections:
        try:
            found[correction] = _estimate(design, correction, found)
        except ConvergenceError:
            continue
    return found


def _estimate(
    design: Design, correction: str, known: dict[str, tuple[LikelihoodProblem, Point]]
) -> tuple[LikelihoodProblem, Point]:
    if correction == "lee_yu_bias":
        problem, point = known.get("exact") or _estimate(design, "exact", known)
        return problem, correct_bias(problem, point)
    convention = resolve_convention(
        correction, "twoways", design.n, design.T, row_standardised=True, constant_weights=True
    )
    problem = build_problem(design, convention, has_lag=True)
    return problem, maximise(problem, reduce(problem))[0]


def _terms(point: Point, spillover: Spillover) -> tuple[NDArray, NDArray]:
    """Return the estimates of `TERMS` and their derivatives by (b, th, rho), shapes (5,) and (5, 3)."""
    values = np.array([*point.beta, point.rho])
    at = Coefficients(("x",), values, np.zeros((3, 0)))
    terms = np.append(values, effects_at(at, values, spillover)[0, :2])
    return terms, np.vstack([np.eye(3), gradient(at, spillover)[0, :2]])


def covariances_of(
    problem: LikelihoodProblem, point: Point, kinds: tuple[str, ...], layout: Layout
) -> dict[str, NDArray[np.float64]]:
    """Return the covariances of the named kinds; those that are refused are left out.

    Parameters
    ----------
    problem : LikelihoodProblem
        Likelihood problem of the estimate.
    point : Point
        The estimate.
    kinds : tuple of str
        Keys of `covariance.COVARIANCES`.
    layout : Layout
        Options of the kinds of covariance that need some.

    Returns
    -------
    dict of str to ndarray
        Covariance matrix by kind.
    """
    found = {}
    for kind in kinds:
        try:
            found[kind] = covariance(kind, problem, point, layout.options.get(kind))
        except IdentificationError:
            continue
    return found


def _errors(slopes: NDArray, matrix: NDArray) -> NDArray[np.float64]:
    variances = ((slopes @ matrix[:3, :3]) * slopes).sum(axis=1)
    return np.sqrt(np.where(variances > 0, variances, np.nan))


def _simulated(
    problem: LikelihoodProblem, point: Point, matrix: NDArray, spillover: Spillover, draws: int, seed: int
) -> NDArray[np.float64]:
    """Return percentile bounds by reference, effect and side, shape (2, 2, 2); NaN where refused."""
    from statistics import NormalDist

    values = point.vector(problem.spatial)
    try:
        at = coefficients(problem.names, ("x",), ("x",), values, matrix)
        sample, _ = draw(at, spillover.interval, draws, seed)
    except (ConvergenceError, IdentificationError):
        return np.full((2, 2, 2), np.nan)
    upper = np.array([0.5 + LEVEL / 2, NormalDist().cdf(t_quantile(spillover.weights[0].n - 1))])
    tails = np.stack([1 - upper, upper], axis=1)
    return np.moveaxis(np.quantile(effects_at(at, sample, spillover)[:, 0, :2], tails, axis=0), 1, 2)


def bias_table(found: Replications) -> pd.DataFrame:
    """Return bias and root mean squared error by convention and term, with Monte Carlo errors.

    Columns: the cell's labels, convention, term, truth, bias, bias_mc_error, rmse, rmse_mc_error (delta
    method on the mean squared error), used (replications whose estimate was not refused), refused.

    Parameters
    ----------
    found : Replications
        Replications of one cell.

    Returns
    -------
    DataFrame
        One row per convention and term.
    """
    import pandas as pd

    rows = [
        {
            **found.cell.labels(found.n),
            "convention": correction,
            "term": term,
            **_moments(found.estimate[c, :, j] - found.truth[j], found.truth[j]),
        }
        for c, correction in enumerate(found.settings.corrections)
        for j, term in enumerate(TERMS)
    ]
    return pd.DataFrame(rows)


def _moments(errors: NDArray, true: float) -> dict[str, Any]:
    kept = errors[np.isfinite(errors)]
    root = np.sqrt(len(kept))
    rmse = float(np.sqrt((kept**2).mean()))
    return {
        "truth": float(true),
        "bias": float(kept.mean()),
        "bias_mc_error": float(kept.std(ddof=1) / root),
        "rmse": rmse,
        "rmse_mc_error": float((kept**2).std(ddof=1) / (2 * rmse * root)),
        "used": len(kept),
        "refused": len(errors) - len(kept),
    }


def coverage_table(found: Replications) -> pd.DataFrame:
    """Return the coverage of 95 % intervals by convention, covariance, interval and term.

    Columns: the cell's labels, convention, covariance, interval (see `INTERVALS`), term, coverage,
    mc_error (binomial), used, refused. An interval without a positive variance counts as refused.

    Parameters
    ----------
    found : Replications
        Replications of one cell.

    Returns
    -------
    DataFrame
        One row per convention, kind of covariance, interval and term.
    """
    import pandas as pd

    rows = [row for c in range(len(found.settings.corrections)) for row in _coverages(found, c)]
    return pd.DataFrame(rows)


def _coverages(found: Replications, c: int) -> list[dict[str, Any]]:
    from statistics import NormalDist

    distance = np.abs(found.estimate[c] - found.truth)
    reach = {"delta": NormalDist().inv_cdf(0.5 + LEVEL / 2), "delta_t": t_quantile(found.n - 1)}
    settings, rows = found.settings, []
    correction = settings.corrections[c]
    for kind in settings.measured[correction]:
        errors = found.std_error[c, settings.covariances.index(kind)]
        label = {**found.cell.labels(found.n), "convention": correction, "covariance": kind}
        for interval, times in reach.items():
            inside = distance <= times * errors
            for j, term in enumerate(TERMS):
                usable = np.isfinite(errors[:, j])
                rows.append(
                    {
                        **label,
                        "interval": interval,
                        "term": term,
                        **proportion(inside[usable, j], len(errors)),
                    }
                )
        if kind in settings.simulated and correction in settings.simulated_corrections:
            rows += _simulated_coverages(found, c, settings.simulated.index(kind), label)
    return rows


def _simulated_coverages(
    found: Replications, c: int, s: int, label: Mapping[str, Any]
) -> list[dict[str, Any]]:
    rows = []
    for i, interval in enumerate(("simulated", "simulated_t")):
        for j, term in enumerate(SIMULATED_TERMS):
            low, high = found.bounds[c, s, :, i, j].T
            true = found.truth[TERMS.index(term)]
            usable = np.isfinite(low)
            inside = (low <= true) & (true <= high)
            rows.append({**label, "interval": interval, "term": term, **proportion(inside[usable], len(low))})
    return rows


def proportion(hits: NDArray[np.bool_], asked: int, name: str = "coverage") -> dict[str, float | int]:
    """Return a proportion with its binomial Monte Carlo error and the number of replications behind it.

    Parameters
    ----------
    hits : ndarray of bool
        One entry per replication that could be used.
    asked : int
        Number of replications in all.
    name : str, default "coverage"
        Key of the proportion.

    Returns
    -------
    dict
        Keys `name` (NaN without replications), mc_error, used and refused.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.montecarlo.coverage import proportion
    >>> proportion(np.array([True, True, False, True]), 5)
    {'coverage': 0.75, 'mc_error': 0.21650635094610965, 'used': 4, 'refused': 1}
    """
    share = float(hits.mean()) if len(hits) else float("nan")
    return {
        name: share,
        "mc_error": float(np.sqrt(share * (1 - share) / max(len(hits), 1))),
        "used": len(hits),
        "refused": asked - len(hits),
    }


def t_quantile(df: int) -> float:
    """Return the quantile of Student's t for a two-sided interval of level 95 %.

    Parameters
    ----------
    df : int
        Degrees of freedom.

    Returns
    -------
    float
        Positive.

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo.coverage import t_quantile
    >>> round(t_quantile(30), 3)
    2.042
    """
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.5 + LEVEL / 2))


def collect(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put the tables of the cells below one another.

    Parameters
    ----------
    tables : iterable of DataFrame
        Tables with the same columns, one per cell.

    Returns
    -------
    DataFrame
        All rows, in order.

    Examples
    --------
    >>> import pandas as pd
    >>> from shuyi.spatialpanel.montecarlo import collect
    >>> len(collect([pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2, 3]})]))
    3
    """
    import pandas as pd

    return pd.concat(tables, ignore_index=True)
