"""What holds for any weights: relabelling, normalisation, round trips, scale."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shuyi.weights import (
    Weights,
    build_economic,
    build_inverse_distance,
    build_knn,
    from_csv_text,
    great_circle_km,
    metadata,
    to_csv_text,
)

CLOSE = 1e-12
"""Relative rounding of sums of at most twelve numbers."""
EIGEN = 1e-8
"""Eigenvalues of matrices that are not symmetric."""


@st.composite
def located(draw):
    n = draw(st.integers(5, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = tuple(f"u{i}" for i in range(n))
    points = rng.uniform((18, 75), (53, 134), (n, 2)).tolist()
    return labels, dict(zip(labels, map(tuple, points), strict=True)), rng


@given(located())
def test_relabelling_permutes_rows_and_columns(case):
    labels, points, rng = case
    order = rng.permutation(len(labels))
    shuffled = tuple(labels[i] for i in order)
    levels = dict(zip(labels, rng.gamma(2.0, size=len(labels)), strict=True))
    for build in (
        lambda names: build_inverse_distance(names, points),
        lambda names: build_knn(names, points, k=3),
        lambda names: build_economic(names, levels),
    ):
        np.testing.assert_array_equal(build(shuffled).to_dense(), build(labels).reindex(shuffled).to_dense())


@given(located())
def test_distances_are_a_metric(case):
    labels, points, _ = case
    d = great_circle_km(labels, points)
    np.testing.assert_array_equal(d, d.T)
    assert (d[:, :, None] <= d[:, None, :] + d.T[None, :, :] + 1e-6).all()


@given(located(), st.sampled_from(["none", "row", "spectral"]))
def test_csv_restores_every_bit(case, normalisation):
    labels, points, _ = case
    w = build_inverse_distance(labels, points, power=2).normalise(normalisation)
    again = from_csv_text(to_csv_text(w), metadata(w))
    np.testing.assert_array_equal(again.to_dense(), w.to_dense())


@given(located(), st.floats(1e-3, 1e3))
def test_normalisation_forgets_scale(case, scale):
    labels, points, _ = case
    w = build_inverse_distance(labels, points)
    scaled = Weights(w.to_dense() * scale, labels)
    for normalisation in ("row", "spectral"):
        np.testing.assert_allclose(
            scaled.normalise(normalisation).to_dense(), w.normalise(normalisation).to_dense(), rtol=CLOSE
        )


@given(located())
def test_eigenvalues_of_row_standardised_weights_equal_the_general_routine(case):
    labels, points, _ = case
    for w in (build_inverse_distance(labels, points).normalise("row"), build_knn(labels, points, k=3)):
        expected = np.linalg.eigvals(w.to_dense())
        np.testing.assert_allclose(np.sort(w.eigenvalues.real), np.sort(expected.real), atol=EIGEN)


@given(located())
def test_nearest_neighbours_are_nearer_than_the_others(case):
    labels, points, _ = case
    d = great_circle_km(labels, points)
    near = build_knn(labels, points, k=3).to_dense() > 0
    np.fill_diagonal(d, np.nan)
    assert (
        np.nanmax(np.where(near, d, np.nan), axis=1) <= np.nanmin(np.where(near, np.nan, d), axis=1)
    ).all()
