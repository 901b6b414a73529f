"""Covariance matrices of the estimates, by kind.

A kind is a function ``(problem, point, **options) -> ndarray (p, p)`` in the order of ``problem.names``
(coefficients, rho, lam, sigma2), entered in `COVARIANCES` by name. Options come from
``fit(covariance_options={...})``.

What a new kind can use: `likelihood.score_and_hessian` (analytic, at any point), `likelihood.residuals`
(T, n), `information.expected_information`, `parts.inverse`, and the transformed data in the problem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, check_known
from shuyi.spatialpanel.covariance.information import hessian, information
from shuyi.spatialpanel.covariance.jackknife import cluster_jackknife
from shuyi.spatialpanel.covariance.robust import cluster, cluster_notes, conley, driscoll_kraay, robust
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point

if TYPE_CHECKING:
    from numpy.typing import NDArray


COVARIANCES: dict[str, Callable[..., NDArray[np.float64]]] = {
    "information": information,
    "hessian": hessian,
    "robust": robust,
    "cluster": cluster,
    "cluster_jackknife": cluster_jackknife,
    "driscoll_kraay": driscoll_kraay,
    "conley": conley,
}
"""Name of each kind and the function that computes it."""


def covariance(
    kind: str, problem: LikelihoodProblem, point: Point, options: Mapping[str, Any] | None = None
) -> NDArray[np.float64]:
    """Return the covariance matrix of the named kind, shape (p, p).

    Parameters
    ----------
    kind : str
        A key of `COVARIANCES`.
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    point : Point
        Where it is evaluated.
    options : mapping, optional
        Arguments of that kind.

    Returns
    -------
    ndarray, shape (p, p)
        In the order of ``problem.names``.

    Raises
    ------
    ConfigError
        If the kind is unknown, or an option is none of the kind's.
    IdentificationError
        If the matrix to invert is singular.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel import SAR
    >>> from shuyi.spatialpanel.covariance.kinds import covariance
    >>> from shuyi.spatialpanel.results import static_point
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fit = SAR(panel, weights, outcome="y", regressors=["x1"]).fit()
    >>> found = covariance("information", *static_point(fit))
    >>> bool(np.allclose(found, fit.covariance_matrix))
    True
    """
    check_known(kind, tuple(COVARIANCES), "covariance")
    function = COVARIANCES[kind]
    _check_options(kind, function, options or {})
    return function(problem, point, **(options or {}))


def covariance_notes(
    kind: str, problem: LikelihoodProblem, options: Mapping[str, Any] | None = None
) -> tuple[str, ...]:
    """Return what every table with this kind of covariance must say.

    Parameters
    ----------
    kind : str
        A key of `COVARIANCES`.
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    options : mapping, optional
        Arguments of that kind.

    Returns
    -------
    tuple of str
        Sentences; mostly none.
    """
    return cluster_notes(problem, **(options or {})) if kind == "cluster" else ()


def _check_options(kind: str, function: Callable[..., Any], options: Mapping[str, Any]) -> None:
    parameters = list(signature(function).parameters.values())[2:]
    known = [p.name for p in parameters]
    wrong = [name for name in options if name not in known]
    lacking = [p.name for p in parameters if p.default is p.empty and p.name not in options]
    if wrong or lacking:
        raise ConfigError(
            f"covariance={kind!r} was given other options than it takes.",
            expected=f"covariance_options from {', '.join(known)}" if known else "no covariance_options",
            found=f"unknown: {', '.join(wrong) or 'none'}; missing: {', '.join(lacking) or 'none'}",
        )
