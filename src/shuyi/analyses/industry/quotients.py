r"""Digital industries by province: location quotients, similarity of structure and the negative list.

With :math:`x_{ij}` the size of sector j in province i and :math:`b_i` the base (GRP),

.. math:: LQ_{ij} = \frac{x_{ij} / \sum_i x_{ij}}{b_i / \sum_i b_i},

both sums over the provinces whose figure of the sector is printed: an absent figure is no data, not zero. The
quotient compares a sector with the base, so that sectors in other units (GB of traffic) can stand beside
sectors in money.

The structure of a province is a vector of shares that sums to one, over the sectors' values (one unit only)
or, the default, over the province's shares in each sector's national total (any units; the profile of its
location quotients). A province that lacks one sector's figure has no structure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from shuyi.errors import DataError, check_known, did_you_mean, offenders
from shuyi.frames import rows_frame
from shuyi.schema import Problem, check_config, raise_problems, with_whole_numbers

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.panel import Panel

    Array = NDArray[np.float64]


StructureKind = Literal["profile", "value"]
STRUCTURES: tuple[StructureKind, ...] = ("profile", "value")
CHANGES = ("location_quotient_change", "national_share_change")
UTILISATION = "capacity_utilisation"


@dataclass(frozen=True)
class Sector:
    """One sector: the series that measures it and the part that is taken off.

    Parameters
    ----------
    id : str
        Name of the sector.
    title : mapping
        Text by language.
    series : str
        Panel variable that measures it.
    minus : str or None
        Panel variable that is taken off, if any.
    proxy : bool
        Whether the series measures use rather than output.
    note : mapping
        Text by language.
    """

    id: str
    title: Mapping[str, str]
    series: str
    minus: str | None
    proxy: bool
    note: Mapping[str, str]

    def columns(self) -> tuple[str, ...]:
        """Return the panel variables that the sector needs.

        Returns
        -------
        tuple of str
            One or two names.
        """
        return (self.series,) if self.minus is None else (self.series, self.minus)


@dataclass(frozen=True)
class Condition:
    """A metric above or below a threshold; ``years`` is the span of a change, 0 for other metrics.

    Parameters
    ----------
    metric : str
        Name of the metric.
    above : bool
        Whether the metric must lie above the threshold, else below.
    threshold : float
        In the metric's unit.
    years : int
        Span of a change, zero for other metrics.
    """

    metric: str
    above: bool
    threshold: float
    years: int


@dataclass(frozen=True)
class Rule:
    """A rule of the negative list: all its conditions must hold; the first gives the value printed.

    Parameters
    ----------
    id : str
        Name of the rule.
    title : mapping of str to str
        Text by language.
    source : str
        Where the rule is taken from.
    conditions : tuple of Condition
        Conditions, the one whose value is printed first.
    """

    id: str
    title: Mapping[str, str]
    source: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class IndustryRules:
    """Sectors, base and rules as data (config/negative_list_rules.yaml).

    Parameters
    ----------
    base : str
        Panel variable that location quotients refer to.
    sectors : tuple of Sector
        Sectors in order.
    rules : tuple of Rule
        Rules in order.
    """

    base: str
    sectors: tuple[Sector, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, eq=False)
class IndustryMap:
    """Sizes, concentration and structure of the sectors.

    Parameters
    ----------
    sectors : tuple of str, length k
        Ids of the sectors.
    units : tuple of str, length n
        Labels of the units.
    periods : tuple of int, length T
        Years or other periods, increasing.
    values : ndarray, shape (T, n, k)
        NaN where no figure is printed.
    shares : ndarray, shape (T, n, k)
        Share in the sector's national total.
    quotients : ndarray, shape (T, n, k)
        Location quotients; 1 is the national concentration.
    structure : ndarray, shape (T, n, k)
        Shares that sum to one over the sectors; NaN for a province that lacks a sector's figure.
    kind : {"profile", "value"}
        Of the structure.
    """

    sectors: tuple[str, ...]
    units: tuple[str, ...]
    periods: tuple[int, ...]
    values: Array
    shares: Array
    quotients: Array
    structure: Array
    kind: StructureKind

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit, period and sector.

        Returns
        -------
        DataFrame
            Columns value, national share, quotient, structure, no_data.
        """
        import pandas as pd

        labels = [self.units, self.periods, self.sectors]
        index = pd.MultiIndex.from_product(labels, names=["unit", "period", "sector"])
        frame = index.to_frame(index=False)
        columns = {"value": self.values, "national_share": self.shares, "location_quotient": self.quotients}
        for name, layer in {**columns, "structure": self.structure}.items():
            frame[name] = layer.transpose(1, 0, 2).ravel()
        frame["no_data"] = np.isnan(frame["value"])
        return frame

    def similarity_frame(self) -> pd.DataFrame:
        """Return one row per period and pair of units with a structure.

        Returns
        -------
        DataFrame
            Columns cosine and Krugman index.
        """
        import pandas as pd

        cosine, krugman = cosine_similarity(self.structure), krugman_index(self.structure)
        first, second = np.triu_indices(len(self.units), k=1)
        frames = [
            pd.DataFrame(
                {
                    "period": period,
                    "unit": np.array(self.units)[first],
                    "other": np.array(self.units)[second],
                    "cosine": cosine[t, first, second],
                    "krugman": krugman[t, first, second],
                }
            )
            for t, period in enumerate(self.periods)
        ]
        return pd.concat(frames, ignore_index=True).dropna(ignore_index=True)


