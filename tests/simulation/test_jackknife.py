"""The jackknife-clustered covariance: its parts, its exact special case, and its invariances."""

import numpy as np
import pytest

from shuyi.errors import AlignmentError, ConfigError, IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel import GNS, OLS, SAC, SAR, SDM, SEM, SLX
from shuyi.spatialpanel.covariance.jackknife import unit_hessians
from shuyi.spatialpanel.likelihood import Point, score_and_hessian
from shuyi.spatialpanel.montecarlo import lattice
from shuyi.spatialpanel.montecarlo.simulate import simulate

# Sums of a few hundred products in another order, and the score left at the end of the search.
ROUNDING = {"rtol": 1e-7, "atol": 1e-7}
EXACT = {"rtol": 1e-10}

W = lattice(5)
PANEL = simulate("gns", W, 6, seed=2, beta=(1.0, -0.5), theta=(0.5, 0.2), rho=0.3, lam=0.2)


def fitted(model, effects="twoways", correction="lee_yu", panel=PANEL, weights=W, **options):
    specified = model(panel, weights, outcome="y", regressors=["x1", "x2"], effects=effects)
    return specified.fit(correction, "cluster_jackknife", covariance_options=options)


@pytest.mark.parametrize("model", [OLS, SLX, SAR, SEM, SDM, SAC, GNS])
@pytest.mark.parametrize(
    ("effects", "correction"), [("twoways", "lee_yu"), ("twoways", "exact"), ("individual", "lee_yu")]
)
def test_shares_of_the_hessian_add_up(model, effects, correction):
    fit = fitted(model, effects, correction)
    point = Point.from_vector(fit.values, fit.problem.spatial)
    whole = -score_and_hessian(fit.problem, point)[1]
    scale = np.sqrt(np.outer(np.diag(whole), np.diag(whole)))
    np.testing.assert_allclose(
        unit_hessians(fit.problem, point).sum(axis=0) / scale, whole / scale, **ROUNDING
    )


@pytest.mark.parametrize("groups", [None, [f"g{i // 5}" for i in range(25)]])
def test_without_spatial_terms_it_is_the_jackknife_by_deletion(groups):
    options = {} if groups is None else {"groups": groups}
    fit = fitted(OLS, "pooled", **options)
    x = np.concatenate([np.ones((6, 25, 1)), PANEL.array(["x1", "x2"])], axis=2)
    labels = np.array(groups or [str(i) for i in range(25)])
    left = [
        np.linalg.lstsq(x[:, labels != g].reshape(-1, 3), PANEL["y"][:, labels != g].ravel(), rcond=None)[0]
        for g in sorted(set(labels))
    ]
    moved = np.array(left) - fit.values[:3]
    count = len(left)
    expected = (count - 1) / count * moved.T @ moved
    np.testing.assert_allclose(fit.covariance_matrix[:3, :3], expected, **EXACT)


def test_order_of_units_does_not_matter():
    order = list(W.labels[::-1])
    there = fitted(SDM, panel=PANEL.select(units=order), weights=W.reindex(order))
    np.testing.assert_allclose(there.covariance_matrix, fitted(SDM).covariance_matrix, **ROUNDING)


def test_units_of_measurement_scale_it():
    scaled = PANEL.with_variables({"x1": 1000 * PANEL["x1"]})
    here, there = fitted(SDM).standard_errors, fitted(SDM, panel=scaled).standard_errors
    factor = np.array([1000, 1, 1000, 1, 1, 1])
    np.testing.assert_allclose(there * factor, here, rtol=1e-6)


def test_it_exceeds_the_plain_clustered_covariance():
    specified = SDM(PANEL, W, outcome="y", regressors=["x1", "x2"])
    plain = specified.fit("lee_yu", "cluster", covariance_options={"small_sample": False})
    assert (fitted(SDM).standard_errors[:4] > plain.standard_errors[:4]).all()


def test_refusals():
    with pytest.raises(AlignmentError, match="not one of the groups for every unit"):
        fitted(SDM, groups=["a", "b"])
    with pytest.raises(ConfigError, match="One cluster"):
        fitted(SDM, groups=["a"] * 25)
    alone = np.zeros((6, 25))
    alone[3:, 7] = 1.0
    panel = Panel(
        np.concatenate([PANEL.values, alone[..., None]], 2),
        PANEL.units,
        PANEL.periods,
        ("y", "x1", "x2", "d"),
    )
    specified = SAR(panel, W, outcome="y", regressors=["x1", "d"], effects="pooled")
    with pytest.raises(IdentificationError, match="one cluster alone"):
        specified.fit("lee_yu", "cluster_jackknife")
