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

from shuyi.analyses.convergence.dispersion_trend import MEASURES, MIN_UNITS, dispersion_trend
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
        Coefficient of variation, or standard deviation of logs.
    slope, std_error, t, p_value : float
        Per year, with the jackknife error over units (`dispersion_trend`); two-sided p from Student's t. NaN
        for one or two units.
    df : int
        Degrees of freedom, n - 1.
    change_p_value : float
        Of equal standard deviations of logs in the first and the last period (Pitman 1939; Morgan 1939).
    n_periods : int
        Number of periods.
    verdict : str
        ``"convergence"``, ``"divergence"``, ``"no significant trend"``, ``"one unit"`` or ``"two units"``.
    """

    region: str
    measure: str
    slope: float
    std_error: float
    t: float
    p_value: float
    df: int
    change_p_value: float
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
        Years or other periods, increasing.
    regions : tuple of str, length g
        ``"all"`` first.
    sizes : tuple of int, length g
        Number of units of each region.
    cv, sd_log : ndarray, shape (T, g)
        Coefficient of variation and standard deviation of logs, both with divisor n (the units are the
        population); NaN for a region of one unit.
    trends : tuple of Trend
        Trends by region and measure.
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

        Returns
        -------
        DataFrame
            Columns region_scheme, variable, period, region, n_units, cv, sd_log.
        """
        import pandas as pd

        sized = list(zip(self.regions, self.sizes, strict=True))
        index = [(self.scheme, self.variable, period, *s) for period in self.periods for s in sized]
        frame = pd.DataFrame(index, columns=["region_scheme", "variable", "period", "region", "n_units"])
        return frame.assign(cv=self.cv.ravel(), sd_log=self.sd_log.ravel())

    def trends_frame(self) -> pd.DataFrame:
        """Return one row per region and measure.

        Returns
        -------
        DataFrame
            Columns region_scheme, variable and the fields of `Trend`.
        """
        frame = rows_frame(self.trends, Trend)
        return labelled(frame, region_scheme=self.scheme, variable=self.variable)


