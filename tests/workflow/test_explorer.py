"""The explorer in a real browser: it shows the numbers of results/, by mouse, keyboard and address."""

import io
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shuyi import files
from shuyi.analyses.explorer.responses import drawn_parameters, responses
from shuyi.analyses.index.rankings import ranks
from shuyi.pipeline import records
from shuyi.publish import explorer
from shuyi.publish.maps import classify
from shuyi.publish.numbers import MISSING, interval, number
from shuyi.spatialpanel import Specification
from shuyi.spatialpanel.effects import quasi_normal

playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.workflow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine (Debian: apt install chromium)"),
]

EXACT = 1e-12
"""The same sums and systems of 31 units in another order of operations."""
QUANTILE = 1e-14
"""Relative error of two algorithms for the normal quantile."""
LARGEST = 8_000_000
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 420, "height": 800}
VIEWS = ("map", "spillover", "whatif", "specifications")
MODEL_VIEWS = ("spillover", "whatif")


@pytest.fixture(scope="module")
def results(finished):
    return finished.folder / "results"


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = started.chromium.launch(executable_path=BROWSER, args=flags)
        yield chromium
        chromium.close()


class Reader:
    """A page of the explorer with everything that it said or asked for."""

    def __init__(self, browser, path, size=WIDE, view=""):
        self.page = browser.new_page(viewport=size, accept_downloads=True)
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(f"{path.as_uri()}#{view}")
        self.page.evaluate("Page.ready")

    def show(self, view):
        """Change the address as a link does."""
        self.page.evaluate(
            """(view) => new Promise((done) => {
                if (location.hash === `#${view}`) return done();
                window.addEventListener("hashchange", () => setTimeout(done, 0), { once: true });
                location.hash = view;
            })""",
            view,
        )

    def table(self, selector="#table"):
        cells = "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText))"
        rows = self.page.eval_on_selector_all(f"{selector} tr", cells)
        return pd.DataFrame(rows[1:], columns=rows[0])

    def rows(self):
        return self.page.evaluate("Page.view().rows")

    def text(self):
        return self.page.inner_text("body")

    def value(self, selector):
        return self.page.input_value(selector)


@pytest.fixture(scope="module")
def reader(browser, results):
    return Reader(browser, results / "explorer/index.html")


def names(reader, language="en"):
    return reader.page.evaluate(f"State.DATA.names.{language}")


def test_it_is_small_and_asks_for_nothing(results, browser):
    path = results / "explorer/index.html"
    assert path.stat().st_size <= LARGEST
    reader = Reader(browser, path)
    for view in VIEWS:
        reader.show(f"view={view}")
    assert reader.said == []
    assert reader.asked == [f"{path.as_uri()}#"] or [u.split("#")[0] for u in reader.asked] == [path.as_uri()]
    reader.page.close()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_view_fits_and_speaks_one_language(results, browser, size, language):
    reader = Reader(browser, results / "explorer/index.html", size)
    for view in VIEWS:
        reader.show(f"view={view}&lang={language}&unit=440000")
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        text = reader.text()
        assert not re.search(r"undefined|NaN|null|explorer\.|\{\w+\}", text)
        headings = reader.page.evaluate(
            "[...document.querySelectorAll('h1,h2,nav,label,legend,button')].map(e => e.innerText).join(' ')"
        )
        han = re.search(r"[\u4e00-\u9fff]", headings.replace("中文", ""))
        assert bool(han) == (language == "zh")
        box = reader.page.locator("#figure").bounding_box()
        assert 0 < box["width"] <= size["width"]
    assert reader.said == []
    reader.page.close()


