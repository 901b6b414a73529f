"""What robust covariances share: where the score is taken, the clusters, and the sandwich itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.alignment import by_unit
from shuyi.errors import ConfigError, offenders
from shuyi.spatialpanel.covariance.parts import inverse
from shuyi.spatialpanel.covariance.scores import ScoreParts, unit_centres, unit_products
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, residuals, score_and_hessian

if TYPE_CHECKING:
    from numpy.typing import NDArray


def sandwich(problem: LikelihoodProblem, point: Point, variance: NDArray) -> NDArray[np.float64]:
    """Return ``inverse(H) S inverse(H)``, shape (p, p).

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        The estimate; H is minus the Hessian at `profiled` of it.
    variance : ndarray, shape (p, p)
        S, the variance of the score at `profiled`.

    Returns
    -------
    ndarray, shape (p, p)
        Symmetric, in the order of ``problem.names``.

    Raises
    ------
    IdentificationError
        If the Hessian is singular.
    """
    inner = profiled(problem, point)
    bread = inverse(-score_and_hessian(problem, inner)[1])
    bread[-1] *= point.sigma2 / inner.sigma2
    found = bread @ variance @ bread.T
    return 0.5 * (found + found.T)


def profiled(problem: LikelihoodProblem, point: Point) -> Point:
    """Return the point at which sigma2 maximises the likelihood: a corrected sigma2 is a multiple of it.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    Point
        Otherwise the same.
    """
    e = residuals(problem, point)
    return replace(point, sigma2=float((e * e).sum()) / problem.convention.observations)


def cluster_members(problem: LikelihoodProblem, groups: Any) -> NDArray[np.float64]:
    """Return which units belong to which cluster, shape (n, C): zeros and ones.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    groups : Series, mapping or Grouping labelled by unit, sequence of length n, or None
        Cluster of each unit; a sequence without labels in the units' order. Each unit its own without them.

    Returns
    -------
    ndarray, shape (n, C)
        Clusters in alphabetical order.

    Raises
    ------
    AlignmentError
        If a unit has no group, or a sequence without labels has another length.
    ConfigError
        If there are fewer than two clusters.
    """
    n = problem.design.n
    if groups is None:
        return np.eye(n)
    labels = [str(g) for g in by_unit(groups, problem.design.units, "groups")]
    distinct = sorted(set(labels))
    if len(distinct) < 2:
        raise ConfigError(
            "One cluster has no variance.", expected="two groups or more", found=offenders(distinct)
        )
    return np.array([[float(label == g) for g in distinct] for label in labels])


def cluster_scores(parts: ScoreParts, member: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the clusters' own scores m, shape (C, p), and the products q of two clusters, (q, C, C).

    Parameters
    ----------
    parts : ScoreParts
        Linear and quadratic parts of the score.
    member : ndarray, shape (n, C)
        See `cluster_members`.

    Returns
    -------
    ndarray, shape (C, p)
        Own scores m.
    ndarray, shape (q, C, C)
        Products q of two clusters, zero on the diagonals.
    """
    own = member.T @ np.einsum("tip,ti->ip", parts.linear, parts.residuals)
    pairs = member.T @ unit_products(parts) @ member
    own[:, parts.first :] += (np.diagonal(pairs, axis1=1, axis2=2) - unit_centres(parts) @ member).T
    return own, pairs * (1.0 - np.eye(member.shape[1]))


def cluster_variance(own: NDArray, between: NDArray) -> NDArray[np.float64]:
    """Return ``sum_c m_c m_c' + 2 sum_{c != d} q_cd q_cd'``, shape (p, p).

    Parameters
    ----------
    own : ndarray, shape (C, p)
        The clusters' own scores.
    between : ndarray, shape (q, C, C)
        Of the last q parameters; zero on the diagonals.

    Returns
    -------
    ndarray, shape (p, p)
        Variance of the score.
    """
    found = own.T @ own
    first = len(found) - len(between)
    found[first:, first:] += 2 * np.einsum("acd,bcd->ab", between, between)
    return found
