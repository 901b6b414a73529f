"""Joint tests of a specification curve (Simonsohn, Simmons and Nelson 2020).

Three statistics of all specifications together, each two-sided: the median estimate, the share of estimates
that are significant with the dominant sign, and Stouffer's combination of all p-values. Specifications share
data, so that their reference distribution is that of whole curves drawn under the null (`null.null_curve`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

STATISTICS = ("median", "share", "stouffer")
"""Absolute median estimate; share significant with the dominant sign; absolute Stouffer Z."""


@dataclass(frozen=True, slots=True, eq=False)
class JointTest:
    """Joint statistics of a curve and of curves under the null.

    Attributes
    ----------
    observed : ndarray, shape (3,)
        In the order of `STATISTICS`.
    null : ndarray, shape (D, 3)
        The same of every draw.
    p_value : ndarray, shape (3,)
        ``(1 + number of draws at least as large) / (1 + D)``.
    specifications : int
        Number of specifications with an estimate and draws.
    """

    observed: NDArray[np.float64]
    null: NDArray[np.float64]
    p_value: NDArray[np.float64]
    specifications: int


def joint_statistics(
    estimate: NDArray, std_error: NDArray, df: NDArray, *, level: float = 0.05
) -> NDArray[np.float64]:
    """Return the three joint statistics of one curve or of many.

    Parameters
    ----------
    estimate, std_error : ndarray, shape (S,) or (S, D)
        Of each specification; NaN where it has none.
    df : ndarray, shape (S,)
        Degrees of freedom of Student's t.
    level : float, default 0.05
        Below which a two-sided p-value counts as significant.

    Returns
    -------
    ndarray, shape (3,) or (D, 3)
        In the order of `STATISTICS`.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.many.joint import joint_statistics
    >>> joint_statistics(np.array([0.5, 0.1, -0.1]), np.array([0.1, 0.1, 0.1]), np.full(3, 30.0)).round(2)
    array([0.1 , 0.33, 2.44])
    """
    from scipy.special import ndtri, stdtr

    one = estimate.ndim == 1
    values, errors = (a[:, None] if one else a for a in (estimate, std_error))
    known = np.isfinite(values) & (errors > 0)
    ratio = np.where(known, values, 0.0) / np.where(known, errors, 1.0)
    below = stdtr(np.asarray(df, float)[:, None], ratio)
    z = np.where(known, np.clip(ndtri(below), -38.0, 38.0), 0.0)
    count = np.maximum(known.sum(axis=0), 1)
    positive = ((below > 1 - level / 2) & known).sum(axis=0)
    negative = ((below < level / 2) & known).sum(axis=0)
    median = np.abs(np.nanmedian(np.where(known, values, np.nan), axis=0))
    found = np.stack(
        [median, np.maximum(positive, negative) / count, np.abs(z.sum(axis=0)) / np.sqrt(count)], axis=1
    )
    return found[0] if one else found


def joint_test(
    estimate: NDArray,
    std_error: NDArray,
    null_estimate: NDArray,
    null_std_error: NDArray,
    df: NDArray,
    *,
    level: float = 0.05,
) -> JointTest:
    """Compare a curve with curves under the null.

    Parameters
    ----------
    estimate, std_error : ndarray, shape (S,)
        Of each specification.
    null_estimate, null_std_error : ndarray, shape (S, D)
        Of each specification in every draw, as `null_curve` gives them.
    df : ndarray, shape (S,)
        Degrees of freedom of Student's t.
    level : float, default 0.05
        Below which a two-sided p-value counts as significant.

    Returns
    -------
    JointTest

    Raises
    ------
    DataError
        If no specification has both an estimate and draws.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.many.joint import joint_test
    >>> rng = np.random.default_rng(1)
    >>> null = rng.normal(size=(20, 99))
    >>> test = joint_test(np.full(20, 3.0), np.ones(20), null, np.ones((20, 99)), np.full(20, 30.0))
    >>> test.p_value.round(2)
    array([0.01, 0.01, 0.01])
    """
    drawn = np.isfinite(null_estimate).any(axis=1)
    kept = np.isfinite(estimate) & (std_error > 0) & drawn
    if not kept.any():
        raise DataError("No specification of the curve has an estimate and draws under the null.")
    observed = joint_statistics(estimate[kept], std_error[kept], df[kept], level=level)
    null = joint_statistics(null_estimate[kept], null_std_error[kept], df[kept], level=level)
    reached = (null >= observed[None, :] - 1e-12).sum(axis=0)
    return JointTest(observed, null, (1.0 + reached) / (1.0 + len(null)), int(kept.sum()))
