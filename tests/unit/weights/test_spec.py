"""Entries of a configuration turned into weights."""

import numpy as np
import pytest

from shuyi.china import provinces
from shuyi.china.sources import province_sources
from shuyi.errors import ConfigError, DataError, WeightsError
from shuyi.panel import Panel
from shuyi.weights import (
    Sources,
    build_all,
    build_contiguity,
    build_convex,
    build_economic,
    build_inverse_distance,
    build_nested,
    build_weights,
)

LABELS = ("a", "b", "c", "d")
POINTS = {"a": (0.0, 0.0), "b": (0.0, 1.0), "c": (1.0, 3.0), "d": (0.0, 7.0)}
BORDERS = [("a", "b"), ("b", "c")]
LEVELS = np.array([[2.0, 3.0, 5.0, 9.0], [1.0, 1.0, 1.0, 1.0]])
PANEL = Panel(LEVELS[:, ::-1, None].copy(), LABELS[::-1], (2016, 2017), ("y",))
INVERSE = {"kind": "inverse_distance", "power": 2}
ECONOMIC = {"kind": "economic_distance", "variable": "y"}


def sources(**other) -> Sources:
    return Sources(LABELS, BORDERS, POINTS, PANEL, {"belt": dict(zip(LABELS, "xxyy", strict=True))}, **other)


def test_contiguity_is_row_standardised_unless_told_otherwise():
    spec = {"kind": "contiguity", "links": [["c", "d"]], "islands": "refuse"}
    expected = build_contiguity(LABELS, [*BORDERS, ("c", "d")])
    np.testing.assert_array_equal(
        build_weights(spec, sources()).to_dense(), expected.normalise("row").to_dense()
    )
    plain = build_weights({**spec, "normalisation": "none"}, sources())
    np.testing.assert_array_equal(plain.to_dense(), expected.to_dense())


def test_economic_weights_use_the_first_year_whatever_the_order_of_the_panel():
    first = dict(zip(LABELS, LEVELS[0], strict=True))
    w = build_weights({**ECONOMIC, "normalisation": "none"}, sources())
    np.testing.assert_array_equal(w.to_dense(), build_economic(LABELS, first).to_dense())
    assert (w.definition["variable"], w.definition["year"]) == ("y", 2016)
    with pytest.raises(WeightsError, match="equal levels"):
        build_weights({**ECONOMIC, "year": 2017}, sources())


def test_nested_and_convex_entries_combine_their_parts():
    specs = {
        "inverse": INVERSE,
        "economic": ECONOMIC,
        "nested": {"kind": "nested", "power": 2, "variable": "y", "normalisation": "none"},
        "convex": {"kind": "convex", "geographic": "inverse", "economic": "economic", "share": 0.3},
    }
    built = build_all(specs, sources())
    geographic = build_inverse_distance(LABELS, POINTS, power=2)
    first = dict(zip(LABELS, LEVELS[0], strict=True))
    np.testing.assert_array_equal(built["nested"].to_dense(), build_nested(geographic, first).to_dense())
    np.testing.assert_allclose(
        built["convex"].to_dense(),
        build_convex(geographic, build_economic(LABELS, first), share=0.3).to_dense(),
        rtol=1e-14,
    )
    assert list(built) == list(specs)


@pytest.mark.parametrize(
    ("spec", "links"),
    [
        ({"kind": "nearest_neighbours", "k": 2}, 8),
        ({"kind": "band", "upper_km": 1e5}, 12),
        ({"kind": "block", "groups": "belt"}, 4),
        ({"kind": "inverse_distance", "power": 1, "cutoff_km": 300.0, "islands": "link"}, 6),
    ],
)
def test_other_kinds_have_their_number_of_links(spec, links):
    assert build_weights(spec, sources()).nonzero == links


def test_a_file_entry_reads_the_text_supplied():
    text = "u,a,b,c,d\na,0,1,0,0\nb,1,0,1,0\nc,0,1,0,0\nd,0,0,0,0\n"
    spec = {"kind": "file", "path": "own.csv"}
    with pytest.raises(WeightsError, match="found: d"):
        build_weights(spec, sources(files={"own.csv": text}))
    kept = build_weights({**spec, "islands": "keep"}, sources(files={"own.csv": text}))
    assert kept.islands == ("d",)
    with pytest.raises(DataError, match=r"own\.csv"):
        build_weights(spec, sources())
    with pytest.raises(ConfigError, match="write the link into the table"):
        build_weights({**spec, "islands": "link"}, sources(files={"own.csv": text}))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"kind": "contiguty"}, "did you mean 'contiguity'"),
        ({"kind": "inverse_distance"}, "missing: power"),
        ({"kind": "inverse_distance", "powr": 1}, r"unknown: powr(.|\n)*did you mean 'power'"),
        ({"kind": "block", "groups": "belts"}, "did you mean 'belt'"),
        (
            {"kind": "convex", "geographic": "g", "economic": "e", "share": 0.5},
            "unknown entry, or in a circle",
        ),
    ],
)
def test_unknown_words_are_refused_with_the_nearest(spec, message):
    with pytest.raises(ConfigError, match=message):
        build_weights(spec, sources())


def test_entries_in_a_circle_are_refused():
    specs = {
        "g": {"kind": "convex", "geographic": "e", "economic": "e", "share": 0.5},
        "e": {"kind": "convex", "geographic": "g", "economic": "g", "share": 0.5},
    }
    with pytest.raises(ConfigError, match="circle"):
        build_all(specs, sources())


def test_a_year_outside_the_panel_and_an_unknown_variable_are_refused():
    with pytest.raises(DataError, match="from 2016 to 2017"):
        build_weights({**ECONOMIC, "year": 2015}, sources())
    with pytest.raises(DataError, match="no variable 'z'"):
        build_weights({**ECONOMIC, "variable": "z"}, sources())


def test_sources_of_provinces_follow_the_registry():
    rows = [{"adcode_i": "110000", "adcode_j": "130000"}]
    found = province_sources(rows)
    assert found.labels == provinces.codes()
    assert found.borders == [("110000", "130000")]
    assert found.resolve("北京") == "110000"
    clusters = build_weights({"kind": "block", "groups": "clusters", "islands": "keep"}, found)
    assert "650000" in clusters.islands
    assert clusters.to_frame().loc["110000", "130000"] > 0
