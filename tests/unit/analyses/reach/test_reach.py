"""Reach: rings partition links, known decay is found, bands cover all rings together, sentences follow."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from default_paper import CONFIG, SPECIFICATION, both_labels, case
from numpy.testing import assert_allclose
from scipy.stats import t

from shuyi.analyses.base import Draft
from shuyi.analyses.estimation.rows import Reading
from shuyi.analyses.reach import rings as module
from shuyi.analyses.reach.figures import reach_figure
from shuyi.analyses.reach.settings import ANALYSIS
from shuyi.analyses.reach.tables import reach_sentence, reach_table
from shuyi.analyses.robustness.variants import Headline
from shuyi.china.places import PLACES
from shuyi.publish.numbers import TableOptions
from shuyi.weights.build import great_circle_km

EDGES = (500.0, 1000.0, 1500.0, 2000.0)
READING = Reading(0.95, 0.8)
SETTINGS = {"specification": SPECIFICATION.to_dict(), "term": "digital", "level": 0.95}
SIMULATED = 0.04
"""Error of a quantile of twenty thousand draws."""


@cache
def headline():
    return Headline(case()[0].panel, SPECIFICATION, "digital")


@cache
def distances():
    return great_circle_km(headline().panel.units, PLACES.coordinates)


@cache
def rings():
    return module.rings_frame(headline(), distances(), EDGES, reading=READING, seed=1)


@cache
def cutoffs():
    return module.cutoffs_frame(headline(), distances(), EDGES, reading=READING)


def test_rings_are_disjoint_and_hold_every_link_up_to_the_last_edge():
    links = module.Rings(EDGES, distances()).links()
    inside = (distances() <= EDGES[-1]) & ~np.eye(31, dtype=bool)
    assert_allclose(links.sum(axis=0), inside)
    assert_allclose(links, links.transpose(0, 2, 1))


def test_columns_are_sums_over_the_units_of_each_ring():
    panel, names = module.with_rings(headline(), module.Rings(EDGES, distances()))
    near = (distances()[0] > 0) & (distances()[0] <= EDGES[0])
    assert_allclose(panel[names[0]][:, 0], headline().panel["digital"][:, near].sum(axis=1))


def test_a_decay_that_made_the_data_is_found_with_its_boundary():
    own = headline()
    sums, names = module.with_rings(own, module.Rings(EDGES, distances()))
    noise = np.random.default_rng(3).normal(scale=0.01, size=(own.panel.T, 31))
    values = own.panel.values.copy()
    place = own.panel.variables.index("ln_gdp_pc")
    values[:, :, place] = own.panel["digital"] + 0.5 * sums[names[0]] + noise
    made = replace(own, panel=replace(own.panel, values=values))
    found = module.rings_frame(made, distances(), EDGES, reading=READING, seed=1)
    first = found.iloc[0]
    assert first["band_low"] < 0.5 * first["spread"] < first["band_high"]
    assert module.boundary(found) == EDGES[0]
    assert "end at 500 km" in reach_sentence(found, 0.95, both_labels()["en"])


def test_the_largest_t_of_one_ring_is_students_t_and_grows_with_rings():
    one, four, same = (
        np.quantile(module.largest_t(matrix, 30, 1), 0.95)
        for matrix in (np.eye(1), np.eye(4), np.ones((4, 4)))
    )
    assert one == pytest.approx(t.ppf(0.975, 30), abs=SIMULATED)
    assert four > one + 0.3 and same == pytest.approx(one, abs=SIMULATED)


def test_bands_are_wider_than_intervals_and_p_values_larger():
    found = rings()
    assert (found["band_low"] < found["ci_low"]).all() and (found["band_high"] > found["ci_high"]).all()
    assert (found["p_adjusted"] > found["p_value"] - SIMULATED).all()


def test_the_joint_test_of_one_ring_is_its_t_test():
    found = module.joint_p(np.array([0.3]), np.array([[0.04]]), 31)
    assert found == pytest.approx(2 * t.sf(1.5, 30))


def test_the_first_cut_off_is_inverse_distance_of_all_links():
    first = cutoffs()[(cutoffs()["cutoff_km"] == 0) & (cutoffs()["component"] == "indirect")].iloc[0]
    assert first["rho"] == pytest.approx(-0.855, abs=0.001)
    assert cutoffs()["cutoff_km"].nunique() == len(EDGES) + 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_table_and_figure_hold_rings_and_cut_offs(language):
    labels = both_labels()[language]
    table = reach_table(rings(), cutoffs(), labels, TableOptions(), settings=SETTINGS)
    assert len(table.display) == 2 * len(EDGES) + 1
    reach_figure(rings(), cutoffs(), labels, level=0.95)


def test_edges_increase():
    (problem,) = ANALYSIS.check(Draft({**CONFIG, "reach": {"edges": [1000, 500]}}, (), ()))
    assert problem.place == "reach.edges"
