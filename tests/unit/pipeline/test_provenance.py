import subprocess
import sys

import pytest

from shuyi import files
from shuyi.errors import DataError
from shuyi.pipeline import provenance


def names(module):
    return {path.relative_to(provenance.PACKAGE).as_posix() for path in provenance.closure(module)}


def test_closure_follows_imports_and_leaves_type_checking_out():
    assert names("panel") == {"panel.py", "periods.py", "errors.py"}


def test_closure_holds_whole_packages():
    assert {"weights/__init__.py", "weights/container.py", "errors.py"} <= names("weights")


def test_records_do_not_pull_in_the_modules_they_convert():
    assert names("files") == {"files.py", "errors.py", "strict.py"}
    found = names("pipeline.records")
    assert "panel.py" not in found and "publish/table.py" not in found and "weights/container.py" not in found


def test_resources_belong_to_the_module_of_their_name():
    assert "resources/provinces.csv" in names("china.provinces")


def test_unknown_module_is_refused():
    with pytest.raises(DataError, match="no module 'panels'"):
        provenance.code_digest("panels")


def test_digest_changes_with_an_imported_module(tmp_path):
    script = (
        "import sys, pathlib; from shuyi.pipeline import provenance as p; "
        "p.PACKAGE = pathlib.Path(sys.argv[1]); print(p.code_digest('a'), p.code_digest('b'))"
    )
    (tmp_path / "a.py").write_text("def f():\n    from shuyi.b import g\n    return g\n")
    (tmp_path / "b.py").write_text("g = 1\n")
    (tmp_path / "c.py").write_text("h = 1\n")

    def digests():
        run = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
        )
        return run.stdout.split()

    before = digests()
    (tmp_path / "c.py").write_text("h = 2\n")
    assert digests() == before
    (tmp_path / "b.py").write_text("g = 2\n")
    after = digests()
    assert after[0] != before[0]
    assert after[1] != before[1]


def test_manifest_is_ordered_and_complete():
    record = provenance.manifest(
        inputs={"b": b"2", "a": b"1"}, outputs={"z": b"9"}, settings={"seed": 1}, packages=("numpy",)
    )
    assert list(record["inputs"]) == ["a", "b"]
    assert record["outputs"]["z"] == files.sha256(b"9")
    assert set(record["versions"]) == {"numpy"}


def test_one_digest_of_printed_tables_leaves_full_precision_out():
    one = {"results/tables/a.rounded.csv": b"1.0", "results/tables/a.csv": b"1.00000000001"}
    digest = provenance.printed_digest(one)
    assert provenance.printed_digest(one | {"results/tables/a.csv": b"1"}) == digest
    assert provenance.printed_digest(one | {"results/tables/a.rounded.csv": b"1.1"}) != digest
