"""Columns that hold nothing new beside the columns before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLLINEAR = 1e-9
"""Share of a transformed column's length that must be new to the columns before it."""


def dependent_columns(names: Sequence[str], triangle: NDArray, lengths: NDArray) -> list[str]:
    """Name the columns of a matrix that are combinations of the columns before them.

    Parameters
    ----------
    names : sequence of str, length k
        Names of the columns.
    triangle : ndarray, shape (r, k)
        R of its QR decomposition; columns beyond the rank r that a matrix can have are dependent.
    lengths : ndarray, shape (k,)
        What the new part of each column is measured by.

    Returns
    -------
    list of str
        Names of dependent columns, in order; empty where there are none.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.collinear import dependent_columns
    >>> x = np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]])
    >>> dependent_columns(["one", "two"], np.linalg.qr(x, mode="r"), np.linalg.norm(x, axis=0))
    ['two']
    """
    diagonal = np.zeros(len(names))
    pivots = np.abs(np.diag(triangle))
    diagonal[: len(pivots)] = pivots
    return [name for name, d, s in zip(names, diagonal, lengths, strict=True) if d <= COLLINEAR * s]
