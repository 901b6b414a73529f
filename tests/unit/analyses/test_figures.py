"""Statistical figures: what is drawn equals the frames, texts stay apart, and refusals."""

import io
import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from pypdf import PdfReader
from words import read_labels

from shuyi.analyses.autocorrelation import figures
from shuyi.analyses.estimation import figures as estimation_figures
from shuyi.errors import ConfigError, DataError
from shuyi.publish import charts, style
from shuyi.publish.style import HAN_FONT, LATIN_FONT, figure_bytes

EXACT = 1e-12
"""Relative: coordinates pass through matplotlib unchanged but for rounding."""
NAMES = {"a": "Alpha", "b": "Beta", "c": "Gamma", "d": "Delta"}
KINDS = {"near": "Near", "far": "Far"}
TERMS = {"x": "First", "y": "Second", "v": "Third"}


def points():
    rng = np.random.default_rng(5)
    rows = [(code, year, *rng.normal(size=2)) for year in (2016, 2024) for code in NAMES]
    return pd.DataFrame(rows, columns=["code", "year", "z", "lag"])


def statistics():
    return pd.DataFrame({"year": [2016, 2024], "I": [-0.25, 0.5], "p": [0.0001, 0.125]})


def series():
    rows = [
        (kind, year, 0.1 * (year - 2016), -0.03, -0.2, 0.15) for kind in KINDS for year in range(2016, 2025)
    ]
    return pd.DataFrame(rows, columns=["weights", "year", "I", "expected", "low", "high"])


def effects():
    rows = [
        (term, component, method, 1.0 * i, i - 0.5, i + 0.7)
        for term in TERMS
        for i, component in enumerate(estimation_figures.COMPONENTS)
        for method in estimation_figures.METHODS
    ]
    return pd.DataFrame(rows, columns=["term", "component", "method", "estimate", "low", "high"])


def intervals():
    return pd.DataFrame(
        {
            "name": ["A", "B", "C"],
            "estimate": [0.1, -0.2, 0.3],
            "low": [0.0, -0.6, 0.2],
            "high": [0.2, 0.1, 0.9],
        }
    )


def drawn_figures(labels):
    yield figures.moran_scatter(points(), statistics(), labels, variable="X", names=NAMES, named=4)
    yield figures.moran_by_year(series(), labels, weights_names=KINDS, variable="X")
    yield estimation_figures.effects_figure(effects(), labels, term_names=TERMS)
    yield charts.interval_plot(intervals(), labels, value_name="Effect")
    yield charts.interval_plot(intervals().assign(group=["g", "h", "g"]), labels, value_name="Effect")


def whiskers(axes):
    """Estimates, lower and upper ends of every error-bar container of a panel."""
    for container in axes.containers:
        line, _, (bars,) = container
        ends = np.array(bars.get_segments())
        yield line.get_xdata(), ends[:, 0, 0], ends[:, 1, 0]


def test_scatter_draws_points_and_slope_of_each_year(labels):
    figure = figures.moran_scatter(points(), statistics(), labels, variable="X", names=NAMES)
    for axes, (year, chosen) in zip(figure.axes, points().groupby("year"), strict=True):
        assert axes.collections[0].get_offsets().data == pytest.approx(chosen[["z", "lag"]].to_numpy())
        statistic = statistics().set_index("year").loc[year, "I"]
        assert axes.lines[-1].get_slope() == pytest.approx(statistic, rel=EXACT)


def test_scatter_titles_state_the_statistic(labels):
    figure = figures.moran_scatter(points(), statistics(), labels, variable="X", names=NAMES)
    titles = [axes.get_title("left") for axes in figure.axes]
    assert "−0.250" in titles[0] and "< 0.001" in titles[0]
    assert "0.500" in titles[1] and "= 0.125" in titles[1]


def test_scatter_names_the_points_farthest_from_the_origin(labels):
    figure = figures.moran_scatter(points(), statistics(), labels, variable="X", names=NAMES, named=2)
    for axes, (_, chosen) in zip(figure.axes, points().groupby("year"), strict=True):
        distance = np.hypot(chosen["z"], chosen["lag"]).to_numpy()
        expected = {NAMES[chosen["code"].to_numpy()[i]] for i in np.argsort(distance)[-2:]}
        assert {text.get_text() for text in axes.texts} == expected


