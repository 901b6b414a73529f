"""Ranks of units: their stability between index schemes and weightings, and their uncertainty.

Rank 1 is the highest score; equal scores share the average of their ranks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from shuyi.arguments import check_draws, check_level, check_seed, finite_number
from shuyi.errors import DataError, check_known, offenders
from shuyi.panel import read_periods, steps_between

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


Resample = Literal["weights", "indicators", "both"]
RESAMPLES: tuple[Resample, ...] = ("weights", "indicators", "both")
TOP = 5
BLOCK_CELLS = 2**21
"""Draws are scored in blocks of about this many numbers (16 MB)."""


@dataclass(frozen=True)
class Agreement:
    """How far two rankings of the same period agree.

    Parameters
    ----------
    period : int
        Year or other period.
    first, second : str
        Names of the scorings.
    spearman, kendall : float
        Rank correlations (Kendall's tau-b); NaN where a scoring does not vary.
    top_shared, bottom_shared : int
        Units in the first (last) places of both.
    top_only_first, top_only_second, bottom_only_first, bottom_only_second : tuple of str
        Units in the first (last) places of one alone, in the order of the units.
    """

    period: int
    first: str
    second: str
    spearman: float
    kendall: float
    top_shared: int
    bottom_shared: int
    top_only_first: tuple[str, ...]
    top_only_second: tuple[str, ...]
    bottom_only_first: tuple[str, ...]
    bottom_only_second: tuple[str, ...]


@dataclass(frozen=True)
class RankStability:
    """Agreement of every pair of scorings in every period; pairs slow, periods fast.

    Parameters
    ----------
    agreements : tuple of Agreement
        One record per pair and period.
    """

    agreements: tuple[Agreement, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per pair and period; lists of units are joined by spaces.

        Returns
        -------
        DataFrame
            Columns are the fields of `Agreement`.
        """
        import pandas as pd

        rows = [{k: _joined(v) for k, v in asdict(a).items()} for a in self.agreements]
        return pd.DataFrame(rows, columns=[f.name for f in fields(Agreement)])


@dataclass(frozen=True, eq=False)
class RankMoves:
    """Change of ranks from one period to the next.

    Parameters
    ----------
    units : tuple of str, length n
        Labels of the units.
    periods : tuple of int, length T
        Years or other periods, increasing.
    ranks : ndarray, shape (T, n)
        One for the highest score; ties share the mean rank.
    """

    units: tuple[str, ...]
    periods: tuple[int, ...]
    ranks: Array

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit and period.

        Returns
        -------
        DataFrame
            Columns rank and its gain (positive is upwards; NaN at first and after a missing period).
        """
        frame = _long(self.units, self.periods)
        frame["rank"] = self.ranks.T.ravel()
        gain = np.vstack([np.full(len(self.units), np.nan), -np.diff(self.ranks, axis=0)])
        gain[1:][np.diff(steps_between(read_periods(self.periods))) != 1] = np.nan
        frame["gain"] = gain.T.ravel()
        return frame


@dataclass(frozen=True, eq=False)
class RankIntervals:
    """Ranks with their uncertainty under other weights or indicators.

    Parameters
    ----------
    resample : {"weights", "indicators", "both"}
        What was drawn anew.
    draws : int
        Number of random draws.
    confidence : float
        Level of the interval.
    units : tuple of str, length n
        Labels of the units.
    periods : tuple of int, length T
        Years or other periods, increasing.
    ranks : ndarray, shape (T, n)
        Under the given weights.
    lower, median, upper : ndarray, shape (T, n)
        Quantiles of the ranks over the draws, each the rank of some draw.
    top_share : ndarray, shape (T, n)
        Share of the draws in which the unit is among the first five.
    """

    resample: Resample
    draws: int
    confidence: float
    units: tuple[str, ...]
    periods: tuple[int, ...]
    ranks: Array
    lower: Array
    median: Array
    upper: Array
    top_share: Array

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit and period.

        Returns
        -------
        DataFrame
            Columns rank, lower, median, upper, top_share.
        """
        frame = _long(self.units, self.periods)
        for name in ("ranks", "lower", "median", "upper", "top_share"):
            frame[name.replace("ranks", "rank")] = getattr(self, name).T.ravel()
        return frame


def ranks(scores: Array) -> Array:
    """Return the rank of each unit in each period, 1 for the highest score.

    Parameters
    ----------
    scores : ndarray, shape (..., n)
        Ranked along the last axis.

    Returns
    -------
    ndarray, shape of `scores`
        Ties share the mean rank.

    Raises
    ------
    DataError
        If a score is empty or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.index.rankings import ranks
    >>> ranks(np.array([0.2, 0.9, 0.5, 0.5]))
    array([4. , 1. , 2.5, 2.5])
    """
    from scipy.stats import rankdata

    if not np.isfinite(scores).all():
        cells = [tuple(map(int, c)) for c in np.argwhere(~np.isfinite(scores))]
        raise DataError(
            "A unit without a score has no rank.",
            expected="finite scores",
            found=f"empty or infinite at {offenders(cells)}",
            remedy="supply the figures or leave the unit out",
        )
    return np.asarray(rankdata(-scores, axis=-1))


def rank_moves(scores: Array, *, units: Sequence[str], periods: Sequence[int]) -> RankMoves:
    """Return the ranks of each period and their gains against the period before.

    Parameters
    ----------
    scores : ndarray, shape (T, n)
        Scores by period and unit.
    units : sequence of str, length n
        Labels of the units.
    periods : sequence of int, length T
        Years or other periods, increasing.

    Returns
    -------
    RankMoves
        Ranks by period.

    Raises
    ------
    DataError
        If the scores do not fit their labels or one is empty.
    """
    _check_shape("scores", scores, (len(periods), len(units)))
    return RankMoves(tuple(units), tuple(periods), ranks(scores))


def rank_stability(
    scorings: Mapping[str, Array], *, units: Sequence[str], periods: Sequence[int], top: int = TOP
) -> RankStability:
    """Compare every pair of scorings by period.

    Parameters
    ----------
    scorings : mapping of str to ndarray, shape (T, n)
        Scores by name of the scheme or weighting, at least two.
    units : sequence of str, length n
        Labels of the units.
    periods : sequence of int, length T
        Years or other periods, increasing.
    top : int, default TOP
        Number of first and last places compared, 1 to n. Equal scores at the edge keep the order of the
        units, so that exactly `top` units are counted.

    Returns
    -------
    RankStability
        One record per pair and period.

    Raises
    ------
    DataError
        If there are fewer than two scorings or units, scores do not fit their labels or are empty, or `top`
        is not from 1 to n.
    """
    if len(scorings) < 2 or len(units) < 2 or not 1 <= top <= len(units):
        raise DataError(
            "Rankings cannot be compared.",
            expected="two scorings or more of two units or more, top from 1 to the number of units",
            found=f"{len(scorings)} scorings of {len(units)} units, top {top}",
        )
    for name, scores in scorings.items():
        _check_shape(f"scores of {name!r}", scores, (len(periods), len(units)))
    placed = {name: ranks(scores) for name, scores in scorings.items()}
    return RankStability(
        tuple(
            _agreement(period, (one, placed[one][t]), (other, placed[other][t]), units, top)
            for one, other in combinations(placed, 2)
            for t, period in enumerate(periods)
        )
    )


def rank_intervals(
    normalised: Array,
    weights: Array,
    *,
    units: Sequence[str],
    periods: Sequence[int],
    resample: Resample = "both",
    draws: int = 1000,
    seed: int = 0,
    concentration: float = 10.0,
    confidence: float = 0.95,
) -> RankIntervals:
    r"""Return the uncertainty of ranks over draws of the weights and the indicators of an index.

    ``weights`` draws the weights from a Dirichlet distribution around the given ones,

    .. math:: w^* \sim \mathrm{Dir}(c\,k\,w), \qquad E\,w^* = w, \qquad
              \mathrm{Var}\,w_j^* = w_j (1 - w_j) / (c\,k + 1),

    so that c = 1 with equal weights is uniform on the simplex; ``indicators`` draws k indicators with
    replacement and multiplies each weight by the number of its indicator's draws; ``both`` does both. An
    indicator of weight zero stays out. All periods meet the same draws.

    Parameters
    ----------
    normalised : ndarray, shape (T, n, k)
        Indicators in [0, 1].
    weights : ndarray, shape (k,)
        Not negative, not all zero; divided by their sum.
    units : sequence of str, length n
        Labels of the units.
    periods : sequence of int, length T
        Years or other periods, increasing.
    resample : {"weights", "indicators", "both"}, default "both"
        What is drawn anew.
    draws : int, default 1000
        Number of random draws.
    seed : int, default 0
        Seed of the random draws.
    concentration : float, default 10.0
        c above, positive; larger is nearer to the given weights.
    confidence : float, default 0.95
        Level of the interval, in (0, 1).

    Returns
    -------
    RankIntervals
        Ranks with their intervals by period and unit.

    Raises
    ------
    DataError
        If an option is not admissible, values do not fit their labels, or a weight is negative (weights of
        principal components may be).
    """
    check_known(resample, RESAMPLES, "resampling", DataError)
    confidence = check_level(confidence, "confidence")
    finite_number(concentration, "concentration", above=0)
    draws = check_draws(draws, least=1, each=8 * (3 * len(weights) + 3 * len(units)))
    _check_shape("indicators", normalised, (len(periods), len(units), len(weights)))
    _check_weights(weights)
    shares = weights / weights.sum()
    drawn = draw_weights(shares, resample, draws, np.random.default_rng(check_seed(seed)), concentration)
    levels = np.array([(1.0 - confidence) / 2.0, 0.5, (1.0 + confidence) / 2.0])
    found = [_period_intervals(layer, drawn, levels) for layer in normalised]
    quantiles, top_share = np.array([q for q, _ in found]), np.array([s for _, s in found])
    placed = (ranks(normalised @ shares), *quantiles.transpose(1, 0, 2), top_share)
    return RankIntervals(resample, draws, confidence, tuple(units), tuple(periods), *placed)


def draw_weights(
    weights: Array, resample: Resample, draws: int, rng: np.random.Generator, concentration: float
) -> Array:
    """Return draws of the weights, shape (draws, k), each with sum one (see `rank_intervals`).

    Parameters
    ----------
    weights : ndarray, shape (k,)
        Not negative, sum one.
    resample : {"weights", "indicators", "both"}
        What is drawn anew: weights, indicators or both.
    draws : int
        Number of random draws.
    rng : Generator
        Source of the draws; it moves on.
    concentration : float
        Concentration c of the Dirichlet distribution.

    Returns
    -------
    ndarray, shape (draws, k)
        Weights of each draw.

    Raises
    ------
    DataError
        If a draw gives every drawn indicator a weight of zero in double precision.
    """
    active = np.flatnonzero(weights > 0.0)
    drawn = np.zeros((draws, len(weights)))
    centre, k = weights[active], len(active)
    if resample == "indicators":
        drawn[:, active] = centre
    else:
        drawn[:, active] = rng.dirichlet(concentration * k * centre, size=draws)
    if resample != "weights":
        drawn[:, active] *= rng.multinomial(k, np.full(k, 1.0 / k), size=draws)
    total = drawn.sum(axis=1, keepdims=True)
    if not (total > 0.0).all():
        raise DataError(
            "A draw of the weights has no weight left.",
            found=f"{int((total <= 0.0).sum())} of {draws} draws at concentration {concentration}",
            remedy="raise the concentration",
        )
    return drawn / total


def _period_intervals(layer: Array, drawn: Array, levels: Array) -> tuple[Array, Array]:
    block = max(1, BLOCK_CELLS // len(layer))
    placed = [ranks(drawn[start : start + block] @ layer.T) for start in range(0, len(drawn), block)]
    found = np.concatenate(placed)
    quantiles = np.quantile(found, levels, axis=0, method="inverted_cdf")
    return quantiles, (found <= TOP).mean(axis=0)


def _agreement(
    period: int, first: tuple[str, Array], second: tuple[str, Array], units: Sequence[str], top: int
) -> Agreement:
    from scipy.stats import kendalltau, spearmanr

    (one, a), (other, b) = first, second
    varies = np.ptp(a) > 0.0 and np.ptp(b) > 0.0
    tops, bottoms = ([_places(r * sign, top) for r in (a, b)] for sign in (1.0, -1.0))
    return Agreement(
        period,
        one,
        other,
        float(spearmanr(a, b).statistic) if varies else np.nan,
        float(kendalltau(a, b).statistic) if varies else np.nan,
        len(np.intersect1d(tops[0], tops[1])),
        len(np.intersect1d(bottoms[0], bottoms[1])),
        *(_only(mine, yours, units) for mine, yours in (tops, tops[::-1], bottoms, bottoms[::-1])),
    )


def _places(order: Array, top: int) -> NDArray[np.intp]:
    return np.argsort(order, kind="stable")[:top]


def _only(mine: NDArray[np.intp], yours: NDArray[np.intp], units: Sequence[str]) -> tuple[str, ...]:
    return tuple(units[i] for i in np.sort(np.setdiff1d(mine, yours)))


def _joined(value: Any) -> Any:
    return " ".join(value) if isinstance(value, tuple) else value


def _long(units: Sequence[str], periods: Sequence[int]) -> pd.DataFrame:
    import pandas as pd

    index = pd.MultiIndex.from_product([units, periods], names=["unit", "period"])
    return index.to_frame(index=False)


def _check_shape(what: str, values: Array, shape: tuple[int, ...]) -> None:
    if values.shape != shape:
        raise DataError(
            f"The {what} do not fit their labels.", expected=f"shape {shape}", found=f"shape {values.shape}"
        )


def _check_weights(weights: Array) -> None:
    if not (weights >= 0.0).all() or not weights.any():
        raise DataError(
            "The uncertainty of ranks needs weights that are not negative.",
            expected="weights >= 0, not all zero",
            found=offenders(f"{w:.6g}" for w in weights),
            remedy="use the entropy, critic or equal weighting",
        )
