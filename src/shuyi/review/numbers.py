"""Printed numbers: the text of a cell, its value, and the values that round to it."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

from shuyi.errors import DataError
from shuyi.review.intervals import SLACK, Interval

MAX_CHARACTERS = 60
"""Longest text that is looked at as a number."""
MINUS_SIGNS = str.maketrans(dict.fromkeys("−–‒﹣－", "-"))
DIGITS = re.compile(r"([<>≤≥]?)\s*([+-]?)\s*(\d[\d,]*\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,3}))?\s*(%?)")
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is printed.

    Parameters
    ----------
    text : str
        The digits as printed, without stars and parentheses.
    value : float
        The number that they spell.
    unit : float
        One unit of the last printed digit.
    bound : {"", "<", ">"}
        Whether only a bound is printed, as in ``<0.001``.
    """

    text: str
    value: float
    unit: float
    bound: str = ""

    @property
    def interval(self) -> Interval:
        """The values that round to the printed number."""
        if self.bound == "<":
            return Interval(min(0.0, self.value), self.value)
        if self.bound == ">":
            return Interval(self.value, math.inf)
        return Interval(self.value, self.value).widened(self.unit / 2 * (1 + SLACK) + abs(self.value) * 1e-12)


def parse_number(text: str | float) -> Number | None:
    """Return the number that a text spells, or None if it spells none.

    Parameters
    ----------
    text : str or float
        Such as ``-0.127``, ``.010``, ``1,541.10``, ``1.2e-05``, ``<0.001`` or ``12.5%``. A number loses
        trailing zeros, so that fewer digits count as printed.

    Returns
    -------
    Number or None

    Examples
    --------
    >>> parse_number("-0.10").interval
    Interval(low=-0.1050000000051, high=-0.0949999999949)
    """
    cleaned = unicodedata.normalize("NFKC", str(text).translate(MINUS_SIGNS)).translate(MINUS_SIGNS).strip()
    if len(cleaned) > MAX_CHARACTERS:
        return None
    match = DIGITS.fullmatch(cleaned.replace(" ", ""))
    if match is None:
        return None
    bound, sign, digits, exponent, percent = match.groups()
    if "," in digits:
        if not THOUSANDS.fullmatch(digits):
            return None
        digits = digits.replace(",", "")
    power = int(exponent or 0) - (2 if percent else 0)
    after = len(digits.partition(".")[2])
    value = float(f"{sign}{digits}e{power}")
    if not math.isfinite(value):
        return None
    return Number(cleaned, value, 10.0 ** (power - after), {"≤": "<", "≥": ">"}.get(bound, bound))


def number(text: str | float) -> Number:
    """Return the number that a text spells.

    Parameters
    ----------
    text : str or float
        As for `parse_number`.

    Returns
    -------
    Number

    Raises
    ------
    DataError
        If it spells none.
    """
    found = parse_number(text)
    if found is None:
        raise DataError(
            "A cell does not hold a number.",
            expected="a number such as -0.127, .010, 1,541.10, 1.2e-05 or <0.001",
            found=repr(str(text)[:MAX_CHARACTERS]),
            remedy="write the digits as they are printed, with a point before the decimals",
        )
    return found


def short(value: float, digits: int = 4) -> str:
    """Return a computed value as text with a few significant digits.

    Parameters
    ----------
    value : float
        The value.
    digits : int
        Significant digits.

    Returns
    -------
    str
    """
    if math.isinf(value):
        return "-∞" if value < 0 else "∞"
    if value and abs(value) >= 10**digits:
        return f"{value:.0f}"
    text = f"{value:.{digits}g}"
    return f"{value:.{digits - 1}e}" if "e" in text else text


def span(interval: Interval, digits: int = 4) -> str:
    """Return an interval as ``low to high``, or as one value where both print alike.

    Parameters
    ----------
    interval : Interval
        The interval.
    digits : int
        Significant digits.

    Returns
    -------
    str
    """
    low, high = short(interval.low, digits), short(interval.high, digits)
    return low if low == high else f"{low} … {high}"
