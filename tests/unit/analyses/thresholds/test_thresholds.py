"""Thresholds of the default paper, what is taken of a variable, the quadratic, refusals, table and figure."""

from dataclasses import replace
from functools import cache

import numpy as np
from headline_case import CONFIG, ROWS, headline
from numpy.testing import assert_allclose

from shuyi.analyses.base import Draft
from shuyi.analyses.thresholds.figures import thresholds_figure
from shuyi.analyses.thresholds.frames import (
    SPATIAL,
    quadratic_rows,
    threshold_frames,
    threshold_variable,
)
from shuyi.analyses.thresholds.settings import ANALYSIS
from shuyi.analyses.thresholds.tables import threshold_sentence, thresholds_table
from shuyi.publish.numbers import TableOptions
from shuyi.spatialpanel import fit

SECTION = CONFIG["thresholds"]


@cache
def frames():
    return threshold_frames(headline(), "digital", SECTION["variables"], {**SECTION, "draws": 99, "seed": 1})


def test_a_threshold_variable_does_not_date_the_test():
    panel = headline().panel
    first = threshold_variable({"variable": "broadband_per_100", "take": "initial"}, panel)
    assert (first == first[0]).all() and (first[0] == panel["broadband_per_100"][0]).all()
    relative = threshold_variable({"variable": "broadband_per_100", "take": "detrended"}, panel)
    assert_allclose(relative.mean(axis=1), 0, atol=1e-10)


def test_no_threshold_and_no_curvature_is_found_in_the_default_paper(labels):
    assert threshold_sentence(frames(), labels) == labels.text(
        "thresholds.found.none", square=labels.text("thresholds.square.none")
    )
    spatial = frames()["thresholds"].query("model == @SPATIAL")
    assert len(spatial) == len(SECTION["variables"]) and (spatial["p_value"] > 0.05).all()


def test_a_known_threshold_is_found_and_said(labels):
    own = headline()
    panel = own.panel
    q = np.repeat(panel["broadband_per_100"][:1], panel.T, axis=0)
    rng = np.random.default_rng(1)
    x = rng.standard_normal((panel.T, panel.n))
    y = np.where(q <= np.median(q), 0.2, 1.5) * x + 0.3 * rng.standard_normal((panel.T, panel.n))
    made = own._replace(panel=panel.with_variables({"digital": x, "ln_gdp_pc": y}))
    one = {"penetration": SECTION["variables"]["penetration"]}
    found = threshold_frames(made, "digital", one, {**SECTION, "count": 1, "draws": 99, "seed": 1})
    spatial = found["thresholds"].set_index("model").loc[SPATIAL]
    assert spatial["value"] == np.median(q) and spatial["p_value"] < 0.05
    effects = found["effects"].set_index(["component", "regime"])["estimate"]
    assert effects["direct", "above"] > 1.2 > 0.5 > effects["direct", "below"]
    assert labels.text("thresholds.variable.penetration") in threshold_sentence(found, labels)


def test_the_quadratic_is_the_headline_with_a_square():
    own = headline()
    centred = own.panel["digital"] - own.panel["digital"].mean()
    panel = own.panel.with_variables({"digital": centred, "square": centred**2})
    spec = replace(own.specification, regressors=(*own.specification.regressors, "square"))
    frame = fit(panel, own.weights, spec).effects(draws=0).to_frame()
    rows = quadratic_rows(own, "digital")
    expected = frame[frame["term"].isin(["digital", "square"])]["estimate"]
    assert_allclose([row["estimate"] for row in rows], expected, rtol=1e-10)
    direct = {row["term"]: row["estimate"] for row in rows if row["component"] == "direct"}
    slope = direct["digital"] + 2 * direct["square"] * (rows[0]["turning"] - own.panel["digital"].mean())
    assert_allclose(slope, 0, atol=1e-10)


def test_a_variable_without_variation_is_refused_with_a_reason(labels):
    own = headline()
    panel = own.panel.with_variables({"flat": np.zeros((own.panel.T, own.panel.n))})
    made = own._replace(panel=panel)
    entry = {"flat": {"variable": "flat", "take": "initial"}}
    found = threshold_frames(made, "digital", entry, {**SECTION, "draws": 9, "seed": 1})
    assert "enough units" in found["thresholds"]["reason"].iloc[0]
    table = thresholds_table(found, labels, TableOptions(), term="digital", trim=0.15, level=0.95)
    assert "enough units" in table.note()


def test_table_and_figure_are_made_in_both_languages(labels):
    table = thresholds_table(frames(), labels, TableOptions(), term="digital", trim=0.15, level=0.95)
    assert len(table.display) == len(SECTION["variables"]) * (3 + 1 + 2 * 5) + 2 * 6
    thresholds_figure(frames()["curves"], labels, level=0.95)


def test_mistakes_of_the_section_are_found_before_any_job():
    config = {
        **CONFIG,
        "thresholds": {**SECTION, "variables": {"a": {"variable": "racks", "take": "initial"}}},
    }
    (problem,) = ANALYSIS.check(Draft(config, ROWS, headline().panel.variables))
    assert "racks" in problem.found
