"""The headline under other fixed effects, corrections and dynamics: the declaration of the analysis."""

from __future__ import annotations

from typing import Any

from shuyi.analyses.base import PANEL, Analysis, Draft, Files, Item, Paper, items, weights_file
from shuyi.analyses.checks import check_names
from shuyi.schema import Problem
from shuyi.spatialpanel.dynamic import MODELS as WITH_DYNAMICS


def has_forms(paper: Paper) -> bool:
    """Return whether the headline has effects that can be compared over forms.

    Parameters
    ----------
    paper : Paper
        The run.

    Returns
    -------
    bool
        Whether its model is SAR or SDM and holds the term.
    """
    return (
        paper.headline.model in WITH_DYNAMICS
        and paper.config["robustness"]["term"] in paper.headline.regressors
    )


def _settings(paper: Paper) -> dict[str, Any]:
    return {
        **paper.config["corrections"],
        "term": paper.config["robustness"]["term"],
        "specification": paper.headline.to_dict(),
        "excluded": list(paper.excluded(paper.headline.id)),
        "level": paper.config["estimation"]["confidence"],
        "power": paper.config["estimation"]["power"],
        "draws": paper.config["estimation"]["draws"],
        "seed": paper.config["seed"],
        "years": list(paper.years),
    }


def _inputs(paper: Paper) -> dict[str, Files]:
    return {"panel": PANEL, "weights": weights_file(paper.headline.weights)}


def _reads(paper: Paper) -> dict[str, Files]:
    return {
        "weights": weights_file(paper.headline.weights),
        "found": f"results/caveats/{paper.headline.id}.json",
    }


def _items() -> tuple[Item, ...]:
    return (*items("table", "corrections"), *items("figure", "corrections_figure"))


def _check(draft: Draft) -> list[Problem]:
    section = draft.config["corrections"]
    place = ("corrections", "compared")
    return check_names(draft, [(place, section["compared"], [*section["dynamics"], "none"])])


ANALYSIS = Analysis(
    "corrections",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: ("forms",) if has_forms(paper) else (),
    reads=lambda paper: _reads(paper) if has_forms(paper) else {},
    items=lambda paper: _items() if has_forms(paper) else (),
    check=_check,
    sections=("corrections", "robustness", "estimation"),
)
