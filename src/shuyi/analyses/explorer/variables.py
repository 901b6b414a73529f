"""Variables for maps and rankings: values, decimals, and the classes of the printed maps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import DataError
from shuyi.publish.maps import Classification, classify
from shuyi.publish.notes import unit_text
from shuyi.publish.numbers import number
from shuyi.publish.style import colours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.panel import Panel
    from shuyi.publish.labels import Labels
    from shuyi.publish.maps import Scheme

DECIMALS = 3
"""Of a single value in a legend."""
WHOLE = 1000.0
"""Size from which values are printed without decimals."""


def decimals_of(values: NDArray[np.float64], decimals: int) -> int:
    """Return the decimals that a variable is printed with: those of the tables, none for large values.

    Parameters
    ----------
    values : ndarray
        Values of any shape; NaN is left out.
    decimals : int
        Decimals of the tables.

    Returns
    -------
    int
        More than those of the tables where the largest value is below 0.1.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.explorer.variables import decimals_of
    >>> [decimals_of(np.array([top]), 3) for top in (126908.8, 11.75, 0.66, 0.04)]
    [0, 3, 3, 4]
    """
    known = np.abs(values[~np.isnan(values)])
    top = float(known.max(initial=0.0))
    if top >= WHOLE:
        return 0
    return decimals + (max(0, math.floor(-math.log10(top))) if top > 0.0 else 0)


def sorted_names(panel: Panel, first: Sequence[str]) -> list[str]:
    """Return the variables of a panel, those named first at the head.

    Parameters
    ----------
    panel : Panel
        Panel of all units.
    first : sequence of str
        Names that open the list; those that the panel lacks are left out.

    Returns
    -------
    list of str
        Each variable once.
    """
    return list(dict.fromkeys([*(name for name in first if name in panel.variables), *panel.variables]))


def variable_record(
    panel: Panel,
    name: str,
    maps: Mapping[str, Any],
    words: Sequence[Labels],
    decimals: int,
) -> dict[str, Any]:
    """Return one variable with its classes as plain data.

    Parameters
    ----------
    panel : Panel
        Panel of all units.
    name : str
        Name of the variable.
    maps : mapping
        ``years`` of the printed maps, ``classification`` and ``classes``.
    words : sequence of Labels
        One per language.
    decimals : int
        Decimals of the tables.

    Returns
    -------
    dict
        ``id``, ``label`` and ``unit`` by language, ``decimals``, ``values`` (one list per period, None where
        missing) and ``classes``: ``printed`` (of the years of the printed maps, None where they have no
        classes) and ``all`` (of all years, as in the yearly report).
    """
    values = panel[name]
    printed = [period for period in maps["years"] if period in panel.periods]
    return {
        "id": name,
        "label": {labels.language: labels.term(name) for labels in words},
        "unit": {labels.language: unit_text(panel.measures.get(name, ""), labels) for labels in words},
        "decimals": decimals_of(values, decimals),
        "values": [[None if math.isnan(v) else v for v in row] for row in values.tolist()],
        "classes": {
            "printed": _classes(panel, name, printed, maps, words) if printed else None,
            "all": _classes(panel, name, panel.periods, maps, words),
        },
    }


def _classes(
    panel: Panel, name: str, periods: Sequence[int], maps: Mapping[str, Any], words: Sequence[Labels]
) -> dict[str, Any] | None:
    values = panel[name][[panel.periods.index(period) for period in periods]]
    known = np.unique(values[~np.isnan(values)])
    if not known.size:
        return None
    if known.size == 1:
        kind, k = "equal_interval", 1
        look = {"colours": list(colours("sequential", 1)), "assigned": np.where(np.isnan(values), -1, 0)}
        text = number(float(known[0]), decimals_of(known, DECIMALS))
        texts = {labels.language: [text] for labels in words}
    else:
        found = _classified(values.ravel(), maps["classification"], maps["classes"])
        kind, k = found.scheme, found.k
        look = {"colours": list(found.colours()), "assigned": found.assign(values)}
        texts = {labels.language: list(found.texts(labels)) for labels in words}
    return {
        "periods": list(periods),
        "colours": look["colours"],
        "texts": texts,
        "note": {
            labels.language: labels.text(f"map.panel.{kind}", k=k, columns=_columns(periods, labels))
            for labels in words
        },
        "assigned": np.asarray(look["assigned"]).tolist(),
    }


def _columns(periods: Sequence[int], labels: Labels) -> str:
    """Return the periods as a text: a range where they follow one another."""
    whole = list(periods) == list(range(periods[0], periods[-1] + 1)) and len(periods) > 1
    if whole:
        return f"{periods[0]}–{periods[-1]}"
    return labels.text("table.list_separator").join(map(str, periods))


def _classified(values: NDArray[np.float64], scheme: Scheme, classes: int) -> Classification:
    """Return classes of at least two values: fewer, or two of one width, where the scheme needs more."""
    for k in range(classes, 1, -1):
        try:
            return classify(values, scheme, k)
        except DataError:
            continue
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return Classification("equal_interval", (low, (low + high) / 2, high))
