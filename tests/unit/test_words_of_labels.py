"""What no printed sentence may hold: ids, paths, plurals in brackets, blanks before percent signs."""

import csv
import re
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[2] / "config" / "labels").glob("*.csv"))
KINDS = {
    "plural in brackets": r"\w\(s\)",
    "blank before a percent sign": r"(\}|\d) %",
    "path of the project": r"\b(config|data|results|src)/\w",
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_sentence_of_tables_holds(kind):
    found = []
    for path in FILES:
        if path.stem == "report":
            continue
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        found += [row["key"] for row in rows if re.search(KINDS[kind], row["en"])]
    assert found == []


def test_every_row_of_labels_has_both_languages():
    for path in FILES:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert [row for row in rows if len(row) != 3] == [], path.name
