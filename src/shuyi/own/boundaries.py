"""Outlines of the units from GeoPackage, GeoJSON or Shapefile: checked, repaired, matched with the units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import AlignmentError, ConfigError, DataError, did_you_mean, offenders
from shuyi.publish.projection import DEGREES
from shuyi.readers.content import located
from shuyi.readers.names import text_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from shuyi.units import Match, Units

KEYS = ("path", "id", "crs", "layer", "id_width", "without_data")
"""Keys of a configuration's entry."""
EXTRA = "other"
"""What becomes of polygons that are no units."""
LONG = 180.0 + 1e-6


@dataclass(frozen=True, eq=False)
class Boundaries:
    """Outlines in degrees, with an account of what was found.

    Parameters
    ----------
    units : tuple of str, length m
        Id of each outline; ids of polygons without data stand last.
    shapes : ndarray of shapely geometries, shape (m,)
        Polygons in longitude and latitude on WGS 84.
    without_data : tuple of str
        Ids that are no units of the paper.
    account : mapping
        What was found and mended, for the report of the run.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> found = Boundaries(("a",), np.array([shapely.box(0, 0, 2, 1)], dtype=object))
    >>> found.points, found.bounds
    ({'a': (0.5, 1.0)}, (0.0, 0.0, 2.0, 1.0))
    """

    units: tuple[str, ...]
    shapes: NDArray[Any]
    without_data: tuple[str, ...] = ()
    account: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def points(self) -> dict[str, tuple[float, float]]:
        """Latitude and longitude of a point inside each outline: its centroid where that lies inside."""
        import shapely

        centres = shapely.centroid(self.shapes)
        inside = shapely.contains_properly(self.shapes, centres)
        chosen = np.where(inside, centres, shapely.point_on_surface(self.shapes))
        return {
            unit: (float(point.y), float(point.x)) for unit, point in zip(self.units, chosen, strict=True)
        }

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the outlines of the units, degrees."""
        import shapely

        west, south, east, north = shapely.total_bounds(self.of_units)
        return float(west), float(south), float(east), float(north)

    @property
    def of_units(self) -> NDArray[Any]:
        """Outlines of the units alone."""
        return np.array([s for u, s in self.by_unit.items() if u not in set(self.without_data)], dtype=object)

    @property
    def by_unit(self) -> dict[str, Any]:
        """Outline by id."""
        return dict(zip(self.units, self.shapes, strict=True))

    def borders(self, *, rook: bool = False) -> list[tuple[str, str]]:
        """Return the pairs of units whose outlines touch.

        Parameters
        ----------
        rook : bool, default False
            Whether a common point is not enough and a line is asked for.

        Returns
        -------
        list of (str, str)
            Each pair once, without outlines that have no data.
        """
        import geopandas as gpd
        from libpysal.graph import Graph

        kept = [u for u in self.units if u not in set(self.without_data)]
        shapes = gpd.GeoSeries([self.by_unit[u] for u in kept], index=kept)
        focal, neighbour = Graph.build_contiguity(shapes, rook=rook).adjacency.index.to_frame().to_numpy().T
        place = {unit: i for i, unit in enumerate(kept)}
        return [(a, b) for a, b in zip(focal, neighbour, strict=True) if place[a] < place[b]]


def read_boundaries(entry: Mapping[str, Any], units: Units) -> Boundaries:
    """Read the outlines that an entry of a configuration names.

    Parameters
    ----------
    entry : mapping
        ``path`` and ``id`` (column of ids or names), and perhaps ``crs`` (for a file that states none),
        ``layer`` (of a GeoPackage), ``id_width`` (digits of an id that lost its leading zeros).
    units : Units
        Table of units; polygons that stand for none of them are kept as outlines without data.

    Returns
    -------
    Boundaries
        The units in the order of the table, then outlines without data.

    Raises
    ------
    ConfigError
        If the file states no coordinate system, or another one than the entry.
    DataError
        If the file cannot be read, has no such column, or holds other shapes than polygons.
    AlignmentError
        If a unit has no polygon, or a name stands for several units.
    """
    frame = read_layer(entry)
    _check_column(frame, entry)
    ids, match = _ids(frame, entry, units)
    frame = _in_degrees(frame, entry)
    shapes, account = _polygons(frame, ids)
    merged, several = _merged(ids, shapes)
    absent = [unit for unit in units.ids if unit not in merged]
    if absent:
        raise _no_outline(absent, units, match, entry)
    others = [unit for unit in merged if unit not in units]
    account |= {
        "several_parts": several,
        "without_data": others,
        "path": entry["path"],
        "polygons": len(frame),
    }
    order = (*units.ids, *others)
    return Boundaries(order, np.array([merged[u] for u in order], dtype=object), tuple(others), account)


def read_layer(entry: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Read the shapes of a file with their columns, unchecked.

    Parameters
    ----------
    entry : mapping
        ``path`` and perhaps ``layer``.

    Returns
    -------
    GeoDataFrame
        One row per shape.

    Raises
    ------
    DataError
        If the file cannot be read or holds no shapes.
    """
    import geopandas as gpd
    from pyogrio.errors import DataLayerError, DataSourceError

    path = located(entry["path"])
    try:
        frame = gpd.read_file(path, **({"layer": entry["layer"]} if entry.get("layer") else {}))
    except (DataSourceError, DataLayerError, OSError, ValueError, RuntimeError) as error:
        raise DataError(
            f"The boundaries in {entry['path']} cannot be read.",
            expected="a GeoPackage, GeoJSON or Shapefile (with .shx and .dbf beside it) of polygons",
            found=str(error).splitlines()[0] if str(error) else type(error).__name__,
        ) from None
    if not isinstance(frame, gpd.GeoDataFrame) or not len(frame):
        raise DataError(
            f"The file {entry['path']} holds no shapes.", expected="polygons with a column of ids"
        )
    return frame


