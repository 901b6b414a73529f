"""Inequality between units by year: Theil and Dagum decompositions by region, and summary measures.

Every unit i has a value ``y_i >= 0`` and a population share ``p_i``: ``1/n`` (each unit counts once) or the
unit's share of a population variable. With the mean ``mu = sum p_i y_i`` the unit's share of the total is
``s_i = p_i y_i / mu``. Theil and Gini admit zeros (``0 ln 0 = 0``); what does not is refused by name.

A region of one unit has no inequality within: its part within is zero, and the results print its size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from shuyi.arguments import check_draws, check_seed, finite_number
from shuyi.errors import DataError, check_known, offenders
from shuyi.frames import labelled, rows_frame
from shuyi.panel import Panel
from shuyi.regions import Grouping, check_placed
from shuyi.validation import cells, nonnegative, positive, varying
from shuyi.weights import Weights, check_aligned
from shuyi.weights.neighbours import binary_w, label_order, symmetric_pattern

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


EQUAL = "equal"
"""Weighting in which every unit counts once."""
LARGEST = 2.0**200
"""Values above it, or below its inverse, are measured in another unit first."""
GAP_THRESHOLD = 3.0
"""Ratio of the largest to the smallest value above which an indicator is flagged."""
PROVINCES = "units"
"""Level of a gap between units, beside the names of region schemes."""


@dataclass(frozen=True, eq=False)
class TheilDecomposition:
    """Theil's T of one variable, split into parts between and within regions.

    ``T = sum_i s_i ln(s_i / p_i) = sum_g S_g ln(S_g / P_g) + sum_g S_g T_g`` with the region's shares ``S_g``
    of the total and ``P_g`` of the population (Theil 1967).

    Parameters
    ----------
    variable, scheme, weighting : str
        `weighting` is ``"equal"`` or the population variable.
    periods : tuple of int, length T
        Years or other periods, increasing.
    units : tuple of str, length n
        Labels of the units.
    membership : tuple of str, length n
        Region of each unit.
    regions : tuple of str, length g
        Names of the regions.
    sizes : tuple of int, length g
        Number of units of each region.
    total, between, within : ndarray, shape (T,)
        Theil's T and its two parts.
    region_theil : ndarray, shape (T, g)
        Inequality ``T_g`` inside each region; NaN where all its values are zero.
    region_between, region_within : ndarray, shape (T, g)
        Each region's summand of `between` and `within`.
    unit_between, unit_within : ndarray, shape (T, n)
        Each unit's summand, ``s_i ln(S_g / P_g)`` and ``s_i ln((s_i / S_g) / (p_i / P_g))``; a unit below the
        average contributes negatively.
    """

    variable: str
    scheme: str
    weighting: str
    periods: tuple[int, ...]
    units: tuple[str, ...]
    membership: tuple[str, ...]
    regions: tuple[str, ...]
    sizes: tuple[int, ...]
    total: Array
    between: Array
    within: Array
    region_theil: Array
    region_between: Array
    region_within: Array
    unit_between: Array
    unit_within: Array

    def to_frame(self) -> pd.DataFrame:
        """Return one row per period and part.

        Returns
        -------
        DataFrame
            Columns region_scheme, variable, weighting, period, part (total, between, within), value, share.
        """
        parts = {"total": self.total, "between": self.between, "within": self.within}
        return _parts_frame(self, parts, self.total)

    def regions_frame(self) -> pd.DataFrame:
        """Return one row per period and region.

        Returns
        -------
        DataFrame
            Columns region_scheme, variable, weighting, period, region, n_units, theil, between, within and
            share_within (of the total).
        """
        columns = {
            "theil": self.region_theil,
            "between": self.region_between,
            "within": self.region_within,
            "share_within": _share(self.region_within, self.total[:, None]),
        }
        return _regions_frame(self, columns)

    def units_frame(self) -> pd.DataFrame:
        """Return one row per period and unit: its contribution between, within and in all, and its share.

        Returns
        -------
        DataFrame
            Columns region_scheme, variable, weighting, period, unit, region, between, within, contribution,
            share.
        """
        contribution = self.unit_between + self.unit_within
        columns = {
            "between": self.unit_between,
            "within": self.unit_within,
            "contribution": contribution,
            "share": _share(contribution, self.total[:, None]),
        }
        return _units_frame(self, columns)


@dataclass(frozen=True, eq=False)
class DagumDecomposition:
    """Dagum's decomposition of the Gini coefficient by region (Dagum 1997).

    ``G = Gw + Gnb + Gt``: inequality within regions, net inequality between them, and the intensity of
    transvariation (overlap). For regions j and h with mean absolute difference ``Delta_jh`` of their units

    * ``G_jh = Delta_jh / (mu_j + mu_h)``;
    * ``D_jh = (d_jh - p_jh) / (d_jh + p_jh)``, the relative economic affluence: with mu_j >= mu_h, ``d_jh``
      is the mean of ``y_j - y_h`` over pairs where the richer region leads (zero elsewhere), ``p_jh`` the
      mean of ``y_h - y_j`` where it trails;
    * ``Gnb = sum G_jh (P_j S_h + P_h S_j) D_jh`` and ``Gt = sum G_jh (P_j S_h + P_h S_j) (1 - D_jh)``.

    Parameters
    ----------
    variable : str
        Name of the panel variable.
    scheme : str
        Name of the region scheme.
    weighting : str
        ``"equal"`` or the population variable.
    periods : tuple of int, length T
        Years or other periods, increasing.
    units : tuple of str, length n
        Labels of the units.
    membership : tuple of str, length n
        Region of each unit.
    regions : tuple of str, length g
        Names of the regions.
    sizes : tuple of int, length g
        Number of units of each region.
    gini, within, net_between, transvariation : ndarray, shape (T,)
        Gini coefficient and its three parts.
    population_share, value_share : ndarray, shape (T, g)
        ``P_g`` and ``S_g``.
    region_gini : ndarray, shape (T, g)
        ``G_jj``; NaN where all values are zero.
    region_within : ndarray, shape (T, g)
        Summands ``G_jj P_j S_j`` of `within`.
    pairs : tuple of (str, str)
        Pairs of regions in the order of `regions`.
    pair_gini, affluence : ndarray, shape (T, pairs)
        ``G_jh`` (NaN where both regions are all zero) and ``D_jh`` (NaN where no two units differ).
    mean_gap : ndarray, shape (T, pairs)
        Mean of the first region minus that of the second.
    pair_net_between, pair_transvariation : ndarray, shape (T, pairs)
        Summands of `net_between` and `transvariation`.
    unit_contribution : ndarray, shape (T, n)
        ``p_i sum_j p_j |y_i - y_j| / (2 mu)``, which sums to the Gini coefficient.
    """

    variable: str
    scheme: str
    weighting: str
    periods: tuple[int, ...]
    units: tuple[str, ...]
    membership: tuple[str, ...]
    regions: tuple[str, ...]
    sizes: tuple[int, ...]
    gini: Array
    within: Array
    net_between: Array
    transvariation: Array
    population_share: Array
    value_share: Array
    region_gini: Array
    region_within: Array
    pairs: tuple[tuple[str, str], ...]
    pair_gini: Array
    affluence: Array
    mean_gap: Array
    pair_net_between: Array
    pair_transvariation: Array
    unit_contribution: Array

    def to_frame(self) -> pd.DataFrame:
        """Return one row per period and part.

        Returns
        -------
        DataFrame
            Columns region_scheme, variable, weighting, period, part (total, within, net_between,
            transvariation), value, share.
        """
        parts = {
            "total": self.gini,
            "within": self.within,
            "net_between": self.net_between,
            "transvariation": self.transvariation,
        }
        return _parts_frame(self, parts, self.gini)

    def regions_frame(self) -> pd.DataFrame:
        """Return one row per period and region.

        Returns
        -------
        DataFrame
            Columns region_scheme, variable, weighting, period, region, n_units, gini, within,
            population_share, value_share.
        """
        columns = {
            "gini": self.region_gini,
            "within": self.region_within,
            "population_share": self.population_share,
            "value_share": self.value_share,
        }
        return _regions_frame(self, columns)

    def pairs_frame(self) -> pd.DataFrame:
        """Return one row per period and pair of regions.

        Returns
        -------
        DataFrame
            Columns region_scheme, variable, weighting, period, region, other, gini, affluence, mean_gap,
            net_between, transvariation.
        """
        import pandas as pd

        index = [(p, *pair) for p in self.periods for pair in self.pairs]
        columns = {
            "gini": self.pair_gini,
            "affluence": self.affluence,
            "mean_gap": self.mean_gap,
            "net_between": self.pair_net_between,
            "transvariation": self.pair_transvariation,
        }
        frame = pd.DataFrame(index, columns=["period", "region", "other"])
        return _labelled(self, frame.assign(**{name: a.ravel() for name, a in columns.items()}))

    def units_frame(self) -> pd.DataFrame:
        """Return one row per period and unit: its contribution to the Gini coefficient, and its share.

        Returns
        -------
        DataFrame
            Columns region_scheme, variable, weighting, period, unit, region, contribution, share.
        """
        share = _share(self.unit_contribution, self.gini[:, None])
        return _units_frame(self, {"contribution": self.unit_contribution, "share": share})


class Measure(NamedTuple):
    """One summary measure: of values and population shares; whether it uses the shares and admits zeros.

    Parameters
    ----------
    function : callable
        Of values, population shares (or None) and the aversion of the Atkinson index.
    uses_population : bool
        Whether the shares enter.
    admits_zero : bool
        Whether values may be zero.
    """

    function: Callable[[Array, Array | None, float], float]
    uses_population: bool
    admits_zero: bool


@dataclass(frozen=True)
class DispersionRow:
    """One summary measure of one variable in one period.

    Parameters
    ----------
    variable : str
        Name of the panel variable.
    period : int
        Year or other period.
    measure : str
        A key of `MEASURES`.
    weighting : str
        ``"equal"`` or the population variable.
    parameter : float
        Aversion of the Atkinson index, else NaN.
    n_units : int
        Number of units.
    value : float
        The measure.
    """

    variable: str
    period: int
    measure: str
    weighting: str
    parameter: float
    n_units: int
    value: float


@dataclass(frozen=True)
class Dispersion:
    """Summary measures, ordered by variable, measure and period as they were asked for.

    Parameters
    ----------
    rows : tuple of DispersionRow
        One record per measure.
    """

    rows: tuple[DispersionRow, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per measure, with the fields of `DispersionRow` as columns.

        Returns
        -------
        DataFrame
            In the order of the rows.
        """
        return rows_frame(self.rows, DispersionRow)


