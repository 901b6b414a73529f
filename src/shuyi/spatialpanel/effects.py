"""Direct, indirect and total effects (LeSage and Pace 2009) of all static models.

With ``S = (I - rho W)^{-1}`` the effects of regressor k are the matrix ``M_k = S (b_k I + th_k W)``:
direct = tr(M_k)/n, total = 1'M_k 1/n, indirect = total - direct. Because ``S = I + rho S W``,

    direct = b (1 + rho c) + th c,   total = b (1 + rho d) + th d,   c = tr(S W)/n,   d = 1'S W 1/n,

so that all effects of all draws need two scalar functions of rho and no matrix inverse. Where rows of W sum
to one, d = 1/(1 - rho) and total = (b + th)/(1 - rho). Models without rho have rho = 0, c = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import erfc, inf, isfinite, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.arguments import check_draws, check_level, check_seed
from shuyi.errors import ConfigError, ConvergenceError, IdentificationError
from shuyi.spatialpanel.design import INTERCEPT, Lags
from shuyi.spatialpanel.logdet.base import check_inside
from shuyi.spatialpanel.logdet.choose import log_determinant
from shuyi.spatialpanel.percentiles import normal_percentiles
from shuyi.weights.container import check_dense_size

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.weights import Weights

BY_PARTITION = "use effects() or partition(), which need no such array"

COMPONENTS = ("direct", "indirect", "total")

MAX_ROUNDS = 200
"""Rounds of redrawing before a distribution that hardly meets the admissible interval is refused."""

IDENTITY_TOLERANCE = 1e-9
"""Relative rounding allowed in total = (b + th)/(1 - rho)."""

INDEFINITE = 1e-8
"""Negative eigenvalue of a correlation matrix that is more than rounding."""

LEAST = 1e-12
"""Least distance of a uniform point from zero and one."""

CHUNK = 4_000_000
"""Largest number of elements of a stack of n x n inverses."""


@dataclass(frozen=True, slots=True, eq=False)
class Coefficients:
    """Where the parameters of the effects stand, and their distribution.

    Attributes
    ----------
    terms : tuple of str, length K
        Regressors, without the intercept.
    values : ndarray, shape (2 K + 1,)
        b of every term, th of every term (zero where it has none), rho (zero where the model has none).
    root : ndarray, shape (2 K + 1, r)
        A matrix whose product with its transpose is the covariance of `values`.
    """

    terms: tuple[str, ...]
    values: NDArray[np.float64]
    root: NDArray[np.float64]

    @property
    def K(self) -> int:  # noqa: N802 - number of terms, beside k coefficients
        """Number of terms."""
        return len(self.terms)

    def split(self, values: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        """Return b (..., K), th (..., K) and rho (...) of parameters of shape (..., 2 K + 1).

        Parameters
        ----------
        values : ndarray, shape (..., 2 K + 1)
            Parameters in the order b, th, rho.

        Returns
        -------
        (ndarray, ndarray, ndarray)
            Views of the three parts.
        """
        return values[..., : self.K], values[..., self.K : -1], values[..., -1]


@dataclass(frozen=True, slots=True, eq=False)
class Spillover:
    """The two scalar functions of rho that carry W into the effects, averaged over periods.

    Attributes
    ----------
    weights : tuple of Weights
        The distinct matrices.
    shares : tuple of float
        Share of the periods that each matrix serves.
    method : str, default "auto"
        Method of the log-determinant that supplies the traces.
    """

    weights: tuple[Weights, ...]
    shares: tuple[float, ...]
    method: str = "auto"

    @classmethod
    def of(cls, lags: Lags | None, T: int, method: str = "auto") -> Spillover:
        """Collect the distinct matrices of a panel of T periods.

        Parameters
        ----------
        lags : Lags or None
            Weights by period; None for a model without spatial lags.
        T : int
            Number of periods.
        method : str, default "auto"
            Method of the log-determinant that supplies the traces.

        Returns
        -------
        Spillover
            Distinct matrices with the share of the periods that each serves.
        """
        distinct = lags.distinct(T) if lags else []
        return cls(tuple(w for w, _ in distinct), tuple(len(p) / T for _, p in distinct), method)

    @property
    def is_row_standardised(self) -> bool:
        """Whether there are weights and all their rows sum to one."""
        return bool(self.weights) and all(w.is_row_standardised for w in self.weights)

    @property
    def interval(self) -> tuple[float, float]:
        """Admissible interval of rho."""
        intervals = [log_determinant(w, self.method).interval for w in self.weights]
        return max(low for low, _ in intervals), min(high for _, high in intervals)

    def trace(self, rho: NDArray) -> NDArray[np.float64]:
        """Return c = tr(S W)/n.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        ndarray, shape of rho
            c at each rho.
        """
        parts = ((log_determinant(w, self.method).trace_lag(rho), w.n, s) for w, s in self._items())
        return np.asarray(sum((s / n * v for v, n, s in parts), np.zeros_like(rho)))

    def total(self, rho: NDArray) -> NDArray[np.float64]:
        """Return d = 1'S W 1/n.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        ndarray, shape of rho
            d at each rho.
        """
        parts = ((log_determinant(w, self.method).sum_lag(rho), w.n, s) for w, s in self._items())
        return np.asarray(sum((s / n * v for v, n, s in parts), np.zeros_like(rho)))

    def trace_error(self, rho: NDArray) -> float:
        """Return the largest error of c over these rho (zero for exact methods).

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        float
            Absolute error.
        """
        return float(sum(s * log_determinant(w, self.method).trace_error(rho) for w, s in self._items()))

    def slopes(self, rho: float) -> tuple[float, float]:
        """Return the derivatives of c and d.

        Parameters
        ----------
        rho : float
            One value of rho.

        Returns
        -------
        (float, float)
            Derivatives of c and of d.
        """
        c = d = 0.0
        for w, s in self._items():
            method = log_determinant(w, self.method)
            c -= s / w.n * method.derivatives(rho)[2]
            d += s / w.n * method.sum_lag_derivative(rho)
        return c, d

    def _items(self) -> list[tuple[Weights, float]]:
        return list(zip(self.weights, self.shares, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Replicates:
    """Estimates of all parameters in bootstrap replicates, as far as effects need them.

    Attributes
    ----------
    sample : ndarray, shape (draws, p)
        Estimates of the replicates in the order of ``fit.names``.
    share_redrawn : float
        Share of outcomes drawn again because their estimate lay at the edge of its interval.
    seed : int
        Seed of the random draws.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.effects import Replicates
    >>> Replicates(np.zeros((99, 3)), share_redrawn=0.0, seed=1).sample.shape
    (99, 3)
    """

    sample: NDArray[np.float64]
    share_redrawn: float
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """Effects with simulated and delta-method errors.

    Attributes
    ----------
    terms : tuple of str, length K
        Names of the regressors.
    estimate : ndarray, shape (K, 3)
        Plug-in effects at the estimate: direct, indirect, total.
    mean_draws, std_error : ndarray, shape (K, 3)
        Mean and standard deviation of the draws (NaN without draws).
    std_error_delta : ndarray, shape (K, 3)
        Delta-method standard errors.
    interval, interval_delta : ndarray, shape (K, 3, 2)
        Percentiles of the distribution that draws come from (computed without simulation error where the
        estimates are normal, see `percentiles`), and estimate -+ q times the delta-method error, q the
        quantile of
        Student's t with `df` degrees of freedom. The percentiles are those at which normal draws reach q
        standard errors: with df infinite, the usual ones.
    simulated : ndarray, shape (draws, K, 3)
        Effects of every draw.
    share_redrawn : float
        Share of draws that fell outside the admissible interval and were drawn again.
    level : float
        Confidence level of the intervals.
    seed : int
        Seed of the random draws.
    df : float, default inf
        Degrees of freedom of intervals and p-values; infinite for the normal distribution.
    trace_error : float, default 0.0
        Largest error of c = tr(S W)/n over the estimate and all draws (zero for exact methods): direct
        effects err by at most ``|rho b + th|`` times it.
    simulation_error : float, default 0.0
        Largest error of the ends of `interval`: numerical where they follow from the normal distribution, the
        standard deviation over seeds where they are percentiles of draws.

    Examples
    --------
    >>> from shuyi.spatialpanel import SDM
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> effects = SDM(panel, weights, outcome="y", regressors=["x1"]).fit().effects(draws=200, seed=1)
    >>> effects.terms, effects.draws, effects.df
    (('x1',), 200, 15)
    >>> effects.to_frame()[["term", "component"]]
      term component
    0   x1    direct
    1   x1  indirect
    2   x1     total
    """

    terms: tuple[str, ...]
    estimate: NDArray[np.float64]
    mean_draws: NDArray[np.float64]
    std_error: NDArray[np.float64]
    std_error_delta: NDArray[np.float64]
    interval: NDArray[np.float64]
    interval_delta: NDArray[np.float64]
    simulated: NDArray[np.float64]
    share_redrawn: float
    level: float
    seed: int
    df: float = inf
    trace_error: float = 0.0
    simulation_error: float = 0.0

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.simulated)

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers but the draws themselves as plain lists, for JSON.

        Returns
        -------
        dict
            Infinite degrees of freedom are None.
        """
        arrays = ("estimate", "mean_draws", "std_error", "std_error_delta", "interval", "interval_delta")
        payload: dict[str, Any] = {"terms": list(self.terms), "components": list(COMPONENTS)}
        payload.update({name: _finite_list(getattr(self, name)) for name in arrays})
        rest = {
            "draws": self.draws,
            "share_redrawn": self.share_redrawn,
            "level": self.level,
            "seed": self.seed,
            "df": self.df if isfinite(self.df) else None,
            "trace_error": self.trace_error,
            "simulation_error": self.simulation_error if isfinite(self.simulation_error) else None,
        }
        return {**payload, **rest}

    def records(self) -> list[dict[str, Any]]:
        """Return one row per term and component, as in `to_frame`.

        Returns
        -------
        list of dict
            Value by column.
        """
        error = self.std_error if self.draws else self.std_error_delta
        rows = []
        for i, term in enumerate(self.terms):
            for j, component in enumerate(COMPONENTS):
                z = float(self.estimate[i, j] / error[i, j]) if error[i, j] > 0 else float("nan")
                rows.append(
                    {
                        "term": term,
                        "component": component,
                        "estimate": float(self.estimate[i, j]),
                        "std_error": float(self.std_error[i, j]),
                        "std_error_delta": float(self.std_error_delta[i, j]),
                        "mean_draws": float(self.mean_draws[i, j]),
                        "ci_low": float(self.interval[i, j, 0]),
                        "ci_high": float(self.interval[i, j, 1]),
                        "ci_low_delta": float(self.interval_delta[i, j, 0]),
                        "ci_high_delta": float(self.interval_delta[i, j, 1]),
                        "z": z,
                        "p_value": p_value(z, self.df),
                        "share_redrawn": self.share_redrawn,
                        "simulation_error": self.simulation_error,
                    }
                )
        return rows

    def to_frame(self) -> pd.DataFrame:
        """Return one row per term and component.

        Returns
        -------
        DataFrame
            Columns term, component, estimate (plug-in), std_error (simulated), std_error_delta, mean_draws,
            ci_low and ci_high (percentiles of the draws), ci_low_delta and ci_high_delta, z and p_value (with
            the simulated error, or the delta-method error where there are no draws), share_redrawn,
            simulation_error (of ci_low and ci_high). Intervals and p-values refer to Student's t with `df`
            degrees of freedom.
        """
        import pandas as pd

        return pd.DataFrame(self.records())


