"""What the autocorrelation of residuals says in a short panel, for the design at hand.

Demeaning makes independent errors negatively correlated within units, and a random walk far less than
perfectly correlated: with T = 9 and two-way effects the first-order autocorrelation of residuals is -.125
for the first and .63 for the second. With residuals ``M u``, M the projector off effects and regressors and
u an AR(1) with coefficient a, independent between units, the ratio

    r = sum_it e_it e_i,t-1 / (1/2 sum_it (e_it^2 + e_i,t-1^2)),      t = 2, ..., T

has numerator and denominator with expectations ``tr(M A M Omega_a)`` and ``tr(M D M Omega_a)``. Their ratio
rises with a, so that the observed r gives an estimate of a that short panels do not pull down; at a = 1 it is
that of a random walk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, DataError, IdentificationError, check_known, offenders
from shuyi.panel import stack, unstack
from shuyi.spatialpanel.transforms import FIXED_EFFECTS, within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.results import Fit

MIN_PERIODS = 3
GRID = np.concatenate([np.linspace(-0.95, 0.95, 39), [0.97, 0.985, 1.0]])
"""Coefficients between which expected autocorrelations are interpolated."""

SIGNIFICANCE = 0.05
VERDICTS = ("independent", "between", "unit_root", "undecided")


@dataclass(frozen=True, slots=True)
class ResidualAutocorrelation:
    """First-order autocorrelation within units, beside what the design makes of two kinds of errors.

    Attributes
    ----------
    value : float
        r of the residuals (see the module).
    std_error : float
        Clustered by unit.
    independent, unit_root : float
        Expected r under errors independent over time, and under random walks.
    ar : float
        Coefficient a whose expected r is `value`, at most one.
    p_independent, p_unit_root : float
        Two-sided p-values of the two, by Student's t with n - 1 degrees of freedom.
    verdict : {"independent", "between", "unit_root", "undecided"}
        Which of the two is not rejected at 5 %; ``"between"`` both are rejected, ``"undecided"`` neither is.
        Key of a sentence. A value above that of a random walk counts as ``"unit_root"``.
    n, T : int
        Numbers of units and periods.
    effects : str
        Effects removed.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.diagnostics import residual_autocorrelation
    >>> e = np.random.default_rng(1).standard_normal((9, 31))
    >>> residual_autocorrelation(e - e.mean(axis=0), effects="individual").verdict
    'independent'
    """

    value: float
    std_error: float
    independent: float
    unit_root: float
    ar: float
    p_independent: float
    p_unit_root: float
    verdict: str
    n: int
    T: int
    effects: str


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedAutocorrelation:
    """Expected r of residuals by the AR(1) coefficient of the errors, for one design.

    Attributes
    ----------
    coefficient : ndarray, shape (g,)
        From -.95 to 1; to .985 where unit means, and with them the level of a walk, were not removed.
    ratio : ndarray, shape (g,)
        Expected numerator over expected denominator.
    square : ndarray, shape (g,)
        Expected sum of squares of the residuals for errors of variance one; at a = 1, for steps of variance
        one.
    unit_root : float
        Expected r under random walks from zero.
    """

    coefficient: NDArray[np.float64]
    ratio: NDArray[np.float64]
    square: NDArray[np.float64]
    unit_root: float

    def invert(self, value: float) -> float:
        """Return the coefficient whose expected r is `value`, within the grid.

        Parameters
        ----------
        value : float
            Autocorrelation to look up.

        Returns
        -------
        float
            Between the ends of the grid.
        """
        return float(np.interp(value, self.ratio, self.coefficient))

    def at(self, coefficient: float) -> float:
        """Return the expected r at a coefficient.

        Parameters
        ----------
        coefficient : float
            AR(1) coefficient.

        Returns
        -------
        float
            Interpolated between the points of the grid.
        """
        return float(np.interp(coefficient, self.coefficient, self.ratio))


def residual_autocorrelation(
    residuals: Fit | NDArray[np.float64],
    *,
    effects: str | None = None,
    regressors: NDArray[np.float64] | None = None,
) -> ResidualAutocorrelation:
    """Return the autocorrelation of residuals within units, and what it implies.

    Parameters
    ----------
    residuals : Fit, or ndarray of shape (T, n)
        A fit brings its effects and regressors (lagged ones included). That a spatial parameter is estimated
        too is neglected.
    effects : {"pooled", "individual", "time", "twoways"}, optional
        Effects removed from an array of residuals; required for an array.
    regressors : ndarray, shape (T, n, k), optional
        Regressors whose coefficients were estimated with an array of residuals; none by default.

    Returns
    -------
    ResidualAutocorrelation

    Raises
    ------
    ConfigError
        If effects are unknown or missing, or a fit has random effects.
    DataError
        If residuals are missing, or there are fewer than 3 periods or 3 units.
    IdentificationError
        If the residuals do not vary over time.

    Examples
    --------
    >>> import numpy as np
    >>> walks = np.random.default_rng(1).standard_normal((9, 31)).cumsum(axis=0)
    >>> e = walks - walks.mean(axis=0)
    >>> found = residual_autocorrelation(e - e.mean(axis=1, keepdims=True), effects="twoways")
    >>> found.verdict, round(found.independent, 3), round(found.unit_root, 2)
    ('unit_root', -0.125, 0.63)
    """
    e, structure, x = _parts(residuals, effects, regressors)
    T, n = e.shape
    value, error = autocorrelation(e)
    expected = expected_autocorrelation(T, n, structure, x)
    independent, unit_root = expected.at(0.0), expected.unit_root
    p_independent = _two_sided((value - independent) / error, n - 1)
    p_unit_root = _two_sided((value - unit_root) / error, n - 1) if value < unit_root else 1.0
    return ResidualAutocorrelation(
        value,
        error,
        independent,
        unit_root,
        expected.invert(value),
        p_independent,
        p_unit_root,
        _verdict(p_independent, p_unit_root),
        n,
        T,
        structure,
    )


def autocorrelation(residuals: NDArray[np.float64]) -> tuple[float, float]:
    """Return r and its standard error, clustered by unit.

    Parameters
    ----------
    residuals : ndarray, shape (T, n)
        Residuals, effects removed.

    Returns
    -------
    tuple of float
        r and its standard error.

    Raises
    ------
    DataError
        If residuals are missing, or there are fewer than 3 periods or 3 units.
    IdentificationError
        If the residuals do not vary over time.
    """
    T, n = residuals.shape
    if T < MIN_PERIODS or n < MIN_PERIODS or not np.isfinite(residuals).all():
        raise DataError(
            "The autocorrelation of these residuals cannot be computed.",
            expected="finite residuals of at least 3 units over at least 3 periods",
            found=f"{n} units, {T} periods, {int((~np.isfinite(residuals)).sum())} values not finite",
        )
    products, squares = _sums(residuals)
    total = float(squares.sum())
    if total <= 0.0:
        raise IdentificationError(
            "The autocorrelation of these residuals cannot be computed.",
            expected="residuals that vary over time",
            found="all zero",
        )
    value = float(products.sum()) / total
    left = products - value * squares
    return value, float(np.sqrt(n / (n - 1) * (left @ left))) / total


def expected_autocorrelation(
    T: int, n: int, effects: str, regressors: NDArray[np.float64] | None = None
) -> ExpectedAutocorrelation:
    """Return the expected r of residuals for AR(1) errors, from a = -.95 to a random walk.

    Parameters
    ----------
    T, n : int
        Numbers of periods and units.
    effects : {"pooled", "individual", "time", "twoways"}
        With pooled or time effects the errors are stationary up to a = .985; a random walk starts from zero.
    regressors : ndarray, shape (T, n, k), optional
        Regressors whose coefficients were estimated; none by default.

    Returns
    -------
    ExpectedAutocorrelation

    Raises
    ------
    ConfigError
        If the effects are unknown.
    """
    check_known(effects, FIXED_EFFECTS, "effects structure")
    basis = None if regressors is None else _basis(regressors, effects)
    found = np.array([_expectations(_dependence(a, T), n, effects, basis) for a in GRID])
    ratio = found[:, 0] / found[:, 1]
    kept = slice(None) if effects in ("individual", "twoways") else slice(-1)
    rising = np.maximum.accumulate(ratio[kept])
    return ExpectedAutocorrelation(GRID[kept], rising, found[kept, 2], float(ratio[-1]))


def _sums(e: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each unit's share of numerator and denominator, shapes (n,)."""
    before, after = e[:-1], e[1:]
    return (before * after).sum(axis=0), 0.5 * (before**2 + after**2).sum(axis=0)


