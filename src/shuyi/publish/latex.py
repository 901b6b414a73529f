"""LaTeX fragments for pdfLaTeX, XeLaTeX and LuaLaTeX; Chinese text needs ctex or xeCJK."""

from __future__ import annotations

import re

import pandas as pd

from shuyi.errors import DataError
from shuyi.publish.layout import align_columns, mark_overhang, overhang_widths, text_width
from shuyi.publish.table import Table

PACKAGES = r"% needs \usepackage{booktabs,threeparttable,makecell,array}"
HANG, END = "\ue000", "\ue001"
COLUMN = {"right": "r", "center": "c", "left": "l"}
SIZES = ((r"\small", 40, 96), (r"\footnotesize", 52, 107), (r"\scriptsize", 64, 120))
"""Font sizes with the rows and letters per row that fit a page of A4 in a document of 11 points."""
NARROW = 0.75
"""Width of a raised star against an upright one."""
HALF_EM = 0.5
"""Width of a letter in em."""
ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
    "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "−": "$-$", "×": r"$\times$", "·": r"$\cdot$", "≤": r"$\leq$", "≥": r"$\geq$",
    "∞": r"$\infty$", "→": r"$\rightarrow$", "′": r"$'$", "Σ": r"$\Sigma$", "√": r"$\surd$", "–": "--",
    "—": "---", "²": r"\textsuperscript{2}", "³": r"\textsuperscript{3}", "χ": r"$\chi$", "α": r"$\alpha$",
    "β": r"$\beta$", "θ": r"$\theta$", "ρ": r"$\rho$", "λ": r"$\lambda$", "σ": r"$\sigma$", "τ": r"$\tau$",
    "η": r"$\eta$", "μ": r"$\mu$", "ξ": r"$\xi$", "φ": r"$\phi$",
    "\u2003": r"\quad ", "\u200b": r"\allowbreak{}", HANG: r"\rlap{", END: "}",
    "***": r"$^{***}$", "**": r"$^{**}$", "*": r"$^{*}$",
}  # fmt: skip
_SPECIAL = re.compile("|".join(map(re.escape, ESCAPES)))


def escape(text: str) -> str:
    r"""Return text with LaTeX's special characters, Greek letters and mathematical signs as commands.

    Parameters
    ----------
    text : str
        Text of a cell, heading or note.

    Returns
    -------
    str
        Text that LaTeX prints as it was.

    Examples
    --------
    >>> from shuyi.publish.latex import escape
    >>> print(escape("R&D share, 5%"))
    R\&D share, 5\%
    """
    return _SPECIAL.sub(lambda match: ESCAPES[match.group()], text)


def to_latex(table: Table) -> str:
    """Return a ``table`` environment with a caption, a label, booktabs rules and notes.

    Parameters
    ----------
    table : Table
        Table to write.

    Returns
    -------
    str
        The environment, cells aligned at the point.
    """
    from maketables import MTable

    cells = mark_overhang(table.display, lambda kept, hung: f"{kept}{HANG}{hung}{END}").map(escape)
    cells.index, cells.columns = _escaped(cells.index), _escaped(cells.columns)
    columns = cells.shape[1] + 1
    style = {
        "tab_width": None,
        "data_align": "r",
        "group_intro": _font_size(table),
        "tabcolsep": "2pt" if _font_size(table) == SIZES[-1][0] else "3pt",
        "first_row_addlinespace": None,
        "data_addlinespace": None,
        "group_header_format": rf"\multicolumn{{{columns}}}{{@{{}}l}}{{\emph{{%s}}}}",
    }
    text = MTable(cells, caption=escape(table.title), tab_label=f"tab:{table.id}", rgroup_sep="t").make(
        "tex", tex_style=style
    )
    return f"{PACKAGES}\n{_with_notes(_with_columns(str(text), table), table)}\n"


def _escaped(index: pd.Index) -> pd.Index:
    if isinstance(index, pd.MultiIndex):
        return pd.MultiIndex.from_tuples([tuple(escape(part) for part in key) for key in index])
    return pd.Index([escape(key) for key in index])


def _font_size(table: Table) -> str:
    if table.widths:
        return SIZES[-1][0]
    rows, letters = len(table.display), _letters(table)
    fitting = [size for size, most_rows, most in SIZES if rows <= most_rows and letters <= most]
    return fitting[0] if fitting else SIZES[-1][0]


def _letters(table: Table) -> float:
    display = table.display
    stub = max(map(text_width, display.index.get_level_values(-1)), default=0.0)
    headers = display.columns.get_level_values(-1)
    columns = [
        max(text_width(text) for text in (header, *display.iloc[:, j])) for j, header in enumerate(headers)
    ]
    hung = sum(overhang_widths(display)) * NARROW / HALF_EM
    return stub + sum(columns) + len(columns) + hung


def _with_columns(text: str, table: Table) -> str:
    sides = align_columns(table.display)
    plain = "{@{}l" + "r" * len(sides) + "}"
    if plain not in text:
        raise DataError(
            f"The LaTeX text of {table.id} has another column specification than maketables wrote so far.",
            expected=plain,
            remedy="install the versions of requirements.lock",
        )
    if table.widths:
        columns = map(_paragraph, table.widths, ["left", *sides])
    else:
        columns = map(_column, ["left", *sides], [0.0, *overhang_widths(table.display)])
    return text.replace(plain, "{@{}" + "".join(columns) + "}", 1)


def _column(side: str, hung: float) -> str:
    return COLUMN[side] + (rf"<{{\hspace*{{{hung * NARROW:.2f}em}}}}" if hung else "")


def _with_notes(text: str, table: Table) -> str:
    body, _, _ = text.partition("\\noindent\\begin{minipage}")
    notes = (
        "\\begin{tablenotes}[flushleft]\\footnotesize\n"
        f"\\item[]\\hspace*{{-\\labelsep}}{escape(table.note())}\n\\end{{tablenotes}}\n"
    )
    return f"{body}{notes}\\end{{threeparttable}}\n\\end{{table}}"


def _paragraph(share: float, side: str) -> str:
    ragged = {"right": r"\raggedleft", "center": r"\centering", "left": r"\raggedright"}[side]
    return rf">{{{ragged}\arraybackslash}}p{{\dimexpr{share:.3f}\linewidth-2\tabcolsep\relax}}"
