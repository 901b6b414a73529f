"""Tiers of digital development, their transitions and instruments, and the development coordinates.

Three tiers, from the lowest: lagging, transition, frontier. Two cuts separate them; a unit is above a cut if
its score is larger than the cut. The cuts come from quantiles, from natural breaks (Fisher 1958, Jenks 1977:
the exact optimum of the within-class sum of squares in one dimension) or from k-means (the same criterion by
Lloyd's algorithm from seeded starts, which may stop at a local optimum).

A unit near a cut would change its tier from year to year. The rule of hysteresis prevents it: the first
period takes the tier of the cuts; afterwards a unit keeps its tier until its score has been beyond a cut by
more than a margin, on the same side, for a number of consecutive periods, the present one included; it then
takes the tier that lies beyond the margin in that period.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from shuyi.alignment import unlabelled
from shuyi.arguments import check_seed, finite_number, whole_number
from shuyi.errors import DataError, check_known, did_you_mean, offenders
from shuyi.panel import check_evenly_spaced, read_periods
from shuyi.publish.breaks import natural_breaks

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Positions = NDArray[np.intp]


Tier = Literal["lagging", "transition", "frontier"]
TIERS: tuple[Tier, ...] = ("lagging", "transition", "frontier")
TITLES: Mapping[Tier, Mapping[str, str]] = {
    "lagging": {"en": "Lagging", "zh": "欠发达地区"},
    "transition": {"en": "Transition", "zh": "转型地区"},
    "frontier": {"en": "Frontier", "zh": "前沿地区"},
}
Method = Literal["quantile", "natural_breaks", "kmeans"]
METHODS: tuple[Method, ...] = ("quantile", "natural_breaks", "kmeans")
Pool = Literal["year", "panel"]
POOLS: tuple[Pool, ...] = ("year", "panel")

DEFAULT_QUANTILES = (1 / 3, 2 / 3)
KMEANS_STARTS = 25
"""Seeded starts of k-means; the best is kept."""

INSTRUMENT_COLUMNS = ("tier", "instrument", "en", "zh", "basis", "source", "row")


@dataclass(frozen=True)
class Hysteresis:
    """When a unit may leave its tier.

    Parameters
    ----------
    margin : float
        Half-width of the dead band around a cut, as a share of the standard deviation (divisor n) of the
        period's scores.
    periods : int
        Consecutive periods beyond the margin, at least one. ``Hysteresis(0.0, 1)`` follows the cuts.
    """

    margin: float = 0.1
    periods: int = 2

    def __post_init__(self) -> None:
        finite_number(self.margin, "margin", least=0)
        object.__setattr__(self, "periods", whole_number(self.periods, "periods", least=1))


NO_HYSTERESIS = Hysteresis(0.0, 1)


@dataclass(frozen=True, eq=False)
class TierResult:
    """The tier of each unit in each period.

    Parameters
    ----------
    method : str
        How the cuts were found.
    pool : str
        Whether cuts are those of each period or of the panel.
    hysteresis : Hysteresis
        Rule that holds units back.
    units : tuple of str, length n
        Labels of the units.
    periods : tuple of int, length T
        Years or other periods, increasing.
    scores : ndarray, shape (T, n)
        What is divided into tiers.
    cuts : ndarray, shape (T, 2)
        Bounds between the tiers in each period, increasing.
    raw : ndarray of int, shape (T, n)
        Position in `TIERS` by the cuts alone.
    positions : ndarray of int, shape (T, n)
        Position in `TIERS` under the rule of hysteresis.
    """

    method: Method
    pool: Pool
    hysteresis: Hysteresis
    units: tuple[str, ...]
    periods: tuple[int, ...]
    scores: Array
    cuts: Array
    raw: Positions
    positions: Positions

    @property
    def names(self) -> NDArray[np.str_]:
        """Tier of each unit and period, shape (T, n)."""
        return np.array(TIERS)[self.positions]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit and period.

        Returns
        -------
        DataFrame
            Columns score, tier by the cuts, tier, and whether it was held back.
        """
        frame = _long(self.units, self.periods)
        frame["score"] = self.scores.T.ravel()
        frame["tier_by_cuts"] = np.array(TIERS)[self.raw].T.ravel()
        frame["tier"] = self.names.T.ravel()
        frame["held"] = (self.raw != self.positions).T.ravel()
        return frame

    def cuts_frame(self) -> pd.DataFrame:
        """Return one row per period and cut.

        Returns
        -------
        DataFrame
            Columns the tiers it separates, its value, units above and below.
        """
        import pandas as pd

        rows = [
            {
                "period": period,
                "below": TIERS[k],
                "above": TIERS[k + 1],
                "cut": float(self.cuts[t, k]),
                "units_below": int((self.positions[t] <= k).sum()),
                "units_above": int((self.positions[t] > k).sum()),
            }
            for t, period in enumerate(self.periods)
            for k in range(len(TIERS) - 1)
        ]
        return pd.DataFrame(rows)

    def changes(self) -> pd.DataFrame:
        """Return the moves between tiers.

        Returns
        -------
        DataFrame
            Columns unit, period of arrival, tier left and tier entered.
        """
        import pandas as pd

        moved = np.argwhere(np.diff(self.positions, axis=0).T)
        rows = [
            (
                self.units[i],
                self.periods[t + 1],
                TIERS[self.positions[t, i]],
                TIERS[self.positions[t + 1, i]],
            )
            for i, t in moved
        ]
        return pd.DataFrame(rows, columns=["unit", "period", "from", "to"])


