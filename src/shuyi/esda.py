"""Exploratory spatial data analysis: global and local autocorrelation with seeded permutation inference.

Statistics and analytic moments come from esda; the permutations are drawn here from
``numpy.random.default_rng(seed)``. Within one call all variables, periods and weights meet the same
permutations, drawn over the units in the order of their labels, so that neither the order of units nor what
else is computed changes a p-value.

Permutation p-values count how many of R permuted statistics are as far out as the observed one, the observed
one included (Davison and Hinkley 1997, eq. 4.11). With ``g = #(s* >= s)`` and ``l = #(s* <= s)``

* ``"greater"``: ``(g + 1) / (R + 1)``; ``"less"``: ``(l + 1) / (R + 1)``;
* ``"two-sided"``: ``min(1, 2 (min(g, l) + 1) / (R + 1))``, equal tails, twice the pseudo p of esda and GeoDa.

Weights are used as they are normalised; the caller's weights are never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from shuyi.errors import DataError, WeightsError, did_you_mean, offenders
from shuyi.panel import Panel
from shuyi.weights import Weights, refuse_misaligned

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Kernel = Callable[[Array], Array]

Alternative = Literal["two-sided", "greater", "less"]
ALTERNATIVES: tuple[Alternative, ...] = ("two-sided", "greater", "less")
Quadrant = Literal["HH", "LH", "LL", "HL"]
QUADRANTS: tuple[Quadrant, ...] = ("HH", "LH", "LL", "HL")
"""Own value first, neighbours' second (high or low against the mean); Anselin's quadrants 1 to 4."""
NOT_SIGNIFICANT, NO_NEIGHBOURS = "not significant", "no neighbours"

MIN_UNITS = 4
"""The randomisation variance divides by n - 3."""
CONSTANT_TOLERANCE = 1e-12
"""Standard deviation relative to the largest absolute value below which a variable counts as constant."""
TIE_TOLERANCE = 1e-12
"""Permuted statistics within this share of the observed one's size (at least 1) count as ties."""
BLOCK_CELLS = 2**21
"""Permutations are drawn in blocks of about this many numbers (16 MB)."""


@dataclass(frozen=True)
class GlobalStatistic:
    """One global statistic with its inference.

    Parameters
    ----------
    statistic : {"moran", "geary", "getis_ord_g", "bivariate_moran"}
    variable, other : str
        `other` is the variable whose spatial lag enters a bivariate statistic, else empty.
    period : int
    weights : str
        Name of the weights.
    n : int
    value : float
    expected : float
        Expectation without spatial autocorrelation.
    variance_normal, z_normal, p_normal : float
        Moments under normality and the two-sided p; NaN where the statistic has none.
    variance_random, z_random, p_random : float
        The same under randomisation (all permutations equally likely).
    mean_permuted, variance_permuted, p_permuted : float
        Over the permutations drawn; `p_permuted` follows `alternative`.
    permutations, seed : int
    alternative : {"two-sided", "greater", "less"}
    """

    statistic: str
    variable: str
    other: str
    period: int
    weights: str
    n: int
    value: float
    expected: float
    variance_normal: float
    z_normal: float
    p_normal: float
    variance_random: float
    z_random: float
    p_random: float
    mean_permuted: float
    variance_permuted: float
    p_permuted: float
    permutations: int
    seed: int
    alternative: Alternative


