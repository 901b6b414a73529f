"""Settings that are wrong or ambiguous, each refused before any job, and odd ones that are right."""

import pytest
from project_copy import CONFIG, SHEET, Project

from shuyi.pipeline.run import check_targets

KNN = {"kind": "nearest_neighbours", "k": 4, "normalisation": "row"}
BAND = {"kind": "band", "lower_km": 0, "upper_km": 10, "islands": "keep", "normalisation": "row"}
CONVEX = {"kind": "convex", "economic": "nested", "share": 0.5, "normalisation": "row"}
FILE = {"kind": "file", "islands": "keep", "normalisation": "row"}
NAN, INF = float("nan"), float("inf")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def test_the_shipped_settings_are_accepted(project):
    assert project.refusal() == ""


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        *(
            (path, value, "no finite number")
            for path in [
                ("estimation", "confidence"),
                ("lisa", "significance"),
                ("convergence", "significance"),
                ("convergence", "hp_smoothing"),
                ("inequality", "gap_threshold"),
                ("tiers", "margin"),
                ("monitor", "sigmas"),
                ("rankings", "concentration"),
                ("panel", "max_imputed_share"),
            ]
            for value in (NAN, INF)
        ),
        *(
            (path, count, "GiB of memory")
            for path in [
                ("estimation", "draws"),
                ("moran", "permutations"),
                ("lisa", "permutations"),
                ("rankings", "draws"),
                ("inequality", "permutations"),
                ("dynamics", "permutations"),
                ("robustness", "draws"),
            ]
            for count in (10**9, 10**18)
        ),
        (("estimation", "headline"), "ols", "no spillovers"),
        (("weights", "summary"), KNN, "a name that is taken"),
        (("weights", "a\n"), KNN, "text of the form"),
        (("weights", "a"), {**CONVEX, "geographic": "a"}, "weights.a.geographic"),
        (("weights", "a"), {**CONVEX, "geographic": "none"}, "weights.a.geographic"),
        (("weights", "own"), BAND, "weights that are all zero"),
        (("weights", "own"), {**BAND, "upper_km": 900, "islands": "refuse"}, "540000, 650000"),
        (("weights", "contiguity", "links"), [], "460000"),
        (("weights", "own"), {**FILE, "path": "data/{x}.csv"}, "stand for patterns"),
        (("weights", "own"), {**FILE, "path": "results/own.csv"}, "outside results/"),
        (("weights", "own"), {**FILE, "path": "data"}, "a folder"),
        (("weights", "own"), {**FILE, "path": "data/snapshot/adjacency.csv"}, "not a square table"),
        (("samples", "without_tibet"), ["440000"], "leaves 460000 without a neighbour in contiguity"),
        (("samples", "without_tibet"), [f"{i}0000" for i in range(11, 38)], "a sample of more than"),
        (("panel",), 5, "panel: found 5"),
        (("panel",), None, "panel: found null"),
        (("panel", "user_file"), 5, "panel.user_file: found 5"),
        (("moran", "variables"), [], "moran.variables"),
    ],
)
def test_a_wrong_value_is_refused(project, path, value, expected):
    text = project.refusal({path: value})
    assert expected in text
    assert "no job was started" in text or "cannot be read" in text


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(
            ((section, "years"), [2016.0, 2024.0])
            for section in ("coordination", "maps", "lisa", "inequality")
        ),
        *(((section, "years"), [2016.0, 2024.0]) for section in ("geography", "tiers", "report")),
        (("panel", "base_year"), 2015.0),
        (("lisa", "permutations"), 9999.0),
        (("estimation", "draws"), 1e3),
        (("seed",), 7.0),
        (("weights", "nearest_4", "k"), 4.0),
        (("tables", "decimals"), 3.0),
        (("maps", "dpi"), 300.0),
        (("dynamics", "classes"), 4.0),
        (("dynamics", "lag"), 4.0),
        (("dynamics", "sectors"), 8.0),
        (("convergence", "span"), 1.0),
        (("tiers", "periods"), 2.0),
        (("rankings", "top"), 5.0),
        (("monitor", "baseline"), 5.0),
    ],
)
def test_a_whole_float_is_the_number(project, path, value):
    found = project.load({path: value}).config
    for key in path:
        found = found[key]
    kept = found if isinstance(found, list) else [found]
    assert all(type(number) is int for number in kept)


@pytest.mark.parametrize(
    ("spec", "cells", "expected"),
    [
        ("sar", {"column": ""}, "a heading without blanks"),
        ("sdm_information", {"column": "SDM "}, "a heading without blanks"),
        ("ols", {"column": "SEM"}, "'SEM' 2 times in table 7"),
        ("sar", {"table": "7 "}, "a number or a name"),
        ("sar", {"table": ""}, "a number or a name"),
    ],
)
def test_a_wrong_cell_of_the_sheet_is_refused(project, spec, cells, expected):
    project.edit_row(spec, **cells)
    assert expected in project.refusal()