def test_series_and_band_are_those_of_the_frame(labels):
    figure = figures.moran_by_year(series(), labels, weights_names=KINDS, variable="X")
    assert [axes.get_title("left") for axes in figure.axes] == list(KINDS.values())
    for axes in figure.axes:
        expected, observed = axes.lines
        chosen = series().query("weights == 'near'")
        assert observed.get_ydata() == pytest.approx(chosen["I"].to_numpy())
        assert expected.get_ydata() == pytest.approx(chosen["expected"].to_numpy())
        band = axes.collections[0].get_paths()[0].vertices
        assert (band[:, 1].min(), band[:, 1].max()) == (-0.2, 0.15)


def test_effects_draw_every_component_by_both_methods(labels):
    figure = estimation_figures.effects_figure(effects(), labels, term_names=TERMS)
    assert len(figure.axes) == len(TERMS)
    for axes in figure.axes:
        drawn = list(whiskers(axes))
        assert len(drawn) == len(estimation_figures.METHODS)
        for estimate, low, high in drawn:
            assert estimate == pytest.approx([0.0, 1.0, 2.0])
            assert low == pytest.approx([-0.5, 0.5, 1.5])
            assert high == pytest.approx([0.7, 1.7, 2.7])


def test_intervals_keep_the_order_of_the_frame(labels):
    axes = charts.interval_plot(intervals(), labels, value_name="Effect").axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["A", "B", "C"]
    ((estimate, low, high),) = whiskers(axes)
    assert estimate == pytest.approx(intervals()["estimate"].to_numpy())
    assert low == pytest.approx(intervals()["low"].to_numpy())
    assert high == pytest.approx(intervals()["high"].to_numpy())
    assert axes.yaxis_inverted()


def test_groups_of_intervals_have_a_legend(labels):
    frame = intervals().assign(group=["g", "h", "g"])
    figure = charts.interval_plot(frame, labels, value_name="Effect", reference=None)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["g", "h"]
    assert [len(estimate) for estimate, _, _ in whiskers(figure.axes[0])] == [2, 1]


def test_texts_stay_on_the_page_and_apart(labels):
    for figure in drawn_figures(labels):
        figure.draw_without_rendering()
        texts = [t for t in figure.findobj(Text) if t.get_text() and t.get_visible()]
        hidden = set(out_of_view(figure))
        boxes = [text.get_window_extent() for text in texts if text not in hidden]
        for i, box in enumerate(boxes):
            assert all(figure.bbox.padded(1.0).contains(*corner) for corner in box.corners())
            assert not any(box.padded(-1.0).overlaps(other.padded(-1.0)) for other in boxes[:i])


