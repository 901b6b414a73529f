"""Variables, descriptive statistics and correlations: the declaration of the analysis."""

from __future__ import annotations

from typing import Any

from shuyi.analyses.base import PANEL, Analysis, Paper, items, scheme_files


def _reads(paper: Paper) -> dict[str, str]:
    return {
        "panel": PANEL,
        "clean": "results/data/clean.json",
        **({"indicators": "results/data/index_weights.csv"} if paper.has_index else {}),
        **scheme_files(paper),
    }


def _settings(paper: Paper) -> dict[str, Any]:
    headline = paper.headline
    return {
        "outcomes": paper.outcomes,
        "controls": paper.controls,
        "outcome": headline.outcome,
        "regressors": headline.regressors,
        "effects": headline.effects,
    }


ANALYSIS = Analysis(
    "description",
    settings=_settings,
    reads=_reads,
    items=lambda paper: items("table", "variables", "descriptive_statistics", "correlations"),
)
