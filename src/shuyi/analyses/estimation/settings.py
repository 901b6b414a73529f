"""Specification tests, estimates and effects of the specification sheet: the declaration of the analysis.

Its estimates are files of their own (`workflow/rules/estimation.smk`), because other analyses
read them one by one.
"""

from __future__ import annotations

from typing import Any

from shuyi.analyses.base import Analysis, Files, Item, Paper, items, weights_file
from shuyi.spatialpanel.models import MODELS

ESTIMATES, EFFECTS = "estimates", "effects"


def table_name(kind: str, table: str, paper: Paper) -> str:
    """Return the name of a table of estimates or effects: the headline's is named by its kind alone.

    Parameters
    ----------
    kind : str
        ``"estimates"`` or ``"effects"``.
    table : str
        Number of a table, as the sheet writes it.
    paper : Paper
        What the configuration and the sheet ask for.

    Returns
    -------
    str
        Name of a table.
    """
    return kind if table == paper.tables_of_estimates[0] else f"{kind}_{table}"


def _reads(paper: Paper) -> dict[str, Files]:
    headline, tables = paper.headline, paper.tables_of_estimates
    used = dict.fromkeys(name for t in tables for name in paper.table_weights(t))
    specs, with_effects = _ids(paper), _with_effects(paper)
    return {
        "tests": f"results/tests/{headline.id}.csv",
        "fits": [f"results/fits/{spec}.json" for spec in specs],
        "effects": [f"results/effects/{spec}.csv" for spec in with_effects],
        "weights": [weights_file(name) for name in used],
        "told": [f"results/caveats/{spec}.json" for spec in specs],
        **({"answer": "results/answer.json"} if _is_answered(paper) else {}),
        "checked": [f"results/checks/{check}.json" for check in ("weights", "spreg", "effects")],
    }


def _is_answered(paper: Paper) -> bool:
    """Return whether the run has the analysis that the answer rests on."""
    off = "robustness" in paper.config["analyses"]["off"] or "robustness" not in paper.config
    return not off and MODELS[paper.headline.model].terms.spills_over


def _ids(paper: Paper) -> list[str]:
    return [spec for table in paper.tables_of_estimates for spec in paper.table(table)]


def _with_effects(paper: Paper) -> list[str]:
    return [spec for table in paper.tables_of_estimates for spec in paper.effects_of(table)]


def _settings(paper: Paper) -> dict[str, Any]:
    tables = paper.tables_of_estimates
    return {
        "headline": paper.headline.to_dict(),
        "tables": [
            {
                ESTIMATES: table_name(ESTIMATES, table, paper),
                EFFECTS: table_name(EFFECTS, table, paper),
                "part": "" if table == tables[0] else table,
                "columns": {spec: paper.row(spec).column for spec in paper.table(table)},
                "with_effects": list(paper.effects_of(table)),
                "weights": list(paper.table_weights(table)),
            }
            for table in tables
        ],
        "answered": _is_answered(paper),
        "fits": _ids(paper),
        "effects": _with_effects(paper),
        "weights": list(dict.fromkeys(name for t in tables for name in paper.table_weights(t))),
        "permutations": paper.config["moran"]["permutations"],
        "seed": paper.config["seed"],
        "added": paper.config["weights"][paper.headline.weights].get("links", []),
    }


def _items(paper: Paper) -> tuple[Item, ...]:
    first, *own = paper.tables_of_estimates
    shown = [
        Item(table_name(kind, table, paper), "table", kind, table)
        for table in own
        for kind in (ESTIMATES, *([EFFECTS] if paper.effects_of(table) else []))
    ]
    return (
        *items("map", "weights_map"),
        *items("table", "specification_tests", ESTIMATES),
        *(items("table", EFFECTS) if paper.effects_of(first) else ()),
        *shown,
        *(items("figure", "effects_figure") if paper.headline.id in paper.effects_of(first) else ()),
    )


ANALYSIS = Analysis(
    "estimation",
    settings=_settings,
    reads=_reads,
    items=_items,
    sections=("estimation", "samples", "weights"),
)
