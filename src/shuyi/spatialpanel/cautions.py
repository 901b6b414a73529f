"""Situations in which intervals are known to cover less than they say, told to the reader of a fit.

The rules rest on the simulation study (`shuyi.spatialpanel.montecarlo`), whose table is in docs/which_rho.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.panel import steps_between

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNCORRECTED = ("exact", "demean_then_lag")
CLUSTERED = ("cluster", "cluster_jackknife")
SIGNIFICANCE = 0.05
"""Level of the test of serial correlation whose rejection is told."""

FEW_PERIODS = 20
"""Periods below which Driscoll-Kraay errors are known to be too small: at 14, the study's most, they are."""

MIN_UNITS = 3


def coverage_warning(
    residuals: NDArray,
    *,
    effects: str,
    correction: str,
    covariance: str,
    spatial: tuple[str, ...],
    periods: Sequence[Any],
    dynamic: bool = False,
) -> tuple[str, ...]:
    """Return what a reader must know about the intervals of a fit.

    Three situations are told: dummies without correction beside time effects, which biases rho and lam;
    residuals that are serially correlated within units (Wooldridge's test at 5 %) while the covariance is
    not clustered by unit, or the model is dynamic, whose estimates are then inconsistent and no covariance
    helps; Driscoll-Kraay errors from few periods.

    Parameters
    ----------
    residuals : ndarray, shape (T, n)
        Innovations, transformed as the effects say.
    effects : {"pooled", "individual", "time", "twoways", "random", "correlated"}
        Effects of the model.
    correction : str
        How the effects were removed, as the fit names it.
    covariance : str
        Kind of covariance, a key of `covariance.COVARIANCES`.
    spatial : tuple of str
        Spatial parameters of the model.
    periods : sequence of int or Period, length T
        Periods of the residuals; differences across gaps are left out of the test.
    dynamic : bool
        Whether the model holds the outcome of the previous period.

    Returns
    -------
    tuple of str
        One sentence or two per situation; empty if there is none.
    """
    from shuyi.spatialpanel.diagnostics.serial import serial_correlation

    T, n = residuals.shape
    notes = []
    if spatial and effects in ("time", "twoways") and correction in UNCORRECTED:
        notes.append(
            f"The {correction} convention leaves the bias of time effects in {' and '.join(spatial)}: "
            "intervals cover less than their level, however many periods there are. correction='lee_yu' "
            "removes it."
        )
    if (dynamic or covariance not in CLUSTERED) and n >= MIN_UNITS and _is_testable(periods):
        p_value = serial_correlation(residuals, periods=periods).p_value
        if p_value < SIGNIFICANCE:
            notes.append(
                f"Residuals are serially correlated within units (Wooldridge's test, p = {p_value:.2g}): "
                f"{_consequence(covariance, dynamic)}"
            )
    if covariance == "driscoll_kraay" and T < FEW_PERIODS:
        notes.append(f"Driscoll-Kraay errors from {T} periods are too small; they need many periods.")
    return tuple(notes)


def _consequence(covariance: str, dynamic: bool) -> str:
    if dynamic:
        return (
            "the lagged outcome is then correlated with the errors and the estimates are inconsistent, "
            "whatever the covariance. Add lags of the outcome and the regressors, or use a static model with "
            "covariance='cluster_jackknife'."
        )
    return f"{covariance} errors are too small. covariance='cluster_jackknife' allows for it."


def _is_testable(periods: Sequence[Any]) -> bool:
    """Whether there are two pairs of adjacent differences, as Wooldridge's test needs."""
    follows = np.diff(steps_between(periods)) == 1
    return int((follows[:-1] & follows[1:]).sum()) >= 2
