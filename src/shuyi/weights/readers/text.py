"""Neighbour files in text: GAL, GWT, KWT, and the export of Stata's spmatrix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shuyi.data.numerals import plain_number
from shuyi.errors import WeightsError
from shuyi.readers.content import Content, gunzip
from shuyi.readers.text import decode
from shuyi.weights.readers.entries import Entries, from_dense, from_links

Lines = list[tuple[int, list[str]]]
"""Number and words of each line that is not blank."""


def read_gal(content: Content, encoding: str = "") -> Entries:
    """Return the neighbours in a GAL file: every link has weight one.

    Parameters
    ----------
    content : Content
        First line the number of units, alone or as ``0 n layer key``; then for each unit a line with its
        label and number of neighbours, and a line with the neighbours' labels.
    encoding : str
        Of the text; by default UTF-8 or GB 18030.

    Returns
    -------
    Entries
        Units without neighbours included.

    Raises
    ------
    WeightsError
        If a record is cut short, a count is no number, or a neighbour has no record.
    """
    n, notes, lines = _opened(content, encoding)
    words = [(number, word) for number, line in lines for word in line]
    labels, links, at = [], [], 0
    while at < len(words):
        label, count = words[at][1], _count(words, at + 1, content.name)
        members = [word for _, word in words[at + 2 : at + 2 + count]]
        if len(members) < count:
            raise _cut(content.name, words[at][0], f"{count} neighbours of {label}", f"{len(members)}")
        labels.append(label)
        links += [(label, member, 1.0) for member in members]
        at += 2 + count
    _check_other_count(content.name, n, len(labels))
    return from_links(content.name, links, labels, form="GAL", notes=notes)


def read_gwt(content: Content, encoding: str = "") -> Entries:
    """Return the links in a GWT or KWT file.

    Parameters
    ----------
    content : Content
        First line ``0 n layer key``; then ``unit neighbour value`` on each line. A GWT file holds distances
        or weights and has no line for a unit without neighbours; a KWT file holds kernel weights and its
        diagonal.
    encoding : str
        Of the text; by default UTF-8 or GB 18030.

    Returns
    -------
    Entries
        Units in the order of their first line; those without a line are only counted.

    Raises
    ------
    WeightsError
        If a line has not three words, or a value is no number.
    """
    n, notes, lines = _opened(content, encoding)
    links = [_link(content.name, number, words) for number, words in lines]
    labels = list(dict.fromkeys(e for a, b, _ in links for e in (a, b)))
    if len(labels) > n:
        _check_other_count(content.name, n, len(labels))
    kernel = content.suffix == ".kwt"
    ones = all(value == 1 for _, _, value in links)
    form = "KWT" if kernel else "GWT"
    found = from_links(
        content.name,
        links,
        labels,
        form=form,
        notes=notes,
        distances=not kernel and not ones,
        own_diagonal=kernel,
    )
    return replace(found, stated=n) if n > len(labels) else found


def read_spmatrix(content: Content, encoding: str = "") -> Entries:
    """Return the matrix in a text file of Stata's ``spmatrix export``.

    Parameters
    ----------
    content : Content
        First line n; then n lines with the id of a unit and its n weights.
    encoding : str
        Of the text; by default UTF-8 or GB 18030.

    Returns
    -------
    Entries
        Labelled by Stata's ``_ID``.

    Raises
    ------
    WeightsError
        If a line has not n + 1 words, or a weight is no number.
    """
    n, _, lines = _opened(content, encoding)
    _check_other_count(content.name, n, len(lines))
    values = np.zeros((n, n))
    for i, (number, words) in enumerate(lines):
        if len(words) != n + 1:
            raise _cut(content.name, number, f"an id and {n} weights", f"{len(words)} words")
        values[i] = [_number(content.name, number, word) for word in words[1:]]
    return from_dense(content.name, values, [words[0] for _, words in lines], form="spmatrix export")


def looks_like_spmatrix(content: Content) -> bool:
    """Return whether a text file begins as ``spmatrix export`` writes it.

    Parameters
    ----------
    content : Content
        A text file.

    Returns
    -------
    bool
        True for a first line n and a second of n + 1 words.
    """
    lines = content.data[: 2**20].split(b"\n", 2)
    first = lines[0].strip()
    return len(lines) > 1 and first.isdigit() and len(lines[1].split()) == int(first) + 1


def _opened(content: Content, encoding: str) -> tuple[int, tuple[str, ...], Lines]:
    """Return the number of units, the layer and key that the first line names, and the other lines."""
    text, _ = decode(gunzip(content), encoding)
    lines = [(i, line.split()) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    head = lines[0][1] if lines else []
    count = head[0] if len(head) == 1 else head[1] if len(head) >= 2 and head[0] == "0" else ""
    if not (count.isascii() and count.isdigit()):
        raise WeightsError(
            f"{content.name} does not begin like a file of neighbours.",
            expected="the number of units alone, or '0 n layer key'",
            found=repr(" ".join(head)[:60]),
            remedy="say reader: table, if this is a matrix or a list of links",
        )
    notes = (f"layer {head[2]}, key {head[3]}",) if len(head) >= 4 else ()
    return int(count), notes, lines[1:]


def _count(words: list[tuple[int, str]], at: int, name: str) -> int:
    line, text = words[at] if at < len(words) else (words[-1][0], "")
    if not (text.isascii() and text.isdigit()):
        raise _cut(name, line, "a label and the number of its neighbours", repr(text))
    return int(text)


def _link(name: str, line: int, words: list[str]) -> tuple[str, str, float]:
    if len(words) != 3:
        raise _cut(name, line, "a unit, a neighbour and a value", f"{len(words)} words")
    return words[0], words[1], _number(name, line, words[2])


def _number(name: str, line: int, word: str) -> float:
    value = plain_number(word)
    if value is None:
        raise _cut(name, line, "a plain finite number", repr(word))
    return value


def _cut(name: str, line: int, expected: str, found: str) -> WeightsError:
    return WeightsError(
        f"{name}, line {line}: the record cannot be read.",
        expected=expected,
        found=found,
        remedy="labels must be without blanks; export the file anew",
    )


def _check_other_count(name: str, n: int, found: int) -> None:
    if n != found:
        raise WeightsError(
            f"{name} holds another number of units than its first line says.",
            expected=f"{n} units",
            found=f"{found} records",
            remedy="the file may be cut short; export it anew",
        )
