"""Measurements as frames: identities between ledger and blocks, hand-worked cases, reasons, refusals."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shuyi import files, indices
from shuyi.analyses.coordination import degrees
from shuyi.analyses.coordination import frames as measured_coordination
from shuyi.analyses.index import frames as index_frames
from shuyi.analyses.industry import frames as measured_industry
from shuyi.analyses.industry import quotients
from shuyi.analyses.ledger import blocks as ledger_blocks
from shuyi.analyses.ledger import frames as ledger_frames
from shuyi.analyses.tiers import classification
from shuyi.analyses.tiers import frames as measured_tiers
from shuyi.china import provinces, regions
from shuyi.errors import AlignmentError, ConfigError, DataError
from shuyi.panel import Panel
from shuyi.publish.labels import label_rows
from shuyi.spatialpanel import Specification
from shuyi.spatialpanel import fit as fit_specification
from shuyi.weights import Weights

ROOT = Path(__file__).parents[3]
EXACT = 1e-10
"""Sums of a few hundred products in double precision."""

UNITS, PERIODS = provinces.codes()[:8], tuple(range(2016, 2022))
DRAWS, SEED = 60, 7
SPECIFICATION = Specification("sdm", "7", "SDM", "sdm", "y", ("x",), weights="ring")


def ring(labels=UNITS):
    n = len(labels)
    dense = np.zeros((n, n))
    for i in range(n):
        dense[i, [(i - 1) % n, (i + 1) % n]] = 0.5
    return Weights.coerce(pd.DataFrame(dense, index=list(labels), columns=list(labels)))


def panel_of(columns, units=UNITS, periods=PERIODS, seed=3):
    rng = np.random.default_rng(seed)
    values = rng.lognormal(size=(len(periods), len(units), len(columns)))
    return Panel(values, tuple(units), tuple(periods), tuple(columns))


@pytest.fixture(scope="module")
def fit():
    return fit_specification(panel_of(["y", "x"]), ring(), SPECIFICATION)


def each_alone(fit):
    return {unit: unit for unit in fit.units}


def test_blocks_of_single_units_are_the_effect_matrix_and_the_ledger(fit):
    blocks = ledger_blocks.blocks_of(fit, "x", each_alone(fit), draws=DRAWS, seed=SEED, level=0.9)
    matrix = fit.effect_matrix("x").to_numpy(copy=True)
    np.fill_diagonal(matrix, 0.0)
    np.testing.assert_allclose(blocks.estimate, matrix, atol=EXACT)
    ledger, summary = fit.ledger("x", draws=DRAWS, seed=SEED, level=0.9), blocks.summary()
    for name in ("given", "received", "net"):
        for part in ("", "_std_error", "_low", "_high"):
            np.testing.assert_allclose(summary[name + part], ledger[name + part], atol=EXACT)
    assert summary[["within", "within_per_pair"]].isna().all(axis=None)


def test_blocks_conserve_what_the_units_give(fit):
    groups = {unit: ("a", "b", "c")[min(i // 3, 2)] for i, unit in enumerate(fit.units)}
    blocks = ledger_blocks.blocks_of(fit, "x", groups, draws=DRAWS, seed=SEED, level=0.9)
    summary, ledger = blocks.summary(), fit.ledger("x", draws=0)
    given = ledger.groupby(ledger["unit"].map(groups))["given"].sum()
    np.testing.assert_allclose(summary["within"] + summary["given"], given, atol=EXACT)
    assert summary["net"].sum() == pytest.approx(0.0, abs=EXACT)
    assert list(summary["units"]) == [3, 3, 2]
    frame = blocks.to_frame()
    assert frame["total"].sum() == pytest.approx(ledger["given"].sum(), abs=EXACT)
    np.testing.assert_allclose(frame["mean"] * frame["pairs"], frame["total"], atol=EXACT)
    assert frame["pairs"].sum() == 8 * 7


def test_accounts_hand_worked():
    # the row receives, the column sends: a keeps 1, b keeps 4; a sends 3 to b, b sends 2 to a
    found = ledger_blocks._accounts(np.array([[[1.0, 2.0], [3.0, 4.0]]]))[0]
    np.testing.assert_allclose(found, [[1.0, 3.0, 2.0, 1.0], [4.0, 2.0, 3.0, -1.0]], atol=EXACT)


def test_a_unit_without_a_group_and_an_unknown_regressor_are_refused(fit):
    with pytest.raises(DataError, match=r"no group[\s\S]*found: 110000"):
        ledger_blocks.blocks_of(fit, "x", dict.fromkeys(fit.units[1:], "a"), draws=9, seed=1, level=0.9)
    with pytest.raises(ConfigError, match="no regressor 'z'"):
        ledger_blocks.blocks_of(fit, "z", each_alone(fit), draws=9, seed=1, level=0.9)


def test_ledger_frames_widen_intervals_and_carry_groups(fit):
    groups = {"region": dict.fromkeys(fit.units, "East")}
    frames = ledger_frames.ledger_frames(fit, "x", groups, draws=DRAWS, seed=SEED, level=0.9)
    plain = fit.ledger("x", draws=DRAWS, seed=SEED, level=0.9)
    assert (frames["ledger"]["region"] == "East").all()
    assert (frames["ledger"]["given_low"] <= plain["given_low"]).all()
    assert len(frames["matrix"]) == 64
    assert list(frames["groups"]["grouping"]) == ["region"]
    assert frames["blocks"]["pairs"].tolist() == [56]


def test_lee_yu_gives_way_where_rows_do_not_sum_to_one():
    assert ledger_frames.under_weights(SPECIFICATION, "ring", ring()).correction == "lee_yu"
    unequal = Weights.coerce(
        pd.DataFrame(np.triu(np.ones((8, 8)), 1), index=list(UNITS), columns=list(UNITS))
    )
    other = ledger_frames.under_weights(SPECIFICATION, "upper", unequal)
    assert (other.weights, other.correction) == ("upper", "lee_yu_bias")


def test_groupings_follow_the_order_of_tables():
    frame = pd.DataFrame(
        {
            "unit": ["a", "b", "a", "b"],
            "period": [1, 1, 2, 2],
            "tier": ["lagging", "lagging", "frontier", "lagging"],
        }
    )
    found = ledger_frames.groupings(
        frame, clusters={"a": "outside", "b": "yangtze_river_delta"}, region={"a": "West", "b": "East"}
    )
    assert found["tier"] == {"b": "lagging", "a": "frontier"}
    assert list(found["tier"].values()) == ["lagging", "frontier"]
    assert list(found["region"].values()) == ["East", "West"]
    assert list(found["cluster"].values()) == ["yangtze_river_delta", "outside"]


def scheme(identifier, numerators, dimension="d"):
    recipe = (None, 1.0, "", "positive", "none", "pooled")
    made = tuple(
        indices.Indicator(f"{identifier}_{n}", dimension, {"en": n, "zh": n}, n, *recipe) for n in numerators
    )
    titles = {"en": identifier.title(), "zh": identifier}
    return indices.Scheme(identifier, titles, "", (), {dimension: titles}, made)


def runs():
    panel = panel_of(["a", "b", "c"])
    return index_frames.run_schemes(
        [scheme("whole", "abc"), scheme("part", "ab"), scheme("licensed", ["a", "pku"])], panel, caveats=()
    )


def test_a_scheme_without_its_columns_is_listed_not_dropped():
    summary = runs().summary_frame()
    assert len(summary) == 3 * len(indices.WEIGHTINGS)
    licensed = summary[summary["scheme"] == "licensed"]
    assert set(licensed["status"]) == {"not_run"}
    assert set(licensed["missing"]) == {"pku"}
    assert licensed["mean"].isna().all()
    assert (summary.loc[summary["weighting"] != "pca", "kmo"].isna()).all()


def test_a_scheme_that_cannot_be_computed_states_why():
    panel = panel_of(["a", "b"]).with_variables({"flat": np.ones((6, 8))}, {"flat": ""})
    found = index_frames.run_schemes([scheme("flat", ["a", "flat"])], panel, caveats=())
    assert "flat_flat" in found.summary_frame()["reason"].iloc[0]
    assert found.stability_frame(5).empty


def test_scheme_frames_rank_and_fall_back_to_equal_weights():
    options = {"resample": "both", "draws": 50, "seed": 1, "concentration": 10.0, "confidence": 0.9}
    frames = index_frames.scheme_frames(runs(), "whole", "pca", top=2, **options)
    assert set(frames["intervals"]["weighting"]) == {"equal"}
    pca_of_part = 1  # two indicators that disagree: their component has no direction
    assert len(frames["scores"]) == (2 * 4 - pca_of_part) * 8 * 6
    assert frames["scores"].groupby(["scheme", "weighting", "period"])["rank"].sum().eq(36).all()
    assert len(frames["stability"]) == 6 * (7 * 6 // 2)
    with pytest.raises(DataError, match=r"no ranks[\s\S]*missing: pku"):
        index_frames.intervals_of(runs(), "licensed", "entropy", **options)


def committed_sets():
    schema = files.read_yaml(ROOT / "workflow/schemas/index_scheme.schema.yaml")
    known = [
        indices.load_scheme(files.read_yaml(path), schema)
        for path in sorted((ROOT / "config/indices").glob("*.yaml"))
    ]
    raw = files.read_yaml(ROOT / "config/coordination.yaml")
    return degrees.load_sets(
        raw,
        files.read_yaml(ROOT / "workflow/schemas/coordination.schema.yaml"),
        {s.id: s for s in known},
        schema,
    )


def coordination_frames():
    chosen = [committed_sets()[name] for name in ("digital_regional", "economy_society_government")]
    columns = {
        c for s in chosen for system in s.systems for i in system.scheme.indicators for c in i.columns()
    }
    panel = panel_of(sorted(columns), units=provinces.codes(), periods=(2016, 2017, 2018))
    return measured_coordination.coordination_frames(
        chosen, panel, weighting="equal", caveats=(), regions=regions.region_of("nbs4")
    )


def test_both_variants_share_the_scores_and_differ_in_coupling():
    frames = coordination_frames()
    found = frames["coordination"].set_index(["set", "variant", "unit", "period"])
    standard, corrected = (found.xs(v, level="variant") for v in ("standard", "corrected"))
    np.testing.assert_allclose(standard["development"], corrected["development"], atol=EXACT)
    assert (standard["coupling"] >= corrected["coupling"] - EXACT).all()
    assert not np.allclose(standard["coupling"], corrected["coupling"])
    sums = frames["obstacles"].groupby(["set", "unit", "period"])["degree"].sum()
    np.testing.assert_allclose(sums, 1.0, atol=EXACT)
    assert frames["labels"]["key"].is_unique


def test_trend_is_the_mean_of_the_degrees():
    frames = coordination_frames()
    mean = frames["coordination"].groupby(["set", "variant", "period"])["degree"].mean()
    everyone = frames["trend"][frames["trend"]["region"] == "all"]
    found = everyone.set_index(["set", "variant", "period"])["degree"].sort_index()
    np.testing.assert_allclose(found, mean, atol=EXACT)


def test_tier_frames_join_axes_and_instruments():
    values = np.random.default_rng(2).random((5, 8, 3))
    index = Panel(values, UNITS, PERIODS[:5], ("digital", "digital_one", "digital_two"))
    instruments = [
        {
            "tier": "lagging",
            "instrument": "net",
            "en": "Net",
            "zh": "网",
            "basis": "region",
            "source": "S",
            "row": "1",
        }
    ]
    frames = measured_tiers.tier_frames(
        index,
        instruments,
        rule={"method": "quantile", "pool": "year", "quantiles": [0.3, 0.7], "margin": 0.0, "periods": 1},
        axes={"x": ["one"], "y": ["two"]},
        titles={"one": {"en": "One", "zh": "一"}, "two": {"en": "Two", "zh": "二"}},
        seed=0,
    )
    np.testing.assert_allclose(frames["coordinates"]["x"], values[:, :, 1].T.ravel(), atol=EXACT)
    assert frames["transitions"]["count"].sum() == 8 * 4
    assert set(frames["instruments"]["tier"]) == set(classification.TIERS)
    assert dict(zip(frames["labels"]["key"], frames["labels"]["zh"], strict=True))["axis.y"] == "二"


def test_most_similar_neighbour_is_named_and_a_unit_without_structure_is_not():
    values = np.array([[[1.0, 1.0], [1.0, 3.0], [2.0, 1.9], [np.nan, 1.0]]])
    made = quotients.IndustryMap(
        ("s", "t"),
        UNITS[:4],
        (2020,),
        values,
        values,
        values,
        quotients.structure_shares(values, "value"),
        "value",
    )
    beside = np.array([[False, True, True, True]] * 4)
    found = measured_industry.structure_frame(made, beside).set_index("unit")
    assert found.loc[UNITS[0], "nearest_neighbour"] == UNITS[2]
    assert found.loc[UNITS[3], "nearest_neighbour"] == ""
    cosine = quotients.cosine_similarity(made.structure)[0]
    assert found.loc[UNITS[0], "mean_similarity"] == pytest.approx(cosine[0, 1:3].mean(), abs=EXACT)
    assert (
        found.loc[UNITS[3]].drop("nearest_neighbour")[["mean_similarity", "national_distance"]].isna().all()
    )


def test_weights_of_other_units_are_refused():
    raw = files.read_yaml(ROOT / "config/negative_list_rules.yaml")
    rules = quotients.load_industry_rules(
        raw, files.read_yaml(ROOT / "workflow/schemas/negative_list_rules.schema.yaml")
    )
    with pytest.raises(AlignmentError, match=r"other units[\s\S]*found: z"):
        measured_industry.industry_frames(
            rules, panel_of(["a"]), ring(labels=[*UNITS[:7], "z"]), structure="profile"
        )


def test_repeated_titles_are_kept_once():
    text = {"en": "A", "zh": "甲"}
    assert label_rows([("a", text), ("a", text)]).to_numpy().tolist() == [["a", "A", "甲"]]
