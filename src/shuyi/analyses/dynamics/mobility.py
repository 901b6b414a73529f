"""Who moves, and with whom: transitions between LISA quadrants, movement vectors and rank mobility.

Permutations move whole units (all their years) over the map. They are drawn from ``default_rng(seed)`` in the
order of the units' labels; two-sided p-values are ``min(1, 2 (min(g, l) + 1) / (R + 1))`` as in `shuyi.esda`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.analyses.dynamics.chains import ergodic, matrix_frame, probabilities_of, relative
from shuyi.arguments import check_draws, check_seed, whole_number
from shuyi.frames import labelled, rows_frame
from shuyi.panel import Panel, check_evenly_spaced
from shuyi.regions import Grouping, check_placed
from shuyi.validation import complete, varying
from shuyi.weights import Weights, check_aligned
from shuyi.weights.neighbours import averaging_w, binary_w, label_order, symmetric_pattern

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


TIE_TOLERANCE = 1e-12
QUADRANTS = ("HH", "LH", "LL", "HL")
"""Own value first, neighbours' second, in the order of giddy's codes 1 to 4."""
MOVES = ("none", "own", "neighbours", "both")
"""Types 0, I, II and III of Rey (2001): who crossed the mean."""


@dataclass(frozen=True, eq=False)
class LisaTransitions:
    """Transitions between quadrants of the Moran scatterplot.

    Parameters
    ----------
    variable : str
        Name of the panel variable.
    weights : str
        Name of the weights.
    units : tuple of str, length n
        Labels of the units.
    periods : tuple of int, length T
        Years or other periods, increasing.
    quadrants : ndarray of str, shape (T, n)
        Quadrant of each unit in each period.
    moves : ndarray of str, shape (T - 1, n)
        Who crossed the mean: `MOVES`.
    counts, probabilities, expected : ndarray, shape (4, 4)
        In the order of `QUADRANTS`; `expected` supposes that a unit and its neighbours move independently,
        each by its own two-state chain.
    ergodic : ndarray, shape (4,)
        Long-run shares of the quadrants.
    lr, p_value : float
        Likelihood ratio of that hypothesis.
    df : int
        Free cells of `expected` less the free probabilities of the two chains (eight where all moves occur);
        where none is left the p-value is NaN.
    """

    variable: str
    weights: str
    units: tuple[str, ...]
    periods: tuple[int, ...]
    quadrants: NDArray[np.str_]
    moves: NDArray[np.str_]
    counts: Array
    probabilities: Array
    expected: Array
    ergodic: Array
    lr: float
    p_value: float
    df: int

    @property
    def stability(self) -> float:
        """Share of transitions in which neither the unit nor its neighbours crossed the mean."""
        return float((self.moves == MOVES[0]).mean())

    def to_frame(self) -> pd.DataFrame:
        """Return one row per pair of quadrants.

        Returns
        -------
        DataFrame
            Columns variable, weights, origin, destination, count, probability, expected.
        """
        frame = matrix_frame(self.counts, self.probabilities, self.expected, third="expected")
        for side in ("origin", "destination"):
            frame[side] = [QUADRANTS[c - 1] for c in frame[side]]
        return labelled(frame, variable=self.variable, weights=self.weights)

    def units_frame(self) -> pd.DataFrame:
        """Return one row per unit and transition.

        Returns
        -------
        DataFrame
            Columns variable, weights, unit, start, end, origin, destination, move.
        """
        import pandas as pd

        rows = [
            (self.variable, self.weights, unit, *self.periods[t : t + 2], *self._step(t, i))
            for i, unit in enumerate(self.units)
            for t in range(len(self.periods) - 1)
        ]
        columns = ["variable", "weights", "unit", "start", "end", "origin", "destination", "move"]
        return pd.DataFrame(rows, columns=columns)

    def moves_frame(self) -> pd.DataFrame:
        """Return one row per kind of move.

        Returns
        -------
        DataFrame
            Columns variable, weights, move, count, share.
        """
        import pandas as pd

        counts = np.array([(self.moves == move).sum() for move in MOVES])
        frame = pd.DataFrame({"move": MOVES, "count": counts, "share": counts / self.moves.size})
        return labelled(frame, variable=self.variable, weights=self.weights)

    def _step(self, t: int, i: int) -> tuple[str, str, str]:
        return str(self.quadrants[t, i]), str(self.quadrants[t + 1, i]), str(self.moves[t, i])


@dataclass(frozen=True, eq=False)
class LisaVectors:
    """Movement of units in the Moran scatterplot between two years (Rey, Murray and Anselin 2011).

    Parameters
    ----------
    variable : str
        Name of the panel variable.
    weights : str
        Name of the weights.
    units : tuple of str, length n
        Labels of the units.
    start, end : int
        Years of the movement.
    own, neighbours : ndarray, shape (n,)
        Change of the value relative to the mean, and of its spatial lag.
    length, angle : ndarray, shape (n,)
        Of the vector; degrees counterclockwise from a pure gain of the unit itself, in [0, 360).
    bounds : ndarray, shape (s + 1,)
        Edges of the sectors in degrees.
    counts : ndarray, shape (s,)
        Units that move in the direction of each sector.
    mean_permuted, p_values : ndarray, shape (s,)
        Two-sided, each sector by itself.
    permutations : int
        Number of random permutations.
    seed : int
        Seed of the random draws.
    """

    variable: str
    weights: str
    units: tuple[str, ...]
    start: int
    end: int
    own: Array
    neighbours: Array
    length: Array
    angle: Array
    bounds: Array
    counts: NDArray[np.int64]
    mean_permuted: Array
    p_values: Array
    permutations: int
    seed: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit.

        Returns
        -------
        DataFrame
            Columns variable, weights, start, end, unit, own, neighbours, length, angle.
        """
        import pandas as pd

        columns = ("own", "neighbours", "length", "angle")
        frame = pd.DataFrame({"unit": self.units} | {name: getattr(self, name) for name in columns})
        return self._labelled(frame)

    def sectors_frame(self) -> pd.DataFrame:
        """Return one row per sector.

        Returns
        -------
        DataFrame
            Columns variable, weights, start, end, low, high, count, mean_permuted, p_value.
        """
        import pandas as pd

        frame = pd.DataFrame({"low": self.bounds[:-1], "high": self.bounds[1:], "count": self.counts})
        return self._labelled(frame.assign(mean_permuted=self.mean_permuted, p_value=self.p_values))

    def _labelled(self, frame: pd.DataFrame) -> pd.DataFrame:
        place = {"variable": self.variable, "weights": self.weights, "start": self.start, "end": self.end}
        return labelled(frame, **place)


