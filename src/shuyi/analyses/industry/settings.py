"""Location quotients, similarity and the negative list of the digital industries: the declaration."""

from __future__ import annotations

from typing import Any

from shuyi.analyses.base import CLEAN, Analysis, Draft, Paper, caveat_files, frame_file, items, weights_file
from shuyi.analyses.checks import check_covered, check_known_weights
from shuyi.analyses.industry.quotients import load_industry_rules
from shuyi.schema import Problem

RULES = "config/negative_list_rules.yaml"
SCHEMA = "workflow/schemas/negative_list_rules.schema.yaml"
FRAMES = ("industry", "similarity", "structure", "undecided", "skipped", "labels", "negative_list")


def _inputs(paper: Paper) -> dict[str, str]:
    return {
        "panel": CLEAN,
        **caveat_files(paper),
        "weights": weights_file(paper.config["industry"]["neighbours"]),
        "rules": RULES,
        "schema": SCHEMA,
    }


def _settings(paper: Paper) -> dict[str, Any]:
    return {**paper.config["industry"], "regions": paper.region_schemes[0], "year": paper.years[-1]}


def _check(draft: Draft) -> list[Problem]:
    problems = check_known_weights(draft, ("industry", "neighbours"))
    if draft.project is None or not draft.project.holds(RULES):
        return problems
    rules = load_industry_rules(draft.project.read(RULES), draft.project.read(SCHEMA), file=RULES)
    needed = [rules.base, *(column for sector in rules.sectors for column in sector.columns())]
    return problems + check_covered(draft, "industry", needed)


ANALYSIS = Analysis(
    "industry",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: FRAMES,
    words=lambda paper: [frame_file("industry", "labels")],
    items=lambda paper: (
        *items("table", "location_quotients", "industry_similarity", "negative_list"),
        *items("map", "industry_map"),
    ),
    check=_check,
    sections=("industry",),
)
