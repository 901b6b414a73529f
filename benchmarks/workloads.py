"""What is timed: our fit with effects, and the peer's fit."""

from __future__ import annotations

from typing import Any

import numpy as np
from panels import REGRESSORS
from scipy.sparse import csr_matrix

from shuyi.panel import Panel, stack
from shuyi.spatialpanel import SDM, Effects, Fit
from shuyi.weights import Weights

DRAWS = 1000


def fresh(weights: Weights) -> Weights:
    """Return the same weights without anything that was computed from them before."""
    return Weights(weights.matrix, weights.labels, weights.kind, weights.normalisation)


def fit_and_effects(panel: Panel, weights: Weights) -> tuple[Fit, Effects]:
    """Fit the two-way spatial Durbin model (Lee and Yu) and compute effects with simulated errors."""
    fit = SDM(panel, weights, outcome="y", regressors=REGRESSORS).fit()
    return fit, fit.effects(draws=DRAWS)


def spreg_arguments(panel: Panel, weights: Weights) -> tuple[Any, ...]:
    """Return y, [X, W X] and a libpysal W for spreg."""
    from libpysal.weights import WSP

    x = panel.array(REGRESSORS)
    w = WSP(csr_matrix(weights.to_sparse())).to_W(silence_warnings=True)
    return stack(panel["y"])[:, None], stack(np.concatenate([x, weights.lag(x)], axis=2)), w


def spreg_fit(y: Any, x: Any, w: Any) -> float:
    """Return rho of spreg's maximum likelihood with individual effects, the only ones it removes."""
    from spreg import Panel_FE_Lag

    return float(Panel_FE_Lag(y, x, w).rho)
