"""Policies of the provinces: the register, the designs, second packages, refusals, and what is printed."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import snapshot_files
import yaml
from numpy.testing import assert_allclose

from shuyi import files
from shuyi.analyses.base import Draft
from shuyi.analyses.policy.designs import (
    designs_frame,
    effects_frame,
    events_frames,
    imputation_estimate,
    units_frame,
)
from shuyi.analyses.policy.figures import events_figure, synthetic_figure
from shuyi.analyses.policy.register import overlap_frame, sample_of, starts_of, treatment_of
from shuyi.analyses.policy.settings import ANALYSIS
from shuyi.analyses.policy.synthetic import donors_of, synthetic_frames
from shuyi.analyses.policy.tables import designs_table, effects_table, overlap_table
from shuyi.china.clean import LONG_VARIABLES
from shuyi.china.places import PLACES
from shuyi.china.sources import province_sources
from shuyi.errors import DataError, IdentificationError
from shuyi.publish.numbers import TableOptions
from shuyi.weights import build_weights

CONFIG = yaml.safe_load((snapshot_files.ROOT / "config/config.yaml").read_text(encoding="utf-8"))
SECTION = CONFIG["policy"]
ROWS = files.read_rows(snapshot_files.DATA / "policy/policies.csv")
HEADLINE = SECTION["designs"]["digital_economy_zone"]
OUTCOME = "ln_gdp_pc"
DRAWS = 999
SECOND_PACKAGE = 1e-6
"""Iterations of the second package stop there."""
COUNTS = {
    "digital_economy_zone": (5, 26, 14, 12),
    "bigdata_zone": (10, 21, 18, 3),
    "bigdata_whole": (8, 23, 16, 7),
}
"""Treated, never treated, exposed and clean, counted on the map."""
DETECTABLE = {"digital_economy_zone": 0.065, "bigdata_zone": 0.059, "bigdata_whole": 0.063}
"""Smallest detectable effects from 2.8 times the spread over re-assigned paths, by an independent program."""
RANDOM_PATHS = 0.05
"""Relative error of a standard deviation over 999 random assignments, about two of its errors."""


@cache
def panel():
    return snapshot_files.clean(first_year=2011, variables=LONG_VARIABLES).panel


@cache
def contiguity():
    borders = snapshot_files.table("adjacency").to_dict("records")
    return build_weights(CONFIG["weights"]["contiguity"], province_sources(borders, panel(), {}))


@cache
def designs():
    return designs_frame(
        panel(), ROWS, contiguity(), SECTION["designs"], outcome=OUTCOME, draws=DRAWS, seed=1
    ).set_index("design")


@cache
def effects():
    strata = PLACES.grouping("nbs4", panel().units).membership
    return effects_frame(
        *(panel(), ROWS, contiguity(), HEADLINE, SECTION["variants"]),
        **{"outcome": OUTCOME, "strata": strata, "level": 0.95, "draws": DRAWS, "seed": 1},
    )


@cache
def events():
    return events_frames(
        panel(), ROWS, contiguity(), HEADLINE, outcome=OUTCOME, level=0.95, draws=DRAWS, seed=1
    )


@cache
def synthetic():
    p = SECTION["synthetic"]
    return synthetic_frames(
        *(panel(), ROWS, contiguity(), SECTION["designs"][p["design"]]),
        **{"unit": p["unit"], "start": p["start"], "outcome": OUTCOME},
    )


class TestRegister:
    def test_the_five_whole_provinces_begin_in_2020(self):
        assert starts_of(ROWS, "digital_economy_zone", without=["130000"]) == dict.fromkeys(
            ("330000", "350000", "440000", "500000", "510000"), 2020
        )

    def test_the_calendar_year_comes_no_later(self):
        for policy in {row["policy_id"] for row in ROWS}:
            early, late = starts_of(ROWS, policy, coding="year"), starts_of(ROWS, policy)
            assert all(early[unit] <= late[unit] for unit in late)

    def test_rows_of_other_grades_are_left_out(self):
        assert "520000" in starts_of(ROWS, "bigdata_zone")
        assert "520000" not in starts_of(ROWS, "bigdata_zone", grades="AB")

    def test_an_unknown_policy_is_named_beside_the_known(self):
        with pytest.raises(DataError, match="bigdata_zone") as error:
            starts_of(ROWS, "bigdata_zones")
        assert "bigdata_zone" in error.value.remedy

    def test_overlap_counts_each_province_once(self):
        frame = overlap_frame(ROWS).set_index(["policy", "other"])["units"]
        assert frame["broadband_city", "broadband_city"] == 31 and frame["bigdata_zone", "bigdata_zone"] == 10
        assert all(frame[a, b] == frame[b, a] for a, b in frame.index)

    def test_configured_names_are_checked_before_any_job(self):
        changed = {**CONFIG, "policy": {**SECTION, "headline": "digital_zone", "weights": "contigity"}}
        problems = ANALYSIS.check(Draft(changed, [], ("ln_gdp_pc",)))
        assert {p.place for p in problems} == {"policy.headline", "policy.weights"}


class TestDesigns:
    @pytest.mark.parametrize("design", COUNTS)
    def test_counts_are_those_of_the_map(self, design):
        row = designs().loc[design]
        assert tuple(row[["treated", "never", "exposed", "clean"]]) == COUNTS[design]

    @pytest.mark.parametrize("design", DETECTABLE)
    def test_detectable_effects_are_those_of_an_independent_program(self, design):
        assert_allclose(designs().loc[design, "detectable"], DETECTABLE[design], rtol=RANDOM_PATHS)

    def test_designs_that_cannot_tell_say_why(self):
        reasons = designs()["refused"]
        assert reasons["broadband_city"] == reasons["cbec_zone"] == "all_treated"
        assert designs().loc["compute_hub", "separate"] == "inseparable"
        assert designs().loc["bigdata_zone", "separate"] == "few_clean"
        assert designs().loc["broadband_city", ["estimate", "detectable"]].isna().all()

    def test_imputation_is_that_of_a_second_package_and_of_the_formula(self):
        from did_imputation import did_imputation

        design = SECTION["designs"]["open_data_platform"]
        cut = sample_of(panel(), design)
        treatment, y = treatment_of(ROWS, design, cut), cut[OUTCOME]
        found = imputation_estimate(y, treatment)[0]
        T, n = y.shape
        dummies = np.hstack([np.repeat(np.eye(T), n, axis=0), np.tile(np.eye(n), (T, 1))])
        treated = treatment.paths.ravel() > 0
        fitted = dummies @ np.linalg.lstsq(dummies[~treated], y.ravel()[~treated], rcond=None)[0]
        assert_allclose(found, (y.ravel() - fitted)[treated].mean(), rtol=0, atol=SECOND_PACKAGE)
        first = [float(treatment.starts.get(u, np.nan)) for u in cut.units]
        table = pd.DataFrame(
            {
                "unit": np.tile(np.arange(n), T),
                "time": np.repeat(treatment.periods, n),
                "y": y.ravel(),
                "first": np.tile(first, T),
            }
        )
        table.loc[table["first"] > treatment.periods[-1], "first"] = np.nan
        other = did_imputation(table, "y", "unit", "time", "first", cluster="unit")
        assert_allclose(found, _average_effect(other), rtol=0, atol=SECOND_PACKAGE)


def _average_effect(found):
    tables = [value for value in vars(found).values() if isinstance(value, dict)]
    return next(float(table["tau_ate"]) for table in tables if "tau_ate" in table)


class TestEffects:
    def test_without_spillovers_the_effect_on_the_treated_is_the_coefficient(self):
        rows = effects().set_index(["variant", "model", "component"])["estimate"]
        assert_allclose(rows["headline", "ols", "treated"], rows["headline", "ols", "direct"], rtol=1e-12)

    def test_detectable_exposure_is_that_of_an_independent_program(self):
        rows = effects().set_index(["variant", "model", "component"])["detectable"]
        assert_allclose(rows["headline", "slx", "exposure"], 0.164, rtol=2 * RANDOM_PATHS)

    def test_every_variant_is_estimated(self):
        assert set(effects()["variant"]) == {"headline", *SECTION["variants"]}
        assert effects().groupby("variant")["n"].first().to_dict()["without_hubei"] == 30

    def test_events_and_effects_tell_the_same(self):
        frame, before = events()
        assert set(before["term"]) == {"direct", "exposure"}
        by = frame[frame["term"] == "direct"].set_index("time")["estimate"]
        rows = effects().set_index(["variant", "model", "component"])["estimate"]
        # with one cohort the two-way coefficient is the mean after the policy less the mean before
        difference = by[by.index >= 0].mean() - by[by.index < 0].mean()
        assert_allclose(rows["headline", "slx", "direct"], difference, rtol=0, atol=1e-9)

    def test_groups_of_the_design(self):
        groups = units_frame(panel(), ROWS, contiguity(), HEADLINE)["group"].value_counts()
        assert groups.to_dict() == {"exposed": 14, "clean": 12, "treated": 5}


class TestSynthetic:
    def test_donors_are_never_treated_and_no_neighbours(self):
        design = SECTION["designs"]["bigdata_zone"]
        donors = donors_of(panel(), ROWS, design, "520000", contiguity())
        assert not set(donors) & (
            set(starts_of(ROWS, "bigdata_zone")) | {"500000", "510000", "530000", "430000"}
        )
        assert len(donors) == 17

    def test_weights_are_a_convex_combination_that_gives_the_gap(self):
        gaps, donors = synthetic()
        assert donors["weight"].min() >= 0 and donors["weight"].sum() == pytest.approx(1.0)
        own = gaps[gaps["treated"]]
        y = panel()[OUTCOME]
        z = y - y[:5].mean(axis=0)
        place = [panel().units.index(u) for u in donors["donor"]]
        by_hand = z[:, panel().units.index("520000")] - z[:, place] @ donors["weight"].to_numpy()
        assert_allclose(own["gap"], by_hand, atol=1e-12)
        assert gaps["unit"].nunique() == 18

    def test_no_other_convex_combination_follows_it_better(self):
        _, donors = synthetic()
        y = panel()[OUTCOME][:5] - panel()[OUTCOME][:5].mean(axis=0)
        z = y[:, [panel().units.index(u) for u in donors["donor"]]]
        target = y[:, panel().units.index("520000")]
        scale = np.column_stack([z, target]).std(axis=1, ddof=1)[:, None]
        own = (((z @ donors["weight"].to_numpy() - target)[:, None] / scale) ** 2).sum()
        rng = np.random.default_rng(1)
        others = rng.dirichlet(np.full(z.shape[1], 0.2), 2000)
        assert own <= (((others @ z.T - target) / scale.T) ** 2).sum(axis=1).min() + 1e-12

    def test_too_few_donors_are_refused(self):
        with pytest.raises(IdentificationError, match="no donors"):
            donors_of(panel(), ROWS, {"policy": "broadband_city"}, "520000", contiguity())


def test_tables_and_figures_in_both_languages(labels):
    labels, options = (
        labels.with_units(PLACES.names(labels.language)),
        TableOptions.from_config(CONFIG["tables"]),
    )
    table = effects_table(effects(), labels, options, design="x", level=0.95, notes=["n"])
    assert len(table.display) == 1 + 4 + 1 + 1 + 2 * 5 + len(SECTION["variants"]) * 3
    shown = designs_table(designs().reset_index(), labels, options, notes=["n"])
    assert labels.text("policy.verdict.all_treated") in set(shown.display.iloc[:, -1])
    assert overlap_table(overlap_frame(ROWS), labels, notes=["n"]).display.shape == (12, 12)
    frame, _ = events()
    assert len(events_figure(frame, labels, outcome=OUTCOME, level=0.95).axes) == 2
    assert synthetic_figure(synthetic()[0], labels, outcome=OUTCOME, start=2016).axes
