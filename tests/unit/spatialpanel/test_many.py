"""Many specifications in one call have the numbers, and the refusals, of their single fits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from many_cases import assert_equal, specification
from spatial_cases import make_panel, make_weights

from shuyi.errors import ConfigError, DataError
from shuyi.panel import Panel
from shuyi.spatialpanel import Specification
from shuyi.spatialpanel.many import fit_many
from shuyi.spatialpanel.many.batch import BATCHED
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.transforms import CORRECTIONS, FIXED_EFFECTS
from shuyi.weights import Weights

# Ten digits, relative to numbers of order one: what issue 10 asks for. Most agree to fourteen.
SAME = 1e-10
N, T = 16, 6
KINDS = ("row", "nearest", "symmetric", "spectral")
LONELY = {"regressors": ("x1", "only"), "effects": "individual", "covariance": "cluster_jackknife"}
"""A regressor that one unit alone identifies."""

TOGETHER = ("ols", "slx", "sar", "sem", "sdm", "sdem")


@pytest.fixture(scope="module")
def all_weights():
    return {kind: make_weights(kind, N) for kind in KINDS}


@pytest.fixture(scope="module")
def data(all_weights):
    return make_panel(N, T, all_weights["row"], k=3)


def grid(models, weights=KINDS, covariances=tuple(BATCHED)):
    return [
        specification(model, weights=w, effects=effects, correction=correction, covariance=covariance)
        for model in models
        for w in weights
        for effects in FIXED_EFFECTS
        for correction in CORRECTIONS[1:]
        for covariance in covariances
    ]


@pytest.mark.parametrize("model", TOGETHER)
def test_every_choice_is_its_single_fit(model, data, all_weights):
    found = fit_many(data, all_weights, grid([model]))
    for i, spec in enumerate(found.specifications):
        assert_equal(found, i, data, all_weights[spec.weights], SAME)
    np.testing.assert_array_equal(found.together, found.estimated)
    assert found.estimated.sum() > len(found) / 2


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    n=st.integers(8, 24),
    T=st.integers(3, 9),
    k=st.integers(1, 3),
    rho=st.floats(-0.8, 0.9),
    lam=st.floats(-0.6, 0.8),
    kind=st.sampled_from(KINDS),
)
def test_random_panels(seed, n, T, k, rho, lam, kind):
    weights = {kind: make_weights(kind, n)}
    radius = 1.0 / np.abs(weights[kind].eigenvalues).max()
    panel = make_panel(n, T, weights[kind], rho=rho * radius, lam=lam * radius, k=k, seed=seed)
    regressors = panel.variables[1:]
    specs = [
        specification(model, weights=kind, regressors=regressors, effects=e, correction=c, covariance=v)
        for model in TOGETHER[1:]
        for e in ("individual", "twoways")
        for c in ("exact", "lee_yu")
        for v in BATCHED
    ]
    found = fit_many(panel, weights, specs)
    for i in range(len(specs)):
        assert_equal(found, i, panel, weights[kind], SAME)


def test_outcomes_regressors_and_lags_of_their_own(data, all_weights):
    choices = [
        {"outcome": "x3"},
        {"regressors": ("x1",)},
        {"regressors": ("x2", "x3", "x1")},
        {"durbin": ("x2",)},
        {"durbin": ("x2", "x1")},
        {"durbin": "none"},
    ]
    specs = [
        specification(model, effects=e, **c)
        for model in ("sdm", "sdem")
        for e in FIXED_EFFECTS
        for c in choices
    ]
    found = fit_many(data, all_weights, specs)
    for i in range(len(specs)):
        assert_equal(found, i, data, all_weights["row"], SAME)
    assert found.together.all()


@pytest.mark.parametrize("change", [{"model": "sac"}, {"covariance": "hessian"}, {"effects": "random"}])
def test_what_is_not_computed_together_is_fitted_alone(change, data, all_weights):
    spec = specification(**{"durbin": "none" if "model" in change else "all", **change})
    found = fit_many(data, all_weights, [spec])
    assert_equal(found, 0, data, all_weights["row"], SAME)
    assert found.estimated[0]
    assert not found.together[0]


def test_weights_that_vary_by_period_are_fitted_alone(data, all_weights):
    varying = [all_weights["row"]] * (T - 1) + [all_weights["nearest"]]
    spec = specification(weights="varying", correction="exact")
    found = fit_many(data, {"varying": varying}, [spec])
    assert_equal(found, 0, data, varying, SAME)
    assert found.estimated[0]


def troubled(data):
    rng = np.random.default_rng(0)
    y, x = data["y"], data["x1"]
    only = np.zeros((T, N))
    only[:, 3] = rng.standard_normal(T)
    hole = np.array(x)
    hole[0, 0] = np.nan
    return data.with_variables(
        {
            "perfect": x + data["x2"],
            "nearly": x + 1e-9 * rng.standard_normal((T, N)),
            "fixed": np.repeat(rng.standard_normal((1, N)), T, axis=0),
            "only": only,
            "hole": hole,
            "W_x1": np.array(x),
            "edge": np.repeat(y[:, :1], N, axis=1) + 1e-9 * y,
        }
    )


def test_refusals_have_the_words_of_the_single_fit(data, all_weights):
    panel = troubled(data)
    choices = [
        {"regressors": ("x1", "nearly")},
        {"regressors": ("x1", "x2", "fixed")},
        {"regressors": ("x1", "hole")},
        {"regressors": ("x1", "nothing")},
        {"regressors": ("x1", "y")},
        {"regressors": ("x1", "x1")},
        {"regressors": ("x1", "W_x1")},
        {"durbin": ("x3",)},
        {"outcome": "fixed"},
        {"outcome": "perfect"},
        {"outcome": "hole"},
        {"effects": "none"},
        {"correction": "wrong"},
        {"covariance": "wrong"},
        {"weights": "spectral"},
        {**LONELY, "model": "sdm", "durbin": ("x1",)},
        {**LONELY, "model": "slx", "durbin": ("x1",)},
        {"model": "sar", "durbin": "all"},
        {"model": "sem", "weights": "spectral", "correction": "exact", "durbin": "none"},
    ]
    specs = [specification(), *(specification(**c) for c in choices)]
    found = fit_many(panel, all_weights, specs)
    for i, spec in enumerate(specs):
        assert_equal(found, i, panel, all_weights[spec.weights], SAME)
    assert found.estimated.tolist() == [True] + [False] * len(choices)
    assert found.refusals()["id"].tolist() == [s.id for s in specs[1:]]
    assert all(found.reasons[1:])


def test_an_estimate_at_the_edge_is_refused_with_its_profile(all_weights):
    weights = all_weights["row"]
    rng = np.random.default_rng(4)
    y = np.linalg.solve(np.eye(N) - 0.999999 * weights.to_dense(), rng.standard_normal((T, N)).T).T
    panel = Panel(
        np.stack([y, rng.standard_normal((T, N))], axis=2),
        weights.labels,
        tuple(range(T)),
        ("y", "x1"),
    )
    spec = specification("sar", regressors=("x1",), effects="pooled", correction="exact")
    found = fit_many(panel, weights, [spec])
    assert_equal(found, 0, panel, weights, SAME)
    assert "edge of its interval" in found.reasons[0]


def test_too_few_observations(all_weights):
    panel = make_panel(N, 2, all_weights["row"], k=9)
    found = fit_many(panel, all_weights, [specification(regressors=panel.variables[1:])])
    assert_equal(found, 0, panel, all_weights["row"], SAME)
    assert "Fewer effective observations" in found.reasons[0]


def test_samples_cut_the_weights_and_normalise_them_anew(data, all_weights):
    kept = data.units[:5] + data.units[8:]
    samples = {"all": data, "some": data.select(units=kept), "late": data.select(periods=data.periods[2:])}
    specs = [specification(sample=s, weights=w) for s in samples for w in ("row", "nearest")]
    found = fit_many(samples, all_weights, specs)
    for i, spec in enumerate(specs):
        panel = samples[spec.sample]
        assert_equal(found, i, panel, all_weights[spec.weights].subset(panel.units), SAME)
    assert found.together.all()
    assert found.n.tolist() == [N, N, N - 3, N - 3, N, N]


@pytest.mark.parametrize("islands", ["refuse", "keep"])
def test_islands(islands, data):
    matrix = make_weights("symmetric", N).to_dense().copy()
    matrix[0], matrix[:, 0] = 0.0, 0.0
    weights = Weights(matrix, data.units).normalise("row")
    specs = [specification(m, correction="exact") for m in ("slx", "sdm", "sar")]
    found = fit_many(data, weights, specs, islands=islands)
    for i in range(len(specs)):
        assert_equal(found, i, data, weights, SAME, islands)
    assert found.estimated.all() == (islands == "keep")


def test_weights_without_any_link(data):
    weights = Weights(np.zeros((N, N)), data.units)
    specs = [specification(m, correction="exact") for m in ("ols", "slx", "sar", "sem", "sdm")]
    found = fit_many(data, weights, specs, islands="keep")
    for i in range(len(specs)):
        assert_equal(found, i, data, weights, SAME, "keep")


def test_weights_in_another_order_are_refused_in_every_specification(data, all_weights):
    turned = all_weights["row"].reindex(data.units[::-1])
    found = fit_many(data, turned, [specification()])
    assert "another order" in found.reasons[0]


def test_order_and_chunks_do_not_matter(data, all_weights, monkeypatch):
    specs = grid(("sdm", "slx"), weights=("row",))
    whole = fit_many(data, all_weights, specs)
    monkeypatch.setattr("shuyi.spatialpanel.many.fits.CHUNK", 2)
    parts = fit_many(data, all_weights, specs[::-1])
    np.testing.assert_allclose(parts.effects[::-1], whole.effects, rtol=SAME)
    assert parts.reasons[::-1] == whole.reasons


def test_no_specifications(data, all_weights):
    found = fit_many(data, all_weights, [])
    assert len(found) == 0
    assert found.to_frame().empty


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        ([specification(), specification()], "id of its own"),
        ([specification(weights="contiguity")], "weights that is not given"),
    ],
)
def test_wrong_inputs_raise(specs, message, data, all_weights):
    with pytest.raises(ConfigError, match=message):
        fit_many(data, all_weights, specs)


def test_unknown_samples_rules_and_data_raise(data, all_weights):
    with pytest.raises(ConfigError, match="sample that is not given"):
        fit_many({"some": data}, all_weights, [specification()])
    with pytest.raises(ConfigError, match="islands"):
        fit_many(data, all_weights, [specification()], islands="drop")
    with pytest.raises(DataError, match="names of units"):
        fit_many(data.values, all_weights, [specification()])


def test_levels_keep_their_digits(all_weights):
    """Columns with a mean of a hundred spreads: the reference is a QR decomposition, not inner products."""
    panel = make_panel(N, T, all_weights["row"], k=3, seed=5)
    levels = panel.with_variables({f"x{j}": 100.0 + panel[f"x{j}"] for j in (1, 2, 3)})
    spec = specification("slx", effects="pooled", correction="exact", regressors=("x1", "x2", "x3"))
    found = fit_many(levels, all_weights, [spec])
    x = levels.array(spec.regressors)
    x = np.concatenate([np.ones((T, N, 1)), x, all_weights["row"].lag(x)], axis=2).reshape(N * T, -1)
    q, r = np.linalg.qr(x)
    y = levels["y"].ravel()
    sigma2 = ((y - q @ (q.T @ y)) ** 2).mean()
    errors = np.sqrt(sigma2 * (np.linalg.inv(r) ** 2).sum(axis=1))
    assert found.together[0]
    np.testing.assert_allclose(found.beta_std_error[0], errors[1:4], rtol=1e-12)


def test_frames(data, all_weights):
    specs = [
        specification(),
        specification(effects="pooled", correction="exact", regressors=("x2",)),
        specification(correction="wrong"),
    ]
    found = fit_many(data.to_frame(), all_weights["row"], specs)
    frame = found.to_frame("x2")
    assert frame["term"].tolist() == ["x2", "x2", "x2"]
    np.testing.assert_array_equal(frame["indirect"], found.effects[[0, 1, 2], [1, 0, 1], 1])
    assert frame["indirect_low"][0] < frame["indirect"][0] < frame["indirect_high"][0]
    assert "ManyFits of 3 specifications, 1 refused" in repr(found)
    assert found.to_frame()["term"].tolist() == ["x1", "x2", "x1"]
    assert np.isnan(found.effect("x1")[0][1]).all()
    names = found.coefficients().query("id == @specs[0].id")["parameter"].tolist()
    assert names == ["x1", "W_x1", "x2", "W_x2", "rho", "sigma2"]
    with pytest.raises(ConfigError, match="has the term"):
        found.effect("x9")
    with pytest.raises(ValueError, match="read-only"):
        found.rho[0] = 1.0


@pytest.mark.parametrize("df", [None, 4.0, np.inf])
def test_intervals_and_p_values_are_those_of_a_single_fit(df, data, all_weights):
    spec = specification(covariance="cluster_jackknife")
    found = fit_many(data, all_weights, [spec])
    row = found.to_frame("x1", level=0.9, df=df).iloc[0]
    model = MODELS["sdm"](data, all_weights["row"], outcome="y", regressors=["x1", "x2"])
    effects = model.fit(covariance="cluster_jackknife").effects(draws=0, level=0.9, df=df)
    for j, (name, record) in enumerate(zip(("direct", "indirect", "total"), effects.records(), strict=False)):
        low_high = effects.interval_delta[0, j]
        np.testing.assert_allclose([row[f"{name}_low"], row[f"{name}_high"]], low_high, rtol=SAME)
        assert row[f"{name}_p_value"] == pytest.approx(record["p_value"], rel=1e-8)


def test_specifications_are_not_changed(data, all_weights):
    spec = specification()
    assert fit_many(data, all_weights, [spec]).specifications == (spec,)
    assert isinstance(spec, Specification)
