"""Where results come from: digests of code and files, and the manifest of a run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import requires, version
from pathlib import Path

from shuyi.errors import DataError
from shuyi.files import sha256

PACKAGE = Path(__file__).parents[1]
ENTRY_ONLY = ("files", "pipeline.jobs", "pipeline.records")
"""Modules whose imports inside functions are not followed: they convert or print objects of modules that a
rule names itself when its script uses them."""
PRINTED = (".rounded.csv", ".tex")
"""Endings of the files that hold tables as printed."""
JOB_MODULES = ("files", "pipeline.jobs", "pipeline.records", "china.places")
"""Modules behind every job of an analysis."""


def code_digest(*modules: str) -> str:
    """Return a digest of package modules and of every package module that they import.

    Snakemake does not see edits in an imported package. A rule that carries this digest as a parameter runs
    again when, and only when, one of these files changed.

    Parameters
    ----------
    *modules : str
        Names below ``shuyi``, e.g. ``"files"`` or ``"spatialpanel.models"``; a package stands for all of its
        modules.

    Returns
    -------
    str
        16 hexadecimal digits.

    Raises
    ------
    DataError
        If the package has no such module.
    """
    return _digest_of(sorted({file for module in modules for file in closure(module)}))[:16]


def job_digest(analysis: str, *parts: str) -> str:
    """Return the digest of the code of an analysis's job: its modules, and what reads its inputs.

    Parameters
    ----------
    analysis : str
        Id of the analysis.
    *parts : str
        Modules of its folder that the job calls; those that the analysis does not have are left out.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    modules = [f"analyses.{analysis}.{part}" for part in parts if _exists(f"analyses.{analysis}.{part}")]
    read = {module for name in modules for module in read_by(_source(name))}
    return code_digest(*modules, *sorted(read), *JOB_MODULES)


