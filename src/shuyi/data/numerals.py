"""What a number in a file is: plain ASCII notation and nothing that only Python takes for one."""

from __future__ import annotations

import math
import re

PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
"""Digits, decimal point and exponent."""


def plain_number(text: str) -> float | None:
    """Return a finite number in plain ASCII notation, or None.

    Parameters
    ----------
    text : str
        ``12``, ``-1.5``, ``.5``, ``1e-7``. Underscores, other scripts' digits, ``inf``, ``nan``,
        hexadecimal notation and numbers beyond the range of a float are none.

    Returns
    -------
    float or None
        The number.

    Examples
    --------
    >>> plain_number("1.5e3"), plain_number("1_000"), plain_number("1e400")
    (1500.0, None, None)
    """
    if not PLAIN_NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None
