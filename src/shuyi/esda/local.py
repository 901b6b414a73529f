"""Local Moran's I with conditional permutations, and the Moran scatterplot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.arguments import check_level
from shuyi.esda.inputs import Cell, as_w, cells_of, check_settings, standardised
from shuyi.esda.permutation import blocks, label_order, permutation_p
from shuyi.esda.results import (
    NO_NEIGHBOURS,
    NOT_SIGNIFICANT,
    Alternative,
    LocalMoran,
    MoranScatter,
    quadrants,
)
from shuyi.esda.statistics import moran
from shuyi.panel import Panel
from shuyi.weights import Weights, check_aligned

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


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
        Panel that holds the variable, at least four units.
    weights : Weights
        In the panel's order of units; used as they are normalised.
    variable : str
        Name of the variable, complete and not constant in the period.
    period : int
        Period of the panel.
    name : str, default "weights"
        Name of the weights in the result.
    permutations : int, default 9999
        Conditional permutations of the other n - 1 values for each unit, at least one.
    seed : int
        Seed of the permutations; the same seed gives the same p-values.
    significance : float, default 0.05
        Level at which a unit belongs to a cluster, in (0, 1).
    fdr : bool, default False
        Control the false discovery rate over the units instead of each unit's own error.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Direction of the permutation test; see the package for the p-values.

    Returns
    -------
    LocalMoran
        One statistic, p-value, quadrant and cluster per unit, in the panel's order.

    Raises
    ------
    DataError, AlignmentError, WeightsError
        As `moran`.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.esda import local_moran
    >>> from shuyi.panel import Panel
    >>> from shuyi.weights import build_contiguity
    >>> units = ("a", "b", "c", "d", "e", "f")
    >>> line = build_contiguity(units, list(zip(units, units[1:]))).normalise("row")
    >>> values = np.array([9.0, 8.0, 7.0, 3.0, 2.0, 1.0]).reshape(1, 6, 1)
    >>> result = local_moran(Panel(values, units, (2020,), ("y",)), line, "y", 2020, permutations=99, seed=1)
    >>> result.value.round(2)
    array([1.03, 0.78, 0.09, 0.09, 0.78, 1.03])
    >>> result.quadrant
    ('HH', 'HH', 'HH', 'LL', 'LL', 'LL')
    """
    check_aligned(panel.units, weights)
    each = 16 * max(1, int(weights.cardinalities.max()))
    permutations, seed = check_settings(permutations, seed, alternative, each=each, none=False)
    significance = check_level(significance, "significance")
    (cell,) = cells_of(panel, [variable], [period])
    measured = _measured(cell, weights)
    p = _local_p(weights, measured["z"], permutations, seed, alternative)
    threshold = _threshold(p, significance, fdr)
    return LocalMoran(
        variable=variable,
        period=period,
        weights=name,
        units=panel.units,
        p=p,
        cluster=tuple(map(_cluster, measured["quadrant"], p, [threshold] * len(p))),
        significance=significance,
        threshold=threshold,
        fdr=fdr,
        permutations=permutations,
        seed=seed,
        alternative=alternative,
        **measured,
    )


def local_morans(
    panel: Panel, weights: Weights, variable: str, periods: Sequence[int], **options: Any
) -> pd.DataFrame:
    """Return local Moran's I of several periods as one frame.

    Parameters
    ----------
    panel : Panel
        Panel that holds the variable, at least four units.
    weights : Weights
        In the panel's order of units; used as they are normalised.
    variable : str
        Name of the variable, complete and not constant in every period.
    periods : sequence of int
        Periods of the panel, in the order wanted.
    **options : object
        Further arguments of `local_moran`; the false discovery rate is controlled within each period.

    Returns
    -------
    DataFrame
        The frames of `local_moran`, one below the other in the order of `periods`.

    Raises
    ------
    DataError, AlignmentError, WeightsError
        As `moran`.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.esda import local_morans
    >>> from shuyi.panel import Panel
    >>> from shuyi.weights import build_contiguity
    >>> units = ("a", "b", "c", "d")
    >>> line = build_contiguity(units, list(zip(units, units[1:]))).normalise("row")
    >>> values = np.array([[4.0, 3.0, 2.0, 1.0], [1.0, 3.0, 2.0, 4.0]])[:, :, None]
    >>> panel = Panel(values, units, (2020, 2021), ("y",))
    >>> frame = local_morans(panel, line, "y", panel.periods, permutations=99, seed=1)
    >>> frame.groupby("period")["value"].mean().round(3).tolist()
    [0.3, -0.375]
    """
    import pandas as pd

    frames = [local_moran(panel, weights, variable, period, **options).to_frame() for period in periods]
    return pd.concat(frames, ignore_index=True)


