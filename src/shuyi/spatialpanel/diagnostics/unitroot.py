"""Panel unit roots under cross-section dependence: CADF and CIPS (Pesaran 2007).

For every unit the Dickey-Fuller regression is augmented with cross-section means,

    dy_it = a_i + d_i t + b_i y_i,t-1 + c_i ybar_t-1 + f_i0 dybar_t
            + sum_{j=1..p} (g_ij dy_i,t-j + f_ij dybar_t-j) + e_it,

and CIPS is the mean over units of the t-ratios of b_i (Pesaran 2007). The truncated statistic
replaces a t-ratio outside (-K1, K2) by the nearer bound. Critical values are those of Table II of the paper,
by the number n of units and the number T of periods. The table's T counts the periods of the series:
simulation gives its entries with T - 1 rows in each regression, so that a series with p lags is looked up at
T - p.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from shuyi.arguments import check_draws, check_seed, whole_number
from shuyi.errors import DataError, IdentificationError, check_known, offenders
from shuyi.panel import Panel, check_evenly_spaced
from shuyi.spatialpanel.diagnostics.result import TestResult

if TYPE_CHECKING:
    from numpy.typing import NDArray


CASES = ("none", "drift", "trend")
"""No deterministic term, an intercept, an intercept and a trend: cases I, II and III."""

BOUNDS = {"none": (-6.12, 4.16), "drift": (-6.19, 2.61), "trend": (-6.42, 1.70)}
"""``(-K1, K2)`` of the truncated statistic, Pesaran (2007, eq. 34 and p. 277)."""

LEVELS = (0.01, 0.05, 0.10)
SOURCE = "Pesaran (2007, Table II)"
SINGULAR = 1e-10
"""Share of a column's length that must be new to the columns before it."""

BATCH = 4_000_000
"""Largest number of array elements that one batch of simulated regressions holds."""


@dataclass(frozen=True, eq=False)
class CipsTest:
    """CIPS of one variable.

    Attributes
    ----------
    variable : str
        Name of the variable.
    case : {"none", "drift", "trend"}
        Deterministic terms: none, an intercept, or an intercept and a trend.
    lags : int
        Augmentation p, the same for all units.
    truncated : bool
        Whether t-ratios are truncated (Pesaran 2007), which short panels need.
    statistic : float
        Mean of the t-ratios.
    t_ratios : ndarray, shape (n,)
        CADF t-ratios by unit, truncated where asked.
    units : tuple of str, length n
        Labels of the t-ratios.
    periods : int
        Periods of the series less the lags, under which the table is read.
    critical_values : mapping of float to float, or None
        By level, from Table II by bilinear interpolation in n and T; None outside the table.
    p_low, p_high : float
        Bounds of the p-value that the critical values give.
    p_simulated : float
        NaN where nothing was simulated.
    simulations, seed : int
        Number of simulated panels, zero for none, and their seed.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics import cips
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> cips(panel, "y").to_result().distribution
    'tabulated'
    """

    variable: str
    case: str
    lags: int
    truncated: bool
    statistic: float
    t_ratios: NDArray[np.float64]
    units: tuple[str, ...]
    periods: int
    critical_values: dict[float, float] | None
    p_low: float
    p_high: float
    p_simulated: float
    simulations: int
    seed: int

    def to_result(self) -> TestResult:
        """Return the test as a `TestResult`.

        The p-value is the simulated one, else the upper bound that the critical values give; the note states
        the bounds. Without simulation and outside the table it is NaN.

        Returns
        -------
        TestResult
            Of the group ``"unit_root"``.
        """
        simulated = self.simulations > 0
        inside = self.critical_values is not None
        p = self.p_simulated if simulated else (self.p_high if inside else float("nan"))
        note = f"{self.case}, {self.lags} lags" + (", truncated" if self.truncated else "")
        note += f"; {self.p_low:g} < p <= {self.p_high:g}" if inside else "; outside the table"
        return TestResult(
            test="cips",
            hypothesis="unit_root",
            statistic=self.statistic,
            df=float("nan"),
            p_value=p,
            distribution="simulated" if simulated else "tabulated",
            note=f"{self.variable}: {note}",
            reference=SOURCE,
            group="unit_root",
        )


