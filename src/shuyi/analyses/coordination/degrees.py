r"""Coupling coordination of systems: coupling degree, coordination degree, classes, obstacles and trend.

With scores :math:`U_1, \dots, U_m` of m systems in [0, 1] and shares :math:`a_i` that sum to one,

.. math:: T = \sum_i a_i U_i, \qquad D = \sqrt{C\,T},

where C is the coupling degree, either standard,

.. math:: C = m \Big(\prod_i U_i\Big)^{1/m} \Big/ \sum_i U_i,

or corrected after Wang Shujia et al. (2021, Journal of Natural Resources 36(3)), which uses all of [0, 1],

.. math:: C = \sqrt{\Big[1 - \frac{\sum_{i>j} |U_i - U_j|}{m(m-1)/2}\Big]
              \Big[\prod_i \frac{U_i}{\max_k U_k}\Big]^{1/(m-1)}}.

Where every system scores zero, C is not defined (NaN) and D is zero, because T is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from shuyi.errors import DataError, check_known, did_you_mean, offenders
from shuyi.indices import SERIES_ONLY, IndexResult, Scheme, Weighting, compute_index, load_scheme
from shuyi.schema import Problem, check_config, raise_problems, with_whole_numbers

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.data.derivations import Derivations
    from shuyi.data.series import Caveat
    from shuyi.panel import Panel

    Array = NDArray[np.float64]


Variant = Literal["standard", "corrected"]
VARIANTS: tuple[Variant, ...] = ("standard", "corrected")
MIN_SYSTEMS = 2
MIN_TREND_YEARS = 3
SHARES_TOLERANCE = 1e-9
"""The shares of the systems are decimal fractions; their sum departs from one by rounding alone."""


@dataclass(frozen=True)
class CoordinationClass:
    """One class of the ten-class scale: lower <= D < upper; the highest class holds D = 1.

    Parameters
    ----------
    id : str
        Name of the class.
    lower, upper : float
        Bounds of D; the lower one is included.
    en, zh : str
        Printed name in English and Chinese.
    """

    id: str
    lower: float
    upper: float
    en: str
    zh: str


CLASSES: tuple[CoordinationClass, ...] = (
    CoordinationClass("extreme_imbalance", 0.0, 0.1, "Extreme imbalance", "极度失调"),
    CoordinationClass("severe_imbalance", 0.1, 0.2, "Severe imbalance", "严重失调"),
    CoordinationClass("moderate_imbalance", 0.2, 0.3, "Moderate imbalance", "中度失调"),
    CoordinationClass("mild_imbalance", 0.3, 0.4, "Mild imbalance", "轻度失调"),
    CoordinationClass("near_imbalance", 0.4, 0.5, "On the verge of imbalance", "濒临失调"),
    CoordinationClass("bare_coordination", 0.5, 0.6, "Bare coordination", "勉强协调"),
    CoordinationClass("primary_coordination", 0.6, 0.7, "Primary coordination", "初级协调"),
    CoordinationClass("intermediate_coordination", 0.7, 0.8, "Intermediate coordination", "中级协调"),
    CoordinationClass("good_coordination", 0.8, 0.9, "Good coordination", "良好协调"),
    CoordinationClass("high_coordination", 0.9, 1.0, "High-quality coordination", "优质协调"),
)
"""The customary scale of ten classes of equal width."""


@dataclass(frozen=True, eq=False)
class Coordination:
    """Coupling coordination of m systems.

    Parameters
    ----------
    variant : {"standard", "corrected"}
        Formula of the coupling degree.
    systems : tuple of str, length m
        Ids of the systems.
    units : tuple of str, length n
        Labels of the units.
    periods : tuple of int, length T
        Years or other periods, increasing.
    shares : ndarray, shape (m,)
        Share a_i of each system in T.
    scores : ndarray, shape (T, n, m)
        U, in [0, 1].
    coupling, development, degree : ndarray, shape (T, n)
        C, T and D, in [0, 1].
    """

    variant: Variant
    systems: tuple[str, ...]
    units: tuple[str, ...]
    periods: tuple[int, ...]
    shares: Array
    scores: Array
    coupling: Array
    development: Array
    degree: Array

    @property
    def classes(self) -> NDArray[np.str_]:
        """Id of the class of each unit and period, shape (T, n)."""
        return np.array([c.id for c in CLASSES])[class_positions(self.degree)]

    def lagging(self) -> NDArray[np.str_]:
        """Return the system with the lowest score of each unit and period (the first of equals), (T, n).

        Returns
        -------
        ndarray of str, shape (T, n)
            Ids of systems.
        """
        return np.array(self.systems)[self.scores.argmin(axis=2)]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit and period.

        Returns
        -------
        DataFrame
            Columns scores by system, C, T, D, class and the system that lags.
        """
        frame = _long(self.units, self.periods)
        for j, system in enumerate(self.systems):
            frame[f"score_{system}"] = _column(self.scores[:, :, j])
        frame["coupling"] = _column(self.coupling)
        frame["development"] = _column(self.development)
        frame["degree"] = _column(self.degree)
        frame["class"] = _column(self.classes)
        frame["lagging_system"] = _column(self.lagging())
        return frame

    def class_counts(self) -> pd.DataFrame:
        """Return the number of units of each class by period, from the lowest class, empty ones included.

        Returns
        -------
        DataFrame
            Columns period, class and units.
        """
        import pandas as pd

        positions = class_positions(self.degree)
        rows = [
            {"period": period, "class": c.id, "units": int((positions[t] == k).sum())}
            for t, period in enumerate(self.periods)
            for k, c in enumerate(CLASSES)
        ]
        return pd.DataFrame(rows)


