"""One design estimated on many outcomes: bootstrap replicates and draws under a null."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import DataError, ShuyiError, offenders
from shuyi.spatialpanel.design import INTERCEPT
from shuyi.spatialpanel.likelihood import ABSORBED, build_problem, reduce
from shuyi.spatialpanel.many.batch import check_unbatched, compute, setting_of
from shuyi.spatialpanel.many.effects import Places
from shuyi.spatialpanel.many.results import ResampledFits
from shuyi.spatialpanel.many.stack import Setting, build_stack, demeaned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.models import SpatialModel
    from shuyi.spatialpanel.results import Fit

CHUNK = 256
"""Outcomes whose arrays are held at once."""


def fit_resampled(
    model: SpatialModel,
    outcomes: NDArray,
    correction: str = "lee_yu",
    covariance: str = "information",
) -> ResampledFits:
    """Estimate one model on many outcomes.

    Every number is that of ``model.fit(correction, covariance)`` on that outcome to ten digits. The design is
    orthonormalised once; models that `fit_many` computes together are computed together here too.

    Parameters
    ----------
    model : SpatialModel
        A static model; its own outcome only has to be admissible.
    outcomes : ndarray, shape (D, T, n)
        In the unit of the model's outcome, periods and units in the order of the model's panel.
    correction : str, default "lee_yu"
        As in `models.SpatialModel.fit`.
    covariance : {"information", "cluster_jackknife"}, default "information"
        Each unit is a cluster.

    Returns
    -------
    ResampledFits
        An outcome whose fit is refused, for instance because rho lies at the edge of its interval, has the
        reason in `ResampledFits.reasons`, and no numbers.

    Raises
    ------
    ConfigError
        If the covariance is another one, or the correction does not exist for these effects and weights.
    DataError
        If the outcomes have another shape or hold missing values.
    IdentificationError
        If regressors are absorbed or collinear (named), or observations are too few.

    Examples
    --------
    >>> from shuyi.spatialpanel import SDM
    >>> from shuyi.spatialpanel.many import draw_outcomes, fit_resampled
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> model = SDM(panel, weights, outcome="y", regressors=["x1"])
    >>> draws = draw_outcomes(model.fit(), draws=9)
    >>> fit_resampled(model, draws, covariance="cluster_jackknife").values.shape
    (9, 4)
    """
    check_unbatched(covariance)
    outcomes = _checked(model, outcomes)
    table = _Rows(model, len(outcomes))
    setting = _setting(model, correction)
    alone = list(range(len(outcomes)))
    if setting is not None:
        alone = _estimate_together(table, model, setting, outcomes, correction, covariance)
    for i in alone:
        _estimate_alone(table, model, i, outcomes[i], correction, covariance)
    return table.result()


def _estimate_together(
    table: _Rows, model: SpatialModel, setting: Setting, outcomes: NDArray, correction: str, covariance: str
) -> list[int]:
    """Estimate chunk by chunk and return the outcomes that need a single fit."""
    problem = build_problem(model.design, setting.convention, has_lag=model.terms.lag)
    reduce(problem)
    x = _rows(problem.x)
    lagged_x = _rows(problem.ex) if problem.ex is not None else None
    places = _places(model)
    alone: list[int] = []
    for start in range(0, len(outcomes), CHUNK):
        y, lagged, usable = _transformed(setting, outcomes[start : start + CHUNK])
        stack = build_stack(setting, x, y, lagged, lagged_x)
        found = compute(stack, correction, covariance, places)
        if found is None:
            alone += range(start, start + len(y))
            continue
        sound = found.sound & usable
        here = start + np.flatnonzero(sound)
        alone += (start + np.flatnonzero(~sound)).tolist()
        table.values[here], table.covariances[here] = found.values[sound], found.covariance[sound]
        table.effects[here] = found.effects.estimate[sound]
        table.errors[here] = found.effects.std_error[sound]
        table.loglik[here], table.iterations[here] = found.loglik[sound], found.iterations[sound]
    return alone


def _estimate_alone(
    table: _Rows, model: SpatialModel, i: int, y: NDArray, correction: str, covariance: str
) -> None:
    other = copy(model)
    other.design = replace(model.design, y=y)
    try:
        table.enter(i, other.fit(correction, covariance))
    except (ShuyiError, np.linalg.LinAlgError) as error:
        table.reasons[i] = str(error)


def _setting(model: SpatialModel, correction: str) -> Setting | None:
    design, terms = model.design, model.terms
    if model.dynamic or (terms.error and design.error_lags is not design.lags):
        return None
    if design.lags is not None and not design.lags.is_constant:
        return None
    weights = design.lags.at(0) if design.lags is not None else None
    count = len(design.names)
    return setting_of(terms, model.effects, correction, weights, design.n, design.T, count)


def _transformed(
    setting: Setting, outcomes: NDArray
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, NDArray[np.bool_]]:
    """Return the transformed outcomes (D, N), their transformed lags, and which are not absorbed."""
    effects, last = setting.convention.effects, setting.convention.lags_last
    y = demeaned(outcomes, effects)
    flat = y.reshape(len(y), -1)
    raw = outcomes.reshape(len(y), -1)
    usable = np.einsum("dn,dn->d", flat, flat) > ABSORBED**2 * np.einsum("dn,dn->d", raw, raw)
    lagged: NDArray[np.float64] | None = None
    if setting.spatial and setting.weights is not None:
        source = y if last else outcomes
        w_source = np.asarray(setting.weights.matrix @ source.reshape(-1, setting.n).T).T.reshape(
            source.shape
        )
        lagged = (w_source if last else demeaned(w_source, effects)).reshape(len(y), -1)
    return flat, lagged, usable


def _rows(values: NDArray) -> NDArray[np.float64]:
    """Return an array of shape (T, n, k) as (1, k, N)."""
    return np.ascontiguousarray(values.transpose(2, 0, 1)).reshape(1, values.shape[2], -1)


def _places(model: SpatialModel) -> Places:
    design = model.design
    place = {name: j for j, name in enumerate(design.names)}
    terms = [name for name in design.regressors if name != INTERCEPT]
    own = [place[name] for name in terms]
    lagged = [place[f"W_{name}"] if name in design.durbin else -1 for name in terms]
    return Places(np.array(own, np.int64), np.array([lagged], np.int64))


def _checked(model: SpatialModel, outcomes: NDArray) -> NDArray[np.float64]:
    found = np.asarray(outcomes, dtype=np.float64)
    design = model.design
    if found.ndim != 3 or found.shape[1:] != design.y.shape:
        raise DataError(
            "Outcomes have another shape than the model's panel.",
            expected=f"(outcomes, {design.T} periods, {design.n} units)",
            found=f"shape {found.shape}",
        )
    wrong = np.flatnonzero(~np.isfinite(found).all(axis=(1, 2)))
    if len(wrong):
        raise DataError(
            "Outcomes hold missing or infinite values.",
            expected="a finite number in every cell",
            found=f"outcomes by position: {offenders(wrong.tolist())}",
        )
    return found


class _Rows:
    """The arrays of a `ResampledFits` while they are filled."""

    def __init__(self, model: SpatialModel, count: int) -> None:
        design, terms = model.design, model.terms
        spatial = (*(("rho",) if terms.lag else ()), *(("lam",) if terms.error else ()))
        self.names = (*design.names, *spatial, "sigma2")
        self.terms = tuple(name for name in design.regressors if name != INTERCEPT)
        p, K = len(self.names), len(self.terms)
        self.values = np.full((count, p), np.nan)
        self.covariances = np.full((count, p, p), np.nan)
        self.effects, self.errors = np.full((count, K, 3), np.nan), np.full((count, K, 3), np.nan)
        self.loglik = np.full(count, np.nan)
        self.iterations = np.zeros(count, np.int64)
        self.reasons = [""] * count

    def enter(self, i: int, single: Fit) -> None:
        """Enter one fit, unless its effects are refused."""
        effects = single.effects(draws=0)
        self.values[i], self.covariances[i] = single.values, single.covariance_matrix
        self.effects[i], self.errors[i] = effects.estimate, effects.std_error_delta
        self.loglik[i] = single.loglik
        self.iterations[i] = int(single.convergence.get("iterations", 0))

    def result(self) -> ResampledFits:
        """Return the arrays as a frozen result."""
        errors = np.sqrt(np.diagonal(self.covariances, axis1=1, axis2=2))
        arrays = (
            self.values,
            errors,
            self.covariances,
            self.effects,
            self.errors,
            self.loglik,
            self.iterations,
        )
        for array in arrays:
            array.setflags(write=False)
        return ResampledFits(self.names, self.terms, *arrays, tuple(self.reasons))
