"""Bootstrap of static models: new outcomes from the reduced form, the same estimator on each of them.

    y* = (I - rho W1)^{-1} (X b + W Z th + effects + (I - lam W2)^{-1} e*)

at the estimates, the recovered fixed effects included, so that a replicate repeats everything the estimate
did: the spatial lag of its own outcome, the demeaning and the correction. Innovations e* are

==================  ===========================================================================
``parametric``      normal with variance e'e over the rank of the within projector
``wild``            residuals times a random number per observation; scaled by nT over that rank
``wild_cluster``    residuals times a random number per unit, so that serial correlation stays;
                    scaled by n/(n - 1) (nT - 1)/(nT - k) as clustered errors are
==================  ===========================================================================

Replicate r draws from its own seed, child r of ``SeedSequence(seed)``: results do not depend on the number of
processes. Rademacher numbers keep every squared residual, so that under them the interval of sigma2 means
nothing; Mammen's and normal numbers do not.

Liu (1988); Mammen (1993); Cameron, Gelbach and Miller (2008); Burridge and Fingleton (2010).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.arguments import check_draws, check_level, check_seed, whole_number
from shuyi.errors import ConfigError, ConvergenceError, check_known
from shuyi.spatialpanel import effects as effects_module
from shuyi.spatialpanel.bias import correct_bias
from shuyi.spatialpanel.covariance.kinds import covariance
from shuyi.spatialpanel.covariance.parts import distinct_pairs
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, reduce, residuals
from shuyi.spatialpanel.models import SpatialModel
from shuyi.spatialpanel.optimise import maximise
from shuyi.spatialpanel.prediction import recover, regressors
from shuyi.spatialpanel.results import static_point
from shuyi.spatialpanel.transforms import degrees_of_freedom, within

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.spatialpanel.effects import Effects
    from shuyi.spatialpanel.results import Fit


KINDS = ("parametric", "wild", "wild_cluster")
MULTIPLIERS = ("rademacher", "mammen", "webb", "normal")
METHODS = ("percentile", "basic", "studentised")

MAX_TRIES = 50
"""Draws of one replicate before it is given up: estimates at the edge of the interval are drawn again."""

MAX_UNITS = 5000
"""Units up to which the n x n multiplier of the reduced form is formed."""

CHUNKS = 4
"""Parts per process into which the replicates are split."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Bootstrap(effects_module.Replicates):
    """Estimates of all replicates.

    Attributes
    ----------
    fit : Fit
        The estimate.
    kind : {"wild_cluster", "wild", "parametric"}
        How outcomes were drawn.
    multipliers : {"rademacher", "mammen", "webb", "normal"}
        Random numbers of the wild kinds.
    own_covariance : ndarray, shape (p, p), or None
        Of the estimate, by the kind that studentises.
    covariances : ndarray, shape (draws, p, p), or None
        Of the replicates, likewise.
    sample : ndarray, shape (draws, p)
        Estimates of the replicates in the order of ``fit.names``.
    share_redrawn : float
        Share of outcomes drawn again because their estimate lay at the edge of its interval.
    seed : int
        Seed of the replicates.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR, bootstrap
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fit = SAR(panel, weights, outcome="y", regressors=["x1"]).fit()
    >>> result = bootstrap(fit, draws=19, seed=1)
    >>> result.sample.shape, result.to_frame().columns.tolist()
    ((19, 3), ['estimate', 'bias', 'std_error', 'ci_low', 'ci_high'])
    """

    fit: Fit
    kind: str
    multipliers: str
    own_covariance: NDArray[np.float64] | None
    covariances: NDArray[np.float64] | None

    @property
    def draws(self) -> int:
        """Number of replicates."""
        return len(self.sample)

    @property
    def std_error(self) -> NDArray[np.float64]:
        """Standard deviation of the replicates, shape (p,)."""
        return self.sample.std(axis=0, ddof=1)

    @property
    def bias(self) -> NDArray[np.float64]:
        """Mean of the replicates less the estimate, shape (p,)."""
        return self.sample.mean(axis=0) - self.fit.values

    def interval(self, level: float = 0.95, method: str = "percentile") -> NDArray[np.float64]:
        """Return confidence intervals of the parameters, shape (p, 2).

        Parameters
        ----------
        level : float, default 0.95
            Level of the intervals, in (0, 1).
        method : {"percentile", "basic", "studentised"}, default "percentile"
            Quantiles q of the replicates; ``2 estimate - q``; ``estimate - q_t std_error`` with q_t the
            quantiles of the replicates' t statistics.

        Returns
        -------
        ndarray, shape (p, 2)
            In the order of ``fit.names``.

        Raises
        ------
        ConfigError
            If the method is unknown, or studentised without ``studentise=``.
        """
        return _interval(self.fit.values, self.sample, self._errors(_standard_errors), level, method)

    def to_frame(self, level: float = 0.95, method: str = "percentile") -> pd.DataFrame:
        """Return one row per parameter.

        Parameters
        ----------
        level : float, default 0.95
            Level of the intervals, in (0, 1).
        method : {"percentile", "basic", "studentised"}, default "percentile"
            As in `interval`.

        Returns
        -------
        DataFrame
            Columns estimate, bias, std_error, ci_low, ci_high.

        Raises
        ------
        ConfigError
            If the method is unknown, or studentised without ``studentise=``.
        """
        import pandas as pd

        low_high = self.interval(level, method)
        columns = {
            "estimate": self.fit.values,
            "bias": self.bias,
            "std_error": self.std_error,
            "ci_low": low_high[:, 0],
            "ci_high": low_high[:, 1],
        }
        return pd.DataFrame(columns, index=list(self.fit.names)).rename_axis("parameter")

    def effects(self, level: float = 0.95, method: str = "percentile") -> Effects:
        """Return the effects of the fit with the errors and intervals of the replicates.

        Parameters
        ----------
        level : float, default 0.95
            Level of the intervals, in (0, 1).
        method : {"percentile", "basic", "studentised"}, default "percentile"
            Studentised intervals use the delta-method errors of estimate and replicates.

        Returns
        -------
        Effects
            Errors are those of the replicates.

        Raises
        ------
        ConfigError
            If the method is unknown, or studentised without ``studentise=``.
        """
        check_known(method, METHODS, "bootstrap interval")
        found = self.fit.effects(level=level, bootstrap=self)
        if method == "percentile":
            return found
        errors = self._errors(self._effect_errors)
        return replace(found, interval=_interval(found.estimate, found.simulated, errors, level, method))

    def _errors(self, of: Callable[[NDArray, NDArray], NDArray]) -> tuple[NDArray, NDArray] | None:
        """Return standard errors of the estimate and of the replicates, or None if not studentised."""
        if self.covariances is None or self.own_covariance is None:
            return None
        pairs = zip(self.sample, self.covariances, strict=True)
        return of(self.fit.values, self.own_covariance), np.array([of(v, c) for v, c in pairs])

    def _effect_errors(self, values: NDArray, cov: NDArray) -> NDArray[np.float64]:
        fit = self.fit
        at = effects_module.coefficients(fit.names, fit.regressors, fit.durbin, values, cov)
        slopes = effects_module.gradient(at, fit.spillover) @ at.root
        return np.sqrt((slopes**2).sum(axis=2))


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """All that a replicate needs, in a form that other processes can be sent.

    Attributes
    ----------
    problem : LikelihoodProblem
    base : ndarray, shape (T, n)
        Reduced form without innovations.
    carriers : tuple of (ndarray or None, list of int)
        ``B^{-1} A^{-1}`` of the periods that share their weights; None is the identity.
    scaled : ndarray, shape (T, n)
        Residuals times their scale.
    spread : float
        Standard deviation of parametric innovations.
    """

    problem: LikelihoodProblem
    base: NDArray[np.float64]
    carriers: tuple[tuple[NDArray[np.float64] | None, list[int]], ...]
    scaled: NDArray[np.float64]
    spread: float
    kind: str
    multipliers: str
    corrects_bias: bool
    studentise: str
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 1


