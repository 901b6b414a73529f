"""Weights as text: exact round trips, peers that read the files, the summary, and users' tables."""

import json

import numpy as np
import pytest
from libpysal.graph import Graph, read_gal
from libpysal.io import open as libpysal_open

from shuyi import files
from shuyi.errors import AlignmentError, DataError, WeightsError
from shuyi.weights import (
    Weights,
    build_inverse_distance,
    from_csv_text,
    from_user_csv,
    metadata,
    summary,
    to_csv_text,
    to_gal_text,
    to_gwt_text,
)

DEGREE_KM = 2 * np.pi * 6371.0088 / 360
LABELS = ("110000", "120000", "130000", "460000")
POINTS = {"110000": (0.0, 0.0), "120000": (0.0, 1.0), "130000": (0.0, 3.0), "460000": (0.0, 7.0)}
STRUCTURE = np.array([[0, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]], dtype=float)
TABLE = "code,110000,120000,130000,460000\n110000,0,1,1,0\n120000,1,0,0,0\n130000,1,0,0,1\n460000,0,0,1,0\n"


def island() -> Weights:
    return Weights(STRUCTURE.copy(), LABELS, "contiguity", definition={"islands": "keep"})


def distances() -> Weights:
    return build_inverse_distance(LABELS, POINTS).normalise("row")


@pytest.mark.parametrize("normalisation", ["none", "row", "spectral"])
@pytest.mark.parametrize("make", [island, distances])
def test_csv_and_metadata_restore_weights_exactly(make, normalisation):
    w = make().normalise(normalisation)
    again = from_csv_text(to_csv_text(w), json.loads(json.dumps(metadata(w))))
    np.testing.assert_array_equal(again.to_dense(), w.to_dense())
    assert (again.labels, again.kind, again.normalisation) == (w.labels, w.kind, normalisation)
    assert again.definition == w.definition


def test_a_table_that_contradicts_its_description_is_refused():
    with pytest.raises(WeightsError, match="normalisation 'none', 4 links"):
        from_csv_text(TABLE, metadata(island()))
    with pytest.raises(WeightsError, match="row sums 2 to 2"):
        doubled = Weights(distances().to_dense() * 2, LABELS)
        from_csv_text(to_csv_text(doubled), metadata(distances()))


def test_metadata_holds_json_types_alone():
    about = metadata(island())
    assert about == json.loads(json.dumps(about, allow_nan=False))
    assert about["islands"] == ["460000"]
    empty = Weights(np.zeros((2, 2)), ("a", "b"))
    assert metadata(empty)["eigenvalue_interval"] == [None, None]


@pytest.mark.filterwarnings("ignore:The weights matrix is not fully connected")
def test_gal_is_read_by_libpysal_with_its_island(tmp_path):
    path = tmp_path / "weights.gal"
    path.write_text(to_gal_text(island()))
    graph, w = read_gal(path), libpysal_open(str(path)).read()
    assert dict(zip(graph.unique_ids.astype(str), graph.cardinalities, strict=True)) == dict(
        zip(LABELS, [2, 1, 1, 0], strict=True)
    )
    assert {str(k): sorted(v) for k, v in w.neighbors.items()} == {
        "110000": ["120000", "130000"],
        "120000": ["110000"],
        "130000": ["110000"],
        "460000": [],
    }


def test_gwt_is_read_by_libpysal_with_its_values(tmp_path):
    from libpysal.graph import read_gwt

    path = tmp_path / "weights.gwt"
    path.write_text(to_gwt_text(distances()))
    graph: Graph = read_gwt(path)
    np.testing.assert_array_equal(graph.sparse.toarray(), distances().to_dense())
    lines = to_gwt_text(island()).splitlines()
    assert lines[0].startswith("0 4 ")
    assert lines[1:] == ["110000 120000 1", "110000 130000 1", "120000 110000 1", "130000 110000 1"]


def test_labels_with_blanks_have_no_gal():
    with pytest.raises(WeightsError, match="'New York'"):
        to_gal_text(Weights(np.zeros((1, 1)), ("New York",)))


def test_labels_with_commas_survive_csv():
    w = Weights(np.array([[0, 1.0], [1.0, 0]]), ('a, "b"', "c"))
    assert from_csv_text(to_csv_text(w), metadata(w)).labels == w.labels


