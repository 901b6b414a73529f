"""The command ``shuyi check-table``: exit status, output files, languages, speed of start."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import printed
import pytest

from shuyi import cli

SRC = Path(__file__).resolve().parents[2] / "src"
LIMIT = 1.5
"""Seconds of processor time that a call may take, including the start of Python."""


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.txt"
    path.write_text(printed.ALIGNED, encoding="utf-8")
    return path


@pytest.fixture
def broken(tmp_path):
    path = tmp_path / "broken.txt"
    path.write_text(printed.CHINESE_EFFECTS, encoding="utf-8")
    return path


def run(*arguments):
    return cli.main(["check-table", *map(str, arguments)])


def test_exit_status(good, broken, tmp_path, capsys):
    assert run(good) == 0
    assert run(good, broken) == 1
    assert run(tmp_path / "missing.txt") == 2
    assert run() == 2
    assert "No file was named" in capsys.readouterr().err


def test_what_was_understood_is_printed_back(good, capsys):
    run(good)
    out = capsys.readouterr().out
    assert "What was understood" in out
    assert "0.121** (0.049)" in out
    assert "in parentheses: se" in out


def test_failures_are_asked_in_both_languages(broken, capsys):
    assert run(broken) == 1
    english = capsys.readouterr().out
    assert "Could one of the three have been mistyped" in english
    assert "A failure is a question to the authors" in english
    run(broken, "--lang", "zh")
    chinese = capsys.readouterr().out
    assert "不成立" in chinese
    assert "向作者提出的问题" in chinese


def test_json_and_html(broken, tmp_path):
    run(broken, "--json", tmp_path / "r.json", "--html", tmp_path / "r.html", "--lang", "zh")
    document = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    (report,) = document["reports"]
    assert not report["passed"]
    failed = [c for c in report["checks"] if c["verdict"] == "fails"]
    assert [(c["identity"], c["printed"]) for c in failed] == [("A1", "-0.011")]
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert 'lang="zh-Hans"' in page
    assert "不成立" in page


def test_details_list_what_holds(good, capsys):
    run(good)
    short = capsys.readouterr().out
    run(good, "--details")
    assert len(capsys.readouterr().out) > len(short)


def test_facts_that_the_table_does_not_give(good, capsys):
    assert run(good, "-n", 31, "-T", 9) == 0
    assert "N = n T" in capsys.readouterr().out
    assert run(good, "-n", 31, "-T", 19) == 1


def test_tables_of_two_files_are_joined(tmp_path, capsys):
    (tmp_path / "b.txt").write_text("\tSDM\nx\t0.500\nW*x\t0.300\nrho\t0.400\n", encoding="utf-8")
    effects = "\tSDM\t\t\n\tDirect\tIndirect\tTotal\nx\t0.600\t0.300\t0.900\n"
    (tmp_path / "e.txt").write_text(effects, encoding="utf-8")
    assert run(tmp_path / "b.txt", tmp_path / "e.txt") == 0
    assert run(tmp_path / "b.txt", tmp_path / "e.txt", "--together") == 1
    assert "1.33" in capsys.readouterr().out


def test_weights_give_the_bounds_of_rho(tmp_path, capsys):
    (tmp_path / "w.csv").write_text(",a,b,c\na,0,1,0\nb,0.5,0,0.5\nc,0,1,0\n", encoding="utf-8")
    (tmp_path / "t.txt").write_text("\tSAR\nx\t0.5\nrho\t-1.2\n", encoding="utf-8")
    assert run(tmp_path / "t.txt") == 0
    assert run(tmp_path / "t.txt", "--weights", tmp_path / "w.csv") == 1
    assert "w_min -1" in capsys.readouterr().out


def test_estimating_again_needs_data_weights_and_outcome(good, tmp_path, capsys):
    assert run(good, "--panel", tmp_path / "p.csv") == 2
    assert "cannot be estimated again" in capsys.readouterr().err


def test_the_console_script_is_declared():
    project = tomllib.loads((SRC.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"]["shuyi"] == "shuyi.cli:main"


def test_templates_are_written(capsys):
    assert run("--template", "sdm") == 0
    assert "theta:" in capsys.readouterr().out
    assert run("--template", "nothing") == 2


@pytest.mark.parametrize("name", ["t.txt", "t.docx", "t.xlsx", "t.tex", "t.html", "t.yaml"])
def test_answers_fast_including_the_start(tmp_path, name):
    content = {
        "t.txt": printed.ALIGNED,
        "t.docx": printed.word_file(),
        "t.xlsx": printed.excel_file(),
        "t.tex": printed.SDM_TEX,
        "t.html": printed.STARGAZER,
        "t.yaml": "columns: [{name: SDM, b: {x: [0.1, 0.05, '*']}, rho: 0.2}]",
    }[name]
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(SRC), *sys.path])}
    before = os.times()
    call = [sys.executable, "-m", "shuyi.cli", "check-table", str(tmp_path / name)]
    result = subprocess.run(call, capture_output=True, env=environment, check=False)
    after = os.times()
    assert result.returncode == 0, result.stdout.decode() + result.stderr.decode()
    used = after.children_user - before.children_user + after.children_system - before.children_system
    assert used < LIMIT


def test_nothing_heavy_is_imported_to_start():
    code = "import sys, shuyi.review.command, shuyi.review.readers.interpret; print(sorted(sys.modules))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(SRC), *sys.path])}
    printed_modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, check=True
    )
    loaded = printed_modules.stdout.decode()
    assert not any(f"'{name}'" in loaded for name in ("pandas", "scipy", "numpy", "lxml", "docx", "openpyxl"))
