"""Moments of Kelejian and Prucha for a spatial error process, with fixed effects removed.

Residuals u of a panel with effects removed by the projector ``Q = P_T x J`` (``P_T`` demeans over time, ``J``
over units, each only where the effects ask for it) obey ``e = u - lam W u``. With ``e1 = W e`` and
``M = J W J``,

    E e'e = sigma2 N,   E e1'e1 = sigma2 T* tr(M'M),   E e1'e = sigma2 T* tr(M),

where N is the rank of Q and T* that of ``P_T``. Kelejian and Prucha (1999) for a cross-section; Kapoor,
Kelejian and Prucha (2007) and Mutl and Pfaffermayr (2011) for panels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import ConvergenceError
from shuyi.spatialpanel.transforms import degrees_of_freedom, within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.weights import Weights


WEIGHTINGS = ("weighted", "unweighted")

REAL = 1e-9
"""Imaginary part of a root of the slope of the criterion that is rounding of a real one."""


@dataclass(frozen=True, slots=True)
class ErrorProcess:
    """The moment estimate of a spatial error process.

    Attributes
    ----------
    lam, sigma2 : float
        Parameter of the spatial error process and variance of its innovations.
    criterion : float
        The quadratic form of the three moments at the estimate.
    """

    lam: float
    sigma2: float
    criterion: float


def estimate_error_process(
    residuals: NDArray[np.float64],
    weights: Weights,
    effects: str,
    interval: tuple[float, float],
    *,
    weighting: str = "weighted",
) -> ErrorProcess:
    """Estimate lam and sigma2 from residuals by the generalised method of moments.

    The moments are quadratic in lam and linear in sigma2, so that the criterion with sigma2 concentrated out
    is a quartic in lam: its minimum is found among the roots of a cubic and the ends of the interval.

    Parameters
    ----------
    residuals : ndarray, shape (T, n)
        With the effects removed.
    weights : Weights
        Row-standardised where the effects include time effects.
    effects : {"pooled", "individual", "time", "twoways"}
        Effects that were removed from the residuals.
    interval : tuple of float
        Admissible interval of lam.
    weighting : {"weighted", "unweighted"}, default "weighted"
        The inverse covariance of the moments under normal innovations (Kapoor, Kelejian and Prucha 2007), or
        the identity (Kelejian and Prucha 1999).

    Returns
    -------
    ErrorProcess
        lam inside the interval, sigma2, and the criterion there.

    Raises
    ------
    ConvergenceError
        If the minimum lies at an end of the interval.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.iv.moments import estimate_error_process
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> residuals = np.random.default_rng(1).standard_normal((6, 16))
    >>> process = estimate_error_process(residuals, lattice(4), "pooled", (-1.0, 1.0))
    >>> bool(abs(process.lam) < 0.3)
    True
    """
    quadratics, means, covariance = _moments(residuals, weights, effects)
    weight = np.linalg.inv(covariance) if weighting == "weighted" else np.eye(3)
    projector = weight - np.outer(weight @ means, weight @ means) / (means @ weight @ means)
    criterion = np.zeros(5)
    for i in range(3):
        for j in range(3):
            criterion += projector[i, j] * np.polymul(quadratics[i], quadratics[j])
    roots = np.roots(np.polyder(criterion))
    inside = sorted(r.real for r in roots if abs(r.imag) <= REAL * max(1.0, abs(r)))
    candidates = [r for r in inside if interval[0] < r < interval[1]]
    values = [float(np.polyval(criterion, c)) for c in candidates]
    if not candidates or min(values) > min(np.polyval(criterion, interval)):
        raise ConvergenceError(
            "The moment estimate of lam lies at the edge of its interval.",
            expected=f"a minimum inside ({interval[0]:.6f}, {interval[1]:.6f})",
            found=f"stationary points: {', '.join(f'{r:.4f}' for r in inside) or 'none'}",
            remedy="use method='s2sls', or other weights of the error process",
        )
    lam = candidates[int(np.argmin(values))]
    at = np.array([np.polyval(q, lam) for q in quadratics])
    sigma2 = float(means @ weight @ at / (means @ weight @ means))
    return ErrorProcess(float(lam), sigma2, float(np.polyval(criterion, lam)))


def _moments(
    residuals: NDArray, weights: Weights, effects: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the moments over N as polynomials in lam, their means over sigma2, and their covariance.

    Returns
    -------
    quadratics : ndarray, shape (3, 3)
        Coefficients of lam^2, lam, 1 of e'e, e1'e1 and e1'e.
    means : ndarray, shape (3,)
    covariance : ndarray, shape (3, 3)
        Up to a factor: ``tr(B_a B_b)`` of the symmetric forms J, M'M, (M + M')/2.
    """
    T, n = residuals.shape
    observations = degrees_of_freedom(effects, n, T)
    u = residuals
    u1 = within(weights.lag(u), effects)
    u2 = within(weights.lag(u1), effects)
    quadratics = np.array([_product(u, u1, u, u1), _product(u1, u2, u1, u2), _product(u1, u2, u, u1)])
    forms = _forms(weights, effects)
    periods = T - 1 if effects in ("individual", "twoways") else T
    means = periods / observations * np.array([form.trace() for form in forms])
    covariance = np.array([[float((a * b).sum()) for b in forms] for a in forms]) / n
    return quadratics / observations, means, covariance


def _product(a: NDArray, a1: NDArray, b: NDArray, b1: NDArray) -> list[float]:
    """Return the coefficients of ``(a - lam a1)'(b - lam b1)``, highest power first."""
    cross = float((a * b1).sum() + (a1 * b).sum())
    return [float((a1 * b1).sum()), -cross, float((a * b).sum())]


def _forms(weights: Weights, effects: str) -> tuple[NDArray, NDArray, NDArray]:
    n = weights.n
    demeaned = effects in ("time", "twoways")
    unit = np.eye(n) - (1.0 / n if demeaned else 0.0)
    m = unit @ weights.to_dense() @ unit if demeaned else weights.to_dense()
    return unit, m.T @ m, 0.5 * (m + m.T)
