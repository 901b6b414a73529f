"""Word documents of tables."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from shuyi.publish.layout import align_columns, text_width
from shuyi.publish.numbers import common_decimals, is_number, overhang
from shuyi.publish.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.publish.labels import Language


FONT, FONT_ZH = "Times New Roman", "SimSun"
FONT_SIZE, NOTES_SIZE, TITLE_SIZE = 9, 8, 11
LETTER = 0.175
"""Width of a Latin letter in cm, at the font size of the cells."""
POINT = 0.5
"""Width of a point in letters."""
PAGE = (21.0, 29.7)
"""Short and long side of A4 in cm."""
MARGIN, CELL_MARGIN = 2.0, 0.07
"""Margins of the page and of cells in cm."""
LONGEST_STUB, LONGEST_TEXT = 34.0, 26.0
"""Widths in letters at which row labels and cells of text start to wrap."""
MOST_PORTRAIT_COLUMNS = 6
"""Tables of text with more columns stand on a page in landscape."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can hold."""
CORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:language>{language}</dc:language></cp:coreProperties>'
)
WORD_LANGUAGE = {"en": "en-GB", "zh": "zh-CN"}


def to_docx(table: Table) -> bytes:
    """Return a Word document with the heading, the table and its notes.

    The document holds no date, author or host: it is packed anew with a fixed time and bare properties.

    Parameters
    ----------
    table : Table
        Table to write.

    Returns
    -------
    bytes
        A .docx file, the same in every process.
    """
    from maketables import MTable

    display = table.display
    document: Any = MTable(display, notes=table.note(), rgroup_sep="t").make(
        "docx",
        docx_style={
            "font_name": FONT,
            "font_size_pt": FONT_SIZE,
            "notes_font_size_pt": NOTES_SIZE,
            "notes_align": "left",
            "align_center_cells": False,
            "prevent_page_breaks": False,
            "cell_margins_dxa": {"left": 40, "right": 40, "top": 20, "bottom": 20},
        },
    )
    widths = _widths(table)
    _set_page(document, sum(widths))
    _add_heading(document, table)
    _lay_out(document.tables[0], table, widths)
    set_fonts(document, table.language, size=FONT_SIZE)
    return packed(document, table.language)


def _widths(table: Table) -> list[float]:
    if table.widths:
        width = PAGE[len(table.widths) > MOST_PORTRAIT_COLUMNS] - 2 * MARGIN
        return [share * width for share in table.widths]
    display = table.display
    stub = min(
        max((text_width(label) for label in display.index.get_level_values(-1)), default=0), LONGEST_STUB
    )
    return [(stub + 2) * LETTER, *(_column_letters(display, j) * LETTER for j in range(display.shape[1]))]


def _column_letters(display: pd.DataFrame, j: int) -> float:
    header = display.columns.get_level_values(-1)[j]
    word = max(map(text_width, header.split() or [""]))
    kept, hung = _extents(display.iloc[:, j])
    return max(min(kept, LONGEST_TEXT) + hung, word, 5) + 2


def _extents(column: pd.Series) -> tuple[float, float]:
    """Return the widths on both sides of a column's right edge, in letters."""
    decimals = common_decimals(column)
    parts = [overhang(cell, decimals) for cell in column]
    return max(text_width(kept) for kept, _ in parts), max(text_width(hung) for _, hung in parts)


def _set_page(document: Any, width: float) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    section = document.sections[0]
    landscape = width > PAGE[0] - 2 * MARGIN
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Cm(side) for side in (PAGE[::-1] if landscape else PAGE))
    for side in ("left", "right", "top", "bottom"):
        setattr(section, f"{side}_margin", Cm(MARGIN))


def _add_heading(document: Any, table: Table) -> None:
    from docx.shared import Pt, RGBColor

    paragraph = document.add_paragraph(style="Caption")
    run = paragraph.add_run(table.heading)
    run.font.size, run.font.name, run.font.color.rgb = Pt(TITLE_SIZE), FONT, RGBColor(0, 0, 0)
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.space_after = Pt(3)
    document.tables[0]._element.addprevious(paragraph._element)


def _lay_out(word: Any, table: Table, widths: list[float]) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    word.autofit = False
    for column, width in zip(word.columns, widths, strict=True):
        column.width = Cm(width)
    sides = align_columns(table.display)
    edges = [_edges(table.display.iloc[:, j], width) for j, width in enumerate(widths[1:])]
    headers = table.display.columns.nlevels
    for row in word.rows[:headers]:
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for r, row in enumerate(word.rows[:-1]):
        cells = row.cells
        if r >= headers and not any(cell.text for cell in cells[1:]) and cells[0].text:
            cells[0].merge(cells[-1])
            _keep_first_paragraph(cells[0])
            continue
        for j, cell in enumerate(cells):
            cell.width = Cm(widths[j])
            if j:
                numeric = sides[j - 1] == "right" and r >= headers
                _align(cell.paragraphs[0], sides[j - 1], widths[j], edges[j - 1] if numeric else None)


def _keep_first_paragraph(cell: Any) -> None:
    for paragraph in cell.paragraphs[1:]:
        paragraph._element.getparent().remove(paragraph._element)


def _edges(column: pd.Series, width: float) -> tuple[float, float]:
    """Return the places of the point and of the right edge of a column's numbers, in cm."""
    kept, hung = _extents(column)
    decimals = common_decimals(column)
    edge = (width - 2 * CELL_MARGIN + (kept - hung) * LETTER) / 2
    return edge - (decimals + POINT) * LETTER * (decimals > 0), edge


def _align(paragraph: Any, side: str, width: float, edges: tuple[float, float] | None) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
    from docx.shared import Cm

    layout = paragraph.paragraph_format
    if edges is None:
        layout.alignment = WD_ALIGN_PARAGRAPH.LEFT if side == "left" else WD_ALIGN_PARAGRAPH.CENTER
    elif is_number(paragraph.text) and "." in paragraph.text:
        layout.tab_stops.add_tab_stop(Cm(edges[0]), WD_TAB_ALIGNMENT.DECIMAL)
    else:
        layout.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        layout.right_indent = Cm(max(width - 2 * CELL_MARGIN - edges[1], 0.0))


def set_fonts(document: Any, language: Language, *, size: float) -> None:
    """Set the fonts of Latin and Chinese letters and the language of a document.

    Parameters
    ----------
    document : Document
        Of python-docx.
    language : {"en", "zh"}
        Language of its text.
    size : float
        Font size of ordinary text in points.
    """
    from docx.oxml.ns import qn
    from docx.shared import Pt

    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(size)
    normal.paragraph_format.space_after = Pt(0)
    for known in document.styles.element.iter(qn("w:lang")):
        known.set(qn("w:val"), WORD_LANGUAGE[language])
        known.set(qn("w:eastAsia"), "zh-CN")
    fonts = [normal.element.rPr, *document.element.body.iter(qn("w:rPr"))]
    for properties in fonts:
        properties.get_or_add_rFonts().set(qn("w:eastAsia"), FONT_ZH)


def packed(document: Any, language: Language) -> bytes:
    """Return the bytes of a document, packed anew with a fixed time and bare properties.

    Parameters
    ----------
    document : Document
        Of python-docx.
    language : {"en", "zh"}
        Language of its text.

    Returns
    -------
    bytes
        A .docx file, the same in every process.
    """
    raw, target_file = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(target_file, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = CORE.format(language=WORD_LANGUAGE[language]).encode()
            target.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return target_file.getvalue()