@dataclass(frozen=True, eq=False)
class Obstacles:
    """Obstacle degrees: the share of each indicator in the weighted shortfall from the best value.

    Parameters
    ----------
    indicators, systems : tuple of str, length k
        Indicator and the system it belongs to.
    units : tuple of str, length n
        Labels of the units.
    periods : tuple of int, length T
        Years or other periods, increasing.
    degrees : ndarray, shape (T, n, k)
        Sum to one over the indicators; NaN for a unit without any shortfall.
    """

    indicators: tuple[str, ...]
    systems: tuple[str, ...]
    units: tuple[str, ...]
    periods: tuple[int, ...]
    degrees: Array

    def by_system(self) -> Obstacles:
        """Return the degrees summed by system, systems in the order of their first indicator.

        Returns
        -------
        Obstacles
            Systems take the place of the indicators.
        """
        names = tuple(dict.fromkeys(self.systems))
        member = np.array([[s == name for name in names] for s in self.systems], float)
        return Obstacles(names, names, self.units, self.periods, self.degrees @ member)

    def to_frame(self, first: int | None = None) -> pd.DataFrame:
        """Return one row per unit, period and rank of the obstacle, the largest first.

        Parameters
        ----------
        first : int, optional
            Number of obstacles to list per unit and period; by default all. Equal degrees keep the order of
            the indicators; a unit without shortfall has NaN.

        Returns
        -------
        DataFrame
            Columns unit, period, rank, system, indicator and degree.
        """
        import pandas as pd

        order = np.argsort(-self.degrees, axis=2, kind="stable")[:, :, :first]
        rows = [
            (unit, period, rank + 1, self.systems[j], self.indicators[j], float(self.degrees[t, i, j]))
            for i, unit in enumerate(self.units)
            for t, period in enumerate(self.periods)
            for rank, j in enumerate(order[t, i])
        ]
        return pd.DataFrame(rows, columns=["unit", "period", "rank", "system", "indicator", "degree"])


@dataclass(frozen=True)
class System:
    """One system of a set: its share in T and the scheme that measures it.

    Parameters
    ----------
    id : str
        Name of the system.
    title : mapping of str to str
        Text by language.
    share : float
        Share a_i in T.
    scheme : Scheme
        Indicators that measure it.
    """

    id: str
    title: Mapping[str, str]
    share: float
    scheme: Scheme


@dataclass(frozen=True)
class SystemSet:
    """Systems whose coordination is measured, as data (config/coordination.yaml).

    Parameters
    ----------
    id : str
        Name of the set.
    title : mapping of str to str
        Text by language.
    source : str
        Where the set is taken from.
    notes : tuple of mapping of str to str
        Remarks for readers, each by language.
    systems : tuple of System
        Systems in order.
    """

    id: str
    title: Mapping[str, str]
    source: str
    notes: tuple[Mapping[str, str], ...]
    systems: tuple[System, ...]


