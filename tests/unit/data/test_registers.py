"""The registers of claims and instruments against their description, and the table of facts."""

import json

import pytest
from report_inputs import report_labels
from snapshot_files import DATA

from shuyi import files as shuyi_files
from shuyi.analyses.facts import register as facts_register
from shuyi.analyses.facts.tables import facts_table
from shuyi.china.places import PLACES
from shuyi.data import registers
from shuyi.data.snapshot import refresh_descriptor
from shuyi.errors import DataError

PATHS = ("facts/claims.csv", "policy/instruments.csv", "policy/policies.csv")


def descriptor():
    return json.loads((DATA / registers.DESCRIPTOR).read_text(encoding="utf-8"))


def files():
    return {path: (DATA / path).read_bytes() for path in PATHS}


def test_committed_registers_are_as_described():
    assert registers.verify_registers(descriptor(), files()).to_record() == {
        "valid": True, "violations": (), "files": 3,
    }  # fmt: skip
    assert refresh_descriptor(descriptor(), files()) == descriptor()


def test_frictionless_validates_the_package_by_itself():
    from frictionless import Package

    report = Package((DATA / registers.DESCRIPTOR).as_posix()).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])


def test_every_field_and_file_is_described():
    for resource in descriptor()["resources"]:
        assert resource["sources"] and resource["licenses"] and resource["schema"]["primaryKey"]
        assert all(field["description"] for field in resource["schema"]["fields"])


@pytest.mark.parametrize(
    ("path", "old", "new", "parts"),
    [
        (PATHS[0], b"traceable,", b"traceble,", ["hash: facts/claims.csv", "traceability"]),
        (
            PATHS[1],
            b"frontier,institutional",
            b"front,institutional",
            ["hash: policy/instruments.csv", "tier"],
        ),
        (PATHS[1], b"innovation_ecosystem,", b"institutional_innovation,", ["schema", "primary key"]),
    ],
)
def test_changed_registers_are_refused_with_every_violation(path, old, new, parts):
    content = files()
    assert old in content[path]
    content[path] = content[path].replace(old, new, 1)
    with pytest.raises(DataError) as caught:
        registers.verify_registers(descriptor(), content)
    for part in ("registers.json", *parts):
        assert part in str(caught.value)


def test_absent_and_undescribed_files_are_reported():
    content = files()
    content["policy/more.csv"] = content.pop(PATHS[1])
    found = [v.rule for v in registers.inspect_registers(descriptor(), content).violations]
    assert found == ["undescribed file", "missing file"]
    package = descriptor()
    package["resources"] = package["resources"][:1]
    assert "descriptor" in [v.rule for v in registers.inspect_registers(package, files()).violations]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_table_prints_every_claim_with_its_verdict(language):
    labels = report_labels(language)
    register = facts_register.check_claims(
        facts_register.load_claims(shuyi_files.read_rows(DATA / PATHS[0])),
        facts_register.Evidence(None, PLACES),
    ).to_frame()
    table = facts_table(register, labels)
    assert len(table.display) == len(register)
    counted = table.display[labels.text("facts.column.verdict")].value_counts()
    for verdict, number in register["verdict"].value_counts().items():
        assert counted[labels.text(f"facts.verdict.{verdict}")] == number
    stated = table.display.reset_index(level=0, drop=True)[labels.text("facts.column.value")]
    assert "2020" in stated.tolist()
    assert {"> 3,000", "≥ 8,000", "83.6"} <= set(stated)
