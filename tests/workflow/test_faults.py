"""Faults from outside: two runs at once, odd environments, a full disk, what a killed run left."""

import os
import re
import resource
import subprocess

import pytest

pytestmark = pytest.mark.workflow

TARGETS = ("descriptive_statistics", "weights")
ODD = {"LANG": "C", "LC_ALL": "C", "TZ": "America/St_Johns", "PYTHONHASHSEED": "123"}
OTHER = {"LANG": "zh_CN.GB18030", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Shanghai", "PYTHONHASHSEED": "1"}
SMALLEST = 60_000
"""Bytes that a file may have in the run on a full disk: less than the clean panel."""


def started(project, environment, *targets, limit=None, umask=0o022):
    def prepare():
        os.umask(umask)
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        project.command("--logger", "shuyi", "--", *targets, cores=1),
        cwd=project.folder, env=project.environment | environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=prepare,
    )  # fmt: skip


def numbers(project):
    """Return the content of every result but the logs, which say what each run met."""
    return {path: content for path, content in project.results().items() if not path.startswith("logs/")}


def partials(project):
    return [path.name for path in (project.folder / "results").rglob("*.partial")]


def test_two_runs_at_once_in_odd_environments_leave_no_wrong_byte(finished, fresh, tmp_path):
    fresh.shrink()
    left = fresh.folder / "results/data/.clean.json.999999999.partial"
    left.parent.mkdir(parents=True)
    left.write_text("half")
    home = {"HOME": str(tmp_path / "none"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    runs = [
        started(fresh, ODD | home, *TARGETS, umask=0o077),
        started(fresh, OTHER, *TARGETS),
    ]
    for run in runs:
        run.communicate()
    assert partials(fresh) == []
    expected = finished.results()
    assert [path for path, content in numbers(fresh).items() if content != expected[path]] == []
    # One of the two may have stopped: Snakemake removes old outputs before a job. A further run ends it.
    last = started(fresh, ODD, *TARGETS)
    said = last.communicate()[0]
    assert last.returncode == 0, said
    found = numbers(fresh)
    assert len(found) > 20
    assert [path for path, content in found.items() if content != expected[path]] == []


def test_a_full_disk_is_said_leaves_nothing_half_written_and_is_mended_by_room(fresh):
    fresh.shrink()
    run = started(fresh, {}, "results/data/clean.parquet", limit=SMALLEST)
    said = run.communicate()[0]
    assert run.returncode
    assert re.search(r"Cannot write results/data/\w+\.parquet", said), said
    assert "leave room on the disk" in said
    assert "Traceback" not in said
    assert partials(fresh) == []
    assert not (fresh.folder / "results/data/clean.parquet").exists()
    again = started(fresh, {}, "results/data/clean.parquet")
    said = again.communicate()[0]
    assert again.returncode == 0, said
    jobs = [line for line in said.splitlines() if re.match(r" *\d+ of \d+ ", line)]
    assert all(len(line) < 120 for line in jobs)
    assert [line.split()[:4] for line in jobs][-1] == ["1", "of", "1", "clean_panel"]