def cips(
    panel: Panel,
    variable: str,
    *,
    case: str = "drift",
    lags: int = 0,
    truncated: bool = False,
    simulations: int = 0,
    seed: int = 1,
) -> CipsTest:
    """Return Pesaran's CIPS test of a unit root in all units, against stationarity in some.

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variable.
    variable : str
        Name of the variable, complete.
    case : {"none", "drift", "trend"}, default "drift"
        Deterministic terms of the regressions: none, an intercept, or an intercept and a trend.
    lags : int, default 0
        Augmentation p: lagged differences of the series and of its mean over units, the same for all units.
    truncated : bool, default False
        Whether extreme t-ratios are truncated, as short panels need (Pesaran 2007).
    simulations : int, default 0
        Panels of independent Gaussian random walks of this n and T that are drawn for a p-value; needed where
        n or T lies outside Table II (10 to 200), as in short panels.
    seed : int, default 1
        Seed of the simulated panels.

    Returns
    -------
    CipsTest
        Small (negative) statistics reject.

    Raises
    ------
    ConfigError
        If an option is unknown or negative.
    DataError
        If values or periods are missing, or there are too few periods for the regressions.
    IdentificationError
        If the regressors of a unit are collinear (named).

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics import cips
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> panel = simulate("sar", lattice(4), 12, seed=1, rho=0.4)
    >>> test = cips(panel, "y")
    >>> round(test.statistic, 2), {level: round(value, 2) for level, value in test.critical_values.items()}
    (-2.78, {0.01: -2.64, 0.05: -2.34, 0.1: -2.19})
    """
    check_known(case, CASES, "deterministic case")
    lags, seed = whole_number(lags, "lags", least=0), check_seed(seed)
    simulations = check_draws(simulations, "simulations", least=1, none=True)
    check_evenly_spaced(panel.periods, "A unit-root test")
    values = panel[variable]
    _check_long_enough(values, panel, variable, case, lags)
    t = cadf_ratios(values[None], case, lags)[0]
    _check_not_singular(t, panel, variable)
    t = _truncate(t, case) if truncated else t
    n, periods = panel.n, panel.T - lags
    statistic = float(t.mean())
    table = critical_values(n, periods, case, truncated)
    low, high = _bounds(statistic, table)
    p = float("nan")
    if simulations:
        draws = simulate_cips(n, panel.T, case, lags, truncated, simulations, seed)
        p = float((1 + (draws <= statistic).sum()) / (simulations + 1))
    return CipsTest(
        *(variable, case, lags, truncated, statistic, t, panel.units, periods),
        *(table, low, high, p, simulations, seed),
    )


def cadf_ratios(values: NDArray[np.float64], case: str, lags: int) -> NDArray[np.float64]:
    """Return the CADF t-ratios of each unit of each panel.

    Parameters
    ----------
    values : ndarray, shape (R, T, n)
        R panels of the same size.
    case : {"none", "drift", "trend"}
        Deterministic terms: none, an intercept, or an intercept and a trend.
    lags : int
        Lagged differences in the regressions.

    Returns
    -------
    ndarray, shape (R, n)
        NaN where the regressors of a unit are collinear.
    """
    steps = np.diff(values, axis=1)
    means, mean_steps = values.mean(axis=2, keepdims=True), steps.mean(axis=2, keepdims=True)
    rows = slice(lags, None)
    columns = [_deterministic(values.shape, case, lags)]
    columns += [means[:, lags:-1], mean_steps[:, rows]]
    for j in range(1, lags + 1):
        columns += [steps[:, lags - j : -j], mean_steps[:, lags - j : -j]]
    columns += [values[:, lags:-1], steps[:, rows]]
    shape = steps[:, rows].shape
    data = np.concatenate(
        [np.broadcast_to(c, (*shape, c.shape[-1] if c.ndim == 4 else 1)) for c in map(_layered, columns)],
        axis=3,
    ).transpose(0, 2, 1, 3)
    triangle: NDArray[np.float64] = np.linalg.qr(data, mode="r")  # type: ignore[assignment]
    return _ratio(triangle, np.sqrt((data**2).sum(axis=2)), shape[1])


def _layered(column: NDArray) -> NDArray[np.float64]:
    return column if column.ndim == 4 else column[..., None]


def _deterministic(shape: tuple[int, ...], case: str, lags: int) -> NDArray[np.float64]:
    """Return intercept and trend as an array of shape (1, rows, 1, 0 to 2)."""
    rows = shape[1] - lags - 1
    powers = {"none": 0, "drift": 1, "trend": 2}[case]
    return np.vander(np.arange(rows, dtype=float), powers, increasing=True)[None, :, None, :]


def _ratio(triangle: NDArray, lengths: NDArray, rows: int) -> NDArray[np.float64]:
    """Return the t-ratio of the last regressor from the triangle of [regressors, response]."""
    k = triangle.shape[-1] - 1
    diagonal = np.abs(np.diagonal(triangle, axis1=-2, axis2=-1))
    regular = (diagonal[..., :k] > SINGULAR * lengths[..., :k]).all(axis=-1)
    error = diagonal[..., k] / np.sqrt(rows - k)
    signed = triangle[..., k - 1, k] * np.sign(triangle[..., k - 1, k - 1])
    regular &= error > 0
    return np.where(regular, signed / np.where(regular, error, 1.0), np.nan)