def test_ranking_and_classes_are_those_of_the_panel_and_the_printed_map(reader, results):
    panel = records.read_panel(results / "data/panel.parquet")
    config = files.read_yaml(results.parent / "config/config.yaml")["maps"]
    label = names(reader)
    for variable, year in (("digital", 2024), ("digital", 2019), ("gdp_real", 2020), ("urbanisation", 2016)):
        reader.show(f"view=map&lang=en&variable={variable}&year={year}")
        found = reader.table()
        values = panel[variable][panel.periods.index(year)]
        order = sorted(range(panel.n), key=lambda i: (ranks(values[None])[0][i], i))
        assert found["Province"].tolist() == [label[panel.units[i]] for i in order]
        decimals = 0 if variable == "gdp_real" else 3
        assert found.iloc[:, 2].tolist() == [number(values[i], decimals) for i in order]
        printed = [y for y in config["years"] if y in panel.periods]
        years = printed if year in printed else list(panel.periods)
        pooled = panel.select(periods=years)[variable]
        classes = classify(pooled.ravel(), config["classification"], config["classes"])
        labels = records.read_labels(sorted((results.parent / "config/labels").glob("*.csv")), "en")
        texts = classes.texts(labels)
        assert found["Class"].tolist() == [texts[c] for c in classes.assign(values[order])]


def test_a_province_has_its_profile_and_its_neighbours(reader, results):
    reader.show("view=map&lang=en&variable=digital&unit=440000")
    assert reader.page.is_visible("#profile")
    weights = records.read_weights(results / "weights/contiguity.csv")
    row = weights.to_frame().loc["440000"]
    linked = row[row > 0]
    found = reader.table("#neighbours").set_index("Weights")
    assert found.loc["Contiguity", "Neighbours"] == str(len(linked))
    for unit, value in linked.items():
        assert f"{names(reader)[unit]} {number(value, 3)}" in found.loc["Contiguity"].iloc[1]
    drawn = reader.page.evaluate("document.getElementById('profile-figure').data[0].y")
    panel = records.read_panel(results / "data/panel.parquet")
    assert drawn == panel["digital"][:, panel.units.index("440000")].tolist()


def test_numbers_are_printed_as_the_tables_print_them(reader):
    rng = np.random.default_rng(8)
    values = [
        *(rng.normal(size=300) * 10.0 ** rng.integers(-6, 13, 300)),
        0.0,
        0.125,
        0.375,
        2.5,
        -0.5,
        1e-13,
    ]
    cases = [(float(v), int(d)) for v in values for d in (0, 2, 3, 5)]
    found = reader.page.evaluate("(cases) => cases.map(([v, d]) => Numbers.number(v, d))", cases)
    assert found == [number(v, d) for v, d in cases]
    assert reader.page.evaluate("Numbers.interval(-0.1, null, 2)") == MISSING


def test_draws_are_those_of_the_estimates(reader, results):
    model = reader.page.evaluate("State.DATA.model")
    size = 2 * len(model["terms"]) + 1
    points = quasi_normal(model["draws"], size, model["seed"])
    found = reader.page.evaluate(
        "[...Arithmetic.normalPoints(State.DATA.model.sobol, State.DATA.model.draws)]"
    )
    np.testing.assert_allclose(np.reshape(found, points.shape), points, rtol=QUANTILE, atol=QUANTILE)


@pytest.mark.parametrize("direction", ["sender", "receiver"])
def test_spillover_is_the_effect_matrix_with_the_sums_of_the_ledger(reader, results, direction):
    ledger = records.read_frame(results / "ledger/ledger.csv", text=["unit"]).set_index("unit")
    matrix = records.read_frame(results / "ledger/matrix.csv", text=["sender", "receiver"])
    printed = files.read_csv_text(results / "tables/ledger.rounded.csv").set_index("row")
    account, other = {"sender": ("given", "receiver"), "receiver": ("received", "sender")}[direction]
    for unit in ("110000", "440000", "540000"):
        reader.show(f"view=spillover&lang=en&direction={direction}&unit={unit}")
        effects = matrix[matrix[direction] == unit].set_index(other)["effect"]
        for row in reader.rows():
            assert row["shown"]["estimate"] == pytest.approx(effects[row["unit"]], abs=EXACT)
        total = reader.page.evaluate("Page.view().totals.sum")
        for key, end in (("estimate", ""), ("low", "_low"), ("high", "_high")):
            assert total[key] == pytest.approx(ledger.loc[unit, account + end], abs=EXACT)
        cells = printed.loc[
            names(reader)[unit], [f"{account.title()}: Estimate", f"{account.title()}: Interval"]
        ]
        answer = reader.page.inner_text("#answer").replace("\u2212", "-")
        assert f"{cells.iloc[0]} {cells.iloc[1]}" in answer
        assert "not a forecast" in reader.page.inner_text("#answer")


