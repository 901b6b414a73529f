"""The spillover ledger and the verdicts by weights: the declaration of the analysis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shuyi.analyses.base import PANEL, Analysis, Draft, Files, Paper, frame_file, items, weights_file
from shuyi.analyses.checks import check_names
from shuyi.schema import Problem
from shuyi.spatialpanel.models import MODELS

FRAMES = ("ledger", "matrix", "blocks", "groups", "verdicts", "parameters")


def _has_actual(paper: Paper) -> bool:
    """Return whether coefficients can differ by tier of the sender: in a spatial Durbin model."""
    return paper.headline.model == "sdm" and _has_tiers(paper)


def _inputs(paper: Paper) -> dict[str, Files]:
    headline = paper.headline
    return {
        "panel": PANEL,
        "neighbours": weights_file(headline.weights),
        "weights": [weights_file(name) for name in paper.config["ledger"]["weights"]],
        **({"tiers": frame_file("tiers", "tiers")} if _has_tiers(paper) else {}),
    }


def _has_tiers(paper: Paper) -> bool:
    return "tiers" in paper.config


def _settings(paper: Paper) -> dict[str, Any]:
    estimation = paper.config["estimation"]
    return {
        "term": paper.config["ledger"]["term"],
        "names": paper.config["ledger"]["weights"],
        "covariance": paper.config["ledger"]["covariance"],
        "multiplicity": paper.config["ledger"]["multiplicity"],
        "specification": paper.headline.to_dict(),
        "excluded": paper.excluded(paper.headline.id),
        "regions": paper.region_schemes[0],
        "draws": estimation["draws"],
        "level": estimation["confidence"],
        "seed": paper.config["seed"],
    }


def _check(draft: Draft) -> list[Problem]:
    config = draft.config
    headline = next((r for r in draft.rows if r.get("id") == config["estimation"]["headline"]), None)
    named: list[Any] = [
        (("ledger", "weights", i), name, config["weights"])
        for i, name in enumerate(config["ledger"]["weights"])
    ]
    if headline is not None:
        named.append((("ledger", "term"), config["ledger"]["term"], headline.get("regressors", "").split()))
    return [*check_names(draft, named), *_spillovers(draft, headline)]


def _spillovers(draft: Draft, headline: Mapping[str, str] | None) -> list[Problem]:
    """Return the problem of a headline without spillovers, which leave nothing to book."""
    model = (headline or {}).get("model", "")
    if headline is None or model not in MODELS or MODELS[model].terms.spills_over:
        return []
    spread = [name for name, each in MODELS.items() if each.terms.spills_over]
    found = f"{headline['id']!r}, a row of model {model}, which has no spillovers"
    allowed = f"the id of a row of model {', '.join(spread)}"
    hint = 'or put "ledger" into analyses.off; what needs it is then off too'
    return [Problem(draft.file, "estimation.headline", found, allowed, hint)]


ANALYSIS = Analysis(
    "ledger",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: (*FRAMES, "actual") if _has_actual(paper) else FRAMES,
    reads=lambda paper: {
        "fit": f"results/fits/{paper.headline.id}.json",
        "told": f"results/caveats/{paper.headline.id}.json",
        "neighbours": weights_file(paper.headline.weights),
    },
    words=lambda paper: [frame_file("tiers", "labels")] if _has_tiers(paper) else [],
    items=lambda paper: (
        *items("table", "ledger", *(["ledger_actual"] if _has_actual(paper) else [])),
        *items("table", "ledger_groups", "verdicts"),
        *items("map", "ledger_map"),
        *items("figure", "effect_matrix", "indirect_by_weights"),
    ),
    check=_check,
    sections=("ledger", "estimation"),
    needs=("estimation",),
    uses=("tiers",),
)