class Speed(NamedTuple):
    """Speed of convergence per year, its delta-method error, and the half-life in years.

    Parameters
    ----------
    speed : float
        ``-ln(1 + b) / span``, per year.
    std_error : float
        Delta-method error of the speed.
    half_life : float
        ``ln 2 / speed``, in years; NaN where the speed is not positive.
    """

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
        Name of the panel variable.
    design : {"cross_section", "panel"}
        Growth over the whole period, or over successive intervals.
    controls : tuple of str
        Their values at the start of each interval; empty for absolute convergence.
    effects, covariance : str
        Fixed effects and kind of covariance of the regression.
    first, last, span : int
        First and last year, and years per interval.
    n_units : int
        Number of units.
    n_obs : int
        Number of observations.
    df_resid : int
        Residual degrees of freedom.
    b, std_error, t, p_value : float
        Of the initial level.
    speed, speed_std_error, half_life : float
        Speed of convergence per year, its error, and half-life in years (`Speed`).
    r2 : float
        Within, where there are effects.
    names : tuple of str
        Names of the coefficients.
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
    """Beta regressions: all units first, then the regions.

    Parameters
    ----------
    rows : tuple of BetaEstimate
        One record per regression.
    """

    rows: tuple[BetaEstimate, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per regression, with the fields of `BetaEstimate` that are numbers or names.

        Returns
        -------
        DataFrame
            Controls are joined by spaces.
        """
        frame = rows_frame(self.rows, BetaEstimate).drop(
            columns=["names", "values", "std_errors", "p_values"]
        )
        return frame.assign(controls=[" ".join(row.controls) for row in self.rows])

    def coefficients_frame(self) -> pd.DataFrame:
        """Return one row per coefficient.

        Returns
        -------
        DataFrame
            Columns region_scheme, region, variable, term, estimate, std_error, p_value.
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
    variable : str
        Name of the panel variable.
    model, weights : str
        Id of the model and name of the weights.
    controls : tuple of str
        Control variables, at the start of each interval.
    effects, convention, covariance : str
        Fixed effects, how they are removed, and kind of covariance.
    span : int
        Years per interval.
    n_units : int
        Number of units.
    n_obs : int
        Number of observations.
    basis : {"coefficient", "direct", "total"}
        The coefficient b of the unit's own initial level; its direct effect, feedback through neighbours
        included; its total effect, the growth of all where all start higher by one per cent.
    estimate, std_error, p_value : float
        Of the basis (delta-method errors).
    speed, speed_std_error, half_life : float
        From `estimate`: per year, its error, and in years.
    rho, rho_std_error, rho_p_value, lam, lam_std_error, lam_p_value : float
        NaN where the model has none.
    lagged_initial, lagged_std_error, lagged_p_value : float
        Coefficient of the neighbours' initial level, NaN where the model has none.
    loglik : float
        Log-likelihood of the model.
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
    """Spatial beta convergence, ordered by model and basis; `fits` holds the fit of each model.

    Parameters
    ----------
    rows : tuple of SpatialBetaRow
        One record per model and basis.
    fits : mapping of str to Fit
        Fit of each model by its id.
    """

    rows: tuple[SpatialBetaRow, ...]
    fits: Mapping[str, Fit]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per model and basis, with the fields of `SpatialBetaRow` as columns.

        Returns
        -------
        DataFrame
            Controls are joined by spaces.
        """
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
        Name of the panel variable.
    grouping : Grouping, optional
        Regions whose inner dispersion is measured too.
    scale : {"level", "log"}, default "level"
        Whether the variable holds levels or logs; the coefficient of variation is that of levels.
    significance : float, default 0.05
        Two-sided level of the verdicts.

    Returns
    -------
    SigmaConvergence
        Dispersion by year and region, with its trends.

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
        _trend(region, measure, logs[:, mask], panel.periods, significance)
        for (region, _), mask in zip(samples, inside, strict=True)
        for measure in MEASURES
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

    Returns
    -------
    Speed
        NaN where ``1 + b`` is not positive.

    Examples
    --------
    >>> from shuyi.analyses.convergence.convergence import speed_of_convergence
    >>> found = speed_of_convergence(-0.2, 0.05, 10)
    >>> round(found.speed, 4), round(found.half_life, 1)
    (0.0223, 31.1)
    """
    if not 1 + b > 0:
        return Speed(np.nan, np.nan, np.nan)
    speed = float(-np.log1p(b) / span)
    return Speed(speed, std_error / (span * (1 + b)), float(np.log(2)) / speed if speed > 0 else np.nan)


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
        Balanced panel that holds the variables.
    variable : str
        Name of the panel variable.
    controls : sequence of str, default empty
        None for absolute, some for conditional convergence.
    grouping : Grouping, optional
        Regions that are estimated too; a region with fewer than three residual degrees of freedom is named
        with its reason and NaN.
    scale : {"level", "log"}, default "level"
        Whether the variable holds levels or logs.
    covariance : {"nonrobust", "HC1", "HC3"}, default "HC3"
        Of statsmodels' OLS; p-values from Student's t.

    Returns
    -------
    BetaConvergence
        All units first, then the regions.

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
    span : int, default 1
        Years per interval; the intervals must fill the period.
    effects : {"pooled", "individual", "time", "twoways"}, default "twoways"
        With unit effects every unit converges to a level of its own (conditional convergence).
    covariance : {"information", "robust", "cluster", "driscoll_kraay"}, default "cluster"
        See `nonspatial.fit_fixed_effects`.

    Returns
    -------
    BetaConvergence
        All units first, then the regions.

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
    panel, variable
        As `cross_section_beta`.
    weights : Weights
        In the panel's order of units.
    models : sequence of str, default ("sar", "sem", "sdm")
        Among ``sar``, ``sem``, ``sdm``, ``sdem``, ``slx``; Durbin terms of all regressors.
    controls, scale
        As `cross_section_beta`.
    span : int or None, default 1
        Years per interval; None for one interval over the whole period, with ``effects="pooled"``.
    effects, correction, covariance : str
        Of `spatialpanel.SpatialModel`.
    name : str, default "weights"
        Name of the weights in the result.

    Returns
    -------
    SpatialBeta
        One row per model and basis, and the fits.

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
        Name of the panel variable.
    controls : sequence of str, default empty
        Names of the control variables.
    scale : {"level", "log"}, default "level"
        Whether the variable holds levels or logs.
    span : int or None, default 1
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


def _trend(region: str, measure: str, logs: Array, periods: Sequence[int], significance: float) -> Trend:
    T, n = logs.shape
    if n < MIN_UNITS:
        verdict = "one unit" if n == 1 else "two units"
        return Trend(region, measure, *(np.nan,) * 4, n - 1, np.nan, T, verdict)
    found = dispersion_trend(logs, periods, measure)
    direction = "convergence" if found.slope < 0 else "divergence"
    verdict = direction if found.p_value < significance else "no significant trend"
    return Trend(
        region,
        measure,
        found.slope,
        found.std_error,
        found.t,
        found.p_value,
        found.df,
        found.change_p_value,
        T,
        verdict,
    )


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
