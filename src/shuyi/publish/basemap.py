"""What maps are drawn on: outlines, the frame of the page, and what must stand beneath."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shuyi.publish.projection import KM, Projection

if TYPE_CHECKING:
    from numpy.typing import NDArray


Extent = tuple[float, float, float, float]
"""West, south, east and north edges in projected metres."""
EDGE = 20 * KM
"""How far beyond an extent outlines are kept, so that no cut edge is seen, metres."""


@dataclass(frozen=True)
class Outlines:
    """Projected, simplified outlines of the units of a map.

    Parameters
    ----------
    units : tuple of str, length m
        Ids, ascending; units without data are among them.
    shapes : ndarray of shapely geometries, shape (m,)
        In projected metres; neighbours share their simplified borders.
    outline : shapely geometry
        Outer line of all units together.
    lines : shapely geometry
        Further lines that every map carries; empty where there are none.
    """

    units: tuple[str, ...]
    shapes: NDArray[Any]
    outline: Any
    lines: Any

    def clip(self, extent: Extent) -> Outlines:
        """Return what lies within an extent and a little beyond.

        Parameters
        ----------
        extent : (west, south, east, north)
            Projected metres.

        Returns
        -------
        Outlines
        """
        import shapely

        west, south, east, north = extent
        window = shapely.box(west, south, east, north).buffer(EDGE)
        cut = (shapely.intersection(part, window) for part in (self.shapes, self.outline, self.lines))
        return Outlines(self.units, *cut)


@dataclass(frozen=True)
class Inset:
    """A part of the map that is drawn again, smaller, in a corner.

    Parameters
    ----------
    extent : (west, south, east, north)
        What it shows, projected metres.
    box : (west, south, east, north)
        Where it lies, in projected metres of the main map.
    name : str
        Key of the label with its name.
    """

    extent: Extent
    box: Extent
    name: str


@dataclass(frozen=True)
class MapFrame:
    """What a panel shows and where its furniture stands, in projected metres.

    Parameters
    ----------
    extent : (west, south, east, north)
        Bounds of a panel.
    scale_bar : (west end, height, length)
        Place and length of the scale bar.
    north_arrow : (place on the central meridian, foot, head)
        Place of the north arrow.
    tolerance : mapping of int to float
        Simplification of the outlines by the number of columns of panels, metres.
    inset : Inset, optional
        A second window in a corner of each panel.
    """

    extent: Extent
    scale_bar: tuple[float, float, float]
    north_arrow: tuple[float, float, float]
    tolerance: Mapping[int, float]
    inset: Inset | None = None


@dataclass(frozen=True, eq=False)
class Basemap:
    """The ground of a paper's maps.

    Parameters
    ----------
    units : tuple of str, length n
        Units that may have values, in the order of the paper.
    without_data : tuple of str
        Units that are drawn, and never have values.
    outlines : callable
        Outlines at a tolerance in metres.
    projection : Projection
        From degrees to metres and back.
    frame : MapFrame
        What a panel shows and where its furniture stands.
    credit : tuple of str
        Lines that stand beneath every map, printed as given.
    """

    units: tuple[str, ...]
    without_data: tuple[str, ...]
    outlines: Callable[[float], Outlines]
    projection: Projection
    frame: MapFrame
    credit: tuple[str, ...]
