"""Effects of a treatment by period, before and after it begins.

With one cohort of treated units, whose treatment begins together, the coefficients of an event study with
unit and period effects are those of a cross-section each: the change of the outcome since the period before
the treatment, regressed on treatment and exposure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import IdentificationError
from shuyi.spatialpanel.effects import p_value, reference_quantile
from shuyi.spatialpanel.treatment.assignments import identified, share_as_large
from shuyi.weights import Weights

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.spatialpanel.treatment.assignments import Assignments
    from shuyi.spatialpanel.treatment.paths import Treatment

TERMS = ("direct", "exposure")
COLUMNS = ["term", "time", "estimate", "std_error", "ci_low", "ci_high", "p_value", "permutation_p"]
LEVEL = 0.05
"""Of the test of trends before the treatment, for its power."""
POWER = 0.8


@dataclass(frozen=True, eq=False)
class EventStudy:
    """Effects by period relative to the last one before the treatment.

    Attributes
    ----------
    times : tuple of int, length T
        Periods since the treatment began; -1 is the base.
    estimate, std_error : ndarray, shape (T, k)
        Of treatment and, where weights were given, exposure; zero in the base period. Errors by the jackknife
        over units (HC3).
    permutation_p : ndarray, shape (T, k)
        Two-sided, over the assignments; NaN in the base period.
    before_p : ndarray, shape (k,)
        Of the hypothesis that all effects before the treatment are zero: the sum of their squares, each over
        its spread, among the assignments.
    trend : ndarray, shape (k,)
        The linear trend before the treatment, per period, that this test finds with `POWER`.
    bias : ndarray, shape (k,)
        What that trend, continued, would add to the average effect afterwards.
    df : int
        Degrees of freedom of Student's t, units less one.
    draws : int
        Number of assignments, what took place among them.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.treatment import Treatment, assignments, event_study
    >>> treatment = Treatment({"a": 3, "b": 3}, tuple("abcdefghij"), (1, 2, 3, 4))
    >>> outcome = np.random.default_rng(1).standard_normal((4, 10)) + 9 * treatment.paths
    >>> study = event_study(outcome, treatment, assignments(treatment))
    >>> study.times, bool(study.estimate[2, 0] > 5)
    ((-2, -1, 0, 1), True)
    """

    times: tuple[int, ...]
    estimate: NDArray[np.float64]
    std_error: NDArray[np.float64]
    permutation_p: NDArray[np.float64]
    before_p: NDArray[np.float64]
    trend: NDArray[np.float64]
    bias: NDArray[np.float64]
    df: int
    draws: int

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row per term and period.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level of the intervals by Student's t.

        Returns
        -------
        DataFrame
            Columns term, time, estimate, std_error, ci_low, ci_high, p_value, permutation_p.
        """
        import pandas as pd

        quantile = reference_quantile(level, self.df)[0]
        rows = []
        for j in range(self.estimate.shape[1]):
            for i, time in enumerate(self.times):
                b, s = float(self.estimate[i, j]), float(self.std_error[i, j])
                p = p_value(b / s, self.df) if s > 0 else np.nan
                bounds = (b - quantile * s, b + quantile * s)
                rows.append((TERMS[j], time, b, s, *bounds, p, float(self.permutation_p[i, j])))
        return pd.DataFrame(rows, columns=COLUMNS)


