"""Fixed effects: the within projectors and the corrections that turn them into a likelihood.

Arrays are of shape (T, n) or (T, n, k). A correction is what one chooses; the `Convention` that it means for
the effects and weights of a model states everything in which two treatments of the same fixed effects
differ: the order of lagging and demeaning, the effective counts of observations and periods,
and whether the log-determinant loses the factor ``1 - rho`` of the constant vector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shuyi.errors import ConfigError, IdentificationError, check_known

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIXED_EFFECTS = ("pooled", "individual", "time", "twoways")
RANDOM_EFFECTS = ("random", "correlated")
CORRECTIONS = ("none", "exact", "demean_then_lag", "lee_yu", "lee_yu_bias")

DESCRIPTIONS = {
    "none": "no effects to remove: maximum likelihood with an intercept",
    "exact": "maximum likelihood with dummies: y, Wy, X and WX share one within projector",
    "demean_then_lag": "outcome lagged after demeaning, and not demeaned again (for comparison only)",
    "lee_yu": "orthonormal transformation of Lee and Yu (2010)",
    "lee_yu_bias": "analytic bias correction of Lee and Yu (2010) of the direct estimate",
    "random": "none, they are random: maximum likelihood with normal effects of units",
    "random_kkp": "none, they are random: maximum likelihood with effects inside the error process",
    "random_baltagi": "none, they are random: maximum likelihood with effects outside the error process",
}
"""One sentence per correction, as applied."""


@dataclass(frozen=True, slots=True)
class Convention:
    """How fixed effects enter the likelihood.

    Attributes
    ----------
    name : str
        One of `CORRECTIONS`.
    effects : str
        One of `FIXED_EFFECTS`.
    observations : int
        Effective count: divisor of sigma2 and multiplier of its logarithm.
    periods : int
        How many times ``ln|I - rho W|`` counts (for weights that are the same in all periods).
    drops_unit_root : bool
        Whether ``ln(1 - rho)`` is subtracted once for each of them.
    lags_last : bool
        Whether the lags that rho and lam multiply are taken of the demeaned variables, and not demeaned
        again. Lagged regressors are demeaned like all others, as routines do that receive them as data.
    """

    name: str
    effects: str
    observations: int
    periods: int
    drops_unit_root: bool = False
    lags_last: bool = False


def within(values: NDArray, effects: str) -> NDArray:
    """Remove individual means, period means or both from an array of shape (T, n) or (T, n, k).

    Parameters
    ----------
    values : ndarray, shape (T, n) or (T, n, k)
        Values in levels.
    effects : {"pooled", "individual", "time", "twoways"}
        Which means are removed.

    Returns
    -------
    ndarray of the same shape
        Deviations; the values themselves for ``"pooled"``.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.transforms import within
    >>> within(np.array([[1.0, 2.0], [3.0, 6.0]]), "twoways")
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])
    """
    if effects in ("individual", "twoways"):
        values = values - values.mean(axis=0)
    if effects in ("time", "twoways"):
        values = values - values.mean(axis=1, keepdims=True)
    return values


def degrees_of_freedom(effects: str, n: int, T: int) -> int:
    """Rank of the within projector: observations that are left once the effects are removed.

    Parameters
    ----------
    effects : {"pooled", "individual", "time", "twoways"}
        Effects that are removed.
    n : int
        Number of units.
    T : int
        Number of periods.

    Returns
    -------
    int
        For a balanced panel.

    Examples
    --------
    >>> from shuyi.spatialpanel.transforms import degrees_of_freedom
    >>> degrees_of_freedom("twoways", 31, 9)
    240
    """
    return {
        "pooled": n * T,
        "individual": n * (T - 1),
        "time": (n - 1) * T,
        "twoways": (n - 1) * (T - 1),
    }[effects]


def resolve_convention(
    correction: str,
    effects: str,
    n: int,
    T: int,
    *,
    row_standardised: bool,
    constant_weights: bool,
    standardise: str = "call weights.normalise('row')",
) -> Convention:
    """Return the convention that a correction means for these effects and weights.

    With ``effects="pooled"`` there is nothing to correct: every correction gives the same likelihood, and the
    convention is named ``"none"``.

    Parameters
    ----------
    correction : {"none", "exact", "demean_then_lag", "lee_yu", "lee_yu_bias"}
        What the caller asks for.
    effects : {"pooled", "individual", "time", "twoways"}
        Fixed effects of the model.
    n : int
        Number of units.
    T : int
        Number of periods.
    row_standardised : bool
        Whether every weights matrix of the model has rows that sum to one.
    constant_weights : bool
        Whether no weights matrix varies by period.
    standardise : str
        What to do about weights whose rows do not all sum to one, for the message.

    Returns
    -------
    Convention
        The convention of the correction.

    Returns
    -------
    Convention
        With the observations and periods that its likelihood counts.

    Raises
    ------
    ConfigError
        If the correction is unknown, or does not exist for these effects and weights.
    """
    check_known(correction, CORRECTIONS, "correction")
    if effects == "pooled":
        return Convention("none", effects, n * T, T)
    if correction == "none":
        raise ConfigError(
            f"A model with {effects} effects needs a convention for removing them.",
            expected=f"one of {', '.join(CORRECTIONS[1:])}",
            found="correction='none'",
            remedy="use 'exact' for maximum likelihood with dummies, without correction",
        )
    if correction == "lee_yu":
        _check_suited(correction, effects, row_standardised, constant_weights, standardise)
        return _lee_yu(effects, n, T)
    if correction == "lee_yu_bias":
        suited = row_standardised or effects == "time"
        _check_suited(correction, effects, suited, constant_weights, standardise)
    return Convention(correction, effects, n * T, T, lags_last=correction == "demean_then_lag")


def check_enough_observations(effects: str, n: int, T: int, parameters: int) -> None:
    """Raise IdentificationError if fewer observations are left than parameters are asked for.

    Parameters
    ----------
    effects : {"pooled", "individual", "time", "twoways"}
        Effects that are removed.
    n : int
        Number of units.
    T : int
        Number of periods.
    parameters : int
        Number of parameters to estimate.

    Raises
    ------
    IdentificationError
        If fewer observations than parameters are left.
    """
    left = degrees_of_freedom(effects, n, T)
    if left < parameters:
        raise IdentificationError(
            "Fewer effective observations than parameters.",
            expected=f"at least {parameters} observations after removing {effects} effects",
            found=f"{left} effective observations ({n} units, {T} periods)",
            remedy="use fewer regressors, fewer effects or more periods",
        )


def _lee_yu(effects: str, n: int, T: int) -> Convention:
    observations = degrees_of_freedom(effects, n, T)
    periods = T if effects == "time" else T - 1
    return Convention("lee_yu", effects, observations, periods, drops_unit_root=effects != "individual")


def _check_suited(
    correction: str, effects: str, row_standardised: bool, constant_weights: bool, standardise: str
) -> None:
    if effects in ("individual", "twoways") and not constant_weights:
        raise ConfigError(
            f"correction={correction!r} with {effects} effects needs the same weights in every period.",
            expected="one weights matrix",
            found="a list of weights, one per period",
            remedy="use correction='exact'",
        )
    if effects in ("time", "twoways") and not row_standardised:
        raise ConfigError(
            f"correction={correction!r} with {effects} effects needs row-standardised weights: "
            "only then does the transformation remove the time effects from the spatial lag.",
            expected="weights whose rows all sum to one",
            found="weights with other row sums (not normalised, normalised spectrally, or with an island)",
            remedy=f"{standardise}, or use correction='exact'",
        )
