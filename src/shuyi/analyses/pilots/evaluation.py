"""Which pilots a rolling evaluation drops, and whether other weights of the criteria would drop others.

Each pilot has a score per criterion and year. The weighted score is averaged over the last years (the
window); a pilot whose average lies below a quantile of those still in for several years running is dropped
and no longer counts. Because the weights of the criteria are a choice, the rule is applied again under many
weights drawn around the chosen ones: the share of them that drop a pilot says how far its fate is the
weights'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.arguments import check_draws, check_seed
from shuyi.errors import ConfigError, DataError, offenders

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

KEYS = ("pilot", "year")
CERTAIN = 0.95
"""Share of the weights above which a pilot is dropped, or kept, whatever the weights."""


@dataclass(frozen=True)
class Rule:
    """A rule of rolling elimination.

    Parameters
    ----------
    weights : mapping of str to float
        Weight of each criterion, at least zero; divided by their sum.
    window : int, default 3
        Years that a score is averaged over.
    quantile : float, default 0.2
        Share of the pilots still in, in (0, 1), whose averages count as low.
    runs : int, default 2
        Consecutive years with a low average after which a pilot is dropped.

    Raises
    ------
    ConfigError
        If a weight is negative or all are zero, or another setting is out of range.

    Examples
    --------
    >>> from shuyi.analyses.pilots.evaluation import Rule
    >>> Rule({"fit": 2, "recognition": 2}).shares
    array([0.5, 0.5])
    """

    weights: Mapping[str, float]
    window: int = 3
    quantile: float = 0.2
    runs: int = 2

    def __post_init__(self) -> None:
        values = list(self.weights.values())
        problems = {
            "weights": not values or min(values) < 0 or not np.isfinite(sum(values)) or sum(values) <= 0,
            "window": self.window < 1,
            "quantile": not 0 < self.quantile < 1,
            "runs": self.runs < 1,
        }
        wrong = [f"{name}: {getattr(self, name)}" for name, bad in problems.items() if bad]
        if wrong:
            raise ConfigError(
                "The rule of rolling elimination cannot be applied.",
                expected="weights of at least zero with a sum above zero, a window and runs of at least one "
                "year, a quantile in (0, 1)",
                found=offenders(wrong),
            )

    @property
    def shares(self) -> NDArray[np.float64]:
        """Weights with sum one."""
        values = np.array(list(self.weights.values()), dtype=np.float64)
        return values / values.sum()


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of pilots by year and criterion.

    Parameters
    ----------
    pilots : tuple of str, length n
        Names.
    years : tuple of int, length T
        Consecutive.
    criteria : tuple of str, length k
        Names.
    values : ndarray, shape (T, n, k)
        NaN before a pilot began and after its last score.
    """

    pilots: tuple[str, ...]
    years: tuple[int, ...]
    criteria: tuple[str, ...]
    values: NDArray[np.float64]

    @classmethod
    def from_frame(cls, table: pd.DataFrame, criteria: tuple[str, ...]) -> Scores:
        """Return the scores of a table with columns pilot, year and one per criterion.

        Parameters
        ----------
        table : DataFrame
            One row per pilot and year; years as numbers or text.
        criteria : tuple of str
            Columns of the criteria.

        Returns
        -------
        Scores
            Pilots in the order of their first row.

        Raises
        ------
        DataError
            If a column or a year in between is missing, a row occurs twice, or a score is no finite number.
        """
        import pandas as pd

        absent = [name for name in (*KEYS, *criteria) if name not in table.columns]
        if absent:
            raise DataError(
                "The file of pilot scores lacks columns.",
                expected=", ".join((*KEYS, *criteria)),
                found=f"no {offenders(absent)}; columns: {offenders(list(table.columns), 12)}",
                remedy="name the columns so, or change pilots.weights",
            )
        numbers = table[list(criteria)].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
        years = pd.to_numeric(table["year"], errors="coerce").to_numpy(dtype=np.float64)
        _check_rows(table, years, numbers)
        pilots = tuple(dict.fromkeys(str(pilot) for pilot in table["pilot"]))
        span = tuple(range(int(years.min()), int(years.max()) + 1))
        values = np.full((len(span), len(pilots), len(criteria)), np.nan)
        places = [pilots.index(str(pilot)) for pilot in table["pilot"]]
        values[years.astype(int) - span[0], places] = numbers
        _check_gaps(pilots, span, values)
        return cls(pilots, span, tuple(criteria), values)


def _check_rows(table: pd.DataFrame, years: NDArray, numbers: NDArray) -> None:
    bad = ~np.isfinite(numbers).all(axis=1) | (years != np.round(years)) | ~np.isfinite(years)
    if len(table) == 0 or bad.any():
        lines = [str(i + 2) for i in np.flatnonzero(bad)]
        raise DataError(
            "The file of pilot scores holds rows that cannot be used.",
            expected="a year and a number for each criterion in every row",
            found=f"lines {offenders(lines)}" if lines else "no rows",
            remedy="complete or delete these rows",
        )
    twice = table.duplicated(list(KEYS))
    if twice.any():
        found = [f"{p} {y}" for p, y in table.loc[twice, list(KEYS)].itertuples(index=False)]
        raise DataError(
            "The file of pilot scores holds a pilot twice in a year.",
            expected="one row per pilot and year",
            found=offenders(found),
            remedy="delete the rows that do not count",
        )


