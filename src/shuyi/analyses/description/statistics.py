"""Descriptive statistics, correlations and variance inflation factors of panel variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from shuyi.errors import DataError, offenders
from shuyi.panel import stack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.panel import Panel


def describe(panel: Panel, variables: Sequence[str]) -> pd.DataFrame:
    """Return descriptive statistics of panel variables.

    The standard deviations follow Stata's ``xtsum``: overall over all cells; between over the units' means;
    within over deviations from the units' means; each with divisor count - 1.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variables : sequence of str
        Names of panel variables, one row each.

    Returns
    -------
    DataFrame
        variable, n, mean, sd, sd_between, sd_within, min, median, max; missing cells are left out.
    """
    rows = []
    for name in variables:
        values = panel[name]
        known = values[~np.isnan(values)]
        means = np.array([np.mean(v[~np.isnan(v)]) for v in values.T if not np.isnan(v).all()])
        deviations = (values - np.nanmean(values, axis=0))[~np.isnan(values)]
        rows.append(
            {
                "variable": name,
                "n": known.size,
                "mean": known.mean(),
                "sd": known.std(ddof=1),
                "sd_between": means.std(ddof=1),
                "sd_within": np.sqrt(np.sum(deviations**2) / (known.size - 1)),
                "min": known.min(),
                "median": np.median(known),
                "max": known.max(),
            }
        )
    return pd.DataFrame(rows)


def pearson(panel: Panel, variables: Sequence[str]) -> pd.DataFrame:
    """Return pooled Pearson correlations of the lower triangle, diagonal included.

    Observations of one unit depend on each other: p-values are those of Fisher's z over its jackknife error
    by unit, by Student's t with n - 1 degrees of freedom (two-sided).

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variables : sequence of str
        Names of panel variables, complete.

    Returns
    -------
    DataFrame
        row, column, correlation, p_value (NaN on the diagonal), n (observations).
    """
    from scipy.special import stdtr

    values = _complete(panel, variables)
    found = np.atleast_2d(np.corrcoef(values.T))
    arrays = panel.array(variables)
    without = np.array([_correlations_without(arrays, i) for i in range(panel.n)])
    n = panel.n
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.arctanh(without)
        error = np.sqrt((n - 1) / n * ((z - z.mean(axis=0)) ** 2).sum(axis=0))
        p = 2 * stdtr(n - 1, -np.abs(np.arctanh(found) / error))
    rows = [
        (row, column, 1.0 if i == j else found[i, j], np.nan if i == j else p[i, j], len(values))
        for i, row in enumerate(variables)
        for j, column in enumerate(variables[: i + 1])
    ]
    return pd.DataFrame(rows, columns=["row", "column", "correlation", "p_value", "n"])


def _correlations_without(arrays: NDArray[np.float64], unit: int) -> NDArray[np.float64]:
    """Return the correlations of all observations but those of one unit, shape (k, k)."""
    kept = np.delete(arrays, unit, axis=1)
    return np.atleast_2d(np.corrcoef(kept.reshape(-1, kept.shape[2]).T))


def variance_inflation(panel: Panel, regressors: Sequence[str], effects: str) -> pd.DataFrame:
    """Return variance inflation factors ``1 / (1 - R2_j)`` of the regressors.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    regressors : sequence of str
        Names of panel variables, complete.
    effects : {"individual", "time", "twoways"}
        Effects that the second factor removes.

    Returns
    -------
    DataFrame
        variable, vif (with an intercept, without effects), vif_within (after removing the effects).
    """
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    from shuyi.spatialpanel.transforms import within

    values = _complete(panel, regressors)
    pooled = np.column_stack([np.ones(len(values)), values])
    deviations = stack(within(panel.array(regressors), effects))
    return pd.DataFrame(
        {
            "variable": list(regressors),
            "vif": [variance_inflation_factor(pooled, j + 1) for j in range(len(regressors))],
            "vif_within": [variance_inflation_factor(deviations, j) for j in range(len(regressors))],
        }
    )


def _complete(panel: Panel, variables: Sequence[str]) -> NDArray[np.float64]:
    values = stack(panel.array(variables))
    gaps = [v for v, column in zip(variables, values.T, strict=True) if np.isnan(column).any()]
    if gaps:
        raise DataError(
            "Correlations need complete variables.",
            expected="no missing cells",
            found=f"missing cells in {offenders(gaps)}",
            remedy="leave the variables or the provinces out, or choose other years",
        )
    return values
