"""Global statistics: Moran's I, Geary's C, the general G and bivariate Moran's I."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from shuyi.alignment import unlabelled
from shuyi.errors import DataError, WeightsError, offenders
from shuyi.esda.inputs import Cell, as_w, cells_of, check_settings, standardised
from shuyi.esda.permutation import permutation_band, permutation_p, simulate
from shuyi.esda.results import Alternative, GlobalStatistic, GlobalStatistics
from shuyi.panel import Panel
from shuyi.weights import Weights, check_aligned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Kernel = Callable[[Array], Array]


class _Moments(NamedTuple):
    value: float
    expected: float
    variance_normal: float
    variance_random: float


class _Method(NamedTuple):
    """A statistic: its moments, the values that are permuted, and its kernel over rows of such values."""

    name: str
    moments: Callable[[Cell, Weights, Any], _Moments]
    permuted: Callable[[Cell], Array]
    kernel: Callable[[Cell, Weights], Kernel]


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
        Panel that holds the variables, at least four units.
    weights : Weights or mapping of str to Weights
        In the panel's order of units, used as they are normalised; several by name.
    variables : sequence of str
        Names of panel variables, each complete and not constant in every period.
    periods : sequence of int, optional
        Periods of the panel; by default all.
    permutations : int, default 9999
        Number of random permutations R; zero skips permutation inference (NaN).
    seed : int
        Seed of the permutations; the same seed gives the same p-values.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Of the permutation p-value; analytic p-values are two-sided.

    Returns
    -------
    GlobalStatistics
        One row per weights, variable and period.

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

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.esda import moran
    >>> from shuyi.panel import Panel
    >>> from shuyi.weights import build_contiguity
    >>> units = ("a", "b", "c", "d", "e", "f")
    >>> line = build_contiguity(units, list(zip(units, units[1:]))).normalise("row")
    >>> values = np.array([9.0, 8.0, 7.0, 3.0, 2.0, 1.0]).reshape(1, 6, 1)
    >>> result = moran(Panel(values, units, (2020,), ("y",)), line, ["y"], permutations=999, seed=1)
    >>> result.to_frame()[["variable", "period", "value", "expected", "p_normal"]].round(3)
      variable  period  value  expected  p_normal
    0        y    2020  0.759      -0.2     0.011
    """
    cells = cells_of(panel, variables, periods)
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
    """Return Geary's C by weights, variable and period.

    Parameters
    ----------
    panel : Panel
        Panel that holds the variables, at least four units.
    weights : Weights or mapping of str to Weights
        In the panel's order of units, used as they are normalised; several by name.
    variables : sequence of str
        Names of panel variables, each complete and not constant in every period.
    periods : sequence of int, optional
        Periods of the panel; by default all.
    permutations : int, default 9999
        Number of random permutations; zero skips permutation inference (NaN).
    seed : int
        Seed of the permutations.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Of the permutation p-value; analytic p-values are two-sided.

    Returns
    -------
    GlobalStatistics
        One row per weights, variable and period; the expectation is one.

    Raises
    ------
    DataError, AlignmentError, WeightsError
        As `moran`.

    Notes
    -----
    ``C = (n - 1) / (2 S0) * sum_ij w_ij (y_i - y_j)^2 / z'z``. Values below one mean positive
    autocorrelation, so ``alternative="less"`` asks for it.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.esda import geary
    >>> from shuyi.panel import Panel
    >>> from shuyi.weights import build_contiguity
    >>> units = ("a", "b", "c", "d", "e", "f")
    >>> line = build_contiguity(units, list(zip(units, units[1:]))).normalise("row")
    >>> values = np.array([9.0, 8.0, 7.0, 3.0, 2.0, 1.0]).reshape(1, 6, 1)
    >>> result = geary(Panel(values, units, (2020,), ("y",)), line, ["y"], permutations=0, seed=1)
    >>> round(result.rows[0].value, 3)
    0.151
    """
    cells = cells_of(panel, variables, periods)
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
    """Return the general G by weights, variable and period.

    Parameters
    ----------
    panel : Panel
        Panel that holds the variables, at least four units.
    weights : Weights or mapping of str to Weights
        In the panel's order of units; their nonzero entries are the neighbours; several by name.
    variables : sequence of str
        Names of panel variables with a natural origin, none negative, each complete and not constant.
    periods : sequence of int, optional
        Periods of the panel; by default all.
    permutations : int, default 9999
        Number of random permutations; zero skips permutation inference (NaN).
    seed : int
        Seed of the permutations.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Of the permutation p-value; analytic p-values are two-sided.

    Returns
    -------
    GlobalStatistics
        One row per weights, variable and period; the moments under normality are NaN.

    Raises
    ------
    DataError
        If a variable has negative values (G needs a natural origin), is constant or has missing cells in a
        period, or there are fewer than four units.
    WeightsError
        If no pair of units are neighbours, or all are: G is then one for any variable.
    AlignmentError
        As `moran`.

    Notes
    -----
    ``G = sum_ij b_ij y_i y_j / sum_{i != j} y_i y_j`` with the binary pattern b of the weights
    (Getis and Ord 1992).

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.esda import getis_ord_g
    >>> from shuyi.panel import Panel
    >>> from shuyi.weights import build_contiguity
    >>> units = ("a", "b", "c", "d", "e", "f")
    >>> line = build_contiguity(units, list(zip(units, units[1:])))
    >>> values = np.array([9.0, 8.0, 7.0, 3.0, 2.0, 1.0]).reshape(1, 6, 1)
    >>> result = getis_ord_g(Panel(values, units, (2020,), ("y",)), line, ["y"], permutations=0, seed=1)
    >>> round(result.rows[0].value, 3), round(result.rows[0].expected, 3)
    (0.454, 0.333)
    """
    cells = cells_of(panel, variables, periods)
    for cell in cells:
        _check_not_negative(cell, panel.units)
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
    panel : Panel
        Panel that holds the variables, at least four units.
    weights : Weights or mapping of str to Weights
        In the panel's order of units, used as they are normalised; several by name.
    pairs : sequence of (str, str)
        Variable and the other one, whose lag it meets and whose values are permuted.
    periods : sequence of int, optional
        Periods of the panel; by default all.
    permutations : int, default 9999
        Number of random permutations of the other variable; zero skips permutation inference (NaN).
    seed : int
        Seed of the permutations.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Of the permutation p-value; analytic p-values are two-sided.

    Returns
    -------
    GlobalStatistics
        One row per weights, pair and period; the moments under normality are NaN.

    Raises
    ------
    DataError, AlignmentError, WeightsError
        As `moran`.

    Notes
    -----
    ``I_xy = z_x' W z_y / (n - 1)`` with sample standard deviations. It mixes spatial with plain correlation
    of x and y (Lee 2001): read it beside their correlation. Under permutation of y it has mean zero and
    variance ``sum (a_i - abar)^2 / (n - 1)^2`` with ``a = W' z_x`` (Hoeffding 1951).

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.esda import bivariate_moran
    >>> from shuyi.panel import Panel
    >>> from shuyi.weights import build_contiguity
    >>> units = ("a", "b", "c", "d", "e", "f")
    >>> line = build_contiguity(units, list(zip(units, units[1:]))).normalise("row")
    >>> x, y = [9.0, 8.0, 7.0, 3.0, 2.0, 1.0], [5.0, 6.0, 4.0, 3.0, 1.0, 2.0]
    >>> panel = Panel(np.array([x, y]).T[None].copy(), units, (2020,), ("x", "y"))
    >>> round(bivariate_moran(panel, line, [("x", "y")], permutations=0, seed=1).rows[0].value, 3)
    0.942
    """
    cells = [
        cell._replace(other=y, other_values=other.values)
        for x, y in pairs
        for cell, other in zip(cells_of(panel, [x], periods), cells_of(panel, [y], periods), strict=True)
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
        One residual per period and unit.
    units : sequence of str, length n
        Labels of the second axis.
    periods : sequence of int, length T
        Labels of the first axis.
    weights : Weights or mapping of str to Weights
        In the order of `units`, used as they are normalised; several by name.
    name : str, default "residual"
        Name of the variable in the result.
    permutations : int, default 9999
        Number of random permutations; zero skips permutation inference (NaN).
    seed : int
        Seed of the permutations.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Of the permutation p-value; analytic p-values are two-sided.

    Returns
    -------
    GlobalStatistics
        One row per weights and period.

    Raises
    ------
    DataError, AlignmentError, WeightsError
        As `moran`.

    Notes
    -----
    The moments are those of observed data. Estimation makes residuals dependent, so the p-values are
    approximate (Cliff and Ord 1981, ch. 8).

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.esda import residual_moran
    >>> from shuyi.weights import build_contiguity
    >>> units = ("a", "b", "c", "d")
    >>> line = build_contiguity(units, list(zip(units, units[1:]))).normalise("row")
    >>> residuals = np.array([[0.5, 0.1, -0.2, -0.4], [0.3, -0.3, 0.3, -0.3]])
    >>> result = residual_moran(residuals, units, (2020, 2021), line, permutations=0, seed=1)
    >>> [round(row.value, 3) for row in result.rows]
    [0.38, -1.0]
    """
    values = unlabelled(residuals, "residuals", "periods by units").copy()
    panel = Panel(values[:, :, None], tuple(units), tuple(periods), (name,))
    return moran(panel, weights, [name], permutations=permutations, seed=seed, alternative=alternative)


