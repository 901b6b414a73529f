"""What belongs to units is put in their order by its labels, never by its position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import AlignmentError, offenders

if TYPE_CHECKING:
    from numpy.typing import NDArray


def is_labelled(values: Any) -> bool:
    """Return whether values carry labels: a Series, a frame, a Grouping or a mapping.

    Parameters
    ----------
    values : object
        What a caller gave.

    Returns
    -------
    bool
        False for arrays, lists and tuples.
    """
    return isinstance(values, Mapping) or hasattr(values, "region_of") or hasattr(values, "to_numpy")


def by_unit(values: Any, units: Sequence[str], what: str) -> list[Any]:
    """Return one value per unit, in the units' order.

    Parameters
    ----------
    values : Series, mapping, Grouping or sequence
        Labelled values may hold further units; a sequence without labels has one value per unit, in order.
    units : sequence of str, length n
        Units, in the order wanted.
    what : str
        What the values are, in the plural: ``"groups"``.

    Returns
    -------
    list
        Length n.

    Raises
    ------
    AlignmentError
        If a unit has no value, or two; or if there are more or fewer values than units and no labels.
    """
    if not is_labelled(values):
        listed = [] if isinstance(values, str) else list(values)
        if len(listed) != len(units):
            raise AlignmentError(
                f"There is not one of the {what} for every unit.",
                expected=f"{len(units)} {what} in the units' order, or {what} labelled by unit",
                found=f"{len(listed)} without labels",
                remedy=f"give a Series or a mapping, so that {what} are found by label",
            )
        found = dict(zip(units, listed, strict=True))
    else:
        found = _by_label(values, what)
    lacking = [unit for unit in units if unit not in found or _is_missing(found[unit])]
    if lacking:
        raise AlignmentError(
            f"Units have no {what}.",
            expected=f"{what} for each of {len(units)} units: {offenders(units, 3)}",
            found=f"none for {offenders(lacking)}; labels given: {offenders(found, 3)}",
            remedy="use the same identifiers as the panel",
        )
    return [found[unit] for unit in units]


def unlabelled(values: Any, what: str, order: str) -> NDArray[np.float64]:
    """Return values as an array, or refuse those whose labels would be ignored.

    Parameters
    ----------
    values : ndarray or nested sequence
        Numbers.
    what : str
        What the values are, in the plural.
    order : str
        Which order the axes have, for the message.

    Returns
    -------
    ndarray of float
        The values.

    Raises
    ------
    AlignmentError
        If the values carry labels.
    """
    if is_labelled(values):
        raise AlignmentError(
            f"The labels of the {what} would be ignored.",
            expected=f"an array, {order}",
            found=f"a {type(values).__name__}",
            remedy="put the values in that order and call .to_numpy()",
        )
    return np.asarray(values, dtype=np.float64)


def _by_label(values: Any, what: str) -> dict[str, Any]:
    if hasattr(values, "region_of"):
        values = values.region_of
    if not isinstance(values, Mapping) and values.ndim != 1:
        raise AlignmentError(
            f"The {what} of units are one column.",
            expected="a Series or a mapping labelled by unit",
            found=f"a {type(values).__name__} of shape {values.shape}",
            remedy="choose the column: frame['group']",
        )
    labels = [str(label) for label in (values if isinstance(values, Mapping) else values.index)]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise AlignmentError(
            f"Units have several {what}.", expected="one per unit", found=f"repeated: {offenders(twice)}"
        )
    listed = values.values() if isinstance(values, Mapping) else values.to_numpy()
    return dict(zip(labels, listed, strict=True))


def _is_missing(value: Any) -> bool:
    return value is None or value != value
