"""The register of facts: the declaration of the analysis."""

from __future__ import annotations

from shuyi.analyses.base import CLEAN, Analysis, items

ANALYSIS = Analysis(
    "facts",
    inputs=lambda paper: {
        "claims": "data/facts/claims.csv",
        "verified": "results/checks/registers.json",
        "panel": CLEAN,
    },
    frames=lambda paper: ("facts",),
    items=lambda paper: items("table", "facts"),
)
