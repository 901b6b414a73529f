import copy

import pytest
from snapshot_files import DATA, descriptor, files, table

from shuyi.china.rules import CONTRACT
from shuyi.data.snapshot import inspect_snapshot, refresh_descriptor, tidy_figures, verify_snapshot
from shuyi.errors import DataError

FIGURES = "snapshot/provincial_figures.csv"


def changed(path, old, new):
    content = files()
    assert old in content[path]
    content[path] = content[path].replace(old, new, 1)
    return content


def rules(content, package=None):
    return [v.rule for v in inspect_snapshot(package or descriptor(), content, CONTRACT).violations]


def reseal(content):
    return refresh_descriptor(descriptor(), content)


def test_committed_snapshot_is_valid():
    report = verify_snapshot(descriptor(), files(), CONTRACT)
    assert report.valid
    assert (report.files, report.cells, report.indicators, report.provinces) == (5, 11_970, 37, 31)
    assert report.to_record()["violations"] == ()


def test_frictionless_validates_the_package_by_itself():
    from frictionless import Package

    report = Package((DATA / "datapackage.json").as_posix()).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])


def test_descriptor_states_what_a_reader_needs():
    package = descriptor()
    assert "census" in package["vintage"]
    for resource in package["resources"]:
        assert resource["hash"].startswith("sha256:")
        assert resource["sources"] and resource["licenses"] and resource["schema"]["primaryKey"]
        assert all(field["description"] for field in resource["schema"]["fields"])


def test_refreshed_descriptor_of_unchanged_files_is_the_committed_one():
    assert refresh_descriptor(descriptor(), files()) == descriptor()


def test_one_changed_digit_is_found_by_its_hash():
    content = changed(FIGURES, b"2016,475.8", b"2016,475.9")
    with pytest.raises(DataError, match=r"expected sha256:[0-9a-f]{64}, found sha256:[0-9a-f]{64}"):
        verify_snapshot(descriptor(), content, CONTRACT)


def test_all_violations_are_listed_at_once():
    content = changed(FIGURES, b"2016,475.8", b"2016,47x.8")
    content[FIGURES] += (
        b"gdp_nominal,110000,2016,27041.2\ngdp_nominal,990000,2016,1\ngdp_nominal,110000,2031,1\n"
    )
    content["snapshot/extra.csv"] = b"a\n"
    with pytest.raises(DataError) as caught:
        verify_snapshot(descriptor(), content, CONTRACT)
    message = str(caught.value)
    for part in (
        "undescribed file: snapshot/extra.csv",
        "bytes: snapshot/provincial_figures.csv",
        "hash: snapshot/provincial_figures.csv",
        "row 2, column value",
        'constraint "enum"',
        'constraint "maximum" is "2024"',
        "duplicate: gdp_nominal 110000 2016",
        "coverage: broadband_access_users 110000 2016: the cell is missing",
        "coverage: gdp_nominal 990000 2016",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("old", "new", "rule", "where"),
    [
        (b"gdp_index_prev100,110000,2016,", b"gdp_index_prev100,110000,2016,1", "range", "gdp_index_prev100"),
        (b"gdp_nominal,110000,2016,", b"gdp_nominal,110000,2016,1", "identity", "110000 2016"),
        (b"broadband_users_urban,110000,2016,", b"broadband_users_urban,110000,2016,1", "identity", "110000"),
        (b"population_urban,110000,2016,", b"population_urban,110000,2016,9", "identity", "110000 2016"),
        (b"domain_names,110000,2016,", b"domain_names,110000,2016,-", "range", "domain_names 110000 2016"),
        (b"domain_names,110000,2016,", b"domain_names,110000,2026,", "coverage", "domain_names 110000 2026"),
    ],
)
def test_own_rules_find_what_hash_and_schema_cannot(old, new, rule, where):
    content = changed(FIGURES, old, new)
    found = [v for v in inspect_snapshot(reseal(content), content, CONTRACT).violations if v.rule == rule]
    assert any(where in v.where for v in found)


def test_missing_cell_must_be_declared():
    content = files()
    lines = content[FIGURES].splitlines(keepends=True)
    content[FIGURES] = b"".join(line for line in lines if not line.startswith(b"gdp_nominal,110000,2016,"))
    report = inspect_snapshot(reseal(content), content, CONTRACT)
    assert [str(v) for v in report.violations if v.rule == "coverage"] == [
        "snapshot/provincial_figures.csv: coverage: gdp_nominal 110000 2016: the cell is missing"
    ]


def test_undeclared_gap_of_the_source_is_found():
    row = b"broadband_users_rural,not_published,310000,2016,2018"
    content = changed("snapshot/caveats.csv", row, row.replace(b"2018", b"2017"))
    found = inspect_snapshot(reseal(content), content, CONTRACT).violations
    assert [v.rule for v in found] == ["coverage", "coverage"]
    assert "broadband_users_rural 310000 2018" in str(found[0])


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"),
    [
        ("snapshot/regions.csv", b"Shanxi,", b"Shanxi ,", "registry"),
        ("snapshot/regions.csv", b"beijing_tianjin_hebei,16420", b"beijing_tianjin_hebei,16430", "registry"),
        ("snapshot/adjacency.csv", b"110000,120000", b"120000,110000", "duplicate"),
        ("snapshot/adjacency.csv", b"110000,120000", b"110000,130000", "schema"),
        ("snapshot/codebook.csv", b",434,", b",433,", "coverage"),
    ],
)
def test_geography_and_codebook_are_compared(path, old, new, rule):
    content = changed(path, old, new)
    assert rule in rules(content, reseal(content))


def test_absent_and_empty_files_are_reported():
    content = files()
    del content["snapshot/codebook.csv"]
    assert rules(content) == ["missing file"]
    content = {**files(), FIGURES: b""}
    assert {"bytes", "hash", "schema"} <= set(rules(content))


def test_descriptor_without_a_resource_is_refused():
    package = copy.deepcopy(descriptor())
    package["resources"] = package["resources"][:-1]
    found = rules(files(), package)
    assert "descriptor" in found
    assert "undescribed file" in found


def test_figures_without_a_column_are_refused():
    with pytest.raises(DataError, match=r"lacks columns[\s\S]*without value"):
        tidy_figures(table("provincial_figures").drop(columns="value"))
