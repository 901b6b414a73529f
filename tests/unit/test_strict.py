import errno
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuyi import files, strict
from shuyi.analyses import names
from shuyi.errors import ConfigError, DataError, ShuyiError
from shuyi.pipeline import integrity, records
from shuyi.publish.html import harmless


@given(st.text(max_size=60))
def test_no_text_ends_in_another_error(text):
    for parse in (strict.parse_yaml, strict.parse_json):
        try:
            parse(text, "f")
        except ShuyiError:
            continue


@pytest.mark.parametrize("text", ["a: 1\na: 2", "a: .nan", "a: !x 1", "a: &b [*b]", "1: 2", "__use_yte__: 1"])
def test_what_plain_settings_do_not_hold_is_refused(text):
    with pytest.raises(ConfigError, match=r"f\.yaml cannot be read"):
        strict.parse_yaml(text, "f.yaml")


@pytest.mark.parametrize("content", ["", "- a\n", "a"])
def test_a_file_without_keys_is_refused(tmp_path, content):
    (tmp_path / "f.yaml").write_text(content)
    with pytest.raises(ConfigError, match="does not hold settings"):
        files.read_mapping(tmp_path / "f.yaml")


def test_a_full_disk_leaves_nothing_and_one_message(tmp_path, monkeypatch, capsys):
    def full(self, content):
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DataError, match="No space left"):
        files.write_bytes(tmp_path / "f.csv", b"x")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SystemExit), records.logged(tmp_path / "f.log"):
        raise DataError("Broken.")
    assert "Traceback" not in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x/../../../x", "a/b", "{x}", "a.*b(", "", "_a", "a\n", "x" * 61])
def test_unsafe_names(name):
    assert not names.is_safe(name)


@pytest.mark.parametrize("name", ["digital", "digital_talent", "W_x", "L_x", "unit", "period", "rho", "lam"])
def test_names_that_are_taken(name):
    assert names.taken(name, "digital")


def test_formulas_are_text_and_numbers_stay():
    assert [harmless(c) for c in ("=1+1", "@x", "-cmd", "+x")] == ["'=1+1", "'@x", "'-cmd", "'+x"]
    assert [harmless(c) for c in ("-0.05***", "-0.05", "(0.1)", "-", "")] == [
        "-0.05***",
        "-0.05",
        "(0.1)",
        "-",
        "",
    ]


def test_a_result_changed_by_hand_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files.write_text("results/a.csv", "x\n1\n")
    digest = files.sha256(b"x\n1\n")
    files.write_text("results/manifest.json", json.dumps({"outputs": {"results/a.csv": digest}}))
    integrity.check_results()
    files.write_text("results/a.csv", "x\n2\n")
    with pytest.raises(DataError, match=r"results/a\.csv"):
        integrity.check_results()


def test_last_digits_are_no_difference():
    assert integrity.differing(["a,1.00000000001"], ["a,1.0"]) == []
    assert integrity.differing(["a,1.001", "b"], ["a,1.0", "b", "c"]) == [1, 3]


def test_folders_of_results_are_compared_last_digits_aside(tmp_path):
    for name, number in (("a", "1.00000000001"), ("b", "1.0")):
        files.write_text(tmp_path / name / "t.csv", f"x\n{number}\n")
        files.write_text(tmp_path / name / "manifest.json", name)
    assert integrity.compare_folders(tmp_path / "a", tmp_path / "b") == {}
    files.write_text(tmp_path / "b/t.csv", "x\n1.1\n")
    files.write_text(tmp_path / "b/more.csv", "x\n")
    found = integrity.compare_folders(tmp_path / "a", tmp_path / "b")
    assert found == {"more.csv": "in one folder only", "t.csv": "line 2"}
