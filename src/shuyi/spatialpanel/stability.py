"""Stability of dynamic models, and their short- and long-run effects.

``y_t = tau y_{t-1} + rho W y_t + eta W y_{t-1} + ...`` is stable where every eigenvalue of
``(I - rho W)^{-1} (tau I + eta W)`` is smaller than one in modulus. Effects of one horizon are those of the
static model with the same coefficients (`dynamic_effects`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, ConvergenceError, check_known, offenders
from shuyi.spatialpanel.effects import Coefficients, Effects, coefficients, compute_effects, draw_where
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point
from shuyi.spatialpanel.logdet.choose import log_determinant
from shuyi.spatialpanel.views import LikelihoodFitViews

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.diagnostics.result import TestResult
    from shuyi.spatialpanel.logdet.base import LogDeterminant
    from shuyi.weights import Weights


HORIZONS = ("short", "long")


@dataclass(frozen=True, slots=True)
class Stability:
    """Whether an estimate is stable, and how surely.

    Attributes
    ----------
    total : float
        ``tau + w_max (rho + eta)`` with the largest real eigenvalue of W, which is one where rows of W sum to
        one.
    std_error : float
        Delta method.
    z, p_value : float
        ``(total - 1) / std_error`` and its one-sided p-value: the null is ``total >= 1``.
    spectral_radius : float
        Largest modulus of an eigenvalue of ``S (tau I + eta W)``.
    is_stable : bool
        Whether the spectral radius is below one.
    """

    total: float
    std_error: float
    z: float
    p_value: float
    spectral_radius: float
    is_stable: bool


def spectral_radius(roots: NDArray, tau: Any, eta: Any, rho: Any) -> NDArray[np.float64]:
    """Return the largest modulus of an eigenvalue of ``(I - rho W)^{-1} (tau I + eta W)``.

    The eigenvalues are ``(tau + eta w)/(1 - rho w)`` over the eigenvalues w of W, real or complex.

    Parameters
    ----------
    roots : ndarray, shape (r,)
        See `roots_of`.
    tau, eta, rho : float or ndarray of one shape (m,)
        Coefficients of ``y_{t-1}``, ``W y_{t-1}`` and ``W y_t``.

    Returns
    -------
    ndarray, shape () or (m,)

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.stability import spectral_radius
    >>> float(spectral_radius(np.array([-0.5, 1.0]), 0.5, 0.1, 0.2).round(3))
    0.75
    """
    tau, eta, rho = (np.asarray(a, float)[..., None] for a in (tau, eta, rho))
    return np.abs((tau + eta * roots) / (1 - rho * roots)).max(axis=-1)


def roots_of(weights: Weights, method: str = "auto") -> NDArray[Any]:
    """Return the eigenvalues of W that decide on stability.

    All of them where the log-determinant has them; else the smallest and the largest real one, which are
    enough where all are real, since ``(tau + eta w)/(1 - rho w)`` is then monotone in w.

    Parameters
    ----------
    weights : Weights
        Spatial weights in the panel's order of units.
    method : str, default "auto"
        Method of the log-determinant.

    Returns
    -------
    ndarray, shape (r,)
        Real or complex.
    """
    found = log_determinant(weights, method)
    return weights.eigenvalues if found.method == "eigenvalues" else 1 / np.array(found.interval)


def time_lags(problem: LikelihoodProblem, point: Point) -> tuple[float, float]:
    """Return tau and eta at a point; zero where the model has none.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    (float, float)
        tau and eta.
    """
    named = dict(zip(problem.design.names, point.beta.tolist(), strict=True))
    return named.get("tau", 0.0), named.get("eta", 0.0)


def radius_at(problem: LikelihoodProblem, point: Point) -> float:
    """Return the spectral radius of a dynamic model at a point.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    float
        Below one where the process is stable.
    """
    lags = problem.design.lags
    assert lags is not None
    roots = roots_of(lags.at(0), lag_determinant(problem).method)
    return float(spectral_radius(roots, *time_lags(problem, point), point.rho))


def lag_determinant(problem: LikelihoodProblem) -> LogDeterminant:
    """Return the log-determinant of a model whose lag has the same weights in all periods.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.

    Returns
    -------
    LogDeterminant
        That of ``I - rho W``.
    """
    assert problem.lag_jacobian is not None
    return problem.lag_jacobian.parts[0]


def outside_stability(what: str, point: Point, problem: LikelihoodProblem, radius: float) -> ConvergenceError:
    """Return the error that an estimate with this spectral radius is.

    Parameters
    ----------
    what : str
        Which estimate it is, as the subject of the message.
    point : Point
        Values of all parameters, usually the estimate.
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    radius : float
        Its spectral radius.

    Returns
    -------
    ConvergenceError
        To be raised.
    """
    tau, eta = time_lags(problem, point)
    return ConvergenceError(
        f"{what} lies outside the stable region.",
        expected="a spectral radius of (I - rho W)^{-1} (tau I + eta W) below one",
        found=f"{radius:.6f} at tau = {tau:.6f}, rho = {point.rho:.6f}, eta = {eta:.6f}",
        remedy="check for unit roots, difference the outcome or leave out tau or eta; "
        "correction='exact' with unstable='flag' shows the estimate without calling it a result",
    )


def stability(fit: LikelihoodFitViews) -> Stability:
    """Return the stability of a dynamic fit.

    Parameters
    ----------
    fit : Fit
        Fit of a dynamic model.

    Returns
    -------
    Stability
        Sum of the parameters with its test, and spectral radius.

    Raises
    ------
    ConfigError
        If the fit is static.
    DataError
        If the fit was read back without its weights.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR, stability
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sar", weights, 20, seed=1, rho=0.3, tau=0.4)
    >>> fit = SAR(panel, weights, outcome="y", regressors=["x1"], dynamic="tau").fit()
    >>> stability(fit).is_stable
    True
    """
    _check_is_dynamic(fit)
    roots = _roots(fit)
    largest = 1 / fit.intervals["rho"][1]
    slope = np.array([{"tau": 1.0, "eta": largest, "rho": largest}.get(name, 0.0) for name in fit.names])
    total = float(slope @ fit.values)
    error = float(np.sqrt(slope @ fit.covariance_matrix @ slope))
    z = (total - 1) / error
    radius = float(spectral_radius(roots, *(_value(fit, name) for name in ("tau", "eta", "rho"))))
    from statistics import NormalDist

    return Stability(total, error, z, NormalDist().cdf(z), radius, radius < 1)


def stability_test(fit: LikelihoodFitViews) -> TestResult:
    """Return the test of ``tau + w_max (rho + eta) >= 1`` against stability; large statistics reject.

    Parameters
    ----------
    fit : Fit
        Fit of a dynamic model.

    Returns
    -------
    TestResult
        Standard normal, one-sided.

    Raises
    ------
    ConfigError, DataError
        See `stability`.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR, stability_test
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sar", weights, 20, seed=1, rho=0.3, tau=0.4)
    >>> fit = SAR(panel, weights, outcome="y", regressors=["x1"], dynamic="tau").fit()
    >>> stability_test(fit).p_value < 0.05
    True
    """
    from shuyi.spatialpanel.diagnostics.result import standard_normal

    found = stability(fit)
    return standard_normal(
        "stability",
        "unit_root",
        -found.z,
        one_sided=True,
        note=f"tau + w_max (rho + eta) = {found.total:.6f}; spectral radius {found.spectral_radius:.6f}",
        reference="Lee and Yu (2010); Elhorst (2014, chapter 4)",
        group="dynamics",
        spec=fit.effects_structure,
    )


def dynamic_effects(
    fit: LikelihoodFitViews,
    horizon: str = "short",
    *,
    draws: int = 1000,
    seed: int = 1,
    level: float = 0.95,
    df: float = inf,
) -> Effects:
    """Return short- or long-run effects of a dynamic model with simulated and delta-method errors.

    Short run: ``(I - rho W)^{-1} (b_k I + th_k W)``; long run: ``((1 - tau) I - (rho + eta) W)^{-1}`` times
    the same, which is the static formula at ``b/(1 - tau)``, ``th/(1 - tau)`` and
    ``(rho + eta)/(1 - tau)`` (Debarsy, Ertur and LeSage 2012; Elhorst 2014, chapter 4). Draws outside the
    stable region are drawn again.

    Parameters
    ----------
    fit : Fit
        Fit of a dynamic model.
    horizon : {"short", "long"}, default "short"
        Response in the same period, or to a lasting change once all adjustment is over.
    draws : int, default 1000
        Number of random draws.
    seed : int, default 1
        Seed of the random draws.
    level : float, default 0.95
        Level of the intervals, in (0, 1).
    df : float, default inf
        Degrees of freedom that intervals and p-values refer to.

    Returns
    -------
    Effects
        Direct, indirect and total effect of each regressor.

    Raises
    ------
    ConfigError
        If the fit is static or the horizon unknown.
    ConvergenceError
        If the estimate or hardly any draw is stable.
    DataError
        If the fit was read back without its weights.
    """
    _check_is_dynamic(fit)
    check_known(horizon, HORIZONS, "horizon of effects")
    roots = _roots(fit)
    check_stable_effects(stability(fit).spectral_radius)
    at = coefficients(
        fit.names, ("tau", "eta", *fit.regressors), fit.durbin, fit.values, fit.covariance_matrix
    )
    low, high = fit.intervals["rho"]

    def is_stable(sample: NDArray) -> NDArray[np.bool_]:
        rho = sample[:, -1]
        inside = (rho > low) & (rho < high)
        return inside & (spectral_radius(roots, sample[:, 0], sample[:, 1], rho) < 1)

    sample, share = draw_where(at, is_stable, "tau, eta and rho", "a spectral radius below one", draws, seed)
    target = _at_horizon(at, horizon)
    return compute_effects(
        target,
        fit.spillover,
        has_rho=True,
        draws=draws,
        seed=seed,
        level=level,
        drawn=(_static_values(at, sample, horizon), share),
        df=df,
    )


def check_stable_effects(radius: float) -> None:
    """Raise ConvergenceError if effects are asked of a fit whose spectral radius is one or more.

    Parameters
    ----------
    radius : float
        Spectral radius of the estimate.

    Raises
    ------
    ConvergenceError
        If it is one or more.
    """
    if radius >= 1:
        raise ConvergenceError(
            "An estimate outside the stable region has no effects.",
            expected="a spectral radius of (I - rho W)^{-1} (tau I + eta W) below one",
            found=f"{radius:.6f}",
            remedy="use another specification: the fit was flagged, not accepted",
        )


def _at_horizon(at: Coefficients, horizon: str) -> Coefficients:
    """Return the static coefficients with the same effects, and the root of their covariance."""
    slope = _static_slope(at, horizon)
    return Coefficients(at.terms[2:], _static_values(at, at.values, horizon), slope @ at.root)


def _static_values(at: Coefficients, values: NDArray, horizon: str) -> NDArray[np.float64]:
    """Return (b, th, rho) of the static model with the same effects, shape (..., 2 K + 1)."""
    b, th, rho = at.split(values)
    tau, eta, b, th, rho = b[..., :1], b[..., 1:2], b[..., 2:], th[..., 2:], rho[..., None]
    if horizon == "short":
        return np.concatenate([b, th, rho], axis=-1)
    return np.concatenate([b, th, rho + eta], axis=-1) / (1 - tau)


def _static_slope(at: Coefficients, horizon: str) -> NDArray[np.float64]:
    """Return the derivatives of `_static_values` by the parameters, shape (2 K + 1, 2 K + 5)."""
    K, size = at.K - 2, len(at.values)
    slope = np.zeros((2 * K + 1, size))
    kept = [*range(2, 2 + K), *range(4 + K, 4 + 2 * K), size - 1]
    slope[range(2 * K + 1), kept] = 1.0
    if horizon == "short":
        return slope
    slope[-1, 1] = 1.0
    left = 1 - at.values[0]
    slope /= left
    slope[:, 0] = _static_values(at, at.values, horizon) / left
    return slope


def _roots(fit: LikelihoodFitViews) -> NDArray[Any]:
    return roots_of(fit.lag_weights, str(fit.logdet.get("method", "auto")))


def _value(fit: LikelihoodFitViews, name: str) -> float:
    return fit[name] if name in fit.names else 0.0


def _check_is_dynamic(fit: LikelihoodFitViews) -> None:
    if not fit.is_dynamic:
        raise ConfigError(
            "A static model is always stable and has one horizon.",
            expected="a fit with tau or eta",
            found=f"parameters {offenders(fit.names, 20)}",
            remedy="estimate the model with dynamic='both'",
        )
