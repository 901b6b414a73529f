"""Which analyses a run has: those that are wanted, whose inputs exist, and that need none that is off."""

from dataclasses import replace

import pytest

from shuyi.analyses.registry import ANALYSES, analyses_of
from shuyi.errors import ConfigError
from shuyi.pipeline import run as pipeline_run


@pytest.fixture(scope="module")
def paper():
    return pipeline_run.load_run(pipeline_run.read_config({}, []))


def without(paper, *off):
    return replace(paper, config={**paper.config, "analyses": {"off": list(off)}})


def there(path):
    return True


def ids(analyses):
    return [analysis.id for analysis in analyses]


def test_the_default_run_has_every_analysis(paper):
    assert ids(paper.analyses) == ids(ANALYSES)
    assert paper.off == {}


def test_no_analysis_needs_a_later_one():
    for place, analysis in enumerate(ANALYSES):
        assert set(analysis.needs) <= set(ids(ANALYSES[:place])), analysis.id


def test_an_analysis_that_the_configuration_names_is_off(paper):
    on, off = analyses_of(without(paper, "facts"), there)
    assert "facts" not in ids(on)
    assert off == {"facts": "The analysis facts is off: analyses.off names it."}


def test_what_needs_an_analysis_that_is_off_is_off_too(paper):
    on, off = analyses_of(without(paper, "tiers"), there)
    assert off["ledger"] == "The analysis ledger is off: it needs tiers, which is off."
    assert set(off) == {"tiers", "heterogeneity", "ledger", "report"}
    assert set(ids(on)) == set(ids(ANALYSES)) - set(off)


@pytest.mark.parametrize(
    ("missing", "analysis"),
    [("data/facts/claims.csv", "facts"), ("config/negative_list_rules.yaml", "industry")],
)
def test_an_analysis_without_its_input_is_off_with_one_sentence(paper, missing, analysis):
    on, off = analyses_of(paper, lambda path: path != missing)
    assert off == {analysis: f"The analysis {analysis} is off: {missing} is missing."}
    assert analysis not in ids(on)


def test_tables_and_figures_of_an_analysis_that_is_off_have_no_number(paper):
    less = pipeline_run.with_analyses(without(paper, "convergence"))
    names = [item.name for item in less.items]
    assert "club_map" in paper.numbers and "club_map" not in less.numbers
    assert list(less.numbers) and set(less.numbers) == set(names)
    tables = [int(less.numbers[i.name]) for i in less.items if i.kind == "table" and not i.part_of]
    assert sorted(tables)[:8] == list(range(1, 9))


@pytest.mark.parametrize("target", ["convergence", "club_map", "convergence_clubs"])
def test_targets_of_an_analysis_that_is_off_say_so(paper, target):
    less = pipeline_run.with_analyses(without(paper, "convergence"))
    known = [*less.numbers, *ids(less.analyses)]
    expected = rf"no target '{target}' in this run\. The analysis convergence is off"
    with pytest.raises(ConfigError, match=expected):
        pipeline_run.check_targets([target], known, lambda file: False, pipeline_run.off_targets(less))
