"""Specification tests of spatial panel models.

`lm` (Lagrange multiplier), `score` (joint, marginal and conditional score tests), `lr` (likelihood ratio and
Wald), `heterogeneity` (fixed effects, Hausman and Mundlak), `random_effects` (random effects and spatial
errors), `dependence` and `cross_section` (residual correlation between units), `autocorrelation` (within
them), `mundlak` (within against between slopes), `few_units` (Hotelling's F), `resampling` and `resampled`
(bootstrap p-values), `unitroot` (CIPS), `unitroot_short` (few periods), `battery` (all tests of one
specification). Every test is a `TestResult`; `to_frame` collects them.
"""

from shuyi.spatialpanel.diagnostics.autocorrelation import ResidualAutocorrelation, residual_autocorrelation
from shuyi.spatialpanel.diagnostics.battery import specification_tests
from shuyi.spatialpanel.diagnostics.cross_section import dependence_test, weighted_cd
from shuyi.spatialpanel.diagnostics.dependence import (
    breusch_pagan_dependence,
    mean_absolute_correlation,
    pesaran_cd,
    residual_moran_tests,
)
from shuyi.spatialpanel.diagnostics.few_units import hotelling_f
from shuyi.spatialpanel.diagnostics.heterogeneity import (
    Estimates,
    effects_ratio,
    fixed_effects_f,
    fixed_effects_tests,
    hausman,
    hausman_test,
    mundlak_test,
    spatial_hausman,
)
from shuyi.spatialpanel.diagnostics.lm import LMStatistics, lm_statistics, lm_tests
from shuyi.spatialpanel.diagnostics.lr import (
    likelihood_ratio,
    simplification_tests,
    wald,
    wald_sar,
    wald_sem,
    wald_slx,
    wald_zero,
)
from shuyi.spatialpanel.diagnostics.mundlak import between_test
from shuyi.spatialpanel.diagnostics.random_effects import random_effects_tests
from shuyi.spatialpanel.diagnostics.resampled import bootstrap_tests, spatial_comparison_family
from shuyi.spatialpanel.diagnostics.resampling import bootstrap_test
from shuyi.spatialpanel.diagnostics.result import TestResult, to_frame
from shuyi.spatialpanel.diagnostics.score import score_tests
from shuyi.spatialpanel.diagnostics.unitroot import CipsTest, cips
from shuyi.spatialpanel.diagnostics.unitroot_short import UnitRootResult, harris_tzavalis, unit_root_results

__all__ = [
    "CipsTest",
    "Estimates",
    "LMStatistics",
    "ResidualAutocorrelation",
    "TestResult",
    "UnitRootResult",
    "between_test",
    "bootstrap_test",
    "bootstrap_tests",
    "breusch_pagan_dependence",
    "cips",
    "dependence_test",
    "effects_ratio",
    "fixed_effects_f",
    "fixed_effects_tests",
    "harris_tzavalis",
    "hausman",
    "hausman_test",
    "hotelling_f",
    "likelihood_ratio",
    "lm_statistics",
    "lm_tests",
    "mean_absolute_correlation",
    "mundlak_test",
    "pesaran_cd",
    "random_effects_tests",
    "residual_autocorrelation",
    "residual_moran_tests",
    "score_tests",
    "simplification_tests",
    "spatial_comparison_family",
    "spatial_hausman",
    "specification_tests",
    "to_frame",
    "unit_root_results",
    "wald",
    "wald_sar",
    "wald_sem",
    "wald_slx",
    "wald_zero",
    "weighted_cd",
]
