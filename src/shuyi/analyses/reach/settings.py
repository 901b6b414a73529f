"""How far spillovers reach: the declaration of the analysis."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from shuyi.analyses.base import PANEL, Analysis, Draft, Paper, items
from shuyi.analyses.robustness.settings import has_answer
from shuyi.schema import Problem


def _settings(paper: Paper) -> dict[str, Any]:
    return {
        **paper.config["reach"],
        "term": paper.config["robustness"]["term"],
        "specification": paper.headline.to_dict(),
        "excluded": list(paper.excluded(paper.headline.id)),
        "level": paper.config["estimation"]["confidence"],
        "power": paper.config["estimation"]["power"],
        "seed": paper.config["seed"],
        "years": list(paper.years),
    }


def _check(draft: Draft) -> list[Problem]:
    edges = draft.config["reach"]["edges"]
    if all(a < b for a, b in pairwise(edges)):
        return []
    return [Problem(draft.file, "reach.edges", ", ".join(map(str, edges)), "distances in increasing order")]


ANALYSIS = Analysis(
    "reach",
    inputs=lambda paper: {"panel": PANEL},
    settings=_settings,
    frames=lambda paper: ("rings", "cutoffs") if has_answer(paper) else (),
    reads=lambda paper: {"found": f"results/caveats/{paper.headline.id}.json"} if has_answer(paper) else {},
    items=lambda paper: (
        (*items("table", "reach"), *items("figure", "reach_figure")) if has_answer(paper) else ()
    ),
    check=_check,
    sections=("reach", "robustness", "estimation"),
)
