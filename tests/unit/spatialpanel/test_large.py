"""Large weights: sparse LU and stochastic traces against eigenvalues, and no n x n array anywhere."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.spatial import cKDTree
from spatial_cases import make_weights

from shuyi.errors import ConfigError, ConvergenceError, WeightsError
from shuyi.panel import Panel
from shuyi.spatialpanel.covariance.parts import dense_parts
from shuyi.spatialpanel.covariance.parts_sparse import sparse_parts
from shuyi.spatialpanel.likelihood import Point
from shuyi.spatialpanel.logdet.choose import choose_method, log_determinant, mean_profile
from shuyi.spatialpanel.logdet.sparse import determinant_slope, exact_power_traces, factorise, unit_minus
from shuyi.spatialpanel.logdet.trace import PROBES, neumann
from shuyi.spatialpanel.models import MODELS
from shuyi.weights import Weights
from shuyi.weights.container import DENSE_LIMIT

# Sparse and dense factors of the same matrix differ by rounding that grows with n.
ROUNDING = 1e-9
# Errors are measured at ten points between the grid's, not everywhere: room for a larger one elsewhere.
MEASURED = 3.0
# Second derivatives of a spline have two digits less than values; they enter standard errors.
CURVATURE = 1e-6
# Twice the half-width of a 95 % interval: such a deviation of a mean over probes has probability 1e-4.
PROBABLE = 2.0


def nearest(n, k=6, seed=0, scale=None):
    places = np.random.default_rng(seed).random((n, 2))
    _, near = cKDTree(places).query(places, k + 1)
    matrix = csr_array(
        (np.full(n * k, 1.0 / k), near[:, 1:].ravel(), np.arange(0, n * k + 1, k)), shape=(n, n)
    )
    if scale is not None:
        matrix = csr_array(matrix.multiply(np.linspace(0.5, scale, n)[:, None]))
    return Weights.from_sparse(matrix, [f"u{i}" for i in range(n)], kind="nearest")


def panel_of(weights, T=4, seed=1, rho=0.5):
    n = weights.n
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((T, n, 2))
    mean = (
        x @ [1.0, 0.5] + weights.lag(x) @ [0.4, -0.2] + rng.standard_normal(n) + rng.standard_normal((T, 1))
    )
    factors = factorise(unit_minus(rho, weights.to_sparse().tocsc()), "MMD_AT_PLUS_A")
    y = factors.solve((mean + rng.standard_normal((T, n))).T).T
    return Panel(np.concatenate([y[:, :, None], x], axis=2), weights.labels, tuple(range(T)), ("y", "a", "b"))


def fit_of(model, panel, weights, method, **options):
    estimator = MODELS[model](panel, weights, outcome="y", regressors=["a", "b"], **options)
    return estimator.fit(logdet=method)


@pytest.fixture(scope="module")
def row():
    return nearest(500)


@pytest.fixture(scope="module")
def loose():
    return nearest(300, scale=1.5)


@pytest.fixture
def forbid_dense(monkeypatch):
    def refuse(self, *args, **kwargs):
        raise AssertionError(f"a sparse array of shape {self.shape} was made dense")

    kinds = {type(csr_array((1, 1)).asformat(f)) for f in ("csr", "csc", "coo", "dia")}
    for kind in kinds:
        for name in ("toarray", "todense"):
            monkeypatch.setattr(kind, name, refuse)


@pytest.mark.parametrize("which", ["row", "loose"])
def test_sparse_lu_is_the_log_determinant_within_its_measured_error(which, request):
    weights = request.getfixturevalue(which)
    exact, sparse = (log_determinant(weights, m) for m in ("eigenvalues", "sparse_lu"))
    low, high = exact.interval
    rho = low + (high - low) * np.linspace(0.002, 0.998, 301)
    record = sparse.record(0.5)
    assert 0 < record["error"] < 1e-6
    assert np.abs(sparse.value(rho) - exact.value(rho)).max() <= MEASURED * record["error"]
    inner = rho[5:-5]
    error = np.abs(sparse.trace_lag(inner) - exact.trace_lag(inner)).max() / weights.n
    assert error <= MEASURED * record["trace_error"]
    np.testing.assert_allclose(sparse.sum_lag(inner), exact.sum_lag(inner), rtol=1e-6)
    for r in (-0.4, 0.3, 0.6):
        found, expected = sparse.derivatives(r), exact.derivatives(r)
        assert found == pytest.approx(expected, rel=CURVATURE)
        assert sparse.sum_lag_derivative(r) == pytest.approx(exact.sum_lag_derivative(r), rel=CURVATURE)


@pytest.mark.parametrize("method", ["sparse_lu", "stochastic_trace"])
def test_nothing_spills_over_at_rho_zero(loose, method):
    exact, large = (log_determinant(loose, m) for m in ("eigenvalues", method))
    zero = np.zeros(3)
    assert large.trace_error(zero) == 0
    np.testing.assert_allclose(large.trace_lag(zero), 0, atol=ROUNDING)
    np.testing.assert_allclose(large.sum_lag(zero), exact.sum_lag(zero), rtol=ROUNDING)
    assert large.derivatives(0.0) == pytest.approx(exact.derivatives(0.0), rel=ROUNDING, abs=ROUNDING)
    assert large.sum_lag_derivative(0.0) == pytest.approx(exact.sum_lag_derivative(0.0), rel=ROUNDING)


def test_spline_continues_to_the_ends_of_the_interval(row):
    method = log_determinant(row, "sparse_lu")
    low, high = method.interval
    ends = np.array([low + 1e-9, high - 1e-9])
    assert np.isfinite(method.value(ends)).all()
    assert method.value(ends)[1] < method.value(np.array(high - 1e-4))


def test_imaginary_step_gives_traces_of_inverse_products():
    rng = np.random.default_rng(0)
    matrix, direction = np.eye(20) * 5 + rng.standard_normal((20, 20)), rng.standard_normal((20, 20))
    found = determinant_slope(csr_array(matrix), csr_array(direction))
    assert found == pytest.approx(np.trace(np.linalg.solve(matrix, direction)), rel=ROUNDING)


@pytest.mark.parametrize("model", ["sar", "sem", "sdm", "gns"])
@pytest.mark.parametrize("which", ["row", "loose"])
def test_information_needs_no_dense_generators(model, which, request):
    weights = request.getfixturevalue(which)
    effects = "twoways" if which == "row" else "individual"
    panel = panel_of(weights)
    dense = fit_of(model, panel, weights, "eigenvalues", effects=effects)
    sparse = fit_of(model, panel, weights, "sparse_lu", effects=effects)
    np.testing.assert_allclose(sparse.standard_errors, dense.standard_errors, rtol=CURVATURE)
    point = Point.from_vector(dense.values, dense.problem.spatial)
    parts = [f(p, point) for f, p in ((dense_parts, dense.problem), (sparse_parts, sparse.problem))]
    np.testing.assert_allclose(parts[1].traces, parts[0].traces, rtol=CURVATURE)
    np.testing.assert_allclose(parts[1].products, parts[0].products, rtol=CURVATURE)


def test_two_weights_give_cross_traces(row):
    other = nearest(500, k=4, seed=0)
    panel = panel_of(row)
    fits = [
        fit_of("sac", panel, row, m, error_weights=other, effects="twoways")
        for m in ("eigenvalues", "sparse_lu")
    ]
    np.testing.assert_allclose(fits[1].covariance_matrix, fits[0].covariance_matrix, rtol=1e-4, atol=1e-9)


def test_estimates_and_effects_stay_within_the_reported_error(row):
    panel = panel_of(row)
    exact, sparse = (fit_of("sdm", panel, row, m) for m in ("eigenvalues", "sparse_lu"))
    score_error = sparse.logdet["trace_error"] * sparse.n_effective
    moved = score_error * exact.std_errors["rho"] ** 2
    assert abs(sparse["rho"] - exact["rho"]) <= MEASURED * moved
    assert sparse.loglik == pytest.approx(exact.loglik, abs=MEASURED * sparse.logdet["error"] * 4)
    effects = [f.effects() for f in (exact, sparse)]
    assert effects[0].trace_error == 0
    assert effects[1].trace_error == sparse.logdet["trace_error"]
    assert effects[1].to_dict()["trace_error"] == effects[1].trace_error
    np.testing.assert_allclose(effects[1].estimate, effects[0].estimate, atol=20 * moved)
    np.testing.assert_allclose(effects[1].std_error_delta, effects[0].std_error_delta, rtol=CURVATURE)
    np.testing.assert_allclose(effects[1].simulated, effects[0].simulated, atol=1e-6)


@pytest.mark.parametrize("which", ["row", "loose"])
def test_stochastic_traces_keep_within_their_error(which, request):
    weights = request.getfixturevalue(which)
    exact, probed = (log_determinant(weights, m) for m in ("eigenvalues", "stochastic_trace"))
    low, high = probed.interval
    assert exact.interval[0] <= low
    assert high == pytest.approx(exact.interval[1])
    for rho in (0.8 * low, 0.5 * low, 0.2 * high, 0.5 * high, 0.9 * high):
        at = np.array(rho)
        assert abs(probed.value(at) - exact.value(at)) <= PROBABLE * probed.value_error(rho)
        gap = abs(probed.trace_lag(at) - exact.trace_lag(at)) / weights.n
        assert 0 < gap <= PROBABLE * probed.trace_error(np.array([rho]))
        assert probed.sum_lag(at) == pytest.approx(float(exact.sum_lag(at)), rel=1e-6)
    np.testing.assert_allclose(probed.power_traces(4), exact.power_traces(4), rtol=1e-9, atol=1e-8)


@pytest.mark.parametrize("model", ["sdm", "gns"])
def test_fit_by_stochastic_traces_keeps_within_its_error(row, model):
    panel = panel_of(row)
    exact, probed = (fit_of(model, panel, row, m) for m in ("eigenvalues", "stochastic_trace"))
    record = probed.logdet
    assert record["method"] == "stochastic_trace"
    assert record["probes"] == PROBES
    assert 0 < record["information_error"] < 0.1
    moved = record["trace_error"] * probed.n_effective * exact.std_errors["rho"] ** 2
    assert abs(probed["rho"] - exact["rho"]) <= PROBABLE * moved
    ratio = probed.standard_errors / exact.standard_errors
    np.testing.assert_allclose(ratio, 1.0, atol=PROBABLE * record["information_error"])
    effects = [f.effects() for f in (exact, probed)]
    allowed = effects[1].trace_error * 2 + 10 * moved
    assert np.abs(effects[1].estimate - effects[0].estimate).max() <= allowed


def test_series_near_a_unit_root_is_refused(row):
    with pytest.raises(ConvergenceError, match="series") as caught:
        neumann(row.matrix, 1 - 1e-7, np.ones((row.n, 1)))
    assert "sparse_lu" in str(caught.value)


@pytest.mark.parametrize("orders", [1, 2, 3, 6, 7])
def test_power_traces_are_exact(loose, orders):
    dense = loose.to_dense()
    expected = [np.trace(np.linalg.matrix_power(dense, q)) for q in range(orders + 1)]
    np.testing.assert_allclose(exact_power_traces(loose, orders), expected, rtol=1e-10, atol=1e-10)


def test_power_that_fills_up_is_refused(loose, monkeypatch):
    monkeypatch.setattr("shuyi.spatialpanel.logdet.sparse.MAX_POWER_ENTRIES", 4000)
    with pytest.raises(ConfigError, match="fills up") as caught:
        exact_power_traces(loose, 8)
    assert "ask for at most" in str(caught.value)


def test_method_follows_size_and_pattern():
    n = DENSE_LIMIT + 100
    planar = nearest(n)
    rng = np.random.default_rng(0)
    links = csr_array((np.ones(6 * n), (np.repeat(np.arange(n), 6), rng.integers(0, n, 6 * n))), shape=(n, n))
    links.setdiag(0)
    complete = np.ones((n, n)) - np.eye(n)
    assert choose_method(nearest(DENSE_LIMIT)) == "eigenvalues"
    assert choose_method(planar) == "sparse_lu"
    assert mean_profile(planar) < 2 * np.sqrt(n)
    assert choose_method(Weights(complete / (n - 1), planar.labels)) == "stochastic_trace"
    assert mean_profile(Weights.from_sparse(links, planar.labels)) > 10 * np.sqrt(n)


def test_no_dense_array_above_the_limit(forbid_dense):
    weights = nearest(DENSE_LIMIT + 100)
    panel = panel_of(weights, T=3)
    for model in ("slx", "sar", "sdm", "sem", "gns"):
        fit = fit_of(model, panel, weights, "auto")
        effects = fit.effects(draws=20)
        assert np.isfinite(effects.estimate).all()
        if fit.logdet:
            assert fit.logdet["method"] == "sparse_lu"
            assert fit.logdet["error"] < 1e-6
        assert np.isfinite(fit.partition(orders=3, draws=5)["estimate"]).all()
    with pytest.raises(AssertionError, match="made dense"):
        weights.to_dense()


def test_unit_by_unit_results_are_refused_above_the_limit():
    weights = nearest(DENSE_LIMIT + 1)
    fit = fit_of("slx", panel_of(weights, T=2), weights, "auto")
    for ask in (lambda: fit.effect_matrix("a"), lambda: fit.ledger("a", draws=2)):
        with pytest.raises(WeightsError, match="would need a dense array of 1501 x 1501") as caught:
            ask()
        assert f"at most {DENSE_LIMIT} units" in str(caught.value)
        assert "partition()" in str(caught.value)


def test_all_eigenvalues_of_large_sparse_weights_are_refused():
    weights = nearest(DENSE_LIMIT + 1)
    with pytest.raises(WeightsError, match="All eigenvalues") as caught:
        log_determinant(weights, "eigenvalues")
    assert "sparse_lu" in str(caught.value)


def test_covariance_of_scores_is_refused_above_the_limit():
    weights = nearest(DENSE_LIMIT + 1)
    model = MODELS["sar"](panel_of(weights, T=3), weights, outcome="y", regressors=["a", "b"])
    with pytest.raises(WeightsError, match="The scores of this covariance") as caught:
        model.fit(covariance="robust")
    assert "covariance='information' or 'hessian'" in str(caught.value)


@pytest.mark.parametrize("scale", [None, 1.5])
def test_extreme_eigenvalues_give_the_interval(scale, monkeypatch):
    weights = nearest(400, scale=scale)
    parts = weights.eigenvalues.real
    radius = np.abs(weights.eigenvalues).max()
    monkeypatch.setattr("shuyi.weights.container.DENSE_LIMIT", 399)
    large = nearest(400, scale=scale)
    assert large.eigenvalue_interval == pytest.approx((1 / parts.min(), 1 / parts.max()), rel=1e-7)
    assert large.spectral_radius == pytest.approx(radius, rel=1e-7)
    scaled = large.normalise("spectral")
    assert np.abs(np.linalg.eigvals(scaled.matrix.toarray())).max() == pytest.approx(1.0, rel=1e-7)


def test_information_is_that_of_dense_weights_of_any_storage(row):
    panel = panel_of(row)
    stored_dense = Weights(row.to_dense().copy(), row.labels)
    sparse, dense = (fit_of("sdm", panel, w, "sparse_lu") for w in (row, stored_dense))
    assert sparse["rho"] == pytest.approx(dense["rho"], abs=ROUNDING)
    assert make_weights("row", 9).spectral_radius == pytest.approx(1.0)
    np.testing.assert_allclose(sparse.standard_errors, dense.standard_errors, rtol=ROUNDING)
