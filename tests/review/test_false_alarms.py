"""The study of false alarms and detections, on few tables."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

from shuyi.review import check_table, read_form
from shuyi.review.words import IDENTITY

FILE = Path(__file__).resolve().parents[2] / "benchmarks/check_table.py"
TABLES = 16
MOST_FAILURES = 1e-3
"""Share of checks that may fail on correct tables."""


@pytest.fixture(scope="module")
def found():
    spec = importlib.util.spec_from_file_location("check_table_study", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.study(TABLES, seed=5000)


def test_correct_tables_raise_hardly_an_alarm(found):
    assert found["checks"] > 100 * TABLES
    assert found["failures"] <= MOST_FAILURES * found["checks"], found["examples"]


def test_most_altered_digits_of_tests_and_sums_are_caught(found):
    sure = [
        found["detection"][kind]
        for kind in ("LM statistic", "LM p", "test p", "AIC", "direct", "indirect", "total", "index weight")
        if kind in found["detection"]
    ]
    tried, caught = sum(s[0] for s in sure), sum(s[1] for s in sure)
    assert tried >= 10
    assert caught >= 0.8 * tried


def test_the_page_shows_the_committed_study():
    root = FILE.parents[1]
    spec = importlib.util.spec_from_file_location(
        "document_check_table", root / "tools/document_check_table.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (root / module.PAGE).read_text(encoding="utf-8")
    study = json.loads((root / module.STUDY).read_text(encoding="utf-8"))
    assert module.documented(page, study) == page, "run python tools/document_check_table.py"
    assert study["tables"] == 1000
    assert study["failures"] <= MOST_FAILURES * study["checks"]


def test_every_identity_is_documented():
    page = (FILE.parents[1] / "docs/check_table.md").read_text(encoding="utf-8")
    listed = {
        key for cell in re.findall(r"^\| ([A-M]\d[^|]*) \|", page, re.MULTILINE) for key in cell.split(", ")
    }
    assert set(IDENTITY) <= listed


def test_the_form_of_the_page_is_read_and_passes():
    page = (FILE.parents[1] / "docs/check_table.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    report = check_table(read_form(block)[0])
    assert report.failed == ()
    assert len(report.checks) > 30