@dataclass(frozen=True)
class GapRow:
    """Gap of one variable in one period, between units or between the means of regions.

    Parameters
    ----------
    region_scheme : str
        ``"units"`` for the gap between units.
    variable : str
        Name of the panel variable.
    period : int
        Year or other period.
    n : int
        Units or regions compared.
    missing : str
        Units without a value, which are left out, separated by spaces.
    largest, smallest : str
        The unit or region.
    maximum, minimum : float
        Largest and smallest value, in the variable's unit.
    ratio : float
        Maximum over minimum; infinite where the minimum is zero.
    ratio_positive : float
        Maximum over the smallest positive value.
    zeros : int
        Number of zeros.
    p90, p10, p90_p10 : float
        Percentiles (linear interpolation) and their ratio; infinite where the tenth percentile is zero.
    exceeds : bool
        Whether `ratio` exceeds the threshold.
    """

    region_scheme: str
    variable: str
    period: int
    n: int
    missing: str
    largest: str
    smallest: str
    maximum: float
    minimum: float
    ratio: float
    ratio_positive: float
    zeros: int
    p90: float
    p10: float
    p90_p10: float
    exceeds: bool


@dataclass(frozen=True)
class Gaps:
    """Gaps, ordered by variable and period; `threshold` is the ratio above which one is flagged.

    Parameters
    ----------
    rows : tuple of GapRow
        One record per gap.
    threshold : float
        Ratio above which a gap is flagged.
    """

    rows: tuple[GapRow, ...]
    threshold: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row per gap, with the fields of `GapRow` as columns.

        Returns
        -------
        DataFrame
            In the order of the rows.
        """
        return rows_frame(self.rows, GapRow)


@dataclass(frozen=True)
class SpatialGiniRow:
    """Spatial Gini of one variable in one period (Rey and Smith 2013).

    Parameters
    ----------
    variable : str
        Name of the panel variable.
    period : int
        Year or other period.
    gini : float
        Gini coefficient.
    neighbours, others : float
        Parts of the Gini coefficient due to pairs of neighbours and to all other pairs.
    share_others : float
        Share of the latter.
    polarization : float
        Mean difference of the other pairs over that of neighbours; one is expected without spatial pattern.
    p_value : float
        ``(#(others* >= others) + 1) / (R + 1)`` over R random permutations of the values over the units.
    permutations : int
        Number of random permutations.
    seed : int
        Seed of the random draws.
    """

    variable: str
    period: int
    gini: float
    neighbours: float
    others: float
    share_others: float
    polarization: float
    p_value: float
    permutations: int
    seed: int


@dataclass(frozen=True)
class SpatialGini:
    """Spatial Gini coefficients, ordered by period.

    Parameters
    ----------
    rows : tuple of SpatialGiniRow
        One record per period.
    """

    rows: tuple[SpatialGiniRow, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per period, with the fields of `SpatialGiniRow` as columns.

        Returns
        -------
        DataFrame
            In the order of the rows.
        """
        return rows_frame(self.rows, SpatialGiniRow)


def theil(
    panel: Panel, variable: str, grouping: Grouping, *, population: str | None = None
) -> TheilDecomposition:
    """Decompose Theil's T by region and year.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variable : str
        Of zero or more; a level per head where `population` is given.
    grouping : Grouping
        Regions of the panel's units.
    population : str, optional
        Variable whose shares weight the units. By default each unit counts once, and the decomposition is
        that of ``inequality.theil.TheilD``.

    Returns
    -------
    TheilDecomposition
        By period, region and unit.

    Raises
    ------
    DataError
        If values are missing, negative, or all zero in a period, or the population is not positive.
    AlignmentError
        If grouping and panel name other units.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.inequality.decomposition import theil
    >>> from shuyi.panel import Panel
    >>> from shuyi.regions import Grouping
    >>> panel = Panel(np.array([[[1.0], [2.0], [6.0]]]), ("a", "b", "c"), (2020,), ("y",))
    >>> found = theil(panel, "y", Grouping("coast", ("a", "b", "c"), ("West", "West", "East")))
    >>> found.total.round(3), found.between.round(3), found.within.round(3)
    (array([0.25]), array([0.231]), array([0.019]))
    """
    check_placed(panel, grouping)
    y = _moderate(nonnegative(panel, variable, "Theil's index"))
    p = _population_shares(panel, population)
    indicator, positions = grouping.indicator, grouping.positions
    s = p * y / (p * y).sum(axis=1, keepdims=True)
    S, P = s @ indicator, p @ indicator
    unit_between = s * _log_ratio(S, P)[:, positions]
    unit_within = _entropy(s, p * _share(S, P)[:, positions])
    region_within = unit_within @ indicator
    between, within = (a.sum(axis=1) for a in (unit_between, unit_within))
    total = between + within
    if population is None and y.all():
        total, between, within = _library_theil(y, positions)
    return TheilDecomposition(
        variable=variable,
        scheme=grouping.scheme,
        weighting=population or EQUAL,
        periods=panel.periods,
        units=panel.units,
        membership=grouping.membership,
        regions=grouping.regions,
        sizes=grouping.sizes,
        total=total,
        between=between,
        within=within,
        region_theil=_share(region_within, S),
        region_between=unit_between @ indicator,
        region_within=region_within,
        unit_between=unit_between,
        unit_within=unit_within,
    )


def dagum(
    panel: Panel, variable: str, grouping: Grouping, *, population: str | None = None
) -> DagumDecomposition:
    """Decompose the Gini coefficient by region and year.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variable : str
        Of zero or more; a level per head where `population` is given.
    grouping : Grouping
        Regions of the panel's units.
    population : str, optional
        Variable whose shares weight the units; by default each unit counts once.

    Returns
    -------
    DagumDecomposition
        By period, region, pair of regions and unit.

    Raises
    ------
    DataError, AlignmentError
        As `theil`.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.inequality.decomposition import dagum
    >>> from shuyi.panel import Panel
    >>> from shuyi.regions import Grouping
    >>> panel = Panel(np.array([[[1.0], [2.0], [6.0]]]), ("a", "b", "c"), (2020,), ("y",))
    >>> found = dagum(panel, "y", Grouping("coast", ("a", "b", "c"), ("West", "West", "East")))
    >>> found.gini.round(3), found.within.round(3), found.net_between.round(3)
    (array([0.37]), array([0.037]), array([0.333]))
    """
    check_placed(panel, grouping)
    y = _moderate(nonnegative(panel, variable, "The Gini coefficient"))
    p = _population_shares(panel, population)
    years = [_dagum_year(y_t, p_t, grouping.indicator) for y_t, p_t in zip(y, p, strict=True)]
    first, second = np.triu_indices(len(grouping.regions), 1)
    names = grouping.regions
    return DagumDecomposition(
        variable=variable,
        scheme=grouping.scheme,
        weighting=population or EQUAL,
        periods=panel.periods,
        units=panel.units,
        membership=grouping.membership,
        regions=names,
        sizes=grouping.sizes,
        pairs=tuple((names[j], names[h]) for j, h in zip(first, second, strict=True)),
        **{name: np.array([year[name] for year in years]) for name in years[0]},
    )


def dispersion(
    panel: Panel,
    variables: Sequence[str],
    *,
    measures: Sequence[str] = ("gini", "theil", "cv", "p90_p10", "max_min", "atkinson"),
    population: str | None = None,
    aversion: float = 1.0,
) -> Dispersion:
    """Return summary measures by variable and year.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variables : sequence of str
        Names of panel variables, of zero or more.
    measures : sequence of str, optional
        Keys of `MEASURES`. ``"cv"`` divides the population standard deviation by the mean; with population
        weights it is Williamson's (1965) index.
    population : str, optional
        Weights of gini, theil, cv and atkinson. Percentiles and extremes are those of units, never weighted.
    aversion : float, default 1.0
        Of the Atkinson (1970) index.

    Returns
    -------
    Dispersion
        One row per variable, measure and period.

    Raises
    ------
    DataError
        If a measure is unknown, values are missing or negative, or a zero meets a measure that admits none
        (p90_p10, max_min and atkinson).
    """
    chosen = [(name, _measure(name)) for name in measures]
    rows = [
        row
        for variable in variables
        for name, measure in chosen
        for row in _measured(
            panel, variable, name, measure, population if measure.uses_population else None, aversion
        )
    ]
    return Dispersion(tuple(rows))


def gaps(
    panel: Panel,
    variables: Sequence[str],
    grouping: Grouping | None = None,
    *,
    threshold: float = GAP_THRESHOLD,
) -> Gaps:
    """Return largest and smallest value, P90/P10 and their ratios by variable and year.

    Missing cells are left out and named; zeros are kept and counted (the ratio is then infinite).

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variables : sequence of str
        Names of panel variables, of zero or more.
    grouping : Grouping, optional
        Compare the means of regions (over their units with a value) instead of units.
    threshold : float, default GAP_THRESHOLD
        Ratio above which a gap is flagged.

    Returns
    -------
    Gaps
        One row per variable and period.

    Raises
    ------
    DataError
        If a value is negative, or a period has no positive value.
    """
    finite_number(threshold, "threshold", above=0)
    rows = []
    for variable in variables:
        y = panel[variable]
        if (y < 0).any():
            raise DataError(
                "Ratios are not defined for negative values.",
                expected=f"{variable!r} of zero or more",
                found=cells(panel, y, y < 0),
            )
        for t, period in enumerate(panel.periods):
            rows.append(_gap(variable, period, y[t], panel.units, grouping, threshold))
    return Gaps(tuple(rows), threshold)


def spatial_gini(
    panel: Panel, variable: str, weights: Weights, *, permutations: int = 999, seed: int
) -> SpatialGini:
    """Split the Gini coefficient by year into pairs of neighbours and other pairs.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variable : str
        Name of the panel variable.
    weights : Weights
        In the panel's order of units; only the pattern of neighbours counts, and it must be symmetric.
    permutations : int, default 999
        Of the values over the units, drawn in the order of the units' labels; zero gives NaN for `p_value`.
    seed : int
        Seed of the random draws.

    Returns
    -------
    SpatialGini
        One row per period.

    Raises
    ------
    DataError
        As `theil`, or if a period does not vary.
    WeightsError
        If one unit is the neighbour of another but not the reverse, or all or no pairs are neighbours.
    """
    from inequality.gini import Gini_Spatial

    check_aligned(panel.units, weights)
    each = 8 * (panel.n + 2 * weights.nonzero)
    permutations = check_draws(permutations, "permutations", least=1, none=True, each=each)
    seed = check_seed(seed)
    method = "The spatial Gini coefficient"
    y = varying(panel, variable, _moderate(nonnegative(panel, variable, method)), method)
    pattern = symmetric_pattern(weights)
    w = binary_w(pattern)
    rows = []
    for t, period in enumerate(panel.periods):
        peer = Gini_Spatial(y[t], w, permutations=0)
        sample = _permuted_differences(y[t], pattern, panel.units, permutations, seed)
        rows.append(_spatial_gini_row(variable, period, peer, sample, seed))
    return SpatialGini(tuple(rows))


def _measured(
    panel: Panel, variable: str, name: str, measure: Measure, population: str | None, aversion: float
) -> list[DispersionRow]:
    admit = nonnegative if measure.admits_zero else positive
    y = _moderate(admit(panel, variable, f"The measure {name!r}"))
    shares = [None] * panel.T if population is None else list(_population_shares(panel, population))
    parameter = aversion if name == "atkinson" else float("nan")
    return [
        DispersionRow(
            variable,
            period,
            name,
            population or EQUAL,
            parameter,
            panel.n,
            measure.function(y_t, p_t, aversion),
        )
        for period, y_t, p_t in zip(panel.periods, y, shares, strict=True)
    ]


def _population_shares(panel: Panel, population: str | None) -> Array:
    if population is None:
        return np.full((panel.T, panel.n), 1.0 / panel.n)
    people = positive(panel, population, "A population weight")
    return people / people.sum(axis=1, keepdims=True)


def _library_theil(y: Array, positions: NDArray[np.intp]) -> tuple[Array, Array, Array]:
    from inequality.theil import TheilD

    result = TheilD(y.T, positions)
    return np.asarray(result.T), np.asarray(result.bg), np.asarray(result.wg)


def _moderate(y: Array) -> Array:
    """Return values of shape (T, n) in a unit in which neither their sum nor their product overflows.

    Measures of inequality do not depend on the unit; a power of two changes no digit.
    """
    top = y.max(axis=1, keepdims=True)
    if top.max() < LARGEST and top.min() > 1.0 / LARGEST:
        return y
    return y * np.exp2(-np.floor(np.log2(top)))


def _share(part: Array, whole: Array) -> Array:
    """Return part / whole, NaN where the whole is zero."""
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=whole != 0)


