"""The command ``shuyi check-table``."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from shuyi import files
from shuyi.errors import DataError, ShuyiError
from shuyi.review.check import check_table
from shuyi.review.findings import Report
from shuyi.review.output.terminal import aligned, report_text
from shuyi.review.table import KINDS, PrintedTable
from shuyi.review.words import LANGUAGES, Language, say

HELP = "check the arithmetic of printed spatial panel tables"
DESCRIPTION = """Reads printed tables (YAML, CSV, LaTeX, HTML, Word, Excel, text) and checks every identity
that their figures allow. Exit status: 0 nothing fails, 1 something fails, 2 an input cannot be read."""
STDIN = "-"
PASSED, FAILED, UNREADABLE = 0, 1, 2
Write = Callable[[str], Any]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to a parser.

    Parameters
    ----------
    parser : ArgumentParser
        Parser of the subcommand.
    """
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="tables; - reads pasted text from standard input"
    )
    parser.add_argument(
        "--template", metavar="KIND", help="write an empty form (sdm, sar, ..., lm, moran, entropy, csv)"
    )
    parser.add_argument("--html", metavar="PAGE", help="write the report as an HTML page")
    parser.add_argument("--json", metavar="DOCUMENT", help="write the report as JSON")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the report")
    parser.add_argument("--details", action="store_true", help="list the checks that hold, too")
    parser.add_argument("--together", action="store_true", help="join columns of one heading over all tables")
    parser.add_argument("--parentheses", choices=KINDS, help="what the numbers in parentheses are")
    for name, what in (("n", "units"), ("T", "periods"), ("N", "observations")):
        parser.add_argument(
            f"-{name}", type=int, metavar="COUNT", help=f"{what}, where the table does not say"
        )
    group = parser.add_argument_group("estimate again")
    group.add_argument(
        "--panel", metavar="CSV", help="the study's data: unit, period and variables in columns"
    )
    group.add_argument("--weights", metavar="CSV", help="the study's weights: a labelled square table")
    group.add_argument("--outcome", metavar="VARIABLE", help="the variable that is explained")
    group.add_argument(
        "--name", action="append", default=[], metavar="PRINTED=VARIABLE", help="another name in the panel"
    )
    group.add_argument(
        "--effects", action="append", metavar="STRUCTURE", help="twoways, individual, time or pooled"
    )


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
    if arguments.template:
        from shuyi.review.templates import template

        write(template(arguments.template))
        return PASSED
    tables, unreadable = _read(arguments.files, write)
    if arguments.together and tables:
        from shuyi.review.join import join_tables

        tables = [join_tables(tables)]
    weights = _weights(arguments.weights) if arguments.weights else None
    tables = [_given(t, arguments, weights) for t in tables]
    reports = [check_table(t) for t in tables]
    for report in reports:
        write(report_text(report, arguments.lang, arguments.details))
    attempts = _reestimate(reports, arguments, weights, write) if arguments.panel else []
    _write_files(reports, attempts, arguments)
    if unreadable or not reports:
        return UNREADABLE
    return FAILED if any(r.failed for r in reports) else PASSED


def _read(files: Sequence[str], write: Write) -> tuple[list[PrintedTable], int]:
    """Return the tables of all files and how many files could not be read."""
    from shuyi.review.readers import read_tables

    if not files:
        raise DataError(
            "No file was named.",
            expected="shuyi check-table FILE...",
            remedy="shuyi check-table --template sdm",
        )
    tables: list[PrintedTable] = []
    unreadable = 0
    for file in files:
        try:
            tables += read_tables("pasted.txt" if file == STDIN else file, _content(file))
        except ShuyiError as error:
            unreadable += 1
            write(f"{file}: {error}\n")
    return tables, unreadable


def _content(file: str) -> bytes:
    from shuyi.review.readers.limits import MAX_BYTES, check_large

    if file == STDIN:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    check_large(files.file_size(file), MAX_BYTES, "file")
    return files.read_bytes(file)


