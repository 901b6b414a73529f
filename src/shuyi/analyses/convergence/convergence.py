"""Sigma and beta convergence: whether dispersion falls, and whether units that start lower grow faster.

All beta regressions explain the log growth over an interval of s years (not divided by s) by the log level
at its start, ``ln y_{t+s} - ln y_t = a + b ln y_t + ...``, so that ``b = -(1 - exp(-speed s))`` and

    speed = -ln(1 + b) / s,    half-life = ln 2 / speed

(Barro and Sala-i-Martin 1992). The error of the speed is that of the delta method, ``se(b) / (s (1 + b))``.
Where ``1 + b <= 0`` there is no speed, and where the speed is not positive no half-life: both are NaN then.

Fixed effects leave the bias of Nickell (1981) in b, of order 1/T and downwards: with nine years a panel
estimate overstates the speed, which the cross-section does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from shuyi.arguments import check_level
from shuyi.errors import DataError, check_known
from shuyi.frames import labelled, rows_frame
from shuyi.panel import Panel, check_evenly_spaced
from shuyi.regions import Grouping, check_placed
from shuyi.validation import complete, positive
from shuyi.weights import Weights, check_aligned

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.spatialpanel import Fit

    Array = NDArray[np.float64]


Scale = Literal["level", "log"]
SCALES: tuple[Scale, ...] = ("level", "log")
"""Whether a variable holds levels, whose logs are taken, or logs already."""
ALL = "all"
"""Name of the sample of all units, beside those of regions."""
GROWTH, INITIAL = "growth", "initial"
ESTIMATED = "estimated"
MIN_RESIDUAL_DF = 3
"""Student's t has a variance from three degrees of freedom on; smaller samples are named, not estimated."""
MIN_TREND_PERIODS = 5
SPATIAL_BASES = ("coefficient", "direct", "total")


@dataclass(frozen=True)
class Trend:
    """Linear trend of a dispersion measure over time.

    Parameters
    ----------
    region : str
        ``"all"`` or a region.
    measure : {"cv", "sd_log"}
    slope, std_error, t, p_value : float
        Per year, with the Newey-West (1987) error; two-sided p from Student's t. NaN for a single unit.
    lags : int
        Of the Newey-West error, ``floor(4 (T / 100)^(2/9))``.
    n_periods : int
    verdict : str
        ``"convergence"``, ``"divergence"``, ``"no significant trend"`` or ``"one unit"``.
    """

    region: str
    measure: str
    slope: float
    std_error: float
    t: float
    p_value: float
    lags: int
    n_periods: int
    verdict: str


