"""Fixed effects or none, fixed or random: likelihood ratios, F, Hausman and Mundlak tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, DataError, IdentificationError, check_known, offenders
from shuyi.panel import Panel
from shuyi.spatialpanel.covariance.information import expected_information
from shuyi.spatialpanel.covariance.parts import inverse
from shuyi.spatialpanel.design import INTERCEPT, Design, build_design
from shuyi.spatialpanel.diagnostics.result import TestResult, chi_squared, f_distributed, quadratic_form
from shuyi.spatialpanel.likelihood import Point
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.transforms import FIXED_EFFECTS, within
from shuyi.spatialpanel.views import EstimateViews

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.spatialpanel.results import Fit


LR_EFFECTS = "Elhorst (2014, chapter 3)"
HAUSMAN = "Hausman (1978); Hausman and Taylor (1981) for the generalised inverse"
SPATIAL_HAUSMAN = "Elhorst (2014, chapter 3); Mutl and Pfaffermayr (2011)"
MUNDLAK = "Mundlak (1978); Wooldridge (2010, section 10.7.3)"

STEPS = (
    ("lr_individual", "no_individual_effects", "pooled", "individual"),
    ("lr_individual", "no_individual_effects", "time", "twoways"),
    ("lr_time", "no_time_effects", "pooled", "time"),
    ("lr_time", "no_time_effects", "individual", "twoways"),
    ("lr_effects", "no_effects", "pooled", "twoways"),
)
"""Test, null, maintained effects, effects of the general model."""

MAY_BE_RANDOM = ("individual", "twoways")
NEGLIGIBLE = 1e-10
"""Share of the largest eigenvalue below which a direction of a covariance difference has no variance."""


@dataclass(frozen=True, eq=False)
class Estimates(EstimateViews):
    """Named estimates with their covariance.

    Attributes
    ----------
    names : tuple of str, length p
        Names of the parameters, each once.
    values : ndarray, shape (p,)
        Estimates in the order of the names.
    covariance_matrix : ndarray, shape (p, p)
        Their covariance, in the same order.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.diagnostics import Estimates, hausman
    >>> within = Estimates(("x",), np.array([1.2]), np.array([[0.04]]))
    >>> random = Estimates(("x",), np.array([1.0]), np.array([[0.03]]))
    >>> round(hausman(within, random).statistic, 2)
    4.0
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    covariance_matrix: NDArray[np.float64]

    @classmethod
    def of(cls, result: Any) -> Estimates:
        """Take over the results of a linearmodels or statsmodels estimator.

        Parameters
        ----------
        result : object
            Results of linearmodels (``params``, ``cov``) or statsmodels (``params``, ``cov_params()``).

        Returns
        -------
        Estimates
            Names as in the index of ``result.params``.
        """
        cov = result.cov if hasattr(result, "cov") else result.cov_params()
        return cls(tuple(map(str, result.params.index)), result.params.to_numpy(), np.asarray(cov))


def fixed_effects_tests(
    data: Any,
    weights: Any,
    *,
    model: str = "sdm",
    outcome: str,
    regressors: Sequence[str],
    durbin: str | Sequence[str] | None = "default",
    islands: str = "refuse",
) -> tuple[TestResult, ...]:
    """Return likelihood-ratio tests of individual effects, time effects and both.

    The four models are estimated by maximum likelihood with dummies (``correction="exact"``), the only
    convention whose likelihoods are of the same observations. Degrees of freedom are n - 1 for individual
    effects, T - 1 for time effects and n + T - 2 for both.

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the outcome and the regressors.
    weights : Weights or anything that `Weights.coerce` accepts, or a list of T of them
        Spatial weights with the panel's units in the panel's order; a list where they vary by period.
    model : str, default "sdm"
        A key of `models.MODELS`.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        Names of the explanatory variables, without the intercept.
    durbin : "all", sequence of str, or None
        Regressors whose spatial lags are included; by default all where the model has such terms.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with units without neighbours: an error, or spatial lags of zero.

    Returns
    -------
    tuple of TestResult
        ``spec`` holds the effects that stay in both models.

    Raises
    ------
    ConfigError, DataError, AlignmentError, WeightsError, IdentificationError, ConvergenceError
        Whatever the models refuse.

    Notes
    -----
    The chi-squared distribution holds for T (individual effects) or n (time effects) growing; in short panels
    the test of individual effects rejects too often, because the dummies bias the variance downwards.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics import fixed_effects_tests
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> tests = fixed_effects_tests(panel, weights, outcome="y", regressors=["x1"])
    >>> [(test.test, int(test.df)) for test in tests]
    [('lr_individual', 15), ('lr_individual', 15), ('lr_time', 5), ('lr_time', 5), ('lr_effects', 20)]
    """
    check_known(model, tuple(MODELS), "model")
    fits = {
        effects: MODELS[model](
            data,
            weights,
            outcome=outcome,
            regressors=regressors,
            durbin=durbin,
            effects=effects,
            islands=islands,
        ).fit("exact")
        for effects in FIXED_EFFECTS
    }
    return tuple(
        effects_ratio(fits[kept], fits[general], test=test, hypothesis=hypothesis)
        for test, hypothesis, kept, general in STEPS
    )


