"""Specification tests against spdep, plm and spreg, and the printed reference numbers."""

import numpy as np
import pytest
from libpysal.weights import full2W
from numpy.testing import assert_allclose
from peer_data import golden, panel
from spreg.diagnostics_panel import BSK_tests
from spreg.panel import PooledOLS

from shuyi.panel import Panel
from shuyi.spatialpanel import MODELS
from shuyi.spatialpanel.diagnostics import (
    breusch_pagan_dependence,
    cips,
    fixed_effects_f,
    hausman_test,
    lm_tests,
    mean_absolute_correlation,
    mundlak_test,
    pesaran_cd,
    random_effects_tests,
    score_tests,
    simplification_tests,
)

# Least squares by other factorisations of data of condition number up to 1e5.
ROUNDING = {"rtol": 1e-8}
# spdep inverts X'X of the undemeaned data with dummies, which costs it condition(X)^2 times rounding wherever
# M_X enters; test_lm_statistics_in_extended_precision shows which side is exact.
INVERTED = {"ols": {"rtol": 2e-6}, "slx": {"rtol": 2e-3}}
# Double precision against extended precision, at the same condition number.
EXTENDED = {"rtol": 1e-8}
# Half a unit of the last printed digit.
PRINTED = {"atol": 5.001e-4, "rtol": 0}
# spreg searches lam by bounded Brent steps on the value of the likelihood.
SEARCH = {"rtol": 1e-5}
# spreg estimates the random effects by feasible generalised least squares, we by maximum likelihood.
ESTIMATOR = {"rtol": 1e-3}

PANELS = ("cigar", "produc")
EFFECTS = ("pooled", "individual", "time", "twoways")
SPDEP = {
    "LMlag": "lm_lag",
    "LMerr": "lm_error",
    "RLMlag": "robust_lm_lag",
    "RLMerr": "robust_lm_error",
    "SARMA": "lm_joint",
}
PRINTED_LM = {
    "pooled": (66.466, 153.040, 58.264, 144.838),
    "individual": (136.429, 255.715, 29.513, 148.798),
    "time": (44.040, 62.865, 0.330, 19.155),
    "twoways": (46.901, 54.655, 1.156, 8.911),
}
PERIOD_BY_PERIOD = (72.597, 153.040, 117.038, 197.482)


def names(p):
    return {"outcome": p.outcome, "regressors": p.regressors}


@pytest.mark.parametrize("effects", EFFECTS)
def test_printed_lm_statistics_of_the_cigarette_panel(effects):
    p = panel("cigar")
    found = [r.statistic for r in lm_tests(p.frame, p.weights, effects=effects, **names(p))]
    assert_allclose(found[:4], PRINTED_LM[effects], **PRINTED)


def test_printed_period_by_period_statistics():
    p = panel("cigar")
    found = lm_tests(p.frame, p.weights, effects="pooled", projection="period", **names(p))
    assert_allclose([r.statistic for r in found[:4]], PERIOD_BY_PERIOD, **PRINTED)


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("model", ["ols", "slx"])
def test_lm_statistics_with_dummies_are_those_of_spdep(name, effects, model):
    p = panel(name)
    durbin = p.regressors if model == "slx" else ()
    results = lm_tests(p.frame, p.weights, effects=effects, projection="dummies", durbin=durbin, **names(p))
    found = {r.test: r.statistic for r in results}
    expected = golden(f"spdep_{name}")["lm"][effects][model]
    assert_allclose(found["lm_error"], expected["LMerr"]["statistic"], **ROUNDING)
    for theirs, ours in SPDEP.items():
        assert_allclose(found[ours], expected[theirs]["statistic"], **INVERTED[model])


def residual_of(columns, v):
    """Return v less its projection on columns, by Gram-Schmidt with each step taken three times."""
    basis = []
    for column in [*columns.T, v]:
        for _ in range(3):
            for q in basis:
                column = column - q * (q @ column)
        basis.append(column / np.sqrt(column @ column))
    return column


