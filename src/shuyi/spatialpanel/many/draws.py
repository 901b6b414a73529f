"""Outcomes drawn from the reduced form of a fit, all at once: the same draws that `bootstrap` makes.

    y* = (I - rho W)^{-1} (X b + W Z th + effects + (I - lam W)^{-1} e*)

Draw r has its own seed, child r of ``SeedSequence(seed)``, so that draw r of two fits on the same units and
periods uses the same random numbers: whole histories of units change sign together in all specifications of a
curve. Fits on parts of a panel do so too, if they are told the units and periods of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import AlignmentError, ConfigError, check_known, offenders
from shuyi.spatialpanel.covariance.parts import distinct_pairs
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, residuals
from shuyi.spatialpanel.prediction import recover, regressors
from shuyi.spatialpanel.resampling import KINDS, MULTIPLIERS, multiplier
from shuyi.spatialpanel.results import static_point
from shuyi.spatialpanel.transforms import degrees_of_freedom
from shuyi.weights.container import check_dense_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.results import Fit

NORMAL = "normal"


def draw_outcomes(
    fit: Fit,
    draws: int = 199,
    seed: int = 1,
    *,
    kind: str = "wild_cluster",
    multipliers: str = "rademacher",
    null: Sequence[str] = (),
    units: Sequence[str] | None = None,
    periods: Sequence[int] | None = None,
) -> NDArray[np.float64]:
    """Draw outcomes from the reduced form of a static fit, for `fit_resampled`.

    Parameters
    ----------
    fit : Fit
        With fixed effects or none.
    draws : int, default 199
        Number of random draws.
    seed : int, default 1
        Seed of the random draws.
    kind : {"wild_cluster", "wild", "parametric"}, default "wild_cluster"
        Innovations: residuals times a random number per unit, or per observation, or normal ones. See
        `bootstrap`, whose scales are used.
    multipliers : {"rademacher", "mammen", "webb", "normal"}, default "rademacher"
        Random numbers of the wild kinds.
    null : sequence of str, default none
        Regressors whose coefficients, those of their spatial lags included, are set to zero. All other
        parameters, effects and residuals stay as estimated.
    units, periods : sequence, optional
        All units and periods that random numbers are drawn for, those of the fit among them; by default those
        of the fit.

    Returns
    -------
    ndarray, shape (draws, T, n)
        In the unit of the outcome.

    Raises
    ------
    AlignmentError
        If `units` or `periods` lack one of the fit's.
    ConfigError
        If an option is unknown, the fit is not static with fixed effects or none, or has no such regressor.
    DataError
        If the fit was read back without its data.

    Examples
    --------
    >>> from shuyi.spatialpanel import SDM
    >>> from shuyi.spatialpanel.many import draw_outcomes, fit_resampled
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> model = SDM(panel, weights, outcome="y", regressors=["x1"])
    >>> draws = draw_outcomes(model.fit(), draws=9, null=["x1"])
    >>> draws.shape
    (9, 6, 16)
    >>> fit_resampled(model, draws, covariance="cluster_jackknife").values.shape
    (9, 4)
    """
    check_known(kind, KINDS, "bootstrap")
    check_known(multipliers, MULTIPLIERS, "multiplier")
    problem, point = static_point(fit)
    n, T = problem.design.n, problem.design.T
    check_dense_size(n, "Drawing outcomes")
    columns = _places(problem.design.units, units, "unit")
    rows = _places(problem.design.periods, periods, "period")
    shape = (1 if kind == "wild_cluster" else rows.total, columns.total)
    numbers = _numbers(seed, draws, NORMAL if kind == "parametric" else multipliers, shape)
    numbers = numbers[:, :, columns.own]
    innovations = (numbers if kind == "wild_cluster" else numbers[:, rows.own]) * _spread(
        problem, point, kind
    )
    surface = recover(problem, point).surface(T, n)
    mean = regressors(problem, problem.design.x) @ _coefficients(problem, point, null) + surface
    return _reduced_form(problem, point, mean, innovations)


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """Positions of a fit's units or periods among all that random numbers are drawn for."""

    own: NDArray[np.int64]
    total: int


def _places(own: Sequence[object], among: Sequence[object] | None, name: str) -> _Places:
    if among is None:
        return _Places(np.arange(len(own)), len(own))
    place = {label: j for j, label in enumerate(among)}
    lacking = [label for label in own if label not in place]
    if lacking:
        raise AlignmentError(
            f"Random numbers are not drawn for every {name} of the fit.",
            expected=f"{name}s: all of {offenders(own)}",
            found=f"missing: {offenders(lacking)}",
        )
    return _Places(np.array([place[label] for label in own], np.int64), len(place))


def _coefficients(problem: LikelihoodProblem, point: Point, null: Sequence[str]) -> NDArray[np.float64]:
    """Return the coefficients with those of the named regressors and of their lags at zero."""
    names, own = problem.design.names, problem.design.regressors
    unknown = [name for name in null if name not in own]
    if unknown:
        raise ConfigError(
            "The null names something that is not among the regressors.",
            expected=f"among {offenders(own, 12)}",
            found=offenders(unknown),
        )
    gone = {name for z in null for name in (z, f"W_{z}")}
    return np.where([name in gone for name in names], 0.0, point.beta)


def _spread(problem: LikelihoodProblem, point: Point, kind: str) -> NDArray[np.float64]:
    """Return what random numbers are multiplied with: scaled residuals, or a standard deviation."""
    e = residuals(problem, point)
    T, n = e.shape
    rank = degrees_of_freedom(problem.convention.effects, n, T)
    if kind == "parametric":
        return np.sqrt((e * e).sum() / rank)
    slopes = len(problem.names) - 1
    clustered = n / (n - 1) * (n * T - 1) / (n * T - slopes)
    return e * np.sqrt(clustered if kind == "wild_cluster" else n * T / rank)


def _reduced_form(
    problem: LikelihoodProblem, point: Point, mean: NDArray, innovations: NDArray
) -> NDArray[np.float64]:
    """Return ``B^{-1} (mean + A^{-1} e)`` for a mean of shape (T, n) and innovations (draws, T, n)."""
    design = problem.design
    y = mean + innovations
    for lag, error, periods in distinct_pairs(problem):
        unit = np.eye(design.n)
        disturbances = innovations[:, periods]
        if error is not None:
            disturbances = disturbances @ np.linalg.inv(unit - point.lam * error.to_dense()).T
        here = mean[periods] + disturbances
        if lag is not None:
            here = here @ np.linalg.inv(unit - point.rho * lag.to_dense()).T
        y[:, periods] = here
    return y


@lru_cache(maxsize=16)
def _numbers(seed: int, draws: int, name: str, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return random numbers of mean zero and variance one, shape (draws, *shape), read-only."""
    children = (np.random.SeedSequence(seed, spawn_key=(r,)) for r in range(draws))
    found = np.stack([multiplier(np.random.default_rng(child), name, shape) for child in children])
    found.setflags(write=False)
    return found
