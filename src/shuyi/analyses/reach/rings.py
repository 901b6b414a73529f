"""Spillovers by distance: one model with disjoint rings, and the customary repeated cut-offs beside it.

``y_t = X_t b + sum_k th_k R_k x_t + effects + e_t`` with ``R_k`` a one for every other unit whose distance
lies in ring k: each link has the same weight in every ring, so that th_k is the effect of one unit at that
distance. Units beyond the last ring are the reference: with time effects, what comes from all distances alike
cannot be told from the year. The simultaneous band covers all rings at once (maximum of |t|).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.estimation.rows import Reading, effect_row
from shuyi.analyses.robustness.variants import Headline
from shuyi.panel import Panel
from shuyi.spatialpanel import OLS
from shuyi.spatialpanel.effects import COMPONENTS
from shuyi.spatialpanel.many import fit_many
from shuyi.spatialpanel.transforms import within
from shuyi.weights import Weights

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

RING = "ring"
"""Prefix of the columns of rings."""
DRAWS = 20_000
"""Of the largest |t|; the error of a p-value near .05 is .0015."""


@dataclass(frozen=True, eq=False)
class Rings:
    """Disjoint rings of distance.

    Parameters
    ----------
    edges : tuple of float, length K
        Outer edges in kilometres, increasing.
    distances : ndarray, shape (n, n)
        In kilometres.
    """

    edges: tuple[float, ...]
    distances: NDArray[np.float64]

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """Inner and outer edge of each ring."""
        return list(pairwise((0.0, *self.edges)))

    def links(self) -> NDArray[np.float64]:
        """Return the links of each ring.

        Returns
        -------
        ndarray, shape (K, n, n)
            Ones and zeros; no unit is linked with itself.
        """
        found = np.stack([(self.distances > a) & (self.distances <= b) for a, b in self.bounds])
        found[:, range(len(self.distances)), range(len(self.distances))] = False
        return found.astype(np.float64)


def rings_frame(
    headline: Headline, distances: NDArray, edges: Sequence[float], *, reading: Reading, seed: int
) -> pd.DataFrame:
    """Return the effect of one unit at each distance, with a band that holds for all rings together.

    Parameters
    ----------
    headline : Headline
        The headline and its data.
    distances : ndarray, shape (n, n)
        In kilometres, of the panel's units.
    edges : sequence of float
        Outer edges of the rings in kilometres.
    reading : Reading
        Level of intervals and band, and power.
    seed : int
        Of the draws of the largest |t|.

    Returns
    -------
    DataFrame
        One row per ring: low_km, high_km, links (mean per unit), without (units with none), the columns of
        `rows.effect_row` per standard deviation of the term and link, band_low, band_high, p_adjusted,
        joint_p (Wald test that all rings are zero), spread, n, T.
    """
    import pandas as pd

    rings = Rings(tuple(edges), distances)
    panel, names = with_rings(headline, rings)
    spec = headline.specification
    model = OLS(panel, outcome=spec.outcome, regressors=(*spec.regressors, *names), effects=spec.effects)
    fit = model.fit("exact", spec.covariance)
    spread = float(within(headline.panel[headline.term], "twoways").std())
    places = [fit.position(name) for name in names]
    estimate = spread * fit.values[places]
    covariance = spread**2 * fit.covariance_matrix[np.ix_(places, places)]
    error = np.sqrt(np.diag(covariance))
    largest = largest_t(covariance, fit.n - 1, seed)
    reach = float(np.quantile(largest, reading.level)) * error
    links = rings.links().sum(axis=2)
    joint = joint_p(estimate, covariance, fit.n)
    rows = []
    for k, (low, high) in enumerate(rings.bounds):
        reached = int((largest >= abs(estimate[k] / error[k])).sum())
        rows.append(
            {
                "low_km": low,
                "high_km": high,
                "links": float(links[k].mean()),
                "without": int((links[k] == 0).sum()),
                **effect_row(float(estimate[k]), float(error[k]), fit.n, reading),
                "band_low": estimate[k] - reach[k],
                "band_high": estimate[k] + reach[k],
                "p_adjusted": (1 + reached) / (1 + len(largest)),
                "joint_p": joint,
                "spread": spread,
                "n": fit.n,
                "T": fit.T,
            }
        )
    return pd.DataFrame(rows)


def with_rings(headline: Headline, rings: Rings) -> tuple[Panel, tuple[str, ...]]:
    """Return the panel of the headline with the sum of the term over the units in each ring.

    Parameters
    ----------
    headline : Headline
        The headline and its data.
    rings : Rings
        Of the panel's units.

    Returns
    -------
    (Panel, tuple of str)
        The panel, and the names of its new columns.
    """
    sums = np.einsum("tj,kij->kti", headline.panel[headline.term], rings.links())
    names = tuple(f"{RING}_{k + 1}" for k in range(len(sums)))
    arrays = {**headline.arrays(), **dict(zip(names, sums, strict=True))}
    panel = headline.panel
    values = np.stack(list(arrays.values()), axis=2)
    return Panel(values, panel.units, panel.periods, tuple(arrays)), names


def largest_t(covariance: NDArray, df: int, seed: int) -> NDArray[np.float64]:
    """Return draws of the largest of several |t| whose numerators are correlated as the estimates are.

    Parameters
    ----------
    covariance : ndarray, shape (K, K)
        Of the estimates.
    df : int
        Degrees of freedom.
    seed : int
        Seed of the draws.

    Returns
    -------
    ndarray, shape (DRAWS,)
        Sorted.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.reach.rings import largest_t
    >>> float(np.quantile(largest_t(np.eye(1), 30, 1), 0.95).round(1))
    2.0
    """
    rng = np.random.default_rng(seed)
    scale = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = rng.standard_normal((DRAWS, len(scale))) @ root.T
    shrink = np.sqrt(rng.chisquare(df, DRAWS) / df)
    return np.sort(np.abs(normal / shrink[:, None]).max(axis=1))


def joint_p(estimate: NDArray, covariance: NDArray, n: int) -> float:
    """Return the p-value that all rings are zero, by Hotelling's F of clustered coefficients.

    Parameters
    ----------
    estimate : ndarray, shape (K,)
        Of the rings.
    covariance : ndarray, shape (K, K)
        Of the estimates.
    n : int
        Number of clusters.

    Returns
    -------
    float
        Between zero and one.
    """
    from scipy.stats import f

    K = len(estimate)
    wald = float(estimate @ np.linalg.solve(covariance, estimate))
    return float(f.sf(wald * (n - K) / (K * (n - 1)), K, n - K))


def cutoffs_frame(
    headline: Headline, distances: NDArray, edges: Sequence[float], *, reading: Reading
) -> pd.DataFrame:
    """Return the customary figure: the headline under inverse distances beyond one cut-off after the other.

    Parameters
    ----------
    headline : Headline
        The headline and its data.
    distances : ndarray, shape (n, n)
        In kilometres.
    edges : sequence of float
        Cut-offs in kilometres; zero, for all links, comes first.
    reading : Reading
        Level of intervals, and power.

    Returns
    -------
    DataFrame
        cutoff_km, rho, n, reason, component, then as `rows.effect_row` per standard deviation of the term.
    """
    import pandas as pd

    spec, panel = headline.specification, headline.panel
    off = distances + np.diag(np.full(len(distances), np.inf))
    cutoffs = (0.0, *edges)
    matrices = {
        f"{c:g}": Weights(np.where(off > c, 1.0 / off, 0.0), panel.units).normalise("row") for c in cutoffs
    }
    specs = [replace(spec, id=name, weights=name, sample="") for name in matrices]
    found = fit_many({"": panel}, matrices, specs)
    estimate, error = found.effect(headline.term)
    spread = float(within(panel[headline.term], "twoways").std())
    rows: list[dict[str, Any]] = []
    for i, cutoff in enumerate(cutoffs):
        about = {"cutoff_km": cutoff, "rho": found.rho[i], "n": int(found.n[i])}
        about["reason"] = " ".join(found.reasons[i].split())
        rows += [
            {
                **about,
                "component": component,
                **effect_row(spread * estimate[i, j], spread * error[i, j], max(found.n[i], 2), reading),
            }
            for j, component in enumerate(COMPONENTS)
        ]
    return pd.DataFrame(rows)


def boundary(rings: pd.DataFrame) -> float | None:
    """Return the distance at which the band covers zero and excludes the effect of the first ring.

    Parameters
    ----------
    rings : DataFrame
        As `rings_frame` gives it.

    Returns
    -------
    float or None
        Inner edge of that ring in kilometres; None where there is none.
    """
    first = rings.iloc[0]
    if first["band_low"] <= 0 <= first["band_high"]:
        return None
    later = rings.iloc[1:]
    covers = (later["band_low"] <= 0) & (later["band_high"] >= 0)
    excludes = (later["band_low"] > first["estimate"]) | (later["band_high"] < first["estimate"])
    found = later[covers & excludes]
    return None if found.empty else float(found["low_km"].iloc[0])
