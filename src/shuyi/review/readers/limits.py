"""Limits of what is read, so that no file exhausts the machine."""

from __future__ import annotations

import io
import zipfile
import zlib

from shuyi.errors import DataError

MAX_BYTES = 20_000_000
"""Largest file that is opened."""
MAX_UNPACKED = 60_000_000
"""Largest content of a .docx or .xlsx."""
MAX_RATIO = 200
"""Largest ratio of content to file of one member above a megabyte."""
MAX_MEMBERS = 2_000
MAX_ROWS, MAX_COLUMNS = 5_000, 200
MAX_TABLES = 200
MAX_DEPTH = 20
MAX_CELL = 2_000
"""Characters of a cell that are kept."""
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
"""What the zip module raises for archives that are broken."""
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")


def check_large(size: int, limit: int, what: str) -> None:
    """Raise an error for content that is too large to be a printed table.

    Parameters
    ----------
    size, limit : int
        Bytes found and allowed.
    what : str
        What is too large.

    Raises
    ------
    DataError
        If size exceeds the limit.
    """
    if size > limit:
        raise DataError(
            f"The {what} is too large for a printed table.",
            expected=f"at most {limit:,} bytes",
            found=f"{size:,} bytes",
            remedy="copy the table alone into a file of its own",
        )


def check_rows(rows: int, columns: int = 0) -> None:
    """Raise an error for tables beyond what anyone prints.

    Parameters
    ----------
    rows, columns : int
        Size that was found, as far as it was counted.

    Raises
    ------
    DataError
        If either exceeds its limit.
    """
    if rows > MAX_ROWS or columns > MAX_COLUMNS:
        raise DataError(
            "The file holds more than a printed table.",
            expected=f"at most {MAX_ROWS:,} rows and {MAX_COLUMNS} columns",
            found=f"{rows:,} rows" if rows > MAX_ROWS else f"{columns:,} columns",
            remedy="save the printed table alone; data belong to --panel",
        )


def check_archive(content: bytes, marker: str, kind: str) -> None:
    """Refuse archives that are broken, unpack to too much, or declare XML entities.

    Parameters
    ----------
    content : bytes
        A .docx or .xlsx file.
    marker : str
        Member that such a file must have.
    kind : str
        What the file should be, for the message.

    Raises
    ------
    DataError
        Before anything of the file is parsed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(members, marker, kind)
            for member in members:
                if member.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _check_declarations(archive.read(member), member.filename)
    except BROKEN as error:
        raise DataError(f"The file is not {kind} file.", found=str(error)[:80]) from error


def _check_members(members: list[zipfile.ZipInfo], marker: str, kind: str) -> None:
    total = sum(m.file_size for m in members)
    if len(members) > MAX_MEMBERS or total > MAX_UNPACKED:
        raise DataError(
            "The file unpacks to too much.",
            expected=f"at most {MAX_UNPACKED:,} bytes in {MAX_MEMBERS:,} parts",
            found=f"{total:,} bytes in {len(members):,} parts",
            remedy="copy the table alone into a new file",
        )
    bombs = [
        m for m in members if m.file_size > 1_000_000 and m.file_size > MAX_RATIO * max(1, m.compress_size)
    ]
    if bombs:
        found = f"{bombs[0].file_size:,} from {bombs[0].compress_size:,}"
        raise DataError(
            "A part of the file unpacks to far more than it holds.",
            expected=f"at most {MAX_RATIO} bytes from each stored byte",
            found=f"{found} in {bombs[0].filename[:60]!r}",
        )
    if marker not in {m.filename for m in members}:
        raise DataError(
            f"The file is not {kind} file.", expected=f"a part named {marker}", found="no such part"
        )


def _check_declarations(content: bytes, name: str) -> None:
    plain = content.replace(b"\x00", b"").upper()
    if any(word in plain for word in DECLARATIONS):
        raise DataError(
            "The file declares XML entities, which no word processor writes.",
            expected="parts without <!DOCTYPE",
            found=repr(name[:60]),
        )