def _log_ratio(a: Array, b: Array) -> Array:
    """Return ln(a / b), zero where a is zero (it is multiplied by zero)."""
    return np.log(np.divide(a, b, out=np.ones_like(a), where=a > 0))


def _entropy(s: Array, p: Array) -> Array:
    """Return s ln(s / p) with 0 ln 0 = 0."""
    return s * _log_ratio(s, np.where(s > 0, p, 1.0))


def _dagum_year(y: Array, p: Array, indicator: Array) -> dict[str, Any]:
    """Return the year's fields of `DagumDecomposition`."""
    mass = p[:, None] * p[None, :]
    lead = mass * np.maximum(y[:, None] - y[None, :], 0.0)
    upward = indicator.T @ lead @ indicator
    gross = upward + upward.T
    mean = float(p @ y)
    P, Y = p @ indicator, (p * y) @ indicator
    first, second = np.triu_indices(len(P), 1)
    pair = gross[first, second]
    affluence = _share(np.abs(upward - upward.T)[first, second], pair)
    net = pair * np.nan_to_num(affluence) / mean
    mu = Y / P
    inside = np.diag(gross) / (2 * mean)
    return {
        "gini": gross.sum() / (2 * mean),
        "within": inside.sum(),
        "net_between": net.sum(),
        "transvariation": (pair / mean - net).sum(),
        "population_share": P,
        "value_share": Y / mean,
        "region_gini": _share(inside, P * Y / mean),
        "region_within": inside,
        "pair_gini": _share(pair, P[first] * P[second] * (mu[first] + mu[second])),
        "affluence": affluence,
        "mean_gap": mu[first] - mu[second],
        "pair_net_between": net,
        "pair_transvariation": pair / mean - net,
        "unit_contribution": (lead + lead.T).sum(axis=1) / (2 * mean),
    }


