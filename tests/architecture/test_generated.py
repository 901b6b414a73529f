"""Generated reference files must equal what their sources give; `make docs` rewrites them."""

from pathlib import Path

import pytest

from shuyi import files
from shuyi.analyses.registry import ANALYSES
from shuyi.pipeline import records, reference
from shuyi.pipeline.run import load_run, read_config, titles_of

ROOT = Path(__file__).parents[2]
RUN = load_run(read_config({}, []))
MEND = "run `make docs`"


@pytest.fixture
def labels():
    return records.read_labels(sorted((ROOT / "config/labels").glob("*.csv")), "en")


def test_environment_has_the_versions_of_the_lock():
    lock = files.read_text(ROOT / "requirements.lock")
    assert files.read_text(ROOT / "environment.yml") == reference.environment(lock), MEND
    locked = reference.locked_versions(lock)
    listed = files.read_yaml(ROOT / "environment.yml")["dependencies"][-1]["pip"]
    assert sorted(listed) == sorted(name + found for name, found in locked.items())


def test_lock_is_hashed_and_names_no_index():
    lock = files.read_text(ROOT / "requirements.lock")
    lines = lock.splitlines()
    packages = [i for i, line in enumerate(lines) if not line.startswith("    --hash=sha256:")]
    assert len(packages) == len(reference.locked_versions(lock))
    assert all(lines[i + 1].startswith("    --hash=sha256:") for i in packages)
    assert "http" not in lock
    assert "index-url" not in lock


def test_every_dependency_is_locked():
    project = files.read_text(ROOT / "pyproject.toml")
    locked = reference.locked_versions(files.read_text(ROOT / "requirements.lock"))
    named = [
        line.strip()[1:].split('"')[0]
        for line in project.splitlines()
        if line.startswith('  "') and "=" in line
    ]
    packages = [name.split(">=")[0].split("==")[0] for name in named if ">=" in name or "==" in name]
    assert len(packages) > 20
    assert [name for name in packages if name.lower().replace("_", "-") not in locked] == []


def test_configuration_reference_is_current():
    schema = files.read_yaml(ROOT / "workflow/schemas/config.schema.yaml")
    assert files.read_text(ROOT / "config/README.md") == reference.config_reference(schema), MEND


def test_every_key_of_the_schema_is_explained():
    schema = files.read_yaml(ROOT / "workflow/schemas/config.schema.yaml")
    for key, about in reference._keys(schema):
        assert reference._resolve(about, schema).get("description"), key


def test_list_of_tables_is_current(labels):
    readme = files.read_text(ROOT / "README.md")
    listed = reference.table_list(RUN, titles_of(RUN, labels))
    assert reference.replace_block(readme, "tables", listed) == readme, MEND


def test_both_languages_have_every_label():
    for language in ("en", "zh"):
        records.read_labels(sorted((ROOT / "config/labels").glob("*.csv")), language)


def test_every_listed_program_exists(labels):
    for line in reference.table_list(RUN, titles_of(RUN, labels)).splitlines()[2:]:
        assert (ROOT / line.split("`")[5]).is_dir(), line


def test_the_schema_names_every_analysis():
    schema = files.read_yaml(ROOT / "workflow/schemas/config.schema.yaml")
    named = schema["properties"]["analyses"]["properties"]["off"]["items"]["enum"]
    assert sorted(named) == sorted(analysis.id for analysis in ANALYSES)
