"""What a docstring of the estimators or a page cites stands in the list of references."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIST = (ROOT / "docs/references.md").read_text(encoding="utf-8")
SOURCES = sorted([*(ROOT / "src/shuyi").rglob("*.py"), *(ROOT / "docs/guide").glob("*.md")])
SURNAME = r"(?:de |Le |Sala-i-)?[A-ZÅÉØ][\w'-]+"
CITATION = re.compile(
    rf"\b({SURNAME})(?:'s)?((?:, (?:de )?{SURNAME})*(?: and (?:de )?{SURNAME})?),? \(?((?:19|20)\d\d)\b"
)
NOT_AUTHORS = {"Xinjiang"}


def text_of(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    parts = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
    return "\n".join(re.sub(r"\s+", " ", part) for part in parts if isinstance(part, str))


def entries():
    """Return the surname of the first author and the years of each entry."""
    joined = re.sub(r"\n  ", " ", LIST)
    return {
        (m[1].removesuffix("'s"), m[2])
        for m in re.finditer(r"^- ([^,]+),.*?\((\d{4})\)", joined, re.MULTILINE)
    }


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_every_citation_has_an_entry(path):
    known = entries()
    found = CITATION.finditer(text_of(path))
    cited = {(m[1].removesuffix("'s").split("-")[0], m[3]) for m in found if m[1] not in NOT_AUTHORS}
    assert sorted(cited - known) == []
