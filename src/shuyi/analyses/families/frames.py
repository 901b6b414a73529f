"""Frames of the headline claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.families.claims import claims_frame
from shuyi.analyses.families.settings import READ

if TYPE_CHECKING:
    import pandas as pd

TEXTS = ("reason", "group", "kind", "effects", "correction", "dynamics", "horizon", "variant")


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frame ``claims``.

    Parameters
    ----------
    sources : Sources
        Frames of other analyses.
    settings : mapping
        As the declaration gives them.
    places : Places
        The units of the paper.

    Returns
    -------
    dict of str to DataFrame
        See `claims.claims_frame`.
    """
    p = settings
    frames = sources.frames(READ, text=TEXTS)
    claims = claims_frame(
        frames,
        rule=p["multiplicity"],
        size=1 - p["level"],
        compared=p["compared"],
        specification=p["specification"],
    )
    return {"claims": claims}
