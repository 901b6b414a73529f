"""Groups of the default paper, one family of tests, two regimes, refusals, tables and figure."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from headline_case import CONFIG, ROWS, headline

from shuyi.analyses.base import Draft
from shuyi.analyses.heterogeneity.figures import heterogeneity_figure
from shuyi.analyses.heterogeneity.frames import (
    SMALL,
    group_rows,
    heterogeneity_frames,
    members,
    regime_rows,
)
from shuyi.analyses.heterogeneity.settings import ANALYSIS
from shuyi.analyses.heterogeneity.tables import directed_table, equality_sentence, heterogeneity_table
from shuyi.analyses.multiplicity import adjusted
from shuyi.analyses.tiers.classification import classify
from shuyi.china.places import PLACES
from shuyi.errors import DataError
from shuyi.publish.numbers import TableOptions

SECTION = CONFIG["heterogeneity"]
GROUPINGS = SECTION["groupings"]


@cache
def tiers():
    panel = headline().panel
    return classify(
        panel["digital"], units=panel.units, periods=panel.periods, method="quantile", pool="year"
    ).to_frame()


def groups(name):
    return members(GROUPINGS[name], headline().panel, tiers(), PLACES)


@cache
def frames():
    own = {name: groups(name) for name in GROUPINGS}
    return heterogeneity_frames(headline(), "digital", own, {**SECTION, "draws": 99, "seed": 1})


def test_small_groups_are_joined_and_named():
    of = groups("clusters")
    assert of["440000"] == of["500000"] == of["510000"] == SMALL
    assert min(pd.Series(of).value_counts()) >= 3


def test_tiers_are_those_of_the_first_year():
    of = groups("tier")
    assert of["110000"] == of["310000"] == "frontier"
    assert list(dict.fromkeys(of.values())) == ["lagging", "transition", "frontier"]


def test_all_tests_of_equality_form_one_family():
    tests = frames()["tests"]
    assert len(tests) == 3 * 5 + 2 + 2
    np.testing.assert_allclose(tests["p_adjusted"], adjusted(tests["p_value"].to_numpy(), "holm"))


def test_no_difference_is_told_apart_in_the_default_paper(labels):
    assert (frames()["tests"]["p_adjusted"] > 0.05).all()
    assert "19" in equality_sentence(frames()["tests"], labels)


def test_every_effect_stands_beside_what_could_have_been_detected():
    effects = frames()["effects"].dropna(subset=["estimate"])
    assert (effects["detectable"] > 2 * effects["std_error"]).all()
    assert len(effects) == 2 * (2 * (3 + 4 + 2 + 5 + 3)) + 4 + (3 + 9) + (5 + 2)


def test_groups_that_cannot_be_told_apart_are_refused_with_a_reason():
    alone = {u: "Beijing" if u == "110000" else "rest" for u in headline().panel.units}
    rows, tests = group_rows(headline(), "digital", "capital", alone, "receiver")
    assert tests == [] and "Beijing (1)" in rows[0]["reason"]
    with pytest.raises(DataError, match="does not divide"):
        regime_rows(headline(), "belt3", groups("belt3"), "Centre", draws=9, seed=1)
    with pytest.raises(DataError, match="does not divide the panel"):
        members({"kind": "period", "year": 2016}, headline().panel, tiers(), PLACES)


def test_the_likelihood_ratio_of_two_regimes_is_compared_with_drawn_outcomes():
    rows = frames()["regimes"].set_index("item")
    assert rows.loc["equal_all", "draws"] == 99
    # The chi-squared distribution ignores that residuals are serially correlated; the drawn outcomes do not.
    assert rows.loc["equal_all", "p_bootstrap"] > rows.loc["equal_all", "p_value"]


def test_tables_and_figure_are_made_in_both_languages(labels):
    found, options = frames(), TableOptions()
    table = heterogeneity_table(
        found["effects"], found["tests"], labels, options, groupings=GROUPINGS, term="digital"
    )
    assert len(table.display) == 2 * (3 + 4 + 2 + 5 + 3 + 2) + 2 * len(GROUPINGS)
    assert "2021" in "".join(map(str, table.display.index.get_level_values(1)))
    directed = directed_table(found["effects"], found["tests"], found["regimes"], labels, options)
    assert len(directed.display) == 2 * 9 + 2 + 2 * 2 + 2 + 4 + 3
    heterogeneity_figure(found["effects"], labels, groupings=GROUPINGS, level=0.95)


def test_mistakes_of_the_section_are_found_before_any_job():
    def problems(**changed):
        config = {**CONFIG, "heterogeneity": {**SECTION, **changed}}
        return [p.found for p in ANALYSIS.check(Draft(config, ROWS, headline().panel.variables))]

    assert problems() == []
    assert problems(directed=["tiers"]) == ["'tiers'"]
    assert problems(links=["halves"]) == ["'halves'"]
    assert problems(groupings={**GROUPINGS, "halves": {"kind": "period", "year": 2016}}) == ["2016"]
