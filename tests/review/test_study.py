"""The study of false alarms and detections, on few tables."""

import importlib.util
from pathlib import Path

import pytest

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
