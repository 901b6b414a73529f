"""TODO."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, check_known
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point

if TYPE_CHECKING:
    from numpy.typing import NDArray


COVARIANCES = {
    "information": "shuyi.spatialpanel.covariance.information:information",
    "hessian": "shuyi.spatialpanel.covariance.information:hessian",
    "robust": "shuyi.spatialpanel.covariance.robust:robust",
    "cluster": "shuyi.spatialpanel.covariance.robust:cluster",
    "cluster_jackknife": "shuyi.spatialpanel.covariance.jackknife:cluster_jackknife",
    "driscoll_kraay": "shuyi.spatialpanel.covariance.robust:driscoll_kraay",
    "conley": "shuyi.spatialpanel.covariance.robust:conley",
}
"""Name of each kind and the function that computes it."""

NOTES = {"cluster": "shuyi.spatialpanel.covariance.robust:cluster_notes"}
"""Kinds whose tables must say something: the function ``(problem, **options) -> tuple of str`` that does."""


def covariance(
    kind: str, problem: LikelihoodProblem, point: Point, options: Mapping[str, Any] | None = None
) -> NDArray[np.float64]:
    """Return the covariance matrix of the named kind, shape (p, p).

    Parameters
    ----------
    kind : str
        A key of `COVARIANCES`.
    problem : LikelihoodProblem
    point : Point
        Where it is evaluated.
    options : mapping, optional
        Arguments of that kind.

    Raises
    ------
    ConfigError
        If the kind is unknown, or an option is none of the kind's.
    IdentificationError
        If the matrix to invert is singular.
    """
    check_known(kind, tuple(COVARIANCES), "covariance")
    function = _imported(COVARIANCES[kind])
    _check_options(kind, function, options or {})
    return function(problem, point, **(options or {}))


def covariance_notes(
    kind: str, problem: LikelihoodProblem, options: Mapping[str, Any] | None = None
) -> tuple[str, ...]:
    """Return what every table with this kind of covariance must say."""
    return _imported(NOTES[kind])(problem, **(options or {})) if kind in NOTES else ()


def _imported(path: str) -> Callable[..., Any]:
    module, name = path.split(":")
    return getattr(import_module(module), name)


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