@dataclass(frozen=True, eq=False)
class TierTransitions:
    """Transitions between tiers from one period to the next, pooled over units and periods.

    Parameters
    ----------
    counts : ndarray of int, shape (3, 3)
        From row to column, in the order of `TIERS`.
    """

    counts: NDArray[np.int_]

    @property
    def shares(self) -> Array:
        """Counts divided by their row's sum; NaN for a tier that nobody was in."""
        total = self.counts.sum(axis=1, keepdims=True)
        return np.divide(self.counts, total, out=np.full(self.counts.shape, np.nan), where=total > 0)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per pair of tiers.

        Returns
        -------
        DataFrame
            Columns from, to, count, share of those who left the first.
        """
        import pandas as pd

        rows = [
            (one, other, int(self.counts[a, b]), float(self.shares[a, b]))
            for a, one in enumerate(TIERS)
            for b, other in enumerate(TIERS)
        ]
        return pd.DataFrame(rows, columns=["from", "to", "count", "share"])


@dataclass(frozen=True)
class Instrument:
    """A policy instrument with the tiers that the sources assign it to.

    Parameters
    ----------
    id : str
        Name of the instrument.
    title : mapping
        Text by language.
    tiers : tuple of str
        Tiers that it is assigned to, in the order of `TIERS`.
    sources : tuple of str
        ``source/row/basis`` of each assignment, in the order of `tiers`.
    """

    id: str
    title: Mapping[str, str]
    tiers: tuple[Tier, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class InstrumentMatrix:
    """Tiers by policy instruments.

    Parameters
    ----------
    instruments : tuple of Instrument
        Instruments in the order of the source.
    """

    instruments: tuple[Instrument, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per instrument and tier.

        Returns
        -------
        DataFrame
            Columns whether it applies, and the source that says so.
        """
        import pandas as pd

        rows = [
            {
                "instrument": i.id,
                "en": i.title["en"],
                "zh": i.title["zh"],
                "tier": tier,
                "applies": tier in i.tiers,
                "source": i.sources[i.tiers.index(tier)] if tier in i.tiers else "",
            }
            for i in self.instruments
            for tier in TIERS
        ]
        return pd.DataFrame(rows)

    def for_units(self, result: TierResult, period: int) -> pd.DataFrame:
        """Return the instruments of each unit's tier in a period.

        Parameters
        ----------
        result : TierResult
            Tiers of the units.
        period : int
            Period of the result.

        Returns
        -------
        DataFrame
            Columns unit, tier, instrument.

        Raises
        ------
        DataError
            If the period is not in the result.
        """
        import pandas as pd

        if period not in result.periods:
            raise DataError(
                "There are no tiers of the period asked for.",
                expected=f"one of {offenders(result.periods, 12)}",
                found=str(period),
            )
        names = result.names[result.periods.index(period)]
        rows = [
            (unit, tier, i.id)
            for unit, tier in zip(result.units, names, strict=True)
            for i in self.instruments
            if tier in i.tiers
        ]
        return pd.DataFrame(rows, columns=["unit", "tier", "instrument"])