def _dependence(a: float, T: int) -> NDArray[np.float64]:
    """Return the correlation over time of an AR(1), or the covariance of a random walk."""
    t = np.arange(1, T + 1)
    if a == 1.0:
        return np.minimum(t[:, None], t).astype(np.float64)
    return np.power(a, np.abs(t[:, None] - t)) if a else np.eye(T)


def _basis(x: NDArray, effects: str) -> NDArray[np.float64]:
    """Return an orthonormal basis of the demeaned regressors, shape (T, n, k)."""
    columns, singular, _ = np.linalg.svd(stack(within(x, effects)), full_matrices=False)
    kept = singular > 1e-10 * max(float(singular[0]), np.finfo(float).tiny)
    return unstack(np.ascontiguousarray(columns[:, kept]), x.shape[1])


def _expectations(omega: NDArray, n: int, effects: str, basis: NDArray | None) -> tuple[float, float, float]:
    """Return ``tr(M Q M Omega)`` for the numerator, the denominator and the identity."""
    T = len(omega)
    shift = 0.5 * (np.eye(T, k=1) + np.eye(T, k=-1))
    ends = np.eye(T)
    ends[0, 0] = ends[-1, -1] = 0.5
    centred = np.eye(T) - (1.0 / T if effects in ("individual", "twoways") else 0.0)
    inner = centred @ omega @ centred * (n - 1 if effects in ("time", "twoways") else n)
    traces = [float((q * inner).sum()) for q in (shift, ends, np.eye(T))]
    if basis is None:
        return traces[0], traces[1], traces[2]
    spread = within(np.einsum("ts,sik->tik", omega, basis), effects)
    middle = np.einsum("tik,til->kl", basis, spread)
    for j, q in enumerate((shift, ends, np.eye(T))):
        weighed = np.einsum("ts,sik->tik", q, basis)
        crossed = np.einsum("tik,til->kl", basis, weighed)
        traces[j] += float((crossed * middle).sum()) - 2 * float((weighed * spread).sum())
    return traces[0], traces[1], traces[2]


