"""Files of weights in every form: what they hold, how they are aligned, and what is refused."""

import gzip
import io
import struct
import tempfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libpysal.graph import Graph

from shuyi.errors import AlignmentError, ConfigError, ShuyiError, WeightsError
from shuyi.units import Unit, Units
from shuyi.weights import Weights, to_csv_text, to_gal_text, to_gwt_text
from shuyi.weights.readers import WeightsSource, guess_weights, read_weights

LABELS = ("a", "b", "c", "d")
MATRIX = np.array([[0, 1, 0.5, 0], [1, 0, 0, 0], [0.5, 0, 0, 0], [0, 0, 0, 0]])
LINKS = [("a", "b", 1.0), ("b", "a", 1.0), ("a", "c", 0.5), ("c", "a", 0.5)]
UNITS = Units((Unit("a", "Alba"), Unit("b", "Borea"), Unit("c", "Cala"), Unit("d", "Dora")))
BINARY = (MATRIX != 0).astype(float)


def read(data, path="w.csv", labels=LABELS, units=None, **about):
    return read_weights(WeightsSource(path, **about), labels, data=data, units=units)


def csv(matrix=MATRIX, titles=None, labels=None, corner="", mark=","):
    rows = [[corner, *titles]] if titles is not None else []
    for i, row in enumerate(matrix):
        rows.append([*([labels[i]] if labels is not None else []), *map(repr, map(float, row))])
    if titles is not None and labels is None:
        rows[0] = rows[0][1:]
    return "\n".join(mark.join(map(str, row)) for row in rows).encode()


def edges(links=LINKS, titles="i,j,weight"):
    return "\n".join([titles, *(f"{a},{b},{w}" for a, b, w in links)]).encode()


def swm(links, ids, head=b"ID;WGS\n", fixed=False):
    data = head + struct.pack("<2i", len(ids), 0)
    for unit in ids:
        mine = [(b, w) for a, b, w in links if a == unit]
        data += struct.pack("<2i", unit, len(mine))
        if mine:
            data += struct.pack(f"<{len(mine)}i", *(b for b, _ in mine))
            given_values = [mine[0][1]] if fixed else [w for _, w in mine]
            data += struct.pack(f"<{len(given_values)}d", *given_values) + struct.pack("<d", 1.0)
    return data


def rda(matrix, names=None, name="W"):
    """Return an .rda file with a numeric matrix, in R's XDR serialisation."""

    def integer(value):
        return struct.pack(">i", value)

    def text(value):
        raw = value.encode()
        return integer(0x00040009) + integer(len(raw)) + raw

    def symbol(value):
        return integer(1) + text(value)

    def integers(values):
        return integer(13) + integer(len(values)) + b"".join(map(integer, values))

    def strings(values):
        return integer(16) + integer(len(values)) + b"".join(map(text, values))

    flat = np.asarray(matrix, dtype=float).ravel(order="F")
    data = b"RDX2\nX\n" + integer(2) + integer(0x00030500) + integer(0x00020300)
    data += integer(0x402) + symbol(name)
    data += integer(0x20E) + integer(flat.size) + struct.pack(f">{flat.size}d", *flat)
    data += integer(0x402) + symbol("dim") + integers(list(np.shape(matrix)))
    if names is not None:
        data += integer(0x402) + symbol("dimnames") + integer(19) + integer(2) + strings(names) * 2
    return gzip.compress(data + integer(254) + integer(254))


def matlab(**matrices):
    from scipy.io import savemat

    data = io.BytesIO()
    savemat(data, matrices)
    return data.getvalue()


def stata(frame):
    data = io.BytesIO()
    frame.to_stata(data, write_index=False, version=118)
    return data.getvalue()


