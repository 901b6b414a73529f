"""What must fail before any job, on the real command line: one case of each kind.

Every case stands in tests/unit/pipeline/test_hostile_settings.py.
"""

import pytest

pytestmark = pytest.mark.workflow


@pytest.fixture
def planned(fresh):
    def run(*arguments):
        done = fresh.run(*arguments, "-n", check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def write(project, text, encoding="utf-8"):
    (project.folder / "config/config.yaml").write_bytes(text.encode(encoding))


def configuration(project):
    return (project.folder / "config/config.yaml").read_text(encoding="utf-8")


FILE = {"kind": "file", "islands": "keep", "normalisation": "row"}
CONVEX = {"kind": "convex", "share": 0.5, "normalisation": "row"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({("weights", "own"): {**FILE, "path": "data/none.csv"}}, "no such file"),
        (
            {
                ("weights", "c"): {**CONVEX, "geographic": "d", "economic": "nested"},
                ("weights", "d"): {**CONVEX, "geographic": "c", "economic": "nested"},
            },
            "c -> d -> c",
        ),
        ({("moran", "permutations"): 10**9}, "GiB of memory"),
    ],
)
def test_what_cannot_be_built_is_refused(fresh, planned, changes, expected):
    fresh.change_config(changes)
    code, text = planned()
    assert code
    assert expected in text
    assert "Traceback" not in text
    assert "Nothing to be done" not in text


@pytest.mark.parametrize("section", ["weights"])
def test_a_misspelt_section_is_named_with_the_nearest(fresh, planned, section):
    write(fresh, configuration(fresh).replace(f"\n{section}:", f"\n{section}x:"))
    code, text = planned()
    assert code
    assert f"did you mean '{section}'?" in text
    assert "Traceback" not in text
    assert "KeyError" not in text


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ("seed: 7\n", "the key 'seed' a second time"),
        ("__use_yte__: true\n", "settings are no templates"),
    ],
)
def test_the_configuration_is_read_strictly(fresh, planned, added, expected):
    write(fresh, configuration(fresh) + added)
    code, text = planned()
    assert code
    assert expected in text
    assert "line" in text


def test_whole_floats_and_gb18030_are_accepted(fresh, planned):
    fresh.change_config({("report", "years"): [2024.0], ("estimation", "draws"): 1000.0})
    write(fresh, configuration(fresh), "gb18030")
    code, text = planned()
    assert not code, text


@pytest.mark.parametrize("path", ["data/policy/instruments.csv"])
def test_a_deleted_input_is_named(fresh, planned, path):
    (fresh.folder / path).unlink()
    code, text = planned()
    assert code
    assert path in text


def test_an_unknown_target_lists_those_of_its_kind(planned):
    code, text = planned("table99")
    assert code
    assert "one of table1, table2" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("analysis", ["coordination", "estimation"])
def test_what_other_analyses_need_can_be_off(fresh, planned, analysis):
    fresh.change_config({("analyses", "off"): [analysis]})
    code, text = planned()
    assert not code, text
    assert "The analysis report is off: it needs " in text