def bootstrap(
    fit: Fit | SpatialModel,
    kind: str = "wild_cluster",
    draws: int = 999,
    seed: int = 1,
    jobs: int = 1,
    *,
    multipliers: str = "rademacher",
    studentise: str = "",
    covariance_options: Mapping[str, Any] | None = None,
) -> Bootstrap:
    """Estimate a static model again on outcomes drawn from its reduced form.

    Parameters
    ----------
    fit : Fit or SpatialModel
        A model is first estimated by its default correction.
    kind : {"wild_cluster", "wild", "parametric"}, default "wild_cluster"
        See the module.
    draws : int, default 999
        Number of replicates, at least two.
    seed : int, default 1
        Seed of the replicates; the first of many are the same as few.
    jobs : int, default 1
        Processes; results are the same for any number. A script that uses several needs the usual guard
        ``if __name__ == "__main__":``.
    multipliers : {"rademacher", "mammen", "webb", "normal"}, default "rademacher"
        Random numbers of the wild kinds; all have mean zero and variance one.
    studentise : str, default ""
        A kind of covariance, computed for every replicate, for studentised intervals; empty for none.
    covariance_options : mapping, optional
        Its options.

    Returns
    -------
    Bootstrap
        Estimates of all replicates.

    Raises
    ------
    ConfigError
        If an option is unknown, the fit is not static with fixed effects or none, or n exceeds `MAX_UNITS`.
    ConvergenceError
        If hardly any outcome drawn for a replicate has an estimate inside the interval.
    DataError
        If the fit was read back without its data.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR, bootstrap
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> model = SAR(panel, weights, outcome="y", regressors=["x1"])
    >>> bootstrap(model, "wild", draws=9, seed=1).draws
    9
    """
    check_known(kind, KINDS, "bootstrap")
    check_known(multipliers, MULTIPLIERS, "multiplier")
    jobs, seed = whole_number(jobs, "jobs", least=1), check_seed(seed)
    estimate = fit.fit() if isinstance(fit, SpatialModel) else fit
    p = len(estimate.names)
    draws = check_draws(draws, each=8 * (p + (p * p if studentise else 0)))
    problem, point = static_point(estimate)
    options = dict(covariance_options or {})
    corrects = estimate.convention == "lee_yu_bias"
    plan = _Plan(
        problem, *_parts(problem, point, kind), kind, multipliers, corrects, studentise, options, seed
    )
    sample, covariances, tries = _run(plan, draws, jobs)
    own = covariance(studentise, problem, point, options) if studentise else None
    return Bootstrap(
        fit=estimate,
        kind=kind,
        multipliers=multipliers,
        sample=sample,
        own_covariance=own,
        covariances=covariances if studentise else None,
        share_redrawn=1.0 - draws / tries,
        seed=seed,
    )


