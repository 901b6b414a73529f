"""A write that is stopped at any of its steps leaves the old file whole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shuyi import files
from shuyi.errors import DataError

STEPS = ("mkdir", "write_bytes", "replace")
KILLED = """
import os, sys
from pathlib import Path
from shuyi import files

step = sys.argv[1]
original = getattr(Path, step)

def killed(self, *arguments, **options):
    if step == "write_bytes":
        original(self, arguments[0][:3])
    os._exit(9)

setattr(Path, step, killed)
files.write_bytes("results/a.csv", b"new content")
"""


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_leaves_the_old_file_and_the_next_run_sweeps(tmp_path, step):
    (tmp_path / "results").mkdir()
    (tmp_path / "results/a.csv").write_bytes(b"old")
    environment = os.environ | {"PYTHONPATH": str(Path(files.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", KILLED, step], cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 9
    assert (tmp_path / "results/a.csv").read_bytes() == b"old"
    living = tmp_path / f"results/.b.csv.{os.getpid()}.partial"
    living.write_bytes(b"being written")
    files.sweep(tmp_path / "results")
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == sorted([living.name, "a.csv"])


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OSError(28, "No space left on device")]
)
def test_an_error_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch, step, error):
    (tmp_path / "a.csv").write_bytes(b"old")

    def broken(self, *arguments, **options):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(Path, step, broken)
        with pytest.raises(DataError, match=r"Cannot write .*a\.csv"):
            files.write_bytes(tmp_path / "a.csv", b"new content")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.csv", b"old")]


def test_a_folder_that_is_not_there_has_nothing_to_sweep(tmp_path):
    assert files.sweep(tmp_path / "none") == []
