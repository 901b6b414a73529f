"""The headline under every weights matrix, and which weights and model the data prefer: the declaration."""

from __future__ import annotations

from typing import Any

from shuyi.analyses.base import PANEL, Analysis, Draft, Files, Item, Paper, items, weights_file
from shuyi.analyses.checks import check_names
from shuyi.analyses.robustness.settings import has_answer
from shuyi.schema import Problem

FRAMES = ("effects", "posterior", "shares", "averages")


def _names(paper: Paper) -> list[str]:
    return list(paper.config["weights"])


def _inputs(paper: Paper) -> dict[str, Files]:
    return {"panel": PANEL, "weights": [weights_file(name) for name in _names(paper)]}


def _reads(paper: Paper) -> dict[str, Files]:
    return {
        "weights": [weights_file(name) for name in _names(paper)],
        "found": f"results/caveats/{paper.headline.id}.json",
    }


def _settings(paper: Paper) -> dict[str, Any]:
    return {
        **paper.config["weights_choice"],
        "term": paper.config["robustness"]["term"],
        "weights": _names(paper),
        "specification": paper.headline.to_dict(),
        "excluded": list(paper.excluded(paper.headline.id)),
        "level": paper.config["estimation"]["confidence"],
        "power": paper.config["estimation"]["power"],
        "draws": paper.config["estimation"]["draws"],
        "seed": paper.config["seed"],
        "years": list(paper.years),
    }


def _items() -> tuple[Item, ...]:
    return (*items("table", "weights_choice", "weights_posterior"), *items("figure", "weights_figure"))


def _check(draft: Draft) -> list[Problem]:
    section, known = draft.config["weights_choice"], tuple(draft.config["weights"])
    return check_names(
        draft,
        [(("weights_choice", "combined", i), name, known) for i, name in enumerate(section["combined"])],
    )


ANALYSIS = Analysis(
    "weights_choice",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: FRAMES if has_answer(paper) else (),
    reads=lambda paper: _reads(paper) if has_answer(paper) else {},
    items=lambda paper: _items() if has_answer(paper) else (),
    check=_check,
    sections=("weights_choice", "robustness", "estimation", "weights"),
)
