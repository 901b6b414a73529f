"""Errors that say what was expected, what was found and what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable

MAX_OFFENDERS = 5


class ShuyiError(Exception):
    """Base of every error that shuyi raises on purpose.

    Parameters
    ----------
    what : str
        One sentence: what went wrong.
    expected, found, remedy : str, optional
        What was required, what was met instead (first offenders), and what the user can do.
        Each is printed on a line of its own.

    Examples
    --------
    >>> from shuyi.errors import ShuyiError
    >>> print(ShuyiError("A file is missing.", expected="panel.csv", remedy="run the pipeline first"))
    A file is missing.
      expected: panel.csv
      to do: run the pipeline first
    """

    def __init__(self, what: str, *, expected: str = "", found: str = "", remedy: str = "") -> None:
        self.what = what
        self.expected = expected
        self.found = found
        self.remedy = remedy
        parts = (("expected", expected), ("found", found), ("to do", remedy))
        super().__init__("\n".join([what, *(f"  {label}: {text}" for label, text in parts if text)]))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.expected, self.found, self.remedy)


def _rebuild(kind: type[ShuyiError], what: str, expected: str, found: str, remedy: str) -> ShuyiError:
    return kind(what, expected=expected, found=found, remedy=remedy)


class ConfigError(ShuyiError):
    """A configuration, specification sheet or index scheme that cannot be used."""


class DataError(ShuyiError):
    """Data that are missing, altered, duplicated, unbalanced or outside their range."""


class AlignmentError(ShuyiError):
    """Panel and weights, or two frames, that name other units or hold them in another order."""


class WeightsError(ShuyiError):
    """A spatial weights matrix that is not square, labelled, finite or admissible."""


class IdentificationError(ShuyiError):
    """Parameters that the data and the chosen effects cannot identify."""


class ConvergenceError(ShuyiError):
    """An estimate at the edge of its parameter space or an optimiser that did not converge."""


def offenders(items: Iterable[object], limit: int = MAX_OFFENDERS) -> str:
    """List the first items of an iterable and count the rest: ``a, b, c and 4 more``.

    Parameters
    ----------
    items : iterable of object
        Things to name, in the order of importance.
    limit : int, default MAX_OFFENDERS
        How many are named.

    Returns
    -------
    str
        Names separated by commas, and the number of the rest.

    Examples
    --------
    >>> from shuyi.errors import offenders
    >>> offenders(range(9), 3)
    '0, 1, 2 and 6 more'
    """
    found = [str(item) for item in items]
    if len(found) <= limit:
        return ", ".join(found)
    return f"{', '.join(found[:limit])} and {len(found) - limit} more"


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the nearest allowed word, or an empty string.

    Parameters
    ----------
    word : str
        What the user wrote.
    allowed : iterable of str
        Words that would have been right.

    Returns
    -------
    str
        The question, or an empty string where nothing is near enough.

    Examples
    --------
    >>> from shuyi.errors import did_you_mean
    >>> did_you_mean("entrpy", ["entropy", "equal"])
    "did you mean 'entropy'?"
    """
    from difflib import get_close_matches

    nearest = get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return f"did you mean {nearest[0]!r}?" if nearest else ""


def check_known(
    value: str, allowed: Collection[str], what: str, error: type[ShuyiError] = ConfigError
) -> None:
    """Raise an error unless a value is one of those allowed.

    Parameters
    ----------
    value : str
        Value to look up.
    allowed : collection of str
        Values that are right, in the order in which the message lists them.
    what : str
        What the value is, as in ``Unknown {what}.``
    error : type, optional
        Class of the error.

    Raises
    ------
    ShuyiError
        Of the class `error`, if the value is not among those allowed.
    """
    if value not in allowed:
        raise error(
            f"Unknown {what}.",
            expected=f"one of {', '.join(allowed)}",
            found=repr(value),
            remedy=did_you_mean(str(value), allowed),
        )
