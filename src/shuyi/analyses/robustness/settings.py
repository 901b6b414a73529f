"""Robustness of the headline: the declaration of the analysis."""

from __future__ import annotations

from typing import Any

from shuyi.analyses.base import (
    CAVEATS,
    CLEAN,
    PANEL,
    SCHEME_SCHEMA,
    Analysis,
    Draft,
    Files,
    Item,
    Paper,
    frame_file,
    items,
    scheme_file,
    weights_file,
)
from shuyi.analyses.checks import check_names
from shuyi.indices import INDEX
from shuyi.schema import Problem
from shuyi.spatialpanel.models import MODELS

EFFECTS_OF = frozenset(name for name, model in MODELS.items() if model.terms.spills_over)
"""Models whose effects can be compared."""
FRAMES = ("effects", "units", "persistence")
OF_INDEX = ("first_year_denominators", "denominators", "unshared_denominators")
"""Changes that compute the index anew."""


def _inputs(paper: Paper) -> dict[str, Files]:
    return {
        "panel": PANEL,
        "clean": CLEAN,
        "weights": weights_file(paper.headline.weights),
        "scheme": scheme_file(paper),
        "schema": SCHEME_SCHEMA,
        "caveats": CAVEATS,
    }


def _reads(paper: Paper) -> dict[str, Files]:
    return {
        "weights": weights_file(paper.headline.weights),
        "about_index": "results/data/index.json",
        "found": f"results/caveats/{paper.headline.id}.json",
        "answer": "results/answer.json",
    }


def _settings(paper: Paper) -> dict[str, Any]:
    return {
        **paper.config["robustness"],
        "specification": paper.headline.to_dict(),
        "excluded": list(paper.excluded(paper.headline.id)),
        "weighting": paper.config["index"]["weighting"],
        "level": paper.config["estimation"]["confidence"],
        "power": paper.config["estimation"]["power"],
        "seed": paper.config["seed"],
        "years": list(paper.years),
    }


def has_answer(paper: Paper) -> bool:
    """Return whether the headline has effects that can be compared.

    Parameters
    ----------
    paper : Paper
        The run.

    Returns
    -------
    bool
        Whether its model has spatial effects.
    """
    return paper.headline.model in EFFECTS_OF


def _items() -> tuple[Item, ...]:
    return (*items("table", "robustness", "persistence"), *items("figure", "robustness_figure"))


def _check(draft: Draft) -> list[Problem]:
    config = draft.config
    headline = next((r for r in draft.rows if r.get("id") == config["estimation"]["headline"]), None)
    if headline is None:
        return []
    section, regressors = config["robustness"], headline.get("regressors", "").split()
    named: list[Any] = [(("robustness", "term"), section["term"], regressors)]
    named += [
        (("robustness", "variants", name, "keep", i), kept, regressors)
        for name, entry in section["variants"].items()
        if entry["change"] == "controls"
        for i, kept in enumerate(entry["keep"])
    ]
    of_index = [name for name, entry in section["variants"].items() if entry["change"] in OF_INDEX]
    wrong = of_index if section["term"] != INDEX else []
    return check_names(draft, named) + [
        Problem(
            draft.file,
            f"robustness.variants.{name}",
            f"a change of the index, while term is {section['term']}",
            f"term: {INDEX}, or a variant that leaves the index as it is",
        )
        for name in wrong
    ]


ANALYSIS = Analysis(
    "robustness",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: FRAMES if has_answer(paper) else (),
    reads=lambda paper: _reads(paper) if has_answer(paper) else {},
    items=lambda paper: _items() if has_answer(paper) else (),
    check=_check,
    sections=("robustness", "estimation"),
)
ANSWER_SOURCES = {frame: frame_file("robustness", frame) for frame in FRAMES}
"""Frames that the answer of the paper rests on."""
