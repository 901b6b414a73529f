"""Figures and maps on inequality, convergence, dynamics and geography: what is drawn equals the frames."""

import matplotlib.colors as mcolors
import numpy as np
import pandas as pd
import pytest

from shuyi.analyses.convergence import figures as convergence_figures
from shuyi.analyses.dynamics import figures as dynamics_figures
from shuyi.analyses.geography import figures as geography_figures
from shuyi.analyses.inequality import figures
from shuyi.china.basemap import provinces_basemap
from shuyi.china.boundaries import project
from shuyi.china.provinces import codes
from shuyi.errors import DataError
from shuyi.publish import style
from shuyi.publish.style import figure_bytes

EXACT = 1e-12
"""Relative: heights and places pass through matplotlib unchanged but for rounding."""
GRID = 0.02
"""A quantile is read off a density on a grid of steps of 0.01, whose sum lies half a step off."""
YEARS = (2016, 2017, 2018)
PROVINCES = {"a": "A", "b": "B", "c": "C"}
BASEMAP = provinces_basemap("GS 1", "Source")


def parts():
    sizes = {
        "theil": {"total": 0.5, "between": 0.3, "within": 0.2},
        "gini": {"total": 0.6, "within": 0.1, "net_between": 0.4, "transvariation": 0.1},
    }
    rows = [
        ("nbs4", "digital", year, measure, part, value * (year - 2015))
        for year in YEARS
        for measure, values in sizes.items()
        for part, value in values.items()
    ]
    return pd.DataFrame(rows, columns=["region_scheme", "variable", "period", "measure", "part", "value"])


def dispersion():
    ratios = {"digital": (2.0, 3.0, 3.5), "software_share": (np.inf, 120.0, 12.0)}
    rows = [
        ("variable" if name == "digital" else "indicator", name, year, ratio, 3.0)
        for name, values in ratios.items()
        for year, ratio in zip(YEARS, values, strict=True)
    ]
    return pd.DataFrame(rows, columns=["role", "variable", "period", "ratio", "threshold"])


def sigma():
    rows = [
        ("digital", year, region, 0.1 * i + 0.01 * (year - 2016), 0.2 * i)
        for year in YEARS
        for i, region in enumerate(("West", "all", "East"), start=1)
    ]
    return pd.DataFrame(rows, columns=["variable", "period", "region", "cv", "sd_log"])


def paths():
    rows = [
        ("digital", unit, club, year, 1.0 + 0.1 * club + 0.01 * (year - 2016))
        for unit, club in (("a", 1), ("b", 2), ("c", 0))
        for year in YEARS
    ]
    return pd.DataFrame(rows, columns=["variable", "unit", "club", "period", "transition"])


def densities():
    x = np.linspace(-4, 6, 401)
    rows = [
        pd.DataFrame({"relative_to": r, "period": y, "x": x, "density": np.exp(-((x - 1) ** 2) / 2) / 2.5066})
        for r in ("mean", "neighbours")
        for y in YEARS
    ]
    return pd.concat(rows, ignore_index=True)


def conditional():
    y = np.arange(-6.0, 8.0, 0.01)
    frames = [
        pd.DataFrame({"given": g, "lag": lag, "x": x, "y": y, "density": np.exp(-((y - x) ** 2) / 2)})
        for g, lag in (("own", 4), ("neighbours", 0))
        for x in (0.5, 1.0, 1.5)
    ]
    return pd.concat(frames, ignore_index=True)


def vectors():
    own, near = np.array([0.3, -0.2, 0.1]), np.array([0.1, 0.2, -0.3])
    frame = pd.DataFrame({"unit": list("abc"), "start": 2016, "end": 2018, "own": own, "neighbours": near})
    return frame.assign(length=np.hypot(own, near))


def sectors():
    bounds = np.linspace(0, 360, 5)
    counts = {"count": [3, 0, 1, 2], "mean_permuted": [1.5] * 4, "p_value": [0.01, 0.2, 0.5, 1.0]}
    return pd.DataFrame({"low": bounds[:-1], "high": bounds[1:]} | counts)


def centres():
    frame = pd.DataFrame({"variable": "digital", "period": YEARS, "x_km": [800.0, 803.0, 799.0]})
    frame = frame.assign(y_km=[3600.0, 3604.0, 3602.0])
    return frame.assign(longitude=[113.0, 113.2, 112.9], latitude=[33.0, 33.1, 33.05])


