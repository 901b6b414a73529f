"""What libraries need to know of weights: pairs of neighbours, row sums of one, libpysal's ``W``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import WeightsError, offenders
from shuyi.weights import Weights
from shuyi.weights.container import how_to_standardise

if TYPE_CHECKING:
    from numpy.typing import NDArray


def symmetric_pattern(weights: Weights) -> NDArray[np.bool_]:
    """Return which pairs are neighbours, shape (n, n).

    Parameters
    ----------
    weights : Weights
        Weights of any kind and normalisation.

    Returns
    -------
    ndarray of bool, shape (n, n)
        Symmetric, with a false diagonal.

    Raises
    ------
    WeightsError
        If one unit is the neighbour of another but not the reverse, or all or no pairs are neighbours.

    Examples
    --------
    >>> from shuyi.weights import build_contiguity
    >>> from shuyi.weights.neighbours import symmetric_pattern
    >>> symmetric_pattern(build_contiguity(["a", "b", "c"], [("a", "b"), ("b", "c")])).sum(axis=1)
    array([1, 2, 1])
    """
    pattern = weights.to_dense() != 0
    one_sided = np.argwhere(pattern & ~pattern.T)
    if len(one_sided):
        pairs = [f"{weights.labels[i]} -> {weights.labels[j]}" for i, j in one_sided]
        raise WeightsError(
            "Pairs of neighbours need weights with a symmetric pattern.",
            expected="two units that are each other's neighbours, or neither's",
            found=f"one-sided: {offenders(pairs)}",
            remedy="use contiguity, or the union of nearest neighbours",
        )
    joined = int(pattern.sum())
    if joined in (0, weights.n * (weights.n - 1)):
        raise WeightsError(
            "Neighbours and other pairs cannot be compared.",
            expected="some pairs that are neighbours and some that are not",
            found=f"{joined} of {weights.n * (weights.n - 1)} ordered pairs are neighbours",
        )
    return pattern


def binary_w(pattern: NDArray[np.bool_]) -> Any:
    """Return a libpysal ``W`` of a pattern, its units named 0, ..., n - 1.

    Parameters
    ----------
    pattern : ndarray of bool, shape (n, n)
        True where the column's unit is a neighbour of the row's.

    Returns
    -------
    libpysal.weights.W
        With weights of one.
    """
    from libpysal.weights import W

    neighbours = {i: np.flatnonzero(row).tolist() for i, row in enumerate(pattern)}
    return W(neighbours, id_order=list(range(len(pattern))), silence_warnings=True)


def averaging_w(weights: Weights) -> Any:
    """Return a libpysal ``W`` whose lag is a mean of neighbours.

    Parameters
    ----------
    weights : Weights
        Row-standardised weights without islands.

    Returns
    -------
    libpysal.weights.W
        With the same labels and values.

    Raises
    ------
    WeightsError
        If a row does not sum to one: the lag is then not comparable with the value itself.
    """
    if not weights.is_row_standardised:
        wrong = [
            f"{label} ({total:g})"
            for label, total in zip(weights.labels, weights.row_sums, strict=True)
            if abs(total - 1) > 1e-10
        ]
        raise WeightsError(
            "The mean of neighbours needs rows of weights that sum to one.",
            expected="row-standardised weights without islands",
            found=f"row sums: {offenders(wrong)}",
            remedy=how_to_standardise([weights]),
        )
    return weights.to_graph().to_W()


def label_order(units: tuple[str, ...]) -> NDArray[np.intp]:
    """Return the positions of the units in the order of their labels.

    Permutations are drawn in this order, so that p-values do not depend on the order of a panel.

    Parameters
    ----------
    units : tuple of str, length n
        Labels, in the order of a panel.

    Returns
    -------
    ndarray of int, shape (n,)
        Positions that sort the labels.

    Examples
    --------
    >>> from shuyi.weights.neighbours import label_order
    >>> label_order(("c", "a", "b"))
    array([1, 2, 0])
    """
    return np.array(sorted(range(len(units)), key=lambda i: units[i]), dtype=np.intp)