@pytest.mark.parametrize("name", PANELS)
def test_lm_statistics_in_extended_precision(name):
    p = panel(name)
    w = (p.weights.to_numpy() > 0).astype(np.longdouble)
    w /= w.sum(axis=1, keepdims=True)
    values = p.frame[[p.outcome, *p.regressors]].to_numpy().reshape(p.n, p.T, -1).transpose(1, 0, 2)
    y, x = values[..., 0].astype(np.longdouble), values[..., 1:].astype(np.longdouble)
    x = np.concatenate([x, np.einsum("ij,tjk->tik", w, x)], axis=2)

    def within(a):
        a = a - a.mean(axis=0)
        return a - a.mean(axis=1, keepdims=True)

    columns = within(x).reshape(p.n * p.T, -1)
    e = residual_of(columns, within(y).ravel()).reshape(p.T, p.n)
    s2, trace = (e * e).mean(), p.T * np.trace(w @ w + w.T @ w)
    left = residual_of(columns, within((y - e) @ w.T).ravel())
    j = left @ left / s2 + trace
    lag, error = (e * (y @ w.T)).sum() / s2, (e * (e @ w.T)).sum() / s2
    expected = [
        lag**2 / j,
        error**2 / trace,
        (lag - error) ** 2 / (j - trace),
        (error - trace / j * lag) ** 2 / (trace * (1 - trace / j)),
    ]
    options = {"projection": "dummies", "durbin": p.regressors, **names(p)}
    found = [r.statistic for r in lm_tests(p.frame, p.weights, **options)]
    assert_allclose(found[:4], [float(v) for v in expected], **EXTENDED)


@pytest.mark.parametrize("name", PANELS)
def test_lm_statistics_of_one_cross_section_are_those_of_spdep(name):
    p = panel(name)
    last = p.frame.index.get_level_values("period").max()
    frame = p.frame[p.frame.index.get_level_values("period") == last]
    expected = golden(f"spdep_{name}")["cross_section"]["lm"]
    found = {r.test: r.statistic for r in lm_tests(frame, p.weights, effects="pooled", **names(p))}
    for theirs, ours in SPDEP.items():
        assert_allclose(found[ours], expected[theirs]["statistic"], **ROUNDING)


@pytest.mark.parametrize("name", PANELS)
def test_score_tests_with_dummies_are_those_of_spdep(name):
    p = panel(name)
    found = score_tests(p.frame, p.weights, effects="twoways", correction="exact", **names(p))
    expected = golden(f"spdep_{name}")["lm"]["twoways"]["ols"]
    for result, theirs in zip(found[:3], ("SARMA", "LMlag", "LMerr"), strict=True):
        assert_allclose(result.statistic, expected[theirs]["statistic"], **INVERTED["ols"])


@pytest.mark.parametrize("name", PANELS)
def test_standardised_error_test_is_the_moran_test_of_spdep(name):
    p = panel(name)
    results = random_effects_tests(p.frame, p.weights, standardised=True, **names(p))
    found = {r.test: r.statistic for r in results}
    expected = golden(f"spdep_{name}")["moran_of_pooled_residuals"]["z"]
    assert_allclose(found["bsk_error"], expected, **ROUNDING)


def test_printed_likelihood_ratios_of_the_cigarette_panel():
    p = panel("cigar")
    fits = {
        m: MODELS[m](p.frame, p.weights, effects="twoways", **names(p)).fit("demean_then_lag")
        for m in ("sar", "sem", "sdm")
    }
    found = {r.test: r for r in simplification_tests(fits["sdm"], sar=fits["sar"], sem=fits["sem"])}
    assert_allclose(found["lr_sar"].statistic, 15.7506, atol=5.001e-5)
    assert_allclose(found["lr_sem"].statistic, 8.2903, atol=5.001e-5)
    assert found["lr_sar"].df == found["lr_sem"].df == 2


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("model", ["ols", "slx"])
def test_residual_dependence_is_that_of_plm(name, effects, model):
    p = panel(name)
    fit = MODELS[model](p.frame, p.weights, effects=effects, **names(p)).fit("exact")
    e, expected = fit.residual_values, golden(f"plm_{name}")["fits"][effects]["cd"][model]
    lm, scaled = breusch_pagan_dependence(e)
    assert_allclose(pesaran_cd(e).statistic, expected["cd"]["statistic"], **ROUNDING)
    assert_allclose(lm.statistic, expected["lm"]["statistic"], **ROUNDING)
    assert lm.df == expected["lm"]["df"]
    assert_allclose(scaled.statistic, expected["scaled_lm"]["statistic"], **ROUNDING)
    assert_allclose(mean_absolute_correlation(e), expected["mean_absolute_correlation"], **ROUNDING)