def _gini(y: Array, p: Array | None, aversion: float) -> float:
    from inequality.gini import Gini

    if p is None:
        return float(Gini(y).g)
    difference = np.abs(y[:, None] - y[None, :])
    return float(p @ difference @ p / (2 * (p @ y)))


def _theil(y: Array, p: Array | None, aversion: float) -> float:
    from inequality.theil import Theil

    if p is None and y.all():
        return float(Theil(y).T)
    p = np.full(len(y), 1.0 / len(y)) if p is None else p
    return float(_entropy(p * y / (p @ y), p).sum())


def _cv(y: Array, p: Array | None, aversion: float) -> float:
    mean = np.average(y, weights=p)
    return float(np.sqrt(np.average((y - mean) ** 2, weights=p)) / mean)


def _p90_p10(y: Array, p: Array | None, aversion: float) -> float:
    high, low = np.percentile(y, [90, 10])
    return float(high / low)


def _max_min(y: Array, p: Array | None, aversion: float) -> float:
    return float(y.max() / y.min())


def _atkinson(y: Array, p: Array | None, aversion: float) -> float:
    from inequality.atkinson import atkinson

    if p is None:
        return float(atkinson(y, aversion))
    if aversion == 1:
        return float(1 - np.exp(p @ np.log(y)) / (p @ y))
    return float(1 - (p @ y ** (1 - aversion)) ** (1 / (1 - aversion)) / (p @ y))


