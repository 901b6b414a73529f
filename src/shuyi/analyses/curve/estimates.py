"""Estimates of the curve, what drives them, and joint tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shuyi.analyses.curve.choices import CHOICES, Multiverse
from shuyi.spatialpanel.effects import COMPONENTS
from shuyi.spatialpanel.many import fit_many, null_curve
from shuyi.spatialpanel.many.joint import STATISTICS, joint_test

if TYPE_CHECKING:
    from numpy.typing import NDArray

ISLANDS = "keep"
PARTS = ("estimate", "std_error")


def estimates_frame(universe: Multiverse, level: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the estimates of every specification, and the specifications that were refused.

    Parameters
    ----------
    universe : Multiverse
        All specifications.
    level : float
        Confidence level of the intervals, by Student's t with n - 1 degrees of freedom.

    Returns
    -------
    estimates : DataFrame
        Columns specification, those of `choices.CHOICES`, n, component, estimate, std_error, low, high,
        p_value: one row per specification and component.
    refusals : DataFrame
        Columns specification, those of `choices.CHOICES`, reason.
    """
    from scipy.special import stdtrit

    from shuyi.spatialpanel.many.results import student_p_values

    found = fit_many(universe.panels, universe.weights, universe.specifications, islands=ISLANDS)
    estimate, error = found.effect(0)
    good = np.isfinite(estimate).all(axis=1) & (error > 0).all(axis=1)
    rows = np.flatnonzero(good)
    about = pd.DataFrame(list(universe.options), columns=list(CHOICES))
    about.insert(0, "specification", [int(s.id) for s in universe.specifications])
    df = found.n[rows] - 1.0
    reach = stdtrit(df, 0.5 + level / 2)[:, None] * error[rows]
    values, errors = estimate[rows], error[rows]
    repeated = about.iloc[np.repeat(rows, len(COMPONENTS))].reset_index(drop=True)
    estimates = repeated.assign(
        n=np.repeat(found.n[rows], len(COMPONENTS)),
        component=np.tile(COMPONENTS, len(rows)),
        estimate=values.ravel(),
        std_error=errors.ravel(),
        low=(values - reach).ravel(),
        high=(values + reach).ravel(),
        p_value=student_p_values(values / errors, df[:, None]).ravel(),
    )
    gone = np.flatnonzero(~good)
    reasons = [" ".join(found.reasons[i].split()) or "no standard error" for i in gone]
    return estimates, about.iloc[gone].assign(reason=reasons).reset_index(drop=True)


def summary_frame(estimates: pd.DataFrame, size: float) -> pd.DataFrame:
    """Return what the curve of each component looks like.

    Parameters
    ----------
    estimates : DataFrame
        As `estimates_frame` gives them.
    size : float
        Level below which an estimate counts as significant.

    Returns
    -------
    DataFrame
        component, specifications, median, low, high (5th and 95th percentile), positive,
        significant_positive, significant_negative (shares).
    """
    rows = [
        {"component": component, **_described(estimates[estimates["component"] == component], size)}
        for component in COMPONENTS
    ]
    return pd.DataFrame(rows)


def options_frame(estimates: pd.DataFrame, size: float) -> pd.DataFrame:
    """Return what the curve of each component looks like under every option alone.

    Parameters
    ----------
    estimates : DataFrame
        As `estimates_frame` gives them.
    size : float
        Level below which an estimate counts as significant.

    Returns
    -------
    DataFrame
        component, choice, option, then as `summary_frame`.
    """
    rows = [
        {"component": component, "choice": choice, "option": option, **_described(part, size)}
        for choice in CHOICES
        for (component, option), part in estimates.groupby(["component", choice], sort=False)
    ]
    return pd.DataFrame(rows)


def _described(part: pd.DataFrame, size: float) -> dict[str, Any]:
    value, is_small = part["estimate"], part["p_value"] < size
    low, median, high = np.quantile(value, [0.05, 0.5, 0.95])
    return {
        "specifications": len(part),
        "median": median,
        "low": low,
        "high": high,
        "positive": (value > 0).mean(),
        "significant_positive": (is_small & (value > 0)).mean(),
        "significant_negative": (is_small & (value < 0)).mean(),
    }


