"""Tables, figures and maps of the measurement: cells equal frames, both languages, refusals, labels."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from words import read_labels

from shuyi.analyses.coordination import figures as coordination_drawn
from shuyi.analyses.coordination import tables as coordination_printed
from shuyi.analyses.index import figures as index_drawn
from shuyi.analyses.index import tables as index_printed
from shuyi.analyses.industry import figures as industry_drawn
from shuyi.analyses.industry import tables as industry_printed
from shuyi.analyses.ledger import figures as ledger_drawn
from shuyi.analyses.ledger import tables as ledger_printed
from shuyi.analyses.tiers import figures as tiers_drawn
from shuyi.analyses.tiers import tables as tiers_printed
from shuyi.china import provinces, regions
from shuyi.china.basemap import provinces_basemap
from shuyi.errors import DataError
from shuyi.publish.html import render, to_html
from shuyi.publish.numbers import TableOptions
from shuyi.publish.style import figure_bytes
from shuyi.regions import ORDER

CODES = provinces.codes()
YEARS = (2023, 2024)
OPTIONS = TableOptions()
EXACT = 1e-12
"""Coordinates pass through matplotlib unchanged but for rounding."""
OWN = {
    **{f"set.{s}": s for s in ("pair", "other")},
    **{f"system.{s}.{u}": f"{s} {u}" for s in ("pair", "other") for u in ("u", "v")},
    **{f"indicator.{s}.{i}": f"{s} {i}" for s in ("pair", "other") for i in ("i", "j")},
    "setnote.pair.0": "A note of the set.",
    **{f"class.{c}": c for c in ("low", "middle", "high")},
    **{f"tier.{t}": t.title() for t in tiers_printed.TIERS},
    **{f"scheme.{s}": f"Scheme {s}" for s in ("one", "two", "licensed")},
    **{f"instrument.{i}": f"Tool {i}" for i in ("net", "lab")},
    **{f"sector.{s}": f"Sector {s}" for s in ("soft", "shop")},
    **{f"sectornote.{s}": f"Note on {s}." for s in ("soft", "shop")},
    **{f"rule.{r}": f"Rule {r}" for r in ("first", "second")},
    **{f"axis.{a}": f"Axis {a}" for a in "xy"},
}


@pytest.fixture(scope="module", params=["en", "zh"])
def labels(request):
    known = read_labels(request.param)
    return replace(known, texts={**known.texts, **OWN})


@pytest.fixture(scope="module")
def names(labels):
    return provinces.display_names(labels.language)


def numbers(*shape):
    return np.random.default_rng(5).uniform(0.05, 0.95, size=shape)


def long(**columns):
    index = pd.MultiIndex.from_product([CODES, YEARS], names=["unit", "period"])
    return index.to_frame(index=False).assign(**columns)


def coordination_frames():
    size = len(CODES) * len(YEARS)
    base = long(coupling=0.5, development=0.4, lagging_system="u")
    parts = [
        base.assign(set=name, variant=variant, degree=numbers(size)).assign(
            **{"class": lambda f: np.where(f["degree"] < 0.1, "low", "middle")}
        )
        for name in ("pair", "other")
        for variant in ("standard", "corrected")
    ]
    degrees = pd.concat(parts, ignore_index=True)
    keys = ["set", "variant", "period"]
    trend = degrees.groupby(keys, as_index=False)["degree"].mean().assign(region="all")
    slopes = degrees.groupby(["set", "variant", "unit"], as_index=False)["degree"].mean()
    obstacles = [
        long(set=name, rank=rank, system=system, indicator=indicator, degree=degree)
        for name in ("pair", "other")
        for rank, system, indicator, degree in ((1, "v", "j", 0.625), (2, "u", "i", 0.375))
    ]
    return {
        "coordination": degrees,
        "trend": trend,
        "slopes": slopes.rename(columns={"degree": "slope"}),
        "scores": pd.DataFrame({"set": ["pair", "pair", "other", "other"], "system": ["u", "v", "u", "v"]}),
        "obstacles": pd.concat(obstacles, ignore_index=True),
    }


def coordination_tables(labels, names):
    return coordination_printed.coordination_tables(
        coordination_frames(), labels, OPTIONS, sets=["pair", "other"], variant="corrected", years=YEARS,
        weighting="entropy", names=names,
    )  # fmt: skip


def stability():
    rows = [
        (period, first, second, 0.9 - 0.1 * (period == 2023), 0.8, 4, 5, "110000", "440000", "", "")
        for period in YEARS
        for first, second in (("one/entropy", "one/equal"), ("one/entropy", "two/entropy"))
    ]
    ends = [f"{end}_only_{place}" for end in ("top", "bottom") for place in ("first", "second")]
    shared = ["top_shared", "bottom_shared"]
    return pd.DataFrame(rows, columns=["period", "first", "second", "spearman", "kendall", *shared, *ends])


def summary():
    run = {
        "status": "run",
        "missing": "",
        "reason": "",
        "overlap": "",
        "indicators": 3,
        "mean": 0.25,
        "sd": 0.125,
    }
    rows = [
        {"scheme": "one", "weighting": "entropy", **run, "kmo": np.nan, "bartlett_p": np.nan},
        {"scheme": "one", "weighting": "pca", **run, "kmo": 0.75, "bartlett_p": 0.0001},
        {"scheme": "one", "weighting": "equal", **run, "status": "not_run", "reason": "one value"},
        {"scheme": "two", "weighting": "entropy", **run, "overlap": "shares a series"},
        *(
            {
                "scheme": "licensed",
                "weighting": w,
                **run,
                "status": "not_run",
                "missing": "pku ict",
                "mean": np.nan,
            }
            for w in ("entropy", "pca")
        ),
    ]
    return pd.DataFrame(rows)


def rank_tables(labels, names):
    intervals = long(rank=np.arange(1.0, 63.0), lower=1.0, median=2.0, upper=5.0, top_share=0.001)
    facts = {"draws": 1000, "concentration": 10, "confidence": 0.95, "resample": "both", "seed": 1}
    chosen = {"scheme": "one", "weighting": "entropy"}
    return [
        index_printed.schemes_table(summary(), stability(), labels, OPTIONS, **chosen),
        index_printed.stability_table(stability(), labels, OPTIONS, **chosen, top=5, names=names),
        index_printed.rank_intervals_table(
            intervals.assign(scheme="one", weighting="equal"), labels, "pca", names, YEARS, facts
        ),
    ]


def tier_frames():
    members = long(tier=np.tile(["lagging", "transition", "frontier"], 21)[:62])
    pairs = [(a, b) for a in tiers_printed.TIERS for b in tiers_printed.TIERS]
    moves = pd.DataFrame(pairs, columns=["from", "to"]).assign(count=[3, 1, 0, 0, 4, 0, 0, 0, 0])
    total = moves.groupby("from")["count"].transform("sum")
    cuts = [(y, below, 0.1 + 0.1 * k) for y in YEARS for k, below in enumerate(("lagging", "transition"))]
    tools = [("net", "lagging"), ("lab", "frontier")]
    return {
        "tiers": members,
        "transitions": moves.assign(
            share=np.where(total > 0, moves["count"] / total.where(total > 0), np.nan)
        ),
        "cuts": pd.DataFrame(cuts, columns=["period", "below", "cut"]),
        "changes": pd.DataFrame(
            [("110000", 2024, "lagging", "transition")], columns=["unit", "period", "from", "to"]
        ),
        "instruments": pd.DataFrame(
            [
                (i, t, t == own, "S/1/region" if t == own else "")
                for i, own in tools
                for t in tiers_printed.TIERS
            ],
            columns=["instrument", "tier", "applies", "source"],
        ),
    }


def tier_tables(labels, names):
    rule = {"method": "quantile", "pool": "year", "quantiles": [0.25, 0.75], "margin": 0.1, "periods": 2}
    return tiers_printed.tier_tables(tier_frames(), labels, rule=rule, names=names)


def ledger():
    nbs4 = regions.region_of("nbs4")
    frame = pd.DataFrame({"unit": list(CODES), "region": [nbs4[u] for u in CODES]})
    for name, values in zip(("given", "received", "net"), numbers(3, 31) - 0.5, strict=True):
        frame[name], frame[f"{name}_low"], frame[f"{name}_high"] = values, values - 0.25, values + 0.25
    return frame.assign(rise=0.04)


def verdicts():
    row = {
        "correction": "lee_yu", "n": 31, "rho": 0.1, "rho_std_error": 0.02, "direct": 0.2,
        "direct_std_error": 0.1, "estimate": 0.3, "std_error": 0.1, "ci_low": 0.1, "ci_high": 0.5,
        "p_value": 0.02, "p_adjusted": 0.04, "total": 0.5, "total_std_error": 0.2, "usual_low": -0.5,
        "usual_high": -0.1, "serial_p": 0.01, "verdict": "diffusion", "verdict_usual": "siphon", "reason": "",
    }  # fmt: skip
    numbers_of = [name for name, value in row.items() if isinstance(value, float)]
    nothing = {**dict.fromkeys(numbers_of, np.nan), "verdict": "", "verdict_usual": "", "reason": "islands"}
    frame = pd.DataFrame(
        [
            {"weights": "contiguity", **row},
            {"weights": "mine", **row, "correction": "lee_yu_bias"},
            {"weights": "nearest_4", **row, **nothing},
        ]
    )
    return frame.assign(covariance="cluster_jackknife", multiplicity="holm")


FACTS = {
    "term": "digital", "outcome": "ln_gdp_pc", "model": "sdm", "level": 0.95, "draws": 1000, "seed": 1,
    "effects": "twoways", "correction": "lee_yu", "covariance": "information",
    "rise": 0.04, "serial_p": 0.001, "periods": YEARS,
}  # fmt: skip


def groups():
    names = [("tier", "lagging"), ("region", "East"), ("cluster", "greater_bay_area")]
    frame = pd.DataFrame(names, columns=["grouping", "group"]).assign(units=[3, 10, 1])
    for name in ("within", "given", "net"):
        frame[name], frame[f"{name}_low"], frame[f"{name}_high"] = 0.5, -1.0, 1.0
    frame.loc[2, ["within", "within_low", "within_high"]] = np.nan
    return frame.assign(within_per_pair=[0.25, 0.125, np.nan], given_per_pair=0.0625)


def ledger_tables(labels, names):
    return [
        ledger_printed.ledger_table(ledger(), labels, OPTIONS, facts=FACTS, names=names),
        ledger_printed.ledger_groups_table(groups(), labels, OPTIONS, facts=FACTS),
        ledger_printed.verdicts_table(verdicts(), labels, OPTIONS, facts=FACTS),
    ]


def industry_frames():
    parts = [long(sector=s, location_quotient=q) for s, q in (("soft", 0.25), ("shop", numbers(62) * 3))]
    sizes = pd.concat(parts, ignore_index=True)
    sizes.loc[(sizes["sector"] == "soft") & (sizes["unit"] == "540000"), "location_quotient"] = np.nan
    return {
        "industry": sizes,
        "structure": long(
            neighbour_similarity=0.9, nearest_neighbour="110000", mean_similarity=0.5, national_distance=0.25
        ),
        "negative_list": pd.DataFrame(
            [("110000", "soft", 2024, "second", 0.5), ("110000", "soft", 2024, "first", 0.5)],
            columns=["province", "sector", "year", "rule", "value"],
        ),
        "undecided": pd.DataFrame({"year": [2024, 2023]}),
        "skipped": pd.DataFrame({"rule": ["second"], "sector": ["shop"], "missing": ["use_shop"]}),
    }


def industry_tables(labels, names):
    return industry_printed.industry_tables(
        industry_frames(), labels, year=2024, regions=regions.region_of("nbs4"), names=names,
        neighbours="contiguity", structure="profile",
    )  # fmt: skip


MAKERS = [coordination_tables, rank_tables, tier_tables, ledger_tables, industry_tables]


@pytest.mark.parametrize("make", MAKERS)
def test_tables_render_in_every_format_and_twice_alike(make, labels, names):
    tables = make(labels, names)
    assert render(tables[0]) == render(tables[0])
    for table in tables:
        assert table.heading in to_html(table)
        assert "{" not in table.note()


def test_each_set_has_its_table_and_shows_its_degrees(labels, names):
    first, second, obstacles = coordination_tables(labels, names)
    assert (first.id, second.id, obstacles.id) == ("coordination_pair", "coordination_other", "obstacles")
    assert first.title.endswith("pair")
    frame = coordination_frames()["coordination"]
    chosen = frame[(frame["set"] == "pair") & (frame["variant"] == "corrected") & (frame["period"] == 2024)]
    cells = first.display["2024"].head(31)
    assert list(cells) == [f"{v:.3f}" for v in chosen.sort_values("unit")["degree"]]
    assert first.display.iloc[0, -1] == "pair i"
    assert set(first.data["obstacle_degree"]) == {0.625}
    assert "A note of the set." in first.note()
    assert sorted(obstacles.display["2024"]) == ["37.5", "37.5", "62.5", "62.5"]


def test_a_degree_of_zero_is_explained(labels, names):
    frames = coordination_frames()
    frames["coordination"].loc[:, "degree"] = 0.0
    table = coordination_printed.coordination_tables(
        frames,
        labels,
        OPTIONS,
        sets=["pair"],
        variant="standard",
        years=[2024],
        weighting="equal",
        names=names,
    )[0]
    assert f"{names['110000']} 2024" in table.note()


def test_schemes_that_were_not_run_say_what_is_missing(labels, names):
    schemes, pairs, ranks = rank_tables(labels, names)
    rows = list(schemes.display.index.get_level_values(1))
    asked = labels.text("schemes.not_run.missing", count=2)
    assert sum(asked in row for row in rows) == 1
    assert any("one value" in row for row in rows)
    assert schemes.data.set_index(["scheme", "weighting"]).loc[("two", "entropy"), "spearman_min"] == 0.8
    assert "Scheme two" in schemes.note()
    assert names["110000"] in pairs.display.iloc[0, 5]
    assert pairs.display.iloc[0, 6] == "—"
    assert labels.text("rankintervals.note.signed") in ranks.note()
    assert set(ranks.display.iloc[:, 2]) == {"0.001"}


def test_transitions_count_and_instruments_apply(labels, names):
    moves, tools = tier_tables(labels, names)
    assert list(moves.display.iloc[0, :4]) == ["3 (75.0%)", "1 (25.0%)", "0 (0.0%)", "4"]
    assert list(moves.display.iloc[2, :4]) == ["0", "0", "0", "0"]
    assert names["110000"] in moves.note()
    applies = labels.text("tiers.applies")
    assert tools.display.iloc[:, :3].to_numpy().tolist() == [[applies, "", ""], ["", "", applies]]


def test_ledger_and_verdicts(labels, names):
    accounts, by_group, judged = ledger_tables(labels, names)
    assert accounts.display.shape == (31, 6)
    groups_shown = list(dict.fromkeys(accounts.display.index.get_level_values(0)))
    assert groups_shown == [labels.text(f"distribution.region.{r}") for r in ORDER[:4]]
    assert by_group.display.iloc[2, 1:4].tolist() == ["—", "—", "—"]
    found = judged.display.iloc[::2, -1].tolist()
    assert found == [labels.text("verdict.diffusion")] * 2 + ["—"]
    assert judged.display.iloc[1, :4].tolist() == ["(0.020)", "(0.100)", "(0.100)", "(0.200)"]
    assert labels.text("verdict.siphon") in judged.note()
    assert "Wooldridge" in judged.note()
    assert "Wooldridge" in accounts.note()
    for text in ("mine", "islands", labels.text("correction.lee_yu_bias")):
        assert text in judged.note()


def test_negative_list_shows_letters_and_counts_the_clear(labels, names):
    quotients, structures, listed = industry_tables(labels, names)
    assert listed.display.iloc[0].tolist() == ["A B", "", "2"]
    assert labels.text("industry.note.clear", count=30) in listed.note()
    assert "use_shop" not in listed.note()
    assert "—" in set(quotients.display.iloc[:, 0])
    assert set(structures.display.iloc[:, 0]) == {names["110000"]}


def test_trend_draws_the_chosen_variant(labels):
    trend = coordination_frames()["trend"]
    figure = coordination_drawn.trend_figure(trend, labels, sets=["other", "pair"], variant="standard")
    rows = trend[(trend["set"] == "other") & (trend["variant"] == "standard")].sort_values("period")
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), rows["degree"], atol=EXACT)
    with pytest.raises(DataError, match=r"no trend[\s\S]*absent"):
        coordination_drawn.trend_figure(trend, labels, sets=["absent"], variant="standard")


def arrows():
    units = list(CODES)
    frame = pd.DataFrame({"unit": units, "from": 2023, "to": 2024, "x": numbers(31), "y": numbers(31)})
    return frame.assign(dx=0.05, dy=-0.02)


def test_arrows_are_the_moves(labels, names):
    figure = tiers_drawn.coordinates_figure(
        arrows(), tier_frames()["tiers"], labels, regions=regions.region_of("nbs4"), names=names
    )
    quivers = [axes.collections[0] for axes in figure.axes]
    assert sum(len(quiver.U) for quiver in quivers) == 31
    np.testing.assert_allclose(quivers[0].U, 0.05, atol=EXACT)
    with pytest.raises(DataError, match="no tier or region"):
        tiers_drawn.coordinates_figure(
            arrows(), tier_frames()["tiers"].query("period == 2024"), labels,
            regions=regions.region_of("nbs4"), names=names,
        )  # fmt: skip


def test_matrix_leaves_the_diagonal_blank_and_is_centred_on_zero(labels, names):
    rows = [(a, b, 1.0 if a == b else -0.5) for a in CODES for b in CODES]
    matrix = pd.DataFrame(rows, columns=["receiver", "sender", "effect"])
    figure = ledger_drawn.matrix_figure(matrix, ledger(), labels, names, "Y")
    mesh = figure.axes[0].collections[0]
    assert mesh.get_clim() == (-0.5, 0.5)
    assert np.ma.getmaskarray(mesh.get_array()).sum() == 31
    with pytest.raises(DataError, match="other units"):
        ledger_drawn.matrix_figure(matrix, ledger().head(30), labels, names, "Y")


def test_interval_figures_hold_rank_and_verdict(labels, names):
    intervals = long(rank=np.tile([40.0, 3.0], 31), lower=1.0, upper=5.0)
    ranks = index_drawn.rank_intervals_figure(intervals, labels, names=names, year=2024, level=0.9)
    assert len(ranks.axes[0].get_yticks()) == 31
    effects = ledger_drawn.indirect_figure(verdicts(), labels, term="T", level=0.95)
    assert len(effects.axes[0].get_yticks()) == 2
    assert figure_bytes(effects, "svg") == figure_bytes(effects, "svg")


def test_maps_carry_every_province(labels):
    basemap = provinces_basemap("GS", "source")
    frames = coordination_frames()
    made = coordination_drawn.coordination_maps(
        frames["coordination"], labels, basemap, sets=["pair"], years=[2024], variant="corrected"
    )
    assert list(made) == ["coordination_map_pair"]
    tiers_drawn.tier_map(tier_frames()["tiers"], labels, basemap, years=YEARS)
    industry_drawn.industry_map(industry_frames()["industry"], labels, basemap, year=2024)
    drawn = ledger_drawn.ledger_map(ledger().head(29), labels, basemap, term="T", outcome="Y")
    assert any("87" in text.get_text() for text in drawn.texts)
