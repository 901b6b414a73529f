"""Builders of weights: known distances and entries, rules for islands and ties, refusals."""

import numpy as np
import pytest

from shuyi.errors import WeightsError
from shuyi.weights import (
    Weights,
    build_band,
    build_block,
    build_contiguity,
    build_convex,
    build_economic,
    build_inverse_distance,
    build_knn,
    build_nested,
    great_circle_km,
)

EXACT = 1e-12
"""Double rounding of a few trigonometric functions, relative."""
DEGREE_KM = 2 * np.pi * 6371.0088 / 360

LABELS = ("a", "b", "c", "d")
EQUATOR = {"a": (0.0, 0.0), "b": (0.0, 1.0), "c": (0.0, 3.0), "d": (0.0, 7.0)}
BORDERS = [("a", "b"), ("c", "b")]


def entries(weights: Weights) -> dict[tuple[str, str], float]:
    dense = weights.to_dense()
    return {(weights.labels[i], weights.labels[j]): dense[i, j] for i, j in np.argwhere(dense)}


def test_great_circle_distances_on_the_equator_and_over_the_pole():
    distances = great_circle_km(LABELS, EQUATOR)
    np.testing.assert_allclose(distances[0], np.array([0, 1, 3, 7]) * DEGREE_KM, rtol=EXACT)
    over_the_pole = great_circle_km(("n", "m"), {"n": (80.0, 10.0), "m": (80.0, -170.0)})
    np.testing.assert_allclose(over_the_pole[0, 1], 20 * DEGREE_KM, rtol=EXACT)


def test_antipodes_are_half_a_circumference_apart():
    distances = great_circle_km(("n", "s"), {"n": (90.0, 0.0), "s": (-90.0, 33.0)})
    np.testing.assert_allclose(distances[0, 1], 180 * DEGREE_KM, rtol=EXACT)


def test_contiguity_is_binary_and_symmetric_with_named_links():
    w = build_contiguity(LABELS, BORDERS, links=[("d", "a")])
    pairs = [("a", "b"), ("b", "c"), ("a", "d")]
    assert entries(w) == {pair: 1.0 for i, j in pairs for pair in ((i, j), (j, i))}
    assert w.definition["links"] == [["d", "a"]]


def test_an_island_is_refused_linked_or_kept_by_rule():
    with pytest.raises(WeightsError, match=r"no neighbours(.|\n)*found: d(.|\n)*name a link"):
        build_contiguity(LABELS, BORDERS)
    linked = build_contiguity(LABELS, BORDERS, islands="link", coordinates=EQUATOR)
    assert linked.definition["linked_islands"] == [["d", "c"]]
    assert entries(linked)["d", "c"] == entries(linked)["c", "d"] == 1.0
    assert build_contiguity(LABELS, BORDERS, islands="keep").islands == ("d",)


def test_linking_an_island_needs_coordinates():
    with pytest.raises(WeightsError, match="needs coordinates"):
        build_contiguity(LABELS, BORDERS, islands="link")


def test_linked_island_of_distance_weights_gets_its_distance_weight():
    w = build_inverse_distance(LABELS, EQUATOR, cutoff_km=3 * DEGREE_KM + 1, islands="link")
    assert w.definition["linked_islands"] == [["d", "c"]]
    np.testing.assert_allclose(entries(w)["d", "c"], 1 / (4 * DEGREE_KM), rtol=EXACT)


@pytest.mark.parametrize("power", [1, 2, 0.5])
def test_inverse_distance_is_a_power_of_kilometres(power):
    w = build_inverse_distance(LABELS, EQUATOR, power=power)
    np.testing.assert_allclose(entries(w)["b", "d"], (6 * DEGREE_KM) ** -power, rtol=EXACT)
    assert w.nonzero == 12


def test_ring_excludes_its_lower_and_includes_its_upper_bound():
    distances = great_circle_km(LABELS, EQUATOR)
    w = build_band(LABELS, EQUATOR, lower_km=distances[0, 1], upper_km=distances[0, 2], islands="keep")
    assert set(entries(w)) == {("a", "c"), ("c", "a"), ("b", "c"), ("c", "b")}


def test_rings_partition_all_pairs():
    rings = [
        build_band(LABELS, EQUATOR, lower_km=low, upper_km=low + 300, islands="keep").to_dense()
        for low in range(0, 900, 300)
    ]
    np.testing.assert_array_equal(sum(rings), 1 - np.eye(4))


