"""Pasted text: tab-separated, Markdown, comma-separated or aligned by blanks."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from shuyi.review.readers.cells import parse_cell, tidy
from shuyi.review.readers.grid import Grid, build_grid
from shuyi.review.readers.limits import check_rows

RULE = re.compile(r"^[\s|+:=_─━-]{3,}$")
TITLE = re.compile(r"[\s*#]*(?:table|表)\s*\d+", re.IGNORECASE)
TOKEN = re.compile(r"\S+(?: \S+)*")
CONSOLE = re.compile(r"\s*[\w.]+\s+\|\s")
FACTS = {
    "Number of obs": "Observations",
    "Number of groups": "Number of groups",
    "Panel length": "Number of periods",
    "Log-likelihood": "Log-likelihood",
    "within": "R2 within",
}
"""What Stata prints above a table, and what its rows are called here."""
FACT = re.compile(rf"({'|'.join(FACTS)})\s*=\s*(-?[\d,]*\.?\d+)")
VALUES = re.compile(
    r"(?<!\S)(?:[(\[]?[<>]?[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?[)\]]?\*{0,3}(?:\s|$)|[-–—](?:\s|$))+$"
)


def read_pasted(text: str, source: str = "") -> list[Grid]:
    """Return the tables of pasted text, which two blank lines or a line ``Table ...`` part.

    Parameters
    ----------
    text : str
        As copied from a page, a console or a word processor.
    source : str
        Name of the file.

    Returns
    -------
    list of Grid
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    check_rows(len(lines))
    blocks = _blocks(lines)
    named = [f"{source} {i}" if len(blocks) > 1 else source for i in range(1, len(blocks) + 1)]
    return [_grid(block, name) for block, name in zip(blocks, named, strict=True)]


def read_separated(text: str, source: str = "") -> Grid:
    """Return a table of comma-, semicolon- or tab-separated values.

    Parameters
    ----------
    text : str
        Content of the file.
    source : str
        Name of the file.

    Returns
    -------
    Grid
    """
    first = text[:5000]
    separator = max("\t,;", key=first.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    return build_grid(rows, "", "", source)


def _blocks(lines: Sequence[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    blanks = 0
    for line in lines:
        blanks = blanks + 1 if not line.strip() else 0
        starts = TITLE.match(line) is not None
        if (blanks == 2 or starts) and sum(_has_numbers(x) for x in blocks[-1]) > 1:
            blocks.append([])
        if line.strip():
            blocks[-1].append(line)
    return [b for b in blocks if any(_has_numbers(line) for line in b)]


def _has_numbers(line: str) -> bool:
    return any(parse_cell(token) is not None for token in line.split())


def _grid(lines: list[str], source: str) -> Grid:
    if sum(CONSOLE.match(line) is not None for line in lines) > 1 and any("P>|" in line for line in lines):
        return build_grid(_console(lines), lines[0].partition("   ")[0], "", source)
    kept = [line for line in lines if not RULE.match(line)]
    title = ""
    if kept and TITLE.match(kept[0]):
        title, kept = kept[0].strip("*# "), kept[1:]
    if sum("\t" in line for line in kept) > len(kept) / 2:
        return build_grid([line.split("\t") for line in kept], title, "", source)
    if sum(line.lstrip().startswith("|") for line in kept) > len(kept) / 2:
        return build_grid([_markdown(line) for line in kept], title, "", source)
    if sum(bool(re.search(r"\S\s{2,}\S", line)) for line in kept) > len(kept) / 3:
        return build_grid(_aligned(kept), title, "", source)
    return build_grid([_single_blanks(line) for line in kept], title, "", source)


def _console(lines: list[str]) -> list[list[str]]:
    """Return the rows of what Stata prints: a coefficient, its error, z, p and an interval behind a bar."""
    rows = [["", "Coef.", "Std. err.", "z", "P>|z|"]]
    facts: list[list[str]] = []
    for line in lines:
        label, bar, rest = line.partition("|")
        if bar and "P>|" not in line:
            rows.append([label.strip(), *rest.split()[:4]])
        elif not bar:
            facts += [[name, value] for name, value in FACT.findall(line) if name in FACTS]
    named = [[FACTS[name], value] for name, value in facts]
    return [*rows, *([["Statistics"], *named] if named else [])]


def _markdown(line: str) -> list[str]:
    return [cell.replace("\\*", "*").strip() for cell in line.strip().strip("|").split("|")]


def _aligned(lines: list[str]) -> list[list[str]]:
    """Return cells of lines whose columns are kept apart by two blanks, placed by their position."""
    chunks = [[(m.start(), m.end(), m.group()) for m in TOKEN.finditer(line.expandtabs())] for line in lines]
    widths = Counter(len(c) for c in chunks if len(c) > 1)
    if not widths:
        return [[line] for line in lines]
    width = max(w for w, count in widths.items() if count >= max(1, max(widths.values()) // 3))
    full = [c for c in chunks if len(c) == width]
    starts = [min(c[j][0] for c in full) for j in range(width)]
    ends = [max(c[j][1] for c in full) for j in range(width)]
    return [_placed(c, starts, ends, width) for c in chunks]


def _placed(chunks: list[tuple[int, int, str]], starts: list[int], ends: list[int], width: int) -> list[str]:
    if len(chunks) == 1 and parse_cell(chunks[0][2]) is None:
        return [chunks[0][2]]
    if len(chunks) == width:
        return [text for _, _, text in chunks]
    cells = [""] * width
    for start, end, text in chunks:
        middle = (start + end) / 2
        at = min(range(width), key=lambda j: abs(middle - (starts[j] + ends[j]) / 2))
        cells[at] = f"{cells[at]} {text}".strip()
    return cells


def _single_blanks(line: str) -> list[str]:
    """Return label and numbers of a line whose cells are one blank apart."""
    plain = tidy(line)
    match = VALUES.search(plain)
    if match is None:
        return [plain] if not re.fullmatch(r"(?:\(\d\)\s*)+", plain) else ["", *plain.split()]
    label = plain[: match.start()].strip()
    return [label, *match.group().split()]