def test_the_share_of_the_weights_alone_is_their_squared_correlation(reader, results):
    reader.show("view=spillover&lang=en&direction=sender&unit=110000&weights=nearest_4")
    w = records.read_weights(results / "weights/nearest_4.csv").to_frame()["110000"]
    rows = {row["unit"]: row["shown"]["estimate"] for row in reader.rows()}
    expected = np.corrcoef([w[u] for u in rows], list(rows.values()))[0, 1] ** 2
    assert reader.page.evaluate("Page.view().totals.share") == pytest.approx(expected, abs=1e-9)


def test_scenarios_are_those_of_the_table_beside_the_page(reader, results):
    table = records.read_frame(results / "explorer/scenarios.csv", text=["unit"])
    for scenario, expected in table.groupby("scenario"):
        reader.show(f"view=whatif&lang=en&set=scenario:{scenario}")
        by_unit = expected.set_index("unit")
        for row in reader.rows():
            own = by_unit.loc[row.get("unit", "all")]
            assert row["rise"] == pytest.approx(own["rise"], abs=EXACT)
            for part in ("own", "neighbours", "total"):
                for key, end in (("estimate", ""), ("low", "_low"), ("high", "_high")):
                    assert row[part][key] == pytest.approx(own[part + end], abs=EXACT)
        shown = reader.table().set_index("Province")
        decimals = len(shown.loc["Sum", "Total response"].partition(".")[2])
        total = by_unit.loc["all"]
        assert shown.loc["Sum", "Total response"] == number(total["total"], decimals)
        assert interval(total["total_low"], total["total_high"], decimals) in shown.loc["Sum"].tolist()


def test_any_rise_under_any_weights_and_covariance_is_that_of_the_library(reader, results):
    config = files.read_yaml(results.parent / "config/config.yaml")
    sheet = files.read_rows(results.parent / "config/specifications.csv")
    headline = Specification.from_row(next(r for r in sheet if r["id"] == "sdm"))
    frame = records.read_frame(results / "ledger/parameters.csv")
    draws = config["estimation"]["draws"]
    for each in drawn_parameters(frame, headline, draws=draws, seed=config["seed"]):
        w = records.read_weights(results / f"weights/{each.weights}.csv")
        reader.show(
            f"view=whatif&weights={each.weights}&covariance={each.covariance}"
            "&term=urbanisation&set=own&units=110000%2B440000&amount=0.05&sharing=each&part=neighbours"
        )
        rises = np.array([0.05 * (unit in ("110000", "440000")) for unit in w.labels])
        values = np.vstack([each.at.values, each.sample()])
        found = responses(values, w.to_dense(), each.at.terms.index("urbanisation"), rises)
        level = reader.page.evaluate("State.DATA.model.percentiles")
        low, high = np.quantile(found[1:], [0.5 - level / 2, 0.5 + level / 2], axis=0)
        by_unit = {row.get("unit"): row for row in reader.rows()}
        for i, unit in enumerate(w.labels):
            shown = by_unit[unit]["neighbours"]
            assert shown["estimate"] == pytest.approx(found[0, i, 1], abs=EXACT)
            assert (shown["low"], shown["high"]) == pytest.approx((low[i, 1], high[i, 1]), abs=EXACT)


def test_mean_responses_to_a_rise_of_one_are_the_table_of_effects(reader, results):
    effects = files.read_csv(results / "effects/sdm.csv").set_index(["term", "component"])["estimate"]
    reader.show("view=whatif&lang=en&set=all&amount=1&term=digital")
    total = next(row for row in reader.rows() if row.get("isSum"))
    for part, component in (("own", "direct"), ("neighbours", "indirect"), ("total", "total")):
        assert total[part]["estimate"] / 31 == pytest.approx(effects["digital", component], abs=EXACT)


