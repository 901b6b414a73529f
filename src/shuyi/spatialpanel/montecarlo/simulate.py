"""Panels drawn from every model of the package, under several designs of the errors.

    y_t = tau y_{t-1} + rho W y_t + eta W y_{t-1} + X_t b + W X_t th + mu + xi_t 1 + u_t,
    u_t = lam W2 u_t + e_t,

with ``e = sqrt(sigma2)`` times unit-variance errors of one of the designs in `ERRORS`. A model restricts this
equation to its own terms (`models.MODELS`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.arguments import check_seed, whole_number
from shuyi.errors import ConfigError, check_known, offenders
from shuyi.panel import Panel
from shuyi.spatialpanel.design import Lags
from shuyi.spatialpanel.logdet.choose import log_determinant
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.optimise import EDGE
from shuyi.weights import Weights, check_aligned

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray


ERRORS = {
    "iid": "independent standard normal",
    "heteroskedastic": "normal, with variances by unit that are quantiles of chi-squared(5) in a fixed order",
    "ar1": "normal, autoregressive of order one with coefficient .5 within units",
    "heavy_tails": "Student's t with 5 degrees of freedom",
}
"""Designs of the errors; all have mean zero and, on average over units, variance one."""

EFFECTS = ("pooled", "individual", "time", "twoways", "random", "correlated")
DYNAMIC_MODELS = ("sar", "sdm")

AUTOCORRELATION = 0.5
TAIL_DF = 5
VARIANCE_DF = 5
VARIANCE_ORDER = 20_110_131
"""Seed of the order in which variances are given to units: the pattern is the same in every simulation."""

BURN_IN = 50
"""Periods before the first that a dynamic model runs through, from zero."""

MUNDLAK = 0.5
"""Slope of correlated individual effects on the sum of the unit's mean regressors."""

LARGE = 1500
"""Number of units above which systems are solved sparse."""


@dataclass(frozen=True, slots=True)
class Process:
    """Parameters of the equation above; b and th have one entry per regressor.

    Attributes
    ----------
    beta, theta : tuple of float, length k
        Coefficients of the regressors, and of their spatial lags.
    rho, lam, sigma2, tau, eta : float
        Spatial lag and spatial error parameter, variance of the innovations, coefficients of ``y_{t-1}`` and
        ``W y_{t-1}``.

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo.simulate import Process
    >>> Process(beta=(1.0,), theta=(0.5,), rho=0.4)
    Process(beta=(1.0,), theta=(0.5,), rho=0.4, lam=0.0, sigma2=1.0, tau=0.0, eta=0.0)
    """

    beta: tuple[float, ...] = (1.0,)
    theta: tuple[float, ...] = (0.0,)
    rho: float = 0.0
    lam: float = 0.0
    sigma2: float = 1.0
    tau: float = 0.0
    eta: float = 0.0


