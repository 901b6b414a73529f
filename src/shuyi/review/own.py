"""The pipeline's own rounded tables, checked like anyone's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from shuyi.errors import DataError, offenders
from shuyi.review.check import check_table
from shuyi.review.findings import Report
from shuyi.review.join import join_tables
from shuyi.review.output.document import record
from shuyi.review.readers.interpret import interpret
from shuyi.review.readers.text import read_separated
from shuyi.review.table import PrintedTable
from shuyi.review.words import Language

TOGETHER = (("estimates", "effects"),)
"""Tables that hold coefficients and effects of the same columns."""
SUMMARIES = ("curve",)
"""Tables with a column per effect whose rows summarise many estimates, so that effects need not add up."""
SUFFIX = ".rounded.csv"
STARS = (0.1, 0.05, 0.01)


def check_printed(
    tables: Mapping[str, str],
    *,
    language: Language = "en",
    beside: str = "se",
    stars: Sequence[float] = STARS,
    row_standardised: bool | None = None,
    together: Sequence[Sequence[str]] = TOGETHER,
    summaries: Sequence[str] = SUMMARIES,
) -> dict[str, Any]:
    r"""Check the rounded tables of a run.

    Parameters
    ----------
    tables : mapping of str to str
        Name of a table, such as ``"estimates"`` or ``"estimates.rounded.csv"``, and the text of its
        rounded CSV.
    language : {"en", "zh"}
        Language of the sentences in the record; tables may be in either.
    beside : {"se", "t", "p", "std_error"}
        What the parentheses hold: ``tables.uncertainty`` of the configuration.
    stars : sequence of float
        ``tables.stars`` of the configuration.
    row_standardised : bool, optional
        Whether the rows of the headline weights sum to one; None if models of other weights stand beside it.
    together : sequence of sequence of str
        Names of tables whose columns are joined by their headings, so that effects meet their coefficients.
    summaries : sequence of str
        Names of tables of many estimates, which are left out and named among the unchecked.

    Returns
    -------
    dict
        ``check``, ``passed``, ``comparisons`` (number of checks), ``failures`` (text per failure), ``tables``
        (`output.document.record` of each) and ``unchecked`` (names of tables without an identity).

    Examples
    --------
    >>> text = "group,row,Direct,Indirect,Total\nSDM,x,0.122,-0.056,0.066\n"
    >>> found = check_printed({"effects": text})
    >>> found["passed"], found["comparisons"]
    (True, 1)
    """
    settings = {
        "beside": "se" if beside == "std_error" else beside,
        "stars": tuple(stars),
        "row_standardised": row_standardised,
        "simulated": False,
    }
    named = {_name(name): text for name, text in tables.items()}
    read = {name: _read(name, text) for name, text in named.items() if name not in summaries}
    joined = [names for names in together if all(name in read for name in names)]
    groups = [*joined, *([name] for name in read if not any(name in names for names in joined))]
    reports = [_report([read[name] for name in names], settings) for names in groups]
    checked = [r for r in reports if r.checks]
    return {
        "check": "printed_tables",
        "passed": not any(r.failed for r in checked),
        "comparisons": sum(len(r.checks) for r in checked),
        "failures": [
            f"{r.table.id}: {c.identity} {c.place}: {c.printed}, {c.implied}"
            for r in checked
            for c in r.failed
        ],
        "tables": {r.table.id: record(r, language) for r in checked},
        "unchecked": [
            *(r.table.id for r in reports if not r.checks),
            *(name for name in named if name in summaries),
        ],
    }


def _report(tables: Sequence[PrintedTable], settings: Mapping[str, Any]) -> Report:
    table = join_tables(tables) if len(tables) > 1 else tables[0]
    return check_table(replace(table, **settings))


def _read(name: str, text: str) -> PrintedTable:
    return replace(interpret(read_separated(text.removeprefix("\ufeff"), name)), id=name)


def _name(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(SUFFIX)


def require_passed(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the record of a check that passed.

    Parameters
    ----------
    found : mapping
        As `check_printed` returns it.

    Returns
    -------
    mapping
        The same record.

    Raises
    ------
    DataError
        If a printed table breaks an identity, or no table was checked.
    """
    if not found["comparisons"]:
        raise DataError("The printed tables were not checked.", expected="at least one identity to compare")
    if not found["passed"]:
        raise DataError(
            "Printed tables break identities that any table of the kind satisfies; the run is not finished.",
            expected=f"all {found['comparisons']} comparisons to hold within rounding",
            found=offenders(found["failures"]),
            remedy="do not use the tables of this run; report the lines above",
        )
    return found