@dataclass(frozen=True, eq=False)
class SigmaConvergence:
    """Dispersion by year, for all units and inside each region.

    Parameters
    ----------
    variable, scheme : str
        `scheme` is ``"all"`` where there are no regions.
    periods : tuple of int, length T
    regions : tuple of str, length g
        ``"all"`` first.
    sizes : tuple of int, length g
    cv, sd_log : ndarray, shape (T, g)
        Coefficient of variation and standard deviation of logs, both with divisor n (the units are the
        population); NaN for a region of one unit.
    trends : tuple of Trend
    significance : float
        Level of the verdicts.
    """

    variable: str
    scheme: str
    periods: tuple[int, ...]
    regions: tuple[str, ...]
    sizes: tuple[int, ...]
    cv: Array
    sd_log: Array
    trends: tuple[Trend, ...]
    significance: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row per period and region.

        Columns: region_scheme, variable, period, region, n_units, cv, sd_log.
        """
        import pandas as pd

        sized = list(zip(self.regions, self.sizes, strict=True))
        index = [(self.scheme, self.variable, period, *s) for period in self.periods for s in sized]
        frame = pd.DataFrame(index, columns=["region_scheme", "variable", "period", "region", "n_units"])
        return frame.assign(cv=self.cv.ravel(), sd_log=self.sd_log.ravel())

    def trends_frame(self) -> pd.DataFrame:
        """Return one row per region and measure: region_scheme, variable and the fields of `Trend`."""
        frame = rows_frame(self.trends, Trend)
        return labelled(frame, region_scheme=self.scheme, variable=self.variable)


class Speed(NamedTuple):
    """Speed of convergence per year, its delta-method error, and the half-life in years."""

    speed: float
    std_error: float
    half_life: float


@dataclass(frozen=True)
class BetaEstimate:
    """One beta regression.

    Parameters
    ----------
    region_scheme, region : str
        ``"all"`` for the sample of all units.
    variable : str
    design : {"cross_section", "panel"}
    controls : tuple of str
        Their values at the start of each interval; empty for absolute convergence.
    effects, covariance : str
    first, last, span : int
        First and last year, and years per interval.
    n_units, n_obs, df_resid : int
    b, std_error, t, p_value : float
        Of the initial level.
    speed, speed_std_error, half_life : float
    r2 : float
        Within, where there are effects.
    names : tuple of str
    values, std_errors, p_values : tuple of float
        All coefficients.
    status : str
        ``"estimated"``, or why not (all numbers are NaN then).
    """

    region_scheme: str
    region: str
    variable: str
    design: str
    controls: tuple[str, ...]
    effects: str
    covariance: str
    first: int
    last: int
    span: int
    n_units: int
    n_obs: int
    df_resid: int
    b: float
    std_error: float
    t: float
    p_value: float
    speed: float
    speed_std_error: float
    half_life: float
    r2: float
    names: tuple[str, ...]
    values: tuple[float, ...]
    std_errors: tuple[float, ...]
    p_values: tuple[float, ...]
    status: str


@dataclass(frozen=True)
class BetaConvergence:
    """Beta regressions: all units first, then the regions."""

    rows: tuple[BetaEstimate, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per regression, with the fields of `BetaEstimate` that are numbers or names."""
        frame = rows_frame(self.rows, BetaEstimate).drop(
            columns=["names", "values", "std_errors", "p_values"]
        )
        return frame.assign(controls=[" ".join(row.controls) for row in self.rows])

    def coefficients_frame(self) -> pd.DataFrame:
        """Return one row per coefficient.

        Columns: region_scheme, region, variable, term, estimate, std_error, p_value.
        """
        import pandas as pd

        rows = [
            (row.region_scheme, row.region, row.variable, *coefficient)
            for row in self.rows
            for coefficient in zip(row.names, row.values, row.std_errors, row.p_values, strict=True)
        ]
        columns = ["region_scheme", "region", "variable", "term", "estimate", "std_error", "p_value"]
        return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True)
class SpatialBetaRow:
    """Convergence by one spatial model on one basis.

    Parameters
    ----------
    variable, model, weights : str
    controls : tuple of str
    effects, convention, covariance : str
    span, n_units, n_obs : int
    basis : {"coefficient", "direct", "total"}
        The coefficient b of the unit's own initial level; its direct effect, feedback through neighbours
        included; its total effect, the growth of all where all start higher by one per cent.
    estimate, std_error, p_value : float
        Of the basis (delta-method errors).
    speed, speed_std_error, half_life : float
        From `estimate`.
    rho, rho_std_error, rho_p_value, lam, lam_std_error, lam_p_value : float
        NaN where the model has none.
    lagged_initial, lagged_std_error, lagged_p_value : float
        Coefficient of the neighbours' initial level, NaN where the model has none.
    loglik : float
    """

    variable: str
    model: str
    weights: str
    controls: tuple[str, ...]
    effects: str
    convention: str
    covariance: str
    span: int
    n_units: int
    n_obs: int
    basis: str
    estimate: float
    std_error: float
    p_value: float
    speed: float
    speed_std_error: float
    half_life: float
    rho: float
    rho_std_error: float
    rho_p_value: float
    lam: float
    lam_std_error: float
    lam_p_value: float
    lagged_initial: float
    lagged_std_error: float
    lagged_p_value: float
    loglik: float


