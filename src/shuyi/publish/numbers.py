"""Numbers as text: the only place where results are rounded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shuyi.errors import ConfigError, DataError

RATIO_DECIMALS, SHARE_DECIMALS, KM_DECIMALS, DEGREE_DECIMALS = 2, 1, 1, 2

MINUS = "−"
MISSING = "—"
SMALLEST_DECIMALS = 12
"""Decimals beyond which a number counts as zero: rounding error of sums of a few hundred numbers."""

Uncertainty = Literal["std_error", "t", "p"]
UNCERTAINTIES: tuple[Uncertainty, ...] = ("std_error", "t", "p")


@dataclass(frozen=True)
class TableOptions:
    """How numbers are printed.

    Parameters
    ----------
    uncertainty : {"std_error", "t", "p"}
        What stands in parentheses below an estimate.
    decimals : int
        Digits after the point.
    stars : tuple of float
        Levels of ``*``, ``**`` and so on, from large to small; empty for no stars.
    """

    uncertainty: Uncertainty = "std_error"
    decimals: int = 3
    stars: tuple[float, ...] = (0.1, 0.05, 0.01)

    def __post_init__(self) -> None:
        if self.uncertainty not in UNCERTAINTIES:
            raise ConfigError(
                "Unknown uncertainty of tables.",
                expected=f"one of {', '.join(UNCERTAINTIES)}",
                found=repr(self.uncertainty),
                remedy="correct tables.uncertainty in config/config.yaml",
            )
        if not 0 <= self.decimals <= SMALLEST_DECIMALS:
            raise ConfigError(
                "Tables cannot print this many decimals.",
                expected=f"0 to {SMALLEST_DECIMALS}",
                found=str(self.decimals),
                remedy="correct tables.decimals in config/config.yaml",
            )
        falling = all(a > b for a, b in zip(self.stars, self.stars[1:], strict=False))
        if not falling or not all(0 < level < 1 for level in self.stars):
            raise ConfigError(
                "The levels of the stars are out of order.",
                expected="levels between 0 and 1, from large to small, such as 0.1, 0.05, 0.01",
                found=", ".join(map(str, self.stars)),
                remedy="correct tables.stars in config/config.yaml",
            )

    @classmethod
    def from_config(cls, section: Mapping[str, Any]) -> TableOptions:
        """Build the options from the section ``tables`` of the configuration.

        Parameters
        ----------
        section : mapping
            The keys uncertainty, decimals and stars.

        Returns
        -------
        TableOptions
            The same options.
        """
        return cls(section["uncertainty"], section["decimals"], tuple(section["stars"]))


def number(value: float | None, decimals: int) -> str:
    """Return a number with fixed decimals and a true minus sign.

    A number that is not zero never prints as zero: where the decimals do not suffice, the last digit stands
    as a bound, ``<0.001`` or ``>−0.001``, so that a column keeps its decimals. Missing values print as an em
    dash.

    Parameters
    ----------
    value : float or None
        Number to print; missing values print as a dash.
    decimals : int
        Digits after the point.

    Returns
    -------
    str
    """
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return f"{MINUS if value < 0 else ''}∞"
    text = f"{abs(value):,.{decimals}f}"
    if float(text.replace(",", "")):
        return f"{MINUS if value < 0 else ''}{text}"
    if abs(value) < 10.0**-SMALLEST_DECIMALS:
        return text
    smallest = f"{10.0**-decimals:.{decimals}f}"
    return f">{MINUS}{smallest}" if value < 0 else f"<{smallest}"


def count(value: float | None) -> str:
    """Return a whole number with thousands separators, or an em dash where it is missing.

    Parameters
    ----------
    value : float or None
        Whole number to print.

    Returns
    -------
    str
        Without a point.

    Raises
    ------
    DataError
        If the number is not whole.

    Examples
    --------
    >>> from shuyi.publish.numbers import count
    >>> count(31000)
    '31,000'
    """
    if value is None or math.isnan(value):
        return MISSING
    if value != int(value):
        raise DataError("A count is not a whole number.", expected="a whole number", found=repr(value))
    return f"{MINUS if value < 0 else ''}{abs(int(value)):,}"


def p_value(p: float | None, decimals: int = 3) -> str:
    """Return a p-value; below the last digit ``<0.001``, never ``0.000``.

    Parameters
    ----------
    p : float or None
        Probability to print.
    decimals : int, default 3
        Digits after the point.

    Returns
    -------
    str
        Without a leading ``p =``.

    Raises
    ------
    DataError
        If p lies outside [0, 1].

    Examples
    --------
    >>> from shuyi.publish.numbers import p_value
    >>> p_value(0.0321), p_value(0.00001)
    ('0.032', '<0.001')
    """
    if p is None or math.isnan(p):
        return MISSING
    if not 0 <= p <= 1:
        raise DataError("A p-value lies outside its range.", expected="0 <= p <= 1", found=repr(p))
    smallest = 10.0**-decimals
    return f"<{smallest:.{decimals}f}" if p < smallest else f"{p:.{decimals}f}"


def equals(p: float | None, decimals: int = 3) -> str:
    """Return a p-value within a sentence: ``= 0.017`` or ``< 0.001``.

    Parameters
    ----------
    p : float or None
        A p-value.
    decimals : int
        Digits after the point.

    Returns
    -------
    str
    """
    text = p_value(p, decimals)
    return text.replace("<", "< ") if text.startswith("<") else f"= {text}"


def stars(p: float | None, levels: Sequence[float]) -> str:
    """Return one star per level that p lies below.

    Parameters
    ----------
    p : float or None
        Probability, or None where there is none.
    levels : sequence of float
        Levels, e.g. 0.10, 0.05 and 0.01.

    Returns
    -------
    str
        As many stars as levels are met.

    Examples
    --------
    >>> from shuyi.publish.numbers import stars
    >>> stars(0.03, (0.1, 0.05, 0.01))
    '**'
    """
    if p is None or math.isnan(p):
        return ""
    return "*" * sum(p < level for level in levels)


def starred(value: float | None, p: float | None, options: TableOptions) -> str:
    """Return a number with its stars.

    Parameters
    ----------
    value : float or None
        Number to print.
    p : float or None
        Its p-value.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.

    Returns
    -------
    str
        The number, then the stars.
    """
    return number(value, options.decimals) + stars(p, options.stars)


def in_parentheses(std_error: float | None, t: float | None, p: float | None, options: TableOptions) -> str:
    """Return what stands below an estimate: its standard error, t statistic or p-value.

    Parameters
    ----------
    std_error : float or None
        Standard error of the estimate.
    t : float or None
        Its t or z statistic.
    p : float or None
        Its p-value.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.

    Returns
    -------
    str
        In parentheses; an em dash where it is missing.
    """
    text = {
        "std_error": number(std_error, options.decimals),
        "t": number(t, 2),
        "p": p_value(p, max(options.decimals, 1)),
    }[options.uncertainty]
    return text if text == MISSING else f"({text})"


def interval(lower: float | None, upper: float | None, decimals: int) -> str:
    """Return ``[lower, upper]``.

    Parameters
    ----------
    lower, upper : float or None
        Bounds of the interval.
    decimals : int
        Digits after the point.

    Returns
    -------
    str
        An em dash where a bound is missing.

    Examples
    --------
    >>> from shuyi.publish.numbers import interval
    >>> interval(0.5, 1.25, 2)
    '[0.50, 1.25]'
    """
    bounds = (number(lower, decimals), number(upper, decimals))
    return MISSING if MISSING in bounds else f"[{bounds[0]}, {bounds[1]}]"


def is_number(cell: str) -> bool:
    """Return whether a cell holds a number, with or without parentheses, percent sign and stars.

    Parameters
    ----------
    cell : str
        Text of a cell.

    Returns
    -------
    bool
        False for text and for intervals.
    """
    digits = cell.strip("()[]*%<>").removeprefix(MINUS).replace(",", "").replace(".", "", 1)
    return (digits.isdigit() and digits.isascii()) or digits == "∞"


def is_interval(cell: str) -> bool:
    """Return whether a cell holds ``[lower, upper]``.

    Parameters
    ----------
    cell : str
        Text of a cell.

    Returns
    -------
    bool
        False unless both bounds are numbers.
    """
    lower, _, upper = cell.partition(", ")
    return lower.startswith("[") and upper.endswith("]") and is_number(lower) and is_number(upper)


def decimals_of(cell: str) -> int:
    """Return how many digits follow the point in a cell.

    Parameters
    ----------
    cell : str
        Text of a cell.

    Returns
    -------
    int
        Zero without a point.
    """
    after = cell.partition(".")[2]
    return len(after) - len(after.lstrip("0123456789"))


def common_decimals(cells: Iterable[str]) -> int:
    """Return the most frequent number of decimals among the numbers of a column (the larger in a tie).

    Parameters
    ----------
    cells : iterable of str
        Text of the cells of a column.

    Returns
    -------
    int
        Zero where no number has a point.
    """
    seen = Counter(decimals_of(cell) for cell in cells if is_number(cell) and "." in cell)
    return max(seen, key=lambda d: (seen[d], d), default=0)


def overhang(cell: str, decimals: int) -> tuple[str, str]:
    """Split a number into what stands left of the right edge and what hangs over it.

    Stars, closing parentheses and digits beyond the column's decimals hang, so that right-aligned numbers
    align at the point.

    Parameters
    ----------
    cell : str
        Text of a cell.
    decimals : int
        Digits after the point that the column aligns.

    Returns
    -------
    (str, str)
        What stays and what hangs; together they are the cell.

    Examples
    --------
    >>> from shuyi.publish.numbers import overhang
    >>> overhang("0.123**", 3)
    ('0.123', '**')
    """
    if is_interval(cell):
        return cell[:-1], cell[-1:]
    if not is_number(cell):
        return cell, ""
    whole, point, after = cell.partition(".")
    if not point:
        kept = whole.rstrip(")]*%")
        return kept, whole[len(kept) :]
    kept = after[: min(decimals, decimals_of(cell))]
    return f"{whole}.{kept}", after[len(kept) :]