def simulate(
    model: str,
    weights: Any,
    n_periods: int,
    *,
    seed: int,
    beta: Sequence[float] = (1.0,),
    theta: Sequence[float] = (),
    rho: float = 0.0,
    lam: float = 0.0,
    sigma2: float = 1.0,
    tau: float = 0.0,
    eta: float = 0.0,
    effects: str = "twoways",
    errors: str = "iid",
    error_weights: Any = None,
    regressors: Panel | None = None,
    persistence: float = 0.0,
    sigma2_mu: float = 1.0,
    sigma2_xi: float = 1.0,
    first_period: int = 1,
) -> Panel:
    """Draw one panel from a model.

    Parameters
    ----------
    model : {"ols", "slx", "sar", "sem", "sdm", "sdem", "sac", "gns"}
        Which terms the process has.
    weights : Weights or anything that `Weights.coerce` accepts, or a list of one per period
        Spatial weights; the panel gets their units.
    n_periods : int
        Number of periods T.
    seed : int
        Seed of regressors, effects and errors.
    beta : sequence of float, length k, default (1.0,)
        Coefficients of the regressors.
    theta : sequence of float, length k, optional
        Zero for a regressor without a spatial lag.
    rho, lam, sigma2 : float
        Spatial lag parameter (default 0), spatial error parameter (0) and variance of the innovations (1).
    tau, eta : float
        Coefficients of ``y_{t-1}`` and ``W y_{t-1}`` (SAR and SDM); the process starts from zero `BURN_IN`
        periods before the first.
    effects : {"pooled", "individual", "time", "twoways", "random", "correlated"}, default "twoways"
        Effects that enter the outcome. Individual effects (also of ``"twoways"`` and ``"correlated"``) are
        `MUNDLAK` times the sum of the unit's mean regressors, plus noise; ``"random"`` is noise alone.
    errors : {"iid", "heteroskedastic", "ar1", "heavy_tails"}, default "iid"
        See `ERRORS`.
    error_weights : as `weights`, optional
        Weights of the error process; those of the lag by default.
    regressors : Panel, optional
        Regressors to use, of the units of the weights and n_periods periods; by default k standard normal
        ones, named ``x1``, ``x2``, ... Before the first period a dynamic model holds given regressors fixed.
    persistence : float, default 0.0
        First-order autocorrelation of drawn regressors within units.
    sigma2_mu, sigma2_xi : float
        Variance of the noise in individual and time effects.
    first_period : int, default 1
        Number of the first period.

    Returns
    -------
    Panel
        Variables ``y`` and the regressors.

    Raises
    ------
    ConfigError
        If an option is unknown, a parameter does not belong to the model, or the process is not stable.
    AlignmentError
        If regressors and weights name other units.

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> simulate("sdm", lattice(4), 6, seed=1, rho=0.4, theta=(0.5,))
    <Panel of 16 units x 6 periods (1-6), 2 variables, 0 missing cells>
    """
    process = Process(tuple(beta), tuple(theta) or (0.0,) * len(beta), rho, lam, sigma2, tau, eta)
    check_known(effects, EFFECTS, "effects structure")
    check_known(errors, tuple(ERRORS), "error design")
    n_periods = whole_number(n_periods, "n_periods", least=1)
    _check_parameters(model, process, persistence, (sigma2, sigma2_mu, sigma2_xi))
    lags = _lags(weights, n_periods)
    error_lags = _lags(weights if error_weights is None else error_weights, n_periods)
    _check_stable(process, lags, error_lags)
    units = lags.at(0).labels
    rng = np.random.default_rng(check_seed(seed))
    names, x, before = _regressors(rng, process, regressors, units, n_periods, persistence)
    total, n = len(x), len(units)
    shift = _effects(rng, effects, x, sigma2_mu, sigma2_xi)
    e = np.sqrt(sigma2) * draw_errors(rng, errors, (total, n))
    y = outcomes(process, _extended(lags, before), _extended(error_lags, before), x, e, shift)
    values = np.concatenate([y[..., None], x], axis=-1)[before:]
    periods = tuple(range(first_period, first_period + n_periods))
    return Panel(values, units, periods, ("y", *names))


