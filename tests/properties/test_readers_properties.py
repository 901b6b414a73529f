"""A panel that is written in any layout and kind of file is read back as it was."""

import io

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from shuyi.readers import Source, guess, read_source

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda v: round(v, 6))
PANELS = st.tuples(
    st.lists(
        st.sampled_from(["Alba", "Borea", "丙省", "Rio (Sul)", "01001", "Ödland"]),
        min_size=2,
        max_size=5,
        unique=True,
    ),
    st.integers(1990, 2020),
    st.integers(2, 5),
    st.integers(1, 3),
    st.randoms(use_true_random=False),
)


def made(drawn):
    units, first, length, variables, random = drawn
    index = pd.MultiIndex.from_product([units, range(first, first + length)], names=["name", "year"])
    values = [
        [random.choice([round(random.uniform(-1e6, 1e6), 3), 0.0, 1e-7]) for _ in range(variables)]
        for _ in index
    ]
    return pd.DataFrame(values, index=index, columns=[f"v{'abc'[k]}" for k in range(variables)])


def same(reading, frame):
    found = {
        (u, int(p)): row for (u, p), row in zip(reading.frame.index, reading.frame.to_numpy(), strict=True)
    }
    names = {("Rio (Sul)" if u.startswith("Rio") else u, y): (u, y) for u, y in frame.index}
    assert set(found) == set(names)
    for key, origin in names.items():
        np.testing.assert_array_equal(found[key], frame.loc[origin].to_numpy())


@given(
    PANELS, st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]), st.sampled_from([",", ";", "\t"])
)
def test_long_text(drawn, encoding, delimiter):
    frame = made(drawn)
    data = frame.reset_index().to_csv(index=False, sep=delimiter).encode(encoding, "ignore")
    if encoding == "gb18030" or "Ödland" not in drawn[0]:
        same(read_source(Source("a.csv", unit_column="name", period_column="year"), data=data), frame)


@given(PANELS, st.booleans(), st.booleans())
def test_wide_by_period_in_any_order_with_marks(drawn, newest_first, marked):
    frame = made(drawn)[["va"]]
    wide = frame["va"].unstack("year").reindex(drawn[0])
    wide = wide[sorted(wide.columns, reverse=newest_first)]
    wide.columns = [f"{year}年" if marked else str(year) for year in wide.columns]
    data = wide.reset_index().to_csv(index=False).encode()
    source = Source("a.csv", layout="wide_by_period", unit_column="name", variable="va")
    same(read_source(source, data=data), frame)


@given(PANELS)
def test_workbooks_and_parquet(drawn):
    frame = made(drawn)
    flat = frame.reset_index()
    for kind, write in (("xlsx", flat.to_excel), ("parquet", flat.to_parquet)):
        data = io.BytesIO()
        write(data, index=False)
        source = Source(f"a.{kind}", unit_column="name", period_column="year")
        same(read_source(source, data=data.getvalue()), frame)


@given(PANELS)
def test_a_guess_of_a_long_table_reads_it(drawn):
    frame = made(drawn)
    found = guess("a.csv", data=frame.reset_index().to_csv(index=False).encode())
    assert found.source.unit_column == "name"
    assert found.reading is not None
    same(found.reading, frame)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    from shuyi.errors import ShuyiError

    for name in ("a.csv", "a.xlsx", "a.xls", "a.dta", "a.sav", "a.parquet"):
        try:
            guess(name, data=data)
        except ShuyiError:
            continue
