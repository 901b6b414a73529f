"""What holds of a package: its inputs and results against its manifest, and its results against a rerun."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shuyi.errors import DataError, offenders
from shuyi.files import sha256
from shuyi.review.compare_files import EQUAL, Difference, compare_all

MANIFEST = "results/manifest.json"
RESULTS = "results/"
NOT_COMPARED = ("results/logs/", MANIFEST, "results/checks/manifest.json")
"""What a manifest does not list: records of the run itself."""


@dataclass(frozen=True)
class Verification:
    """What is found of a package.

    Parameters
    ----------
    inputs_changed, inputs_missing : tuple of str
        Inputs whose digest is not that of the manifest, or which the package does not hold.
    results_changed, results_missing : tuple of str
        Results in the package of which the same holds.
    versions : mapping of str to (str, str)
        Version of a package in the manifest and here, where they differ.
    differences : tuple of Difference
        Results of the package against those of a rerun; empty without a rerun.
    rerun : bool
        Whether there was a rerun.
    """

    inputs_changed: tuple[str, ...]
    inputs_missing: tuple[str, ...]
    results_changed: tuple[str, ...]
    results_missing: tuple[str, ...]
    versions: Mapping[str, tuple[str, str]]
    differences: tuple[Difference, ...]
    rerun: bool

    @property
    def unequal(self) -> tuple[Difference, ...]:
        """The results that a rerun does not give byte for byte."""
        return tuple(found for found in self.differences if found.kind != EQUAL)

    @property
    def holds(self) -> bool:
        """Whether nothing has changed, nothing is missing, and a rerun gives every result."""
        broken = (self.inputs_changed, self.results_changed, self.results_missing, self.unequal)
        return not any(broken)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON.

        Returns
        -------
        dict
            The fields by name, with the count of equal results.
        """
        found = asdict(self) | {"differences": [found.to_dict() for found in self.unequal]}
        equal = len(self.differences) - len(self.unequal)
        return {"holds": self.holds, "equal": equal, "compared": len(self.differences), **found}


def read_manifest(contents: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the manifest of a package.

    Parameters
    ----------
    contents : mapping of str to bytes
        Content by path.

    Returns
    -------
    dict
        With ``inputs``, ``outputs`` and ``versions``.

    Raises
    ------
    DataError
        If there is none, or it is no manifest.
    """
    try:
        manifest = json.loads(contents[MANIFEST].decode("utf-8"))
        complete = all(
            isinstance(manifest[key], dict) for key in ("inputs", "outputs", "versions", "settings")
        )
    except (KeyError, ValueError, TypeError, RecursionError):
        complete = False
    if not complete:
        raise DataError(
            "There is no package here.",
            expected=f"{MANIFEST} with inputs, outputs, versions and settings, as `shuyi package` packs it",
            found=offenders(sorted(contents)[:5]) or "nothing",
        )
    return dict(manifest)


def verify(
    contents: Mapping[str, bytes],
    rerun: Mapping[str, bytes] | None = None,
    versions: Mapping[str, str] | None = None,
) -> Verification:
    """Compare a package with its manifest, and with a rerun.

    Parameters
    ----------
    contents : mapping of str to bytes
        Content of the package by path.
    rerun : mapping of str to bytes, optional
        Results of a rerun by path.
    versions : mapping of str to str, optional
        Installed versions by name of the package.

    Returns
    -------
    Verification
        What holds and what does not.

    Raises
    ------
    DataError
        If the package has no manifest.
    """
    manifest = read_manifest(contents)
    inputs, outputs = manifest["inputs"], manifest["outputs"]
    differences: tuple[Difference, ...] = ()
    if rerun is not None:
        ours = {path: contents[path] for path in outputs if path in contents}
        theirs = {path: content for path, content in rerun.items() if is_result(path)}
        differences = tuple(compare_all(ours, theirs))
    here = versions or {}
    return Verification(
        _changed(inputs, contents),
        tuple(path for path in inputs if path not in contents),
        _changed(outputs, contents),
        tuple(path for path in outputs if path not in contents),
        {
            k: (v, here.get(k, "not installed"))
            for k, v in manifest["versions"].items()
            if here and here.get(k) != v
        },
        differences,
        rerun is not None,
    )


def is_result(path: str) -> bool:
    """Return whether a path is that of a result that a manifest lists.

    Parameters
    ----------
    path : str
        Path in a package.

    Returns
    -------
    bool
        False for logs and the manifest itself.
    """
    return path.startswith(RESULTS) and not path.startswith(NOT_COMPARED)


def _changed(digests: Mapping[str, str], contents: Mapping[str, bytes]) -> tuple[str, ...]:
    return tuple(
        path for path, digest in digests.items() if path in contents and sha256(contents[path]) != digest
    )


def verification_text(found: Verification) -> str:
    """Return what is found as lines for a terminal.

    Parameters
    ----------
    found : Verification
        Of a package.

    Returns
    -------
    str
        Lines that end with a line break; first the verdict.
    """
    lines = [_verdict(found)]
    for title, paths in (
        ("Inputs that are not those of the manifest", found.inputs_changed),
        ("Inputs that the package does not hold", found.inputs_missing),
        ("Results that are not those of the manifest", found.results_changed),
        ("Results that the package does not hold", found.results_missing),
        (
            "Versions that differ here",
            [f"{k}: {a} in the package, {b} here" for k, (a, b) in found.versions.items()],
        ),
        ("Results that the rerun does not give byte for byte", [_told(one) for one in found.unequal]),
    ):
        lines += [f"{title} ({len(paths)}):", *(f"  {path}" for path in paths)] if paths else []
    return "".join(f"{line}\n" for line in lines)


def _verdict(found: Verification) -> str:
    if not found.rerun:
        held = "are those of the manifest" if found.holds else "are not all those of the manifest"
        return f"Inputs and results {held}. Nothing was run again."
    equal, compared = len(found.differences) - len(found.unequal), len(found.differences)
    return f"{equal} of {compared} results equal the rerun byte for byte; {len(found.unequal)} do not."


def _told(one: Difference) -> str:
    if one.kind == "missing":
        return f"{one.path}: the rerun does not make it"
    if one.kind == "added":
        return f"{one.path}: the rerun makes it, the package does not hold it"
    said = []
    if one.numbers:
        said.append(
            f"{one.numbers} of {one.compared} numbers differ, by {one.largest:.3g} at most "
            f"(relatively {one.relative:.3g}, at {one.place})"
        )
    if one.texts:
        said.append(f"{one.texts} texts or lines differ")
    return f"{one.path}: {'; '.join(said) or one.note or 'other bytes'}"
