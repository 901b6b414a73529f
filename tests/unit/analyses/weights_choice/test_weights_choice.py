"""The choice of weights: single fits, probabilities that sum to one, sentences that say the numbers."""

from functools import cache

import pytest
from default_paper import CONFIG, SPECIFICATION, both_labels, case, weights
from numpy.testing import assert_allclose

from shuyi.analyses.base import Draft
from shuyi.analyses.estimation.rows import Reading
from shuyi.analyses.robustness.variants import Headline
from shuyi.analyses.weights_choice.choice import COMBINED, Choice, choice_frames
from shuyi.analyses.weights_choice.figures import weights_figure
from shuyi.analyses.weights_choice.settings import ANALYSIS
from shuyi.analyses.weights_choice.tables import choice_table, posterior_table
from shuyi.publish.numbers import TableOptions
from shuyi.spatialpanel import fit
from shuyi.weights import Weights

NAMES = ("contiguity", "nearest_4", "economic_distance")
MODELS = ("slx", "sdm")
SETTINGS = {"specification": SPECIFICATION.to_dict(), "term": "digital", "power": 0.8, "level": 0.95}
SINGLE_FIT = 1e-9


@cache
def frames():
    material, _ = case()
    headline = Headline(material.panel, SPECIFICATION, "digital")
    choice = Choice(headline, {name: weights(name) for name in NAMES})
    return choice_frames(
        choice, models=MODELS, combined=NAMES, steps=4, reading=Reading(0.95, 0.8), draws=256, seed=1
    )


def test_each_row_is_the_single_fit_under_its_weights():
    rows = frames()["effects"].set_index(["weights", "component"])
    for name in NAMES:
        alone = fit(case()[0].panel, weights(name), SPECIFICATION).effects(draws=0)
        assert_allclose(rows.loc[name, "estimate"], alone.estimate[0], atol=SINGLE_FIT)
        assert_allclose(rows.loc[name, "std_error"], alone.std_error_delta[0], atol=SINGLE_FIT)


def test_probabilities_sum_to_one_over_all_pairs_and_within_each_model():
    posterior = frames()["posterior"]
    assert posterior["probability"].sum() == pytest.approx(1.0)
    assert_allclose(posterior.groupby("model")["within_model"].sum(), 1.0)
    assert posterior.drop_duplicates("weights")["probability_weights"].sum() == pytest.approx(1.0)


def test_the_combination_at_a_corner_is_that_corner():
    shares = frames()["shares"].set_index("weights")
    rows = frames()["effects"].set_index(["weights", "component"])
    assert shares.loc["nearest_4", "best"] == 1.0
    assert_allclose(rows.loc[COMBINED, "estimate"], rows.loc["nearest_4", "estimate"], atol=SINGLE_FIT)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_tables_and_figure_say_what_the_numbers_say(language):
    labels = both_labels()[language]
    table = choice_table(frames(), labels, TableOptions(), settings=SETTINGS)
    indirect = frames()["effects"].query("component == 'indirect' and weights != @COMBINED")["estimate"]
    counts = f"{(indirect > 0).sum()} of 3" if language == "en" else f"为正者 {(indirect > 0).sum()} 种"
    assert counts in table.note()
    assert len(table.display) == 2 * (len(NAMES) + 1)
    other = posterior_table(frames()["posterior"], labels, TableOptions(), settings=SETTINGS)
    assert other.display.shape == (len(NAMES) + 1, len(MODELS) + 2)
    weights_figure(frames()["effects"], labels, term="digital", level=0.95)


def test_weights_that_are_not_row_standardised_are_left_out_by_name():
    material, _ = case()
    linked = weights("contiguity")
    raw = Weights((linked.to_dense() > 0) * 1.0, linked.labels).normalise("spectral")
    choice = Choice(
        Headline(material.panel, SPECIFICATION, "digital"),
        {"contiguity": weights("contiguity"), "raw": raw},
    )
    found = choice_frames(
        choice, models=MODELS, combined=[], steps=4, reading=Reading(0.95, 0.8), draws=64, seed=1
    )
    assert found["shares"].empty
    assert found["posterior"].iloc[-1]["weights"] == "raw"
    labels = both_labels()["en"]
    assert "raw" in posterior_table(found["posterior"], labels, TableOptions(), settings=SETTINGS).note()
    assert "needs row-standardised" in choice_table(found, labels, TableOptions(), settings=SETTINGS).note()


def test_a_combination_names_weights_of_the_configuration():
    config = {**CONFIG, "weights_choice": {**CONFIG["weights_choice"], "combined": ["contiguty"]}}
    (problem,) = ANALYSIS.check(Draft(config, (), ()))
    assert "contiguity" in str(problem)
