"""One cell turned into a number: strict about what a number is, with a rule for every change."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from shuyi.data.numerals import PLAIN_NUMBER, plain_number

MISSING_MARKS = frozenset(
    ("", "…", "……", "...", "..", ".", "-", "--", "---", "—", "——", "–", "－", "×", "无", "空白")
) | frozenset(("NA", "N/A", "n/a", "n.a.", "NaN", "nan", "NULL", "null", "None", "#N/A"))
"""Texts that stand for a figure that is not there."""

BLANKS = " \t\r\n\v\f\u00a0\u3000\u2002\u2003\u2007\u2009\u202f\ufeff\u200b"
"""White space around cells, among it the full-width space and the byte-order mark."""

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?:\.\d*)?", re.ASCII)
_FOOTNOTE = re.compile(
    r"(?:[*†‡#]+|[\u2460-\u2473\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+|\[\d{1,2}\]|［\d{1,2}］)$"
)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋％Ｅｅ−", "0123456789.,-+%Ee-")
_SCALES = ("万亿", "亿", "万", "千", "百万", "million", "billion", "thousand")


@dataclass(frozen=True, slots=True)
class ReadNumber:
    """A number and what had to be done to read it.

    Parameters
    ----------
    value : float
        NaN where the cell is empty or holds a mark for a missing figure.
    rules : tuple of str
        What was changed, in order; empty where the cell held a plain number or nothing.
    percent : bool
        Whether the cell bore a percent sign. The value stays in per cent.
    """

    value: float
    rules: tuple[str, ...] = ()
    percent: bool = False


def read_number(
    raw: Any, *, missing: Collection[str] = MISSING_MARKS, decimal: str = ".", typed: bool = False
) -> ReadNumber:
    """Return the number in a cell, with the rules that were applied.

    Parameters
    ----------
    raw : object
        Text, number or nothing, as the file holds it.
    missing : collection of str
        Texts that stand for a missing figure.
    decimal : {".", ","}
        Decimal mark of text.
    typed : bool
        Whether the file tells numbers from text, so that a number in text is worth reporting.

    Returns
    -------
    ReadNumber
        Value and rules.

    Raises
    ------
    ValueError
        If the cell is no number; the message says what it looks like and what to write.
    """
    if type(raw) is float:
        return _finite(raw)
    if raw is None:
        return ReadNumber(math.nan)
    if isinstance(raw, bool):
        raise ValueError("a truth value; write 0 or 1")
    if isinstance(raw, (int, float)):
        return _finite(float(raw))
    if hasattr(raw, "item"):
        return read_number(raw.item(), missing=missing, decimal=decimal, typed=typed)
    if not isinstance(raw, str):
        raise ValueError(f"a {type(raw).__name__}; write a number")
    text = raw.strip(BLANKS)
    if not text:
        return ReadNumber(math.nan)
    value = plain_number(text) if decimal == "." else None
    if value is not None:
        return ReadNumber(value, ("number stored as text",) if typed else ())
    if text in missing:
        return ReadNumber(math.nan, ("mark for a missing figure",))
    return _mended(text, decimal)


def _finite(value: float) -> ReadNumber:
    if math.isinf(value):
        raise ValueError("infinite; write a finite number or leave the cell empty")
    return ReadNumber(value)


def _mended(text: str, decimal: str) -> ReadNumber:
    rules: list[str] = []
    bare = _FOOTNOTE.sub("", text).rstrip(BLANKS)
    if bare != text and bare:
        rules.append("footnote mark removed")
    plain = bare.translate(_FULL_WIDTH)
    if plain != bare:
        rules.append("full-width characters")
    percent = plain.endswith("%")
    if percent:
        plain = plain[:-1].rstrip(BLANKS)
        rules.append("percent sign removed, value stays in per cent")
    if decimal == ",":
        plain = plain.translate(str.maketrans(",.", ".,"))
        rules.append("decimal comma")
    if _GROUPED.fullmatch(plain) or _SPACED.fullmatch(plain):
        plain = re.sub(r"[,\s]", "", plain)
        rules.append("thousands separators removed")
    value = plain_number(plain)
    if value is None:
        raise ValueError(_advice(text, plain))
    return ReadNumber(value, tuple(rules), percent)


def _advice(text: str, plain: str) -> str:
    if PLAIN_NUMBER.fullmatch(plain):
        return "too large for a number; mend the exponent"
    if text.startswith("#") and text.endswith(("!", "?")):
        return "an error of Excel; mend the formula, or leave the cell empty"
    if re.fullmatch(r"\([\d.,]+\)", plain):
        return "a number in brackets; write a minus sign if it is negative"
    if re.fullmatch(r"[+-]?\d+,\d+", plain, re.ASCII):
        return "a comma that is no thousands separator; write a decimal point, or say decimal: ','"
    if any(text.endswith(scale) for scale in _SCALES):
        return "a number with a scale word; write all digits and give the scale as the unit"
    if "_" in text:
        return "a number with underscores; write digits without separators"
    return "not a number; write one, leave the cell empty, or name the columns wanted under columns:"