MEASURES = {
    "gini": Measure(_gini, uses_population=True, admits_zero=True),
    "theil": Measure(_theil, uses_population=True, admits_zero=True),
    "cv": Measure(_cv, uses_population=True, admits_zero=True),
    "p90_p10": Measure(_p90_p10, uses_population=False, admits_zero=False),
    "max_min": Measure(_max_min, uses_population=False, admits_zero=False),
    "atkinson": Measure(_atkinson, uses_population=True, admits_zero=False),
}
"""Summary measures by name."""


def _measure(name: str) -> Measure:
    check_known(name, MEASURES, "measure", DataError)
    return MEASURES[name]


def _gap(
    variable: str,
    period: int,
    y: Array,
    units: Sequence[str],
    grouping: Grouping | None,
    threshold: float,
) -> GapRow:
    present = np.isfinite(y)
    names = [unit for unit, here in zip(units, present, strict=True) if here]
    values = y[present]
    if grouping is not None:
        names, values = _region_means(y, present, grouping)
    if not (values > 0).any():
        raise DataError(
            f"{variable!r} has no positive value in {period}, so that there is no ratio.",
            found=f"missing: {offenders(u for u, here in zip(units, present, strict=True) if not here)}",
        )
    high, low = float(values.max()), float(values.min())
    p90, p10 = (float(q) for q in np.percentile(values, [90, 10]))
    ratio = _ratio(high, low)
    return GapRow(
        region_scheme=PROVINCES if grouping is None else grouping.scheme,
        variable=variable,
        period=period,
        n=len(values),
        missing=" ".join(u for u, here in zip(units, present, strict=True) if not here),
        largest=names[int(values.argmax())],
        smallest=names[int(values.argmin())],
        maximum=high,
        minimum=low,
        ratio=ratio,
        ratio_positive=high / float(values[values > 0].min()),
        zeros=int((values == 0).sum()),
        p90=p90,
        p10=p10,
        p90_p10=_ratio(p90, p10),
        exceeds=ratio > threshold,
    )


