"""The headline claims of the paper by family, with p-values adjusted within each family.

A family holds the tests that answer one question. Of a family with more tests than `MOST` the strongest is
shown, with the p-value adjusted for all of them. Rings and
channels bring p-values that hold for their whole family already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.estimation.influence import HEADLINE
from shuyi.analyses.multiplicity import adjusted

if TYPE_CHECKING:
    import pandas as pd

MOST = 6
"""Tests up to which a family is shown whole."""
MAIN = ("direct", "indirect")
PERCENT = 100.0
"""Tables of rings and of the curve print effects times 100."""
COLUMNS = ("estimate", "p_value", "detectable")
POSITIVE, NEGATIVE, NONE = "positive", "negative", "none"


def claims_frame(
    frames: Mapping[str, pd.DataFrame],
    *,
    rule: str,
    size: float,
    compared: str,
    specification: Mapping[str, Any],
) -> pd.DataFrame:
    """Return every headline claim.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        By the names of `settings.READ`.
    rule : str
        Adjustment within a family, as `multiplicity.adjusted` takes it.
    size : float
        Adjusted p-value below which an effect counts as found.
    compared : str
        Lags in time of the dynamic model that makes claims.
    specification : mapping
        The headline.

    Returns
    -------
    DataFrame
        family, detail (weights, variant, ring or horizon), component, estimate, p_value, p_adjusted, tests
        (number in the family), detectable, verdict.
    """
    import pandas as pd

    found = [
        _adjusted(family(frames, compared, specification).assign(family=name), rule)
        for name, family in FAMILIES.items()
    ]
    rows = pd.concat([part for part in found if len(part)], ignore_index=True)
    verdict = np.where(rows["p_adjusted"] >= size, NONE, np.where(rows["estimate"] > 0, POSITIVE, NEGATIVE))
    order = ["family", "detail", "component", "estimate", "p_value", "p_adjusted", "tests", "detectable"]
    return rows[order].assign(verdict=verdict)


def _adjusted(rows: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Adjust the p-values of a family; of a large one, keep the strongest test."""
    if rows.empty:
        return rows
    if "p_adjusted" not in rows:
        rows = rows.assign(p_adjusted=adjusted(rows["p_value"].to_list(), rule))
    rows = rows.assign(tests=len(rows))
    if len(rows) <= MOST:
        return rows
    return rows.loc[[rows["p_value"].idxmin()]]


def _of_headline(
    frames: Mapping[str, pd.DataFrame], compared: str, specification: Mapping[str, Any]
) -> pd.DataFrame:
    rows = frames["variants"]
    return _plain(rows[(rows["variant"] == HEADLINE) & rows["component"].isin(MAIN)], "")


def _of_weights(
    frames: Mapping[str, pd.DataFrame], compared: str, specification: Mapping[str, Any]
) -> pd.DataFrame:
    rows = frames["weights"]
    kept = rows[(rows["component"] == "indirect") & (rows["weights"] != "combined")]
    return _plain(kept, kept["weights"])


def _of_differences(
    frames: Mapping[str, pd.DataFrame], compared: str, specification: Mapping[str, Any]
) -> pd.DataFrame:
    rows = frames["forms"]
    return _plain(rows[(rows["kind"] == "differenced") & rows["component"].isin(MAIN)], "")


def _of_dynamics(
    frames: Mapping[str, pd.DataFrame], compared: str, specification: Mapping[str, Any]
) -> pd.DataFrame:
    rows = frames["forms"]
    own = (rows["dynamics"] == compared) & (rows["correction"] == specification["correction"])
    kept = rows[(rows["kind"] == "dynamic") & own & rows["component"].isin(MAIN)]
    return _plain(kept, kept["horizon"])


def _of_data(
    frames: Mapping[str, pd.DataFrame], compared: str, specification: Mapping[str, Any]
) -> pd.DataFrame:
    import pandas as pd

    rows = pd.concat([frames["variants"], frames["alternatives"]], ignore_index=True)
    circular = rows["variant"] == "coordination"
    kept = rows[(rows["variant"] != HEADLINE) & ~circular & rows["component"].isin(MAIN)]
    return _plain(kept, kept["variant"])


def _of_rings(
    frames: Mapping[str, pd.DataFrame], compared: str, specification: Mapping[str, Any]
) -> pd.DataFrame:
    rows = frames["rings"]
    named = [f"{a:g}-{b:g}" for a, b in zip(rows["low_km"], rows["high_km"], strict=True)]
    plain = _plain(_in_percent(rows.assign(component="indirect")), named)
    return plain.assign(p_adjusted=rows["p_adjusted"].to_numpy())


def _of_curve(
    frames: Mapping[str, pd.DataFrame], compared: str, specification: Mapping[str, Any]
) -> pd.DataFrame:
    rows = frames["joint"]
    kept = rows[rows["component"].isin(MAIN)].rename(columns={"observed": "estimate"})
    scale = np.where(kept["statistic"] == "stouffer", 1.0, PERCENT)
    return _plain(kept.assign(estimate=scale * kept["estimate"], detectable=np.nan), kept["statistic"])


def _of_mechanisms(
    frames: Mapping[str, pd.DataFrame], compared: str, specification: Mapping[str, Any]
) -> pd.DataFrame:
    rows = frames["channels"]
    kept = rows[rows["component"].isin(MAIN) & rows["p_value"].notna()]
    plain = _plain(kept, kept["name"])
    return plain.assign(p_adjusted=kept["p_adjusted"].to_numpy())


def _in_percent(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**{name: PERCENT * rows[name] for name in ("estimate", "detectable")})


def _of_policy(
    frames: Mapping[str, pd.DataFrame], compared: str, specification: Mapping[str, Any]
) -> pd.DataFrame:
    rows = frames["policy"]
    own = (rows["variant"] == HEADLINE) & (rows["model"] == "slx")
    kept = rows[own & rows["component"].isin(("direct", "exposure"))]
    return _plain(kept.assign(p_value=kept["permutation_p"]), "")


def _plain(rows: pd.DataFrame, detail: Any) -> pd.DataFrame:
    """Return component, numbers and detail of rows that have a p-value."""
    found = rows.assign(detail=detail)[["detail", "component", *COLUMNS]]
    return found[found["p_value"].notna()].reset_index(drop=True)


FAMILIES: dict[str, Callable[[Mapping[str, pd.DataFrame], str, Mapping[str, Any]], pd.DataFrame]] = {
    "headline": _of_headline,
    "weights": _of_weights,
    "differences": _of_differences,
    "dynamics": _of_dynamics,
    "data": _of_data,
    "rings": _of_rings,
    "curve": _of_curve,
    "mechanisms": _of_mechanisms,
    "policy": _of_policy,
}
"""Families in the order of the table, and how their tests are read."""
