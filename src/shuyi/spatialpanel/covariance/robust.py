"""Covariances that hold beyond iid normal innovations: ``inverse(H) S inverse(H)``.

H is minus the analytic Hessian of the log-likelihood and S an estimate of the variance of the score; the
kinds differ in which innovations may be dependent. All of them use the linear-quadratic form of the score
(see `scores`), not the outer product of gradients, and reduce for OLS and SLX to the sandwich of their name.
A convention that multiplies sigma2 after estimation has its sandwich at the sigma2 that maximises.

Each has a small-sample factor, on by default and switched off by ``small_sample=False``:

==================  =======================================================================
``robust``          nT / rank of the within projector, on squared innovations
``cluster``         C/(C - 1) (nT - 1)/(nT - k), C clusters, k coefficients and spatial parameters
``driscoll_kraay``  T/(T - 1) (nT - 1)/(nT - k)
``conley``          nT / rank of the within projector, on squared innovations
==================  =======================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.alignment import by_unit, unlabelled
from shuyi.arguments import finite_number, whole_number
from shuyi.errors import AlignmentError, ConfigError, IdentificationError, check_known, offenders
from shuyi.panel import steps_between
from shuyi.spatialpanel.covariance.sandwich import (
    cluster_members,
    cluster_scores,
    cluster_variance,
    profiled,
    sandwich,
)
from shuyi.spatialpanel.covariance.scores import ScoreParts, independent_variance, period_scores, score_parts
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point

if TYPE_CHECKING:
    from numpy.typing import NDArray


VARIANCES = ("heteroskedastic", "common")
KERNELS = ("bartlett", "uniform")

FEW_CLUSTERS = 40
"""Clusters below which the normal approximation of a clustered covariance is noted as poor."""

INDEFINITE = 1e-10
"""Negative eigenvalue of a scaled score variance that is more than rounding."""


def robust(
    problem: LikelihoodProblem, point: Point, *, variance: str = "heteroskedastic", small_sample: bool = True
) -> NDArray[np.float64]:
    """Return the quasi-maximum-likelihood sandwich for independent innovations.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.
    variance : {"heteroskedastic", "common"}, default "heteroskedastic"
        ``"heteroskedastic"``: innovations with variances of their own; White's covariance for OLS (Kelejian
        and Prucha 2001; Lin and Lee 2010). Rho of an ML estimate is itself consistent under
        heteroskedasticity only where the variances are unrelated to the diagonal of G.
        ``"common"``: identically distributed innovations with any third and fourth moment (Lee 2004; Lee and
        Yu 2010), both estimated from the residuals and corrected for the demeaning.
    small_sample : bool, default True
        Whether the factor for small samples is applied.

    Returns
    -------
    ndarray, shape (p, p)

    Raises
    ------
    ConfigError
        If the variance is unknown or the units are too many (see `scores.MAX_UNITS`).
    """
    check_known(variance, VARIANCES, "variance of a robust covariance")
    parts = score_parts(problem, profiled(problem, point))
    if variance == "common":
        return sandwich(problem, point, common_score_variance(parts))
    factor = parts.inflation if small_sample else 1.0
    own = parts.contributions(factor).reshape(-1, parts.p)
    found = own.T @ own
    found[parts.first :, parts.first :] += independent_variance(parts, factor * parts.residuals**2)
    return sandwich(problem, point, found)


def cluster(
    problem: LikelihoodProblem,
    point: Point,
    *,
    groups: Any = None,
    small_sample: bool = True,
) -> NDArray[np.float64]:
    """Return the covariance for innovations that depend on each other within a cluster and not between.

    Clusters are units, or groups of units. Any serial correlation and heteroskedasticity within a cluster is
    allowed. With clusters c, ``S = sum_c m_c m_c' + 2 sum_{c != d} q_cd q_cd'``, where ``m_c`` holds the
    linear part of the cluster's score and the quadratic part within it, and ``q_cd = e_c'Q_cd e_d`` (see
    `scores`); for OLS and SLX this is Liang and Zeger (1986), Arellano (1987).

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.
    groups : Series, mapping or Grouping labelled by unit, or sequence of length n, optional
        Cluster of each unit; a sequence without labels in the units' order. Each unit its own by default.
    small_sample : bool, default True
        Whether the factor for small samples is applied.

    Returns
    -------
    ndarray, shape (p, p)

    Raises
    ------
    AlignmentError
        If a unit has no group, or a sequence without labels has another length.
    ConfigError
        If there are fewer than two clusters, or too many units.
    """
    member = cluster_members(problem, groups)
    parts = score_parts(problem, profiled(problem, point))
    found = cluster_variance(*cluster_scores(parts, member))
    count = member.shape[1]
    factor = count / (count - 1) * _slopes_factor(problem) if small_sample else 1.0
    return sandwich(problem, point, factor * found)


def driscoll_kraay(
    problem: LikelihoodProblem, point: Point, *, lags: int | None = None, small_sample: bool = True
) -> NDArray[np.float64]:
    """Return the covariance for innovations dependent across units and, fading, over time.

    ``S = sum_l w_l sum_t h_t h_{t-l}'`` of the periods' scores h, less their mean, with Bartlett weights
    ``w_l = 1 - |l|/(lags + 1)`` (Driscoll and Kraay 1998); l counts periods, also those that are missing. It
    relies on many periods; with ten or fewer it is too small. The score of rho has mean zero only if the
    model's spatial dependence is right: what remains of it is allowed for in the coefficients, not in rho.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.
    lags : int, optional
        By default ``floor(4 (T/100)^(2/9))``, as in Hoechle (2007).
    small_sample : bool, default True
        Whether the factor for small samples is applied.

    Returns
    -------
    ndarray, shape (p, p)

    Raises
    ------
    ConfigError
        If lags is negative or not less than T.
    """
    T = problem.design.T
    weights = _bartlett(problem.design.periods, default_lags(T) if lags is None else lags)
    scores = period_scores(score_parts(problem, profiled(problem, point)))
    scores = scores - scores.mean(axis=0)
    factor = T / (T - 1) * _slopes_factor(problem) if small_sample else 1.0
    return sandwich(problem, point, factor * (scores.T @ weights @ scores))


def conley(
    problem: LikelihoodProblem,
    point: Point,
    *,
    cutoff: float,
    distances: Any = None,
    coordinates: Any = None,
    lags: int = 0,
    kernel: str = "bartlett",
    small_sample: bool = True,
) -> NDArray[np.float64]:
    """Return the covariance for innovations dependent up to a distance and a lag in time (Conley 1999).

    ``S = sum K_ij B_ts m_it m_js' + 2 sum_{i != j} B_ts q_ij,t q_ij,s'`` with K a kernel of distance, B the
    Bartlett kernel of time, m and q as in `scores`.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Values of all parameters, usually the estimate.
    cutoff : float
        Kilometres (or the unit of `distances`) from which K is zero.
    distances : DataFrame or ndarray, shape (n, n), optional
        A frame is labelled by unit; an array is in the units' order.
    coordinates : DataFrame, mapping or ndarray, shape (n, 2), optional
        Longitude and latitude in degrees, instead of distances. The columns of a frame are found by their
        names, an array has the longitude first.
    lags : int, default 0
        Periods up to which innovations are dependent: zero means the same period only.
    kernel : {"bartlett", "uniform"}, default "bartlett"
        ``1 - d/cutoff`` or one, up to the cut-off.
    small_sample : bool, default True
        Whether the factor for small samples is applied.

    Returns
    -------
    ndarray, shape (p, p)

    Raises
    ------
    ConfigError
        If the kernel, the cut-off or the lags are inadmissible, or not exactly one of distances and
        coordinates is given.
    AlignmentError
        If they are those of other units.
    IdentificationError
        If the variance of the score is not positive semidefinite, which kernels of distance do not exclude.
    """
    near = _near(_distances(problem, distances, coordinates), cutoff, kernel)
    weights = _bartlett(problem.design.periods, lags)
    parts = score_parts(problem, profiled(problem, point))
    factor = parts.inflation if small_sample else 1.0
    own = parts.contributions(factor)
    found = np.einsum("tia,ij,sjb,ts->ab", own, near, own, weights, optimize=True)
    found[parts.first :, parts.first :] += factor * _lagged_pairs(parts, weights)
    _check_semidefinite(found)
    return sandwich(problem, point, found)


def default_lags(T: int) -> int:
    """Return the Bartlett lags of `driscoll_kraay`: ``floor(4 (T/100)^(2/9))``, at most T - 1.

    Parameters
    ----------
    T : int
        Number of periods.

    Returns
    -------
    int
        At least zero.

    Examples
    --------
    >>> from shuyi.spatialpanel.covariance.robust import default_lags
    >>> default_lags(9), default_lags(100)
    (2, 4)
    """
    return min(int(4 * (T / 100) ** (2 / 9)), T - 1)


def cluster_notes(problem: LikelihoodProblem, *, groups: Any = None, **_: Any) -> tuple[str, ...]:
    """Return what a table must say about a clustered covariance.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    groups : Series, mapping or Grouping labelled by unit, or sequence of length n, optional
        Cluster of each unit; each unit its own by default.
    **_
        Further options of `cluster`, which change nothing here.

    Returns
    -------
    tuple of str
        One sentence where there are fewer than `FEW_CLUSTERS` clusters, else none.
    """
    count = cluster_members(problem, groups).shape[1]
    if count >= FEW_CLUSTERS:
        return ()
    return (
        f"Standard errors from {count} clusters, fewer than {FEW_CLUSTERS}: normal intervals are too narrow; "
        "compare a wild cluster bootstrap.",
    )


def common_score_variance(parts: ScoreParts) -> NDArray[np.float64]:
    """Return the variance of the score under identically distributed innovations, shape (p, p).

    ``s2 l_a'l_b + 2 s2^2 tr(Q_a Q_b) + (m4 - 3 s2^2) sum Q_a,pp Q_b,pp + m3 (l_a'diag Q_b + l_b'diag Q_a)``
    (Lee 2004, appendix; Lee and Yu 2010).

    Parameters
    ----------
    parts : ScoreParts
        Linear and quadratic parts of the score.

    Returns
    -------
    ndarray, shape (p, p)
        In the order of ``problem.names``.
    """
    s2 = parts.sigma2
    third, fourth = moments(parts)
    linear = parts.linear.reshape(-1, parts.p)
    own = parts.own.reshape(-1, parts.p)
    found = s2 * linear.T @ linear + (fourth - s2**2) * own.T @ own
    found += third * (linear.T @ own + own.T @ linear)
    found[parts.first :, parts.first :] += independent_variance(parts, np.full_like(parts.residuals, s2))
    return found


def moments(parts: ScoreParts) -> tuple[float, float]:
    """Return third and fourth moment of the innovations from demeaned residuals.

    With r = J e: ``E sum r^3 = m3 sum J_pq^3`` and
    ``E sum r^4 = m4 sum J_pq^4 + 3 s2^2 (sum J_pp^2 - sum J_pq^4)``. The fourth is at least
    ``s2^2 + m3^2/s2``, as for every distribution; with two periods differences have no third moment.

    Parameters
    ----------
    parts : ScoreParts
        Linear and quadratic parts of the score.

    Returns
    -------
    (float, float)
        Third and fourth moment.
    """
    T, n = parts.residuals.shape
    row = np.full(n, -1.0 / n if parts.removes_time else 0.0)
    row[0] += 1.0

    def total(power: int) -> float:
        return float((parts.projector**power).sum() * n * (row**power).sum())

    cubes, fourths = total(3), total(4)
    own = float((np.diag(parts.projector) ** 2).sum() * n * row[0] ** 2)
    s2, e = parts.sigma2, parts.residuals
    third = float((e**3).sum()) / cubes if cubes > 1e-8 * n * T else 0.0
    fourth = (float((e**4).sum()) - 3 * s2**2 * (own - fourths)) / fourths
    return third, max(fourth, s2**2 + third**2 / s2)


def _slopes_factor(problem: LikelihoodProblem) -> float:
    observations = problem.y.size
    return (observations - 1) / (observations - len(problem.names) + 1)


def _bartlett(periods: Sequence[Any], lags: Any) -> NDArray[np.float64]:
    """Return Bartlett weights by distance in time, shape (T, T); missing periods count."""
    most = whole_number(lags, "lags", least=0, most=len(periods) - 1)
    steps = steps_between(periods)
    apart = np.abs(steps[:, None] - steps)
    return np.maximum(1.0 - apart / (most + 1.0), 0.0)


def _near(distances: NDArray, cutoff: float, kernel: str) -> NDArray[np.float64]:
    check_known(kernel, KERNELS, "kernel")
    finite_number(cutoff, "cutoff", above=0)
    found = 1.0 - distances / cutoff if kernel == "bartlett" else np.ones_like(distances)
    return np.where(distances < cutoff, found, 0.0)


def _distances(problem: LikelihoodProblem, distances: Any, coordinates: Any) -> NDArray[np.float64]:
    if (distances is None) == (coordinates is None):
        raise ConfigError(
            "A Conley covariance needs to know how far units are from each other.",
            expected="covariance_options with either distances= or coordinates=",
            found="both" if distances is not None else "neither",
        )
    units = problem.design.units
    if coordinates is not None:
        from shuyi.weights import great_circle_km

        degrees = _degrees(coordinates, units)
        return great_circle_km(units, {u: (lat, lon) for u, (lon, lat) in zip(units, degrees, strict=True)})
    found = _labelled(distances, units)
    wrong = np.argwhere(~np.isfinite(found) | (found < 0) | (np.abs(found - found.T) > 1e-9 * (1 + found)))
    if len(wrong) or np.diag(found).any():
        raise ConfigError(
            "These are not distances.",
            expected="a symmetric matrix of finite, nonnegative numbers with a zero diagonal",
            found=offenders(f"{units[i]}-{units[j]}: {found[i, j]}" for i, j in wrong) or "diagonal not zero",
        )
    return found


def _degrees(coordinates: Any, units: tuple[str, ...]) -> NDArray[np.float64]:
    """Return longitude and latitude of each unit, shape (n, 2)."""
    if isinstance(coordinates, Mapping):
        coordinates = np.array(by_unit(coordinates, units, "coordinates"), dtype=np.float64)
    if type(coordinates).__name__ == "DataFrame":
        columns = [_axis_column(coordinates, axis) for axis in ("lon", "lat")]
        coordinates = np.column_stack([by_unit(coordinates[c], units, "coordinates") for c in columns])
    found = _sized(coordinates, (len(units), 2))
    wrong = ~np.isfinite(found) | (np.abs(found) > (180.0, 90.0))
    if wrong.any():
        cells = [f"{units[i]}: {found[i].tolist()}" for i in np.flatnonzero(wrong.any(axis=1))]
        raise ConfigError(
            "These are not coordinates.",
            expected="longitude within 180 and latitude within 90 degrees, in this order",
            found=offenders(cells),
        )
    return found


def _axis_column(frame: Any, axis: str) -> Any:
    columns = [c for c in frame.columns if str(c).lower().startswith(axis)]
    if len(columns) != 1:
        raise AlignmentError(
            "The columns of coordinates do not say which is which.",
            expected="one column named longitude (or lon) and one named latitude (or lat)",
            found=offenders(frame.columns),
            remedy="name the columns",
        )
    return columns[0]


def _labelled(values: Any, units: tuple[str, ...]) -> NDArray[np.float64]:
    """Return a matrix of units by units in the units' order."""
    if type(values).__name__ == "DataFrame":
        missing = [u for u in units for axis in values.axes if u not in set(axis.astype(str))]
        if missing:
            raise AlignmentError(
                "Distances lack units of the panel.",
                expected="a square frame with the panel's units on both axes",
                found=f"missing: {offenders(dict.fromkeys(missing))}",
            )
        frame = values.set_axis(values.index.astype(str)).set_axis(values.columns.astype(str), axis=1)
        values = frame.loc[list(units), list(units)].to_numpy()
    return _sized(values, (len(units), len(units)))


