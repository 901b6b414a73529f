"""What people have in hand is read: LaTeX, HTML, Word, Excel, pasted text, Chinese headings."""

import printed
import pytest

from shuyi.review import Verdict, check_table
from shuyi.review.readers import read_tables
from shuyi.review.readers.excel import formatted
from shuyi.review.table import model_of


def one(name, content):
    (table,) = read_tables(name, content if isinstance(content, bytes) else content.encode())
    return table


def value(estimate):
    return estimate.value.value


LAYOUTS = {
    "esttab": ("a.tex", printed.SDM_TEX),
    "outreg2": ("a.tex", printed.OUTREG2),
    "modelsummary": ("a.tex", printed.MODELSUMMARY),
    "shuyi": ("a.tex", printed.OWN),
    "stargazer": ("a.html", printed.STARGAZER),
    "aligned": ("a.txt", printed.ALIGNED),
    "single blanks": ("a.txt", printed.SINGLE_BLANKS),
    "side by side": ("a.txt", printed.SIDE_BY_SIDE),
    "word": ("a.docx", printed.word_file()),
    "excel": ("a.xlsx", printed.excel_file()),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_coefficients_of_a_correct_table_pass(layout):
    table = one(*LAYOUTS[layout])
    assert table.columns[0].rho.value.text.replace("−", "-") == "-0.090" or layout == "shuyi"
    report = check_table(table)
    assert report.failed == ()
    assert len(report.checks) >= 7


def test_esttab_of_xsmle():
    table = one(*LAYOUTS["esttab"])
    sdm, sar = table.columns
    assert (sdm.name, sdm.model, sar.model) == ("(1) SDM", "sdm", "sar")
    assert (table.beside, table.stars) == ("t", (0.1, 0.05, 0.01))
    assert set(sdm.b) == set(sdm.theta) == {"dig", "urban"}
    assert sdm.b["dig"].stars == 2
    assert value(sdm.sigma2) == 0.00024
    assert value(sdm.effects["dig"].total) == 0.066
    assert (sdm.N, sdm.loglik.value, sdm.r2.value) == (279, 766.1, 0.266)


def test_equations_in_columns_of_outreg2_are_one_model():
    (column,) = one(*LAYOUTS["outreg2"]).columns
    assert model_of(column) == "sdm"
    assert (value(column.b["dig"]), value(column.theta["dig"]), value(column.rho)) == (0.121, -0.049, -0.09)
    assert value(column.effects["dig"].direct) == 0.122
    assert (column.N, column.n) == (279, 31)


def test_modelsummary_with_tabularray():
    table = one(*LAYOUTS["modelsummary"])
    assert table.id == "Spatial Durbin and lag models"
    assert table.stars == (0.05, 0.01, 0.001)
    sdm = table.columns[0]
    assert (value(sdm.b["dig"]), sdm.b["dig"].beside.value, value(sdm.theta["dig"])) == (0.121, 0.049, -0.049)
    assert (sdm.aic.value, sdm.loglik.value, sdm.N) == (-1290.9, 657.45, 279)


def test_own_latex():
    table = one(*LAYOUTS["shuyi"])
    assert (table.beside, table.row_standardised, table.weights) == (
        "se",
        True,
        "Contiguity, row-standardised",
    )
    sdm = table.columns[1]
    assert (sdm.name, sdm.n, sdm.T, sdm.n_effective) == ("SDM clustered", 31, 9, 240)
    assert sdm.aic.value == -1290.9
    assert sdm.sigma2.value.text == "0.00024"


def test_the_lag_of_the_outcome_is_rho():
    column = one(*LAYOUTS["stargazer"]).columns[0]
    assert value(column.rho) == -0.09
    assert not column.theta


def test_word_with_a_merged_heading():
    table = one(*LAYOUTS["word"])
    assert table.id == "Table 3. Estimates"
    assert (table.beside, table.row_standardised) == ("se", True)
    sdm = table.columns[0]
    assert sdm.model == "sdm"
    (effect,) = sdm.effects.values()
    assert (value(effect.direct), value(effect.indirect), value(effect.total)) == (0.122, -0.056, 0.066)


def test_excel_prints_numbers_as_their_formats_do():
    sdm = one(*LAYOUTS["excel"]).columns[0]
    assert (sdm.theta["dig"].value.text, sdm.rho.value.text) == ("-0.049", "-0.090")


@pytest.mark.parametrize(
    ("number", "number_format", "text"),
    [
        (0.12, "0.000", "0.120"),
        (1234.5, "#,##0.00", "1234.50"),
        (0.125, "0.0%", "12.5%"),
        (0.5, "General", "0.5"),
    ],
)
def test_formats_of_excel(number, number_format, text):
    assert formatted(number, number_format) == text


def test_chinese_effects_with_t_values_in_columns_of_their_own():
    table = one("a.txt", printed.CHINESE_EFFECTS)
    assert table.stars == (0.1, 0.05, 0.01)
    effect = table.columns[0].effects["DIF"]
    assert (effect.direct.kind, effect.direct.beside.value, effect.total.stars) == ("t", 3.24, 3)
    assert [(c.identity, c.place) for c in check_table(table).failed] == [("A1", "effects: CPE")]


def test_models_over_direct_indirect_and_total():
    table = one("a.txt", printed.SPANS)
    assert [c.name for c in table.columns] == ["SDM", "SAR"]
    assert value(table.columns[1].effects["urban"].total) == 0.869


def test_errors_t_and_p_in_columns_of_their_own():
    column = one(*LAYOUTS["side by side"]).columns[0]
    dig = column.b["dig"]
    assert (dig.kind, dig.beside.value, dig.t.value, dig.p.value) == ("se", 0.049, 2.47, 0.014)
    checks = check_table(one(*LAYOUTS["side by side"])).checks
    assert sum(c.identity == "B8" for c in checks) == 8


def test_stata_console():
    (column,) = one("a.txt", printed.CONSOLE).columns
    assert (column.model, column.N, column.n, column.T, column.loglik.value) == ("sdm", 279, 31, 9, 766.1)
    assert (value(column.b["dig"]), column.b["dig"].beside.value, column.b["dig"].p.value) == (
        0.121,
        0.049,
        0.014,
    )
    assert (value(column.theta["urban"]), value(column.effects["dig"].indirect)) == (0.074, -0.056)
    assert check_table(one("a.txt", printed.CONSOLE)).failed == ()


def test_chinese_models_with_tests_below():
    table = one("a.txt", printed.CHINESE_MODELS)
    first = table.columns[0]
    assert (table.beside, table.stars) == ("t", (0.1, 0.05, 0.01))
    assert (first.name, first.model) == ("(1)邻接矩阵", "sdm")
    assert (value(first.rho), value(first.theta["dig"]), first.N) == (0.29, -0.049, 279)
    assert [(b.name, b.lag.p.value) for b in table.lm] == [("(1)邻接矩阵", 0.0), ("(2)经济距离矩阵", 0.001)]
    assert any("控制变量" in note for note in table.notes)
    assert check_table(table).failed == ()


def test_short_run_effects_as_rows():
    text = (
        "\t(1)\nL.lnCO2\t0.612\nL.W.lnCO2\t-0.110\nDE\t-0.052\nrho\t0.214\nShort-run total effect\t-0.066\n"
    )
    (column,) = one("a.txt", text).columns
    assert (value(column.tau), value(column.eta), list(column.b)) == (0.612, -0.11, ["DE"])
    assert value(column.short["DE"].total) == -0.066


def test_chinese_lm_tests():
    text = (
        "检验方法\tχ2\tP\nLM(error)检验\t46.21\t0.000\n稳健LM(error)检验\t12.44\t0.000\n"
        "LM(lag)检验\t37.05\t0.000\n稳健LM(lag)检验\t3.28\t0.070\nHausman检验\t52.33\t0.000\n"
    )
    table = one("a.txt", text)
    (block,) = table.lm
    assert (block.robust_error.statistic.value, block.robust_lag.p.value) == (12.44, 0.07)
    assert check_table(table).failed == ()


def test_panels_name_the_effects():
    effect = one("a.csv", printed.PANELS).columns[1].effects["dig"]
    assert (value(effect.direct), value(effect.indirect), value(effect.total)) == (0.132, -0.006, 0.126)


def test_dynamic_model_with_short_and_long_run():
    (column,) = one("a.txt", printed.DYNAMIC).columns
    assert (value(column.tau), value(column.eta), value(column.rho)) == (0.512, -0.101, 0.19)
    assert (value(column.short["dig"].total), value(column.long["dig"].total)) == (0.089, 0.18)


def test_runs_as_headings_of_rows():
    (column,) = one("a.txt", printed.RUNS).columns
    assert (value(column.short["dig"].total), value(column.long["dig"].total)) == (0.089, 0.18)


def test_t_values_in_columns_of_their_own():
    sar, sdm = one("a.txt", printed.COLUMNS_OF_T).columns
    assert (sar.model, sdm.model) == ("sar", "sdm")
    assert (sdm.theta["dig"].kind, sdm.theta["dig"].beside.value, "dig" in sar.theta) == ("t", -0.49, False)
    assert (sar.loglik.value, sdm.r2.value) == (650.06, 0.266)


@pytest.mark.parametrize(
    ("text", "groups", "z"),
    [
        (printed.MORAN_FULL, {""}, 2.43),
        (printed.MORAN_BY_WEIGHTS, {"邻接矩阵", "经济距离矩阵"}, 2.42),
        (printed.MORAN_IN_CELLS, {"W1", "W2"}, 2.42),
    ],
)
def test_layouts_of_moran(text, groups, z):
    table = one("a.txt", text)
    assert {m.group for m in table.moran} == groups
    assert table.moran[0].z.value == z
    assert check_table(table).failed == ()


def test_lm_tests_of_two_models():
    table = one("a.md", printed.LM_MARKDOWN)
    assert [b.name for b in table.lm] == ["Livser", "Infser"]
    assert {(c.identity, c.place) for c in check_table(table).failed} == {
        ("B2", "Infser: LM-lag"),
        ("B3", "Livser"),
        ("C1", "Infser"),
    }


def test_lm_tests_with_p_below_the_statistic():
    table = one("a.html", printed.LM_HTML)
    assert [b.name for b in table.lm] == ["W1", "W2"]
    assert table.lm[0].lag.p.value == 0
    assert check_table(table).failed == ()


@pytest.mark.parametrize(
    ("name", "text"), [("a.txt", printed.MORAN_CHINESE), ("a.csv", printed.MORAN_ACROSS)]
)
def test_moran_by_year(name, text):
    table = one(name, text)
    assert [m.period for m in table.moran] == ["2011", "2012", "2013", "2014", "2015"]
    assert table.moran[0].z.value == 2.42
    assert check_table(table).failed == ()


def test_a_mistyped_moran_is_found():
    table = one("a.txt", printed.MORAN_CHINESE.replace("0.236", "0.736"))
    assert [c.place for c in check_table(table).failed if c.identity == "F1"] == ["2013"]


def test_weights_of_an_index_with_dimensions():
    table = one("a.csv", printed.INDEX)
    assert {k: w.value for k, w in table.dimension_weights.items()} == {"Base": 0.45, "Use": 0.55}
    assert [w.dimension for w in table.index_weights] == ["Base", "Base", "Use", "Use"]
    report = check_table(table)
    assert report.failed == ()
    assert {"H1", "H2", "H3"} <= {c.identity for c in report.checks}


def test_several_tables_of_a_file():
    text = printed.SDM_TEX + printed.OWN
    assert len(read_tables("a.tex", text.encode())) == 2


def test_gbk_text_is_read():
    (table,) = read_tables("a.txt", printed.CHINESE_EFFECTS.encode("gbk"))
    assert "CPE" in table.columns[0].effects


def test_what_is_not_understood_is_named():
    text = printed.ALIGNED.replace("rho    ", "Strange").replace(
        "W*dig               -0.049", "Controls            Yes"
    )
    notes = one("a.txt", text).notes
    assert any("Controls" in note for note in notes)


def test_parentheses_without_label_are_not_read_where_stars_do_not_tell():
    text = "\tSDM\ndig\t0.121\n\t(0.049)\nrho\t0.1\n\t(0.2)\n"
    table = one("a.txt", text)
    assert table.beside == ""
    assert not any(c.identity == "B1" for c in check_table(table).checks)


def test_a_wrong_label_is_told_by_the_stars():
    text = printed.ALIGNED.replace("Standard errors in", "t statistics in")
    report = check_table(one("a.txt", text))
    (check,) = [c for c in report.checks if c.identity == "B4"]
    assert (check.verdict, check.implied, check.reason) == (Verdict.FAILS, "se", "holds_se")
    assert not any(c.identity == "B1" for c in report.failed)
