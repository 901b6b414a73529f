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

from shuyi.esda.local import local_moran, local_morans, moran_scatter
from shuyi.esda.results import (
    ALTERNATIVES,
    NO_NEIGHBOURS,
    NOT_SIGNIFICANT,
    QUADRANTS,
    Alternative,
    GlobalStatistic,
    GlobalStatistics,
    LocalMoran,
    MoranScatter,
    Quadrant,
    quadrants,
)
from shuyi.esda.statistics import bivariate_moran, geary, getis_ord_g, moran, residual_moran

__all__ = [
    "ALTERNATIVES",
    "NOT_SIGNIFICANT",
    "NO_NEIGHBOURS",
    "QUADRANTS",
    "Alternative",
    "GlobalStatistic",
    "GlobalStatistics",
    "LocalMoran",
    "MoranScatter",
    "Quadrant",
    "bivariate_moran",
    "geary",
    "getis_ord_g",
    "local_moran",
    "local_morans",
    "moran",
    "moran_scatter",
    "quadrants",
    "residual_moran",
]