def effects_ratio(
    restricted: Fit, general: Fit, *, test: str = "lr_effects", hypothesis: str = "no_effects"
) -> TestResult:
    """Return the likelihood ratio of two fits that differ in their fixed effects alone.

    Parameters
    ----------
    restricted, general : Fit
        Fits by ``correction="exact"``, the first with fewer fixed effects.
    test, hypothesis : str
        Keys of the test ("lr_effects" by default) and of its null hypothesis ("no_effects").

    Returns
    -------
    TestResult
        Chi-squared with the number of effects that the first fit lacks.

    Raises
    ------
    ConfigError
        If the fits are of other models or data, are not maximum likelihood with dummies, or the effects of
        the first are not among those of the second.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR
    >>> from shuyi.spatialpanel.diagnostics import effects_ratio
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> pooled, twoways = (
    ...     SAR(panel, weights, outcome="y", regressors=["x1"], effects=effects).fit("exact")
    ...     for effects in ("pooled", "twoways")
    ... )
    >>> effects_ratio(pooled, twoways).df
    20
    """
    _check_same_effects(restricted, general)
    n, T = general.n, general.T
    dummies = {"pooled": 1, "individual": n, "time": T, "twoways": n + T - 1}
    df = dummies[general.effects_structure] - dummies[restricted.effects_structure]
    return chi_squared(
        test,
        hypothesis,
        2 * (general.loglik - restricted.loglik),
        df,
        note=f"{general.model.upper()}, maximum likelihood with dummies",
        reference=LR_EFFECTS,
        group="effects",
        spec=restricted.effects_structure,
    )


def fixed_effects_f(
    data: Any, *, outcome: str, regressors: Sequence[str], effects: str = "twoways"
) -> TestResult:
    """Return the F test of fixed effects against none in the model without spatial terms.

    ``F = ((RSS_pooled - RSS) / q) / (RSS / (n T - q - 1 - k))`` with q dummies besides the intercept; exact
    under normality (Baltagi 2021, eq. 2.12).

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the outcome and the regressors.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        Names of the explanatory variables, without the intercept.
    effects : {"individual", "time", "twoways"}, default "twoways"
        Effects whose absence is the null hypothesis.

    Returns
    -------
    TestResult
        F with q and n T - q - 1 - k degrees of freedom.

    Raises
    ------
    ConfigError
        If `effects` are not fixed effects.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics import fixed_effects_f
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> test = fixed_effects_f(panel, outcome="y", regressors=["x1"])
    >>> int(test.df), int(test.df_denominator)
    (20, 74)
    """
    check_known(effects, FIXED_EFFECTS[1:], "effects structure")
    ols = MODELS["ols"]
    pooled = ols(data, outcome=outcome, regressors=regressors, effects="pooled").fit("exact")
    general = ols(data, outcome=outcome, regressors=regressors, effects=effects).fit("exact")
    n, T = general.n, general.T
    q = {"individual": n - 1, "time": T - 1, "twoways": n + T - 2}[effects]
    left = n * T - q - 1 - len(regressors)
    rss = general["sigma2"] * n * T
    statistic = (pooled["sigma2"] * n * T - rss) / q / (rss / left)
    return f_distributed(
        "f_effects", "no_effects", statistic, q, left, reference="Baltagi (2021, eq. 2.12)"
    ).about(group="effects", spec=effects)


