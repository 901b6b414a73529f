"""Levels beside tests: where they come from, which tests are printed, and what is said of the choice."""

import numpy as np
import pandas as pd
import pytest

from shuyi.analyses.estimation.levels import LEVELS, choice, printed, with_levels
from shuyi.analyses.estimation.tables import choice_note
from shuyi.publish.notes import joined
from shuyi.spatialpanel import SAR, SDM
from shuyi.spatialpanel.diagnostics import specification_tests
from shuyi.spatialpanel.montecarlo import lattice
from shuyi.spatialpanel.montecarlo.levels import LevelDesign, levels_like, measured_levels
from shuyi.spatialpanel.montecarlo.simulate import simulate
from shuyi.spatialpanel.specification import Specification

NAMES = {"outcome": "y", "regressors": ["x1"]}
KNOWN = LevelDesign(0.985, 0.93)


def row(test, version, p=0.5, spec="twoways", group="g"):
    return {"group": group, "test": test, "version": version, "p_value": p, "spec": spec}


@pytest.fixture
def tests():
    return pd.DataFrame(
        [
            row("lm_lag", "textbook", spec="pooled"),
            row("lm_lag", "textbook"),
            row("wald_sar", "textbook", 0.009),
            row("wald_sem", "textbook", 0.010),
            row("spatial_hausman", "textbook", spec="individual"),
            row("cross_section_dependence_sdm", "simulated"),
            row("lm_lag", "wild_cluster"),
            row("wald_sar", "jackknife_f", 0.81),
            row("wald_sar", "wild_cluster", 0.80),
            row("wald_sem", "wild_cluster", 0.82),
        ]
    )


def test_a_form_that_bears_the_panel_replaces_the_textbook_one(tests):
    shown = list(printed(tests)[["test", "version"]].itertuples(index=False, name=None))
    assert shown == [
        ("lm_lag", "wild_cluster"),
        ("wald_sar", "jackknife_f"),
        ("wald_sar", "wild_cluster"),
        ("wald_sar", "textbook"),
        ("wald_sem", "wild_cluster"),
        ("wald_sem", "textbook"),
        ("spatial_hausman", "textbook"),
        ("cross_section_dependence_sdm", "simulated"),
    ]


def test_levels_are_those_of_the_nearest_measured_panels(tests, monkeypatch):
    import shuyi.spatialpanel.montecarlo.levels as levels

    monkeypatch.setattr(levels, "design_like", lambda fit: KNOWN)
    fit = type("Fit", (), {"effects_structure": "twoways", "intervals": {}, "n": 31})()
    found = with_levels(tests, fit)
    measured = measured_levels()
    measured = measured[measured["errors_ar"] == KNOWN.errors_ar]
    by = measured.set_index(["test", "effects", "version"])["level"]
    assert found.loc[2, "level"] == by["wald_sar", "twoways", "textbook"] > 0.5
    assert found.loc[5, "level"] == by["cross_section_dependence", "twoways", "simulated"]
    assert found.loc[8, "level"] == by["wald_sar", "twoways", "wild_cluster"] < 0.1
    assert list(found.columns[-len(LEVELS) :]) == list(LEVELS)


def test_other_panels_have_no_levels():
    panel = simulate("sdm", lattice(4), 6, seed=1, theta=(0.5,))
    fit = SDM(panel, lattice(4), **NAMES).fit()
    spec = Specification("s", "", "", "sdm", "y", "x1")
    found = with_levels(specification_tests(panel, lattice(4), spec, permutations=0, seed=1), fit)
    assert found[list(LEVELS)].isna().all().all()
    random = SAR(panel, lattice(4), **NAMES, effects="pooled").fit("exact")
    assert with_levels(found.drop(columns=list(LEVELS)), random)["level"].isna().all()
    for design, n in ((LevelDesign(0.7, 0.7), 31), (LevelDesign(0.5, 0.5, T=12), 31), (KNOWN, 50)):
        assert levels_like(design, n).empty


def test_the_choice_of_the_model_is_stated_with_both_p_values(tests, labels):
    found = choice(tests)
    assert found == {"sar": 0.80, "sem": 0.82, "sar_textbook": 0.009, "sem_textbook": 0.010}
    note = choice_note(tests, labels)
    assert all(p in note for p in ("0.800", "0.820", "0.009", "0.010"))
    assert labels.text("note.choice.none") in note
    tests.loc[tests["version"] == "wild_cluster", "p_value"] = 0.01
    both = joined(["SAR", "SEM"], labels)
    assert labels.text("note.choice.some", models=both) in choice_note(tests, labels)
    assert choice_note(tests[tests["version"] == "textbook"], labels) == ""


def test_every_printed_form_of_the_default_headline_was_measured():
    """The levels that come with the package hold every version that the battery gives for the headline."""
    measured = measured_levels()
    own = measured[measured["errors_ar"] == KNOWN.errors_ar]
    keys = set(zip(own["test"], own["version"], strict=True))
    for test in ("lm_lag", "score_joint", "lr_sar", "wald_sar", "wald_sem", "hausman", "mundlak"):
        assert (test, "wild_cluster") in keys
    assert {("lr_time", "ar1"), ("wald_sar", "jackknife_f"), ("residual_moran", "permutation")} <= keys
    assert np.isfinite(own["level"]).all()