def _check_column(frame: gpd.GeoDataFrame, entry: Mapping[str, Any]) -> None:
    if entry["id"] not in frame.columns:
        columns = [str(c) for c in frame.columns if c != frame.geometry.name]
        raise ConfigError(
            f"The boundaries in {entry['path']} have no column {entry['id']!r}.",
            expected=f"one of {offenders(columns, 20)}",
            remedy=did_you_mean(str(entry["id"]), columns) or "say boundaries.id: with the column of ids",
        )


def _ids(frame: gpd.GeoDataFrame, entry: Mapping[str, Any], units: Units) -> tuple[list[str], Match]:
    width = int(entry.get("id_width") or 0)
    texts = [_padded(text_of(value), width) for value in frame[entry["id"]]]
    match = units.match(text for text in texts if text)
    ambiguous = [str(u) for u in match.unknown if u.reason.startswith("may stand")]
    if ambiguous:
        raise AlignmentError(
            f"Names in {entry['path']} stand for several units.",
            expected="a column of ids, or names that are distinct",
            found=offenders(ambiguous),
            remedy="say boundaries.id: with a column of ids",
        )
    return [match.ids.get(text, text) or f"{EXTRA} {i + 1}" for i, text in enumerate(texts)], match


def _padded(text: str, width: int) -> str:
    return text.zfill(width) if text.isdigit() else text


def _in_degrees(frame: gpd.GeoDataFrame, entry: Mapping[str, Any]) -> gpd.GeoDataFrame:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    stated = entry.get("crs") or ""
    try:
        given = CRS.from_user_input(stated) if stated else None
    except CRSError:
        raise ConfigError(
            "The coordinate system of the boundaries is unknown.",
            expected="a code such as EPSG:4326, or a definition in PROJ's language",
            found=repr(stated),
        ) from None
    if frame.crs is None and given is None:
        raise _no_crs(frame, entry)
    if frame.crs is not None and given is not None and not frame.crs.equals(given, ignore_axis_order=True):
        raise ConfigError(
            f"The file {entry['path']} states another coordinate system than the configuration.",
            expected=f"boundaries.crs: {frame.crs.to_string()}, or no such key",
            found=stated,
            remedy="take the key away: it is for files that state none",
        )
    frame = frame.set_crs(given) if frame.crs is None else frame
    _check_on_globe(frame, entry)
    return frame.to_crs(DEGREES)


