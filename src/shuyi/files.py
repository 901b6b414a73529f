"""All file access: every file that shuyi reads or writes passes through here.

Writers replace their target in one step, so that an interrupted run leaves no half-written file.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shuyi import strict
from shuyi.errors import ConfigError, DataError, offenders

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


PathLike = str | os.PathLike[str]
CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Control characters other than tabs and ends of lines."""
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
        If there is no such file, or it cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise DataError("A file is missing.", expected=f"the file {path.as_posix()}", found=found)
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            f"Cannot read {path.as_posix()}.",
            found=str(error.strerror or error),
            remedy="make the file readable, then run again",
        ) from error


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


def file_digest(path: PathLike) -> str:
    """Return the SHA-256 digest of a file.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return sha256(read_bytes(path))


def read_sums(path: PathLike) -> dict[str, str]:
    """Return the digests that a file of ``sha256sum`` states, by name.

    Parameters
    ----------
    path : path
        Lines of digest and name.

    Returns
    -------
    dict of str to str
        64 hexadecimal digits by name of the file.

    Raises
    ------
    DataError
        If the file is missing or no text.
    """
    lines = [line.split(maxsplit=1) for line in read_text(path).splitlines()]
    return {line[-1]: line[0] for line in lines if line}


def write_bytes(path: PathLike, content: bytes) -> None:
    """Write a file in one step, making its folder where needed.

    A write that fails leaves the file as it was and nothing beside it.

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
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise DataError(
            f"Cannot write {path.as_posix()}.",
            found=str(error.strerror or error),
            remedy="make the folder writable and leave room on the disk, then run again",
        ) from error


def sweep(folder: PathLike) -> list[str]:
    """Remove what killed runs left half written, and nothing that a living process still writes.

    Parameters
    ----------
    folder : path
        Folder of results, which need not exist.

    Returns
    -------
    list of str
        Paths removed.
    """
    removed = []
    for path in sorted(Path(folder).rglob(".*.partial")):
        process = path.name.split(".")[-2]
        if process.isdigit() and not _is_alive(int(process)):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
                removed.append(path.as_posix())
    return removed


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


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
        If the file is missing, no text, or in neither encoding.
    """
    content = read_bytes(path)
    if b"\0" in content:
        raise DataError(
            f"{Path(path).as_posix()} is no text file.",
            expected="text in UTF-8 (with or without byte-order mark) or GB 18030",
            found="zero bytes, as in workbooks, data sets of statistics programs and UTF-16",
            remedy="open it in the program that wrote it and save it as 'CSV UTF-8'",
        )
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


def read_resource(name: str) -> str:
    """Return the text of a file that shuyi ships beside its code.

    Parameters
    ----------
    name : str
        Name of a file of ``src/shuyi/resources``.

    Returns
    -------
    str
        UTF-8 text.

    Raises
    ------
    DataError
        If there is no such file.
    """
    return read_text(Path(__file__).parent / "resources" / name)


def read_package_text(package: str, path: str) -> str:
    """Return the text of a file that an installed package ships; the package is not imported.

    Parameters
    ----------
    package : str
        Name of a package.
    path : str
        Path of the file inside the package.

    Returns
    -------
    str
        UTF-8 text.

    Raises
    ------
    DataError
        If the package is not installed, or has no such file.
    """
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec is not None else None
    if not folders:
        raise DataError(
            f"The package {package} is not installed.", remedy="install the versions of requirements.lock"
        )
    return read_text(Path(folders[0]) / path)


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
        In UTF-8 or GB 18030.

    Returns
    -------
    Any
        Plain data.

    Raises
    ------
    ConfigError
        If the file is no JSON, holds a key twice or a number that is not finite (`shuyi.strict`).
    DataError
        If the file is missing.
    """
    return strict.parse_json(read_text(path), Path(path).as_posix())


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
    """Return the content of a YAML file of plain settings.

    Parameters
    ----------
    path : path
        In UTF-8 or GB 18030.

    Returns
    -------
    Any
        Plain data.

    Raises
    ------
    ConfigError
        If the file is no YAML, or holds what plain settings do not (`shuyi.strict`).
    DataError
        If the file is missing.
    """
    return strict.parse_yaml(read_text(path), Path(path).as_posix())


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


def read_mapping(path: PathLike) -> dict[str, Any]:
    """Return the content of a JSON or YAML file that holds keys with values.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    dict
        Plain data by key.

    Raises
    ------
    ConfigError
        If the file is empty, holds a list or a single value, or cannot be read.
    DataError
        If the file is missing.
    """
    return as_mapping(read_data(path), Path(path).as_posix())