def hausman(
    fixed: EstimateViews,
    random: EstimateViews,
    *,
    names: Sequence[str] | None = None,
    test: str = "hausman",
    reference: str = HAUSMAN,
    spec: str = "",
) -> TestResult:
    """Return the Hausman test of random effects against fixed effects on two fits.

    ``d' (V_fixed - V_random)^- d`` with d the difference of the common parameters, chi-squared with the rank
    of the inverted matrix. Where the difference of the covariances is not positive definite, the
    Moore-Penrose inverse of its positive part is used, and the note says so.

    Parameters
    ----------
    fixed : Fit or Estimates
        Consistent under both hypotheses.
    random : Fit or Estimates
        Efficient under the null.
    names : sequence of str, optional
        Parameters compared; by default all that both fits have, except the intercept and sigma2. Spatial
        parameters are among them.
    test, reference, spec : str
        Key of the test, source of the statistic and effects structure, as the result shows them.

    Returns
    -------
    TestResult
        Chi-squared; small p-values speak against random effects.

    Raises
    ------
    ConfigError
        If the fits have no such common parameters.
    IdentificationError
        If the difference of the covariances has no positive eigenvalue.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR
    >>> from shuyi.spatialpanel.diagnostics import hausman
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fixed, random = (
    ...     SAR(panel, weights, outcome="y", regressors=["x1"], effects=effects).fit()
    ...     for effects in ("individual", "random")
    ... )
    >>> hausman(fixed, random).df
    2
    """
    compared = _common_names(fixed, random, names)
    first, second = ([fit.names.index(name) for name in compared] for fit in (fixed, random))
    d = fixed.values[first] - random.values[second]
    v = fixed.covariance_matrix[np.ix_(first, first)] - random.covariance_matrix[np.ix_(second, second)]
    statistic, rank = _positive_part(d, v)
    note = f"parameters: {', '.join(compared)}"
    if rank < len(compared):
        note += (
            f"; the difference of the covariances is not positive definite, a generalised inverse of "
            f"rank {rank} of {len(compared)} is used"
        )
    return chi_squared(
        test, "random_effects", statistic, rank, note=note, reference=reference, group="effects", spec=spec
    )


def spatial_hausman(
    fixed: Fit, random: Fit, *, names: Sequence[str] | None = None, variance: str = "common"
) -> TestResult:
    """Return the Hausman test of a spatial model with random against individual fixed effects.

    Parameters
    ----------
    fixed, random : Fit
        The same model with ``effects="individual"``, ``correction="lee_yu"``, and with ``effects="random"``.
    names : sequence of str, optional
        As in `hausman`; by default coefficients and spatial parameters.
    variance : {"common", "own"}, default "common"
        ``"common"``: the covariance of the fixed-effects estimates is the inverse of their information at the
        random-effects estimates. The likelihood with random effects is that of the transformed data times
        that of the unit means, so that its information is the larger at the same parameters and the
        difference of the covariances is positive semidefinite. ``"own"``: the covariances of the two fits,
        whose difference is often indefinite.

    Returns
    -------
    TestResult
        Chi-squared; small p-values speak against random effects.

    Raises
    ------
    ConfigError
        If the fits are of other models, data, effects or convention.
    DataError
        If ``variance="common"`` and the fixed-effects fit was read back without its data.
    IdentificationError
        See `hausman`.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR
    >>> from shuyi.spatialpanel.diagnostics import spatial_hausman
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fixed, random = (
    ...     SAR(panel, weights, outcome="y", regressors=["x1"], effects=effects).fit()
    ...     for effects in ("individual", "random")
    ... )
    >>> spatial_hausman(fixed, random).df
    2
    """
    check_known(variance, ("common", "own"), "variance")
    same = ("model", "outcome", "durbin", "units", "periods")
    differences = [name for name in same if getattr(fixed, name) != getattr(random, name)]
    effects = (fixed.effects_structure, random.effects_structure)
    if effects != ("individual", "random"):
        differences.append(f"{effects[0]} effects against {effects[1]}")
    if fixed.convention != "lee_yu":
        differences.append(f"convention {fixed.convention}")
    if differences:
        raise ConfigError(
            "These two fits make no spatial Hausman test.",
            expected="one model of the same data with effects='individual' (correction='lee_yu') and with "
            "effects='random'",
            found=offenders(differences),
        )
    first = _at_random_estimates(fixed, random) if variance == "common" else fixed
    return hausman(
        first, random, names=names, test="spatial_hausman", reference=SPATIAL_HAUSMAN, spec="individual"
    )


