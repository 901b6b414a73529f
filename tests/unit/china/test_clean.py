import json

import numpy as np
import pandas as pd
import pytest
from snapshot_files import ROOT, clean, scheme_yaml, table

from shuyi.china.clean import DERIVATIONS, DERIVED, LONG_VARIABLES, MAIN_VARIABLES, build_panel
from shuyi.china.provinces import codes
from shuyi.data.deflate import chain
from shuyi.data.imputation import fill_gaps, impute
from shuyi.data.series import (
    Caveat,
    Series,
    SeriesTable,
    break_years,
    caveats_from,
    series_table,
    withdraw_doubtful,
)
from shuyi.errors import DataError

EXACT = 1e-12
"""Relative: the same products of a few factors in another order."""

ROUNDING = 0.15e8
"""CNY: GRP and its three sectors are each rounded to 0.1 (100 million CNY)."""

BEIJING, TIBET, XINJIANG, SHANGHAI = (codes().index(c) for c in ("110000", "540000", "650000", "310000"))


def series(values, first_year=2015, name="x"):
    return Series(name, np.asarray(values, float), first_year, "CNY")


def figure(indicator, code, year):
    rows = table("provincial_figures").set_index(["indicator", "province_code", "year"])["value"]
    return float(rows[(indicator, code, str(year))])


def test_chain_forward_backward_and_across_the_base_year():
    index = series([[110.0], [120.0], [50.0]], 2016)
    np.testing.assert_allclose(chain(index, 2015, 2015, 2018)[:, 0], [1.0, 1.1, 1.32, 0.66], rtol=EXACT)
    np.testing.assert_allclose(
        chain(index, 2018, 2015, 2018)[:, 0], [1 / 0.66, 1 / 0.6, 2.0, 1.0], rtol=EXACT
    )
    np.testing.assert_allclose(chain(index, 2016, 2015, 2017)[:, 0], [1 / 1.1, 1.0, 1.2], rtol=EXACT)
    np.testing.assert_allclose(chain(index, 2015, 2017, 2018)[:, 0], [1.32, 0.66], rtol=EXACT)
    np.testing.assert_array_equal(chain(index, 2015, 2015, 2015), [[1.0]])


def test_chain_needs_every_year_between_base_and_panel():
    with pytest.raises(DataError, match=r"'x' does not cover[\s\S]*2016-2018[\s\S]*2015-2018"):
        chain(series([[110.0], [120.0], [50.0]], 2016), 2014, 2016, 2018)


def test_real_grp_per_resident_by_hand():
    level = figure("gdp_nominal", "110000", 2015) * 1e8
    for year in (2016, 2017):
        level *= figure("gdp_index_prev100", "110000", year) / 100
    residents = figure("population_resident", "110000", 2017) * 1e4
    panel = clean().panel
    assert panel["gdp_real"][1, BEIJING] == pytest.approx(level, rel=EXACT)
    assert panel["ln_gdp_pc"][1, BEIJING] == pytest.approx(np.log(level / residents), rel=EXACT)


def test_real_grp_equals_nominal_grp_in_the_base_year():
    panel = clean(2016, 2024, 2018).panel.select(periods=[2018])
    np.testing.assert_allclose(panel["gdp_real"], panel["gdp_nominal"], rtol=EXACT)
    np.testing.assert_allclose(panel["income_real"], panel["disposable_income_pc"], rtol=EXACT)


def test_real_growth_is_the_printed_index():
    panel = clean().panel
    growth = 100 * panel["gdp_real"][1:] / panel["gdp_real"][:-1]
    np.testing.assert_allclose(growth, panel["gdp_index_prev100"][1:], rtol=EXACT)


def test_income_is_deflated_by_the_chained_consumer_prices():
    prices = figure("cpi_prev100", "540000", 2016) / 100 * figure("cpi_prev100", "540000", 2017) / 100
    real = figure("disposable_income_pc", "540000", 2017) / prices
    assert clean().panel["ln_income_pc"][1, TIBET] == pytest.approx(np.log(real), rel=EXACT)


def test_ratios_are_in_base_units():
    panel = clean().panel
    patents = figure("patent_grants", "110000", 2024) / figure("population_resident", "110000", 2024)
    assert panel["patents_per_10k"][-1, BEIJING] == pytest.approx(patents, rel=EXACT)
    turnover = figure("tech_market_turnover", "110000", 2024) / figure("gdp_nominal", "110000", 2024)
    assert panel["tech_market_share"][-1, BEIJING] == pytest.approx(turnover, rel=EXACT)
    assert panel["density"][-1, BEIJING] == pytest.approx(
        figure("population_resident", "110000", 2024) * 1e4 / 16_420, rel=EXACT
    )


def test_identities_hold_in_the_panel():
    panel = clean().panel
    sectors = panel["va_primary"] + panel["va_secondary"] + panel["va_tertiary"]
    assert np.abs(sectors - panel["gdp_nominal"]).max() <= ROUNDING
    shares = panel["primary_share"] + panel["secondary_share"] + panel["tertiary_share"]
    np.testing.assert_allclose(shares, 1.0, atol=(ROUNDING / panel["gdp_nominal"]).max())