def test_summary_counts_links_and_measures_them():
    frame = summary({"contiguity": island(), "distance": distances()}, POINTS).set_index("weights")
    contiguity, distance = frame.loc["contiguity"], frame.loc["distance"]
    assert (contiguity.links, contiguity.islands, contiguity.components) == (4, "460000", 2)
    assert (contiguity.neighbours_min, contiguity.neighbours_mean, contiguity.neighbours_max) == (0, 1, 2)
    assert bool(contiguity.symmetric) and not bool(distance.symmetric)
    np.testing.assert_allclose(contiguity.density, 1 / 3)
    np.testing.assert_allclose(contiguity.link_km_mean, 2 * DEGREE_KM)
    np.testing.assert_allclose([distance.row_sum_min, distance.row_sum_max], 1.0)
    np.testing.assert_allclose(contiguity.interval_high, 1 / np.sqrt(2))


def test_a_user_table_is_put_in_the_order_of_the_labels():
    backwards = LABELS[::-1]
    w = from_user_csv(TABLE, backwards, source="w.csv")
    assert w.labels == backwards
    assert w.to_frame().loc["130000", "460000"] == 1.0
    assert w.definition == {"file": "w.csv"}


def test_a_user_table_may_use_names():
    names = {"北京": "110000", "天津": "120000", "河北": "130000", "海南": "460000"}
    text = TABLE
    for name, code in names.items():
        text = text.replace(code, name)
    assert from_user_csv(text, LABELS, source="w.csv", resolve=names.__getitem__).labels == LABELS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_user_table_is_read_in_any_accepted_encoding(tmp_path, encoding):
    names = {"北京": "110000", "天津": "120000"}
    path = tmp_path / "权重.csv"
    path.write_bytes("省份,北京,天津\r\n北京,0,1\r\n天津,1,0\r\n".encode(encoding))
    w = from_user_csv(files.read_text(path), ("110000", "120000"), source="w.csv", resolve=names.__getitem__)
    np.testing.assert_array_equal(w.to_dense(), [[0, 1], [1, 0]])


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("120000,1,0,0,0\n", "", WeightsError, "not a square table"),
        ("120000,1,0,0,0", "120000,1,0,0", WeightsError, "row 3 has 4"),
        ("code,110000,120000", "code,120000,110000", WeightsError, "another order than its rows"),
        ("code,110000", "code,110001", WeightsError, "other units on its columns"),
        ("120000,1,0", "120000,one,0", WeightsError, r"\(120000, 110000\) = 'one'"),
        ("120000,1,0", "120000,,0", WeightsError, r"\(120000, 110000\) = ''"),
        ("120000,1,0", "120000,nan,0", WeightsError, "finite"),
        ("120000,1,0", "120000,-1,0", WeightsError, r"not negative(.|\n)*\(120000, 110000\) = -1"),
        ("120000,1,0", "120000,1,2", WeightsError, "diagonal"),
        ("460000", "460001", WeightsError, r"unknown: 460001(.|\n)*did you mean '460000'"),
        ("460000", "110000", AlignmentError, "missing: 460000"),
        (TABLE, "", WeightsError, "empty table"),
    ],
)
def test_a_malformed_user_table_is_refused(old, new, error, message):
    with pytest.raises(error, match=message):
        from_user_csv(TABLE.replace(old, new), LABELS, source="w.csv")


def test_a_missing_unit_and_a_repeated_unit_are_told_apart():
    smaller = "c,110000,120000\n110000,0,1\n120000,1,0\n"
    with pytest.raises(AlignmentError, match="missing: 130000, 460000"):
        from_user_csv(smaller, LABELS, source="w.csv")
    repeated = "c,110000,110000\n110000,0,1\n110000,1,0\n"
    with pytest.raises(WeightsError, match="repeated: 110000"):
        from_user_csv(repeated, ("110000",), source="w.csv")


def test_signed_weights_are_allowed_when_meant():
    text = TABLE.replace("120000,1,0", "120000,-1,0")
    assert from_user_csv(text, LABELS, source="w.csv", signed=True).to_dense()[1, 0] == -1


def test_undecodable_bytes_are_refused(tmp_path):
    path = tmp_path / "w.csv"
    path.write_bytes(b"\xff\xff\xff")
    with pytest.raises(DataError, match="Cannot decode"):
        files.read_text(path)


@pytest.mark.parametrize("cell", ["1_000", "1e400", "١"])
def test_numbers_that_only_python_reads_are_refused(cell):
    with pytest.raises(WeightsError, match=r"finite number in every cell"):
        from_user_csv(TABLE.replace("110000,0,1", f"110000,0,{cell}"), LABELS, source="w.csv")
