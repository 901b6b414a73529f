"""Instruments for a regressor, built from the series of the panel by rules that the configuration names.

* ``shift_share``: the units' shares of several sectors in the first period, times the growth of each sector
  in all other units (Bartik; leave-one-out): ``z_it = sum_k s_ik ln(S_-ikt / S_-ik1)``.
* ``distance``: thousand kilometres from the seat of a unit, times the logarithm of a series elsewhere.
* ``level``: a variable that a file of the user holds, taken in the first period, times the logarithm of a
  series elsewhere, some periods earlier (Nunn and Qian 2014).
* ``column``: a variable of the panel as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import DataError, IdentificationError, offenders
from shuyi.spatialpanel.transforms import within
from shuyi.weights.build import great_circle_km

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.panel import Panel

    Coordinates = Mapping[str, tuple[float, float]]

THOUSAND = 1000.0
LEFT = 1e-10
"""Share of an instrument's variation that must be left once the effects are removed."""


def build_instrument(entry: Mapping[str, Any], panel: Panel, coordinates: Coordinates) -> NDArray[np.float64]:
    """Return an instrument.

    Parameters
    ----------
    entry : mapping
        ``kind`` and what that kind needs.
    panel : Panel
        Series of all units of the sample.
    coordinates : mapping of str to (float, float)
        Latitude and longitude of the units' seats.

    Returns
    -------
    ndarray, shape (T, n)
        NaN in the first periods of a lagged series.

    Raises
    ------
    DataError
        If a series has missing values or is not positive where its logarithm is taken.
    """
    return KINDS[entry["kind"]](entry, panel, coordinates)


def shift_share(entry: Mapping[str, Any], panel: Panel, coordinates: Coordinates) -> NDArray[np.float64]:
    """Return initial shares of sectors times the growth of the sectors elsewhere.

    Parameters
    ----------
    entry : mapping
        ``sectors``: series in one unit of measurement.
    panel : Panel
        With the series.
    coordinates : mapping
        Not used.

    Returns
    -------
    ndarray, shape (T, n)
        Zero in the first period.

    Raises
    ------
    DataError
        If the sectors have different units, or a unit has none of them in the first period.
    """
    names = list(entry["sectors"])
    units = {panel.measures.get(name, "") for name in names}
    if len(units) > 1:
        raise DataError(
            "Sectors in different units have no shares.",
            expected="series in one unit",
            found=offenders(sorted(units)),
        )
    values = np.stack([_known(panel, name, entry) for name in names])
    total = values[:, 0].sum(axis=0)
    if (total <= 0).any():
        raise DataError(
            "Initial shares of sectors do not exist.",
            expected="some activity of every unit in the first period",
            found=f"none in {offenders(np.array(panel.units)[total <= 0].tolist())}",
        )
    elsewhere = values.sum(axis=2, keepdims=True) - values
    growth = np.log(_positive(elsewhere, "sectors")) - np.log(elsewhere[:, :1])
    return np.einsum("ki,kti->ti", values[:, 0] / total, growth)


def distance(entry: Mapping[str, Any], panel: Panel, coordinates: Coordinates) -> NDArray[np.float64]:
    """Return distance to a unit times a series elsewhere.

    Parameters
    ----------
    entry : mapping
        ``unit``, ``series`` and, optionally, ``per``: the series that heads are counted by.
    panel : Panel
        With the series.
    coordinates : mapping of str to (float, float)
        Latitude and longitude of the units' seats.

    Returns
    -------
    ndarray, shape (T, n)
        Thousand kilometres times a logarithm.

    Raises
    ------
    DataError
        If the unit has no place.
    """
    if entry["unit"] not in coordinates:
        raise DataError(
            "Distances are measured from a unit of the paper.",
            expected=f"one of {offenders(coordinates, 40)}",
            found=entry["unit"],
        )
    labels = [entry["unit"], *panel.units]
    places = [coordinates[label] for label in labels]
    names = [str(i) for i in range(len(labels))]
    km = great_circle_km(names, dict(zip(names, places, strict=True)))[0, 1:]
    return km / THOUSAND * _elsewhere(entry, panel)


