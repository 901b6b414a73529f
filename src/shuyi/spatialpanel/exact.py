"""An equation without an error: its likelihood has no maximum, and its standard errors are rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import IdentificationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_RESIDUAL = 1e-10
"""Size of residuals relative to the outcome without effects that is nothing but rounding."""

NO_DIGITS = 1e-14
"""Size of residuals relative to the outcome as it is that double precision cannot hold."""


def check_not_exact(residuals: NDArray, transformed: NDArray, outcome: NDArray) -> None:
    """Raise IdentificationError where an equation explains its outcome without a residual.

    Parameters
    ----------
    residuals : ndarray
        Innovations at the estimate.
    transformed : ndarray
        The outcome without effects.
    outcome : ndarray
        The outcome as it is.

    Raises
    ------
    IdentificationError
        If the residuals are rounding.
    """
    size, within, raw = (float(np.sqrt(np.mean(np.square(a)))) for a in (residuals, transformed, outcome))
    if size <= max(NO_RESIDUAL * within, NO_DIGITS * raw):
        raise IdentificationError(
            "The regressors explain the outcome exactly: no variance is left to estimate.",
            expected="residuals that are more than rounding",
            found=f"residuals of size {size:.2g} for an outcome that varies by {within:.2g}",
            remedy="leave out regressors from which the outcome was computed",
        )
