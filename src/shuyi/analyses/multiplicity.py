"""p-values of several tests that are read together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import DataError, check_known, offenders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.publish.labels import Labels

    Array = NDArray[np.float64]


RULES = ("none", "holm", "benjamini_hochberg")


def adjusted(p_values: Sequence[float] | Array, rule: str) -> Array:
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


LEVEL = 0.05


def multiplicity_note(p_values: Sequence[float] | Array, labels: Labels) -> str:
    """Return how many of the tests of a table or figure reject, unadjusted and adjusted for their number.

    Parameters
    ----------
    p_values : sequence of float
        Unadjusted; NaN is no test.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        One sentence; empty for fewer than two tests.
    """
    p = np.asarray(p_values, dtype=np.float64)
    p = p[np.isfinite(p)]
    if len(p) < 2:
        return ""
    rejected = {rule: int((adjusted(p, rule) < LEVEL).sum()) for rule in RULES}
    return labels.text("note.multiplicity", count=len(p), level=f"{100 * LEVEL:g}", **rejected)


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
