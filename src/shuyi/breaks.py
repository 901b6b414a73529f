"""Bounds of classes: natural breaks, quantiles and equal intervals, each as mapclassify sets them.

The bounds agree with mapclassify's to the digit. They are computed here because its import compiles a search
in each process, which takes a thousand times as long as the search itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def natural_breaks(values: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    """Return the upper bounds of the classes with the least sum of squares within them (Fisher 1958).

    Sums are kept in single precision, and of equally good partitions the one with the lowest bounds is
    taken, as ``mapclassify.FisherJenks`` does.

    Parameters
    ----------
    values : ndarray, shape (n,)
        In any order and unit, without NaN.
    classes : int
        Number of classes k, at least 1.

    Returns
    -------
    ndarray, shape (k,)
        Ascending values of the data; the last is their maximum.

    Raises
    ------
    DataError
        If there are fewer distinct values than classes.
    """
    distinct = np.unique(values).size
    if distinct < classes:
        raise DataError(
            "Too few distinct values for natural breaks.",
            expected=f"at least {classes} distinct values",
            found=f"{distinct}",
            remedy="ask for fewer classes",
        )
    ascending = np.sort(values).astype(np.float64)
    first = _first_of_last_class(ascending.astype(np.float32), classes)
    bounds = np.empty(classes)
    end = len(ascending)
    for count in range(classes, 0, -1):
        bounds[count - 1] = ascending[end - 1]
        end = first[end, count] - 1
    return bounds


def _first_of_last_class(values: NDArray[np.float32], classes: int) -> NDArray[np.int64]:
    """Return where the last class begins, from 1, by the number of values and of classes cut from them."""
    n = len(values)
    first = np.ones((n + 1, classes + 1), dtype=np.int64)
    first[0] = 0
    least = np.full((n + 1, classes + 1), np.inf, dtype=np.float32)
    least[1, 1:] = 0.0
    for end in range(2, n + 1):
        within = _squares_to(values[:end])
        least[end, 1] = within[0]
        costs = within[1:, None] + least[1:end, 1:classes]
        first[end, 2:] = costs.argmin(axis=0) + 2
        least[end, 2:] = costs.min(axis=0)
    return first


def _squares_to(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the sums of squared deviations of the values from each one to the last, shape (n,)."""
    backwards = values[::-1]
    sums = np.cumsum(backwards, dtype=np.float32)
    squares = np.cumsum(backwards * backwards, dtype=np.float32)
    count = np.arange(1, len(values) + 1, dtype=np.float32)
    deviations: NDArray[np.float32] = (squares - sums * sums / count)[::-1]
    return deviations


def quantile_breaks(values: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    """Return the upper bounds of classes with equally many values each.

    Parameters
    ----------
    values : ndarray, shape (n,)
        In any order and unit, without NaN.
    classes : int
        Number of classes k, at least 1.

    Returns
    -------
    ndarray, shape (k,) or fewer
        Ascending, interpolated between the values; bounds that ties make equal stand once.
    """
    ascending = np.sort(values).astype(np.float64)
    step = 100.0 / classes
    shares = np.minimum(np.arange(step, 100.0 + step, step), 100.0)
    return np.unique([_score(ascending, share / 100.0 * (len(ascending) - 1)) for share in shares])


def _score(ascending: NDArray[np.float64], place: float) -> float:
    """Return the value at a place among the values from 0, between two of them where it has a fraction."""
    low = int(place)
    if low == place:
        return float(ascending[low])
    weights = np.array([low + 1 - place, place - low])
    return float((ascending[low : low + 2] * weights).sum() / weights.sum())


def equal_breaks(values: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    """Return the upper bounds of classes of one width.

    Parameters
    ----------
    values : ndarray, shape (n,)
        In any order and unit, without NaN, not all equal.
    classes : int
        Number of classes k, at least 1.

    Returns
    -------
    ndarray, shape (k,)
        Ascending; the last is the maximum of the values.
    """
    low, high = float(values.min()), float(values.max())
    width = (high - low) / classes
    bounds = np.arange(low + width, high + width, width)[:classes]
    bounds[-1] = high
    return bounds
