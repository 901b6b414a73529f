"""Chained indices: real values at the prices of a base year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuyi.data.series import REBASED_AT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.data.series import Series


def chain(index: Series, base_year: int, first_year: int, last_year: int) -> NDArray[np.float64]:
    r"""Chain an index of the kind "previous year = 100" to a base year.

    With :math:`I_s` the index of year s, the level of year t is

    .. math:: L_t = \prod_{s=b+1}^{t} I_s / 100 \quad (t \ge b), \qquad
              L_t = \Big(\prod_{s=t+1}^{b} I_s / 100\Big)^{-1} \quad (t < b),

    so that :math:`L_b = 1` (Laspeyres chain as the national accounts use it).

    Parameters
    ----------
    index : Series
        Must cover the years after the earlier of base and first year, up to the later of base and last year.
    base_year : int
        Year of level one.
    first_year, last_year : int
        Years of the result, both included.

    Returns
    -------
    ndarray, shape (T, n)
        Levels of the years from the first to the last; the base year has level one.

    Raises
    ------
    DataError
        If the index does not cover a year of the chain.
    """
    start, end = min(base_year, first_year), max(base_year, last_year)
    levels = np.ones((end - start + 1, index.values.shape[1]))
    if end > start:
        levels[1:] = np.cumprod(index.window(start + 1, end) / REBASED_AT, axis=0)
    levels /= levels[base_year - start]
    return levels[first_year - start : last_year - start + 1]
