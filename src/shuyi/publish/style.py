"""One look for every figure: fonts, sizes, colours, and figure files that are the same byte for byte."""

from __future__ import annotations

import io
import math
import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from shuyi.errors import ConfigError, DataError, did_you_mean, offenders

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import LayoutEngine

    from shuyi.publish.labels import Labels


BARS_HEIGHT, LINES_HEIGHT, DENSITY_HEIGHT, PLANE_HEIGHT, CELL_HEIGHT = 2.2, 2.2, 2.9, 3.2, 0.21
"""Inches of a row of panels, and of a line of the matrix of ratios."""

TREND_HEIGHT, COORDINATES_HEIGHT = 2.6, 3.1
"""Inches: a row of trends, of development coordinates."""

Format = Literal["png", "pdf", "svg"]
FORMATS: tuple[Format, ...] = get_args(Format)

PAGE_WIDTH = 7.2
"""Width of a full-page figure in inches."""
TEXT_SIZE = 8.0
SMALL_SIZE = 7.0
NOTE_SIZE = 6.0
"""Sizes of headings and axis labels, of legends and ticks, and of notes, in points."""

LATIN_FONT = "DejaVu Sans"
HAN_FONT = "Noto Sans CJK SC"
"""The face of the collection that holds the glyph shapes of mainland China."""
FONTS = {"en": [LATIN_FONT, HAN_FONT], "zh": [HAN_FONT, LATIN_FONT]}

INK = "#262626"
MUTED = "#737373"
LIGHT = "#d9d9d9"
CATEGORICAL = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "#000000")
"""Okabe and Ito (2008): eight colours that people with any colour-vision deficiency tell apart."""
PALETTES = {"sequential": "YlGnBu", "diverging": "PuOr_r"}
"""ColorBrewer schemes (Harrower and Brewer 2003) that are marked as colour-blind safe."""

LATIN_LINE, HAN_LINE = 140, 82
"""Characters of a note line that fit the page width."""

FRAME_HEIGHT = 0.65
"""Inches that axis and legend of a figure take."""

HASH_SALT = "shuyi"
METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "svg": {"Date": None, "Creator": None},
}
TRUETYPE = 42
FIRST_HAN = "\u2e80"
POINTS = 72
"""Dots per inch of the vector formats, whose unit is the point."""
FURTHER_DIGITS = re.compile(rb"(\.\d\d)\d+")


@cache
def _register_han_font() -> None:
    """Make the faces of the packaged font collection known to matplotlib."""
    from matplotlib.font_manager import fontManager
    from noto_cjk_sans_otc import FONT_PATH

    fontManager.addfont(str(FONT_PATH))


@contextmanager
def style(labels: Labels) -> Iterator[None]:
    """Set fonts, sizes and line widths for a figure in the language of the labels.

    Parameters
    ----------
    labels : Labels
        Texts in the language of the output.

    Yields
    ------
    None
        Within the context the settings hold.
    """
    import matplotlib as mpl

    _register_han_font()
    settings: Any = {
        "font.family": FONTS[labels.language],
        "font.size": TEXT_SIZE,
        "axes.titlesize": TEXT_SIZE,
        "axes.labelsize": TEXT_SIZE,
        "xtick.labelsize": SMALL_SIZE,
        "ytick.labelsize": SMALL_SIZE,
        "legend.fontsize": SMALL_SIZE,
        "legend.title_fontsize": SMALL_SIZE,
        "legend.frameon": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.6,
        "axes.edgecolor": MUTED,
        "axes.titlelocation": "left",
        "axes.unicode_minus": True,
        "text.parse_math": False,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.color": INK,
        "ytick.color": INK,
        "text.color": INK,
        "axes.labelcolor": INK,
        "hatch.linewidth": 0.4,
    }
    with mpl.rc_context(settings):
        yield


