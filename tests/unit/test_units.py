"""Tables of units: names that are resolved, refused with both, or answered with the nearest."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuyi.errors import AlignmentError, DataError
from shuyi.units import Unit, Units

TABLE = Units(
    (
        Unit("220000", "吉林省", "Jilin", ("吉林",)),
        Unit("460000", "海南省", "Hainan", ("海南",)),
        Unit("110000", "北京市", "Beijing", ("北京", "11")),
        Unit("150000", "内蒙古自治区", "Inner Mongolia", ("内蒙古",)),
    ),
    (("省", "Province"), ("市", "City"), ("自治区",)),
)
COUNTIES = Units(
    (
        Unit("01001", "Washington County", parent="Alba", lon=-80.0, lat=40.0, groups={"side": "east"}),
        Unit("02001", "Washington County", parent="Borea", valid_to=1990),
        Unit("02002", "São Tomé", parent="Borea", valid_from=1991, groups={"side": "west"}),
    )
)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("吉林", "220000"),
        ("吉林省", "220000"),
        ("Jilin", "220000"),
        ("jilin province", "220000"),
        ("Jilin Prov.", None),
        ("北京", "110000"),
        ("11", "110000"),
        (11.0, "110000"),
        (110000, "110000"),
        ("内 蒙 古", "150000"),
        ("inner-mongolia", "150000"),
    ],
)
def test_names(name, key):
    found = TABLE.match([name]).ids
    assert list(found.values()) == ([key] if key else [])


@pytest.mark.parametrize(
    ("name", "near"),
    [("吉林市", "吉林省"), ("海南市", "海南省"), ("Jilin City", "吉林省"), ("北京省", "北京市")],
)
def test_a_name_of_another_kind_of_unit_is_not_taken_for_the_unit(name, near):
    with pytest.raises(AlignmentError, match=rf"unknown(.|\n)*did you mean {near}"):
        TABLE.resolve(name)


def test_a_name_of_two_units_is_refused_with_both():
    with pytest.raises(
        AlignmentError, match=r"ambiguous(.|\n)*01001, Alba(.|\n)*02001, Borea(.|\n)*give the parent"
    ):
        COUNTIES.resolve("Washington County")
    assert COUNTIES.resolve("washington county", parent="borea").id == "02001"
    assert COUNTIES.resolve("Washington County", year=2000).id == "01001"
    assert COUNTIES.resolve("01001").id == "01001"


def test_leading_zeros_count():
    assert "1001" not in COUNTIES
    with pytest.raises(AlignmentError, match=r"unknown"):
        COUNTIES.resolve(1001)
    rows = [{"id": 1001.0, "name": "a"}, {"id": "12001", "name": "b"}]
    assert Units.from_rows(rows, width=5).ids == ("01001", "12001")


def test_accents_count_and_their_composition_does_not():
    assert COUNTIES.resolve("Sa\u0303o Tome\u0301").id == "02002"
    with pytest.raises(AlignmentError, match=r"São Tomé"):
        COUNTIES.resolve("Sao Tome")


def test_a_match_says_what_is_missing_on_both_sides():
    match = TABLE.match(["北京", "北京市", "Jilin", "天津", "天津"])
    assert dict(match.ids) == {"北京": "110000", "北京市": "110000", "Jilin": "220000"}
    assert [one.name for one in match.unknown] == ["天津"]
    assert match.absent == ("460000", "150000")
    assert dict(match.shared) == {"110000": ("北京", "北京市")}
    with pytest.raises(
        AlignmentError, match=r"'天津': no unit bears this name(.|\n)*units without a row: 460000, 150000"
    ):
        match.raise_unless_complete("a.csv")
    TABLE.match(["北京"]).raise_unless_complete("a.csv")


def test_groups_names_and_years():
    assert COUNTIES.groupings == ("side",)
    assert COUNTIES.group("side") == {"01001": "east", "02002": "west"}
    with pytest.raises(DataError, match=r"no grouping 'sides'(.|\n)*did you mean 'side'"):
        COUNTIES.group("sides")
    assert TABLE.names(second=True)["220000"] == "Jilin"
    assert TABLE.names()["220000"] == "吉林省"
    assert COUNTIES.valid_in(2000).ids == ("01001", "02002")
    assert COUNTIES.coordinates == {"01001": (40.0, -80.0)}
    assert len(TABLE) == 4 and next(iter(TABLE)).id == "220000" and "side" in repr(COUNTIES)
    with pytest.raises(DataError, match=r"no unit with the id '22000'(.|\n)*did you mean '220000'"):
        TABLE["22000"]


def test_a_table_is_read_from_a_frame_with_names_of_its_own():
    frame = pd.DataFrame(
        {
            "code": ["001", "002"],
            "title": ["a", None],
            "also": ["x; y", ""],
            "x": [1.5, None],
            "y": [2.5, None],
            "belt": ["p", "q"],
            "from": [1990.0, None],
        }
    )
    columns = {"id": "code", "name": "title", "aliases": "also", "lon": "x", "lat": "y", "valid_from": "from"}
    units = Units.from_frame(frame, columns=columns, groups=["belt"])
    assert units["001"] == Unit(
        "001", "a", aliases=("x", "y"), lon=1.5, lat=2.5, groups={"belt": "p"}, valid_from=1990
    )
    assert units["002"].name == "002"
    assert units.resolve("Y").id == "001"


def test_every_problem_of_a_table_is_listed():
    rows = [
        {"id": "1", "name": "a", "lon": 10, "lat": 120},
        {"id": "1", "name": "b", "lon": "1_0", "lat": 1},
        {"id": "", "name": "c"},
        {"id": "4", "name": "d", "aliases": "1", "valid_from": 2000, "valid_to": 1990},
        {"id": "5", "name": "e", "valid_from": "soon"},
    ]
    with pytest.raises(DataError) as error:
        Units.from_rows(rows)
    for part in (
        "stands for a and for b",
        "swapped",
        "longitude nan",
        "no id",
        "alias '1'",
        "ends in 1990",
        "no year",
    ):
        assert part in str(error.value)
    with pytest.raises(DataError, match=r"missing: code"):
        Units.from_rows(rows, columns={"id": "code"})
    with pytest.raises(DataError, match=r"is empty"):
        Units.from_rows([])


@given(
    st.lists(
        st.text("abcäöé -.'", min_size=1, max_size=8).filter(lambda t: any(c.isalpha() for c in t)),
        min_size=1,
        max_size=6,
    )
)
def test_a_name_resolves_to_its_unit_or_is_refused_with_all(names):
    units = Units(tuple(Unit(f"u{i}", name) for i, name in enumerate(names)))
    for i, name in enumerate(names):
        match = units.match([name])
        key = name.strip()
        if match.ids:
            assert match.ids[key] == f"u{i}"
        else:
            assert f"(u{i})" in match.unknown[0].reason
