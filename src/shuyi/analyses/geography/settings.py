"""Mean centres, deviational ellipses and trend surfaces: the declaration of the analysis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shuyi.analyses.base import PANEL, Analysis, Draft, items
from shuyi.analyses.checks import check_variables, check_years
from shuyi.schema import Problem


def _variables(config: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], str]]:
    return ((("geography", "variables", i), v) for i, v in enumerate(config["geography"]["variables"]))


def _check(draft: Draft) -> list[Problem]:
    return [*check_variables(draft, _variables(draft.config)), *check_years(draft, "geography")]


ANALYSIS = Analysis(
    "geography",
    inputs=lambda paper: {"panel": PANEL},
    settings=lambda paper: paper.config["geography"],
    frames=lambda paper: ("centres", "outlines", "trend", "surface"),
    items=lambda paper: (
        *items("table", "centres"),
        *items("map", "ellipse_map"),
        *items("figure", "centre_paths"),
        *items("map", "trend_map"),
    ),
    check=_check,
    variables=_variables,
    sections=("geography",),
    on_map=True,
)
