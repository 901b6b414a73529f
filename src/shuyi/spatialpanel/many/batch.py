"""One stack of fits from transformed data to numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import ConfigError
from shuyi.spatialpanel.design import Lags, check_kept_dummies
from shuyi.spatialpanel.logdet.choose import Jacobian, log_determinant
from shuyi.spatialpanel.many.effects import BatchEffects, Places, effects, in_names
from shuyi.spatialpanel.many.estimates import Estimates, corrected, estimate, loglikelihood
from shuyi.spatialpanel.many.information import expected_information, information
from shuyi.spatialpanel.many.jackknife import cluster_jackknife
from shuyi.spatialpanel.many.stack import Setting, Stack
from shuyi.spatialpanel.transforms import FIXED_EFFECTS, check_enough_observations, resolve_convention

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from shuyi.spatialpanel.many.information import Matrices
    from shuyi.spatialpanel.terms import Terms
    from shuyi.weights import Weights

BATCHED: dict[str, Callable[[Stack, Estimates], Matrices]] = {
    "information": information,
    "cluster_jackknife": cluster_jackknife,
}
"""Kinds of covariance that are computed for all fits of a stack at once."""

BIAS_CORRECTION = "lee_yu_bias"
ITS_BASE = "exact"


@dataclass(frozen=True, slots=True, eq=False)
class BatchResult:
    """Numbers of B fits.

    Attributes
    ----------
    values : ndarray, shape (B, p)
        Coefficients, rho or lam, sigma2.
    covariance : ndarray, shape (B, p, p)
        Covariance of the values.
    effects : BatchEffects
        Direct, indirect and total effects.
    loglik, gradient : ndarray, shape (B,)
        Log-likelihood, and absolute derivative of the concentrated one at the estimate.
    iterations : ndarray of int, shape (B,)
        Newton steps of the search.
    sound : ndarray of bool, shape (B,)
        Fits whose numbers count; the others go to the single fit.
    """

    values: NDArray[np.float64]
    covariance: NDArray[np.float64]
    effects: BatchEffects
    loglik: NDArray[np.float64]
    gradient: NDArray[np.float64]
    iterations: NDArray[np.int64]
    sound: NDArray[np.bool_]


def setting_of(
    terms: Terms, effects: str, correction: str, weights: Weights | None, n: int, T: int, parameters: int
) -> Setting | None:
    """Return the setting of fits that can be computed together, or None where they cannot.

    Parameters
    ----------
    terms : Terms
        Of the model.
    effects : {"pooled", "individual", "time", "twoways", "random", "correlated"}
        Effects of the model.
    correction : str
        How fixed effects are removed, a key of `transforms.CORRECTIONS`.
    weights : Weights or None
        One matrix for lag and error, aligned with the units.
    n : int
        Number of units.
    T : int
        Number of periods.
    parameters : int
        Number of coefficients.

    Returns
    -------
    Setting or None
        What the fits share.

    Raises
    ------
    ShuyiError
        If the single fits would be refused for one of these.
    """
    if effects not in FIXED_EFFECTS or (terms.lag and terms.error):
        return None
    if weights is not None and log_determinant(weights).method != "eigenvalues":
        return None
    spatial = "rho" if terms.lag else "lam" if terms.error else ""
    used = weights if spatial or terms.durbin else None
    standardised = used is None or used.is_row_standardised
    convention = resolve_convention(
        correction, effects, n, T, row_standardised=standardised, constant_weights=True
    )
    if convention.name == BIAS_CORRECTION:
        convention = resolve_convention(
            ITS_BASE, effects, n, T, row_standardised=standardised, constant_weights=True
        )
    check_enough_observations(effects, n, T, parameters + bool(spatial) + 1)
    jacobian = None
    if spatial:
        assert weights is not None
        if terms.error and not convention.lags_last:
            check_kept_dummies(Lags((weights,)), effects, "a model without lam")
        count = float(convention.periods)
        jacobian = Jacobian((log_determinant(weights),), (count,), convention.drops_unit_root)
    return Setting(n, T, convention, spatial, weights, jacobian)


def compute(stack: Stack, correction: str, covariance: str, places: Places) -> BatchResult | None:
    """Estimate a stack, with covariances and effects; None where some matrix is exactly singular.

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    correction : str
        How fixed effects are removed, a key of `transforms.CORRECTIONS`.
    covariance : str
        A key of `BATCHED`.
    places : Places
        Where the coefficients of the effects' terms stand.

    Returns
    -------
    BatchResult or None
        Numbers of the fits.
    """
    try:
        return _computed(stack, correction, covariance, places)
    except np.linalg.LinAlgError:
        return None


def _computed(stack: Stack, correction: str, covariance: str, places: Places) -> BatchResult:
    setting, found = stack.setting, estimate(stack)
    if correction == BIAS_CORRECTION and setting.convention.effects != "pooled":
        found = corrected(stack, found, expected_information(stack, found))
    matrix, sound = BATCHED[covariance](stack, found)
    beta, matrix = in_names(stack, found.g, matrix)
    rho = found.parameter if setting.spatial == "rho" else np.zeros(len(found.parameter))
    spatial = [found.parameter[:, None]] if setting.spatial else []
    values = np.concatenate([beta, *spatial, found.sigma2[:, None]], axis=1)
    finite = np.isfinite(values).all(axis=1) & (np.diagonal(matrix, axis1=1, axis2=2) >= 0).all(axis=1)
    return BatchResult(
        values,
        matrix,
        effects(setting, beta, rho, matrix, places),
        loglikelihood(setting, found),
        found.gradient,
        found.iterations,
        found.sound & sound & finite,
    )


def check_unbatched(covariance: str) -> None:
    """Raise ConfigError unless a kind of covariance is computed for many fits at once.

    Parameters
    ----------
    covariance : str
        Kind of covariance, a key of `covariance.COVARIANCES`.

    Raises
    ------
    ConfigError
        If it is computed for one fit at a time.
    """
    if covariance not in BATCHED:
        raise ConfigError(
            "This kind of covariance is not computed for many outcomes at once.",
            expected=f"one of {', '.join(BATCHED)}",
            found=repr(covariance),
            remedy="use bootstrap(..., studentise=...), which fits one outcome after the other",
        )
