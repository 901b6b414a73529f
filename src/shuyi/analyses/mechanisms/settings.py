"""Mechanisms and layers of the index: the declaration of the analysis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shuyi.analyses.base import CAVEATS, CLEAN, SCHEME_SCHEMA, Analysis, Draft, Files, Paper, items
from shuyi.analyses.checks import check_variables
from shuyi.analyses.headline import check_headline, headline_inputs, headline_settings
from shuyi.analyses.mechanisms.channels import NEEDS
from shuyi.indices import INDEX
from shuyi.schema import Problem

FRAMES = ("channels", "left_out", "races")
FIGURES, CODEBOOK = "data/snapshot/provincial_figures.csv", "data/snapshot/codebook.csv"


def _schemes(paper: Paper) -> list[str]:
    races = paper.config["mechanisms"]["races"].values()
    names = [paper.config["index"]["scheme"], *(race["scheme"] for race in races)]
    return [f"config/indices/{name}.yaml" for name in dict.fromkeys(names)]


def _inputs(paper: Paper) -> dict[str, Files]:
    return {
        **headline_inputs(paper),
        "clean": CLEAN,
        "figures": FIGURES,
        "codebook": CODEBOOK,
        "caveats": CAVEATS,
        "schema": SCHEME_SCHEMA,
        "schemes": _schemes(paper),
    }


def _settings(paper: Paper) -> dict[str, Any]:
    index = paper.config["index"]
    return {
        **paper.config["mechanisms"],
        **headline_settings(paper),
        "scheme": index["scheme"],
        "weighting": index["weighting"],
    }


def _variables(config: Mapping[str, Any]) -> Iterable[tuple[tuple[Any, ...], str]]:
    for name, entry in config["mechanisms"]["channels"].items():
        if "variable" in entry:
            yield ("mechanisms", "channels", name, "variable"), entry["variable"]


def _check(draft: Draft) -> list[Problem]:
    section = draft.config["mechanisms"]
    wrong = [
        Problem(
            draft.file,
            f"mechanisms.channels.{name}",
            f"kind {entry['kind']} without {key}",
            f"{' and '.join(NEEDS[entry['kind']])}",
        )
        for name, entry in section["channels"].items()
        for key in NEEDS[entry["kind"]]
        if key not in entry
    ]
    if section["term"] != INDEX:
        found = f"{section['term']}, while channels and parts are about the index"
        wrong.append(Problem(draft.file, "mechanisms.term", found, INDEX))
    outcome = next(
        (r.get("outcome") for r in draft.rows if r.get("id") == draft.config["estimation"]["headline"]), None
    )
    wrong += [
        Problem(
            draft.file,
            f"mechanisms.channels.{path[2]}",
            f"{variable}, the outcome itself",
            "another variable",
        )
        for path, variable in _variables(draft.config)
        if variable == outcome
    ]
    return [
        *check_headline(draft, "mechanisms"),
        *check_variables(draft, _variables(draft.config)),
        *wrong,
    ]


ANALYSIS = Analysis(
    "mechanisms",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: FRAMES,
    reads=headline_inputs,
    items=lambda paper: (
        *items("table", "mechanisms", "layers"),
        *items("figure", "mechanisms_figure"),
    ),
    check=_check,
    variables=_variables,
    sections=("mechanisms", "index", "estimation"),
)
