"""What spillover a design can detect: the minimum detectable effect of a spatial Durbin model.

A two-sided test of level a detects an effect with power p if the effect is ``t_{1-a/2} + t_p`` standard
errors from zero, with quantiles of Student's t with n - 1 degrees of freedom (Bloom 1995), to which
`Fit.effects` refers too. The standard error is that of the delta method at the expected information of the
design itself: its weights, regressors, periods and convention, with rho, b and sigma2 as assumed. Because the
effect and its error both depend on th, the smallest th is found by a search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.arguments import check_draws, check_seed, whole_number
from shuyi.errors import ConfigError, ConvergenceError, IdentificationError, check_known, offenders
from shuyi.panel import Panel
from shuyi.spatialpanel.covariance.information import expected_information
from shuyi.spatialpanel.covariance.parts import inverse
from shuyi.spatialpanel.design import Design, Lags
from shuyi.spatialpanel.effects import COMPONENTS, Spillover, coefficients, effects_at, gradient
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point, build_problem, reduce
from shuyi.spatialpanel.montecarlo.simulate import Process, autoregressive, draw_errors, outcomes
from shuyi.spatialpanel.optimise import maximise
from shuyi.spatialpanel.transforms import FIXED_EFFECTS, resolve_convention, within
from shuyi.weights import Weights, check_aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


TARGETS = ("indirect", "direct", "total", "theta")
CONVENTIONS = ("lee_yu", "exact")
FARTHEST = 1e4
"""Multiple of ``sqrt(sigma2)`` beyond which no th is looked for."""

FIRST_STEP = 0.01
"""First step of the search for th, in the same unit; each next one is twice as long."""

PRECISION = 1e-10


@dataclass(frozen=True, slots=True)
class DetectableEffect:
    """The smallest spillover that a design detects.

    Attributes
    ----------
    target : str
        The effect that is tested against zero: ``"indirect"``, ``"direct"``, ``"total"`` or ``"theta"``.
    effect : float
        Its smallest detectable value, of the sign asked for.
    theta : float
        Coefficient of the spatial lag at which it arises.
    direct, indirect, total : float
        Effects there.
    std_error : float
        Delta-method standard error of the target there.
    power, level : float
        Power and level of the test.
    simulated_power, mc_error : float
        Share of replications in which the test rejects, and its binomial error (NaN without replications).
    replications : int
        Replications whose estimate was not refused.
    n, T : int
        Numbers of units and periods.

    Examples
    --------
    >>> from shuyi.spatialpanel import minimum_detectable_effect
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> found = minimum_detectable_effect(lattice(4), 6, rho=0.4, seed=1)
    >>> found.target, found.n, found.T
    ('indirect', 16, 6)
    """

    target: str
    effect: float
    theta: float
    direct: float
    indirect: float
    total: float
    std_error: float
    power: float
    level: float
    simulated_power: float
    mc_error: float
    replications: int
    n: int
    T: int


def minimum_detectable_effect(
    weights: Any,
    n_periods: int,
    *,
    rho: float,
    beta: Sequence[float] = (1.0,),
    theta: Sequence[float] = (0.0,),
    sigma2: float = 1.0,
    term: int = 0,
    target: str = "indirect",
    sign: int = 1,
    regressors: Panel | None = None,
    persistence: float = 0.0,
    effects: str = "twoways",
    correction: str = "lee_yu",
    power: float = 0.8,
    level: float = 0.05,
    replications: int = 0,
    errors: str = "iid",
    seed: int = 1,
) -> DetectableEffect:
    """Return the smallest spillover of one regressor that a spatial Durbin model detects.

    Parameters
    ----------
    weights : Weights or anything that `Weights.coerce` accepts
        Spatial weights of the design.
    n_periods : int
        Number of periods T.
    rho : float
        Assumed spatial parameter.
    beta : sequence of float, length k, default (1.0,)
        Assumed coefficients of the regressors.
    theta : sequence of float, length k, default (0.0,)
        Assumed coefficients of their spatial lags; that of `term` is varied.
    sigma2 : float, default 1.0
        Assumed variance of the innovations.
    term : int, default 0
        Position of the regressor whose spillover is asked for.
    target : {"indirect", "direct", "total", "theta"}, default "indirect"
        What is tested against zero.
    sign : {1, -1}, default 1
        Sign of the effect to detect.
    regressors : Panel, optional
        The design's regressors; by default standard normal ones drawn with `seed` and `persistence`.
    persistence : float, default 0.0
        First-order autocorrelation of drawn regressors within units.
    effects : {"pooled", "individual", "time", "twoways"}, default "twoways"
        A pooled model is taken to have no intercept.
    correction : {"lee_yu", "exact"}, default "lee_yu"
        Convention by which the fixed effects are removed.
    power, level : float
        Power of a two-sided test of this level.
    replications : int, default 0
        Panels that are drawn at the answer and tested, to check it; zero for none.
    errors : str, default "iid"
        Design of the errors of these panels (`simulate.ERRORS`).
    seed : int, default 1
        Seed of drawn regressors and of the panels that check the answer.

    Returns
    -------
    DetectableEffect

    Raises
    ------
    ConfigError
        If an option is unknown or out of range, or regressors do not fit.
    IdentificationError
        If no th up to `FARTHEST` standard deviations of the innovations reaches the power.

    Examples
    --------
    >>> from shuyi.spatialpanel import minimum_detectable_effect
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> few, many = (minimum_detectable_effect(lattice(4), T, rho=0.4, seed=1) for T in (6, 24))
    >>> bool(0 < many.effect < few.effect)
    True
    """
    check_known(target, TARGETS, "target")
    check_known(correction, CONVENTIONS, "correction")
    check_known(effects, FIXED_EFFECTS, "effects structure")
    base = Process(tuple(beta), tuple(theta), rho, sigma2=sigma2)
    seed, replications = check_seed(seed), check_draws(replications, "replications", least=1, none=True)
    _check_options(power, level, sign, sigma2, base, term)
    plan = _plan(weights, n_periods, regressors, persistence, len(beta), effects, correction, seed)

    def at(value: float) -> tuple[NDArray[np.float64], float, float]:
        return _effect_and_error(plan, _with_theta(base, term, value), term, target)

    def surplus(value: float) -> float:
        _, effect, error = at(value)
        return sign * effect / error - needed

    needed = _quantile(1 - level / 2, plan.n) + _quantile(power, plan.n)
    start, slope = at(0.0)[1], at(1.0)[1] - at(0.0)[1]
    found = _smallest_theta(surplus, -start / slope if slope else 0.0, sign, float(np.sqrt(sigma2)))
    components, effect, error = at(found)
    process = _with_theta(base, term, found)
    rejected = _rejections(plan, process, term, target, level, replications, errors, seed)
    share = float(rejected.mean()) if len(rejected) else float("nan")
    return DetectableEffect(
        target=target,
        effect=effect,
        theta=found,
        direct=float(components[0]),
        indirect=float(components[1]),
        total=float(components[2]),
        std_error=error,
        power=power,
        level=level,
        simulated_power=share,
        mc_error=float(np.sqrt(share * (1 - share) / max(len(rejected), 1))),
        replications=len(rejected),
        n=plan.n,
        T=n_periods,
    )


def detectable_from_error(std_error: float, n: int, *, power: float = 0.8, level: float = 0.05) -> float:
    """Return the smallest effect that a two-sided t test with n - 1 degrees of freedom detects.

    ``(t_{1-a/2} + t_p)`` standard errors (Bloom 1995): the counterpart of `minimum_detectable_effect` for an
    estimate whose own standard error is known.

    Parameters
    ----------
    std_error : float
        Standard error of the estimated effect.
    n : int
        Number of units.
    power : float, default 0.8
        Probability with which the effect is to be found.
    level : float, default 0.05
        Level of the test.

    Returns
    -------
    float
        In the unit of the effect.

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo.detectable import detectable_from_error
    >>> round(detectable_from_error(0.1, 31), 3)
    0.29
    """
    return std_error * (_quantile(1 - level / 2, n) + _quantile(power, n))


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """The part of a design that does not depend on parameters.

    x has shape (T, n, k). The noise (T, n) is orthogonal to the effects, so that the information at the true
    parameters does not depend on it; it lets an outcome vary whose regressors have no effect.
    """

    lags: Lags
    x: NDArray[np.float64]
    noise: NDArray[np.float64]
    effects: str
    correction: str

    @property
    def n(self) -> int:
        return self.x.shape[1]


def _plan(
    weights: Any,
    n_periods: int,
    regressors: Panel | None,
    persistence: float,
    k: int,
    effects: str,
    correction: str,
    seed: int,
) -> _Plan:
    n_periods = whole_number(n_periods, "n_periods", least=1)
    w, rng = Weights.coerce(weights), np.random.default_rng(seed)
    if regressors is None:
        drawn = rng.standard_normal((k, n_periods, w.n))
        x = np.moveaxis(autoregressive(drawn, persistence), 0, -1)
    else:
        check_aligned(regressors.units, w)
        _check_fits(regressors, n_periods, k)
        x = np.array(regressors.values)
    noise = within(rng.standard_normal((n_periods, w.n)), effects)
    return _Plan(Lags((w,)), x, noise, effects, correction)


def _check_fits(regressors: Panel, n_periods: int, k: int) -> None:
    if (regressors.T, len(regressors.variables)) != (n_periods, k):
        raise ConfigError(
            "The regressors do not fit the design.",
            expected=f"{n_periods} periods and {k} variables, one per entry of beta",
            found=f"{regressors.T} periods and {len(regressors.variables)} variables",
        )


def _design(plan: _Plan, y: NDArray) -> Design:
    T, _, k = plan.x.shape
    names = tuple(f"x{j + 1}" for j in range(k))
    return Design("y", names, names, y, plan.x, plan.lags.at(0).labels, tuple(range(T)), plan.lags, None)


def _quantile(share: float, n: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, share))


def _with_theta(process: Process, term: int, value: float) -> Process:
    theta = list(process.theta)
    theta[term] = value
    return replace(process, theta=tuple(theta))


def _effect_and_error(
    plan: _Plan, process: Process, term: int, target: str
) -> tuple[NDArray[np.float64], float, float]:
    """Return direct, indirect and total effect, the target and its standard error in the design."""
    y = outcomes(process, plan.lags, plan.lags, plan.x, plan.noise)
    problem = _problem(plan, y)
    point = Point(np.array([*process.beta, *process.theta]), process.rho, 0.0, process.sigma2)
    return _target(problem, point, inverse(expected_information(problem, point)), term, target)


def _target(
    problem: LikelihoodProblem, point: Point, matrix: NDArray, term: int, target: str
) -> tuple[NDArray[np.float64], float, float]:
    design = problem.design
    values = point.vector(problem.spatial)
    at = coefficients(problem.names, design.regressors, design.durbin, values, matrix)
    spillover = Spillover.of(design.lags, design.T)
    components = effects_at(at, at.values, spillover)[term]
    if target == "theta":
        place = at.K + term
        return components, float(at.values[place]), float(np.sqrt(matrix[place, place]))
    j = COMPONENTS.index(target)
    error = float(np.sqrt(((gradient(at, spillover)[term, j] @ at.root) ** 2).sum()))
    return components, float(components[j]), error


def _problem(plan: _Plan, y: NDArray) -> LikelihoodProblem:
    design = _design(plan, y)
    row_standardised = plan.lags.is_row_standardised
    convention = resolve_convention(
        plan.correction,
        plan.effects,
        design.n,
        design.T,
        row_standardised=row_standardised,
        constant_weights=True,
    )
    return build_problem(design, convention, has_lag=True)


def _smallest_theta(ratio: Callable[[float], float], zero: float, sign: int, unit: float) -> float:
    """Return the th nearest to `zero`, in the direction of the sign, at which `ratio` turns positive."""
    from scipy.optimize import brentq

    near, step = zero, FIRST_STEP * unit
    while step <= FARTHEST * unit:
        far = zero + sign * step
        if ratio(far) >= 0:
            return float(brentq(ratio, near, far, xtol=PRECISION * unit))
        near, step = far, 2 * step
    raise IdentificationError(
        "This design detects no spillover with the power asked for, however large.",
        expected=f"a th within {FARTHEST:g} standard deviations of the innovations",
        found="an effect whose standard error grows as fast as the effect itself, or does not depend on th",
        remedy="use more periods or units, weights with fewer links, or ask for another target",
    )


def _rejections(
    plan: _Plan,
    process: Process,
    term: int,
    target: str,
    level: float,
    replications: int,
    errors: str,
    seed: int,
) -> NDArray[np.bool_]:
    """Return whether the test rejects in each panel drawn at the answer; refused estimates are left out."""
    rng = np.random.default_rng([seed, replications])
    shape = (replications, *plan.x.shape[:2])
    e = np.sqrt(process.sigma2) * draw_errors(rng, errors, shape)
    signal = outcomes(process, plan.lags, plan.lags, plan.x, np.zeros(shape[1:]))
    noise = outcomes(
        replace(process, beta=(0.0,), theta=(0.0,)), plan.lags, plan.lags, np.zeros((*shape, 1)), e
    )
    critical = _quantile(1 - level / 2, plan.n)
    rejected = []
    for r in range(replications):
        problem = _problem(plan, signal + noise[r])
        try:
            point, _ = maximise(problem, reduce(problem))
            matrix = inverse(expected_information(problem, point))
        except (ConvergenceError, IdentificationError):
            continue
        _, effect, error = _target(problem, point, matrix, term, target)
        rejected.append(abs(effect) > critical * error)
    return np.array(rejected, dtype=bool)


def _check_options(power: float, level: float, sign: int, sigma2: float, process: Process, term: int) -> None:
    k = len(process.beta)
    wrong = [
        f"{name} = {value}"
        for name, value, right in (
            ("power", power, level < power < 1),
            ("level", level, 0 < level < 1),
            ("sign", sign, sign in (-1, 1)),
            ("sigma2", sigma2, sigma2 > 0),
            ("theta", process.theta, len(process.theta) == k),
            ("term", term, 0 <= term < k),
        )
        if not right
    ]
    if wrong:
        raise ConfigError(
            "Options of a minimum detectable effect out of range.",
            expected=f"level < power < 1, sign 1 or -1, sigma2 > 0, {k} entries of theta, term 0 to {k - 1}",
            found=offenders(wrong),
        )
