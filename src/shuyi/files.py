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

    Parameters
    ----------
    path : path
        File to read.

    Returns
    -------
    bytes
        Everything that the file holds.

    Raises
    ------
    DataError
        If there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError("A file is missing.", expected=f"the file {path.as_posix()}", found="no such file")
    return path.read_bytes()


def file_size(path: PathLike) -> int:
    """Return the bytes of a file, zero where there is none.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    int
    """
    path = Path(path)
    return path.stat().st_size if path.is_file() else 0


def write_bytes(path: PathLike, content: bytes) -> None:
    """Write a file in one step, making its folder where needed.

    Parameters
    ----------
    path : path
        File to write or replace.
    content : bytes
        Everything that it will hold.

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

    Parameters
    ----------
    path : path
        File to read.

    Returns
    -------
    str
        Line ends as they are in the file.

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
    """Write text in UTF-8 with Unix line ends.

    Parameters
    ----------
    path : path
        File to write or replace.
    text : str
        Text with Unix line ends.

    Raises
    ------
    DataError
        As `write_bytes`.
    """
    write_bytes(path, text.encode("utf-8"))


def read_json(path: PathLike) -> Any:
    """Return the content of a JSON file.

    Parameters
    ----------
    path : path
        File to read.

    Returns
    -------
    object
        Dictionaries, lists, text, numbers, booleans and None.

    Raises
    ------
    DataError
        As `read_text`.
    """
    return json.loads(read_text(path))


def read_geometries(path: PathLike, kind: str) -> list[Any]:
    """Return the geometries of one type in a GeoJSON file, without parsing the others.

    Parameters
    ----------
    path : path
        GeoJSON file.
    kind : str
        ``MultiLineString``, for example.

    Returns
    -------
    list of dict
        In the order of the file.

    Raises
    ------
    DataError
        As `read_text`.
    """
    text, decoder = read_text(path), json.JSONDecoder()
    places = [found.start() for found in re.finditer(f'"{kind}"', text)]
    return [decoder.raw_decode(text, text.rfind("{", 0, place))[0] for place in places]


def write_json(path: PathLike, content: Any) -> None:
    """Write JSON with stable formatting; numbers keep their full precision.

    Parameters
    ----------
    path : path
        File to write or replace.
    content : object
        Plain data; neither NaN nor infinity.

    Raises
    ------
    DataError
        As `write_bytes`.
    ValueError
        If a number is NaN or infinite.
    """
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def read_yaml(path: PathLike) -> Any:
    """Return the content of a YAML file.

    Parameters
    ----------
    path : path
        File to read.

    Returns
    -------
    object
        Dictionaries, lists, text, numbers, booleans and None.

    Raises
    ------
    DataError
        As `read_text`.
    """
    import yaml

    return yaml.load(read_text(path), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def read_data(path: PathLike) -> Any:
    """Return the content of a JSON or YAML file, by its ending.

    Parameters
    ----------
    path : path
        File whose name ends in ``.json``, ``.yaml`` or ``.yml``.

    Returns
    -------
    object
        Dictionaries, lists, text, numbers, booleans and None.

    Raises
    ------
    DataError
        As `read_text`.
    """
    return read_json(path) if Path(path).suffix == ".json" else read_yaml(path)


def read_rows(path: PathLike) -> list[dict[str, str]]:
    """Return the rows of a CSV file as dictionaries of text.

    Parameters
    ----------
    path : path
        File whose first line is the header.

    Returns
    -------
    list of dict
        One dictionary per row, text by column.

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
        File whose first line is the header.

    Returns
    -------
    DataFrame
        One column of text per field.

    Raises
    ------
    DataError
        As `read_text`.
    """
    import pandas as pd

    return pd.read_csv(io.StringIO(read_text(path)), dtype=str, keep_default_na=False)


def read_csv(path: PathLike, *, text: Sequence[str] = ()) -> pd.DataFrame:
    """Return a CSV file of the pipeline as a frame.

    Parameters
    ----------
    path : path
        File whose first line is the header.
    text : sequence of str, default empty
        Columns that stay text: codes keep their form, empty cells are empty text.

    Returns
    -------
    DataFrame
        Numbers where a column holds numbers only, with NaN for empty cells.

    Raises
    ------
    DataError
        As `read_text`.
    """
    import pandas as pd

    frame = pd.read_csv(io.StringIO(read_text(path)), dtype=dict.fromkeys(text, str))
    return frame.assign(**{column: frame[column].fillna("") for column in text})


def write_csv(path: PathLike, frame: pd.DataFrame, *, index: bool = False) -> None:
    """Write a frame as CSV with the shortest digits that restore each number exactly.

    Parameters
    ----------
    path : path
        File to write or replace.
    frame : DataFrame
        Table to write.
    index : bool, default False
        Whether the index is written in front.

    Raises
    ------
    DataError
        As `write_bytes`.
    """
    write_text(path, frame.to_csv(index=index, lineterminator="\n"))


def write_files(files: Mapping[str, bytes]) -> None:
    """Write several files, each in one step.

    Parameters
    ----------
    files : mapping of str to bytes
        Content by path.

    Raises
    ------
    DataError
        As `write_bytes`.
    """
    for path, content in files.items():
        write_bytes(path, content)


def sha256(content: bytes) -> str:
    """Return the SHA-256 digest of some bytes in hexadecimal form.

    Parameters
    ----------
    content : bytes
        Bytes of a file, for example.

    Returns
    -------
    str
        64 digits.

    Examples
    --------
    >>> from shuyi.files import sha256
    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()