def _at_random_estimates(fixed: Fit, random: Fit) -> Estimates:
    """Return the fixed-effects estimates with their covariance at the random-effects estimates."""
    if fixed.problem is None:
        raise DataError(
            "The information of this fit cannot be evaluated: it was read back without its data.",
            remedy="estimate the fixed-effects model again, or use variance='own'",
        )
    at = Point.from_vector(np.array([random[name] for name in fixed.names]), fixed.problem.spatial)
    return Estimates(fixed.names, fixed.values, inverse(expected_information(fixed.problem, at)))


def hausman_test(
    data: Any,
    *,
    outcome: str,
    regressors: Sequence[str],
    effects: str = "individual",
    variance: str = "common",
) -> TestResult:
    """Return the Hausman test of the model without spatial terms.

    Within estimates against feasible generalised least squares with the variances of Swamy and Arora (1972),
    both by linearmodels with unadjusted covariances.

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the outcome and the regressors.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        Names of the explanatory variables, without the intercept.
    effects : {"individual", "twoways"}, default "individual"
        ``"twoways"`` adds time dummies to both models; the individual effects are fixed or random.
    variance : {"common", "own"}, default "common"
        ``"common"``: the within estimate of the error variance in both covariances, so that their difference
        is positive definite and the statistic equals that of `mundlak_test` with unadjusted covariance.
        ``"own"``: each estimator's own variance, as most packages do; the difference may then be indefinite.

    Returns
    -------
    TestResult
        Chi-squared; small p-values speak against random effects.

    Raises
    ------
    ConfigError
        If `effects` have no individual part, or an option is unknown.
    DataError, IdentificationError
        See `design.build_design` and `hausman`.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics import hausman_test
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> hausman_test(panel, outcome="y", regressors=["x1"]).df
    1
    """
    check_known(effects, MAY_BE_RANDOM, "effects structure of a Hausman test")
    check_known(variance, ("common", "own"), "variance")
    design = _plain_design(data, outcome, regressors)
    from linearmodels.panel import PanelOLS

    frame = _regression_frame(design, effects)
    slopes = [c for c in frame.columns if c not in (outcome, INTERCEPT)]
    within_fit = PanelOLS(frame[outcome], frame[slopes], entity_effects=True).fit()
    random_fit = _random_effects(frame, outcome).fit()
    random = Estimates.of(random_fit)
    if variance == "common":
        rescaled = random.covariance_matrix * (within_fit.s2 / random_fit.s2)
        random = replace(random, covariance_matrix=rescaled)
    return hausman(Estimates.of(within_fit), random, names=design.regressors, spec=effects)


def mundlak_test(
    data: Any,
    *,
    outcome: str,
    regressors: Sequence[str],
    effects: str = "individual",
    covariance: str = "clustered",
) -> TestResult:
    """Return Mundlak's form of the Hausman test: the unit means of the regressors add nothing.

    Auxiliary regression ``y_it = x_it b + xbar_i g + c + mu_i + e_it`` with random effects (linearmodels);
    Wald test of ``g = 0``. In a balanced panel b is the within estimate whatever the variances are.

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the outcome and the regressors.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        Names of the explanatory variables, without the intercept.
    effects : {"individual", "twoways"}, default "individual"
        ``"twoways"`` adds time dummies to the auxiliary regression.
    covariance : {"clustered", "unadjusted"}, default "clustered"
        Clustered by unit, robust to heteroskedasticity and serial correlation, or the covariance under
        spherical errors.

    Returns
    -------
    TestResult
        Chi-squared with one degree of freedom per regressor; small p-values speak against random effects.

    Raises
    ------
    ConfigError
        If an option is unknown.
    DataError, IdentificationError
        See `design.build_design`; also if the unit means are collinear.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics import mundlak_test
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> mundlak_test(panel, outcome="y", regressors=["x1"]).df
    1
    """
    check_known(effects, MAY_BE_RANDOM, "effects structure of a Mundlak test")
    check_known(covariance, ("clustered", "unadjusted"), "covariance")
    design = _plain_design(data, outcome, regressors)
    frame = _regression_frame(design, effects)
    means = [f"mean_{name}" for name in design.regressors]
    for mean, name in zip(means, design.regressors, strict=True):
        frame[mean] = frame[name].groupby(level=0, sort=False).transform("mean")
    options = {"cov_type": "clustered", "cluster_entity": True} if covariance == "clustered" else {}
    found = Estimates.of(_random_effects(frame, outcome).fit(**options))
    added = [found.names.index(mean) for mean in means]
    matrix = found.covariance_matrix[np.ix_(added, added)]
    statistic = quadratic_form(found.values[added], matrix, "The Mundlak test")
    return chi_squared(
        "mundlak",
        "random_effects",
        statistic,
        len(added),
        note=f"covariance: {covariance}",
        reference=MUNDLAK,
        group="effects",
        spec=effects,
    )