def contributions_frame(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the share of the variance of the estimates' ranks that each choice accounts for.

    Ranks, because a few specifications near the edge of the admissible interval would hold nearly all of the
    variance of the estimates themselves. First order: variance of the means by option, over the whole
    variance. Total: one less the variance of means over the options of that choice alone, everything else
    held: with its interactions. On a full product of options these are Sobol's indices.

    Parameters
    ----------
    estimates : DataFrame
        As `estimates_frame` gives them.

    Returns
    -------
    DataFrame
        component, choice, options, first_order, total.
    """
    rows = []
    for component in COMPONENTS:
        part = estimates[estimates["component"] == component]
        part = part.assign(rank=part["estimate"].rank())
        whole = float(part["rank"].var(ddof=0))
        for choice in CHOICES:
            rest = [c for c in CHOICES if c != choice]
            own = part.groupby(choice, sort=False)["rank"].transform("mean").var(ddof=0)
            others = part.groupby(rest, sort=False)["rank"].transform("mean").var(ddof=0)
            rows.append(
                {
                    "component": component,
                    "choice": choice,
                    "options": part[choice].nunique(),
                    "first_order": own / whole if whole else 0.0,
                    "total": 1.0 - others / whole if whole else 0.0,
                }
            )
    return pd.DataFrame(rows)


def null_arrays(universe: Multiverse, draws: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Return the curve under draws of the null that the index has no effect.

    Each specification is estimated without the index; whole histories of its residuals by province change
    sign together in all specifications. Rho, fixed effects, serial correlation and what is left of spatial
    correlation between specifications' residuals stay.

    Parameters
    ----------
    universe : Multiverse
        Specifications.
    draws, seed : int
        Of the null.

    Returns
    -------
    dict of str to ndarray, shape (S, draws, 3)
        ``estimate`` and ``std_error``.
    """
    found = null_curve(
        universe.panels,
        universe.weights,
        universe.specifications,
        draws=draws,
        seed=seed,
        islands=ISLANDS,
    )
    return {"estimate": found.estimate, "std_error": found.std_error}


def joint_frames(
    universe: Multiverse, estimates: pd.DataFrame, null: Mapping[str, NDArray], size: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the joint tests, and the joint statistics of every draw.

    Parameters
    ----------
    universe : Multiverse
        The specifications that were drawn.
    estimates : DataFrame
        As `estimates_frame` gives them, of these specifications among others.
    null : mapping of str to ndarray
        As `null_arrays` gives them.
    size : float
        Level below which an estimate counts as significant.

    Returns
    -------
    joint : DataFrame
        component, statistic, observed, null_median, null_high (95th percentile), p_value, specifications,
        draws.
    draws : DataFrame
        draw, component and the statistics.
    """
    ids = [int(s.id) for s in universe.specifications]
    rows, drawn = [], []
    for j, component in enumerate(COMPONENTS):
        part = estimates[estimates["component"] == component].set_index("specification").reindex(ids)
        values, errors = (part[name].to_numpy(float) for name in PARTS)
        df = np.nan_to_num(part["n"].to_numpy(float) - 1.0, nan=1.0)
        test = joint_test(
            values, errors, null["estimate"][:, :, j], null["std_error"][:, :, j], df, level=size
        )
        for k, statistic in enumerate(STATISTICS):
            rows.append(
                {
                    "component": component,
                    "statistic": statistic,
                    "observed": test.observed[k],
                    "null_median": np.median(test.null[:, k]),
                    "null_high": np.quantile(test.null[:, k], 0.95),
                    "p_value": test.p_value[k],
                    "specifications": test.specifications,
                    "draws": len(test.null),
                }
            )
        draws = pd.DataFrame(test.null, columns=list(STATISTICS))
        draws.insert(0, "component", component)
        draws.insert(0, "draw", np.arange(len(test.null)))
        drawn.append(draws)
    return pd.DataFrame(rows), pd.concat(drawn, ignore_index=True)


def chunk_positions(count: int, chunk: int, chunks: int) -> Sequence[int]:
    """Return the positions of one chunk: every so many-th specification, so that chunks take equally long.

    Parameters
    ----------
    count : int
        Number of specifications.
    chunk : int
        Number of the chunk, from zero.
    chunks : int
        Number of chunks.

    Returns
    -------
    sequence of int
        From zero.

    Examples
    --------
    >>> from shuyi.analyses.curve.estimates import chunk_positions
    >>> list(chunk_positions(7, 1, 3))
    [1, 4]
    """
    return range(chunk, count, chunks)


def gathered(parts: Sequence[Mapping[str, Any]], count: int) -> dict[str, NDArray[np.float64]]:
    """Put the chunks of the null back in the order of the specifications.

    Parameters
    ----------
    parts : sequence of mapping
        Arrays of each chunk, in the order of the chunks.
    count : int
        Number of specifications.

    Returns
    -------
    dict of str to ndarray, shape (S, draws, 3)
        As `null_arrays` gives them.
    """
    found: dict[str, NDArray[np.float64]] = {}
    for name in PARTS:
        whole = np.full((count, *parts[0][name].shape[1:]), np.nan)
        for chunk, part in enumerate(parts):
            whole[chunk_positions(count, chunk, len(parts))] = part[name]
        found[name] = whole
    return found
