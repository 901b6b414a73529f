"""Kinds of covariance: that they are what they are called, and how kinds are entered."""

import numpy as np
import pytest

from shuyi.errors import IdentificationError
from shuyi.spatialpanel import SDM
from shuyi.spatialpanel.covariance import information, kinds, parts
from shuyi.spatialpanel.likelihood import Point, score_and_hessian

# Inverses of well-conditioned matrices of order six.
INVERSE = 1e-9
# Information and Hessian share their limit; their relative distance at n T = 1,200 is a few per cent.
LIMIT = 0.1


@pytest.fixture
def model(panel_of, weights_of):
    weights = weights_of("nearest", 30)
    panel = panel_of(30, 40, weights, seed=1)
    return SDM(panel, weights, outcome="y", regressors=["x1", "x2"])


@pytest.mark.parametrize("correction", ["exact", "lee_yu"])
def test_hessian_is_the_inverse_of_the_curvature(model, correction):
    fit = model.fit(correction, covariance="hessian")
    curvature = score_and_hessian(fit.problem, Point.from_vector(fit.values, ("rho",)))[1]
    np.testing.assert_allclose(fit.covariance_matrix @ -curvature, np.eye(6), atol=INVERSE * 1e3)
    assert fit.covariance_kind == "hessian"


def test_information_and_hessian_agree_in_large_samples(model):
    first, second = (model.fit(covariance=kind) for kind in ("information", "hessian"))
    np.testing.assert_allclose(second.standard_errors, first.standard_errors, rtol=LIMIT)
    np.testing.assert_array_equal(second.values, first.values)


def test_information_is_symmetric_and_positive(model):
    matrix = model.fit().covariance_matrix
    np.testing.assert_array_equal(matrix, matrix.T)
    assert np.linalg.eigvalsh(matrix).min() > 0


def scaled(problem, point, *, factor):
    return factor * information.information(problem, point)


def test_a_kind_is_entered_by_name_and_takes_options(model, monkeypatch):
    monkeypatch.setitem(kinds.COVARIANCES, "scaled", scaled)
    fit = model.fit(covariance="scaled", covariance_options={"factor": 4.0})
    np.testing.assert_allclose(fit.standard_errors, 2 * model.fit().standard_errors)


def test_singular_information_is_refused():
    with pytest.raises(IdentificationError, match="singular") as caught:
        parts.inverse(np.ones((2, 2)))
    assert "condition number" in str(caught.value)
