"""Frames of mean centres, deviational ellipses and trend surfaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.base import Places, Sources
from shuyi.panel import Panel

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.analyses.geography.centres import TrendSurface


def geography_frames(
    panel: Panel, places: Places, *, variables: Sequence[str], order: int, years: Sequence[int]
) -> dict[str, pd.DataFrame]:
    """Return mean centres, deviational ellipses and trend surfaces; units stand at their coordinates.

    Parameters
    ----------
    panel : Panel
        With the variables.
    places : Places
        Coordinates of the units, projection of the maps, and the rectangle of the surface's grid.
    variables : sequence of str
        Weights; the first has a trend surface.
    order : {1, 2}
        Of the trend surface.
    years : sequence of int
        The first and the last have the surface on a grid of degrees.

    Returns
    -------
    dict
        ``centres``, ``outlines`` (of the ellipses), ``trend`` (coefficients) and ``surface``.

    Raises
    ------
    DataError, AlignmentError
        As the functions of `shuyi.analyses.geography.centres`.
    """
    from shuyi.analyses.geography.centres import centres, places_of, trend_surface

    longitude, latitude = places_of(panel.units, places.coordinates)
    found = centres(panel, variables, longitude, latitude, places.projection)
    surface = trend_surface(panel, variables[0], longitude, latitude, order=order)
    outlines = found.outlines_frame()
    return {
        "centres": found.to_frame().assign(scale=found.scale),
        "outlines": outlines[outlines["period"].isin(years)],
        "trend": surface.to_frame(),
        "surface": surface_frame(surface, sorted({years[0], years[-1]}), places.rectangle),
    }


def surface_frame(
    surface: TrendSurface, years: Sequence[int], rectangle: Sequence[tuple[int, int]]
) -> pd.DataFrame:
    """Return a trend surface on a grid of whole degrees.

    Parameters
    ----------
    surface : TrendSurface
        Of one variable.
    years : sequence of int
        Periods of the surface.
    rectangle : sequence of (int, int)
        Lowest and highest longitude, then latitude, of the grid.

    Returns
    -------
    DataFrame
        variable, period, longitude, latitude, value.
    """
    import pandas as pd

    grids = [np.arange(low, high + 1.0) for low, high in rectangle]
    longitude, latitude = (axis.ravel() for axis in np.meshgrid(*grids, indexing="ij"))
    values = surface.predict(longitude, latitude)
    parts = [
        pd.DataFrame(
            {
                "variable": surface.rows[0].variable,
                "period": year,
                "longitude": longitude,
                "latitude": latitude,
                "value": values[surface.periods.index(year)],
            }
        )
        for year in years
    ]
    return pd.concat(parts, ignore_index=True)


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis (see `geography_frames`).

    Parameters
    ----------
    sources : Sources
        Files that the analysis reads, by name.
    settings : mapping
        As the declaration of the analysis gives them.
    places : Places
        Names and groupings of the units.

    Returns
    -------
    dict of str to DataFrame
        Frame by name.
    """
    p = settings
    return geography_frames(
        sources.panel("panel"), places, variables=p["variables"], order=p["trend_order"], years=p["years"]
    )
