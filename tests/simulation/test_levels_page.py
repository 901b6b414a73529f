"""The page's claims about levels are what `src/shuyi/resources/levels.csv` holds."""

import pytest
import validation_page as page

from shuyi.spatialpanel.montecarlo.levels import DESIGNS, measured_levels

# Three binomial errors of 300 panels around .05, and of 100.
LEAST, MOST, MOST_OF_100 = 0.012, 0.088, 0.116
EFFECTS = ("lr_individual", "lr_effects")


@pytest.fixture(scope="module")
def levels():
    return measured_levels()


def of(levels, tests, versions):
    return levels[levels["test"].isin(tests) & levels["version"].isin(versions)]


def test_table_holds_the_designs(levels):
    found = levels.groupby(["errors_ar", "regressors_ar"], sort=False)["used"].max()
    asked = {(d.errors_ar, d.regressors_ar): d.replications for d in DESIGNS}
    assert found.to_dict() == asked


def test_bootstraps_keep_their_level_but_for_individual_effects(levels):
    kept = levels[levels["version"].isin(page.BOOTSTRAPS) & ~levels["test"].isin(EFFECTS)]
    spatial = kept["test"].str.startswith("spatial")
    assert kept[~spatial]["level"].between(LEAST, MOST).all()
    assert kept[spatial]["level"].between(0, MOST_OF_100).all()


def test_textbook_tests_reject_too_often_under_serial_correlation(levels):
    serial = levels[levels["errors_ar"] > 0]
    assert of(serial, page.SIMPLIFICATIONS, ["textbook"])["level"].min() > MOST
    assert of(serial, ["mundlak"], ["textbook"])["level"].min() > 4 * 0.05
    assert of(levels, page.SIMPLIFICATIONS, ["jackknife"])["level"].max() > 2 * 0.05
    assert of(levels, page.SIMPLIFICATIONS, ["jackknife_f"])["level"].max() < MOST


def test_dependence_after_time_effects(levels):
    assert of(levels, ["pesaran_cd"], ["textbook"])["level"].min() > 0.5
    assert (
        of(levels, ["weighted_cd", "cross_section_dependence"], ["textbook", "simulated"])["level"].max()
        < MOST
    )