@dataclass(frozen=True)
class GlobalStatistics:
    """Global statistics, ordered by weights, variable and period as they were asked for."""

    rows: tuple[GlobalStatistic, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per statistic, with the fields of `GlobalStatistic` as columns."""
        import pandas as pd

        columns = [f.name for f in fields(GlobalStatistic)]
        return pd.DataFrame([asdict(row) for row in self.rows], columns=columns)


@dataclass(frozen=True, eq=False)
class LocalMoran:
    """Local Moran's I of one variable in one period.

    Parameters
    ----------
    variable : str
    period : int
    weights : str
        Name of the weights.
    units : tuple of str, length n
    z, lag : ndarray, shape (n,)
        Standardised values (population standard deviation) and their spatial lag.
    value : ndarray, shape (n,)
        ``I_i = (n - 1) z_i (W z)_i / sum z^2`` (Anselin 1995, as scaled by esda).
    expected, variance : ndarray, shape (n,)
        Under conditional permutation: z_i stays, the other values are shuffled over the other units.
    p : ndarray, shape (n,)
        Conditional permutation p-value; NaN for a unit without neighbours.
    quadrant : tuple of {"HH", "LH", "LL", "HL"}
    cluster : tuple of str
        The quadrant where p is significant, else ``"not significant"`` or ``"no neighbours"``.
    significance : float
        Nominal level, or the rate of false discoveries.
    threshold : float
        Largest p that counts as significant: `significance` itself, or esda's false discovery rate cut-off
        over the units of this variable and period (Benjamini and Hochberg 1995).
    fdr : bool
    permutations, seed : int
    alternative : {"two-sided", "greater", "less"}
    """

    variable: str
    period: int
    weights: str
    units: tuple[str, ...]
    z: Array
    lag: Array
    value: Array
    expected: Array
    variance: Array
    p: Array
    quadrant: tuple[Quadrant, ...]
    cluster: tuple[str, ...]
    significance: float
    threshold: float
    fdr: bool
    permutations: int
    seed: int
    alternative: Alternative

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit, in the order of `units`."""
        import pandas as pd

        columns = {f.name: getattr(self, f.name) for f in fields(self)}
        frame = pd.DataFrame({**columns, "units": list(self.units)})
        return frame.rename(columns={"units": "unit"})


@dataclass(frozen=True, eq=False)
class MoranScatter:
    """Data of a Moran scatterplot.

    Parameters
    ----------
    variable : str
    period : int
    weights : str
        Name of the weights.
    units : tuple of str, length n
    z, lag : ndarray, shape (n,)
        Standardised values (population standard deviation) and their spatial lag.
    slope, intercept : float
        Least-squares line of lag on z. The slope is Moran's I where the weights sum to n.
    moran : float
        Moran's I.
    """

    variable: str
    period: int
    weights: str
    units: tuple[str, ...]
    z: Array
    lag: Array
    slope: float
    intercept: float
    moran: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit: variable, period, weights, unit, z, lag, quadrant."""
        import pandas as pd

        return pd.DataFrame(
            {
                "variable": self.variable,
                "period": self.period,
                "weights": self.weights,
                "unit": list(self.units),
                "z": self.z,
                "lag": self.lag,
                "quadrant": list(_quadrants(self.z, self.lag)),
            }
        )


class _Cell(NamedTuple):
    """One variable in one period; `other` is empty but for bivariate statistics."""

    variable: str
    other: str
    period: int
    values: Array
    other_values: Array


class _Moments(NamedTuple):
    value: float
    expected: float
    variance_normal: float
    variance_random: float


class _Method(NamedTuple):
    """A statistic: its moments, the values that are permuted, and its kernel over rows of such values."""

    name: str
    moments: Callable[[_Cell, Weights, Any], _Moments]
    permuted: Callable[[_Cell], Array]
    kernel: Callable[[_Cell, Weights], Kernel]


def moran(
    panel: Panel,
    weights: Weights | Mapping[str, Weights],
    variables: Sequence[str],
    *,
    periods: Sequence[int] | None = None,
    permutations: int = 9999,
    seed: int,
    alternative: Alternative = "two-sided",
) -> GlobalStatistics:
    """Return Moran's I by weights, variable and period.

    Parameters
    ----------
    panel : Panel
    weights : Weights or mapping
        In the panel's order of units; several by name.
    variables : sequence of str
    periods : sequence of int, optional
        By default all.
    permutations : int
        Number of random permutations R; zero skips permutation inference (NaN).
    seed : int
    alternative : {"two-sided", "greater", "less"}
        Of the permutation p-value; analytic p-values are two-sided.

    Raises
    ------
    DataError
        If a variable is constant or has missing cells in a period, or there are fewer than four units.
    AlignmentError
        If weights and panel name other units or hold them in another order.
    WeightsError
        If the weights are all zero.

    Notes
    -----
    ``I = n / S0 * z'Wz / z'z``; moments after Cliff and Ord (1981).
    """
    cells = _cells(panel, variables, periods)
    return _global(_MORAN, cells, panel.units, weights, permutations, seed, alternative)


def geary(
    panel: Panel,
    weights: Weights | Mapping[str, Weights],
    variables: Sequence[str],
    *,
    periods: Sequence[int] | None = None,
    permutations: int = 9999,
    seed: int,
    alternative: Alternative = "two-sided",
) -> GlobalStatistics:
    """Return Geary's C by weights, variable and period; parameters and errors as in `moran`.

    Notes
    -----
    ``C = (n - 1) / (2 S0) * sum_ij w_ij (y_i - y_j)^2 / z'z``. Values below one mean positive
    autocorrelation, so ``alternative="less"`` asks for it.
    """
    cells = _cells(panel, variables, periods)
    return _global(_GEARY, cells, panel.units, weights, permutations, seed, alternative)


def getis_ord_g(
    panel: Panel,
    weights: Weights | Mapping[str, Weights],
    variables: Sequence[str],
    *,
    periods: Sequence[int] | None = None,
    permutations: int = 9999,
    seed: int,
    alternative: Alternative = "two-sided",
) -> GlobalStatistics:
    """Return the general G by weights, variable and period; parameters and errors as in `moran`.

    Raises
    ------
    DataError
        If a variable has negative values: G needs a natural origin.
    WeightsError
        If all pairs of units are neighbours: G is then one for any variable.

    Notes
    -----
    ``G = sum_ij b_ij y_i y_j / sum_{i != j} y_i y_j`` with the binary pattern b of the weights
    (Getis and Ord 1992).
    """
    cells = _cells(panel, variables, periods)
    for cell in cells:
        _refuse_negative(cell, panel.units)
    return _global(_GETIS_ORD_G, cells, panel.units, weights, permutations, seed, alternative)


def bivariate_moran(
    panel: Panel,
    weights: Weights | Mapping[str, Weights],
    pairs: Sequence[tuple[str, str]],
    *,
    periods: Sequence[int] | None = None,
    permutations: int = 9999,
    seed: int,
    alternative: Alternative = "two-sided",
) -> GlobalStatistics:
    """Return bivariate Moran's I: one variable against the spatial lag of another.

    Parameters
    ----------
    pairs : sequence of (str, str)
        Variable and the other one, whose lag it meets and whose values are permuted.

    Notes
    -----
    ``I_xy = z_x' W z_y / (n - 1)`` with sample standard deviations. It mixes spatial with plain correlation
    of x and y (Lee 2001): read it beside their correlation. Under permutation of y it has mean zero and
    variance ``sum (a_i - abar)^2 / (n - 1)^2`` with ``a = W' z_x`` (Hoeffding 1951).
    """
    cells = [
        cell._replace(other=y, other_values=other.values)
        for x, y in pairs
        for cell, other in zip(_cells(panel, [x], periods), _cells(panel, [y], periods), strict=True)
    ]
    return _global(_BIVARIATE, cells, panel.units, weights, permutations, seed, alternative)


def residual_moran(
    residuals: Array,
    units: Sequence[str],
    periods: Sequence[int],
    weights: Weights | Mapping[str, Weights],
    *,
    name: str = "residual",
    permutations: int = 9999,
    seed: int,
    alternative: Alternative = "two-sided",
) -> GlobalStatistics:
    """Return Moran's I of residuals by weights and period.

    Parameters
    ----------
    residuals : ndarray, shape (T, n)
    units : sequence of str, length n
    periods : sequence of int, length T
    name : str
        Name in the result.

    Notes
    -----
    The moments are those of observed data. Estimation makes residuals dependent, so the p-values are
    approximate (Cliff and Ord 1981, ch. 8).
    """
    panel = Panel(np.array(residuals, dtype=np.float64)[:, :, None], tuple(units), tuple(periods), (name,))
    return moran(panel, weights, [name], permutations=permutations, seed=seed, alternative=alternative)


def local_moran(
    panel: Panel,
    weights: Weights,
    variable: str,
    period: int,
    *,
    name: str = "weights",
    permutations: int = 9999,
    seed: int,
    significance: float = 0.05,
    fdr: bool = False,
    alternative: Alternative = "two-sided",
) -> LocalMoran:
    """Return local Moran's I (LISA) with conditional permutation inference.

    Parameters
    ----------
    panel : Panel
    weights : Weights
        In the panel's order of units.
    variable : str
    period : int
    name : str
        Name of the weights in the result.
    permutations : int
        Positive; R permutations of the other n - 1 values for every unit.
    seed : int
    significance : float
        Level at which a unit belongs to a cluster.
    fdr : bool
        Control the false discovery rate over the units instead of each unit's own error.
    alternative : {"two-sided", "greater", "less"}

    Raises
    ------
    DataError, AlignmentError, WeightsError
        As `moran`.
    """
    from esda.moran import Moran_Local

    _refuse_settings(permutations, alternative, least=1)
    refuse_misaligned(panel.units, weights)
    (cell,) = _cells(panel, [variable], [period])
    local = Moran_Local(cell.values, _as_w(weights), transformation="O", permutations=0)
    z, lag = _standardised(cell.values), weights.lag(_standardised(cell.values)[None])[0]
    expected, variance = _conditional_moments(weights, z)
    p = _local_p(weights, z, permutations, seed, alternative)
    threshold = _threshold(p, significance, fdr)
    quadrant = _quadrants(z, lag)
    return LocalMoran(
        variable=variable,
        period=period,
        weights=name,
        units=panel.units,
        z=z,
        lag=lag,
        value=local.Is,
        expected=expected,
        variance=variance,
        p=p,
        quadrant=quadrant,
        cluster=tuple(_cluster(q, p_i, threshold) for q, p_i in zip(quadrant, p, strict=True)),
        significance=significance,
        threshold=threshold,
        fdr=fdr,
        permutations=permutations,
        seed=seed,
        alternative=alternative,
    )


def local_morans(
    panel: Panel, weights: Weights, variable: str, periods: Sequence[int], **options: Any
) -> pd.DataFrame:
    """Return local Moran's I of several periods as one frame.

    Parameters
    ----------
    panel, weights, variable
        As in `local_moran`.
    periods : sequence of int
    **options
        Further arguments of `local_moran`; the false discovery rate is controlled within each period.

    Returns
    -------
    DataFrame
        The frames of `local_moran`, one below the other in the order of `periods`.
    """
    import pandas as pd

    frames = [local_moran(panel, weights, variable, period, **options).to_frame() for period in periods]
    return pd.concat(frames, ignore_index=True)


def moran_scatter(
    panel: Panel, weights: Weights, variable: str, period: int, *, name: str = "weights"
) -> MoranScatter:
    """Return the data of a Moran scatterplot; parameters and errors as in `local_moran`."""
    refuse_misaligned(panel.units, weights)
    (cell,) = _cells(panel, [variable], [period])
    z = _standardised(cell.values)
    lag = weights.lag(z[None])[0]
    slope = float(z @ lag / (z @ z))
    value = _moran_moments(cell, weights, _as_w(weights)).value
    intercept = float(lag.mean())
    return MoranScatter(variable, period, name, panel.units, z, lag, slope, intercept, value)


def _cells(panel: Panel, variables: Sequence[str], periods: Sequence[int] | None) -> list[_Cell]:
    panel = panel if periods is None else panel.select(periods=periods)
    if panel.n < MIN_UNITS:
        raise DataError(
            "Too few units for spatial autocorrelation.",
            expected=f"at least {MIN_UNITS} units",
            found=f"{panel.n} units",
        )
    cells = [
        _Cell(variable, "", period, panel[variable][t], np.empty(0))
        for variable in variables
        for t, period in enumerate(panel.periods)
    ]
    for cell in cells:
        _refuse_unusable(cell, panel.units)
    return cells


def _refuse_unusable(cell: _Cell, units: Sequence[str]) -> None:
    missing = [unit for unit, value in zip(units, cell.values, strict=True) if not np.isfinite(value)]
    if missing:
        raise DataError(
            f"{cell.variable!r} has missing values in {cell.period}.",
            expected=f"a finite number for each of {len(units)} units",
            found=f"missing: {offenders(missing)}",
            remedy="leave out the units or the period",
        )
    if cell.values.std() <= CONSTANT_TOLERANCE * np.abs(cell.values).max():
        raise DataError(
            f"{cell.variable!r} does not vary in {cell.period}.",
            expected="different values across units",
            found=f"{cell.values[0]:g} for all {len(units)} units",
            remedy="leave out the variable or the period",
        )


def _refuse_negative(cell: _Cell, units: Sequence[str]) -> None:
    if (cell.values < 0).any():
        low = [f"{unit} = {v:g}" for unit, v in zip(units, cell.values, strict=True) if v < 0]
        raise DataError(
            f"The general G is not defined for negative values: {cell.variable!r} in {cell.period}.",
            expected="values of zero or more, with a natural origin",
            found=offenders(low),
            remedy="use the variable before logarithms or standardisation, or Moran's I",
        )


def _refuse_settings(permutations: int, alternative: str, least: int = 0) -> None:
    if permutations < least:
        raise DataError(
            "The number of permutations is too small.",
            expected=f"at least {least}",
            found=str(permutations),
        )
    if alternative not in ALTERNATIVES:
        raise DataError(
            "Unknown alternative of a permutation test.",
            expected=f"one of {', '.join(ALTERNATIVES)}",
            found=repr(alternative),
            remedy=did_you_mean(str(alternative), ALTERNATIVES),
        )


def _global(
    method: _Method,
    cells: Sequence[_Cell],
    units: Sequence[str],
    weights: Weights | Mapping[str, Weights],
    permutations: int,
    seed: int,
    alternative: Alternative,
) -> GlobalStatistics:
    _refuse_settings(permutations, alternative)
    named = {"weights": weights} if isinstance(weights, Weights) else dict(weights)
    for w in named.values():
        refuse_misaligned(units, w)
    tasks = [(name, w, cell) for name, w in named.items() for cell in cells]
    peers = {name: _as_w(w) for name, w in named.items()}
    kernels = [method.kernel(cell, w) for _, w, cell in tasks]
    permuted = [method.permuted(cell) for _, _, cell in tasks]
    simulated = _simulate(kernels, permuted, units, permutations, seed)
    rows = [
        _row(method, cell, name, method.moments(cell, w, peers[name]), sample, seed, alternative)
        for (name, w, cell), sample in zip(tasks, simulated, strict=True)
    ]
    return GlobalStatistics(tuple(rows))


def _row(
    method: _Method,
    cell: _Cell,
    weights: str,
    moments: _Moments,
    sample: Array,
    seed: int,
    alternative: Alternative,
) -> GlobalStatistic:
    value, expected, normal, random = moments
    z_normal, p_normal = _normal_test(value, expected, normal)
    z_random, p_random = _normal_test(value, expected, random)
    drawn = len(sample) > 0
    return GlobalStatistic(
        statistic=method.name,
        variable=cell.variable,
        other=cell.other,
        period=cell.period,
        weights=weights,
        n=len(cell.values),
        value=value,
        expected=expected,
        variance_normal=normal,
        z_normal=z_normal,
        p_normal=p_normal,
        variance_random=random,
        z_random=z_random,
        p_random=p_random,
        mean_permuted=float(sample.mean()) if drawn else np.nan,
        variance_permuted=float(sample.var()) if drawn else np.nan,
        p_permuted=float(_permutation_p(np.array(value), sample, alternative)) if drawn else np.nan,
        permutations=len(sample),
        seed=seed,
        alternative=alternative,
    )


def _normal_test(value: float, expected: float, variance: float) -> tuple[float, float]:
    from scipy.special import ndtr

    z = (value - expected) / np.sqrt(variance)
    return float(z), float(2.0 * ndtr(-abs(z)))


def _permutation_p(value: Array, sample: Array, alternative: Alternative) -> Array:
    """Return p-values of statistics of shape (...) against samples of shape (R, ...)."""
    slack = TIE_TOLERANCE * np.maximum(1.0, np.abs(value))
    greater = (sample >= value - slack).sum(axis=0)
    less = (sample <= value + slack).sum(axis=0)
    scale = len(sample) + 1.0
    if alternative == "greater":
        return (greater + 1) / scale
    if alternative == "less":
        return (less + 1) / scale
    return np.minimum(1.0, 2.0 * (np.minimum(greater, less) + 1) / scale)


def _blocks(n: int, permutations: int, seed: int) -> Iterator[NDArray[np.intp]]:
    """Yield permutations of 0..n-1 in blocks of shape (at most BLOCK_CELLS / n, n)."""
    rng = np.random.default_rng(seed)
    size = max(1, BLOCK_CELLS // n)
    for start in range(0, permutations, size):
        rows = min(size, permutations - start)
        yield rng.permuted(np.broadcast_to(np.arange(n), (rows, n)), axis=1)


def _simulate(
    kernels: Sequence[Kernel], values: Sequence[Array], units: Sequence[str], permutations: int, seed: int
) -> Array:
    """Return each kernel's statistic of its permuted values, shape (number of kernels, permutations)."""
    order, rank = _label_order(units)
    simulated = np.empty((len(kernels), permutations))
    start = 0
    for block in _blocks(len(units), permutations, seed):
        draw = order[block][:, rank]
        for sample, kernel, y in zip(simulated, kernels, values, strict=True):
            sample[start : start + len(draw)] = kernel(y[draw])
        start += len(draw)
    return simulated


def _label_order(units: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the positions of the units in the order of their labels, and each unit's place in that order."""
    order = np.array(sorted(range(len(units)), key=lambda i: units[i]), dtype=np.intp)
    return order, np.argsort(order)


def _as_w(weights: Weights) -> Any:
    """Return a libpysal ``W`` of its own, which esda may transform without touching the caller's weights."""
    if weights.nonzero == 0:
        raise WeightsError(
            "The weights are all zero: there is no spatial autocorrelation to measure.",
            found=repr(weights),
        )
    return weights.to_graph().to_W()


def _standardised(y: Array) -> Array:
    return (y - y.mean()) / y.std()


def _quadratic_form(matrix: Any, values: Array) -> Array:
    """Return ``x' W x`` for every row x of an array of shape (R, n)."""
    lagged = values @ matrix.T if isinstance(matrix, np.ndarray) else (matrix @ values.T).T
    return np.einsum("ri,ri->r", values, lagged)


def _moran_moments(cell: _Cell, weights: Weights, w: Any) -> _Moments:
    from esda.moran import Moran

    peer = Moran(cell.values, w, transformation="O", permutations=0)
    return _Moments(float(peer.I), float(peer.EI), float(peer.VI_norm), float(peer.VI_rand))


def _moran_kernel(cell: _Cell, weights: Weights) -> Kernel:
    scale = 1.0 / float(weights.row_sums.sum())
    return lambda z: scale * _quadratic_form(weights.matrix, z)


def _geary_moments(cell: _Cell, weights: Weights, w: Any) -> _Moments:
    from esda.geary import Geary

    peer = Geary(cell.values, w, transformation="O", permutations=0)
    return _Moments(float(peer.C), 1.0, float(peer.VC_norm), float(peer.VC_rand))


def _geary_kernel(cell: _Cell, weights: Weights) -> Kernel:
    n, total = weights.n, float(weights.row_sums.sum())
    ends = weights.row_sums + np.asarray(weights.matrix.sum(axis=0)).ravel()
    scale = (n - 1) / (2.0 * total * n)
    return lambda z: scale * ((z * z) @ ends - 2.0 * _quadratic_form(weights.matrix, z))


def _g_moments(cell: _Cell, weights: Weights, w: Any) -> _Moments:
    from esda.getisord import G

    if weights.nonzero == weights.n * (weights.n - 1):
        raise WeightsError(
            "The general G of weights that join all pairs of units is one for any variable.",
            expected="weights with pairs that are not neighbours",
            found=repr(weights),
            remedy="use contiguity, nearest neighbours or a distance band",
        )
    peer = G(cell.values, w, permutations=0)
    return _Moments(float(peer.G), float(peer.EG), np.nan, float(peer.VG))


def _g_kernel(cell: _Cell, weights: Weights) -> Kernel:
    pattern = (weights.to_dense() != 0).astype(np.float64)
    y = cell.values
    scale = 1.0 / float(y.sum() ** 2 - y @ y)
    return lambda x: scale * _quadratic_form(pattern, x)


def _bivariate_moments(cell: _Cell, weights: Weights, w: Any) -> _Moments:
    from esda.moran import Moran_BV

    peer = Moran_BV(cell.values, cell.other_values, w, transformation="O", permutations=0)
    received = _received(cell, weights)
    variance = float(((received - received.mean()) ** 2).sum() / (weights.n - 1) ** 2)
    return _Moments(float(peer.I), 0.0, np.nan, variance)


def _bivariate_kernel(cell: _Cell, weights: Weights) -> Kernel:
    received = _received(cell, weights) / (weights.n - 1)
    return lambda z: z @ received


def _received(cell: _Cell, weights: Weights) -> Array:
    x = cell.values
    return np.asarray(weights.matrix.T @ ((x - x.mean()) / x.std(ddof=1)))


def _own_standardised(cell: _Cell) -> Array:
    return _standardised(cell.values)


def _own_values(cell: _Cell) -> Array:
    return cell.values


def _other_standardised(cell: _Cell) -> Array:
    y = cell.other_values
    return (y - y.mean()) / y.std(ddof=1)


_MORAN = _Method("moran", _moran_moments, _own_standardised, _moran_kernel)
_GEARY = _Method("geary", _geary_moments, _own_standardised, _geary_kernel)
_GETIS_ORD_G = _Method("getis_ord_g", _g_moments, _own_values, _g_kernel)
_BIVARIATE = _Method("bivariate_moran", _bivariate_moments, _other_standardised, _bivariate_kernel)


def _conditional_moments(weights: Weights, z: Array) -> tuple[Array, Array]:
    """Return mean and variance of local Moran's I when the other units' values are shuffled.

    The lag of unit i is a weighted sum of values drawn without replacement from the others, which have mean
    ``-z_i / (n - 1)`` (Sokal, Oden and Thomson 1998).
    """
    n = weights.n
    dense = weights.to_dense()
    sums, squares = dense.sum(axis=1), (dense * dense).sum(axis=1)
    mean = -z / (n - 1)
    spread = (z @ z - z * z - (n - 1) * mean**2) / (n - 2)
    scale = (n - 1) / (z @ z) * z
    return scale * sums * mean, scale**2 * spread * (squares - sums**2 / (n - 1))


def _local_p(weights: Weights, z: Array, permutations: int, seed: int, alternative: Alternative) -> Array:
    order, _ = _label_order(weights.labels)
    n, dense = weights.n, weights.to_dense()[np.ix_(order, order)]
    z_ordered = z[order]
    width = int(weights.cardinalities.max())
    shuffled = np.concatenate([block[:, :width] for block in _blocks(n - 1, permutations, seed)])
    p = np.full(n, np.nan)
    for i, unit in enumerate(order):
        row = np.delete(dense[i], i)
        near = np.flatnonzero(row)
        if near.size:
            others = np.delete(z_ordered, i)
            sample = others[shuffled[:, : near.size]] @ row[near]
            sign = np.sign(z_ordered[i])
            p[unit] = _permutation_p(sign * (others @ row), sign * sample, alternative)
    return p


def _threshold(p: Array, significance: float, fdr: bool) -> float:
    from esda.util import fdr as cut_off

    return float(cut_off(p[np.isfinite(p)], significance)) if fdr else significance


def _quadrants(z: Array, lag: Array) -> tuple[Quadrant, ...]:
    names: dict[tuple[bool, bool], Quadrant] = {
        (True, True): "HH",
        (False, True): "LH",
        (False, False): "LL",
        (True, False): "HL",
    }
    return tuple(names[bool(own > 0), bool(near > 0)] for own, near in zip(z, lag, strict=True))


def _cluster(quadrant: str, p: float, threshold: float) -> str:
    if np.isnan(p):
        return NO_NEIGHBOURS
    return quadrant if p <= threshold else NOT_SIGNIFICANT