@dataclass(frozen=True, eq=False)
class DevelopmentCoordinates:
    """Position of each unit on two axes of development and its yearly moves.

    Parameters
    ----------
    x_dimensions, y_dimensions : tuple of str
        Dimensions of the index that make up each axis.
    units : tuple of str, length n
        Labels of the units.
    periods : tuple of int, length T
        Years or other periods, increasing.
    x, y : ndarray, shape (T, n)
        In [0, 1].
    """

    x_dimensions: tuple[str, ...]
    y_dimensions: tuple[str, ...]
    units: tuple[str, ...]
    periods: tuple[int, ...]
    x: Array
    y: Array

    def arrows(self) -> pd.DataFrame:
        """Return one row per unit and pair of periods: start, move, its length and its direction.

        The direction is in degrees from the x axis towards the y axis, in (-180, 180]; NaN without a move.

        Returns
        -------
        DataFrame
            Columns unit, from, to, x, y, dx, dy, length and direction.
        """
        frame = _long(self.units, self.periods[:-1]).rename(columns={"period": "from"})
        frame["to"] = np.tile(self.periods[1:], len(self.units))
        dx, dy = (np.diff(axis, axis=0) for axis in (self.x, self.y))
        length = np.hypot(dx, dy)
        degrees = np.where(length > 0.0, np.degrees(np.arctan2(dy, dx)), np.nan)
        columns = {"x": self.x[:-1], "y": self.y[:-1], "dx": dx, "dy": dy, "length": length}
        for name, values in {**columns, "direction": degrees}.items():
            frame[name] = values.T.ravel()
        return frame

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit and period.

        Returns
        -------
        DataFrame
            Columns x and y.
        """
        frame = _long(self.units, self.periods)
        frame["x"], frame["y"] = self.x.T.ravel(), self.y.T.ravel()
        return frame


def classify(
    scores: Array,
    *,
    units: Sequence[str],
    periods: Sequence[int],
    method: Method = "natural_breaks",
    pool: Pool = "year",
    quantiles: tuple[float, float] = DEFAULT_QUANTILES,
    hysteresis: Hysteresis = NO_HYSTERESIS,
    seed: int = 0,
) -> TierResult:
    """Assign every unit to a tier in every period.

    Parameters
    ----------
    scores : ndarray, shape (T, n)
        What is divided into tiers; larger is better.
    units : sequence of str, length n
        Labels of the units.
    periods : sequence of int, length T
        Years or other periods, increasing.
    method : {"quantile", "natural_breaks", "kmeans"}, default "natural_breaks"
        How the two cuts are found.
    pool : {"year", "panel"}, default "year"
        ``year``: cuts of each period's own scores, a relative standard; ``panel``: cuts of all scores, one
        absolute standard.
    quantiles : tuple of float, default DEFAULT_QUANTILES
        The lower and the upper quantile, used by ``quantile`` alone.
    hysteresis : Hysteresis, default NO_HYSTERESIS
        Rule that holds units back; by default none.
    seed : int, default 0
        Of ``kmeans`` alone.

    Returns
    -------
    TierResult
        Tiers by the cuts, and under the rule.

    Raises
    ------
    DataError
        If an option is unknown, scores and labels differ in number, a score is empty or infinite, fewer than
        three different scores are to be divided, or quantiles that coincide would leave a tier without a
        range.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.tiers.classification import classify
    >>> scores = np.array([[0.1, 0.15, 0.5, 0.9]])
    >>> result = classify(scores, units=["a", "b", "c", "d"], periods=[2020])
    >>> result.positions, result.cuts.round(3)
    (array([[0, 0, 1, 2]]), array([[0.325, 0.7  ]]))
    """
    check_known(method, METHODS, "method of tiers", DataError)
    check_known(pool, POOLS, "pool of tiers", DataError)
    seed = check_seed(seed)
    scores = unlabelled(scores, "scores", "periods by units")
    _check_scores(scores, units, periods)
    if hysteresis.periods > 1:
        check_evenly_spaced(read_periods(periods), "A rule of successive periods")
    cut = _cutter(method, quantiles, seed)
    if pool == "panel":
        cuts = np.tile(_checked(cut, scores.ravel(), "the panel"), (len(periods), 1))
    else:
        cuts = np.array([_checked(cut, row, str(p)) for row, p in zip(scores, periods, strict=True)])
    raw = _above(scores, cuts, 0.0)
    positions = apply_hysteresis(scores, cuts, hysteresis)
    return TierResult(method, pool, hysteresis, tuple(units), tuple(periods), scores, cuts, raw, positions)


def quantile_cuts(values: Array, quantiles: tuple[float, float] = DEFAULT_QUANTILES) -> Array:
    """Return the lower and the upper quantile (linear interpolation) of a vector.

    Parameters
    ----------
    values : ndarray, shape (m,)
        Scores.
    quantiles : (float, float), default `DEFAULT_QUANTILES`
        The lower and the upper quantile.

    Returns
    -------
    ndarray, shape (2,)
        In the unit of the scores.

    Raises
    ------
    DataError
        If the quantiles are not 0 < lower < upper < 1.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.tiers.classification import quantile_cuts
    >>> quantile_cuts(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), (0.25, 0.75))
    array([2., 4.])
    """
    lower, upper = quantiles
    if not 0.0 < lower < upper < 1.0:
        raise DataError(
            "The quantiles of the cuts are not admissible.",
            expected="0 < lower < upper < 1",
            found=f"{lower} and {upper}",
        )
    return np.quantile(values, quantiles)


def natural_break_cuts(values: Array) -> Array:
    """Return the cuts halfway between neighbouring natural breaks (Fisher-Jenks) of a vector.

    Parameters
    ----------
    values : ndarray, shape (m,)
        Scores, at least three different ones.

    Returns
    -------
    ndarray, shape (2,)
        In the unit of the scores.
    """
    tops = natural_breaks(values, len(TIERS))[:-1]
    return np.array([(top + values[values > top].min()) / 2.0 for top in tops])


def kmeans_cuts(values: Array, seed: int = 0) -> Array:
    """Return the cuts halfway between the centres of k-means (scikit-learn) of a vector.

    Parameters
    ----------
    values : ndarray, shape (m,)
        Scores, at least three different ones.
    seed : int, default 0
        Seed of the random draws.

    Returns
    -------
    ndarray, shape (2,)
        In the unit of the scores.
    """
    from sklearn.cluster import KMeans

    fitted = KMeans(len(TIERS), n_init=KMEANS_STARTS, random_state=seed).fit(values[:, None])
    centres = np.sort(fitted.cluster_centers_.ravel())
    return (centres[:-1] + centres[1:]) / 2.0


def apply_hysteresis(scores: Array, cuts: Array, rule: Hysteresis) -> Positions:
    """Return the tiers under the rule of hysteresis (see the module's description).

    Parameters
    ----------
    scores : ndarray, shape (T, n)
        What is divided into tiers.
    cuts : ndarray, shape (T, 2)
        Increasing in each period.
    rule : Hysteresis
        Margin in standard deviations, and periods that a move must last.

    Returns
    -------
    ndarray of int, shape (T, n)
        Positions in `TIERS`.
    """
    band = rule.margin * scores.std(axis=1, keepdims=True)
    floor, ceiling = _above(scores, cuts, band), _above(scores, cuts, -band)
    held = np.empty(scores.shape, dtype=np.intp)
    held[0] = _above(scores, cuts, 0.0)[0]
    run = np.zeros(scores.shape[1], dtype=np.intp)
    for t in range(1, len(scores)):
        target = np.clip(held[t - 1], floor[t], ceiling[t])
        side = np.sign(target - held[t - 1])
        run = np.where(np.sign(run) == side, run + side, side)
        moves = np.abs(run) >= rule.periods
        held[t] = np.where(moves, target, held[t - 1])
        run[moves] = 0
    return held


def transitions(result: TierResult) -> TierTransitions:
    """Count the transitions between tiers over all consecutive periods.

    Parameters
    ----------
    result : TierResult
        Tiers of at least two periods.

    Returns
    -------
    TierTransitions
        Counts from the row's to the column's tier.

    Raises
    ------
    DataError
        If there is one period only.
    """
    if len(result.periods) < 2:
        raise DataError("Transitions need two periods.", found=f"{len(result.periods)}")
    check_evenly_spaced(read_periods(result.periods), "A table of transitions")
    counts = np.zeros((len(TIERS), len(TIERS)), dtype=np.int_)
    np.add.at(counts, (result.positions[:-1].ravel(), result.positions[1:].ravel()), 1)
    return TierTransitions(counts)


def instrument_matrix(rows: Sequence[Mapping[str, str]]) -> InstrumentMatrix:
    """Return the matrix of tiers by instruments of ``data/policy/instruments.csv``.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of text with the fields tier, instrument, en, zh, basis, source, row; one per assignment.

    Returns
    -------
    InstrumentMatrix
        Instruments in the order of the rows.

    Raises
    ------
    DataError
        If a field is missing or empty, a tier is unknown, an assignment occurs twice, or an instrument has
        two titles.
    """
    _check_instrument_rows(rows)
    found = []
    for name in dict.fromkeys(row["instrument"] for row in rows):
        own = sorted((r for r in rows if r["instrument"] == name), key=lambda r: TIERS.index(_tier(r)))
        title = {"en": own[0]["en"], "zh": own[0]["zh"]}
        sources = tuple(f"{r['source']}/{r['row']}/{r['basis']}" for r in own)
        found.append(Instrument(name, title, tuple(_tier(r) for r in own), sources))
    return InstrumentMatrix(tuple(found))


def development_coordinates(
    dimension_scores: Array,
    *,
    dimensions: Sequence[str],
    x: Sequence[str],
    y: Sequence[str],
    units: Sequence[str],
    periods: Sequence[int],
    weights: Mapping[str, float] | None = None,
) -> DevelopmentCoordinates:
    """Return the coordinates of each unit: two averages of the sub-scores of an index.

    Parameters
    ----------
    dimension_scores : ndarray, shape (T, n, D)
        Sub-scores in [0, 1].
    dimensions : sequence of str, length D
        Ids of the dimensions.
    x, y : sequence of str
        Dimensions of the horizontal and the vertical axis; no dimension on both.
    units : sequence of str, length n
        Labels of the units.
    periods : sequence of int, length T
        Years or other periods, increasing.
    weights : mapping of str to float, optional
        Positive weight of each dimension in its axis; by default equal.

    Returns
    -------
    DevelopmentCoordinates
        Both axes by period and unit.

    Raises
    ------
    DataError
        If a dimension is unknown or on both axes, an axis is empty, a weight is not positive, or the
        sub-scores do not fit their labels.
    """
    if dimension_scores.shape != (len(periods), len(units), len(dimensions)):
        raise DataError(
            "The sub-scores do not fit their labels.",
            expected=f"shape {(len(periods), len(units), len(dimensions))}",
            found=f"shape {dimension_scores.shape}",
        )
    _check_axes(x, y, dimensions)
    given = dict.fromkeys(dimensions, 1.0) if weights is None else weights
    axes = [_axis(dimension_scores, list(dimensions), names, given) for names in (x, y)]
    return DevelopmentCoordinates(tuple(x), tuple(y), tuple(units), tuple(periods), *axes)


def _axis(scores: Array, dimensions: list[str], names: Sequence[str], weights: Mapping[str, float]) -> Array:
    chosen = np.array([weights.get(name, np.nan) for name in names])
    if not (chosen > 0.0).all():
        raise DataError(
            "An axis needs a positive weight of each of its dimensions.",
            found=offenders(f"{n}: {w:.6g}" for n, w in zip(names, chosen, strict=True)),
            remedy="leave the weights out for a plain average",
        )
    return scores[:, :, [dimensions.index(name) for name in names]] @ (chosen / chosen.sum())


def _long(units: Sequence[str], periods: Sequence[int]) -> pd.DataFrame:
    import pandas as pd

    index = pd.MultiIndex.from_product([units, periods], names=["unit", "period"])
    return index.to_frame(index=False)


def _above(scores: Array, cuts: Array, band: Array | float) -> Positions:
    return np.sum(scores[:, :, None] > cuts[:, None, :] + np.asarray(band)[..., None], axis=2)


def _cutter(method: Method, quantiles: tuple[float, float], seed: int) -> Callable[[Array], Array]:
    if method == "quantile":
        return lambda values: quantile_cuts(values, quantiles)
    return natural_break_cuts if method == "natural_breaks" else lambda values: kmeans_cuts(values, seed)


def _checked(cut: Callable[[Array], Array], values: Array, where: str) -> Array:
    different = len(np.unique(values))
    if different < len(TIERS):
        raise DataError(
            f"The scores of {where} cannot be divided into {len(TIERS)} tiers.",
            expected=f"at least {len(TIERS)} different scores",
            found=f"{different}",
            remedy="leave the period out, or pool the panel",
        )
    cuts = cut(values)
    if not cuts[0] < cuts[1]:
        raise DataError(
            f"The cuts of {where} coincide; the middle tier would have no range.",
            expected="a lower cut below the upper",
            found=f"{cuts[0]:.6g} and {cuts[1]:.6g}",
            remedy="use natural_breaks, or other quantiles",
        )
    return cuts


def _tier(row: Mapping[str, str]) -> Tier:
    return TIERS[TIERS.index(row["tier"])]


def _check_scores(scores: Array, units: Sequence[str], periods: Sequence[int]) -> None:
    if scores.shape != (len(periods), len(units)):
        raise DataError(
            "The scores do not fit their labels.",
            expected=f"shape {(len(periods), len(units))} (periods, units)",
            found=f"shape {scores.shape}",
        )
    empty = [f"{units[i]} {periods[t]}" for t, i in np.argwhere(~np.isfinite(scores))]
    if empty:
        raise DataError(
            "A unit without a score has no tier.",
            expected="a finite score of every unit in every period",
            found=f"empty or infinite: {offenders(empty)}",
        )


def _check_instrument_rows(rows: Sequence[Mapping[str, str]]) -> None:
    problems = []
    titles: dict[str, tuple[str, str]] = {}
    seen: set[tuple[str, str]] = set()
    for line, row in enumerate(rows, 2):
        empty = [c for c in INSTRUMENT_COLUMNS if not row.get(c)]
        if empty:
            problems.append(f"line {line}: without {', '.join(empty)}")
            continue
        if row["tier"] not in TIERS:
            problems.append(f"line {line}: tier {row['tier']!r} {did_you_mean(row['tier'], TIERS)}".strip())
        if (row["tier"], row["instrument"]) in seen:
            problems.append(f"line {line}: {row['instrument']} for {row['tier']} again")
        if titles.setdefault(row["instrument"], (row["en"], row["zh"])) != (row["en"], row["zh"]):
            problems.append(f"line {line}: another title of {row['instrument']}")
        seen.add((row["tier"], row["instrument"]))
    if problems or not rows:
        raise DataError(
            "The table of policy instruments cannot be used.",
            expected=f"columns {', '.join(INSTRUMENT_COLUMNS)}; tiers {', '.join(TIERS)}; one title each",
            found=offenders(problems) or "no rows",
        )


def _check_axes(x: Sequence[str], y: Sequence[str], dimensions: Sequence[str]) -> None:
    unknown = [name for name in (*x, *y) if name not in dimensions]
    twice = [name for name in x if name in y]
    if unknown or twice or not x or not y:
        raise DataError(
            "The axes of the development coordinates are not admissible.",
            expected=f"one or more of {', '.join(dimensions)} on each axis, none on both",
            found=f"x: {', '.join(x) or 'none'}; y: {', '.join(y) or 'none'}",
            remedy=did_you_mean(unknown[0], dimensions) if unknown else "",
        )
