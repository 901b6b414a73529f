"""How a distribution across units moves: kernel densities and Markov chains, alone and given neighbours.

Chains rest on giddy. Classes are pooled quantiles of values relative to their year's mean, so that they
compare over time; a class or neighbourhood that no unit starts from has no transition probabilities (NaN),
never a fictitious absorbing state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from shuyi.errors import ConfigError, DataError, check_known
from shuyi.frames import labelled, rows_frame
from shuyi.panel import Panel, check_evenly_spaced
from shuyi.validation import complete, nonnegative, positive, varying
from shuyi.weights import Weights, check_aligned
from shuyi.weights.neighbours import averaging_w

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Classes = NDArray[np.int64]


Relative = Literal["none", "mean", "neighbours"]
RELATIVES: tuple[Relative, ...] = ("none", "mean", "neighbours")
Given = Literal["own", "neighbours"]
GIVENS: tuple[Given, ...] = ("own", "neighbours")

GRID_MARGIN = 5.0
"""Bandwidths beyond the data that the grid reaches: the tails left out hold less than 6e-7 of the mass."""
GRID_STEP = 0.25
"""Largest step of the grid in bandwidths: the trapezoid rule is then exact to rounding for normal kernels."""
MOBILITY = {"shorrocks": "P", "determinant": "D", "second_eigenvalue": "L2", "bartholomew": "B2"}
"""Mobility indices and their names in giddy; Bartholomew's weights all classes alike."""


@dataclass(frozen=True, eq=False)
class KernelDensities:
    """Gaussian kernel densities by year on one grid.

    Parameters
    ----------
    variable : str
        Name of the panel variable.
    relative_to : {"none", "mean", "neighbours"}
        What values are divided by.
    periods : tuple of int, length T
        Years or other periods, increasing.
    grid : ndarray, shape (m,)
        Points at which the densities are evaluated, increasing.
    density : ndarray, shape (T, m)
        Density of each year at the points.
    bandwidth : ndarray, shape (T,)
        Silverman's (1986, eq. 3.30) rule, ``(3 n / 4)^(-1/5)`` times the lesser of the sample standard
        deviation and the interquartile range over 1.34: one unit far from all others does not widen it.
    modes : tuple of int, length T
        Local maxima of the density.
    """

    variable: str
    relative_to: str
    periods: tuple[int, ...]
    grid: Array
    density: Array
    bandwidth: Array
    modes: tuple[int, ...]

    @property
    def mass(self) -> Array:
        """Integral of each density over the grid, shape (T,)."""
        return np.asarray(np.trapezoid(self.density, self.grid, axis=1))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per period and point.

        Returns
        -------
        DataFrame
            Columns variable, relative_to, period, x, density.
        """
        import pandas as pd

        T, m = self.density.shape
        return pd.DataFrame(
            {
                "variable": self.variable,
                "relative_to": self.relative_to,
                "period": np.repeat(self.periods, m),
                "x": np.tile(self.grid, T),
                "density": self.density.ravel(),
            }
        )

    def summary_frame(self) -> pd.DataFrame:
        """Return one row per period.

        Returns
        -------
        DataFrame
            Columns variable, relative_to, period, bandwidth, modes, mode (place of the highest), peak (its
            height).
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "variable": self.variable,
                "relative_to": self.relative_to,
                "period": self.periods,
                "bandwidth": self.bandwidth,
                "modes": self.modes,
                "mode": self.grid[self.density.argmax(axis=1)],
                "peak": self.density.max(axis=1),
            }
        )