@pytest.mark.parametrize("name", PANELS)
def test_cd_of_series_is_that_of_plm(name):
    p = panel(name)
    data = Panel.from_frame(p.frame)
    for variable, expected in golden(f"plm_{name}")["cd_of_series"].items():
        assert_allclose(pesaran_cd(data[variable]).statistic, expected, **ROUNDING)


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("effects", EFFECTS[1:])
def test_f_of_fixed_effects_is_that_of_plm(name, effects):
    p = panel(name)
    found = fixed_effects_f(p.frame, effects=effects, **names(p))
    expected = golden(f"plm_{name}")["fixed_effects_f"][effects]
    assert_allclose(found.statistic, expected["statistic"], **ROUNDING)
    assert [found.df, found.df_denominator] == expected["df"]


@pytest.mark.parametrize("name", PANELS)
def test_mundlak_is_that_of_plm(name):
    p = panel(name)
    found = mundlak_test(p.frame, covariance="unadjusted", **names(p))
    expected = golden(f"plm_{name}")["mundlak"]
    assert_allclose(found.statistic, expected["wald"], **ROUNDING)
    assert found.df == expected["df"]
    assert_allclose(hausman_test(p.frame, **names(p)).statistic, expected["wald"], rtol=1e-6)


@pytest.mark.parametrize("name", PANELS)
def test_hausman_differs_from_plm_only_in_the_inverse(name):
    """plm inverts an indefinite difference as it is; here its positive part is inverted, with a note."""
    from linearmodels.panel import PanelOLS, RandomEffects

    p = panel(name)
    y, x = p.frame[p.outcome], p.frame[p.regressors]
    within = PanelOLS(y, x, entity_effects=True).fit()
    random = RandomEffects(y, x.assign(const=1.0)).fit()
    d = (within.params - random.params[p.regressors]).to_numpy()
    v = (within.cov - random.cov.loc[p.regressors, p.regressors]).to_numpy()
    expected = golden(f"plm_{name}")["random"]["individual"]["hausman"]
    assert_allclose(d @ np.linalg.solve(v, d), expected["statistic"], rtol=1e-6)
    assert np.linalg.eigvalsh(v)[0] < 0
    found = hausman_test(p.frame, variance="own", **names(p))
    assert found.df == expected["df"] - 1
    assert "generalised inverse" in found.note


def test_cips_is_that_of_plm():
    data = Panel.from_frame(panel("cigar").frame)
    for case in golden("plm_cigar")["cips"]:
        options = {key: case[key] for key in ("lags", "truncated")}
        found = cips(data, case["variable"], case=case["type"], **options)
        assert_allclose(found.statistic, case["statistic"], **ROUNDING)


@pytest.mark.parametrize("name", PANELS)
def test_random_effects_tests_are_those_of_spreg(name):
    p = panel(name)
    values = p.frame[[p.outcome, *p.regressors]].to_numpy().reshape(p.n, p.T, -1).transpose(1, 0, 2)
    y, x = (np.ascontiguousarray(a.reshape(p.n * p.T, -1)) for a in (values[..., :1], values[..., 1:]))
    w = full2W((p.weights.to_numpy() > 0).astype(float))
    w.transform = "r"
    theirs = BSK_tests(PooledOLS(y, x, w), w).set_index("Test")["Statistic"]
    found = {r.test: r.statistic for r in random_effects_tests(p.frame, p.weights, **names(p))}
    assert_allclose(found["bsk_random"], theirs["LM Marginal RE (LM1)"], **ROUNDING)
    assert_allclose(found["bsk_error"], theirs["LM Marginal Spatial (LM2)"], **ROUNDING)
    assert_allclose(found["bsk_joint_one_sided"], theirs["LM Joint (LMJ)"], **ROUNDING)
    assert_allclose(found["bsk_random_given_error"], theirs["LM Conditional RE"], **SEARCH)
    assert_allclose(found["bsk_error_given_random"], theirs["LM Conditional Spatial"], **ESTIMATOR)
