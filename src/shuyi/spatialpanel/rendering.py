"""Text cells as a LaTeX table, a HTML page and a Word document, and the rounding of the cells.

The renderers take a frame of text with row labels as index, a title and notes; the same cells always give
the same bytes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from shuyi.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd


MOST_DECIMALS = 12
MINUS = "−"
MISSING = "—"

ESCAPES = {
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    MINUS: "$-$",
    MISSING: "---",
    "***": "$^{***}$",
    "**": "$^{**}$",
    "*": "$^{*}$",
}
_SPECIAL = re.compile("|".join(re.escape(mark) for mark in sorted(ESCAPES, key=len, reverse=True)))

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font-family: sans-serif; margin: 24px; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
caption {{ text-align: left; font-weight: bold; padding-bottom: 6px; }}
thead, tbody {{ border-top: 2px solid; border-bottom: 2px solid; }}
th, td {{ padding: 2px 10px; text-align: right; white-space: pre; }}
tr > :first-child {{ text-align: left; }}
p {{ font-size: smaller; max-width: 60em; }}
</style>
</head>
<body>
<table>
<caption>{title}</caption>
<thead>
{head}
</thead>
<tbody>
{body}
</tbody>
</table>
<p>{notes}</p>
</body>
</html>
"""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can hold."""


def check_rounding(decimals: int, stars: Sequence[float]) -> None:
    """Raise ConfigError for decimals or levels of stars that no table can have.

    Parameters
    ----------
    decimals : int
        Digits after the point.
    stars : sequence of float
        Levels of the stars.

    Raises
    ------
    ConfigError
        If there are too many decimals, or the levels do not fall between one and zero.
    """
    if not 0 <= decimals <= MOST_DECIMALS:
        raise ConfigError(
            "Tables cannot print this many decimals.", expected=f"0 to {MOST_DECIMALS}", found=str(decimals)
        )
    falling = all(a > b for a, b in pairwise(stars))
    if not falling or not all(0 < level < 1 for level in stars):
        raise ConfigError(
            "The levels of the stars are out of order.",
            expected="levels between 0 and 1, from large to small, such as 0.1, 0.05, 0.01",
            found=", ".join(map(str, stars)),
        )


def number(value: float, decimals: int) -> str:
    """Return a number with fixed decimals; a small one has two significant digits, never only zeros.

    Parameters
    ----------
    value : float
        Number to print.
    decimals : int
        Digits after the point.

    Returns
    -------
    str
        With thousands separators; an em dash for NaN.

    Examples
    --------
    >>> from shuyi.spatialpanel.rendering import number
    >>> number(1234.5678, 2), number(0.00042, 3)
    ('1,234.57', '0.00042')
    """
    if math.isnan(value):
        return MISSING
    text = f"{abs(value):,.{decimals}f}"
    if value and math.isfinite(value) and not float(text.replace(",", "")):
        needed = 1 - math.floor(math.log10(abs(value)))
        text = f"{abs(value):.{needed}f}" if needed <= MOST_DECIMALS else text
    return f"{MINUS if value < 0 and text.strip('0.') else ''}{text}"


def stars_of(p: float, levels: Sequence[float]) -> str:
    """Return one star per level that p lies below.

    Parameters
    ----------
    p : float
        Probability.
    levels : sequence of float
        Levels, e.g. 0.1, 0.05 and 0.01.

    Returns
    -------
    str
        As many stars as levels are met.
    """
    return "*" * sum(p < level for level in levels)


def to_latex(cells: pd.DataFrame, title: str, notes: Sequence[str]) -> str:
    """Return a ``table`` environment, which needs the packages booktabs and threeparttable.

    Parameters
    ----------
    cells : DataFrame
        Text cells, with row labels in the index and headings in the columns.
    title : str
        Caption of the table.
    notes : sequence of str
        Sentences below the table.

    Returns
    -------
    str
        The environment.
    """
    rows = [_latex_row(label, row) for label, *row in cells.itertuples(name=None)]
    return "\n".join(
        [
            r"% needs \usepackage{booktabs,threeparttable}",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_escape(title)}}}",
            r"\begin{threeparttable}",
            rf"\begin{{tabular}}{{@{{}}l{'r' * cells.shape[1]}@{{}}}}",
            r"\toprule",
            _latex_row("", [str(c) for c in cells.columns]),
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            r"\begin{tablenotes}[flushleft]\footnotesize",
            rf"\item {_escape(' '.join(notes))}",
            r"\end{tablenotes}",
            r"\end{threeparttable}",
            r"\end{table}",
            "",
        ]
    )


def _latex_row(label: str, row: Sequence[str]) -> str:
    return " & ".join(_escape(text) for text in (label, *row)) + r" \\"


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda match: ESCAPES[match.group()], text)


def to_html(cells: pd.DataFrame, title: str, notes: Sequence[str]) -> str:
    """Return one HTML page without scripts or outside resources.

    Parameters
    ----------
    cells : DataFrame
        Text cells, with row labels in the index and headings in the columns.
    title : str
        Heading of the page.
    notes : sequence of str
        Sentences below the table.

    Returns
    -------
    str
        The whole page.
    """
    from html import escape

    return PAGE.format(
        title=escape(title),
        head=_html_row(["", *map(str, cells.columns)], "th"),
        body="\n".join(_html_row(row, "td") for row in cells.itertuples(name=None)),
        notes=escape(" ".join(notes)),
    )


def _html_row(row: Sequence[str], tag: str) -> str:
    from html import escape

    return "<tr>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for text in row) + "</tr>"


def to_docx(cells: pd.DataFrame, title: str, notes: Sequence[str]) -> bytes:
    """Return a Word document, without date or author.

    Parameters
    ----------
    cells : DataFrame
        Text cells, with row labels in the index and headings in the columns.
    title : str
        Caption of the table.
    notes : sequence of str
        Sentences below the table.

    Returns
    -------
    bytes
        A .docx file.
    """
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    document: Any = Document()
    document.add_paragraph(title, style="Caption")
    table = document.add_table(rows=0, cols=cells.shape[1] + 1, style="Light List")
    for row in (["", *map(str, cells.columns)], *cells.itertuples(name=None)):
        for place, (cell, text) in enumerate(zip(table.add_row().cells, row, strict=True)):
            cell.text = text
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT if place else WD_ALIGN_PARAGRAPH.LEFT
    document.add_paragraph(" ".join(notes))
    return _packed(document)


def _packed(document: Any) -> bytes:
    """Return the file of a document with a fixed time in its archive."""
    import io
    import zipfile

    raw, packed = io.BytesIO(), io.BytesIO()
    document.core_properties.author = ""
    document.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, EPOCH), source.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
