"""Tables: numbers as text, the five formats, byte-identical files, and what each table states."""

import io as stdlib_io
import re
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr
from words import read_labels, rows

from shuyi import files as shuyi_files
from shuyi.analyses.autocorrelation import tables as autocorrelation_tables
from shuyi.analyses.description import tables
from shuyi.analyses.description.statistics import describe, pearson, variance_inflation
from shuyi.analyses.index import tables as index_tables
from shuyi.errors import ConfigError, DataError
from shuyi.indices import load_scheme
from shuyi.panel import Panel
from shuyi.publish import html, latex, layout, numbers
from shuyi.publish import notes as publish_notes
from shuyi.publish import table as publish_table
from shuyi.weights import Weights

ROUNDING = 1e-12
"""Sums of fewer than a hundred float64 terms of order one."""

ROOT = Path(__file__).parents[3]
OPTIONS = numbers.TableOptions()


@pytest.fixture(scope="module")
def panel():
    names = ("ln_gdp_pc", "digital", "urbanisation", "fiscal_share")
    values = np.random.default_rng(0).normal(size=(4, 6, 4))
    return Panel(values, tuple("abcdef"), (2016, 2017, 2018, 2019), names)


def make_table(language="en", cells=None, **changes):
    cells = cells or [["0.123***", "−1.5"], ["(0.045)", "—"], ["279", "a & b_c"]]
    index = pd.MultiIndex.from_tuples([("100% & more", "W × x_1"), ("100% & more", ""), ("Model", "n")])
    columns = pd.MultiIndex.from_tuples([("Both", "(1)"), ("Both", "(2) ρ")])
    fields = {
        "id": "estimates",
        "title": "Title",
        "heading": "Table 7. Title",
        "data": pd.DataFrame({"name": ["x"], "estimate": [1 / 3]}),
        "display": pd.DataFrame(cells, index=index, columns=columns),
        "notes": ("Notes: first.", "p < 0.1."),
        "language": language,
    }
    return publish_table.Table(**{**fields, **changes})


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "decimals", "text"),
        [
            (1.2345, 3, "1.234"),
            (-0.5, 2, "−0.50"),
            (1234567.891, 1, "1,234,567.9"),
            (0.0, 3, "0.000"),
            (-0.0, 3, "0.000"),
            (0.00042, 3, "<0.001"),
            (-0.00042, 3, ">−0.001"),
            (1e-30, 3, "0.000"),
            (float("nan"), 3, "—"),
            (None, 3, "—"),
            (float("inf"), 2, "∞"),
            (float("-inf"), 2, "−∞"),
        ],
    )
    def test_number(self, value, decimals, text):
        assert numbers.number(value, decimals) == text

    @pytest.mark.parametrize(
        ("p", "text"),
        [(0.0, "<0.001"), (0.00099, "<0.001"), (0.001, "0.001"), (0.04999, "0.050"), (1.0, "1.000")],
    )
    def test_p_value(self, p, text):
        assert numbers.p_value(p) == text

    @given(st.floats(0, 1), st.integers(1, 6))
    def test_a_p_value_never_prints_as_zero(self, p, decimals):
        assert numbers.p_value(p, decimals).strip("0.") != ""

    @given(st.floats(-1e6, 1e6).filter(lambda v: abs(v) > 1e-10), st.integers(0, 6))
    def test_a_number_is_rounded_and_keeps_its_sign_and_size(self, value, decimals):
        text = numbers.number(value, decimals)
        found = float(text.strip("<>").replace("−", "-").replace(",", ""))
        assert (text[0] in "<>") == (float(f"{value:.{decimals}f}") == 0)
        assert np.sign(found) == np.sign(value)
        furthest = 10.0**-decimals if text[0] in "<>" else 0.5 * 10.0**-decimals
        assert abs(found - value) <= furthest * (1 + 1e-9) + np.spacing(abs(value))
        assert "-" not in text

    def test_a_p_value_outside_its_range_is_refused(self):
        with pytest.raises(DataError, match="expected: 0 <= p <= 1"):
            numbers.p_value(1.2)

    @pytest.mark.parametrize(
        ("p", "expected"), [(0.1, ""), (0.09, "*"), (0.05, "*"), (0.01, "**"), (0.0, "***")]
    )
    def test_stars_need_a_p_below_the_level(self, p, expected):
        assert numbers.stars(p, (0.1, 0.05, 0.01)) == expected

    def test_no_levels_no_stars(self):
        assert numbers.starred(1.0, 0.0, numbers.TableOptions(stars=())) == "1.000"

    @pytest.mark.parametrize(
        ("uncertainty", "text"), [("std_error", "(0.500)"), ("t", "(−2.00)"), ("p", "(0.046)")]
    )
    def test_what_stands_in_parentheses(self, uncertainty, text):
        options = numbers.TableOptions(uncertainty=uncertainty)
        assert numbers.in_parentheses(0.5, -2.0, 0.0456, options) == text

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"uncertainty": "se"}, "tables.uncertainty"),
            ({"decimals": -1}, "tables.decimals"),
            ({"stars": (0.01, 0.05)}, "from large to small"),
            ({"stars": (1.5,)}, "between 0 and 1"),
        ],
    )
    def test_wrong_options_are_refused(self, change, message):
        with pytest.raises(ConfigError, match=re.escape(message)):
            numbers.TableOptions(**change)

    def test_count_refuses_fractions(self):
        assert numbers.count(1279.0) == "1,279"
        with pytest.raises(DataError, match=r"279\.5"):
            numbers.count(279.5)

    @pytest.mark.parametrize(
        ("cell", "parts"),
        [
            ("0.123***", ("0.123", "***")),
            ("(0.045)", ("(0.045", ")")),
            ("0.00042", ("0.000", "42")),
            ("−1,290.91", ("−1,290.91", "")),
            ("279", ("279", "")),
            ("[−0.1, 0.2]", ("[−0.1, 0.2", "]")),
            ("Two-way", ("Two-way", "")),
            ("yes (2)", ("yes (2)", "")),
            ("—", ("—", "")),
        ],
    )
    def test_overhang(self, cell, parts):
        assert numbers.overhang(cell, 3) == parts


