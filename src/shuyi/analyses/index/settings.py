"""The digital index, its schemes and weightings, and the ranks they give: the declaration of the analysis."""

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
    Paper,
    frame_file,
    items,
    scheme_file,
)
from shuyi.analyses.checks import check_years
from shuyi.schema import Problem

FRAMES = ("scores", "summary", "stability", "intervals", "labels")


def _inputs(paper: Paper) -> dict[str, Files]:
    schemes = [f"config/indices/{name}.yaml" for name in paper.index_schemes]
    return {"panel": CLEAN, "caveats": CAVEATS, "schemes": schemes, "schema": SCHEME_SCHEMA}


def _reads(paper: Paper) -> dict[str, str]:
    return {
        "panel": PANEL,
        "indicators": "results/data/index_weights.csv",
        "scheme": scheme_file(paper),
        "schema": SCHEME_SCHEMA,
    }


def _settings(paper: Paper) -> dict[str, Any]:
    return {
        "index": {key: paper.config["index"][key] for key in ("scheme", "weighting")},
        "rankings": paper.config["rankings"],
        "seed": paper.config["seed"],
        "variables": paper.variables,
        "years": [paper.years[0], paper.years[-1]],
        "map": {key: paper.config["maps"][key] for key in ("years", "classification", "classes")},
    }


def _check(draft: Draft) -> list[Problem]:
    return check_years(draft, "maps")


ANALYSIS = Analysis(
    "index",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: FRAMES,
    words=lambda paper: [frame_file("index", "labels")],
    reads=_reads,
    items=lambda paper: (
        *items("table", "index_weights", "index_schemes", "rank_stability", "ranks"),
        *items("map", "index_map"),
        *items("figure", "rank_intervals"),
    ),
    check=_check,
    sections=("index", "rankings", "maps"),
)
