"""Thresholds and diminishing returns of the index: the declaration of the analysis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shuyi.analyses.base import Analysis, Draft, Paper, items
from shuyi.analyses.checks import check_variables
from shuyi.analyses.headline import check_headline, headline_inputs, headline_settings
from shuyi.schema import Problem

FRAMES = ("thresholds", "effects", "curves", "quadratic")


def _settings(paper: Paper) -> dict[str, Any]:
    return {**paper.config["thresholds"], **headline_settings(paper)}


def _variables(config: Mapping[str, Any]) -> Iterable[tuple[tuple[Any, ...], str]]:
    for name, entry in config["thresholds"]["variables"].items():
        yield ("thresholds", "variables", name, "variable"), entry["variable"]


def _check(draft: Draft) -> list[Problem]:
    return [*check_headline(draft, "thresholds"), *check_variables(draft, _variables(draft.config))]


ANALYSIS = Analysis(
    "thresholds",
    inputs=headline_inputs,
    settings=_settings,
    frames=lambda paper: FRAMES,
    reads=headline_inputs,
    items=lambda paper: (*items("table", "thresholds"), *items("figure", "thresholds_figure")),
    check=_check,
    variables=_variables,
    sections=("thresholds", "estimation"),
)
