"""Verification of the registers: claims of the source literature and policy instruments.

They are described apart from the figures, so that an edited claim leaves the figures' results as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shuyi.data.rules import Violation
from shuyi.data.snapshot import file_violations, schema_violations
from shuyi.errors import DataError

DESCRIPTOR = "registers.json"
RESOURCES = ("claims", "instruments")


@dataclass(frozen=True)
class RegistersReport:
    """What was found: violations, and how many files were looked at.

    Parameters
    ----------
    violations : tuple of Violation
        What departs from the description.
    files : int
        Number of files looked at.
    """

    violations: tuple[Violation, ...]
    files: int

    def to_record(self) -> dict[str, Any]:
        """Return the report as plain data for JSON.

        Returns
        -------
        dict
            Keys valid, violations and files.
        """
        return {"valid": not self.violations, **asdict(self)}


def inspect_registers(descriptor: Mapping[str, Any], files: Mapping[str, bytes]) -> RegistersReport:
    """Compare the registers with their description: hashes, sizes, types, allowed values, unique keys.

    Parameters
    ----------
    descriptor : mapping
        The parsed ``data/registers.json``.
    files : mapping of str to bytes
        Content by path relative to the descriptor.

    Returns
    -------
    RegistersReport
        With every violation.
    """
    found = [
        *file_violations(descriptor, files, RESOURCES, name=DESCRIPTOR),
        *schema_violations(descriptor, files, name=DESCRIPTOR),
    ]
    return RegistersReport(tuple(found), len(files))


def verify_registers(descriptor: Mapping[str, Any], files: Mapping[str, bytes]) -> RegistersReport:
    """Return the report of registers without violations, or refuse them.

    Parameters
    ----------
    descriptor : mapping
        The parsed ``data/registers.json``.
    files : mapping of str to bytes
        Content by path relative to the descriptor.

    Returns
    -------
    RegistersReport
        Without violations.

    Raises
    ------
    DataError
        Listing every violation, if there is any.
    """
    report = inspect_registers(descriptor, files)
    if not report.violations:
        return report
    raise DataError(
        f"The registers have {len(report.violations)} violation(s).",
        expected=f"data/facts and data/policy as data/{DESCRIPTOR} describes them",
        found="\n    " + "\n    ".join(map(str, report.violations)),
        remedy="restore the files from version control, or rewrite sizes and hashes as data/README.md shows",
    )