def out_of_view(figure):
    """Tick labels beyond the limits of their axis, which matplotlib keeps and does not draw."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if not low <= tick.get_loc() <= high:
                    yield from (tick.label1, tick.label2)


def test_every_text_has_its_glyphs(labels, recwarn):
    for figure in drawn_figures(labels):
        figure_bytes(figure, "png", dpi=50)
    assert not [str(warning.message) for warning in recwarn if "Glyph" in str(warning.message)]


def test_fonts_follow_the_language(labels):
    family = {"en": LATIN_FONT, "zh": HAN_FONT}[labels.language]
    for figure in drawn_figures(labels):
        assert {text.get_fontfamily()[0] for text in figure.findobj(Text) if text.get_text()} == {family}


POINT_ROUNDING = 0.01
"""Lengths of a page are written in hundredths of a point."""


def fonts_of(content):
    """Return the kinds of fonts that a PDF embeds."""
    resources = [page.get("/Resources", {}) for page in PdfReader(io.BytesIO(content)).pages]
    fonts = [font.get_object() for found in resources for font in found.get("/Font", {}).values()]
    below = [font["/DescendantFonts"][0].get_object() for font in fonts if "/DescendantFonts" in font]
    return {font["/Subtype"] for font in [*fonts, *below]}


@pytest.mark.parametrize(
    ("language", "fonts"), [("en", {"/Type0", "/Type42", "/CIDFontType2", "/TrueType"}), ("zh", set())]
)
def test_pdf_has_no_font_that_publishers_refuse_and_the_size_of_the_drawing(language, fonts):
    figure = charts.interval_plot(intervals(), read_labels(language), value_name="x")
    files = style.figure_files(figure, dpi=50)
    assert fonts_of(files["pdf"]) <= fonts
    assert b"/Type3" not in files["pdf"]
    drawn = re.search(rb'width="([\d.]+)pt" height="([\d.]+)pt"', files["svg"])
    box = PdfReader(io.BytesIO(files["pdf"])).pages[0].mediabox
    assert [float(box.width), float(box.height)] == pytest.approx(
        [float(n) for n in drawn.groups()], abs=0.01
    )


def test_files_are_the_same_when_written_twice(labels):
    for format in ("png", "pdf", "svg"):
        first, second = (
            figure_bytes(estimation_figures.effects_figure(effects(), labels, term_names=TERMS), format)
            for _ in range(2)
        )
        assert first == second


def drawn_twice(figure, format):
    """A file as matplotlib makes it alone: one drawing to lay the figure out, a second one into the file."""
    target = io.BytesIO()
    settings = {"svg.hashsalt": style.HASH_SALT, "svg.fonttype": "path", "pdf.fonttype": style.TRUETYPE}
    with mpl.rc_context(settings):
        figure.savefig(target, format=format, dpi=50, metadata=style.METADATA[format])
    content = target.getvalue()
    if format != "svg":
        return content
    return re.sub(rb' d="[^"]*"', lambda path: re.sub(rb"(\.\d\d)\d+", rb"\1", path[0]), content)


def all_drawn_twice(figure):
    if not style._needs_han_font(figure):
        return {format: drawn_twice(figure, format) for format in style.FORMATS}
    files = {format: drawn_twice(figure, format) for format in ("png", "svg")}
    return files | {"pdf": style._outlined(files["svg"])}


def test_files_drawn_once_are_those_drawn_twice(labels, monkeypatch):
    once = [style.figure_files(figure, dpi=50) for figure in drawn_figures(labels)]
    monkeypatch.setattr(style, "_lay_out", lambda figure, engine: figure.draw_without_rendering())
    twice = [all_drawn_twice(figure) for figure in drawn_figures(labels)]
    assert once == twice


def test_a_figure_is_as_before_when_its_files_are_made(labels):
    figure = charts.interval_plot(intervals(), labels, value_name="Effect")
    before = figure.get_layout_engine(), figure.canvas, figure.dpi
    files = style.figure_files(figure, dpi=50)
    assert (figure.get_layout_engine(), figure.canvas, figure.dpi) == before
    assert list(files) == ["png", "pdf", "svg"]
    assert files == {format: figure_bytes(figure, format, dpi=50) for format in files}


def test_unknown_format_is_refused(labels):
    figure = charts.interval_plot(intervals(), labels, value_name="Effect")
    with pytest.raises(ConfigError, match=r"png, pdf or svg[\s\S]*'gif'"):
        figure_bytes(figure, "gif")


def test_missing_columns_are_named(labels):
    with pytest.raises(DataError, match=r"found: no high"):
        charts.interval_plot(intervals().drop(columns="high"), labels, value_name="Effect")


def test_entries_without_a_name_are_refused(labels):
    with pytest.raises(DataError, match=r"no printed name[\s\S]*far"):
        figures.moran_by_year(series(), labels, weights_names={"near": "Near"}, variable="X")
    with pytest.raises(DataError, match=r"no printed name[\s\S]*y"):
        estimation_figures.effects_figure(effects(), labels, term_names={"x": "X", "v": "V"})


def test_unknown_components_and_other_years_are_refused(labels):
    with pytest.raises(DataError, match=r"direct, indirect, total[\s\S]*net"):
        estimation_figures.effects_figure(effects().replace("total", "net"), labels, term_names=TERMS)
    with pytest.raises(DataError, match=r"other years[\s\S]*2016, 2024[\s\S]*2016, 2020"):
        wrong = statistics().replace(2024, 2020)
        figures.moran_scatter(points(), wrong, labels, variable="X", names=NAMES)


def test_an_estimate_outside_its_interval_is_refused(labels):
    with pytest.raises(DataError, match=r"within its bounds[\s\S]*found: B"):
        charts.interval_plot(intervals().replace(-0.2, 0.5), labels, value_name="Effect")
    with pytest.raises(DataError, match="no row"):
        charts.interval_plot(intervals().head(0), labels, value_name="Effect")
