"""Maximise many concentrated likelihoods over one bounded spatial parameter at once.

The search is that of `optimise`: the best point of a grid over the admissible interval, then Newton steps on
analytic derivatives that its neighbours bracket. Every step is taken for all fits that have not ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from shuyi.spatialpanel.many.stack import Stack, dot, inner, jacobian_at, outer
from shuyi.spatialpanel.optimise import EDGE, MAX_ITERATIONS, STEP_TOLERANCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.logdet.choose import Jacobian

PERFECT = 1e-20
"""Share of y'y below which the single fit decides whether the fit is perfect (it does at 1e-24)."""


class Squares(Protocol):
    """The concentrated sum of squares of B fits as a function of the spatial parameter."""

    def on_grid(self, points: NDArray) -> NDArray[np.float64]:
        """Return the sums of squares at points of shape (G,): shape (B, G).

        Parameters
        ----------
        points : ndarray, shape (G,)
            Values of rho or lam.

        Returns
        -------
        ndarray, shape (B, G)
            One row per fit.
        """

    def at(self, r: NDArray, fits: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        """Return value and first two derivatives of the named fits at parameters of the same shape.

        Parameters
        ----------
        r : ndarray, shape (F,)
            One value of rho or lam per named fit.
        fits : ndarray of int, shape (F,)
            Positions of the fits.

        Returns
        -------
        (ndarray, ndarray, ndarray), each of shape (F,)
            Value and derivatives.
        """

    def coordinates(self, r: NDArray) -> NDArray[np.float64]:
        """Return the coefficients g at parameters of shape (B,): shape (B, k).

        Parameters
        ----------
        r : ndarray, shape (B,)
            rho or lam of each fit.

        Returns
        -------
        ndarray, shape (B, k)
            In the coordinates of the bases.
        """


@dataclass(frozen=True, slots=True, eq=False)
class LagSquares:
    """``|y - r W y|^2`` outside the regressors: a quadratic in rho.

    Attributes
    ----------
    constant, cross, square : ndarray, shape (B,)
        Products y'y, y'Wy and Wy'Wy of the residuals on X.
    own, lagged : ndarray, shape (B, k)
        Coordinates of y and W y.
    """

    constant: NDArray[np.float64]
    cross: NDArray[np.float64]
    square: NDArray[np.float64]
    own: NDArray[np.float64]
    lagged: NDArray[np.float64]

    @classmethod
    def of(cls, stack: Stack) -> LagSquares:
        """Project y and W y.

        Parameters
        ----------
        stack : Stack
            Data of the fits.

        Returns
        -------
        LagSquares
            Products of all fits.
        """
        assert stack.lagged is not None
        own, y = project(stack, stack.y)
        lagged, wy = project(stack, stack.lagged)
        return cls(dot(y, y), dot(y, wy), dot(wy, wy), own, lagged)

    def on_grid(self, points: NDArray) -> NDArray[np.float64]:
        """Return the sums of squares at points of shape (G,): shape (B, G).

        Parameters
        ----------
        points : ndarray, shape (G,)
            Values of rho.

        Returns
        -------
        ndarray, shape (B, G)
            One row per fit.
        """
        return self.constant[:, None] - 2 * np.outer(self.cross, points) + np.outer(self.square, points**2)

    def at(self, r: NDArray, fits: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        """Return value and first two derivatives of the named fits at parameters of the same shape.

        Parameters
        ----------
        r : ndarray, shape (F,)
            One value of rho per named fit.
        fits : ndarray of int, shape (F,)
            Positions of the fits.

        Returns
        -------
        (ndarray, ndarray, ndarray), each of shape (F,)
            Value and derivatives.
        """
        a, b, c = self.constant[fits], self.cross[fits], self.square[fits]
        return a - 2 * r * b + r**2 * c, -2 * (b - r * c), 2 * c

    def coordinates(self, r: NDArray) -> NDArray[np.float64]:
        """Return the coefficients g at parameters of shape (B,): shape (B, k).

        Parameters
        ----------
        r : ndarray, shape (B,)
            rho of each fit.

        Returns
        -------
        ndarray, shape (B, k)
            In the coordinates of the bases.
        """
        return self.own - r[:, None] * self.lagged


@dataclass(frozen=True, slots=True, eq=False)
class ErrorSquares:
    """``|z(r) - X(r)'d|^2`` with z and X filtered by lam and d the generalised least-squares coefficients.

    d is counted from the least-squares coordinates of y, so that z is the least-squares residual at lam = 0.
    Letters name what a product is made of: q and p the bases Q and W Q, y and w the series y and W y.

    Attributes
    ----------
    own : ndarray, shape (B, k)
        Least-squares coordinates of y.
    qp, pp : ndarray, shape (B or 1, k, k)
        Products of the bases.
    qw, py, pw : ndarray, shape (B, k)
        Products of bases and series.
    yy, yw, ww : ndarray, shape (B,)
        Products of the series.
    """

    own: NDArray[np.float64]
    qp: NDArray[np.float64]
    pp: NDArray[np.float64]
    qw: NDArray[np.float64]
    py: NDArray[np.float64]
    pw: NDArray[np.float64]
    yy: NDArray[np.float64]
    yw: NDArray[np.float64]
    ww: NDArray[np.float64]

    @classmethod
    def of(cls, stack: Stack) -> ErrorSquares:
        """Project y and collect the products.

        Parameters
        ----------
        stack : Stack
            Data of the fits.

        Returns
        -------
        ErrorSquares
            Products of all fits.
        """
        assert stack.lagged is not None
        assert stack.lagged_basis is not None
        q, p = stack.basis, stack.lagged_basis
        own, y = project(stack, stack.y)
        w = stack.lagged - outer(own, p)
        qp, pp = q @ p.transpose(0, 2, 1), p @ p.transpose(0, 2, 1)
        return cls(own, qp, pp, inner(q, w), inner(p, y), inner(p, w), dot(y, y), dot(y, w), dot(w, w))

    def on_grid(self, points: NDArray) -> NDArray[np.float64]:
        """Return the sums of squares at points of shape (G,): shape (B, G).

        Parameters
        ----------
        points : ndarray, shape (G,)
            Values of lam.

        Returns
        -------
        ndarray, shape (B, G)
            One row per fit.
        """
        fits = np.arange(len(self.yy))
        return np.stack([self._at(points[g : g + 1], fits)[0] for g in range(len(points))], axis=1)

    def at(self, r: NDArray, fits: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        """Return value and first two derivatives of the named fits at parameters of the same shape.

        Parameters
        ----------
        r : ndarray, shape (F,)
            One value of lam per named fit.
        fits : ndarray of int, shape (F,)
            Positions of the fits.

        Returns
        -------
        (ndarray, ndarray, ndarray), each of shape (F,)
            Value and derivatives.
        """
        value, d, matrix = self._at(r, fits)
        qp, pp, pw = _of(self.qp, fits), _of(self.pp, fits), self.pw[fits]
        turned = qp - r[:, None, None] * pp
        pz, xw = self.py[fits] - r[:, None] * pw, self.qw[fits] - r[:, None] * pw
        turned_d, back_d = _times(turned, d), _times(turned.transpose(0, 2, 1), d)
        slope = self.yw[fits] - r * self.ww[fits] + dot(d, turned_d - pz - xw)
        side = self.ww[fits] + dot(d, _times(pp, d) - 2 * pw)
        mixed = xw - turned_d + pz - back_d
        return value, -2 * slope, 2 * (side - dot(mixed, _solved(matrix, mixed)))

    def coordinates(self, r: NDArray) -> NDArray[np.float64]:
        """Return the coefficients g at parameters of shape (B,): shape (B, k).

        Parameters
        ----------
        r : ndarray, shape (B,)
            lam of each fit.

        Returns
        -------
        ndarray, shape (B, k)
            In the coordinates of the bases.
        """
        return self.own + self._at(r, np.arange(len(r)))[1]

    def _at(self, r: NDArray, fits: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        """Return the sum of squares, d, and X(r) X(r)' of the named fits, at their r or at one for all."""
        column, cube = r[:, None], r[:, None, None]
        qp = _of(self.qp, fits)
        both = qp + qp.transpose(0, 2, 1)
        matrix = np.eye(qp.shape[1]) - cube * both + cube**2 * _of(self.pp, fits)
        right = -column * (self.qw[fits] + self.py[fits]) + column**2 * self.pw[fits]
        d = _solved(matrix, right)
        square = self.yy[fits] - 2 * r * self.yw[fits] + r**2 * self.ww[fits] - dot(right, d)
        return square, d, matrix


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Where the searches ended.

    Attributes
    ----------
    parameter : ndarray, shape (B,)
        rho or lam.
    iterations : ndarray of int, shape (B,)
        Newton steps.
    gradient : ndarray, shape (B,)
        Absolute derivative of the concentrated log-likelihood.
    sound : ndarray of bool, shape (B,)
        Whether the search ended inside the interval.
    """

    parameter: NDArray[np.float64]
    iterations: NDArray[np.int64]
    gradient: NDArray[np.float64]
    sound: NDArray[np.bool_]


def project(stack: Stack, series: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return coordinates on the basis (B, k) and residuals (B, N) of series, projected twice for accuracy.

    Parameters
    ----------
    stack : Stack
        Data of the fits.
    series : ndarray, shape (B, N)
        One series per fit.

    Returns
    -------
    ndarray, shape (B, k)
        Coordinates.
    ndarray, shape (B, N)
        Residuals.
    """
    first = inner(stack.basis, series)
    rest = series - outer(first, stack.basis)
    second = inner(stack.basis, rest)
    return first + second, rest - outer(second, stack.basis)


def search(squares: Squares, jacobian: Jacobian, size: int) -> Found:
    """Return the maxima of ``J(r) - size/2 ln S(r)``.

    Parameters
    ----------
    squares : Squares
        S of B fits.
    jacobian : Jacobian
        J, the same for all.
    size : int
        Effective observations.

    Returns
    -------
    Found
        Maxima, steps, derivatives, and which of them count.
    """
    points, logs = jacobian.grid()
    with np.errstate(divide="ignore", invalid="ignore"):
        values = logs - 0.5 * size * np.log(squares.on_grid(points))
    best = np.nan_to_num(values, nan=-np.inf).argmax(axis=1)
    low, high = jacobian.interval
    margin = EDGE * (high - low)
    padded = np.concatenate([[low + margin], points, [high - margin]])
    x, iterations, gradient, ended = _newton(
        squares, jacobian, size, points[best], padded[best], padded[best + 2]
    )
    inside = (x > low + 2 * margin) & (x < high - 2 * margin)
    return Found(x, iterations, gradient, ended & inside)


def _newton(
    squares: Squares, jacobian: Jacobian, size: int, x: NDArray, left: NDArray, right: NDArray
) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    x, left, right = x.copy(), left.copy(), right.copy()
    iterations, gradient = np.zeros(len(x), np.int64), np.full(len(x), np.nan)
    going = np.arange(len(x))
    for iteration in range(1, MAX_ITERATIONS + 1):
        here = x[going]
        slope, curvature = _derivatives(squares, jacobian, size, here, going)
        iterations[going], gradient[going] = iteration, np.abs(slope)
        left[going] = np.where(slope > 0, here, left[going])
        right[going] = np.where(slope > 0, right[going], here)
        low, high = left[going], right[going]
        new = here - slope / np.where(curvature < 0, curvature, np.nan)
        done = np.abs(new - here) <= STEP_TOLERANCE * (1 + np.abs(here))
        new = np.where((low < new) & (new < high), new, 0.5 * (low + high))
        done |= (new == low) | (new == high) | (high - low <= STEP_TOLERANCE)
        going, new = going[~done], new[~done]
        x[going] = new
        if not len(going):
            break
    ended = np.ones(len(x), bool)
    ended[going] = False
    return x, iterations, gradient, ended & np.isfinite(gradient)


def _derivatives(
    squares: Squares, jacobian: Jacobian, size: int, r: NDArray, fits: NDArray
) -> tuple[NDArray, NDArray]:
    value, slope, curvature = squares.at(r, fits)
    _, first, second = jacobian_at(jacobian, r)
    relative = slope / value
    return first - 0.5 * size * relative, second - 0.5 * size * (curvature / value - relative**2)


def _times(matrix: NDArray, vector: NDArray) -> NDArray[np.float64]:
    return (matrix @ vector[:, :, None])[:, :, 0]


def _solved(matrix: NDArray, vector: NDArray) -> NDArray[np.float64]:
    """Solve (B or 1, k, k) for (B, k); one matrix is factored once."""
    if len(matrix) == 1:
        return np.linalg.solve(matrix[0], vector.T).T
    return np.linalg.solve(matrix, vector[:, :, None])[:, :, 0]


def _of(array: NDArray, fits: NDArray) -> NDArray:
    """Return the entries of the named fits, or the one entry that all share."""
    return array if len(array) == 1 else array[fits]