def _parts(problem: LikelihoodProblem, point: Point, kind: str) -> tuple[Any, Any, Any, float]:
    """Return base, carriers, scaled residuals and the spread of parametric innovations."""
    design, effects = problem.design, problem.convention.effects
    n, T = design.n, design.T
    if n > MAX_UNITS:
        raise ConfigError(
            "The bootstrap forms the n x n multiplier of the reduced form.",
            expected=f"at most {MAX_UNITS} units",
            found=f"{n} units",
        )
    mean = regressors(problem, design.x) @ point.beta + recover(problem, point).surface(T, n)
    base = np.empty_like(mean)
    carriers = []
    for lag, error, periods in distinct_pairs(problem) or [(None, None, list(range(T)))]:
        spread = np.eye(n) if lag is None else np.linalg.inv(np.eye(n) - point.rho * lag.to_dense())
        base[periods] = mean[periods] @ spread.T
        if error is not None:
            spread = spread @ np.linalg.inv(np.eye(n) - point.lam * error.to_dense())
        carriers.append((None if lag is None and error is None else spread, periods))
    e = residuals(problem, point)
    rank = degrees_of_freedom(effects, n, T)
    slopes = len(problem.names) - 1
    clustered = n / (n - 1) * (n * T - 1) / (n * T - slopes)
    factor = clustered if kind == "wild_cluster" else n * T / rank
    return base, tuple(carriers), e * np.sqrt(factor), float(np.sqrt((e * e).sum() / rank))