def _sized(values: Any, shape: tuple[int, int]) -> NDArray[np.float64]:
    found = unlabelled(values, "distances or coordinates", "in the units' order")
    if found.shape != shape:
        raise AlignmentError(
            "Distances or coordinates of another size than the panel.",
            expected=f"shape {shape}",
            found=f"shape {found.shape}",
        )
    return found


def _lagged_pairs(parts: ScoreParts, weights: NDArray) -> NDArray[np.float64]:
    """Return ``2 sum_{i != j} sum_ts B_ts q_ij,t q_ij,s'``, shape (q, q)."""
    e = parts.residuals
    symmetric = [
        (part.periods, 0.5 * (part.matrices + part.matrices.transpose(0, 2, 1))) for part in parts.quadratic
    ]
    found = np.zeros((parts.p - parts.first,) * 2)
    off = 1.0 - np.eye(e.shape[1])
    for first, a in symmetric:
        for second, b in symmetric:
            shared = np.zeros_like(off)
            for t in first:
                for s in second:
                    if weights[t, s]:
                        shared += weights[t, s] * np.outer(e[t] * e[s], e[t] * e[s])
            found += np.einsum("aij,bij,ij->ab", a, b, shared * off)
    return 2 * found


def _check_semidefinite(variance: NDArray) -> None:
    scale = np.sqrt(np.maximum(np.diag(variance), 0.0))
    unit = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    smallest = float(np.linalg.eigvalsh(variance * unit * unit[:, None]).min())
    if smallest < -INDEFINITE or float(np.diag(variance).min()) < 0:
        raise IdentificationError(
            "The Conley variance of the score is not positive semidefinite at this cut-off.",
            expected="eigenvalues that are not negative",
            found=f"smallest eigenvalue {smallest:.3g} of the scaled matrix",
            remedy="choose another cut-off or kernel='bartlett'",
        )
