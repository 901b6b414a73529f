"""Dependence between units that a model leaves in its residuals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.alignment import unlabelled
from shuyi.errors import DataError, offenders
from shuyi.spatialpanel.diagnostics.result import TestResult, chi_squared, standard_normal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.results import Fit


CD = "Pesaran (2004); Pesaran (2015)"
BREUSCH_PAGAN = "Breusch and Pagan (1980); Pesaran (2004)"
TIME_EFFECTS_NOTE = (
    "time effects make the residuals of each period sum to zero, which pulls CD below zero "
    "(Juodis and Reese 2022)"
)


def pesaran_cd(residuals: Any, *, effects: str = "") -> TestResult:
    """Return Pesaran's CD test.

    ``CD = sqrt(2 T / (n (n - 1))) sum_{i < j} r_ij``, standard normal, with r_ij the correlation over time of
    the residuals of units i and j, unit means removed. The null is independence (Pesaran 2004), and, where T
    is small beside n, weak dependence (Pesaran 2015): correlation that fades with distance hardly rejects, a
    common factor does.

    Parameters
    ----------
    residuals : ndarray, shape (T, n), or a fit
        Residuals, or the fit that left them.
    effects : str
        Effects that the model removed, by default those of the fit; with time effects the note warns of the
        bias that they cause.

    Raises
    ------
    DataError
        If residuals are missing, constant in a unit, or the panel has fewer than 2 units or 3 periods.
    """
    residuals, effects = residual_array(residuals), effects or getattr(residuals, "effects_structure", "")
    r = _correlations(residuals)
    T, n = residuals.shape
    statistic = np.sqrt(2 * T / (n * (n - 1))) * r.sum()
    note = TIME_EFFECTS_NOTE if effects in ("time", "twoways") else ""
    return standard_normal(
        "pesaran_cd", "weak_dependence", statistic, note=note, reference=CD, group="residuals", spec=effects
    )


def breusch_pagan_dependence(residuals: Any) -> tuple[TestResult, TestResult]:
    """Return the LM test of independent units and its scaled form.

    ``LM = T sum_{i < j} r_ij^2``, chi-squared with n (n - 1) / 2 degrees of freedom for T large and n fixed;
    scaled, ``sqrt(1 / (n (n - 1))) sum_{i < j} (T r_ij^2 - 1)``, standard normal (large values reject).

    Parameters
    ----------
    residuals : ndarray, shape (T, n)

    Raises
    ------
    DataError
        As `pesaran_cd`.
    """
    residuals = residual_array(residuals)
    T, n = residuals.shape
    squares = T * _correlations(residuals) ** 2
    common: dict[str, Any] = {"reference": BREUSCH_PAGAN, "group": "residuals"}
    scaled = (squares - 1).sum() / np.sqrt(n * (n - 1))
    return (
        chi_squared("breusch_pagan_lm", "independence", squares.sum(), n * (n - 1) // 2, **common),
        standard_normal("scaled_lm", "independence", scaled, **common),
    )


def mean_absolute_correlation(residuals: Any) -> float:
    """Return the mean of |r_ij| over pairs of units, the size that CD's sum of signed correlations hides."""
    return float(np.abs(_correlations(residual_array(residuals))).mean())


def residual_moran_tests(
    residuals: NDArray[np.float64],
    weights: Any,
    units: Sequence[str],
    periods: Sequence[int],
    *,
    permutations: int = 9999,
    seed: int,
    effects: str = "",
) -> tuple[TestResult, ...]:
    """Return Moran's I of the residuals of each period, as `shuyi.esda.residual_moran` computes it.

    The statistic is z under randomisation. The p-value is that of the permutations, or of the normal
    distribution where there are none.

    Parameters
    ----------
    residuals : ndarray, shape (T, n)
    weights : Weights
    units, periods
        Labels of the residuals.
    permutations, seed : int
    effects : str
        Effects that the model removed.

    Raises
    ------
    DataError, AlignmentError, WeightsError
        See `shuyi.esda.residual_moran`.
    """
    from shuyi.esda import residual_moran

    found = residual_moran(residuals, units, periods, weights, permutations=permutations, seed=seed)
    return tuple(
        TestResult(
            test="residual_moran",
            hypothesis="no_spatial_autocorrelation",
            statistic=row.z_random,
            df=float("nan"),
            p_value=row.p_permuted if permutations else row.p_random,
            distribution="permutation" if permutations else "normal",
            note=f"I = {row.value:.6f}",
            reference="Cliff and Ord (1981, chapter 8)",
            group="residuals",
            spec=effects,
            period=row.period,
        )
        for row in found.rows
    )


def residual_array(residuals: Any) -> NDArray[np.float64]:
    """Return residuals of shape (T, n), given as an array or as the fit that left them.

    Parameters
    ----------
    residuals : ndarray, shape (T, n), or Fit
        Residuals that carry labels are refused.

    Returns
    -------
    ndarray, shape (T, n)
        The residuals.

    Raises
    ------
    AlignmentError
        If labels would be ignored.
    DataError
        If the array has not two axes, or the fit was read back without residuals.
    """
    if hasattr(residuals, "residual_values"):
        return residuals_of(residuals)
    found = unlabelled(residuals, "residuals", "periods by units: fit.residual_values")
    if found.ndim != 2:
        raise DataError(
            "Residuals have one row per period and one column per unit.",
            expected="shape (T, n)",
            found=f"shape {found.shape}",
            remedy="give the fit, or fit.residual_values",
        )
    return found


def residuals_of(fit: Fit) -> NDArray[np.float64]:
    """Return the innovations of a fit, shape (T, n).

    Raises
    ------
    DataError
        If the fit was read back without them.
    """
    if fit.residual_values is None:
        raise DataError(
            "This fit was read back without its residuals.", remedy="write it with to_dict(arrays=True)"
        )
    return fit.residual_values


def _correlations(residuals: NDArray) -> NDArray[np.float64]:
    """Return r_ij of all pairs i < j, shape (n (n - 1) / 2,)."""
    T, n = residuals.shape
    if n < 2 or T < 3 or not np.isfinite(residuals).all():
        raise DataError(
            "Residual correlations need a complete panel.",
            expected="finite residuals of at least 2 units over at least 3 periods",
            found=f"{n} units, {T} periods, {int((~np.isfinite(residuals)).sum())} values not finite",
        )
    deviations = residuals - residuals.mean(axis=0)
    lengths = np.sqrt((deviations**2).sum(axis=0))
    flat = np.flatnonzero(lengths <= 1e-12 * np.abs(residuals).max())
    if len(flat):
        raise DataError(
            "Residuals that do not vary have no correlation with others.",
            expected="residuals that vary over time in every unit",
            found=f"constant in the units at positions {offenders(flat.tolist())}",
        )
    scaled = deviations / lengths
    return (scaled.T @ scaled)[np.triu_indices(n, 1)]
