"""Tables as files: CSV, LaTeX, Typst, HTML and Word.

MTable of maketables lays the cells out (over great_tables for HTML and python-docx for Word). What it leaves
open is settled here: numbers align at the point, notes and attributes follow the language, and the same table
always gives the same bytes.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.publish.latex import to_latex
from shuyi.publish.layout import align_columns, mark_overhang, overhang_widths
from shuyi.publish.numbers import MINUS, is_number
from shuyi.publish.table import Table
from shuyi.publish.typeset import to_typst
from shuyi.publish.word import to_docx

if TYPE_CHECKING:
    from maketables import MTable


SUFFIXES = (".csv", ".rounded.csv", ".tex", ".typ", ".html", ".docx")
HANG, END = "\ue000", "\ue001"
"""Private-use characters that mark a hanging part until the tags can be set."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a formula of a spreadsheet program opens with."""

HTML_LANGUAGE = {"en": "en", "zh": "zh-Hans"}
HTML_STYLE = {
    "align": "right",
    "table_font_size_all": "14px",
    "source_notes_font_size": "12px",
    "heading_align": "left",
    "heading_title_font_size": "16px",
    "heading_title_font_weight": "bold",
    "table_border_bottom_style": "hidden",
    "column_labels_padding_horizontal": "10px",
    "data_row_padding_horizontal": "10px",
    "row_group_font_weight": "bold",
}
PAGE_STYLE = """
body { margin: 24px; }
#ID table { width: auto !important; min-width: 42em; margin: 0 !important; }
#ID td, #ID th { font-variant-numeric: tabular-nums lining-nums; vertical-align: baseline !important; }
#ID td { overflow: visible !important; }
#ID td.gt_right { white-space: nowrap; }
#ID .gt_stub, #ID .gt_heading, #ID .gt_group_heading { text-align: left !important; }
#ID .gt_stub, #ID .gt_heading, #ID .gt_group_heading { padding-left: 0 !important; }
#ID .gt_group_heading { border-bottom: none !important; padding-bottom: 2px !important; }
#ID .gt_col_heading { vertical-align: bottom !important; }
#ID .gt_column_spanner { text-align: center !important; }
#ID .gt_sourcenote { padding-left: 0 !important; }
#ID .gt_sourcenote > * { display: block; contain: inline-size; line-height: 1.45; }
#ID .hang { display: inline-block; width: 0; overflow: visible; white-space: nowrap; }
"""


def render(table: Table) -> dict[str, bytes]:
    """Return the files of a table by suffix.

    Parameters
    ----------
    table : Table
        Table to write.

    Returns
    -------
    dict
        ``.csv`` (full precision, tidy), ``.rounded.csv`` (the cells as printed, with ASCII minus signs and a
        byte-order mark for spreadsheet programs), ``.tex`` (a ``table`` environment), ``.typ`` (a fragment
        that papers import), ``.html`` (one page without outside resources) and ``.docx``. The bytes depend on
        the table alone.
    """
    return {
        ".csv": table.data.to_csv(index=False, lineterminator="\n").encode("utf-8"),
        ".rounded.csv": to_rounded_csv(table).encode("utf-8-sig"),
        ".tex": to_latex(table).encode("utf-8"),
        ".typ": to_typst(table).encode("utf-8"),
        ".html": to_html(table).encode("utf-8"),
        ".docx": to_docx(table),
    }


def to_rounded_csv(table: Table) -> str:
    """Return the cells as printed; groups of rows become a column, spanners a prefix of the header.

    Parameters
    ----------
    table : Table
        Table to write.

    Returns
    -------
    str
        One header line, ASCII minus signs.
    """
    flat = table.display.copy()
    if isinstance(flat.columns, pd.MultiIndex):
        flat.columns = pd.Index([": ".join(filter(None, c)) for c in flat.columns])
    flat.columns = flat.columns.str.replace("\n", " ")
    flat = flat.rename_axis(index=["group", "row"] if flat.index.nlevels == 2 else ["row"]).reset_index()
    flat.columns = flat.columns.map(harmless)
    return flat.map(lambda cell: harmless(_plain(cell))).to_csv(index=False, lineterminator="\n")


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet program does not take for a formula.

    Parameters
    ----------
    cell : str
        Text, or a printed number.

    Returns
    -------
    str
        Text that opens like a formula has an apostrophe before it; a number stays as it is.
    """
    number = cell.startswith(("+", "-")) and is_number(cell[1:])
    return f"'{cell}" if cell.startswith(FORMULA) and not number and cell != "-" else cell


def _plain(cell: str) -> str:
    return cell.replace(MINUS, "-").replace("\u200b", "").strip()


def to_html(table: Table) -> str:
    """Return a page in HTML without scripts or outside resources.

    Parameters
    ----------
    table : Table
        Table to write.

    Returns
    -------
    str
        The whole page.
    """
    from great_tables import GT

    style = HTML_STYLE | ({"table_width": "100%"} if table.widths else {})
    made: Any = _mtable(table).make("gt", gt_style=style)
    body = GT.as_raw_html(made.with_id(table.id))
    body = body.replace(HANG, '<span class="hang">').replace(END, "</span>")
    css = PAGE_STYLE.replace("#ID", f"#{table.id}") + "".join(_column_rules(table))
    return (
        f'<!DOCTYPE html>\n<html lang="{HTML_LANGUAGE[table.language]}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(table.heading)}</title>\n<style>{css}</style>\n</head>\n<body>\n{body}\n</body>\n"
        "</html>\n"
    )


def _mtable(table: Table) -> MTable:
    from maketables import MTable

    cells = mark_overhang(table.display, lambda kept, hung: f"{kept}{HANG}{hung}{END}")
    return MTable(cells, notes=table.note(), caption=table.heading, rgroup_sep="t")


def _column_rules(table: Table) -> list[str]:
    spanned = table.display.columns.nlevels - 1
    rules = []
    columns = zip(align_columns(table.display), overhang_widths(table.display), strict=True)
    for place, (side, hung) in enumerate(columns, 2):
        heading = f"#{table.id} tr:last-child > .gt_col_heading:nth-child({place - spanned})"
        cells = f"#{table.id} tbody td:nth-child({place})"
        space = f" padding-right: calc(10px + {hung:.2f}em) !important;" if hung else ""
        wrap = " white-space: normal;" if side != "right" else ""
        rules.append(f"{cells}, {heading} {{ text-align: {side} !important;{wrap}{space} }}\n")
    for place, share in enumerate(table.widths, 1):
        rules.append(f"#{table.id} .gt_col_heading:nth-child({place}) {{ width: {share:.0%}; }}\n")
    return rules
