"""Fixed effects, corrections and dynamics: single fits, known numbers of the paper, refusals, sentences."""

from functools import cache

import numpy as np
import pytest
from default_paper import CONFIG, SPECIFICATION, both_labels, case
from numpy.testing import assert_allclose

from shuyi.analyses.base import Draft
from shuyi.analyses.corrections.figures import corrections_figure
from shuyi.analyses.corrections.forms import CORRELATED, DIFFERENCED, DYNAMIC, STATIC, forms_frame
from shuyi.analyses.corrections.settings import ANALYSIS
from shuyi.analyses.corrections.tables import corrections_table
from shuyi.analyses.estimation.rows import Reading
from shuyi.analyses.robustness.frames import robustness_frames
from shuyi.publish.numbers import TableOptions
from shuyi.spatialpanel import SDM
from shuyi.spatialpanel.montecarlo.detectable import detectable_from_error

READING = Reading(0.95, 0.8)
TRIED = {name: CONFIG["corrections"][name] for name in ("effects", "corrections", "dynamics")}
SETTINGS = {
    **CONFIG["corrections"],
    "term": "digital",
    "specification": SPECIFICATION.to_dict(),
    "power": 0.8,
}
SINGLE_FIT = 1e-9
"""Fits of many and single fits end their searches at steps below this."""


@cache
def forms():
    return forms_frame(*case(), **TRIED, reading=READING, draws=512, seed=1)


def of(component="indirect", **chosen):
    found = forms()[forms()["component"] == component]
    for key, value in chosen.items():
        found = found[found[key] == value]
    (row,) = found.to_dict("records")
    return row


def single(**options):
    material, weights = case()
    fit = {key: options.pop(key) for key in ("correction", "covariance", "unstable") if key in options}
    terms = {"outcome": "ln_gdp_pc", "regressors": SPECIFICATION.regressors}
    return SDM(material.panel, weights, **terms, **options).fit(**{"covariance": "cluster_jackknife", **fit})


def test_static_rows_are_single_fits_and_equal_corrections_share_a_row():
    for correction in ("exact", "lee_yu", "lee_yu_bias"):
        alone = single(correction=correction).effects(draws=0)
        row = of(kind=STATIC, effects="twoways", correction=correction)
        assert row["estimate"] == pytest.approx(alone.estimate[0, 1], abs=SINGLE_FIT)
        assert row["std_error"] == pytest.approx(alone.std_error_delta[0, 1], abs=SINGLE_FIT)
    assert of(kind=STATIC, effects="individual")["correction"] == "exact+lee_yu+lee_yu_bias"


def test_differences_are_the_row_of_the_robustness_table():
    found = robustness_frames(
        *case(), {"differences": {"change": "differences"}}, level=0.95, power=0.8, draws=99, seed=1
    )["effects"]
    expected = found[(found["variant"] == "differences") & (found["component"] == "total")].iloc[0]
    ours = of("total", kind=DIFFERENCED)
    for name in ("estimate", "std_error", "ci_low", "p_value", "detectable"):
        assert ours[name] == pytest.approx(expected[name], abs=SINGLE_FIT)


def test_the_corrected_model_with_both_lags_is_printed_as_unstable_without_effects():
    row = of(kind=DYNAMIC, dynamics="both", correction="lee_yu")
    assert (row["stable"], round(row["radius"], 3), round(row["tau"], 2)) == ("no", 1.015, 0.82)
    assert np.isnan(row["estimate"]) and np.isnan(row["detectable"])
    exact = of(kind=DYNAMIC, dynamics="both", correction="exact", horizon="short")
    assert (exact["stable"], round(exact["tau"], 2)) == ("yes", 0.66)


def test_long_run_effects_follow_from_the_short_run_and_the_time_lags():
    short = of("total", kind=DYNAMIC, dynamics="both", correction="exact", horizon="short")
    long = of("total", kind=DYNAMIC, dynamics="both", correction="exact", horizon="long")
    scale = (1 - short["rho"]) / (1 - short["tau"] - short["rho"] - short["eta"])
    assert long["estimate"] == pytest.approx(short["estimate"] * scale)
    assert long["ci_low"] < long["estimate"] < long["ci_high"]


def test_the_mundlak_form_says_which_errors_it_has():
    row = of(kind=CORRELATED)
    alone = single(effects="correlated", covariance="information").effects(draws=0)
    assert row["covariance"] == "information" and row["mundlak_p"] < 0.001
    assert_allclose(row["std_error"], alone.std_error_delta[0, 1], rtol=SINGLE_FIT)


def test_every_null_has_the_effect_that_it_could_have_detected():
    for row in forms().dropna(subset=["estimate"]).to_dict("records"):
        assert row["detectable"] == pytest.approx(detectable_from_error(row["std_error"], row["n"]))


def test_a_form_that_the_data_refuse_says_why():
    material, weights = case()
    short = type(material)(
        *(material.panel.select(periods=material.panel.periods[:2]), SPECIFICATION, "digital"),
        *(material.clean, material.scheme, "entropy", material.caveats),
    )
    found = forms_frame(
        short, weights, effects=["twoways"], corrections=["exact"], dynamics=["tau"], reading=READING,
        draws=64, seed=1,
    )  # fmt: skip
    assert "at least 3 periods" in found[found["kind"] == DYNAMIC]["reason"].iloc[0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_table_and_figure_hold_every_form_and_say_what_dynamics_change(language):
    labels = both_labels()[language]
    table = corrections_table(forms(), labels, TableOptions(), settings=SETTINGS)
    assert len(table.display) == 2 * len(forms()) / 3
    assert "1.015" in table.note() and "0.832" in table.note()
    corrections_figure(forms(), labels, effects="twoways", correction="lee_yu", term="digital", level=0.95)


def test_the_sentence_names_lags_that_are_tried():
    config = {**CONFIG, "corrections": {**CONFIG["corrections"], "dynamics": ["eta"]}}
    (problem,) = ANALYSIS.check(Draft(config, (), ()))
    assert problem.place == "corrections.compared" and "tau" in problem.found
