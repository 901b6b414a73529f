"""All tests of one specification: what is in the frame, for every model and structure, and determinism."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from shuyi.panel import Panel
from shuyi.spatialpanel import SAR, SDM, Specification
from shuyi.spatialpanel.diagnostics import (
    bootstrap_tests,
    hotelling_f,
    likelihood_ratio,
    lm_tests,
    specification_tests,
    wald_sar,
    wald_sem,
)
from shuyi.spatialpanel.diagnostics.serial import serial_correlation

N, T = 14, 6
COLUMNS = ["group", "test", "null", "spec", "period", "statistic", "df", "p_value"]
DRAWS = 19


def specification(**changes):
    values = {"model": "sdm", "durbin": "all", "effects": "twoways", "correction": "lee_yu", **changes}
    return Specification(id="s", table="6", column="c", outcome="y", regressors=("x1", "x2"), **values)


def battery(panel, weights, permutations=19, **changes):
    return specification_tests(panel, weights, specification(**changes), permutations=permutations, seed=1)


def test_frame_of_the_headline_specification(panel, weights):
    frame = battery(panel, weights)
    assert list(frame.columns[: len(COLUMNS)]) == COLUMNS
    assert list(dict.fromkeys(frame["group"])) == [
        "spatial_dependence",
        "effects",
        "simplification",
        "residuals",
    ]
    assert not frame.duplicated(["test", "spec", "period"]).any()
    assert frame["p_value"].between(0, 1).all()
    normal = frame["distribution"].isin(["normal", "permutation", "simulated"])
    assert (frame["df"].isna() == normal).all()
    lm = frame[frame["test"].str.contains("lm_")]
    assert list(dict.fromkeys(lm["spec"])) == ["pooled", "individual", "time", "twoways"]
    assert frame[frame["test"] == "residual_moran"]["period"].tolist() == list(panel.periods)


def test_rows_are_those_of_the_single_tests(panel, weights):
    frame = battery(panel, weights).set_index(["test", "spec"])
    names = {"outcome": "y", "regressors": ["x1", "x2"]}
    sdm = SDM(panel, weights, **names).fit("lee_yu")
    assert_allclose(frame.loc[("wald_sem", "twoways"), "statistic"], wald_sem(sdm).statistic)
    for r in lm_tests(panel, weights, effects="time", **names):
        assert_allclose(frame.loc[(r.test, "time"), "statistic"], r.statistic)


@pytest.mark.parametrize(
    ("model", "effects", "correction", "durbin"),
    [
        ("ols", "twoways", "none", "none"),
        ("slx", "individual", "lee_yu", ("x1",)),
        ("sar", "time", "lee_yu_bias", "none"),
        ("sem", "pooled", "none", "none"),
        ("sdm", "individual", "exact", ("x2",)),
        ("sdem", "twoways", "demean_then_lag", "all"),
        ("sdm", "random", "lee_yu", "all"),
    ],
)
def test_every_model_and_structure(panel, weights, model, effects, correction, durbin):
    frame = battery(panel, weights, 0, model=model, effects=effects, correction=correction, durbin=durbin)
    tests = set(frame["test"])
    assert {"wald_sar", "wald_sem", "lr_sar", "lr_slx", "hausman", "spatial_hausman"} <= tests
    assert ("lr_sem" in tests) == (durbin in ("all", "none") and effects != "random")
    dependence = "cross_section_dependence" if effects in ("time", "twoways") else "pesaran_cd"
    assert f"{dependence}_{model}" in tests


def test_weights_whose_rows_do_not_sum_to_one(panel_of, weights_of):
    weights = weights_of("spectral", N)
    panel = panel_of(N, T, weights, rho=0.1)
    frame = battery(panel, weights, 0, correction="exact")
    assert "lr_sem" not in set(frame["test"])
    assert not frame["test"].str.startswith("score").any()
    individual = battery(panel, weights, 0, effects="individual")
    assert "lr_sem" in set(individual["test"])
    assert individual["test"].str.startswith("score").sum() == 5


def test_bias_corrected_specifications_compare_likelihoods_of_the_exact_convention(panel, weights):
    corrected = battery(panel, weights, 0, correction="lee_yu_bias")
    exact = battery(panel, weights, 0, correction="exact")
    keep = exact["group"] == "simplification"
    pd.testing.assert_frame_equal(corrected[keep], exact[keep])


def test_random_effects_without_variance_leave_the_rows_empty(weights):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((T, N))
    y = x + rng.standard_normal((T, N))
    y -= 0.97 * (y - x).mean(axis=0)
    values = np.stack([y, x, rng.standard_normal((T, N))], axis=2)
    panel = Panel(values, weights.labels, tuple(range(T)), ("y", "x1", "x2"))
    frame = battery(panel, weights, 0).set_index("test")
    assert np.isnan(frame.loc["spatial_hausman", "statistic"])
    assert "estimated at zero" in frame.loc["spatial_mundlak", "note"]


def test_versions_that_bear_serial_correlation(panel, weights):
    plain = battery(panel, weights, 0)
    frame = specification_tests(panel, weights, specification(), permutations=0, draws=DRAWS, seed=1)
    assert set(plain["version"]) == {"textbook", "simulated"}
    pd.testing.assert_frame_equal(frame.iloc[: len(plain)], plain)
    added = frame.iloc[len(plain) :]
    assert set(added["version"]) == {"wild_cluster", "ar1", "jackknife_f"}
    assert not added.duplicated(["test", "spec", "version"]).any()
    names = {"outcome": "y", "regressors": ["x1", "x2"]}
    own = bootstrap_tests(panel, weights, draws=DRAWS, seed=1, kind="wild_cluster", **names)
    expected = {(t.test, t.spec): t.p_value for t in own}
    drawn = added[added["version"] != "jackknife_f"]
    assert {(r.test, r.spec): r.p_value for r in drawn.itertuples()} == expected
    robust = SDM(panel, weights, **names).fit("lee_yu", covariance="cluster_jackknife")
    f = added[(added["version"] == "jackknife_f") & (added["test"] == "wald_sar")].iloc[0]
    assert_allclose(f["p_value"], hotelling_f(wald_sar(robust), N).p_value)


@pytest.mark.parametrize(
    "changes", [{"effects": "time"}, {"durbin": ("x2",)}, {"effects": "pooled", "correction": "none"}]
)
def test_specifications_without_bootstrap_have_textbook_versions_alone(panel, weights, changes):
    frame = specification_tests(panel, weights, specification(**changes), permutations=0, draws=DRAWS, seed=1)
    assert not set(frame["version"]) & {"wild_cluster", "ar1", "jackknife_f"}


def test_wooldridges_test_is_among_those_of_residuals(panel, weights):
    frame = battery(panel, weights, 0).set_index("test")
    residuals = SDM(panel, weights, outcome="y", regressors=["x1", "x2"]).fit("lee_yu").residual_values
    found = frame.loc["serial_correlation"]
    assert_allclose(found["statistic"], serial_correlation(residuals).statistic)
    assert found["distribution"] == "F" and found["group"] == "residuals"


def test_the_same_seed_gives_the_same_frame(panel, weights):
    pd.testing.assert_frame_equal(battery(panel, weights), battery(panel, weights))


def test_a_frame_and_a_panel_give_the_same(panel, weights):
    pd.testing.assert_frame_equal(battery(panel.to_frame(), weights, 0), battery(panel, weights, 0))


def test_ratios_use_one_convention(panel, weights):
    frame = battery(panel, weights, 0).set_index("test")
    names = {"outcome": "y", "regressors": ["x1", "x2"]}
    expected = likelihood_ratio(SAR(panel, weights, **names).fit(), SDM(panel, weights, **names).fit())
    assert_allclose(frame.loc["lr_sar", "statistic"], expected.statistic)