@dataclass(frozen=True, eq=False)
class SetResult:
    """The coordination of a set with the index of each system and the obstacles.

    Parameters
    ----------
    set : SystemSet
        What was measured.
    indices : tuple of IndexResult
        Index of each system, in the order of the systems.
    coordination : Coordination
        Coupling coordination of the systems.
    obstacles : Obstacles
        Obstacle degrees of all indicators.
    """

    set: SystemSet
    indices: tuple[IndexResult, ...]
    coordination: Coordination
    obstacles: Obstacles

    def weights_frame(self) -> pd.DataFrame:
        """Return one row per indicator: system, its share, the indicator's recipe and weights.

        ``weight`` is the weight within the system, ``overall_weight`` that times the system's share.

        Returns
        -------
        DataFrame
            Columns system, share, those of `shuyi.indices.IndexResult.weights_frame` without
            dimension_weight, and overall_weight.
        """
        import pandas as pd

        frames = []
        for system, index in zip(self.set.systems, self.indices, strict=True):
            frame = index.weights_frame().drop(columns=["dimension_weight"])
            frame.insert(0, "system", system.id)
            frame.insert(1, "share", system.share)
            frames.append(frame.assign(overall_weight=system.share * frame["weight"]))
        return pd.concat(frames, ignore_index=True)


def coupling_standard(scores: Array) -> Array:
    """Return the standard coupling degree over the last axis.

    Parameters
    ----------
    scores : ndarray, shape (..., m)
        In [0, 1], at least two systems.

    Returns
    -------
    ndarray, shape (...)
        In [0, 1]; NaN where every score is zero.

    Raises
    ------
    DataError
        If there are fewer than two systems or a score is empty or outside [0, 1].
    """
    _check_scores(scores)
    total, m = scores.sum(axis=-1), scores.shape[-1]
    roots = np.prod(scores ** (1.0 / m), axis=-1)
    coupling = np.divide(m * roots, total, out=np.full_like(total, np.nan), where=total > 0.0)
    return np.minimum(coupling, 1.0)


def coupling_corrected(scores: Array) -> Array:
    """Return the corrected coupling degree (Wang Shujia et al. 2021) over the last axis.

    See `coupling_standard` for parameters, shape and errors.

    Parameters
    ----------
    scores : ndarray, shape (..., m)
        Scores of m systems in [0, 1].

    Returns
    -------
    ndarray, shape (...)
        In [0, 1]; NaN where all scores are zero.

    Raises
    ------
    DataError
        As `coupling_standard`.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.coordination.degrees import coupling_corrected
    >>> coupling_corrected(np.array([[0.5, 0.5], [0.2, 0.8]])).round(3)
    array([1.   , 0.316])
    """
    _check_scores(scores)
    m, largest = scores.shape[-1], scores.max(axis=-1)
    pairs = list(combinations(range(m), 2))
    gap = np.sum([np.abs(scores[..., i] - scores[..., j]) for i, j in pairs], axis=0) / len(pairs)
    none = np.full_like(scores, np.nan)
    relative = np.divide(scores, largest[..., None], out=none, where=largest[..., None] > 0.0)
    return np.asarray(np.sqrt((1.0 - gap) * np.prod(relative, axis=-1) ** (1.0 / (m - 1))))


