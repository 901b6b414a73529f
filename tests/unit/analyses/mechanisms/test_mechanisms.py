"""Channels by hand, what leaves an equation, the same design as the headline, claims, refusals, tables."""

from functools import cache

import numpy as np
import pytest
import snapshot_files
from headline_case import CONFIG, ROWS, caveats, clean, headline, scheme
from numpy.testing import assert_allclose

from shuyi.analyses.base import Draft
from shuyi.analyses.headline import told
from shuyi.analyses.mechanisms.channels import (
    Figures,
    build_channel,
    shared_controls,
    shared_indicators,
)
from shuyi.analyses.mechanisms.equations import claim
from shuyi.analyses.mechanisms.figures import mechanisms_figure
from shuyi.analyses.mechanisms.frames import Indexing, channel_frames, race_frame
from shuyi.analyses.mechanisms.settings import ANALYSIS
from shuyi.analyses.mechanisms.tables import layers_table, mechanisms_table
from shuyi.china.clean import DERIVATIONS
from shuyi.china.places import PLACES
from shuyi.data.series import series_table
from shuyi.errors import DataError
from shuyi.publish.numbers import TableOptions
from shuyi.spatialpanel import fit

SECTION = CONFIG["mechanisms"]
CHANNELS = SECTION["channels"]
ROUNDING = {"rtol": 1e-10}


@cache
def figures():
    tables = (snapshot_files.table(name) for name in ("provincial_figures", "codebook"))
    return Figures(headline().panel, series_table(*tables, PLACES.codes), headline().weights)


def indexing():
    return Indexing(clean(), caveats(), DERIVATIONS, "entropy")


@cache
def found(draws=199):
    return channel_frames(
        *(headline(), "digital", CHANNELS, figures(), scheme(), indexing()), draws=draws, seed=1
    )


@cache
def races():
    schemes = {entry["scheme"]: scheme(entry["scheme"]) for entry in SECTION["races"].values()}
    return race_frame(headline(), "digital", SECTION["races"], schemes, indexing(), draws=99, seed=1)


def test_population_change_reaches_the_first_year_with_the_figure_before_it():
    channel = build_channel(CHANNELS["population"], figures())
    raw = snapshot_files.table("provincial_figures")
    own = raw[(raw["indicator"] == "population_resident") & (raw["province_code"].astype(str) == "110000")]
    values = dict(zip(own["year"].astype(int), own["value"].astype(float), strict=True))
    assert channel.periods[0] == 2016
    i = figures().panel.units.index("110000")
    assert_allclose(channel.values[0, i], values[2016] / values[2015] - 1, **ROUNDING)


def test_upgrading_similarity_and_quotients_by_hand():
    panel, weights = headline().panel, headline().weights
    shares = np.stack([panel[f"va_{s}"] for s in ("primary", "secondary", "tertiary")], axis=2)
    shares = shares / shares.sum(axis=2, keepdims=True)
    i = panel.units.index("440000")
    upgrading = build_channel(CHANNELS["upgrading"], figures()).values
    assert_allclose(upgrading[3, i], shares[3, i] @ [1, 2, 3], **ROUNDING)
    neighbours = np.flatnonzero(weights.to_dense()[i])
    a, others = shares[3, i], shares[3, neighbours]
    cosines = others @ a / np.linalg.norm(others, axis=1) / np.linalg.norm(a)
    similarity = build_channel(CHANNELS["similarity"], figures()).values
    assert_allclose(similarity[3, i], cosines.mean(), **ROUNDING)
    industry, gdp = panel["va_industry"][3], panel["gdp_nominal"][3]
    quotient = build_channel(CHANNELS["quotient"], figures()).values
    assert_allclose(quotient[3, i], (industry[i] / gdp[i]) / (industry.sum() / gdp.sum()), **ROUNDING)


def test_years_that_the_source_does_not_print_are_left_out_not_filled():
    assert build_channel(CHANNELS["science"], figures()).periods[-1] == 2023
    assert build_channel(CHANNELS["technology"], figures()).periods[0] == 2017
    with pytest.raises(DataError, match="no official series"):
        build_channel({"kind": "growth", "series": "wages"}, figures())