def _ratio(high: float, low: float) -> float:
    return high / low if low > 0 else float("inf")


def _region_means(y: Array, present: NDArray[np.bool_], grouping: Grouping) -> tuple[list[str], Array]:
    """Return the regions with a value and their means."""
    counts = present @ grouping.indicator
    sums = np.where(present, y, 0.0) @ grouping.indicator
    filled = counts > 0
    names = [region for region, here in zip(grouping.regions, filled, strict=True) if here]
    return names, sums[filled] / counts[filled]


def _permuted_differences(
    y: Array, pattern: NDArray[np.bool_], units: tuple[str, ...], permutations: int, seed: int
) -> Array:
    """Return the sum of absolute differences over neighbours of permuted values, shape (permutations,)."""
    order = label_order(units)
    rng = np.random.default_rng(seed)
    drawn = rng.permuted(np.broadcast_to(y[order], (permutations, len(y))), axis=1)
    first, second = np.nonzero(pattern[np.ix_(order, order)])
    return np.abs(drawn[:, first] - drawn[:, second]).sum(axis=1)


def _spatial_gini_row(variable: str, period: int, peer: Any, sample: Array, seed: int) -> SpatialGiniRow:
    scale = float(peer.den)
    slack = 1e-12 * float(peer.dtotal)
    extreme = int((sample <= peer.wg + slack).sum())
    return SpatialGiniRow(
        variable=variable,
        period=period,
        gini=float(peer.g),
        neighbours=float(peer.wg) / scale,
        others=float(peer.wcg) / scale,
        share_others=float(peer.wcg / peer.dtotal) if peer.dtotal else float("nan"),
        polarization=float(peer.polarization),
        p_value=(extreme + 1) / (len(sample) + 1) if len(sample) else float("nan"),
        permutations=len(sample),
        seed=seed,
    )


