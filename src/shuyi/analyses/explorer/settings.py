"""The explorer, a page for the browser: the declaration of the analysis.

Its page is made by a job of its own (`workflow/rules/explorer.smk`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shuyi.analyses.base import PANEL, Analysis, Files, Paper, frame_file, weights_file

ID = "explorer"
PAGE = "results/explorer/index.html"
SCENARIOS = "results/explorer/scenarios.csv"
CURVE = ("curve", "results/curve/estimates.csv")
"""The analysis that estimates every specification, and its file."""


def inputs(paper: Paper, is_on: Callable[[str], bool]) -> dict[str, Files]:
    """Return the files that the page is made from, as far as the run makes them.

    Parameters
    ----------
    paper : Paper
        The run.
    is_on : callable
        Whether the run has an analysis.

    Returns
    -------
    dict of str to str or sequence of str
        Paths by name.
    """
    found: dict[str, Files] = {
        "panel": PANEL,
        "weights": [weights_file(name) for name in paper.config["weights"]],
        "fits": [f"results/fits/{row.id}.json" for row in paper.sheet],
        "effects": [f"results/effects/{spec}.csv" for spec in with_effects(paper)],
        "told": f"results/caveats/{paper.headline.id}.json",
    }
    if is_on("ledger"):
        for name in ("parameters", "verdicts"):
            found[name] = frame_file("ledger", name)
        found["tiers"] = frame_file("tiers", "tiers")
    if is_on("robustness"):
        found["robustness"] = frame_file("robustness", "effects")
    if is_on(CURVE[0]):
        found["curve"] = CURVE[1]
    return found


def words(paper: Paper, is_on: Callable[[str], bool]) -> list[str]:
    """Return the files of words that come with the data.

    Parameters
    ----------
    paper : Paper
        The run.
    is_on : callable
        Whether the run has an analysis.

    Returns
    -------
    list of str
        Paths.
    """
    return [frame_file(name, "labels") for name in ("index", "tiers") if is_on(name)]


def with_effects(paper: Paper) -> tuple[str, ...]:
    """Return the specifications that have direct and indirect effects.

    Parameters
    ----------
    paper : Paper
        The run.

    Returns
    -------
    tuple of str
        Ids, table by table.
    """
    return tuple(spec for table in paper.tables_of_estimates for spec in paper.effects_of(table))


def settings(paper: Paper, is_on: Callable[[str], bool]) -> dict[str, Any]:
    """Return the plain values that the page is made with.

    Parameters
    ----------
    paper : Paper
        The run.
    is_on : callable
        Whether the run has an analysis.

    Returns
    -------
    dict
        Value by name.
    """
    estimation, ledger = paper.config["estimation"], paper.config["ledger"]
    return {
        "parts": [name for name in ("ledger", "robustness", CURVE[0]) if is_on(name)],
        "weights": list(paper.config["weights"]),
        "sheet": [row.to_dict() for row in paper.sheet],
        "with_effects": list(with_effects(paper)),
        "headline": paper.headline.id,
        "excluded": list(paper.excluded(paper.headline.id)),
        "term": ledger["term"],
        "covariance": ledger["covariance"],
        "index": paper.config["index"],
        "variables": list(dict.fromkeys([*paper.outcomes, *paper.controls])),
        "maps": {key: paper.config["maps"][key] for key in ("years", "classification", "classes")},
        "regions": paper.region_schemes[0],
        "scenarios": paper.config["explorer"]["scenarios"],
        "draws": estimation["draws"],
        "level": estimation["confidence"],
        "seed": paper.config["seed"],
    }


ANALYSIS = Analysis(ID, sections=("explorer", "maps"), needs=("estimation",))
