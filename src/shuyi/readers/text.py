"""Text files as grids: encoding, delimiter, lines."""

from __future__ import annotations

import csv
import io
from collections import Counter

from shuyi.errors import DataError
from shuyi.readers.content import Content, check_many_cells, gunzip
from shuyi.readers.grid import Grid, rectangular

ENCODINGS = ("utf-8-sig", "gb18030")
"""Tried in turn; GB 18030 holds GBK and GB 2312."""

DELIMITERS = (",", "\t", ";", "|")
SAMPLE_LINES = 50
GARBLED = ("锘", "ï»¿", "Ã", "â€")
"""How files begin whose UTF-8 text was taken for GBK or Latin-1 and saved again."""


def decode(content: Content, encoding: str = "") -> tuple[str, str]:
    """Return the text of a file and the encoding it was read in.

    Parameters
    ----------
    content : Content
        Bytes; a byte-order mark decides.
    encoding : str
        The user's word for the encoding; empty to try UTF-8 and GB 18030.

    Returns
    -------
    tuple of (str, str)
        Text without byte-order mark, and encoding.

    Raises
    ------
    DataError
        If the bytes are not text in any of them, or the encoding is unknown.
    """
    data = content.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        tried: tuple[str, ...] = ("utf-16",)
    else:
        tried = (encoding,) if encoding else ENCODINGS
    for name in tried:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        except LookupError as error:
            raise DataError(
                "Unknown encoding.", expected="for example utf-8 or gb18030", found=name
            ) from error
        if "\0" in text:
            break
        text = text.removeprefix("\ufeff")
        _check_garbled(text, content.name)
        return text, name
    raise DataError(
        f"{content.name} is not text in {' or '.join(tried)}.",
        expected="a text file in UTF-8 or GB 18030",
        found="bytes that are no text in it",
        remedy="say encoding:, or save the file as 'CSV UTF-8'; a workbook must end in .xlsx or .xls",
    )


def _check_garbled(text: str, name: str) -> None:
    if text.startswith(GARBLED):
        raise DataError(
            f"The text of {name} was read in a wrong encoding and saved again.",
            expected="names that can be read",
            found=repr(text[:12]),
            remedy="export the file anew from where it came; the names in it are lost",
        )


def read_text_grid(content: Content, *, encoding: str = "", delimiter: str = "") -> Grid:
    """Return a delimited text file as a grid.

    Parameters
    ----------
    content : Content
        CSV, TSV or other delimited text, gzipped or not.
    encoding : str
        See `decode`.
    delimiter : str
        Between cells; empty to take the one that divides the lines most evenly.

    Returns
    -------
    Grid
        Rows of text, blank columns at the right dropped.

    Raises
    ------
    DataError
        If the file is no text or a quotation mark is never closed.
    """
    text, name = decode(gunzip(content), encoding)
    mark = delimiter or sniff_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=False)
    rows, lines, before = [], [], 0
    try:
        for row in reader:
            rows.append(row)
            lines.append(before + 1)
            before = reader.line_num
    except csv.Error as error:
        raise DataError(
            f"{content.name}, line {reader.line_num}: {error}.",
            remedy="close the quotation mark, or split cells longer than 128 KiB",
        ) from error
    check_many_cells(len(rows), max(map(len, rows), default=0), content.name)
    even = rectangular(rows)
    return Grid(content.name, "", even, lines[: len(even)], notes=(f"encoding {name}",), delimiter=mark)


def sniff_delimiter(text: str) -> str:
    """Return the delimiter that divides the lines of a text most evenly.

    Parameters
    ----------
    text : str
        A text file.

    Returns
    -------
    str
        One of comma, tab, semicolon and bar; a comma where none divides them.
    """
    lines = [line for line in text.splitlines()[:SAMPLE_LINES] if line.strip()]
    return max(DELIMITERS, key=lambda mark: _evenness(lines, mark))


def _evenness(lines: list[str], mark: str) -> tuple[int, int]:
    counts = Counter(line.count(mark) for line in lines if mark in line)
    if not counts:
        return 0, 0
    count, frequency = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
    return frequency, count
