"""Tables of inequality, convergence, dynamics and geography: what they print follows from the results."""

import re

import numpy as np
import pandas as pd
import pytest

from shuyi.analyses.convergence import frames as convergence_frames
from shuyi.analyses.convergence import tables as convergence_tables
from shuyi.analyses.convergence.settings import ANALYSIS as CONVERGENCE
from shuyi.analyses.dynamics import frames as dynamics_frames
from shuyi.analyses.dynamics import tables as dynamics_tables
from shuyi.analyses.dynamics.settings import ANALYSIS as DYNAMICS
from shuyi.analyses.geography import frames as geography_frames
from shuyi.analyses.geography import tables as geography_tables
from shuyi.analyses.geography.settings import ANALYSIS as GEOGRAPHY
from shuyi.analyses.inequality import frames, tables
from shuyi.analyses.inequality.settings import ANALYSIS as INEQUALITY
from shuyi.china.places import PLACES
from shuyi.china.provinces import codes
from shuyi.china.regions import other_groupings, province_grouping
from shuyi.errors import DataError
from shuyi.panel import Panel
from shuyi.pipeline.config import Run
from shuyi.publish import html, notes
from shuyi.publish import numbers as publish_numbers
from shuyi.weights import Weights

PRINTED = 0.0005 * 31
"""Sum of the rounding errors of 31 numbers of three decimals."""
ROUNDING = 1e-12
"""Relative: sums of a few dozen float64 terms."""

OPTIONS = publish_numbers.TableOptions()
UNITS, YEARS = codes(), tuple(range(2016, 2025))
VARIABLES = ("digital", "gdp_pc_real")
PAPER = Run({"regions": {"scheme": "nbs4"}}, ())


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(3)
    growth = rng.normal(0.05, 0.03, (len(YEARS), len(UNITS), 2)).cumsum(axis=0)
    values = 0.2 * np.exp(rng.normal(0, 0.5, (1, len(UNITS), 2)) + growth) * [1.0, 200_000.0]
    controls = rng.uniform(0.1, 0.9, (len(YEARS), len(UNITS), 1))
    names = (*VARIABLES, "urbanisation")
    return Panel(np.concatenate([values, controls], axis=2), UNITS, YEARS, names)


@pytest.fixture(scope="module")
def weights():
    n = len(UNITS)
    ring = np.roll(np.eye(n), 1, axis=1) + np.roll(np.eye(n), -1, axis=1)
    return Weights(ring / 2, UNITS, "contiguity", "row")


@pytest.fixture(scope="module")
def grouping():
    return province_grouping("nbs4", UNITS)


def share_of(panel, lowest=None):
    values = panel.array(["urbanisation"]).copy()
    if lowest is not None:
        values[:, lowest] = 0.0
    return Panel(values, UNITS, YEARS, ("urbanisation",))


@pytest.fixture(scope="module")
def inequality(panel, grouping, weights):
    indicators = share_of(panel)
    return frames.inequality_frames(
        panel, indicators, grouping, weights, variables=VARIABLES, threshold=3.0, permutations=99, seed=1,
        name="contiguity", others=other_groupings("nbs4", UNITS),
    )  # fmt: skip