def test_specifications_are_the_estimates_of_the_run_and_filters_select(reader, results):
    reader.show("view=specifications&lang=en&estimates=tables&component=direct&source=sheet")
    rows = reader.rows()
    sheet = files.read_rows(results.parent / "config/specifications.csv")
    assert len(rows) == len(sheet)
    effects = (
        files.read_csv(results / "effects/sdm.csv")
        .set_index(["term", "component"])
        .loc[("digital", "direct")]
    )
    own = next(
        r for r in rows if r["model"] == "sdm" and r["covariance"] != "information" and r["sample"] == "all"
    )
    assert (own["estimate"], own["low"], own["high"], own["p_value"]) == pytest.approx(
        tuple(effects[["estimate", "ci_low", "ci_high", "p_value"]]), abs=EXACT
    )
    assert [r["estimate"] for r in rows] == sorted(r["estimate"] for r in rows)
    fit = records.read_fit(results / "fits/ols.json")
    plain = next(r for r in rows if r["model"] == "ols")
    assert plain["estimate"] == pytest.approx(fit.params["digital"], abs=EXACT)
    reader.show("view=specifications&lang=en&estimates=tables&component=indirect&weights=nearest_4")
    verdicts = records.read_frame(results / "ledger/verdicts.csv").set_index("weights").loc["nearest_4"]
    found = {r["covariance"]: r for r in reader.rows()}
    assert found["cluster_jackknife"]["low"] == pytest.approx(verdicts["ci_low"], abs=EXACT)
    assert found["information"]["high"] == pytest.approx(verdicts["usual_high"], abs=EXACT)
    assert len(reader.table()) == 2
    reader.show("view=specifications&lang=en&estimates=tables&component=indirect&source=robustness")
    variants = records.read_frame(results / "robustness/effects.csv")
    known = variants[(variants["component"] == "indirect") & (variants["variant"] != "headline")]
    assert sorted(r["estimate"] for r in reader.rows()) == pytest.approx(sorted(known["estimate"].dropna()))


def test_a_link_restores_the_view_and_a_wrong_one_shows_the_first(browser, reader, results):
    reader.show("view=whatif&lang=en")
    reader.page.select_option("#control-weights", "nearest_4")
    reader.page.select_option("#control-part", "own")
    reader.page.check("#check-110000")
    reader.page.click("#language-zh")
    link = reader.value("#link")
    again = Reader(browser, Path(results / "explorer/index.html"), view=link.partition("#")[2])
    assert again.table().equals(reader.table())
    assert again.value("#control-set") == "own"
    assert again.page.is_checked("#check-110000")
    again.show("view=none&lang=xx&variable=<b>&year=1&unit=&weights=__proto__")
    assert again.page.get_attribute("#tab-map", "aria-current") == "page"
    again.show("view=whatif&set=own&units=&amount=abc&term=constructor")
    assert again.said == []
    again.page.close()


@pytest.mark.parametrize("view", VIEWS)
def test_buttons_save_the_rows_in_full_precision_and_the_figure(reader, view):
    reader.show(f"view={view}&lang=en&variable=digital&estimates=tables")
    with reader.page.expect_download() as waiting:
        reader.page.click("#csv")
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    lines = [line for line in text.splitlines() if not line.startswith(("# ", '"# '))]
    frame = pd.read_csv(io.StringIO("\n".join(lines)), dtype={"id": str})
    rows = reader.rows()
    assert len(frame) == len(rows)
    column, value = {
        "map": (frame.columns[3], "value"),
        "specifications": ("Estimate", "estimate"),
    }.get(view, (None, None))
    if column:
        assert frame[column].tolist() == [row[value] for row in rows]
    if view in MODEL_VIEWS:
        assert "not a forecast" in text
        assert "Residuals are serially correlated" in text
    with reader.page.expect_download() as waiting:
        reader.page.click("#png")
    picture = Path(waiting.value.path()).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000


