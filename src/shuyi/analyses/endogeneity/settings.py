"""Endogeneity of the headline's term: the declaration of the analysis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shuyi.analyses.base import Analysis, Draft, Paper, items
from shuyi.analyses.checks import check_variables
from shuyi.analyses.endogeneity.instruments import named_variables
from shuyi.analyses.headline import check_headline, headline_inputs, headline_settings
from shuyi.schema import Problem

FRAMES = ("estimates", "tests", "verdicts", "sensitivity")


def _settings(paper: Paper) -> dict[str, Any]:
    return {**paper.config["endogeneity"], **headline_settings(paper)}


def _variables(config: Mapping[str, Any]) -> Iterable[tuple[tuple[Any, ...], str]]:
    for name, entry in config["endogeneity"]["instruments"].items():
        for keys, variable in named_variables(entry):
            yield ("endogeneity", "instruments", name, *keys), variable


def _check(draft: Draft) -> list[Problem]:
    section = draft.config["endogeneity"]
    row = next((r for r in draft.rows if r.get("id") == draft.config["estimation"]["headline"]), {})
    regressors = row.get("regressors", "").split()
    named = [(("endogeneity", "benchmarks", i), name) for i, name in enumerate(section["benchmarks"])]
    own = [
        Problem(
            draft.file,
            ".".join(("endogeneity", "instruments", *map(str, path[2:]))),
            f"{variable}, a regressor of the headline",
            "a variable outside the equation",
        )
        for path, variable in _variables(draft.config)
        if variable in regressors
    ]
    return [
        *check_headline(draft, "endogeneity"),
        *check_variables(draft, [*_variables(draft.config), *named]),
        *own,
    ]


ANALYSIS = Analysis(
    "endogeneity",
    inputs=headline_inputs,
    settings=_settings,
    frames=lambda paper: FRAMES,
    reads=headline_inputs,
    items=lambda paper: (
        *items("table", "endogeneity", "sensitivity"),
        *items("figure", "endogeneity_figure"),
    ),
    check=_check,
    variables=_variables,
    sections=("endogeneity", "estimation"),
)
