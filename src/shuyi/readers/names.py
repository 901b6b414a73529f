"""Names in cells and headers: white space, footnote marks, two languages, units of measurement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from shuyi.readers.numbers import BLANKS

_MARKS = re.compile(r"^[#*＃]+|[*†‡＊]+$|[\u2460-\u2473\u00b9\u00b2\u00b3]+$|\[\d{1,2}\]$")
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN_TAIL = re.compile(
    r"^(?P<first>[^A-Za-z]*[\u3400-\u9fff\uf900-\ufaff][^A-Za-z]*?)\s*[/|\n ]\s*(?P<second>[A-Za-z].*)$", re.S
)
_MEASURE = re.compile(
    r"^(?P<name>.*?\S)\s*[(（\[【](?P<measure>[^()（）\[\]【】]*)[)）\]】]\s*[a-z]{0,2}[*①-⑳]*$", re.S
)
_FULL_WIDTH = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F) if chr(c) not in "（），：；"}


@dataclass(frozen=True, slots=True)
class ReadName:
    """A name and what had to be done to read it.

    Parameters
    ----------
    name : str
        Without surrounding space, footnote marks and the second language.
    second : str
        The name in the second language that shared the cell; usually empty.
    rules : tuple of str
        What was changed; surrounding space is not reported.
    """

    name: str
    second: str = ""
    rules: tuple[str, ...] = ()


def text_of(raw: Any) -> str:
    """Return the text of a cell, whole numbers without their decimal point.

    Parameters
    ----------
    raw : object
        A cell.

    Returns
    -------
    str
        Without surrounding white space; empty for nothing.
    """
    if raw is None or raw != raw:
        return ""
    if hasattr(raw, "item"):
        raw = raw.item()
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return str(raw).strip(BLANKS)


def read_name(raw: Any) -> ReadName:
    """Return the name in a cell.

    Parameters
    ----------
    raw : object
        Text or number; a whole number becomes its digits.

    Returns
    -------
    ReadName
        Spaces inside an ideographic name are removed, in other names runs of white space become one space;
        ``#``, ``*`` and circled numbers at the edges are footnote marks.
    """
    text = text_of(raw)
    if text.isascii() and text.isalnum():
        return ReadName(text)
    rules: list[str] = []
    half = text.translate(_FULL_WIDTH)
    if half != text:
        rules.append("full-width characters")
    bare = _MARKS.sub("", half).strip(BLANKS)
    if bare and bare != half:
        rules.append("footnote mark removed")
    bare = bare or half
    split = _LATIN_TAIL.match(bare)
    second = ""
    if split:
        bare, second = split["first"], re.sub(r"\s+", " ", split["second"])
        rules.append("second language set apart")
    joined = re.sub(r"\s+", "" if _IDEOGRAPH.search(bare) else " ", bare)
    if joined != bare.strip():
        rules.append("spaces inside a name removed")
    return ReadName(joined, second, tuple(rules))


def split_measure(title: str) -> tuple[str, str]:
    """Return a title without its unit of measurement, and the unit.

    Parameters
    ----------
    title : str
        ``GDP (million EUR)``, ``人口（万人）``; the last pair of brackets holds the unit.

    Returns
    -------
    tuple of (str, str)
        Name and unit; the unit is empty where the title has none.
    """
    title = title.strip(BLANKS)
    match = _MEASURE.match(title)
    return (match["name"].strip(BLANKS), match["measure"].strip(BLANKS)) if match else (title, "")


def has_ideographs(text: str) -> bool:
    """Return whether a text holds ideographs.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool
        True for a Chinese, Japanese or Korean ideograph anywhere.
    """
    return bool(_IDEOGRAPH.search(text))
