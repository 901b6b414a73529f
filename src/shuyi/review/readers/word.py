"""Tables of Word documents (.docx)."""

from __future__ import annotations

import io
from typing import Any

from shuyi.errors import DataError
from shuyi.review.readers.grid import Grid, build_grid
from shuyi.review.readers.limits import BROKEN, MAX_TABLES, check_archive, check_rows

AFTER = 4
"""Paragraphs below a table that may be its notes."""
BEFORE = 2
"""Paragraphs above a table that may be its title."""


def read_word(content: bytes, source: str = "") -> list[Grid]:
    """Return the tables of a Word document.

    Parameters
    ----------
    content : bytes
        A .docx file; macros and fields are not run, linked parts not opened.
    source : str
        Name of the file.

    Returns
    -------
    list of Grid
        Merged cells are empty after the first.

    Raises
    ------
    DataError
        If the file is no .docx, unpacks to too much or declares XML entities.
    """
    check_archive(content, "word/document.xml", "a Word (.docx)")
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from lxml import etree

    try:
        document = Document(io.BytesIO(content))
    except (PackageNotFoundError, *BROKEN, LookupError, etree.XMLSyntaxError, AttributeError) as error:
        raise DataError("The file is not a Word (.docx) file.", found=str(error)[:80]) from error
    return _grids(list(document.element.body.iterchildren()), source)


def _grids(blocks: list[Any], source: str) -> list[Grid]:
    from docx.oxml.ns import qn

    tables = [i for i, block in enumerate(blocks) if block.tag == qn("w:tbl")][:MAX_TABLES]
    grids = []
    for number, at in enumerate(tables, start=1):
        above = [_text(b) for b in blocks[max(0, at - BEFORE) : at] if b.tag == qn("w:p")]
        below = []
        for block in blocks[at + 1 : at + 1 + AFTER]:
            if block.tag != qn("w:p"):
                break
            below.append(_text(block))
        name = f"{source} {number}" if len(tables) > 1 else source
        titles = [t for t in above if t.strip()]
        grids.append(build_grid(_rows(blocks[at]), titles[-1] if titles else "", "\n".join(below), name))
    return grids


def _rows(table: Any) -> list[list[str]]:
    from docx.oxml.ns import qn

    rows = []
    for count, tr in enumerate(table.iterchildren(qn("w:tr")), start=1):
        check_rows(count)
        cells: list[str] = []
        for tc in tr.iter(qn("w:tc")):
            width = _grid_span(tc)
            continued = tc.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            hidden = continued is not None and continued.get(qn("w:val")) != "restart"
            cells.extend(["" if hidden else _text(tc), *[""] * (width - 1)])
            check_rows(count, len(cells))
        rows.append(cells)
    return rows


def _grid_span(tc: Any) -> int:
    from docx.oxml.ns import qn

    span = tc.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    text = span.get(qn("w:val"), "1") if span is not None else "1"
    return min(int(text), 200) if text.isdigit() and len(text) < 6 and int(text) > 0 else 1


def _text(element: Any) -> str:
    """Return the text of a block; paragraphs, breaks and tabs become blanks, deleted text is left out."""
    from docx.oxml.ns import qn

    parts: list[str] = []
    for node in element.iter():
        if node.tag == qn("w:t"):
            parts.append(node.text or "")
        elif node.tag in (qn("w:br"), qn("w:tab"), qn("w:cr")) or (node.tag == qn("w:p") and parts):
            parts.append(" ")
        elif node.tag == qn("w:noBreakHyphen"):
            parts.append("-")
    return "".join(parts)
