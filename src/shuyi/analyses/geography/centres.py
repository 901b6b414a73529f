"""Geography in motion: weighted mean centre and standard deviational ellipse by year, and trend surfaces.

Centres and ellipses are computed in the equal-area projection of the maps, with the variable's values as
weights; distances and bearings between centres are geodesics on WGS 84, since an equal-area projection does
not keep distances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import AlignmentError, DataError, check_known, offenders
from shuyi.frames import rows_frame
from shuyi.panel import Panel
from shuyi.publish.projection import KM, Projection
from shuyi.validation import complete, nonnegative, varying

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


AXIS_SCALE = float(np.sqrt(2.0))
"""Semi-axes in standard deviations: with sqrt(2) the ellipse of a bivariate normal holds 1 - 1/e = 63 %."""
CIRCLE_TOLERANCE = 1e-9
"""Relative difference of the axes below which an ellipse is a circle, without a direction."""
STILL_KM = 1e-6
"""Shifts below a millimetre have no bearing."""
TERMS = {1: ("lon", "lat"), 2: ("lon", "lat", "lon2", "lon_lat", "lat2")}
"""Terms of a trend surface by its order, beside the constant."""


@dataclass(frozen=True)
class CentreRow:
    """Mean centre and standard deviational ellipse of one variable in one period.

    Parameters
    ----------
    variable : str
        Name of the panel variable.
    period : int
        Year or other period.
    longitude, latitude : float
        Of the centre, in degrees.
    x_km, y_km : float
        Of the centre, projected.
    major_km, minor_km : float
        Semi-axes: standard deviations along the principal directions times the scale.
    azimuth : float
        Of the major axis, degrees clockwise from grid north in [0, 180); NaN for a circle.
    area_km2 : float
        Area of the ellipse, square kilometres.
    flattening : float
        ``1 - minor / major``; NaN where all weight lies in one place.
    shift_km, bearing : float
        From the previous period's centre, the bearing in degrees clockwise from north; NaN in the first
        period, the bearing also where the centre stays.
    shift_from_first_km, bearing_from_first : float
        The same from the first period's centre.
    """

    variable: str
    period: int
    longitude: float
    latitude: float
    x_km: float
    y_km: float
    major_km: float
    minor_km: float
    azimuth: float
    area_km2: float
    flattening: float
    shift_km: float
    bearing: float
    shift_from_first_km: float
    bearing_from_first: float


@dataclass(frozen=True)
class Centres:
    """Centres and ellipses, ordered by variable and period.

    Parameters
    ----------
    rows : tuple of CentreRow
        One record per variable and period.
    scale : float
        Standard deviations per semi-axis.
    projection : Projection
        In which they were computed.
    """

    rows: tuple[CentreRow, ...]
    scale: float
    projection: Projection

    def to_frame(self) -> pd.DataFrame:
        """Return one row per variable and period, with the fields of `CentreRow` as columns.

        Returns
        -------
        DataFrame
            In the order of the rows.
        """
        return rows_frame(self.rows, CentreRow)

    def outlines_frame(self, points: int = 181) -> pd.DataFrame:
        """Return the closed outline of every ellipse.

        Parameters
        ----------
        points : int, default 181
            Points of each outline; the last equals the first.

        Returns
        -------
        DataFrame
            Columns variable, period, longitude, latitude.
        """
        import pandas as pd

        frames = [
            pd.DataFrame(_outline(row, points, self.projection), columns=["longitude", "latitude"]).assign(
                variable=row.variable, period=row.period
            )
            for row in self.rows
        ]
        columns = ["variable", "period", "longitude", "latitude"]
        return pd.concat(frames, ignore_index=True)[columns]


@dataclass(frozen=True)
class TrendRow:
    """One coefficient of a trend surface.

    Parameters
    ----------
    variable : str
        Name of the panel variable.
    period : int
        Year or other period.
    order : int
        One for a plane, two for a quadratic surface.
    term : str
        ``"const"`` or one of `TERMS`, in degrees from the mean longitude and latitude of the places.
    estimate, std_error, t, p_value : float
        Two-sided, Student's t.
    r2, f, f_p_value : float
        Of the whole surface in the period; f tests all terms but the constant with the same covariance.
    n : int
        Number of units.
    covariance : str
        Kind of covariance of the errors.
    """

    variable: str
    period: int
    order: int
    term: str
    estimate: float
    std_error: float
    t: float
    p_value: float
    r2: float
    f: float
    f_p_value: float
    n: int
    covariance: str


@dataclass(frozen=True, eq=False)
class TrendSurface:
    """Polynomial trend surfaces by year.

    Parameters
    ----------
    rows : tuple of TrendRow
        One record per period and term.
    periods : tuple of int, length T
        Years or other periods, increasing.
    order : int
        One for planes, two for quadratic surfaces.
    centre : (float, float)
        Mean longitude and latitude from which the terms are measured.
    coefficients : ndarray, shape (T, terms)
        The constant first.
    """

    rows: tuple[TrendRow, ...]
    periods: tuple[int, ...]
    order: int
    centre: tuple[float, float]
    coefficients: Array

    def to_frame(self) -> pd.DataFrame:
        """Return one row per period and term, with the fields of `TrendRow` as columns.

        Returns
        -------
        DataFrame
            In the order of the rows.
        """
        return rows_frame(self.rows, TrendRow)

    def predict(self, longitude: Array, latitude: Array) -> Array:
        """Return the surfaces at places given in degrees, shape (T, m).

        Parameters
        ----------
        longitude, latitude : ndarray, shape (m,)
            Places in degrees.

        Returns
        -------
        ndarray, shape (T, m)
            Values of the surface, in the variable's unit.
        """
        return self.coefficients @ _design(longitude, latitude, self.centre, self.order).T


def places_of(units: Sequence[str], coordinates: Mapping[str, tuple[float, float]]) -> tuple[Array, Array]:
    """Return longitude and latitude of units, each of shape (n,).

    Parameters
    ----------
    units : sequence of str, length n
        Ids.
    coordinates : mapping of str to (float, float)
        Latitude and longitude by id, degrees.

    Returns
    -------
    longitude, latitude : ndarray, shape (n,)
        Degrees.

    Raises
    ------
    AlignmentError
        If the place of a unit is not known.
    """
    unknown = [unit for unit in units if unit not in coordinates]
    if unknown:
        raise AlignmentError(
            "The place of a unit is not known.",
            expected=f"among {offenders(coordinates)}",
            found=f"no place of {offenders(unknown)}",
            remedy="give longitudes and latitudes of your own",
        )
    latitude, longitude = np.array([coordinates[unit] for unit in units], dtype=np.float64).T
    return longitude, latitude


def centres(
    panel: Panel,
    variables: Sequence[str],
    longitude: Array,
    latitude: Array,
    projection: Projection,
    *,
    scale: float = AXIS_SCALE,
) -> Centres:
    """Return weighted mean centre and standard deviational ellipse by variable and year.

    With weights w and projected places z the centre is ``m = sum w z / sum w`` and the ellipse has the
    eigenvectors of ``sum w (z - m)(z - m)' / sum w`` as axes, `scale` times the roots of its eigenvalues long
    (Lefever 1926; Yuill 1971).

    Parameters
    ----------
    panel : Panel
        With the variables.
    variables : sequence of str
        Weights of zero or more; they need not sum to one.
    longitude, latitude : ndarray, shape (n,)
        Places of the units in degrees (WGS 84).
    projection : Projection
        Equal-area projection in which centres and ellipses are computed.
    scale : float
        Standard deviations per semi-axis.

    Returns
    -------
    Centres
        Ordered by variable and period.

    Raises
    ------
    DataError
        If a weight is missing or negative, all are zero in a period, or places are not numbers in degrees.
    """
    lon, lat = _places(panel, longitude, latitude)
    places = projection.project(lon, lat) / KM
    rows: list[CentreRow] = []
    for variable in variables:
        weights = nonnegative(panel, variable, "A weighted mean centre")
        moments = [_moments(w, places) for w in weights]
        rows.extend(_centre_rows(variable, panel.periods, moments, scale, projection))
    return Centres(tuple(rows), scale, projection)


def trend_surface(
    panel: Panel,
    variable: str,
    longitude: Array,
    latitude: Array,
    *,
    order: int = 1,
    covariance: str = "HC3",
) -> TrendSurface:
    """Regress a variable on longitude and latitude in every year.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variable : str
        Name of the panel variable.
    longitude, latitude : ndarray, shape (n,)
        Degrees.
    order : {1, 2}, default 1
        Plane, or quadratic surface.
    covariance : {"nonrobust", "HC1", "HC3"}, default "HC3"
        Of statsmodels' OLS.

    Returns
    -------
    TrendSurface
        One surface per period.

    Raises
    ------
    DataError
        If values are missing, a year does not vary, units are too few, or places lie on a line (order 1) or a
        conic (order 2).
    ConfigError
        If order or covariance are unknown.
    """
    import statsmodels.api as sm

    check_known(str(order), tuple(map(str, TERMS)), "order")
    check_known(covariance, ("nonrobust", "HC1", "HC3"), "covariance")
    y = varying(panel, variable, complete(panel, variable), "A trend surface")
    lon, lat = _places(panel, longitude, latitude)
    centre = (float(lon.mean()), float(lat.mean()))
    design = _design(lon, lat, centre, order)
    _check_not_flat(design)
    fits = [sm.OLS(row, design).fit(cov_type=covariance, use_t=True) for row in y]
    rows = [
        row
        for period, fit in zip(panel.periods, fits, strict=True)
        for row in _trend_rows(variable, period, order, fit, covariance)
    ]
    coefficients = np.array([fit.params for fit in fits])
    return TrendSurface(tuple(rows), panel.periods, order, centre, coefficients)


def _places(panel: Panel, longitude: Array, latitude: Array) -> tuple[Array, Array]:
    lon, lat = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    if lon.shape != (panel.n,) or lat.shape != (panel.n,):
        raise DataError(
            "Every unit needs one place.",
            expected=f"longitudes and latitudes of shape ({panel.n},)",
            found=f"shapes {lon.shape} and {lat.shape}",
        )
    inside = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    if not inside.all():
        wrong = [f"{panel.units[i]} ({lon[i]:g}, {lat[i]:g})" for i in np.flatnonzero(~inside)]
        raise DataError(
            "Places are given in degrees.",
            expected="longitudes within 180 and latitudes within 90",
            found=offenders(wrong),
        )
    return lon, lat


def _moments(weights: Array, places: Array) -> tuple[Array, Array]:
    """Return weighted mean, shape (2,), and covariance, shape (2, 2), of places of shape (n, 2)."""
    share = weights / weights.sum()
    mean = share @ places
    deviation = places - mean
    return mean, (deviation * share[:, None]).T @ deviation


def _centre_rows(
    variable: str,
    periods: Sequence[int],
    moments: Sequence[tuple[Array, Array]],
    scale: float,
    projection: Projection,
) -> list[CentreRow]:
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    means = np.array([mean for mean, _ in moments]) * KM
    where = projection.unproject(means[:, 0], means[:, 1])
    rows = []
    for t, (period, (mean, spread)) in enumerate(zip(periods, moments, strict=True)):
        shift, bearing = _shift(geod, where, t - 1, t)
        total, direction = _shift(geod, where, 0 if t else -1, t)
        row = CentreRow(
            variable=variable,
            period=period,
            longitude=float(where[t, 0]),
            latitude=float(where[t, 1]),
            x_km=float(mean[0]),
            y_km=float(mean[1]),
            **_ellipse(spread, scale),
            shift_km=shift,
            bearing=bearing,
            shift_from_first_km=total,
            bearing_from_first=direction,
        )
        rows.append(row)
    return rows


def _shift(geod: Any, where: Array, start: int, end: int) -> tuple[float, float]:
    """Return length in km and bearing of the geodesic between two centres; NaN without a start (-1)."""
    if start < 0:
        return float("nan"), float("nan")
    bearing, _, metres = geod.inv(*where[start], *where[end])
    return metres / KM, bearing % 360.0 if metres / KM > STILL_KM else float("nan")


def _ellipse(spread: Array, scale: float) -> dict[str, float]:
    values, vectors = np.linalg.eigh(spread)
    minor, major = (scale * float(np.sqrt(max(v, 0.0))) for v in values)
    east, north = vectors[:, 1]
    is_circle = major - minor <= CIRCLE_TOLERANCE * major
    return {
        "major_km": major,
        "minor_km": minor,
        "azimuth": float("nan") if is_circle else float(np.degrees(np.arctan2(east, north)) % 180.0),
        "area_km2": float(np.pi * major * minor),
        "flattening": 1.0 - minor / major if major > 0 else float("nan"),
    }


def _outline(row: CentreRow, points: int, projection: Projection) -> Array:
    turn = np.linspace(0.0, 2.0 * np.pi, points)
    angle = np.radians(0.0 if np.isnan(row.azimuth) else row.azimuth)
    along, across = row.major_km * np.cos(turn), row.minor_km * np.sin(turn)
    x = row.x_km + along * np.sin(angle) + across * np.cos(angle)
    y = row.y_km + along * np.cos(angle) - across * np.sin(angle)
    return projection.unproject(x * KM, y * KM)


def _design(longitude: Array, latitude: Array, centre: tuple[float, float], order: int) -> Array:
    lon, lat = np.asarray(longitude) - centre[0], np.asarray(latitude) - centre[1]
    columns = [np.ones_like(lon), lon, lat, lon**2, lon * lat, lat**2]
    return np.column_stack(columns[: 1 + len(TERMS[order])])


def _check_not_flat(design: Array) -> None:
    n, k = design.shape
    rank = int(np.linalg.matrix_rank(design))
    if n <= k or rank < k:
        raise DataError(
            "The places do not determine a trend surface.",
            expected=f"more than {k} places that do not lie on one line or conic",
            found=f"{n} places of rank {rank}",
            remedy="lower the order, or add units",
        )


def _trend_rows(variable: str, period: int, order: int, fit: Any, covariance: str) -> list[TrendRow]:
    return [
        TrendRow(
            variable=variable,
            period=period,
            order=order,
            term=term,
            estimate=float(fit.params[j]),
            std_error=float(fit.bse[j]),
            t=float(fit.tvalues[j]),
            p_value=float(fit.pvalues[j]),
            r2=float(fit.rsquared),
            f=float(fit.fvalue),
            f_p_value=float(fit.f_pvalue),
            n=int(fit.nobs),
            covariance=covariance,
        )
        for j, term in enumerate(("const", *TERMS[order]))
    ]