@dataclass(frozen=True, eq=False)
class ConditionalDensity:
    """Stochastic kernel: the density of a unit's value given another value (Quah 1997).

    Parameters
    ----------
    variable : str
        Name of the panel variable.
    relative_to : {"none", "mean"}
        What values are divided by.
    given : {"own", "neighbours"}
        The unit's own value or its neighbours' mean, `lag` periods before.
    lag : int
        Periods between the two values.
    n_pairs : int
        Number of pairs of values.
    grid_given : ndarray, shape (m,)
        From the first to the 99th percentile: beyond the data a conditional density has no content.
    grid : ndarray, shape (q,)
        Points of the unit's value.
    density : ndarray, shape (m, q)
        Row j is the density over `grid` at ``grid_given[j]`` and integrates to one.
    """

    variable: str
    relative_to: str
    given: str
    lag: int
    n_pairs: int
    grid_given: Array
    grid: Array
    density: Array

    def to_frame(self) -> pd.DataFrame:
        """Return one row per pair of points.

        Returns
        -------
        DataFrame
            Columns variable, relative_to, given, lag, x (given), y, density.
        """
        import pandas as pd

        m, q = self.density.shape
        frame = pd.DataFrame({"x": np.repeat(self.grid_given, q), "y": np.tile(self.grid, m)})
        frame = frame.assign(density=self.density.ravel())
        return labelled(
            frame, variable=self.variable, relative_to=self.relative_to, given=self.given, lag=self.lag
        )


@dataclass(frozen=True)
class Homogeneity:
    """Tests that several transition matrices are equal (Bickenbach and Bode 2003; Kang and Rey 2018).

    Parameters
    ----------
    hypothesis : str
        ``"over time"`` or ``"over neighbourhoods"``.
    groups : int
        Matrices compared.
    lr, lr_p_value : float
        Likelihood ratio.
    q, q_p_value : float
        Pearson's chi-squared.
    df : int
        Rows and columns without transitions do not count; with none left the p-values are NaN.
    """

    hypothesis: str
    groups: int
    lr: float
    lr_p_value: float
    q: float
    q_p_value: float
    df: int


