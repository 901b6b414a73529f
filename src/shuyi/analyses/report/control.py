r"""What changed: against the previous year, against the previous vintage, and beyond control limits.

The control chart is the individuals chart (Shewhart 1931; Montgomery 2013, section 6.4) of a province's own
yearly changes. A change is the difference of logarithms for a level above zero and the plain difference for
an index. With the m changes :math:`d_1, \dots, d_m` of earlier years,

.. math:: \bar d = \frac{1}{m} \sum_i d_i, \qquad
          \hat\sigma = \frac{1}{d_2} \frac{1}{m - 1} \sum_{i=2}^{m} |d_i - d_{i-1}|, \qquad
          d_2 = 2 / \sqrt{\pi},

and a later change outside :math:`\bar d \pm k \hat\sigma` is an alarm. The change itself is never part of its
own limits. A change across a stated break of definition is neither charted nor part of limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from shuyi.arguments import check_draws, check_seed, finite_number, whole_number
from shuyi.data.series import break_years
from shuyi.data.snapshot import FIGURES_COLUMNS, tidy_figures
from shuyi.errors import DataError, did_you_mean, offenders

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.data.series import Caveat, SeriesTable
    from shuyi.panel import Panel

    Array = NDArray[np.float64]


Kind = Literal["log", "plain"]
D2 = 2.0 / np.sqrt(np.pi)
"""Expected absolute difference of two independent standard normal numbers."""
FEWEST_CHANGES = 2
"""Changes below which there is no moving range."""
ROUNDING = 1e-12
"""Spread, relative to the changes, below which the changes of earlier years count as equal."""
INDEX_NUMBER = "previous year = 100"
SIMULATED_CHARTS = 20_000
KEYS = ["indicator", "province_code", "year"]
ALARM_COLUMNS = (
    *("series", "unit", "year", "kind", "previous", "value", "change"),
    *("centre", "sigma", "lower", "upper", "baseline", "caveat"),
)


ODD = ("outlier", "doubtful")
"""Kinds of caveats on single figures: changes that touch one set no limits."""


@dataclass(frozen=True)
class Charted:
    """One variable of a control chart.

    Parameters
    ----------
    name : str
        Name of the variable.
    values : ndarray, shape (T, n)
        NaN where nothing is known.
    first_year : int
        Year of the first row; rows are consecutive years.
    kind : {"log", "plain"}
        Whether a change is a difference of logarithms or a plain difference.
    breaks : tuple of int, default empty
        Years from which another definition holds.
    """

    name: str
    values: Array
    first_year: int
    kind: Kind
    breaks: tuple[int, ...] = ()

    def changes(self) -> Array:
        """Return the changes from each year to the next, shape (T - 1, n).

        NaN across a break, and where a logarithm is not defined: such changes are not charted.

        Returns
        -------
        ndarray, shape (T - 1, n)
            Row t is the change to year ``first_year + t + 1``.
        """
        if self.kind == "plain":
            found = np.diff(self.values, axis=0)
        else:
            positive = self.values > 0.0
            logs = np.log(np.where(positive, self.values, 1.0))
            found = np.diff(np.where(positive, logs, np.nan), axis=0)
        found[[year - self.first_year - 1 for year in self.breaks if year > self.first_year]] = np.nan
        return found


@dataclass(frozen=True)
class ControlRule:
    """When a change is an alarm.

    Parameters
    ----------
    sigmas : float
        Width k of the limits on either side of the mean.
    baseline : int
        Fewest earlier changes that limits may rest on.

    Raises
    ------
    ConfigError
        If the width is not above zero, or two changes are not asked for.
    """

    sigmas: float = 3.0
    baseline: int = 5

    def __post_init__(self) -> None:
        finite_number(self.sigmas, "sigmas", above=0)
        baseline = whole_number(self.baseline, "baseline", least=FEWEST_CHANGES)
        object.__setattr__(self, "baseline", baseline)


@dataclass(frozen=True)
class Limits:
    """Limits of an individuals chart: mean of the changes, their sigma, and how many they rest on.

    Parameters
    ----------
    centre : float
        Mean of the earlier changes.
    sigma : float
        Their standard deviation, from moving ranges.
    lower, upper : float
        Limits of a change that raises no alarm.
    baseline : int
        Number of changes that the limits rest on.
    """

    centre: float
    sigma: float
    lower: float
    upper: float
    baseline: int


@dataclass(frozen=True, eq=False)
class ControlChart:
    """Alarms of several variables, and how many changes were held against limits.

    Parameters
    ----------
    alarms : DataFrame
        One row per alarm with the columns of `ALARM_COLUMNS`, by year, series and unit.
    points : mapping of int to int
        Number of charted changes by year.
    expected : mapping of int to float
        False alarms to expect by year if all changes were independent and normal.
    uncharted : mapping of int to int
        By year, known changes without limits: too few earlier ones, or earlier ones without variation.
    """

    alarms: pd.DataFrame
    points: Mapping[int, int]
    expected: Mapping[int, float]
    uncharted: Mapping[int, int]

    def in_year(self, year: int) -> pd.DataFrame:
        """Return the alarms of a year.

        Parameters
        ----------
        year : int
            Year of the alarms.

        Returns
        -------
        DataFrame
            With the columns of `alarms`.
        """
        return self.alarms[self.alarms["year"] == year].reset_index(drop=True)


def control_limits(changes: Array, rule: ControlRule) -> Limits | None:
    """Return the limits that earlier changes set, or None where they set none.

    Parameters
    ----------
    changes : ndarray, shape (m,)
        In the order of the years; NaN is left out and its neighbours become adjacent.
    rule : ControlRule
        Width of the limits and how many changes they need.

    Returns
    -------
    Limits or None
        None for fewer changes than the rule's baseline, or changes that are all equal.
    """
    known = changes[~np.isnan(changes)]
    if known.size < rule.baseline:
        return None
    centre = float(known.mean())
    sigma = float(np.abs(np.diff(known)).mean() / D2)
    if sigma <= ROUNDING * float(np.abs(known).max()):
        return None
    reach = rule.sigmas * sigma
    return Limits(centre, sigma, centre - reach, centre + reach, int(known.size))


def control_chart(
    charted: Sequence[Charted],
    units: Sequence[str],
    rule: ControlRule,
    *,
    caveats: Sequence[Caveat] = (),
    seed: int,
) -> ControlChart:
    """Hold every change against the limits that the same province's earlier changes set.

    Parameters
    ----------
    charted : sequence of Charted
        Variables of the chart.
    units : sequence of str, length n
        Labels of the units.
    rule : ControlRule
        Width of the limits and how many changes they need.
    caveats : sequence of Caveat, default empty
        What is known of the cells; an alarm whose year or the year before is concerned carries the note.
    seed : int
        Of the simulated rate of false alarms.

    Returns
    -------
    ControlChart
        Alarms of every year, and how many points were charted.
    """
    import pandas as pd

    rows: list[dict[str, object]] = []
    points: dict[int, int] = {}
    uncharted: dict[int, int] = {}
    expected: dict[int, float] = {}
    for series, i, t, change, limits in _places(charted, units, rule, caveats):
        year = series.first_year + t + 1
        tally = uncharted if limits is None else points
        tally[year] = tally.get(year, 0) + 1
        if limits is None:
            continue
        rate = false_alarm_rate(limits.baseline, rule.sigmas, seed=seed)
        expected[year] = expected.get(year, 0.0) + rate
        if not limits.lower <= change <= limits.upper:
            rows.append(_alarm(series, units[i], i, t, change, limits, caveats))
    alarms = pd.DataFrame(rows, columns=list(ALARM_COLUMNS)).sort_values(
        ["year", "series", "unit"], ignore_index=True
    )
    return ControlChart(alarms, _by_year(points), _by_year(expected), _by_year(uncharted))


def _places(
    charted: Sequence[Charted], units: Sequence[str], rule: ControlRule, caveats: Sequence[Caveat]
) -> Iterator[tuple[Charted, int, int, float, Limits | None]]:
    for series in charted:
        changes = series.changes()
        usual = np.where(_odd_changes(series, units, caveats), np.nan, changes)
        for t, i in zip(*np.nonzero(~np.isnan(changes)), strict=True):
            yield series, int(i), int(t), float(changes[t, i]), control_limits(usual[:t, i], rule)


def _odd_changes(series: Charted, units: Sequence[str], caveats: Sequence[Caveat]) -> NDArray[np.bool_]:
    """Return which changes touch a figure that the caveats call odd, shape (T - 1, n)."""
    odd = np.zeros(series.values.shape, dtype=bool)
    years = series.first_year + np.arange(len(odd))
    for caveat in caveats:
        if caveat.series == series.name and caveat.kind in ODD:
            within = (years >= caveat.first_year) & (years <= caveat.last_year)
            concerned = np.array([unit in caveat.units for unit in units], dtype=bool)
            odd[np.ix_(within, concerned)] = True
    return np.asarray(odd[1:] | odd[:-1])


def _alarm(
    series: Charted, unit: str, i: int, t: int, change: float, limits: Limits, caveats: Sequence[Caveat]
) -> dict[str, object]:
    year = series.first_year + t + 1
    return {
        "series": series.name,
        "unit": unit,
        "year": year,
        "kind": series.kind,
        "previous": float(series.values[t, i]),
        "value": float(series.values[t + 1, i]),
        "change": change,
        "centre": limits.centre,
        "sigma": limits.sigma,
        "lower": limits.lower,
        "upper": limits.upper,
        "baseline": limits.baseline,
        "caveat": _caveat(series.name, unit, year, caveats),
    }


def _caveat(series: str, unit: str, year: int, caveats: Sequence[Caveat]) -> str:
    notes = [
        c.note
        for c in caveats
        if c.series == series and unit in c.units and c.first_year <= year <= c.last_year + 1
    ]
    return "; ".join(dict.fromkeys(notes))


def _by_year(tally: Mapping[int, Any]) -> dict[int, Any]:
    return {year: tally[year] for year in sorted(tally)}


@cache
def false_alarm_rate(baseline: int, sigmas: float, *, seed: int, charts: int = SIMULATED_CHARTS) -> float:
    """Return the simulated probability of an alarm where all changes are independent and normal.

    With limits from few changes it is well above the 0.27 per cent of known limits of three sigmas.

    Parameters
    ----------
    baseline : int
        Number of changes that the limits rest on.
    sigmas : float
        Width of the limits in standard deviations.
    seed : int
        Seed of the random draws.
    charts : int, default SIMULATED_CHARTS
        Number of simulated charts.

    Returns
    -------
    float
        Between zero and one.

    Examples
    --------
    >>> from shuyi.analyses.report.control import false_alarm_rate
    >>> 0.02 < false_alarm_rate(8, 3.0, seed=1, charts=2000) < 0.08
    True
    """
    check_draws(charts, "charts", least=1, each=24 * (baseline + 1))
    draws = np.random.default_rng(check_seed(seed)).standard_normal((charts, baseline + 1))
    earlier, later = draws[:, :-1], draws[:, -1]
    reach = sigmas * np.abs(np.diff(earlier, axis=1)).mean(axis=1) / D2
    return float((np.abs(later - earlier.mean(axis=1)) > reach).mean())


def charted_series(table: SeriesTable, caveats: Sequence[Caveat]) -> list[Charted]:
    """Return every official series for the control chart: growth rates, or differences of index numbers.

    Parameters
    ----------
    table : SeriesTable
        Series in the unit "previous year = 100" are growth rates already.
    caveats : sequence of Caveat
        With the breaks of the series.

    Returns
    -------
    list of Charted
        In alphabetical order.
    """
    return [
        Charted(
            name,
            s.values,
            s.first_year,
            "plain" if s.measure == INDEX_NUMBER else "log",
            break_years(caveats, name),
        )
        for name, s in sorted(table.series.items())
    ]


def charted_variables(panel: Panel) -> list[Charted]:
    """Return every variable of a panel of consecutive years for the control chart, in plain differences.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.

    Returns
    -------
    list of Charted
        In the order of the panel.

    Raises
    ------
    DataError
        If the periods are not consecutive years.
    """
    first = panel.periods[0]
    if panel.periods != tuple(range(first, first + panel.T)):
        raise DataError(
            "A control chart of yearly changes needs every year.",
            expected=f"consecutive years from {first}",
            found=offenders(panel.periods, panel.T),
        )
    return [Charted(name, panel[name], first, "plain") for name in panel.variables]


def year_changes(standings: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return what changed from the year before: score, rank, tier, coordination.

    Parameters
    ----------
    standings : DataFrame
        One row per unit and period with the columns score, rank, tier, degree and class
        (`shuyi.analyses.report.yearly.standings`).
    year : int
        Year compared with the one before.

    Returns
    -------
    DataFrame
        One row per unit in the order of the standings: unit, score, score_before, score_change, rank,
        rank_before, rank_gain (positive is upwards), tier, tier_before, degree, degree_before, degree_change,
        class, class_before.

    Raises
    ------
    DataError
        If the standings lack the year or the one before.
    """
    periods = sorted(set(standings["period"]))
    absent = [y for y in (year - 1, year) if y not in periods]
    if absent:
        raise DataError(
            f"The changes of {year} cannot be computed.",
            expected=f"a year from {periods[0] + 1} to {periods[-1]}",
            found=f"no {offenders(absent)}",
        )
    columns = ["score", "rank", "tier", "degree", "class"]
    now, before = (standings[standings["period"] == y].set_index("unit")[columns] for y in (year, year - 1))
    joined = now.join(before.add_suffix("_before"))
    joined["score_change"] = joined["score"] - joined["score_before"]
    joined["rank_gain"] = joined["rank_before"] - joined["rank"]
    joined["degree_change"] = joined["degree"] - joined["degree_before"]
    order = [
        "score",
        "score_before",
        "score_change",
        "rank",
        "rank_before",
        "rank_gain",
        "tier",
        "tier_before",
    ]
    order += ["degree", "degree_before", "degree_change", "class", "class_before"]
    return joined[order].reset_index()