def test_main_panel_covers_31_provinces_and_9_years_with_units_and_known_gaps():
    cleaned = clean()
    panel = cleaned.panel
    assert (panel.n, panel.T, panel.units) == (31, 9, codes())
    assert set(MAIN_VARIABLES) <= set(panel.variables)
    assert set(cleaned.units) == set(panel.variables)
    assert cleaned.units["ln_gdp_pc"] == "ln of CNY per resident at 2015 prices"
    assert {(g.variable, g.unit, len(g.years)) for g in cleaned.gaps} == {
        ("broadband_users_rural", "310000", 3),
        ("software_revenue", "540000", 9),
        ("it_service_revenue", "540000", 9),
        ("tech_market_turnover", "540000", 1),
        ("tech_market_share", "540000", 1),
    }
    assert cleaned.outside == {"fiscal_scitech_expenditure": (2011, 2023)}
    assert cleaned.imputation_log == ()
    assert set(cleaned.imputation_shares.values()) == {0.0}


def test_long_panel_fills_the_one_doubtful_cell_and_logs_it():
    cleaned = clean(2011, 2024, 2015, LONG_VARIABLES)
    (cell,) = cleaned.imputation_log
    before, after = figure("va_secondary", "650000", 2014), figure("va_secondary", "650000", 2016)
    assert (cell.series, cell.unit, cell.year, cell.method) == ("va_secondary", "650000", 2015, "linear")
    assert [year for year, _ in cell.neighbours] == [2014, 2016]
    assert cell.value == pytest.approx(1e8 * (before + after) / 2, rel=EXACT)
    assert cleaned.panel["va_secondary"][4, XINJIANG] == cell.value
    assert (
        cleaned.imputation_shares["va_secondary"] == cleaned.imputation_shares["secondary_share"] == 1 / 434
    )
    assert cleaned.imputation_shares["ln_gdp_pc"] == 0.0


def test_long_and_main_panel_agree_where_they_overlap():
    long = clean(2011, 2024, 2015, LONG_VARIABLES).panel.select(periods=range(2016, 2025))
    for variable in LONG_VARIABLES:
        np.testing.assert_allclose(long[variable], clean().panel[variable], rtol=EXACT)


def test_record_is_plain_data_with_recipes():
    record = json.loads(json.dumps(clean().to_record(), allow_nan=False))
    assert record["variables"]["gdp_real"]["formula"] == (
        "gdp_nominal in 2015 × gdp_index_prev100 chained to 2015 = 1"
    )
    assert record["variables"]["ln_gdp_pc"]["series"] == [
        "gdp_index_prev100", "gdp_nominal", "population_resident",
    ]  # fmt: skip
    assert any(c["series"] == "ecommerce_enterprises" and c["kind"] == "break" for c in record["caveats"])


def test_year_outside_coverage_names_every_series_and_its_coverage():
    with pytest.raises(DataError) as caught:
        clean(2011, 2024, 2015)
    message = str(caught.value)
    assert "retail_sales for 2011-2024 (coverage 2016-2024)" in message
    assert "disposable_income_pc for 2011-2024 (coverage 2016-2024)" in message
    with pytest.raises(DataError, match=r"cpi_prev100 for 2015-2024 \(coverage 2016-2024\)"):
        clean(2016, 2024, 2014)
    with pytest.raises(DataError, match=r"fiscal_scitech_expenditure for 2016-2024 \(coverage 2011-2023\)"):
        clean(2016, 2024, 2015, ("scitech_share",))
    with pytest.raises(DataError, match="ends before it begins"):
        clean(2024, 2016, 2015)


def test_variable_that_needs_earlier_variables_brings_them():
    panel = clean(2016, 2023, 2015, ("ln_gdp_pc", "scitech_share")).panel
    assert {"gdp_real", "gdp_pc_real", "ln_gdp_pc", "scitech_share"} <= set(panel.variables)
    assert "retail_share" not in panel.variables


def test_unknown_variable_is_refused_with_the_nearest():
    with pytest.raises(DataError, match=r"found: ln_gpd_pc[\s\S]*did you mean 'ln_gdp_pc'"):
        clean(2016, 2024, 2015, ("ln_gpd_pc",))


def test_zero_denominator_is_named():
    figures = table("provincial_figures")
    hit = (
        (figures["indicator"] == "gdp_nominal")
        & (figures["province_code"] == "310000")
        & (figures["year"] == "2020")
    )
    figures.loc[hit, "value"] = "0"
    with pytest.raises(DataError, match=r"'fiscal_share' is not finite[\s\S]*310000 2020"):
        build_panel(
            figures, table("codebook"), table("caveats"),
            first_year=2016, last_year=2024, base_year=2015, variables=["fiscal_share"],
        )  # fmt: skip