@dataclass(frozen=True, eq=False)
class MarkovChain:
    """A first-order Markov chain of classes.

    Parameters
    ----------
    variable : str
        Name of the panel variable.
    relative_to : {"none", "mean"}
        What values are divided by.
    units : tuple of str, length n
        Labels of the units.
    periods : tuple of int, length T
        Years or other periods, increasing.
    cutoffs : ndarray, shape (k - 1,)
        Upper bounds of all classes but the highest; a value on a bound belongs to the lower class.
    classes : ndarray of int, shape (T, n)
        From one (lowest) to k.
    counts : ndarray, shape (k, k)
        Number of transitions from the row's to the column's class.
    probabilities, std_errors : ndarray, shape (k, k)
        ``n_ij / n_i`` and ``sqrt(p (1 - p) / n_i)``; NaN in the row of a class that no unit starts from.
    ergodic : ndarray, shape (k,)
        NaN where it does not exist or is not unique (several recurrent groups of classes, or an empty row).
    sojourn : ndarray, shape (k,)
        Expected years in a class, ``1 / (1 - p_ii)``; infinite where no unit leaves.
    mobility : tuple of (str, float)
        Indices of `MOBILITY`: zero without moves.
    over_time : Homogeneity
        First against second half of the transitions.
    """

    variable: str
    relative_to: str
    units: tuple[str, ...]
    periods: tuple[int, ...]
    cutoffs: Array
    classes: Classes
    counts: Array
    probabilities: Array
    std_errors: Array
    ergodic: Array
    sojourn: Array
    mobility: tuple[tuple[str, float], ...]
    over_time: Homogeneity

    @property
    def k(self) -> int:
        """Number of classes."""
        return len(self.counts)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per transition.

        Returns
        -------
        DataFrame
            Columns variable, relative_to, origin, destination, count, probability, std_error.
        """
        frame = matrix_frame(self.counts, self.probabilities, self.std_errors)
        return labelled(frame, variable=self.variable, relative_to=self.relative_to)

    def classes_frame(self) -> pd.DataFrame:
        """Return one row per class.

        Returns
        -------
        DataFrame
            Columns variable, class, upper (bound, infinite for the highest), observations, share_first,
            share_last, ergodic, sojourn.
        """
        import pandas as pd

        ids = np.arange(1, self.k + 1)
        at = [(self.classes == c) for c in ids]
        return pd.DataFrame(
            {
                "variable": self.variable,
                "class": ids,
                "upper": [*self.cutoffs, np.inf],
                "observations": [int(a.sum()) for a in at],
                "share_first": [a[0].mean() for a in at],
                "share_last": [a[-1].mean() for a in at],
                "ergodic": self.ergodic,
                "sojourn": self.sojourn,
            }
        )

    def tests_frame(self) -> pd.DataFrame:
        """Return one row per test of homogeneity, with the fields of `Homogeneity` as columns.

        Returns
        -------
        DataFrame
            One row.
        """
        return rows_frame((self.over_time,), Homogeneity)

    def mobility_frame(self) -> pd.DataFrame:
        """Return one row per index.

        Returns
        -------
        DataFrame
            Columns variable, index, value.
        """
        import pandas as pd

        frame = pd.DataFrame(list(self.mobility), columns=["index", "value"])
        return labelled(frame, variable=self.variable)


@dataclass(frozen=True, eq=False)
class SpatialMarkov:
    """Markov chains conditional on the class of the neighbours' mean at the start (Rey 2001).

    Parameters
    ----------
    chain : MarkovChain
        All neighbourhoods together.
    weights : str
        Name of the weights.
    lag_cutoffs : ndarray, shape (m - 1,)
        Upper bounds of the neighbours' classes but the highest.
    lag_classes : ndarray of int, shape (T, n)
        Class of the neighbours' mean, from one.
    counts, probabilities, std_errors : ndarray, shape (m, k, k)
        As in `MarkovChain`, by class of the neighbours.
    ergodic : ndarray, shape (m, k)
        Ergodic distribution by class of the neighbours.
    over_neighbourhoods : Homogeneity
        Whether the neighbourhood matters.
    """

    chain: MarkovChain
    weights: str
    lag_cutoffs: Array
    lag_classes: Classes
    counts: Array
    probabilities: Array
    std_errors: Array
    ergodic: Array
    over_neighbourhoods: Homogeneity

    def to_frame(self) -> pd.DataFrame:
        """Return one row per neighbourhood and transition.

        Returns
        -------
        DataFrame
            Columns variable, weights, neighbourhood (``"all"`` first, then classes of the neighbours' mean),
            origin, destination, count, probability, std_error.
        """
        import pandas as pd

        parts = [("all", self.chain.counts, self.chain.probabilities, self.chain.std_errors)]
        layers = zip(self.counts, self.probabilities, self.std_errors, strict=True)
        parts += [(str(j), *layer) for j, layer in enumerate(layers, start=1)]
        frames = [matrix_frame(c, p, e).assign(neighbourhood=name) for name, c, p, e in parts]
        frame = pd.concat(frames, ignore_index=True)
        names = frame.pop("neighbourhood")
        return labelled(frame, variable=self.chain.variable, weights=self.weights, neighbourhood=names)

    def ergodic_frame(self) -> pd.DataFrame:
        """Return one row per neighbourhood and class.

        Returns
        -------
        DataFrame
            Columns variable, weights, neighbourhood, class, ergodic, status (see `ergodic_status`).
        """
        import pandas as pd

        chains = [("all", self.chain.probabilities, self.chain.ergodic)]
        layers = zip(self.probabilities, self.ergodic, strict=True)
        chains += [(str(j), *layer) for j, layer in enumerate(layers, start=1)]
        rows = [
            (self.chain.variable, self.weights, name, c, share, ergodic_status(p))
            for name, p, shares in chains
            for c, share in enumerate(shares, start=1)
        ]
        columns = ["variable", "weights", "neighbourhood", "class", "ergodic", "status"]
        return pd.DataFrame(rows, columns=columns)

    def tests_frame(self) -> pd.DataFrame:
        """Return one row per test of homogeneity, with the fields of `Homogeneity` as columns.

        Returns
        -------
        DataFrame
            Over time, then over neighbourhoods.
        """
        return rows_frame((self.chain.over_time, self.over_neighbourhoods), Homogeneity)


def kernel_densities(
    panel: Panel,
    variable: str,
    *,
    relative_to: Relative = "none",
    weights: Weights | None = None,
    points: int = 256,
) -> KernelDensities:
    """Estimate the density across units in every year.

    Ratios are not negative: their kernels are reflected at zero, so that no mass is lost below it.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variable : str
        Name of the panel variable.
    relative_to : {"none", "mean", "neighbours"}, default "none"
        Values as they are, over the year's mean, or over the neighbours' mean (space-conditioned, Quah 1996).
    weights : Weights, optional
        Row-standardised, for ``"neighbours"``.
    points : int, default 256
        Least number of points of the grid; more are taken where the bandwidth asks for them.

    Returns
    -------
    KernelDensities
        One density per period, all on one grid.

    Raises
    ------
    DataError
        If values are missing, a year does not vary, or values are not positive where they are divided.
    WeightsError, AlignmentError
        If the weights are not row-standardised or not the panel's.
    """
    from scipy.stats import gaussian_kde

    y = varying(panel, variable, relative(panel, variable, relative_to, weights), "A kernel density")
    kernels = [gaussian_kde(row, bw_method=_bandwidth_factor(row)) for row in y]
    bandwidth = np.array([float(np.sqrt(kernel.covariance[0, 0])) for kernel in kernels])
    bounded = relative_to != "none"
    grid = _grid(y.min(), y.max(), bandwidth.min(), bandwidth.max(), points, bounded=bounded)
    density = np.array([kernel(grid) + (kernel(-grid) if bounded else 0.0) for kernel in kernels])
    return KernelDensities(
        variable=variable,
        relative_to=relative_to,
        periods=panel.periods,
        grid=grid,
        density=density,
        bandwidth=bandwidth,
        modes=tuple(_modes(row) for row in density),
    )


def _bandwidth_factor(row: Array) -> float:
    """Return the bandwidth in standard deviations of the row, as `gaussian_kde` takes it."""
    low, high = np.percentile(row, [25, 75])
    spread = (high - low) / IQR_OF_NORMAL
    robust = min(1.0, spread / row.std(ddof=1)) if spread > 0 else 1.0
    return float((0.75 * len(row)) ** -0.2 * robust)


IQR_OF_NORMAL = 1.34
"""Interquartile range of a normal distribution in standard deviations, as Silverman (1986) rounds it."""


def conditional_density(
    panel: Panel,
    variable: str,
    *,
    given: Given = "own",
    lag: int = 1,
    relative_to: Relative = "mean",
    weights: Weights | None = None,
    points: int = 60,
) -> ConditionalDensity:
    """Estimate the density of a unit's value given its own earlier value or that of its neighbours.

    Parameters
    ----------
    panel : as `kernel_densities`
        Balanced panel that holds the variables.
    variable : as `kernel_densities`
        Name of the panel variable.
    given : {"own", "neighbours"}, default "own"
        What the density is conditional on.
    lag : int, default 1
        Periods before; zero conditions on the neighbours of the same period.
    relative_to : {"none", "mean"}, default "mean"
        The neighbours' mean is taken of the values so divided.
    weights : Weights, optional
        Row-standardised, for neighbours.
    points : int, default 60
        Points of the grid of values conditioned on.

    Returns
    -------
    ConditionalDensity
        One density per point of the value given.

    Raises
    ------
    DataError
        As `kernel_densities`, or if pairs are too few or lie on a line.
    """
    from scipy.stats import gaussian_kde, norm

    check_known(given, GIVENS, "condition")
    check_known(relative_to, ("none", "mean"), "reference")
    check_evenly_spaced(panel.periods, "A conditional density")
    y = relative(panel, variable, relative_to, None)
    x = y if given == "own" else _needed(panel, weights).lag(y)
    pairs = _pairs(x, y, lag, least=int(given == "own"))
    kernel = gaussian_kde(pairs, bw_method="silverman")
    sd_given, sd = np.sqrt(np.diag(kernel.covariance))
    conditional_sd = sd * np.sqrt(1 - kernel.covariance[0, 1] ** 2 / (sd_given * sd) ** 2)
    low, high = np.percentile(pairs[0], [1, 99])
    grid_given = np.linspace(low, high, points)
    bounded = relative_to != "none"
    grid = _grid(pairs[1].min(), pairs[1].max(), conditional_sd, sd, points, bounded=bounded)
    at, values = np.repeat(grid_given, len(grid)), np.tile(grid, points)
    joint = (kernel([at, values]) + (kernel([at, -values]) if bounded else 0.0)).reshape(points, -1)
    marginal = norm.pdf(grid_given[:, None], pairs[0], sd_given).mean(axis=1)
    return ConditionalDensity(
        variable=variable,
        relative_to=relative_to,
        given=given,
        lag=lag,
        n_pairs=pairs.shape[1],
        grid_given=grid_given,
        grid=grid,
        density=joint / marginal[:, None],
    )


def markov(
    panel: Panel, variable: str, *, classes: int = 4, relative_to: Literal["none", "mean"] = "mean"
) -> MarkovChain:
    """Estimate a Markov chain of pooled quantile classes.

    Parameters
    ----------
    panel : Panel
        At least three evenly spaced periods; a transition is one step between them.
    variable : str
        Name of the panel variable.
    classes : int, default 4
        Quantile classes of all units and periods together (mapclassify).
    relative_to : {"none", "mean"}, default "mean"
        Whether values are divided by their year's mean first.

    Returns
    -------
    MarkovChain
        Counts, probabilities, long run, mobility and a test of homogeneity.

    Raises
    ------
    DataError
        If values are missing or (divided by the mean) negative, or ties leave fewer classes.
    """
    check_evenly_spaced(panel.periods, "A Markov chain")
    y = relative(panel, variable, relative_to, None)
    if panel.T < 3:
        raise DataError("A chain that is tested over time needs three periods.", found=f"{panel.T} periods")
    ids, cutoffs = _quantile_classes(y, classes, variable)
    return _chain(panel, variable, relative_to, ids, cutoffs)


def spatial_markov(
    panel: Panel,
    variable: str,
    weights: Weights,
    *,
    classes: int = 4,
    lag_classes: int | None = None,
    lag_bounds: Literal["lag", "own"] = "lag",
    relative_to: Literal["none", "mean"] = "mean",
    name: str = "weights",
) -> SpatialMarkov:
    """Estimate Markov chains conditional on the class of the neighbours' mean, and test whether they differ.

    Parameters
    ----------
    panel, variable
        As `markov`.
    weights : Weights
        Row-standardised, in the panel's order of units.
    classes : int, default 4
        As `markov`.
    lag_classes : int, optional
        Classes of neighbours, by default as many as `classes`.
    lag_bounds : {"lag", "own"}, default "lag"
        Whether those classes are quantiles of the neighbours' means or have the bounds of the units' own
        classes (`lag_classes` is then not used).
    relative_to : {"none", "mean"}, default "mean"
        As `markov`.
    name : str, default "weights"
        Name of the weights in the result.

    Returns
    -------
    SpatialMarkov
        One chain per class of the neighbours, and a test whether they are equal.

    Raises
    ------
    DataError
        As `markov`.
    WeightsError, AlignmentError
        If the weights are not row-standardised or not the panel's.
    """
    from giddy.markov import Spatial_Markov

    check_known(lag_bounds, ("lag", "own"), "bounds")
    check_aligned(panel.units, weights)
    chain = markov(panel, variable, classes=classes, relative_to=relative_to)
    check_evenly_spaced(panel.periods, "A spatial Markov chain")
    y = relative(panel, variable, relative_to, None)
    w = averaging_w(weights)
    bounds = chain.cutoffs
    if lag_bounds == "lag":
        bounds = _quantile_classes(weights.lag(y), lag_classes or classes, f"neighbours' {variable}")[1]
    peer = Spatial_Markov(y.T, w, cutoffs=chain.cutoffs, lag_cutoffs=bounds)
    parts = [probabilities_of(counts) for counts in peer.T]
    return SpatialMarkov(
        chain=chain,
        weights=name,
        lag_cutoffs=bounds,
        lag_classes=np.asarray(peer.lclass_ids, dtype=np.int64).T + 1,
        counts=peer.T,
        probabilities=np.array([p for p, _ in parts]),
        std_errors=np.array([e for _, e in parts]),
        ergodic=np.array([ergodic(p) for p, _ in parts]),
        over_neighbourhoods=homogeneity(peer.T, "over neighbourhoods"),
    )


def homogeneity(counts: Array, hypothesis: str) -> Homogeneity:
    """Test that transition matrices are equal (giddy).

    Parameters
    ----------
    counts : ndarray, shape (m, k, k)
        Transitions counted in each of m groups.
    hypothesis : str
        Name in the result.

    Returns
    -------
    Homogeneity
        Likelihood ratio and Pearson's statistic with their p-values.
    """
    from giddy.markov import Homogeneity_Results
    from scipy.stats import chi2

    peer = Homogeneity_Results(counts)
    lr, q, df = float(peer.LR), float(peer.Q), int(peer.dof)
    p_lr, p_q = (float(chi2.sf(s, df)) if df > 0 else float("nan") for s in (lr, q))
    return Homogeneity(hypothesis, len(counts), lr, p_lr, q, p_q, df)


def _needed(panel: Panel, weights: Weights | None) -> Weights:
    if weights is None:
        raise ConfigError("Values relative to neighbours need weights.", found="weights=None")
    check_aligned(panel.units, weights)
    averaging_w(weights)
    return weights


def relative(panel: Panel, variable: str, relative_to: str, weights: Weights | None) -> Array:
    """Return a variable, shape (T, n), as it is or over the mean of its year or of its neighbours.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variable : str
        Name of the panel variable.
    relative_to : {"none", "mean", "neighbours"}
        What values are divided by.
    weights : Weights or None
        Row-standardised weights, for neighbours.

    Returns
    -------
    ndarray, shape (T, n)
        One where a value equals the mean that it is divided by.

    Raises
    ------
    DataError
        If values are missing, or not of the sign that the division needs.
    ConfigError
        If `relative_to` is not one of `RELATIVES`, or neighbours are asked for without weights.
    """
    check_known(relative_to, RELATIVES, "reference")
    if relative_to == "none":
        return complete(panel, variable)
    if relative_to == "mean":
        y = nonnegative(panel, variable, "A value relative to the mean")
        return y / y.mean(axis=1, keepdims=True)
    w = _needed(panel, weights)
    y = positive(panel, variable, "A value relative to its neighbours")
    return y / w.lag(y)


def _pairs(x: Array, y: Array, lag: int, least: int) -> Array:
    """Return x of a period and y `lag` periods later, shape (2, pairs)."""
    T = len(y)
    if not least <= lag < T:
        raise DataError(
            "This lag leaves nothing to condition on.",
            expected=f"a lag from {least} to {T - 1}",
            found=str(lag),
        )
    pairs = np.vstack([x[: T - lag].ravel(), y[lag:].ravel()])
    if np.linalg.matrix_rank(np.cov(pairs)) < 2:
        raise DataError(
            "A conditional density needs values that differ and do not lie on a line.",
            found=f"{pairs.shape[1]} pairs with a singular covariance",
        )
    return pairs


def _grid(low: float, high: float, narrow: float, wide: float, points: int, *, bounded: bool) -> Array:
    start, stop = low - GRID_MARGIN * wide, high + GRID_MARGIN * wide
    start = max(start, 0.0) if bounded else start
    return np.linspace(start, stop, max(points, int(np.ceil((stop - start) / (GRID_STEP * narrow))) + 1))


def _modes(density: Array) -> int:
    rises = np.diff(density) > 0
    return int((rises[:-1] & ~rises[1:]).sum())


def _quantile_classes(y: Array, classes: int, variable: str) -> tuple[Classes, Array]:
    """Return classes from zero, shape (T, n), and their inner bounds."""
    from mapclassify import Quantiles

    distinct = len(np.unique(np.percentile(y, np.linspace(0, 100, classes + 1)[1:])))
    if classes < 2 or distinct < classes:
        raise DataError(
            f"{variable!r} cannot be cut into {classes} quantile classes.",
            expected="two classes or more, whose bounds differ",
            found=f"{distinct} different bounds",
            remedy="take fewer classes",
        )
    found = Quantiles(y.ravel(), k=classes)
    return found.yb.reshape(y.shape).astype(np.int64), np.asarray(found.bins[:-1], dtype=np.float64)


def _chain(panel: Panel, variable: str, relative_to: str, ids: Classes, cutoffs: Array) -> MarkovChain:
    from giddy.markov import Markov, sojourn_time

    k = len(cutoffs) + 1
    counts = Markov(ids.T, classes=np.arange(k), summary=False).transitions
    half = panel.T // 2
    parts = [
        Markov(part.T, classes=np.arange(k), summary=False).transitions
        for part in (ids[: half + 1], ids[half:])
    ]
    probabilities, errors = probabilities_of(counts)
    sojourn = np.where(
        np.isnan(probabilities[:, 0]), np.nan, sojourn_time(_filled(probabilities), summary=False)
    )
    return MarkovChain(
        variable=variable,
        relative_to=relative_to,
        units=panel.units,
        periods=panel.periods,
        cutoffs=cutoffs,
        classes=ids + 1,
        counts=counts,
        probabilities=probabilities,
        std_errors=errors,
        ergodic=ergodic(probabilities),
        sojourn=sojourn,
        mobility=_mobility(probabilities),
        over_time=homogeneity(np.array(parts), "over time"),
    )


def probabilities_of(counts: Array) -> tuple[Array, Array]:
    """Return transition probabilities and their errors, NaN in rows without transitions.

    Parameters
    ----------
    counts : ndarray, shape (k, k)
        Transitions from the row's to the column's class.

    Returns
    -------
    ndarray, shape (k, k)
        Shares of each row.
    ndarray, shape (k, k)
        Their binomial errors.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.dynamics.chains import probabilities_of
    >>> probabilities_of(np.array([[8.0, 2.0], [5.0, 5.0]]))[0]
    array([[0.8, 0.2],
           [0.5, 0.5]])
    """
    starts = counts.sum(axis=1, keepdims=True)
    blank = np.full(counts.shape, np.nan)
    p = np.divide(counts, starts, out=blank.copy(), where=starts > 0)
    return p, np.sqrt(np.divide(p * (1 - p), starts, out=blank, where=starts > 0))


def _filled(probabilities: Array) -> Array:
    return np.where(np.isnan(probabilities), np.eye(len(probabilities)), probabilities)


def ergodic_status(probabilities: Array) -> str:
    """Return ``"unique"``, or why there is no ergodic distribution.

    ``"class without transitions"`` where a row is empty; ``"several recurrent groups"`` where the long run
    depends on the start.

    Parameters
    ----------
    probabilities : ndarray, shape (k, k)
        Transition probabilities.

    Returns
    -------
    str
        One of three phrases.
    """
    if np.isnan(probabilities).any():
        return "class without transitions"
    return "several recurrent groups" if np.isnan(ergodic(probabilities)).any() else "unique"


def ergodic(probabilities: Array) -> Array:
    """Return the ergodic distribution, shape (k,): NaN where a row is empty or it is not unique.

    Parameters
    ----------
    probabilities : ndarray, shape (k, k)
        Transition probabilities.

    Returns
    -------
    ndarray, shape (k,)
        Sums to one.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.dynamics.chains import ergodic
    >>> ergodic(np.array([[0.8, 0.2], [0.4, 0.6]])).round(3)
    array([0.667, 0.333])
    """
    from giddy.ergodic import steady_state

    if np.isnan(probabilities).any():
        return np.full(len(probabilities), np.nan)
    found = np.atleast_2d(steady_state(probabilities))
    return found[0] if len(found) == 1 else np.full(len(probabilities), np.nan)


def _mobility(probabilities: Array) -> tuple[tuple[str, float], ...]:
    from giddy.mobility import markov_mobility

    if np.isnan(probabilities).any():
        return tuple((name, float("nan")) for name in MOBILITY)
    return tuple(
        (name, float(markov_mobility(probabilities, measure=code))) for name, code in MOBILITY.items()
    )


def matrix_frame(counts: Array, probabilities: Array, extra: Array, third: str = "std_error") -> pd.DataFrame:
    """Return one row per cell of a k x k matrix of transitions; `third` names the column of `extra`.

    Parameters
    ----------
    counts, probabilities, extra : ndarray, shape (k, k)
        Number of transitions, their probabilities, and a third matrix.
    third : str, default "std_error"
        Name of its column.

    Returns
    -------
    DataFrame
        Columns origin, destination (from one), count, probability and `third`.
    """
    import pandas as pd

    k = len(counts)
    return pd.DataFrame(
        {
            "origin": np.repeat(np.arange(1, k + 1), k),
            "destination": np.tile(np.arange(1, k + 1), k),
            "count": counts.ravel().astype(np.int64),
            "probability": probabilities.ravel(),
            third: extra.ravel(),
        }
    )
