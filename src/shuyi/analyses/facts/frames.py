"""The frame of the register of facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.facts.register import Evidence, check_claims, load_claims

if TYPE_CHECKING:
    import pandas as pd


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the register of facts (see `shuyi.analyses.facts.register.check_claims`).

    Parameters
    ----------
    sources : Sources
        Files that the analysis reads, by name.
    settings : mapping
        As the declaration of the analysis gives them.
    places : Places
        Names and groupings of the units.

    Returns
    -------
    dict of str to DataFrame
        Frame by name.
    """
    claims = load_claims(sources.rows("claims"))
    evidence = Evidence(sources.panel("panel"), places)
    return {"facts": check_claims(claims, evidence).to_frame()}