def publishing_digest(analysis: str) -> str:
    """Return the digest of the code that prints and draws an analysis.

    Parameters
    ----------
    analysis : str
        Id of the analysis.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    parts = [part for part in ("tables", "figures") if _exists(f"analyses.{analysis}.{part}")]
    modules = [f"analyses.{analysis}.{part}" for part in parts]
    read = {module for name in modules for module in read_by(_source(name))}
    formats = {"tables": ("publish.html",), "figures": ("publish.style", "publish.maps", "china.basemap")}
    made = [module for part in parts for module in formats[part]]
    return code_digest(*modules, *made, "publish.labels", "publish.numbers", *sorted(read), *JOB_MODULES)


def read_by(file: Path) -> set[str]:
    """Return the package modules behind the readers (`shuyi.pipeline.jobs.InputFiles`) that a file calls.

    Parameters
    ----------
    file : Path
        A source file.

    Returns
    -------
    set of str
        Names below ``shuyi``.
    """
    called = set(re.findall(r"\bsources?\.(\w+)\(", file.read_text(encoding="utf-8")))
    readers = _functions(_source("pipeline.jobs"))
    records = _functions(_source("pipeline.records"))
    used = {
        name
        for method in called & set(readers)
        for name in re.findall(r"\brecords\.(\w+)", ast.unparse(readers[method]))
    }
    bodies = [*(records[name] for name in used), *(readers[method] for method in called & set(readers))]
    return {module for body in bodies for module in imports_of(body)}


@cache
def _functions(file: Path) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def _digest_of(files: list[Path]) -> str:
    digests = "".join(f"{file.relative_to(PACKAGE).as_posix()} {_file_digest(file)}\n" for file in files)
    return sha256(digests.encode())


@cache
def closure(module: str) -> frozenset[Path]:
    """Return the files of a module, of the modules that it imports, and of their resources.

    Of a package these are its ``__init__`` and what that imports; a module inside a package does not bring
    in what the package's ``__init__`` imports beside it.

    Parameters
    ----------
    module : str
        Name below ``shuyi``, e.g. ``"files"``.

    Returns
    -------
    frozenset of Path
        Absolute paths.
    """
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += imported_modules(_source(name))
    return frozenset(file for name in found for file in (_source(name), *_resources(name)))


@cache
def imported_modules(file: Path) -> tuple[str, ...]:
    """Return the package modules that a source file imports, without type checking's.

    Parameters
    ----------
    file : Path
        A source file.

    Returns
    -------
    tuple of str
        Names below ``shuyi``, each once.
    """
    tree = ast.parse(file.read_text(encoding="utf-8"))
    is_ours = file.is_relative_to(PACKAGE)
    name = ".".join(file.relative_to(PACKAGE).with_suffix("").parts) if is_ours else ""
    return tuple(dict.fromkeys(imports_of(tree, follow_functions=name not in ENTRY_ONLY)))


def imports_of(node: ast.AST, *, follow_functions: bool = True) -> Iterator[str]:
    """Yield the package modules that a statement and those inside it import.

    Parameters
    ----------
    node : ast.AST
        A module, or a statement with a body.
    follow_functions : bool, default True
        Whether imports inside functions count.

    Yields
    ------
    str
        Names below ``shuyi``, possibly repeated.
    """
    for block in ("body", "orelse", "finalbody", "handlers"):
        for child in getattr(node, block, ()):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            if isinstance(child, ast.Import):
                yield from (_below(alias.name) for alias in child.names if _is_ours(alias.name))
            elif isinstance(child, ast.ImportFrom) and child.module and _is_ours(child.module):
                yield from _from_import(child)
            elif follow_functions or not isinstance(child, ast.FunctionDef):
                yield from imports_of(child, follow_functions=follow_functions)


def _from_import(node: ast.ImportFrom) -> Iterator[str]:
    base = _below(node.module or "")
    names = [(f"{base}.{alias.name}" if base else alias.name) for alias in node.names]
    modules = [name for name in names if _exists(name)]
    yield from modules
    if len(modules) < len(names):
        yield base


def _is_ours(name: str) -> bool:
    return name == "shuyi" or name.startswith("shuyi.")


def _below(name: str) -> str:
    return name.removeprefix("shuyi").removeprefix(".")


def _exists(module: str) -> bool:
    path = PACKAGE.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


@cache
def _source(module: str) -> Path:
    path = PACKAGE.joinpath(*module.split(".")) if module else PACKAGE
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    raise DataError(f"The package has no module {module!r}.", remedy="name a module below src/shuyi")


@cache
def _resources(module: str) -> tuple[Path, ...]:
    return tuple(sorted((PACKAGE / "resources").glob(f"{module.rpartition('.')[2]}.*"))) if module else ()


@cache
def _file_digest(file: Path) -> str:
    return sha256(file.read_bytes())


def dependencies() -> tuple[str, ...]:
    """Return the packages that shuyi needs at run time, as its installed metadata names them.

    Returns
    -------
    tuple of str
        Names of distributions, each once, in alphabetical order.

    Examples
    --------
    >>> {"numpy", "scipy", "spreg"} <= set(dependencies())
    True
    """
    needed = [line for line in requires("shuyi") or () if "extra ==" not in line]
    return tuple(sorted({re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in needed}))


def manifest(
    *,
    inputs: Mapping[str, bytes],
    outputs: Mapping[str, bytes],
    settings: Mapping[str, object],
    packages: tuple[str, ...],
) -> dict[str, object]:
    """Return the record of a run: what went in, what came out, with which versions and settings.

    Parameters
    ----------
    inputs, outputs : mapping
        Content by relative path.
    settings : mapping
        Seeds and choices to record.
    packages : tuple of str
        Installed distributions whose versions are recorded.

    Returns
    -------
    dict
        Ready for JSON; without date, time, host or absolute path, so that equal runs give equal records.
    """
    return {
        "settings": dict(settings),
        "code": _digest_of(sorted([*PACKAGE.rglob("*.py"), *PACKAGE.glob("resources/*")])),
        "versions": {name: version(name) for name in sorted(packages)},
        "inputs": {path: sha256(inputs[path]) for path in sorted(inputs)},
        "printed": printed_digest(outputs),
        "outputs": {path: sha256(outputs[path]) for path in sorted(outputs)},
    }


def printed_digest(outputs: Mapping[str, bytes]) -> str:
    """Return one digest of all tables as printed, which does not depend on the kernel of the processor.

    Full-precision files may differ in their last digits between processors (relative differences of up to
    5e-11 were measured between kernels); printed tables are rounded far above that.

    Parameters
    ----------
    outputs : mapping of str to bytes
        Content by relative path.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    paths = sorted(path for path in outputs if path.endswith(PRINTED))
    return sha256("".join(f"{sha256(outputs[path])}  {path}\n" for path in paths).encode())