def coordinate(
    scores: Array,
    *,
    systems: Sequence[str],
    units: Sequence[str],
    periods: Sequence[int],
    shares: Sequence[float] | None = None,
    variant: Variant = "corrected",
) -> Coordination:
    """Return the coupling coordination of systems.

    Parameters
    ----------
    scores : ndarray, shape (T, n, m)
        In [0, 1].
    systems : sequence of str, length m
        Ids of the systems.
    units : sequence of str, length n
        Labels of the units.
    periods : sequence of int, length T
        Years or other periods, increasing.
    shares : sequence of float, length m, optional
        Positive, sum to one; by default equal.
    variant : {"standard", "corrected"}, default "corrected"
        Formula of the coupling degree.

    Returns
    -------
    Coordination
        C, T and D by period and unit.

    Raises
    ------
    DataError
        If labels and scores differ in number, a score is empty or outside [0, 1], or the shares are not
        positive with sum one.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.coordination.degrees import coordinate
    >>> scores = np.array([[[0.5, 0.5], [0.2, 0.8]]])
    >>> coordinate(scores, systems=["a", "b"], units=["11", "12"], periods=[2020]).degree.round(3)
    array([[0.707, 0.398]])
    """
    check_known(variant, VARIANTS, "variant", DataError)
    _check_shape(scores, (len(periods), len(units), len(systems)))
    weights = np.full(len(systems), 1.0 / len(systems)) if shares is None else np.asarray(shares, float)
    _check_shares(weights, systems)
    coupling = (coupling_standard if variant == "standard" else coupling_corrected)(scores)
    development = np.clip(scores @ weights, 0.0, 1.0)
    degree = np.sqrt(np.where(development > 0.0, coupling, 0.0) * development)
    labels = (tuple(systems), tuple(units), tuple(periods))
    return Coordination(variant, *labels, weights, scores, coupling, development, degree)


def class_positions(degree: Array) -> NDArray[np.intp]:
    """Return the position in `CLASSES` of degrees in [0, 1].

    Parameters
    ----------
    degree : ndarray
        Coordination degrees D in [0, 1], of any shape.

    Returns
    -------
    ndarray of int, shape of `degree`
        Zero for the lowest class.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.coordination.degrees import class_positions
    >>> class_positions(np.array([0.05, 0.5, 1.0]))
    array([0, 5, 9])
    """
    return np.searchsorted([c.lower for c in CLASSES[1:]], degree, side="right")


def obstacle_degrees(
    normalised: Array,
    weights: Array,
    *,
    indicators: Sequence[str],
    systems: Sequence[str],
    units: Sequence[str],
    periods: Sequence[int],
) -> Obstacles:
    r"""Return the share of each indicator in the weighted shortfall.

    .. math:: O_j = \frac{w_j (1 - x_j)}{\sum_l w_l (1 - x_l)}

    Parameters
    ----------
    normalised : ndarray, shape (T, n, k)
        x, in [0, 1] with one the better end.
    weights : ndarray, shape (k,)
        w, not negative.
    indicators, systems : sequence of str, length k
        Indicator and the system that it belongs to.
    units : sequence of str, length n
        Labels of the units.
    periods : sequence of int, length T
        Years or other periods, increasing.

    Returns
    -------
    Obstacles
        Degrees that sum to one over the indicators.

    Raises
    ------
    DataError
        If labels and values differ in number, a value is empty or outside [0, 1], or a weight is negative or
        none is positive (weights of principal components may be negative: obstacles are not defined then).
    """
    _check_shape(normalised, (len(periods), len(units), len(indicators)))
    _check_range(normalised)
    if weights.shape != (len(indicators),) or not (weights >= 0.0).all() or not weights.any():
        raise DataError(
            "Obstacle degrees need one weight per indicator that is not negative.",
            expected=f"{len(indicators)} weights >= 0, not all zero",
            found=offenders(f"{v:.6g}" for v in weights),
            remedy="use the entropy, critic or equal weighting",
        )
    shortfall = weights * (1.0 - normalised)
    total = shortfall.sum(axis=2, keepdims=True)
    degrees = np.divide(shortfall, total, out=np.full_like(shortfall, np.nan), where=total > 0.0)
    return Obstacles(tuple(indicators), tuple(systems), tuple(units), tuple(periods), degrees)


