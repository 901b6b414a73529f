"""One effect as a row: estimate, error, interval, p-value and the smallest effect that could be detected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shuyi.spatialpanel.effects import COMPONENTS, p_value, reference_quantile
from shuyi.spatialpanel.montecarlo.detectable import detectable_from_error

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Reading:
    """How estimates are read.

    Parameters
    ----------
    level : float
        Confidence level of intervals.
    power : float
        Power at which an effect counts as detectable at ``1 - level``.
    """

    level: float
    power: float


def effect_row(estimate: float, std_error: float, n: int, reading: Reading) -> dict[str, Any]:
    """Return one effect with what is read from it by Student's t with n - 1 degrees of freedom.

    Parameters
    ----------
    estimate, std_error : float
        Of the effect; NaN where there is none.
    n : int
        Number of units, each a cluster.
    reading : Reading
        Level and power.

    Returns
    -------
    dict
        estimate, std_error, ci_low, ci_high, p_value, df, detectable.

    Examples
    --------
    >>> from shuyi.analyses.estimation.rows import Reading, effect_row
    >>> row = effect_row(0.5, 0.2, 31, Reading(0.95, 0.8))
    >>> round(row["p_value"], 3), round(row["ci_low"], 2), round(row["detectable"], 2)
    (0.018, 0.09, 0.58)
    """
    df = float(n - 1)
    reach = reference_quantile(reading.level, df)[0] * std_error
    known = std_error > 0
    return {
        "estimate": estimate,
        "std_error": std_error,
        "ci_low": estimate - reach,
        "ci_high": estimate + reach,
        "p_value": p_value(estimate / std_error, df) if known else float("nan"),
        "df": df,
        "detectable": detectable_from_error(std_error, n, power=reading.power, level=1 - reading.level)
        if known
        else float("nan"),
    }


def effect_rows(estimate: NDArray, std_error: NDArray, n: int, reading: Reading) -> list[dict[str, Any]]:
    """Return direct, indirect and total effect, one row each (see `effect_row`).

    Parameters
    ----------
    estimate, std_error : ndarray, shape (3,)
        Direct, indirect, total.
    n : int
        Number of units.
    reading : Reading
        Level and power.

    Returns
    -------
    list of dict
        With ``component`` before the rest.
    """
    return [
        {"component": component, **effect_row(float(value), float(error), n, reading)}
        for component, value, error in zip(COMPONENTS, estimate, std_error, strict=True)
    ]
