"""A package of the paper as data editors ask for it: README, code, data with licences, results, manifest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from shuyi import files
from shuyi.errors import DataError, offenders

if TYPE_CHECKING:
    from shuyi.pipeline.config import Run

FOLDER = "shuyi-package"
"""Folder that holds everything inside the archive."""
PROJECT = "project"
"""Folder below it that holds the project as it is; the README of the package stands beside it."""
CODE = ("src", "workflow", "config", "docs", "tests", "tools", "benchmarks", "profiles")
SINGLE = (
    *("Snakefile", "Makefile", "pyproject.toml", "requirements.lock", "environment.yml"),
    *("LICENSE", "CITATION.cff", "CHANGELOG.md", "CONTRIBUTING.md", "README.md"),
)
DATA = "data"
OWN = "data/external"
"""Users' files, whose licence the package does not know."""
UNTRACKED = frozenset({"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".snakemake"})
COMPILED = frozenset({".pyc", ".pyo"})
MANIFEST = "results/manifest.json"
CHECK = "results/checks/manifest.json"
CONTENTS = "PACKAGE.json"


@dataclass(frozen=True)
class Package:
    """What goes into a package, and what does not.

    Parameters
    ----------
    contents : mapping of str to bytes
        Content by path.
    left_out : tuple of dict
        ``path``, ``sha256`` and ``bytes`` of each file that the run reads and the package must not hold.
    """

    contents: Mapping[str, bytes]
    left_out: tuple[Mapping[str, Any], ...]


def build_package(run: Run, titles: Mapping[str, str]) -> Package:
    """Return the package of the run in the working folder.

    Parameters
    ----------
    run : Run
        As the configuration says.
    titles : mapping of str to str
        Title of each table and figure by name.

    Returns
    -------
    Package
        The same for the same files.

    Raises
    ------
    DataError
        If there is no finished run, or its results, inputs or settings are not those of its manifest.
    """
    manifest = read_manifest()
    check_current(manifest, run.config)
    own = [path for path in manifest["inputs"] if is_own(path, run)]
    paths = [
        *code_files(),
        *(p for p in manifest["inputs"] if p not in own),
        *manifest["outputs"],
        MANIFEST,
        CHECK,
    ]
    contents = {path: files.read_bytes(path) for path in sorted(set(paths))}
    left_out = tuple(
        {"path": path, "sha256": manifest["inputs"][path], "bytes": files.file_size(path)} for path in own
    )
    contents = {f"{PROJECT}/{path}": content for path, content in contents.items()}
    contents["README.md"] = readme(run, titles, manifest, left_out).encode("utf-8")
    contents[CONTENTS] = _listed(contents, left_out)
    return Package({f"{FOLDER}/{path}": content for path, content in contents.items()}, left_out)


def read_manifest() -> dict[str, Any]:
    """Return the manifest of the run in the working folder.

    Returns
    -------
    dict
        Digests of inputs and outputs, versions, settings.

    Raises
    ------
    DataError
        If no run was finished.
    """
    if not Path(MANIFEST).is_file() or not Path(CHECK).is_file():
        raise DataError(
            "There is no finished run to pack.",
            expected=f"{MANIFEST} and {CHECK}",
            remedy="run `snakemake --cores 2` in the folder of the project first",
        )
    return dict(files.read_json(MANIFEST))


def check_current(manifest: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Raise DataError unless results, inputs and settings are those of the manifest.

    Parameters
    ----------
    manifest : mapping
        Of the run.
    config : mapping
        The configuration as it is now.

    Raises
    ------
    DataError
        Naming what has changed.
    """
    changed = [
        path
        for kind in ("inputs", "outputs")
        for path, digest in manifest[kind].items()
        if not Path(path).is_file() or files.sha256(files.read_bytes(path)) != digest
    ]
    settings = json.loads(json.dumps(dict(config)))
    changed += [f"the setting {key}" for key in settings if manifest["settings"].get(key) != settings[key]]
    if changed:
        raise DataError(
            "The results are not those of the files and settings as they are now.",
            expected="inputs, results and configuration as the manifest of the run has them",
            found=f"changed or missing since: {offenders(changed)}",
            remedy="run `snakemake --cores 2` again, then pack",
        )


def is_own(path: str, run: Run) -> bool:
    """Return whether an input is a user's file, whose licence is not known here.

    Parameters
    ----------
    path : str
        An input of the run.
    run : Run
        As the configuration says.

    Returns
    -------
    bool
        True for panels, weights and earlier vintages that the configuration names, and all of data/external.
    """
    named = {*run.user_files, *run.weights_files, run.config["monitor"]["previous_vintage"]}
    return path in named or PurePosixPath(path).is_relative_to(OWN)


def code_files() -> list[str]:
    """Return the paths of code, documentation and the project's own data in the working folder.

    Returns
    -------
    list of str
        Without caches, and without users' data.
    """
    found = [path for name in SINGLE if (path := Path(name)).is_file()]
    for folder in (*CODE, DATA):
        found += [path for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink()]
    return [path.as_posix() for path in found if _is_kept(path)]


def _is_kept(path: Path) -> bool:
    hidden = any(part in UNTRACKED for part in path.parts) or path.suffix in COMPILED
    own = path.is_relative_to(OWN) and path.name != "README.md"
    return not hidden and not own and not path.is_relative_to("data/cache")


def readme(
    run: Run, titles: Mapping[str, str], manifest: Mapping[str, Any], left_out: Sequence[Mapping[str, Any]]
) -> str:
    """Return the README of the package, in the sections of the template of social-science data editors.

    Parameters
    ----------
    run : Run
        As the configuration says.
    titles : mapping of str to str
        Title of each table and figure by name.
    manifest : mapping
        Of the run.
    left_out : sequence of mapping
        Files that the package does not hold.

    Returns
    -------
    str
        Markdown.
    """
    import jinja2

    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    text = files.resource("package.readme.md").decode("utf-8")
    return environment.from_string(text).render(
        settings=manifest["settings"],
        versions=manifest["versions"],
        data=files.read_json("data/datapackage.json"),
        left_out=left_out,
        items=[
            {
                "number": f"{'Table' if item.kind == 'table' else 'Figure'} {run.numbers[item.name]}",
                "title": titles[item.name],
                "file": item.page,
                "program": f"src/shuyi/analyses/{analysis.id}/",
            }
            for item in run.items
            for analysis in run.analyses
            if item in analysis.items(run)
        ],
        outputs=len(manifest["outputs"]),
    )


def _listed(contents: Mapping[str, bytes], left_out: Iterable[Mapping[str, Any]]) -> bytes:
    listed = {
        "files": {path: files.sha256(content) for path, content in sorted(contents.items())},
        "left_out": list(left_out),
    }
    return (json.dumps(listed, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
