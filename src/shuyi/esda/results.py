"""Results of autocorrelation: frozen records that convert to frames."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

import numpy as np

from shuyi.frames import rows_frame

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


Alternative = Literal["two-sided", "greater", "less"]
ALTERNATIVES: tuple[Alternative, ...] = ("two-sided", "greater", "less")
Quadrant = Literal["HH", "LH", "LL", "HL"]
QUADRANTS: tuple[Quadrant, ...] = ("HH", "LH", "LL", "HL")
"""Own value first, neighbours' second (high or low against the mean); Anselin's quadrants 1 to 4."""
NOT_SIGNIFICANT, NO_NEIGHBOURS = "not significant", "no neighbours"


@dataclass(frozen=True)
class GlobalStatistic:
    """One global statistic with its inference.

    Parameters
    ----------
    statistic : {"moran", "geary", "getis_ord_g", "bivariate_moran"}
        Which statistic it is.
    variable, other : str
        Variable; `other` is the variable whose spatial lag enters a bivariate statistic, else empty.
    period : int
        Period of the panel.
    weights : str
        Name of the weights.
    n : int
        Number of units.
    value : float
        The statistic.
    expected : float
        Expectation without spatial autocorrelation.
    variance_normal, z_normal, p_normal : float
        Moments under normality and the two-sided p; NaN where the statistic has none.
    variance_random, z_random, p_random : float
        The same under randomisation (all permutations equally likely).
    mean_permuted, variance_permuted, p_permuted : float
        Over the permutations drawn; `p_permuted` follows `alternative`.
    low_permuted, high_permuted : float
        Bounds of the middle `permutation.BAND_LEVEL` of the permuted values: a value lies beyond them exactly
        where the two-sided p-value is at most one minus that level.
    permutations, seed : int
        Number of permutations, zero where none were drawn, and their seed.
    alternative : {"two-sided", "greater", "less"}
        Direction of `p_permuted`.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.esda import moran
    >>> from shuyi.panel import Panel
    >>> from shuyi.weights import build_contiguity
    >>> units = ("a", "b", "c", "d")
    >>> line = build_contiguity(units, list(zip(units, units[1:]))).normalise("row")
    >>> panel = Panel(np.array([4.0, 3.0, 2.0, 1.0]).reshape(1, 4, 1), units, (2020,), ("y",))
    >>> (row,) = moran(panel, line, ["y"], permutations=99, seed=1).rows
    >>> row.statistic, round(row.value, 3), round(row.expected, 3)
    ('moran', 0.4, -0.333)
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
    low_permuted: float
    high_permuted: float
    permutations: int
    seed: int
    alternative: Alternative