def drawn_figures(labels):
    yield figures.inequality_by_year(parts(), labels, variables=["digital"])
    yield figures.dispersion_by_indicator(dispersion(), labels, titles={"software_share": "Software"})
    yield convergence_figures.sigma_by_year(sigma(), labels, variables=["digital"])
    yield convergence_figures.transition_paths(paths(), labels, variables=["digital"])
    yield dynamics_figures.kernel_densities(densities(), labels, variable="X")
    yield dynamics_figures.conditional_densities(conditional(), labels, variable="X")
    yield dynamics_figures.lisa_vectors(vectors(), sectors(), labels, variable="X", names=PROVINCES)
    yield geography_figures.centre_paths(centres(), labels, variables=["digital"])


def test_bars_stack_the_parts_to_the_total(labels):
    figure = figures.inequality_by_year(parts(), labels, variables=["digital"])
    for axes, measure, total in zip(figure.axes, ("theil", "gini"), (0.5, 0.6), strict=True):
        tops = np.array([[bar.get_y() + bar.get_height() for bar in group] for group in axes.containers])
        assert len(tops) == len(figures.DRAWN[measure])
        np.testing.assert_allclose(tops[-1], [total * k for k in (1, 2, 3)], rtol=EXACT)
        feet = np.array([[bar.get_y() for bar in group] for group in axes.containers])
        np.testing.assert_allclose(feet[1:], tops[:-1], rtol=EXACT)


def test_region_scheme_is_named(english):
    figure = figures.inequality_by_year(parts(), english, variables=["digital"])
    assert "four regions" in figure.legends[0].get_title().get_text()


def test_cells_print_the_ratio_and_colour_only_what_is_flagged(english):
    figure = figures.dispersion_by_indicator(dispersion(), english, titles={"software_share": "Software"})
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.texts] == ["2.0", "3.0", "3.5", "∞", "120", "12.0"]
    assert axes.images[0].get_array().tolist() == [[0, 0, 1], [4, 4, 3]]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["Digital development index", "Software"]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["≤ 3", "3–5", "5–10", "10–100", "> 100"]


def test_all_provinces_come_first_and_lines_hold_the_values(english):
    figure = convergence_figures.sigma_by_year(sigma(), english, variables=["digital"])
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["All provinces", "East", "West"]
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), [0.2, 0.21, 0.22], rtol=EXACT)


def test_paths_are_coloured_by_club(english):
    figure = convergence_figures.transition_paths(paths(), english, variables=["digital"])
    drawn = {line.get_ydata()[0]: line for line in figure.axes[0].lines[1:]}
    first, second = convergence_figures.club_colours(2)
    assert mcolors.same_color(drawn[1.1].get_color(), first)
    assert mcolors.same_color(drawn[1.2].get_color(), second)
    assert drawn[1.0].get_linestyle() == "--"


def test_bands_hold_the_stated_share_of_a_normal_density(english):
    figure = dynamics_figures.conditional_densities(conditional(), english, variable="X")
    for axes in figure.axes:
        median, diagonal = (line.get_ydata() for line in axes.lines)
        np.testing.assert_allclose(median, [0.5, 1.0, 1.5], atol=GRID)
        np.testing.assert_allclose(diagonal, [0.5, 1.0, 1.5], rtol=EXACT)
        for band, reach in zip(axes.collections, (1.6449, 0.6745), strict=True):
            heights = band.get_paths()[0].vertices
            at_one = heights[np.isclose(heights[:, 0], 1.0), 1]
            np.testing.assert_allclose([at_one.min(), at_one.max()], [1 - reach, 1 + reach], atol=GRID)


def test_rose_draws_counts_and_marks_unusual_sectors(english):
    figure = dynamics_figures.lisa_vectors(vectors(), sectors(), english, variable="X", names=PROVINCES)
    plane, rose = figure.axes
    bars = rose.containers[0]
    assert [bar.get_height() for bar in bars] == [3, 0, 1, 2]
    marked = [mcolors.same_color(bar.get_facecolor(), style.CATEGORICAL[4]) for bar in bars]
    assert marked == [True, False, False, False]
    assert {text.get_text() for text in plane.texts} >= {"A", "B", "C"}


def test_way_of_the_centre_starts_at_zero_and_names_the_years(english):
    figure = geography_figures.centre_paths(centres(), english, variables=["digital"])
    (axes,) = figure.axes
    np.testing.assert_allclose(axes.collections[0].get_offsets(), [[0, 0], [3, 4], [-1, 2]], atol=1e-9)
    assert {text.get_text() for text in axes.texts} >= {"2016", "2017", "2018"}


