"""The dynamics of a distribution: the declaration of the analysis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shuyi.analyses.base import PANEL, Analysis, Draft, Paper, items, weights_file
from shuyi.analyses.checks import check_row_weights, check_variables
from shuyi.schema import Problem

FRAMES = (
    *(
        "densities",
        "density_summary",
        "conditional",
        "transitions",
        "classes",
        "ergodic",
        "tests",
        "mobility",
    ),
    *("lisa_transitions", "lisa_tests", "lisa_moves", "vectors", "sectors", "rank_mobility", "ranks"),
)


def _reads(paper: Paper) -> dict[str, str]:
    return {"neighbours": weights_file(paper.config["dynamics"]["weights"])}


def _settings(paper: Paper) -> dict[str, Any]:
    return {**paper.config["dynamics"], "regions": paper.region_schemes[0], "seed": paper.config["seed"]}


def _variables(config: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], str]]:
    yield ("dynamics", "variable"), config["dynamics"]["variable"]


def _check(draft: Draft) -> list[Problem]:
    (first, last), lag = draft.span, draft.config["dynamics"]["lag"]
    too_long = lag > last - first
    return [
        *check_variables(draft, _variables(draft.config)),
        *check_row_weights(draft, ("dynamics", "weights")),
        *([Problem(draft.file, "dynamics.lag", str(lag), f"at most {last - first}")] if too_long else ()),
    ]


ANALYSIS = Analysis(
    "dynamics",
    inputs=lambda paper: {"panel": PANEL, **_reads(paper)},
    settings=_settings,
    frames=lambda paper: FRAMES,
    reads=_reads,
    items=lambda paper: (
        *items("table", "transitions", "quadrant_transitions", "rank_mobility"),
        *items("figure", "kernel_densities", "conditional_densities", "lisa_vectors"),
    ),
    check=_check,
    variables=_variables,
    sections=("dynamics",),
)
