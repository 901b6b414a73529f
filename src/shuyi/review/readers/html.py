"""Tables of HTML pages, with spans resolved and scripts left out."""

from __future__ import annotations

from typing import Any

from shuyi.errors import DataError
from shuyi.review.readers.grid import Grid, build_grid
from shuyi.review.readers.limits import MAX_COLUMNS, MAX_ROWS, MAX_TABLES, check_rows

NO_TEXT = ("script", "style", "noscript", "template", "iframe", "object", "embed", "head", "button", "svg")
BREAKS = ("br", "p", "div", "li")
AROUND = 6
"""Paragraphs above or below a table that may be its title or notes."""


def read_html(content: bytes, source: str = "") -> list[Grid]:
    """Return the tables of an HTML page.

    Parameters
    ----------
    content : bytes
        The page; no address in it is opened and nothing in it runs.
    source : str
        Name of the file.

    Returns
    -------
    list of Grid
        Innermost tables; merged cells are empty after the first.

    Raises
    ------
    DataError
        If the page cannot be parsed or a table is too large.
    """
    from lxml import etree, html

    try:
        parser = html.HTMLParser(no_network=True, huge_tree=False, encoding=_encoding(content))
        page = html.document_fromstring(content, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise DataError("The page is not HTML.", found=str(error)[:80]) from error
    etree.strip_elements(page, *NO_TEXT, with_tail=False)
    heading = next((_text(h) for h in page.iter("h1")), "")
    tables = [t for t in page.iter("table") if t.find(".//table") is None][:MAX_TABLES]
    grids = []
    for i, table in enumerate(tables, start=1):
        title = " ".join(_text(c) for c in table.findall("caption")) or _near(table, before=True) or heading
        notes = "\n".join(
            [*(_text(c) for c in table.iterfind("tfoot//td") if _spans_all(c)), _near(table, before=False)]
        )
        grids.append(build_grid(_rows(table), title, notes, f"{source} {i}" if len(tables) > 1 else source))
    return grids


def _encoding(content: bytes) -> str | None:
    if b"charset" in content[:2000].lower():
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _rows(table: Any) -> list[list[str]]:
    rows: list[list[str]] = []
    pending: dict[int, int] = {}
    for count, tr in enumerate(table.iter("tr"), start=1):
        check_rows(count)
        cells: list[str] = []
        for cell in (c for c in tr if c.tag in ("td", "th")):
            _skip(cells, pending)
            width, height = _span(cell, "colspan", MAX_COLUMNS), _span(cell, "rowspan", MAX_ROWS)
            for j in range(len(cells), len(cells) + width):
                if height > 1:
                    pending[j] = height - 1
            cells.extend([_text(cell), *[""] * (width - 1)])
            check_rows(count, len(cells))
        _skip(cells, pending)
        rows.append(cells)
    return rows


def _skip(cells: list[str], pending: dict[int, int]) -> None:
    """Add empty cells where a cell above reaches down."""
    while pending.get(len(cells), 0):
        pending[len(cells)] -= 1
        cells.append("")


def _span(cell: Any, name: str, limit: int) -> int:
    text = cell.get(name, "1").strip()
    return min(int(text), limit) if text.isdigit() and len(text) < 6 and int(text) > 0 else 1


def _spans_all(cell: Any) -> bool:
    return len([c for c in cell.getparent() if c.tag in ("td", "th")]) == 1


def _text(element: Any) -> str:
    parts: list[str] = []
    for node in element.iter():
        if node.tag in BREAKS and node is not element:
            parts.append(" ")
        if isinstance(node.tag, str):
            parts.append(node.text or "")
        if node is not element:
            parts.append(node.tail or "")
    return "".join(parts)


def _near(table: Any, before: bool) -> str:
    found: list[str] = []
    siblings = table.itersiblings(preceding=before)
    for _, node in zip(range(AROUND), siblings, strict=False):
        if node.tag == "table" or (isinstance(node.tag, str) and node.find(".//table") is not None):
            break
        if isinstance(node.tag, str):
            found.append(_text(node))
    if (
        not found
        and table.getparent() is not None
        and table.getparent().tag in ("div", "figure", "center", "section")
    ):
        return _near(table.getparent(), before)
    return (found[0] if found else "") if before else "\n".join(found)
