"""The command ``shuyi verify``."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from shuyi import files
from shuyi.errors import DataError
from shuyi.review.archive import unpack
from shuyi.review.verify import MANIFEST, RESULTS, read_manifest, verification_text, verify

HELP = "say which results of a package equal a rerun"
DESCRIPTION = """Compares the inputs and results of a package (an archive of `shuyi package`, or the folder of
a project) with its manifest, runs its programs again in a temporary folder, and compares every result: equal
byte for byte, or by how much its numbers differ. A rerun executes the programs in the package; --no-rerun
executes nothing. Exit status: 0 all equal, 1 something differs, 2 the package cannot be read."""
HOLDS, DIFFERS = 0, 1
SKIPPED = frozenset(
    {".git", ".venv", ".snakemake", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
)
LAST_LINES = 25
Write = Callable[[str], Any]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to a parser.

    Parameters
    ----------
    parser : ArgumentParser
        Parser of the subcommand.
    """
    parser.add_argument(
        "package", metavar="ARCHIVE_OR_FOLDER", help="a .zip of `shuyi package`, or a project"
    )
    parser.add_argument("--no-rerun", action="store_true", help="compare digests alone; run nothing")
    parser.add_argument("--against", metavar="FOLDER", help="compare with these results instead of a rerun")
    parser.add_argument(
        "--with", dest="beside", metavar="FOLDER", help="folder with files that were left out"
    )
    parser.add_argument(
        "--cores", type=int, default=os.cpu_count() or 1, metavar="N", help="cores of the rerun"
    )
    parser.add_argument("--json", metavar="DOCUMENT", help="write what is found as JSON")


def run(arguments: Namespace, write: Write = sys.stdout.write) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : Namespace
        As `add_arguments` defines them.
    write : callable
        Takes text for the terminal.

    Returns
    -------
    int
        Exit status.
    """
    contents = read_package(arguments.package)
    manifest = read_manifest(contents)
    results, versions = None, None
    if arguments.against:
        results = _below(Path(arguments.against), RESULTS)
    elif not arguments.no_rerun:
        versions = {name: there for name in manifest["versions"] if (there := _installed(name))}
        results = rerun({**contents, **_left_out(manifest, contents, arguments.beside)}, arguments.cores)
    found = verify(contents, results, versions)
    write(verification_text(found))
    if arguments.json:
        files.write_json(arguments.json, found.to_dict())
    return HOLDS if found.holds else DIFFERS


def read_package(path: str) -> dict[str, bytes]:
    """Return the files of a package.

    Parameters
    ----------
    path : str
        An archive, or a folder.

    Returns
    -------
    dict of str to bytes
        Content by path below the folder that holds the manifest.

    Raises
    ------
    DataError
        If there is no such file or folder, or the archive is refused.
    """
    place = Path(path)
    if not place.exists():
        raise DataError(f"There is no {path}.", expected="an archive of `shuyi package`, or a folder")
    found = _below(place) if place.is_dir() else unpack(files.read_bytes(place))
    tops = sorted(
        (name.removesuffix(MANIFEST) for name in found if f"/{name}".endswith(f"/{MANIFEST}")), key=len
    )
    top = tops[0] if tops else ""
    return {name.removeprefix(top): content for name, content in found.items() if name.startswith(top)}


def rerun(contents: Mapping[str, bytes], cores: int) -> dict[str, bytes]:
    """Run the programs of a package in a temporary folder and return the results.

    Parameters
    ----------
    contents : mapping of str to bytes
        Content of the package by path; results and caches are left out.
    cores : int
        Cores that the run may use.

    Returns
    -------
    dict of str to bytes
        Content of each result by path.

    Raises
    ------
    DataError
        If the run fails.
    """
    with tempfile.TemporaryDirectory(prefix="shuyi-verify-") as name:
        folder = Path(name)
        for path, content in contents.items():
            if not path.startswith(RESULTS):
                files.write_bytes(folder / path, content)
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores", str(max(cores, 1)), "--quiet", "all"],
            cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            check=False,
            env={**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        if done.returncode:
            raise DataError(
                "The rerun of the package failed.",
                expected="a run that finishes",
                found="\n".join(done.stderr.splitlines()[-LAST_LINES:]),
                remedy="install the versions of its requirements.lock; name left-out files by --with",
            )
        return _below(folder / RESULTS, RESULTS)


def _below(folder: Path, prefix: str = "") -> dict[str, bytes]:
    """Return the files of a folder, without links and caches."""
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}.", expected="a folder with results")
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    named = ((path.relative_to(folder), path) for path in paths)
    return {
        prefix + name.as_posix(): files.read_bytes(path)
        for name, path in named
        if not SKIPPED & set(name.parts)
    }


def _left_out(
    manifest: Mapping[str, Any], contents: Mapping[str, bytes], beside: str | None
) -> dict[str, bytes]:
    """Return inputs that the package does not hold from a folder that has them at the same paths."""
    missing = [path for path in manifest["inputs"] if path not in contents]
    return {path: files.read_bytes(Path(beside) / path) for path in missing} if beside else {}


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
