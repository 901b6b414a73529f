"""What goes into a package: no file whose licence is unknown, no cache, and no stale result."""

from types import SimpleNamespace

import pytest

from shuyi.errors import DataError
from shuyi.files import sha256
from shuyi.review import package

RUN = SimpleNamespace(
    user_files=("mine.csv",),
    weights_files=("config/my_weights.csv",),
    config={"monitor": {"previous_vintage": "old.csv"}, "seed": 1},
)


@pytest.mark.parametrize("path", ["mine.csv", "config/my_weights.csv", "old.csv", "data/external/pku.csv"])
def test_users_files_are_left_out(path):
    assert package.is_own(path, RUN)


@pytest.mark.parametrize("path", ["data/snapshot/provincial_figures.csv", "config/config.yaml"])
def test_files_of_the_project_are_kept(path):
    assert not package.is_own(path, RUN)


def test_caches_external_data_and_links_are_no_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in (
        "src/a.py", "src/__pycache__/a.pyc", "data/external/x.csv", "data/external/README.md",
        "data/cache/y.csv", "data/z.csv", "Snakefile", "results/t.csv", "private.txt",
    ):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    (tmp_path / "src/link.py").symlink_to("/etc/passwd")
    assert set(package.code_files()) == {"src/a.py", "data/external/README.md", "data/z.csv", "Snakefile"}


def test_a_run_that_is_no_longer_that_of_its_manifest_is_not_packed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="no finished run"):
        package.read_manifest()
    (tmp_path / "a.csv").write_bytes(b"1")
    manifest = {"inputs": {"a.csv": sha256(b"1")}, "outputs": {}, "settings": {"seed": 1}}
    package.check_current(manifest, {"seed": 1})
    with pytest.raises(DataError, match="the setting seed"):
        package.check_current(manifest, {"seed": 2})
    (tmp_path / "a.csv").write_bytes(b"2")
    with pytest.raises(DataError, match=r"a\.csv"):
        package.check_current(manifest, {"seed": 1})