def test_nearest_neighbours_are_k_per_row_and_asymmetric():
    w = build_knn(LABELS, EQUATOR, k=1)
    assert entries(w) == {("a", "b"): 1, ("b", "a"): 1, ("c", "b"): 1, ("d", "c"): 1}


def test_ties_among_nearest_neighbours_go_to_the_smaller_label():
    points = {"m": (0.0, 0.0), "z": (0.0, 1.0), "k": (0.0, -1.0)}
    for labels in (("m", "z", "k"), ("k", "z", "m")):
        assert ("m", "k") in entries(build_knn(labels, points, k=1))


def test_block_weights_join_units_that_share_any_group():
    w = build_block(LABELS, {"a": ("x", "y"), "b": "x", "c": "y", "d": ""}, islands="keep")
    assert set(entries(w)) == {("a", "b"), ("b", "a"), ("a", "c"), ("c", "a")}
    with pytest.raises(WeightsError, match="found: d"):
        build_block(LABELS, {"a": "x", "b": "x", "c": "x"})


def test_economic_distance_and_its_ties():
    levels = {"a": 1.0, "b": 3.0, "c": 3.0, "d": 4.0}
    w = build_economic(LABELS, levels, ties="smallest_gap")
    found = entries(w)
    assert (found["a", "b"], found["b", "c"], found["a", "d"]) == (0.5, 1.0, 1 / 3)
    assert w.definition == {"ties": "smallest_gap", "tied_pairs": 1}
    with pytest.raises(WeightsError, match="b and c"):
        build_economic(LABELS, levels)
    with pytest.raises(WeightsError, match="must not be equal"):
        build_economic(LABELS, dict.fromkeys(LABELS, 1.0), ties="smallest_gap")


def test_nested_weights_scale_columns_by_relative_levels():
    geographic = build_inverse_distance(LABELS, EQUATOR)
    levels = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 6.0}
    w = build_nested(geographic, levels)
    np.testing.assert_allclose(
        w.to_dense(), geographic.to_dense() @ np.diag([1 / 3, 2 / 3, 1, 2]), rtol=EXACT
    )
    with pytest.raises(WeightsError, match="a = -1"):
        build_nested(geographic, {**levels, "a": -1.0})


def test_convex_weights_mix_row_standardised_parts_and_align_them():
    geographic = build_inverse_distance(LABELS, EQUATOR)
    economic = build_knn(LABELS[::-1], EQUATOR, k=2)
    w = build_convex(geographic, economic, share=0.25)
    parts = geographic.normalise("row"), economic.normalise("row").reindex(LABELS)
    np.testing.assert_allclose(w.to_dense(), 0.25 * parts[0].to_dense() + 0.75 * parts[1].to_dense())
    np.testing.assert_allclose(w.row_sums, 1.0, rtol=EXACT)
    with pytest.raises(WeightsError, match=r"share = 1\.5"):
        build_convex(geographic, economic, share=1.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: build_contiguity(LABELS, [("a", "e")]), "unit that the weights do not hold(.|\n)*found: e"),
        (lambda: build_contiguity(LABELS, BORDERS, links=[("a", "a")]), "two different units"),
        (lambda: build_contiguity(LABELS, BORDERS, islands="reject"), "one of refuse, link, keep"),
        (lambda: build_inverse_distance(LABELS, {**EQUATOR, "b": EQUATOR["a"]}), "a and b"),
        (lambda: build_inverse_distance(LABELS, EQUATOR, power=0), "power = 0"),
        (lambda: build_inverse_distance(LABELS, {"a": (0.0, 0.0)}), "missing: b, c, d"),
        (lambda: great_circle_km(("a",), {"a": (116.4, 39.9)}), "latitude first"),
        (lambda: great_circle_km(("a",), {"a": (float("nan"), 39.9)}), "out of range"),
        (lambda: build_knn(LABELS, EQUATOR, k=4), "from 1 to 3"),
        (lambda: build_band(LABELS, EQUATOR, lower_km=5, upper_km=5), "lower_km < upper_km"),
        (lambda: build_economic(LABELS, {"a": 1.0}), "missing: b, c, d"),
        (lambda: build_economic(("a", "b"), {"a": 1.0, "b": float("inf")}), "not finite: b"),
        (lambda: build_block(LABELS, {"q": "x"}), "found: q"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(WeightsError, match=message):
        call()
