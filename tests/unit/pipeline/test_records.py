import warnings

import numpy as np
import pytest

from shuyi import files
from shuyi.errors import ConfigError, DataError
from shuyi.panel import Panel
from shuyi.pipeline import records
from shuyi.publish.labels import Labels


def test_panel_round_trip_is_exact_and_deterministic(tmp_path):
    values = np.random.default_rng(1).normal(size=(3, 2, 2))
    panel = Panel(values, ("b", "a"), (1, 2, 3), ("x", "y"), {"a": "甲"}, {"x": "km"})
    records.write_panel(tmp_path / "one.parquet", panel)
    records.write_panel(tmp_path / "two.parquet", panel)
    again = records.read_panel(tmp_path / "one.parquet")
    np.testing.assert_array_equal(again.values, panel.values)
    assert (again.units, again.periods, again.unit_names["a"], again.measures["x"]) == (
        panel.units, panel.periods, "甲", "km",
    )  # fmt: skip
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_is_read_in_the_encodings_that_users_bring(tmp_path, encoding):
    (tmp_path / "f.csv").write_bytes("省,值\n北京,1\n".encode(encoding))
    assert files.read_rows(tmp_path / "f.csv") == [{"省": "北京", "值": "1"}]


def test_undecodable_text_is_refused(tmp_path):
    (tmp_path / "f.csv").write_bytes(b"\xff\xff\xff")
    with pytest.raises(DataError, match="UTF-8"):
        files.read_text(tmp_path / "f.csv")


def test_missing_file_and_ragged_rows_are_refused(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        files.read_bytes(tmp_path / "none")
    (tmp_path / "f.csv").write_text("a,b\n1,2\n3\n")
    with pytest.raises(DataError, match="line 3"):
        files.read_rows(tmp_path / "f.csv")


def test_a_target_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="Cannot write"):
        files.write_text(tmp_path / "file" / "below.txt", "x")


def test_json_refuses_numbers_that_json_lacks(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.write_json(tmp_path / "f.json", {"x": float("nan")})
    assert not (tmp_path / "f.json").exists()


def test_log_holds_warnings_and_the_reason_of_a_failure(tmp_path, capsys):
    with records.logged(tmp_path / "ok.log"):
        warnings.warn("careful", UserWarning, stacklevel=1)
    assert (tmp_path / "ok.log").read_text() == "UserWarning: careful\n"
    with pytest.raises(SystemExit), records.logged(tmp_path / "bad.log"):
        raise DataError("Broken.", found="x")
    assert (tmp_path / "bad.log").read_text() == "DataError: Broken.\n  found: x\n"
    assert "Traceback" not in capsys.readouterr().err
    with pytest.raises(ZeroDivisionError), records.logged(tmp_path / "bug.log"):
        raise ZeroDivisionError
    assert "Traceback" in (tmp_path / "bug.log").read_text()


def test_labels():
    rows = [
        {"key": "lag.W", "en": "W × {term}", "zh": "W × {term}"},
        {"key": "x", "en": "income", "zh": "收入"},
    ]
    labels = Labels.from_rows(rows, "zh")
    assert labels.term("W_x") == "W × 收入"
    with pytest.raises(ConfigError, match="No label for 'y'"):
        labels.text("y")
    with pytest.raises(ConfigError, match="repeated: x"):
        Labels.from_rows([*rows, rows[1]], "en")
    with pytest.raises(ConfigError, match="without a text: x"):
        Labels.from_rows([{"key": "x", "en": "a", "zh": ""}], "en")
    with pytest.raises(ConfigError, match="one of en, zh"):
        Labels.from_rows(rows, "fr")
