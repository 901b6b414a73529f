"""The command line: ``shuyi COMMAND ...``."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module

from shuyi.errors import ShuyiError

COMMANDS = {
    "check-table": "shuyi.review.command",
    "package": "shuyi.review.package_command",
    "verify": "shuyi.review.verify_command",
}
"""Name of each command and the module that has its ``HELP``, ``DESCRIPTION``, ``add_arguments`` and
``run``."""
UNUSABLE = 2
"""Exit status where an input cannot be used."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command of shuyi.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        Exit status of the command; 2 where its input cannot be used.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    parsed = _parser(given).parse_args(given)
    command = import_module(COMMANDS[parsed.command])
    try:
        return int(command.run(parsed, sys.stdout.write))
    except ShuyiError as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _parser(given: Sequence[str]) -> ArgumentParser:
    """Return the parser; the arguments of a command are added where it is called or help is asked for."""
    parser = ArgumentParser(
        prog="shuyi", description="Spatial panel estimators and the checks of a reviewer."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    named = [name for name in COMMANDS if name in given] or list(COMMANDS)
    for name in named:
        module = import_module(COMMANDS[name])
        module.add_arguments(commands.add_parser(name, help=module.HELP, description=module.DESCRIPTION))
    return parser


if __name__ == "__main__":
    sys.exit(main())