def critical_values(n: int, periods: int, case: str, truncated: bool = False) -> dict[float, float] | None:
    """Return the critical values of CIPS by level, or None outside the table.

    Bilinear interpolation between the entries of Pesaran (2007, Table II a to c) for n and T from 10 to 200.

    Parameters
    ----------
    n : int
        Number of units.
    periods : int
        Periods of the series less the lags.
    case : {"none", "drift", "trend"}
        Deterministic terms: none, an intercept, or an intercept and a trend.
    truncated : bool, default False
        Whether the values of the truncated statistic are wanted.

    Returns
    -------
    dict of float to float, or None
        Critical value by level (0.01, 0.05, 0.10).

    Raises
    ------
    ConfigError
        If the case is unknown.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics.unitroot import critical_values
    >>> critical_values(20, 20, "drift")
    {0.01: -2.4, 0.05: -2.21, 0.1: -2.1}
    >>> critical_values(31, 8, "drift") is None
    True
    """
    check_known(case, CASES, "deterministic case")
    grid_n, grid_t, values = _table(case, truncated)
    if not (grid_n[0] <= n <= grid_n[-1] and grid_t[0] <= periods <= grid_t[-1]):
        return None
    by_n = [[float(np.interp(n, grid_n, row)) for row in level] for level in values]
    return {
        level: float(np.interp(periods, grid_t, column)) for level, column in zip(LEVELS, by_n, strict=True)
    }


@cache
def _table(case: str, truncated: bool) -> tuple[NDArray, NDArray, NDArray]:
    """Return n, T and the critical values of shape (levels, T, n)."""
    from csv import DictReader
    from importlib.resources import files

    text = files("shuyi").joinpath("resources", "unitroot.csv").read_text(encoding="utf-8")
    rows = list(DictReader(text.splitlines()))
    columns = [name for name in rows[0] if name.startswith("n")]
    flag = "yes" if truncated else "no"
    kept = [r for r in rows if r["case"] == case and r["truncated"] == flag]
    periods = [int(r["T"]) for r in kept if float(r["level"]) == LEVELS[0]]
    values = np.array([[float(r[c]) for c in columns] for r in kept])
    counts = np.array([int(c[1:]) for c in columns])
    return counts, np.array(periods), values.reshape(len(LEVELS), len(periods), len(columns))


def _bounds(statistic: float, table: dict[float, float] | None) -> tuple[float, float]:
    if table is None:
        return 0.0, 1.0
    above = [level for level in LEVELS if statistic > table[level]]
    below = [level for level in LEVELS if statistic <= table[level]]
    return max(above, default=0.0), min(below, default=1.0)


def simulate_cips(
    n: int, T: int, case: str, lags: int, truncated: bool, draws: int, seed: int
) -> NDArray[np.float64]:
    """Return CIPS of panels of independent Gaussian random walks, shape (draws,).

    The design of Table II of Pesaran (2007): the null distribution does not depend on common factors,
    variances or, up to the augmentation, serial correlation.

    Parameters
    ----------
    n, T : int
        Units and periods of the series.
    case : {"none", "drift", "trend"}
        Deterministic terms: none, an intercept, or an intercept and a trend.
    lags : int
        Lagged differences in the regressions.
    truncated : bool
        Whether extreme t-ratios are truncated.
    draws : int
        Number of panels.
    seed : int
        Seed of the walks.

    Returns
    -------
    ndarray, shape (draws,)
        One statistic per panel.
    """
    rng = np.random.default_rng(seed)
    step = max(1, BATCH // (n * T * (2 * lags + 6)))
    found = []
    for start in range(0, draws, step):
        walks = rng.standard_normal((min(step, draws - start), T, n)).cumsum(axis=1)
        t = cadf_ratios(walks, case, lags)
        found.append((_truncate(t, case) if truncated else t).mean(axis=1))
    return np.concatenate(found)


def _truncate(t: NDArray, case: str) -> NDArray[np.float64]:
    return np.clip(t, *BOUNDS[case])


def _check_long_enough(values: NDArray, panel: Panel, variable: str, case: str, lags: int) -> None:
    gaps = [f"{panel.units[i]} in {panel.periods[t]}" for t, i in np.argwhere(~np.isfinite(values))]
    if gaps:
        raise DataError(
            f"The series {variable!r} holds missing or infinite values.",
            expected="a finite number in every cell",
            found=offenders(gaps),
        )
    regressors = {"none": 0, "drift": 1, "trend": 2}[case] + 3 + 2 * lags
    rows = panel.T - lags - 1
    if rows <= regressors:
        raise DataError(
            "Too few periods for the regressions of a CIPS test.",
            expected=f"at least {regressors + lags + 2} periods for case {case!r} with {lags} lags",
            found=f"{panel.T} periods",
            remedy="use fewer lags, or a simpler deterministic case",
        )


def _check_not_singular(t: NDArray, panel: Panel, variable: str) -> None:
    wrong = [unit for unit, value in zip(panel.units, t.tolist(), strict=True) if np.isnan(value)]
    if wrong:
        raise IdentificationError(
            f"The regressions of {variable!r} have collinear regressors or a perfect fit.",
            expected="series that vary beside the cross-section mean and the deterministic terms",
            found=offenders(wrong),
            remedy="leave these units out, or use fewer lags",
        )
