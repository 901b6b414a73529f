"""What a caller may ask for: counts, random draws, seeds, levels, and the memory that they take.

Every function returns the value in its own type or raises ConfigError that names the setting. Whole numbers
may be written as floats (``1000.0``), as spreadsheets and configuration files do; everything else is refused.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from shuyi.errors import ConfigError

MAX_BYTES = 4 * 2**30
"""Memory that random draws may take."""

MAX_SEED = 2**63 - 1
"""Largest seed: the largest whole number that JSON, YAML and Parquet readers all keep."""


def whole_number(value: Any, name: str, *, least: int | None = None, most: int | None = None) -> int:
    """Return a whole number.

    Parameters
    ----------
    value : int or float
        A float is accepted where it is whole.
    name : str
        Name of the setting, for the message.
    least, most : int, optional
        Bounds that are admissible themselves.

    Returns
    -------
    int
        The number.

    Raises
    ------
    ConfigError
        If the value is no number, has decimals, is not finite or lies outside the bounds.
    """
    is_number = isinstance(value, Real) and not _is_truth(value)
    if not is_number or not math.isfinite(value) or value != int(value):
        raise ConfigError(f"{name} is a whole number.", expected=_span(least, most), found=repr(value))
    number = int(value)
    if (least is not None and number < least) or (most is not None and number > most):
        raise ConfigError(f"{name} is out of range.", expected=_span(least, most), found=repr(value))
    return number


def finite_number(value: Any, name: str, *, least: float | None = None, above: float | None = None) -> float:
    """Return a finite number.

    Parameters
    ----------
    value : int or float
        Truth values and text are no numbers.
    name : str
        Name of the setting, for the message.
    least, above : float, optional
        Lower bounds: the first is admissible itself, the second is not.

    Returns
    -------
    float
        The number.

    Raises
    ------
    ConfigError
        If the value is no number, is not finite or lies below a bound.
    """
    low = "" if least is None else f" of {least:g} or more"
    low = low if above is None else f" above {above:g}"
    is_number = isinstance(value, Real) and not _is_truth(value)
    if (
        not is_number
        or not math.isfinite(value)
        or (least is not None and value < least)
        or (above is not None and value <= above)
    ):
        raise ConfigError(f"{name} is out of range.", expected=f"a finite number{low}", found=repr(value))
    return float(value)


def check_draws(draws: Any, name: str = "draws", *, least: int = 2, none: bool = False, each: int = 8) -> int:
    """Return a number of random draws whose memory was estimated first.

    Parameters
    ----------
    draws : int or float
        Number of draws, permutations or replications.
    name : str
        Name of the setting, for the message.
    least : int
        Fewest draws that have a meaning.
    none : bool
        Whether zero is admissible: no simulation.
    each : int
        Bytes that one draw takes.

    Returns
    -------
    int
        The number.

    Raises
    ------
    ConfigError
        If the number is not whole, too small, or takes more than `MAX_BYTES`.
    """
    number = whole_number(draws, name)
    if number < least and not (none and number == 0):
        raise ConfigError(
            f"{name} is too small.",
            expected=f"{'0 (no simulation) or ' if none else ''}at least {least}",
            found=repr(draws),
        )
    check_memory(number * each, f"{name}={number}")
    return number


def check_memory(needed: float, setting: str, remedy: str = "") -> None:
    """Raise ConfigError where a setting asks for more memory than `MAX_BYTES`.

    Parameters
    ----------
    needed : float
        Estimated bytes.
    setting : str
        Name and value of the setting that decides the size.
    remedy : str
        What to do instead of a smaller setting.

    Raises
    ------
    ConfigError
        If the estimate exceeds the limit.
    """
    if needed > MAX_BYTES:
        raise ConfigError(
            f"{setting} would take {needed / 2**30:,.0f} GiB of memory.",
            expected=f"at most {MAX_BYTES / 2**30:g} GiB",
            found=setting,
            remedy=remedy or f"ask for a smaller {setting.partition('=')[0]}",
        )


def check_seed(seed: Any, name: str = "seed") -> int:
    """Return the seed of random numbers.

    Parameters
    ----------
    seed : int or float
        None is refused: results must be the same when they are computed again.
    name : str
        Name of the setting, for the message.

    Returns
    -------
    int
        The seed.

    Raises
    ------
    ConfigError
        If it is no whole number of zero or more.
    """
    if seed is None:
        raise ConfigError(
            f"{name} is a whole number, so that the same draws can be made again.",
            expected=f"0 to {MAX_SEED}",
            found="None",
            remedy=f"say {name}=1, or any other number",
        )
    return whole_number(seed, name, least=0, most=MAX_SEED)


def check_level(level: Any, name: str = "level") -> float:
    """Return a level of confidence or significance.

    Parameters
    ----------
    level : float
        Between zero and one, both excluded.
    name : str
        Name of the setting, for the message.

    Returns
    -------
    float
        The level.

    Raises
    ------
    ConfigError
        If it is no number between zero and one.
    """
    is_number = isinstance(level, Real) and not _is_truth(level)
    if not is_number or not 0.0 < level < 1.0:
        percent = is_number and 1.0 < level < 100.0
        raise ConfigError(
            f"{name} is a share between 0 and 1.",
            expected="more than 0 and less than 1",
            found=repr(level),
            remedy=f"write {level:g} per cent as {level / 100:g}" if percent else "",
        )
    return float(level)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")


def _span(least: int | None, most: int | None) -> str:
    if least is not None and most is not None:
        return f"a whole number from {least} to {most}"
    return "a whole number" + (f" of {least} or more" if least is not None else "")
