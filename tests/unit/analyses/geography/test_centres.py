from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from distribution_cases import panel_of
from hypothesis import given
from hypothesis import strategies as st

from shuyi.analyses.geography import centres
from shuyi.china.places import PLACES
from shuyi.china.projection import PROJECTION
from shuyi.china.provinces import codes
from shuyi.errors import AlignmentError, ConfigError, DataError
from shuyi.panel import Panel
from shuyi.publish.projection import KM

ROUNDING = 1e-9
"""Sums of 31 products of kilometres; projections round at 1e-9 of the earth's radius."""
SNAPSHOT = Path(__file__).parents[4] / "data" / "snapshot" / "provincial_figures.csv"
LON = np.array([100.0, 110.0, 110.0, 100.0, 105.0])
LAT = np.array([25.0, 25.0, 40.0, 40.0, 33.0])


@pytest.fixture(scope="module")
def output():
    rows = pd.read_csv(SNAPSHOT, dtype={"province_code": str})
    wide = rows[rows["indicator"] == "gdp_nominal"].pivot(
        index="year", columns="province_code", values="value"
    )
    return Panel(wide.to_numpy()[:, :, None].copy(), tuple(wide.columns), tuple(wide.index), ("gdp",))


def test_centres_and_ellipses_are_those_of_pointpats(output):
    from pointpats.centrography import ellipse, mean_center, weighted_mean_center

    lon, lat = centres.places_of(output.units, PLACES.coordinates)
    places = PROJECTION.project(lon, lat) / KM
    plain = {"method": "yuill", "crimestatCorr": False, "degfreedCorr": False}
    (even,) = centres.centres(
        panel_of(np.ones((1, 31)), output.units), ["y"], lon, lat, PROJECTION, scale=1
    ).rows
    np.testing.assert_allclose([even.x_km, even.y_km], mean_center(places), rtol=ROUNDING)
    major, minor, angle = ellipse(places, **plain)
    np.testing.assert_allclose([even.major_km, even.minor_km], [major, minor], rtol=ROUNDING)
    np.testing.assert_allclose(even.azimuth, (90 - np.degrees(angle)) % 180, rtol=ROUNDING)
    weighted = centres.centres(output, ["gdp"], lon, lat, PROJECTION, scale=1).rows
    for row, weights in zip(weighted, output["gdp"], strict=True):
        np.testing.assert_allclose([row.x_km, row.y_km], weighted_mean_center(places, weights), rtol=ROUNDING)
        major, minor, angle = ellipse(places, weights=weights, **plain)
        np.testing.assert_allclose([row.major_km, row.minor_km], [major, minor], rtol=1e-8)
        np.testing.assert_allclose(row.azimuth, (90 - np.degrees(angle)) % 180, rtol=1e-7)


def test_an_ellipse_by_hand():
    """Places 4 km and 2 km from the centre along directions 60 and 150 degrees from north."""
    u, v = np.array([np.sin(np.pi / 3), 0.5]), np.array([0.5, -np.sin(np.pi / 3)])
    places = np.array([4 * u, -4 * u, 2 * v, -2 * v])
    found = centres._ellipse(centres._moments(np.ones(4), places)[1], scale=np.sqrt(2))
    np.testing.assert_allclose([found["major_km"], found["minor_km"]], [4.0, 2.0])
    np.testing.assert_allclose([found["azimuth"], found["flattening"]], [60.0, 0.5])
    np.testing.assert_allclose(found["area_km2"], 8 * np.pi)


def test_the_projection_keeps_areas():
    """A cell of half a degree has the same area projected as on the ellipsoid, north and south."""
    from pyproj import Geod

    for lat in (20.0, 45.0):
        step = np.linspace(0, 0.5, 50)
        lon = 95 + np.concatenate([step, 0 * step + 0.5, step[::-1], 0 * step])
        y = lat + np.concatenate([0 * step, step, 0 * step + 0.5, step[::-1]])
        edge = PROJECTION.project(lon, y)
        area = 0.5 * np.abs(edge[:, 0] @ np.roll(edge[:, 1], 1) - edge[:, 1] @ np.roll(edge[:, 0], 1))
        truth = abs(Geod(ellps="WGS84").polygon_area_perimeter(lon, y)[0])
        np.testing.assert_allclose(area, truth, rtol=1e-4)
    assert "+proj=aea" in PROJECTION.definition


def test_shifts_follow_the_weight():
    """All weight moves from the south-west place to the south-east one, then to the north-west one."""
    y = [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 0]]
    rows = centres.centres(panel_of(y), ["y"], LON, LAT, PROJECTION).rows
    np.testing.assert_allclose([r.longitude for r in rows], [100, 110, 100, 100], rtol=ROUNDING)
    np.testing.assert_allclose([r.latitude for r in rows], [25, 25, 40, 40], rtol=ROUNDING)
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    bearing, _, metres = geod.inv(100, 25, 110, 25)
    np.testing.assert_allclose([rows[1].shift_km, rows[1].bearing], [metres / 1000, bearing], rtol=1e-7)
    assert 85 < rows[1].bearing < 90
    north, _, metres = geod.inv(100, 25, 100, 40)
    np.testing.assert_allclose(rows[2].shift_from_first_km, metres / 1000, rtol=1e-7)
    assert rows[2].bearing_from_first == pytest.approx(north % 360, abs=1e-5)
    assert rows[3].shift_km == pytest.approx(0, abs=1e-6)
    assert np.isnan([rows[0].shift_km, rows[0].bearing, rows[3].bearing, rows[0].flattening]).all()