def test_a_row_may_ask_for_a_table_of_its_own(project):
    project.edit_row("sdm", table="9")
    assert "estimates_7" in [item.name for item in project.load().items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CONFIG + "seed: 7\n", "the key 'seed' a second time"),
        (CONFIG + "__use_yte__: true\n", "settings are no templates"),
        (CONFIG + "x: !!python/name:os.system\n", "could not determine a constructor"),
        (CONFIG.replace("\nlisa:", "\nlissa:"), "did you mean 'lisa'?"),
        (CONFIG.replace("    kind: contiguity\n", "    kinds: contiguity\n", 1), "kinds"),
        ("", "an empty file"),
        ("- a\n", "a list"),
        ("a: [\n", "cannot be read"),
    ],
)
def test_a_configuration_is_read_strictly(project, text, expected):
    project.write("config/config.yaml", text)
    assert expected in project.refusal()


def test_a_configuration_in_gb18030_is_read(project):
    project.write("config/config.yaml", CONFIG.encode("gb18030"))
    assert project.load().config["maps"]["approval_number"].startswith("底图审图号")


@pytest.mark.parametrize("command_line", [{"panel": "5"}, {"seed": "x"}, {"lisa": {"significance": ".nan"}}])
def test_the_command_line_is_checked_too(project, command_line):
    assert project.refusal(command_line=command_line)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("config/specifications.csv", "", "header"),
        ("config/specifications.csv", SHEET.replace("sar,7", 'sar,"7'), "not in the form of CSV"),
        ("config/labels/own.csv", "a,b\n1,2\n", "expected: key,en,zh"),
        ("config/labels/own.csv", "key,en,zh\nx,{nummer},甲\n", "{nummer} but {}"),
        ("config/labels/own.csv", "key,en,zh\nx,a {,甲\n", "stray brace"),
        ("config/labels/own.csv", "key,en,zh\nx,{a.__class__},{a.__class__}\n", "stray brace"),
        ("config/labels/own.csv", "key,en,zh\nx,a,\n", "without a text: x"),
        ("config/labels/own.csv", "key,en,zh\nx,a\x07b,c\n", "'\\x07' in line 2"),
        ("config/specifications.csv", SHEET.replace("SAR", "S\x08R"), "control character"),
        ("config/negative_list_rules.yaml", "", "an empty file"),
        ("config/negative_list_rules.yaml", "- a\n", "a list"),
        ("config/negative_list_rules.yaml", "sectors: []\n", "negative_list_rules.yaml"),
        ("config/coordination.yaml", "", "an empty file"),
        ("config/coordination.yaml", "sets: 5\n", "coordination.yaml"),
        ("config/indices/four_fields.yaml", "- a\n", "a list"),
        ("config/indices/own.yaml", "id: own\n", "own.yaml"),
        ("data/snapshot/codebook.csv", "", "codebook.csv: hash"),
        ("data/snapshot/codebook.csv", "series,unit\n", "codebook.csv: hash"),
        ("data/snapshot/own.csv", "a\n", "undescribed file"),
        ("data/datapackage.json", "{}", "datapackage.json: its sha256"),
        ("data/registers.json", "{", "registers.json: its sha256"),
        ("data/facts/claims.csv", "", "claims.csv: hash"),
    ],
)
def test_a_file_of_the_project_that_is_broken_is_named(project, path, text, expected):
    project.write(path, text)
    assert expected in project.refusal()


def test_an_index_scheme_bears_the_name_of_its_file(project):
    project.edit("config/indices/four_dimensions.yaml", "id: four_dimensions", "id: other")
    assert "id: other" in project.refusal()


def test_hidden_files_of_an_operating_system_are_left_alone(project):
    for path in ("config/indices/._x.yaml", "config/labels/._x.csv", "data/snapshot/._x.csv"):
        project.write(path, b"\x00\x05")
    assert project.refusal() == ""


def test_rules_of_an_analysis_that_is_off_are_not_read(project):
    project.write("config/negative_list_rules.yaml", "")
    assert project.refusal({("analyses", "off"): ["industry"]}) == ""


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("table99", "one of table1, table2, table14b"),
        ("report_1999", "one of report_2016, report_2024"),
        ("tabel1", "table1"),
        ("convergense", "did you mean 'convergence'?"),
        ("*", "the name or number of a table"),
    ],
)
def test_an_unknown_target_lists_what_there_is(target, expected):
    known = ["all", "table1", "table2", "table14b", "convergence", "report_2016", "report_2024"]
    with pytest.raises(Exception, match="There is no target") as caught:
        check_targets([target], known, lambda file: False)
    assert expected in str(caught.value)
