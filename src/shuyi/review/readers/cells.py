"""Single cells: a number, its stars, and what stands beside it in parentheses."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from shuyi.review.numbers import MINUS_SIGNS, Number, parse_number
from shuyi.review.readers.limits import MAX_CELL

STARS = str.maketrans({"∗": "*", "⁎": "*", "＊": "*", "★": "*", "☆": "*", "﹡": "*", "✱": "*"})
NUMBER = r"[<>≤≥]?\s*[+-]?\s*(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*%?"
INSIDE = rf"[(\[{{|]\s*(?:[a-zA-Z]\s*=\s*)?(?P<beside>{NUMBER})\s*(?P<inner>\**)\s*[)\]}}|]"
CELL = re.compile(rf"(?P<value>{NUMBER})\s*(?P<stars>\**)(?:\s*{INSIDE})?\s*(?P<after>\**)")
BESIDE = re.compile(rf"{INSIDE}\s*(?P<stars>\**)")
RANGE = re.compile(rf"[(\[]\s*{NUMBER}\s*[,;]\s*{NUMBER}\s*[)\]]")
MARKS = ("+", "†", "#")
"""Marks of a level below one star, which count as none."""
BLANK = ("", "-", "--", "---", "–", "—", "/", ".", "n.a.", "na", "n/a")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell holds.

    Parameters
    ----------
    value : Number, optional
        The number outside of parentheses.
    stars : int
        Stars behind it.
    beside : Number, optional
        The number in parentheses or brackets.
    bracket : str
        The opening bracket.
    """

    value: Number | None = None
    stars: int = 0
    beside: Number | None = None
    bracket: str = ""


def tidy(text: str) -> str:
    """Return a cell with plain minus signs, stars and blanks, and without control characters.

    Parameters
    ----------
    text : str
        As found in a file; of long texts only the beginning is kept.

    Returns
    -------
    str
    """
    plain = (
        unicodedata.normalize("NFKC", text[:MAX_CELL].translate(STARS))
        .translate(MINUS_SIGNS)
        .translate(STARS)
    )
    kept = "".join(
        " " if c.isspace() else c for c in plain if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    return re.sub(r" {2,}", " ", kept).strip()


def is_blank(text: str) -> bool:
    """Return whether a cell says that nothing is there.

    Parameters
    ----------
    text : str
        A tidy cell.

    Returns
    -------
    bool
    """
    return text.lower() in BLANK


def parse_cell(text: str) -> Cell | None:
    """Return what a cell holds, or None if it is not a number with or without parentheses.

    Parameters
    ----------
    text : str
        Such as ``0.121**``, ``(0.049)``, ``0.121** (0.049)`` or ``[2.47]``.

    Returns
    -------
    Cell or None

    Examples
    --------
    >>> cell = parse_cell("0.121** (0.049)")
    >>> cell.value.value, cell.stars, cell.beside.value
    (0.121, 2, 0.049)
    """
    plain = tidy(text)
    if plain.endswith(MARKS) and len(plain) > 1:
        plain = plain[:-1].rstrip()
    match = BESIDE.fullmatch(plain)
    if match:
        inside = parse_number(match["beside"])
        return (
            None
            if inside is None
            else Cell(None, len(match["stars"]) + len(match["inner"]), inside, plain[0])
        )
    match = CELL.fullmatch(plain)
    if match is None:
        return None
    value = parse_number(match["value"])
    if value is None:
        return None
    beside = parse_number(match["beside"]) if match["beside"] else None
    stars = len(match["stars"]) + len(match["after"]) + len(match["inner"] or "")
    bracket = next((c for c in plain if c in "([{|"), "") if beside else ""
    return Cell(value, stars, beside, bracket)


def is_range(text: str) -> bool:
    """Return whether a cell is an interval such as ``[0.02, 0.23]``.

    Parameters
    ----------
    text : str
        A tidy cell.

    Returns
    -------
    bool
    """
    return RANGE.fullmatch(text) is not None
