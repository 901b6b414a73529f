"""Log-determinants and traces against dense linear algebra."""

import numpy as np
import pytest

from shuyi.errors import ConfigError
from shuyi.spatialpanel.logdet.choose import Jacobian, log_determinant
from shuyi.weights import Weights

# Eigenvalues of matrices of order 15 are exact to a few units of rounding times n.
EXACT = 1e-10
# Central differences with step 1e-6 keep about nine digits.
DIFFERENCE = 1e-6

KINDS = ["symmetric", "row", "nearest", "spectral"]


def inner(interval, points=9):
    low, high = interval
    return low + (high - low) * np.linspace(0.04, 0.96, points)


@pytest.mark.parametrize("kind", KINDS)
def test_value_is_slogdet(weights_of, kind):
    weights = weights_of(kind, 15)
    method = log_determinant(weights)
    for rho in inner(method.interval):
        sign, log = np.linalg.slogdet(np.eye(15) - rho * weights.to_dense())
        assert sign == 1
        assert method.value(np.array(rho)) == pytest.approx(log, abs=EXACT)
        assert method.derivatives(float(rho))[0] == pytest.approx(log, abs=EXACT)


def test_nearest_neighbours_have_complex_eigenvalues(weights_of):
    assert not log_determinant(weights_of("nearest", 15)).spectrum.is_real


@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_and_traces(weights_of, kind):
    weights = weights_of(kind, 15)
    w, method = weights.to_dense(), log_determinant(weights)
    rho = inner(method.interval)
    lag_sums, traces = method.sum_lag(rho), method.trace_lag(rho)
    for position, r in enumerate(rho):
        g = w @ np.linalg.inv(np.eye(15) - r * w)
        _, first, second = method.derivatives(float(r))
        assert first == pytest.approx(-np.trace(g), abs=EXACT * 100)
        assert second == pytest.approx(-np.trace(g @ g), abs=EXACT * 1000)
        assert traces[position] == pytest.approx(np.trace(g), abs=EXACT * 100)
        assert lag_sums[position] == pytest.approx(g.sum(), rel=1e-9)
        assert method.sum_lag_derivative(float(r)) == pytest.approx((g @ g).sum(), rel=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_power_traces(weights_of, kind):
    weights = weights_of(kind, 15)
    powers = log_determinant(weights).power_traces(4)
    expected = [np.trace(np.linalg.matrix_power(weights.to_dense(), q)) for q in range(5)]
    np.testing.assert_allclose(powers, expected, atol=EXACT)


def test_negative_weights_keep_the_sign_of_the_ratio(weights_of):
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((8, 8)) * 0.3
    np.fill_diagonal(matrix, 0.0)
    weights = Weights(matrix, tuple("abcdefgh"), "signed", signed=True)
    method = log_determinant(weights)
    for r in inner(method.interval, 5):
        if abs(r) < 5:
            g = matrix @ np.linalg.inv(np.eye(8) - r * matrix)
            assert method.sum_lag(np.array(r)) == pytest.approx(g.sum(), rel=1e-7, abs=1e-9)


def test_matrix_without_cycles_has_log_determinant_zero():
    matrix = np.triu(np.ones((4, 4)), 1)
    method = log_determinant(Weights(matrix, tuple("abcd")))
    assert np.isfinite(method.interval).all()
    assert method.value(np.array(0.7)) == pytest.approx(0.0, abs=1e-12)


def test_jacobian_drops_the_unit_root(weights_of):
    weights = weights_of("row", 9)
    method = log_determinant(weights)
    jacobian = Jacobian((method,), (3.0,), True)
    basis = np.linalg.qr(np.column_stack([np.ones(9), np.eye(9)[:, :8]]))[0][:, 1:]
    reduced = basis.T @ weights.to_dense() @ basis
    for rho in (-0.6, 0.0, 0.5, 0.95):
        expected = 3 * np.linalg.slogdet(np.eye(8) - rho * reduced)[1]
        assert jacobian.derivatives(rho)[0] == pytest.approx(expected, abs=1e-9)
    step = 1e-6
    up, down = jacobian.derivatives(0.5 + step), jacobian.derivatives(0.5 - step)
    assert jacobian.derivatives(0.5)[1] == pytest.approx((up[0] - down[0]) / (2 * step), rel=DIFFERENCE)
    assert jacobian.derivatives(0.5)[2] == pytest.approx((up[1] - down[1]) / (2 * step), rel=DIFFERENCE)


def test_grid_of_two_matrices_is_the_sum_of_both(weights_of):
    first, second = (log_determinant(weights_of(kind, 9)) for kind in ("row", "nearest"))
    jacobian = Jacobian((first, second), (2.0, 1.0), False)
    points, values = jacobian.grid()
    np.testing.assert_allclose(values, 2 * first.value(points) + second.value(points), atol=1e-12)


def test_methods_are_kept_with_their_weights(weights_of):
    weights = weights_of("row", 9)
    assert log_determinant(weights) is log_determinant(weights, "eigenvalues")


def test_unknown_method_is_refused(weights_of):
    with pytest.raises(ConfigError, match="Unknown method for the log-determinant") as caught:
        log_determinant(weights_of("row", 9), "eigenvalue")
    assert "did you mean 'eigenvalues'?" in str(caught.value)
