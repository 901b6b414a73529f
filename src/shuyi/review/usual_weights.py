"""Smallest eigenvalues of the usual weights of China's provinces, and their names in tables.

Computed from the committed borders and the capitals' coordinates, rows standardised; a test computes them
anew.
"""

from __future__ import annotations

import re

SMALLEST_EIGENVALUE = {
    "contiguity": -0.62010,
    "contiguity, Hainan without neighbours": -0.58287,
    "inverse distance": -0.22090,
    "inverse distance squared": -0.60523,
    "3 nearest": -0.62499,
    "4 nearest": -0.48725,
    "5 nearest": -0.46244,
    "6 nearest": -0.41743,
    "7 nearest": -0.31815,
    "8 nearest": -0.21227,
}
"""Smallest eigenvalue by kind of weights, for the 31 provinces; contiguity joins Guangdong and Hainan."""
LEAST_BINDING = {"contiguity": -0.58287}
"""Smallest eigenvalue nearest to zero among the variants of a kind: below its inverse no variant admits
rho."""
PROVINCES = (30, 31)
"""Numbers of units that the registry's 31 provinces, with and without Tibet, give."""
NAMES = (
    ("inverse distance squared", r"squared|square of|平方|d\^?-?2|1/d2|1/d\^2"),
    ("nearest", r"nearest|knn|k-nn|最近邻|近邻"),
    ("inverse distance", r"inverse|distance|反距离|地理距离|距离倒数"),
    ("contiguity", r"contigu|adjacen|queen|rook|0-1|0/1|邻接|相邻|毗邻"),
)
ECONOMIC = re.compile(r"economic|nested|经济|嵌套|gravity|引力", re.IGNORECASE)


def usual_weights(name: str, n: int | None) -> str:
    """Return which of the usual weights a name in a table of the provinces means, or an empty string.

    Parameters
    ----------
    name : str
        As printed, in English or Chinese.
    n : int, optional
        Units of the table; only 30 or 31 can be the provinces.

    Returns
    -------
    str
        Key of `SMALLEST_EIGENVALUE`.
    """
    if n not in PROVINCES or ECONOMIC.search(name):
        return ""
    for kind, pattern in NAMES:
        if re.search(pattern, name, re.IGNORECASE):
            return kind if kind != "nearest" else _nearest(name)
    return ""


def _nearest(name: str) -> str:
    digit = re.search(r"[3-8]", name)
    words = {"three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
    spelled = next((k for word, k in words.items() if word in name.lower()), None)
    k = digit.group() if digit else spelled
    return f"{k} nearest" if k else ""
