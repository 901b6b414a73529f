"""Pages of text, tables and a map: what stands on them, and their files in HTML and PDF.

A page is assembled elsewhere (`shuyi.analyses.report.yearly`, `shuyi.analyses.report.monitor`) as plain text
in the language of the run; the templates in resources/ set it. HTML holds everything it shows and loads
nothing; PDF is set by Typst with fonts that packages ship. Neither holds a date.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from shuyi.errors import DataError, offenders
from shuyi.publish.style import FONTS

if TYPE_CHECKING:
    from shuyi.publish.labels import Language


Align = Literal["left", "right", "center"]
SIZES = (7.4, 7.0, 6.6, 6.2, 5.8)
"""Font sizes in points that are tried, from large to small, until a report fits on its sheet."""
TOO_LONG = "more than one sheet"
"""What the template says of a page that does not fit."""
HTML_LANGUAGE = {"en": "en", "zh": "zh-Hans"}


@dataclass(frozen=True)
class Column:
    """A column of a grid: heading, heading above several columns, alignment, relative width, long text.

    Parameters
    ----------
    heading : str
        Heading of the column.
    group : str, default ""
        Heading above several columns, or empty.
    align : {"left", "right", "center"}, default "right"
        Alignment of the cells.
    width : float, default 1.0
        Width relative to the other columns.
    wraps : bool, default False
        Whether cells hold long text.
    """

    heading: str
    group: str = ""
    align: Align = "right"
    width: float = 1.0
    wraps: bool = False


@dataclass(frozen=True)
class Grid:
    """A table of text.

    Parameters
    ----------
    columns : tuple of Column
        Columns from left to right.
    rows : tuple of tuple of str
        Text of the cells, one per column.

    Raises
    ------
    DataError
        If a row has more or fewer cells than there are columns.

    Examples
    --------
    >>> from shuyi.publish.pages import Column, Grid
    >>> len(Grid((Column("Province"), Column("Rank")), (("Beijing", "1"),)).rows)
    1
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        wrong = [str(i) for i, row in enumerate(self.rows) if len(row) != len(self.columns)]
        if wrong:
            raise DataError(
                "Rows of a page's table do not fit its columns.",
                expected=f"{len(self.columns)} cells",
                found=f"other counts in row {offenders(wrong)}",
            )

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """The headings above the columns with the number of neighbouring columns each spans."""
        spans: list[tuple[str, int]] = []
        for column in self.columns:
            if spans and spans[-1][0] == column.group:
                spans[-1] = (column.group, spans[-1][1] + 1)
            else:
                spans.append((column.group, 1))
        return tuple(spans)


@dataclass(frozen=True)
class Section:
    """A heading with paragraphs and at most one table.

    Parameters
    ----------
    heading : str
        Heading of the section.
    paragraphs : tuple of str, default empty
        Text above the table.
    grid : Grid, optional
        Table of the section.
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    grid: Grid | None = None


@dataclass(frozen=True)
class MapBlock:
    """A map with what must stand beside it: heading, classes (colour and text), notes, text for readers.

    Parameters
    ----------
    heading : str
        Heading of the map.
    classes : tuple of (str, str)
        Colour and text of each class, in the order of the legend.
    notes : tuple of str
        Lines beneath the map.
    alternative : str
        Text for those who cannot see the map.
    svg : bytes, optional
        The drawing.
    """

    heading: str
    classes: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    alternative: str
    svg: bytes = field(repr=False)


@dataclass(frozen=True)
class Page:
    """A page in one language.

    Parameters
    ----------
    language : {"en", "zh"}
        Language of the texts.
    title, lead : str
        Heading of the page and the sentence beneath it.
    sections : tuple of Section
        Sections in order.
    provenance : Section
        Its table is where the numbers come from.
    notes : tuple of str, default empty
        Sentences at the end.
    map : MapBlock, optional
        Map at the top.
    """

    language: Language
    title: str
    lead: str
    sections: tuple[Section, ...]
    provenance: Section
    notes: tuple[str, ...] = ()
    map: MapBlock | None = None

    def to_record(self) -> dict[str, Any]:
        """Return the page as plain data for the templates, without the drawing of the map.

        Returns
        -------
        dict
            The fields by name, with the language's code and fonts.
        """
        record = asdict(self)
        for section, made in zip(
            [*record["sections"], record["provenance"]], [*self.sections, self.provenance], strict=True
        ):
            if made.grid is not None:
                section["grid"]["groups"] = made.grid.groups
        if record["map"] is not None:
            del record["map"]["svg"]
        return {**record, "html_language": HTML_LANGUAGE[self.language], "fonts": FONTS[self.language]}


def render_html(page: Page, template: Literal["report", "monitor"]) -> bytes:
    """Return a page as HTML that holds all it shows.

    Parameters
    ----------
    page : Page
        Page to write.
    template : {"report", "monitor"}
        Layout of the page.

    Returns
    -------
    bytes
        UTF-8; no file is loaded from outside.
    """
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.loader = jinja2.DictLoader(
        {name: _resource(f"pages.{name}") for name in ("base.html", f"{template}.html")}
    )
    drawing = "" if page.map is None else base64.b64encode(page.map.svg).decode("ascii")
    text = environment.get_template(f"{template}.html").render(page=page.to_record(), drawing=drawing)
    return f"{text.rstrip()}\n".encode()


def render_pdf(page: Page) -> bytes:
    """Return a report's page as PDF on one sheet of A4.

    Parameters
    ----------
    page : Page
        Page to write, with a map.

    Returns
    -------
    bytes
        A PDF file of one page.

    Raises
    ------
    DataError
        If the page has no map, Typst warns, or the page needs more than one sheet in the smallest letters.
    """
    if page.map is None:
        raise DataError("A report's page has no map.", expected="a map of the year")
    sources = {
        "main.typ": _resource("pages.report.typ").encode(),
        "page.json": json.dumps(page.to_record(), ensure_ascii=False).encode(),
        "map.svg": page.map.svg,
    }
    for size in SIZES:
        content = _one_sheet(sources, size)
        if content is not None:
            return content
    raise DataError(
        "The page does not fit on one sheet of A4.",
        expected=f"less text than fills a sheet at {SIZES[-1]} points",
        remedy="shorten the titles of the index scheme or of the sets of systems",
    )


def _one_sheet(sources: Mapping[str, bytes], size: float) -> bytes | None:
    """Return the PDF of a page in letters of a size, or None where it needs more than one sheet."""
    import typst

    try:
        content, warnings = typst.compile_with_warnings(
            dict(sources), format="pdf", font_paths=_fonts(), sys_inputs={"size": str(size)}
        )
    except typst.TypstError as error:
        if TOO_LONG in str(error):
            return None
        raise DataError("The page cannot be set as PDF.", found=str(error)) from error
    if warnings:
        raise DataError("The page cannot be set as PDF.", found=offenders(w.message for w in warnings))
    return bytes(content)


@cache
def _fonts() -> Any:
    """Return the fonts that packages ship; those of the machine are left out."""
    import typst
    from matplotlib import get_data_path
    from noto_cjk_sans_otc import FONT_PATH

    folders = [Path(FONT_PATH).parent, Path(get_data_path()) / "fonts" / "ttf"]
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(f) for f in folders]
    )


def _resource(name: str) -> str:
    """Return the text of a template beside the registry of provinces."""
    return files("shuyi").joinpath("resources", name).read_text(encoding="utf-8")
