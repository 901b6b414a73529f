"""Global and local spatial autocorrelation: the declaration of the analysis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shuyi.analyses.base import PANEL, Analysis, Draft, Files, Item, Paper, items, weights_file
from shuyi.analyses.checks import check_known_weights, check_names, check_variables, check_years
from shuyi.schema import Problem


def lisa_frame(variable: str) -> str:
    """Return the name of the frame of a variable's local statistics.

    Parameters
    ----------
    variable : str
        Name of the panel variable.

    Returns
    -------
    str
        Name of a frame.
    """
    return f"lisa_{variable}"


def _inputs(paper: Paper) -> dict[str, Files]:
    local = paper.config["lisa"]["weights"]
    return {"panel": PANEL, **_reads(paper), "neighbours": weights_file(local)}


def _reads(paper: Paper) -> dict[str, Files]:
    return {"weights": [weights_file(name) for name in paper.config["moran"]["weights"]]}


def _settings(paper: Paper) -> dict[str, Any]:
    return {key: paper.config[key] for key in ("moran", "lisa", "seed")}


def _of_variables(paper: Paper) -> list[str]:
    return list(paper.config["lisa"]["variables"])


def _items(paper: Paper) -> tuple[Item, ...]:
    maps = [Item(f"lisa_map_{v}", "map", "lisa_map", v) for v in _of_variables(paper)]
    scatters = [Item(f"moran_scatter_{v}", "figure", "moran_scatter", v) for v in _of_variables(paper)]
    return (*items("table", "moran"), *items("figure", "moran_by_year"), *scatters, *maps)


def _variables(config: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], str]]:
    for section in ("moran", "lisa"):
        yield from (((section, "variables", i), v) for i, v in enumerate(config[section]["variables"]))


def _check(draft: Draft) -> list[Problem]:
    config = draft.config
    named = [
        (("moran", "weights", i), w, config["weights"]) for i, w in enumerate(config["moran"]["weights"])
    ]
    return [
        *check_names(draft, named),
        *check_known_weights(draft, ("lisa", "weights")),
        *check_variables(draft, _variables(config)),
        *check_years(draft, "lisa"),
    ]


ANALYSIS = Analysis(
    "autocorrelation",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: ("moran", *map(lisa_frame, _of_variables(paper))),
    reads=_reads,
    items=_items,
    check=_check,
    variables=_variables,
    sections=("moran", "lisa"),
)