def event_study(
    outcome: NDArray[np.float64], treatment: Treatment, found: Assignments, *, weights: Any = None
) -> EventStudy:
    """Return the effects of a treatment by period.

    Parameters
    ----------
    outcome : ndarray, shape (T, n)
        In the order of the treatment's periods and units.
    treatment : Treatment
        Of one cohort.
    found : Assignments
        From `assignments`.
    weights : Weights, or what `Weights.coerce` takes, optional
        Of the exposure; without them the treatment stands alone.

    Returns
    -------
    EventStudy
        With the test of what was before and its power.

    Raises
    ------
    IdentificationError
        If the treated units begin at different times, or exposure cannot be told from treatment.
    """
    if len(treatment.cohorts) > 1:
        raise IdentificationError(
            "An event study by cross-sections needs units that are treated from the same period on.",
            expected="one cohort",
            found=", ".join(map(str, treatment.cohorts)),
            remedy="estimate each cohort by itself, or use an estimator for staggered treatments",
        )
    weights = None if weights is None else Weights.coerce(weights)
    start = treatment.periods.index(treatment.cohorts[0])
    changes = np.delete(outcome - outcome[start - 1], start - 1, axis=0)
    ever = treatment.paths[-1]
    values = _by_period(changes, ever[found.sources], weights)
    if not np.isfinite(values[0]).all():
        raise IdentificationError(
            "Treatment and exposure cannot be told apart.",
            expected="untreated units of which some have treated neighbours and some have none",
            found="an exposure that follows from treatment",
            remedy="estimate without spillovers, or use other weights",
        )
    values = values[np.isfinite(values).all(axis=(1, 2))]
    errors = _jackknife_errors(changes, _columns(ever[None], weights)[0])
    p = share_as_large(np.abs(values))
    before, after = slice(0, start - 1), slice(start - 1, None)
    times = np.arange(len(treatment.periods)) - start
    offsets = np.delete(times, start - 1) + 1
    joint, trend = _before(values[:, before], offsets[before])
    return EventStudy(
        tuple(int(time) for time in times),
        np.insert(values[0], start - 1, 0.0, axis=0),
        np.insert(errors, start - 1, 0.0, axis=0),
        np.insert(p, start - 1, np.nan, axis=0),
        joint,
        trend,
        trend * offsets[after].mean(),
        outcome.shape[1] - 1,
        len(values),
    )


def _columns(ever: NDArray, weights: Weights | None) -> NDArray[np.float64]:
    """Return constant, treatment and exposure, shape (P, n, k + 1)."""
    sides = [np.ones_like(ever), ever]
    return np.stack(sides if weights is None else [*sides, ever @ weights.to_dense().T], axis=-1)


def _by_period(changes: NDArray, ever: NDArray, weights: Weights | None) -> NDArray[np.float64]:
    """Return coefficients of every assignment, shape (P, T - 1, k); NaN where they are not identified."""
    x = _columns(ever, weights)
    gram = np.swapaxes(x, 1, 2) @ x
    known = identified(gram)
    found = np.full((len(x), len(changes), x.shape[2] - 1), np.nan)
    moments = np.swapaxes(x[known], 1, 2) @ changes.T
    found[known] = np.swapaxes(np.linalg.solve(gram[known], moments), 1, 2)[:, :, 1:]
    return found


def _jackknife_errors(changes: NDArray, x: NDArray) -> NDArray[np.float64]:
    """Return HC3 errors by period, shape (T - 1, k)."""
    inverse = np.linalg.pinv(x)
    leverage = np.einsum("ik,ki->i", x, inverse)
    residuals = changes - changes @ inverse.T @ x.T
    scaled = residuals / np.maximum(1 - leverage, 1e-12)
    return np.sqrt(np.einsum("ki,ti->tk", inverse**2, scaled**2))[:, 1:]


def _before(values: NDArray, offsets: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the p-value of no effect before the treatment, and the trend that the test finds."""
    spread = values.std(axis=0)
    statistic = ((values / spread) ** 2).sum(axis=1)
    p = share_as_large(statistic)
    critical = np.quantile(statistic, 1 - LEVEL, axis=0)
    trend = np.array(
        [_found_trend(values[:, :, j], offsets, spread[:, j], critical[j]) for j in range(values.shape[2])]
    )
    return p, trend


def _found_trend(null: NDArray, offsets: NDArray, spread: NDArray, critical: float) -> float:
    """Return the trend per period at which the test rejects in `POWER` of the null draws, by bisection."""

    def power(slope: float) -> float:
        return float(((((null + slope * offsets) / spread) ** 2).sum(axis=1) > critical).mean())

    low, high = 0.0, float(np.abs(spread / offsets).max())
    while power(high) < POWER:
        low, high = high, 2 * high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if power(middle) < POWER else (low, middle)
    return high