def test_everything_can_be_done_with_the_keyboard(browser, results):
    reader = Reader(browser, results / "explorer/index.html", PHONE, "lang=en")
    press = reader.page.keyboard.press

    def tab_to(identifier, limit=120):
        for _ in range(limit):
            if (
                reader.page.evaluate("document.activeElement.id || document.activeElement.dataset.unit")
                == identifier
            ):
                return
            press("Tab")
        raise AssertionError(f"{identifier} cannot be reached with the keyboard")

    tab_to("control-year")
    press("ArrowUp")
    assert reader.value("#control-year") == "2023"
    tab_to("440000")
    press("Enter")
    assert reader.page.is_visible("#profile")
    assert "Guangdong" in reader.page.inner_text("#profile-title")
    assert reader.page.evaluate("document.activeElement.dataset.unit") == "440000"
    reader.page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    reader.page.focus("#skip")
    tab_to("tab-whatif")
    press("Enter")
    tab_to("check-110000")
    before = reader.page.inner_text("#answer")
    press("Space")
    assert reader.page.inner_text("#answer") != before
    assert reader.page.evaluate("document.activeElement.id") == "check-110000"
    tab_to("csv")
    with reader.page.expect_download():
        press("Enter")
    assert reader.said == []
    reader.page.close()


def test_a_click_on_the_map_chooses_the_province(reader):
    reader.show("view=map&lang=en")
    place = reader.page.evaluate(
        """() => {
            const figure = document.getElementById("figure");
            const rings = State.DATA.map.units["650000"];
            const [x, y] = rings.reduce((best, ring) => (ring[0].length > best[0].length ? ring : best));
            const middle = (v) => (Math.min(...v) + Math.max(...v)) / 2;
            const box = figure.getBoundingClientRect();
            const { xaxis, yaxis } = figure._fullLayout;
            const at = [xaxis._offset + xaxis.c2p(middle(x)), yaxis._offset + yaxis.c2p(middle(y))];
            return [box.left + at[0], box.top + at[1]];
        }"""
    )
    reader.page.mouse.move(*place)
    reader.page.wait_for_selector(".hovertext")
    assert reader.page.text_content(".hovertext").startswith("Xinjiang: ")
    reader.page.mouse.click(*place)
    reader.page.wait_for_selector("#profile:not([hidden])")
    assert reader.value("#control-unit") == "650000"


@pytest.fixture(scope="module")
def record(reader):
    return reader.page.evaluate("JSON.parse(document.getElementById('data').textContent)")


def rendered(browser, tmp_path, record, view=""):
    path = tmp_path / "page.html"
    path.write_bytes(explorer.render(record, "Page"))
    return Reader(browser, path, view=view)


def test_texts_of_users_are_shown_and_never_run(browser, tmp_path, record):
    hostile = json.loads(json.dumps(record))
    attack = (
        "</script><script>alert(1)</script><img src=x onerror=alert(2)><a href='javascript:alert(3)'>x</a>"
    )
    hostile["names"]["en"]["110000"] = attack
    hostile["variables"][0]["label"]["en"] = attack
    reader = rendered(browser, tmp_path, hostile, "view=map&lang=en&unit=110000")
    assert attack in reader.page.inner_text("#table")
    assert reader.page.locator("#figure a, main img, main a").count() == 0
    assert reader.said == []
    assert len(reader.asked) == 1
    reader.page.close()


def test_a_few_endless_intervals_do_not_hide_the_others(reader):
    rows = [{"estimate": 0.0, "low": -1.0, "high": 1.0}] * 400 + [{"estimate": 0.0, "low": -900, "high": 900}]
    assert reader.page.evaluate("(rows) => Figures.rangeOf(rows)", rows) == [-1, 1]
    assert reader.page.evaluate("(rows) => Figures.rangeOf(rows)", rows[:400]) is None
    assert reader.page.evaluate("(rows) => Figures.rangeOf(rows)", rows[300:]) is None


def test_a_run_without_ledger_or_boundaries_has_the_views_that_are_left(browser, tmp_path, record):
    less = {key: value for key, value in record.items() if key != "model"} | {"map": None}
    reader = rendered(browser, tmp_path, less, "view=map&lang=en&unit=110000")
    assert reader.page.locator("nav a").count() == 2
    assert not reader.page.is_visible("#figure")
    assert len(reader.table()) == 31
    reader.show("view=whatif")
    assert reader.said == []
    reader.page.close()
