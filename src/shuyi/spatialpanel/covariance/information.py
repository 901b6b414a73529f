"""Expected and observed information, and the covariances that are their inverses.

A method of the log-determinant that avoids n x n matrices enters its traces in `SPATIAL_PARTS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from shuyi.panel import stack
from shuyi.spatialpanel.covariance.parts import SpatialParts, dense_parts, inverse
from shuyi.spatialpanel.covariance.parts_sparse import sparse_parts
from shuyi.spatialpanel.covariance.parts_trace import stochastic_parts
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, score_and_hessian

if TYPE_CHECKING:
    from numpy.typing import NDArray


SPATIAL_PARTS: dict[str, Callable[[LikelihoodProblem, Point], SpatialParts]] = {
    "eigenvalues": dense_parts,
    "sparse_lu": sparse_parts,
    "stochastic_trace": stochastic_parts,
}
"""Method of the log-determinant and the function ``(problem, point) -> SpatialParts`` that goes with it."""


def information(problem: LikelihoodProblem, point: Point) -> NDArray[np.float64]:
    """Invert the expected information matrix (see `expected_information`).

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    ndarray, shape (p, p)
        Covariance of the estimates.

    Raises
    ------
    IdentificationError
        If the information matrix is singular.
    """
    return inverse(expected_information(problem, point))


def hessian(problem: LikelihoodProblem, point: Point) -> NDArray[np.float64]:
    """Invert minus the analytic Hessian of the log-likelihood.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    ndarray, shape (p, p)
        Covariance of the estimates.

    Raises
    ------
    IdentificationError
        If the Hessian is singular.
    """
    return inverse(-score_and_hessian(problem, point)[1])


def expected_information(problem: LikelihoodProblem, point: Point) -> NDArray[np.float64]:
    """Return the expected information of all parameters, shape (p, p).

    With ``A = I - lam W2``, ``B = I - rho W1``, ``Gr = A W1 B^{-1} A^{-1}``, ``Gl = W2 A^{-1}``, X the
    transformed and filtered regressors, and v the transformed ``A W1 B^{-1}`` times the mean of ``B y``:

    I_bb = X'X/s2, I_b,rho = X'v/s2, I_rho,rho = tr(Gr Gr + Gr'Gr) + v'v/s2,
    I_rho,lam = tr(Gr Gl + Gr'Gl), I_lam,lam = tr(Gl Gl + Gl'Gl), I_rho,s2 = tr(Gr)/s2, I_lam,s2 = tr(Gl)/s2,
    I_s2,s2 = N/(2 s2^2), with traces summed over the effective periods of the convention. Where the
    convention drops the unit root, ``G`` is replaced by ``(I - 11'/n) G``.

    Anselin (1988, chapter 6); Lee and Yu (2010); Elhorst (2014, section 3.3).

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    ndarray, shape (p, p)
        In the order of ``problem.names``.
    """
    k, s2 = len(point.beta), point.sigma2
    m = len(problem.spatial)
    x = problem.x if problem.ex is None else problem.x - point.lam * problem.ex
    sides = spatial_parts(problem, point)
    columns = stack(
        np.concatenate([x, *([sides.mean[:, :, None]] if sides.mean is not None else [])], axis=2)
    )
    products = columns.T @ columns / s2
    info = np.zeros((k + m + 1, k + m + 1))
    size = len(products)
    info[:size, :size] = products
    info[k:-1, k:-1] += sides.products
    info[k:-1, -1] = info[-1, k:-1] = sides.traces / s2
    info[-1, -1] = problem.convention.observations / (2 * s2**2)
    return info


def spatial_parts(problem: LikelihoodProblem, point: Point) -> SpatialParts:
    """Return the spatial part of the information by the way that belongs to the log-determinant's method.

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
    used = problem.lag_jacobian or problem.error_jacobian
    way = SPATIAL_PARTS.get(used.parts[0].method if used else "", dense_parts)
    return way(problem, point)
