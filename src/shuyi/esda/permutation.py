"""Seeded permutations and the p-values that count them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from shuyi.esda.results import Alternative

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Kernel = Callable[[Array], Array]


BAND_LEVEL = 0.95
"""Level of the band of permuted values."""
TIE_TOLERANCE = 1e-12
"""Permuted statistics within this share of the observed one's size (at least 1) count as ties."""
BLOCK_CELLS = 2**21
"""Permutations are drawn in blocks of about this many numbers (16 MB)."""


def permutation_p(value: Array, sample: Array, alternative: Alternative) -> Array:
    """Return permutation p-values, as the package defines them.

    Parameters
    ----------
    value : ndarray, any shape
        Observed statistics.
    sample : ndarray, shape (R, ...)
        Permuted statistics.
    alternative : {"two-sided", "greater", "less"}
        Large, small, or either kind of statistics count as far out.

    Returns
    -------
    ndarray, shape of `value`
        In [1 / (R + 1), 1].

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.esda.permutation import permutation_p
    >>> float(permutation_p(np.array(2.0), np.array([0.0, 1.0, 2.0, 3.0]), "greater"))
    0.6
    """
    slack = TIE_TOLERANCE * np.maximum(1.0, np.abs(value))
    greater = (sample >= value - slack).sum(axis=0)
    less = (sample <= value + slack).sum(axis=0)
    scale = len(sample) + 1.0
    if alternative == "greater":
        return (greater + 1) / scale
    if alternative == "less":
        return (less + 1) / scale
    return np.minimum(1.0, 2.0 * (np.minimum(greater, less) + 1) / scale)


def permutation_band(sample: Array, level: float = BAND_LEVEL) -> tuple[float, float]:
    """Return the order statistics between which a two-sided permutation test does not reject.

    With R permutations and k the integer part of ``(R + 1) (1 - level) / 2``, the k-th smallest and the k-th
    largest value: beyond them the p-value of `permutation_p` is at most ``1 - level``.

    Parameters
    ----------
    sample : ndarray, shape (R,)
        Permuted values.
    level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    (float, float)
        NaN where there are too few permutations to reject at all.
    """
    k = int((len(sample) + 1) * (1.0 - level) / 2.0 + TIE_TOLERANCE)
    if k < 1:
        return float("nan"), float("nan")
    ordered = np.sort(sample)
    return float(ordered[k - 1]), float(ordered[-k])


def blocks(n: int, permutations: int, seed: int) -> Iterator[NDArray[np.intp]]:
    """Yield permutations of 0..n-1 in blocks of shape (at most BLOCK_CELLS / n, n).

    Parameters
    ----------
    n : int
        Number of things to permute.
    permutations : int
        Number of permutations in all.
    seed : int
        Seed of the generator; the permutations do not depend on the size of the blocks.

    Yields
    ------
    ndarray of int, shape (rows, n)
        One permutation of 0..n-1 per row.
    """
    rng = np.random.default_rng(seed)
    size = max(1, BLOCK_CELLS // n)
    for start in range(0, permutations, size):
        rows = min(size, permutations - start)
        yield rng.permuted(np.broadcast_to(np.arange(n), (rows, n)), axis=1)


def simulate(
    kernels: Sequence[Kernel], values: Sequence[Array], units: Sequence[str], permutations: int, seed: int
) -> Array:
    """Return permuted statistics, shape (number of kernels, permutations).

    Parameters
    ----------
    kernels : sequence of callables
        Each takes permuted values, shape (R, n), and returns R statistics.
    values : sequence of ndarray, shape (n,)
        What each kernel's statistic is permuted over.
    units : sequence of str, length n
        Labels, whose order the draws refer to.
    permutations : int
        Number of permutations R; all kernels meet the same ones.
    seed : int
        Seed of the permutations.

    Returns
    -------
    ndarray, shape (number of kernels, R)
        Row by row the statistics of one kernel.
    """
    order, rank = label_order(units)
    simulated = np.empty((len(kernels), permutations))
    start = 0
    for block in blocks(len(units), permutations, seed):
        draw = order[block][:, rank]
        for sample, kernel, y in zip(simulated, kernels, values, strict=True):
            sample[start : start + len(draw)] = kernel(y[draw])
        start += len(draw)
    return simulated


def label_order(units: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the positions of the units in the order of their labels, and each unit's place in that order.

    Parameters
    ----------
    units : sequence of str
        Labels, in any order.

    Returns
    -------
    (ndarray of int, ndarray of int), each of shape (n,)
        Positions that sort the labels, and the rank of each unit's label.

    Examples
    --------
    >>> from shuyi.esda.permutation import label_order
    >>> label_order(["c", "a", "b"])
    (array([1, 2, 0]), array([2, 0, 1]))
    """
    order = np.array(sorted(range(len(units)), key=lambda i: units[i]), dtype=np.intp)
    return order, np.argsort(order)