def test_every_recipe_follows_its_inputs_and_has_a_unit_and_a_formula():
    known = {*table("codebook")["indicator"], "area_km2"}
    for recipe in DERIVED:
        assert {i.partition("@")[0] for i in recipe.inputs} <= known
        assert set(recipe.scales) < set(recipe.inputs)
        assert recipe.unit and recipe.formula
        known.add(recipe.name)


def test_every_derived_variable_and_sub_score_has_a_label_in_both_languages():
    labels = pd.concat(pd.read_csv(path) for path in sorted((ROOT / "config" / "labels").glob("*.csv")))
    labels = labels.set_index("key")
    dimensions = [f"digital_{d['id']}" for d in scheme_yaml()["dimensions"]]
    wanted = [recipe.name for recipe in DERIVED] + dimensions
    assert labels.loc[wanted, ["en", "zh"]].notna().all(axis=None)
    assert labels.index.is_unique


def test_origins_with_and_without_what_only_scales():
    assert DERIVATIONS.origins(["ln_gdp_pc"]) == ("gdp_index_prev100", "gdp_nominal", "population_resident")
    assert DERIVATIONS.origins(["ln_gdp_pc"], measured=True) == ("gdp_index_prev100", "gdp_nominal")
    assert DERIVATIONS.origins(["fiscal_share", "retail_sales"], measured=True) == (
        "fiscal_expenditure",
        "retail_sales",
    )
    assert DERIVATIONS.formula("retail_share", 2015) == "retail_sales / gdp_nominal"


def test_linear_and_geometric_fill_inside_gaps_only():
    hole = series([[np.nan], [1.0], [np.nan], [np.nan], [8.0], [np.nan]])
    linear, cells = fill_gaps(hole, ["a"], "linear")
    np.testing.assert_allclose(linear[:, 0], [np.nan, 1.0, 1 + 7 / 3, 1 + 14 / 3, 8.0, np.nan], rtol=EXACT)
    geometric, _ = fill_gaps(hole, ["a"], "geometric")
    np.testing.assert_allclose(geometric[:, 0], [np.nan, 1.0, 2.0, 4.0, 8.0, np.nan], rtol=EXACT)
    assert [(c.year, c.neighbours) for c in cells] == [
        (2017, ((2016, 1.0), (2019, 8.0))),
        (2018, ((2016, 1.0), (2019, 8.0))),
    ]
    assert np.isnan(hole.values[2, 0]), "the printed series stays as it is"


def test_no_fill_across_a_break():
    hole = SeriesTable({"x": series([[1.0], [np.nan], [3.0]])}, ("a",))
    broken = (Caveat("x", "break", ("a",), 2016, 2016, ""),)
    assert break_years(broken, "x") == (2016,)
    filled, log = impute(hole, {"x": "linear"}, broken)
    assert log == ()
    assert np.isnan(filled["x"].values[1, 0])
    late = (Caveat("x", "break", ("a",), 2015, 2015, ""),)
    assert impute(hole, {"x": "linear"}, late)[1][0].value == 2.0


def test_series_without_a_rule_keeps_its_gaps():
    hole = SeriesTable({"x": series([[1.0], [np.nan], [3.0]])}, ("a",))
    assert np.isnan(impute(hole, {})[0]["x"].values[1, 0])


def test_imputation_refuses_unknown_methods_and_logs_of_zero():
    with pytest.raises(DataError, match=r"'spline'[\s\S]*linear, geometric"):
        fill_gaps(series([[1.0]]), ["a"], "spline")
    with pytest.raises(DataError, match=r"positive neighbours[\s\S]*a around 2016"):
        fill_gaps(series([[0.0], [np.nan], [3.0]]), ["a"], "geometric")


def test_only_doubtful_cells_are_withdrawn():
    printed = series_table(table("provincial_figures"), table("codebook"), codes())
    kept = withdraw_doubtful(printed, caveats_from(table("caveats"), codes()))
    changed = [
        n for n in printed.series if not np.array_equal(printed[n].values, kept[n].values, equal_nan=True)
    ]
    assert changed == ["va_secondary"]
    assert np.argwhere(np.isnan(kept["va_secondary"].values)).tolist() == [[4, XINJIANG]]


def test_repeated_figures_unknown_series_and_units_are_refused():
    figures, codebook = table("provincial_figures"), table("codebook")
    twice = figures.iloc[[0, *range(len(figures))]]
    with pytest.raises(DataError, match=r"broadband_access_users.*more than one figure[\s\S]*110000 2016"):
        series_table(twice, codebook, codes())
    with pytest.raises(DataError, match=r"no row for gdp_nominal"):
        series_table(figures, codebook[codebook["indicator"] != "gdp_nominal"], codes())
    with pytest.raises(DataError, match=r"unknown units furlongs"):
        series_table(figures, codebook.replace({"unit": {"km": "furlongs"}}), codes())
    with pytest.raises(DataError, match=r"no official series 'gdp_nominl'[\s\S]*did you mean 'gdp_nominal'"):
        series_table(figures, codebook, codes())["gdp_nominl"]