def draw_errors(rng: Generator, design: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Draw errors of mean zero and average variance one.

    Parameters
    ----------
    rng : Generator
        Source of the draws; it moves on.
    design : str
        A key of `ERRORS`.
    shape : tuple of int
        (..., T, n).

    Returns
    -------
    ndarray, shape `shape`
        Independent over the leading axes.

    Raises
    ------
    ConfigError
        If the design is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.montecarlo.simulate import draw_errors
    >>> draw_errors(np.random.default_rng(1), "ar1", (9, 31)).shape
    (9, 31)
    """
    check_known(design, tuple(ERRORS), "error design")
    if design == "heavy_tails":
        return rng.standard_t(TAIL_DF, shape) * np.sqrt((TAIL_DF - 2) / TAIL_DF)
    e = rng.standard_normal(shape)
    if design == "heteroskedastic":
        return e * np.sqrt(unit_variances(shape[-1]))
    return autoregressive(e, AUTOCORRELATION) if design == "ar1" else e


def unit_variances(n: int) -> NDArray[np.float64]:
    """Return the variances by unit of the heteroskedastic design, shape (n,), with mean one.

    They are the quantiles (i - 1/2)/n of chi-squared(`VARIANCE_DF`), scaled, in an order that depends on n
    alone, not on the units' neighbours.

    Parameters
    ----------
    n : int
        Number of units.

    Returns
    -------
    ndarray, shape (n,)
        Positive, with mean one.

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo.simulate import unit_variances
    >>> round(float(unit_variances(31).mean()), 6)
    1.0
    """
    from scipy.special import chdtri

    quantiles = chdtri(VARIANCE_DF, 1 - (np.arange(n) + 0.5) / n)
    return np.random.default_rng(VARIANCE_ORDER).permutation(quantiles / quantiles.mean())


def autoregressive(e: NDArray, coefficient: float) -> NDArray[np.float64]:
    """Turn independent draws (..., T, n) into stationary AR(1) series along T of the same variance.

    Parameters
    ----------
    e : ndarray, shape (..., T, n)
        Independent draws.
    coefficient : float
        First-order autocorrelation, in (-1, 1).

    Returns
    -------
    ndarray, shape (..., T, n)
        A new array.
    """
    u = np.array(e)
    for t in range(1, e.shape[-2]):
        u[..., t, :] = coefficient * u[..., t - 1, :] + np.sqrt(1 - coefficient**2) * e[..., t, :]
    return u


def outcomes(
    process: Process,
    lags: Lags,
    error_lags: Lags,
    x: NDArray,
    e: NDArray,
    shift: NDArray | float = 0.0,
) -> NDArray[np.float64]:
    """Solve the equation for y.

    Parameters
    ----------
    process : Process
        Coefficients.
    lags, error_lags : Lags
        Spatial weights by period, of the lags and of the error process.
    x : ndarray, shape (..., T, n, k)
        Regressors.
    e : ndarray, shape (..., T, n)
        Innovations.
    shift : ndarray, broadcast to (..., T, n), default 0.0
        Fixed effects.

    Returns
    -------
    ndarray, shape (..., T, n)
        The outcome.
    """
    right = x @ np.array(process.beta) + _lag(lags, x @ np.array(process.theta)) + shift
    right = right + (_solve(error_lags, process.lam, e) if process.lam else e)
    if not (process.tau or process.eta):
        return _solve(lags, process.rho, right) if process.rho else right
    y = np.empty_like(right)
    previous = np.zeros(right.shape[:-2] + right.shape[-1:])
    for t in range(right.shape[-2]):
        here = Lags((lags.at(t),))
        now = right[..., t, :] + process.tau * previous
        now = now + process.eta * _lag(here, previous[..., None, :])[..., 0, :]
        previous = _solve(here, process.rho, now[..., None, :])[..., 0, :]
        y[..., t, :] = previous
    return y


def _lag(lags: Lags, values: NDArray) -> NDArray[np.float64]:
    """Return ``W_t values_t`` for values of shape (..., T, n)."""
    found = np.empty_like(values)
    for w, periods in lags.distinct(values.shape[-2]):
        part = values[..., periods, :]
        found[..., periods, :] = (w.matrix @ part.reshape(-1, w.n).T).T.reshape(part.shape)
    return found


def _solve(lags: Lags, coefficient: float, values: NDArray) -> NDArray[np.float64]:
    """Return ``(I - coefficient W_t)^{-1} values_t`` for values of shape (..., T, n)."""
    found = np.empty_like(values)
    for w, periods in lags.distinct(values.shape[-2]):
        part = values[..., periods, :]
        flat = part.reshape(-1, w.n).T
        found[..., periods, :] = _solved(w, coefficient, flat).T.reshape(part.shape)
    return found


def _solved(w: Weights, coefficient: float, right: NDArray) -> NDArray[np.float64]:
    if w.n <= LARGE:
        return np.linalg.solve(np.eye(w.n) - coefficient * w.to_dense(), right)
    from scipy.sparse import csc_array, eye_array
    from scipy.sparse.linalg import splu

    return splu(csc_array(eye_array(w.n) - coefficient * w.to_sparse())).solve(np.ascontiguousarray(right))


def _regressors(
    rng: Generator,
    process: Process,
    given: Panel | None,
    units: tuple[str, ...],
    n_periods: int,
    persistence: float,
) -> tuple[tuple[str, ...], NDArray[np.float64], int]:
    """Return names, values (before + T, n, k), and the number of periods before the first."""
    k = len(process.beta)
    before = BURN_IN if process.tau or process.eta else 0
    if given is None:
        drawn = rng.standard_normal((k, before + n_periods, len(units)))
        return (
            tuple(f"x{j + 1}" for j in range(k)),
            np.moveaxis(autoregressive(drawn, persistence), 0, -1),
            before,
        )
    check_aligned(given.units, Weights(np.zeros((len(units), len(units))), units))
    if (given.T, len(given.variables)) != (n_periods, k):
        raise ConfigError(
            "The regressors do not fit the simulation.",
            expected=f"{n_periods} periods and {k} variables, one per entry of beta",
            found=f"{given.T} periods and {len(given.variables)} variables",
        )
    held = np.repeat(given.values[:1], before, axis=0)
    return given.variables, np.concatenate([held, given.values]), before


def _effects(
    rng: Generator, effects: str, x: NDArray, sigma2_mu: float, sigma2_xi: float
) -> NDArray[np.float64]:
    """Return fixed or random effects, shape (T, n); mu and xi are drawn whatever the structure."""
    T, n, _ = x.shape
    mu, xi = np.sqrt(sigma2_mu) * rng.standard_normal(n), np.sqrt(sigma2_xi) * rng.standard_normal(T)
    shift = np.zeros((T, n))
    if effects in ("individual", "twoways", "random", "correlated"):
        shift += mu
    if effects in ("individual", "twoways", "correlated"):
        shift += MUNDLAK * x.mean(axis=0).sum(axis=-1)
    if effects in ("time", "twoways"):
        shift += xi[:, None]
    return shift


def _lags(weights: Any, n_periods: int) -> Lags:
    given = list(weights) if isinstance(weights, list | tuple) else [weights]
    if len(given) not in (1, n_periods):
        raise ConfigError(
            "Weights that vary by period need one matrix per period.",
            expected=f"{n_periods} matrices",
            found=f"{len(given)} matrices",
        )
    coerced = {id(w): Weights.coerce(w) for w in given}
    lags = Lags(tuple(coerced[id(w)] for w in given))
    for w in lags.by_period[1:]:
        check_aligned(lags.at(0).labels, w)
    return lags


def _extended(lags: Lags, before: int) -> Lags:
    """Let the weights of the first period serve the periods before it."""
    return lags if lags.is_constant or not before else Lags((lags.at(0),) * before + lags.by_period)


def _check_parameters(model: str, process: Process, persistence: float, variances: tuple[float, ...]) -> None:
    check_known(model, tuple(MODELS), "model")
    terms = MODELS[model].terms
    allowed = {
        "rho": terms.lag,
        "lam": terms.error,
        "theta": terms.durbin,
        "tau": model in DYNAMIC_MODELS,
        "eta": model in DYNAMIC_MODELS,
    }
    given = {f.name: np.any(np.asarray(getattr(process, f.name)) != 0) for f in fields(process)}
    foreign = [name for name, has in allowed.items() if given[name] and not has]
    if foreign:
        raise ConfigError(
            f"{model.upper()} has no such parameters.",
            expected=f"zero for {', '.join(name for name, has in allowed.items() if not has)}",
            found=f"not zero: {offenders(foreign)}",
            remedy="name the model that has them, e.g. 'gns'",
        )
    if len(process.theta) != len(process.beta):
        raise ConfigError(
            "Every regressor has an entry in theta, zero where it has no spatial lag.",
            expected=f"{len(process.beta)} entries, as in beta",
            found=f"{len(process.theta)} entries",
        )
    if min(variances) < 0 or not abs(persistence) < 1:
        raise ConfigError(
            "Variances are not negative, and persistence lies between -1 and 1.",
            found=f"variances {', '.join(f'{v:g}' for v in variances)}; persistence {persistence:g}",
        )


def _check_stable(process: Process, lags: Lags, error_lags: Lags) -> None:
    for name, value, used in (("rho", process.rho, lags), ("lam", process.lam, error_lags)):
        for w in dict.fromkeys(used.by_period) if value else ():
            low, high = log_determinant(w).interval
            margin = EDGE * (high - low)
            if not low + margin < value < high - margin:
                raise ConfigError(
                    f"{name} lies outside its admissible interval.",
                    expected=f"a value inside ({low:.6f}, {high:.6f})",
                    found=f"{name} = {value:g}",
                )
    if process.tau or process.eta:
        for w in dict.fromkeys(lags.by_period):
            root = float(
                np.abs((process.tau + process.eta * w.eigenvalues) / (1 - process.rho * w.eigenvalues)).max()
            )
            if root >= 1:
                raise ConfigError(
                    "The dynamic process is not stable.",
                    expected="eigenvalues of (I - rho W)^{-1} (tau I + eta W) below one in absolute value",
                    found=f"largest absolute eigenvalue {root:.4f}",
                    remedy="choose tau + rho + eta < 1",
                )
