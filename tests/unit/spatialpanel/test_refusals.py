"""Every refusal names what was expected, what was found and what to do; nothing is computed."""

import numpy as np
import pandas as pd
import pytest

from shuyi.errors import (
    AlignmentError,
    ConfigError,
    ConvergenceError,
    DataError,
    IdentificationError,
    WeightsError,
)
from shuyi.panel import Panel
from shuyi.spatialpanel import GNS, OLS, SAR, SDM, SEM, Specification, fit
from shuyi.weights import Weights

N, T = 8, 5


def message(caught):
    text = str(caught.value)
    assert "\n" in text
    return text


def sdm(panel, weights, **options):
    return SDM(panel, weights, **{"outcome": "y", "regressors": ["x1", "x2"], **options})


def changed(panel, variable, function):
    return panel.with_variables({variable: function(panel[variable].copy())})


def test_unbalanced_panel_names_the_missing_cells(panel, weights):
    frame = panel.to_frame().drop(index=[("u01", 2002), ("u03", 2004)])
    with pytest.raises(DataError, match="unbalanced") as caught:
        sdm(frame, weights)
    assert "('u01', 2002)" in message(caught)
    assert "('u03', 2004)" in message(caught)


def test_other_order_is_refused_with_the_first_pair(panel, weights):
    turned = weights.reindex([*weights.labels[1:], weights.labels[0]])
    with pytest.raises(AlignmentError, match="another order") as caught:
        sdm(panel, turned)
    assert "position 1: 'u01' where 'u00' was expected" in message(caught)
    assert "weights.reindex" in message(caught)


def test_other_units_are_refused(panel, weights_of):
    with pytest.raises(AlignmentError, match="name different units") as caught:
        sdm(panel, weights_of("row", N + 1))
    assert "only in the weights: u08" in message(caught)


def test_unlabelled_weights_are_refused(panel, weights):
    with pytest.raises(WeightsError, match="must carry labels"):
        sdm(panel, weights.to_dense())


def test_island_without_a_rule(panel_of, weights_of):
    plain = weights_of("symmetric", N)
    matrix = plain.to_dense().copy()
    matrix[2], matrix[:, 2] = 0.0, 0.0
    island = Weights(matrix, plain.labels).normalise("row")
    panel = panel_of(N, T, weights_of("row", N))
    with pytest.raises(WeightsError, match="no rule says") as caught:
        sdm(panel, island)
    assert "islands: u02" in message(caught)
    assert "islands='keep'" in message(caught)
    kept = sdm(panel, island, islands="keep", effects="individual").fit("exact")
    assert np.isfinite(kept.values).all()
    with pytest.raises(ConfigError, match="rule for islands"):
        sdm(panel, island, islands="drop")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nonfinite_values_name_their_cells(panel, weights, value):
    def spoil(x):
        x[2, 3] = value
        return x

    with pytest.raises(DataError, match="missing or infinite") as caught:
        sdm(changed(panel, "x2", spoil), weights)
    assert "x2 of u03 in 2002" in message(caught)


@pytest.mark.parametrize(
    ("effects", "constant", "where"),
    [
        ("individual", lambda x: np.tile(x[0], (T, 1)), "within units"),
        ("time", lambda x: np.tile(x[:, :1], (1, N)), "within periods"),
        ("twoways", lambda x: x[:1] + x[:, :1], "after both means"),
    ],
)
def test_absorbed_regressor_is_named(panel, weights, effects, constant, where):
    model = sdm(changed(panel, "x2", constant), weights, effects=effects, durbin=["x1"])
    with pytest.raises(IdentificationError, match="absorbed") as caught:
        model.fit()
    assert f"constant {where}: x2" in message(caught)
    assert "x1" not in message(caught)


def test_collinear_regressor_is_named(panel, weights):
    twin = panel.with_variables({"x3": 2 * panel["x1"] - panel["x2"] + 5})
    with pytest.raises(IdentificationError, match="collinear") as caught:
        sdm(twin, weights, regressors=["x1", "x2", "x3"], durbin=None).fit()
    assert "before them: x3" in message(caught)


def test_absorbed_outcome_is_refused(panel, weights):
    flat = changed(panel, "y", lambda y: np.tile(y[0], (T, 1)))
    with pytest.raises(IdentificationError, match="outcome 'y' has no variation"):
        sdm(flat, weights, effects="individual").fit()


def test_perfect_fit_is_refused(panel, weights):
    exact = panel.with_variables({"y": panel["x1"] + 2 * panel["x2"]})
    with pytest.raises(IdentificationError, match="perfectly"):
        sdm(exact, weights).fit()