def as_mapping(content: Any, name: str) -> dict[str, Any]:
    """Return the content of a file of settings, or refuse what is no mapping.

    Parameters
    ----------
    content : Any
        Plain data.
    name : str
        Path for the message.

    Returns
    -------
    dict
        The same data.

    Raises
    ------
    ConfigError
        If the content is a list, a single value or nothing.
    """
    if isinstance(content, dict):
        return content
    found = "an empty file" if content is None else f"a {type(content).__name__}: {str(content)[:40]}"
    raise ConfigError(
        f"{name} does not hold settings.",
        expected="keys with values, `key: value`",
        found=found,
        remedy="correct the file, or restore it from version control",
    )


def read_rows(path: PathLike, columns: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return the rows of a CSV file as dictionaries of text.

    Parameters
    ----------
    path : path
        The file; its first line is the header.
    columns : sequence of str
        Columns that it must have, in their order; by default any.

    Returns
    -------
    list of dict
        Text by column.

    Raises
    ------
    DataError
        If the file has no header or another one, names a column twice or not at all, is not in the form of
        CSV, holds control characters, or a row has more or fewer fields than the header.
    """
    name, text = Path(path).as_posix(), read_text(path)
    _check_no_control_characters(name, text)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        header, rows = tuple(reader.fieldnames or ()), list(reader)
    except csv.Error as error:
        raise _no_csv(name, f"line {reader.line_num}: {error}") from None
    _check_header(name, header, columns)
    wrong = [str(i + 2) for i, row in enumerate(rows) if None in row or None in row.values()]
    if wrong:
        raise DataError(
            f"Rows of {name} do not fit its header.",
            expected=f"{len(header)} fields in every row",
            found=f"other counts in line {offenders(wrong)}",
            remedy="put text that holds a comma in quotation marks",
        )
    return rows


def _check_no_control_characters(name: str, text: str) -> None:
    """Raise DataError where a text holds characters that no document can print."""
    found = CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise DataError(
            f"{name} holds a control character.",
            expected="letters, digits and signs that can be printed",
            found=f"{found[0]!r} in line {line}",
            remedy="delete it in an editor that shows such characters",
        )


def _check_header(name: str, header: Sequence[str], columns: Sequence[str]) -> None:
    if columns and tuple(header) != tuple(columns):
        found = f"line 1: {','.join(header)[:200] or 'no header'}"
        raise DataError(
            f"The header of {name} is another one.",
            expected=",".join(columns),
            found=found,
            remedy="correct the first line, or move the file elsewhere if it does not belong here",
        )
    twice = sorted({column for column in header if list(header).count(column) > 1})
    if not header or "" in header or twice:
        found = f"twice: {offenders(twice)}" if twice else "a column without a name" if header else "no line"
        raise DataError(
            f"The header of {name} does not name its columns.",
            expected="line 1 with one name for each column",
            found=found,
            remedy="correct the first line",
        )


def _no_csv(name: str, found: str) -> DataError:
    return DataError(
        f"{name} is not in the form of CSV.",
        expected="fields separated by commas; text that holds a comma in quotation marks",
        found=found,
        remedy="export the file again as 'CSV UTF-8'",
    )


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
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise _no_csv(name, f"line {reader.line_num}: {error}") from None
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


def write_arrays(path: PathLike, arrays: Mapping[str, NDArray[np.float64]]) -> None:
    """Write named arrays to a compressed NumPy archive, in single precision; equal arrays give equal bytes.

    Parameters
    ----------
    path : str or Path
        File to write.
    arrays : mapping of str to ndarray
        By name.
    """
    import numpy as np

    buffer = io.BytesIO()
    single: Any = {name: values.astype(np.float32) for name, values in arrays.items()}
    np.savez_compressed(buffer, **single)
    write_bytes(path, buffer.getvalue())


def read_arrays(path: PathLike) -> dict[str, NDArray[np.float64]]:
    """Return the arrays of a NumPy archive by name.

    Parameters
    ----------
    path : str or Path
        File to read.

    Returns
    -------
    dict of str to ndarray
        In double precision.
    """
    import numpy as np

    with np.load(io.BytesIO(read_bytes(path)), allow_pickle=False) as archive:
        return {name: archive[name].astype(np.float64) for name in archive.files}


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


def resource(name: str) -> bytes:
    """Return the content of a file that the package ships in its folder ``resources``.

    Parameters
    ----------
    name : str
        Name of the file.

    Returns
    -------
    bytes
        Its content.
    """
    return (Path(__file__).parent / "resources" / name).read_bytes()


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
