"""The specification curve: the declaration of the analysis."""

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
    items,
    weights_file,
)
from shuyi.analyses.checks import check_names
from shuyi.analyses.robustness.settings import has_answer
from shuyi.indices import INDEX
from shuyi.schema import Problem

FRAMES = ("estimates", "refusals", "summary", "options", "contributions", "joint", "draws")


def has_curve(paper: Paper) -> bool:
    """Return whether the headline asks what the specifications of a curve ask.

    Parameters
    ----------
    paper : Paper
        The run.

    Returns
    -------
    bool
        Whether its model has spatial effects and its term is the index.
    """
    return has_answer(paper) and paper.config["robustness"]["term"] == INDEX


def curve_inputs(paper: Paper) -> dict[str, Files]:
    """Return the files that the curve is computed from.

    Parameters
    ----------
    paper : Paper
        The run.

    Returns
    -------
    dict
        Path or paths by name.
    """
    options = paper.config["curve"]["options"]
    return {
        "panel": PANEL,
        "clean": CLEAN,
        "weights": [weights_file(name) for name in options["weights"]],
        "schemes": [f"config/indices/{name}.yaml" for name in options["scheme"]],
        "schema": SCHEME_SCHEMA,
        "caveats": CAVEATS,
    }


def curve_settings(paper: Paper) -> dict[str, Any]:
    """Return the plain values that the curve is computed with.

    Parameters
    ----------
    paper : Paper
        The run.

    Returns
    -------
    dict
        Options, declared subset, draws, seed and level.
    """
    section = paper.config["curve"]
    return {
        "options": section["options"],
        "subset": section["subset"],
        "draws": section["draws"],
        "samples": {name: list(units) for name, units in paper.config["samples"].items()},
        "term": paper.config["robustness"]["term"],
        "specification": paper.headline.to_dict(),
        "level": paper.config["estimation"]["confidence"],
        "seed": paper.config["seed"],
        "years": list(paper.years),
    }


def _items() -> tuple[Item, ...]:
    return (*items("table", "curve"), *items("figure", "curve_figure"))


def _check(draft: Draft) -> list[Problem]:
    section = draft.config["curve"]
    options, place = section["options"], ("curve", "options")
    named: list[Any] = [
        ((*place, "weights", i), name, tuple(draft.config["weights"]))
        for i, name in enumerate(options["weights"])
    ]
    named += [
        ((*place, "sample", i), name, tuple(draft.config["samples"]))
        for i, name in enumerate(options["sample"])
    ]
    if draft.variables:
        named += [
            ((*place, "outcome", i), name, draft.variables) for i, name in enumerate(options["outcome"])
        ]
        named += [
            ((*place, "controls", key, i), name, draft.variables)
            for key, names in options["controls"].items()
            for i, name in enumerate(names)
        ]
    named += [
        (("curve", "subset", choice, i), name, tuple(options[choice]))
        for choice, names in section["subset"].items()
        for i, name in enumerate(names)
    ]
    return check_names(draft, named)


ANALYSIS = Analysis(
    "curve",
    inputs=lambda paper: curve_inputs(paper) if has_curve(paper) else {},
    settings=curve_settings,
    frames=lambda paper: FRAMES if has_curve(paper) else (),
    items=lambda paper: _items() if has_curve(paper) else (),
    check=_check,
    sections=("curve", "robustness", "estimation", "samples", "weights"),
)