def coefficients(
    names: tuple[str, ...],
    regressors: tuple[str, ...],
    durbin: tuple[str, ...],
    values: NDArray,
    cov: NDArray,
) -> Coefficients:
    """Pick the parameters that the effects depend on out of a model's parameters.

    Parameters
    ----------
    names : tuple of str, length p
        Names of `values`; ``W_x`` is the spatial lag of x.
    regressors : tuple of str
        Names of the regressors, the intercept among them.
    durbin : tuple of str
        Those that are spatially lagged.
    values : ndarray, shape (p,)
        Estimates.
    cov : ndarray, shape (p, p)
        Their covariance.

    Returns
    -------
    Coefficients
        b, th and rho, zero where the model has none.
    """
    terms, pick = selection(names, regressors, durbin)
    return selected(terms, pick, values, cov)


def selection(
    names: tuple[str, ...], regressors: tuple[str, ...], durbin: tuple[str, ...]
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return the terms of the effects and the matrix (2 K + 1, p) that picks b, th and rho.

    Parameters
    ----------
    names : tuple of str
        Names of a model's parameters.
    regressors : tuple of str
        Names of the regressors, the intercept among them.
    durbin : tuple of str
        Those that are spatially lagged.

    Returns
    -------
    tuple of str, length K
        Terms: the regressors without the intercept.
    ndarray, shape (2 K + 1, p)
        Zeros and ones.
    """
    terms = tuple(r for r in regressors if r != INTERCEPT)
    wanted = (*terms, *(f"W_{t}" if t in durbin else "" for t in terms), "rho")
    return terms, np.array([[float(name == w) for name in names] for w in wanted])


def selected(terms: tuple[str, ...], pick: NDArray, values: NDArray, cov: NDArray) -> Coefficients:
    """Return the linear combinations ``pick @ values`` as coefficients of effects.

    Parameters
    ----------
    terms : tuple of str
        Names of the effects' terms.
    pick : ndarray, shape (2 K + 1, p)
        What b, th and rho are of the parameters.
    values : ndarray, shape (p,)
        Estimates.
    cov : ndarray, shape (p, p)
        Their covariance.

    Returns
    -------
    Coefficients
        With a root of the covariance of the combinations.
    """
    return Coefficients(terms, pick @ values, _root(pick @ cov @ pick.T))


def compute_effects(
    at: Coefficients,
    spillover: Spillover,
    *,
    has_rho: bool,
    draws: int,
    seed: int,
    level: float,
    drawn: tuple[NDArray[np.float64], float] | None = None,
    df: float = inf,
) -> Effects:
    """Return effects with simulated and delta-method errors.

    Parameters
    ----------
    at : Coefficients
        Coefficients of the effects, with a root of their covariance.
    spillover : Spillover
        Functions of rho that carry W into the effects.
    has_rho : bool
        Whether rho is a parameter, so that draws must lie in its interval.
    draws : int
        Number of draws from N(estimate, covariance); zero for delta-method errors alone.
    seed : int
        Seed of the random draws.
    level : float
        Confidence level of the intervals.
    drawn : tuple, optional
        Draws of the parameters of `at`, shape (draws, 2 K + 1), and their share that was drawn again, where
        they come from another distribution than N(estimate, covariance).
    df : float, default inf
        Degrees of freedom that intervals and p-values refer to.

    Returns
    -------
    Effects
        Plug-in effects with their errors and intervals.

    Raises
    ------
    ConvergenceError
        If the estimate of rho or hardly any draw of it is admissible.
    IdentificationError
        If the covariance matrix is not positive semidefinite.
    """
    seed, level = check_seed(seed), check_level(level)
    interval_of_rho = spillover.interval if has_rho else None
    if interval_of_rho is not None:
        check_inside("rho", float(at.values[-1]), interval_of_rho)
    estimate = effects_at(at, at.values, spillover)
    if spillover.is_row_standardised:
        _assert_total(at, spillover, estimate)
    error = np.sqrt(((gradient(at, spillover) @ at.root) ** 2).sum(axis=2))
    quantile, drawn_level = reference_quantile(level, df)
    reach = quantile * error
    sample, share = drawn or draw(at, interval_of_rho, draws, seed)
    simulated = effects_at(at, sample, spillover)
    mean, spread, interval = simulated_moments(simulated, drawn_level)
    missed = percentile_error(simulated, drawn_level)
    if drawn is None and draws > 1:
        functions = (spillover.trace, spillover.total)
        interval, missed = normal_percentiles(at.values, at.root, functions, interval_of_rho, drawn_level)
    return Effects(
        at.terms,
        estimate,
        mean,
        spread,
        error,
        interval,
        np.stack([estimate - reach, estimate + reach], axis=-1),
        simulated,
        share,
        level,
        seed,
        df,
        spillover.trace_error(np.append(sample[:, -1], at.values[-1])),
        missed,
    )


def effects_at(at: Coefficients, values: NDArray, spillover: Spillover) -> NDArray[np.float64]:
    """Return direct, indirect and total effects, shape (..., K, 3), of parameters of shape (..., 2 K + 1).

    Parameters
    ----------
    at : Coefficients
        Coefficients of the effects, with a root of their covariance.
    values : ndarray, shape (..., 2 K + 1)
        Parameters in the order b, th, rho.
    spillover : Spillover
        Functions of rho that carry W into the effects.

    Returns
    -------
    ndarray, shape (..., K, 3)
        Direct, indirect, total.
    """
    b, th, rho = at.split(values)
    c, d = spillover.trace(rho)[..., None], spillover.total(rho)[..., None]
    rho = rho[..., None]
    direct = b * (1 + rho * c) + th * c
    total = b * (1 + rho * d) + th * d
    return np.stack([direct, total - direct, total], axis=-1)


def gradient(at: Coefficients, spillover: Spillover) -> NDArray[np.float64]:
    """Return the derivatives of the effects by the parameters, shape (K, 3, 2 K + 1).

    Parameters
    ----------
    at : Coefficients
        Coefficients of the effects, with a root of their covariance.
    spillover : Spillover
        Functions of rho that carry W into the effects.

    Returns
    -------
    ndarray, shape (K, 3, 2 K + 1)
        Derivatives by b, th and rho.
    """
    b, th, rho = at.split(at.values)
    functions = (float(spillover.trace(rho)), float(spillover.total(rho)))
    slopes = spillover.slopes(float(rho))
    K = at.K
    slope = np.zeros((K, 3, 2 * K + 1))
    for j, value, change in zip((0, 2), functions, slopes, strict=True):
        slope[range(K), j, range(K)] = 1 + rho * value
        slope[range(K), j, range(K, 2 * K)] = value
        slope[:, j, -1] = b * (value + rho * change) + th * change
    slope[:, 1] = slope[:, 2] - slope[:, 0]
    return slope


def draw(
    at: Coefficients, interval: tuple[float, float] | None, draws: int, seed: int
) -> tuple[NDArray[np.float64], float]:
    """Draw parameters from N(estimate, covariance), again where rho is outside its interval.

    Parameters
    ----------
    at : Coefficients
        Coefficients of the effects, with a root of their covariance.
    interval : tuple of float, or None
        Admissible rho; None for no restriction.
    draws : int
        Number of random draws.
    seed : int
        Seed of the random draws.

    Returns
    -------
    sample : ndarray, shape (draws, 2 K + 1)
    share_redrawn : float
    """
    if interval is None:
        return draw_where(at, lambda sample: np.ones(len(sample), bool), "", "", draws, seed)
    low, high = interval
    return draw_where(
        at,
        lambda sample: (sample[:, -1] > low) & (sample[:, -1] < high),
        "rho",
        f"rho in ({low:.4f}, {high:.4f})",
        draws,
        seed,
    )


def draw_where(
    at: Coefficients,
    is_admissible: Callable[[NDArray], NDArray],
    what: str,
    expected: str,
    draws: int,
    seed: int,
) -> tuple[NDArray[np.float64], float]:
    """Draw parameters from N(estimate, covariance), again where they are not admissible.

    Parameters
    ----------
    at : Coefficients
        Coefficients of the effects, with a root of their covariance.
    is_admissible : callable
        Takes parameters of shape (m, 2 K + 1), returns booleans of shape (m,).
    what, expected : str
        Which parameters decide and what is admissible, for the error.
    draws : int
        Number of random draws.
    seed : int
        Seed of the random draws.

    Returns
    -------
    sample : ndarray, shape (draws, 2 K + 1)
    share_redrawn : float

    Raises
    ------
    ConvergenceError
        If hardly any draw is admissible.
    """
    draws = check_draws(draws, none=True, each=8 * (at.root.shape[1] + len(at.values) + 9 * at.K))
    seed = check_seed(seed)
    rng = np.random.default_rng(seed)
    sample = at.values + quasi_normal(draws, at.root.shape[1], seed) @ at.root.T
    drawn, rejected = draws, 0
    for _ in range(MAX_ROUNDS):
        outside = ~is_admissible(sample)
        count = int(outside.sum())
        if not count:
            return sample, rejected / drawn if drawn else 0.0
        rejected, drawn = rejected + count, drawn + count
        sample[outside] = at.values + rng.standard_normal((count, at.root.shape[1])) @ at.root.T
    raise ConvergenceError(
        f"Hardly any draw of {what} is admissible.",
        expected=expected,
        found=f"{rejected} of {drawn} draws outside",
        remedy="the covariance of the estimates is too large for simulation: use draws=0 (delta method)",
    )


def quasi_normal(draws: int, dimension: int, seed: int) -> NDArray[np.float64]:
    """Return standard normal points, shape (draws, dimension): a scrambled Sobol sequence.

    Means and standard deviations of functions of them vary less over seeds than those of independent draws.

    Parameters
    ----------
    draws : int
        Number of points.
    dimension : int
        Number of coordinates.
    seed : int
        Of the scrambling.

    Returns
    -------
    ndarray, shape (draws, dimension)
        The first points of the sequence, through the normal quantile function.

    Examples
    --------
    >>> from shuyi.spatialpanel.effects import quasi_normal
    >>> points = quasi_normal(1024, 2, seed=1)
    >>> points.shape, bool(abs(points.mean(axis=0)).max() < 0.01)
    ((1024, 2), True)
    """
    from scipy.special import ndtri
    from scipy.stats.qmc import Sobol

    if draws == 0 or dimension == 0:
        return np.zeros((draws, dimension))
    points = Sobol(dimension, rng=np.random.default_rng(seed)).random_base2((draws - 1).bit_length())
    return np.asarray(ndtri(np.clip(points[:draws], LEAST, 1 - LEAST)), dtype=np.float64)


def partition(
    at: Coefficients, spillover: Spillover, orders: int, draws: int, seed: int
) -> list[dict[str, Any]]:
    """Split the effects by the power of W that carries them.

    ``M_k = sum_q (rho^q b_k + rho^(q-1) th_k) W^q``; order q contributes its coefficient times tr(W^q)/n to
    the direct and times 1'W^q 1/n to the total effect (LeSage and Pace 2009, section 2.7).

    Parameters
    ----------
    at : Coefficients
        Coefficients of the effects, with a root of their covariance.
    spillover : Spillover
        Functions of rho that carry W into the effects.
    orders : int
        Highest power of W.
    draws : int
        Number of random draws.
    seed : int
        Seed of the random draws.

    Returns
    -------
    list of dict
        order, term, component, estimate, std_error (simulated).
    """
    traces, sums = _powers(spillover, orders)
    interval = spillover.interval if spillover.weights and at.values[-1] != 0 else None
    sample, _ = draw(at, interval, draws, seed)
    b, th, rho = at.split(np.vstack([at.values, sample]))
    rows = []
    for q in range(orders + 1):
        weight = b * rho[:, None] ** q + (th * rho[:, None] ** (q - 1) if q else 0.0)
        parts = {"direct": weight * traces[q], "total": weight * sums[q]}
        parts["indirect"] = parts["total"] - parts["direct"]
        rows += [
            {
                "order": q,
                "term": term,
                "component": component,
                "estimate": float(parts[component][0, k]),
                "std_error": _spread(parts[component][1:, k]),
            }
            for k, term in enumerate(at.terms)
            for component in COMPONENTS
        ]
    return rows


def effect_matrix(at: Coefficients, term: str, weights: Weights) -> NDArray[np.float64]:
    """Return ``M_k = S (b_k I + th_k W)``, shape (n, n): row i responds to a change in column j.

    Parameters
    ----------
    at : Coefficients
        Coefficients of the effects, with a root of their covariance.
    term : str
        One of ``at.terms``.
    weights : Weights
        Spatial weights in the panel's order of units.

    Returns
    -------
    ndarray, shape (n, n)
        In the unit of the outcome per unit of the regressor.

    Raises
    ------
    WeightsError
        If there are more than `weights.DENSE_LIMIT` units.
    """
    check_dense_size(weights.n, "The unit-by-unit matrix of effects", BY_PARTITION)
    b, th, rho = at.split(at.values)
    k, w = at.terms.index(term), weights.to_dense()
    unit = np.eye(weights.n)
    return np.linalg.solve(unit - rho * w, b[k] * unit + th[k] * w)


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """What each unit gives to and receives from all others: column and row sums of M without its diagonal.

    Attributes
    ----------
    estimate, std_error : ndarray, shape (n, 3)
        Given, received, net = given - received.
    interval : ndarray, shape (n, 3, 2)
        Bounds of each, percentiles of the draws.
    """

    estimate: NDArray[np.float64]
    std_error: NDArray[np.float64]
    interval: NDArray[np.float64]


def ledger(
    at: Coefficients,
    term: str,
    weights: Weights,
    interval: tuple[float, float] | None,
    draws: int,
    seed: int,
    level: float,
) -> Ledger:
    """Return the spillover ledger of one term with simulated errors.

    Costs one n x n inverse per draw.

    Parameters
    ----------
    at : Coefficients
        Coefficients of the effects, with a root of their covariance.
    term : str
        One of ``at.terms``.
    weights : Weights
        Spatial weights in the panel's order of units.
    interval : tuple of float, or None
        Admissible rho; None where the model has none.
    draws : int
        Number of random draws.
    seed : int
        Seed of the random draws.
    level : float
        Confidence level of the percentile intervals.

    Returns
    -------
    Ledger
        Given, received and net, by unit.

    Raises
    ------
    WeightsError
        If there are more than `weights.DENSE_LIMIT` units.
    """
    check_dense_size(weights.n, "The spillover ledger", BY_PARTITION)
    check_level(level)
    sample, _ = draw(at, interval, draws, seed)
    entries = _ledger_entries(at, np.vstack([at.values, sample]), term, weights)
    _, spread, bounds = simulated_moments(entries[1:], level)
    return Ledger(entries[0], spread, bounds)


def reference_quantile(level: float, df: float) -> tuple[float, float]:
    """Return the quantile q of a two-sided interval, and the level at which the normal quantile equals q.

    With few units normal intervals are too narrow; percentiles of normal draws at the second level widen
    them as Student's t does, and keep their asymmetry.

    Parameters
    ----------
    level : float
        Level of the intervals, in (0, 1).
    df : float
        Degrees of freedom; infinite for the normal distribution.

    Returns
    -------
    (float, float)
        The quantile and the level.

    Raises
    ------
    ConfigError
        If the level is not in (0, 1) or the degrees of freedom are not above zero.

    Examples
    --------
    >>> from math import inf
    >>> from shuyi.spatialpanel.effects import reference_quantile
    >>> [round(value, 3) for value in reference_quantile(0.95, 30)]
    [2.042, 0.959]
    >>> [round(value, 3) for value in reference_quantile(0.95, inf)]
    [1.96, 0.95]
    """
    from statistics import NormalDist

    check_level(level)
    if not df > 0:
        raise ConfigError("df is out of range.", expected="degrees of freedom above zero", found=repr(df))
    normal = NormalDist()
    if not isfinite(df):
        return normal.inv_cdf(0.5 + level / 2), level
    from scipy.special import stdtrit

    quantile = float(stdtrit(df, 0.5 + level / 2))
    return quantile, 2 * normal.cdf(quantile) - 1


def p_value(statistic: float, df: float) -> float:
    """Return the two-sided p-value of a statistic with df degrees of freedom, infinite for a normal one.

    Parameters
    ----------
    statistic : float
        Estimate over its standard error.
    df : float
        Degrees of freedom; infinite for the normal distribution.

    Returns
    -------
    float
        Between zero and one.

    Examples
    --------
    >>> from shuyi.spatialpanel.effects import p_value
    >>> round(p_value(2.042, 30), 3)
    0.05
    """
    if not isfinite(df):
        return normal_p_value(statistic)
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(statistic)))


def normal_p_value(z: float) -> float:
    """Return the two-sided p-value of a standard normal statistic.

    Parameters
    ----------
    z : float
        Estimate over its standard error.

    Returns
    -------
    float
        Between zero and one.

    Examples
    --------
    >>> from shuyi.spatialpanel.effects import normal_p_value
    >>> round(normal_p_value(-1.96), 3)
    0.05
    """
    return erfc(abs(z) / sqrt(2.0))


def _ledger_entries(at: Coefficients, values: NDArray, term: str, weights: Weights) -> NDArray[np.float64]:
    b, th, rho = at.split(values)
    k, w, n = at.terms.index(term), weights.to_dense(), weights.n
    entries = np.empty((len(values), n, 3))
    step = max(1, CHUNK // n**2)
    for start in range(0, len(values), step):
        part = slice(start, start + step)
        inverse = np.linalg.inv(np.eye(n) - rho[part, None, None] * w)
        matrix = inverse * b[part, k, None, None] + inverse @ w * th[part, k, None, None]
        own = np.diagonal(matrix, axis1=1, axis2=2)
        given, received = matrix.sum(axis=1) - own, matrix.sum(axis=2) - own
        entries[part] = np.stack([given, received, given - received], axis=-1)
    return entries


def _powers(spillover: Spillover, orders: int) -> tuple[NDArray, NDArray]:
    traces, sums = np.zeros(orders + 1), np.zeros(orders + 1)
    if not spillover.weights:
        traces[0] = sums[0] = 1.0
    for w, share in zip(spillover.weights, spillover.shares, strict=True):
        traces += share / w.n * log_determinant(w, spillover.method).power_traces(orders)
        ones = np.ones((1, w.n))
        for q in range(orders + 1):
            sums[q] += share / w.n * float(ones.sum())
            ones = w.lag(ones)
    return traces, sums


def _assert_total(at: Coefficients, spillover: Spillover, estimate: NDArray) -> None:
    """Assert that equal totals (b + th)/(1 - rho) in all units solve ``(I - rho W) m = b 1 + th W 1``."""
    b, th, rho = at.split(at.values)
    for w in spillover.weights:
        for k, total in enumerate(estimate[:, 2]):
            everywhere = np.full((1, w.n), total)
            left = everywhere - rho * w.lag(everywhere)
            right = b[k] + th[k] * w.lag(np.ones((1, w.n)))
            scale = abs(b[k]) + abs(th[k])
            assert np.all(np.abs(left - right) <= IDENTITY_TOLERANCE * scale), (
                f"the total effect of {at.terms[k]} is not (b + th)/(1 - rho) though W is row-standardised"
            )


def simulated_moments(simulated: NDArray, level: float) -> tuple[NDArray, NDArray, NDArray]:
    """Return mean, standard deviation and percentile interval over the first axis; NaN of fewer than two.

    Parameters
    ----------
    simulated : ndarray, shape (draws, ...)
        Draws.
    level : float
        Level of the intervals, in (0, 1).

    Returns
    -------
    (ndarray, ndarray, ndarray)
        Mean and standard deviation, of shape (...), and interval, of shape (..., 2).
    """
    if len(simulated) < 2:
        empty = np.full(simulated.shape[1:], np.nan)
        return empty, empty, np.stack([empty, empty], axis=-1)
    tails = np.quantile(simulated, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return simulated.mean(axis=0), simulated.std(axis=0, ddof=1), np.moveaxis(tails, 0, -1)


def percentile_error(simulated: NDArray, level: float) -> float:
    """Return the largest standard deviation over seeds of the percentiles of draws; NaN of fewer than two.

    Order statistics one binomial standard deviation on either side of a percentile lie about two of its
    standard deviations apart.

    Parameters
    ----------
    simulated : ndarray, shape (draws, ...)
        Independent draws.
    level : float
        Mass between the two percentiles.

    Returns
    -------
    float
        In the unit of the draws.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.effects import percentile_error
    >>> percentile_error(np.zeros((100, 1)), 0.95)
    0.0
    """
    count = len(simulated)
    if count < 2:
        return float("nan")
    p = np.array([0.5 - level / 2, 0.5 + level / 2])
    reach = np.sqrt(p * (1 - p) / count)
    high, low = (np.quantile(simulated, np.clip(p + s * reach, 0, 1), axis=0) for s in (1, -1))
    return float(0.5 * np.abs(high - low).max(initial=0.0))


def _root(cov: NDArray) -> NDArray[np.float64]:
    """Return R with R R' = cov: the symmetric root of the correlations, unique and scaled by the errors."""
    scale = np.sqrt(np.maximum(np.diag(cov), 0.0))
    inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    roots, vectors = np.linalg.eigh(cov * inverse * inverse[:, None])
    if roots.min() < -INDEFINITE or np.diag(cov).min() < 0:
        raise IdentificationError(
            "The covariance matrix of the estimates is not positive semidefinite.",
            expected="eigenvalues of the correlation matrix that are not negative",
            found=f"smallest eigenvalue {roots.min():.3g}",
            remedy="use covariance='information'",
        )
    return scale[:, None] * ((vectors * np.sqrt(np.maximum(roots, 0.0))) @ vectors.T)


def _spread(sample: NDArray) -> float:
    return float(sample.std(ddof=1)) if len(sample) > 1 else float("nan")


def _finite_list(values: NDArray) -> list[Any]:
    if values.ndim > 1:
        return [_finite_list(v) for v in values]
    return [v if isfinite(v) else None for v in values.tolist()]
