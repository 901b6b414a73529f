"""Thresholds in the effect of one regressor, without and with spatial terms.

Hansen (1999): ``y_it = mu_i + x_it b_1 1[q_it <= g] + x_it b_2 1[q_it > g] + z_it c + e_it``, here with time
effects on request. The threshold g minimises the sum of squared residuals S over the values of q, trimmed at
both ends; ``F = (S_0 - S(g)) / s2`` with ``s2 = S(g) / (n (T - 1))`` is compared with samples under the null
in which the residuals of whole units are drawn with replacement; the interval of g holds every value with
``(S(g) - S) / s2 <= -2 ln(1 - sqrt(level))``. A second and a third threshold are searched given those found,
and each is then searched again given the others.

With spatial terms the regimes are those of the receiving unit, of own value and spatial lag alike, rho is
common, and g maximises the likelihood of a spatial Durbin model; outcomes under the null are drawn with
residuals of whole units changing sign together (`many.draws`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, DataError, IdentificationError
from shuyi.spatialpanel.group_effects import LEAST
from shuyi.spatialpanel.many import draw_outcomes, fit_resampled
from shuyi.spatialpanel.models import SAR, SDM
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.panel import Panel
    from shuyi.weights import Weights

TRIM = 0.1
MOST = 3
SPATIAL_VALUES = 60
"""Most values of the threshold variable that are tried in a spatial model: quantiles where it has more."""
BELOW, ABOVE = "below", "above"


@dataclass(frozen=True, eq=False)
class Threshold:
    """One threshold.

    Attributes
    ----------
    value, low, high : float
        Estimate and interval; the interval is the smallest one that holds every value that is not rejected.
    statistic, p_value : float
        F or likelihood ratio against one threshold less, and its share of drawn samples.
    draws : int
        Samples drawn.
    at_edge : bool
        Whether the estimate is the first or last value tried: then the data do not identify it.
    grid, criterion : ndarray, shape (G,)
        Values tried, and how much worse each of them is: the likelihood-ratio statistic of the interval.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.threshold import Threshold, fit_thresholds
    >>> rng = np.random.default_rng(1)
    >>> x, q, e = rng.standard_normal((3, 6, 40))
    >>> (found,) = fit_thresholds(x * (q > 0.3) + 0.2 * e, x, q, None, effects="individual", draws=19, seed=1)
    >>> isinstance(found, Threshold), bool(abs(found.value - 0.3) < 0.1), found.p_value
    (True, True, 0.05)
    """

    value: float
    low: float
    high: float
    statistic: float
    p_value: float
    draws: int
    at_edge: bool
    grid: NDArray[np.float64]
    criterion: NDArray[np.float64]


def candidates(q: NDArray, trim: float = TRIM, most: int = 400) -> NDArray[np.float64]:
    """Return the values of the threshold variable that are tried.

    Parameters
    ----------
    q : ndarray, shape (T, n)
        Threshold variable.
    trim : float, default 0.1
        Share of observations that each regime must hold at least.
    most : int, default 400
        Values at most; quantiles where there are more.

    Returns
    -------
    ndarray, shape (G,)
        Increasing; each leaves both regimes the share of observations, and `LEAST` units.

    Raises
    ------
    ConfigError
        If the trim is not between 0 and 0.5.
    IdentificationError
        If no value is left.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.threshold import candidates
    >>> candidates(np.tile(np.arange(10.0), (3, 1)), trim=0.2)
    array([2., 3., 4., 5., 6.])
    """
    if not 0 < trim < 0.5:
        raise ConfigError("A trim out of range.", expected="0 < trim < 0.5", found=str(trim))
    values = np.unique(q)
    share = np.searchsorted(np.sort(q.ravel()), values, side="right") / q.size
    kept = values[(share >= trim - 1e-12) & (share <= 1 - trim + 1e-12)]
    kept = kept[[min(_units(q <= g), _units(q > g)) >= LEAST for g in kept]] if len(kept) else kept
    if not len(kept):
        raise IdentificationError(
            "No value of the threshold variable leaves both regimes enough units.",
            expected=f"at least {LEAST} units and {100 * trim:g} % of the observations in each regime",
            found=f"{len(values)} different values",
            remedy="lower the trim, or use a variable with more variation",
        )
    if len(kept) <= most:
        return kept
    return np.unique(np.quantile(kept, np.linspace(0, 1, most), method="nearest"))


def fit_thresholds(
    y: NDArray,
    x: NDArray,
    q: NDArray,
    controls: NDArray | None,
    *,
    effects: str = "individual",
    count: int = 1,
    trim: float = TRIM,
    draws: int = 399,
    seed: int = 1,
    level: float = 0.95,
) -> list[Threshold]:
    """Estimate up to three thresholds of one regressor and test each against one less.

    Parameters
    ----------
    y, x, q : ndarray, shape (T, n)
        Outcome, regressor and threshold variable.
    controls : ndarray, shape (T, n, k), optional
        Regressors whose coefficients do not change.
    effects : {"individual", "twoways"}, default "individual"
        Fixed effects.
    count : {1, 2, 3}, default 1
        Thresholds.
    trim : float, default 0.1
        Share of observations at either end of q that is not tried.
    draws : int, default 399
        Samples drawn under each null.
    seed : int, default 1
        Of the samples.
    level : float, default 0.95
        Level of the intervals.

    Returns
    -------
    list of Threshold
        In the order in which they are found; tests compare with one threshold less.

    Raises
    ------
    ConfigError
        If options are out of range.
    DataError
        If arrays do not fit.
    IdentificationError
        If no value of q can be tried.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.threshold import fit_thresholds
    >>> rng = np.random.default_rng(1)
    >>> x, q, e = rng.standard_normal((3, 6, 40))
    >>> (found,) = fit_thresholds(x * (q > 0.3) + 0.2 * e, x, q, None, draws=19)
    >>> found.grid.shape == found.criterion.shape, found.at_edge
    (True, False)
    """
    if not 1 <= count <= MOST:
        raise ConfigError("Too many thresholds.", expected=f"1 to {MOST}", found=str(count))
    _check_shapes(y, x, q, controls)
    search = _Search.of(y, x, q, controls, effects, trim)
    rng = np.random.default_rng(seed)
    fixed: list[float] = []
    tests: list[tuple[float, float]] = []
    for _ in range(count):
        squares = search.squares(search.y, fixed)
        value = float(search.grid[int(np.nanargmin(squares))])
        tests.append(_tested(search, fixed, float(np.nanmin(squares)), draws, rng))
        fixed.append(value)
    if count > 1:
        fixed = _refined(search, fixed)
    return [_described(search, fixed, j, test, draws, level) for j, test in enumerate(tests)]


@dataclass(frozen=True, eq=False)
class _Search:
    """The search for one more threshold given some."""

    y: NDArray[np.float64]
    x: NDArray[np.float64]
    q: NDArray[np.float64]
    base: NDArray[np.float64]
    grid: NDArray[np.float64]
    effects: str

    @classmethod
    def of(
        cls, y: NDArray, x: NDArray, q: NDArray, controls: NDArray | None, effects: str, trim: float
    ) -> _Search:
        """Transform the data."""
        T, n = y.shape
        k = 0 if controls is None else controls.shape[2]
        base = within(controls, effects).reshape(T * n, k) if controls is not None else np.zeros((T * n, 0))
        return cls(within(y, effects).ravel(), x, q, base, candidates(q, trim), effects)

    @property
    def divisor(self) -> int:
        """``n (T - 1)``."""
        T, n = self.q.shape
        return n * (T - 1)

    def basis(self, thresholds: Sequence[float]) -> NDArray[np.float64] | None:
        """Return an orthonormal basis of the regressors; None where a regime would be too small."""
        edges = np.sort(np.asarray(thresholds, float))
        regime = np.searchsorted(edges, self.q, side="left")
        masks = [regime == j for j in range(len(edges) + 1)]
        if min(_units(m) for m in masks) < LEAST:
            return None
        columns = [within(self.x * m, self.effects).ravel() for m in masks]
        whole = np.column_stack([*columns, self.base])
        return np.linalg.qr(whole)[0]

    def squares(self, y: NDArray, fixed: Sequence[float]) -> NDArray[np.float64]:
        """Return S at every value tried, shape (G,) or (G, D) for outcomes (N,) or (N, D)."""
        total = (y * y).sum(axis=0)
        rows = []
        for g in self.grid:
            basis = self.basis([*fixed, g]) if g not in fixed else None
            rows.append(
                np.full_like(total, np.nan) if basis is None else total - ((basis.T @ y) ** 2).sum(axis=0)
            )
        return np.array(rows)


def _tested(
    search: _Search, fixed: list[float], best: float, draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Return F of one more threshold, and its p-value from samples of whole units."""
    null = search.basis(fixed)
    assert null is not None
    fitted = null @ (null.T @ search.y)
    residual = search.y - fitted
    statistic = search.divisor * (float(residual @ residual) - best) / best
    T, n = search.q.shape
    chosen = rng.integers(0, n, size=(draws, n))
    squares = search.squares(search.y, fixed)
    place = int(np.nanargmin(squares))
    full = search.basis([*fixed, float(search.grid[place])])
    assert full is not None
    own = (search.y - full @ (full.T @ search.y)).reshape(T, n)
    drawn = np.stack([within(own[:, row], search.effects).ravel() for row in chosen], axis=1)
    outcomes = fitted[:, None] + drawn
    before = (outcomes**2).sum(axis=0) - ((null.T @ outcomes) ** 2).sum(axis=0)
    after = np.nanmin(search.squares(outcomes, fixed), axis=0)
    found = search.divisor * (before - after) / after
    return statistic, float((1 + (found >= statistic).sum()) / (1 + draws))


