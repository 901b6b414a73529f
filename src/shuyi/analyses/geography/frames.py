"""TODO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.base import Places, Sources
from shuyi.panel import Panel

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.analyses.geography.centres import TrendSurface


SURFACE_DEGREES = {"longitude": (72, 136), "latitude": (16, 55)}
"""Rectangle of the trend surface's grid, degrees; it holds the outline of the country."""


def geography_frames(
    panel: Panel, *, variables: Sequence[str], order: int, years: Sequence[int]
) -> dict[str, pd.DataFrame]:
    """Return mean centres, deviational ellipses and trend surfaces; provinces stand at their capitals.

    Parameters
    ----------
    panel : Panel
        Of provinces.
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
    from shuyi.analyses.geography.centres import capital_coordinates, centres, trend_surface

    longitude, latitude = capital_coordinates(panel.units)
    found = centres(panel, variables, longitude, latitude)
    surface = trend_surface(panel, variables[0], longitude, latitude, order=order)
    outlines = found.outlines_frame()
    return {
        "centres": found.to_frame().assign(scale=found.scale),
        "outlines": outlines[outlines["period"].isin(years)],
        "trend": surface.to_frame(),
        "surface": surface_frame(surface, sorted({years[0], years[-1]})),
    }


def surface_frame(surface: TrendSurface, years: Sequence[int]) -> pd.DataFrame:
    """Return a trend surface on a grid of degrees: variable, period, longitude, latitude, value."""
    import pandas as pd

    grids = [np.arange(low, high + 1.0) for low, high in SURFACE_DEGREES.values()]
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
    """Return the frames of the analysis (see `geography_frames`)."""
    p = settings
    return geography_frames(
        sources.panel("panel"), variables=p["variables"], order=p["trend_order"], years=p["years"]
    )
