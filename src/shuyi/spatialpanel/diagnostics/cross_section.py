"""Dependence between units in residuals from which period means were removed.

Pesaran's CD adds up all correlations. Period means make the residuals of a period sum to zero, so that the
sum is the same whatever the dependence (about ``-sqrt(T n / (2 (n - 1)))`` with equal variances): the
standard normal distribution does not hold, and CD says nothing. The bias-corrected ``CD*`` of Pesaran and
Xie (2021) divides by what heterogeneous loadings leave of the factor; loadings of a time effect are equal, so
that nothing is left but differences between variances. Two tests remain.

``CD_W`` of Juodis and Reese (2022) gives each unit a random sign,

    CD_W = sqrt(2 T / (n (n - 1))) sum_{i < j} w_i w_j r_ij,
    CD_W+ = CD_W + sum_{i < j} |r_ij| 1(|r_ij| > c),

c = 2 sqrt(ln n / T). It is standard normal for n and T large with errors independent over time, and has power
through CD_W+ alone: where c reaches one (n = 31: T <= 13) no correlation exceeds it.

`dependence_test` takes the sum of squared correlations instead, and its distribution from panels drawn under
the null for this n, T and effects: units independent, normal, each with its own variance, with the common
AR(1) coefficient that the residuals imply. It needs no sign, no large T and no serial independence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import check_known
from shuyi.spatialpanel.diagnostics.autocorrelation import autocorrelation, expected_autocorrelation
from shuyi.spatialpanel.diagnostics.dependence import correlations
from shuyi.spatialpanel.diagnostics.residuals import residuals_and_effects
from shuyi.spatialpanel.diagnostics.result import TestResult, check_draws, standard_normal
from shuyi.spatialpanel.transforms import FIXED_EFFECTS, within

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from shuyi.spatialpanel.results import Fit

WEIGHTED = "Juodis and Reese (2022)"
SIMULATED = "Breusch and Pagan (1980); null distribution simulated"
MAX_AR = 0.985
"""Largest coefficient that panels are drawn with."""

BATCH = 2_000_000
"""Largest number of array elements that one batch of drawn panels holds."""


def weighted_cd(
    residuals: Fit | NDArray[np.float64], *, seed: int, enhanced: bool = False, effects: str = ""
) -> TestResult:
    """Return the randomly weighted CD test of Juodis and Reese (2022).

    Parameters
    ----------
    residuals : Fit, or ndarray of shape (T, n)
        Residuals, effects removed.
    seed : int
        Of the Rademacher weights: another seed gives another value.
    enhanced : bool
        Whether the screened absolute correlations are added (CD_W+). Without them the test has power only
        through the spread of CD_W.
    effects : str
        Effects removed from an array of residuals, for the label.

    Returns
    -------
    TestResult
        Standard normal. The note states the seed and how many correlations exceed the threshold.

    Raises
    ------
    ConfigError
        If the seed is no whole number from zero on.
    DataError
        As `dependence.pesaran_cd`.

    Examples
    --------
    >>> import numpy as np
    >>> weighted_cd(np.random.default_rng(1).standard_normal((20, 10)), seed=1).test
    'weighted_cd'
    """
    check_draws(1, seed)
    e, structure = residuals_and_effects(residuals, effects)
    T, n = e.shape
    r = correlations(e)
    i, j = np.triu_indices(n, 1)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], n)
    statistic = np.sqrt(2 * T / (n * (n - 1))) * float((signs[i] * signs[j] * r).sum())
    threshold = 2 * np.sqrt(np.log(n) / T)
    large = np.abs(r)[np.abs(r) > threshold]
    added = float(large.sum()) if enhanced else 0.0
    note = f"weights of seed {seed}; {len(large)} of {len(r)} correlations above {threshold:.3f}"
    name = "weighted_cd_enhanced" if enhanced else "weighted_cd"
    return standard_normal(
        name,
        "weak_dependence",
        statistic + added,
        note=note,
        reference=WEIGHTED,
        group="residuals",
        spec=structure,
    )


def dependence_test(
    residuals: Fit | NDArray[np.float64], *, effects: str = "", draws: int = 999, seed: int
) -> TestResult:
    """Return the test of independent units by squared correlations, with a simulated null distribution.

    The statistic is the mean of ``T r_ij^2`` over pairs. Under the null units are independent; any dependence
    between units raises it, spatial dependence too (CD's null of weak dependence allows that). Panels are
    drawn under the null as the module says, and the same effects removed; the estimation of slopes is
    neglected.

    Parameters
    ----------
    residuals : Fit, or ndarray of shape (T, n)
        Residuals, effects removed.
    effects : {"pooled", "individual", "time", "twoways"}
        Effects removed from an array of residuals; a fit brings its own.
    draws : int
        Panels drawn.
    seed : int
        Start of the random numbers, zero or more.

    Returns
    -------
    TestResult
        The p-value is ``(1 + draws at least as large) / (1 + draws)``; the note states draws, seed, the mean
        of the drawn statistics and the AR(1) coefficient.

    Raises
    ------
    ConfigError
        If effects are unknown or missing, or draws are not positive.
    DataError
        As `dependence.pesaran_cd`.

    Examples
    --------
    >>> import numpy as np
    >>> e = np.random.default_rng(1).standard_normal((9, 20))
    >>> found = dependence_test(e - e.mean(axis=0), effects="individual", draws=99, seed=1)
    >>> found.distribution, found.draws
    ('simulated', 99)
    """
    e, structure = residuals_and_effects(residuals, effects)
    check_known(structure, FIXED_EFFECTS, "effects structure")
    check_draws(draws, seed)
    statistic = float(_mean_square(e[None])[0])
    coefficient = _common_coefficient(e, structure)
    drawn = _drawn(e, structure, coefficient, draws, seed)
    p = (1 + int((drawn >= statistic).sum())) / (1 + draws)
    note = f"{draws} draws, seed {seed}; expected {drawn.mean():.3f}; AR(1) {coefficient:.2f}"
    return TestResult(
        "cross_section_dependence",
        "independence",
        statistic,
        float("nan"),
        float(p),
        "simulated",
        note,
        SIMULATED,
        "residuals",
        structure,
        draws=draws,
        seed=seed,
    )


def _mean_square(e: NDArray) -> NDArray[np.float64]:
    """Return the mean of ``T r_ij^2`` over pairs for panels of shape (R, T, n), shape (R,)."""
    _, T, n = e.shape
    deviations = e - e.mean(axis=1, keepdims=True)
    deviations = deviations / np.sqrt((deviations**2).sum(axis=1, keepdims=True))
    gram = deviations @ deviations.transpose(0, 2, 1)
    return T * ((gram**2).sum(axis=(1, 2)) - n) / (n * (n - 1))


def _common_coefficient(e: NDArray, effects: str) -> float:
    T, n = e.shape
    implied = expected_autocorrelation(T, n, effects).invert(autocorrelation(e)[0])
    return min(implied, MAX_AR)


def _drawn(e: NDArray, effects: str, coefficient: float, draws: int, seed: int) -> NDArray[np.float64]:
    """Return the statistic of panels drawn under the null, shape (draws,)."""
    rng = np.random.default_rng(seed)
    T, n = e.shape
    step = max(1, BATCH // (T * n))
    sizes = [min(step, draws - start) for start in range(0, draws, step)]
    spread = np.sqrt((e**2).mean(axis=0))
    return np.concatenate(
        [_mean_square(_null(rng, (size, T, n), spread, coefficient, effects)) for size in sizes]
    )


def _null(
    rng: Generator, shape: tuple[int, int, int], spread: NDArray, coefficient: float, effects: str
) -> NDArray[np.float64]:
    from shuyi.spatialpanel.montecarlo.simulate import autoregressive

    u = autoregressive(rng.standard_normal(shape), coefficient) * spread
    return np.moveaxis(within(np.moveaxis(u, 0, -1), effects), -1, 0)
