"""Recovered fixed effects, reduced-form values, predictions and measures of fit of static models.

With ``r_t = y_t - rho W y_t - X_t b - W Z_t th`` in levels (not ``y - X b``) and ``A = I - lam W2``, the
fixed effects are those of the least-squares dummies,

    individual: mean_t r_t,    time: a'r_t,    a = A'A 1 / 1'A'A 1,

so that ``a'r_t`` is the mean where there is no spatial error process. Printed are an intercept and effects
that sum to zero: the intercept is the mean of the individual effects where there are any, else of the time
effects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import AlignmentError, ConfigError, DataError, check_known, offenders
from shuyi.panel import Panel
from shuyi.spatialpanel.design import INTERCEPT
from shuyi.spatialpanel.effects import normal_p_value
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point
from shuyi.weights import Weights, check_aligned

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


NEW_PERIODS = ("mean", "last")


@dataclass(frozen=True, slots=True, eq=False)
class FixedEffects:
    """Intercept and effects that sum to zero, each with its standard error.

    Attributes
    ----------
    intercept : ndarray, shape (2,)
        Estimate and standard error; zeros for a pooled model, whose intercept is a coefficient.
    individual : ndarray, shape (2, n), or None
        Estimates and standard errors of the individual effects.
    time : ndarray, shape (2, T), or None
        Estimates and standard errors of the time effects.
    """

    intercept: NDArray[np.float64]
    individual: NDArray[np.float64] | None
    time: NDArray[np.float64] | None

    def surface(self, T: int, n: int) -> NDArray[np.float64]:
        """Return the sum of the effects, shape (T, n).

        Parameters
        ----------
        T : int
            Number of periods.
        n : int
            Number of units.

        Returns
        -------
        ndarray, shape (T, n)
            In the unit of the outcome.
        """
        total = np.full((T, n), self.intercept[0])
        if self.individual is not None:
            total = total + self.individual[0]
        if self.time is not None:
            total = total + self.time[0][:, None]
        return total


def recover(problem: LikelihoodProblem, point: Point, cov: NDArray | None = None) -> FixedEffects:
    """Recover the fixed effects of a static model.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.
    cov : ndarray, shape (p, p), optional
        Covariance of the estimates, in the order of ``problem.names``; without it the errors are NaN.

    Returns
    -------
    FixedEffects
        Estimates with their standard errors.

    Notes
    -----
    Errors are those of the delta method: ``s2 L (A'A)^{-1} L' + D V D'`` with L the means above, V the
    covariance of (b, th, rho) and D the same means of (X, W Z, W y). The first part takes innovations as
    independent with the fit's sigma2, whatever the kind of covariance.
    """
    r, slopes = _levels(problem, point)
    noise = _Noise(problem, point)
    effects, n, T = problem.convention.effects, *r.shape[::-1]
    if effects == "pooled":
        return FixedEffects(np.zeros(2), None, None)
    sizes = slopes.shape[2]
    keep = None if cov is None else cov[:sizes, :sizes]
    if effects == "time":
        values, moved = noise.across(r), noise.across(slopes)
        return FixedEffects(
            _mean(values, moved, keep, noise.of_mean_period()),
            None,
            _centred(values, moved, keep, noise.of_periods()),
        )
    values, moved = r.mean(axis=0), slopes.mean(axis=0)
    intercept = _mean(values, moved, keep, noise.of_mean_unit(T))
    individual = _centred(values, moved, keep, noise.of_units(n, T))
    if effects == "individual":
        return FixedEffects(intercept, individual, None)
    over_time = noise.across(r - values), noise.across(slopes - moved)
    return FixedEffects(intercept, individual, _centred(*over_time, keep, noise.of_periods()))


@dataclass(frozen=True)
class _Noise:
    """Means over units and the variance that innovations leave in them."""

    problem: LikelihoodProblem
    point: Point

    def _filters(self) -> list[NDArray[np.float64]]:
        error, design = self.problem.design.error_lags, self.problem.design
        if error is None:
            return []
        unit = np.eye(design.n)
        return [unit - self.point.lam * error.at(t).to_dense() for t in range(design.T)]

    def across(self, values: NDArray) -> NDArray[np.float64]:
        """Return ``a_t'v_t`` of values of shape (T, n) or (T, n, k)."""
        filters = self._filters()
        if not filters:
            return values.mean(axis=1)
        ends = [f.T @ f.sum(axis=1) for f in filters]
        return np.stack([end @ v / end.sum() for end, v in zip(ends, values, strict=True)])

    def of_periods(self) -> NDArray[np.float64]:
        """Variances of centred period effects, shape (T,)."""
        alone = self._periods()
        T = len(alone)
        return alone * (1 - 2 / T) + alone.mean() / T

    def of_mean_period(self) -> float:
        """Variance of the mean of the period effects."""
        alone = self._periods()
        return float(alone.mean() / len(alone))

    def _periods(self) -> NDArray[np.float64]:
        design, s2 = self.problem.design, self.point.sigma2
        filters = self._filters()
        if not filters:
            return np.full(design.T, s2 / design.n)
        return np.array([s2 / float((f.sum(axis=1) ** 2).sum()) for f in filters])

    def _units(self) -> NDArray[np.float64] | None:
        filters = self._filters()
        inverses = [np.linalg.inv(f.T @ f) for f in (filters if not self._is_constant() else filters[:1])]
        return self.point.sigma2 * np.mean(inverses, axis=0) if inverses else None

    def _is_constant(self) -> bool:
        error = self.problem.design.error_lags
        return error is None or error.is_constant

    def of_units(self, n: int, T: int) -> NDArray[np.float64]:
        """Variances of centred unit effects, shape (n,)."""
        matrix = self._units()
        if matrix is None:
            return np.full(n, self.point.sigma2 / T * (1 - 1 / n))
        rows = matrix.mean(axis=1)
        return (np.diag(matrix) - 2 * rows + rows.mean()) / T

    def of_mean_unit(self, T: int) -> float:
        """Variance of the mean of the unit effects."""
        matrix = self._units()
        n = self.problem.design.n
        return self.point.sigma2 / (n * T) if matrix is None else float(matrix.mean() / T)


def _levels(problem: LikelihoodProblem, point: Point) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return r (T, n) and minus its derivatives by the coefficients and rho, (T, n, k) or (T, n, k + 1)."""
    design = problem.design
    x = regressors(problem, design.x)
    r = design.y - x @ point.beta
    if problem.wy is None or design.lags is None:
        return r, x
    lagged = design.lags.lag(design.y)
    return r - point.rho * lagged, np.concatenate([x, lagged[:, :, None]], axis=2)


def regressors(problem: LikelihoodProblem, x: NDArray) -> NDArray[np.float64]:
    """Return regressors and their spatial lags in levels, shape (T, n, k).

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    x : ndarray, shape (T, n, k)
        Regressors in levels.

    Returns
    -------
    ndarray, shape (T, n, k + q)
        The regressors, then the spatial lags of q of them.
    """
    design = problem.design
    if not design.durbin:
        return x
    assert design.lags is not None
    return np.concatenate([x, design.lags.lag(x[:, :, design.durbin_positions])], axis=2)


def _mean(values: NDArray, moved: NDArray, cov: NDArray | None, noise: float) -> NDArray[np.float64]:
    slope = moved.mean(axis=0)
    error = np.nan if cov is None else np.sqrt(noise + slope @ cov @ slope)
    return np.array([values.mean(), error])


def _centred(values: NDArray, moved: NDArray, cov: NDArray | None, noise: NDArray) -> NDArray[np.float64]:
    slopes = moved - moved.mean(axis=0)
    error = np.full(len(values), np.nan)
    if cov is not None:
        error = np.sqrt(noise + np.einsum("ik,kl,il->i", slopes, cov, slopes))
    return np.stack([values - values.mean(), error])


def fixed_effects_frame(problem: LikelihoodProblem, point: Point, cov: NDArray) -> pd.DataFrame:
    """Return the recovered effects of a static model as a table (see `results.Fit.fixed_effects`).

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        The estimate.
    cov : ndarray, shape (p, p)
        Its covariance.

    Returns
    -------
    DataFrame
        Columns kind, label, estimate, std_error, z and p_value.

    Raises
    ------
    ConfigError
        If the model is pooled.
    """
    import pandas as pd

    if problem.convention.effects == "pooled":
        raise ConfigError(
            "A pooled model has no fixed effects.", remedy="its intercept is the estimate 'const'"
        )
    found = recover(problem, point, cov)
    blocks: list[tuple[str, list[Any], NDArray | None]] = [
        ("intercept", [INTERCEPT], found.intercept[:, None]),
        ("individual", list(problem.design.units), found.individual),
        ("time", list(problem.design.periods), found.time),
    ]
    rows = [
        {"kind": kind, "label": str(label), "estimate": value, "std_error": error}
        for kind, names, values in blocks
        if values is not None
        for label, value, error in zip(names, *values.tolist(), strict=True)
    ]
    frame = pd.DataFrame(rows)
    frame["z"] = frame["estimate"] / frame["std_error"]
    frame["p_value"] = [normal_p_value(z) for z in frame["z"]]
    return frame


def reduced_form(problem: LikelihoodProblem, point: Point) -> NDArray[np.float64]:
    """Return ``S_t (X_t b + W Z_t th + effects)``, shape (T, n): fitted without the observed W y.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    ndarray, shape (T, n)
        In the unit of the outcome.
    """
    design = problem.design
    mean = regressors(problem, design.x) @ point.beta + recover(problem, point).surface(design.T, design.n)
    return solve_lag(problem, point, mean)


def solve_lag(problem: LikelihoodProblem, point: Point, mean: NDArray) -> NDArray[np.float64]:
    """Return ``(I - rho W_t)^{-1} mean_t``, shape (T, n).

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.
    mean : ndarray, shape (T, n)
        What the lag carries on.

    Returns
    -------
    ndarray, shape (T, n)
        The mean itself for a model without rho.
    """
    lags = problem.design.lags
    if problem.wy is None or lags is None:
        return mean
    found = np.empty_like(mean)
    for weights, periods in lags.distinct(len(mean)):
        found[periods] = solve_spatial(weights, point.rho, mean[periods])
    return found


def solve_spatial(weights: Weights, rho: float, values: NDArray) -> NDArray[np.float64]:
    """Return ``(I - rho W)^{-1} v`` for rows v of shape (m, n), dense or sparse as W is stored.

    Parameters
    ----------
    weights : Weights
        Spatial weights in the panel's order of units.
    rho : float
        One value of rho.
    values : ndarray, shape (m, n)
        Vectors v in rows.

    Returns
    -------
    ndarray, shape (m, n)
        The same rows, solved.
    """
    if not weights.is_sparse:
        return np.linalg.solve(np.eye(weights.n) - rho * weights.to_dense(), values.T).T
    from scipy.sparse import csc_array, eye_array
    from scipy.sparse.linalg import splu

    system = csc_array(eye_array(weights.n) - rho * weights.to_sparse())
    return splu(system).solve(np.ascontiguousarray(values.T)).T


R_SQUARED = {
    "within": "1 - e'e / y'y, innovations and transformed, centred outcome: given W y, effects left out",
    "overall": "1 - e'e / sum (y - mean y)^2: given W y, effects counted as explanation",
    "correlation_within": "squared correlation of the transformed outcome with S(X b + W Z th) of the "
    "transformed regressors (Elhorst 2014): effects left out, W y not given",
    "correlation": "squared correlation of the outcome with the reduced form S(X b + W Z th + effects)",
    "reduced_form": "1 - sum (y - reduced form)^2 / sum (y - mean y)^2: effects counted, W y not given",
}
"""Measures of fit and their definitions."""


def r_squared(problem: LikelihoodProblem, point: Point, e: NDArray) -> pd.DataFrame:
    """Return the measures of fit of `R_SQUARED`, columns ``value`` and ``definition``.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        The estimate.
    e : ndarray, shape (T, n)
        Its innovations, transformed.

    Returns
    -------
    DataFrame
        Indexed by name of the measure.
    """
    import pandas as pd

    y = problem.design.y
    predicted, inner = reduced_form(problem, point), solve_lag(problem, point, problem.x @ point.beta)
    total = float(((y - y.mean()) ** 2).sum())
    centred = problem.y - problem.y.mean()
    values = {
        "within": 1 - float((e * e).sum()) / float((centred * centred).sum()),
        "overall": 1 - float((e * e).sum()) / total,
        "correlation_within": _squared_correlation(problem.y, inner),
        "correlation": _squared_correlation(y, predicted),
        "reduced_form": 1 - float(((y - predicted) ** 2).sum()) / total,
    }
    return (
        pd.DataFrame({"value": values, "definition": R_SQUARED}).rename_axis("measure").loc[list(R_SQUARED)]
    )


def _squared_correlation(a: NDArray, b: NDArray) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = float((a * a).sum() * (b * b).sum())
    return float((a * b).sum()) ** 2 / scale if scale > 0 else float("nan")


def predict(
    problem: LikelihoodProblem,
    point: Point,
    data: Any,
    new_periods: str = "mean",
    weights: Mapping[int, Any] | None = None,
) -> pd.Series:
    """Predict the outcome for new regressors.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        The estimate.
    data : Panel or DataFrame indexed by (unit, period)
        Regressors of the fit's units; the periods may be others.
    new_periods : str, default "mean"
        Time effect of periods outside the sample, one of `NEW_PERIODS`.
    weights : mapping of int to weights, optional
        Weights of periods outside the sample, where weights vary by period.

    Returns
    -------
    Series
        Predictions indexed by (unit, period).

    Raises
    ------
    ConfigError, DataError
        See `results.Fit.predict`.
    """
    check_known(new_periods, NEW_PERIODS, "rule for new periods")
    panel = _new_panel(problem, data)
    design = problem.design
    effects = recover(problem, point)
    surface = FixedEffects(effects.intercept, effects.individual, None).surface(panel.T, panel.n)
    if effects.time is not None:
        surface = (
            surface + _time_effects(effects.time[0], design.periods, panel.periods, new_periods)[:, None]
        )
    lags = [_weights_for(problem, p, weights or {}) for p in panel.periods] if design.lags else []
    names = [r for r in design.regressors if r != INTERCEPT]
    x = panel.array(names)
    if INTERCEPT in design.regressors:
        x = np.concatenate([np.ones((panel.T, panel.n, 1)), x], axis=2)
    values = np.empty((panel.T, panel.n))
    for t in range(panel.T):
        row = x[t]
        if design.durbin:
            row = np.concatenate([row, lags[t].lag(x[t : t + 1, :, design.durbin_positions])[0]], axis=1)
        mean = (row @ point.beta + surface[t])[None]
        values[t] = solve_spatial(lags[t], point.rho, mean)[0] if problem.wy is not None else mean[0]
    return Panel(values[:, :, None], panel.units, panel.periods, ("prediction",)).to_frame()["prediction"]


def _new_panel(problem: LikelihoodProblem, data: Any) -> Panel:
    design = problem.design
    names = tuple(r for r in design.regressors if r != INTERCEPT)
    panel = data
    if not isinstance(data, Panel):
        panel = Panel.from_frame(data, variables=names)
    if sorted(panel.units) != sorted(design.units):
        other = sorted(set(panel.units) ^ set(design.units))
        raise AlignmentError(
            "A prediction needs the units of the fit: each depends on all others.",
            expected=f"the {design.n} units of the fit",
            found=f"not in both: {offenders(other)}",
        )
    panel = panel.select(units=design.units)
    if not np.isfinite(panel.array(names)).all():
        raise DataError(
            "The new data hold missing or infinite values.", expected="a finite number in every cell"
        )
    return panel


def _time_effects(
    values: NDArray, known: tuple[int, ...], asked: tuple[int, ...], rule: str
) -> NDArray[np.float64]:
    beyond = 0.0 if rule == "mean" else float(values[-1])
    place = {period: t for t, period in enumerate(known)}
    return np.array([values[place[p]] if p in place else beyond for p in asked])


def _weights_for(problem: LikelihoodProblem, period: Any, given: Mapping[Any, Any]) -> Weights:
    design = problem.design
    assert design.lags is not None
    if period in given:
        weights = Weights.coerce(given[period])
        check_aligned(design.units, weights)
        return weights
    if design.lags.is_constant:
        return design.lags.at(0)
    if period not in design.periods:
        raise ConfigError(
            "The weights vary by period, so that a new period needs weights of its own.",
            expected=f"weights={{{period}: ...}}",
            found=f"no weights for {period}",
        )
    return design.lags.at(design.periods.index(period))
