"""The workflow as its users meet it."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
import readme_images
from conftest import ROOT
from PIL import Image

pytestmark = pytest.mark.workflow


def test_run_finishes_and_says_where_the_results_are(finished):
    assert "results/tables/" in finished.first.stderr
    files = finished.results()
    for kind in (".csv", ".rounded.csv", ".tex", ".typ", ".html", ".docx"):
        assert f"tables/estimates{kind}" in files
    assert "convergence/beta.csv" in files
    assert "figures/index_map.svg" in files
    assert "checks/manifest.json" in files


def test_second_run_does_nothing(finished):
    assert finished.planned() == {}


def test_results_hold_no_date_host_or_path(finished):
    host = os.uname().nodename
    # The explorer holds a library in which every short name occurs.
    forbidden = (str(finished.folder), time.strftime("%Y-%m"))
    for name, content in finished.results().items():
        if name.endswith((".csv", ".json", ".tex", ".html", ".svg", ".gal", ".log")):
            for text in (*forbidden, *([] if name.startswith("explorer/") else [f"{host}."])):
                assert text.encode() not in content, name


COMPLETED = ("estimation", "convergence", "facts")
"""Analyses that stand for all: what was interrupted lies under each, and to run more takes a minute."""


def test_interrupted_run_is_completed_and_equals_an_undisturbed_one(finished, fresh):
    fresh.shrink()
    process = subprocess.Popen(
        fresh.command(cores=1), cwd=fresh.folder, env=fresh.environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    weights = fresh.folder / "results/weights/contiguity.csv"
    deadline = time.monotonic() + 120
    while not weights.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert weights.exists()
    assert not (fresh.folder / "results/manifest.json").exists()
    fresh.run(*COMPLETED, cores=1)
    ours, theirs = fresh.results(), finished.results()
    made = ("data/panel.csv", "weights/contiguity.gal", "tables/estimates.html", "tables/effects.csv")
    assert {*made, "convergence/clubs.csv", "figures/club_map.png", "tables/facts.docx"} <= set(ours)
    assert [name for name in ours if ours[name] != theirs.get(name)] == []


def test_scripts_with_a_python_of_their_own_make_the_same_files(finished, fresh):
    fresh.shrink()
    fresh.environment["SHUYI_FORK"] = "0"
    fresh.run("descriptive_statistics")
    ours, theirs = fresh.results(), finished.results()
    assert "tables/descriptive_statistics.docx" in ours
    assert [name for name in ours if ours[name] != theirs[name]] == []


def pixels(image):
    return image.convert("RGB").tobytes()


def test_pictures_of_the_readme_are_the_figures_of_the_default_paper(fresh):
    fresh.run(*readme_images.FIGURES.values())
    for name, figure in readme_images.FIGURES.items():
        made = readme_images.picture(fresh.folder / f"results/figures/{figure}.png")
        with Image.open(ROOT / f"docs/images/{name}.png") as committed:
            same = committed.size == made.size and pixels(committed) == pixels(made)
        assert same, f"run the default paper, then `make docs`: docs/images/{name}.png is out of date"


def test_one_table_needs_only_its_jobs(fresh):
    for target in ("descriptive_statistics", "table3"):
        assert set(fresh.planned(target)) == {
            "verify_data", "clean_panel", "panel", "publish_description", target,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("target", "jobs"),
    [
        ("effects", {"estimate_sheet", "publish_estimation"}),
        ("table8", {"estimate_sheet", "publish_estimation"}),
        ("figure1", {"publish_index"}),
        ("index_map", {"publish_index"}),
        ("club_map", {"compute_convergence", "publish_convergence"}),
        ("geography", {"compute_geography", "publish_geography"}),
    ],
)
def test_tables_figures_and_analyses_are_targets_by_name_and_by_number(finished, target, jobs):
    planned = set(finished.planned(target, "--forceall"))
    assert jobs <= planned
    others = {job for job in planned if job.startswith(("compute_", "publish_"))} - jobs
    assert not {job for job in others if job.startswith("publish_")}


def test_everything_is_a_target(fresh):
    assert fresh.planned("all") == fresh.planned()


def test_an_unknown_target_is_answered_with_the_known_ones(fresh):
    done = fresh.run("efects", "-n", check=False)
    assert done.returncode
    text = done.stdout + done.stderr
    assert "efects" in text
    assert "did you mean 'effects'" in text
    assert not (fresh.folder / "results").exists()


def test_every_year_of_the_panel_has_a_report(fresh):
    for year in (2016, 2024):
        assert fresh.planned(f"report_{year}")["yearly_report"] == 1
    refused = fresh.run("report_2015", "-n", check=False)
    assert refused.returncode
    assert "report_2015" in refused.stdout + refused.stderr


@pytest.mark.parametrize(
    ("module", "expected", "untouched"),
    [
        (
            "spatialpanel/likelihood.py",
            {"estimate_sheet", "publish_estimation", "compute_convergence", "compute_ledger"},
            {"weights", "compute_autocorrelation", "publish_description", "compute_inequality"},
        ),
        (
            "publish/numbers.py",
            {"publish_description", "publish_estimation"},
            {"estimate_sheet", "compute_autocorrelation", "compute_index", "panel"},
        ),
        (
            "esda/statistics.py",
            {"compute_autocorrelation"},
            {"weights", "publish_description", "compute_industry"},
        ),
        (
            "resources/pages.report.html",
            {"yearly_report", "monitor"},
            {"estimate_sheet", "publish_index", "compute_facts", "publish_estimation"},
        ),
        (
            "resources/explorer.views.js",
            {"explorer"},
            {"estimate_sheet", "publish_index", "compute_ledger", "yearly_report"},
        ),
        (
            "publish/maps.py",
            {"publish_index", "publish_autocorrelation"},
            {"estimate_sheet", "compute_autocorrelation", "publish_description", "publish_facts"},
        ),
        (
            "analyses/convergence/frames.py",
            {"compute_convergence", "publish_convergence"},
            {"compute_dynamics", "estimate_sheet", "publish_inequality"},
        ),
    ],
)
def test_editing_a_module_reruns_exactly_its_rules(finished, module, expected, untouched):
    path = finished.folder / "src/shuyi" / module
    before = path.read_text(encoding="utf-8")
    path.write_text(before + "\n# edited\n", encoding="utf-8")
    try:
        planned = set(finished.planned())
    finally:
        path.write_text(before, encoding="utf-8")
    assert expected <= planned
    assert not untouched & planned
    assert finished.planned() == {}


def test_a_run_goes_without_an_analysis_that_is_off_or_lacks_its_input(fresh):
    fresh.change_config({("analyses", "off"): ["convergence"]})
    (fresh.folder / "config/negative_list_rules.yaml").unlink()
    done = fresh.run("-n")
    for sentence in (
        "The analysis convergence is off: analyses.off names it.",
        "The analysis industry is off: config/negative_list_rules.yaml is missing.",
    ):
        assert (done.stdout + done.stderr).count(sentence) == 1
    planned = set(fresh.planned())
    assert {"publish_inequality", "publish_tiers"} <= planned
    assert not {"compute_convergence", "publish_convergence", "compute_industry"} & planned
    refused = fresh.run("club_map", "-n", check=False)
    assert refused.returncode
    assert "The analysis convergence is off" in refused.stdout + refused.stderr


OWN_TABLE = (
    "sdm_own,own,SDM own,sdm,ln_gdp_pc,digital urbanisation,all,nearest_4,twoways,lee_yu,all,default\n"
    "ols_own,own,FE-OLS own,ols,ln_gdp_pc,digital urbanisation,none,nearest_4,twoways,none,all,cluster\n"
)


def test_any_table_of_the_sheet_is_printed(fresh):
    fresh.shrink()
    sheet = fresh.folder / "config/specifications.csv"
    sheet.write_text(sheet.read_text(encoding="utf-8") + OWN_TABLE, encoding="utf-8")
    fresh.run("estimates_own", "effects_own")
    results = fresh.results()
    printed = results["tables/estimates_own.rounded.csv"].decode()
    assert "SDM own" in printed and "FE-OLS own" in printed
    assert "SDM own" in results["tables/effects_own.rounded.csv"].decode()
    assert "SDM own" not in results["tables/estimates.rounded.csv"].decode()


def test_two_columns_of_a_table_with_one_heading_are_refused(fresh):
    sheet = fresh.folder / "config/specifications.csv"
    twice = OWN_TABLE.replace("FE-OLS own", "SDM own")
    sheet.write_text(sheet.read_text(encoding="utf-8") + twice, encoding="utf-8")
    done = fresh.run("-n", check=False)
    assert done.returncode
    assert "rows sdm_own, ols_own: found 'SDM own' 2 times in table own" in done.stdout + done.stderr


def test_changed_byte_of_the_snapshot_stops_the_run(fresh):
    path = fresh.folder / "data/snapshot/provincial_figures.csv"
    content = bytearray(path.read_bytes())
    content[-3] = ord("7") if content[-3] != ord("7") else ord("8")
    path.write_bytes(bytes(content))
    done = fresh.run("results/data/clean.parquet", check=False)
    assert done.returncode
    assert "provincial_figures.csv" in done.stderr
    assert "sha256" in done.stderr
    assert not (fresh.folder / "results/data/clean.parquet").exists()


def test_every_mistake_of_the_configuration_is_listed_before_any_job(fresh):
    fresh.change_config({("index", "weighting"): "entropie", ("panel", "first_year"): 2001})
    sheet = fresh.folder / "config/specifications.csv"
    sheet.write_text(
        sheet.read_text(encoding="utf-8").replace("sdem,7,SDEM,sdem", "sdem,7,SDEM,sdmm"), encoding="utf-8"
    )
    done = fresh.run(check=False)
    text = done.stdout + done.stderr
    assert done.returncode
    for part in (
        "index.weighting",
        "did you mean 'entropy'?",
        "panel.first_year",
        "(sdem), column model",
    ):
        assert part in text
    assert "Traceback" not in text
    assert not (fresh.folder / "results").exists()


def test_results_that_cannot_be_written_are_explained(fresh):
    (fresh.folder / "results").write_text("in the way")
    done = fresh.run(check=False)
    assert done.returncode
    assert "Results cannot be written" in done.stderr


def test_user_file_reaches_the_index_and_bad_ones_are_explained(fresh):
    panel = fresh.folder / "own.csv"
    fresh.change_config({("panel", "user_file"): "own.csv"})
    panel.write_bytes("province,year,own\n北京,2016,1\nBeijing,2016,2\nGunagdong,2016,x\n".encode("gb18030"))
    done = fresh.run("results/data/clean.parquet", check=False)
    assert done.returncode
    for part in ("repeated row", "Gunagdong", "text in a number"):
        assert part in done.stderr


def test_report_holds_every_table_and_figure(finished, tmp_path):
    finished.run("--report", str(tmp_path / "report.html"))
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    for caption in ("Direct, indirect and total effects", "LISA cluster maps"):
        assert caption in text


def test_lint_is_clean(fresh):
    done = fresh.run("--lint")
    assert "Congratulations" in done.stdout + done.stderr


TEXT_PAGES = 8
"""Pages of the paper up to its list of tables and figures; to read all of them takes twenty seconds."""


def test_paper_prints_every_table_figure_and_number(finished):
    from docx import Document
    from pypdf import PdfReader

    folder = finished.folder / "results/paper"
    values = json.loads((folder / "paper.json").read_text(encoding="utf-8"))
    document = Document(folder / "paper.docx")
    words = [paragraph.text for paragraph in document.paragraphs]
    pages = PdfReader(folder / "paper.pdf").pages
    printed = re.sub(r"\s+", "", "".join(page.extract_text() for page in pages[:TEXT_PAGES]))
    kinds = [item["kind"] for item in values["items"]]
    assert len(document.tables) == kinds.count("table")
    assert len(document.inline_shapes) == len(kinds) - kinds.count("table")
    for item in values["items"]:
        assert item["heading"] in words
        assert re.sub(r"\s+", "", item["heading"]) in printed
    effect = values["headline"]["indirect"]
    said = f"{effect['text']} ({values['headline']['level']} interval from {effect['low']['text']} to"
    assert any(said in text for text in words) and re.sub(r"\s+", "", said) in printed
    table = finished.results()["tables/effects.rounded.csv"].decode("utf-8-sig")
    assert effect["text"].replace("−", "-") in table


def test_first_page_names_every_table_figure_paper_and_check(finished):
    results = finished.results()
    page = results["index.html"].decode()
    links = re.findall(r'href="([^"]+)"', page)
    assert set(links) <= set(results)
    shown = {
        name for name in results if name.startswith(("tables/", "figures/", "paper/", "report/", "checks/"))
    }
    unlinked = {"paper/paper.json"} | {
        name for name in shown if name.startswith("report/") and ".csv" in name
    }
    assert shown - unlinked <= set(links)
    assert json.loads(results["answer.json"])["text"]["en"].replace("'", "&#39;") in page
    assert re.findall(r'class="about">\s*<', page) == []


def test_package_is_the_same_again_and_verifies(finished):
    def shuyi(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "shuyi.cli", *arguments],
            cwd=finished.folder, env=finished.environment, capture_output=True, text=True,
        )  # fmt: skip

    made = [finished.folder.parent / f"{name}.zip" for name in "ab"]
    for path in made:
        assert shuyi("package", "--output", str(path)).returncode == 0
    assert made[0].read_bytes() == made[1].read_bytes()
    found = shuyi("verify", str(made[0]), "--against", "results")
    assert found.returncode == 0, found.stdout + found.stderr
    assert re.match(r"(\d+) of \1 results equal", found.stdout)
