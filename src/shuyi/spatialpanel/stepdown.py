"""Multiple tests whose statistics are resampled together.

Romano and Wolf (2005, 2016): hypotheses are ordered by their statistics; the p-value of the j-th is the share
of draws whose largest statistic among the j-th and all later hypotheses reaches it, and never below that of
an earlier one. Statistics of one draw must come from one resample of whole units, the same in all models, so
that their dependence is that of the estimates. The probability of any false rejection is then kept, and fewer
true effects are lost than under Holm (1979), which has to allow for any dependence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def step_down(statistics: NDArray, draws: NDArray) -> NDArray[np.float64]:
    """Return p-values of several two-sided tests, adjusted for their number by resampling.

    Parameters
    ----------
    statistics : ndarray, shape (m,)
        t ratios of the estimates; NaN for a hypothesis that is not tested.
    draws : ndarray, shape (D, m)
        t ratios of the resamples about the estimates, ``(estimate* - estimate) / std_error*``; a draw with a
        missing one among the tested hypotheses is left out.

    Returns
    -------
    ndarray, shape (m,)
        At least ``1 / (D + 1)``; NaN where nothing is tested.

    Raises
    ------
    DataError
        If shapes do not fit, or no draw has all statistics.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.stepdown import step_down
    >>> draws = np.random.default_rng(1).standard_normal((999, 2))
    >>> step_down(np.array([3.5, 0.1]), draws).round(2)
    array([0.  , 0.92])
    """
    statistics, draws = np.asarray(statistics, float), np.asarray(draws, float)
    tested = np.isfinite(statistics)
    if draws.ndim != 2 or draws.shape[1] != len(statistics):
        raise DataError(
            "Draws and statistics do not fit.",
            expected=f"draws of shape (D, {len(statistics)})",
            found=str(draws.shape),
        )
    found = np.full(len(statistics), np.nan)
    if not tested.any():
        return found
    kept = np.abs(draws[:, tested])
    kept = kept[np.isfinite(kept).all(axis=1)]
    if not len(kept):
        raise DataError("No draw has a statistic of every hypothesis.", found=f"{len(draws)} draws")
    own = np.abs(statistics[tested])
    order = np.argsort(-own, kind="stable")
    largest = np.maximum.accumulate(kept[:, order[::-1]], axis=1)[:, ::-1]
    reached = (largest >= own[order]).sum(axis=0)
    steps = np.maximum.accumulate((1 + reached) / (1 + len(kept)))
    adjusted = np.empty(len(own))
    adjusted[order] = steps
    found[tested] = adjusted
    return found