def test_durbin_outside_the_regressors(panel, weights):
    with pytest.raises(ConfigError, match="not among the regressors") as caught:
        sdm(panel, weights, durbin=["x1", "z"])
    assert "found: z" in message(caught)


def test_durbin_of_a_model_without_such_terms(panel, weights):
    with pytest.raises(ConfigError, match="SAR has no spatial lags of regressors") as caught:
        SAR(panel, weights, outcome="y", regressors=["x1"], durbin="all")
    assert "use SDM" in message(caught)


def test_durbin_that_is_a_name(panel, weights):
    with pytest.raises(ConfigError, match="durbin is 'all'") as caught:
        sdm(panel, weights, durbin="x1")
    assert "['x1']" in message(caught)


@pytest.mark.parametrize(
    ("place", "value", "what"),
    [((1, 1), 0.5, "diagonal"), ((1, 2), -0.5, "not negative"), ((1, 2), np.nan, "finite")],
)
def test_inadmissible_weights(panel, weights, place, value, what):
    matrix = weights.to_frame()
    matrix.iloc[place] = value
    with pytest.raises(WeightsError, match=what) as caught:
        sdm(panel, matrix)
    assert "(u01, u0" in message(caught)


def test_too_few_effective_observations(panel, weights):
    short = panel.select(periods=panel.periods[:1])
    with pytest.raises(IdentificationError, match="Fewer effective observations") as caught:
        sdm(short, weights).fit()
    assert "at least 6" in message(caught)
    assert "0 effective observations (8 units, 1 periods)" in message(caught)


def test_edge_of_the_interval_shows_the_profile(weights):
    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.standard_normal((40, 1)), axis=0) * 50 + 1e-3 * rng.standard_normal((40, N))
    x = rng.standard_normal((40, N))
    panel = Panel(np.stack([walk, x], axis=2), weights.labels, tuple(range(40)), ("y", "x1"))
    with pytest.raises(ConvergenceError, match="rho lies at the edge") as caught:
        SAR(panel, weights, outcome="y", regressors=["x1"], effects="pooled").fit()
    text = message(caught)
    assert "a maximum inside (-" in text
    assert "profile relative to its largest grid value" in text


@pytest.mark.parametrize("effects", ["time", "twoways"])
@pytest.mark.parametrize("correction", ["lee_yu", "lee_yu_bias"])
def test_transformation_needs_row_standardised_weights(panel, weights_of, effects, correction):
    if (effects, correction) == ("time", "lee_yu_bias"):
        sdm(panel, weights_of("spectral", N), effects=effects).fit(correction)
        return
    with pytest.raises(ConfigError, match="row-standardised") as caught:
        sdm(panel, weights_of("spectral", N), effects=effects).fit(correction)
    assert "correction='exact'" in message(caught)


@pytest.mark.parametrize("correction", ["lee_yu", "lee_yu_bias"])
def test_corrections_that_need_constant_weights(panel, weights_of, correction):
    by_period = [weights_of("row", N), *[weights_of("nearest", N)] * (T - 1)]
    with pytest.raises(ConfigError, match="same weights in every period") as caught:
        sdm(panel, by_period, effects="individual").fit(correction)
    assert "correction='exact'" in message(caught)


def test_one_matrix_per_period(panel, weights):
    with pytest.raises(AlignmentError, match="one matrix per period") as caught:
        sdm(panel, [weights] * 3)
    assert "5 matrices, for 2000 to 2004" in message(caught)


def test_error_model_with_time_effects_needs_row_sums_of_one(panel, weights_of):
    model = SEM(panel, weights_of("spectral", N), outcome="y", regressors=["x1"], effects="twoways")
    with pytest.raises(ConfigError, match="needs row-standardised error weights"):
        model.fit("exact")


def test_error_model_with_individual_effects_needs_constant_weights(panel, weights_of):
    by_period = [weights_of("row", N), *[weights_of("nearest", N)] * (T - 1)]
    model = SEM(panel, by_period, outcome="y", regressors=["x1"], effects="individual")
    with pytest.raises(ConfigError, match="same in every period"):
        model.fit("exact")


def test_no_correction_is_only_for_pooled_models(panel, weights):
    with pytest.raises(ConfigError, match="needs a convention") as caught:
        sdm(panel, weights).fit("none")
    assert "'exact'" in message(caught)


