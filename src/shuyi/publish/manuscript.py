"""A typeset text as a Word file: HTML as Typst writes it, with tables and figures where it leaves room."""

from __future__ import annotations

import io
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shuyi.publish.word import FONT, FONT_ZH, MARGIN, PAGE, packed, set_fonts

if TYPE_CHECKING:
    from shuyi.publish.labels import Language

HEADINGS = {"h2": 1, "h3": 2, "h4": 3}
STYLES = {"title": "Title", "authors": "Subtitle", "abstract-heading": "Heading 2"}
"""Style of a paragraph by the role that the template's style gives it."""
EMPHASIS = {
    "strong": "bold",
    "b": "bold",
    "em": "italic",
    "i": "italic",
    "sub": "subscript",
    "sup": "superscript",
}
TEXT_SIZE, SMALL_SIZE = 11, 8
INDENT = 0.7
"""Hanging indent of references in cm."""


@dataclass(frozen=True)
class Piece:
    """A table or figure to put into the text.

    Parameters
    ----------
    heading : str
        Number and title.
    notes : str
        Sentences below a figure; a table's document has its own.
    document : bytes or None
        Word file of a table (`shuyi.publish.word.to_docx`).
    picture : bytes or None
        PNG of a figure.
    """

    heading: str
    notes: str
    document: bytes | None
    picture: bytes | None


def to_word(html: str, pieces: Mapping[str, Piece], language: Language) -> bytes:
    """Return a Word file of a text.

    Parameters
    ----------
    html : str
        Headings, paragraphs, lists, formulas in MathML, and an empty ``div`` with ``data-item`` for each
        table or figure.
    pieces : mapping of str to Piece
        Tables and figures by name.
    language : {"en", "zh"}
        Language of the text.

    Returns
    -------
    bytes
        A .docx file without date, the same in every process.
    """
    from docx import Document
    from lxml.html import document_fromstring

    document: Any = Document()
    _prepare(document)
    writer = _Writer(document, pieces)
    for element in document_fromstring(html).body:
        writer.block(element)
    set_fonts(document, language, size=TEXT_SIZE)
    return packed(document, language)


def _prepare(document: Any) -> None:
    from docx.shared import Pt, RGBColor

    _set_page(document.sections[0], landscape=False)
    for name in ("Title", "Subtitle", *(f"Heading {level}" for level in (1, 2, 3))):
        style = document.styles[name]
        style.font.name, style.font.color.rgb = FONT, RGBColor(0, 0, 0)
        for fonts in style.element.rPr.findall(_word("rFonts")):
            fonts.attrib.clear()
            for script in ("ascii", "hAnsi", "cs"):
                fonts.set(_word(script), FONT)
            fonts.set(_word("eastAsia"), FONT_ZH)
    document.styles["Title"].font.size = Pt(18)


def _set_page(section: Any, *, landscape: bool) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Cm(side) for side in (PAGE[::-1] if landscape else PAGE))
    for side in ("left", "right", "top", "bottom"):
        setattr(section, f"{side}_margin", Cm(MARGIN))


def _word(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(f"w:{name}"))


