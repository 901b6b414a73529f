"""All file access: every file that shuyi reads or writes passes through here.

Writers replace their target in one step, so that an interrupted run leaves no half-written file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shuyi.errors import DataError, offenders

if TYPE_CHECKING:
    import pandas as pd


PathLike = str | os.PathLike[str]
ENCODINGS = ("utf-8-sig", "gb18030")
"""Tried in turn for files that users bring; GB 18030 holds GBK and GB 2312."""


def read_bytes(path: PathLike) -> bytes:
    """Return the content of a file.

    Raises
    ------
    DataError
        If there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError("A file is missing.", expected=f"the file {path.as_posix()}", found="no such file")
    return path.read_bytes()


def write_bytes(path: PathLike, content: bytes) -> None:
    """Write a file in one step, making its folder where needed.

    Raises
    ------
    DataError
        If the folder or the file cannot be written.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        raise DataError(
            f"Cannot write {path.as_posix()}.",
            found=str(error.strerror or error),
            remedy="make the folder writable and leave room on the disk, then run again",
        ) from error


def read_text(path: PathLike) -> str:
    """Return the text of a file in UTF-8 or GB 18030, without a byte-order mark.

    Raises
    ------
    DataError
        If the file is missing or in neither encoding.
    """
    content = read_bytes(path)
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(
        f"Cannot decode {Path(path).as_posix()}.",
        expected="text in UTF-8 (with or without byte-order mark) or GB 18030",
        remedy="save the file as 'CSV UTF-8'",
    )


def write_text(path: PathLike, text: str) -> None:
    """Write text in UTF-8 with Unix line ends."""
    write_bytes(path, text.encode("utf-8"))


def read_json(path: PathLike) -> Any:
    """Return the content of a JSON file."""
    return json.loads(read_text(path))


def read_geometries(path: PathLike, kind: str) -> list[Any]:
    """Return the geometries of one type in a GeoJSON file, without parsing the others.

    Parameters
    ----------
    path : path
    kind : str
        ``MultiLineString``, for example.

    Returns
    -------
    list of dict
        In the order of the file.
    """
    text, decoder = read_text(path), json.JSONDecoder()
    places = [found.start() for found in re.finditer(f'"{kind}"', text)]
    return [decoder.raw_decode(text, text.rfind("{", 0, place))[0] for place in places]


def write_json(path: PathLike, content: Any) -> None:
    """Write JSON with stable formatting; numbers keep their full precision."""
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def read_yaml(path: PathLike) -> Any:
    """Return the content of a YAML file."""
    import yaml

    return yaml.load(read_text(path), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def read_data(path: PathLike) -> Any:
    """Return the content of a JSON or YAML file, by its ending."""
    return read_json(path) if Path(path).suffix == ".json" else read_yaml(path)


def read_rows(path: PathLike) -> list[dict[str, str]]:
    """Return the rows of a CSV file as dictionaries of text.

    Raises
    ------
    DataError
        If a row has more or fewer fields than the header.
    """
    reader = csv.DictReader(io.StringIO(read_text(path)))
    rows = list(reader)
    wrong = [str(i + 2) for i, row in enumerate(rows) if None in row or None in row.values()]
    if wrong:
        raise DataError(
            f"Rows of {Path(path).as_posix()} do not fit its header.",
            expected=f"{len(reader.fieldnames or ())} fields in every row",
            found=f"other counts in line {offenders(wrong)}",
        )
    return rows


def read_csv_text(path: PathLike) -> pd.DataFrame:
    """Return a CSV file as a frame of text: nothing is converted, empty cells are empty text.

    Parameters
    ----------
    path : path
        With a header in its first line and as many cells in every line as the header has.

    Returns
    -------
    DataFrame of str
        Empty lines are left out.

    Raises
    ------
    DataError
        If the file is empty, names a column twice, or a line has another number of cells (named).
    """
    import pandas as pd

    name = Path(path).as_posix()
    reader = csv.reader(io.StringIO(read_text(path)), strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise DataError(
            f"{name} cannot be read as CSV.",
            found=f"line {reader.line_num}: {error}",
            remedy="close every quotation mark and save the file as 'CSV UTF-8'",
        ) from None
    if not lines:
        raise DataError(f"{name} is empty.", expected="a header in the first line", found="no lines")
    header = lines[0][1]
    _check_lines(name, header, lines[1:])
    return pd.DataFrame([row for _, row in lines[1:]], columns=header, dtype=str)


def _check_lines(name: str, header: list[str], lines: list[tuple[int, list[str]]]) -> None:
    twice = sorted({cell for cell in header if cell and header.count(cell) > 1})
    if twice:
        raise DataError(
            f"{name} names a column twice.",
            expected="each name once",
            found=offenders(twice),
            remedy="rename or delete one of the columns",
        )
    wrong = [f"line {number} has {len(row)}" for number, row in lines if len(row) != len(header)]
    if wrong:
        raise DataError(
            f"{name} has lines with another number of cells than its header.",
            expected=f"{len(header)} cells, as in line 1: {offenders(header, 12)}",
            found=offenders(wrong),
            remedy="delete title lines above the header, name every column, and write numbers without "
            "separators of thousands (or in quotation marks)",
        )


def read_csv(path: PathLike, *, text: Sequence[str] = ()) -> pd.DataFrame:
    """Return a CSV file of the pipeline as a frame.

    Parameters
    ----------
    path : path
    text : sequence of str
        Columns that stay text: codes keep their form, empty cells are empty text.
    """
    import pandas as pd

    frame = pd.read_csv(io.StringIO(read_text(path)), dtype=dict.fromkeys(text, str))
    return frame.assign(**{column: frame[column].fillna("") for column in text})


def write_csv(path: PathLike, frame: pd.DataFrame, *, index: bool = False) -> None:
    """Write a frame as CSV with the shortest digits that restore each number exactly."""
    write_text(path, frame.to_csv(index=index, lineterminator="\n"))


def write_files(files: Mapping[str, bytes]) -> None:
    """Write several files, each in one step."""
    for path, content in files.items():
        write_bytes(path, content)


def sha256(content: bytes) -> str:
    """Return the SHA-256 digest of some bytes in hexadecimal form."""
    return hashlib.sha256(content).hexdigest()