def moran_scatter(
    panel: Panel, weights: Weights, variable: str, period: int, *, name: str = "weights"
) -> MoranScatter:
    """Return the data of a Moran scatterplot.

    Parameters
    ----------
    panel : Panel
        Panel that holds the variable, at least four units.
    weights : Weights
        In the panel's order of units; used as they are normalised.
    variable : str
        Name of the variable, complete and not constant in the period.
    period : int
        Period of the panel.
    name : str, default "weights"
        Name of the weights in the result.

    Returns
    -------
    MoranScatter
        Standardised values, their spatial lags and the line through them.

    Raises
    ------
    DataError, AlignmentError, WeightsError
        As `moran`.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.esda import moran_scatter
    >>> from shuyi.panel import Panel
    >>> from shuyi.weights import build_contiguity
    >>> units = ("a", "b", "c", "d")
    >>> line = build_contiguity(units, list(zip(units, units[1:]))).normalise("row")
    >>> panel = Panel(np.array([4.0, 3.0, 2.0, 1.0]).reshape(1, 4, 1), units, (2020,), ("y",))
    >>> scatter = moran_scatter(panel, line, "y", 2020)
    >>> round(scatter.slope, 3), round(scatter.moran, 3)
    (0.4, 0.4)
    """
    check_aligned(panel.units, weights)
    (cell,) = cells_of(panel, [variable], [period])
    z = standardised(cell.values)
    lag = weights.lag(z[None])[0]
    slope = float(z @ lag / (z @ z))
    (peer,) = moran(panel, weights, [variable], periods=[period], permutations=0, seed=0).rows
    intercept = float(lag.mean())
    return MoranScatter(variable, period, name, panel.units, z, lag, slope, intercept, peer.value)


def _measured(cell: Cell, weights: Weights) -> dict[str, Any]:
    from esda.moran import Moran_Local

    local = Moran_Local(cell.values, as_w(weights), transformation="O", permutations=0)
    z = standardised(cell.values)
    lag = weights.lag(z[None])[0]
    expected, variance = _conditional_moments(weights, z)
    return {
        "z": z,
        "lag": lag,
        "value": local.Is,
        "expected": expected,
        "variance": variance,
        "quadrant": quadrants(z, lag),
    }


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
    order, _ = label_order(weights.labels)
    n, dense = weights.n, weights.to_dense()[np.ix_(order, order)]
    z_ordered = z[order]
    width = int(weights.cardinalities.max())
    shuffled = np.concatenate([block[:, :width] for block in blocks(n - 1, permutations, seed)])
    p = np.full(n, np.nan)
    for i, unit in enumerate(order):
        row = np.delete(dense[i], i)
        near = np.flatnonzero(row)
        if near.size:
            others = np.delete(z_ordered, i)
            sample = others[shuffled[:, : near.size]] @ row[near]
            sign = np.sign(z_ordered[i])
            p[unit] = permutation_p(sign * (others @ row), sign * sample, alternative)
    return p


def _threshold(p: Array, significance: float, fdr: bool) -> float:
    from esda.util import fdr as cut_off

    return float(cut_off(p[np.isfinite(p)], significance)) if fdr else significance


def _cluster(quadrant: str, p: float, threshold: float) -> str:
    if np.isnan(p):
        return NO_NEIGHBOURS
    return quadrant if p <= threshold else NOT_SIGNIFICANT