@dataclass(frozen=True)
class RankMobilityRow:
    """Rank mobility between two years.

    Parameters
    ----------
    region_scheme : str
        Name of the region scheme of theta.
    variable : str
        Name of the panel variable.
    weights : str
        Name of the weights.
    start, end : int
        Years compared.
    tau, tau_p_value : float
        Kendall's rank correlation of the two years (giddy; normal approximation).
    spatial_tau, spatial_tau_permuted, spatial_tau_p_value : float
        The same over pairs of neighbours (Rey 2014), its mean and two-sided p under permutation.
    theta, theta_permuted, theta_p_value : float
        Share of rank changes in the same direction within regions (Rey 2004); p for more than by chance. NaN
        where no rank changes.
    changes : float
        Sum of absolute rank changes.
    permutations : int
        Number of random permutations.
    seed : int
        Seed of the random draws.
    """

    region_scheme: str
    variable: str
    weights: str
    start: int
    end: int
    tau: float
    tau_p_value: float
    spatial_tau: float
    spatial_tau_permuted: float
    spatial_tau_p_value: float
    theta: float
    theta_permuted: float
    theta_p_value: float
    changes: float
    permutations: int
    seed: int


@dataclass(frozen=True, eq=False)
class RankMobility:
    """Rank mobility between successive years and, last, between the first and the last.

    Parameters
    ----------
    rows : tuple of RankMobilityRow
        One record per interval.
    units : tuple of str, length n
        Labels of the units.
    periods : tuple of int, length T
        Years or other periods, increasing.
    ranks : ndarray, shape (T, n)
        One for the largest value; ties share the mean rank.
    """

    rows: tuple[RankMobilityRow, ...]
    units: tuple[str, ...]
    periods: tuple[int, ...]
    ranks: Array

    def to_frame(self) -> pd.DataFrame:
        """Return one row per interval, with the fields of `RankMobilityRow` as columns.

        Returns
        -------
        DataFrame
            In the order of the rows.
        """
        return rows_frame(self.rows, RankMobilityRow)

    def ranks_frame(self) -> pd.DataFrame:
        """Return one row per unit and period.

        Returns
        -------
        DataFrame
            Columns variable, unit, period, rank, change (places gained since the first period).
        """
        import pandas as pd

        T, n = self.ranks.shape
        return pd.DataFrame(
            {
                "variable": self.rows[0].variable,
                "unit": np.repeat(self.units, T),
                "period": np.tile(self.periods, n),
                "rank": self.ranks.T.ravel(),
                "change": (self.ranks[0] - self.ranks).T.ravel(),
            }
        )


