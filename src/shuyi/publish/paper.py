"""The typeset paper: a template of Typst with its values, tables and figures becomes PDF and Word.

Typst sets the PDF. It also writes the same text as HTML, with citations and the list of references set by
the same style and formulas as MathML, from which `shuyi.publish.manuscript` makes the Word file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from shuyi.errors import ConfigError, offenders
from shuyi.files import resource
from shuyi.publish.manuscript import Piece, to_word

EXPERIMENTAL = ("experimental", "under active development", "html export")
"""What Typst says of its own HTML in a warning."""


@dataclass(frozen=True)
class Parts:
    """What a paper is made of.

    Parameters
    ----------
    template : str
        Text of the paper in Typst.
    values : mapping
        Numbers, words and the list of tables and figures, as plain data.
    bibliography : bytes
        A file of BibTeX.
    style : bytes or None, default None
        A CSL file; None where ``values`` names a style that Typst ships.
    tables : mapping of str to bytes, default empty
        Fragment of Typst (`shuyi.publish.typeset`) by name of the table.
    figures : mapping of str to bytes, default empty
        SVG by name of the figure.
    documents : mapping of str to bytes, default empty
        Word file by name of the table.
    pictures : mapping of str to bytes, default empty
        PNG by name of the figure.
    """

    template: str
    values: Mapping[str, Any]
    bibliography: bytes
    style: bytes | None = None
    tables: Mapping[str, bytes] = field(default_factory=dict)
    figures: Mapping[str, bytes] = field(default_factory=dict)
    documents: Mapping[str, bytes] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)


def render_pdf(parts: Parts) -> bytes:
    """Return the paper as PDF.

    Parameters
    ----------
    parts : Parts
        Template, values, tables and figures.

    Returns
    -------
    bytes
        The same for the same parts; without date.

    Raises
    ------
    ConfigError
        If the template is no valid text of Typst, or names a value, table or figure that there is not.
    """
    figures = {f"figures/{name}.svg": content for name, content in parts.figures.items()}
    return _typeset(parts, {**_fragments(parts), **figures}, "pdf")


def render_docx(parts: Parts) -> bytes:
    """Return the paper as a Word file, with formulas, tables and references that can be edited.

    Parameters
    ----------
    parts : Parts
        Template, values, tables and figures.

    Returns
    -------
    bytes
        The same for the same parts; without date.

    Raises
    ------
    ConfigError
        As `render_pdf`.
    """
    html = _typeset(parts, _fragments(parts), "html").decode("utf-8")
    pieces = {
        item["name"]: Piece(
            item["heading"],
            item["notes"],
            parts.documents.get(item["name"]),
            parts.pictures.get(item["name"]),
        )
        for item in parts.values["items"]
    }
    return to_word(html, pieces, parts.values["language"])


def _fragments(parts: Parts) -> dict[str, bytes]:
    return {f"tables/{name}.typ": content for name, content in parts.tables.items()}


def _typeset(parts: Parts, beside: Mapping[str, bytes], kind: Literal["pdf", "html"]) -> bytes:
    import typst

    sources = {
        "main.typ": parts.template.encode("utf-8"),
        "paper.typ": resource("paper.style.typ"),
        "values.json": json.dumps(parts.values, ensure_ascii=False).encode("utf-8"),
        "references.bib": parts.bibliography,
        **({} if parts.style is None else {"style.csl": parts.style}),
        **beside,
    }
    try:
        content, warnings = typst.compile_with_warnings(sources, format=kind, font_paths=_fonts())
    except typst.TypstError as error:
        raise _refused(str(error.diagnostic or error)) from None
    said = [w.message for w in warnings if not any(text in w.message.lower() for text in EXPERIMENTAL)]
    if said:
        raise _refused(offenders(said))
    return bytes(content)


def _refused(said: str) -> ConfigError:
    return ConfigError(
        "The paper cannot be typeset.",
        expected="a template in Typst whose values, tables and figures are in the run (docs/paper.md)",
        found=said,
        remedy="correct the file that paper.template names in config/config.yaml",
    )


@cache
def _fonts() -> Any:
    """Return the fonts of Typst and those that packages ship; those of the machine are left out."""
    import typst
    from noto_cjk_sans_otc import FONT_PATH

    return typst.Fonts(include_system_fonts=False, font_paths=[str(Path(FONT_PATH).parent)])