def _refined(search: _Search, fixed: list[float]) -> list[float]:
    found = list(fixed)
    for j in range(len(found) - 1):
        others = [g for i, g in enumerate(found) if i != j]
        found[j] = float(search.grid[int(np.nanargmin(search.squares(search.y, others)))])
    return found


def _described(
    search: _Search, fixed: list[float], j: int, test: tuple[float, float], draws: int, level: float
) -> Threshold:
    others = [g for i, g in enumerate(fixed) if i != j]
    squares = search.squares(search.y, others)
    best = float(np.nanmin(squares))
    criterion = search.divisor * (squares - best) / best
    return _threshold(search.grid, criterion, fixed[j], test, draws, level)


def _threshold(
    grid: NDArray, criterion: NDArray, value: float, test: tuple[float, float], draws: int, level: float
) -> Threshold:
    kept = grid[np.nan_to_num(criterion, nan=np.inf) <= critical_value(level)]
    edge = value in (grid[0], grid[-1])
    return Threshold(value, float(kept.min()), float(kept.max()), *test, draws, bool(edge), grid, criterion)


def critical_value(level: float) -> float:
    """Return the bound of the likelihood-ratio statistic within which a threshold is kept.

    Parameters
    ----------
    level : float
        Confidence level.

    Returns
    -------
    float
        ``-2 ln(1 - sqrt(level))`` (Hansen 1999).

    Examples
    --------
    >>> from shuyi.spatialpanel.threshold import critical_value
    >>> [round(critical_value(level), 2) for level in (0.9, 0.95, 0.99)]
    [5.94, 7.35, 10.59]
    """
    return float(-2 * np.log(1 - np.sqrt(level)))


