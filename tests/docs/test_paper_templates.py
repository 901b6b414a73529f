"""The templates of the paper: no number is typed, and what they cite is in the list of references."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "config/paper").glob("*.typ"))
BIB = (ROOT / "config/paper/references.bib").read_text(encoding="utf-8")
NUMERALS = r"\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|hundred|per cent|half)\b"


def prose(text):
    """Return the text without comments, formulas, calls and the names of files and keys."""
    text = re.sub(r"(?<!:)//.*", "", text)
    text = re.sub(r'"[^"]*"', "", text)
    text = re.sub(r"\$[^$]*\$", "", text)
    return re.sub(r"[@<][\w-]+>?", "", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_number_is_typed(path):
    text = prose(path.read_text(encoding="utf-8"))
    assert re.findall(r".*\d.*", text) == []
    assert re.findall(NUMERALS, text) == []


def test_both_languages_print_the_same_values_and_cite_the_same_works():
    english, chinese = (
        {
            kind: set(re.findall(pattern, path.read_text(encoding="utf-8")))
            for kind, pattern in PATTERNS.items()
        }
        for path in TEMPLATES
    )
    assert english == chinese


PATTERNS = {
    "values": r'(?:show-value|has|at|by-interval|if-any)\("([\w.-]+)"',
    "cited": r"(?:@|cite\(<)([a-z]+\d{4}|nbs)",
    "items": r'(?:item|in-run)\("(\w+)"',
    "sections": r"<sec-(\w+)>",
}


def test_every_work_is_in_the_list_of_references_and_cited():
    known = re.sub(r"\s+", " ", (ROOT / "docs/references.md").read_text(encoding="utf-8"))
    cited = set(re.findall(PATTERNS["cited"], TEMPLATES[0].read_text(encoding="utf-8")))
    entries = re.findall(r"@\w+\{(\w+), .*?title = \{(.+?)\},(.*)", BIB)
    assert {key for key, _, _ in entries} == cited
    for key, title, rest in entries:
        if key != "nbs":
            assert title in known and re.search(r"year = \{(\d{4})\}", rest)[1] in known, key
