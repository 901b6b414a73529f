"""Evaluation of policy pilots with rolling elimination: the declaration of the analysis.

The paper has it once `pilots.file` of the configuration names a file of scores.
"""

from __future__ import annotations

from typing import Any

from shuyi.analyses.base import Analysis, Draft, Files, Paper, items
from shuyi.schema import Problem

FRAMES = ("scores", "eliminations", "sensitivity")


def has_scores(paper: Paper) -> bool:
    """Return whether the configuration names a file of scores.

    Parameters
    ----------
    paper : Paper
        The run.

    Returns
    -------
    bool
        False by default.
    """
    return bool(paper.config["pilots"]["file"])


def _inputs(paper: Paper) -> dict[str, Files]:
    return {"scores": paper.config["pilots"]["file"]} if has_scores(paper) else {}


def _settings(paper: Paper) -> dict[str, Any]:
    return {**paper.config["pilots"], "seed": paper.config["seed"]}


def _check(draft: Draft) -> list[Problem]:
    weights = draft.config["pilots"]["weights"]
    if sum(weights.values()) > 0:
        return []
    return [Problem(draft.file, "pilots.weights", "weights that are all zero", "at least one above zero")]


ANALYSIS = Analysis(
    "pilots",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: FRAMES if has_scores(paper) else (),
    items=lambda paper: (
        (*items("table", "pilot_evaluation"), *items("figure", "pilot_sensitivity"))
        if has_scores(paper)
        else ()
    ),
    check=_check,
    sections=("pilots",),
)
