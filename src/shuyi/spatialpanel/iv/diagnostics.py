"""Diagnostics of instrumental-variable estimates: first stages, overidentification, endogeneity.

`linearmodels` computes them on transformed data, where it counts ``n T`` observations. Fixed effects leave
only ``N`` of them free; every statistic that depends on a count is rescaled to ``N`` here, so that it equals
that of the regression with dummies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from shuyi.spatialpanel.iv.equation import Equation


WEAK = 10.0
"""First-stage F below which instruments count as weak (Staiger and Stock 1997)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Sizes that the statistics depend on.

    Attributes
    ----------
    units : int
        Clusters of the clustered covariance.
    rows : int
        Rows of the transformed data, ``n T``.
    free : int
        Rank of the within projector.
    exogenous, endogenous, instruments : int
        Number of included exogenous columns, endogenous columns and excluded instruments.

    Examples
    --------
    >>> from shuyi.spatialpanel.iv.diagnostics import Counts
    >>> Counts(units=31, rows=279, free=240, exogenous=3, endogenous=1, instruments=4).residual
    236
    """

    units: int
    rows: int
    free: int
    exogenous: int
    endogenous: int
    instruments: int

    @property
    def residual(self) -> int:
        """Degrees of freedom of the structural equation."""
        return self.free - self.exogenous - self.endogenous

    @property
    def first_stage(self) -> int:
        """Degrees of freedom of a first-stage regression."""
        return self.free - self.exogenous - self.instruments


def chi2_or_f(name: str, statistic: float, df: int, df_denom: int | None = None) -> dict[str, Any]:
    """Return a chi-square or F statistic with its degrees of freedom and p-value.

    Parameters
    ----------
    name : str
        Name of the test.
    statistic : float
        Value of the statistic.
    df : int
        Degrees of freedom of the chi-square, or of the numerator of F.
    df_denom : int, optional
        Degrees of freedom of the denominator; without them the statistic is a chi-square.

    Returns
    -------
    dict
        Keys test, statistic, df, df_denom and p_value.

    Examples
    --------
    >>> from shuyi.spatialpanel.iv.diagnostics import chi2_or_f
    >>> round(chi2_or_f("Sargan", 3.84, 1)["p_value"], 3)
    0.05
    """
    from scipy.special import chdtrc, fdtrc

    p = chdtrc(df, statistic) if df_denom is None else fdtrc(df, df_denom, statistic)
    return {"test": name, "statistic": statistic, "df": df, "df_denom": df_denom, "p_value": float(p)}


def first_stage(result: Any, counts: Counts, conditional: Sequence[float], kind: str) -> list[dict[str, Any]]:
    """Return one record per endogenous variable.

    Parameters
    ----------
    result : linearmodels IVResults
        Two-stage least-squares estimate.
    counts : Counts
        Sizes that the degrees of freedom come from.
    conditional : sequence of float
        Sanderson-Windmeijer F of each endogenous variable (see `conditional_f`).
    kind : str
        Covariance of `result`.

    Returns
    -------
    list of dict
        variable, partial_r2, shea_r2, f (of the excluded instruments: homoskedastic F under ``"unadjusted"``,
        else the Wald statistic under the covariance over its number of restrictions), df, df_denom (n - 1
        under ``"clustered"``), p_value, conditional_f, conditional_df, weak.
    """
    table = result.first_stage.diagnostics
    df = counts.instruments
    denominator = counts.units - 1 if kind == "clustered" else counts.first_stage
    conditional_df = df - counts.endogenous + 1
    records = []
    for (name, row), sw in zip(table.iterrows(), conditional, strict=True):
        raw = float(row["f.stat"])
        statistic = raw * denominator / counts.rows if kind == "unadjusted" else raw / df
        record = chi2_or_f("first stage", statistic, df, denominator)
        partial, shea = float(row["partial.rsquared"]), float(row["shea.rsquared"])
        records.append(
            {
                "variable": str(name),
                "partial_r2": partial,
                "shea_r2": shea,
                "f": statistic,
                "df": df,
                "df_denom": denominator,
                "p_value": record["p_value"],
                "conditional_f": sw,
                "conditional_df": conditional_df,
                "weak": bool(min(sw, statistic) < WEAK),
            }
        )
    return records


def conditional_f(endogenous: NDArray, exogenous: NDArray, excluded: NDArray, counts: Counts) -> list[float]:
    """Return the conditional first-stage F of each endogenous variable.

    The variable less its two-stage least-squares fit on the other endogenous variables, regressed on the
    excluded instruments; the numerator loses one degree of freedom per other variable. With one endogenous
    variable this is the first-stage F. Sanderson and Windmeijer (2016, equation 14).

    Parameters
    ----------
    endogenous, exogenous, excluded : ndarray, shape (rows, m), (rows, k), (rows, q)
        Endogenous variables, included exogenous variables and excluded instruments, transformed.
    counts : Counts
        Sizes that the degrees of freedom come from.

    Returns
    -------
    list of float, length m
    """
    if exogenous.shape[1]:
        basis = np.linalg.qr(exogenous)[0]
        endogenous = endogenous - basis @ (basis.T @ endogenous)
        excluded = excluded - basis @ (basis.T @ excluded)
    instruments = np.linalg.qr(excluded)[0]
    projected = instruments.T @ endogenous
    found = []
    for j in range(endogenous.shape[1]):
        others = [i for i in range(endogenous.shape[1]) if i != j]
        delta = np.linalg.lstsq(projected[:, others], projected[:, j], rcond=None)[0]
        rest = endogenous[:, j] - endogenous[:, others] @ delta
        explained = float(((instruments.T @ rest) ** 2).sum())
        unexplained = float(rest @ rest) - explained
        df = counts.instruments - len(others)
        found.append(explained / df / (unexplained / counts.first_stage))
    return found


def sargan(result: Any, counts: Counts) -> dict[str, Any] | None:
    """Return Sargan's test of overidentifying restrictions, or None in a just-identified equation.

    Parameters
    ----------
    result : linearmodels IVResults
        Two-stage least-squares estimate.
    counts : Counts
        Sizes that the degrees of freedom come from.

    Returns
    -------
    dict or None
        As `chi2_or_f`; chi-square with the number of surplus instruments.
    """
    df = counts.instruments - counts.endogenous
    if df == 0:
        return None
    return chi2_or_f("Sargan", float(result.sargan.stat) * counts.free / counts.rows, df)


def hansen(result: Any, counts: Counts) -> dict[str, Any] | None:
    """Return Hansen's J of a two-step estimate, or None in a just-identified equation.

    Parameters
    ----------
    result : linearmodels IVGMMResults
        Two-step estimate.
    counts : Counts
        Sizes that the degrees of freedom come from.

    Returns
    -------
    dict or None
        As `chi2_or_f`; chi-square with the number of surplus instruments.
    """
    df = counts.instruments - counts.endogenous
    return chi2_or_f("Hansen J", float(result.j_stat.stat), df) if df else None


def endogeneity(equation: Equation, result: Any, counts: Counts) -> list[dict[str, Any]]:
    """Return Durbin-Wu-Hausman tests that each endogenous variable, and all together, are exogenous.

    Under ``"unadjusted"`` the Wu-Hausman F; else the Wald test of the first-stage residuals in the augmented
    regression, under the covariance of the estimate (Wooldridge 2010, section 6.3).

    Parameters
    ----------
    equation : Equation
        The equation, with its kind of covariance.
    result : linearmodels IVResults
        Its two-stage least-squares estimate.
    counts : Counts
        Sizes that the degrees of freedom come from.

    Returns
    -------
    list of dict
        One record per endogenous variable, and one for all where there are several: variables, and the keys
        of `chi2_or_f`.
    """
    names = [str(name) for name in equation.endogenous.columns]
    records = []
    for group in [[name] for name in names] + ([names] if len(names) > 1 else []):
        label, q = " + ".join(group), len(group)
        if equation.kind == "unadjusted":
            denominator = counts.residual - q
            raw = float(result.wu_hausman(group).stat)
            statistic = raw * denominator / (counts.rows - counts.exogenous - counts.endogenous - q)
            record = chi2_or_f("Wu-Hausman", statistic, q, denominator)
        else:
            record = chi2_or_f("augmented regression", equation.augmented(group), q)
        records.append({"variables": label, **record})
    return records
