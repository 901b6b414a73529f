"""What the job of the paper reads, and the plain values that its text is computed with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Files, Item, scheme_file, weights_file
from shuyi.analyses.paper.settings import paper_paths
from shuyi.analyses.registry import FIRST

if TYPE_CHECKING:
    from shuyi.pipeline.config import Run

STYLES = {"en": "chicago-author-date", "zh": "gb-7714-2015-author-date"}
"""Style of citations where the configuration names none."""
ANSWER = "results/answer.json"


def paper_files(run: Run) -> dict[str, Files]:
    """Return the files that the paper is made of, by name.

    Parameters
    ----------
    run : Run
        With its analyses.

    Returns
    -------
    dict
        Path or paths by name.
    """
    headline, named = run.headline.id, {key: path for key, (path, _) in paper_paths(run.config).items()}
    effects = {"effects": f"results/effects/{headline}.csv"} if headline in run.with_effects else {}
    return {
        "template": named["template"],
        "bibliography": named["bibliography"],
        "style": [named["style"]] if "style" in named else [],
        "fit": f"results/fits/{headline}.json",
        "told": f"results/caveats/{headline}.json",
        "tests": f"results/tests/{headline}.csv",
        **effects,
        **({"answer": ANSWER} if _is_answered(run) else {}),
        "weights": weights_file(run.headline.weights),
        "weights_summary": "results/weights/summary.csv",
        "index": "results/data/index.json",
        "index_weights": "results/data/index_weights.csv",
        "imputed": "results/data/imputed_cells.csv",
        "scheme": scheme_file(run),
        "frames": [path for paths in _frames(run).values() for path in paths.values()],
        **_shown(run),
    }


def paper_settings(run: Run, titles: Mapping[str, str]) -> dict[str, Any]:
    """Return the plain values that the text of the paper is computed with.

    Parameters
    ----------
    run : Run
        With its analyses.
    titles : mapping of str to str
        Title of each table and figure by name.

    Returns
    -------
    dict
        Settings of `shuyi.analyses.paper.values.paper_values`, and ``frames``: paths by analysis and frame.
    """
    analysis_of = {item.name: analysis.id for analysis in run.analyses for item in analysis.items(run)}
    style = run.config["paper"]["style"]
    return {
        "headline": run.headline.to_dict(),
        "sheet": [row.to_dict() for row in run.sheet],
        "term": run.config["robustness"]["term"],
        **{key: run.config[key] for key in ("estimation", "panel", "seed")},
        "style": style or STYLES[run.config["language"]],
        "style_file": "style" in paper_paths(run.config),
        "has": [name for name in ("effects", "answer") if name in paper_files(run)],
        "frames": _frames(run),
        "first": [item.name for item in run.items if (item.part_of or item.name) in FIRST],
        "items": [
            {
                "name": item.name,
                "kind": item.kind,
                "title": titles[item.name],
                "base": item.part_of or item.name,
                "analysis": analysis_of[item.name],
            }
            for item in run.items
        ],
    }


def _is_answered(run: Run) -> bool:
    from shuyi.analyses.robustness.settings import has_answer

    return run.is_on("robustness") and has_answer(run)


def _frames(run: Run) -> dict[str, dict[str, str]]:
    return {analysis.id: analysis.outputs(run) for analysis in run.analyses if analysis.outputs(run)}


def _shown(run: Run) -> dict[str, list[str]]:
    """Return the files of tables and figures in the forms that PDF and Word take."""
    tables = [item for item in run.items if item.kind == "table"]
    figures = [item for item in run.items if item.kind != "table"]
    return {
        "tables": [_file(item, ".typ") for item in tables],
        "documents": [_file(item, ".docx") for item in tables],
        "figures": [_file(item, ".svg") for item in figures],
        "pictures": [_file(item, ".png") for item in figures],
    }


def _file(item: Item, suffix: str) -> str:
    return next(file for file in item.files if file.endswith(suffix))
