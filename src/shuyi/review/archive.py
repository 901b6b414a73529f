"""Archives of a package: written the same every time, read without trust."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

from shuyi.errors import DataError

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that an archive can hold, which stands for every file."""
MODE = (stat.S_IFREG | 0o644) << 16
MAX_FILES, MAX_BYTES = 20_000, 2 << 30
"""Most files, and most bytes of all of them together, that are read from an archive."""
SYSTEM_UNIX = 3


def pack(contents: Mapping[str, bytes]) -> bytes:
    """Return an archive of files.

    Parameters
    ----------
    contents : mapping of str to bytes
        Content by path.

    Returns
    -------
    bytes
        A zip file that depends on paths and contents alone.

    Examples
    --------
    >>> from shuyi.review.archive import pack, unpack
    >>> unpack(pack({"b/a.txt": b"1", "a.txt": b"2"}))
    {'a.txt': b'2', 'b/a.txt': b'1'}
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(contents):
            entry = zipfile.ZipInfo(path, EPOCH)
            entry.external_attr, entry.create_system = MODE, SYSTEM_UNIX
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, contents[path])
    return buffer.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    """Return the files of an archive, without the folder that holds all of them.

    Parameters
    ----------
    content : bytes
        A zip file.

    Returns
    -------
    dict of str to bytes
        Content by path, in alphabetical order.

    Raises
    ------
    DataError
        If it is no zip file, is too large, or holds a path that leads out of its folder, a link or a path
        twice.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(entries)
            found = {entry.filename: _read(archive, entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise DataError("The archive cannot be read.", expected="a zip file", found=str(error)) from None
    return {path: found[path] for path in sorted(found)}


def _check(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    odd = [
        entry.filename
        for entry in entries
        if stat.S_ISLNK(entry.external_attr >> 16) or not _is_inside(entry.filename)
    ]
    size = sum(entry.file_size for entry in entries)
    if odd or len(set(names)) < len(names) or len(entries) > MAX_FILES or size > MAX_BYTES:
        found = f"a path that leads out of the archive, or a link: {odd[0]!r}" if odd else ""
        raise DataError(
            "The archive is refused.",
            expected=f"up to {MAX_FILES:,} files and {MAX_BYTES >> 30} GiB, each path once and inside",
            found=found or f"{len(entries):,} files, {len(set(names)):,} paths, {size:,} bytes",
        )


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    letters = "\\" not in name and ":" not in name and "\0" not in name
    return letters and not path.is_absolute() and ".." not in path.parts and bool(path.parts)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the content of an entry, which may be no longer than the archive says."""
    with archive.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise DataError("The archive is refused.", found=f"{entry.filename} is longer than the archive says")
    return content
