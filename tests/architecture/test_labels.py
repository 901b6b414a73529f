"""Words: each is printed by something, and lies in the file of the analysis that prints it."""

import re
from pathlib import Path

import pytest

from shuyi import files
from shuyi.analyses.registry import ANALYSES
from shuyi.pipeline.run import load_run, read_config

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/shuyi"
LABELS = {
    path.stem: [row["key"] for row in files.read_rows(path)]
    for path in sorted((ROOT / "config/labels").glob("*.csv"))
}
SHARED = {"variables", "maps", "notes", "regions", "weights", "estimators"}
"""Files of words that several analyses print."""
TEXTS = {
    path.relative_to(SOURCE).as_posix(): path.read_text(encoding="utf-8")
    for pattern in ("*.py", "resources/*.html", "resources/*.js")
    for path in sorted(SOURCE.rglob(pattern))
}
RUN = load_run(read_config({"pilots": {"file": "data/external/README.md"}}, []))
"""With every analysis: that of pilots needs a file, of which only the name counts here."""
TITLES = {item.title_key: analysis.id for analysis in RUN.analyses for item in analysis.items(RUN)}


def users(key):
    """Return the sources that print a label: by its key, or by the longest family of keys that it is in."""
    if named := {name for name, text in TEXTS.items() if f'"{key}"' in text or f"'{key}'" in text}:
        return named
    parts = key.split(".")
    for length in range(len(parts) - 1, 0, -1):
        family = ".".join(parts[:length]) + "."
        forms = (f'"{family}{{', f'"{family}"', f"`{family}${{")
        if found := {name for name, text in TEXTS.items() if any(form in text for form in forms)}:
            return found
    return set()


def test_a_file_of_labels_is_shared_or_of_one_analysis():
    assert set(LABELS) - SHARED <= {analysis.id for analysis in ANALYSES}


@pytest.mark.parametrize("name", sorted(set(LABELS) - {"variables"}))
def test_every_label_is_printed(name):
    kinds = {kind for text in TEXTS.values() for kind in re.findall(r'labels\.name\("(\w+)"', text)}
    unused = [
        key
        for key in LABELS[name]
        if key not in TITLES and not users(key) and not key.startswith(tuple(f"{kind}." for kind in kinds))
    ]
    assert unused == []


@pytest.mark.parametrize("name", sorted(set(LABELS) - SHARED))
def test_words_of_an_analysis_are_printed_by_it(name):
    def is_foreign(path):
        return path.startswith("analyses/") and not path.startswith(f"analyses/{name}/")

    foreign = [
        key
        for key in LABELS[name]
        if TITLES.get(key, name) != name or (users(key) and all(map(is_foreign, users(key))))
    ]
    assert foreign == []


BROUGHT = {"axis.x", "axis.y"}
"""Words that come with the data: the axes of an index scheme."""


def test_every_label_that_the_source_names_exists():
    known = {key for keys in LABELS.values() for key in keys} | BROUGHT
    named = {key for text in TEXTS.values() for key in re.findall(r'labels\.text\(\s*"([^"{}]+)"', text)}
    assert sorted(named - known) == []