def _parts(
    residuals: Any, effects: str | None, regressors: NDArray | None
) -> tuple[NDArray[np.float64], str, NDArray | None]:
    from shuyi.spatialpanel.diagnostics.residuals import residuals_of
    from shuyi.spatialpanel.results import Fit

    if not isinstance(residuals, Fit):
        if effects is None:
            raise ConfigError(
                "The effects removed from an array of residuals are not known.",
                expected=f"effects= one of {', '.join(FIXED_EFFECTS)}",
                found="none named",
                remedy="name them, or pass the fit",
            )
        return np.asarray(residuals, float), effects, regressors
    structure = residuals.effects_structure
    if structure not in FIXED_EFFECTS:
        raise ConfigError(
            "Expected autocorrelations are those of models with fixed effects or none.",
            expected=f"effects: one of {offenders(FIXED_EFFECTS)}",
            found=structure,
            remedy="estimate the model with effects='individual' or 'twoways'",
        )
    problem = residuals.problem
    x = problem.x if problem is not None and problem.x.shape[2] else None
    return residuals_of(residuals), structure, x


def _two_sided(t: float, df: int) -> float:
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(t)))


def _verdict(p_independent: float, p_unit_root: float) -> str:
    independent, unit_root = p_independent >= SIGNIFICANCE, p_unit_root >= SIGNIFICANCE
    if independent and unit_root:
        return "undecided"
    if independent:
        return "independent"
    return "unit_root" if unit_root else "between"
