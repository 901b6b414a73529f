"""An analysis with a table and a figure is added by the recipe of CONTRIBUTING.md, in at most eight files."""

import csv
import filecmp
import io
import re

import pytest
from conftest import FOLDERS, ROOT

pytestmark = pytest.mark.workflow

MOST_FILES = 8
FILES = {
    "src/shuyi/analyses/toy/settings.py": '''"""Means by year: the declaration of the analysis."""

from shuyi.analyses.base import PANEL, Analysis, items
from shuyi.analyses.checks import check_variables


def _variables(config):
    yield ("toy", "variable"), config["toy"]["variable"]


ANALYSIS = Analysis(
    "toy",
    inputs=lambda paper: {"panel": PANEL},
    settings=lambda paper: paper.config["toy"],
    frames=lambda paper: ("means",),
    items=lambda paper: (*items("table", "toy_means"), *items("figure", "toy_figure")),
    check=lambda draft: check_variables(draft, _variables(draft.config)),
    variables=_variables,
    sections=("toy",),
)
''',
    "src/shuyi/analyses/toy/frames.py": '''"""Means by year."""

import pandas as pd


def compute(sources, settings, places):
    panel = sources.panel("panel")
    means = panel[settings["variable"]].mean(axis=1)
    return {"means": pd.DataFrame({"period": panel.periods, "mean": means})}
''',
    "src/shuyi/analyses/toy/tables.py": '''"""The table of means by year."""

import pandas as pd

from shuyi.publish.notes import source_note
from shuyi.publish.numbers import number
from shuyi.publish.table import build_table


def print_tables(page):
    means, labels = page.sources.frame("means"), page.labels
    cells = [number(mean, page.options.decimals) for mean in means["mean"]]
    heading = labels.term(page.settings["variable"])
    display = pd.DataFrame({heading: cells}, index=means["period"].astype(str))
    return [build_table("toy_means", labels, data=means, display=display, notes=[source_note(labels)])]
''',
    "src/shuyi/analyses/toy/figures.py": '''"""The figure of means by year."""

from shuyi.publish.style import PAGE_WIDTH, style


def draw_figures(page):
    import matplotlib.pyplot as plt

    means = page.sources.frame("means")
    with style(page.labels):
        figure, axes = plt.subplots(figsize=(PAGE_WIDTH, 2))
        axes.plot(means["period"], means["mean"])
        axes.set_ylabel(page.labels.term(page.settings["variable"]))
    return {"toy_figure": figure}
''',
    "config/labels/toy.csv": (
        "key,en,zh\ntable.toy_means.title,Means by year,历年均值\n"
        "figure.toy_figure.title,Means over the years,均值的历年变化\n"
    ),
}
"""Files that are new."""
SECTION = """\
  toy:
    description: Means by year.
    type: object
    additionalProperties: false
    required: [variable]
    properties:
      variable:
        description: Panel variable.
        type: string
        examples: [digital]
"""
EDITS = {
    "src/shuyi/analyses/registry.py": [
        (
            "from shuyi.analyses.tiers.settings import ANALYSIS as TIERS\n",
            "from shuyi.analyses.tiers.settings import ANALYSIS as TIERS\n"
            "from shuyi.analyses.toy.settings import ANALYSIS as TOY\n",
        ),
        ("FACTS, REPORT,", "FACTS, TOY, REPORT,"),
    ],
    "config/config.yaml": [("\nreport:\n", "\ntoy:\n  variable: digital\n\nreport:\n")],
    "workflow/schemas/config.schema.yaml": [
        ("geography, paper, report, monitor", "geography, toy, paper, report, monitor"),
        ("facts, report,", "facts, toy, report,"),
        ("\n  report:\n", f"\n{SECTION}  report:\n"),
    ],
}
"""Files that exist, with what stands in them before and after."""


@pytest.fixture
def toy(fresh):
    """A project to which the analysis was added by hand."""
    for path, content in FILES.items():
        (fresh.folder / path).parent.mkdir(exist_ok=True)
        (fresh.folder / path).write_text(content, encoding="utf-8")
    for path, pairs in EDITS.items():
        text = (fresh.folder / path).read_text(encoding="utf-8")
        for before, after in pairs:
            assert text.count(before) == 1, (path, before)
            text = text.replace(before, after)
        (fresh.folder / path).write_text(text, encoding="utf-8")
    return fresh


def touched(project):
    """Return the files that differ from the project's own or are new."""
    ours = {
        path.relative_to(project.folder).as_posix()
        for folder in FOLDERS
        for path in (project.folder / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return {
        name
        for name in ours
        if not (ROOT / name).is_file() or not filecmp.cmp(ROOT / name, project.folder / name, shallow=False)
    }


def recipe():
    """Return the files that CONTRIBUTING.md lists, with the analysis's name filled in."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split("## Adding an analysis\n")[1].split("\n## ")[0]
    return [name.replace("NAME", "toy") for name in re.findall(r"^\d+\. `([^`]+)`", section, re.MULTILINE)]


def test_the_recipe_names_every_file_that_is_touched_and_these_are_few(toy):
    assert touched(toy) == {*FILES, *EDITS} == set(recipe())
    assert len(recipe()) <= MOST_FILES


def test_the_analysis_runs_with_numbers_titles_checks_and_targets_of_its_own(toy):
    toy.run("toy")
    results = toy.results()
    means = list(csv.DictReader(io.StringIO(results["toy/means.csv"].decode())))
    assert [int(row["period"]) for row in means] == list(range(2016, 2025))
    for kind in (".csv", ".rounded.csv", ".tex", ".typ", ".html", ".docx"):
        assert f"tables/toy_means{kind}" in results
    for kind in (".png", ".pdf", ".svg"):
        assert f"figures/toy_figure{kind}" in results
    heading = re.search(r"Table (\d+)\. Means by year", results["tables/toy_means.html"].decode())
    assert toy.planned("toy_figure") == toy.planned("toy") == {}
    assert toy.planned(f"table{heading[1]}") == {}
    toy.change_config({("toy", "variable"): "digtal"})
    done = toy.run("toy", "-n", check=False)
    assert "toy.variable" in done.stdout + done.stderr
    assert "did you mean 'digital'?" in done.stdout + done.stderr
    toy.change_config({("toy", "variable"): "ln_gdp_pc"})
    assert set(toy.planned("toy")) >= {"compute_toy", "publish_toy"}
