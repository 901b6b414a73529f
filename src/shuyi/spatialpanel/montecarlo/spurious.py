"""What the Durbin model finds where there is no spillover: a spatially correlated error alone.

SEM is the Durbin model with ``th = -rho b`` and rho = lam. So rho estimates lam, and is significant without
any outcome depending on a neighbour's outcome or regressor: a significant rho is no evidence of spillover.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from shuyi.spatialpanel.diagnostics.resampled import maximum, problem_of, wald_statistic
from shuyi.spatialpanel.diagnostics.result import chi_squared
from shuyi.spatialpanel.montecarlo.levels import LEVEL, LevelDesign, draw

if TYPE_CHECKING:
    from shuyi.weights import Weights


@dataclass(frozen=True, slots=True)
class SpuriousRho:
    """Estimates of rho in panels without spillover.

    Attributes
    ----------
    lam : float
        Spatial correlation of the errors.
    mean : float
        Mean estimate of rho in the Durbin model.
    significant, significant_jackknife : float
        Share of panels in which rho is significant at 5 %, by the information matrix and by the clustered
        jackknife.
    panels : int
        Number of panels.
    """

    lam: float
    mean: float
    significant: float
    significant_jackknife: float
    panels: int


def spurious_rho(
    weights: Weights, *, lam: float = 0.5, T: int = 9, k: int = 5, panels: int = 1000, seed: int = 1
) -> SpuriousRho:
    """Estimate two-way Durbin models on panels whose only spatial term is that of the errors.

    Parameters
    ----------
    weights : Weights
        Row-standardised.
    lam : float
        Coefficient of the spatial error; innovations and the k regressors are independent.
    T, k : int
        Periods and regressors.
    panels : int
        Number of panels.
    seed : int
        Start of the random numbers, zero or more.

    Returns
    -------
    SpuriousRho

    Examples
    --------
    >>> from shuyi.spatialpanel.montecarlo import lattice
    >>> spurious_rho(lattice(5), panels=20).mean > 0.3
    True
    """
    design = LevelDesign(0.0, 0.0, T=T, k=k, seed=seed)
    spread = np.linalg.inv(np.eye(weights.n) - lam * weights.to_dense())
    found = np.array([_estimate(design, weights, spread, r) for r in range(panels)])
    mean, own, jackknife = found.mean(axis=0).tolist()
    return SpuriousRho(lam, mean, own, jackknife, panels)


def _estimate(
    design: LevelDesign, weights: Weights, spread: np.ndarray, number: int
) -> tuple[float, bool, bool]:
    """Return rho and whether it is significant by information and by jackknife."""
    data = draw(design, weights, number)["twoways"]
    systematic = data.x.sum(axis=2)
    y = systematic + (data.y - systematic) @ spread.T
    problem = problem_of(replace(data, y=y, error_lags=None), "twoways", has_lag=True)
    point = maximum(problem)
    kinds = ("information", "cluster_jackknife")
    values = (wald_statistic(problem, point, "slx", kind) for kind in kinds)
    first, second = (chi_squared("wald", "rho_zero", value, 1).p_value <= LEVEL for value in values)
    return point.rho, first, second
