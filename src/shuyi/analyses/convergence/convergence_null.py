"""What regressions of growth on the initial level find where nothing converges, and what is left beside it.

With fixed effects the coefficient b of the initial level is pulled down: by Nickell's bias, of order 1/T,
where units do converge, and by more where levels are random walks. With n = 31 and eight years of growth,
walks without any convergence give b = -.35 on average, and a t test finds convergence in nearly all of
them. Three answers:

* the distribution of b over random walks of the same n, T, effects, controls and estimator, and the share of
  them at least as low as the estimate (one-sided p-value);
* the value of b whose mean estimate equals the estimate (indirect inference), with the interval of all b
  under which the estimate is not an outlier;
* the half-panel jackknife ``2 b - (b_1 + b_2) / 2``, b_1 and b_2 of the two halves of the years, which takes
  away a bias of order 1/T.

Without effects of units b is hardly biased, but its t test still rejects .07 to .10 at 5 % where growth is
autocorrelated and correlated between neighbours; the same distribution answers it.

Panels are drawn from ``z_t = (1 + b) z_{t-1} + e_t`` with e normal, AR(1) where growth is (the coefficient
that its residuals imply under b = 0, see `spatialpanel.tests.autocorrelation`), with the variance of each
unit's growth, started from their stationary distribution and, at b = 0, from the first levels. Fixed effects
cancel. Drifts that differ between walks would move the distribution towards zero: without them the test is
the stricter.

Nickell (1981); Gourieroux, Phillips and Yu (2010); Dhaene and Jochmans (2015).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.analyses.convergence.convergence import GROWTH, INITIAL, Scale, growth_panel
from shuyi.errors import ConfigError, DataError, check_known
from shuyi.frames import rows_frame
from shuyi.spatialpanel.diagnostics.autocorrelation import autocorrelation, expected_autocorrelation
from shuyi.spatialpanel.diagnostics.result import check_draws
from shuyi.spatialpanel.montecarlo.simulate import autoregressive
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    import pandas as pd
    from numpy.random import Generator
    from numpy.typing import NDArray

    from shuyi.panel import Panel
    from shuyi.spatialpanel.likelihood import Point
    from shuyi.weights import Weights

    Array = NDArray[np.float64]

STRUCTURES = ("time", "individual", "twoways")
MODELS = ("sar", "sem", "sdm", "sdem", "slx")
TRUTHS = 0.0 - np.array([0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0])
"""Values of b at which the mean and the quantiles of the estimate are simulated."""

BURN_IN = 100
"""Periods before the first of a spatial process, from zero."""

MIN_PERIODS = 4
"""Intervals of growth that leave each half of the panel two."""

MAX_AR = 0.9
LEVEL = 0.95

BASES = ("coefficient", "total")
Estimator = Callable[["Array", "Array"], "Array"]
"""Takes growth and initial level of R panels, shapes (R, T, n), and returns b of each, shape (R,) or, with
its total effect beside it, (R, 2)."""


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """Innovations of drawn panels.

    Attributes
    ----------
    growth_ar : float
        AR(1) coefficient.
    spread : ndarray, shape (n,), or float
        Standard deviation by unit.
    carrier : ndarray, shape (n, n), or None
        What multiplies innovations and, in the equation of growth, ``b z_{t-1}``: ``(I - rho W)^{-1}``. None
        is the identity.
    start : ndarray, shape (n,), or float
        First levels of random walks.
    """

    growth_ar: float = 0.0
    spread: Array | float = 1.0
    carrier: Array | None = None
    start: Array | float = 0.0


PLAIN = Walks()


@dataclass(frozen=True, slots=True)
class BetaNull:
    """An estimate of b beside what random walks give.

    Attributes
    ----------
    variable : str
        Variable.
    model : str
        ``"ols"`` or a spatial model.
    basis : str
        ``"coefficient"``, or ``"total"`` effect of the initial level.
    effects : str
        Fixed effects of the regression.
    controls : tuple of str
        Variables held constant.
    n, T : int
        Units and intervals of growth.
    span : int
        Years per interval.
    estimate : float
        b, negative under convergence.
    half_panel : float
        Half-panel jackknife.
    corrected, corrected_low, corrected_high : float
        By indirect inference, with the 95 % interval; between -1 and 0, at whose ends they stop. An interval
        that reaches 0 does not exclude that nothing converges. NaN where it was not asked for.
    null_mean, null_sd, null_low, null_high : float
        Mean, standard deviation and 2.5 and 97.5 % points over random walks.
    p_value : float
        One-sided: share of random walks whose b is at most the estimate.
    growth_ar : float
        AR(1) coefficient of the growth of the walks.
    draws, seed : int
        Number of draws, and start of the random numbers.
    """

    variable: str
    model: str
    basis: str
    effects: str
    controls: tuple[str, ...]
    n: int
    T: int
    span: int
    estimate: float
    half_panel: float
    corrected: float
    corrected_low: float
    corrected_high: float
    null_mean: float
    null_sd: float
    null_low: float
    null_high: float
    p_value: float
    growth_ar: float
    draws: int
    seed: int


def beta_null(
    panel: Panel,
    variable: str,
    *,
    controls: Sequence[str] = (),
    scale: Scale = "level",
    span: int = 1,
    effects: str = "twoways",
    model: str = "ols",
    weights: Weights | None = None,
    growth_ar: float | None = None,
    corrects: bool = True,
    draws: int = 999,
    seed: int,
) -> BetaNull:
    """Return b of a panel regression of growth, its bias-corrected forms and its null distribution.

    Parameters
    ----------
    panel : Panel
        Levels by unit and year, evenly spaced.
    variable : str
        Variable.
    controls : sequence of str
        At the start of each interval; held as they are in all drawn panels, with coefficients of zero there.
    scale : {"level", "log"}
        Whether the variable holds levels, whose logs are taken, or logs.
    span : int
        Years per interval.
    effects : {"time", "individual", "twoways"}
        Effects that the model removes.
    model : {"ols", "sar", "sem", "sdm", "sdem", "slx"}
        A spatial model is estimated as by `convergence.spatial_beta` (``lee_yu``); its walks have growth with
        the estimated rho or lam, and no other spatial term.
    weights : Weights, optional
        For spatial models.
    growth_ar : float, optional
        AR(1) coefficient of the growth of the walks; by default what the residuals imply.
    corrects : bool, default True
        Whether b is corrected by indirect inference, which draws at eleven values of b instead of at zero.
    draws : int
        Panels drawn at every value of b.
    seed : int
        Start of the random numbers, zero or more.

    Returns
    -------
    BetaNull

    Raises
    ------
    ConfigError
        If an option is unknown, draws are not positive, or a spatial model has no weights.
    DataError
        As `convergence.growth_panel`, or if there are fewer than four intervals.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.panel import Panel
    >>> walks = np.random.default_rng(1).standard_normal((9, 20)).cumsum(axis=0)
    >>> panel = Panel(walks[..., None], tuple(map(str, range(20))), tuple(range(2016, 2025)), ("z",))
    >>> found = beta_null(panel, "z", scale="log", draws=99, seed=1)
    >>> found.estimate < -0.2, found.p_value > 0.05
    (True, True)
    """
    found = beta_nulls(
        panel,
        variable,
        controls=controls,
        scale=scale,
        span=span,
        effects=effects,
        model=model,
        weights=weights,
        growth_ar=growth_ar,
        corrects=corrects,
        draws=draws,
        seed=seed,
    )
    return found[0]


def beta_nulls(
    panel: Panel,
    variable: str,
    *,
    controls: Sequence[str],
    scale: Scale = "level",
    span: int = 1,
    effects: str = "twoways",
    model: str = "ols",
    weights: Weights | None = None,
    growth_ar: float | None = None,
    corrects: bool = True,
    draws: int,
    seed: int,
) -> tuple[BetaNull, ...]:
    """Return `beta_null` of the coefficient and, for spatial models, of the total effect.

    Parameters
    ----------
    panel, variable, controls, scale, span, effects, model, weights, growth_ar, corrects, draws, seed
        As `beta_null`.

    Returns
    -------
    tuple of BetaNull
        One or two.

    Raises
    ------
    ConfigError, DataError
        See `beta_null`.
    """
    _refuse(effects, model, weights, draws, seed)
    data = growth_panel(panel, variable, controls=controls, scale=scale, span=span)
    if data.T < MIN_PERIODS:
        raise DataError(
            "Too few intervals of growth for a bias-corrected estimate.",
            expected=f"at least {MIN_PERIODS}",
            found=str(data.T),
            remedy="shorten the span",
        )
    x = data.array(tuple(controls))
    growth, initial = data[GROWTH], data[INITIAL]
    spatial = _spatial_parameters(growth, x, effects, model, weights)
    left = _growth_residuals(growth, x, effects)
    coefficient = _growth_ar(left, x, effects) if growth_ar is None else growth_ar
    walks = Walks(coefficient, np.sqrt((left**2).mean(axis=0)), spatial, initial[0])
    estimator = _estimator(x, effects, model, weights)
    truths = TRUTHS if corrects else TRUTHS[:1]
    sample = simulate_slopes(estimator, (data.T, data.n), truths, draws, seed, walks)
    estimates = estimator(growth[None], initial[None]).reshape(-1)
    halves = _halves(growth, initial, x, effects, model, weights).reshape(2, -1)
    samples = sample.reshape(len(truths), draws, -1)
    return tuple(
        BetaNull(
            variable=variable,
            model=model,
            basis=BASES[j],
            effects=effects,
            controls=tuple(controls),
            n=data.n,
            T=data.T,
            span=span,
            estimate=float(estimate),
            half_panel=float(2 * estimate - halves[:, j].mean()),
            growth_ar=coefficient,
            draws=draws,
            seed=seed,
            **_beside(float(estimate), samples[..., j]),
        )
        for j, estimate in enumerate(estimates)
    )


def _beside(estimate: float, sample: Array) -> dict[str, float]:
    """Return the corrected estimate with its interval, what walks give, and the p-value."""
    null = sample[0]
    low, high = np.quantile(null, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    corrected = invert(estimate, sample) if len(sample) > 1 else (float("nan"),) * 3
    return {
        **dict(zip(("corrected", "corrected_low", "corrected_high"), corrected, strict=True)),
        "null_mean": float(null.mean()),
        "null_sd": float(null.std(ddof=1)),
        "null_low": float(low),
        "null_high": float(high),
        "p_value": float((1 + (null <= estimate).sum()) / (1 + len(null))),
    }


def beta_null_frame(
    panel: Panel,
    variables: Sequence[str],
    weights: Weights,
    *,
    kinds: Mapping[str, tuple[str, Sequence[str]]],
    models: Sequence[str] = ("sar", "sem", "sdm"),
    span: int = 1,
    draws: int = 999,
    seed: int,
) -> pd.DataFrame:
    """Return `beta_nulls` of several variables by least squares and by spatial models.

    Parameters
    ----------
    panel : Panel
        Levels by unit and year, evenly spaced.
    variables : sequence of str
        Levels above zero.
    weights : Weights
        In the panel's order of units.
    kinds : mapping of str to (str, sequence of str)
        Effects that the model removes, and variables held constant, by name of the kind of convergence.
        Least squares with effects of units is corrected by indirect inference.
    models : sequence of str
        Spatial models beside least squares.
    span : int
        Years per interval.
    draws, seed : int
        Number of draws, and start of the random numbers.

    Returns
    -------
    DataFrame
        One row per variable, kind, model and basis, with the fields of `BetaNull` as columns and ``kind``;
        none where there are fewer than four intervals.

    Raises
    ------
    ConfigError, DataError
        See `beta_null`.
    """
    enough = (panel.T - 1) // span >= MIN_PERIODS
    rows = [
        (kind, row)
        for variable in (variables if enough else ())
        for kind, (effects, controls) in kinds.items()
        for model in ("ols", *models)
        for row in beta_nulls(
            panel,
            variable,
            controls=controls,
            span=span,
            effects=effects,
            model=model,
            weights=weights,
            corrects=model == "ols" and effects != "time",
            draws=draws,
            seed=seed,
        )
    ]
    frame = rows_frame([row for _, row in rows], BetaNull)
    controls_text = [" ".join(row.controls) for _, row in rows]
    return frame.assign(controls=controls_text, kind=[kind for kind, _ in rows])


def simulate_slopes(
    estimator: Estimator,
    shape: tuple[int, int],
    truths: Array,
    draws: int,
    seed: int,
    walks: Walks = PLAIN,
) -> Array:
    """Return estimates of b from drawn panels at each true b, shape (g, draws).

    Parameters
    ----------
    estimator : callable
        See `Estimator`.
    shape : (T, n)
        Intervals of growth and units.
    truths : ndarray, shape (g,)
        True values of b, from -1 to 0. All share their innovations.
    draws, seed : int
        Number of draws, and start of the random numbers.
    walks : Walks
        Of their innovations; by default independent with variance one.

    Returns
    -------
    ndarray, shape (g, draws) or (g, draws, 2)
        One row per true b, as the estimator returns it.
    """
    found = []
    for b in truths:
        levels = draw_levels(np.random.default_rng(seed), (draws, *shape), float(b), walks)
        found.append(estimator(np.diff(levels, axis=1), levels[:, :-1]))
    return np.array(found)


def draw_levels(
    rng: Generator,
    shape: tuple[int, int, int],
    b: float,
    walks: Walks = PLAIN,
) -> Array:
    """Return levels ``z_t = z_{t-1} + C (b z_{t-1} + e_t)``, C the carrier, shape (R, T + 1, n).

    Parameters
    ----------
    rng : Generator
        Random numbers.
    shape : (R, T, n)
        Panels, intervals of growth and units.
    b : float
        Coefficient of the initial level, from -1 to 0.
    walks : Walks
        Innovations of the drawn panels.

    Returns
    -------
    ndarray, shape (R, T + 1, n)
        Levels, the initial one first.
    """
    R, T, n = shape
    before = 0 if b == 0 else BURN_IN
    e = walks.spread * autoregressive(rng.standard_normal((R, T + before, n)), walks.growth_ar)
    carrier = walks.carrier
    levels = np.zeros((R, T + 1, n))
    z = np.zeros((R, n)) + (walks.start if b == 0 else 0.0)
    levels[:, 0] = z
    for t in range(T + before):
        step = b * z + e[:, t]
        z = z + (step if carrier is None else step @ carrier.T)
        if t >= before - 1:
            levels[:, t - before + 1] = z
    return levels


def invert(estimate: float, sample: Array) -> tuple[float, float, float]:
    """Return the b whose mean estimate is the estimate, and the 95 % interval, within the simulated values.

    Parameters
    ----------
    estimate : float
        Estimate of b.
    sample : ndarray, shape (g, draws)
        Estimates at each of `TRUTHS`.

    Returns
    -------
    tuple of float
        Corrected b, and the ends of its interval.
    """
    tails = np.quantile(sample, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=1)
    curves = (sample.mean(axis=1), tails[1], tails[0])
    corrected, low, high = (_inverse(estimate, curve) for curve in curves)
    return corrected, low, high


def _inverse(estimate: float, curve: Array) -> float:
    """Return where a curve over `TRUTHS`, made monotone, meets the estimate."""
    falling = np.minimum.accumulate(curve)
    return float(np.interp(-estimate, -falling, TRUTHS)) + 0.0


def within_slopes(growth: Array, initial: Array, controls: Array, effects: str) -> Array:
    """Return b of least squares with fixed effects for R panels, shape (R,).

    Parameters
    ----------
    growth, initial : ndarray, shape (R, T, n)
        Growth over each interval, and log level at its start.
    controls : ndarray, shape (T, n, k)
        The same in all panels.
    effects : {"individual", "twoways"}
        Effects that the model removes.

    Returns
    -------
    ndarray, shape (R,)
        One slope per panel.
    """
    left, right = (_partialled(values, controls, effects) for values in (growth, initial))
    slopes: Array = (left * right).sum(axis=1) / (right * right).sum(axis=1)
    return slopes


def _partialled(values: Array, controls: Array, effects: str) -> Array:
    """Remove effects and controls from R panels, shape (R, T n)."""
    demeaned = np.moveaxis(within(np.moveaxis(values, 0, -1), effects), -1, 0)
    rows = demeaned.reshape(len(values), -1)
    if not controls.shape[2]:
        return rows
    basis = np.linalg.qr(within(controls, effects).reshape(-1, controls.shape[2]))[0]
    left: Array = rows - (rows @ basis) @ basis.T
    return left


def _estimator(x: Array, effects: str, model: str, weights: Weights | None) -> Estimator:
    if model == "ols":
        return lambda growth, initial: within_slopes(growth, initial, x, effects)
    assert weights is not None

    def estimates(growth: Array, initial: Array) -> Array:
        parts = [np.concatenate([z[..., None], x], axis=2) if x.shape[2] else z[..., None] for z in initial]
        return np.array(
            [_spatial_slopes(g, z, effects, model, weights) for g, z in zip(growth, parts, strict=True)]
        )

    return estimates


def _spatial_slopes(
    growth: Array, x: Array, effects: str, model: str, weights: Weights
) -> tuple[float, float]:
    """Return the first slope of a spatial model under ``lee_yu``, and its total effect."""
    point = _spatial_estimate(growth, x, effects, model, weights)
    b, k = point.beta, x.shape[2]
    lagged = b[k] if len(b) > k else 0.0
    return float(b[0]), float((b[0] + lagged) / (1 - point.rho))


def _spatial_estimate(growth: Array, x: Array, effects: str, model: str, weights: Weights) -> Point:
    """Return the estimate of a spatial model under ``lee_yu``."""
    from shuyi.spatialpanel.design import Design, Lags
    from shuyi.spatialpanel.likelihood import build_problem, reduce
    from shuyi.spatialpanel.models import MODELS as CLASSES
    from shuyi.spatialpanel.optimise import maximise
    from shuyi.spatialpanel.transforms import resolve_convention

    terms = CLASSES[model].terms
    names, lags = tuple(f"x{j}" for j in range(x.shape[2])), Lags((weights,))
    durbin = names if terms.durbin else ()
    periods = tuple(range(len(growth)))
    error = lags if terms.error else None
    design = Design("growth", names, durbin, growth, x, weights.labels, periods, lags, error)
    convention = resolve_convention(
        "lee_yu",
        effects,
        design.n,
        design.T,
        row_standardised=lags.is_row_standardised,
        constant_weights=True,
    )
    problem = build_problem(design, convention, has_lag=terms.lag)
    return maximise(problem, reduce(problem))[0]


def _spatial_parameters(
    growth: Array, x: Array, effects: str, model: str, weights: Weights | None
) -> Array | None:
    """Return ``(I - rho W)^{-1}`` or ``(I - lam W)^{-1}`` of growth without the initial level."""
    if model in ("ols", "slx"):
        return None
    assert weights is not None
    plain = {"sdm": "sar", "sdem": "sem"}.get(model, model)
    if not x.shape[2]:
        x = _placeholder(growth)
    point = _spatial_estimate(growth, x, effects, plain, weights)
    found = np.linalg.inv(np.eye(weights.n) - (point.rho or point.lam) * weights.to_dense())
    return found.astype(np.float64)


def _placeholder(growth: Array) -> Array:
    """Return one regressor without meaning, for models that need one."""
    return np.random.default_rng(0).standard_normal((*growth.shape, 1))


def _growth_residuals(growth: Array, x: Array, effects: str) -> Array:
    """Return growth less effects and controls, shape (T, n)."""
    return _partialled(growth[None], x, effects)[0].reshape(growth.shape)


def _growth_ar(left: Array, x: Array, effects: str) -> float:
    T, n = left.shape
    expected = expected_autocorrelation(T, n, effects, x if x.shape[2] else None)
    return float(np.clip(expected.invert(autocorrelation(left)[0]), -MAX_AR, MAX_AR))


def _halves(
    growth: Array, initial: Array, x: Array, effects: str, model: str, weights: Weights | None
) -> Array:
    """Return b of both halves of the intervals; the middle one is in both where their number is odd."""
    T = len(growth)
    parts = (slice(0, (T + 1) // 2), slice(T // 2, T))
    return np.array(
        [_estimator(x[p], effects, model, weights)(growth[None, p], initial[None, p])[0] for p in parts]
    )


def _refuse(effects: str, model: str, weights: Weights | None, draws: int, seed: int) -> None:
    check_known(effects, STRUCTURES, "effects structure of conditional convergence")
    check_known(model, ("ols", *MODELS), "model")
    check_draws(draws, seed)
    if model != "ols" and weights is None:
        raise ConfigError(
            "A spatial model of convergence needs weights.",
            expected="weights=",
            found="none",
            remedy="pass them",
        )
