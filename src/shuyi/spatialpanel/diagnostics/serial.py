"""Serial correlation that a model leaves in its residuals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import DataError, IdentificationError
from shuyi.panel import steps_between
from shuyi.spatialpanel.diagnostics.residuals import residuals_and_effects
from shuyi.spatialpanel.diagnostics.result import TestResult, f_distributed

if TYPE_CHECKING:
    from numpy.typing import NDArray


WOOLDRIDGE = "Wooldridge (2010, section 10.6.3); Drukker (2003)"
MIN_PERIODS = 4
"""Fewest periods that leave each unit two pairs of adjacent differences."""


def serial_correlation(
    residuals: Any, *, periods: Sequence[Any] | None = None, effects: str = ""
) -> TestResult:
    """Return Wooldridge's test of serially uncorrelated innovations.

    Differences of uncorrelated innovations have first-order autocorrelation -1/2, whatever individual effects
    were removed. The test regresses ``e_it - e_i,t-1`` on its own lag and compares the slope with -1/2 by a
    standard error clustered by unit, so that variances may differ between units and over time. Under an AR(1)
    with coefficient a the slope tends to ``-(1 - a)/2``.

    Parameters
    ----------
    residuals : ndarray, shape (T, n), or a fit
        Innovations of a model, of which unit means or period means may have been removed.
    periods : sequence of int or Period, length T, optional
        Increasing; differences across a missing period are left out. Consecutive by default.
    effects : {"", "pooled", "individual", "time", "twoways", "random", "correlated"}, default ""
        Effects that the model removed, as a label of the result.

    Returns
    -------
    TestResult
        F with 1 and n - 1 degrees of freedom; the note states the slope.

    Raises
    ------
    DataError
        If residuals are missing, or the panel has fewer than 4 periods or 3 units, or fewer than two pairs of
        adjacent differences.
    IdentificationError
        If the residuals do not vary over time.
    """
    periods = getattr(residuals, "periods", None) if periods is None else periods
    residuals, effects = residuals_and_effects(residuals, effects)
    T, n = residuals.shape
    if T < MIN_PERIODS or n < 3 or not np.isfinite(residuals).all():
        raise DataError(
            "Serial correlation cannot be tested on these residuals.",
            expected=f"at least {MIN_PERIODS} periods and 3 units without missing values",
            found=f"{T} periods, {n} units, {int((~np.isfinite(residuals)).sum())} missing",
        )
    change, pairs = np.diff(residuals, axis=0), adjacent_differences(periods, T)
    before, after = change[:-1][pairs], change[1:][pairs]
    square = float((before**2).sum())
    if square <= 0.0:
        raise IdentificationError(
            "Serial correlation cannot be tested: the residuals do not vary over time.", found="all equal"
        )
    slope = float((before * after).sum()) / square
    scores = (before * (after - slope * before)).sum(axis=0)
    error = float(np.sqrt(n / (n - 1) * (scores @ scores))) / square
    found = f_distributed(
        "serial_correlation",
        "no_serial_correlation",
        float(((slope + 0.5) / error) ** 2),
        1,
        n - 1,
        reference=WOOLDRIDGE,
    )
    note = f"slope of differences on their lag {slope:.4f}, without serial correlation -0.5"
    return found.about(note=note, group="residuals", spec=effects)


def adjacent_differences(periods: Sequence[Any] | None, T: int) -> NDArray[np.bool_]:
    """Return which differences are those of three consecutive periods with the next one, shape (T - 2,).

    Parameters
    ----------
    periods : sequence of int or Period, or None
        Increasing, length T; None for consecutive ones.
    T : int
        Number of periods.

    Returns
    -------
    ndarray of bool
        At least two are true.

    Raises
    ------
    DataError
        If gaps leave fewer than two such pairs.
    """
    steps = np.arange(T) if periods is None else steps_between(periods)
    follows = np.diff(steps) == 1
    pairs = follows[:-1] & follows[1:]
    if pairs.sum() < MIN_PERIODS - 2:
        raise DataError(
            "Serial correlation cannot be tested across gaps in time.",
            expected=f"{MIN_PERIODS - 2} runs of three consecutive periods or more",
            found=f"{int(pairs.sum())} in {T} periods",
        )
    return pairs