def excel(rows, extra=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if extra:
        book.create_sheet("more").append(extra)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


PLAIN = Weights(MATRIX.copy(), LABELS)
SHUFFLED = PLAIN.reindex(("d", "b", "a", "c"))
SPMATRIX = "4\n" + "\n".join(
    f"{u} {' '.join(map(str, row))}" for u, row in zip(LABELS, MATRIX.tolist(), strict=True)
)
NUMBERED = {"order": LABELS}
LETTERS = pd.DataFrame(MATRIX, columns=["v1", "v2", "v3", "v4"])


@pytest.mark.parametrize(
    ("data", "path", "about"),
    [
        (csv(titles=LABELS, labels=LABELS), "w.csv", {}),
        (csv(titles=LABELS, labels=LABELS, corner="id", mark=";"), "w.csv", {}),
        (csv(titles=LABELS, labels=LABELS, mark="\t"), "w.txt", {}),
        (to_csv_text(SHUFFLED).encode(), "w.csv", {}),
        (csv(titles=("v1", "v2", "v3", "v4"), labels=LABELS, corner="id"), "w.csv", {"axis": "rows"}),
        (csv(titles=LABELS), "w.csv", {"axis": "columns"}),
        (csv(labels=LABELS), "w.csv", {"axis": "rows"}),
        (csv(), "w.csv", NUMBERED),
        (csv(titles=("v1", "v2", "v3", "v4"), labels=(1, 2, 3, 4), corner="id"), "w.csv", NUMBERED),
        (csv(titles=(1, 2, 3, 4), labels=(1, 2, 3, 4)), "w.csv", NUMBERED),
        (edges(), "w.csv", {"subset": False, "labels": ("a", "b", "c")}),
        (
            edges(titles="i,j,distance,weight").replace(b",1.0", b",9,1.0").replace(b",0.5", b",8,0.5"),
            "w.csv",
            {"labels": ("a", "b", "c")},
        ),
        (edges([("a", "b", 1.0), ("a", "c", 0.5)]), "w.csv", {"symmetric": True, "labels": ("a", "b", "c")}),
        (
            excel([["", *LABELS], *([u, *row] for u, row in zip(LABELS, MATRIX.tolist(), strict=True))]),
            "w.xlsx",
            {},
        ),
        (excel(MATRIX.tolist(), extra=["note"]), "w.xlsx", {"sheet": "Sheet", **NUMBERED}),
        (stata(LETTERS), "w.dta", NUMBERED),
        (
            stata(pd.concat([pd.DataFrame({"id": [101.0, 102.0, 103.0, 104.0]}), LETTERS], axis=1)),
            "w.dta",
            {"axis": "rows", **NUMBERED},
        ),
        (stata(pd.concat([pd.DataFrame({"id": list(LABELS)}), LETTERS], axis=1)), "w.dta", {"axis": "rows"}),
        (SPMATRIX.encode(), "w.txt", {}),
        (SPMATRIX.encode(), "w", {"reader": "spmatrix"}),
        (matlab(W=MATRIX, y=np.ones((4, 2))), "w.mat", NUMBERED),
        (matlab(W=MATRIX, V=MATRIX.T * 2), "w.mat", {"variable": "W", **NUMBERED}),
        (matlab(W=__import__("scipy.sparse").sparse.csc_matrix(MATRIX)), "w.mat", NUMBERED),
        (rda(MATRIX, LABELS), "w.rda", {}),
        (rda(MATRIX), "w.RData", NUMBERED),
        (rda(MATRIX, [f"{u} - Land" for u in LABELS]), "w.rda", {"id_until": " - "}),
        (
            swm([(ord(a), ord(b), w) for a, b, w in LINKS], [97, 98, 99, 100]),
            "w.swm",
            {"labels": ("97", "98", "99", "100")},
        ),
        (swm([(0, 1, 1.0), (1, 0, 1.0), (0, 2, 0.5), (2, 0, 0.5)], [0, 1, 2, 3]), "w.swm", NUMBERED),
        (gzip.compress(csv(titles=LABELS, labels=LABELS)), "w.csv.gz", {}),
    ],
)
def test_every_form_gives_the_same_matrix(data, path, about):
    about = dict(about)
    labels = about.pop("labels", LABELS)
    reading = read(data, path, labels, **about)
    n = len(labels)
    np.testing.assert_array_equal(reading.weights.to_dense(), MATRIX[:n, :n])
    assert reading.weights.labels == tuple(labels)
    assert len(reading.sha256) == 64


GAL = "4\na 2\nb c\nb 1\na\nc 1\na\nd 0\n\n"


@pytest.mark.parametrize(
    ("text", "path", "about"),
    [
        (GAL, "w.gal", {}),
        (GAL.replace("4\n", "0 4 map key\n", 1), "w.gal", {}),
        (GAL.replace("\n\n", "\n"), "w.gal", {}),
        ("0 4 m k\n0 2\n1 2\n1 1\n0\n2 1\n0\n3 0\n", "w.gal", NUMBERED),
        ("0 4 m k\n4 0\n3 1\n1\n2 1\n1\n1 2\n2 3\n", "w.gal", NUMBERED),
        ("0 4 m k\n0 1 1\n1 0 1\n0 2 1\n2 0 1\n", "w.gwt", NUMBERED),
        ("0 4 m k\na b 1\nb a 1\na c 1\nc a 1\n", "w.gwt", {}),
        ("0 4 m k\na b 1\nb a 1\na c 1\nc a 1\n", "w.gwt", {"islands": ("d",)}),
        ("0 4 m k\na b 7\nb a 7\na c 8\nc a 8\n", "w.gwt", {"values": "binary"}),
        ("0 4 m k\n1 1 1\n1 2 1\n2 1 1\n1 3 1\n3 1 1\n2 2 1\n3 3 1\n4 4 1\n", "w.kwt", NUMBERED),
    ],
)
def test_neighbour_files(text, path, about):
    np.testing.assert_array_equal(read(text.encode(), path, **about).weights.to_dense(), BINARY)


def test_our_own_files_and_those_of_libpysal_are_read():
    binary = Weights(BINARY.copy(), LABELS)
    assert read(to_gal_text(binary).encode(), "w.gal").weights.labels == LABELS
    whole = Weights(np.roll(np.eye(4), 1, axis=1), LABELS)
    read_back = read(to_gwt_text(whole).encode(), "w.gwt").weights
    np.testing.assert_array_equal(read_back.to_dense(), whole.to_dense())
    graph = Graph.from_arrays(np.array(["a", "b", "c"]), np.array(["b", "c", "a"]), np.ones(3))
    with tempfile.TemporaryDirectory() as folder:
        graph.to_gal(Path(folder) / "g.gal")
        again = read((Path(folder) / "g.gal").read_bytes(), "g.gal", ("a", "b", "c")).weights
    np.testing.assert_array_equal(again.to_dense(), np.roll(np.eye(3), 1, axis=1))


def test_a_gwt_file_that_may_count_from_0_or_from_1_is_refused():
    with pytest.raises(WeightsError, match=r"from 0 or from 1 cannot be told(.|\n)*islands:"):
        read(b"0 4 m k\n1 2 1\n2 1 1\n1 3 1\n3 1 1\n", "w.gwt", order=LABELS)


def test_links_without_titles_are_not_taken_for_titles():
    bare = edges().partition(b"\n")[2]
    expected = MATRIX[:3, :3]
    np.testing.assert_array_equal(read(bare, labels=("a", "b", "c")).weights.to_dense(), expected)
    pairs = b"a,b\nb,a\na,c\nc,a\n"
    np.testing.assert_array_equal(read(pairs, labels=LABELS, islands=("d",)).weights.to_dense(), BINARY)
    np.testing.assert_array_equal(
        read(b"from,to\n" + pairs, labels=LABELS, islands=("d",)).weights.to_dense(), BINARY
    )


def test_distances_are_inverted_on_request_only():
    text = b"0 2 m k\na b 4\nb a 4\n"
    with pytest.raises(
        WeightsError, match=r"may hold distances(.|\n)*values: weights, binary or inverse_distance"
    ):
        read(text, "w.gwt", ("a", "b"))
    assert read(text, "w.gwt", ("a", "b"), values="inverse_distance").weights.to_dense()[0, 1] == 0.25
    assert read(text, "w.gwt", ("a", "b"), values="weights").weights.to_dense()[0, 1] == 4.0
    with pytest.raises(WeightsError, match=r"not positive"):
        read(b"0 2 m k\na b 0\nb a -4\n", "w.gwt", ("a", "b"), values="inverse_distance")


def test_a_matrix_of_distances_does_not_pass_for_weights():
    places = np.array([0.0, 1.0, 3.0, 7.0, 20.0, 26.0])
    distances = np.abs(places[:, None] - places[None, :])
    labels = tuple("abcdef")
    data = csv(distances, titles=labels, labels=labels)
    with pytest.raises(WeightsError, match=r"triangle inequality"):
        read(data, labels=labels)
    inverse = read(data, labels=labels, values="inverse_distance").weights
    again = read(csv(inverse.to_dense(), titles=labels, labels=labels), labels=labels).weights
    np.testing.assert_array_equal(again.to_dense(), inverse.to_dense())


def test_names_are_resolved_and_never_counted():
    names = [unit.name for unit in UNITS]
    order = [3, 1, 0, 2]
    shuffled = csv(
        MATRIX[np.ix_(order, order)], titles=[names[k] for k in order], labels=[names[k] for k in order]
    )
    np.testing.assert_array_equal(read(shuffled, units=UNITS).weights.to_dense(), MATRIX)
    with pytest.raises(AlignmentError, match=r"'Albo': no unit bears this name; nearest: Alba \(a\)"):
        read(csv(titles=["Albo", *names[1:]], labels=["Albo", *names[1:]]), units=UNITS)
    np.testing.assert_array_equal(read(csv(), units=UNITS, order=tuple(names)).weights.to_dense(), MATRIX)


@pytest.mark.parametrize(
    ("data", "about", "message"),
    [
        (csv(), {}, r"has no labels(.|\n)*write order:"),
        (csv(titles=("v1", "v2", "v3", "v4"), labels=(1, 2, 3, 4)), {}, r"labels that only count"),
        (csv(), {"order": ("a", "b")}, r"4 units, one for each row(.|\n)*2 units"),
        (csv(), {"order": ("a", "b", "c", "c")}, r"names units twice"),
        (csv(titles=LABELS, labels=LABELS), {"order": LABELS}, r"labels of its own"),
        (csv(titles=LABELS), {}, r"labels its columns only(.|\n)*axis: columns"),
        (csv(labels=LABELS), {}, r"labels its rows only(.|\n)*axis: rows"),
        (csv(titles=LABELS[::-1], labels=LABELS), {}, r"in another order than its rows"),
        (csv(titles=("a", "b", "c", "x"), labels=LABELS), {}, r"other than its rows"),
        (csv(MATRIX[:3], titles=LABELS, labels=LABELS[:3]), {}, r"not a square table"),
        (csv(titles=LABELS, labels=LABELS).replace(b"0.5", b"1_0"), {}, r"'1_0' is a number with under"),
        (csv(titles=LABELS, labels=LABELS).replace(b"0.5", b"1e400"), {}, r"too large"),
        (csv(titles=LABELS, labels=LABELS).replace(b"0.5", b""), {}, r"empty cell; write 0"),
        (csv(titles=LABELS, labels=LABELS).replace(b"0.5", b"nan"), {}, r"'nan' is not a number|empty cell"),
        (
            csv(MATRIX - np.eye(4) * -1, titles=LABELS, labels=LABELS),
            {},
            r"on its diagonal(.|\n)*diagonal: drop",
        ),
        (csv(-MATRIX, titles=LABELS, labels=LABELS), {}, r"negative weights\.(.|\n)*signed: true"),
        (csv(MATRIX * [1, 1, 1e12, 1], titles=LABELS, labels=LABELS), {}, r"cannot be compared"),
        (edges([("a", "b", 1.0), ("a", "c", 0.5)]), {}, r"each pair once(.|\n)*symmetric"),
        (edges([*LINKS, ("c", "d", 1.0)]), {"symmetric": True}, r"2 pairs in both directions"),
        (edges([*LINKS, LINKS[0]]), {}, r"links given twice: a - b"),
        (edges([*LINKS, ("a", "", 1.0)]), {}, r"no unit; write"),
        (
            edges(titles="i,j,near,far").replace(b",1.0", b",1,1").replace(b",0.5", b",1,1"),
            {},
            r"which column",
        ),
        (edges(), {"columns": ("i", "k")}, r"no column 'k'"),
        (csv(titles=LABELS, labels=LABELS).replace(b"0.5", b"50%"), {}, r"'50%' is not a plain number"),
        (csv(titles=LABELS, labels=LABELS).replace(b"0.5", b"1*"), {}, r"not a plain number"),
        (csv(MATRIX * 0, titles=LABELS, labels=LABELS), {}, r"links no units"),
        (edges([("a", "b", 0), ("b", "a", 0)]), {}, r"links no units"),
        (b"1,2,1\n2,1,1\n2,3,1\n", {"labels": "123"}, r"say form: edges"),
        (b"\xff\xfe\xff", {}, r"not text|no labels|square"),
        (edges(LINKS), {}, r"missing in the file: d(.|\n)*islands:"),
    ],
)
def test_what_is_ambiguous_or_absurd_is_refused(data, about, message):
    with pytest.raises(ShuyiError, match=message):
        read(data, **about)


def test_negative_weights_are_refused_although_rows_sum_to_one():
    signed = np.array([[0, 2.5, -1.5], [0.5, 0, 0.5], [-16.0, 17.0, 0]])
    data = csv(signed, titles="abc", labels="abc")
    for about in ({}, {"signed": True}):
        with pytest.raises(WeightsError, match=r"negative weights although every row sums to one"):
            read(data, labels=("a", "b", "c"), **about)
    kept = read(csv(signed * 2, titles="abc", labels="abc"), labels=("a", "b", "c"), signed=True)
    assert kept.weights.signed and kept.weights.to_dense()[2, 0] == -32.0


def test_units_of_the_paper_and_the_file_must_be_the_same():
    data = csv(titles=LABELS, labels=LABELS)
    with pytest.raises(AlignmentError, match=r"missing in the file: e"):
        read(data, labels=(*LABELS, "e"))
    with pytest.raises(AlignmentError, match=r"not in the paper: c, d(.|\n)*subset: true"):
        read(data, labels=("a", "b"))
    reading = read(data, labels=("b", "a"), subset=True)
    assert reading.weights.labels == ("b", "a") and "2 units dropped" in reading.notes[-1]


def test_what_was_found_is_reported():
    reading = read(csv(titles=LABELS, labels=LABELS))
    assert reading.facts["islands"] == "d" and reading.facts["symmetric"] == "yes"
    assert reading.facts["form"] == "labelled matrix" and reading.facts["weights"] == "0.5 to 1"
    rows = MATRIX / np.where(MATRIX.sum(1) == 0, 1, MATRIX.sum(1))[:, None]
    found = read(csv(rows.round(7), titles=LABELS, labels=LABELS))
    assert (
        "row-standardised" in found.facts["row sums"] and found.facts["symmetric"] == "links yes, weights no"
    )
    assert "symmetric" in str(found)
    dropped = read(csv(MATRIX + np.eye(4), titles=LABELS, labels=LABELS), diagonal="drop")
    assert dropped.notes == ("4 entries of the diagonal dropped",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a 2\nb c\n", r"begin like a file of neighbours"),
        ("4\na 2\nb c\nb 1\na\n", r"4 units(.|\n)*2 records"),
        ("1\na 2\nb\n", r"line 2: the record cannot be read(.|\n)*2 neighbours of a"),
        ("1\na x\n", r"number of its neighbours"),
        ("2\na 1\nz\nb 1\na\n", r"no record for z"),
        ("2\na 0\na 0\n", r"units given twice: a"),
        ("", r"is empty"),
    ],
)
def test_damaged_neighbour_files_are_refused(text, message):
    with pytest.raises(ShuyiError, match=message):
        read(text.encode(), "w.gal")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 2 m k\na b\n", r"line 2(.|\n)*2 words"),
        ("0 2 m k\na b 1_0\n", r"'1_0'"),
        ("0 2 m k\na b 1e999\n", r"'1e999'"),
        ("0 1 m k\na b 1\n", r"1 units(.|\n)*2 records"),
    ],
)
def test_damaged_gwt_files_are_refused(text, message):
    with pytest.raises(WeightsError, match=message):
        read(text.encode(), "w.gwt")


