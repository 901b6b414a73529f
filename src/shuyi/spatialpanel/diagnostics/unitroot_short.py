"""Unit roots in panels of few periods: a test for fixed T, and what it cannot tell.

With the individual (and period) means removed, Harris and Tzavalis (1999) regress ``y_it`` on ``y_i,t-1`` and
compare the slope with its mean under unit roots, ``1 - 3/(T + 1)`` for T + 1 periods of y:

    z = sqrt(n) (slope - 1 + 3/(T + 1)) / sqrt(3 (17 T^2 - 20 T + 17) / (5 (T - 1) (T + 1)^3)),

standard normal for n large and T as it is; small values reject. Their theorem takes independent normal
innovations of equal variance: serial correlation of the innovations moves the slope, and period means are
removed only against dependence that is the same for all units. `cips` allows other dependence, at a cost in
power.

A test that does not reject says little at T = 9: `unit_root_results` states beside each test how often it
would reject at 5 % if the series were stationary with coefficients .5, .8 and .9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import ConfigError, DataError, IdentificationError, check_known
from shuyi.spatialpanel.diagnostics.result import TestResult, check_draws, standard_normal
from shuyi.spatialpanel.diagnostics.unitroot import cadf_ratios, simulate_cips
from shuyi.spatialpanel.montecarlo.simulate import autoregressive
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    from numpy.typing import NDArray

HARRIS_TZAVALIS = "Harris and Tzavalis (1999, theorem 2)"
STRUCTURES = ("individual", "twoways")
ALTERNATIVES = (0.5, 0.8, 0.9)
"""Coefficients of stationary series under which power is simulated."""

LEVEL = 0.05
MIN_PERIODS = 4


@dataclass(frozen=True, slots=True)
class UnitRootResult:
    """Two tests of a unit root in one series, and what they can tell.

    Attributes
    ----------
    variable : str
        Variable.
    n, T : int
        Units and periods.
    slope : float
        Of y on its lag, means removed; pulled down from the autoregressive coefficient.
    slope_unit_root : float
        Its mean under unit roots.
    harris_tzavalis, harris_tzavalis_p : float
        z and its one-sided p-value, simulated for this n and T.
    cips, cips_p : float
        Pesaran's CIPS with intercepts and its simulated p-value; NaN below eight periods.
    power_harris_tzavalis, power_cips : tuple of float, length 3
        Share of simulated series with coefficients `ALTERNATIVES` in which the test rejects at 5 %.
    verdict : {"stationary", "unit_root_not_rejected", "tests_disagree"}
        At 5 %. Key of a sentence: not rejecting is no evidence of a unit root where power is small.
    draws, seed : int
        Number of draws, and start of the random numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.diagnostics import unit_root_results
    >>> white = np.random.default_rng(1).standard_normal((9, 31))
    >>> unit_root_results({"white": white}, draws=99, seed=1)[0].harris_tzavalis_p
    0.01
    """

    variable: str
    n: int
    T: int
    slope: float
    slope_unit_root: float
    harris_tzavalis: float
    harris_tzavalis_p: float
    cips: float
    cips_p: float
    power_harris_tzavalis: tuple[float, ...]
    power_cips: tuple[float, ...]
    verdict: str
    draws: int
    seed: int


def harris_tzavalis(values: NDArray[np.float64], *, effects: str = "twoways") -> TestResult:
    """Return the test of Harris and Tzavalis (1999) of unit roots in all units, with individual intercepts.

    Parameters
    ----------
    values : ndarray, shape (T, n)
        A series, not residuals of a regression on it.
    effects : {"individual", "twoways"}
        Means removed beforehand; period means count as known.

    Returns
    -------
    TestResult
        Standard normal, one-sided; the note states the slope and its mean under unit roots.

    Raises
    ------
    ConfigError
        If the effects are unknown.
    DataError
        If values are missing, or there are fewer than 4 periods or 3 units.
    IdentificationError
        If the series does not vary within units.

    Examples
    --------
    >>> import numpy as np
    >>> white = np.random.default_rng(1).standard_normal((9, 31))
    >>> harris_tzavalis(white).p_value < 0.001
    True
    """
    _refuse(values, effects)
    slopes, mean, statistics = _harris_tzavalis(np.asarray(values, float)[None], effects)
    slope, z = float(slopes[0]), float(statistics[0])
    if not np.isfinite(slope):
        raise IdentificationError(
            "A unit root cannot be tested.", expected="a series that varies within units", found="none"
        )
    mirrored = standard_normal("harris_tzavalis", "unit_root", -z, one_sided=True)
    return mirrored.about(
        statistic=z,
        note=f"slope {slope:.3f}, under unit roots {mean:.3f}",
        reference=HARRIS_TZAVALIS,
        group="unit_root",
        spec=effects,
    )


def unit_root_results(
    series: Mapping[str, NDArray[np.float64]], *, effects: str = "twoways", draws: int = 999, seed: int
) -> tuple[UnitRootResult, ...]:
    """Return unit-root tests of several series of the same panel, with simulated p-values and power.

    Parameters
    ----------
    series : mapping of str to ndarray, shape (T, n)
        E.g. outcome, index and residuals by name. Of residuals the p-values neglect that slopes were
        estimated (see `autocorrelation.residual_autocorrelation` for those).
    effects : {"individual", "twoways"}
        Means that the test of Harris and Tzavalis removes.
    draws, seed : int
        Random walks, and stationary series, that are drawn.

    Returns
    -------
    tuple of UnitRootResult

    Raises
    ------
    ConfigError
        If there is no series, no draw, or the effects are unknown.
    DataError, IdentificationError
        See `harris_tzavalis`.

    Examples
    --------
    >>> import numpy as np
    >>> walks = np.random.default_rng(1).standard_normal((9, 31)).cumsum(axis=0)
    >>> unit_root_results({"walk": walks}, draws=99, seed=1)[0].verdict
    'unit_root_not_rejected'
    """
    check_draws(draws, seed)
    if not series:
        raise ConfigError("Unit-root results need series.", expected="one or more", found="none")
    shapes = {np.shape(values) for values in series.values()}
    if len(shapes) > 1:
        raise DataError("The series are not of one panel.", found=f"shapes {sorted(shapes)}")
    for values in series.values():
        _refuse(values, effects)
    T, n = next(iter(shapes))
    reference = _Reference.simulated(T, n, effects, draws, seed)
    return tuple(reference.result(name, np.asarray(values, float)) for name, values in series.items())


@dataclass(frozen=True, slots=True, eq=False)
class _Reference:
    """Simulated null distributions and power for one n and T."""

    effects: str
    walks_ht: NDArray[np.float64]
    walks_cips: NDArray[np.float64]
    power_ht: tuple[float, ...]
    power_cips: tuple[float, ...]
    draws: int
    seed: int

    @classmethod
    def simulated(cls, T: int, n: int, effects: str, draws: int, seed: int) -> _Reference:
        rng = np.random.default_rng(seed)
        walks = rng.standard_normal((draws, T, n)).cumsum(axis=1)
        null_ht = _harris_tzavalis(walks, effects)[2]
        has_cips = _has_cips(T)
        null_cips = simulate_cips(n, T, "drift", 0, False, draws, seed) if has_cips else np.full(1, np.nan)
        ht, cips = [], []
        for a in ALTERNATIVES:
            drawn = autoregressive(rng.standard_normal((draws, T, n)), a)
            ht.append(_share(_harris_tzavalis(drawn, effects)[2], null_ht))
            cips.append(_share(_cips(drawn), null_cips) if has_cips else float("nan"))
        return cls(effects, null_ht, null_cips, tuple(ht), tuple(cips), draws, seed)

    def result(self, name: str, values: NDArray[np.float64]) -> UnitRootResult:
        T, n = values.shape
        slope, mean, z = _harris_tzavalis(values[None], self.effects)
        p = _p_value(float(z[0]), self.walks_ht)
        cips = float(_cips(values[None])[0]) if _has_cips(T) else float("nan")
        p_cips = _p_value(cips, self.walks_cips)
        return UnitRootResult(
            name,
            n,
            T,
            float(slope[0]),
            mean,
            float(z[0]),
            p,
            cips,
            p_cips,
            self.power_ht,
            self.power_cips,
            _verdict(p, p_cips),
            self.draws,
            self.seed,
        )


def _harris_tzavalis(values: NDArray, effects: str) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
    """Return slopes, their mean under unit roots, and z of R panels of shape (R, T, n)."""
    T, n = values.shape[1] - 1, values.shape[2]
    if effects == "twoways":
        values = values - values.mean(axis=2, keepdims=True)
        n -= 1
    before, after = (np.moveaxis(v, 0, -1) for v in (values[:, :-1], values[:, 1:]))
    before, after = within(before, "individual"), within(after, "individual")
    square = (before * before).sum(axis=(0, 1))
    slope = np.divide(
        (before * after).sum(axis=(0, 1)), square, out=np.full(len(square), np.nan), where=square > 0
    )
    mean = 1 - 3 / (T + 1)
    variance = 3 * (17 * T**2 - 20 * T + 17) / (5 * (T - 1) * (T + 1) ** 3)
    return slope, mean, np.sqrt(n / variance) * (slope - mean)


def _cips(values: NDArray) -> NDArray[np.float64]:
    found: NDArray[np.float64] = cadf_ratios(values, "drift", 0).mean(axis=1)
    return found


def _has_cips(T: int) -> bool:
    """Whether the regressions of CIPS with an intercept have degrees of freedom enough for a variance."""
    return T >= 8


def _p_value(statistic: float, null: NDArray) -> float:
    if np.isnan(statistic):
        return float("nan")
    return float((1 + (null <= statistic).sum()) / (1 + len(null)))


def _share(statistics: NDArray, null: NDArray) -> float:
    return float((statistics <= np.quantile(null, LEVEL)).mean())


def _verdict(p: float, p_cips: float) -> str:
    rejected = [value <= LEVEL for value in (p, p_cips) if not np.isnan(value)]
    if all(rejected):
        return "stationary"
    return "tests_disagree" if any(rejected) else "unit_root_not_rejected"


def _refuse(values: NDArray, effects: str) -> None:
    check_known(effects, STRUCTURES, "effects structure of a unit-root test")
    shape = np.shape(values)
    if len(shape) != 2 or shape[0] < MIN_PERIODS or shape[1] < 3 or not np.isfinite(values).all():
        raise DataError(
            "A unit root cannot be tested in this series.",
            expected="finite values of shape (T, n), at least 4 periods and 3 units",
            found=f"shape {shape}",
        )