@dataclass(frozen=True)
class Entry:
    """One line of the negative list.

    Parameters
    ----------
    province : str
        Code of the province.
    sector : str
        Id of the sector.
    year : int
        Year of the figures.
    rule : str
        Id of the rule that applies.
    value : float
        Value of the rule's first metric.
    """

    province: str
    sector: str
    year: int
    rule: str
    value: float


@dataclass(frozen=True)
class Undecided:
    """A cell that a rule could not judge, with the metric that has no value there.

    Parameters
    ----------
    province : str
        Code of the province.
    sector : str
        Id of the sector.
    year : int
        Year of the figures.
    rule : str
        Id of the rule.
    metric : str
        Metric without a value.
    """

    province: str
    sector: str
    year: int
    rule: str
    metric: str


@dataclass(frozen=True)
class Skipped:
    """A rule that could not be applied to a sector at all, with the column that is missing.

    Parameters
    ----------
    rule : str
        Id of the rule.
    sector : str
        Id of the sector.
    missing : str
        Panel variable that is missing.
    """

    rule: str
    sector: str
    missing: str


@dataclass(frozen=True)
class NegativeList:
    """The negative list, the cells without a judgement, and the rules not applied.

    Entries are in the order province, sector, year, rule.

    Parameters
    ----------
    entries : tuple of Entry
        Rules that apply.
    undecided : tuple of Undecided
        Cells without a judgement.
    skipped : tuple of Skipped
        Rules that were not applied to a sector.
    """

    entries: tuple[Entry, ...]
    undecided: tuple[Undecided, ...]
    skipped: tuple[Skipped, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return the entries.

        Returns
        -------
        DataFrame
            Columns province, sector, year, rule, value.
        """
        return rows_frame(self.entries, Entry)

    def undecided_frame(self) -> pd.DataFrame:
        """Return the cells without a judgement.

        Returns
        -------
        DataFrame
            Columns province, sector, year, rule, metric.
        """
        return rows_frame(self.undecided, Undecided)

    def skipped_frame(self) -> pd.DataFrame:
        """Return the rules not applied.

        Returns
        -------
        DataFrame
            Columns rule, sector, missing.
        """
        return rows_frame(self.skipped, Skipped)


def load_industry_rules(
    raw: Mapping[str, Any], schema: Mapping[str, Any], *, file: str = "config/negative_list_rules.yaml"
) -> IndustryRules:
    """Return the sectors and rules that a parsed YAML file describes.

    Parameters
    ----------
    raw, schema : mapping
        The parsed file and its JSON schema.
    file : str, default "config/negative_list_rules.yaml"
        Name of the file, for messages.

    Returns
    -------
    IndustryRules
        In the order of the file.

    Raises
    ------
    ConfigError
        Listing every departure from the schema, every repeated id, and every change without a span of years
        or span without a change.
    """
    problems = check_config(raw, schema, file=file)
    raise_problems(problems or _rule_problems(raw, file), raw)
    raw = with_whole_numbers(raw, schema)
    rules = tuple(
        Rule(r["id"], r["title"], r["source"], tuple(_condition(c) for c in r["conditions"]))
        for r in raw["rules"]
    )
    return IndustryRules(raw["base"], tuple(Sector(**s) for s in raw["sectors"]), rules)


def sector_values(sectors: Sequence[Sector], panel: Panel) -> Array:
    """Return the size of each sector, shape (T, n, k); NaN where a figure is not printed.

    Parameters
    ----------
    sectors : sequence of Sector
        Sectors, in order.
    panel : Panel
        Balanced panel that holds the variables.

    Returns
    -------
    ndarray, shape (T, n, k)
        In the unit of the series.

    Raises
    ------
    DataError
        If a series is not in the panel, or a size is negative or infinite.
    """
    _check_not_missing([c for s in sectors for c in s.columns()], panel)
    layers = [panel[s.series] - (panel[s.minus] if s.minus else 0.0) for s in sectors]
    values = np.stack(layers, axis=2)
    wrong = [
        f"{sectors[j].id} {panel.units[i]} {panel.periods[t]}: {values[t, i, j]:.6g}"
        for t, i, j in np.argwhere((values < 0.0) | np.isinf(values))
    ]
    if wrong:
        raise DataError(
            "The size of a sector is not admissible.",
            expected="sizes of zero or more; a part not larger than the whole",
            found=offenders(wrong),
            remedy="correct the figures or the sector's definition",
        )
    return values


def national_shares(values: Array) -> Array:
    """Return the share of each unit in the total of the printed figures.

    Parameters
    ----------
    values : ndarray, shape (T, n, k)
        Not negative; NaN is no data.

    Returns
    -------
    ndarray, shape (T, n, k)
        Sum to one over the units; NaN where there is no figure.

    Raises
    ------
    DataError
        If a sector's total is zero or has no figure in a period.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.industry.quotients import national_shares
    >>> national_shares(np.array([[[1.0], [3.0], [np.nan]]])).ravel()
    array([0.25, 0.75,  nan])
    """
    total = np.nansum(values, axis=1, keepdims=True)
    if not (total > 0.0).all():
        cells = [f"sector {j} in period {t}" for t, _, j in np.argwhere(~(total > 0.0))]
        raise DataError(
            "A sector has no total to take shares of.",
            expected="a positive figure of every sector in every period",
            found=offenders(cells),
            remedy="leave the sector or the period out",
        )
    return np.asarray(values / total)


def location_quotients(values: Array, base: Array) -> Array:
    """Return the location quotients of sectors against a base (see the module's description).

    Parameters
    ----------
    values : ndarray, shape (T, n, k)
        Not negative; NaN is no data.
    base : ndarray, shape (T, n)
        Positive.

    Returns
    -------
    ndarray, shape (T, n, k)
        One where a unit has the nation's concentration.

    Raises
    ------
    DataError
        If the base is not positive everywhere or a sector has no total.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.industry.quotients import location_quotients
    >>> location_quotients(np.array([[[1.0], [3.0]]]), np.array([[1.0, 1.0]])).ravel()
    array([0.5, 1.5])
    """
    if not (base > 0.0).all():
        raise DataError(
            "Location quotients need a positive base.",
            found=offenders(f"{base[t, i]:.6g} at {(t, i)}" for t, i in np.argwhere(~(base > 0.0)).tolist()),
        )
    printed = np.where(np.isnan(values), np.nan, base[:, :, None])
    return national_shares(values) / national_shares(printed)


def structure_shares(values: Array, kind: StructureKind = "profile") -> Array:
    """Return the structure of each unit (see the module's description), shape (T, n, k).

    NaN for a unit that lacks a sector's figure or has none above zero.

    Parameters
    ----------
    values : ndarray, shape (T, n, k)
        Sizes of the sectors, not negative; NaN is no data.
    kind : {"profile", "value"}, default "profile"
        Whether shares are taken of national shares or of the values themselves.

    Returns
    -------
    ndarray, shape (T, n, k)
        Sum to one over the sectors.

    Raises
    ------
    DataError
        If the kind is unknown or a sector has no total.
    """
    check_known(kind, STRUCTURES, "kind of structure", DataError)
    parts = national_shares(values) if kind == "profile" else values
    total = parts.sum(axis=2, keepdims=True)
    return np.divide(parts, total, out=np.full_like(parts, np.nan), where=total > 0.0)


def cosine_similarity(structure: Array) -> Array:
    """Return the cosine similarity between units, shape (T, n, n), in [0, 1] for shares.

    Parameters
    ----------
    structure : ndarray, shape (T, n, k)
        Structures of the units.

    Returns
    -------
    ndarray, shape (T, n, n)
        NaN for a unit without a structure.
    """
    length = np.sqrt((structure**2).sum(axis=2, keepdims=True))
    unit = structure / length
    return np.clip(unit @ unit.transpose(0, 2, 1), -1.0, 1.0)


def krugman_index(structure: Array) -> Array:
    """Return Krugman's (1991) index of dissimilarity sum_j |s_ij - s_kj|, shape (T, n, n), in [0, 2].

    Parameters
    ----------
    structure : ndarray, shape (T, n, k)
        Shares that sum to one over the sectors.

    Returns
    -------
    ndarray, shape (T, n, n)
        Zero for equal structures; NaN for a unit without one.
    """
    return np.abs(structure[:, :, None, :] - structure[:, None, :, :]).sum(axis=3)


def industry_map(rules: IndustryRules, panel: Panel, *, structure: StructureKind = "profile") -> IndustryMap:
    """Return sizes, national shares, location quotients and structure of the sectors.

    Parameters
    ----------
    rules : IndustryRules
        Sectors and base.
    panel : Panel
        Balanced panel that holds the variables.
    structure : {"profile", "value"}, default "profile"
        Which structure is taken, see `structure_shares`.

    Returns
    -------
    IndustryMap
        By period, unit and sector.

    Raises
    ------
    DataError
        If a series or the base is not in the panel, or a size, a total or the base is not admissible.
    """
    _check_not_missing([rules.base], panel)
    values = sector_values(rules.sectors, panel)
    return IndustryMap(
        tuple(s.id for s in rules.sectors),
        panel.units,
        panel.periods,
        values,
        national_shares(values),
        location_quotients(values, panel[rules.base]),
        structure_shares(values, structure),
        structure,
    )


def negative_list(
    rules: IndustryRules, industry: IndustryMap, neighbours: NDArray[np.bool_], panel: Panel
) -> NegativeList:
    """Apply the rules to every province, sector and year.

    A condition on a metric without a value leaves the cell undecided, unless another condition of the rule
    already fails there.

    Parameters
    ----------
    rules : IndustryRules
        Rules to apply.
    industry : IndustryMap
        Sizes, quotients and structures.
    neighbours : ndarray of bool, shape (n, n)
        Whether the column's unit neighbours the row's. A unit without neighbours has no
        ``neighbour_similarity``.
    panel : Panel
        For the columns ``capacity_utilisation_<sector>``; a rule is skipped for a sector without its column.

    Returns
    -------
    NegativeList
        Entries, undecided cells and skipped rules.

    Raises
    ------
    DataError
        If the neighbours do not fit the units, or a span of years is longer than the panel.
    """
    _check_neighbours(neighbours, industry)
    entries: list[Entry] = []
    undecided: list[Undecided] = []
    skipped: list[Skipped] = []
    for rule in rules.rules:
        for j, sector in enumerate(industry.sectors):
            column = f"{UTILISATION}_{sector}"
            if any(c.metric == UTILISATION for c in rule.conditions) and column not in panel.variables:
                skipped.append(Skipped(rule.id, sector, column))
                continue
            layers = [_metric(c, industry, neighbours, panel, j) for c in rule.conditions]
            entries += _entries(rule, layers, industry, sector)
            undecided += _undecided(rule, layers, industry, sector)
    return NegativeList(
        tuple(sorted(entries, key=lambda e: (e.province, industry.sectors.index(e.sector), e.year))),
        tuple(sorted(undecided, key=lambda e: (e.province, industry.sectors.index(e.sector), e.year))),
        tuple(skipped),
    )


def neighbour_similarity(structure: Array, neighbours: NDArray[np.bool_]) -> Array:
    """Return the largest cosine similarity of each unit with a neighbour, shape (T, n); NaN without any.

    Neighbours without a structure do not count.

    Parameters
    ----------
    structure : ndarray, shape (T, n, k)
        Structures of the units.
    neighbours : ndarray of bool, shape (n, n)
        Whether the column's unit neighbours the row's.

    Returns
    -------
    ndarray, shape (T, n)
        In [0, 1] for shares.
    """
    cosine = np.where(neighbours & ~np.eye(len(neighbours), dtype=bool), cosine_similarity(structure), np.nan)
    known = ~np.isnan(cosine)
    largest = np.max(cosine, axis=2, where=known, initial=-np.inf)
    return np.where(known.any(axis=2), largest, np.nan)


def national_distance(structure: Array, values: Array, kind: StructureKind = "profile") -> Array:
    """Return Krugman's index of each unit against the structure of all printed figures, shape (T, n).

    Parameters
    ----------
    structure : ndarray, shape (T, n, k)
        Structures of the units.
    values : ndarray, shape (T, n, k)
        Sizes of the sectors.
    kind : {"profile", "value"}, default "profile"
        Kind of the structures.

    Returns
    -------
    ndarray, shape (T, n)
        In [0, 2].
    """
    total = np.nansum(values, axis=1, keepdims=True)
    whole = np.ones_like(total) if kind == "profile" else total
    return np.abs(structure - whole / whole.sum(axis=2, keepdims=True)).sum(axis=2)


def _metric(
    condition: Condition, industry: IndustryMap, neighbours: NDArray[np.bool_], panel: Panel, j: int
) -> Array:
    if condition.metric in CHANGES:
        level = industry.quotients if condition.metric == CHANGES[0] else industry.shares
        return _change(level[:, :, j], condition.years, industry.periods)
    metrics: Mapping[str, Callable[[], Array]] = {
        "location_quotient": lambda: industry.quotients[:, :, j],
        "national_share": lambda: industry.shares[:, :, j],
        "neighbour_similarity": lambda: neighbour_similarity(industry.structure, neighbours),
        "national_distance": lambda: national_distance(industry.structure, industry.values, industry.kind),
        UTILISATION: lambda: panel[f"{UTILISATION}_{industry.sectors[j]}"],
    }
    return metrics[condition.metric]()


def _change(level: Array, years: int, periods: Sequence[int]) -> Array:
    if years > periods[-1] - periods[0]:
        raise DataError(
            "A rule compares years further apart than the panel is long.",
            expected=f"a span of at most {periods[-1] - periods[0]} years",
            found=f"{years} years",
            remedy="shorten the span in config/negative_list_rules.yaml or lengthen the panel",
        )
    change = np.full_like(level, np.nan)
    for t, period in enumerate(periods):
        if period - years in periods:
            change[t] = level[t] - level[periods.index(period - years)]
    return change


def _holds(condition: Condition, layer: Array) -> NDArray[np.bool_]:
    return layer > condition.threshold if condition.above else layer < condition.threshold


def _entries(rule: Rule, layers: Sequence[Array], industry: IndustryMap, sector: str) -> list[Entry]:
    holds = np.all([_holds(c, m) for c, m in zip(rule.conditions, layers, strict=True)], axis=0)
    return [
        Entry(industry.units[i], sector, industry.periods[t], rule.id, float(layers[0][t, i]))
        for t, i in np.argwhere(holds)
    ]


def _undecided(rule: Rule, layers: Sequence[Array], industry: IndustryMap, sector: str) -> list[Undecided]:
    empty = np.array([np.isnan(layer) for layer in layers])
    fails = np.any(
        [
            ~_holds(c, m) & ~np.isnan(m)
            for c, m in zip(rule.conditions, layers, strict=True)
        ],
        axis=0,
    )  # fmt: skip
    return [
        Undecided(
            industry.units[i],
            sector,
            industry.periods[t],
            rule.id,
            rule.conditions[int(empty[:, t, i].argmax())].metric,
        )
        for t, i in np.argwhere(empty.any(axis=0) & ~fails)
    ]


def _condition(raw: Mapping[str, Any]) -> Condition:
    return Condition(raw["metric"], raw["is"] == "above", float(raw["threshold"]), raw["years"])


def _rule_problems(raw: Mapping[str, Any], file: str) -> list[Problem]:
    problems = []
    for key in ("sectors", "rules"):
        ids = [entry["id"] for entry in raw[key]]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        problems += [Problem(file, key, f"the id {i!r} twice", "each id once") for i in twice]
    for rule in raw["rules"]:
        for condition in rule["conditions"]:
            if (condition["metric"] in CHANGES) != (condition["years"] > 0):
                allowed = "1 or more for a change, 0 for every other metric"
                place = f"rules.{rule['id']}.{condition['metric']}.years"
                problems.append(Problem(file, place, str(condition["years"]), allowed))
    return problems


def _check_not_missing(columns: Sequence[str], panel: Panel) -> None:
    missing = [c for c in dict.fromkeys(columns) if c not in panel.variables]
    if missing:
        raise DataError(
            "The industry map needs columns that the panel does not hold.",
            expected="every series of the sectors and the base as a panel variable",
            found=f"missing: {', '.join(missing)}",
            remedy=did_you_mean(missing[0], panel.variables),
        )


def _check_neighbours(neighbours: NDArray[np.bool_], industry: IndustryMap) -> None:
    n = len(industry.units)
    if neighbours.shape != (n, n) or neighbours.dtype != np.bool_:
        raise DataError(
            "The neighbours do not fit the units of the industry map.",
            expected=f"booleans of shape {(n, n)}",
            found=f"{neighbours.dtype} of shape {neighbours.shape}",
        )