def test_arcgis_files_of_both_layouts():
    links = [(1, 2, 0.5), (2, 1, 0.5)]
    new = b"VERSION@10.1;UNIQUEID@FID;FIXEDWEIGHTS@True;SPATIALREFNAME@x\n"
    reading = read(swm(links, [1, 2], new, fixed=True), "w.swm", ("1", "2"))
    assert reading.weights.to_dense()[0, 1] == 0.5 and reading.notes == ("key FID",)
    for data, message in (
        (swm(links, [1, 2])[:-9], r"cut short"),
        (b"nothing", r"not begin like"),
        (b"a;b\n\1", r"cut short"),
    ):
        with pytest.raises(WeightsError, match=message):
            read(data, "w.swm", ("1", "2"))


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        (matlab(W=MATRIX, V=MATRIX), "w.mat", r"2 square matrices(.|\n)*variable:"),
        (matlab(y=np.ones((3, 2))), "w.mat", r"0 square matrices"),
        (matlab(W=MATRIX * 1j), "w.mat", r"real numbers"),
        (b"\x89HDF\r\n", "w.mat", r"version 7.3"),
        (b"nothing", "w.mat", r"no Matlab file"),
        (b"nothing", "w.rda", r"no R file"),
        (gzip.compress(b"RDX2\nX\nnothing"), "w.rda", r"no R file"),
        (rda(MATRIX[:3]), "w.rda", r"0 square matrices|no square"),
        (b"nothing", "w.dta", r"not a Stata"),
        (b"x", "w.stswm", r"export .stswm and .spmat as text"),
    ],
)
def test_binary_files_that_cannot_be_read_are_refused(data, path, message):
    with pytest.raises(ShuyiError, match=message):
        read(data, path)