def _check_not_negative(cell: Cell, units: Sequence[str]) -> None:
    if (cell.values < 0).any():
        low = [f"{unit} = {v:g}" for unit, v in zip(units, cell.values, strict=True) if v < 0]
        raise DataError(
            f"The general G is not defined for negative values: {cell.variable!r} in {cell.period}.",
            expected="values of zero or more, with a natural origin",
            found=offenders(low),
            remedy="use the variable before logarithms or standardisation, or Moran's I",
        )


def _global(
    method: _Method,
    cells: Sequence[Cell],
    units: Sequence[str],
    weights: Weights | Mapping[str, Weights],
    permutations: int,
    seed: int,
    alternative: Alternative,
) -> GlobalStatistics:
    named = {"weights": weights} if isinstance(weights, Weights) else dict(weights)
    for w in named.values():
        check_aligned(units, w)
    tasks = [(name, w, cell) for name, w in named.items() for cell in cells]
    permutations, seed = check_settings(permutations, seed, alternative, each=8 * len(tasks))
    peers = {name: as_w(w) for name, w in named.items()}
    kernels = [method.kernel(cell, w) for _, w, cell in tasks]
    permuted = [method.permuted(cell) for _, _, cell in tasks]
    simulated = simulate(kernels, permuted, units, permutations, seed)
    rows = [
        _row(method, cell, name, method.moments(cell, w, peers[name]), sample, seed, alternative)
        for (name, w, cell), sample in zip(tasks, simulated, strict=True)
    ]
    return GlobalStatistics(tuple(rows))


