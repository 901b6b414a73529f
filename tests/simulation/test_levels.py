"""The measurement of levels: every test is in the table, shares are those of p-values, draws repeat."""

from dataclasses import replace

import numpy as np
import pandas as pd

from shuyi.spatialpanel.montecarlo import lattice
from shuyi.spatialpanel.montecarlo.levels import DESIGNS, draw, level_table, p_values, summarise

SMALL = replace(DESIGNS[1], T=6, k=2, replications=2, draws=2, spatial=1, spatial_draws=2)


def test_table_of_two_panels():
    weights = lattice(4)
    table = level_table(SMALL, weights)
    assert set(table["version"]) == {
        "textbook",
        "jackknife",
        "jackknife_f",
        "ar1",
        "wild_cluster",
        "simulated",
        "permutation",
    }
    tests = set(table["test"])
    assert {"lm_lag", "score_joint", "lr_sar", "wald_sem", "lr_individual", "mundlak", "hausman"} <= tests
    assert {"cross_section_dependence", "weighted_cd", "spatial_mundlak", "residual_moran"} <= tests
    assert not table.duplicated(["test", "effects", "version"]).any()
    again = pd.concat([level_table(SMALL, weights, panels=[r]) for r in (0, 1)])
    first = again[(again["test"] == "lr_sar") & (again["version"] == "ar1")]["level"].mean()
    own = table[(table["test"] == "lr_sar") & (table["version"] == "ar1")]["level"].iloc[0]
    assert first == own


def test_draws_depend_on_the_number_of_the_panel_alone():
    weights = lattice(4)
    first, second = (draw(SMALL, weights, 1)["twoways"].y for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.allclose(first, draw(SMALL, weights, 0)["twoways"].y)


def test_refused_p_values_are_counted_apart():
    key = ("lr_sar", "twoways", "textbook")
    row = summarise(SMALL, 16, [{key: 0.01}, {key: 0.5}, {key: float("nan")}]).iloc[0]
    assert (row["level"], row["used"], row["refused"]) == (0.5, 2, 1)


def test_serial_correlation_is_judged_where_its_null_holds():
    weights = lattice(4)
    independent = replace(SMALL, errors_ar=0.0, draws=0)
    assert any(key[0] == "serial_correlation" for key in p_values(independent, weights, 0))
    assert not any(key[0] == "serial_correlation" for key in p_values(replace(SMALL, draws=0), weights, 0))
