"""Distance weights against libpysal, and great-circle kilometres against the ellipsoid's geodesic."""

import geopandas
import numpy as np
import pytest
from libpysal.cg import KDTree
from libpysal.graph import Graph
from libpysal.weights import DistanceBand
from pyproj import Geod

from shuyi.china import provinces
from shuyi.weights import Weights, build_band, build_block, build_inverse_distance, build_knn, great_circle_km
from shuyi.weights.build import EARTH_RADIUS_KM

GEODESIC_SHARE = 0.006
"""A sphere of mean radius differs from the ellipsoid by at most 0.56 % in distance."""
CLOSE = 1e-10
"""Two haversine formulas in double precision, relative."""

LABELS = provinces.codes()
POINTS = {p.code: (p.latitude, p.longitude) for p in provinces.sample()}


@pytest.fixture(scope="module")
def frame() -> geopandas.GeoDataFrame:
    lat, lon = np.array([POINTS[code] for code in LABELS]).T
    return geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(lon, lat), index=list(LABELS))


@pytest.fixture(scope="module")
def arcs() -> KDTree:
    lon_lat = [POINTS[code][::-1] for code in LABELS]
    return KDTree(lon_lat, distance_metric="Arc", radius=EARTH_RADIUS_KM)


def test_great_circle_is_within_its_share_of_the_geodesic():
    lat, lon = np.array([POINTS[code] for code in LABELS]).T
    i, j = np.triu_indices(len(LABELS), 1)
    geodesic = Geod(ellps="WGS84").inv(lon[i], lat[i], lon[j], lat[j])[2] / 1000
    np.testing.assert_allclose(great_circle_km(LABELS, POINTS)[i, j], geodesic, rtol=GEODESIC_SHARE)


@pytest.mark.parametrize("k", [1, 4, 8])
def test_nearest_neighbours(frame, k):
    peer = Weights.from_graph(Graph.build_knn(frame, k=k, metric="haversine")).reindex(LABELS)
    np.testing.assert_array_equal(build_knn(LABELS, POINTS, k=k).to_dense(), peer.to_dense())


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_inverse_distance_with_a_cutoff(arcs, power):
    peer = DistanceBand(arcs, threshold=1500, binary=False, alpha=-power, ids=list(LABELS))
    own = build_inverse_distance(LABELS, POINTS, power=power, cutoff_km=1500, islands="keep")
    np.testing.assert_allclose(own.to_dense(), Weights.from_w(peer).reindex(LABELS).to_dense(), rtol=CLOSE)


def test_distance_band(arcs):
    peer = DistanceBand(arcs, threshold=900, ids=list(LABELS), silence_warnings=True)
    own = build_band(LABELS, POINTS, upper_km=900, islands="keep")
    np.testing.assert_array_equal(own.to_dense(), Weights.from_w(peer).reindex(LABELS).to_dense())


def test_blocks(frame):
    belts = provinces.region_scheme("belt3")
    graph = Graph.build_block_contiguity(frame.assign(belt=[belts[c] for c in LABELS])["belt"])
    peer = Weights.from_graph(graph).reindex(LABELS)
    np.testing.assert_array_equal(build_block(LABELS, belts).to_dense(), peer.to_dense())
