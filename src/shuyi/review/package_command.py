"""The command ``shuyi package``."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any

from shuyi import files
from shuyi.review.archive import pack

HELP = "pack the finished run of this project for a data editor"
DESCRIPTION = """Writes an archive with README, code, data, results and manifest of the finished run in the
working folder. Users' own data are left out and named. The same files give the same archive."""
DEFAULT = "package/shuyi-package.zip"
Write = Callable[[str], Any]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to a parser.

    Parameters
    ----------
    parser : ArgumentParser
        Parser of the subcommand.
    """
    parser.add_argument("--output", default=DEFAULT, metavar="ARCHIVE", help=f"by default {DEFAULT}")


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
    from shuyi.pipeline.records import read_labels
    from shuyi.pipeline.run import label_files, load_run, read_config, titles_of
    from shuyi.review.package import build_package

    run_ = load_run(read_config({}))
    package = build_package(run_, titles_of(run_, read_labels(label_files(), "en")))
    content = pack(package.contents)
    files.write_bytes(arguments.output, content)
    write(f"{arguments.output}: {len(package.contents)} files, SHA-256 {files.sha256(content)}\n")
    for one in package.left_out:
        write(f"Left out, because its licence is not known here: {one['path']} (SHA-256 {one['sha256']})\n")
    return 0