def test_a_source_is_checked():
    assert WeightsSource.from_config({"path": "w", "order": [1, "b"]}).order == ("1", "b")
    for wrong, message in (
        ({"path": "w", "ordre": []}, r"did you mean 'order'"),
        ({"form": "matrix"}, r"no path"),
        ({"path": "w", "values": "distance"}, r"Unknown meaning"),
        ({"path": "w", "columns": ["a"]}, r"columns: names"),
    ):
        with pytest.raises(ConfigError, match=message):
            WeightsSource.from_config(wrong)


def test_large_weights_stay_sparse():
    n = 2_001
    links = [(str(i), str((i + 1) % n), 1.0) for i in range(n)]
    links += [(b, a, w) for a, b, w in links]
    labels = [str(i) for i in range(n)]
    weights = read(edges(links), labels=labels).weights
    assert weights.is_sparse and weights.nonzero == 2 * n


@given(
    st.integers(2, 6),
    st.randoms(use_true_random=False),
    st.sampled_from(["csv", "edges", "gal", "spmatrix", "r", "swm"]),
)
def test_any_matrix_survives_any_form_in_any_order(n, random, form):
    labels = tuple("pqrstu"[:n])
    values = np.array([[random.choice([0.0, 1.0, 0.25, 1e-3]) for _ in range(n)] for _ in range(n)])
    np.fill_diagonal(values, 0)
    values[0, 1], values[1, 0] = 1.0, 1.0
    if form == "gal":
        values = (values > 0).astype(float)
    order = random.sample(range(n), n)
    mixed, names = values[np.ix_(order, order)], tuple(labels[k] for k in order)
    found = _written(mixed, names, form)
    reading = read(found[0], found[1], labels, **found[2])
    np.testing.assert_array_equal(reading.weights.to_dense(), values)