@pytest.fixture(scope="module")
def convergence(panel, grouping, weights):
    return convergence_frames.convergence_frames(
        panel, grouping, weights, variables=VARIABLES, controls=["urbanisation"], span=1,
        models=["sar", "sem", "sdm"], significance=0.05, clubs={"digital": "none", "gdp_pc_real": "log"},
        hp_smoothing=None, name="contiguity", draws=19, seed=1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def dynamics(panel, grouping, weights):
    return dynamics_frames.dynamics_frames(
        panel, grouping, weights, variable="digital", classes=3, lag=2, sectors=8, permutations=99, seed=1,
        name="contiguity",
    )  # fmt: skip


@pytest.fixture(scope="module")
def geography(panel):
    return geography_frames.geography_frames(
        panel, PLACES, variables=VARIABLES, order=1, years=[2016, 2020, 2024]
    )


@pytest.fixture
def made(inequality, convergence, dynamics, geography, weights, labels):
    shared = {"weights": {"contiguity": weights}}
    found = (
        *tables.inequality_tables(inequality, labels, OPTIONS, titles={}, years=[2016, 2024], **shared),
        *convergence_tables.convergence_tables(
            convergence, labels, OPTIONS, controls=["urbanisation"], **shared
        ),
        *dynamics_tables.dynamics_tables(dynamics, labels, OPTIONS, **shared),
        geography_tables.centres_table(geography["centres"], geography["trend"], labels, OPTIONS),
    )
    return {table.id: table for table in found}


def values(column):
    """Return the numbers of printed cells; a bound such as <0.001 stands for a number that rounds to zero."""
    plain = (re.sub(r"[*,]", "", cell).replace("−", "-") for cell in column)
    return np.array([0.0 if cell[0] in "<>" else float(cell) for cell in plain])


def test_every_table_is_made_and_states_sample_and_source(made, labels):
    declared = (INEQUALITY, CONVERGENCE, DYNAMICS, GEOGRAPHY)
    named = [item.name for a in declared for item in a.items(PAPER) if item.kind == "table"]
    assert sorted(made) == sorted(named)
    for table in made.values():
        assert "n = 31" in table.note() and "T = 9" in table.note()
        assert labels.text("note.source") in table.note()
        assert html.render(table)[".html"]


def test_parts_and_shares_of_inequality_table_add_up(made):
    table = made["inequality"].display
    numbers = table.apply(values)
    theil, gini = numbers.iloc[:, :5].to_numpy(), numbers.iloc[:, 5:].to_numpy()
    np.testing.assert_allclose(theil[:, 1] + theil[:, 2], theil[:, 0], atol=PRINTED)
    np.testing.assert_allclose(theil[:, 3:].sum(axis=1), 100, atol=0.11)
    np.testing.assert_allclose(gini[:, 1:4].sum(axis=1), gini[:, 0], atol=PRINTED)
    np.testing.assert_allclose(gini[:, 4:].sum(axis=1), 100, atol=0.16)
    assert len(table) == len(VARIABLES) * len(YEARS)


def test_region_schemes_are_not_mixed(inequality, english):
    regions = inequality["regions"].copy()
    regions.loc[0, "region_scheme"] = "belt3"
    with pytest.raises(DataError, match=r"Region schemes are mixed[\s\S]*belt3, nbs4"):
        tables.inequality_table(inequality["parts"], regions, english, OPTIONS)


def test_regions_are_named_with_their_sizes(inequality, english):
    table = tables.inequality_table(inequality["parts"], inequality["regions"], english, OPTIONS)
    assert "East (10), Central (6), West (12), Northeast (3)" in table.note()


def test_gaps_between_regions_are_of_the_first_named_region(inequality, panel, grouping, english):
    table = tables.inequality_regions_table(inequality, english, OPTIONS)
    rows = table.display.loc["Digital development index: difference of the means"]
    means = {r: panel.select(units=grouping.members(r))["digital"].mean(axis=1) for r in grouping.regions}
    assert list(rows.index)[:3] == ["East – Central", "East – West", "East – Northeast"]
    for pair, cells in rows.iterrows():
        first, second = pair.split(" – ")
        np.testing.assert_allclose(values(cells), means[first] - means[second], atol=0.0005)


def test_large_gaps_have_no_decimals(inequality, english):
    rows = tables.inequality_regions_table(inequality, english, OPTIONS).display
    cells = rows.loc["Real GRP per resident: difference of the means"].to_numpy().ravel()
    assert max(values(cells)) > tables.LARGE
    assert not any("." in cell for cell in rows.loc["Real GRP per resident: difference of the means"].iloc[0])


def test_dispersion_table_flags_ratios_above_the_threshold(inequality, english):
    table = tables.dispersion_table(inequality["dispersion"], english, OPTIONS, titles={}, years=[2024])
    flags = table.display["2024", ">3×"].tolist()
    ratios = values(table.display["2024", "Max/min"])
    assert flags == ["yes" if ratio > 3 else "no" for ratio in ratios]
    assert {"yes"} <= set(flags)


def test_a_ratio_over_zero_is_infinite_and_flagged(panel, english):
    indicators = share_of(panel, UNITS.index("540000"))
    frame = frames.dispersion_frame(panel, indicators, ["digital"], 3.0)
    table = tables.dispersion_table(frame, english, OPTIONS, titles={"urbanisation": "Share"}, years=[2016])
    row = table.display.loc["Indicators of the digital development index"].loc["Share", "2016"]
    assert row["Max/min"] == "∞" and row[">3×"] == "yes" and row["Smallest"] == "Tibet"


def test_contributions_sum_to_the_whole(inequality, english):
    table = tables.contributions_table(inequality["provinces"], english, OPTIONS, years=[2016, 2024])
    for year in ("2016", "2024"):
        columns = table.display[year]
        np.testing.assert_allclose(values(columns["Theil, %"]).sum(), 100, atol=31 * 0.05)
        np.testing.assert_allclose(values(columns["Gini, %"]).sum(), 100, atol=31 * 0.05)
        parts = values(columns["Between"]) + values(columns["Within"])
        np.testing.assert_allclose(parts, values(columns["Theil"]), atol=0.0001 + ROUNDING)
    assert set(table.data["variable"]) == {"digital"}


def test_convergence_table_prints_every_regression_and_what_could_not_be_estimated(convergence, english):
    table = convergence_tables.convergence_table(convergence, english, OPTIONS, controls=["urbanisation"])
    absolute = table.display.loc["Digital development index: absolute β"]
    assert list(absolute.index) == [
        "All provinces, cross-section", "All provinces, panel", "East, cross-section",
        "Central, cross-section", "West, cross-section", "Northeast, cross-section",
    ]  # fmt: skip
    assert absolute.loc["Northeast, cross-section", "Slope or β"] == "—"
    assert "fewer than three residual degrees of freedom" in table.note()
    spatial = table.display.loc["Digital development index: spatial absolute β"]
    assert list(spatial.index) == ["SAR, β", "SAR, total effect", "SEM, β", "SDM, β", "SDM, total effect"]
    assert "Urbanisation rate" in table.note() and "Nickell" in table.note()


def test_rows_of_convergence_hold_rho_or_lambda(convergence):
    rows = convergence_tables.convergence_rows(convergence)
    spatial = convergence["spatial_beta"]
    for model, name in (("sar", "rho"), ("sem", "lam")):
        chosen = rows[(rows["model"] == model) & (rows["block"] == "spatial_absolute")]
        source = spatial[(spatial["model"] == model) & (spatial["kind"] == "absolute")]
        assert chosen["dependence"].iloc[0] == source[name].iloc[0]
    assert rows.groupby(["variable", "block"], sort=False).ngroups == 12
    assert len(rows) == len(rows.drop_duplicates(["variable", "block", "region", "design", "model", "basis"]))


@pytest.mark.parametrize("kind", ["std_error", "t", "p"])
def test_the_table_of_convergence_prints_errors_since_t_tests_of_panels_do_not_hold(
    convergence, english, kind
):
    options = publish_numbers.TableOptions(kind)
    table = convergence_tables.convergence_table(convergence, english, options, controls=["urbanisation"])
    cell = table.display.loc["Digital development index: absolute β"].iloc[0]["(s.e.)"]
    found = float(cell.strip("()").replace("−", "-"))
    assert abs(found - convergence["beta"]["std_error"].iloc[0]) <= 0.0005 + ROUNDING
    assert not table.display.map(lambda text: "*" in str(text)).any().any()


def test_panel_regressions_stand_beside_random_walks(convergence, english):
    table = convergence_tables.convergence_table(convergence, english, OPTIONS, controls=["urbanisation"])
    rows = table.data
    null = convergence["beta_null"]
    of_panels = ~rows["block"].str.startswith("sigma") & rows["design"].ne("cross_section")
    assert rows.loc[of_panels, "null_p_value"].notna().all()
    assert rows.loc[~of_panels, "null_p_value"].isna().all()
    own = null[(null["kind"] == "conditional") & (null["model"] == "ols") & (null["variable"] == "digital")]
    shown = rows[(rows["block"] == "conditional") & (rows["design"] == "panel")]
    assert shown["null_p_value"].iloc[0] == own["p_value"].iloc[0]
    assert shown["estimate"].iloc[0] == pytest.approx(own["estimate"].iloc[0], rel=1e-9)
    cells = table.display.loc["Digital development index: conditional β"].loc["All provinces, panel"]
    assert cells["p"] == f"{own['p_value'].iloc[0]:.3f}"
    assert (cells["Half-life, years"] == "—") == (own["p_value"].iloc[0] >= 0.05)
    assert "random walks that never converge" in table.note()


def test_estimates_beside_random_walks_are_those_of_the_regressions(convergence):
    keys = ["variable", "kind", "model", "basis"]
    spatial = convergence["spatial_beta"].set_index(keys)["estimate"]
    null = convergence["beta_null"].set_index(keys)["estimate"]
    common = spatial.index.intersection(null.index)
    assert len(common) == 2 * 2 * 6
    np.testing.assert_allclose(null[common], spatial[common], rtol=1e-4)


def test_clubs_hold_every_province_once_and_the_weakness_is_stated(convergence, english):
    table = convergence_tables.convergence_clubs_table(convergence, english, OPTIONS)
    assert "rejects 50% at T = 9" in table.note()
    rows = table.display.loc["Digital development index"]
    named = [name for cell in rows["Members"][1:] for name in cell.split(", ")]
    assert len(named) == len(set(named)) == len(UNITS)


def test_probabilities_of_transitions_sum_to_one_and_tests_stand_in_the_note(dynamics, english):
    table = dynamics_tables.transitions_table(dynamics, english, OPTIONS)
    first = table.display.loc["All neighbourhoods"]
    chain = first[first.iloc[:, 0] != ""]
    sums = chain["Class in the next year"].apply(lambda row: values(row).sum(), axis=1)
    np.testing.assert_allclose(sums, 1, atol=0.0016)
    assert values(chain.iloc[:, 0]).sum() == len(UNITS) * (len(YEARS) - 1)
    for text in ("Homogeneity over time", "Homogeneity over neighbourhoods", "Shorrocks"):
        assert text in table.note()
    assert set(table.data["part"]) == {"transitions", "classes", "ergodic", "tests", "mobility"}


def test_neighbourhoods_partition_the_transitions(dynamics, english):
    table = dynamics_tables.transitions_table(dynamics, english, OPTIONS).display
    counts = {
        g: values(c for c in table.loc[g].iloc[:, 0] if c).sum()
        for g in dict.fromkeys(table.index.get_level_values(0))
    }
    assert counts.pop("All neighbourhoods") == sum(counts.values())


def test_quadrant_transitions_name_the_provinces_that_moved(dynamics, english):
    table = dynamics_tables.quadrant_transitions_table(dynamics, english, OPTIONS)
    moves = dynamics["lisa_moves"]
    moved = moves[moves["origin"] != moves["destination"]]
    assert table.note().count(" to ") >= len(moved) > 0
    counts = table.display.loc["Counts"].iloc[:, 1:].apply(values).to_numpy()
    assert counts.sum() == len(moves) and np.trace(counts) == len(moves) - len(moved)
    still = moves.assign(destination=moves["origin"])
    assert (
        "No province changed"
        in dynamics_tables.quadrant_transitions_table(
            dynamics | {"lisa_moves": still}, english, OPTIONS
        ).note()
    )


def test_rank_mobility_has_successive_years_and_the_whole_period(dynamics, english):
    table = dynamics_tables.rank_mobility_table(dynamics["rank_mobility"], english, OPTIONS)
    assert len(table.display.loc["Successive years"]) == len(YEARS) - 1
    assert list(table.display.loc["Whole period"].index) == ["2016–2024"]
    assert "99 random permutations" in table.note() and "seed 1" in table.note()


def test_centres_have_no_shift_in_the_first_year(geography, english):
    table = geography_tables.centres_table(geography["centres"], geography["trend"], english, OPTIONS)
    first = table.display.loc["Digital development index"].iloc[0]
    assert first["Mean centre", "Shift,\nkm"] == "—"
    assert table.display.loc["Real GRP per resident"]["Trend surface"].to_numpy().tolist() == [[""] * 3] * 9
    assert table.data["part"].tolist() == ["centre"] * 18 + ["trend"] * 27


def test_conditional_densities_are_thinned_evenly(dynamics):
    for _, rows in dynamics["conditional"].groupby(["given", "x"]):
        np.testing.assert_allclose(np.diff(rows["y"]), np.diff(rows["y"])[0], rtol=1e-9)
        np.testing.assert_allclose(np.trapezoid(rows["density"], rows["y"]), 1, atol=1e-3)


def test_surface_of_a_plane_is_the_plane(geography):
    trend = geography["trend"].set_index(["period", "term"])["estimate"]
    grid = geography["surface"].query("period == 2024").set_index(["longitude", "latitude"])["value"]
    np.testing.assert_allclose(grid[110, 30] - grid[109, 30], trend[2024, "lon"], rtol=1e-9)
    np.testing.assert_allclose(grid[110, 31] - grid[110, 30], trend[2024, "lat"], rtol=1e-9)
    assert sorted(geography["surface"]["period"].unique()) == [2016, 2024]


def test_labels_cover_every_region_and_scheme(english):
    for scheme in ("belt3", "nbs4", "north_south", "clusters"):
        assert english.text(f"distribution.scheme.{scheme}")
        for region in province_grouping(scheme).regions:
            assert notes.region_name(region, english)


def test_frames_are_the_same_twice(panel, grouping, weights, dynamics):
    again = dynamics_frames.dynamics_frames(
        panel, grouping, weights, variable="digital", classes=3, lag=2, sectors=8, permutations=99, seed=1,
        name="contiguity",
    )  # fmt: skip
    for name, frame in dynamics.items():
        pd.testing.assert_frame_equal(frame, again[name], check_exact=True)
