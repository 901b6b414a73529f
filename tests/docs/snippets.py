"""Pages of the documentation as code: their Python blocks, what these print, and the numbers in the prose.

A ``text`` block that follows a ``python`` block holds what the latter prints. To rewrite these blocks after a
change, run ``python tests/docs/snippets.py docs/guide/effects.md ...`` and read the difference.
"""

import re
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAIR = re.compile(r"(^```python\n(.*?)^```$)(?:\n\n^```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?<![\w.])-?\d*\.\d+(?:e[-+]\d+)?(?![\w.]*\w)")

FLOAT = 1e-12
"""Rounding of floats that are printed with all their digits; fewer digits must be the same."""


@dataclass(frozen=True)
class Snippet:
    """One block of code, the line it starts on, and what the page says it prints (None: nothing)."""

    code: str
    line: int
    printed: str | None


def pages() -> list[Path]:
    """Return the pages that hold Python blocks, in order of their path."""
    return [path for path in sorted(DOCS.rglob("*.md")) if "```python" in path.read_text(encoding="utf-8")]


def snippets(text: str) -> list[Snippet]:
    return [Snippet(m.group(2), text[: m.start(2)].count("\n"), m.group(3)) for m in PAIR.finditer(text)]


def run(snippet: Snippet, path: Path, namespace: dict) -> str:
    """Execute a block in the namespace of its page and return what it prints."""
    if str(DOCS) not in sys.path:
        sys.path.insert(0, str(DOCS))
    source = compile("\n" * snippet.line + snippet.code, str(path), "exec")
    printed = StringIO()
    with redirect_stdout(printed):
        exec(source, namespace)
    return printed.getvalue()


def same(found: str, stated: str) -> bool:
    """Whether two outputs agree: the same words, and numbers the same but for the rounding of floats."""
    left, right = found.split(), stated.split()
    return len(left) == len(right) and all(map(_same_word, left, right))


def numbers(text: str) -> list[str]:
    """Return the numbers with a decimal point in a text."""
    return NUMBER.findall(text)


def prose(text: str) -> str:
    """Return a page without its blocks, links and inline code."""
    text = FENCE.sub("", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return re.sub(r"`[^`]*`", "", text)


def decimals(number: str) -> int:
    return len(number.split("e")[0].partition(".")[2])


def is_among(number: str, candidates: list[str]) -> bool:
    """Whether a number equals one of the candidates, rounded to its own digits."""
    reach = 0.5000001 * 10.0 ** -decimals(number)
    return any(abs(float(number) - float(c)) <= reach for c in candidates)


def _same_word(found: str, stated: str) -> bool:
    if found == stated:
        return True
    left, right = numbers(found), numbers(stated)
    if NUMBER.sub("#", found) != NUMBER.sub("#", stated):
        return False
    return all(_close(a, b) for a, b in zip(left, right, strict=True))


def _close(found: str, stated: str) -> bool:
    return abs(float(found) - float(stated)) <= FLOAT * abs(float(stated))


def rewrite(path: Path) -> None:
    """Put what the blocks of a page print into the text blocks that follow them."""
    text, namespace = path.read_text(encoding="utf-8"), {"__name__": "__page__"}

    def filled(match: re.Match) -> str:
        snippet = Snippet(match.group(2), text[: match.start(2)].count("\n"), match.group(3))
        printed = "\n".join(line.rstrip() for line in run(snippet, path, namespace).splitlines())
        return match.group(1) + (f"\n\n```text\n{printed}\n```" if printed else "")

    path.write_text(PAIR.sub(filled, text), encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        rewrite(Path(name))
