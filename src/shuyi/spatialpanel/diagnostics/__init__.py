"""Specification tests of spatial panel models.

`lm` (Lagrange multiplier), `score` (joint, marginal and conditional score tests), `lr` (likelihood ratio and
Wald), `heterogeneity` (fixed effects, Hausman and Mundlak), `random_effects` (random effects and spatial
errors), `dependence` (residual correlation between units), `unitroot` (CIPS), `battery` (all tests of one
specification). Every test is a `TestResult`; `to_frame` collects them.
"""

from shuyi.spatialpanel.diagnostics.battery import specification_tests
from shuyi.spatialpanel.diagnostics.dependence import (
    breusch_pagan_dependence,
    mean_absolute_correlation,
    pesaran_cd,
    residual_moran_tests,
)
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
from shuyi.spatialpanel.diagnostics.random_effects import random_effects_tests
from shuyi.spatialpanel.diagnostics.result import TestResult, to_frame
from shuyi.spatialpanel.diagnostics.score import score_tests
from shuyi.spatialpanel.diagnostics.unitroot import CipsTest, cips

__all__ = [
    "CipsTest",
    "Estimates",
    "LMStatistics",
    "TestResult",
    "breusch_pagan_dependence",
    "cips",
    "effects_ratio",
    "fixed_effects_f",
    "fixed_effects_tests",
    "hausman",
    "hausman_test",
    "likelihood_ratio",
    "lm_statistics",
    "lm_tests",
    "mean_absolute_correlation",
    "mundlak_test",
    "pesaran_cd",
    "random_effects_tests",
    "residual_moran_tests",
    "score_tests",
    "simplification_tests",
    "spatial_hausman",
    "specification_tests",
    "to_frame",
    "wald",
    "wald_sar",
    "wald_sem",
    "wald_slx",
    "wald_zero",
]
