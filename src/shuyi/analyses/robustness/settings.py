"""Robustness of the headline: the declaration of the analysis."""

from __future__ import annotations

from typing import Any

from shuyi.analyses.base import (
    CLEAN,
    PANEL,
    Analysis,
    Draft,
    Files,
    Item,
    Paper,
    caveat_files,
    frame_file,
    items,
    scheme_files,
    weights_file,
)
from shuyi.analyses.checks import check_names
from shuyi.analyses.robustness.alternatives import COORDINATION
from shuyi.indices import INDEX
from shuyi.schema import Problem
from shuyi.spatialpanel.models import MODELS

EFFECTS_OF = frozenset(name for name, model in MODELS.items() if model.terms.spills_over)
"""Models whose effects can be compared."""
FRAMES = ("effects", "units", "persistence")
ALL_FRAMES = (*FRAMES, "alternatives")
OF_INDEX = (
    *("first_year_denominators", "denominators", "unshared_denominators", "scheme", "weighting"),
    "without_indicator",
)
"""Changes that compute the index anew."""


def _alternatives(config: Any) -> list[tuple[str, str, Any]]:
    groups = config["robustness"].get("alternatives") or {}
    return [(group, name, entry) for group, variants in groups.items() for name, entry in variants.items()]


def _schemes(paper: Paper) -> list[str]:
    named = [e["scheme"] for _, _, e in _alternatives(paper.config) if e["change"] == "scheme"]
    return list(dict.fromkeys(named))


def _coordination(paper: Paper) -> dict[str, str]:
    """Return which degree of coordination is explained; nothing where none is, or that analysis is off."""
    named = [e["variable"] for _, _, e in _alternatives(paper.config) if e["change"] == "outcome"]
    if COORDINATION not in named or COORDINATION in paper.config["analyses"]["off"]:
        return {}
    section = paper.config[COORDINATION]
    return {"set": section["sets"][0], "variant": section["variant"]}


def _inputs(paper: Paper) -> dict[str, Files]:
    degrees = frame_file(COORDINATION, COORDINATION)
    return {
        **({"coordination": degrees} if _coordination(paper) else {}),
        "schemes": [f"config/indices/{name}.yaml" for name in _schemes(paper)],
        "panel": PANEL,
        "clean": CLEAN,
        "weights": weights_file(paper.headline.weights),
        **scheme_files(paper),
        **caveat_files(paper),
    }


def _reads(paper: Paper) -> dict[str, Files]:
    return {
        "weights": weights_file(paper.headline.weights),
        **scheme_files(paper),
        **({"about_index": "results/data/index.json"} if paper.has_index else {}),
        "found": f"results/caveats/{paper.headline.id}.json",
        "answer": "results/answer.json",
    }


def _settings(paper: Paper) -> dict[str, Any]:
    return {
        **paper.config["robustness"],
        "specification": paper.headline.to_dict(),
        "excluded": list(paper.excluded(paper.headline.id)),
        "schemes": _schemes(paper),
        "samples": {name: list(units) for name, units in paper.config["samples"].items()},
        "coordination": _coordination(paper),
        "further": has_alternatives(paper),
        **({"weighting": paper.config["index"]["weighting"]} if paper.has_index else {}),
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


def has_alternatives(paper: Paper) -> bool:
    """Return whether the run has alternatives to compare the headline with.

    Parameters
    ----------
    paper : Paper
        The run.

    Returns
    -------
    bool
        False where the configuration names none and there is no index whose indicators could be left out.
    """
    return bool(_alternatives(paper.config)) or paper.has_index


def _items(paper: Paper) -> tuple[Item, ...]:
    further = has_alternatives(paper)
    return (
        *items("table", "robustness", *(["alternatives"] if further else []), "persistence"),
        *items("figure", "robustness_figure", *(["alternatives_figure"] if further else [])),
    )


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
    of_index = [
        f"variants.{name}" for name, entry in section["variants"].items() if entry["change"] in OF_INDEX
    ]
    wrong = of_index if section["term"] != INDEX else []
    for group, name, entry in _alternatives(config):
        place = ("robustness", "alternatives", group, name)
        known_controls = (*draft.variables, *regressors)
        named += [((*place, "keep", i), kept, known_controls) for i, kept in enumerate(entry.get("keep", ()))]
        known = {
            "sample": tuple(config["samples"]),
            "variable": (*draft.variables, COORDINATION) if draft.variables else (entry.get("variable"),),
        }
        named += [((*place, key), entry[key], names) for key, names in known.items() if key in entry]
    wrong += [
        f"alternatives.{group}.{name}"
        for group, name, entry in _alternatives(config)
        if entry["change"] in OF_INDEX and section["term"] != INDEX
    ]
    return check_names(draft, named) + [
        Problem(
            draft.file,
            f"robustness.{name}",
            f"a change of the index, while term is {section['term']}",
            f"term: {INDEX}, or a variant that leaves the index as it is",
        )
        for name in wrong
    ]


ANALYSIS = Analysis(
    "robustness",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: ALL_FRAMES if has_answer(paper) else (),
    reads=lambda paper: _reads(paper) if has_answer(paper) else {},
    items=lambda paper: _items(paper) if has_answer(paper) else (),
    check=_check,
    sections=("robustness", "estimation", "samples"),
)
ANSWER_SOURCES = {frame: frame_file("robustness", frame) for frame in FRAMES}
"""Frames that the answer of the paper rests on."""
