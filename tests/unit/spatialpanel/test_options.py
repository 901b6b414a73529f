"""Options out of range, frozen sparse weights, exact fits, huge numbers: refused by name or right."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csc_array, csr_array

from shuyi import esda
from shuyi.analyses.convergence.convergence import sigma_convergence
from shuyi.analyses.dynamics.mobility import lisa_vectors, rank_mobility
from shuyi.analyses.inequality.decomposition import gaps, spatial_gini
from shuyi.analyses.report.control import ControlRule
from shuyi.analyses.tiers.classification import Hysteresis
from shuyi.errors import ConfigError, DataError, IdentificationError, WeightsError
from shuyi.panel import Panel
from shuyi.regions import Grouping
from shuyi.spatialpanel import OLS, SAR, SDM, SEM, SpatialIV, bootstrap
from shuyi.spatialpanel.diagnostics import cips
from shuyi.spatialpanel.least_squares import fit_fixed_effects
from shuyi.weights import Weights, metadata

N, T = 10, 8
UNITS = tuple(f"u{i}" for i in range(N))
RING = np.roll(np.eye(N), 1, 1) / 2 + np.roll(np.eye(N), -1, 1) / 2
W = Weights.from_frame(pd.DataFrame(RING, UNITS, UNITS))
RNG = np.random.default_rng(11)
X = RNG.normal(size=(T, N))
Y = np.linalg.solve(np.eye(N) - 0.3 * RING, (X + 0.5 * RNG.normal(size=(T, N))).T).T
LEVEL = np.exp(RNG.normal(size=(T, N)))
PANEL = Panel(np.stack([Y, X, LEVEL], axis=2), UNITS, tuple(range(2001, 2001 + T)), ("y", "x", "level"))
MODEL = {"outcome": "y", "regressors": ["x"], "effects": "individual"}
FIT = SDM(PANEL, W, **MODEL).fit()
IV = SpatialIV(PANEL, W, **MODEL).fit()
DYNAMIC = SAR(PANEL, W, **MODEL, dynamic="tau").fit("lee_yu_bias")
TWO = Grouping("two", UNITS, tuple("AB" * (N // 2)))

SIMULATED = {
    "effects": lambda **o: FIT.effects(**o),
    "iv": lambda **o: IV.effects(**o),
    "dynamic": lambda **o: DYNAMIC.effects(**o),
    "ledger": lambda **o: FIT.ledger("x", **o),
    "partition": lambda **o: FIT.partition(**o),
    "bootstrap": lambda **o: bootstrap(FIT, **o),
}
NO_ZERO = ("bootstrap",)


@pytest.mark.parametrize("name", SIMULATED)
@pytest.mark.parametrize("draws", [-5, 1, 2.5, "100", None, np.nan, 10**10, 10**18, True])
def test_draws_out_of_range_are_refused_by_name(name, draws):
    with pytest.raises(ConfigError, match="draws"):
        SIMULATED[name](draws=draws)


@pytest.mark.parametrize("name", SIMULATED)
@pytest.mark.parametrize("seed", [-1, 1.5, None, "1", np.nan])
def test_seeds_that_are_none_are_refused_by_name(name, seed):
    with pytest.raises(ConfigError, match="seed"):
        SIMULATED[name](draws=10, seed=seed)


@pytest.mark.parametrize("name", [n for n in SIMULATED if n not in NO_ZERO])
def test_no_draws_leave_the_delta_method(name):
    SIMULATED[name](draws=0)


def test_whole_floats_count_as_numbers():
    one, other = FIT.effects(draws=50, seed=2), FIT.effects(draws=50.0, seed=2.0)
    np.testing.assert_array_equal(one.simulated, other.simulated)
    assert other.to_dict()["seed"] == 2 and isinstance(other.seed, int)


LEVELS = {
    "effects": lambda v: FIT.effects(draws=10, level=v),
    "iv": lambda v: IV.effects(draws=10, level=v),
    "ledger": lambda v: FIT.ledger("x", draws=10, level=v),
    "conf_int": lambda v: FIT.conf_int(v),
    "to_frame": lambda v: FIT.to_frame(v),
    "least squares": lambda v: fit_fixed_effects(PANEL, **MODEL).conf_int(v),
    "bootstrap": lambda v: bootstrap(FIT, draws=5).interval(v),
    "sigma": lambda v: sigma_convergence(PANEL, "level", significance=v),
    "lisa": lambda v: esda.local_moran(PANEL, W, "y", 2001, permutations=9, seed=1, significance=v),
}


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("level", [0, 1, 95, 5, -0.1, np.nan, np.inf, "0.9", None])
def test_levels_lie_between_zero_and_one(name, level):
    with pytest.raises(ConfigError, match=r"level|significance"):
        LEVELS[name](level)


PERMUTED = {
    "moran": lambda **o: esda.moran(PANEL, W, ["y"], **o),
    "geary": lambda **o: esda.geary(PANEL, W, ["y"], **o),
    "local_moran": lambda **o: esda.local_moran(PANEL, W, "y", 2001, **o),
    "spatial_gini": lambda **o: spatial_gini(PANEL, "level", W, **o),
    "rank_mobility": lambda **o: rank_mobility(PANEL, "level", W, TWO, **o),
    "lisa_vectors": lambda **o: lisa_vectors(PANEL, "level", W, **o),
    "cips": lambda permutations, seed: cips(PANEL, "y", simulations=permutations, seed=seed),
}


@pytest.mark.parametrize("name", PERMUTED)
@pytest.mark.parametrize("permutations", [-1, 0.5, 10**10, np.inf, None])
def test_permutations_out_of_range_are_refused(name, permutations):
    with pytest.raises(ConfigError, match=r"permutations|simulations"):
        PERMUTED[name](permutations=permutations, seed=1)


@pytest.mark.parametrize("name", PERMUTED)
@pytest.mark.parametrize("seed", [-1, None, 0.5])
def test_seeds_of_permutations(name, seed):
    with pytest.raises(ConfigError, match="seed"):
        PERMUTED[name](permutations=9, seed=seed)


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0])
def test_settings_are_finite(value):
    for setting in (
        lambda: Hysteresis(value, 2),
        lambda: ControlRule(value, 5),
        lambda: gaps(PANEL, ["level"], threshold=value),
        lambda: FIT.effects(draws=0, df=value) if value != np.inf else Hysteresis(value, 2),
        lambda: OLS(PANEL, **MODEL).fit(
            "exact", "conley", covariance_options={"cutoff": value, "distances": RING}
        ),
    ):
        with pytest.raises(ConfigError):
            setting()


def scrambled():
    """Return a sparse ring whose indices are not sorted, as products of sparse matrices have them."""
    ring = csr_array(RING * 3)
    indices, data = ring.indices.copy(), ring.data.copy()
    for row in range(N):
        part = slice(ring.indptr[row], ring.indptr[row + 1])
        indices[part], data[part] = indices[part][::-1], data[part][::-1]
    return csr_array((data, indices, ring.indptr), shape=ring.shape)


@pytest.mark.parametrize("matrix", [scrambled(), csc_array(RING * 3), csr_array(RING * 3)])
def test_sparse_weights_are_normalised_and_then_serve_everywhere(matrix):
    w = Weights(matrix, UNITS).normalise("row")
    np.testing.assert_allclose(w.to_dense(), RING)
    fit = SDM(PANEL, w, **MODEL).fit()
    np.testing.assert_allclose(fit.values, FIT.values, rtol=1e-6)
    assert fit.to_dict()["n"] == N
    assert fit.to_latex()
    assert fit.weights_info
    assert metadata(w)["links"] == 2 * N
    assert w.subset(UNITS[:5]).normalise("spectral").n == 5


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(RING, UNITS, UNITS).astype(str),
        pd.DataFrame(RING, UNITS, UNITS).astype(object).replace(0.5, "0.5"),
        pd.DataFrame(RING, UNITS, UNITS).astype(object).replace(0.5, None),
    ],
)
def test_text_is_no_weight(frame):
    with pytest.raises(WeightsError, match="Weights are numbers"):
        Weights.from_frame(frame)
    with pytest.raises(WeightsError, match=r"Weights are numbers"):
        Weights(frame.to_numpy(dtype=object), UNITS)


def test_weights_of_other_types_are_refused_and_whole_numbers_taken():
    with pytest.raises(WeightsError, match="from_frame"):
        Weights(pd.DataFrame(RING, UNITS, UNITS), UNITS)
    with pytest.raises(WeightsError, match="complex"):
        Weights(RING.astype(complex), UNITS)
    assert Weights((RING > 0).astype(int), UNITS).matrix.dtype == np.float64


def test_rows_without_a_sum_are_not_standardised():
    huge, cancelling = RING * 1e308 * 2, RING.copy()
    huge[0, 2:5] = 1e308
    cancelling[0, 1] = -0.5
    with pytest.raises(WeightsError, match="u0: inf"), np.errstate(over="ignore"):
        Weights(huge / 2, UNITS).normalise("row")
    with pytest.raises(WeightsError, match="u0: 0"):
        Weights(cancelling, UNITS, signed=True).normalise("row")


def test_islands_are_not_told_to_normalise():
    alone = RING.copy()
    alone[3] = 0
    w = Weights(alone, UNITS)
    for ask in (
        lambda: SAR(PANEL, w, outcome="y", regressors=["x"], islands="keep").fit(),
        lambda: SEM(PANEL, w, outcome="y", regressors=["x"], islands="keep").fit("exact"),
        lambda: SAR(PANEL, w, outcome="y", regressors=["x"], islands="keep", dynamic="tau").fit(),
        lambda: lisa_vectors(PANEL, "level", w, seed=1, permutations=0),
    ):
        with pytest.raises((ConfigError, WeightsError)) as error:
            ask()
        assert "normalise('row')" not in error.value.remedy
        assert "link u3" in error.value.remedy


@pytest.mark.parametrize("effects", ["pooled", "individual", "twoways"])
def test_an_outcome_without_an_error_is_refused(effects):
    exact = np.linalg.solve(np.eye(N) - 0.4 * RING, (2 * X + 1e3).T).T
    for y, models in ((2 * X + 1e3, (OLS, SAR, SEM, SDM)), (exact, (SAR, SDM))):
        data = PANEL.with_variables({"y": y})
        for model in models:
            with pytest.raises((IdentificationError, DataError)):
                model(data, W, outcome="y", regressors=["x"], effects=effects).fit(
                    "exact" if model is SEM else "lee_yu"
                )


@pytest.mark.parametrize("scale", [1e150, 1e-150, 1e300])
def test_variables_whose_squares_overflow_are_refused(scale):
    data = PANEL.with_variables({"y": Y * scale})
    for model in (OLS, SAR, SpatialIV):
        with pytest.raises(DataError, match="another unit of measurement"):
            model(data, W, **MODEL)


def common_to_all():
    after = np.repeat((np.arange(T) >= 4).astype(float)[:, None], N, axis=1)
    return PANEL.with_variables({"after": after, "y": Y + 0.5 * after})


@pytest.mark.parametrize("effects", ["pooled", "individual"])
def test_instruments_that_repeat_a_regressor_are_left_out_and_named(effects):
    data = common_to_all()
    fit = SpatialIV(data, W, outcome="y", regressors=["x", "after"], effects=effects).fit()
    assert fit.instruments == ("W_x", "W2_x")
    assert any("W_after, W2_after" in note for note in fit.notes)
    lag = lambda a: a @ RING.T  # noqa: E731
    centre = (lambda a: a - a.mean(axis=0)) if effects == "individual" else (lambda a: a)
    y, d = data["y"], data["after"]
    const = [np.ones((T, N))] if effects == "pooled" else []
    stack = lambda *a: np.column_stack([centre(v).ravel() if v is not const else v for v in a])  # noqa: E731
    ones = [c.ravel() for c in const]
    H = np.column_stack([*ones, stack(X, d, lag(X), lag(lag(X)))])
    Z = np.column_stack([*ones, stack(X, d, lag(y))])
    fitted = H @ np.linalg.lstsq(H, Z, rcond=None)[0]
    b = np.linalg.lstsq(fitted, centre(y).ravel(), rcond=None)[0]
    np.testing.assert_allclose(fit.values, b, rtol=1e-7)


def test_instruments_that_the_user_names_are_not_left_out():
    data = common_to_all().with_variables({"q": 2 * X})
    with pytest.raises(IdentificationError, match=r"q\n.*instruments="):
        SpatialIV(data, W, outcome="y", regressors=["x", "after"], instruments=["q"], effects="pooled").fit()