def _check_gaps(pilots: tuple[str, ...], years: tuple[int, ...], values: NDArray) -> None:
    known = np.isfinite(values).all(axis=2)
    gaps = []
    for j, pilot in enumerate(pilots):
        at = np.flatnonzero(known[:, j])
        gaps += [f"{pilot} {years[t]}" for t in range(at[0], at[-1]) if not known[t, j]]
    if gaps:
        raise DataError(
            "A pilot has no score in a year between others.",
            expected="a score in every year from a pilot's first to its last",
            found=offenders(gaps),
            remedy="complete the scores; they are not interpolated",
        )


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a rule does with the scores.

    Attributes
    ----------
    score, average : ndarray, shape (..., T, n)
        Weighted score of a year, and its average over the window; NaN where there is none.
    threshold : ndarray, shape (..., T)
        Quantile of the averages of the pilots still in; NaN without any.
    dropped : ndarray of int, shape (..., n)
        Position of the year after which a pilot is out, -1 if it stays.
    """

    score: NDArray[np.float64]
    average: NDArray[np.float64]
    threshold: NDArray[np.float64]
    dropped: NDArray[np.int_]


def evaluate(scores: Scores, rule: Rule, shares: NDArray[np.float64] | None = None) -> Evaluation:
    """Apply a rule to scores, under its own weights or under several others at once.

    Parameters
    ----------
    scores : Scores
        Of the criteria of the rule, in its order.
    rule : Rule
        Weights, window, quantile, runs.
    shares : ndarray, shape (..., k), optional
        Weights with sum one instead of the rule's.

    Returns
    -------
    Evaluation
        With the leading dimensions of the shares.

    Examples
    --------
    >>> import pandas as pd
    >>> from shuyi.analyses.pilots.evaluation import Rule, Scores, evaluate
    >>> rows = [(p, y, s) for p, s in (("a", 9), ("b", 8), ("c", 1)) for y in (2021, 2022)]
    >>> scores = Scores.from_frame(pd.DataFrame(rows, columns=["pilot", "year", "fit"]), ("fit",))
    >>> evaluate(scores, Rule({"fit": 1}, window=1, quantile=0.3, runs=2)).dropped
    array([-1, -1,  1])
    """
    own = rule.shares if shares is None else shares
    score = np.einsum("tnk,...k->...tn", scores.values, own)
    average = np.full_like(score, np.nan)
    for t in range(rule.window - 1, score.shape[-2]):
        average[..., t, :] = score[..., t - rule.window + 1 : t + 1, :].mean(axis=-2)
    lead, (T, n) = score.shape[:-2], score.shape[-2:]
    inside = np.ones((*lead, n), dtype=bool)
    low = np.zeros((*lead, n), dtype=int)
    threshold = np.full((*lead, T), np.nan)
    dropped = np.full((*lead, n), -1)
    for t in range(T):
        counted = np.where(inside, average[..., t, :], np.nan)
        some = np.isfinite(counted).any(axis=-1)
        if some.any():
            threshold[some, t] = np.nanquantile(counted[some], rule.quantile, axis=-1)
        below = counted < threshold[..., t, None]
        low = np.where(below, low + 1, 0)
        out = inside & (low >= rule.runs)
        dropped[out] = t
        inside &= ~out
    return Evaluation(score, average, threshold, dropped)


def sensitivity(
    scores: Scores, rule: Rule, *, draws: int = 2000, concentration: float = 50.0, seed: int = 1
) -> NDArray[np.float64]:
    """Return the share of weights around the rule's own that drop each pilot.

    Weights are drawn from the Dirichlet distribution with the rule's shares as mean; with a concentration c a
    share s has the standard deviation ``sqrt(s (1 - s)/(c + 1))``. A criterion of weight zero stays at zero.

    Parameters
    ----------
    scores : Scores
        Of the criteria of the rule.
    rule : Rule
        The rule.
    draws : int, default 2000
        Number of weights.
    concentration : float, default 50.0
        Above zero; the larger, the nearer to the rule's own weights.
    seed : int, default 1
        Of the draws.

    Returns
    -------
    ndarray, shape (n,)
        In [0, 1].

    Raises
    ------
    ConfigError
        If draws, seed or concentration are out of range.
    """
    draws = check_draws(draws, "draws", least=1, each=8 * scores.values.shape[0] * scores.values.shape[1] * 4)
    if not 0 < concentration < np.inf:
        raise ConfigError(
            "The concentration is out of range.", expected="above zero", found=repr(concentration)
        )
    used = rule.shares > 0
    shares = np.zeros((draws, len(used)))
    rng = np.random.default_rng(check_seed(seed))
    shares[:, used] = rng.dirichlet(concentration * rule.shares[used], draws)
    return np.asarray((evaluate(scores, rule, shares).dropped >= 0).mean(axis=0))
