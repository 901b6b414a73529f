"""p-values of several tests that are read together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import DataError, check_known, offenders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


RULES = ("none", "holm", "benjamini_hochberg")


def adjusted(p_values: Sequence[float], rule: str) -> Array:
    """Return p-values adjusted for their number; NaN stays NaN and does not count as a test.

    Parameters
    ----------
    p_values : sequence of float, length m
        Unadjusted p-values.
    rule : {"none", "holm", "benjamini_hochberg"}
        Holm (1979) bounds the probability of any false rejection, whatever the dependence of the tests;
        Benjamini and Hochberg (1995) bound the expected share of false rejections among the rejections.

    Returns
    -------
    ndarray, shape (m,)
        In the order given.

    Raises
    ------
    ConfigError
        If the rule is unknown.
    DataError
        If a p-value lies outside [0, 1].
    """
    check_known(rule, RULES, "rule of multiplicity")
    p = np.asarray(p_values, dtype=np.float64)
    known = np.isfinite(p)
    outside = p[known][(p[known] < 0.0) | (p[known] > 1.0)]
    if len(outside):
        raise DataError("A p-value lies outside its range.", expected="0 <= p <= 1", found=offenders(outside))
    if rule == "none":
        return p.copy()
    found = np.full_like(p, np.nan)
    found[known] = _holm(p[known]) if rule == "holm" else _benjamini_hochberg(p[known])
    return found


def _holm(p: Array) -> Array:
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    return _in_place(np.minimum(steps, 1.0), order)


def _benjamini_hochberg(p: Array) -> Array:
    order = np.argsort(p, kind="stable")
    steps = len(p) / np.arange(1, len(p) + 1) * p[order]
    return _in_place(np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0), order)


def _in_place(values: Array, order: NDArray[np.intp]) -> Array:
    found = np.empty_like(values)
    found[order] = values
    return found