def level(entry: Mapping[str, Any], panel: Panel, coordinates: Coordinates) -> NDArray[np.float64]:
    """Return a level of the first period times a series elsewhere, some periods earlier.

    Parameters
    ----------
    entry : mapping
        ``level``, ``series``, and optionally ``per`` and ``lag``.
    panel : Panel
        With the series.
    coordinates : mapping
        Not used.

    Returns
    -------
    ndarray, shape (T, n)
        NaN in the first ``lag`` periods.
    """
    series, lag = _elsewhere(entry, panel), int(entry.get("lag", 0))
    moved = np.full_like(series, np.nan)
    moved[lag:] = series[: len(series) - lag]
    return _known(panel, entry["level"], entry)[0] * moved


def column(entry: Mapping[str, Any], panel: Panel, coordinates: Coordinates) -> NDArray[np.float64]:
    """Return a variable of the panel.

    Parameters
    ----------
    entry : mapping
        ``variable``.
    panel : Panel
        With the variable.
    coordinates : mapping
        Not used.

    Returns
    -------
    ndarray, shape (T, n)
        As the panel holds it.
    """
    return _known(panel, entry["variable"], entry).copy()


KINDS: Mapping[str, Callable[[Mapping[str, Any], Any, Any], Any]] = {
    "shift_share": shift_share,
    "distance": distance,
    "level": level,
    "column": column,
}
"""Each rule by the name that the configuration gives it."""


def named_variables(entry: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """Return the variables that an entry of the configuration names, with their keys.

    Parameters
    ----------
    entry : mapping
        One instrument.

    Returns
    -------
    list of (tuple, str)
        Keys below the entry, and the variable.
    """
    found: list[tuple[Any, str]] = [(("sectors", i), name) for i, name in enumerate(entry.get("sectors", ()))]
    return found + [((key,), entry[key]) for key in ("series", "per", "level", "variable") if key in entry]


def check_varies(values: NDArray, name: str, effects: str) -> None:
    """Raise IdentificationError where the effects absorb an instrument.

    Parameters
    ----------
    values : ndarray, shape (T, n)
        The instrument.
    name : str
        Its name.
    effects : str
        Fixed effects of the equation.

    Raises
    ------
    IdentificationError
        If nothing of its variation is left.
    """
    left, whole = within(values, effects), values - values.mean()
    if float((left**2).sum()) > LEFT * max(float((whole**2).sum()), np.finfo(float).tiny):
        return
    raise IdentificationError(
        f"The instrument {name} is absorbed by the {effects} effects.",
        expected="an instrument that changes differently in different units",
        found="one that is constant within units, or the same in all of them",
        remedy="interact it with a national series (kind: level or distance)",
    )


def _elsewhere(entry: Mapping[str, Any], panel: Panel) -> NDArray[np.float64]:
    """Return the logarithm of a series in all other units, per head where that is asked for."""
    own = _known(panel, entry["series"], entry)
    total = own.sum(axis=1, keepdims=True) - own
    if "per" in entry:
        heads = _known(panel, entry["per"], entry)
        total = total / (heads.sum(axis=1, keepdims=True) - heads)
    return np.log(_positive(total, entry["series"]))


def _positive(values: NDArray, name: str) -> NDArray[np.float64]:
    if (values > 0).all():
        return values
    raise DataError(f"The logarithm of {name} elsewhere does not exist.", expected="values above zero")


def _known(panel: Panel, name: str, entry: Mapping[str, Any]) -> NDArray[np.float64]:
    values = panel[name]
    missing = np.argwhere(~np.isfinite(values))
    if not len(missing):
        return values
    if entry.get("missing_is_zero"):
        return np.nan_to_num(values, nan=0.0)
    raise DataError(
        f"The series {name} of an instrument has missing values.",
        expected="a value in every cell",
        found=offenders(f"{panel.units[i]} in {panel.periods[t]}" for t, i in missing),
        remedy="take another series, or set missing_is_zero where the source prints nothing because there is "
        "nothing",
    )
