"""The tests of one headline specification, in the order of the table that prints them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from shuyi.errors import ConvergenceError
from shuyi.spatialpanel.design import Design, build_design
from shuyi.spatialpanel.diagnostics import mundlak
from shuyi.spatialpanel.diagnostics.cross_section import dependence_test
from shuyi.spatialpanel.diagnostics.dependence import pesaran_cd, residual_moran_tests
from shuyi.spatialpanel.diagnostics.few_units import hotelling_f
from shuyi.spatialpanel.diagnostics.heterogeneity import (
    fixed_effects_tests,
    hausman_test,
    mundlak_test,
    spatial_hausman,
)
from shuyi.spatialpanel.diagnostics.lm import lm_tests
from shuyi.spatialpanel.diagnostics.lr import is_common_factor_nested, simplification_tests
from shuyi.spatialpanel.diagnostics.resampled import (
    Family,
    comparison_families,
    dependence_family,
    effects_families,
    simplification_families,
)
from shuyi.spatialpanel.diagnostics.residuals import residuals_of
from shuyi.spatialpanel.diagnostics.result import TestResult, to_frame
from shuyi.spatialpanel.diagnostics.score import score_tests
from shuyi.spatialpanel.diagnostics.serial import MIN_PERIODS, serial_correlation
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.transforms import FIXED_EFFECTS
from shuyi.weights import Weights

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.spatialpanel.results import Fit
    from shuyi.spatialpanel.specification import Specification


WITH_RANDOM_EFFECTS = ("sar", "sem", "sdm", "sdem")
"""Models that are estimated with random effects."""

DEPENDENCE_DRAWS = 999
"""Panels drawn for the test of dependence with time effects."""

WILD, AR1, TEXTBOOK, JACKKNIFE_F = "wild_cluster", "ar1", "textbook", "jackknife_f"
"""Versions of a test beside those that its distribution names."""


def specification_tests(
    panel: Any,
    weights: Any,
    specification: Specification,
    *,
    permutations: int = 9999,
    draws: int = 0,
    seed: int,
    islands: str = "refuse",
) -> pd.DataFrame:
    """Return the tests that lead to, and judge, one specification.

    1. LM and robust LM tests for a spatial lag and a spatial error under each fixed-effects structure, from
       the model without spatial terms; joint, marginal and conditional score tests under the specification's
       own effects from the likelihood of Lee and Yu (2010), left out where there is none (time effects with
       rows that do not sum to one).
    2. Likelihood ratios of fixed effects in the specification's own model. Hausman and Mundlak tests of the
       model without spatial terms (with individual and with two-way effects) and of the specification's
       spatial model, or the spatial Durbin model where it has none that is estimated with random effects; NaN
       where the variance of the random effects is estimated at zero.
    3. LR and Wald tests of the spatial Durbin model against SAR, SEM and SLX, under the specification's
       effects and convention. A specification without lagged regressors is tested within the Durbin model of
       all its regressors. Of a bias-corrected specification the ratios are those of ``"exact"``, because the
       corrected estimate maximises no likelihood. The ratio against SEM is left out where SEM is not a
       special case of the Durbin model (see `lr.is_common_factor_nested`).
    4. Dependence between units of the residuals without and with the spatial terms (Pesaran's CD; with time
       effects, which CD does not bear, `cross_section.dependence_test`), Wooldridge's test of serial
       correlation and Moran's I of the latter by period.
    5. With draws, versions of 1 to 3 that bear serial correlation and few units, for a static model with
       individual or two-way effects whose regressors are all lagged: bootstraps of whole units (ratios of
       effects: of AR(1) errors) from the null model of each test, and Hotelling's F of the Wald tests with
       the clustered jackknife.

    Parameters
    ----------
    panel : Panel or DataFrame indexed by (unit, period)
        Already cut to the specification's sample.
    weights : Weights or anything that `Weights.coerce` accepts
        Spatial weights with the panel's units in the panel's order.
    specification : Specification
        With fixed effects or none.
    permutations : int, default 9999
        Permutations of Moran's I.
    draws : int, default 0
        Draws of the bootstraps; zero leaves out all that is under 5.
    seed : int
        Start of the random numbers of permutations and draws.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with units without neighbours: an error, or spatial lags of zero.

    Returns
    -------
    DataFrame
        One row per test with the columns of `result.COLUMNS`: group, test, null, spec, period, statistic, df
        (NaN for standard normal statistics), p_value, distribution, note, reference; and version:
        ``"textbook"``, ``"wild_cluster"``, ``"ar1"``, ``"jackknife_f"``, ``"permutation"``, ``"simulated"``.

    Raises
    ------
    ShuyiError
        Whatever the models and tests refuse.

    Examples
    --------
    >>> from shuyi.spatialpanel import Specification
    >>> from shuyi.spatialpanel.diagnostics import specification_tests
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> specification = Specification("main", "", "", "sdm", "y", "x1")
    >>> tests = specification_tests(panel, weights, specification, permutations=99, seed=1)
    >>> tests["group"].drop_duplicates().tolist()
    ['spatial_dependence', 'effects', 'simplification', 'residuals']
    """
    setting = _Setting(panel, weights, specification, islands)
    results = [
        *setting.spatial_dependence(),
        *setting.effects(),
        *setting.simplification(),
        *setting.residuals(permutations, seed),
    ]
    robust = list(setting.resampled(draws, seed)) if draws else []
    versions = [_version(test) for test in results] + [version for version, _ in robust]
    return to_frame([*results, *(test for _, test in robust)]).assign(version=versions)


def _version(test: TestResult) -> str:
    return test.distribution if test.distribution in ("permutation", "simulated") else TEXTBOOK


class _Setting:
    """The arguments that all tests of one specification share."""

    def __init__(self, panel: Any, weights: Any, spec: Specification, islands: str) -> None:
        self.panel, self.weights, self.spec, self.islands = panel, weights, spec, islands
        self.names: dict[str, Any] = {"outcome": spec.outcome, "regressors": spec.regressors}
        self.lagged = "all" if spec.durbin in ("none", ()) else spec.durbin

    def spatial_dependence(self) -> Iterator[TestResult]:
        for effects in FIXED_EFFECTS:
            yield from lm_tests(self.panel, self.weights, effects=effects, islands=self.islands, **self.names)
        own = self.spec.effects if self.spec.effects in FIXED_EFFECTS else "individual"
        if own in ("pooled", "individual") or Weights.coerce(self.weights).is_row_standardised:
            yield from score_tests(self.panel, self.weights, effects=own, islands=self.islands, **self.names)

    def effects(self) -> Iterator[TestResult]:
        yield from fixed_effects_tests(
            self.panel,
            self.weights,
            model=self.spec.model,
            durbin=self.lagged if MODELS[self.spec.model].terms.durbin else None,
            islands=self.islands,
            **self.names,
        )
        for effects in ("individual", "twoways"):
            yield hausman_test(self.panel, effects=effects, **self.names)
            yield mundlak_test(self.panel, effects=effects, **self.names)
        yield from self.spatial_random_effects()

    def spatial_random_effects(self) -> Iterator[TestResult]:
        from shuyi.spatialpanel.random import VarianceAtZeroError, mundlak_wald

        model = self.spec.model if self.spec.model in WITH_RANDOM_EFFECTS else "sdm"
        try:
            random, correlated = (self.fit(model, effects) for effects in ("random", "correlated"))
        except VarianceAtZeroError:
            yield _at_zero("spatial_hausman")
            yield _at_zero("spatial_mundlak")
            return
        fixed = self.fit(model, "individual", "lee_yu")
        yield spatial_hausman(fixed, random)
        yield mundlak_wald(correlated).about(test="spatial_mundlak", group="effects", spec="individual")

    def simplification(self) -> tuple[TestResult, ...]:
        sdm = self.fit("sdm")
        restricted = {"sar": self.fit("sar"), "slx": self.fit("slx")}
        if is_common_factor_nested(sdm):
            restricted["sem"] = self.fit("sem")
        return simplification_tests(sdm, **restricted)

    def residuals(self, permutations: int, seed: int) -> Iterator[TestResult]:
        own = self.fit(self.spec.model)
        effects = self.spec.effects
        for fit in (self.fit("ols"), own) if self.spec.model != "ols" else (own,):
            if effects in ("time", "twoways"):
                found = dependence_test(fit, draws=DEPENDENCE_DRAWS, seed=seed)
            else:
                found = pesaran_cd(fit)
            yield found.about(test=f"{found.test}_{fit.model}")
        if own.T >= MIN_PERIODS:
            yield serial_correlation(residuals_of(own), effects=effects)
        yield from residual_moran_tests(
            residuals_of(own),
            self.weights,
            own.units,
            own.periods,
            permutations=permutations,
            seed=seed,
            effects=effects,
        )

    def resampled(self, draws: int, seed: int) -> Iterator[tuple[str, TestResult]]:
        """Yield versions of the tests that bear serial correlation and few units, with their names."""
        if not self.has_bootstrap():
            return
        design = self.design()
        for version, family in self.families(design):
            yield from _with_f(family, design.n)
            try:
                yield from ((version, test) for test in family.resampled(draws, seed))
            except ConvergenceError:
                continue

    def has_bootstrap(self) -> bool:
        everything = self.lagged == "all" or set(self.lagged) >= set(self.spec.regressors)
        sums_to_one = self.spec.effects == "individual" or Weights.coerce(self.weights).is_row_standardised
        return self.spec.effects in mundlak.STRUCTURES and everything and sums_to_one

    def families(self, design: Design) -> Iterator[tuple[str, Family]]:
        effects = self.spec.effects
        yield WILD, dependence_family(design, effects, WILD)
        if self.spec.model == "sdm":
            yield from ((AR1, family) for family in effects_families(design))
        yield from ((WILD, family) for family in comparison_families(design, WILD))
        yield from ((WILD, family) for family in simplification_families(design, effects, WILD))

    def design(self) -> Design:
        return build_design(
            self.panel,
            self.weights,
            durbin=tuple(self.spec.regressors),
            intercept=False,
            has_error=True,
            islands=self.islands,
            **self.names,
        )

    def fit(self, model: str, effects: str | None = None, correction: str | None = None) -> Fit:
        terms = MODELS[model].terms
        own = "exact" if self.spec.correction in ("none", "lee_yu_bias") else self.spec.correction
        estimator = MODELS[model](
            self.panel,
            self.weights,
            durbin=self.lagged if terms.durbin else None,
            effects=effects or self.spec.effects,
            islands=self.islands,
            **self.names,
        )
        return estimator.fit(correction or own)


def _with_f(family: Family, n: int) -> Iterator[tuple[str, TestResult]]:
    """Yield Hotelling's F of the Wald tests of a family, which have the clustered jackknife."""
    for test in family.observed:
        if test.test.startswith("wald") and test.df < n:
            yield JACKKNIFE_F, hotelling_f(test, n)


def _at_zero(test: str) -> TestResult:
    nan = float("nan")
    note = "the variance of the random effects is estimated at zero: no test"
    return TestResult(test, "random_effects", nan, nan, nan, "none", note, group="effects", spec="individual")