def _given(table: PrintedTable, arguments: Namespace, weights: Any) -> PrintedTable:
    """Return a table with what the user says where the table does not."""
    changed: dict[str, Any] = {
        name: value
        for name in ("n", "T", "N")
        if (value := getattr(arguments, name)) and not getattr(table, name)
    }
    if arguments.parentheses:
        changed["beside"] = arguments.parentheses
    if weights is not None:
        lowest = weights.eigenvalue_interval[0]
        changed |= {"w_min": 1 / lowest, "row_standardised": weights.is_row_standardised}
    return replace(table, **changed) if changed else table


def _weights(path: str) -> Any:
    import csv
    from io import StringIO

    from shuyi.weights import from_user_csv

    text = files.read_text(path)
    header = next(csv.reader(StringIO(text)), [""])
    return from_user_csv(text, [label.strip() for label in header[1:]], source=path)


def _reestimate(reports: Sequence[Report], arguments: Namespace, weights: Any, write: Write) -> list[Any]:
    from shuyi.review.reestimate import STRUCTURES, reestimate

    if weights is None or not arguments.outcome:
        raise DataError(
            "A column cannot be estimated again.",
            expected="--panel, --weights and --outcome together",
            found="--panel alone" if weights is None else "no --outcome",
        )
    panel = _panel(arguments.panel)
    names = dict(entry.partition("=")[::2] for entry in arguments.name)
    matrix = weights.reindex(panel.units)
    structures = arguments.effects or STRUCTURES
    attempts = []
    for report in reports:
        attempts += reestimate(
            report.table, panel, matrix, outcome=arguments.outcome, names=names, structures=structures
        )
    write(_attempts_text(attempts, arguments.lang))
    return attempts


def _panel(path: str) -> Any:
    import pandas as pd

    from shuyi.panel import Panel

    frame = files.read_csv(path)
    if frame.shape[1] < 3:
        raise DataError(
            "The panel has too few columns.", expected="unit, period, variables", found=", ".join(frame)
        )
    unit, period = frame.columns[:2]
    numbers = frame.drop(columns=[unit, period]).select_dtypes("number")
    return Panel.from_frame(pd.concat([frame[[unit, period]], numbers], axis=1).set_index([unit, period]))


def _attempts_text(attempts: Sequence[Any], language: Language) -> str:
    from shuyi.review.reestimate import best

    lines = ["", say("reestimated", language), ""]
    for column, winner in best(attempts).items():
        own = [a for a in attempts if a.column == column]
        head = [say("convention", language), say("covariance", language), say("reproduced", language)]
        rows = [[*head, say("distance", language)]]
        for a in own[:8]:
            worst = max((d.units for d in a.distances), default=0.0)
            label = f"{a.convention}, {a.structure}"
            rows.append([label, a.covariance, f"{a.near} / {len(a.distances)}", f"{worst:.1f}"])
        lines += [column, *aligned(rows)]
        lines += [
            f"  {say('not_reproduced', language)}: {d.name} {d.printed} ({d.found:.6g})"
            for d in winner.far[:12]
        ]
        lines.append("")
    return "\n".join(lines) + "\n"


def _write_files(reports: Sequence[Report], attempts: Sequence[Any], arguments: Namespace) -> None:
    if arguments.json:
        from shuyi.review.output.document import record

        document: dict[str, Any] = {"reports": [record(r, arguments.lang) for r in reports]}
        if attempts:
            document["attempts"] = [_attempt(a) for a in attempts]
        files.write_text(arguments.json, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    if arguments.html:
        from shuyi.review.output.page import page

        files.write_text(arguments.html, page(reports, arguments.lang))


def _attempt(attempt: Any) -> dict[str, Any]:
    return {
        "column": attempt.column,
        "structure": attempt.structure,
        "convention": attempt.convention,
        "covariance": attempt.covariance,
        "reproduced": attempt.near,
        "numbers": len(attempt.distances),
        "not_reproduced": [{"row": d.name, "printed": d.printed, "found": d.found} for d in attempt.far],
    }