def test_weight_moving_east_turns_the_centre_east(output):
    lon, lat = centres.places_of(output.units, PLACES.coordinates)
    y = np.ones((2, 31))
    y[1, lon > 115] = 2
    rows = centres.centres(panel_of(y, output.units), ["y"], lon, lat, PROJECTION).rows
    assert rows[1].longitude > rows[0].longitude
    assert 0 < rows[1].bearing < 180


def test_outlines_lie_on_their_ellipse(output):
    lon, lat = centres.places_of(output.units, PLACES.coordinates)
    result = centres.centres(output.select(periods=[2024]), ["gdp"], lon, lat, PROJECTION)
    (row,) = result.rows
    frame = result.outlines_frame(points=37)
    places = PROJECTION.project(frame["longitude"].to_numpy(), frame["latitude"].to_numpy()) / KM
    spread = centres._moments(output["gdp"][-1], PROJECTION.project(lon, lat) / KM)[1]
    d = places - [row.x_km, row.y_km]
    norm = np.einsum("ij,jk,ik->i", d, np.linalg.inv(spread), d)
    np.testing.assert_allclose(norm, 2.0, rtol=1e-6)
    np.testing.assert_allclose(places[0], places[-1], rtol=ROUNDING)


def test_equal_spread_in_all_directions_has_no_azimuth():
    found = centres._ellipse(np.eye(2), 1.0)
    assert np.isnan(found["azimuth"])
    assert found["flattening"] == 0


def test_trend_surfaces_recover_their_polynomials():
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(80, 125, 31), rng.uniform(20, 48, 31)
    plane = 2 + 0.3 * lon - 0.2 * lat
    bowl = plane + 0.01 * (lon - 100) ** 2 - 0.02 * (lon - 100) * (lat - 30)
    panel = panel_of([plane, plane + 1])
    result = centres.trend_surface(panel, "y", lon, lat, covariance="nonrobust")
    np.testing.assert_allclose(result.coefficients[:, 1:], [[0.3, -0.2]] * 2, rtol=1e-8)
    np.testing.assert_allclose(
        result.predict(np.array([90.0]), np.array([30.0])), [[23.0], [24.0]], rtol=1e-8
    )
    quadratic = centres.trend_surface(panel_of([bowl]), "y", lon, lat, order=2, covariance="nonrobust")
    np.testing.assert_allclose(quadratic.predict(lon, lat)[0], bowl, rtol=1e-8)
    np.testing.assert_allclose(quadratic.coefficients[0, 3:], [0.01, -0.02, 0], atol=1e-9)


def test_trend_surface_against_the_normal_equations(output):
    lon, lat = centres.places_of(output.units, PLACES.coordinates)
    frame = centres.trend_surface(output, "gdp", lon, lat, covariance="nonrobust").to_frame()
    x = np.column_stack([np.ones(31), lon - lon.mean(), lat - lat.mean()])
    y = output["gdp"][0]
    b = np.linalg.solve(x.T @ x, x.T @ y)
    e = y - x @ b
    errors = np.sqrt(e @ e / 28 * np.diag(np.linalg.inv(x.T @ x)))
    first = frame[frame["period"] == output.periods[0]]
    assert first["term"].tolist() == ["const", "lon", "lat"]
    np.testing.assert_allclose(first["estimate"], b, rtol=1e-8)
    np.testing.assert_allclose(first["std_error"], errors, rtol=1e-8)
    np.testing.assert_allclose(first["r2"], 1 - e @ e / ((y - y.mean()) ** 2).sum(), rtol=1e-8)


@given(st.permutations(range(5)), st.floats(0.1, 100), st.lists(st.floats(0.1, 10), min_size=5, max_size=5))
def test_order_of_units_and_size_of_weights_do_not_matter(order, scale, weights):
    order = np.array(order)
    (one,) = centres.centres(panel_of([weights]), ["y"], LON, LAT, PROJECTION).rows
    (other,) = centres.centres(
        panel_of([scale * np.array(weights)[order]]), ["y"], LON[order], LAT[order], PROJECTION
    ).rows
    for name in ("longitude", "latitude", "major_km", "minor_km", "area_km2"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-7)


def test_unusable_places_and_weights_are_refused():
    panel = panel_of([[1, 2, 3, 4, 5], [1, 2, 3, 4, 6]])
    with pytest.raises(DataError, match=r"one place.*\n.*shape \(5,\)"):
        centres.centres(panel, ["y"], LON[:4], LAT[:4], PROJECTION)
    with pytest.raises(DataError, match=r"degrees.*\n.*\n.*02 \(nan, 40\)"):
        centres.centres(panel, ["y"], np.where(LON == 110, [0, 110, np.nan, 0, 0], LON), LAT, PROJECTION)
    with pytest.raises(DataError, match=r"negative values.*\n.*\n.*01 in 2016"):
        centres.centres(panel_of([[1, -2, 3, 4, 5]]), ["y"], LON, LAT, PROJECTION)
    with pytest.raises(DataError, match="all zero in 2016"):
        centres.centres(panel_of([[0, 0, 0, 0, 0]]), ["y"], LON, LAT, PROJECTION)
    with pytest.raises(DataError, match="5 places of rank 2"):
        centres.trend_surface(panel, "y", LON, LON / 4)
    with pytest.raises(DataError, match="more than 6 places"):
        centres.trend_surface(panel, "y", LON, LAT, order=2)
    with pytest.raises(ConfigError, match="one of 1, 2"):
        centres.trend_surface(panel, "y", LON, LAT, order=3)
    with pytest.raises(AlignmentError, match="no place of 999999"):
        centres.places_of([codes()[0], "999999"], PLACES.coordinates)
