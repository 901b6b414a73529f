"""Names that collide, tables that are not what their header says, and cities that are no provinces."""

import numpy as np
import pandas as pd
import pytest

from shuyi.china.provinces import codes, resolve, resolve_code
from shuyi.data.users import clean_user_table
from shuyi.errors import AlignmentError, ConfigError, DataError, WeightsError
from shuyi.files import read_csv_text
from shuyi.panel import Panel
from shuyi.spatialpanel import OLS, SAR, SpatialIV
from shuyi.weights import Weights, from_user_csv

N, T = 8, 6
UNITS = [f"u{i}" for i in range(N)]
RING = np.roll(np.eye(N), 1, 1) / 2 + np.roll(np.eye(N), -1, 1) / 2
W = Weights.from_frame(pd.DataFrame(RING, UNITS, UNITS))


def panel(*names):
    values = np.random.default_rng(3).normal(size=(T, N, len(names)))
    return Panel(values, tuple(UNITS), tuple(range(2001, 2001 + T)), names)


@pytest.mark.parametrize(
    "name",
    [
        "W_x",
        "W_z",
        "W2_x",
        "L_x",
        "L2_x",
        "mean_x",
        "rho",
        "lam",
        "tau",
        "eta",
        "sigma2",
        "const",
        "intercept",
    ],
)
def test_a_regressor_has_a_name_of_its_own(name):
    data = panel("y", "x", name)
    for model in (OLS, SAR, SpatialIV):
        with pytest.raises(ConfigError, match=name):
            model(data, W, outcome="y", regressors=["x", name])
    if name != "mean_x":
        with pytest.raises(ConfigError, match=name):
            SAR(data, W, outcome=name, regressors=["x"])


def test_names_that_only_look_alike_pass():
    SAR(panel("y", "mean_income", "Wage", "LX"), W, outcome="y", regressors=["mean_income", "Wage", "LX"])


def test_a_missing_variable_is_named_beside_what_there_is():
    data = panel("y", "x").to_frame()
    with pytest.raises(
        DataError, match=r"no variable 'x1'.*\n.*one of y, x\n.*missing: x1\n.*did you mean 'x'"
    ):
        SAR(data, W, outcome="y", regressors=["x1"])


ROWS = [f"{code},{year},{i}" for i, code in enumerate(codes()) for year in (2020, 2021)]


def read(tmp_path, *lines):
    path = tmp_path / "own.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return clean_user_table(read_csv_text(path), units=codes(), resolve=resolve_code)


HEAD = "province,year,x"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["database: annual", "indicator: x", HEAD, *ROWS], r"line 3 has 3.*(\n.*)*title lines"),
        ([HEAD, *ROWS[:5], "130000,2021,1,234", *ROWS[6:]], "line 7 has 4"),
        ([""], "is empty"),
        ([HEAD + ",x", *(row + ",999" for row in ROWS)], "names a column twice"),
        ([HEAD, *(row + ",9" for row in ROWS)], r"line 2 has 4.*\n.*name every column"),
        (["year,x", *ROWS], "line 2 has 3"),
        ([HEAD, "110000,2020,1e400", *ROWS[1:]], "too large.*'1e400' in line 2"),
        ([HEAD, "110000,2020,-1e400", *ROWS[1:]], "too large"),
        ([HEAD + ",", *(row + ",5" for row in ROWS)], "without a name"),
        ([HEAD, '110000,2020,"1', *ROWS[1:]], "line"),
        ([HEAD, "110000,2020", *ROWS[1:]], "line 2 has 2"),
    ],
)
def test_tables_that_are_not_what_their_header_says(tmp_path, lines, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, *lines)


@pytest.mark.parametrize(
    "lines",
    [
        [HEAD, *ROWS],
        [HEAD + ",", *(row + "," for row in ROWS)],
        ["," + HEAD, *(f"{i},{row}" for i, row in enumerate(ROWS))],
        [HEAD, "", *ROWS, ""],
    ],
)
def test_columns_that_programs_add_are_left_out(tmp_path, lines):
    table = read(tmp_path, *lines)
    assert list(table.columns) == ["x"]
    assert table["x"].sum() == 2 * sum(range(len(codes())))


@pytest.mark.parametrize(
    "name", ["吉林市", "海南市", "Jilin City", "Hainan City", "Jilin Shi", "HAINAN  CITY", "吉林 市"]
)
def test_cities_are_no_provinces(name):
    with pytest.raises(DataError, match="is a city, not a province"):
        resolve(name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("北京市", "110000"), ("Beijing市", "110000"), ("Beijing City", "110000"), ("Peking City", "110000"),
        ("Chongqing Municipality", "500000"), ("天津市", "120000"), ("Shanghai Shi", "310000"),
        ("吉林省", "220000"), ("吉林", "220000"), ("Hainan Province", "460000"), ("Macao City", "820000"),
    ],
)  # fmt: skip
def test_municipalities_may_be_called_cities(name, code):
    assert resolve(name).code == code


def ring_text(labels, separator=","):
    n = len(labels)
    ring = np.roll(np.eye(n, dtype=int), 1, 1) + np.roll(np.eye(n, dtype=int), -1, 1)
    rows = [["", *labels], *([label, *map(str, row)] for label, row in zip(labels, ring, strict=True))]
    return "\n".join(separator.join(row) for row in rows), "\n".join(
        separator.join(map(str, r)) for r in ring
    )


def test_a_weights_file_without_labels_is_told_so():
    for separator, message in ((",", "has no labels"), ("\t", "tabs"), (";", "semicolons"), (" ", "blanks")):
        with pytest.raises(WeightsError, match=message):
            from_user_csv(ring_text(codes(), separator)[1], codes(), source="w.csv", resolve=resolve_code)


def test_the_remedy_for_a_weights_file_without_a_unit_works():
    some = [c for c in codes() if c != "540000"]
    with pytest.raises(AlignmentError, match=r"missing: 540000\n.*zeros .*islands: keep"):
        from_user_csv(ring_text(some)[0], codes(), source="w.csv", resolve=resolve_code)
    padded = [line + ",0" for line in ring_text(some)[0].splitlines()]
    padded[0] = padded[0][:-1] + "540000"
    padded.append("540000" + ",0" * 31)
    found = from_user_csv("\n".join(padded), codes(), source="w.csv", resolve=resolve_code)
    assert found.islands == ("540000",)
    assert not found.subset(some).islands
