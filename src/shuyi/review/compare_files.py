"""How two files differ: not at all, in numbers and by how much, or in text."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

EQUAL, NUMBERS, CONTENT, MISSING, ADDED = "equal", "numbers", "content", "missing", "added"
"""What may be found of a file: equal byte for byte; the same but for numbers; other content; not made by the
rerun; made by the rerun alone."""
TEXTS = frozenset({".tex", ".typ", ".html", ".svg", ".txt", ".md", ".gal", ".gwt", ".json", ".csv"})
"""Endings of files whose lines can be counted."""


@dataclass(frozen=True)
class Difference:
    """What is found of one file.

    Parameters
    ----------
    path : str
        Path of the file.
    kind : {"equal", "numbers", "content", "missing", "added"}
        What differs.
    numbers : int, default 0
        How many numbers differ.
    compared : int, default 0
        How many numbers both files hold at the same place.
    largest : float, default 0.0
        Largest absolute difference between two numbers.
    relative : float, default 0.0
        Largest difference relative to the larger of the two numbers.
    place : str, default ""
        Where the largest relative difference is.
    texts : int, default 0
        How many texts, or lines, differ.
    note : str, default ""
        Why numbers were not compared.
    """

    path: str
    kind: str
    numbers: int = 0
    compared: int = 0
    largest: float = 0.0
    relative: float = 0.0
    place: str = ""
    texts: int = 0
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, for JSON.

        Returns
        -------
        dict
            The fields by name; infinite differences as text.
        """
        return {k: str(v) if isinstance(v, float) and math.isinf(v) else v for k, v in asdict(self).items()}


def compare(path: str, before: bytes, after: bytes) -> Difference:
    r"""Return how the content of a file differs from that of another run.

    Parameters
    ----------
    path : str
        Path of the file, whose ending says how it is read.
    before, after : bytes
        Its content in both runs.

    Returns
    -------
    Difference
        Of CSV and JSON with the numbers that differ; of other text with the lines that differ.

    Examples
    --------
    >>> from shuyi.review.compare_files import compare
    >>> found = compare("a.csv", b"x,y\na,1.0\n", b"x,y\na,1.5\n")
    >>> found.kind, found.largest, found.place
    ('numbers', 0.5, 'row 1, y')
    """
    if before == after:
        return Difference(path, EQUAL)
    ending = PurePosixPath(path).suffix
    readers = {".csv": _cells, ".json": _leaves}
    try:
        if ending in readers:
            return _compared(path, readers[ending](before), readers[ending](after))
    except (ValueError, RecursionError, csv.Error) as error:
        return Difference(path, CONTENT, note=f"cannot be read as {ending[1:].upper()} ({error})")
    if ending in TEXTS:
        return Difference(path, CONTENT, texts=_lines(before, after))
    return Difference(path, CONTENT, note="no text")


def compare_all(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[Difference]:
    """Return how the files of two runs differ.

    Parameters
    ----------
    before, after : mapping of str to bytes
        Content by path.

    Returns
    -------
    list of Difference
        One per path of either run, in alphabetical order.
    """
    found = []
    for path in sorted({*before, *after}):
        if path not in after:
            found.append(Difference(path, MISSING))
        elif path not in before:
            found.append(Difference(path, ADDED))
        else:
            found.append(compare(path, before[path], after[path]))
    return found


def _compared(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    places = before.keys() & after.keys()
    pairs = [(place, _number(before[place]), _number(after[place])) for place in before if place in places]
    numbers = [(place, a, b) for place, a, b in pairs if a is not None and b is not None]
    texts = sum(before[place] != after[place] for place, a, b in pairs if a is None or b is None) + len(
        before.keys() ^ after.keys()
    )
    gaps = [(place, *_gap(a, b)) for place, a, b in numbers if not _same(a, b)]
    largest = max((gap for _, gap, _ in gaps), default=0.0)
    place, _, relative = max(gaps, key=lambda gap: gap[2], default=("", 0.0, 0.0))
    kind = CONTENT if texts or not gaps else NUMBERS
    note = "" if texts or gaps else "the same values, written otherwise"
    return Difference(path, kind, len(gaps), len(numbers), largest, relative, place, texts, note)


def _same(first: float, second: float) -> bool:
    return first == second or (math.isnan(first) and math.isnan(second))


def _gap(first: float, second: float) -> tuple[float, float]:
    """Return the absolute and the relative difference of two numbers; infinite where one is none."""
    if not (math.isfinite(first) and math.isfinite(second)):
        return math.inf, math.inf
    gap = abs(first - second)
    return gap, gap / max(abs(first), abs(second))


def _number(value: Any) -> float | None:
    """Return the number in a cell, or None for text and truths."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip().strip("()[]*'").replace(",", "")
    try:
        return float(text)
    except ValueError:
        return None


def _cells(content: bytes) -> dict[str, str]:
    """Return the cells of a CSV file by row and heading."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    header = rows[0] if rows else []
    found = {f"heading {j}": name for j, name in enumerate(header, 1)}
    for i, row in enumerate(rows[1:], 1):
        for j, cell in enumerate(row):
            found[f"row {i}, {_heading(header, j)}"] = cell
    return found


def _heading(header: list[str], j: int) -> str:
    name = header[j] if j < len(header) else ""
    return name if name and header.count(name) == 1 else f"column {j + 1}"


def _leaves(content: bytes) -> dict[str, Any]:
    """Return the values of a JSON file by their path."""
    return dict(_leaves_below("", json.loads(content.decode("utf-8"))))


def _leaves_below(path: str, node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from _leaves_below(f"{path}.{key}" if path else str(key), value)
    elif isinstance(node, list) and node:
        for i, value in enumerate(node):
            yield from _leaves_below(f"{path}[{i}]", value)
    else:
        yield path, node


def _lines(before: bytes, after: bytes) -> int:
    first, second = (content.decode("utf-8", "replace").splitlines() for content in (before, after))
    return sum(a != b for a, b in zip(first, second, strict=False)) + abs(len(first) - len(second))
