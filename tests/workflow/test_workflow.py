"""The workflow as its users meet it."""

import os
import signal
import subprocess
import time

import pytest

pytestmark = pytest.mark.workflow


def test_run_finishes_and_says_where_the_results_are(finished):
    assert "results/tables/" in finished.first.stderr
    files = finished.results()
    for name in ("table7.csv", "table7.rounded.csv", "table7.tex", "table7.html", "table7.docx"):
        assert f"tables/{name}" in files
    assert "figures/index_map.svg" in files
    assert "checks/manifest.json" in files


def test_second_run_does_nothing(finished):
    assert finished.planned() == {}


def test_results_hold_no_date_host_or_path(finished):
    forbidden = (str(finished.folder), time.strftime("%Y-%m"), f"{os.uname().nodename}.")
    for name, content in finished.results().items():
        if name.endswith((".csv", ".json", ".tex", ".html", ".svg", ".gal", ".log")):
            for text in forbidden:
                assert text.encode() not in content, name


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
    fresh.run(cores=1)
    ours, theirs = fresh.results(), finished.results()
    assert list(ours) == list(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_one_table_needs_only_its_jobs(fresh):
    assert set(fresh.planned("table3")) == {
        "verify_snapshot", "clean_panel", "digital_index", "panel", "table3",
    }  # fmt: skip


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
            {"fit", "effects", "table7", "table8"},
            {"weights", "moran", "table3", "lisa"},
        ),
        ("tables/numbers.py", {"table1", "table7"}, {"fit", "moran", "index_map", "digital_index"}),
        ("esda/statistics.py", {"moran", "table5"}, {"fit", "weights", "table7", "index_map"}),
        (
            "resources/pages.report.html",
            {"yearly_report", "monitor"},
            {"fit", "index_map", "facts", "table7"},
        ),
        ("maps.py", {"index_map", "lisa_map"}, {"fit", "moran", "table1", "moran_scatter"}),
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
    for caption in ("Direct, indirect and total effects", "Clusters of local Moran"):
        assert caption in text


def test_lint_is_clean(fresh):
    done = fresh.run("--lint")
    assert "Congratulations" in done.stdout + done.stderr