class _Writer:
    """Writes the elements of a text into a document, one below the other."""

    def __init__(self, document: Any, pieces: Mapping[str, Piece]) -> None:
        self.document, self.pieces = document, pieces
        self.landscape = False

    def block(self, element: Any) -> None:
        """Write an element that stands on lines of its own."""
        name, role = element.tag, element.get("data-role")
        if element.get("data-item"):
            self.piece(self.pieces[element.get("data-item")])
        elif name in HEADINGS:
            self.turn(landscape=False)
            self.paragraph(element, f"Heading {HEADINGS[name]}")
        elif name in ("ul", "ol"):
            style = "List Bullet" if name == "ul" else "List Number"
            references = element.getparent().get("role") == "doc-bibliography"
            for item in element:
                self.paragraph(item, "Normal" if references else style, hanging=references)
        elif name == "math":
            self.paragraph_of_formula(element)
        elif name == "div" and role in STYLES:
            self.paragraph(element, STYLES[role])
        elif name in ("section", "div", "figure", "blockquote") and len(element) and not role:
            for child in element:
                self.block(child)
        else:
            self.paragraph(element, "Normal")

    def paragraph(self, element: Any, style: str, *, hanging: bool = False) -> None:
        """Write a paragraph; formulas on lines of their own inside it become paragraphs."""
        from docx.shared import Cm, Pt

        paragraph = self.document.add_paragraph(style=style)
        if style == "Normal":
            paragraph.paragraph_format.space_after = Pt(6)
        if hanging:
            paragraph.paragraph_format.left_indent = Cm(INDENT)
            paragraph.paragraph_format.first_line_indent = Cm(-INDENT)
        self.inline(element, paragraph, {})
        if not paragraph._p.xpath("w:r|m:oMath"):
            paragraph._p.getparent().remove(paragraph._p)

    def inline(self, element: Any, paragraph: Any, marks: Mapping[str, bool]) -> None:
        """Write the text of an element with its marks."""
        _run(paragraph, element.text, marks)
        for child in element:
            if child.tag == "math":
                if child.get("display") == "block":
                    self.paragraph_of_formula(child)
                else:
                    paragraph._p.append(_formula(child))
            elif child.tag == "br":
                paragraph.add_run().add_break()
            else:
                mark = EMPHASIS.get(child.tag)
                self.inline(child, paragraph, {**marks, mark: True} if mark else marks)
            _run(paragraph, child.tail, marks)

    def paragraph_of_formula(self, element: Any) -> None:
        """Write a formula in the middle of a line of its own."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph._p.append(_formula(element))

    def piece(self, piece: Piece) -> None:
        """Write a table from its own document, or a figure with its caption."""
        if piece.document is not None:
            self.table(piece.document)
        elif piece.picture is not None:
            self.figure(piece, piece.picture)

    def table(self, content: bytes) -> None:
        """Write what a table's document holds, on a page turned as there."""
        from docx import Document
        from docx.enum.section import WD_ORIENT

        document: Any = Document(io.BytesIO(content))
        self.turn(landscape=document.sections[0].orientation == WD_ORIENT.LANDSCAPE)
        end = self.document.element.body.sectPr
        for element in document.element.body:
            if element.tag != _word("sectPr"):
                end.addprevious(deepcopy(element))
        self.document.add_paragraph()

    def figure(self, piece: Piece, picture: bytes) -> None:
        """Write a figure over the width of the text, its caption and its notes."""
        from docx.shared import Cm, Pt

        self.turn(landscape=False)
        shown = self.document.add_paragraph()
        shown.paragraph_format.keep_with_next = True
        shown.add_run().add_picture(io.BytesIO(picture), width=Cm(PAGE[0] - 2 * MARGIN))
        caption = self.document.add_paragraph()
        caption.add_run(piece.heading).bold = True
        caption.paragraph_format.keep_with_next = bool(piece.notes)
        if piece.notes:
            self.document.add_paragraph().add_run(piece.notes).font.size = Pt(SMALL_SIZE)
        self.document.add_paragraph()

    def turn(self, *, landscape: bool) -> None:
        """Open a page of the other orientation where it is another."""
        from docx.enum.section import WD_SECTION

        if landscape != self.landscape:
            _set_page(self.document.add_section(WD_SECTION.NEW_PAGE), landscape=landscape)
            self.landscape = landscape


def _run(paragraph: Any, text: str | None, marks: Mapping[str, bool]) -> None:
    if text:
        run = paragraph.add_run(text)
        for mark in marks:
            setattr(run.font, mark, True)


def _formula(element: Any) -> Any:
    """Return a formula of Word from one in MathML."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from lxml import etree
    from mathml_to_omml import mathml_to_omml

    source = deepcopy(element)
    source.tail = None
    text = mathml_to_omml(etree.tostring(source, encoding="unicode"))
    formula = parse_xml(text.replace("<m:oMath>", f"<m:oMath {nsdecls('m')}>", 1))
    for sign in formula.iter("{*}nary"):
        _hide_empty(sign)
    return formula


def _hide_empty(sign: Any) -> None:
    """Leave out the limits that a sum has not; Word would draw a box for each."""
    from docx.oxml import OxmlElement

    properties = sign.find("{*}naryPr")
    for limit, hidden in (("sub", "m:subHide"), ("sup", "m:supHide")):
        found = sign.find(f"{{*}}{limit}")
        if found is not None and not len(found):
            mark = OxmlElement(hidden)
            mark.set(properties.tag.replace("naryPr", "val"), "1")
            properties.append(mark)
