"""Years, halves, quarters and months as periods that know their order, their distance and their gaps.

A period is a frequency and a count of steps since year zero, so that ``b - a`` is a number of steps and a
lag is the period before, never the row before.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any, Literal, get_args

from shuyi.errors import DataError, check_known, offenders

Frequency = Literal["year", "half", "quarter", "month", "index"]
FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)
PER_YEAR: dict[str, int] = {"year": 1, "half": 2, "quarter": 4, "month": 12, "index": 1}
"""Periods in a year; a plain count of rounds (``index``) steps by one."""

FORMS = "2011, 2011年, 2011H1, 2011Q1, 2011年1季度, 2011-03, 2011年3月, 201103 or a date"
"""Forms that a period may take, for messages."""

_FULL_WIDTH = str.maketrans("０１２３４５６７８９－．／", "0123456789-./")
_NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_MONTHS = {name.lower(): i for i, name in enumerate(calendar.month_abbr) if name}
_YEAR = r"(?P<year>[12]\d{3})"
_PATTERNS: tuple[tuple[Frequency, re.Pattern[str]], ...] = (
    ("year", re.compile(rf"(?:y|yr|year|fy)?[_ ]?{_YEAR}(?:\.0+)?(?:年度?|年末)?", re.I | re.A)),
    ("half", re.compile(rf"{_YEAR}[-_ ]?h(?P<part>[12])", re.I | re.A)),
    ("half", re.compile(rf"{_YEAR}年?(?P<part>[上下])半年")),
    ("quarter", re.compile(rf"{_YEAR}[-_: ]?q(?P<part>[1-4])", re.I | re.A)),
    ("quarter", re.compile(rf"q(?P<part>[1-4])[-_ /]?{_YEAR}", re.I | re.A)),
    ("quarter", re.compile(rf"{_YEAR}年?第?(?P<part>[1-4一二三四])季度?")),
    ("month", re.compile(rf"{_YEAR}[-/](?P<part>0?[1-9]|1[0-2])", re.A)),
    ("month", re.compile(rf"{_YEAR}m(?P<part>0?[1-9]|1[0-2])", re.I | re.A)),
    ("month", re.compile(rf"{_YEAR}年(?P<part>0?[1-9]|1[0-2])月份?")),
    ("month", re.compile(rf"{_YEAR}(?P<part>0[1-9]|1[0-2])", re.A)),
    ("month", re.compile(rf"(?P<part>[a-z]{{3}})[a-z]*\.?[- ]{_YEAR}", re.I | re.A)),
)
_DAY = re.compile(
    rf"{_YEAR}[-/](?P<month>\d{{1,2}})[-/](?P<day>\d{{1,2}})(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.A
)
_PANDAS = {"Y": "year", "A": "year", "Q": "quarter", "M": "month"}


@dataclass(frozen=True, slots=True)
class Period:
    """One year, half, quarter, month or numbered round.

    Parameters
    ----------
    frequency : {"year", "half", "quarter", "month", "index"}
        What one step is.
    ordinal : int
        Steps since the start of year zero; for years the year itself, for rounds the number.

    Examples
    --------
    >>> Period.of("quarter", 2011, 4) + 1
    Period('2012Q1')
    >>> Period.of("year", 2015) - Period.of("year", 2010)
    5
    """

    frequency: Frequency
    ordinal: int

    @classmethod
    def of(cls, frequency: Frequency, year: int, part: int = 1) -> Period:
        """Return a part of a year: its first half, third quarter or twelfth month.

        Parameters
        ----------
        frequency : {"year", "half", "quarter", "month", "index"}
            What one step is.
        year : int
            Calendar year.
        part : int
            Number of the half, quarter or month within the year, from 1.

        Returns
        -------
        Period
            The period named.
        """
        return cls(frequency, year * PER_YEAR[frequency] + part - 1)

    @property
    def year(self) -> int:
        """Calendar year (for a round its number)."""
        return self.ordinal // PER_YEAR[self.frequency]

    @property
    def part(self) -> int:
        """Number of the half, quarter or month within the year, from 1."""
        return self.ordinal % PER_YEAR[self.frequency] + 1

    def __hash__(self) -> int:
        return hash(self.ordinal)

    def __str__(self) -> str:
        form = {"half": "{}H{}", "quarter": "{}Q{}", "month": "{}-{:02d}"}.get(self.frequency, "{}")
        return form.format(self.year, self.part)

    def __repr__(self) -> str:
        return f"Period({str(self)!r})"

    def __int__(self) -> int:
        return self.ordinal

    def __add__(self, steps: int) -> Period:
        return Period(self.frequency, self.ordinal + steps)

    def __sub__(self, other: Period) -> int:
        self._check_other(other)
        return self.ordinal - other.ordinal

    def __lt__(self, other: Period) -> bool:
        self._check_other(other)
        return self.ordinal < other.ordinal

    def __le__(self, other: Period) -> bool:
        return self == other or self < other

    def __gt__(self, other: Period) -> bool:
        return not self <= other

    def __ge__(self, other: Period) -> bool:
        return not self < other

    def _check_other(self, other: Period) -> None:
        if self.frequency != other.frequency:
            raise DataError(
                "Periods of two frequencies have no order.",
                expected=f"periods by {self.frequency}",
                found=f"{self} and {other}",
                remedy="keep one frequency in one panel",
            )


def parse_period(value: Any, frequency: Frequency | None = None) -> Period:
    """Return the period that one value names.

    Parameters
    ----------
    value : str, int, float, date, pandas Period or Period
        What stands in the cell or header.
    frequency : {"year", "half", "quarter", "month", "index"}, optional
        Frequency to read dates as, and to require; ``"index"`` reads whole numbers as numbered rounds.

    Returns
    -------
    Period
        The period named.

    Raises
    ------
    DataError
        If the value names no period, a fraction of a year, a day, or a period of another frequency.

    Examples
    --------
    >>> parse_period("2011年"), parse_period("2011Q1"), parse_period(2011.0)
    (Period('2011'), Period('2011Q1'), Period('2011'))
    """
    return parse_periods([value], frequency)[0]


def parse_periods(values: Iterable[Any], frequency: Frequency | None = None) -> list[Period]:
    """Return the periods that values name, all of one frequency.

    Parameters
    ----------
    values : iterable
        Cells or headers; see `parse_period`.
    frequency : {"year", "half", "quarter", "month", "index"}, optional
        Frequency to read dates as, and to require. Without it, two dates or more that are all first (or all
        last) days of years are years, of quarters quarters, of months months.

    Returns
    -------
    list of Period
        In the order of the values.

    Raises
    ------
    DataError
        Listing every value that names no period, or the frequencies met where there are several.
    """
    if frequency is not None:
        check_known(frequency, FREQUENCIES, "frequency", DataError)
    listed = list(values)
    distinct = {_key(value): value for value in listed}
    read = {key: _read(value, frequency) for key, value in distinct.items()}
    wrong = [f"{distinct[k]!r} ({r})" for k, r in read.items() if isinstance(r, str)]
    if wrong:
        raise DataError("Cells name no period.", expected=FORMS, found=offenders(wrong), remedy=_ROUNDS)
    days = [r for r in read.values() if isinstance(r, dt.date)]
    step = frequency or (_frequency_of_days(days) if days else None)
    periods = {k: _of_day(r, step) if isinstance(r, dt.date) else r for k, r in read.items()}
    _check_one_value(periods.values(), frequency)  # type: ignore[arg-type]
    return [periods[_key(value)] for value in listed]  # type: ignore[misc]


_ROUNDS = "if these are numbered rounds rather than years, say frequency: index"


def is_period(value: Any) -> bool:
    """Return whether one value, taken by itself, names a year, half, quarter, month or date.

    Parameters
    ----------
    value : object
        Cell or header.

    Returns
    -------
    bool
        False for empty cells and for numbers that are no years.
    """
    return not isinstance(_read(value, None), str)


def step(periods: Iterable[Period]) -> int:
    """Return the number of steps between neighbouring periods: the greatest that fits all distances.

    Parameters
    ----------
    periods : iterable of Period
        In any order, repeated or not.

    Returns
    -------
    int
        1 for consecutive periods, 10 for decades; 1 where there is only one period.
    """
    ordered = sorted(set(periods))
    return reduce(math.gcd, (b - a for a, b in pairwise(ordered)), 0) or 1


def gaps(periods: Iterable[Period], by: int | None = None) -> tuple[Period, ...]:
    """Return the periods that are missing between the first and the last.

    Parameters
    ----------
    periods : iterable of Period
        In any order, repeated or not.
    by : int, optional
        Steps from one period to the next; by default their own `step`.

    Returns
    -------
    tuple of Period
        Increasing; empty where nothing is missing.
    """
    present = set(periods)
    if not present:
        return ()
    first, last = min(present), max(present)
    stride = by or step(present)
    return tuple(p for p in (first + k for k in range(0, last - first + 1, stride)) if p not in present)


def lag_positions(periods: Sequence[Period], lag: int = 1) -> list[int]:
    """Return for each period the position of the one that lies `lag` steps before, or -1.

    Parameters
    ----------
    periods : sequence of Period
        In any order.
    lag : int
        Steps back; negative steps look ahead.

    Returns
    -------
    list of int
        Positions in `periods`; -1 where the earlier period is missing.
    """
    place = {period: position for position, period in enumerate(periods)}
    return [place.get(period + -lag, -1) for period in periods]


def _key(value: Any) -> tuple[str, Any]:
    plain = isinstance(value, (str, int, float)) and value == value
    return type(value).__name__, value if plain else str(value)


def _read(value: Any, frequency: Frequency | None) -> Period | dt.date | str:
    """Return a period, a day whose frequency is open, or the reason why the value is neither."""
    if isinstance(value, Period):
        return value
    if isinstance(value, bool) or value is None:
        return "empty" if value is None else "a truth value"
    if hasattr(value, "freqstr"):
        return _of_pandas(value)
    if hasattr(value, "to_pydatetime") or isinstance(value, dt.date):
        return _day(value)
    if hasattr(value, "item"):
        value = value.item()
        if isinstance(value, dt.date):
            return _day(value)
    if isinstance(value, (int, float)):
        return _of_number(value, frequency)
    return _of_text(str(value), frequency)


def _of_number(value: float, frequency: Frequency | None) -> Period | str:
    if not math.isfinite(value):
        return "empty"
    if value != int(value):
        return "a fraction of a year; write 2011H1, 2011Q1 or 2011-03"
    if frequency == "index":
        return Period("index", int(value))
    found = _of_text(str(int(value)), frequency)
    return found if isinstance(found, Period) else "not a year"


def _of_text(text: str, frequency: Frequency | None) -> Period | dt.date | str:
    text = re.sub(r"\s+", " ", text.translate(_FULL_WIDTH)).strip(" \ufeff\u200b")
    if not text:
        return "empty"
    if frequency == "index" and re.fullmatch(r"[+-]?\d+(\.0+)?", text, re.A):
        return Period("index", int(float(text)))
    day = _DAY.fullmatch(text)
    if day:
        try:
            return dt.date(int(day["year"]), int(day["month"]), int(day["day"]))
        except ValueError:
            return "no such day"
    squeezed = text.replace(" ", "") if "年" in text else text
    for kind, pattern in _PATTERNS:
        match = pattern.fullmatch(squeezed)
        part = _part(match) if match else None
        if match and part is not None:
            return Period.of(kind, int(match["year"]), part)
    return "no period"


def _part(match: re.Match[str]) -> int | None:
    text = match.groupdict().get("part")
    if text is None:
        return 1
    return int(text) if text.isdigit() else _NUMERALS.get(text, _MONTHS.get(text.lower()))


def _of_pandas(value: Any) -> Period | str:
    kind = _PANDAS.get(value.freqstr[:1])
    if kind is None:
        return f"a period by {value.freqstr!r}"
    part = {"year": 1, "quarter": value.quarter, "month": value.month}[kind]
    return Period.of(kind, value.year, part)  # type: ignore[arg-type]


def _day(value: Any) -> dt.date | str:
    if value != value:  # NaT
        return "empty"
    if isinstance(value, dt.datetime):
        if (value.hour, value.minute, value.second) != (0, 0, 0):
            return "a time of day"
        return value.date()
    return value


def _of_day(day: dt.date, frequency: Frequency | None) -> Period:
    if frequency is None or frequency == "index":
        raise DataError("A date names no numbered round.", found=str(day), expected=FORMS)
    months = 12 // PER_YEAR[frequency]
    return Period.of(frequency, day.year, (day.month - 1) // months + 1)


def _frequency_of_days(days: Sequence[dt.date]) -> Frequency:
    several = len(set(days)) > 1
    first = all(d.day == 1 for d in days)
    last = all(d.day == calendar.monthrange(d.year, d.month)[1] for d in days)
    if several and (first or last):
        shift = 1 if first else 0
        for kind in ("year", "half", "quarter", "month"):
            months = 12 // PER_YEAR[kind]
            if kind != "half" and all((d.month - shift) % months == 0 for d in days):
                return kind
    raise DataError(
        "Dates do not say which periods they stand for.",
        expected="at least two dates, all first or all last days of years, quarters or months",
        found=offenders(sorted({str(d) for d in days})),
        remedy="say frequency: year, half, quarter or month; days and weeks are not periods of a panel",
    )


def _check_one_value(periods: Iterable[Period], frequency: Frequency | None) -> None:
    examples: dict[str, list[str]] = {}
    for period in periods:
        examples.setdefault(period.frequency, []).append(str(period))
    if len(examples) > 1 or (frequency and examples and frequency not in examples):
        raise DataError(
            "Periods are of another frequency." if frequency else "Periods are of several frequencies.",
            expected=f"periods by {frequency}" if frequency else "one frequency throughout",
            found="; ".join(f"{kind}: {offenders(some, 3)}" for kind, some in examples.items()),
            remedy="keep one frequency, or read each from a source of its own",
        )