def _check_same_effects(restricted: Fit, general: Fit) -> None:
    pair = (restricted.effects_structure, general.effects_structure)
    same = ("model", "outcome", "durbin", "units", "periods")
    differences = [name for name in same if getattr(restricted, name) != getattr(general, name)]
    if {restricted.convention, general.convention} - {"none", "exact"}:
        differences.append(f"conventions {restricted.convention} and {general.convention}")
    if pair not in {(kept, more) for _, _, kept, more in STEPS}:
        differences.append(f"{pair[0]} effects against {pair[1]}")
    if differences:
        raise ConfigError(
            "The likelihoods of these fits do not test fixed effects.",
            expected="one model of the same data with correction='exact', the first with fewer effects",
            found=offenders(differences),
            remedy="use fixed_effects_tests, which estimates the models that belong together",
        )


def _common_names(fixed: EstimateViews, random: EstimateViews, names: Sequence[str] | None) -> list[str]:
    if names is None:
        skipped = (INTERCEPT, "sigma2")
        names = [name for name in fixed.names if name in random.names and name not in skipped]
    lacking = [name for name in names if name not in fixed.names or name not in random.names]
    if lacking or not names:
        raise ConfigError(
            "The two fits of a Hausman test lack common parameters.",
            expected="parameters that both fits estimate",
            found=f"not in both: {offenders(lacking)}" if lacking else "no common parameter",
        )
    return list(names)


def _positive_part(d: NDArray, v: NDArray) -> tuple[float, int]:
    """Return ``d' V^+ d`` over the eigenvectors of V with positive eigenvalues, and their number."""
    scale = 1.0 / np.sqrt(np.abs(np.diag(v)).max())
    roots, vectors = np.linalg.eigh(v * scale**2)
    kept = roots > NEGLIGIBLE * np.abs(roots).max()
    if not kept.any():
        raise IdentificationError(
            "The Hausman test has no direction in which the random-effects estimates are more precise.",
            expected="a difference of covariances with a positive eigenvalue",
            found=f"eigenvalues up to {roots[-1] / scale**2:.3g}",
            remedy="use the Mundlak form, which needs no difference of covariances",
        )
    projected = vectors[:, kept].T @ d * scale
    return float((projected**2 / roots[kept]).sum()), int(kept.sum())


def _plain_design(data: Any, outcome: str, regressors: Sequence[str]) -> Design:
    design = build_design(data, None, outcome=outcome, regressors=regressors, durbin=(), intercept=False)
    spread = np.sqrt((within(design.x, "individual") ** 2).sum(axis=(0, 1)))
    size = np.sqrt((design.x**2).sum(axis=(0, 1)))
    constant = [r for r, s, z in zip(design.regressors, spread, size, strict=True) if s <= NEGLIGIBLE * z]
    if constant:
        raise IdentificationError(
            "Regressors that do not vary within units have no within estimate.",
            expected="regressors that vary over time",
            found=f"constant within units: {offenders(constant)}",
            remedy="leave them out of the test",
        )
    return design


def _regression_frame(design: Design, effects: str) -> pd.DataFrame:
    """Return outcome, intercept and regressors by (unit, period), with time dummies for two-way effects."""
    layers = [design.y[:, :, None], np.ones((design.T, design.n, 1)), design.x]
    names = [design.outcome, INTERCEPT, *design.regressors]
    if effects == "twoways":
        dummies = np.eye(design.T)[:, None, 1:]
        layers.append(np.broadcast_to(dummies, (design.T, design.n, design.T - 1)))
        names += [f"period_{p}" for p in design.periods[1:]]
    if len(set(names)) < len(names):
        raise DataError(
            "A regressor has the name of a time dummy.", found=offenders(sorted(names)), remedy="rename it"
        )
    return Panel(np.concatenate(layers, axis=2), design.units, design.periods, tuple(names)).to_frame()


def _random_effects(frame: pd.DataFrame, outcome: str) -> Any:
    from linearmodels.panel import RandomEffects

    return RandomEffects(frame[outcome], frame.drop(columns=outcome))
