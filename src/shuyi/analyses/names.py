"""Names that users choose: which of them are harmless in file names and patterns, and which are taken.

Text of users ends up in file names, wildcards of the workflow, patterns and format strings. A name that
passes `is_safe` is harmless in all of them; any other may stand in texts only, where it is escaped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePath

LONGEST = 60
"""Bytes of a name that becomes a part of file names, whose length systems limit to 255."""
SAFE = "letters, digits and _, a letter first, because files are named after it"
"""What `is_safe` asks for, in words."""

RESERVED = ("unit", "period", "province", "year", "rho", "lam", "sigma2", "tau", "eta", "const", "intercept")
"""Names that the panel and the estimates use themselves."""
LAGS = ("W_", "L_")
"""Prefixes of spatial and time lags."""
WILDCARDS = "{}*?[]"
"""Letters that Snakemake or a shell would take for a pattern."""


def is_safe(name: str) -> bool:
    """Return whether a name may become a part of file names, targets and patterns.

    Parameters
    ----------
    name : str
        Any text.

    Returns
    -------
    bool
        True for letters of any script, digits and ``_``, a letter first, that are not too long.

    Examples
    --------
    >>> is_safe("digital"), is_safe("数字金融"), is_safe("a/b"), is_safe("x/../../x"), is_safe("{x}")
    (True, True, False, False, False)
    """
    plain = name.isidentifier() and not name.startswith("_") and unicodedata.is_normalized("NFC", name)
    return plain and len(name.encode()) <= LONGEST


def taken(name: str, index: str, held: Iterable[str] = ()) -> str:
    """Return why a column of a user's file cannot bear a name, or an empty text.

    Parameters
    ----------
    name : str
        Heading of the column.
    index : str
        Name of the composite index; its sub-scores open with it.
    held : iterable of str
        Variables that the panel has without the file.

    Returns
    -------
    str
        The reason in a few words.
    """
    if name == index or name.startswith(f"{index}_"):
        return "the index or one of its sub-scores"
    if name in RESERVED:
        return "a name that the panel or the estimates use themselves"
    if name.startswith(LAGS):
        return "the name of a spatial or time lag"
    return "an official or derived variable of the panel" if name in set(held) else ""


def path_problem(text: str, results: str) -> tuple[str, str] | None:
    """Return what is found and what is allowed where a path of a user's file cannot be used.

    Parameters
    ----------
    text : str
        Path as written in the configuration, from the project's folder.
    results : str
        Folder of results.

    Returns
    -------
    tuple of str or None
        What is wrong and what is right.
    """
    if not text.strip():
        return "an empty text", "the path of a file, from the project's folder"
    odd = sorted({letter for letter in text if letter in WILDCARDS or not letter.isprintable()})
    if odd:
        return repr(text), f"a path without {' '.join(map(repr, odd))}, which stand for patterns"
    folder = Path(results).resolve()
    if Path(text).resolve().is_relative_to(folder):
        return repr(text), f"a file outside {PurePath(results).as_posix()}/, whose files a run replaces"
    if not Path(text).is_file():
        found = f"{text!r}: a folder" if Path(text).is_dir() else f"{text!r}: no such file"
        return found, "the path of a file, from the project's folder"
    return None