def _labelled(result: TheilDecomposition | DagumDecomposition, frame: pd.DataFrame) -> pd.DataFrame:
    return labelled(frame, region_scheme=result.scheme, variable=result.variable, weighting=result.weighting)


def _parts_frame(
    result: TheilDecomposition | DagumDecomposition, parts: dict[str, Array], total: Array
) -> pd.DataFrame:
    import pandas as pd

    index = [(period, part) for period in result.periods for part in parts]
    values = np.column_stack(list(parts.values()))
    frame = pd.DataFrame(index, columns=["period", "part"])
    frame = frame.assign(value=values.ravel(), share=_share(values, total[:, None]).ravel())
    return _labelled(result, frame)


def _regions_frame(
    result: TheilDecomposition | DagumDecomposition, columns: dict[str, Array]
) -> pd.DataFrame:
    import pandas as pd

    sized = list(zip(result.regions, result.sizes, strict=True))
    index = [(period, *region) for period in result.periods for region in sized]
    frame = pd.DataFrame(index, columns=["period", "region", "n_units"])
    return _labelled(result, frame.assign(**{name: a.ravel() for name, a in columns.items()}))


def _units_frame(result: TheilDecomposition | DagumDecomposition, columns: dict[str, Array]) -> pd.DataFrame:
    import pandas as pd

    placed = list(zip(result.units, result.membership, strict=True))
    index = [(period, *unit) for period in result.periods for unit in placed]
    frame = pd.DataFrame(index, columns=["period", "unit", "region"])
    return _labelled(result, frame.assign(**{name: a.ravel() for name, a in columns.items()}))
