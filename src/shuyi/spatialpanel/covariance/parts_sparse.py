"""Parts of the information from sparse LU factors, without n x n matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.spatialpanel.covariance.parts import SpatialParts, distinct_pairs, signal_of
from shuyi.spatialpanel.logdet.sparse import determinant_slope, factorise, unit_minus
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array
    from scipy.sparse.linalg import SuperLU

    from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point
    from shuyi.weights import Weights


def sparse_parts(problem: LikelihoodProblem, point: Point) -> SpatialParts:
    """Return the spatial part of the information from sparse factors: exact, without n x n arrays.

    With ``A = I - lam W2``, ``B = I - rho W1`` and P = A B,
    tr(Gr'Gr) = tr((P'P)^{-1} (A W1)'A W1), tr(Gl'Gl) = tr((A'A)^{-1} W2'W2), tr(Gr Gl) = tr(P^{-1} W2 W1) and
    tr(Gr'Gl) = tr((P'A)^{-1} (A W1)'W2), each the slope of one log-determinant.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    SpatialParts
        Traces, their products and the mean of the spatial lag.
    """
    m = len(problem.spatial)
    traces, products = np.zeros(m), np.zeros((m, m))
    signal = signal_of(problem, point, unfilter)
    mean = np.empty_like(signal) if signal is not None else None
    for lag, error, periods in distinct_pairs(problem):
        filters = Filters.of(lag, error, point)
        if mean is not None and signal is not None:
            mean[periods] = filters.spread(signal[periods].T).T
        found = _pair_traces(problem, point, filters, (lag, error))
        if problem.convention.drops_unit_root:
            found = filters.without_constant(*found)
        count = len(periods) * problem.convention.periods / problem.design.T
        traces += count * found[0]
        products += count * (found[1] + found[2])
    if mean is not None:
        mean = within(mean, problem.convention.effects)
    return SpatialParts(mean, traces, products)


def _pair_traces(
    problem: LikelihoodProblem, point: Point, filters: Filters, pair: tuple[Weights | None, Weights | None]
) -> tuple[NDArray, NDArray, NDArray]:
    """Return tr(G), tr(G H) and tr(G'H) of the generators of one pair of weights."""
    from shuyi.spatialpanel.logdet.choose import log_determinant

    jacobians = (problem.lag_jacobian, problem.error_jacobian)
    used = [
        log_determinant(w, j.parts[0].method).derivatives(at)
        for w, j, at in zip(pair, jacobians, (point.rho, point.lam), strict=True)
        if w is not None and j is not None
    ]
    traces = np.array([-first for _, first, _ in used])
    plain = np.diag([-second for _, _, second in used])
    crossed = np.diag(filters.squares())
    if len(used) == 2:
        plain[0, 1] = plain[1, 0] = filters.cross()
        crossed[0, 1] = crossed[1, 0] = filters.crossed()
    return traces, plain, crossed


@dataclass(frozen=True, slots=True, eq=False)
class Filters:
    """``A = I - lam W2`` and ``B = I - rho W1`` with their factors; None where the model has no such term.

    Parameters
    ----------
    lag, error : csc_array or None
        W1 and W2.
    a, b : csc_array or None
        ``I - lam W2`` and ``I - rho W1``.
    a_factors, b_factors : SuperLU or None
        Their LU factors.
    """

    lag: csc_array | None
    error: csc_array | None
    a: csc_array | None
    b: csc_array | None
    a_factors: SuperLU | None
    b_factors: SuperLU | None

    @classmethod
    def of(cls, lag: Weights | None, error: Weights | None, point: Point) -> Filters:
        """Factorise the filters at a point.

        Parameters
        ----------
        lag, error : Weights or None
            Weights of the spatial lag and of the error process; None where the model has no such term.
        point : Point
            Values of all parameters, usually the estimate.

        Returns
        -------
        Filters
            Matrices and factors.
        """
        matrices = [w.to_sparse().tocsc() if w is not None else None for w in (lag, error)]
        b, a = (
            unit_minus(at, w) if w is not None else None
            for w, at in zip(matrices, (point.rho, point.lam), strict=True)
        )
        factors = [factorise(f, "MMD_AT_PLUS_A") if f is not None else None for f in (a, b)]
        return cls(matrices[0], matrices[1], a, b, factors[0], factors[1])

    def spread(self, values: NDArray) -> NDArray:
        """Return ``A W1 B^{-1} v``, shape (n, m).

        Parameters
        ----------
        values : ndarray, shape (n, m)
            Vectors v in columns.

        Returns
        -------
        ndarray, shape (n, m)
            The same columns, filtered.
        """
        assert self.b_factors is not None and self.lag is not None
        spread = self.lag @ self.b_factors.solve(values)
        return spread if self.a is None else self.a @ spread

    def squares(self) -> list[float]:
        """Return tr(Gr'Gr) and tr(Gl'Gl) as far as the model has them.

        Returns
        -------
        list of float
            One or two traces.
        """
        found = []
        if self.lag is not None:
            p, side = self._product(), self._filtered()
            found.append(determinant_slope(p.T @ p, side.T @ side))
        if self.error is not None and self.a is not None:
            found.append(determinant_slope(self.a.T @ self.a, self.error.T @ self.error))
        return found

    def cross(self) -> float:
        """Return tr(Gr Gl).

        Returns
        -------
        float
            Needs both terms.
        """
        assert self.error is not None
        return determinant_slope(self._product(), self.error @ self.lag)

    def crossed(self) -> float:
        """Return tr(Gr'Gl).

        Returns
        -------
        float
            Needs both terms.
        """
        assert self.a is not None
        return determinant_slope(self._product().T @ self.a, self._filtered().T @ self.error)

    def without_constant(
        self, traces: NDArray, plain: NDArray, crossed: NDArray
    ) -> tuple[NDArray, NDArray, NDArray]:
        """Turn tr(G), tr(GH) and tr(G'H) into those of ``J G`` with ``J = I - 11'/n``.

        Parameters
        ----------
        traces : ndarray, shape (m,)
            tr(G) of each term.
        plain, crossed : ndarray, shape (m, m)
            tr(GH) and tr(G'H) of each pair of terms.

        Returns
        -------
        (ndarray, ndarray, ndarray)
            The same three, of ``J G``.
        """
        forward, backward = self._ones()
        n = len(forward[0])
        sums = np.array([g.sum() for g in forward])
        both = np.array([[h @ g for g in forward] for h in backward])
        transposed = np.array([[g.sum() * h.sum() for g in forward] for h in forward])
        outer = np.array([[g @ h for g in backward] for h in backward])
        return (
            traces - sums / n,
            plain - (both + both.T) / n + transposed / n**2,
            crossed - outer / n,
        )

    def _ones(self) -> tuple[list[NDArray], list[NDArray]]:
        """Return G 1 and G'1 of every generator."""
        source = self.lag if self.lag is not None else self.error
        assert source is not None
        one = np.ones(source.shape[0])
        forward, backward = [], []
        if self.lag is not None and self.b_factors is not None:
            inner = one if self.a_factors is None else self.a_factors.solve(one)
            forward.append(self.spread(inner))
            outer = one if self.a is None else self.a.T @ one
            outer = self.b_factors.solve(self.lag.T @ outer, "T")
            backward.append(outer if self.a_factors is None else self.a_factors.solve(outer, "T"))
        if self.error is not None and self.a_factors is not None:
            forward.append(self.error @ self.a_factors.solve(one))
            backward.append(self.a_factors.solve(self.error.T @ one, "T"))
        return forward, backward

    def _product(self) -> csc_array:
        return self.b if self.a is None else self.a @ self.b

    def _filtered(self) -> csc_array:
        return self.lag if self.a is None else self.a @ self.lag


def unfilter(weights: Weights, lam: float, values: NDArray) -> NDArray[np.float64]:
    """Return ``(I - lam W)^{-1} v`` for v of shape (n, m).

    Parameters
    ----------
    weights : Weights
        Spatial weights in the panel's order of units.
    lam : float
        Parameter of the error process.
    values : ndarray, shape (n, m)
        Vectors v in columns.

    Returns
    -------
    ndarray, shape (n, m)
        The same columns, unfiltered.
    """
    factors = factorise(unit_minus(lam, weights.to_sparse().tocsc()), "MMD_AT_PLUS_A")
    return factors.solve(np.ascontiguousarray(values))
