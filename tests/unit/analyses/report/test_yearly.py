"""The yearly report: its numbers are those of its inputs, in both languages, on one sheet, byte for byte."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from report_inputs import DIMENSIONS, ROOT, UNITS, YEARS, index_panel, measured, report_labels

from shuyi import files
from shuyi.analyses.index.rankings import ranks
from shuyi.analyses.report import yearly
from shuyi.china.basemap import provinces_basemap
from shuyi.china.provinces import display_names
from shuyi.errors import ConfigError, DataError
from shuyi.indices import load_scheme
from shuyi.publish import pages
from shuyi.publish.notes import caveat_notes

EXACT = 1e-12
"""Copies and differences of the same numbers."""

CONFIG = files.read_yaml(ROOT / "config/config.yaml")
HEADLINE = next(r for r in files.read_rows(ROOT / "config/specifications.csv") if r["id"] == "sdm")
LAST = YEARS[-1]
TOLD = {
    "term": "digital",
    "covariance": "cluster_jackknife",
    "df": 30.0,
    "n": 31,
    "serial_p": 0.0004,
    "influential": UNITS[0],
    "share": 0.5512,
    "effects": {"direct": 0.1217, "indirect": -0.0562, "total": 0.0655},
    "without": {"direct": -0.0162, "indirect": 0.0442, "total": 0.028},
    "detectable": {"direct": 0.3671, "indirect": 0.6774, "total": 0.6484},
    "power": 0.8,
    "level": 0.95,
    "shared": {},
}


def basis(**maps):
    scheme = load_scheme(
        files.read_yaml(ROOT / "config/indices/four_dimensions.yaml"),
        files.read_yaml(ROOT / "workflow/schemas/index_scheme.schema.yaml"),
    )
    settings = CONFIG | {
        "headline": HEADLINE,
        "told": TOLD,
        "coordination": CONFIG["coordination"] | {"sets": ["pair"], "variant": "corrected"},
        "maps": CONFIG["maps"] | maps,
    }
    weights = pd.DataFrame({"dimension": DIMENSIONS, "dimension_weight": [0.4, 0.3, 0.2, 0.1]})
    vintage = {"en": "Vintage A", "zh": "版本甲"}
    sources = yearly.sources_of({"data/a.csv": b"a"})
    basemap = provinces_basemap(settings["maps"]["approval_number"], "Source")
    return yearly.Basis(scheme, weights, vintage, sources, settings, basemap)


def made(year=LAST, language="en", frames=None):
    labels = report_labels(language)
    return yearly.yearly_report(
        year, index_panel(), frames or measured(), basis(), labels, display_names(language)
    )


def cells(page):
    grid = page.sections[0].grid
    return pd.DataFrame(grid.rows, columns=[c.heading for c in grid.columns])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_carries_the_caveats_of_the_estimate_behind_the_ledger(language):
    labels = report_labels(language).with_units(display_names(language))
    _, page = made(language=language)
    notes = " ".join(page.notes)
    for caveat in caveat_notes({"SDM": TOLD}, labels):
        assert caveat in notes


def test_numbers_are_those_of_the_inputs():
    table, _ = made()
    index = index_panel()
    own = table.set_index("unit").loc[list(UNITS)]
    assert own["score"].to_numpy() == pytest.approx(index["digital"][-1], abs=EXACT)
    assert own["rank"].to_numpy() == pytest.approx(ranks(index["digital"])[-1], abs=EXACT)
    for dimension in DIMENSIONS:
        assert own[f"dimension_{dimension}"].to_numpy() == pytest.approx(index[f"digital_{dimension}"][-1])
    moves = ranks(index["digital"])[-2] - ranks(index["digital"])[-1]
    assert own["rank_gain"].to_numpy() == pytest.approx(moves, abs=EXACT)
    assert own.loc[list(UNITS[-2:]), "rank_gain"].tolist() == [-1.0, 1.0]
    degree = measured()["coordination"].query("period == @LAST").set_index("unit")["degree"]
    assert own["degree"].to_numpy() == pytest.approx(degree.loc[list(UNITS)].to_numpy(), abs=EXACT)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_prints_what_the_table_holds(language):
    table, page = made(language=language)
    printed = cells(page)
    labels = report_labels(language)
    assert len(printed) == len(UNITS)
    names = [display_names(language)[unit] for unit in table["unit"]]
    assert printed[labels.text("report.column.province")].tolist() == names
    assert printed[labels.text("report.column.score")].astype(float).tolist() == pytest.approx(
        table["score"].round(3).tolist(), abs=EXACT
    )
    classes = [labels.text(f"class.{c}") for c in table["class"]]
    shown = printed[labels.text("report.column.class")]
    assert all(cell.startswith(name) for cell, name in zip(shown, classes, strict=True))
    assert printed[labels.text("report.column.gain")].iloc[-2:].tolist() == ["▲\u00a01", "▼\u00a01"]


def test_first_year_has_no_column_of_changes_and_says_so():
    table, page = made(YEARS[0])
    assert table["rank_gain"].isna().all()
    assert (table["tier_before"] == "").all()
    assert "Change" not in cells(page).columns
    assert "is the first year of the panel" in page.sections[0].paragraphs[0]
    assert not any("↑" in cell or "↓" in cell for row in page.sections[0].grid.rows for cell in row)


def test_only_intervals_without_zero_carry_a_star():
    _, page = made()
    starred = cells(page).set_index("Province")["Net"].str.endswith("*")
    assert starred[starred].index.tolist() == ["Beijing"]
    assert "differs from zero: Beijing." in page.sections[0].paragraphs[-1]


def test_a_province_outside_the_sample_has_no_account_and_is_named():
    frames = measured()
    frames["ledger"] = frames["ledger"].iloc[:-1]
    table, page = made(frames=frames)
    assert table.set_index("unit").loc[UNITS[-1], list(yearly.LEDGER)].isna().all()
    assert cells(page).set_index("Province").loc["Xinjiang", "Net"] == "—"
    assert "Outside the sample of the model: Xinjiang." in page.notes[-1]


@pytest.mark.parametrize("year", [2015, 2025])
def test_a_year_outside_the_panel_is_refused(year):
    with pytest.raises(DataError, match=rf"a year of the panel, 2016 to 2024[\s\S]*found: {year}"):
        made(year)


def test_measurements_that_do_not_cover_the_index_are_refused():
    frames = measured()
    frames["tiers"] = frames["tiers"].query("period != @LAST")
    with pytest.raises(DataError, match="none for 110000 2024"):
        made(frames=frames)
    frames = measured()
    frames["coordination"]["variant"] = "standard"
    with pytest.raises(DataError, match=r"coordination \(pair, corrected\)"):
        made(frames=frames)


def test_a_page_needs_the_approval_number_of_its_map():
    with pytest.raises(ConfigError, match="approval number"):
        yearly.yearly_report(
            LAST, index_panel(), measured(), basis(approval_number=" "), report_labels("en"), display_names()
        )


def test_a_vintage_in_one_language_is_refused():
    with pytest.raises(DataError, match="no vintage_zh"):
        yearly.vintage_of({"vintage": "Census"})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_html_holds_everything_and_loads_nothing(language):
    _, page = made(language=language)
    content = pages.render_html(page, "report")
    assert content == pages.render_html(made(language=language)[1], "report")
    text = content.decode()
    assert f'<html lang="{pages.HTML_LANGUAGE[language]}">' in text
    assert set(re.findall(r'src="([^,]*),', text)) == {"data:image/svg+xml;base64"}
    for forbidden in ("http", "<script", "<link", "url(", "@import"):
        assert forbidden not in text
    for part in (CONFIG["maps"]["approval_number"], page.provenance.grid.rows[1][1], page.map.alternative):
        assert part in text
    assert text.count("<tr>") == 2 + len(UNITS) + len(page.provenance.grid.rows)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pdf_is_one_sheet_without_a_date(language):
    _, page = made(language=language)
    content = pages.render_pdf(page)
    assert content == pages.render_pdf(page)
    assert content.startswith(b"%PDF-")
    assert b"/Type/Pages/Count 1/" in content
    assert b"CreationDate" not in content
    assert b"ModDate" not in content


def test_a_page_that_does_not_fit_is_refused():
    _, page = made()
    grid = page.sections[0].grid
    long = replace(page.sections[0], grid=replace(grid, rows=grid.rows * 4))
    with pytest.raises(DataError, match="does not fit on one sheet"):
        pages.render_pdf(replace(page, sections=(long,)))


def test_a_pdf_needs_a_map():
    _, page = made()
    with pytest.raises(DataError, match="has no map"):
        pages.render_pdf(replace(page, map=None))


def test_text_is_escaped():
    _, page = made()
    text = pages.render_html(replace(page, title="<b>&"), "report").decode()
    assert "<h1>&lt;b&gt;&amp;</h1>" in text


def test_rows_must_fit_the_columns():
    with pytest.raises(DataError, match=r"expected: 1 cells[\s\S]*row 1"):
        pages.Grid((pages.Column("a"),), (("1",), ("1", "2")))


def test_ranks_and_changes_as_text():
    assert [yearly.rank_text(r) for r in (1.0, 2.5)] == ["1", "2.5"]
    assert [yearly.gain_text(g) for g in (2.0, -1.5, 0.0, np.nan)] == ["▲\u00a02", "▼\u00a01.5", "–", "—"]
