"""How strong an omitted variable, or a direct effect of an instrument, must be to undo an estimate.

* Cinelli and Hazlett (2020): the robustness value ``(sqrt(f^4 + 4 f^2) - f^2)/2`` with ``f = |t|/sqrt(df)``
  is the partial R2, with regressor and outcome alike, of an omitted variable that brings the estimate to
  zero; bounds put it at so many times the strength of an observed regressor.
* Oster (2019): delta, how many times as much selection on omitted as on observed variables brings the
  estimate to zero, at a largest R2.
* Conley, Hansen and Rossi (2012): the union of the intervals of an instrumental estimate over direct effects
  of the instruments on the outcome up to a bound.

All of them are statements about a linear regression: for a spatial model they are applied to an equation
without the lag of the outcome.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from shuyi.errors import DataError, offenders
from shuyi.spatialpanel.effects import reference_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.iv.weak import ReducedForm

FACTOR = 1.3
"""The largest R2 as a multiple of that of the controlled regression (Oster 2019)."""
GRID = 5
"""Values of each direct effect between its bounds at which intervals are computed."""


class Bound(NamedTuple):
    """An omitted variable as strong as an observed one.

    Parameters
    ----------
    with_regressor, with_outcome : float
        Its partial R2 with the regressor and with the outcome.
    estimate : float
        The estimate if it were controlled for and works against the estimate.
    """

    with_regressor: float
    with_outcome: float
    estimate: float


class Sensitivity(NamedTuple):
    """Sensitivity of one least-squares coefficient.

    Parameters
    ----------
    estimate, uncontrolled : float
        With all controls, and without any.
    r2, r2_uncontrolled, r2_max : float
        Of these regressions, and the largest that delta is computed for.
    partial_r2 : float
        Of the regressor with the outcome, given the controls.
    robustness_value : float
        See the module's description.
    delta : float
        Selection on omitted relative to observed variables at which the coefficient is zero.
    """

    estimate: float
    uncontrolled: float
    r2: float
    r2_uncontrolled: float
    r2_max: float
    partial_r2: float
    robustness_value: float
    delta: float


def robustness_value(t: float, df: int, share: float = 1.0) -> float:
    """Return the robustness value of a coefficient.

    Parameters
    ----------
    t : float
        Its classical t ratio.
    df : int
        Residual degrees of freedom.
    share : float, default 1.0
        Share of the estimate that the omitted variable takes away.

    Returns
    -------
    float
        Between zero and one.

    Examples
    --------
    >>> from shuyi.spatialpanel.sensitivity import robustness_value
    >>> round(robustness_value(4.18, 783), 3)
    0.139
    """
    f2 = share**2 * t**2 / df
    return float((np.sqrt(f2**2 + 4 * f2) - f2) / 2)


def benchmark(
    estimate: float, std_error: float, df: int, with_regressor: float, with_outcome: float, times: float = 1.0
) -> Bound:
    """Return the bound of an omitted variable that is so many times as strong as an observed regressor.

    Parameters
    ----------
    estimate, std_error : float
        Coefficient of interest and its classical error.
    df : int
        Residual degrees of freedom.
    with_regressor : float
        Partial R2 of the observed regressor with the regressor of interest, given the other controls.
    with_outcome : float
        Partial R2 of the observed regressor with the outcome, given everything else.
    times : float, default 1.0
        How many times as strong, in both respects.

    Returns
    -------
    Bound
        NaN where a variable that strong would explain more than everything.

    Examples
    --------
    >>> from shuyi.spatialpanel.sensitivity import benchmark
    >>> round(benchmark(1.0, 0.2, 100, 0.05, 0.1).estimate, 2)
    0.83
    """
    linked = times * with_regressor / (1 - with_regressor)
    share = times * with_regressor**2 / ((1 - times * with_regressor) * (1 - with_regressor))
    if not (0 <= linked < 1 and 0 <= share < 1):
        return Bound(float("nan"), float("nan"), float("nan"))
    eta = (np.sqrt(times) + np.sqrt(share)) / np.sqrt(1 - share)
    explained = min(float(eta**2 * with_outcome / (1 - with_outcome)), 1.0)
    bias = std_error * np.sqrt(df * explained * linked / (1 - linked))
    return Bound(float(linked), explained, float(estimate - np.sign(estimate) * bias))


def oster_delta(
    short: tuple[float, float],
    long: tuple[float, float],
    variances: tuple[float, float, float],
    r2_max: float,
) -> float:
    """Return how much selection on omitted, relative to observed variables brings a coefficient to zero.

    Parameters
    ----------
    short : (float, float)
        Coefficient and R2 without controls.
    long : (float, float)
        Coefficient and R2 with controls.
    variances : (float, float, float)
        Of the outcome, of the regressor, and of the regressor given the controls.
    r2_max : float
        R2 of the regression with observed and omitted variables.

    Returns
    -------
    float
        Oster (2019), proposition 2 at a coefficient of zero; NaN where the controls leave the coefficient as
        it is and no selection moves it.

    Examples
    --------
    >>> from shuyi.spatialpanel.sensitivity import oster_delta
    >>> round(oster_delta((1.0, 0.3), (0.8, 0.5), (2.0, 0.6, 0.4), 0.65), 2)
    1.53
    """
    (b0, r0), (b, r), (sy, sx, tau) = short, long, variances
    gain, room = b0 - b, r2_max - r
    cubic = b**3 * (tau * sx - tau**2)
    above = b * (r - r0) * sy * tau + b * sx * tau * gain**2 + 2 * b**2 * tau * gain * sx + cubic
    below = room * sy * gain * sx + b * room * sy * (sx - tau) + b**2 * tau * gain * sx + cubic
    return float(above / below) if below else float("nan")


def sensitivity(y: NDArray, x: NDArray, controls: NDArray, *, absorbed: int) -> Sensitivity:
    """Return the sensitivity of the coefficient of one regressor.

    Parameters
    ----------
    y, x : ndarray, shape (T, n)
        Outcome and regressor of interest, transformed as the effects say.
    controls : ndarray, shape (T, n, k)
        Likewise; at least one.
    absorbed : int
        Rank that the transformation took from the observations.

    Returns
    -------
    Sensitivity
        R2 are those within the effects; the largest is `FACTOR` times that with controls, at most one.

    Raises
    ------
    DataError
        If there are no controls, or values are missing.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.sensitivity import sensitivity
    >>> rng = np.random.default_rng(1)
    >>> c, e, v = rng.standard_normal((3, 5, 40))
    >>> x = c + v
    >>> round(sensitivity(x + c + e, x, c[:, :, None], absorbed=0).robustness_value, 2)
    0.6
    """
    if controls.shape[2] == 0 or not all(np.isfinite(a).all() for a in (y, x, controls)):
        raise DataError(
            "Sensitivity to omitted variables is measured against observed ones.",
            expected="at least one control, no missing values",
            found=f"{controls.shape[2]} controls",
        )
    outcome, regressor = y.ravel(), x.ravel()
    columns = controls.reshape(outcome.size, -1)
    b0, e0 = _slope(outcome, regressor)
    yc, xc = _rest(outcome, columns), _rest(regressor, columns)
    b, e = _slope(yc, xc)
    total = float(outcome @ outcome)
    short, long = 1 - float(e0 @ e0) / total, 1 - float(e @ e) / total
    r2_max = min(FACTOR * long, 1.0)
    df = outcome.size - absorbed - columns.shape[1] - 1
    error = np.sqrt(float(e @ e) / df / float(xc @ xc))
    t = b / error
    size = outcome.size
    moments = (total / size, float(regressor @ regressor) / size, float(xc @ xc) / size)
    return Sensitivity(
        *(b, b0, long, short, r2_max, t**2 / (t**2 + df)),
        robustness_value(t, df),
        oster_delta((b0, short), (b, long), moments, r2_max),
    )


def benchmarks(
    y: NDArray, x: NDArray, controls: NDArray, names: tuple[str, ...], *, absorbed: int, times: float = 1.0
) -> dict[str, Bound]:
    """Return the bound of an omitted variable as strong as each of the controls.

    Parameters
    ----------
    y, x : ndarray, shape (T, n)
        Outcome and regressor of interest, transformed as the effects say.
    controls : ndarray, shape (T, n, k)
        Likewise.
    names : tuple of str, length k
        Names of the controls.
    absorbed : int
        Rank that the transformation took from the observations.
    times : float, default 1.0
        How many times as strong.

    Returns
    -------
    dict of str to Bound
        By control.

    Raises
    ------
    DataError
        If there is not one name per control.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.sensitivity import benchmarks
    >>> rng = np.random.default_rng(1)
    >>> c, e, v = rng.standard_normal((3, 5, 40))
    >>> x = c + v
    >>> list(benchmarks(x + c + e, x, c[:, :, None], ("c",), absorbed=0))
    ['c']
    """
    if len(names) != controls.shape[2]:
        raise DataError("Controls and names differ in number.", found=f"{len(names)} names")
    outcome, regressor = y.ravel(), x.ravel()
    columns = controls.reshape(outcome.size, -1)
    yc, xc = _rest(outcome, columns), _rest(regressor, columns)
    b, e = _slope(yc, xc)
    df = outcome.size - absorbed - columns.shape[1] - 1
    error = float(np.sqrt(float(e @ e) / df / float(xc @ xc)))
    found = {}
    for j, name in enumerate(names):
        rest = np.delete(columns, j, axis=1)
        own = _rest(columns[:, j], rest)
        linked = _correlation(own, _rest(regressor, rest)) ** 2
        both = np.column_stack([rest, regressor])
        explained = _correlation(_rest(columns[:, j], both), _rest(outcome, both)) ** 2
        found[name] = benchmark(b, error, df, linked, explained, times)
    return found


def plausibly_exogenous(
    form: ReducedForm, position: int, bound: NDArray, level: float = 0.95
) -> tuple[float, float]:
    """Return the union of a coefficient's intervals over direct effects of the instruments up to a bound.

    Parameters
    ----------
    form : ReducedForm
        Of the equation.
    position : int
        Of the coefficient among the endogenous regressors.
    bound : ndarray, shape (q,)
        Largest absolute direct effect of each instrument, in the unit of the outcome per unit of the
        instrument; zero for instruments that are excluded for certain.
    level : float, default 0.95
        Confidence level of each interval.

    Returns
    -------
    (float, float)
        Lowest and highest end, at `GRID` values of each direct effect.

    Raises
    ------
    DataError
        If bounds are negative or not one per instrument.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.iv.weak import ReducedForm
    >>> from shuyi.spatialpanel.sensitivity import plausibly_exogenous
    >>> rng = np.random.default_rng(1)
    >>> z, u = rng.standard_normal((2, 8, 30))
    >>> x = z + u
    >>> form = ReducedForm.of(x + u, x[..., None], z[..., None], None, absorbed=0)
    >>> low, high = plausibly_exogenous(form, 0, np.array([0.2]))
    >>> bool(low < 0.8 < 1.2 < high)
    True
    """
    bound = np.asarray(bound, float)
    if bound.shape != (form.q,) or (bound < 0).any():
        raise DataError(
            "Bounds of direct effects do not fit the instruments.",
            expected=f"{form.q} bounds of at least zero, for {offenders(form.instruments)}",
            found=str(bound.tolist()),
        )
    first = form.slopes[:, 1:]
    a = np.linalg.solve(first.T @ form.gram @ first, first.T @ form.gram)
    ends = []
    for direct in product(*(np.linspace(-d, d, GRID) if d else (0.0,) for d in bound)):
        b = a @ (form.slopes[:, 0] - np.array(direct))
        spread = np.sqrt((a @ form.at(b[None])[1][0] @ a.T)[position, position])
        reach = reference_quantile(level, form.df)[0] * spread
        ends.append((b[position] - reach, b[position] + reach))
    return float(min(low for low, _ in ends)), float(max(high for _, high in ends))


def _slope(y: NDArray, x: NDArray) -> tuple[float, NDArray[np.float64]]:
    slope = float(x @ y) / float(x @ x)
    return slope, y - slope * x


def _rest(y: NDArray, columns: NDArray) -> NDArray[np.float64]:
    if not columns.shape[1]:
        return np.asarray(y, np.float64)
    basis = np.linalg.qr(columns)[0]
    return y - basis @ (basis.T @ y)


def _correlation(a: NDArray, b: NDArray) -> float:
    return float(a @ b) / float(np.sqrt((a @ a) * (b @ b)))
