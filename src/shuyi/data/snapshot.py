"""Verification of the committed snapshot: hashes, schema, ranges, duplicates, coverage and identities.

Every function takes the descriptor and the bytes of the files; reading them is the caller's task. All rules
run before anything is reported, so that one report lists every violation.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shuyi.data.rules import (
    ADJACENCY,
    CAVEATS,
    CODEBOOK,
    FIGURES,
    REGIONS,
    RESOURCES,
    Contract,
    Violation,
    figure_violations,
    geography_violations,
)
from shuyi.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

DESCRIPTOR = "datapackage.json"
FIGURES_COLUMNS = ("indicator", "province_code", "year", "value")
MAX_SCHEMA_ERRORS = 100_000
STRUCTURAL_RULES = ("descriptor", "missing file", "schema")
"""Rules whose violation, outside the figures themselves, leaves nothing for the later rules to rely on."""


@dataclass(frozen=True)
class SnapshotReport:
    """Result of all rules.

    Parameters
    ----------
    violations : tuple of Violation
        In the order files, schema, own rules.
    files, cells, indicators, provinces : int
        Numbers of what was looked at; zero where the figures could not be read.
    """

    violations: tuple[Violation, ...]
    files: int
    cells: int
    indicators: int
    provinces: int

    @property
    def valid(self) -> bool:
        """Whether there is no violation."""
        return not self.violations

    def to_record(self) -> dict[str, Any]:
        """Return the report as plain data for JSON.

        Returns
        -------
        dict
            Keys valid, violations, files, cells, indicators and provinces.
        """
        return {"valid": self.valid, **asdict(self)}


def verify_snapshot(
    descriptor: Mapping[str, Any], files: Mapping[str, bytes], contract: Contract
) -> SnapshotReport:
    """Return the report of a snapshot without violations, or refuse it.

    Parameters
    ----------
    descriptor : mapping
        The parsed ``datapackage.json``.
    files : mapping of str to bytes
        Content of every file of the snapshot folder by its path relative to the descriptor.
    contract : Contract
        What the figures must hold beside their schema.

    Returns
    -------
    SnapshotReport
        Without violations.

    Raises
    ------
    DataError
        Listing every violation, if there is any.
    """
    report = inspect_snapshot(descriptor, files, contract)
    if report.valid:
        return report
    raise DataError(
        f"The data snapshot has {len(report.violations)} violation(s); nothing was computed.",
        expected="the committed files, byte for byte as data/datapackage.json describes them",
        found="\n    " + "\n    ".join(map(str, report.violations)),
        remedy="restore data/ from version control; for a new vintage see data/README.md",
    )


def inspect_snapshot(
    descriptor: Mapping[str, Any], files: Mapping[str, bytes], contract: Contract
) -> SnapshotReport:
    """Apply every rule and return what was found.

    Parameters
    ----------
    descriptor, files, contract
        As `verify_snapshot` takes them.

    Returns
    -------
    SnapshotReport
        With every violation.
    """
    violations = [*file_violations(descriptor, files, RESOURCES), *schema_violations(descriptor, files)]
    broken = {v.file for v in violations if v.rule in STRUCTURAL_RULES}
    figures_path = _path(descriptor, FIGURES)
    if broken - {figures_path} or not _has_columns(files.get(figures_path, b"")):
        return SnapshotReport(tuple(violations), len(files), 0, 0, 0)
    frames = {r["name"]: _frame(files[r["path"]]) for r in descriptor["resources"]}
    figures = tidy_figures(_readable_rows(frames[FIGURES]))
    violations += figure_violations(figures, frames[CODEBOOK], frames[CAVEATS], contract)
    violations += geography_violations(frames[REGIONS], frames[ADJACENCY], contract)
    counts = figures[["indicator", "province_code"]].nunique()
    return SnapshotReport(tuple(violations), len(files), len(figures), *map(int, counts))


def tidy_figures(table: pd.DataFrame) -> pd.DataFrame:
    """Return the figures with their types: codes as text, year as integer, value as float.

    Parameters
    ----------
    table : DataFrame
        Columns indicator, province_code, year, value; text or typed.

    Returns
    -------
    DataFrame
        These columns alone.

    Raises
    ------
    DataError
        If a column is missing.
    """
    absent = [c for c in FIGURES_COLUMNS if c not in table.columns]
    if absent:
        raise DataError(
            "The table of figures lacks columns.",
            expected=", ".join(FIGURES_COLUMNS),
            found=f"without {', '.join(absent)}",
        )
    types = {"indicator": str, "province_code": str, "year": float, "value": float}
    return table[list(FIGURES_COLUMNS)].astype(types).astype({"year": int})


def refresh_descriptor(descriptor: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the descriptor with ``bytes`` and ``hash`` of every resource computed anew.

    Parameters
    ----------
    descriptor, files
        As `verify_snapshot` takes them.

    Returns
    -------
    dict
        The descriptor of the files as they are.
    """
    resources = [{**r, **_fingerprint(files[r["path"]])} for r in descriptor["resources"]]
    return {**descriptor, "resources": resources}