def _row(
    method: _Method,
    cell: Cell,
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
    low, high = permutation_band(sample)
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
        p_permuted=float(permutation_p(np.array(value), sample, alternative)) if drawn else np.nan,
        low_permuted=low,
        high_permuted=high,
        permutations=len(sample),
        seed=seed,
        alternative=alternative,
    )


def _normal_test(value: float, expected: float, variance: float) -> tuple[float, float]:
    from scipy.special import ndtr

    z = (value - expected) / np.sqrt(variance)
    return float(z), float(2.0 * ndtr(-abs(z)))


def _quadratic_form(matrix: Any, values: Array) -> Array:
    """Return ``x' W x`` for every row x of an array of shape (R, n)."""
    lagged = values @ matrix.T if isinstance(matrix, np.ndarray) else (matrix @ values.T).T
    return np.einsum("ri,ri->r", values, lagged)


def _moran_moments(cell: Cell, weights: Weights, w: Any) -> _Moments:
    from esda.moran import Moran

    peer = Moran(cell.values, w, transformation="O", permutations=0)
    return _Moments(float(peer.I), float(peer.EI), float(peer.VI_norm), float(peer.VI_rand))


def _moran_kernel(cell: Cell, weights: Weights) -> Kernel:
    scale = 1.0 / float(weights.row_sums.sum())
    return lambda z: scale * _quadratic_form(weights.matrix, z)


def _geary_moments(cell: Cell, weights: Weights, w: Any) -> _Moments:
    from esda.geary import Geary

    peer = Geary(cell.values, w, transformation="O", permutations=0)
    return _Moments(float(peer.C), 1.0, float(peer.VC_norm), float(peer.VC_rand))


def _geary_kernel(cell: Cell, weights: Weights) -> Kernel:
    n, total = weights.n, float(weights.row_sums.sum())
    ends = weights.row_sums + np.asarray(weights.matrix.sum(axis=0)).ravel()
    scale = (n - 1) / (2.0 * total * n)
    return lambda z: scale * ((z * z) @ ends - 2.0 * _quadratic_form(weights.matrix, z))


def _g_moments(cell: Cell, weights: Weights, w: Any) -> _Moments:
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


def _g_kernel(cell: Cell, weights: Weights) -> Kernel:
    pattern = (weights.to_dense() != 0).astype(np.float64)
    y = cell.values
    scale = 1.0 / float(y.sum() ** 2 - y @ y)
    return lambda x: scale * _quadratic_form(pattern, x)


def _bivariate_moments(cell: Cell, weights: Weights, w: Any) -> _Moments:
    from esda.moran import Moran_BV

    peer = Moran_BV(cell.values, cell.other_values, w, transformation="O", permutations=0)
    received = _received(cell, weights)
    variance = float(((received - received.mean()) ** 2).sum() / (weights.n - 1) ** 2)
    return _Moments(float(peer.I), 0.0, np.nan, variance)


def _bivariate_kernel(cell: Cell, weights: Weights) -> Kernel:
    received = _received(cell, weights) / (weights.n - 1)
    return lambda z: z @ received


def _received(cell: Cell, weights: Weights) -> Array:
    x = cell.values
    return np.asarray(weights.matrix.T @ ((x - x.mean()) / x.std(ddof=1)))


def _own_standardised(cell: Cell) -> Array:
    return standardised(cell.values)


def _own_values(cell: Cell) -> Array:
    return cell.values


def _other_standardised(cell: Cell) -> Array:
    y = cell.other_values
    return (y - y.mean()) / y.std(ddof=1)


_MORAN = _Method("moran", _moran_moments, _own_standardised, _moran_kernel)
_GEARY = _Method("geary", _geary_moments, _own_standardised, _geary_kernel)
_GETIS_ORD_G = _Method("getis_ord_g", _g_moments, _own_values, _g_kernel)
_BIVARIATE = _Method("bivariate_moran", _bivariate_moments, _other_standardised, _bivariate_kernel)
