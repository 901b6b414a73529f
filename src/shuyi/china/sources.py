"""What weights of the provinces are built from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from shuyi.china import provinces
from shuyi.weights import Sources

if TYPE_CHECKING:
    from shuyi.panel import Panel
    from shuyi.weights.build import Groups


def province_sources(
    adjacency: Iterable[Mapping[str, str]],
    panel: Panel | None = None,
    files: Mapping[str, str] | None = None,
) -> Sources:
    """Return the sources of weights for the provinces of the sample, by code.

    Parameters
    ----------
    adjacency : iterable of mapping
        Rows of the adjacency table, with ``adcode_i`` and ``adcode_j``.
    panel : Panel, optional
        Levels for economic weights.
    files : mapping, optional
        Text of users' weights tables by path; they may name provinces in any form the registry knows.

    Returns
    -------
    Sources
        With the land borders, the capitals, every region scheme, and ``clusters``, which may overlap.
    """
    schemes: dict[str, Groups] = {s: provinces.region_scheme(s) for s in provinces.REGION_SCHEMES}
    return Sources(
        labels=provinces.codes(),
        borders=[(row["adcode_i"], row["adcode_j"]) for row in adjacency],
        coordinates=provinces.coordinates_of_capitals(),
        panel=panel,
        groups={**schemes, "clusters": {p.code: p.clusters for p in provinces.sample()}},
        files=files or {},
        resolve=provinces.resolve_code,
    )