class TestLayout:
    def test_columns_of_numbers_align_right_and_text_left_or_centred(self):
        display = pd.DataFrame(
            {"a": ["1.0", "—", ""], "b": ["+", "−", "1"], "c": ["a long definition", "1", "+"]}
        )
        assert layout.align_columns(display) == ["right", "center", "left"]

    def test_headings_break_once_near_their_middle(self):
        assert layout.in_two_lines("Real GRP per resident (ln)", 20) == "Real GRP per\nresident (ln)"
        assert layout.in_two_lines("实际人均地区生产总值（对数）", 20) == "实际人均地区生产总值\n（对数）"
        assert layout.in_two_lines("short", 20) == "short"

    def test_chinese_counts_twice(self):
        assert layout.text_width("表7\nab") == 3


@pytest.fixture(scope="module")
def files():
    return html.render(make_table())


class TestRender:
    def test_suffixes(self, files):
        assert tuple(files) == html.SUFFIXES

    def test_csv_keeps_full_precision(self, files):
        found = pd.read_csv(stdlib_io.BytesIO(files[".csv"]))
        assert found["estimate"].item() == 1 / 3

    def test_rounded_csv_reads_back_with_ascii_minus(self, files):
        found = pd.read_csv(stdlib_io.BytesIO(files[".rounded.csv"]), dtype=str, keep_default_na=False)
        assert list(found.columns) == ["group", "row", "Both: (1)", "Both: (2) ρ"]
        assert found["Both: (2) ρ"].tolist() == ["-1.5", "—", "a & b_c"]

    def test_latex_escapes_and_balances(self, files):
        text = files[".tex"].decode()
        assert r"100\% \& more" in text and r"W $\times$ x\_1" in text and r"a \& b\_c" in text
        assert r"0.123\rlap{$^{***}$}" in text and r"(0.045\rlap{)}" in text and "$-$1.5" in text
        assert r"\label{tab:estimates}" in text and r"p \textless{} 0.1." in text
        for name in re.findall(r"\\begin\{(\w+)\}", text):
            assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}")
        body = text[text.index(r"\midrule") : text.index(r"\bottomrule")]
        assert {
            row.count(" & ") for row in body.split(r"\\") if " & " in row and "multicolumn" not in row
        } == {2}

    def test_latex_has_no_unescaped_special_character(self):
        text = latex.escape(r"\ & % $ # _ { } ~ ^ < > − × ρ λ σ² χ² — –")
        plain = re.sub(r"\$[^$]*\$|\\text\w+\{2?\}|\\[&%$#_{}]", "", text)
        assert not re.search(r"[&%$#_{}~^<>−×ρλσ²χ—–]", plain)

    def test_html_is_one_page_without_outside_resources(self, files):
        text = files[".html"].decode()
        assert text.startswith("<!DOCTYPE html>") and '<html lang="en">' in text
        assert not re.search(r"https?://|<script|<link|@import", text)
        assert "a &amp; b_c" in text and '0.123<span class="hang">***</span>' in text

    def test_html_states_the_language(self):
        assert '<html lang="zh-Hans">' in html.render(make_table("zh"))[".html"].decode()

    def test_word_holds_heading_cells_and_notes(self, files):
        document = Document(stdlib_io.BytesIO(files[".docx"]))
        assert document.paragraphs[0].text == "Table 7. Title"
        cells = [cell.text for row in document.tables[0].rows for cell in row.cells]
        assert "0.123***" in cells and "100% & more" in cells
        assert cells[-1] == "Notes: first. p < 0.1."

    def test_word_has_no_date_author_or_clock(self, files):
        with zipfile.ZipFile(stdlib_io.BytesIO(files[".docx"])) as archive:
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            core = archive.read("docProps/core.xml").decode()
        assert not re.search(r"creator|created|modified|lastModifiedBy|20\d\d", core.replace("/2006/", ""))

    @pytest.mark.parametrize("hashseed", ["1", "2"])
    def test_files_are_the_same_in_every_process(self, files, hashseed):
        code = (
            "import sys; sys.path[:0] = sys.argv[1:];"
            "from test_tables import html, make_table; from hashlib import sha256;"
            "print(*(sha256(b).hexdigest() for b in html.render(make_table()).values()))"
        )
        found = subprocess.run(
            [sys.executable, "-c", code, str(Path(__file__).parent), str(Path(__file__).parents[1])],
            env={"PYTHONHASHSEED": hashseed, "OMP_NUM_THREADS": "1", "PATH": "",
                 "PYTHONPATH": str(ROOT / "src")},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert found.stdout.split() == [sha256(content).hexdigest() for content in files.values()]

    def test_wide_text_gets_widths(self):
        display = pd.DataFrame(
            [["a definition of many words", "1"]], index=["x"], columns=["Definition", "n"]
        )
        table = make_table(display=display, widths=(0.2, 0.6, 0.2))
        files = html.render(table)
        assert r"p{\dimexpr0.600\linewidth" in files[".tex"].decode()
        assert "width: 60%" in files[".html"].decode()


class TestTable:
    def test_cells_must_be_text(self):
        with pytest.raises(DataError, match=r"found: 1\.5"):
            make_table(display=pd.DataFrame({"a": [1.5]}))

    def test_scattered_groups_are_refused(self):
        index = pd.MultiIndex.from_tuples([("a", "1"), ("b", "2"), ("a", "3")])
        with pytest.raises(DataError, match="scattered"):
            make_table(display=pd.DataFrame({"x": ["1", "2", "3"]}, index=index))

    def test_widths_must_fit(self):
        with pytest.raises(DataError, match="expected: 3 widths"):
            make_table(widths=(0.5, 0.5))

    def test_an_id_is_a_name(self):
        with pytest.raises(DataError, match="expected: a-z, 0-9 and _"):
            make_table(id="Table 7")

    def test_notes_join_in_the_manner_of_the_language(self):
        assert make_table(notes=("A.", "B.")).note() == "A. B."
        assert make_table("zh", notes=("甲。", "乙。")).note() == "甲。乙。"


class TestDescription:
    def test_standard_deviations_of_a_hand_worked_panel(self):
        values = np.array([[1.0, 5.0], [3.0, 7.0]])[:, :, None]
        row = describe(Panel(values, ("a", "b"), (1, 2), ("x",)), ["x"]).iloc[0]
        assert row["mean"] == 4.0 and row["median"] == 4.0 and row["n"] == 4
        assert row["sd"] == pytest.approx(np.sqrt(20 / 3), rel=ROUNDING)
        assert row["sd_between"] == pytest.approx(np.sqrt(8), rel=ROUNDING)
        assert row["sd_within"] == pytest.approx(np.sqrt(4 / 3), rel=ROUNDING)

    def test_total_variation_is_between_plus_within(self, panel):
        rows = describe(panel, panel.variables)
        total = rows["sd"] ** 2 * (panel.n * panel.T - 1)
        within = rows["sd_within"] ** 2 * (panel.n * panel.T - 1)
        between = panel.T * rows["sd_between"] ** 2 * (panel.n - 1)
        np.testing.assert_allclose(total, within + between, rtol=ROUNDING)

    def test_missing_cells_are_left_out(self, panel):
        values = panel.values.copy()
        values[0, 0, 0] = np.nan
        gap = Panel(values, panel.units, panel.periods, panel.variables)
        row = describe(gap, ["ln_gdp_pc"]).iloc[0]
        known = values[:, :, 0][~np.isnan(values[:, :, 0])]
        assert row["n"] == 23 and row["mean"] == pytest.approx(known.mean(), rel=ROUNDING)

    def test_descriptive_statistics(self, panel, labels):
        table = tables.descriptive_statistics_table(panel, panel.variables, labels, OPTIONS)
        assert table.display.shape == (4, 8)
        assert table.display.index[1] == labels.term("digital")
        assert "n = 6" in table.note() and "2016–2019" in table.note()

    def test_correlations_are_numpys(self, panel):
        found = pearson(panel, ("digital", "urbanisation"))
        flat = panel.array(("digital", "urbanisation")).reshape(-1, 2)
        expected = np.corrcoef(flat.T)[0, 1]
        assert found["correlation"].tolist() == pytest.approx([1, expected, 1], rel=ROUNDING)
        assert np.isnan(found["p_value"].iloc[0]) and 0 < found["p_value"].iloc[1] < 1

    def test_p_values_of_correlations_allow_for_years_of_one_unit(self):
        rng = np.random.default_rng(2)
        rejected, plain = [], []
        for _ in range(100):
            walks = rng.standard_normal((9, 31, 2)).cumsum(axis=0) + 3 * rng.standard_normal((31, 2))
            units = tuple(f"u{i:02d}" for i in range(31))
            panel = Panel(walks, units, tuple(range(2016, 2025)), ("a", "b"))
            found = pearson(panel, ("a", "b"))["p_value"].iloc[1]
            rejected.append(found < 0.05)
            plain.append(pearsonr(*walks.reshape(-1, 2).T).pvalue < 0.05)
        # Three binomial errors of 100 panels around .05; observations taken as independent reject most.
        assert np.mean(rejected) < 0.05 + 3 * 0.0218 and np.mean(plain) > 0.3

    def test_variance_inflation_is_the_inverse_correlation_matrix(self, panel):
        names = ("digital", "urbanisation", "fiscal_share")
        found = variance_inflation(panel, names, "twoways")
        flat = panel.array(names).reshape(-1, 3)
        within = panel.array(names)
        within = within - within.mean(0) - within.mean(1, keepdims=True) + within.mean((0, 1))
        for column, data in (("vif", flat), ("vif_within", within.reshape(-1, 3))):
            expected = np.diag(np.linalg.inv(np.corrcoef(data.T)))
            np.testing.assert_allclose(found[column], expected, rtol=1e-9)

    def test_correlations_are_lower_triangular_and_says_what_the_factors_hold(self, panel, labels):
        table = tables.correlations_table(panel, panel.variables, panel.variables[1:], labels, OPTIONS)
        cells = table.display.iloc[:, :4].to_numpy()
        assert all(cells[i, j] == "" for i in range(4) for j in range(i + 1, 4))
        assert [cells[i, i] for i in range(4)] == ["1"] * 4
        assert table.display.iloc[0, 4] == "—"
        assert labels.text("effects.twoways") in table.note()

    def test_correlations_refuse_gaps(self, panel):
        values = panel.values.copy()
        values[0, 0, 1] = np.nan
        with pytest.raises(DataError, match="missing cells in digital"):
            pearson(Panel(values, panel.units, panel.periods, panel.variables), ("digital", "urbanisation"))


def moran_frame(**changes):
    rows = [
        {
            "statistic": "moran", "variable": v, "weights": w, "period": t, "n": 31, "value": 0.25,
            "expected": -1 / 30, "z_random": 2.5, "p_permuted": 1e-4, "permutations": 9999, "seed": 7,
            "alternative": "two-sided",
        }
        for v in ("digital", "ln_gdp_pc") for w in ("contiguity", "my_weights") for t in (2016, 2017)
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(**changes)


class TestMoran:
    def test_moran_table(self, labels):
        table = autocorrelation_tables.moran_table(moran_frame(), labels, OPTIONS)
        assert table.display.shape == (4, 6)
        assert table.display.index[2] == ("my_weights", "2016")
        assert table.display.iloc[0].tolist() == ["0.250***", "2.50", "<0.001"] * 2
        assert "−0.0333" in table.note() and "9,999" in table.note() and "7" in table.note()

    def test_mixed_seeds_are_refused(self, english):
        with pytest.raises(DataError, match="seed: 0, 1"):
            autocorrelation_tables.moran_table(moran_frame(seed=[0, 1] * 4), english, OPTIONS)


class TestVariables:
    RECORD = {
        "variables": {
            "ln_gdp_pc": {
                "formula": "ln gdp_pc_real",
                "unit": "ln of CNY per resident at 2015 prices",
                "series": ["gdp_nominal", "population_resident"],
                "imputed_share": 0.25,
            },
            "gdp_pc_real": {"formula": "gdp_real / population_resident"},
            "gdp_real": {"formula": "gdp_nominal in 2015 × gdp_index_prev100 chained to 2015 = 1"},
        }
    }

    def test_formulas_are_expanded_to_official_series(self, panel):
        row = tables.variable_rows(self.RECORD, panel, "outcome", ["ln_gdp_pc"]).iloc[0]
        assert row["formula"] == (
            "ln ((gdp_nominal in 2015 × gdp_index_prev100 chained to 2015 = 1) / population_resident)"
        )
        assert (row["observations"], row["gaps"], row["imputed_share"]) == (24, 6, 0.25)

    def test_variables_of_the_user_say_so(self, panel, english):
        rows = tables.variable_rows(self.RECORD, panel, "control", ["fiscal_share"])
        table = tables.variables_table(rows, panel, english)
        assert table.display.iloc[0, 0] == "Supplied by the user"

    def test_definitions_and_units_are_in_the_language(self, panel):
        chinese = read_labels("zh")
        rows = tables.variable_rows(self.RECORD, panel, "outcome", ["ln_gdp_pc"])
        table = tables.variables_table(rows, panel, chinese)
        definition, unit = table.display.iloc[0, :2]
        assert not re.search(r"[a-z]{3,}", definition) and "地区生产总值（2015年）" in definition
        assert unit == "元/人（2015年价）的对数"
        assert table.display.iloc[0, -1] == "25.0"

    def test_gaps_of_indicators_are_the_cells_that_a_rule_filled(self, panel):
        frame = pd.DataFrame(
            {
                "indicator": ["a", "b"], "dimension": "d", "numerator": ["software_revenue", "domain_names"],
                "denominator": ["gdp_nominal", np.nan], "per": [1.0, 100.0], "unit": "u",
                "transform": ["none", "log"], "assumed_cells": [6, 0],
            }
        )  # fmt: skip
        rows = tables.indicator_rows(frame, panel)
        assert rows["formula"].tolist() == ["software_revenue / gdp_nominal", "ln(100 × domain_names)"]
        assert rows["gaps"].tolist() == [6, 0] and rows["imputed_share"].tolist() == [0.25, 0.0]


class TestIndex:
    @pytest.fixture
    def scheme(self):
        root = ROOT / "workflow" / "schemas" / "index_scheme.schema.yaml"
        return load_scheme(
            shuyi_files.read_yaml(ROOT / "config/indices/four_dimensions.yaml"), shuyi_files.read_yaml(root)
        )

    def frame(self, scheme, weight):
        share = [1 / 4] * 4
        rows = [
            {"indicator": i.id, "dimension": i.dimension, "sign": i.sign, "entropy": 0.9, "weight": weight}
            for i in scheme.indicators
        ]
        by_dimension = dict(zip(scheme.dimensions, share, strict=True))
        return pd.DataFrame(rows).assign(dimension_weight=[by_dimension[r["dimension"]] for r in rows])

    def make(self, scheme, labels, weight):
        frame = self.frame(scheme, weight)
        return index_tables.index_weights_table(
            frame, scheme, labels, weighting="entropy", n=31, periods=(2016, 2017)
        )

    def test_index_weights_name_indicators_and_dimensions_in_the_language(self, scheme, labels):
        table = self.make(scheme, labels, 1 / len(scheme.indicators))
        dimension, indicator = table.display.index[0]
        assert indicator == scheme.indicators[0].title[labels.language]
        assert "0.2500" in dimension and next(iter(scheme.dimensions.values()))[labels.language] in dimension
        assert table.display.iloc[0].tolist() == ["+", "0.9000", f"{1 / len(scheme.indicators):.4f}"]
        assert scheme.notes[0][labels.language] in table.note()

    def test_weights_must_sum_to_one(self, scheme, english):
        with pytest.raises(DataError, match="do not sum to one"):
            self.make(scheme, english, 1.0)


class TestWeightsNotes:
    def weights(self, **changes):
        matrix = np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 0]])
        labels = ("440000", "450000", "460000")
        return Weights(**{"matrix": matrix, "labels": labels, "kind": "contiguity", **changes})

    def test_islands_that_stay_are_named(self, labels):
        note = " ".join(publish_notes.weights_notes("contiguity", self.weights(), labels))
        assert {"en": "Hainan", "zh": "海南"}[labels.language] in note

    def test_links_are_named(self, english):
        joined = self.weights(
            matrix=np.ones((3, 3)) - np.eye(3),
            definition={"links": [["440000", "460000"]], "islands": "refuse"},
        )
        notes = publish_notes.weights_notes("contiguity", joined, english)
        assert notes == [
            "Weights: Contiguity, not normalised.",
            "Joined in addition to land borders: Guangdong–Hainan.",
            "No province is without a neighbour.",
        ]

    def test_several_weights_share_a_note(self, english):
        full = self.weights(matrix=np.ones((3, 3)) - np.eye(3))
        notes = publish_notes.all_weights_notes(
            {"contiguity": full, "mine": self.weights(kind="file")}, english
        )
        assert notes[0] == "Weights: Contiguity, file (mine), not normalised."
        assert notes[1].startswith("file (mine): Without neighbours") and len(notes) == 2


def test_every_text_has_the_same_fields_in_both_languages():
    found = rows()
    fields = {lang: [set(re.findall(r"\{(\w+)\}", row[lang])) for row in found] for lang in ("en", "zh")}
    differing = [
        row["key"] for row, en, zh in zip(found, fields["en"], fields["zh"], strict=True) if en != zh
    ]
    assert differing == []


def test_every_official_series_has_a_label(labels):
    series = [row["indicator"] for row in shuyi_files.read_rows(ROOT / "data" / "snapshot" / "codebook.csv")]
    assert [name for name in series if name not in labels.texts] == []
