"""The headline under other data: an independent audit's numbers, identities, refusals, and the answer."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import snapshot_files
from default_paper import CONFIG, SPECIFICATION, both_labels, case
from numpy.testing import assert_allclose

from shuyi import files
from shuyi.analyses.base import Draft
from shuyi.analyses.estimation.caveats import caveats_of
from shuyi.analyses.estimation.estimates import effects_frame
from shuyi.analyses.estimation.influence import HEADLINE, without_each
from shuyi.analyses.robustness.answer import LANGUAGES, answer, in_sentence, verdict
from shuyi.analyses.robustness.comparison import WITHOUT
from shuyi.analyses.robustness.figures import robustness_figure
from shuyi.analyses.robustness.frames import robustness_frames
from shuyi.analyses.robustness.persistence import DIFFERENCES, RESIDUALS
from shuyi.analyses.robustness.settings import ANALYSIS
from shuyi.analyses.robustness.tables import persistence_table, robustness_table
from shuyi.analyses.robustness.variants import change, complement, over_time
from shuyi.china.clean import DERIVATIONS
from shuyi.errors import DataError
from shuyi.indices import (
    INDEX,
    check_denominators,
    shared_denominators,
)
from shuyi.publish.numbers import TableOptions
from shuyi.spatialpanel import fit
from shuyi.spatialpanel.montecarlo.detectable import detectable_from_error

VARIANTS = CONFIG["robustness"]["variants"]
AUDIT = {
    HEADLINE: (0.122, 0.127),
    WITHOUT: (-0.016, 0.122),
    "log_index": (0.015, 0.022),
    "lagged": (0.062, 0.100),
    "no_controls": (-0.058, 0.073),
    "grp_alone": (0.114, None),
    "none_shared": (-0.007, 0.121),
}
"""Direct effects and jackknife errors that an independent implementation gave; their rounding."""
TESTS = pd.DataFrame(
    {
        "test": ["wald_sar", "wald_sem", "wald_sar", "wald_sem", "wald_sar"],
        "version": ["textbook", "textbook", "wild_cluster", "wild_cluster", "jackknife_f"],
        "p_value": [0.009, 0.010, 0.804, 0.816, 0.811],
    }
)
"""Tests of the Durbin model against SAR and SEM."""
ROUNDED = 0.0006


@cache
def frames():
    return robustness_frames(*case(), VARIANTS, level=0.95, power=0.8, draws=199, seed=1)


@cache
def told():
    material, weights = case()
    found = fit(material.panel, weights, SPECIFICATION)
    shared = shared_denominators(material.scheme, "ln_gdp_pc", DERIVATIONS)
    return caveats_of(
        material.panel, weights, SPECIFICATION, found, term=INDEX, power=0.8, level=0.95, shared=shared
    ).to_dict()


@cache
def answered():
    material, weights = case()
    effects = effects_frame(fit(material.panel, weights, SPECIFICATION).effects(draws=256, seed=1))
    return answer(frames(), effects, told(), SPECIFICATION.to_dict(), both_labels(), TESTS)


def direct():
    found = frames()["effects"]
    return found[found["component"] == "direct"].set_index("variant")


@pytest.mark.parametrize("variant", AUDIT)
def test_direct_effects_are_those_of_an_independent_audit(variant):
    estimate, error = AUDIT[variant]
    row = direct().loc[variant]
    assert row["estimate"] == pytest.approx(estimate, abs=ROUNDED)
    if error is not None:
        assert row["std_error"] == pytest.approx(error, abs=ROUNDED)


def test_differences_and_trends_lie_where_the_audit_found_them():
    assert 0.0085 < direct().loc["differences", "estimate"] < 0.0175
    assert direct().loc["province_trends", "estimate"] == pytest.approx(-0.09, abs=0.005)


def test_beijing_holds_more_than_half_of_the_variation():
    units = frames()["units"].set_index("unit")
    assert units["share"].idxmax() == "110000"
    assert units.loc["110000", "share"] == pytest.approx(0.55, abs=0.005)
    assert units["share"].sum() == pytest.approx(1.0)
    assert direct().loc[WITHOUT, "unit"] == "110000"


def test_without_each_equals_a_single_fit():
    material, weights = case()
    found = without_each(material.panel, weights, SPECIFICATION, INDEX)
    rest = [unit for unit in material.panel.units if unit != "120000"]
    alone = fit(material.panel.select(units=rest), weights.subset(rest), SPECIFICATION).effects(draws=0)
    i = found.units.index("120000")
    assert_allclose(found.estimate[i], alone.estimate[0], atol=1e-9)
    assert_allclose(found.std_error[i], alone.std_error_delta[0], atol=1e-9)


def test_removing_means_over_time_is_the_transformation_of_lee_and_yu():
    material, weights = case()
    panel, spec = over_time(material, complement(np.ones((material.panel.T, 1))))
    assert (spec.effects, panel.T) == ("time", material.panel.T - 1)
    ours = fit(panel, weights, spec).effects(draws=0)
    two_way = fit(material.panel, weights, SPECIFICATION).effects(draws=0)
    assert_allclose(ours.estimate, two_way.estimate, atol=1e-8)
    assert_allclose(ours.std_error_delta, two_way.std_error_delta, atol=1e-8)


def test_residuals_are_as_persistent_as_a_unit_root():
    found = frames()["persistence"].set_index("series")
    assert found.loc[RESIDUALS, "verdict"] == "unit_root"
    assert found.loc[RESIDUALS, "unit_root"] == pytest.approx(0.55, abs=0.005)
    assert found.loc[DIFFERENCES, "value"] < 0.3


def test_shared_denominators_of_the_default_scheme():
    shared = shared_denominators(case()[0].scheme, "ln_gdp_pc", DERIVATIONS)
    assert {series: len(names) for series, names in shared.items()} == {
        "gdp_nominal": 4,
        "population_resident": 7,
    }
    with pytest.raises(DataError, match="share population_resident"):
        check_denominators(case()[0].scheme, ["ln_gdp_pc"], DERIVATIONS)
    check_denominators(case()[0].scheme, ["ln_income_pc"], DERIVATIONS)


def test_a_variant_that_the_data_refuse_says_why():
    found = robustness_frames(
        *case(),
        {"odd": {"change": "denominators", "keep": ["gdp_real"]}},
        level=0.95,
        power=0.8,
        draws=99,
        seed=1,
    )["effects"]
    refused = found[found["variant"] == "odd"]
    assert refused["estimate"].isna().all()
    assert "keeps no indicator" in refused["reason"].iloc[0]


def test_a_logarithm_needs_values_above_zero():
    material, _ = case()
    values = material.panel.values.copy()
    values[0, 0, material.panel.variables.index(INDEX)] = 0.0
    with pytest.raises(DataError, match="logarithm"):
        change(replace(material, panel=replace(material.panel, values=values)), {"change": "log"})


def test_detectable_effects_are_multiples_of_the_error():
    row = direct().loc[HEADLINE]
    assert row["detectable"] == pytest.approx(detectable_from_error(row["std_error"], 31))
    assert told()["detectable"]["direct"] == pytest.approx(row["detectable"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_and_figure_hold_every_variant(language):
    labels, options = both_labels()[language], TableOptions()
    table = robustness_table(
        frames()["effects"],
        frames()["units"],
        labels,
        options,
        specification=SPECIFICATION.to_dict(),
        term=INDEX,
    )
    assert len(table.display) == 3 * (len(VARIANTS) + 2) + 1
    assert persistence_table(frames()["persistence"], labels, options).note()
    robustness_figure(frames()["effects"], labels, term=INDEX, level=0.95)


def test_answer_says_what_the_numbers_say():
    found = answered()
    assert found.names == {"unit": "110000", "verdict": "none", "persistence": "unit_root"}
    assert found.text["en"].startswith("No spillover is found")
    assert "Beijing" in found.text["en"] and "北京" in found.text["zh"]
    assert found.both().count("\n") == 2


def test_third_digit_of_the_headline_does_not_depend_on_the_seed():
    material, weights = case()
    found = fit(material.panel, weights, SPECIFICATION)
    drawn = [found.effects(draws=CONFIG["estimation"]["draws"], seed=seed) for seed in range(20)]
    assert np.ptp([effects.interval for effects in drawn], axis=0).max() == 0.0
    assert max(effects.simulation_error for effects in drawn) < 1e-6
    errors = np.array([effects.std_error[0] for effects in drawn])
    assert errors.std(axis=0).max() < 0.0005


def test_mistakes_of_the_section_are_found_before_any_job():
    variants = {**VARIANTS, "few": {"change": "controls", "keep": ["urbanisaton"]}}
    rows = [{"id": "sdm", "regressors": " ".join(SPECIFICATION.regressors)}]
    config = {**CONFIG, "robustness": {**CONFIG["robustness"], "variants": variants}}
    (problem,) = ANALYSIS.check(Draft(config, rows, ()))
    assert "urbanisaton" in problem.found and "few" in problem.place
    config = {**CONFIG, "robustness": {**CONFIG["robustness"], "term": "urbanisation"}}
    places = [problem.place for problem in ANALYSIS.check(Draft(config, rows, ()))]
    assert [place for place in places if ".variants." in place] == [
        f"robustness.variants.{n}" for n in ("first_year_denominators", "grp_alone", "none_shared")
    ]


def test_verdicts_and_words_in_sentences():
    assert [verdict(*ends) for ends in ((0.1, 0.2), (-0.2, -0.1), (-1.0, 1.0))] == [
        "positive",
        "negative",
        "none",
    ]
    assert [in_sentence(t) for t in ("Digital index", "GRP", "指数")] == ["digital index", "GRP", "指数"]


def test_readme_holds_the_answer_of_the_committed_figures():
    readme = files.read_text(snapshot_files.ROOT / "README.md")
    block = readme.split("<!-- answer -->")[1].split("<!-- /answer -->")[0]
    pattern = r"[−-]?\d+(?:\.\d+)?"
    printed = re.findall(pattern, " ".join(line.removeprefix(">") for line in block.splitlines()))
    expected = re.findall(pattern, " ".join(answered().text.values()))
    assert len(printed) == len(expected) > 20
    for ours, theirs in zip(printed, expected, strict=True):
        a, b = (float(text.replace("−", "-")) for text in (ours, theirs))
        digits = len(ours.partition(".")[2])
        assert a == pytest.approx(b, abs=1.01 * 10**-digits), "run the default paper, then `make docs`"


def test_frames_hold_plain_columns():
    for frame in frames().values():
        assert isinstance(frame, pd.DataFrame) and len(frame)
