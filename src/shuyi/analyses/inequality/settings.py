"""Inequality between and within regions: the declaration of the analysis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shuyi.analyses.base import (
    CAVEATS,
    PANEL,
    SCHEME_SCHEMA,
    Analysis,
    Draft,
    Item,
    Paper,
    items,
    scheme_file,
    weights_file,
)
from shuyi.analyses.checks import check_known_weights, check_variables, check_years
from shuyi.schema import Problem

FRAMES = (
    "parts",
    "regions",
    "pairs",
    "provinces",
    "dispersion",
    "spatial_gini",
    "other_parts",
    "other_regions",
)


def _reads(paper: Paper) -> dict[str, str]:
    return {
        "neighbours": weights_file(paper.config["inequality"]["weights"]),
        "scheme": scheme_file(paper),
        "schema": SCHEME_SCHEMA,
    }


def _settings(paper: Paper) -> dict[str, Any]:
    return {**paper.config["inequality"], "regions": paper.region_schemes[0], "seed": paper.config["seed"]}


def _items(paper: Paper) -> tuple[Item, ...]:
    return (
        *items("table", "inequality"),
        *(
            Item(f"inequality_{scheme}", "table", "inequality", f"distribution.scheme.{scheme}")
            for scheme in paper.region_schemes[1:]
        ),
        *items("table", "inequality_regions", "dispersion", "contributions"),
        *items("figure", "inequality_by_year", "dispersion_by_indicator"),
        *items("map", "contributions_map"),
    )


def _variables(config: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], str]]:
    return ((("inequality", "variables", i), v) for i, v in enumerate(config["inequality"]["variables"]))


def _check(draft: Draft) -> list[Problem]:
    return [
        *check_variables(draft, _variables(draft.config)),
        *check_known_weights(draft, ("inequality", "weights")),
        *check_years(draft, "inequality"),
    ]


ANALYSIS = Analysis(
    "inequality",
    inputs=lambda paper: {"panel": PANEL, "caveats": CAVEATS, **_reads(paper)},
    settings=_settings,
    frames=lambda paper: FRAMES,
    reads=_reads,
    items=_items,
    check=_check,
    variables=_variables,
    sections=("inequality",),
)
