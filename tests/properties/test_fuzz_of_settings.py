"""Random settings, sheets, user files, weights tables, panels: only our errors, and no wrong kind accepted.

The numbers of examples are fixed, so that all of them together take about ten seconds.
"""

import copy
import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuyi import files
from shuyi.china.provinces import codes, resolve_code
from shuyi.data.users import clean_user_table
from shuyi.errors import ShuyiError
from shuyi.panel import Panel
from shuyi.pipeline import config as pipeline_config
from shuyi.pipeline import run
from shuyi.schema import with_whole_numbers
from shuyi.strict import parse_yaml
from shuyi.weights import from_user_csv

sys.path.insert(0, str(Path(__file__).parents[1] / "unit/pipeline"))

FEW, MANY = 40, 150
"""Examples of what takes about a tenth of a second, and of what takes a hundredth."""
SLOW = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(HealthCheck)}
ROOT = Path(__file__).parents[2]
CONFIG = files.read_yaml(ROOT / "config/config.yaml")
SHEET = files.read_rows(ROOT / "config/specifications.csv")
SCHEMA = files.read_yaml(ROOT / "workflow/schemas/config.schema.yaml")
CODES = codes()


def paths_of(node, path=()):
    """Return every key path of nested settings."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path for _ in [0] if path] + [p for key, value in inner for p in paths_of(value, (*path, key))]


PATHS = paths_of(CONFIG)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([10**9, 10**18, -(10**18), 2016, 2015.5, 2016.0, 1e300, 0.05]),
    st.sampled_from(
        ["", " ", "x", "digital", "a/b", "../x", "{x}", "a.*b(", "$x$", "=1", "\n", "\x00", "数字"]
    ),
    st.text(max_size=8),
    st.lists(st.one_of(st.integers(0, 3000), st.text(max_size=4)), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)
UNACCEPTABLE = st.sampled_from([math.nan, math.inf, -math.inf])


def with_value(path, value):
    found = copy.deepcopy(CONFIG)
    node = found
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    from project_copy import Project

    return Project(tmp_path_factory.mktemp("fuzz"))


@pytest.fixture
def loaded(project, monkeypatch):
    monkeypatch.chdir(project.folder)

    def load(config):
        try:
            run.load_run(config)
        except ShuyiError as error:
            return str(error)
        return ""

    return load


def test_a_value_of_the_configuration_is_accepted_or_explained(loaded):
    accepted = 0

    @settings(max_examples=FEW, **SLOW)
    @given(st.sampled_from(PATHS), ODD)
    def check(path, value):
        nonlocal accepted
        said = loaded(with_value(path, value))
        accepted += not said
        assert len(said) < 20_000

    check()
    assert 0 < accepted < FEW


def test_a_number_that_is_not_finite_is_never_accepted(loaded):
    numbers = [p for p in PATHS if isinstance(_at(p), int | float) and not isinstance(_at(p), bool)]

    @settings(max_examples=FEW, **SLOW)
    @given(st.sampled_from(numbers), UNACCEPTABLE)
    def check(path, value):
        assert "no finite number" in loaded(with_value(path, value))

    check()


def _at(path):
    node = CONFIG
    for key in path:
        node = node[key]
    return node


def test_a_key_that_is_missing_or_unknown_is_never_accepted(loaded):
    keys = [
        path
        for path in PATHS
        if isinstance(path[-1], str) and len(path) <= 2 and path[0] in SCHEMA["required"]
    ]
    fixed = [p for p in keys if p[0] not in ("weights", "samples")]

    @settings(max_examples=FEW, **SLOW)
    @given(st.sampled_from(fixed), st.text("abcxyz_", min_size=1, max_size=12), st.booleans())
    def check(path, name, removed):
        config = copy.deepcopy(CONFIG)
        node = config
        for key in path[:-1]:
            node = node[key]
        if removed:
            node.pop(path[-1])
        elif name in node:
            return
        else:
            node[name] = 1
        assert loaded(config)

    check()


def test_a_cell_of_the_sheet_is_accepted_or_explained():
    coverage = dict.fromkeys(
        {v for r in SHEET for v in (r["outcome"], *r["regressors"].split())}, (2011, 2024)
    )
    coverage |= dict.fromkeys(("ln_income_pc", "gdp_pc_real", "gdp_real"), (2011, 2024))
    clean = with_whole_numbers(CONFIG, SCHEMA)

    @settings(max_examples=MANY, **SLOW)
    @given(
        st.integers(0, len(SHEET) - 1),
        st.sampled_from(sorted(SHEET[0])),
        st.one_of(
            st.text(max_size=10), st.sampled_from(["ols", "gns", "all", "none", "random", "7 ", "{x}"])
        ),
    )
    def check(row, column, cell):
        rows = [dict(each) for each in SHEET]
        rows[row][column] = cell
        try:
            found = pipeline_config.checked_run(
                clean, rows, SCHEMA, schemes=["four_dimensions"], coverage=coverage
            )
        except ShuyiError:
            return
        headings = [(each.table, each.column) for each in found.sheet]
        assert len(set(headings)) == len(headings)
        assert all(heading.strip() == heading != "" for _, heading in headings)

    check()


CELL = st.one_of(
    st.floats(allow_nan=True).map(str),
    st.integers(-10, 10**6).map(str),
    st.sampled_from(["", "NA", "1_000", "1,5", "1e400", "=1", "0x1", "１２", "inf", "…", '"', "1 000"]),
)


def test_a_cell_of_a_users_file_is_a_number_empty_or_explained():
    years = (2020, 2021)

    @settings(max_examples=MANY, **SLOW)
    @given(st.integers(0, 2 * len(CODES) - 1), st.sampled_from(["province", "year", "own"]), CELL)
    def check(line, column, cell):
        rows = [[code, str(year), "1.5"] for code in CODES for year in years]
        table = pd.DataFrame(rows, columns=["province", "year", "own"], dtype=str)
        table.loc[line, column] = cell
        try:
            found = clean_user_table(table, units=CODES, resolve=resolve_code, years=years)
        except ShuyiError:
            return
        assert column == "own" or cell.strip() == rows[line][["province", "year"].index(column)]
        assert np.isfinite(found.to_numpy()).sum() + found.isna().to_numpy().sum() == 2 * len(CODES)
        if column == "own" and cell.strip() not in ("", "NA", "NaN", "nan"):
            assert found.to_numpy().T.ravel()[line] == float(cell)

    check()


def test_a_cell_of_a_weights_table_is_a_number_or_explained():
    labels = ("a", "b", "c", "d")
    ring = [["0", "1", "0", "1"], ["1", "0", "1", "0"], ["0", "1", "0", "1"], ["1", "0", "1", "0"]]

    @settings(max_examples=MANY, **SLOW)
    @given(st.integers(0, 4), st.integers(0, 4), CELL)
    def check(row, column, cell):
        table = [["", *labels], *([label, *cells] for label, cells in zip(labels, ring, strict=True))]
        table[row][column] = cell
        text = "\n".join(",".join(cells) for cells in table)
        try:
            found = from_user_csv(text, labels, source="w.csv")
        except ShuyiError:
            return
        matrix = found.to_dense()
        assert np.isfinite(matrix).all()
        assert (matrix >= 0).all()
        assert not matrix.diagonal().any()

    check()


def test_a_panel_is_balanced_finite_and_in_order_or_refused():
    labels = st.one_of(st.integers(1990, 2030), st.text(max_size=4), st.floats(1990, 2030), st.none())

    @settings(max_examples=MANY, **SLOW)
    @given(
        st.lists(st.tuples(st.sampled_from(["a", "b", "", None]), labels), max_size=8),
        st.lists(st.floats(), min_size=8, max_size=8),
    )
    def check(keys, values):
        index = pd.MultiIndex.from_tuples(keys or [("a", 2000)], names=["unit", "year"])
        frame = pd.DataFrame({"x": values[: len(index)]}, index=index)
        try:
            panel = Panel.from_frame(frame)
        except ShuyiError:
            return
        assert not np.isinf(panel.values).any()
        assert len(panel.periods) * len(panel.units) == len(frame)
        assert list(panel.periods) == sorted(panel.periods)

    check()


def test_a_damaged_configuration_file_is_read_or_explained():
    text = (ROOT / "config/config.yaml").read_text(encoding="utf-8")

    @settings(max_examples=MANY, **SLOW)
    @given(st.integers(0, len(text) - 1), st.text(max_size=3), st.integers(0, 20))
    def check(place, put, dropped):
        try:
            found = parse_yaml(text[:place] + put + text[place + dropped :], "config.yaml")
        except ShuyiError:
            return
        yaml.safe_dump(found)

    check()
