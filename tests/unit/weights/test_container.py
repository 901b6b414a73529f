"""The weights container: labels, normalisation, alignment, eigenvalues, conversions and refusals."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from shuyi.errors import AlignmentError, WeightsError
from shuyi.weights import Weights, check_aligned

EXACT = 1e-14
"""A handful of additions and one division."""
EIGEN = 1e-12
"""LAPACK on matrices of order four."""

PATH = np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], dtype=float)
LABELS = ("a", "b", "c", "d")


def path() -> Weights:
    return Weights(PATH.copy(), LABELS, "contiguity", definition={"islands": "refuse"})


def test_row_standardised_path_has_known_rows_and_eigenvalues():
    w = path().normalise("row")
    np.testing.assert_allclose(w.to_dense()[1], [0.5, 0, 0.5, 0], atol=EXACT)
    np.testing.assert_allclose(w.eigenvalues, [-1, -0.5, 0.5, 1], atol=EIGEN)
    np.testing.assert_allclose(w.eigenvalue_interval, (-1, 1), atol=EIGEN)


def test_spectral_normalisation_divides_by_the_spectral_radius():
    w = path().normalise("spectral")
    np.testing.assert_allclose(w.to_dense(), PATH / ((1 + np.sqrt(5)) / 2), atol=EIGEN)


def test_asymmetric_weights_have_complex_eigenvalues_of_numpy():
    ring = np.roll(np.eye(4), 1, axis=1)
    found = Weights(ring, LABELS).eigenvalues
    np.testing.assert_allclose(sorted(found.imag), [-1, 0, 0, 1], atol=EIGEN)


def test_weights_are_frozen_and_transformations_keep_the_definition():
    w = path()
    with pytest.raises(ValueError, match="read-only"):
        w.matrix[0, 1] = 2
    with pytest.raises(TypeError):
        w.definition["islands"] = "keep"
    for other in (w.normalise("row"), w.reindex(LABELS[::-1]), w.subset(LABELS[:3])):
        assert other.definition == {"islands": "refuse"}


def test_reindex_carries_rows_and_columns():
    w = path().reindex(("d", "b", "a", "c"))
    frame = w.to_frame()
    pd.testing.assert_frame_equal(frame.loc[list(LABELS), list(LABELS)], path().to_frame())


def test_subset_normalises_anew():
    w = path().normalise("row").subset(("a", "b", "d"))
    np.testing.assert_allclose(w.row_sums, [1, 1, 0], atol=EXACT)
    assert w.islands == ("d",)
    assert "1 island (d)" in repr(w)


def test_lag_agrees_between_dense_and_sparse():
    values = np.arange(24.0).reshape(2, 4, 3)
    sparse = Weights.from_sparse(csr_array(PATH), LABELS)
    expected = np.einsum("ij,tjk->tik", PATH, values)
    for w in (path(), sparse):
        np.testing.assert_allclose(w.lag(values), expected, atol=EXACT)
        np.testing.assert_allclose(w.lag(values[:, :, 0]), expected[:, :, 0], atol=EXACT)


@pytest.mark.parametrize("labels", [("10", "9", "b", "a"), LABELS])
def test_conversions_to_libpysal_and_back_keep_labels_and_entries(labels):
    w = Weights(PATH.copy(), labels)
    graph = w.to_graph()
    for peer in (graph, graph.to_W(), w.to_frame()):
        pd.testing.assert_frame_equal(Weights.coerce(peer).reindex(labels).to_frame(), w.to_frame())


def test_island_survives_the_conversion_to_libpysal():
    w = Weights(np.pad(PATH, (0, 1)), (*LABELS, "e"))
    assert Weights.from_graph(w.to_graph()).islands == ("e",)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.ones((2, 3)), "square"),
        (np.eye(4), "diagonal"),
        (-PATH, "not negative"),
        (np.where(PATH > 0, np.nan, 0), "finite"),
    ],
)
def test_inadmissible_matrices_are_refused(matrix, message):
    with pytest.raises(WeightsError, match=message):
        Weights(matrix, LABELS)


def test_refusals_name_labels():
    with pytest.raises(WeightsError, match="repeated: a"):
        Weights(PATH, ("a", "a", "b", "c"))
    with pytest.raises(AlignmentError, match="not in the weights: e"):
        path().reindex(("a", "b", "c", "e"))
    with pytest.raises(AlignmentError, match="another order"):
        check_aligned(LABELS[::-1], path())
    with pytest.raises(WeightsError, match="did you mean 'spectral'"):
        path().normalise("spektral")
    with pytest.raises(WeightsError, match="labels"):
        Weights.coerce(PATH)
    with pytest.raises(WeightsError, match="same order"):
        Weights.from_frame(path().to_frame()[["b", "a", "c", "d"]])