def fit_spatial_threshold(
    panel: Panel,
    weights: Weights,
    *,
    outcome: str,
    regressors: Sequence[str],
    term: str,
    q: NDArray,
    effects: str = "twoways",
    correction: str = "lee_yu",
    durbin: Sequence[str] | None = None,
    trim: float = TRIM,
    draws: int = 199,
    seed: int = 1,
    level: float = 0.95,
) -> Threshold:
    """Estimate a threshold of one regressor, and of its spatial lag, in a spatial Durbin model.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    weights : Weights
        Of the panel's units.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        All regressors, the term among them.
    term : str
        The regressor whose coefficients change.
    q : ndarray, shape (T, n)
        Threshold variable of the receiving unit; at most `SPATIAL_VALUES` of its values are tried.
    effects, correction : str
        Fixed effects and how they are removed, by default as the headline of the paper has them.
    durbin : sequence of str, optional
        Other regressors whose spatial lags are included; all of them by default.
    trim : float, default 0.1
        Share of observations that each regime must hold at least.
    draws, seed : int
        Of the outcomes drawn under the null.
    level : float, default 0.95
        Level of the interval.

    Returns
    -------
    Threshold
        With the likelihood ratio against no threshold.

    Raises
    ------
    DataError
        If the term is not among the regressors, or q does not fit the panel.
    IdentificationError
        If no value of q can be tried.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> from shuyi.spatialpanel.threshold import fit_spatial_threshold
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> q = np.tile(np.arange(16.0), (6, 1))
    >>> found = fit_spatial_threshold(
    ...     panel, weights, outcome="y", regressors=["x1"], term="x1", q=q, trim=0.3, draws=19
    ... )
    >>> bool(found.low <= found.value <= found.high)
    True
    """
    if term not in regressors or q.shape != (panel.T, panel.n):
        raise DataError(
            "Term or threshold variable do not fit.",
            expected=f"one of {', '.join(regressors)}, and shape {(panel.T, panel.n)}",
            found=f"{term}, {q.shape}",
        )
    others = [name for name in regressors if name != term]
    lagged = others if durbin is None else [name for name in durbin if name != term]
    grid = candidates(q, trim, SPATIAL_VALUES)
    plain = SDM(
        panel, weights, outcome=outcome, regressors=[term, *others], durbin=[term, *lagged], effects=effects
    )
    null = plain.fit(correction)
    outcomes = draw_outcomes(null, draws=draws, seed=seed)
    own = np.empty(len(grid))
    drawn = np.full((len(grid), draws), np.nan)
    for j, g in enumerate(grid):
        model = _regime_model(panel, weights, outcome, term, others, lagged, q <= g, effects)
        own[j] = model.fit(correction).loglik
        drawn[j] = fit_resampled(model, outcomes, correction).loglik
    before = fit_resampled(plain, outcomes, correction).loglik
    statistic = 2 * (float(own.max()) - null.loglik)
    ratios = 2 * (np.nanmax(drawn, axis=0) - before)
    ratios = ratios[np.isfinite(ratios)]
    p = float((1 + (ratios >= statistic).sum()) / (1 + len(ratios)))
    value = float(grid[int(own.argmax())])
    return _threshold(grid, 2 * (own.max() - own), value, (statistic, p), len(ratios), level)