def _run(plan: _Plan, draws: int, jobs: int) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    if jobs == 1:
        parts = [_replicates(plan, range(draws))]
    else:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        step = -(-draws // (CHUNKS * jobs))
        chunks = [range(start, min(start + step, draws)) for start in range(0, draws, step)]
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            parts = list(pool.map(_replicates, [plan] * len(chunks), chunks))
    samples, covariances, tries = zip(*parts, strict=True)
    return np.concatenate(samples), np.concatenate(covariances), sum(tries)


def _replicates(plan: _Plan, numbers: range) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Return estimates (r, p), covariances (r, p, p) or (r, 0, 0), and the number of outcomes drawn."""
    sample, covariances, tries = [], [], 0
    for number in numbers:
        problem, point, tried = _replicate(plan, number)
        tries += tried
        sample.append(point.vector(problem.spatial))
        covariances.append(
            covariance(plan.studentise, problem, point, plan.options) if plan.studentise else np.zeros((0, 0))
        )
    return np.array(sample), np.array(covariances), tries


def _replicate(plan: _Plan, number: int) -> tuple[LikelihoodProblem, Point, int]:
    rng = np.random.default_rng(np.random.SeedSequence(plan.seed, spawn_key=(number,)))
    last: ConvergenceError | None = None
    for tried in range(1, MAX_TRIES + 1):
        problem = with_outcome(plan.problem, _outcome(plan, rng))
        try:
            point = maximise(problem, reduce(problem))[0]
            return problem, correct_bias(problem, point) if plan.corrects_bias else point, tried
        except ConvergenceError as error:
            last = error
    raise ConvergenceError(
        f"Replicate {number} of the bootstrap has no estimate inside the admissible interval.",
        expected=f"one of {MAX_TRIES} drawn outcomes to have one",
        found=last.found if last else "",
        remedy="the spatial parameters are too close to the edge of their interval for a bootstrap",
    )


def _outcome(plan: _Plan, rng: np.random.Generator) -> NDArray[np.float64]:
    e = _innovations(plan, rng)
    y = plan.base.copy()
    for carrier, periods in plan.carriers:
        y[periods] += e[periods] if carrier is None else e[periods] @ carrier.T
    return y


def _innovations(plan: _Plan, rng: np.random.Generator) -> NDArray[np.float64]:
    T, n = plan.scaled.shape
    if plan.kind == "parametric":
        return plan.spread * rng.standard_normal((T, n))
    return plan.scaled * multiplier(rng, plan.multipliers, (T, n) if plan.kind == "wild" else (1, n))


def multiplier(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return random numbers of mean zero and variance one.

    Rademacher: -1, 1. Mammen (1993): two points with third moment one. Webb (2014): six points, for few
    clusters. Normal.

    Parameters
    ----------
    rng : Generator
        Source of the draws; it moves on.
    name : {"rademacher", "mammen", "webb", "normal"}
        Distribution of the numbers.
    shape : tuple of int
        Shape of the result.

    Returns
    -------
    ndarray, shape `shape`
        Independent numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.resampling import multiplier
    >>> sorted(set(multiplier(np.random.default_rng(1), "rademacher", (50,)).tolist()))
    [-1.0, 1.0]
    """
    if name == "normal":
        return rng.standard_normal(shape)
    if name == "mammen":
        root = np.sqrt(5.0)
        low = rng.random(shape) < (root + 1) / (2 * root)
        return np.where(low, (1 - root) / 2, (1 + root) / 2)
    points = np.array([1.0]) if name == "rademacher" else np.sqrt([0.5, 1.0, 1.5])
    return rng.choice(np.concatenate([-points, points]), shape)


def with_outcome(problem: LikelihoodProblem, y: NDArray) -> LikelihoodProblem:
    """Return the problem with another outcome of shape (T, n); the regressors stay as they are.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model under its convention.
    y : ndarray, shape (T, n)
        Outcome in levels.

    Returns
    -------
    LikelihoodProblem
        With the spatial lags of the new outcome.
    """
    design, effects, last = problem.design, problem.convention.effects, problem.convention.lags_last
    error = design.error_lags
    own = within(y, effects) if last else y
    wy = design.lags.lag(own) if problem.wy is not None and design.lags is not None else None
    ey = error.lag(own) if error is not None else None
    ewy = error.lag(wy) if error is not None and wy is not None else None
    if not last:
        own = within(y, effects)
        wy, ey, ewy = (None if a is None else within(a, effects) for a in (wy, ey, ewy))
    return replace(problem, design=replace(design, y=y), y=own, wy=wy, ey=ey, ewy=ewy)


def _standard_errors(_: NDArray, cov: NDArray) -> NDArray[np.float64]:
    return np.sqrt(np.diag(cov))


def _interval(
    estimate: NDArray,
    sample: NDArray,
    errors: tuple[NDArray, NDArray] | None,
    level: float,
    method: str,
) -> NDArray[np.float64]:
    check_known(method, METHODS, "bootstrap interval")
    check_level(level)
    tails = [0.5 - level / 2, 0.5 + level / 2]
    if method == "studentised":
        if errors is None:
            raise ConfigError(
                "Studentised intervals need a covariance of every replicate.",
                found="a bootstrap without one",
                remedy="call bootstrap(..., studentise='cluster')",
            )
        own, drawn = errors
        low, high = np.quantile((sample - estimate) / drawn, tails, axis=0)
        return np.stack([estimate - high * own, estimate - low * own], axis=-1)
    low, high = np.quantile(sample, tails, axis=0)
    if method == "basic":
        low, high = 2 * estimate - high, 2 * estimate - low
    return np.stack([low, high], axis=-1)