def test_one_year_has_no_way(english):
    with pytest.raises(DataError, match="needs two years"):
        geography_figures.centre_paths(centres().head(1), english, variables=["digital"])


@pytest.mark.parametrize("frame", [parts, dispersion, sigma, paths, densities, conditional, centres])
def test_missing_columns_are_named(english, frame):
    draw = {
        parts: lambda f: figures.inequality_by_year(f, english, variables=["digital"]),
        dispersion: lambda f: figures.dispersion_by_indicator(f, english, titles={}),
        sigma: lambda f: convergence_figures.sigma_by_year(f, english, variables=["digital"]),
        paths: lambda f: convergence_figures.transition_paths(f, english, variables=["digital"]),
        densities: lambda f: dynamics_figures.kernel_densities(f, english, variable="X"),
        conditional: lambda f: dynamics_figures.conditional_densities(f, english, variable="X"),
        centres: lambda f: geography_figures.centre_paths(f, english, variables=["digital"]),
    }
    whole = frame().drop(columns=["longitude", "latitude"], errors="ignore")
    with pytest.raises(DataError, match=f"no {whole.columns[-1]}"):
        draw[frame](whole.drop(columns=whole.columns[-1]).assign(other=1))


def test_every_figure_is_drawn_in_both_languages(labels):
    for figure in drawn_figures(labels):
        assert figure_bytes(figure, "png", dpi=40)


class TestMaps:
    def test_contributions_are_per_cent_about_zero(self, english):
        share = np.linspace(-0.05, 0.9, len(codes()))
        frame = pd.DataFrame({"variable": "digital", "period": 2016, "unit": codes(), "theil_share": share})
        figure = figures.contributions_map(frame, english, BASEMAP, years=[2016])
        texts = [text.get_text() for text in figure.axes[0].get_legend_handles_labels()[1]]
        assert not texts
        legend = next(a for a in figure.axes[0].artists if hasattr(a, "get_texts"))
        bounds = [text.get_text() for text in legend.get_texts()]
        assert bounds[0].startswith("−5.0") and "90" in bounds[-2]

    def test_clubs_have_a_panel_per_variable_and_the_none_is_grey(self, english):
        clubs = [i % 3 for i in range(len(codes()))]
        frame = pd.DataFrame({"variable": "digital", "unit": codes(), "club": clubs})
        figure = convergence_figures.club_map(frame, english, BASEMAP, variables=["digital"])
        legend = next(a for a in figure.axes[0].artists if hasattr(a, "get_texts"))
        counts = [text.get_text() for text in legend.get_texts()]
        assert counts[:3] == ["Club 1  (10)", "Club 2  (10)", "No club  (11)"]

    def test_ellipses_and_way_are_drawn_where_they_lie(self, english):
        turn = np.linspace(0, 2 * np.pi, 9)
        outline = pd.DataFrame({"longitude": 113 + 5 * np.cos(turn), "latitude": 33 + 4 * np.sin(turn)})
        outline = outline.assign(variable="digital", period=2016)
        figure = geography_figures.ellipse_map(centres(), outline, english, BASEMAP, variables=["digital"])
        ellipse, way = figure.axes[0].lines
        places = project(outline["longitude"].to_numpy(), outline["latitude"].to_numpy())
        np.testing.assert_allclose(ellipse.get_xydata(), places, rtol=EXACT)
        assert len(way.get_xdata()) == len(YEARS)

    def test_lines_of_the_surface_carry_exact_levels(self, english):
        lon, lat = (a.ravel() for a in np.meshgrid(np.arange(72, 137.0), np.arange(16, 56.0), indexing="ij"))
        frame = pd.DataFrame({"variable": "digital", "longitude": lon, "latitude": lat, "value": lon / 400})
        both = pd.concat([frame.assign(period=2016), frame.assign(period=2018, value=lon / 500)])
        figure = geography_figures.trend_map(both, english, BASEMAP)
        legend = next(a for a in figure.axes[2].artists if hasattr(a, "get_texts"))
        levels = [float(text.get_text()) for text in legend.get_texts()[:-1]]
        contours = [c for c in figure.axes[0].collections if hasattr(c, "levels")]
        np.testing.assert_allclose(contours[0].levels, levels, rtol=EXACT)
