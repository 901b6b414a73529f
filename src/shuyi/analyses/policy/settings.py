"""Effects of digital policies: the declaration of the analysis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shuyi.analyses.base import LONG, Analysis, Draft, Files, Paper, items, weights_file
from shuyi.analyses.checks import check_known_weights, check_names
from shuyi.schema import Problem

POLICIES = "data/policy/policies.csv"
FRAMES = ("effects", "units", "events", "before", "designs", "overlap", "synthetic", "donors")


def _settings(paper: Paper) -> dict[str, Any]:
    return {
        **paper.config["policy"],
        "level": paper.config["estimation"]["confidence"],
        "seed": paper.config["seed"],
        "last_year": paper.years[-1],
    }


def _check(draft: Draft) -> list[Problem]:
    section = draft.config["policy"]
    named: list[Any] = [(("policy", "headline"), section["headline"], section["designs"])]
    named.append((("policy", "synthetic", "design"), section["synthetic"]["design"], section["designs"]))
    return [*check_names(draft, named), *check_known_weights(draft, ("policy", "weights"))]


def _variables(config: Mapping[str, Any]) -> Iterable[tuple[tuple[Any, ...], str]]:
    yield ("policy", "outcome"), config["policy"]["outcome"]
    for name, variant in config["policy"]["variants"].items():
        if "outcome" in variant:
            yield ("policy", "variants", name, "outcome"), variant["outcome"]


def _inputs(paper: Paper) -> dict[str, Files]:
    return {"panel": LONG, "policies": POLICIES, "weights": weights_file(paper.config["policy"]["weights"])}


ANALYSIS = Analysis(
    "policy",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: FRAMES,
    reads=lambda paper: {
        "policies": POLICIES,
        "weights": weights_file(paper.config["policy"]["weights"]),
    },
    items=lambda paper: (
        *items("table", "policy_effects", "policy_designs", "policy_overlap"),
        *items("figure", "policy_events", "policy_synthetic"),
    ),
    check=_check,
    variables=_variables,
    sections=("policy", "estimation"),
)
