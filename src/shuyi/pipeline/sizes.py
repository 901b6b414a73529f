"""The memory that a run's random draws take, estimated before any job starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shuyi.arguments import MAX_BYTES
from shuyi.china.places import PLACES
from shuyi.schema import Problem, dotted

FLOAT = 8
"""Bytes of one number."""
CONFIG = "config/config.yaml"
Path = tuple[str, str]


def bytes_per_draw(config: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> dict[Path, int]:
    """Return the bytes that one draw takes at least, by the setting that says how many there are.

    Parameters
    ----------
    config : mapping
        The configuration; sections that are not sound may be left out.
    rows : sequence of mapping
        The specification sheet as text.

    Returns
    -------
    dict of (str, str) to int
        Bytes by section and key.
    """
    n = len(PLACES.codes)
    regressors = max((len(row.get("regressors", "").split()) for row in rows), default=1)
    sizes = {
        # parameters, and direct, indirect and total effect of every regressor
        ("estimation", "draws"): FLOAT * (4 * regressors + 2 + 3 * regressors),
        # ranks and scores of every province
        ("rankings", "draws"): FLOAT * 6 * n,
        # values of a province and of its neighbours
        ("inequality", "permutations"): FLOAT * 3 * n,
        # one number per weights, variable and year
        ("moran", "permutations"): FLOAT,
        # a value and a position for every neighbour of a province
        ("lisa", "permutations"): 2 * FLOAT,
        # the order of provinces before and after
        ("dynamics", "permutations"): 2 * FLOAT * n,
    }
    if {"panel", "robustness"} <= {*config}:
        years = config["panel"]["last_year"] - config["panel"]["first_year"] + 1
        # a panel of random walks and its increments
        sizes["robustness", "draws"] = FLOAT * 2 * n * max(years, 1)
    return {path: size for path, size in sizes.items() if path[0] in config}


def check_sizes(config: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> list[Problem]:
    """Check that the random draws of a run fit into memory.

    Parameters
    ----------
    config : mapping
        Sections of a configuration that passed their schema.
    rows : sequence of mapping
        The specification sheet as text.

    Returns
    -------
    list of Problem
        One for each setting that asks for more than `shuyi.arguments.MAX_BYTES`.
    """
    problems = []
    for (section, key), size in bytes_per_draw(config, rows).items():
        count = config[section][key]
        if count * size > MAX_BYTES:
            found = f"{count}, which takes {count * size / 2**30:,.0f} GiB of memory or more"
            allowed = f"at most {MAX_BYTES // size}, which take {MAX_BYTES / 2**30:g} GiB"
            problems.append(Problem(CONFIG, dotted((section, key)), found, allowed))
    return problems
