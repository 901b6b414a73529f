"""Dependence between units that a model leaves in its residuals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, DataError, offenders
from shuyi.spatialpanel.diagnostics.residuals import residual_array, residuals_and_effects
from shuyi.spatialpanel.diagnostics.result import TestResult, chi_squared, standard_normal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.results import Fit


CD = "Pesaran (2004); Pesaran (2015)"
BREUSCH_PAGAN = "Breusch and Pagan (1980); Pesaran (2004)"


def pesaran_cd(residuals: Fit | NDArray[np.float64], *, effects: str = "") -> TestResult:
    """Return Pesaran's CD test.

    ``CD = sqrt(2 T / (n (n - 1))) sum_{i < j} r_ij``, standard normal, with r_ij the correlation over time of
    the residuals of units i and j, unit means removed. The null is independence (Pesaran 2004), and, where T
    is small beside n, weak dependence (Pesaran 2015): correlation that fades with distance hardly rejects, a
    common factor does.

    Parameters
    ----------
    residuals : Fit, or ndarray of shape (T, n)
        Residuals, effects removed.
    effects : str
        Effects removed from an array of residuals; a fit brings its own.

    Returns
    -------
    TestResult
        Standard normal; two-sided.

    Raises
    ------
    ConfigError
        If time effects were removed: the correlations then sum to about the same value whatever the
        dependence, and the statistic is not standard normal (Juodis and Reese 2022).
    DataError
        If residuals are missing, constant in a unit, or the panel has fewer than 2 units or 3 periods.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.diagnostics import pesaran_cd
    >>> test = pesaran_cd(np.random.default_rng(1).standard_normal((8, 10)))
    >>> round(test.statistic, 2), round(test.p_value, 2)
    (-1.48, 0.14)
    """
    e, structure = residuals_and_effects(residuals, effects)
    if structure in ("time", "twoways"):
        raise ConfigError(
            "Pesaran's CD is not defined for residuals of a model with time effects.",
            expected="a model without time effects: demeaning by period fixes the sum of the correlations",
            found=f"effects={structure!r}",
            remedy="use dependence_test or weighted_cd, which are valid then",
        )
    T, n = e.shape
    statistic = np.sqrt(2 * T / (n * (n - 1))) * correlations(e).sum()
    return standard_normal(
        "pesaran_cd", "weak_dependence", statistic, reference=CD, group="residuals", spec=structure
    )


def breusch_pagan_dependence(residuals: Fit | NDArray[np.float64]) -> tuple[TestResult, TestResult]:
    """Return the LM test of independent units and its scaled form.

    ``LM = T sum_{i < j} r_ij^2``, chi-squared with n (n - 1) / 2 degrees of freedom for T large and n fixed;
    scaled, ``sqrt(1 / (n (n - 1))) sum_{i < j} (T r_ij^2 - 1)``, standard normal (large values reject).

    Parameters
    ----------
    residuals : Fit, or ndarray of shape (T, n)
        One residual per period and unit, T at least 3.

    Returns
    -------
    TestResult
        The LM statistic, chi-squared.
    TestResult
        The scaled statistic, standard normal.

    Raises
    ------
    DataError
        As `pesaran_cd`.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.diagnostics import breusch_pagan_dependence
    >>> lm, scaled = breusch_pagan_dependence(np.random.default_rng(1).standard_normal((8, 4)))
    >>> lm.df, round(lm.statistic, 2)
    (6, 8.07)
    """
    residuals = residual_array(residuals)
    T, n = residuals.shape
    squares = T * correlations(residuals) ** 2
    common: dict[str, Any] = {"reference": BREUSCH_PAGAN, "group": "residuals"}
    scaled = (squares - 1).sum() / np.sqrt(n * (n - 1))
    return (
        chi_squared("breusch_pagan_lm", "independence", squares.sum(), n * (n - 1) // 2, **common),
        standard_normal("scaled_lm", "independence", scaled, **common),
    )


def mean_absolute_correlation(residuals: Fit | NDArray[np.float64]) -> float:
    """Return the mean of |r_ij| over pairs of units, the size that CD's sum of signed correlations hides.

    Parameters
    ----------
    residuals : Fit, or ndarray of shape (T, n)
        One residual per period and unit, T at least 3.

    Returns
    -------
    float
        Between zero and one.

    Raises
    ------
    DataError
        As `pesaran_cd`.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.diagnostics import mean_absolute_correlation
    >>> round(mean_absolute_correlation(np.random.default_rng(1).standard_normal((8, 4))), 2)
    0.29
    """
    return float(np.abs(correlations(residual_array(residuals))).mean())


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
        One residual per period and unit.
    weights : Weights
        Spatial weights in the order of `units`, used as they are normalised.
    units : sequence of str, length n
        Labels of the second axis of the residuals.
    periods : sequence of int, length T
        Labels of the first axis of the residuals.
    permutations : int, default 9999
        Number of random permutations; zero takes the p-value from the normal distribution.
    seed : int
        Seed of the permutations.
    effects : str, default ""
        Effects that the model removed.

    Returns
    -------
    tuple of TestResult, length T
        One test per period; its note holds Moran's I.

    Raises
    ------
    DataError, AlignmentError, WeightsError
        See `shuyi.esda.residual_moran`.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.diagnostics import residual_moran_tests
    >>> from shuyi.weights import build_contiguity
    >>> units = ("a", "b", "c", "d")
    >>> line = build_contiguity(units, list(zip(units, units[1:]))).normalise("row")
    >>> residuals = np.array([[0.5, 0.1, -0.2, -0.4]])
    >>> residual_moran_tests(residuals, line, units, (2020,), permutations=0, seed=1)[0].note
    'I = 0.380435'
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


def correlations(residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return r_ij of all pairs i < j, shape (n (n - 1) / 2,).

    Parameters
    ----------
    residuals : ndarray, shape (T, n)
        Residuals, effects removed.

    Returns
    -------
    ndarray, shape (n (n - 1) / 2,)
        Correlations over time.

    Raises
    ------
    DataError
        As `pesaran_cd`.
    """
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
