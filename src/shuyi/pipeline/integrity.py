"""Whether committed data and finished results are still what they were, by their digests."""

from __future__ import annotations

import math
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from pathlib import Path

from shuyi import files
from shuyi.data.numerals import PLAIN_NUMBER
from shuyi.data.snapshot import file_violations
from shuyi.errors import DataError, offenders
from shuyi.pipeline import records

MANIFEST = "results/manifest.json"
DATA = "data"
SUMS = "SHA256SUMS"
"""Digests of the descriptions, which state those of the data, as ``sha256sum`` writes them."""
DESCRIPTIONS = {"datapackage.json": ("snapshot",), "registers.json": ("facts", "policy")}
"""Folders of the files that each description describes."""
RECORDS = ".snakemake"
"""Folder in which Snakemake notes when each job ended."""
NUMBERS = (".csv", ".json", ".tex", ".gwt", ".gal", ".txt")
"""Endings of files that hold numbers as text."""
DIGESTS = ("manifest.json", "checks/manifest.json")
SAME_TIME = 0.01
"""Seconds by which two notes of one moment may differ."""
SAME_NUMBER = 1e-8
"""Relative difference of numbers that another kernel of the processor may give."""
NUMBER = re.compile(rf"({PLAIN_NUMBER.pattern})", re.ASCII)


def check_data(folder: str = DATA) -> None:
    """Raise DataError if a committed file of data, or a description of such files, is not as committed.

    Parameters
    ----------
    folder : str
        Folder of the data.

    Raises
    ------
    DataError
        Naming every file that was changed, and those without a description.
    """
    root = Path(folder)
    stated = files.read_sums(root / SUMS)
    found = []
    for name, folders in DESCRIPTIONS.items():
        if files.file_digest(root / name) != stated.get(name):
            found.append(f"{name}: its sha256 is not the one that {SUMS} states")
            continue
        paths = [path for each in folders for path in sorted((root / each).glob("[!.]*.csv"))]
        held = records.described(root / name, paths)
        changes = file_violations(files.read_mapping(root / name), held, (), name=name)
        found += [str(change) for change in changes if change.rule != "missing file"]
    if found:
        raise DataError(
            f"Files of {folder}/ are not the committed ones; no job was started.",
            expected="the committed files, byte for byte",
            found="\n    " + "\n    ".join(found),
            remedy=f"restore {folder}/ from version control; for a new vintage see {folder}/README.md",
        )


def check_results(manifest: str = MANIFEST, folder: str = RECORDS) -> None:
    """Raise DataError if a result was changed after its job had written it.

    A run would carry such a file into tables and a new manifest without a word.

    Parameters
    ----------
    manifest : str
        Digests of the last finished run; without it there is nothing to compare with.
    folder : str
        Where Snakemake notes when each job ended.

    Raises
    ------
    DataError
        Naming the files.
    """
    if not Path(manifest).is_file():
        return
    stated = files.read_mapping(manifest).get("outputs", {})
    changed = [path for path in stated if _differs(path, stated[path]) and not _by_a_job(path, folder)]
    if changed:
        raise DataError(
            "Results were changed by hand after they were computed; no job was started.",
            expected=f"the files whose digests {manifest} states",
            found=offenders(changed, 20),
            remedy="move your versions out of results/ and run again: what is missing is computed anew",
        )


def compare_folders(one: Path, other: Path) -> dict[str, str]:
    """Return what differs between two folders of results by more than the last digits of numbers.

    Numbers and texts are compared, not pictures and documents, which follow from them.

    Parameters
    ----------
    one, other : Path
        Folders of results.

    Returns
    -------
    dict of str to str
        What differs by path; empty where both hold the same numbers.
    """
    found = {}
    for path in sorted(set(_texts_in(one)) | set(_texts_in(other))):
        if not (one / path).is_file() or not (other / path).is_file():
            found[path] = "in one folder only"
            continue
        ours, theirs = records.texts([one / path, other / path]).values()
        lines = differing(ours.splitlines(), theirs.splitlines())
        if lines:
            found[path] = f"line {offenders(lines)}"
    return found


def _texts_in(folder: Path) -> list[str]:
    """Return the files of numbers; the manifest and its check hold digests of all others."""
    paths = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in NUMBERS]
    return [path for path in paths if path not in DIGESTS]


def differing(one: Iterable[str], other: Iterable[str], tolerance: float = SAME_NUMBER) -> list[int]:
    """Return the numbers of lines that differ by more than the last digits of their numbers.

    Parameters
    ----------
    one, other : iterable of str
        Lines of two texts.
    tolerance : float
        Relative difference of two numbers that counts as none.

    Returns
    -------
    list of int
        From 1; a line that one text lacks counts.
    """
    ours, theirs = list(one), list(other)
    longer = max(len(ours), len(theirs))
    pairs = zip(ours + [""] * (longer - len(ours)), theirs + [""] * (longer - len(theirs)), strict=True)
    return [i for i, (a, b) in enumerate(pairs, 1) if a != b and not _close(a, b, tolerance)]


def _close(one: str, other: str, tolerance: float) -> bool:
    ours, theirs = NUMBER.split(one), NUMBER.split(other)
    if len(ours) != len(theirs) or ours[::2] != theirs[::2]:
        return False
    pairs = zip(ours[1::2], theirs[1::2], strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=tolerance, abs_tol=1e-12) for a, b in pairs)


def _differs(path: str, digest: str) -> bool:
    return Path(path).is_file() and files.file_digest(path) != digest


def _by_a_job(path: str, folder: str) -> bool:
    """Return whether a job wrote a file as it is, or was stopped while it wrote it."""
    name = urlsafe_b64encode(path.encode()).decode()
    if (Path(folder) / "incomplete" / name).is_file():
        return True
    record = Path(folder) / "metadata" / name
    if not record.is_file():
        return False
    ended = files.read_json(record).get("endtime") or 0.0
    return abs(Path(path).stat().st_mtime - float(ended)) <= SAME_TIME