def lisa_transitions(
    panel: Panel, variable: str, weights: Weights, *, name: str = "weights"
) -> LisaTransitions:
    """Count transitions between quadrants of the Moran scatterplot (giddy's LISA Markov).

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variable : str
        Name of the panel variable.
    weights : Weights
        Row-standardised, in the panel's order of units.
    name : str, default "weights"
        Name of the weights in the result.

    Returns
    -------
    LisaTransitions
        Counts, probabilities and the test of independent moves.

    Raises
    ------
    DataError
        If values are missing or a year does not vary.
    WeightsError, AlignmentError
        If the weights are not row-standardised or not the panel's.

    Notes
    -----
    The test of independent moves is not giddy's, whose expected transitions take neighbouring columns of the
    transposed data for successive years and so depend on the order of the units.
    """
    from giddy.markov import LISA_Markov

    check_evenly_spaced(panel.periods, "A chain of quadrants")
    check_aligned(panel.units, weights)
    y = varying(panel, variable, complete(panel, variable), "The Moran scatterplot")
    peer = LISA_Markov(y.T, averaging_w(weights))
    code = np.asarray(peer.q).T - 1
    own, near = np.isin(code, (0, 3)), np.isin(code, (0, 1))
    moved = (own[1:] != own[:-1]) + 2 * (near[1:] != near[:-1])
    counts = np.asarray(peer.transitions)
    probabilities = probabilities_of(counts)[0]
    expected, lr, df, p = _independent_moves(own, near, counts)
    return LisaTransitions(
        variable=variable,
        weights=name,
        units=panel.units,
        periods=panel.periods,
        quadrants=np.array(QUADRANTS)[code],
        moves=np.array(MOVES)[moved],
        counts=counts,
        probabilities=probabilities,
        expected=expected,
        ergodic=ergodic(probabilities),
        lr=lr,
        p_value=p,
        df=df,
    )


