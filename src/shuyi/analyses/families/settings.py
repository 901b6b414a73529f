"""Every headline claim of the paper with its family: the declaration of the analysis."""

from __future__ import annotations

from typing import Any

from shuyi.analyses.base import Analysis, Files, Paper, frame_file, items
from shuyi.analyses.corrections.settings import has_forms
from shuyi.analyses.curve.settings import has_curve

READ = {
    "weights": ("weights_choice", "effects"),
    "forms": ("corrections", "forms"),
    "variants": ("robustness", "effects"),
    "alternatives": ("robustness", "alternatives"),
    "rings": ("reach", "rings"),
    "joint": ("curve", "joint"),
    "channels": ("mechanisms", "channels"),
    "policy": ("policy", "effects"),
}
"""Analysis and frame of each source of claims."""


def has_families(paper: Paper) -> bool:
    """Return whether the run has every source of claims.

    Parameters
    ----------
    paper : Paper
        The run.

    Returns
    -------
    bool
        Whether the headline is one whose effects are compared in all of them.
    """
    return has_forms(paper) and has_curve(paper)


def _inputs(paper: Paper) -> dict[str, Files]:
    return {name: frame_file(*place) for name, place in READ.items()}


def _settings(paper: Paper) -> dict[str, Any]:
    return {
        **paper.config["families"],
        "compared": paper.config["corrections"]["compared"],
        "specification": paper.headline.to_dict(),
        "term": paper.config["robustness"]["term"],
        "level": paper.config["estimation"]["confidence"],
        "power": paper.config["estimation"]["power"],
    }


ANALYSIS = Analysis(
    "families",
    inputs=lambda paper: _inputs(paper) if has_families(paper) else {},
    settings=_settings,
    frames=lambda paper: ("claims",) if has_families(paper) else (),
    items=lambda paper: items("table", "families") if has_families(paper) else (),
    sections=("families", "estimation", "robustness"),
    needs=tuple(dict.fromkeys(analysis for analysis, _ in READ.values())),
)