def load_vintage(table: pd.DataFrame, *, indicators: Sequence[str], units: Sequence[str]) -> pd.DataFrame:
    """Return an earlier vintage of the figures with its types.

    Parameters
    ----------
    table : DataFrame of str
        Columns indicator, province_code, year, value, as in ``data/snapshot/provincial_figures.csv``.
    indicators, units : sequence of str
        Known indicators and province codes; an indicator that is no longer published may occur.

    Returns
    -------
    DataFrame
        Codes as text, years as integers, values as floats.

    Raises
    ------
    DataError
        Listing missing columns, or every row with an unknown province, a year or value that is no number, or
        a repeated key.
    """
    absent = [c for c in FIGURES_COLUMNS if c not in table.columns]
    problems = [] if absent else _vintage_problems(table, units)
    if absent or problems or not set(table["indicator"]) & set(indicators):
        found = [f"without {', '.join(absent)}"] if absent else problems or ["none of the known indicators"]
        raise DataError(
            "The earlier vintage of the figures cannot be read.",
            expected=f"columns {', '.join(FIGURES_COLUMNS)}, each province and year of an indicator once",
            found=offenders(found),
            remedy="supply the provincial_figures.csv of the earlier snapshot as monitor.previous_vintage",
        )
    return tidy_figures(table)