@dataclass(frozen=True)
class GlobalStatistics:
    """Global statistics, ordered by weights, variable and period as they were asked for.

    Parameters
    ----------
    rows : tuple of GlobalStatistic
        One record per statistic.

    Examples
    --------
    >>> from shuyi.esda import GlobalStatistics
    >>> GlobalStatistics(()).to_frame().columns[:5].tolist()
    ['statistic', 'variable', 'other', 'period', 'weights']
    """

    rows: tuple[GlobalStatistic, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per statistic, with the fields of `GlobalStatistic` as columns.

        Returns
        -------
        DataFrame
            In the order of `rows`.
        """
        return rows_frame(self.rows, GlobalStatistic)


@dataclass(frozen=True, eq=False)
class LocalMoran:
    """Local Moran's I of one variable in one period.

    Parameters
    ----------
    variable : str
        Name of the variable.
    period : int
        Period of the panel.
    weights : str
        Name of the weights.
    units : tuple of str, length n
        Labels, in the panel's order.
    z, lag : ndarray, shape (n,)
        Standardised values (population standard deviation) and their spatial lag.
    value : ndarray, shape (n,)
        ``I_i = (n - 1) z_i (W z)_i / sum z^2`` (Anselin 1995, as scaled by esda).
    expected, variance : ndarray, shape (n,)
        Under conditional permutation: z_i stays, the other values are shuffled over the other units.
    p : ndarray, shape (n,)
        Conditional permutation p-value; NaN for a unit without neighbours.
    quadrant : tuple of {"HH", "LH", "LL", "HL"}
        Own value first, neighbours' second, high or low against the mean.
    cluster : tuple of str
        The quadrant where p is significant, else ``"not significant"`` or ``"no neighbours"``.
    significance : float
        Nominal level, or the rate of false discoveries.
    threshold : float
        Largest p that counts as significant: `significance` itself, or esda's false discovery rate cut-off
        over the units of this variable and period (Benjamini and Hochberg 1995).
    fdr : bool
        Whether the false discovery rate is controlled instead of each unit's own error.
    permutations, seed : int
        Number of conditional permutations and their seed.
    alternative : {"two-sided", "greater", "less"}
        Direction of p.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.esda import local_moran
    >>> from shuyi.panel import Panel
    >>> from shuyi.weights import build_contiguity
    >>> units = ("a", "b", "c", "d")
    >>> line = build_contiguity(units, list(zip(units, units[1:]))).normalise("row")
    >>> panel = Panel(np.array([4.0, 3.0, 2.0, 1.0]).reshape(1, 4, 1), units, (2020,), ("y",))
    >>> local = local_moran(panel, line, "y", 2020, permutations=99, seed=1)
    >>> local.to_frame()[["unit", "value", "quadrant"]].round(3)
      unit  value quadrant
    0    a   0.45       HH
    1    b   0.15       HH
    2    c   0.15       LL
    3    d   0.45       LL
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
        """Return one row per unit, in the order of `units`.

        Returns
        -------
        DataFrame
            Columns are the fields of the record, `units` under the name unit.
        """
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
        Name of the variable.
    period : int
        Period of the panel.
    weights : str
        Name of the weights.
    units : tuple of str, length n
        Labels, in the panel's order.
    z, lag : ndarray, shape (n,)
        Standardised values (population standard deviation) and their spatial lag.
    slope, intercept : float
        Least-squares line of lag on z. The slope is Moran's I where the weights sum to n.
    moran : float
        Moran's I.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.esda import moran_scatter
    >>> from shuyi.panel import Panel
    >>> from shuyi.weights import build_contiguity
    >>> units = ("a", "b", "c", "d")
    >>> line = build_contiguity(units, list(zip(units, units[1:]))).normalise("row")
    >>> panel = Panel(np.array([4.0, 3.0, 2.0, 1.0]).reshape(1, 4, 1), units, (2020,), ("y",))
    >>> moran_scatter(panel, line, "y", 2020).to_frame()[["unit", "z", "lag", "quadrant"]].round(2)
      unit     z   lag quadrant
    0    a  1.34  0.45       HH
    1    b  0.45  0.45       HH
    2    c -0.45 -0.45       LL
    3    d -1.34 -0.45       LL
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
        """Return one row per unit: variable, period, weights, unit, z, lag, quadrant.

        Returns
        -------
        DataFrame
            In the order of `units`; variable, period and weights repeat in every row.
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "variable": self.variable,
                "period": self.period,
                "weights": self.weights,
                "unit": list(self.units),
                "z": self.z,
                "lag": self.lag,
                "quadrant": list(quadrants(self.z, self.lag)),
            }
        )


def quadrants(z: Array, lag: Array) -> tuple[Quadrant, ...]:
    """Return the quadrant of each unit from its standardised value and spatial lag, both of shape (n,).

    High means above zero; a value or lag of exactly zero is low.

    Parameters
    ----------
    z, lag : ndarray, shape (n,)
        Standardised values and their spatial lag.

    Returns
    -------
    tuple of {"HH", "LH", "LL", "HL"}, length n
        Own value first, neighbours' second.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.esda import quadrants
    >>> quadrants(np.array([1.0, -1.0, 2.0]), np.array([0.5, 0.5, -0.5]))
    ('HH', 'LH', 'HL')
    """
    names: dict[tuple[bool, bool], Quadrant] = {
        (True, True): "HH",
        (False, True): "LH",
        (False, False): "LL",
        (True, False): "HL",
    }
    return tuple(names[bool(own > 0), bool(near > 0)] for own, near in zip(z, lag, strict=True))
