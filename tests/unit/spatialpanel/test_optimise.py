"""The search finds the largest maximum, not the nearest one."""

import numpy as np
import pytest

from shuyi.spatialpanel import GNS, SAC, SAR, SDM, SEM
from shuyi.spatialpanel.likelihood import reduce
from shuyi.spatialpanel.optimise import Concentrated

# The concentrated log-likelihood is a sum of a few hundred terms of order one.
VALUE = 1e-9
N, T = 16, 6


def concentrated(fit):
    jacobians = (fit.problem.lag_jacobian, fit.problem.error_jacobian)
    return Concentrated(reduce(fit.problem), tuple(j for j in jacobians if j is not None))


def fine(jacobian, points):
    low, high = jacobian.interval
    rho = low + (high - low) * (np.arange(points) + 0.5) / points
    return rho, np.array([jacobian.derivatives(float(r))[0] for r in rho])


@pytest.mark.parametrize("correction", ["exact", "lee_yu"])
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("model", "points"), [(SAR, 1500), (SEM, 1500), (SDM, 1500), (SAC, 70), (GNS, 70)])
def test_no_point_of_a_fine_grid_is_higher(model, points, seed, correction, panel_of, weights_of):
    weights, other = weights_of("nearest", N), weights_of("row", N)
    panel = panel_of(N, T, weights, rho=0.3, lam=-0.4, seed=seed, error_weights=other)
    error = other if model.terms.error else None
    fit = model(panel, weights, outcome="y", regressors=["x1"], error_weights=error).fit(correction)
    target = concentrated(fit)
    found = target.at(np.array([fit[name] for name in fit.problem.spatial]))[0]
    grid = target.profile([fine(j, points) for j in target.jacobians])
    assert grid.max() <= found + VALUE
    assert fit.convergence["gradient"] < 1e-6


@pytest.mark.parametrize("model", [SAR, SEM, SAC])
def test_derivatives_of_the_concentrated_likelihood(model, panel_of, weights_of, central_difference):
    weights, other = weights_of("nearest", N), weights_of("row", N)
    panel = panel_of(N, T, weights, seed=3)
    error = other if model.terms.error else None
    target = concentrated(
        model(panel, weights, outcome="y", regressors=["x1"], error_weights=error).fit("exact")
    )
    theta = np.array([0.15, -0.25])[: len(target.jacobians)]
    _, gradient, hessian = target.at(theta)
    np.testing.assert_allclose(gradient, central_difference(lambda v: target.at(v)[0], theta), rtol=1e-5)
    np.testing.assert_allclose(
        hessian, central_difference(lambda v: target.at(v)[1], theta), rtol=1e-5, atol=1e-5
    )


def test_values_on_a_grid_are_those_at_its_points(panel_of, weights_of):
    weights, other = weights_of("nearest", N), weights_of("row", N)
    panel = panel_of(N, T, weights, seed=3)
    target = concentrated(SAC(panel, weights, outcome="y", regressors=["x1"], error_weights=other).fit())
    axes = [fine(j, 5) for j in target.jacobians]
    grid = target.profile(axes)
    for i, rho in enumerate(axes[0][0]):
        for j, lam in enumerate(axes[1][0]):
            assert grid[i, j] == pytest.approx(target.at(np.array([rho, lam]))[0], abs=VALUE)


@pytest.mark.parametrize("model", [SAR, SEM])
def test_a_model_without_regressors(model, panel_of, weights_of):
    weights = weights_of("row", N)
    fit = model(panel_of(N, T, weights), weights, outcome="y", regressors=[]).fit()
    assert len(fit.names) == 2
    assert fit.effects(draws=10).to_frame().empty