def trend(coordination: Coordination, regions: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return C, T and D by region and period.

    Parameters
    ----------
    coordination : Coordination
        Degrees of one set and variant.
    regions : mapping of str to str, optional
        Region of each unit; rows of the regions follow those of ``all``.

    Returns
    -------
    DataFrame
        Columns region, period, units, coupling, development, degree (means), degree_sd (divisor n - 1; NaN
        for a region of one unit), degree_min, degree_max. A unit whose C is not defined is left out of the
        mean of C alone; ``coupling_units`` counts the rest.

    Raises
    ------
    DataError
        If a unit has no region.
    """
    import pandas as pd

    groups = {"all": np.ones(len(coordination.units), bool)} | _groups(coordination.units, regions)
    rows = [
        {"region": name, "period": period, "units": int(chosen.sum()), **_moments(coordination, t, chosen)}
        for name, chosen in groups.items()
        for t, period in enumerate(coordination.periods)
    ]
    return pd.DataFrame(rows)


def slopes(coordination: Coordination) -> pd.DataFrame:
    """Return the trend of D by unit: Sen's slope per period and Kendall's tau against time.

    Parameters
    ----------
    coordination : Coordination
        Degrees of one set and variant.

    Returns
    -------
    DataFrame
        Columns unit, first, last, slope (median of pairwise slopes), tau, p_value (two-sided, exact where
        there are no ties). A unit whose D never changes has slope zero and no tau (NaN).

    Raises
    ------
    DataError
        If there are fewer than three periods.
    """
    import pandas as pd
    from scipy.stats import kendalltau, theilslopes

    periods = np.array(coordination.periods)
    if len(periods) < MIN_TREND_YEARS:
        raise DataError("A trend needs at least three periods.", found=f"{len(periods)}")
    rows = []
    for i, unit in enumerate(coordination.units):
        series = coordination.degree[:, i]
        tau = kendalltau(periods, series) if np.ptp(series) > 0.0 else (np.nan, np.nan)
        slope = float(theilslopes(series, periods)[0])
        rows.append((unit, series[0], series[-1], slope, float(tau[0]), float(tau[1])))
    return pd.DataFrame(rows, columns=["unit", "first", "last", "slope", "tau", "p_value"])


def load_sets(
    raw: Mapping[str, Any],
    schema: Mapping[str, Any],
    schemes: Mapping[str, Scheme],
    scheme_schema: Mapping[str, Any],
    derivations: Derivations = SERIES_ONLY,
    *,
    file: str = "config/coordination.yaml",
) -> dict[str, SystemSet]:
    """Return the sets of systems that a parsed YAML file describes, by id in the file's order.

    Parameters
    ----------
    raw, schema : mapping
        The parsed file and ``workflow/schemas/coordination.schema.yaml``.
    schemes : mapping of str to Scheme
        The index schemes that a system may refer to.
    scheme_schema : mapping
        ``workflow/schemas/index_scheme.schema.yaml``, which the indicators of a system must satisfy.
    derivations : Derivations
        From which series the indicators' variables follow; by default every variable is a series.
    file : str
        Name for messages.

    Returns
    -------
    dict
        Sets by id.

    Raises
    ------
    ConfigError
        Listing every departure: from the schema, an unknown scheme or dimension, a system with both a
        scheme and indicators or with neither, two systems that measure one series.
    """
    problems = check_config(raw, schema, file=file)
    raise_problems(problems or _set_problems(raw, schemes, file), raw)
    raw = with_whole_numbers(raw, schema)
    sets = {s["id"]: _system_set(s, schemes, scheme_schema, file) for s in raw["sets"]}
    raise_problems([p for s in sets.values() for p in _shared_series(s, derivations, file)], raw)
    return sets


def coordinate_set(
    system_set: SystemSet,
    panel: Panel,
    *,
    weighting: Weighting = "entropy",
    variant: Variant = "corrected",
    caveats: Sequence[Caveat],
    derivations: Derivations = SERIES_ONLY,
) -> SetResult:
    """Measure each system of a set by its own index and return their coordination and obstacles.

    The weights of the indicators are determined within each system; in the obstacle degrees they are
    multiplied by the system's share.

    Parameters
    ----------
    system_set : SystemSet
        With its systems.
    panel : Panel
        With every column that the systems' schemes need.
    weighting : {"entropy", "critic", "equal"}
        Not ``pca``, whose weights may be negative.
    variant : {"standard", "corrected"}
        Formula of the coupling degree.
    caveats : sequence of Caveat
        Breaks of the series, see `shuyi.indices.compute_index`.
    derivations : Derivations
        From which series the panel's variables follow.

    Returns
    -------
    SetResult
        Indices, coordination and obstacles.

    Raises
    ------
    DataError
        If columns are missing (all of the set are named) or a system's index cannot be computed.
    """
    _check_not_missing(system_set, panel)
    rule: dict[str, Any] = {"weighting": weighting, "caveats": caveats, "derivations": derivations}
    found = [compute_index(s.scheme, panel, **rule) for s in system_set.systems]
    scores = np.stack([np.clip(index.scores, 0.0, 1.0) for index in found], axis=2)
    labels: dict[str, Any] = {"units": panel.units, "periods": panel.periods}
    coordination = coordinate(
        scores,
        systems=[s.id for s in system_set.systems],
        shares=[s.share for s in system_set.systems],
        variant=variant,
        **labels,
    )
    pairs = list(zip(system_set.systems, found, strict=True))
    obstacles = obstacle_degrees(
        np.concatenate([index.normalised for index in found], axis=2),
        np.concatenate([s.share * index.weights for s, index in pairs]),
        indicators=[i.id for s in system_set.systems for i in s.scheme.indicators],
        systems=[s.id for s in system_set.systems for _ in s.scheme.indicators],
        **labels,
    )
    return SetResult(system_set, tuple(found), coordination, obstacles)


def _long(units: Sequence[str], periods: Sequence[int]) -> pd.DataFrame:
    import pandas as pd

    index = pd.MultiIndex.from_product([units, periods], names=["unit", "period"])
    return index.to_frame(index=False)


def _column(values: NDArray[Any]) -> NDArray[Any]:
    return values.T.ravel()


def _groups(units: Sequence[str], regions: Mapping[str, str] | None) -> dict[str, NDArray[np.bool_]]:
    if regions is None:
        return {}
    without = [u for u in units if u not in regions]
    if without:
        raise DataError("A unit has no region.", expected="a region per unit", found=offenders(without))
    names = dict.fromkeys(regions[u] for u in units)
    return {name: np.array([regions[u] == name for u in units]) for name in names}


def _moments(coordination: Coordination, t: int, chosen: NDArray[np.bool_]) -> dict[str, float]:
    coupling, degree = coordination.coupling[t, chosen], coordination.degree[t, chosen]
    known = coupling[~np.isnan(coupling)]
    return {
        "coupling": float(known.mean()) if known.size else np.nan,
        "coupling_units": int(known.size),
        "development": float(coordination.development[t, chosen].mean()),
        "degree": float(degree.mean()),
        "degree_sd": float(degree.std(ddof=1)) if degree.size > 1 else np.nan,
        "degree_min": float(degree.min()),
        "degree_max": float(degree.max()),
    }


def _check_scores(scores: Array) -> None:
    if scores.ndim == 0 or scores.shape[-1] < MIN_SYSTEMS:
        raise DataError(
            "Coupling needs at least two systems.", found=f"scores of shape {scores.shape}, systems last"
        )
    _check_range(scores)


def _check_range(values: Array) -> None:
    wrong = ~((values >= 0.0) & (values <= 1.0))
    if wrong.any():
        cells = [f"{values[tuple(c)]:.6g} at {tuple(map(int, c))}" for c in np.argwhere(wrong)]
        raise DataError(
            "Scores must lie in [0, 1].",
            expected="values from 0 to 1 without empty cells",
            found=offenders(cells),
            remedy="scale the scores, or supply the missing figures",
        )


def _check_shape(values: Array, shape: tuple[int, ...]) -> None:
    if values.shape != shape:
        raise DataError(
            "The scores do not fit their labels.",
            expected=f"shape {shape} (periods, units, systems or indicators)",
            found=f"shape {values.shape}",
        )


def _check_shares(shares: Array, systems: Sequence[str]) -> None:
    if shares.shape != (len(systems),) or not _proper(shares):
        raise DataError(
            "The shares of the systems are not a division of one.",
            expected=f"{len(systems)} positive shares with sum 1",
            found=offenders(f"{v:.6g}" for v in shares),
        )


def _proper(shares: Array) -> bool:
    return bool((shares > 0.0).all() and abs(shares.sum() - 1.0) <= SHARES_TOLERANCE)


def _check_not_missing(system_set: SystemSet, panel: Panel) -> None:
    needed = {c: s.id for s in system_set.systems for i in s.scheme.indicators for c in i.columns()}
    missing = [f"{c} (system {s})" for c, s in needed.items() if c not in panel.variables]
    if missing:
        raise DataError(
            f"The systems of {system_set.id!r} need columns that the panel does not hold.",
            expected="every numerator and denominator as a panel variable",
            found=f"missing: {', '.join(missing)}",
            remedy="supply them as columns of panel.user_file, or leave the set out",
        )


def _set_problems(raw: Mapping[str, Any], schemes: Mapping[str, Scheme], file: str) -> list[Problem]:
    problems = []
    ids = [s["id"] for s in raw["sets"]]
    problems += [Problem(file, "sets", f"{i!r} twice", "each id once") for i in _repeated(ids)]
    for entry in raw["sets"]:
        place = f"sets.{entry['id']}"
        names = [s["id"] for s in entry["systems"]]
        problems += [Problem(file, place, f"{n!r} twice", "each system once") for n in _repeated(names)]
        for system in entry["systems"]:
            problems += _system_problems(system, schemes, f"{place}.{system['id']}", file)
    return problems


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _system_problems(
    system: Mapping[str, Any], schemes: Mapping[str, Scheme], place: str, file: str
) -> list[Problem]:
    name = system["scheme"]
    if (name is None) == (not system["indicators"]):
        found = "neither" if name is None else "both"
        return [Problem(file, place, found, "either a scheme or indicators")]
    if name is None:
        wrong = system["dimensions"]
        allowed = "an empty list, because there is no scheme"
        return [Problem(file, f"{place}.dimensions", str(wrong), allowed)] if wrong else []
    if name not in schemes:
        hint = did_you_mean(name, schemes)
        return [Problem(file, f"{place}.scheme", repr(name), ", ".join(schemes) or "no scheme", hint)]
    known = tuple(schemes[name].dimensions)
    return [
        Problem(file, f"{place}.dimensions", repr(d), ", ".join(known), did_you_mean(d, known))
        for d in system["dimensions"]
        if d not in known
    ]


def _system_set(
    entry: Mapping[str, Any], schemes: Mapping[str, Scheme], scheme_schema: Mapping[str, Any], file: str
) -> SystemSet:
    total = sum(s["weight"] for s in entry["systems"])
    systems = tuple(
        System(s["id"], s["title"], s["weight"] / total, _system_scheme(s, schemes, scheme_schema, file))
        for s in entry["systems"]
    )
    return SystemSet(entry["id"], entry["title"], entry["source"], tuple(entry["notes"]), systems)


def _system_scheme(
    system: Mapping[str, Any], schemes: Mapping[str, Scheme], scheme_schema: Mapping[str, Any], file: str
) -> Scheme:
    if system["scheme"] is not None:
        return _keep(schemes[system["scheme"]], system["dimensions"])
    dimension = {"id": system["id"], "title": system["title"], "indicators": system["indicators"]}
    body = {"id": system["id"], "title": system["title"], "source": file, "notes": []}
    return load_scheme({**body, "dimensions": [dimension]}, scheme_schema, file=f"{file}: {system['id']}")


def _keep(scheme: Scheme, dimensions: Sequence[str]) -> Scheme:
    kept = tuple(dimensions) or tuple(scheme.dimensions)
    return replace(
        scheme,
        dimensions={d: scheme.dimensions[d] for d in scheme.dimensions if d in kept},
        indicators=tuple(i for i in scheme.indicators if i.dimension in kept),
    )


def _shared_series(system_set: SystemSet, derivations: Derivations, file: str) -> list[Problem]:
    measured = {
        s.id: set(derivations.origins([i.numerator for i in s.scheme.indicators], measured=True))
        for s in system_set.systems
    }
    return [
        Problem(
            file,
            f"sets.{system_set.id}",
            f"{one} and {other} both measure {', '.join(sorted(shared))}",
            "each series in one system",
            "leave a dimension or an indicator out",
        )
        for one, other in combinations(measured, 2)
        if (shared := measured[one] & measured[other])
    ]