def _regime_model(
    panel: Panel,
    weights: Weights,
    outcome: str,
    term: str,
    others: list[str],
    lagged: list[str],
    below: NDArray,
    effects: str,
) -> Any:
    x, wx = panel[term], weights.lag(panel[term])
    columns = {
        f"{term}[{BELOW}]": x * below,
        f"{term}[{ABOVE}]": x * ~below,
        f"lag_{term}[{BELOW}]": wx * below,
        f"lag_{term}[{ABOVE}]": wx * ~below,
    }
    common: dict[str, Any] = {"outcome": outcome, "regressors": [*columns, *others], "effects": effects}
    wide = panel.with_variables(columns)
    return SDM(wide, weights, durbin=lagged, **common) if lagged else SAR(wide, weights, **common)


def _units(mask: NDArray) -> int:
    return int(mask.any(axis=0).sum())


def _check_shapes(y: NDArray, x: NDArray, q: NDArray, controls: NDArray | None) -> None:
    shapes = {y.shape, x.shape, q.shape} | ({controls.shape[:2]} if controls is not None else set())
    finite = all(np.isfinite(a).all() for a in (y, x, q))
    if len(shapes) > 1 or not finite:
        raise DataError(
            "Outcome, regressor and threshold variable do not fit.",
            expected="arrays of one shape (T, n) without missing values",
            found=", ".join(map(str, sorted(shapes))),
        )
