"""The clustered covariance with the small-sample correction of the jackknife.

A cluster's residuals are too small because its own observations moved the estimate towards them. The estimate
without cluster c is, to one Newton step, ``par - (H - H_c)^{-1} m_c`` with ``m_c`` the cluster's score and
``H_c`` its share of minus the Hessian, so that its score counts as ``(I - H_c H^{-1})^{-1} m_c``: for OLS and
SLX this is the CV3 covariance (Bell and McCaffrey 2002; MacKinnon, Nielsen and Webb 2023). Products of two
clusters, which only rho and lam have, are taken as `robust.cluster` takes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import IdentificationError, offenders
from shuyi.spatialpanel.covariance.parts import distinct_pairs, generators
from shuyi.spatialpanel.covariance.sandwich import (
    cluster_members,
    cluster_scores,
    cluster_variance,
    profiled,
    sandwich,
)
from shuyi.spatialpanel.covariance.scores import filtered_lags, score_parts
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, residuals, score_and_hessian

if TYPE_CHECKING:
    from numpy.typing import NDArray


ALONE = 1e-8
"""Share of the information on some parameter below which a cluster's leaving would remove it."""


def cluster_jackknife(problem: LikelihoodProblem, point: Point, *, groups: Any = None) -> NDArray[np.float64]:
    """Return the covariance for dependence within clusters, corrected by the jackknife.

    ``(C - 1)/C inverse(H) (sum_c m*_c m*_c' + 2 sum_{c != d} q_cd q_cd') inverse(H)`` with
    ``m*_c = (I - H_c inverse(H))^{-1} m_c``; see `robust.cluster` for m and q.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.
    groups : Series, mapping or Grouping labelled by unit, or sequence of length n, optional
        Cluster of each unit; a sequence without labels in the units' order. Each unit its own by default.

    Returns
    -------
    ndarray, shape (p, p)

    Raises
    ------
    AlignmentError
        If a unit has no group, or a sequence without labels has another length.
    ConfigError
        If there are fewer than two clusters, or too many units.
    IdentificationError
        If a parameter is identified by one cluster alone.
    """
    member = cluster_members(problem, groups)
    inner = profiled(problem, point)
    parts = score_parts(problem, inner)
    own, between = cluster_scores(parts, member)
    shares = np.einsum("iab,ic->cab", unit_hessians(problem, inner), member)
    own = _without_leverage(own, shares, -score_and_hessian(problem, inner)[1])
    count = member.shape[1]
    return sandwich(problem, point, (count - 1) / count * cluster_variance(own, between))


def unit_hessians(problem: LikelihoodProblem, point: Point) -> NDArray[np.float64]:
    """Return each unit's share of minus the Hessian of the log-likelihood, shape (n, p, p).

    The sum of squares is a sum over units; of the log-determinant unit i has the diagonal element i of
    ``G G``. The shares add up to the whole at the maximum. Elements between coefficients and sigma2, whose
    sum is zero there, are left out, so that OLS has the exact jackknife.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.

    Returns
    -------
    ndarray, shape (n, p, p)
        One share per unit, in the units' order.
    """
    k, m, s2 = len(point.beta), len(problem.spatial), point.sigma2
    e = residuals(problem, point)
    x = problem.x if problem.ex is None else problem.x - point.lam * problem.ex
    sides = np.concatenate([x, filtered_lags(problem, point)], axis=2)
    n = e.shape[1]
    found = np.zeros((n, k + m + 1, k + m + 1))
    found[:, :-1, :-1] = np.einsum("tia,tib->iab", sides, sides) / s2
    found[:, k:-1, -1] = found[:, -1, k:-1] = np.einsum("tia,ti->ia", sides[:, :, k:], e) / s2**2
    found[:, -1, -1] = (e * e).sum(axis=0) / s2**3 - problem.convention.observations / (2 * n * s2**2)
    if problem.ex is not None:
        mixed = problem.ex if problem.ewy is None else np.concatenate([problem.ex, problem.ewy[..., None]], 2)
        second = np.einsum("tia,ti->ia", mixed, e) / s2
        found[:, : second.shape[1], k + m - 1] += second
        found[:, k + m - 1, : second.shape[1]] += second
    found[:, range(k, k + m), range(k, k + m)] += _unit_traces(problem, point)
    return found


def _unit_traces(problem: LikelihoodProblem, point: Point) -> NDArray[np.float64]:
    """Return the diagonals of ``G G`` summed over the effective periods, shape (n, m)."""
    found = np.zeros((problem.design.n, len(problem.spatial)))
    for lag, error, periods in distinct_pairs(problem):
        count = len(periods) * problem.convention.periods / problem.design.T
        for a, g in enumerate(generators(lag, error, point)[0]):
            centred = g - g.mean(axis=0) if problem.convention.drops_unit_root else g
            found[:, a] += count * np.einsum("ij,ji->i", centred, centred)
    return found


def _without_leverage(own: NDArray, shares: NDArray, whole: NDArray) -> NDArray[np.float64]:
    """Return ``(I - H_c H^{-1})^{-1} m_c`` of every cluster, shape (C, p), in scaled parameters."""
    scale = 1.0 / np.sqrt(np.diag(whole))
    shares = shares * scale * scale[:, None]
    left = np.eye(len(scale)) - shares @ np.linalg.inv(whole * scale * scale[:, None])
    alone = np.flatnonzero(np.linalg.svd(left, compute_uv=False)[:, -1] < ALONE)
    if len(alone):
        raise IdentificationError(
            "A parameter is identified by one cluster alone, so that the jackknife cannot leave it out.",
            expected="every parameter identified without any one cluster",
            found=f"clusters by position: {offenders(alone.tolist())}",
            remedy="use covariance='cluster', or another model",
        )
    return np.linalg.solve(left, (own * scale)[:, :, None])[:, :, 0] / scale