def note_lines(notes: Sequence[str], labels: Labels) -> list[str]:
    """Return sentences under or above a figure in lines that fit the page, each note on a line of its own.

    Parameters
    ----------
    notes : sequence of str
        Sentences, each on lines of its own.
    labels : Labels
        For the language, whose letters differ in width.

    Returns
    -------
    list of str
    """
    width = LATIN_LINE if labels.language == "en" else HAN_LINE
    return [line for note in notes for line in textwrap.wrap(note, width)]


def head_note(figure: Figure, note: str, labels: Labels) -> None:
    """Print a sentence above the panels of a figure, in lines that fit the page; the layout makes room.

    Parameters
    ----------
    figure : Figure
        With constrained layout.
    note : str
        Sentence; an empty one prints nothing.
    labels : Labels
        For the language, whose letters differ in width.
    """
    if note:
        figure.suptitle("\n".join(note_lines([note], labels)), fontsize=NOTE_SIZE, color=MUTED)


def colours(palette: str, count: int) -> tuple[str, ...]:
    """Return `count` colours of a sequential (light to dark) or diverging palette.

    Parameters
    ----------
    palette : {"sequential", "diverging"}
        Kind of palette.
    count : int
        At least 2.

    Returns
    -------
    tuple of str
        Hexadecimal colours.
    """
    import numpy as np
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    first = 0.08 if palette == "sequential" else 0.1
    positions = np.linspace(first, 1.0 - first, count)
    return tuple(to_hex(colormaps[PALETTES[palette]](position)) for position in positions)


def facets(count: int, columns: int, height: float, **shared: Any) -> tuple[Figure, list[Axes]]:
    """Return a figure with panels in rows.

    Parameters
    ----------
    count : int
        Number of panels.
    columns : int
        Most panels to a row.
    height : float
        Of a row, in inches.
    **shared : object
        ``sharex`` and ``sharey`` of matplotlib's ``subplots``.

    Returns
    -------
    matplotlib.figure.Figure
        With a constrained layout.
    list of matplotlib.axes.Axes
        One per panel, row by row.
    """
    from matplotlib.figure import Figure

    columns = min(columns, count)
    rows = math.ceil(count / columns)
    figure = Figure(figsize=(PAGE_WIDTH, rows * height + FRAME_HEIGHT), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, **shared).ravel()
    for spare in grid[count:]:
        spare.remove()
    for panel in grid[max(0, count - columns) : count]:
        panel.tick_params(labelbottom=True)
    return figure, list(grid[:count])


