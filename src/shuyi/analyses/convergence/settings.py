"""Sigma, beta and club convergence: the declaration of the analysis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shuyi.analyses.base import PANEL, Analysis, Draft, Paper, items, weights_file
from shuyi.analyses.checks import check_row_weights, check_variables
from shuyi.schema import Problem

FRAMES = ("sigma", "sigma_trends", "beta", "spatial_beta", "beta_null", "clubs", "club_tests", "paths")
MIN_YEARS = 5
"""Years that a trend of dispersion and the log t test need at least."""


def _reads(paper: Paper) -> dict[str, str]:
    return {"neighbours": weights_file(paper.config["convergence"]["weights"])}


def _settings(paper: Paper) -> dict[str, Any]:
    return {
        **paper.config["convergence"],
        "regions": paper.region_schemes[0],
        "seed": paper.config["seed"],
    }


def _variables(config: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], str]]:
    for key in ("variables", "controls"):
        yield from ((("convergence", key, i), name) for i, name in enumerate(config["convergence"][key]))
    yield from ((("convergence", "clubs", name), name) for name in config["convergence"]["clubs"])


def _check(draft: Draft) -> list[Problem]:
    config = draft.config["convergence"]
    twice = sorted(set(config["controls"]) & set(config["variables"]))
    return [
        *check_variables(draft, _variables(draft.config)),
        *(
            Problem(draft.file, "convergence.controls", name, "variables whose convergence is not studied")
            for name in twice
        ),
        *check_row_weights(draft, ("convergence", "weights")),
        *_check_years(draft),
    ]


def _check_years(draft: Draft) -> list[Problem]:
    (first, last), span = draft.span, draft.config["convergence"]["span"]
    problems = []
    if last - first + 1 < MIN_YEARS:
        allowed = f"at least {MIN_YEARS} years, which a trend of dispersion needs"
        problems.append(Problem(draft.file, "panel.last_year", f"{first} to {last}", allowed))
    if span > (last - first) // 2:
        allowed = f"at most {(last - first) // 2}, for two intervals from {first} to {last}"
        problems.append(Problem(draft.file, "convergence.span", str(span), allowed))
    elif (last - first) % span:
        allowed = f"a divisor of {last - first}, the years from {first} to {last}"
        problems.append(Problem(draft.file, "convergence.span", str(span), allowed))
    return problems


ANALYSIS = Analysis(
    "convergence",
    inputs=lambda paper: {"panel": PANEL, **_reads(paper)},
    settings=_settings,
    frames=lambda paper: FRAMES,
    reads=_reads,
    items=lambda paper: (
        *items("table", "convergence", "convergence_clubs"),
        *items("figure", "sigma_by_year", "transition_paths"),
        *items("map", "club_map"),
    ),
    check=_check,
    variables=_variables,
    sections=("convergence",),
)
