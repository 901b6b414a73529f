"""Frames of the analysis of fixed effects, corrections and dynamics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.corrections.forms import forms_frame
from shuyi.analyses.estimation.estimates import cut_to_sample
from shuyi.analyses.estimation.rows import Reading
from shuyi.analyses.robustness.variants import Headline
from shuyi.spatialpanel import Specification

if TYPE_CHECKING:
    import pandas as pd


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frame ``forms``.

    Parameters
    ----------
    sources : Sources
        Its input files.
    settings : mapping
        As the declaration gives them.
    places : Places
        The units of the paper.

    Returns
    -------
    dict of str to DataFrame
        See `forms.forms_frame`.
    """
    p = settings
    panel, weights = cut_to_sample(sources.panel("panel"), sources.weights("weights"), p["excluded"])
    headline = Headline(panel, Specification.from_row(p["specification"]), p["term"])
    reading = Reading(p["level"], p["power"])
    tried = {name: p[name] for name in ("effects", "corrections", "dynamics")}
    frame = forms_frame(headline, weights, **tried, reading=reading, draws=p["draws"], seed=p["seed"])
    return {"forms": frame}