@dataclass(frozen=True, eq=False)
class SpatialBeta:
    """Spatial beta convergence, ordered by model and basis; `fits` holds the fit of each model."""

    rows: tuple[SpatialBetaRow, ...]
    fits: Mapping[str, Fit]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per model and basis, with the fields of `SpatialBetaRow` as columns."""
        frame = rows_frame(self.rows, SpatialBetaRow)
        return frame.assign(controls=[" ".join(row.controls) for row in self.rows])


def sigma_convergence(
    panel: Panel,
    variable: str,
    grouping: Grouping | None = None,
    *,
    scale: Scale = "level",
    significance: float = 0.05,
) -> SigmaConvergence:
    """Return dispersion by year and test its trend.

    Parameters
    ----------
    panel : Panel
        At least five periods.
    variable : str
    grouping : Grouping, optional
        Regions whose inner dispersion is measured too.
    scale : {"level", "log"}
        Whether the variable holds levels or logs; the coefficient of variation is that of levels.
    significance : float
        Two-sided level of the verdicts.

    Raises
    ------
    DataError
        If a level is not positive, a cell is missing, or there are too few periods.
    """
    check_evenly_spaced(panel.periods, "A trend with Newey-West errors")
    significance = check_level(significance, "significance")
    logs = _logs(panel, variable, scale)
    if panel.T < MIN_TREND_PERIODS:
        raise DataError(
            "Too few periods for a trend of dispersion.",
            expected=f"at least {MIN_TREND_PERIODS} periods",
            found=str(panel.T),
        )
    samples = _samples(panel, grouping)
    inside = [[unit in set(units) for unit in panel.units] for _, units in samples]
    cv = np.column_stack([_cv(np.exp(logs[:, mask])) for mask in inside])
    sd_log = np.column_stack([_sd(logs[:, mask]) for mask in inside])
    trends = tuple(
        _trend(region, measure, series[:, g], panel.periods, significance)
        for g, (region, _) in enumerate(samples)
        for measure, series in (("cv", cv), ("sd_log", sd_log))
    )
    return SigmaConvergence(
        variable=variable,
        scheme=grouping.scheme if grouping else ALL,
        periods=panel.periods,
        regions=tuple(region for region, _ in samples),
        sizes=tuple(len(units) for _, units in samples),
        cv=cv,
        sd_log=sd_log,
        trends=trends,
        significance=significance,
    )


def speed_of_convergence(b: float, std_error: float, span: int) -> Speed:
    """Return speed, its error and the half-life from the coefficient of the initial level.

    Parameters
    ----------
    b, std_error : float
        Of the log growth over `span` years on the log initial level.
    span : int
        Years.
    """
    if not 1 + b > 0:
        return Speed(np.nan, np.nan, np.nan)
    speed = float(-np.log1p(b) / span)
    return Speed(speed, std_error / (span * (1 + b)), float(np.log(2) / speed) if speed > 0 else np.nan)


def cross_section_beta(
    panel: Panel,
    variable: str,
    *,
    controls: Sequence[str] = (),
    grouping: Grouping | None = None,
    scale: Scale = "level",
    covariance: str = "HC3",
) -> BetaConvergence:
    """Regress the growth over the whole period on the initial level (and the initial controls).

    Parameters
    ----------
    panel : Panel
    variable : str
    controls : sequence of str
        None for absolute, some for conditional convergence.
    grouping : Grouping, optional
        Regions that are estimated too; a region with fewer than three residual degrees of freedom is named
        with its reason and NaN.
    scale : {"level", "log"}
    covariance : {"nonrobust", "HC1", "HC3"}
        Of statsmodels' OLS; p-values from Student's t.

    Raises
    ------
    DataError
        If a level is not positive, a cell is missing, or periods are not evenly spaced.
    """
    check_known(covariance, ("nonrobust", "HC1", "HC3"), "covariance")
    data = growth_panel(panel, variable, controls=controls, scale=scale, span=None)
    shared = (grouping, variable, tuple(controls), covariance, _interval(panel, None)[1])
    rows = [
        _cross_section(data.select(units=units), region, *shared)
        for region, units in _samples(panel, grouping)
    ]
    return BetaConvergence(tuple(rows))


def panel_beta(
    panel: Panel,
    variable: str,
    *,
    controls: Sequence[str] = (),
    grouping: Grouping | None = None,
    scale: Scale = "level",
    span: int = 1,
    effects: str = "twoways",
    covariance: str = "cluster",
) -> BetaConvergence:
    """Regress growth over successive intervals on the level at their start, with fixed effects.

    Parameters
    ----------
    panel, variable, controls, grouping, scale
        As `cross_section_beta`.
    span : int
        Years per interval; the intervals must fill the period.
    effects : {"pooled", "individual", "time", "twoways"}
        With unit effects every unit converges to a level of its own (conditional convergence).
    covariance : {"information", "robust", "cluster", "driscoll_kraay"}
        See `nonspatial.fit_fixed_effects`.

    Raises
    ------
    DataError
        As `cross_section_beta`, or if intervals do not fill the period.
    ConfigError
        If effects or covariance are unknown.
    """
    data = growth_panel(panel, variable, controls=controls, scale=scale, span=span)
    shared = (grouping, variable, tuple(controls), effects, covariance, span)
    rows = [
        _panel_row(data.select(units=units), region, *shared) for region, units in _samples(panel, grouping)
    ]
    return BetaConvergence(tuple(rows))


def spatial_beta(
    panel: Panel,
    variable: str,
    weights: Weights,
    *,
    models: Sequence[str] = ("sar", "sem", "sdm"),
    controls: Sequence[str] = (),
    scale: Scale = "level",
    span: int | None = 1,
    effects: str = "twoways",
    correction: str = "lee_yu",
    covariance: str = "information",
    name: str = "weights",
) -> SpatialBeta:
    """Estimate beta convergence by spatial models (see `shuyi.spatialpanel`).

    Parameters
    ----------
    panel, variable, controls, scale
        As `cross_section_beta`.
    weights : Weights
        In the panel's order of units.
    models : sequence of str
        Among ``sar``, ``sem``, ``sdm``, ``sdem``, ``slx``; Durbin terms of all regressors.
    span : int or None
        Years per interval; None for one interval over the whole period, with ``effects="pooled"``.
    effects, correction, covariance : str
        Of `spatialpanel.SpatialModel`.
    name : str
        Name of the weights in the result.

    Raises
    ------
    ConfigError
        If a model or option is unknown.
    DataError, AlignmentError, IdentificationError, ConvergenceError
        As `cross_section_beta` and `spatialpanel`.
    """
    from shuyi.spatialpanel import MODELS

    check_aligned(panel.units, weights)
    for model in models:
        check_known(model, ("sar", "sem", "sdm", "sdem", "slx"), "model")
    data = growth_panel(panel, variable, controls=controls, scale=scale, span=span)
    fits = {
        model: MODELS[model](
            data, weights, outcome=GROWTH, regressors=[INITIAL, *controls], effects=effects
        ).fit(correction=correction, covariance=covariance)
        for model in models
    }
    _, years = _interval(panel, span)
    rows = [
        row for fit in fits.values() for row in _spatial_rows(fit, variable, name, tuple(controls), years)
    ]
    return SpatialBeta(tuple(rows), fits)


def growth_panel(
    panel: Panel, variable: str, *, controls: Sequence[str] = (), scale: Scale = "level", span: int | None = 1
) -> Panel:
    """Return the panel of log growth over intervals and of levels at their start.

    Parameters
    ----------
    panel : Panel
        Evenly spaced periods.
    variable : str
    controls : sequence of str
    scale : {"level", "log"}
    span : int or None
        Years per interval; None for the whole period.

    Returns
    -------
    Panel
        Variables ``growth``, ``initial`` (log level) and the controls, at the year in which the interval
        ends; the controls are those of the year in which it starts.

    Raises
    ------
    DataError
        If a level is not positive, a cell is missing, periods are unevenly spaced, or the intervals do not
        fill the period.
    """
    logs = _logs(panel, variable, scale)
    step, _ = _interval(panel, span)
    start, end = np.arange(0, panel.T - 1, step), np.arange(step, panel.T, step)
    columns = {GROWTH: logs[end] - logs[start], INITIAL: logs[start]}
    columns |= {control: complete(panel, control)[start] for control in controls}
    periods = tuple(panel.periods[t] for t in end)
    empty = Panel(np.empty((len(end), panel.n, 0)), panel.units, periods, (), panel.unit_names)
    return empty.with_variables(columns)


def _logs(panel: Panel, variable: str, scale: str) -> Array:
    check_known(scale, SCALES, "scale")
    if scale == "log":
        return complete(panel, variable)
    return np.log(positive(panel, variable, "A logarithm"))


def _years_between(panel: Panel) -> int:
    gaps = sorted({b - a for a, b in zip(panel.periods, panel.periods[1:], strict=False)})
    if len(gaps) != 1:
        raise DataError(
            "Growth needs evenly spaced periods, two at least.",
            found=f"gaps of {', '.join(map(str, gaps)) or 'none'} years in {panel.T} periods",
            remedy="select evenly spaced periods",
        )
    return gaps[0]


def _interval(panel: Panel, span: int | None) -> tuple[int, int]:
    """Return the length of an interval in periods and in years."""
    years = _years_between(panel)
    length = panel.periods[-1] - panel.periods[0]
    chosen = length if span is None else span
    if chosen < years or chosen % years or length % chosen:
        raise DataError(
            "Intervals of growth must fill the period.",
            expected=f"a span that divides {length} years into steps of {years}",
            found=f"span = {span}",
            remedy="change the span, or select other periods",
        )
    return chosen // years, chosen


def _samples(panel: Panel, grouping: Grouping | None) -> list[tuple[str, tuple[str, ...]]]:
    if grouping is None:
        return [(ALL, panel.units)]
    check_placed(panel, grouping)
    return [(ALL, panel.units), *((region, grouping.members(region)) for region in grouping.regions)]


def _sd(values: Array) -> Array:
    return values.std(axis=1) if values.shape[1] > 1 else np.full(len(values), np.nan)


def _cv(values: Array) -> Array:
    return _sd(values) / values.mean(axis=1)


def _trend(region: str, measure: str, series: Array, periods: Sequence[int], significance: float) -> Trend:
    lags = int(np.floor(4 * (len(series) / 100) ** (2 / 9)))
    if np.isnan(series).any():
        return Trend(region, measure, *(np.nan,) * 4, lags, len(series), "one unit")
    import statsmodels.api as sm

    design = sm.add_constant(np.array(periods, float) - periods[0])
    options = {"maxlags": lags, "use_correction": True}
    fit = sm.OLS(series, design).fit(cov_type="HAC", cov_kwds=options, use_t=True)
    slope, error, t, p = (float(a[1]) for a in (fit.params, fit.bse, fit.tvalues, fit.pvalues))
    direction = "convergence" if slope < 0 else "divergence"
    verdict = direction if p < significance else "no significant trend"
    return Trend(region, measure, slope, error, t, p, lags, len(series), verdict)


def _cross_section(
    data: Panel,
    region: str,
    grouping: Grouping | None,
    variable: str,
    controls: tuple[str, ...],
    covariance: str,
    span: int,
) -> BetaEstimate:
    names = ("const", INITIAL, *controls)
    common = _common(data, grouping, region, variable, "cross_section", controls, "pooled", covariance)
    common |= {"first": data.periods[0] - span, "span": span}
    df = data.n - len(names)
    if df < MIN_RESIDUAL_DF:
        return _not_estimated(common, df)
    import statsmodels.api as sm

    design = np.column_stack([np.ones(data.n), *(data[name][0] for name in names[1:])])
    fit = sm.OLS(data[GROWTH][0], design).fit(cov_type=covariance, use_t=True)
    return _estimated(common, df, names, fit.params, fit.bse, fit.pvalues, float(fit.rsquared))


def _panel_row(
    data: Panel,
    region: str,
    grouping: Grouping | None,
    variable: str,
    controls: tuple[str, ...],
    effects: str,
    covariance: str,
    span: int,
) -> BetaEstimate:
    from shuyi.spatialpanel.least_squares import fit_fixed_effects

    common = _common(data, grouping, region, variable, "panel", controls, effects, covariance)
    common |= {"first": data.periods[0] - span, "span": span}
    df = _residual_df(data.n, data.T, 1 + len(controls), effects)
    if df < MIN_RESIDUAL_DF:
        return _not_estimated(common, df)
    regressors = [INITIAL, *controls]
    fit = fit_fixed_effects(
        data, outcome=GROWTH, regressors=regressors, effects=effects, covariance=covariance
    )
    errors = np.sqrt(np.diag(fit.covariance_matrix))
    return _estimated(common, fit.df_resid, fit.names, fit.values, errors, fit.p_values, fit.r2_within)


def _residual_df(n: int, T: int, k: int, effects: str) -> int:
    free = {"pooled": 1, "individual": n, "time": T, "twoways": n + T - 1}
    return n * T - k - free.get(effects, 0)


def _common(
    data: Panel,
    grouping: Grouping | None,
    region: str,
    variable: str,
    design: str,
    controls: tuple[str, ...],
    effects: str,
    covariance: str,
) -> dict[str, Any]:
    return {
        "region_scheme": grouping.scheme if grouping else ALL,
        "region": region,
        "variable": variable,
        "design": design,
        "controls": controls,
        "effects": effects,
        "covariance": covariance,
        "last": data.periods[-1],
        "n_units": data.n,
        "n_obs": data.n * data.T,
    }


_NUMBERS = ("b", "std_error", "t", "p_value", "speed", "speed_std_error", "half_life", "r2")


def _not_estimated(common: Mapping[str, Any], df: int) -> BetaEstimate:
    blank: dict[str, Any] = dict.fromkeys(_NUMBERS, np.nan)
    status = f"{common['n_units']} units leave {max(df, 0)} residual degrees of freedom"
    return BetaEstimate(
        **common, **blank, df_resid=max(df, 0), names=(), values=(), std_errors=(), p_values=(), status=status
    )


def _estimated(
    common: Mapping[str, Any],
    df: int,
    names: tuple[str, ...],
    values: Array,
    errors: Array,
    p_values: Array,
    r2: float,
) -> BetaEstimate:
    at = names.index(INITIAL)
    b, error = float(values[at]), float(errors[at])
    speed = speed_of_convergence(b, error, common["span"])
    return BetaEstimate(
        **common,
        df_resid=df,
        b=b,
        std_error=error,
        t=_over(b, error),
        p_value=float(p_values[at]),
        speed=speed.speed,
        speed_std_error=speed.std_error,
        half_life=speed.half_life,
        r2=r2,
        names=names,
        values=tuple(map(float, values)),
        std_errors=tuple(map(float, errors)),
        p_values=tuple(map(float, p_values)),
        status=ESTIMATED,
    )


def _spatial_rows(
    fit: Fit, variable: str, weights: str, controls: tuple[str, ...], span: int
) -> list[SpatialBetaRow]:
    numbers: dict[str, float] = {}
    named = {"rho": "rho", "lam": "lam", f"W_{INITIAL}": "lagged_initial"}
    for name, field in named.items():
        prefix = "lagged" if field == "lagged_initial" else field
        present = name in fit.names
        numbers[field] = fit[name] if present else np.nan
        numbers[f"{prefix}_std_error"] = float(fit.std_errors[name]) if present else np.nan
        numbers[f"{prefix}_p_value"] = float(fit.pvalues[name]) if present else np.nan
    rows = []
    for basis, (estimate, error) in zip(SPATIAL_BASES, _bases(fit), strict=True):
        speed = speed_of_convergence(estimate, error, span)
        row = SpatialBetaRow(
            variable=variable,
            model=fit.model,
            weights=weights,
            controls=controls,
            effects=fit.effects_structure,
            convention=fit.convention,
            covariance=fit.covariance_kind,
            span=span,
            n_units=fit.n,
            n_obs=fit.n * fit.T,
            basis=basis,
            estimate=estimate,
            std_error=error,
            p_value=_normal_p(_over(estimate, error)),
            speed=speed.speed,
            speed_std_error=speed.std_error,
            half_life=speed.half_life,
            loglik=fit.loglik,
            **numbers,
        )
        rows.append(row)
    return rows


def _bases(fit: Fit) -> list[tuple[float, float]]:
    """Return estimate and error of the initial level's coefficient, direct and total effect."""
    effects = fit.effects(draws=0, seed=0)
    at = effects.terms.index(INITIAL)
    pairs = [(fit[INITIAL], float(fit.std_errors[INITIAL]))]
    for component in (0, 2):
        pairs.append((float(effects.estimate[at, component]), float(effects.std_error_delta[at, component])))
    return pairs


def _over(estimate: float, error: float) -> float:
    return estimate / error if error > 0 else float("nan")


def _normal_p(z: float) -> float:
    from shuyi.spatialpanel.effects import normal_p_value

    return float(normal_p_value(z))