def _no_crs(frame: gpd.GeoDataFrame, entry: Mapping[str, Any]) -> ConfigError:
    west, south, east, north = frame.total_bounds
    degrees = max(abs(west), abs(east)) <= LONG and max(abs(south), abs(north)) <= LONG / 2
    likely = "EPSG:4326 (longitude and latitude, WGS 84)"
    if not degrees:
        likely = (
            "the code of a projection in metres, from whoever made the file: a UTM zone or a national grid"
        )
    return ConfigError(
        f"The file {entry['path']} does not say in which coordinate system it is.",
        expected="boundaries.crs: with its code",
        found=f"coordinates from ({west:g}, {south:g}) to ({east:g}, {north:g}), and no .prj",
        remedy=f"likely: {likely}" + ("; write crs: EPSG:4326 if that is so" if degrees else ""),
    )


def _check_on_globe(frame: gpd.GeoDataFrame, entry: Mapping[str, Any]) -> None:
    west, south, east, north = frame.total_bounds
    if not frame.crs.is_geographic:
        return
    if max(abs(west), abs(east)) > 2 * LONG or max(abs(south), abs(north)) > LONG / 2:
        swapped = max(abs(west), abs(east)) <= LONG / 2 and max(abs(south), abs(north)) <= LONG
        raise ConfigError(
            f"The coordinates in {entry['path']} are no degrees of {frame.crs.name}.",
            expected="longitude from -180 to 180 first, latitude from -90 to 90 second",
            found=f"from ({west:g}, {south:g}) to ({east:g}, {north:g})",
            remedy="latitude stands first: swap them" if swapped else "say the coordinate system they are in",
        )


def _polygons(frame: gpd.GeoDataFrame, ids: Sequence[str]) -> tuple[NDArray[Any], dict[str, Any]]:
    import shapely

    shapes = np.array(frame.geometry, dtype=object)
    empty = [ids[i] for i, s in enumerate(shapes) if s is None or s.is_empty]
    kinds = sorted({s.geom_type for s in shapes if s is not None} - {"Polygon", "MultiPolygon"})
    if kinds:
        raise DataError(
            "The boundaries hold other shapes than polygons.",
            expected="polygons; points of units go into the columns lon and lat of the table of units",
            found=", ".join(kinds),
        )
    kept = np.array([s if s is not None else shapely.Polygon() for s in shapes], dtype=object)
    wrong = ~shapely.is_valid(kept)
    account: dict[str, Any] = {
        "repaired": {
            ids[i]: shapely.is_valid_reason(kept[i]).partition("[")[0] for i in np.flatnonzero(wrong).tolist()
        },
        "empty": empty,
    }
    kept[wrong] = [_areas(shape) for shape in shapely.make_valid(kept[wrong])]
    return shapely.force_2d(kept), account


def _areas(shape: Any) -> Any:
    """Return the polygons of a mended shape; lines and points of zero area fall away."""
    import shapely

    parts = list(shapely.get_parts(shape))
    flat = [q for p in parts for q in (shapely.get_parts(p) if hasattr(p, "geoms") else [p])]
    return shapely.union_all([p for p in flat if p.geom_type == "Polygon"])


def _merged(ids: Sequence[str], shapes: NDArray[Any]) -> tuple[dict[str, Any], dict[str, int]]:
    import shapely

    parts: dict[str, list[Any]] = {}
    for unit, shape in zip(ids, shapes, strict=True):
        if not shape.is_empty:
            parts.setdefault(unit, []).append(shape)
    several = {unit: len(some) for unit, some in parts.items() if len(some) > 1}
    return {u: some[0] if len(some) == 1 else shapely.union_all(some) for u, some in parts.items()}, several


def _no_outline(
    absent: Sequence[str], units: Units, match: Match, entry: Mapping[str, Any]
) -> AlignmentError:
    near = offenders([str(unknown) for unknown in match.unknown], 5)
    return AlignmentError(
        f"Units have no polygon in {entry['path']}.",
        expected=f"a polygon for each of the {len(units)} units, by id or name in the column {entry['id']!r}",
        found=f"none for {offenders([str(units[u]) for u in absent])}; without a unit: {near or 'none'}",
        remedy="correct boundaries.id or id_width, add names as aliases, or take the units out of the table",
    )
