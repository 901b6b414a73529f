"""Spatial panel models: maximum likelihood, effects and their errors.

>>> from shuyi.spatialpanel import SDM
>>> from shuyi.spatialpanel.montecarlo.cells import lattice
>>> from shuyi.spatialpanel.montecarlo.simulate import simulate
>>> weights = lattice(4)
>>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
>>> fit = SDM(panel, weights, outcome="y", regressors=["x1"], effects="twoways").fit()
>>> fit.effects(draws=1000, seed=1).to_frame()[["term", "component", "estimate"]].round(2)
  term component  estimate
0   x1    direct      0.94
1   x1  indirect      1.12
2   x1     total      2.06

Modules, in the order in which a number passes through them: `design` (data and weights to arrays),
`transforms` (fixed effects and corrections), `logdet`, `likelihood`, `optimise`, `covariance`, `effects`,
`results`, the estimators (`fixed`, `random`, `dynamic`), `models`, `specification`. No module imports one
that stands above it. Kinds of covariance, methods of the log-determinant and routes of estimation are
functions entered by name in ``covariance.kinds.COVARIANCES``, ``logdet.choose.METHODS`` and
``models.ESTIMATORS``.
"""

from shuyi.spatialpanel.corrections import compare_corrections
from shuyi.spatialpanel.effects import Effects
from shuyi.spatialpanel.iv.model import SpatialIV
from shuyi.spatialpanel.iv.results import SpatialIVFit
from shuyi.spatialpanel.model_selection import ModelComparison, compare_models
from shuyi.spatialpanel.models import GNS, MODELS, OLS, SAC, SAR, SDEM, SDM, SEM, SLX, SpatialModel
from shuyi.spatialpanel.montecarlo.detectable import minimum_detectable_effect
from shuyi.spatialpanel.random import mundlak_wald, phi, random_effects_ratio
from shuyi.spatialpanel.regimes import RegimeFit, by_group, fit_regimes
from shuyi.spatialpanel.resampling import Bootstrap, bootstrap
from shuyi.spatialpanel.results import Fit
from shuyi.spatialpanel.side_by_side import FitComparison, compare
from shuyi.spatialpanel.specification import Specification, fit
from shuyi.spatialpanel.stability import stability, stability_test

__all__ = [
    "GNS",
    "MODELS",
    "OLS",
    "SAC",
    "SAR",
    "SDEM",
    "SDM",
    "SEM",
    "SLX",
    "Bootstrap",
    "Effects",
    "Fit",
    "FitComparison",
    "ModelComparison",
    "RegimeFit",
    "SpatialIV",
    "SpatialIVFit",
    "SpatialModel",
    "Specification",
    "bootstrap",
    "by_group",
    "compare",
    "compare_corrections",
    "compare_models",
    "fit",
    "fit_regimes",
    "minimum_detectable_effect",
    "mundlak_wald",
    "phi",
    "random_effects_ratio",
    "stability",
    "stability_test",
]
