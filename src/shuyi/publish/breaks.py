"""Bounds of classes: natural breaks, quantiles and equal intervals.

Natural breaks come from jenkspy, whose import costs a millisecond; mapclassify compiles its search anew in
every process. Tests compare all three with mapclassify's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def natural_breaks(values: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    """Return the upper bounds of the classes with the least sum of squares within them (Fisher 1958).

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
    if classes == 1 or distinct == classes:
        return np.unique(values)[-classes:]
    import jenkspy

    return np.asarray(jenkspy.jenks_breaks(values, n_classes=classes)[1:], dtype=np.float64)


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
    return np.unique(np.quantile(values, np.arange(1, classes + 1) / classes))


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
    return np.linspace(values.min(), values.max(), classes + 1)[1:]