def test_what_measures_a_channel_leaves_its_equation():
    assert shared_indicators(CHANNELS["technology"], scheme(), DERIVATIONS) == ["tech_market_to_grp"]
    assert shared_controls(CHANNELS["fiscal"], ["fiscal_share", "urbanisation"], DERIVATIONS) == [
        "fiscal_share"
    ]
    left = found()["left_out"].set_index("name")
    assert left.loc["technology", "indicators"] == "tech_market_to_grp"
    assert left.loc["fiscal", "controls"] == "fiscal_share"


def test_a_channel_is_estimated_as_the_headline_is():
    from dataclasses import replace

    own = headline()
    panel = own.panel.with_variables({"m": own.panel["employment_share"]})
    effects = fit(panel, own.weights, replace(own.specification, outcome="m")).effects(draws=0).to_frame()
    rows = effects[effects["term"] == "digital"].set_index("component")
    mine = found()["channels"].set_index(["name", "component"])
    for component in ("direct", "indirect"):
        row = mine.loc[("employment", component)]
        assert_allclose(row["estimate"], rows.loc[component, "estimate"], rtol=1e-9)
        assert_allclose(row["std_error"], rows.loc[component, "std_error_delta"], rtol=1e-8)


def test_the_outcome_itself_as_channel_gives_the_headline():
    entry = {"group": "g", "kind": "variable", "variable": "ln_gdp_pc", "expected": "positive"}
    own = channel_frames(
        *(headline(), "digital", {"y": entry}, figures(), scheme(), indexing()), draws=99, seed=1
    )
    row = own["channels"].iloc[0]
    assert round(row["estimate"], 3) == 0.122 and round(row["std_error"], 3) == 0.127


def test_adjusted_p_values_exceed_the_unadjusted_in_order():
    rows = found()["channels"].dropna(subset=["estimate"])
    assert len(rows) == 2 * len(CHANNELS)
    ratio = (rows["estimate"] / rows["std_error"]).abs().to_numpy()
    adjusted = rows["p_adjusted"].to_numpy()[np.argsort(-ratio)]
    assert (np.diff(adjusted) >= 0).all() and adjusted[0] > rows["p_value"].min()


@pytest.mark.parametrize(
    ("estimate", "p", "adjusted", "expected"),
    [
        (1.0, 0.001, 0.01, "supported"),
        (-1.0, 0.001, 0.01, "contrary"),
        (1.0, 0.01, 0.2, "suggestive"),
        (-1.0, 0.01, 0.2, "none"),
        (1.0, 0.3, 0.9, "none"),
    ],
)
def test_claims_follow_the_stated_rule(estimate, p, adjusted, expected):
    row = {"estimate": estimate, "p_value": p, "p_adjusted": adjusted}
    assert claim(row, "positive", 0.95) == expected


def test_effects_come_with_what_could_have_been_detected():
    row = told(0.1, 0.1, 31, 0.95, 0.8)
    assert row["ci_low"] < 0 < row["ci_high"] and 0.28 < row["detectable"] < 0.3


def test_a_part_alone_and_all_parts_stand_side_by_side():
    rows = races()
    layers = rows[rows["race"] == "layers"]
    assert list(dict.fromkeys(layers["name"])) == ["access", "skill", "application", "joint"]
    assert len(layers) == 2 * (3 + 3) and rows["p_adjusted"].notna().all()


def test_tables_and_figure_are_made_in_both_languages(labels):
    options, own = TableOptions(), found()
    table = mechanisms_table(
        own["channels"], own["left_out"], labels, options, term="digital", draws=199, level=0.95
    )
    assert len(table.display) == 2 * len(CHANNELS)
    both = layers_table(races(), labels, options, settings=SECTION["races"], draws=99)
    assert labels.text("mechanisms.part.government") in both.note()
    mechanisms_figure(own["channels"], labels, level=0.95)


def test_mistakes_of_the_section_are_found_before_any_job():
    def problems(entry):
        config = {**CONFIG, "mechanisms": {**SECTION, "channels": {"m": entry}}}
        rows = [{**ROWS[0], "outcome": "ln_gdp_pc"}]
        return ANALYSIS.check(Draft(config, rows, headline().panel.variables))

    common = {"group": "g", "expected": "positive"}
    assert problems({**common, "kind": "growth", "series": "population_resident"}) == []
    (missing,) = problems({**common, "kind": "ratio", "series": "population_resident"})
    assert "without of" in missing.found
    (unknown,) = problems({**common, "kind": "variable", "variable": "wages"})
    assert "wages" in unknown.found
    (itself,) = problems({**common, "kind": "variable", "variable": "ln_gdp_pc"})
    assert "outcome itself" in itself.found