def lisa_vectors(
    panel: Panel,
    variable: str,
    weights: Weights,
    *,
    start: int | None = None,
    end: int | None = None,
    sectors: int = 8,
    permutations: int = 999,
    seed: int,
    name: str = "weights",
) -> LisaVectors:
    """Return the movement of units in the Moran scatterplot between two years (giddy's rose).

    Parameters
    ----------
    panel : Panel
        As `lisa_transitions`.
    variable : str
        Of zero or more; divided by the mean of each year.
    weights : Weights
        As `lisa_transitions`.
    start, end : int, optional
        Years, by default the first and the last.
    sectors : int, default 8
        Of equal width, counterclockwise from a pure gain of the unit itself.
    permutations : int, default 999
        Zero gives NaN for `mean_permuted` and `p_values`.
    seed : int
        Seed of the random draws.
    name : str, default "weights"
        As `lisa_transitions`.

    Returns
    -------
    LisaVectors
        Movement of each unit, and counts by direction.

    Raises
    ------
    DataError, WeightsError, AlignmentError
        As `lisa_transitions`, or if values are negative.
    """
    from giddy.directional import Rose

    sectors = whole_number(sectors, "sectors", least=2)
    each = 16 * max(panel.n, sectors)
    permutations = check_draws(permutations, "permutations", least=1, none=True, each=each)
    seed = check_seed(seed)
    check_aligned(panel.units, weights)
    years = (panel.periods[0] if start is None else start, panel.periods[-1] if end is None else end)
    y = relative(panel.select(periods=years), variable, "mean", None).T
    w = averaging_w(weights)
    rose = Rose(y, w, k=sectors)
    drawn = [Rose(y[order], w, k=sectors).counts for order in _orders(panel.units, permutations, seed)]
    sample = np.array(drawn, dtype=np.float64).reshape(-1, sectors)
    change = y[:, 1] - y[:, 0]
    return LisaVectors(
        variable=variable,
        weights=name,
        units=panel.units,
        start=years[0],
        end=years[1],
        own=change,
        neighbours=weights.lag(change[None])[0],
        length=rose.r,
        angle=np.degrees(rose.theta) % 360.0,
        bounds=np.linspace(0.0, 360.0, sectors + 1),
        counts=rose.counts.astype(np.int64),
        mean_permuted=sample.mean(axis=0) if drawn else np.full(sectors, np.nan),
        p_values=_two_sided(rose.counts.astype(float), sample),
        permutations=permutations,
        seed=seed,
    )


def rank_mobility(
    panel: Panel,
    variable: str,
    weights: Weights,
    grouping: Grouping,
    *,
    permutations: int = 999,
    seed: int,
    name: str = "weights",
) -> RankMobility:
    """Measure how ranks change between successive years and over the whole period.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variable : str
        Name of the panel variable.
    weights : Weights
        With a symmetric pattern of neighbours.
    grouping : Grouping
        Regions of Theta.
    permutations : int, default 999
        Of the units over the map (spatial tau) and of the regions over the units (Theta); zero gives NaN.
    seed : int
        Seed of the random draws.
    name : str, default "weights"
        Name of the weights in the result.

    Returns
    -------
    RankMobility
        Measures by interval, and the ranks.

    Raises
    ------
    DataError
        If values are missing or a year does not vary.
    WeightsError, AlignmentError
        If the pattern of neighbours is not symmetric, or units differ.
    """
    each = 8 * panel.n
    permutations = check_draws(permutations, "permutations", least=1, none=True, each=each)
    seed = check_seed(seed)
    check_aligned(panel.units, weights)
    check_placed(panel, grouping)
    y = varying(panel, variable, complete(panel, variable), "Rank mobility")
    pattern = symmetric_pattern(weights)
    last = panel.T - 1
    intervals = [(t, t + 1) for t in range(last)] + ([(0, last)] if last > 1 else [])
    orders = list(_orders(panel.units, permutations, seed))
    rows = [
        RankMobilityRow(
            region_scheme=grouping.scheme,
            variable=variable,
            weights=name,
            start=panel.periods[a],
            end=panel.periods[b],
            **_concordance(y[a], y[b], pattern, orders),
            **_cohesion(y[[a, b]].T, grouping, orders),
            permutations=permutations,
            seed=seed,
        )
        for a, b in intervals
    ]
    return RankMobility(tuple(rows), panel.units, panel.periods, _ranks(y))


