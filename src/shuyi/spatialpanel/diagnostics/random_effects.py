"""Lagrange multiplier tests for random effects and spatial error correlation (Baltagi, Song and Koh 2003).

Model: ``y_t = X_t b + mu + e_t``, ``e_t = lam W e_t + v_t``, mu ~ (0, s2_mu), v ~ (0, s2_v). With
least-squares residuals u, ``G = u'(J_T x I)u / u'u - 1``, ``H = u'(I_T x (W + W')/2)u / u'u`` and
``b = tr(W + W')^2 / 2``,

    LM_J  = n T / (2 (T - 1)) G^2 + n^2 T / b H^2       H0: s2_mu = lam = 0       (eq. 2.11)
    LM_1  = sqrt(n T / (2 (T - 1))) G                   H0: s2_mu = 0, lam = 0    (eq. 2.12)
    LM_2  = sqrt(n^2 T / b) H                           H0: lam = 0, s2_mu = 0    (eq. 2.16)

and the conditional tests of lam given random effects (eqs. 2.24 and 2.25) and of random effects given lam
(eqs. 2.26 to 2.31).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, ConvergenceError
from shuyi.panel import stack, unstack
from shuyi.spatialpanel.design import Design, build_design
from shuyi.spatialpanel.diagnostics.result import TestResult, chi_squared, standard_normal
from shuyi.spatialpanel.models import MODELS

if TYPE_CHECKING:
    from numpy.typing import NDArray


SOURCE = "Baltagi, Song and Koh (2003, {})"
CONVERGED = 1e-13
"""Change of the variance ratio, at most one, that ends the iteration: rounding."""

MAX_ITERATIONS = 10_000


def random_effects_tests(
    data: Any,
    weights: Any,
    *,
    outcome: str,
    regressors: Sequence[str],
    durbin: Sequence[str] = (),
    standardised: bool = False,
    islands: str = "refuse",
) -> tuple[TestResult, ...]:
    """Return the joint, marginal and conditional tests of random effects and spatial error correlation.

    Tests of the variance are one-sided, because it cannot be negative; tests of lam are two-sided.

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the outcome and the regressors.
    weights : Weights or anything that `Weights.coerce` accepts
        Spatial weights that do not vary by period, with the panel's units in the panel's order.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        Names of the explanatory variables; an intercept is added.
    durbin : sequence of str, default empty
        Regressors whose spatial lags belong to the model.
    standardised : bool, default False
        Whether the marginal tests are centred and scaled by their moments under normality (eqs. 2.13 to
        2.15), which brings them nearer to the normal distribution in small samples.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with units without neighbours: an error, or spatial lags of zero.

    Returns
    -------
    tuple of TestResult
        ``bsk_joint`` (chi-squared, 2), ``bsk_joint_one_sided`` (mixture of chi-squared, eq. 2.19, against
        positive s2_mu and positive lam), ``bsk_random``, ``bsk_error``, ``bsk_error_given_random``,
        ``bsk_random_given_error`` (standard normal).

    Raises
    ------
    ConfigError
        If the weights vary by period.
    DataError, AlignmentError, WeightsError, IdentificationError, ConvergenceError
        See `design.build_design` and `models.SEM`.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics import random_effects_tests
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> tests = random_effects_tests(panel, weights, outcome="y", regressors=["x1"])
    >>> [test.test for test in tests if test.distribution == "normal"]
    ['bsk_random', 'bsk_error', 'bsk_error_given_random', 'bsk_random_given_error']
    """
    design = build_design(
        data,
        weights,
        outcome=outcome,
        regressors=regressors,
        durbin=durbin,
        intercept=True,
        islands=islands,
    )
    assert design.lags is not None
    if not design.lags.is_constant:
        raise ConfigError(
            "The tests of random effects and spatial errors need the same weights in every period.",
            expected="one weights matrix",
            found="a list of weights, one per period",
        )
    x = _regressors(design)
    w = design.lags.at(0).to_dense()
    return (
        *_marginal_and_joint(design.y, x, w, standardised),
        error_given_random(design.y, x, w),
        random_given_error(data, weights, design, islands),
    )


def _marginal_and_joint(y: NDArray, x: NDArray, w: NDArray, standardised: bool) -> list[TestResult]:
    u = y - x @ _coefficients(x, y)
    random, error = marginal_statistics(u, w)
    joint = random**2 + error**2
    if standardised:
        random, error = _standardised(u, x, w)
    note = "standardised" if standardised else ""
    return [
        chi_squared(
            "bsk_joint",
            "no_random_effects_and_lam_zero",
            joint,
            2,
            reference=_source("2.11"),
            group="effects",
        ),
        _one_sided_joint(*marginal_statistics(u, w)),
        _normal("bsk_random", "no_random_effects", random, "2.12", note=note, one_sided=True),
        _normal("bsk_error", "lam_zero", error, "2.16", note=note),
    ]


def marginal_statistics(u: NDArray[np.float64], w: NDArray[np.float64]) -> tuple[float, float]:
    """Return LM_1 and LM_2 of least-squares residuals u of shape (T, n) and weights of shape (n, n).

    Parameters
    ----------
    u : ndarray, shape (T, n)
        Least-squares residuals.
    w : ndarray, shape (n, n)
        Spatial weights.

    Returns
    -------
    (float, float)
        LM_1 of the random effects and LM_2 of the spatial error, both standard normal.
    """
    T, n = u.shape
    square = float((u * u).sum())
    g = float((u.sum(axis=0) ** 2).sum()) / square - 1.0
    h = float((u * (u @ w.T)).sum()) / square
    return float(np.sqrt(n * T / (2 * (T - 1))) * g), float(np.sqrt(n**2 * T / _b(w)) * h)


def error_given_random(y: NDArray[np.float64], x: NDArray[np.float64], w: NDArray[np.float64]) -> TestResult:
    """Return the test of ``lam = 0`` that allows for random effects (eqs. 2.24 and 2.25).

    ``D / sqrt((T - 1 + s2_v^2 / s2_1^2) b)`` with the residuals u and variances of maximum likelihood under
    ``lam = 0``, ``s2_1 = T s2_mu + s2_v`` and
    ``D = u'[(s2_v / s2_1^2)(Jbar_T x (W + W')) + (1 / s2_v)(E_T x (W + W'))]u / 2``.

    Parameters
    ----------
    y : ndarray, shape (T, n)
        Outcome.
    x : ndarray, shape (T, n, k)
        With the intercept.
    w : ndarray, shape (n, n)
        Spatial weights.

    Returns
    -------
    TestResult
        Standard normal, two-sided.
    """
    T = len(y)
    beta, s2_v, s2_1 = random_effects_ml(y, x)
    u = y - x @ beta
    mean = u.mean(axis=0)
    deviation = u - mean
    between = T * float(mean @ w @ mean)
    inside = float((deviation * (deviation @ w.T)).sum())
    score = s2_v / s2_1**2 * between + inside / s2_v
    statistic = score / np.sqrt((T - 1 + s2_v**2 / s2_1**2) * _b(w))
    return _normal("bsk_error_given_random", "lam_zero_given_random", float(statistic), "2.25")


def random_given_error(data: Any, weights: Any, design: Design, islands: str) -> TestResult:
    """Return the test of no random effects that allows for spatial errors (eqs. 2.26 to 2.31).

    ``D_mu sqrt([J^{-1}]_mu,mu)`` at the maximum likelihood of the pooled spatial error model, with J the
    information of (s2_v, s2_mu, lam).

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the outcome and the regressors.
    weights : Weights or anything that `Weights.coerce` accepts
        Spatial weights that do not vary by period.
    design : Design
        The same data as arrays, with the intercept first.
    islands : {"refuse", "keep"}
        What to do with units without neighbours: an error, or spatial lags of zero.

    Returns
    -------
    TestResult
        Standard normal, one-sided.

    Raises
    ------
    ConvergenceError
        If the spatial error model ends at the edge of its interval.
    """
    model = MODELS["sdem" if design.durbin else "sem"]
    fit = model(
        data,
        weights,
        outcome=design.outcome,
        regressors=design.regressors[1:],
        durbin=design.durbin or None,
        effects="pooled",
        islands=islands,
    ).fit()
    assert design.lags is not None
    u = design.y - _regressors(design) @ fit.values[:-2]
    score, information = random_score(u, design.lags.at(0).to_dense(), fit["lam"], fit["sigma2"])
    statistic = score * np.sqrt(np.linalg.inv(information)[1, 1])
    return _normal(
        "bsk_random_given_error",
        "no_random_effects_given_lam",
        float(statistic),
        "2.26 to 2.31",
        one_sided=True,
    )


def random_score(
    u: NDArray[np.float64], w: NDArray[np.float64], lam: float, s2: float
) -> tuple[float, NDArray[np.float64]]:
    """Return the score of s2_mu at zero, and the information of (s2_v, s2_mu, lam), shape (3, 3).

    With ``B = I - lam W`` and ``C = (W'B + B'W)(B'B)^{-1}``,
    ``D_mu = u'[J_T x (B'B)^2]u / (2 s2^2) - T tr(B'B) / (2 s2)`` (eq. 2.27).

    Parameters
    ----------
    u : ndarray, shape (T, n)
        Residuals ``y - X b``.
    w : ndarray, shape (n, n)
        Spatial weights.
    lam, s2 : float
        Spatial parameter of the errors and their variance.

    Returns
    -------
    float
        Score of s2_mu.
    ndarray, shape (3, 3)
        Information, in the order s2_v, s2_mu, lam.
    """
    T, n = u.shape
    filtering = np.eye(n) - lam * w
    precision = filtering.T @ filtering
    crossed = w.T @ filtering + filtering.T @ w
    c = crossed @ np.linalg.inv(precision)
    sums = precision @ u.sum(axis=0)
    score = float(sums @ sums) / (2 * s2**2) - T * np.trace(precision) / (2 * s2)
    variance = n / s2**2
    both, squared = np.trace(precision) / s2**2, T * float((precision * precision).sum()) / s2**2
    spatial, mixed = np.trace(c) / s2, np.trace(crossed) / s2
    information = np.array(
        [
            [variance, both, spatial],
            [both, squared, mixed],
            [spatial, mixed, float((c * c.T).sum())],
        ]
    )
    return float(score), T / 2 * information


def random_effects_ml(
    y: NDArray[np.float64], x: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float, float]:
    """Return b, s2_v and ``s2_1 = T s2_mu + s2_v`` of the random-effects model by maximum likelihood.

    Iterates generalised least squares and the variances ``s2_v = u'(E_T x I)u / (n (T - 1))``,
    ``s2_1 = u'(Jbar_T x I)u / n``, from the pooled and from the within estimate, and keeps the larger
    likelihood: the iteration rises monotonically, so that two maxima are told apart (Breusch 1987). A
    negative s2_mu is put to zero.

    Parameters
    ----------
    y : ndarray, shape (T, n)
        Outcome.
    x : ndarray, shape (T, n, k)
        With the intercept.

    Returns
    -------
    ndarray, shape (k,)
        Coefficients b.
    float
        Variance s2_v of the innovations.
    float
        ``s2_1``, not below s2_v.

    Raises
    ------
    ConvergenceError
        If the iteration does not end.
    """
    candidates = [_iterate(y, x, start) for start in (1.0, 0.0)]
    T, n = y.shape

    def loglik(candidate: tuple[NDArray[np.float64], float, float]) -> float:
        _, s2_v, s2_1 = candidate
        return -0.5 * n * ((T - 1) * np.log(s2_v) + np.log(s2_1))

    return max(candidates, key=loglik)


def _iterate(y: NDArray, x: NDArray, ratio: float) -> tuple[NDArray[np.float64], float, float]:
    """Iterate from a ratio ``s2_v / s2_1``; zero starts near the within estimate."""
    T, n = y.shape
    ratio = max(ratio, np.finfo(float).eps)
    for _ in range(MAX_ITERATIONS):
        share = 1.0 - np.sqrt(ratio)
        beta = _coefficients(x - share * x.mean(axis=0), y - share * y.mean(axis=0))
        u = y - x @ beta
        mean = u.mean(axis=0)
        s2_v = float(((u - mean) ** 2).sum()) / (n * (T - 1))
        s2_1 = T * float(mean @ mean) / n
        if s2_1 <= s2_v:
            s2_v = s2_1 = float((u * u).mean())
        new = s2_v / s2_1
        if abs(new - ratio) <= CONVERGED:
            return beta, s2_v, s2_1
        ratio = new
    raise ConvergenceError(
        "The random-effects model did not converge.",
        expected=f"a variance ratio that settles within {MAX_ITERATIONS} steps",
        found=f"still moving at {ratio:.6g}",
        remedy="rescale the variables, or test with fixed effects",
    )


def _coefficients(x: NDArray, y: NDArray) -> NDArray[np.float64]:
    return np.linalg.lstsq(stack(x), stack(y), rcond=None)[0].astype(np.float64)


def _regressors(design: Design) -> NDArray[np.float64]:
    if not design.durbin:
        return design.x
    assert design.lags is not None
    return np.concatenate([design.x, design.lags.lag(design.x[:, :, design.durbin_positions])], axis=2)


def _standardised(u: NDArray, x: NDArray, w: NDArray) -> tuple[float, float]:
    """Return ``(d - E d) / sd(d)`` for ``d = u'Du / u'u``, D of each marginal test (eqs. 2.13 to 2.15)."""
    T, n = u.shape
    symmetric = (w + w.T) / 2
    basis = unstack(np.linalg.qr(stack(x))[0], n)
    return (
        _standardised_ratio(u, basis, lambda v: np.broadcast_to(v.sum(axis=0), v.shape), n * T, n * T**2),
        _standardised_ratio(
            u, basis, lambda v: np.einsum("ij,tj...->ti...", symmetric, v), 0.0, T * (symmetric**2).sum()
        ),
    )


def _standardised_ratio(
    u: NDArray, basis: NDArray, apply: Any, trace: float, trace_of_square: float
) -> float:
    """Standardise ``u'Du / u'u`` given a function that applies D, tr(D) and tr(D D)."""
    degrees = u.size - basis.shape[2]
    applied = stack(np.ascontiguousarray(apply(basis)))
    inner = stack(basis).T @ applied
    first = trace - np.trace(inner)
    second = trace_of_square - 2 * float((applied**2).sum()) + float((inner * inner.T).sum())
    expected = first / degrees
    variance = 2 * (degrees * second - first**2) / (degrees**2 * (degrees + 2))
    return float(((u * apply(u)).sum() / (u * u).sum() - expected) / np.sqrt(variance))


def _one_sided_joint(random: float, error: float) -> TestResult:
    """Return ``max(LM_1, 0)^2 + max(LM_2, 0)^2``, a (1/4, 1/2, 1/4) mixture of chi-squared (0, 1, 2)."""
    from scipy.special import chdtrc

    statistic = max(random, 0.0) ** 2 + max(error, 0.0) ** 2
    p = 0.5 * chdtrc(1, statistic) + 0.25 * chdtrc(2, statistic) if statistic > 0 else 1.0
    return TestResult(
        "bsk_joint_one_sided",
        "no_random_effects_and_lam_zero",
        statistic,
        float("nan"),
        float(p),
        "chi2 mixture",
        reference=_source("2.19"),
        group="effects",
    )


def _normal(
    test: str, hypothesis: str, statistic: float, equation: str, *, note: str = "", one_sided: bool = False
) -> TestResult:
    return standard_normal(
        test,
        hypothesis,
        statistic,
        one_sided=one_sided,
        note=note,
        reference=_source(equation),
        group="effects",
    )


def _b(w: NDArray) -> float:
    """Return ``tr(W + W')^2 / 2 = tr(W W + W'W)``."""
    return float((w * w.T).sum() + (w * w).sum())


def _source(equation: str) -> str:
    return SOURCE.format(f"eq. {equation}" if " " not in equation else f"eqs. {equation}")