def require_columns(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise DataError if a figure's frame lacks columns.

    Parameters
    ----------
    frame : DataFrame
        Data of a figure.
    columns : sequence of str
        Columns that it must have.

    Raises
    ------
    DataError
        If a column is missing.
    """
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise DataError(
            "A figure's frame lacks columns.",
            expected=", ".join(columns),
            found=f"no {offenders(absent)}",
            remedy=did_you_mean(absent[0], [str(column) for column in frame.columns]),
        )


def settle(figure: Figure) -> Figure:
    """Lay out a figure while the style is in force, so that every tick carries its fonts.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        With a layout engine, as `facets` makes it.

    Returns
    -------
    matplotlib.figure.Figure
        The same figure.
    """
    engine = figure.get_layout_engine()
    if engine is None:
        figure.draw_without_rendering()
    else:
        _lay_out(figure, engine)
    return figure


def _lay_out(figure: Figure, engine: LayoutEngine) -> None:
    """Place panels and texts as a drawing would, without the drawing."""
    engine.execute(figure)
    for axes in figure.axes:
        axes.apply_aspect()


def figure_files(
    figure: Figure, *, dpi: int = 300, formats: Sequence[Format] = FORMATS
) -> dict[Format, bytes]:
    """Return a figure as the content of files, the same bytes in every process.

    For each format the figure is laid out once, because each measures texts in its own way, and drawn once.

    No date or program version is written and element names come from a fixed salt. SVG text is drawn as
    outlines, because an SVG file cannot carry its fonts. PDF text stays text, in embedded TrueType, where the
    figure needs DejaVu Sans alone. The Chinese font would be embedded as glyph procedures (Type 3), which
    publishers refuse; such a figure becomes PDF from its SVG, with outlines and without a font.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Is as before when its files are made.
    dpi : int
        Resolution of PNG, dots per inch; 300 by default.
    formats : sequence of {"png", "pdf", "svg"}
        All three by default.

    Returns
    -------
    dict
        Content by format, in the order of the formats.

    Raises
    ------
    ConfigError
        If a format is none of these.
    """
    import matplotlib as mpl

    unknown = [kind for kind in formats if kind not in METADATA]
    if unknown:
        raise ConfigError("Unknown figure format.", expected="png, pdf or svg", found=repr(unknown[0]))
    settings: Any = {
        "svg.hashsalt": HASH_SALT,
        "svg.fonttype": "path",
        "pdf.fonttype": TRUETYPE,
    }
    outlined = "pdf" in formats and _needs_han_font(figure)
    drawn = [kind for kind in formats if kind != "pdf" or not outlined]
    with mpl.rc_context(settings):
        files = {kind: _saved(figure, kind, dpi) for kind in drawn}
        if outlined:
            files["pdf"] = _outlined(files.get("svg") or _saved(figure, "svg", dpi))
    return {kind: files[kind] for kind in formats}


def figure_bytes(figure: Figure, format: Format, *, dpi: int = 300) -> bytes:
    """Return a figure as the content of one file; see `figure_files`.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Is as before when its file is made.
    format : {"png", "pdf", "svg"}
        Kind of file.
    dpi : int, default 300
        Resolution of PNG, dots per inch; 300 by default.

    Returns
    -------
    bytes
        The same in every process.

    Raises
    ------
    ConfigError
        If the format is none of these.
    """
    return figure_files(figure, dpi=dpi, formats=(format,))[format]


def _saved(figure: Figure, format: Format, dpi: int) -> bytes:
    target = io.BytesIO()
    with _laid_out(figure, format, dpi):
        figure.savefig(target, format=format, dpi=dpi, metadata=METADATA[format])
    return _shortened(target.getvalue()) if format == "svg" else target.getvalue()


def _outlined(svg: bytes) -> bytes:
    """Return a drawing as PDF of the same size, its letters as outlines."""
    import typst

    width = re.search(rb'<svg[^>]* width="([\d.]+)pt"', svg)
    page = f"""#set document(date: none)
#set page(width: auto, height: auto, margin: 0pt)
#image("drawing.svg", width: {width[1].decode() if width else POINTS}pt)"""
    sources: Any = {"main.typ": page.encode(), "drawing.svg": svg}
    return bytes(typst.compile(sources, format="pdf", pdf_tags=False))


@contextmanager
def _laid_out(figure: Figure, format: Format, dpi: int) -> Iterator[None]:
    """Lay out a figure for a format and take its layout engine away while the format is saved.

    With a layout engine ``savefig`` draws a figure twice: once to lay it out and once into the file.
    """
    from matplotlib.backend_bases import get_registered_canvas_class

    engine, canvas, resolution = figure.get_layout_engine(), figure.canvas, figure.dpi
    if engine is None:
        yield
        return
    figure.set_canvas(get_registered_canvas_class(format)(figure))
    figure.dpi = dpi if format == "png" else POINTS
    _lay_out(figure, engine)
    figure.dpi = resolution
    figure.set_layout_engine(None)
    try:
        yield
    finally:
        figure.set_canvas(canvas)
        figure.set_layout_engine(engine)


def _shortened(svg: bytes) -> bytes:
    """Cut the coordinates of SVG paths to hundredths of a point, which halves a map."""
    return re.sub(rb' d="[^"]*"', lambda path: b"".join(FURTHER_DIGITS.split(path[0])), svg)


def _needs_han_font(figure: Figure) -> bool:
    from matplotlib.text import Text

    def needs(text: Any) -> bool:
        return text.get_fontfamily()[0] == HAN_FONT or max(text.get_text(), default="") >= FIRST_HAN

    return any(needs(text) for text in figure.findobj(Text))