def _independent_moves(
    own: NDArray[np.bool_], near: NDArray[np.bool_], counts: Array
) -> tuple[Array, float, int, float]:
    """Return expected transitions where unit and neighbours move independently, and the test of that.

    Returns
    -------
    expected : ndarray, shape (4, 4)
    lr : float
    df : int
        Free cells of `expected` less the free probabilities of the two chains.
    p_value : float
        NaN without degrees of freedom.
    """
    from scipy.stats import chi2

    chains = [_two_states(state) for state in (own, near)]
    high = np.array([[q[0] == "H", q[1] == "H"] for q in QUADRANTS]).astype(int)
    joint = np.prod([p[np.ix_(h, h)] for p, h in zip(chains, high.T, strict=True)], axis=0)
    expected = counts.sum(axis=1, keepdims=True) * np.nan_to_num(joint)
    seen, possible = counts > 0, expected > 0
    lr = float(2 * (counts[seen] * np.log(counts[seen] / expected[seen])).sum())
    free = int((possible.sum(axis=1) - 1)[possible.any(axis=1)].sum())
    df = free - sum(int(((p > 0) & (p < 1)).sum()) // 2 for p in chains)
    return expected, lr, df, float(chi2.sf(lr, df)) if df > 0 else float("nan")


def _two_states(state: NDArray[np.bool_]) -> Array:
    moves = np.array([[((state[:-1] == a) & (state[1:] == b)).sum() for b in (0, 1)] for a in (0, 1)])
    return probabilities_of(moves.astype(float))[0]


def _orders(units: tuple[str, ...], permutations: int, seed: int) -> Iterator[NDArray[np.intp]]:
    """Yield permutations of positions, drawn in the order of labels."""
    order = label_order(units)
    place = np.argsort(order)
    rng = np.random.default_rng(seed)
    for _ in range(permutations):
        yield order[rng.permutation(len(units))][place]


def _two_sided(value: Array, sample: Array) -> Array:
    if not len(sample):
        return np.full(value.shape, np.nan)
    slack = TIE_TOLERANCE * np.maximum(1.0, np.abs(value))
    greater, less = (sample >= value - slack).sum(axis=0), (sample <= value + slack).sum(axis=0)
    return np.minimum(1.0, 2.0 * (np.minimum(greater, less) + 1) / (len(sample) + 1))


def _ranks(y: Array) -> Array:
    from scipy.stats import rankdata

    return rankdata(-y, axis=1)


def _concordance(
    x: Array, y: Array, pattern: NDArray[np.bool_], orders: Sequence[NDArray[np.intp]]
) -> dict[str, float]:
    from giddy.rank import SpatialTau, Tau

    classic = Tau(x, y)
    value = float(SpatialTau(x, y, binary_w(pattern)).tau_spatial)
    first, second = np.nonzero(np.triu(pattern))
    sample = np.array([_pair_tau(x[o], y[o], first, second) for o in orders])
    return {
        "tau": float(classic.tau),
        "tau_p_value": float(classic.tau_p),
        "spatial_tau": value,
        "spatial_tau_permuted": float(sample.mean()) if len(sample) else np.nan,
        "spatial_tau_p_value": float(_two_sided(np.array(value), sample)),
    }


def _pair_tau(x: Array, y: Array, first: NDArray[np.intp], second: NDArray[np.intp]) -> float:
    """Return Kendall's tau-b over given pairs."""
    dx, dy = np.sign(x[first] - x[second]), np.sign(y[first] - y[second])
    return float((dx @ dy) / np.sqrt((dx != 0).sum() * (dy != 0).sum()))


def _cohesion(y: Array, grouping: Grouping, orders: Sequence[NDArray[np.intp]]) -> dict[str, float]:
    from giddy.rank import Theta

    regions = grouping.positions
    changes = float(np.abs(np.diff(_ranks(y.T), axis=0)).sum())
    if changes == 0:
        return dict.fromkeys(("theta", "theta_permuted", "theta_p_value"), float("nan")) | {"changes": 0.0}
    value = float(Theta(y, regions, permutations=0).theta[0])
    sample = np.array([float(Theta(y, regions[o], permutations=0).theta[0]) for o in orders])
    extreme = int((sample >= value - TIE_TOLERANCE).sum())
    return {
        "theta": value,
        "theta_permuted": float(sample.mean()) if len(sample) else np.nan,
        "theta_p_value": (extreme + 1) / (len(sample) + 1) if len(sample) else np.nan,
        "changes": changes,
    }
