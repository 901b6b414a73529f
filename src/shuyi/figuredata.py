"""The data behind the paper's figures, arranged from the results of earlier steps."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.labels import Labels
    from shuyi.panel import Panel

NOT_SIGNIFICANT = "ns"
MAP_CLUSTERS = {"not significant": NOT_SIGNIFICANT, "no neighbours": NOT_SIGNIFICANT}
BAND_LEVEL = 0.95
"""Level of the band that Moran's I stays in when the values are permuted."""


def by_unit_and_year(panel: Panel, variable: str, years: Sequence[int]) -> pd.DataFrame:
    """Return a variable with the units in rows and the years in columns."""
    import pandas as pd

    chosen = panel.select(periods=years)
    return pd.DataFrame(chosen[variable].T, index=list(panel.units), columns=list(years))


def clusters_by_year(lisa: pd.DataFrame) -> pd.DataFrame:
    """Return the LISA cluster (HH, LL, HL, LH, ns) with the units in rows and the years in columns.

    Parameters
    ----------
    lisa : DataFrame
        Rows of local Moran statistics: unit, period, cluster.
    """
    clusters = lisa.assign(cluster=lisa["cluster"].replace(MAP_CLUSTERS))
    return clusters.pivot(index="unit", columns="period", values="cluster")


def lisa_note(lisa: pd.DataFrame, labels: Labels) -> str:
    """Return the sentence under a LISA map: weights, permutations, seed and level."""
    first = lisa.iloc[0]
    return labels.text(
        "lisa.note",
        weights=labels.name("weights", first["weights"]),
        permutations=f"{first['permutations']:,}",
        seed=first["seed"],
        significance=first["significance"],
        fdr=labels.text("lisa.fdr") if first["fdr"] else "",
    )


def scatter_points(lisa: pd.DataFrame) -> pd.DataFrame:
    """Return the points of Moran scatterplots: code, year, z and its spatial lag."""
    return lisa.rename(columns={"unit": "code", "period": "year"})[["code", "year", "z", "lag"]]


def scatter_statistics(moran: pd.DataFrame, lisa: pd.DataFrame) -> pd.DataFrame:
    """Return Moran's I and its permutation p-value for the variable, weights and years of LISA rows."""
    variable, weights = lisa["variable"].iloc[0], lisa["weights"].iloc[0]
    rows = moran[(moran["variable"] == variable) & (moran["weights"] == weights)]
    rows = rows[rows["period"].isin(lisa["period"])]
    return rows.rename(columns={"period": "year", "value": "I", "p_permuted": "p"})[["year", "I", "p"]]


def moran_bands(moran: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Return Moran's I of one variable by weights and year, with the band under random permutation.

    The band is the permutation mean plus and minus the normal quantile times the permutation standard
    deviation.
    """
    rows = moran[moran["variable"] == variable]
    reach = NormalDist().inv_cdf(0.5 + BAND_LEVEL / 2) * rows["variance_permuted"] ** 0.5
    frame = rows.rename(columns={"period": "year", "value": "I"})[["weights", "year", "I", "expected"]]
    return frame.assign(low=rows["mean_permuted"] - reach, high=rows["mean_permuted"] + reach)


def effect_intervals(effects: pd.DataFrame) -> pd.DataFrame:
    """Return effects in long form: one row per term, component and method (simulated, delta)."""
    import pandas as pd

    columns = {"simulated": ("ci_low", "ci_high"), "delta": ("ci_low_delta", "ci_high_delta")}
    keys = ["term", "component", "estimate"]
    parts = [
        effects[[*keys, low, high]].rename(columns={low: "low", high: "high"}).assign(method=method)
        for method, (low, high) in columns.items()
    ]
    return pd.concat(parts, ignore_index=True)
