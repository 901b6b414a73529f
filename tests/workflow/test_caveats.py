"""Every table, figure, map and page that rests on an estimate carries the caveats of that estimate."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from matplotlib.text import Text

from shuyi import files
from shuyi.pipeline.jobs import InputFiles, page_of
from shuyi.pipeline.run import load_run
from shuyi.publish.notes import caveat_notes

pytestmark = pytest.mark.workflow

ESTIMATES = ("results/fits/", "results/effects/", "results/caveats/")
WITHOUT_EFFECTS = {"weights_map", "persistence"}
"""A map of weights, and tests of series: no effect of the index is in them."""


def squeezed(text):
    """Return a text without spaces and the breaks of lines that a figure adds."""
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def paper(finished):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(finished.folder)
        yield load_run(files.read_yaml("config/config.yaml"))


def read_by(analysis, paper):
    listed = analysis.sources(paper).values()
    return [file for value in listed for file in ([value] if isinstance(value, str) else value)]


def page_for(analysis, paper, language):
    words = [*map(str, sorted(Path("config/labels").glob("*.csv"))), *analysis.words(paper)]
    shared = {"language": language, "numbers": paper.numbers, "subject": dict(paper.subject)}
    shared |= {section: paper.config[section] for section in ("tables", "maps")}
    sources = InputFiles({**analysis.sources(paper), "words": words}, paper.subject)
    return page_of(sources, analysis.settings(paper), shared)


def made(analysis, paper, page):
    """Yield the name and the words of every table and figure of an analysis, from a finished run."""
    for table in import_module(f"shuyi.analyses.{analysis.id}.tables").print_tables(page):
        yield table.id, table.note()
    for name, figure in import_module(f"shuyi.analyses.{analysis.id}.figures").draw_figures(page).items():
        figure = figure() if callable(figure) else figure
        lines = [text.get_text() for text in figure.findobj(Text)]
        # Notes of maps are set from the last line to the first.
        yield name, " ".join([*lines, *reversed(lines)])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_whatever_reads_an_estimate_carries_its_caveats(paper, language):
    told = files.read_json(f"results/caveats/{paper.headline.id}.json")
    resting = [a for a in paper.analyses if any(f.startswith(ESTIMATES) for f in read_by(a, paper))]
    assert {a.id for a in resting} >= {"estimation", "robustness", "ledger"}
    for analysis in resting:
        page = page_for(analysis, paper, language)
        shown = dict(made(analysis, paper, page))
        names = (paper.headline.column, page.labels.text("robustness.variant.headline"))
        # The first sentence names all columns of a table, and serial correlation is told of each covariance.
        sentences = [caveat_notes({name: told | {"serial_p": None}}, page.labels)[1:] for name in names]
        for name in {item.name for item in analysis.items(paper)} - WITHOUT_EFFECTS:
            text = squeezed(shown[name])
            assert "Wooldridge" in text, name
            for forms in zip(*sentences, strict=True):
                assert any(squeezed(form) in text for form in forms), (name, forms)


def test_the_report_carries_them_too(paper, finished):
    told = files.read_json(f"results/caveats/{paper.headline.id}.json")
    analysis = next(a for a in paper.analyses if a.id == "robustness")
    labels = page_for(analysis, paper, "en").labels
    reports = [name for name in finished.results() if re.fullmatch(r"report/report_\d+\.html", name)]
    assert reports
    for name in reports:
        text = squeezed(finished.results()[name].decode()).replace("&#39;", "'").replace("&lt;", "<")
        for note in caveat_notes({paper.headline.model.upper(): told}, labels):
            assert squeezed(note) in text, note
