"""Frames of the evaluation of pilots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.pilots.evaluation import CERTAIN, Rule, Scores, evaluate, sensitivity

if TYPE_CHECKING:
    import pandas as pd


def pilot_frames(
    scores: Scores, rule: Rule, *, draws: int, concentration: float, seed: int
) -> dict[str, pd.DataFrame]:
    """Return scores by pilot and year, who was dropped, and how far that depends on the weights.

    Parameters
    ----------
    scores : Scores
        Of the criteria of the rule.
    rule : Rule
        The rule.
    draws : int
        Number of weights drawn around the rule's own.
    concentration : float
        How near they are.
    seed : int
        Of the draws.

    Returns
    -------
    dict of str to DataFrame
        ``scores`` (pilot, year, criteria, score, average, threshold, inside), ``eliminations`` (year, pilot,
        average, threshold) and ``sensitivity`` (pilot, last average, dropped year, share, verdict).
    """
    import pandas as pd

    found = evaluate(scores, rule)
    T, n = found.score.shape
    known = np.isfinite(found.score)
    t, j = np.nonzero(known)
    inside = (found.dropped < 0) | (np.arange(T)[:, None] <= found.dropped)
    table = pd.DataFrame({"pilot": np.array(scores.pilots)[j], "year": np.array(scores.years)[t]})
    for k, criterion in enumerate(scores.criteria):
        table[criterion] = scores.values[t, j, k]
    table = table.assign(
        score=found.score[t, j],
        average=found.average[t, j],
        threshold=found.threshold[t],
        inside=inside[t, j],
    ).sort_values(["pilot", "year"], ignore_index=True)
    out = [(int(found.dropped[i]), i) for i in range(n) if found.dropped[i] >= 0]
    log = [
        (scores.years[at], scores.pilots[i], found.average[at, i], found.threshold[at])
        for at, i in sorted(out)
    ]
    share = sensitivity(scores, rule, draws=draws, concentration=concentration, seed=seed)
    last = [found.average[known[:, i], i][-1] for i in range(n)]
    verdicts = ["dropped" if s > CERTAIN else "kept" if s < 1 - CERTAIN else "depends" for s in share]
    fate = pd.DataFrame(
        {
            "pilot": scores.pilots,
            "average": last,
            "dropped": pd.array(
                [scores.years[at] if at >= 0 else None for at in found.dropped], dtype="Int64"
            ),
            "share": share,
            "verdict": verdicts,
        }
    )
    columns = ["year", "pilot", "average", "threshold"]
    return {"scores": table, "eliminations": pd.DataFrame(log, columns=columns), "sensitivity": fate}


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis.

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
        See `pilot_frames`.
    """
    p = settings
    scores = Scores.from_frame(sources.text_frame("scores"), tuple(p["weights"]))
    rule = Rule(p["weights"], p["window"], p["quantile"], p["runs"])
    return pilot_frames(scores, rule, draws=p["draws"], concentration=p["concentration"], seed=p["seed"])
