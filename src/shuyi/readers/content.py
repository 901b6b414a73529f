"""The one place where readers touch files, and the limits on what they open."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from shuyi.errors import DataError

PathLike = str | os.PathLike[str]

MAX_BYTES = 256 * 2**20
"""Largest file that is opened: county panels of decades are a tenth of it."""

MAX_UNPACKED = 2**30
"""Largest content of a packed file (a workbook, an R file)."""

MAX_CELLS = 30_000_000
"""Most cells of one sheet or table."""


@dataclass(frozen=True)
class Content:
    """The bytes of one file and the name it goes by in messages.

    Parameters
    ----------
    name : str
        As the user wrote it.
    data : bytes
        Whole content.
    """

    name: str
    data: bytes = field(repr=False)

    @property
    def suffix(self) -> str:
        """Ending of the name in lower case, with its dot; the compression's ending is not counted."""
        path = Path(self.name.lower())
        return Path(path.stem).suffix if path.suffix == ".gz" else path.suffix

    @property
    def sha256(self) -> str:
        """Digest of the content."""
        return hashlib.sha256(self.data).hexdigest()


def load(path: PathLike, data: bytes | None = None) -> Content:
    """Return the content of a file.

    Parameters
    ----------
    path : path
        File to read, or the name for messages where the bytes are given.
    data : bytes, optional
        Content, where it is at hand already.

    Returns
    -------
    Content
        Bytes with their name.

    Raises
    ------
    DataError
        If there is no such file, it is empty, or it is larger than `MAX_BYTES`.
    """
    name = Path(path).as_posix()
    size = len(data) if data is not None else _size(Path(path))
    check_larger(size, MAX_BYTES, f"The file {name}")
    if not size:
        raise DataError(f"The file {name} is empty.", expected="a file with a table")
    return Content(name, data if data is not None else Path(path).read_bytes())


def _size(path: Path) -> int:
    if not path.is_file():
        raise DataError(
            "A file is missing.",
            expected=f"the file {path.as_posix()}",
            found="a folder" if path.is_dir() else "no such file",
            remedy="paths are relative to the folder of the configuration",
        )
    return path.stat().st_size


def check_larger(size: int, limit: int, what: str) -> None:
    """Raise DataError where something holds more bytes than a limit.

    Parameters
    ----------
    size, limit : int
        Bytes.
    what : str
        Subject of the sentence.

    Raises
    ------
    DataError
        Naming size and limit.
    """
    if size > limit:
        raise DataError(
            f"{what} is too large to read.",
            expected=f"at most {limit / 2**20:,.0f} MiB",
            found=f"{size / 2**20:,.0f} MiB",
            remedy="cut it to the columns and rows of the paper, or save it as Parquet",
        )


def check_many_cells(rows: int, columns: int, what: str) -> None:
    """Raise DataError where a table has more than `MAX_CELLS` cells.

    Parameters
    ----------
    rows, columns : int
        Size of the table.
    what : str
        Subject of the sentence.

    Raises
    ------
    DataError
        Naming size and limit.
    """
    if rows * columns > MAX_CELLS:
        raise DataError(
            f"{what} has too many cells to read.",
            expected=f"at most {MAX_CELLS:,} cells",
            found=f"{rows:,} rows of {columns:,} cells",
            remedy="cut it to the columns and rows of the paper",
        )


def unzip(content: Content) -> dict[str, bytes]:
    """Return the members of a packed file, after a look at how large they are.

    Parameters
    ----------
    content : Content
        A zip file, such as a workbook.

    Returns
    -------
    dict
        Bytes by name of the member.

    Raises
    ------
    DataError
        If the file is no zip file, is damaged, or its members exceed `MAX_UNPACKED`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
            total = sum(member.file_size for member in archive.infolist())
            check_larger(total, MAX_UNPACKED, f"The unpacked content of {content.name}")
            return {member.filename: archive.read(member) for member in archive.infolist()}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise DataError(
            f"{content.name} cannot be unpacked.",
            expected="a workbook that Excel opens without repair and without password",
            found=str(error),
            remedy="open it and save it anew as .xlsx or as 'CSV UTF-8'",
        ) from error


def gunzip(content: Content) -> Content:
    """Return the content of a file compressed by gzip, bzip2 or xz, or the content itself.

    Parameters
    ----------
    content : Content
        Any file.

    Returns
    -------
    Content
        Same name, unpacked bytes.

    Raises
    ------
    DataError
        If it is damaged or unpacks to more than `MAX_UNPACKED`.
    """
    import bz2
    import gzip
    import lzma
    import zlib

    openers = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
    opener = next((o for magic, o in openers.items() if content.data.startswith(magic)), None)
    if opener is None:
        return content
    try:
        with opener(io.BytesIO(content.data)) as stream:  # type: ignore[operator]
            data = stream.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise DataError(f"{content.name} cannot be unpacked.", found=str(error)) from error
    check_larger(len(data), MAX_UNPACKED, f"The unpacked content of {content.name}")
    return Content(content.name, data)