@pytest.mark.parametrize(
    ("options", "word", "near"),
    [
        ({"correction": "leeyu"}, "correction", "lee_yu"),
        ({"covariance": "informations"}, "covariance", "information"),
        ({"logdet": "eigenvalue"}, "method for the log-determinant", "eigenvalues"),
    ],
)
def test_unknown_options_name_the_nearest(panel, weights, options, word, near):
    with pytest.raises(ConfigError, match=f"Unknown {word}") as caught:
        sdm(panel, weights).fit(**options)
    assert f"did you mean '{near}'?" in message(caught)


def test_unknown_effects(panel, weights):
    with pytest.raises(ConfigError, match="Unknown effects structure") as caught:
        sdm(panel, weights, effects="two-ways")
    assert "did you mean 'twoways'?" in message(caught)


def test_missing_variable(panel, weights):
    with pytest.raises(DataError, match="no variable 'x3'"):
        sdm(panel, weights, regressors=["x1", "x3"])
    with pytest.raises(DataError, match="no variable 'x3'"):
        sdm(panel.to_frame(), weights, regressors=["x1", "x3"])


def test_names_repeat_or_clash(panel, weights):
    with pytest.raises(ConfigError, match="each variable once"):
        sdm(panel, weights, regressors=["x1", "x1"])
    with pytest.raises(ConfigError, match="name of a parameter"):
        sdm(panel.with_variables({"rho": panel["x1"]}), weights, regressors=["rho"])


def test_regressors_that_are_one_name(panel, weights):
    with pytest.raises(ConfigError, match="list of names"):
        sdm(panel, weights, regressors="x1")


def test_data_without_names(panel, weights):
    with pytest.raises(DataError, match="names of units and periods"):
        sdm(panel.values, weights)
    with pytest.raises(DataError, match="two-level index"):
        sdm(panel.to_frame().reset_index(drop=True), weights)


def test_models_without_weights_or_error_process(panel, weights):
    with pytest.raises(WeightsError, match="SDM needs spatial weights"):
        sdm(panel, None)
    with pytest.raises(ConfigError, match="no spatial error process"):
        sdm(panel, weights, error_weights=weights)
    assert OLS(panel, outcome="y", regressors=["x1"]).fit().names == ("x1", "sigma2")


def test_gns_says_that_it_is_weakly_identified(panel_of, weights_of):
    weights = weights_of("row", 12)
    panel = panel_of(12, 10, weights, seed=2)
    model = GNS(panel, weights, outcome="y", regressors=["x1"], error_weights=weights_of("nearest", 12))
    assert "weakly identified" in model.fit().summary()


def test_specification_refuses_unknown_models_and_columns():
    row = {
        "id": "a",
        "table": 7,
        "column": "SDM",
        "model": "sdm",
        "outcome": "y",
        "regressors": "x1 x2",
        "durbin": "all",
        "weights": "w",
        "effects": "twoways",
        "correction": "lee_yu",
        "sample": "all",
        "covariance": "information",
    }
    spec = Specification.from_row(row)
    assert (spec.regressors, spec.table) == (("x1", "x2"), "7")
    assert Specification(**spec.to_dict()) == spec
    with pytest.raises(ConfigError, match="unknown model") as caught:
        Specification.from_row({**row, "model": "sdmm"})
    assert "did you mean 'sdm'?" in message(caught)
    with pytest.raises(ConfigError, match="other columns") as caught:
        Specification.from_row({**row, "modle": "sdm"})
    assert "unknown: modle" in message(caught)


def test_specification_fits_the_named_model(panel, weights):
    spec = Specification("a", "7", "SDM", "sdm", "y", ("x1", "x2"), ("x2",), "w")
    expected = sdm(panel, weights, durbin=["x2"]).fit()
    np.testing.assert_array_equal(fit(panel, weights, spec).values, expected.values)
    plain = Specification("b", "7", "SAR", "sar", "y", ("x1",), "none", "w", correction="exact")
    assert fit(panel, weights, plain).names == ("x1", "rho", "sigma2")


def test_frames_and_integer_labels_are_accepted(panel, weights):
    frame = panel.to_frame()
    codes = {unit: 100 + i for i, unit in enumerate(panel.units)}
    index = pd.MultiIndex.from_tuples([(codes[u], t) for u, t in frame.index])
    square = weights.to_frame().rename(index=codes, columns=codes)
    numbered = sdm(frame.set_axis(index), square).fit()
    np.testing.assert_allclose(numbered.values, sdm(panel, weights).fit().values, rtol=1e-12)
    assert numbered.units[0] == "100"
