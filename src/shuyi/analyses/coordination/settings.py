"""Coupling coordination of sets of systems: the declaration of the analysis."""

from __future__ import annotations

from typing import Any

from shuyi.analyses.base import (
    CAVEATS,
    CLEAN,
    SCHEME_SCHEMA,
    Analysis,
    Draft,
    Files,
    Item,
    Paper,
    frame_file,
    items,
)
from shuyi.analyses.checks import check_covered, check_names, check_years
from shuyi.analyses.coordination.degrees import load_sets
from shuyi.schema import Problem

SETS = "config/coordination.yaml"
SCHEMA = "workflow/schemas/coordination.schema.yaml"
FRAMES = ("coordination", "scores", "trend", "slopes", "obstacles", "weights", "labels")


def _inputs(paper: Paper) -> dict[str, Files]:
    return {
        "panel": CLEAN,
        "caveats": CAVEATS,
        "sets": SETS,
        "schema": SCHEMA,
        "schemes": [f"config/indices/{name}.yaml" for name in paper.index_schemes],
        "scheme_schema": SCHEME_SCHEMA,
    }


def _settings(paper: Paper) -> dict[str, Any]:
    return {**paper.config["coordination"], "regions": paper.region_schemes[0]}


def _items(paper: Paper) -> tuple[Item, ...]:
    sets = paper.config["coordination"]["sets"]
    return (
        *(Item(f"coordination_{name}", "table", "coordination", f"set.{name}") for name in sets),
        *items("table", "obstacles"),
        *(Item(f"coordination_map_{name}", "map", "coordination_map", f"set.{name}") for name in sets),
        *items("figure", "coordination_trend"),
    )


def _check(draft: Draft) -> list[Problem]:
    sets = draft.config["coordination"]["sets"]
    named = [(("coordination", "sets", i), name, draft.sets or ()) for i, name in enumerate(sets)]
    return [
        *check_years(draft, "coordination"),
        *(check_names(draft, named) if draft.sets is not None else ()),
        *_check_sets(draft),
    ]


def _check_sets(draft: Draft) -> list[Problem]:
    p = draft.project
    if p is None:
        return []
    sets = load_sets(p.read(SETS), p.read(SCHEMA), p.schemes, p.read(SCHEME_SCHEMA), p.derivations, file=SETS)
    chosen = [sets[name] for name in draft.config["coordination"]["sets"] if name in sets]
    indicators = [i for one in chosen for system in one.systems for i in system.scheme.indicators]
    return check_covered(draft, "coordination", [c for i in indicators for c in i.columns()])


ANALYSIS = Analysis(
    "coordination",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: FRAMES,
    words=lambda paper: [frame_file("coordination", "labels")],
    items=_items,
    check=_check,
    sections=("coordination",),
)
