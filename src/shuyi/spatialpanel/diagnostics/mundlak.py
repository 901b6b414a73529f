"""Mundlak's and Hausman's comparison of within and between slopes, in arrays.

In a balanced panel the coefficients of unit means are ``g = b_B - b_W``, whatever the random-effects
variances are: b_W from deviations from unit means, b_B from the unit means (period means removed from both
for two-way effects). With ``A_W = sum x~'x~``, ``A_B = sum xbar'xbar`` and residuals e~ and ubar,

    unit i moves g by      d_i = A_B^{-1} xbar_i ubar_i - A_W^{-1} sum_t x~_it e~_it
    clustered              V = sum_i d_i d_i'
    unadjusted             V = s2_e A_W^{-1} + s2_ubar A_B^{-1}
    jackknife              V = (n - 1)/n sum_i (g_(i) - gmean)(g_(i) - gmean)',   g_(i) without unit i

The clustered statistic of `heterogeneity.mundlak_test` is ``g' V^{-1} g`` divided by nT/(nT - k), with k all
coefficients of the auxiliary regression: linearmodels scales clustered covariances by it, other packages do
not (3 % with n = 31, T = 9 and 8 coefficients). The unadjusted one is Hausman's.

Few units make the clustered V too small: use `between_test`, which takes the jackknife and Hotelling's F, or
the bootstrap (`resampling`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import DataError, check_known
from shuyi.spatialpanel.diagnostics.few_units import hotelling_f
from shuyi.spatialpanel.diagnostics.result import TestResult, chi_squared, quadratic_form
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    from numpy.typing import NDArray

JACKKNIFE = "Mundlak (1978); Efron and Stein (1981)"
STRUCTURES = ("individual", "twoways")
COVARIANCES = ("clustered", "unadjusted", "jackknife")


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """Within and between slopes of one panel.

    Attributes
    ----------
    difference : ndarray, shape (k,)
        ``b_B - b_W``.
    within_slopes, between_slopes : ndarray, shape (k,)
        Slopes of deviations from unit means, and of unit means.
    within_gram, between_gram : ndarray, shape (k, k)
        A_W and A_B.
    within_scores, between_scores : ndarray, shape (n, k)
        ``sum_t x~_it e~_it`` and ``xbar_i ubar_i``.
    within_variance, between_variance : float
        s2_e with n(T - 1) - k (less T - 1 for two-way effects) and s2_ubar with n - k - 1 degrees of freedom.
    """

    difference: NDArray[np.float64]
    within_slopes: NDArray[np.float64]
    between_slopes: NDArray[np.float64]
    within_gram: NDArray[np.float64]
    between_gram: NDArray[np.float64]
    within_scores: NDArray[np.float64]
    between_scores: NDArray[np.float64]
    within_variance: float
    between_variance: float


def slopes(y: NDArray[np.float64], x: NDArray[np.float64], effects: str = "individual") -> Slopes:
    """Return within and between slopes.

    Parameters
    ----------
    y : ndarray, shape (T, n)
        Outcome.
    x : ndarray, shape (T, n, k)
        Regressors that vary within units, without an intercept.
    effects : {"individual", "twoways"}
        Effects that the model removes.

    Returns
    -------
    Slopes
        Slopes, their scores and variances.

    Raises
    ------
    ConfigError
        If the effects are unknown.
    DataError
        If there are not more units than coefficients of the between regression.
    """
    check_known(effects, STRUCTURES, "effects structure of a Mundlak test")
    T, n, k = x.shape
    if n <= k + 1:
        raise DataError(
            "A between regression needs more units than coefficients.",
            expected=f"at least {k + 2} units",
            found=f"{n} units",
            remedy="test fewer regressors",
        )
    xw, yw = within(x, effects), within(y, effects)
    xb = x.mean(axis=0) - x.mean(axis=(0, 1))
    yb = y.mean(axis=0) - y.mean()
    inner, outer = np.einsum("tik,til->kl", xw, xw), xb.T @ xb
    b_w = np.linalg.solve(inner, np.einsum("tik,ti->k", xw, yw))
    b_b = np.linalg.solve(outer, xb.T @ yb)
    e, u = yw - xw @ b_w, yb - xb @ b_b
    free = (n if effects == "individual" else n - 1) * (T - 1) - k
    return Slopes(
        b_b - b_w,
        b_w,
        b_b,
        inner,
        outer,
        np.einsum("tik,ti->ik", xw, e),
        xb * u[:, None],
        float((e * e).sum()) / free,
        float(u @ u) / (n - k - 1),
    )


def statistic(y: NDArray[np.float64], x: NDArray[np.float64], effects: str, covariance: str) -> float:
    """Return ``g' V^{-1} g``.

    Parameters
    ----------
    y : ndarray, shape (T, n)
        Outcome.
    x : ndarray, shape (T, n, k)
        Regressors, without an intercept.
    effects : {"individual", "twoways"}
        Effects that the model removes.
    covariance : {"clustered", "unadjusted", "jackknife"}
        See the module; ``"unadjusted"`` makes it Hausman's statistic.

    Returns
    -------
    float
        Large values reject.

    Raises
    ------
    ConfigError
        If an option is unknown.
    DataError, IdentificationError
        If the slopes or the inverse cannot be computed.
    """
    check_known(covariance, COVARIANCES, "covariance")
    found = slopes(y, x, effects)
    if covariance == "unadjusted":
        matrix = found.within_variance * np.linalg.inv(found.within_gram)
        matrix = matrix + found.between_variance * np.linalg.inv(found.between_gram)
    elif covariance == "clustered":
        moves = influences(found)
        matrix = moves.T @ moves
    else:
        left = jackknifed(y, x, effects)
        centred = left - left.mean(axis=0)
        matrix = (len(left) - 1) / len(left) * centred.T @ centred
    return quadratic_form(found.difference, matrix, "The comparison of within and between slopes")


def influences(found: Slopes) -> NDArray[np.float64]:
    """Return what each unit moves ``b_B - b_W``, shape (n, k).

    Parameters
    ----------
    found : Slopes
        What `slopes` returns.

    Returns
    -------
    ndarray, shape (n, k)
        They sum to zero.
    """
    outer = np.linalg.solve(found.between_gram, found.between_scores.T)
    inner = np.linalg.solve(found.within_gram, found.within_scores.T)
    moves: NDArray[np.float64] = (outer - inner).T
    return moves


def jackknifed(y: NDArray[np.float64], x: NDArray[np.float64], effects: str) -> NDArray[np.float64]:
    """Return ``b_B - b_W`` without each unit, shape (n, k).

    Parameters
    ----------
    y : ndarray, shape (T, n)
        Outcome.
    x : ndarray, shape (T, n, k)
        Regressors, without an intercept.
    effects : str
        Effects that the model removes.

    Returns
    -------
    ndarray, shape (n, k)
        One row per unit left out.
    """
    n = y.shape[1]
    kept = [np.delete(np.arange(n), i) for i in range(n)]
    return np.array([slopes(y[:, rows], x[:, rows], effects).difference for rows in kept])


def between_test(
    y: NDArray[np.float64], x: NDArray[np.float64], *, effects: str = "individual"
) -> TestResult:
    """Return Mundlak's test by the jackknife over units and Hotelling's F.

    ``F = (n - k) / (k (n - 1)) g' V^{-1} g`` with k and n - k degrees of freedom, V the jackknife covariance.
    Robust to heteroskedasticity between units and to serial correlation within them.

    Parameters
    ----------
    y : ndarray, shape (T, n)
        Outcome.
    x : ndarray, shape (T, n, k)
        Regressors that vary within units, without an intercept.
    effects : {"individual", "twoways"}
        Effects that the model removes.

    Returns
    -------
    TestResult

    Raises
    ------
    ConfigError, DataError, IdentificationError
        See `statistic`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal((9, 31, 2))
    >>> between_test(x @ np.ones(2) + rng.standard_normal((9, 31)), x).df
    2
    """
    k = x.shape[2]
    textbook = chi_squared(
        "mundlak_jackknife",
        "random_effects",
        statistic(y, x, effects, "jackknife"),
        k,
        note="jackknife over units",
        reference=JACKKNIFE,
        group="effects",
        spec=effects,
    )
    return hotelling_f(textbook, x.shape[1])
