"""The specification curve: single fits, shares of variance, chunks, the null, and what the table says."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import snapshot_files
import yaml
from default_paper import CONFIG, SPECIFICATION, both_labels, case, weights
from numpy.testing import assert_allclose, assert_array_equal

from shuyi import files
from shuyi.analyses.base import Draft
from shuyi.analyses.curve.choices import CHOICES, multiverse
from shuyi.analyses.curve.estimates import (
    chunk_positions,
    contributions_frame,
    estimates_frame,
    gathered,
    joint_frames,
    null_arrays,
    options_frame,
    summary_frame,
)
from shuyi.analyses.curve.figures import curve_figure
from shuyi.analyses.curve.settings import ANALYSIS
from shuyi.analyses.curve.tables import curve_table
from shuyi.indices import load_scheme
from shuyi.publish.numbers import TableOptions
from shuyi.spatialpanel import fit
from shuyi.spatialpanel.effects import COMPONENTS
from shuyi.spatialpanel.transforms import within

OPTIONS = {
    "model": ["slx", "sdm"],
    "weights": ["contiguity", "nearest_4"],
    "effects": ["twoways"],
    "scheme": ["four_dimensions", "four_fields"],
    "weighting": ["entropy", "equal"],
    "outcome": ["ln_gdp_pc", "ln_income_pc"],
    "controls": {"none": [], "all": list(SPECIFICATION.regressors[1:])},
    "sample": ["all", "without_tibet"],
}
SETTINGS = {
    "options": OPTIONS,
    "term": "digital",
    "specification": SPECIFICATION.to_dict(),
    "level": 0.95,
    "seed": 1,
}
SINGLE_FIT = 1e-9


@cache
def universe():
    def scheme(name):
        raw = yaml.safe_load((snapshot_files.ROOT / f"config/indices/{name}.yaml").read_text("utf-8"))
        return load_scheme(raw, snapshot_files.scheme_schema())

    schemes = {name: scheme(name) for name in OPTIONS["scheme"]}
    material = replace(case()[0], schemes=schemes, samples=CONFIG["samples"])
    matrices = {name: weights(name) for name in OPTIONS["weights"]}
    return multiverse(material, matrices, OPTIONS, correction="lee_yu", covariance="cluster_jackknife")


@cache
def estimates():
    return estimates_frame(universe(), 0.95)[0]


@cache
def null():
    return null_arrays(universe().subset({"outcome": ["ln_gdp_pc"], "sample": ["all"]}), 19, 3)


def test_the_default_curve_has_at_least_ten_thousand_specifications():
    sizes = [len(CONFIG["curve"]["options"][name]) for name in CHOICES]
    assert np.prod(sizes) >= 10_000


def test_the_headline_is_one_of_them_per_standard_deviation():
    chosen = {
        "model": "sdm", "weights": "contiguity", "effects": "twoways", "scheme": "four_dimensions",
        "weighting": "entropy", "outcome": "ln_gdp_pc", "controls": "all", "sample": "all",
    }  # fmt: skip
    rows = estimates()
    for key, value in chosen.items():
        rows = rows[rows[key] == value]
    panel, w = case()[0].panel, weights("contiguity")
    alone = fit(panel, w, SPECIFICATION).effects(draws=0)
    spread = within(panel["digital"], "twoways").std()
    assert_allclose(rows["estimate"], spread * alone.estimate[0], atol=SINGLE_FIT)
    assert_allclose(rows["std_error"], spread * alone.std_error_delta[0], atol=SINGLE_FIT)
    assert list(rows["component"]) == list(COMPONENTS)


def test_every_combination_occurs_once_and_has_an_interval_around_its_estimate():
    assert len(universe().specifications) == 2**7
    assert len(estimates()) == 3 * 2**7
    assert not estimates().duplicated([*CHOICES, "component"]).any()
    assert (
        (estimates()["low"] < estimates()["estimate"]) & (estimates()["estimate"] < estimates()["high"])
    ).all()


def test_shares_of_variance_of_an_additive_curve_sum_to_one_and_name_the_driver():
    frame = estimates().copy()
    frame["estimate"] = 10.0 * (frame["weights"] == "nearest_4") + 1.0 * (frame["controls"] == "all")
    found = contributions_frame(frame).query("component == 'indirect'").set_index("choice")
    assert found["first_order"].sum() == pytest.approx(1.0, abs=1e-9)
    assert_allclose(found["first_order"], found["total"], atol=1e-9)
    assert found["total"].idxmax() == "weights" and found.loc["sample", "total"] == pytest.approx(0, abs=1e-9)


def test_chunks_give_the_null_of_the_whole(tmp_path):
    part = universe().subset({"outcome": ["ln_gdp_pc"], "sample": ["all"]})
    count, pieces = len(part.specifications), []
    for chunk in range(3):
        found = null_arrays(part.part(chunk_positions(count, chunk, 3)), 19, 3)
        files.write_arrays(tmp_path / f"{chunk}.npz", found)
        pieces.append(files.read_arrays(tmp_path / f"{chunk}.npz"))
    whole = gathered(pieces, count)
    assert_allclose(whole["estimate"], null()["estimate"], rtol=1e-5, atol=1e-9)
    first = (tmp_path / "0.npz").read_bytes()
    files.write_arrays(tmp_path / "0.npz", null_arrays(part.part(chunk_positions(count, 0, 3)), 19, 3))
    assert first == (tmp_path / "0.npz").read_bytes()


def test_the_null_has_no_effect_on_average_and_joint_p_values_are_probabilities():
    part = universe().subset({"outcome": ["ln_gdp_pc"], "sample": ["all"]})
    joint, draws = joint_frames(part, estimates(), null(), 0.05)
    assert joint["p_value"].between(1 / 20, 1).all() and (joint["draws"] == 19).all()
    assert (joint["specifications"] == len(part.specifications)).all()
    assert len(draws) == 19 * 3
    ratio = null()["estimate"] / null()["std_error"]
    assert abs(np.nanmean(ratio)) < 0.5


def test_an_effect_that_is_there_is_found_by_all_three():
    part = universe().subset({"outcome": ["ln_gdp_pc"], "sample": ["all"]})
    moved = estimates().assign(estimate=lambda f: f["estimate"] + 20 * f["std_error"])
    joint, _ = joint_frames(part, moved, null(), 0.05)
    assert (joint["p_value"] == 1 / 20).all()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_table_and_figure_say_what_the_frames_hold(language):
    labels = both_labels()[language]
    part = universe().subset({"outcome": ["ln_gdp_pc"], "sample": ["all"]})
    frames = {
        "summary": summary_frame(estimates(), 0.05),
        "options": options_frame(estimates(), 0.05),
        "contributions": contributions_frame(estimates()),
        "joint": joint_frames(part, estimates(), null(), 0.05)[0],
        "refusals": pd.DataFrame({"reason": []}),
    }
    table = curve_table(frames, labels, TableOptions(), settings=SETTINGS)
    assert "128" in table.note() and table.display.shape == (6 + len(CHOICES) + 6, 3)
    drawn = curve_figure(estimates(), labels, options=OPTIONS, term="digital", level=0.95)
    names = [text.get_text() for text in drawn.axes[3].get_yticklabels()]
    assert len(set(names)) == sum(len(OPTIONS[c]) for c in CHOICES)


def test_the_subset_is_among_the_options_and_units_are_known():
    section = {**CONFIG["curve"], "subset": {"weights": ["contiguty"]}}
    problems = ANALYSIS.check(Draft({**CONFIG, "curve": section}, (), ()))
    assert [p.place for p in problems] == ["curve.subset.weights[0]"] or len(problems) == 1


def test_a_subset_keeps_the_data_so_that_draws_agree():
    part = universe().subset({"model": ["sdm"]})
    assert part.panels is universe().panels
    assert_array_equal([o[0] for o in part.options], "sdm")