def _fingerprint(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}


def file_violations(
    descriptor: Mapping[str, Any],
    files: Mapping[str, bytes],
    resources: Sequence[str],
    *,
    name: str = DESCRIPTOR,
) -> Iterator[Violation]:
    """Yield resources that are not described, and files that are undescribed, absent or changed.

    Parameters
    ----------
    descriptor : mapping
        A parsed data package.
    files : mapping of str to bytes
        Content by path relative to the descriptor.
    resources : sequence of str
        Names of the resources that must be described.
    name : str
        File name of the descriptor for messages.

    Returns
    -------
    iterator of Violation
        Undescribed resources and files first.
    """
    described = {r.get("path", ""): r for r in descriptor.get("resources", [])}
    names = [r.get("name") for r in described.values()]
    for resource_name in resources:
        if resource_name not in names:
            yield Violation(name, "descriptor", resource_name, "the resource is not described")
    for path in sorted(set(files) - set(described)):
        yield Violation(path, "undescribed file", path, f"the file is not listed in {name}")
    for path, resource in described.items():
        if path not in files:
            yield Violation(path, "missing file", path, "the file is listed but absent")
            continue
        yield from _changed(path, resource, _fingerprint(files[path]))


def _changed(path: str, resource: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Violation]:
    for key in ("bytes", "hash"):
        if resource.get(key) != found[key]:
            yield Violation(path, key, path, f"expected {resource.get(key)}, found {found[key]}")


def schema_violations(
    descriptor: Mapping[str, Any], files: Mapping[str, bytes], *, name: str = DESCRIPTOR
) -> Iterator[Violation]:
    """Yield what frictionless finds in a descriptor and its tables.

    Parameters
    ----------
    descriptor, files, name
        As `file_violations` takes them.

    Returns
    -------
    iterator of Violation
        Of the descriptor, or else of the tables.
    """
    from frictionless import FrictionlessException, Package

    try:
        Package.from_descriptor(dict(descriptor))
    except FrictionlessException as error:
        for reason in error.reasons or [error.error]:
            yield Violation(name, "descriptor", reason.type, reason.note)
        return
    for resource in descriptor["resources"]:
        if resource["path"] in files:
            yield from _table_violations(resource, files[resource["path"]])


def _table_violations(resource: Mapping[str, Any], content: bytes) -> Iterator[Violation]:
    from frictionless import Resource, Schema

    schema = {k: v for k, v in resource["schema"].items() if k != "foreignKeys"}
    table = Resource(
        data=content, format="csv", encoding=resource["encoding"], schema=Schema.from_descriptor(schema)
    )
    for task in table.validate(limit_errors=MAX_SCHEMA_ERRORS).tasks:
        for error in task.errors:
            where = [f"row {error.row_number}"] if hasattr(error, "row_number") else []
            where += [f"column {error.field_name}"] if hasattr(error, "field_name") else []
            yield Violation(resource["path"], "schema", ", ".join(where) or error.type, error.message)


def _frame(content: bytes) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8")


def _path(descriptor: Mapping[str, Any], name: str) -> str:
    return next((r["path"] for r in descriptor.get("resources", []) if r.get("name") == name), "")


def _has_columns(content: bytes) -> bool:
    header = content.split(b"\n", 1)[0].decode("utf-8", errors="replace").strip()
    return tuple(header.split(",")) == FIGURES_COLUMNS


def _readable_rows(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    numbers = table[["year", "value"]].apply(pd.to_numeric, errors="coerce")
    whole = numbers["year"] % 1 == 0
    return table[whole & numbers["value"].notna()]
