"""What weights between provinces are built from: borders, capitals, schemes of regions and clusters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from shuyi.china import provinces
from shuyi.weights.spec import Groups, Sources

if TYPE_CHECKING:
    from shuyi.panel import Panel


def province_sources(
    adjacency: Iterable[Mapping[str, str]],
    panel: Panel | None = None,
    files: Mapping[str, str] | None = None,
) -> Sources:
    """Return the sources of weights between the provinces of the registry, by code.

    Parameters
    ----------
    adjacency : iterable of mappings
        Rows of the adjacency table, with ``adcode_i`` and ``adcode_j``.
    panel : Panel, optional
    files : mapping, optional
        Text of users' weights tables by path; they may name provinces in any form the registry knows.

    Returns
    -------
    Sources
    """
    sample = provinces.sample()
    schemes: dict[str, Groups] = {s: provinces.region_scheme(s) for s in provinces.REGION_SCHEMES}
    return Sources(
        labels=provinces.codes(),
        borders=[(row["adcode_i"], row["adcode_j"]) for row in adjacency],
        coordinates=provinces.coordinates_of_capitals(),
        panel=panel,
        groups={**schemes, "clusters": {p.code: p.clusters for p in sample}},
        files=files or {},
        resolve=lambda name: provinces.resolve(name).code,
    )