def _vintage_problems(table: pd.DataFrame, units: Sequence[str]) -> list[str]:
    import pandas as pd

    year, value = (pd.to_numeric(table[c], errors="coerce") for c in ("year", "value"))
    province = table["province_code"]
    reasons = {
        "unknown province": ~province.isin(list(units)),
        "year is no whole number": year.isna() | (year % 1 != 0),
        "value is no number": value.isna(),
        "repeated key": table.duplicated(KEYS),
    }
    found = []
    for reason, wrong in reasons.items():
        for line, row in zip(np.flatnonzero(wrong) + 2, table[wrong].itertuples(), strict=True):
            cell = f"{row.indicator} {row.province_code} {row.year} {row.value}"
            hint = did_you_mean(row.province_code, list(units)) if reason.startswith("unknown") else ""
            found.append(f"line {line} ({cell}): {reason} {hint}".strip())
    return found


def compare_vintages(previous: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Return every cell in which two vintages differ.

    Parameters
    ----------
    previous, current : DataFrame
        Columns indicator, province_code, year, value; each key once.

    Returns
    -------
    DataFrame
        indicator, province_code, year, previous, current, difference, relative (difference over the previous
        value; NaN where that is zero), status: ``revised``, ``added`` (absent before) or ``withdrawn``.
    """
    both = previous.merge(current, on=KEYS, how="outer", suffixes=("_previous", "_current"), indicator=True)
    status = (
        both["_merge"].astype(str).map({"both": "revised", "right_only": "added", "left_only": "withdrawn"})
    )
    frame = both[KEYS].assign(
        previous=both["value_previous"],
        current=both["value_current"],
        difference=both["value_current"] - both["value_previous"],
    )
    base = frame["previous"].abs().where(frame["previous"] != 0.0)
    frame = frame.assign(relative=frame["difference"] / base, status=status)
    differs = (frame["status"] != "revised") | (frame["difference"] != 0.0)
    return frame[differs].sort_values(KEYS, ignore_index=True)


def vintage_summary(differences: pd.DataFrame, previous: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Return the differences by indicator: cells in both, revised, added, withdrawn, largest revision.

    Parameters
    ----------
    differences : DataFrame
        From `compare_vintages`.
    previous, current : DataFrame
        The vintages.

    Returns
    -------
    DataFrame
        indicator, common, revised, added, withdrawn, largest (the relative revision of largest size, signed;
        NaN without revisions); indicators in alphabetical order, those without differences included.
    """
    import pandas as pd

    names = sorted({*previous["indicator"], *current["indicator"]})
    common = previous[KEYS].merge(current[KEYS], on=KEYS)["indicator"].value_counts()
    rows = []
    for name in names:
        own = differences[differences["indicator"] == name]
        counts = own["status"].value_counts()
        relative = own["relative"].dropna()
        rows.append(
            {
                "indicator": name,
                "common": int(common.get(name, 0)),
                **{status: int(counts.get(status, 0)) for status in ("revised", "added", "withdrawn")},
                "largest": float(relative.loc[relative.abs().idxmax()]) if len(relative) else np.nan,
            }
        )
    return pd.DataFrame(rows)
