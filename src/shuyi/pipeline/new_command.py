"""The command ``shuyi new``: a folder with a complete paper, from a user's files."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shuyi import files
from shuyi.errors import DataError
from shuyi.own.proposal import propose
from shuyi.pipeline.new_paper import paper_files
from shuyi.pipeline.run import load_run, read_config

HELP = "write a folder with a complete paper from a panel of your own"
DESCRIPTION = """Reads a panel (CSV, Excel, Stata, SPSS, Parquet) with weights or boundaries, prints what it
understood, and writes a folder in which `snakemake` runs. Nothing is written where it must ask."""
BESIDE = (".shx", ".dbf", ".prj", ".cpg")
"""Files that belong to a Shapefile."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to a parser.

    Parameters
    ----------
    parser : ArgumentParser
        Parser of the subcommand.
    """
    parser.add_argument("folder", metavar="FOLDER", help="folder to write; it must not exist")
    parser.add_argument("--from", dest="panel", metavar="PANEL", required=True, help="file of figures")
    parser.add_argument("--weights", metavar="FILE", default="", help="file of spatial weights")
    parser.add_argument("--boundaries", metavar="FILE", default="", help="outlines of the units")
    parser.add_argument("--crs", metavar="CODE", default="", help="coordinate system, if outlines state none")
    parser.add_argument(
        "--order",
        choices=("", "panel"),
        default="",
        help="whose rows weights without labels have",
    )


def run(arguments: Namespace, write: Callable[[str], Any]) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : Namespace
        As parsed.
    write : callable
        Takes text for the terminal.

    Returns
    -------
    int
        0 where the paper was written.

    Raises
    ------
    ShuyiError
        With what must be said or mended; nothing is written then.
    """
    folder = Path(arguments.folder)
    if folder.exists():
        raise DataError(f"{folder} exists already.", expected="the name of a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".shuyi-new-") as name:
        place = Path(name) / "paper"
        data = _copied(arguments, place)
        with chdir(place):
            proposal = propose(**data, crs=arguments.crs, order=arguments.order)
            for path, text in paper_files(proposal).items():
                files.write_text(path, text)
            checked = load_run(read_config({}, []))
        place.rename(folder)
    write(f"{proposal}\n\n")
    write("".join(f"{sentence}\n" for sentence in checked.off.values()))
    write(f"Written: {folder.as_posix()}/. Edit config/config.yaml there, then run: snakemake --cores 2\n")
    return 0


def _copied(arguments: Namespace, place: Path) -> dict[str, str]:
    """Copy the user's files into the folder and return their paths in it."""
    paths = {}
    for key in ("panel", "weights", "boundaries"):
        source = Path(getattr(arguments, key)) if getattr(arguments, key) else None
        if source is None:
            continue
        files.write_bytes(place / "data" / source.name, files.read_bytes(source))
        paths[key] = f"data/{source.name}"
        for ending in BESIDE if source.suffix.lower() == ".shp" else ():
            beside = source.with_suffix(ending)
            if beside.is_file():
                files.write_bytes(place / "data" / beside.name, files.read_bytes(beside))
    return paths
