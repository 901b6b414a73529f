"""Outlines of one's own units: coordinate systems, repairs, ids, borders."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from shuyi.errors import AlignmentError, ConfigError, DataError
from shuyi.own.basemap import basemap_of, describe_projection
from shuyi.own.boundaries import Boundaries, read_boundaries
from shuyi.own.places import OwnPlaces
from shuyi.own.projections import projection_for
from shuyi.pipeline.records import read_boundaries as read_stored
from shuyi.pipeline.records import write_boundaries
from shuyi.units import Unit, Units

METRE = 1e-5
"""Degrees of about one metre: outlines go to another coordinate system and back."""

FLATTENING = 0.0134
"""Four times the flattening, 1/298: how cells on the ellipsoid differ from those on a sphere."""

UNITS = Units((Unit("01", "Alba"), Unit("02", "Borea", aliases=("North",)), Unit("03", "Cora")))
SQUARES = {
    "1": shapely.box(10, 40, 11, 41),
    "2": shapely.box(11, 40, 12, 41),
    "3": shapely.box(12, 41, 13, 42),
}
"""The first two share a line, the last two a point."""


def layer(shapes=SQUARES, crs="EPSG:4326", column="code"):
    return gpd.GeoDataFrame({column: list(shapes)}, geometry=list(shapes.values()), crs=crs)


def written(frame, folder, name):
    path = folder / name
    frame.to_file(path)
    return {"path": str(path), "id": "code", "id_width": 2}


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.shp"])
def test_every_format_gives_the_same_outlines(tmp_path, name):
    found = read_boundaries(written(layer(), tmp_path, name), UNITS)
    assert found.units == ("01", "02", "03") and not found.without_data
    assert all(shapely.equals(found.by_unit[f"0{k}"], shape) for k, shape in SQUARES.items())
    assert found.points["01"] == pytest.approx((40.5, 10.5))


def test_a_projected_file_comes_back_to_degrees(tmp_path):
    found = read_boundaries(written(layer().to_crs("EPSG:3035"), tmp_path, "a.gpkg"), UNITS)
    assert found.bounds == pytest.approx((10, 40, 13, 42), abs=METRE)


def test_a_missing_coordinate_system_is_refused_with_the_likely_one(tmp_path):
    entry = written(layer(crs=None), tmp_path, "a.shp")
    with pytest.raises(ConfigError, match=r"likely: EPSG:4326"):
        read_boundaries(entry, UNITS)
    assert read_boundaries(entry | {"crs": "EPSG:4326"}, UNITS).units == UNITS.ids
    metres = layer().to_crs("EPSG:3035").set_crs(None, allow_override=True)
    with pytest.raises(ConfigError, match="projection in metres"):
        read_boundaries(written(metres, tmp_path, "b.shp"), UNITS)


def test_a_coordinate_system_that_contradicts_the_file_is_refused(tmp_path):
    entry = written(layer(), tmp_path, "a.gpkg") | {"crs": "EPSG:3035"}
    with pytest.raises(ConfigError, match="another coordinate system"):
        read_boundaries(entry, UNITS)


def test_latitude_before_longitude_is_refused(tmp_path):
    turned = {k: shapely.transform(s, lambda c: c[:, ::-1] + [0, 90]) for k, s in SQUARES.items()}
    with pytest.raises(ConfigError, match="latitude stands first"):
        read_boundaries(written(layer(turned), tmp_path, "a.gpkg"), UNITS)


def test_invalid_rings_are_repaired_and_reported(tmp_path):
    bow = shapely.Polygon([(10, 40), (11, 41), (11, 40), (10, 41)])
    found = read_boundaries(written(layer(SQUARES | {"1": bow}), tmp_path, "a.gpkg"), UNITS)
    assert found.account["repaired"] == {"01": "Self-intersection"}
    assert shapely.is_valid(found.by_unit["01"]) and shapely.area(found.by_unit["01"]) == pytest.approx(0.5)


def test_further_polygons_are_kept_without_data_and_parts_are_merged(tmp_path):
    more = SQUARES | {"9": shapely.box(0, 0, 1, 1)}
    frame = layer(more)
    frame.loc[len(frame)] = {"code": "3", "geometry": shapely.box(15, 41, 16, 42)}
    found = read_boundaries(written(frame, tmp_path, "a.gpkg"), UNITS)
    assert found.without_data == ("09",) and found.units[-1] == "09"
    assert found.account["several_parts"] == {"03": 2}
    assert shapely.area(found.by_unit["03"]) == pytest.approx(2.0)


def test_units_without_a_polygon_are_named(tmp_path):
    entry = written(layer({k: SQUARES[k] for k in "12"}), tmp_path, "a.gpkg")
    with pytest.raises(AlignmentError, match="Cora"):
        read_boundaries(entry, UNITS)


def test_wrong_columns_points_and_files_are_refused(tmp_path):
    entry = written(layer(), tmp_path, "a.gpkg")
    with pytest.raises(ConfigError, match="code"):
        read_boundaries(entry | {"id": "kode"}, UNITS)
    points = written(layer({k: shapely.Point(10, 40) for k in SQUARES}), tmp_path, "b.gpkg")
    with pytest.raises(DataError, match="Point"):
        read_boundaries(points, UNITS)
    (tmp_path / "c.geojson").write_text("no map")
    with pytest.raises(DataError, match="cannot be read"):
        read_boundaries({"path": str(tmp_path / "c.geojson"), "id": "code"}, UNITS)


def test_borders_are_those_of_shapely(tmp_path):
    found = read_boundaries(written(layer(), tmp_path, "a.gpkg"), UNITS)
    ids, shapes = found.units, found.shapes
    pairs = [(i, j) for i in range(3) for j in range(i + 1, 3)]
    touch = [(ids[i], ids[j]) for i, j in pairs if shapely.intersects(shapes[i], shapes[j])]
    line = [
        (ids[i], ids[j]) for i, j in pairs if shapely.length(shapely.intersection(shapes[i], shapes[j])) > 0
    ]
    assert found.borders() == touch == [("01", "02"), ("02", "03")]
    assert found.borders(rook=True) == line == [("01", "02")]


def test_outlines_are_stored_and_read_again(tmp_path):
    found = read_boundaries(written(layer(), tmp_path, "a.gpkg"), UNITS)
    write_boundaries(tmp_path / "o.parquet", found)
    again = read_stored(tmp_path / "o.parquet")
    assert again.units == found.units and shapely.equals(again.shapes, found.shapes).all()
    assert dict(again.account) == dict(found.account)


@pytest.mark.parametrize(
    ("bounds", "kind"),
    [
        ((-124.7, 25.0, -67.0, 49.4), "aea"),
        ((95.0, -11.0, 141.0, 6.0), "cea"),
        ((-170.0, -60.0, 170.0, 75.0), "eqearth"),
        ((4.0, 58.0, 31.0, 81.0), "laea"),
        ((-76.0, -56.0, -66.0, -17.0), "laea"),
    ],
)
def test_the_projection_suits_the_extent_and_keeps_areas(bounds, kind):
    projection = projection_for(bounds)
    assert f"+proj={kind} " in projection.definition
    assert describe_projection(projection)[0] == f"map.projection.{kind}"
    west, south, _, north = bounds
    cells = []
    for lat in (south, (south + north) / 2, north - 1):
        band = shapely.segmentize(shapely.box(west, lat, west + 1, lat + 1), 0.01)
        sphere = np.sin(np.radians(lat + 1)) - np.sin(np.radians(lat))
        cells.append(shapely.area(projection.project_shapes(band)) / sphere)
    assert np.ptp(cells) / np.mean(cells) < FLATTENING, (
        "areas differ by the flattening of the ellipsoid alone"
    )


def test_a_projection_that_is_no_plane_in_metres_is_refused():
    assert projection_for((0, 0, 1, 1), "EPSG:3035").definition == "EPSG:3035"
    for wrong in ("EPSG:4326", "EPSG:2263", "nothing"):
        with pytest.raises(ConfigError):
            projection_for((0, 0, 1, 1), wrong)


def test_the_frame_holds_every_unit_with_room_for_its_furniture(tmp_path):
    found = read_boundaries(written(layer(), tmp_path, "a.gpkg"), UNITS)
    basemap = basemap_of(OwnPlaces(UNITS, boundaries=found), ["credit"])
    west, south, east, north = basemap.frame.extent
    inner = shapely.total_bounds(basemap.projection.project_shapes(found.shapes))
    assert west < inner[0] and south < inner[1] and east > inner[2] and north > inner[3]
    x, y, length = basemap.frame.scale_bar
    assert south < y < inner[1] and x + length < east and length < 0.3 * (east - west)
    assert inner[3] < basemap.frame.north_arrow[1] < basemap.frame.north_arrow[2] < north


def test_points_make_discs_that_do_not_hide_each_other():
    units = Units(tuple(Unit(str(k), f"u{k}", lon=10.0 + k, lat=45.0 + k % 2) for k in range(5)))
    shapes = basemap_of(OwnPlaces(units), []).outlines(0.0).shapes
    assert all(shapely.disjoint(shapes[i], shapes[j]) for i in range(5) for j in range(i))
    assert basemap_of(OwnPlaces(Units((Unit("1", "a"), Unit("2", "b")))), []) is None


def test_a_concave_unit_stands_at_a_point_inside():
    shape = shapely.difference(shapely.box(0, 0, 10, 10), shapely.box(2, 0, 10, 8))
    lat, lon = Boundaries(("a",), np.array([shape], dtype=object)).points["a"]
    assert shapely.contains(shape, shapely.Point(lon, lat))
