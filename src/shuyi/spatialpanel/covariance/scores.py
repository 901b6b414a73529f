"""The score as a linear-quadratic form of the innovations, which is what robust covariances are made of.

With ``G`` the derivative of a spatial filter (``Gr = A W1 B^{-1} A^{-1}`` for rho, ``Gl = W2 A^{-1}`` for
lam) and J the within projector, every element of the score is

    s_a = l_a'e + e'Q_a e - c_a,    Q_a = sym(J G_a)/sigma2,

with ``Q = 0`` for coefficients, and ``l = 0``, ``Q = J/(2 sigma2^2)`` for sigma2. The products
``e_i g_ij e_j`` of two units belong to both of them: summing them by unit as if they were contributions of
one unit, the outer product of gradients, loses ``tr(G G)`` of the information ``tr(G G + G'G)``. For
independent innovations the variance is instead that of the martingale differences of Kelejian and Prucha
(2001); added over both orders of each pair it is

    Var(s) = sum_p E[m_p m_p'] + 2 sum_{p != q} E[(e_p Q_pq e_q)(e_p Q_pq e_q)'],
    m_p = l_p e_p + Q_pp (e_p^2 - sigma2),

where p is whatever is independent: an observation, or with vectors and blocks a unit or a group of units.

Lee (2004, Econometrica 72); Lee and Yu (2010, Journal of Econometrics 154).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import ConfigError
from shuyi.spatialpanel.covariance.parts import distinct_pairs, generators
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, residuals
from shuyi.spatialpanel.transforms import degrees_of_freedom, within

if TYPE_CHECKING:
    from numpy.typing import NDArray


MAX_UNITS = 5000
"""Units up to which the n x n matrices of the quadratic forms are formed: 200 MB each."""


@dataclass(frozen=True, slots=True, eq=False)
class QuadraticPart:
    """The quadratic forms of the periods that share their weights.

    Attributes
    ----------
    periods : list of int
        Positions of the periods.
    matrices : ndarray, shape (q, n, n)
        ``J_n G/sigma2`` of rho and lam as far as the model has them, ``J_n/(2 sigma2^2)`` of sigma2.
    """

    periods: list[int]
    matrices: NDArray[np.float64]

    @property
    def diagonals(self) -> NDArray[np.float64]:
        """Diagonals of the matrices, shape (q, n)."""
        return np.diagonal(self.matrices, axis1=1, axis2=2)


@dataclass(frozen=True, eq=False)
class ScoreParts:
    """The linear-quadratic form of the whole score; the last q of the p parameters have quadratic parts.

    Attributes
    ----------
    residuals : ndarray, shape (T, n)
        Transformed innovations.
    linear : ndarray, shape (T, n, p)
        Linear forms l, by period, unit and parameter.
    quadratic : tuple of QuadraticPart
        Quadratic forms, one entry per distinct pair of weights.
    projector : ndarray, shape (T, T)
        ``I - 11'/T`` where individual effects are removed, else ``I``.
    removes_time : bool
        Whether period means are removed.
    sigma2 : float
        ``e'e`` over the rank of the within projector, whatever the convention's own sigma2.
    inflation : float
        nT over that rank: what demeaning takes from a squared residual.
    """

    residuals: NDArray[np.float64]
    linear: NDArray[np.float64]
    quadratic: tuple[QuadraticPart, ...]
    projector: NDArray[np.float64]
    removes_time: bool
    sigma2: float
    inflation: float

    @property
    def p(self) -> int:
        """Number of parameters."""
        return self.linear.shape[2]

    @property
    def first(self) -> int:
        """Position of the first parameter with a quadratic part."""
        return self.p - len(self.quadratic[0].matrices)

    @cached_property
    def own(self) -> NDArray[np.float64]:
        """Diagonal of Q, one entry per observation and parameter, shape (T, n, p)."""
        found = np.zeros_like(self.linear)
        for part in self.quadratic:
            share = np.diag(self.projector)[part.periods]
            found[part.periods, :, self.first :] = share[:, None, None] * part.diagonals.T
        return found

    def contributions(self, factor: float) -> NDArray[np.float64]:
        """Return ``m_p = l_p e_p + Q_pp (e_p^2 - mean)`` with residuals inflated by a factor, (T, n, p).

        Parameters
        ----------
        factor : float
            What squared residuals are multiplied by, e.g. `inflation`.

        Returns
        -------
        ndarray, shape (T, n, p)
            Each observation's own part of the score.
        """
        e = self.residuals * np.sqrt(factor)
        squares = e**2
        return self.linear * e[:, :, None] + self.own * (squares - squares.mean())[:, :, None]


def score_parts(problem: LikelihoodProblem, point: Point) -> ScoreParts:
    """Split the score at a point into its linear and quadratic parts.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    ScoreParts
        The score is their sum at the residuals.

    Raises
    ------
    ConfigError
        If n exceeds `MAX_UNITS`.
    """
    _check_not_too_many(problem)
    e, effects = residuals(problem, point), problem.convention.effects
    T, n = e.shape
    x = problem.x if problem.ex is None else problem.x - point.lam * problem.ex
    sides = filtered_lags(problem, point)
    quadratic = _quadratic(problem, point)
    for part in quadratic:
        products = np.einsum("qij,tj->tiq", part.matrices[:-1] * point.sigma2, e[part.periods])
        sides[part.periods] -= products
    if not problem.convention.lags_last:
        sides = within(sides, effects)
    linear = np.concatenate([x, sides, np.zeros((T, n, 1))], axis=2) / point.sigma2
    projector = np.eye(T) - (1.0 / T if effects in ("individual", "twoways") else 0.0)
    rank = degrees_of_freedom(effects, n, T)
    removes_time = effects in ("time", "twoways")
    return ScoreParts(
        e, linear, quadratic, projector, removes_time, float((e * e).sum()) / rank, n * T / rank
    )


def filtered_lags(problem: LikelihoodProblem, point: Point) -> NDArray[np.float64]:
    """Return ``A W1 y`` and ``W2 (B y - X b)``, transformed, shape (T, n, m).

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    ndarray, shape (T, n, m)
        One layer per spatial parameter; none for OLS and SLX.
    """
    found = []
    if problem.wy is not None:
        found.append(problem.wy if problem.ewy is None else problem.wy - point.lam * problem.ewy)
    if problem.ey is not None and problem.ex is not None:
        inner = problem.ey - problem.ex @ point.beta
        found.append(inner if problem.ewy is None else inner - point.rho * problem.ewy)
    return np.stack(found, axis=2) if found else np.zeros((*problem.y.shape, 0))


def _quadratic(problem: LikelihoodProblem, point: Point) -> tuple[QuadraticPart, ...]:
    n = problem.design.n
    centring = 1.0 / n if problem.convention.effects in ("time", "twoways") else 0.0
    own = (np.eye(n) - centring) / (2 * point.sigma2**2)
    pairs = distinct_pairs(problem) if problem.spatial else [(None, None, list(range(problem.design.T)))]
    parts = []
    for lag, error, periods in pairs:
        matrices = generators(lag, error, point)[0] if problem.spatial else []
        scaled = [(g - n * centring * g.mean(axis=0)) / point.sigma2 for g in matrices]
        parts.append(QuadraticPart(periods, np.stack([*scaled, own])))
    return tuple(parts)


def independent_variance(parts: ScoreParts, squares: NDArray) -> NDArray[np.float64]:
    """Return ``2 sum_{p != q} Q_a,pq Q_b,pq v_p v_q`` over observations, shape (q, q).

    Parameters
    ----------
    parts : ScoreParts
        Linear and quadratic parts of the score.
    squares : ndarray, shape (T, n)
        Variances v of the observations, or squared innovations in their place.

    Returns
    -------
    ndarray, shape (q, q)
        Of the last q parameters.
    """
    count = parts.p - parts.first
    found = np.zeros((count, count))
    weights = parts.projector**2
    for a in parts.quadratic:
        for b in parts.quadratic:
            shared = squares[a.periods].T @ weights[np.ix_(a.periods, b.periods)] @ squares[b.periods]
            form = 0.5 * (b.matrices + a.matrices.transpose(0, 2, 1))
            found += np.einsum("aij,bij,ij->ab", form, form, shared)
        own = (np.diag(parts.projector)[a.periods] ** 2) @ squares[a.periods] ** 2
        found -= (a.diagonals * own) @ a.diagonals.T
    return 2 * found


def unit_products(parts: ScoreParts) -> NDArray[np.float64]:
    """Return ``e_i'Q_ij e_j`` of all pairs of units, symmetric, shape (q, n, n).

    Parameters
    ----------
    parts : ScoreParts
        Linear and quadratic parts of the score.

    Returns
    -------
    ndarray, shape (q, n, n)
        One layer per parameter with a quadratic part.
    """
    found = np.zeros_like(parts.quadratic[0].matrices)
    for part in parts.quadratic:
        e = parts.residuals[part.periods]
        found += part.matrices * (e.T @ e)
    return 0.5 * (found + found.transpose(0, 2, 1))


def unit_centres(parts: ScoreParts) -> NDArray[np.float64]:
    """Return the expectations ``tr(Q_ii) sigma2`` of the units' own products, shape (q, n).

    Parameters
    ----------
    parts : ScoreParts
        Linear and quadratic parts of the score.

    Returns
    -------
    ndarray, shape (q, n)
        One row per parameter with a quadratic part.
    """
    return np.asarray(
        sum(
            part.diagonals * np.diag(parts.projector)[part.periods].sum() * parts.sigma2
            for part in parts.quadratic
        )
    )


def period_scores(parts: ScoreParts) -> NDArray[np.float64]:
    """Return the score of each period, centred at its expectation, shape (T, p).

    Parameters
    ----------
    parts : ScoreParts
        Linear and quadratic parts of the score.

    Returns
    -------
    ndarray, shape (T, p)
        One row per period.
    """
    e = parts.residuals
    found = np.einsum("tip,ti->tp", parts.linear, e)
    for part in parts.quadratic:
        own = np.diag(parts.projector)[part.periods] * parts.sigma2
        here = e[part.periods]
        products = np.einsum("ti,qij,tj->tq", here, part.matrices, here, optimize=True)
        found[part.periods, parts.first :] += products - np.outer(own, part.diagonals.sum(axis=1))
    return found


def _check_not_too_many(problem: LikelihoodProblem) -> None:
    if problem.design.n > MAX_UNITS:
        raise ConfigError(
            "The robust covariances form n x n matrices of the score's quadratic forms.",
            expected=f"at most {MAX_UNITS} units",
            found=f"{problem.design.n} units",
            remedy="use covariance='information' or 'hessian', or a bootstrap",
        )