def _written(values, names, form):
    n = len(names)
    links = [
        (names[i], names[j], values[i, j])
        for i in range(n)
        for j in range(n)
        if values[i, j] or (form == "edges" and i != j)
    ]
    if form == "edges":
        return edges(links), "w.csv", {"form": "edges"}
    if form == "gal":
        return to_gal_text(Weights(values, names)).encode(), "w.gal", {}
    if form == "spmatrix":
        rows = [" ".join([name, *map(repr, row)]) for name, row in zip(names, values.tolist(), strict=True)]
        return "\n".join([str(n), *rows]).encode(), "w.txt", {"reader": "spmatrix"}
    if form == "r":
        return rda(values, names), "w.rda", {}
    if form == "swm":
        codes = {name: 100 + k for k, name in enumerate(names)}
        data = swm([(codes[a], codes[b], w) for a, b, w in links], [codes[name] for name in names])
        return data, "w.swm", {"order": names}
    return csv(values, titles=names, labels=names), "w.csv", {"form": "matrix"}


@given(st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(data):
    for suffix in ("csv", "gal", "gwt", "swm", "mat", "rda", "dta", "xlsx", "xls"):
        try:
            read(data, f"w.{suffix}")
        except ShuyiError:
            continue


def test_a_proposal_says_what_must_be_asked():
    found = guess_weights("w.csv", data=csv(titles=LABELS, labels=LABELS))
    assert not found.questions and found.facts["links"].startswith("4,")
    asked = guess_weights("w.csv", LABELS, data=csv())
    assert "write order:" in asked.questions[0] and "no labels" in str(asked)
