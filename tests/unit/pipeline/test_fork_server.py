"""Scripts that run in forks of one process find what a Python of their own would give them."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from shuyi.pipeline import fork_server
from shuyi.pipeline.fork_server import CLIENT, command_prefix, start_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server runs on Linux alone")
PATIENCE = 20.0
"""Seconds after which something that takes milliseconds has failed."""
ABOUT = """
import os, sys
print(sys.argv, __name__, __file__, os.getcwd(), os.environ["GIVEN"], sys.path[0], sys.stdin.read())
sys.stderr.write("to stderr")
"""


@pytest.fixture
def server():
    path = str(Path(tempfile.mkdtemp()) / "socket")
    process = start_server(path)
    process.path = path
    yield process
    process.communicate(timeout=PATIENCE)


@pytest.fixture
def script(tmp_path):
    def write(text, name="script.py"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return write


def command(path, *words):
    return [sys.executable, "-IS", str(CLIENT), path, *words]


def run(path, *words, **options):
    return subprocess.run(command(path, *words), capture_output=True, text=True, **options)


def soon(holds):
    deadline = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


def runs(process):
    """Return whether a process runs; one that has ended but was not waited for does not."""
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (ABOUT, 0),
        ("import sys; sys.exit(3)", 3),
        ("raise SystemExit('told')", 1),
        ("def f():\n    raise ValueError('wrong')\nf()", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("class Own: pass\nimport pickle; print(pickle.loads(pickle.dumps(Own())).__class__)", 0),
    ],
)
def test_a_script_ends_prints_and_finds_the_same_as_in_its_own_python(server, script, tmp_path, text, status):
    path = script(text)
    options = {"cwd": tmp_path, "env": os.environ | {"GIVEN": "数"}, "input": "read"}
    forked = run(server.path, sys.executable, path, **options)
    alone = subprocess.run([sys.executable, path], capture_output=True, text=True, **options)
    assert (forked.returncode, forked.stdout, forked.stderr) == (status, alone.stdout, alone.stderr)
    assert alone.returncode == status


def test_the_next_script_starts_with_what_the_last_one_imported(server, script):
    path = script("import sys; print('wave' in sys.modules, 'own' in sys.modules); import wave, own")
    script("", "own.py")
    assert run(server.path, sys.executable, path).stdout == "False False\n"
    assert run(server.path, sys.executable, path).stdout == "True False\n"


def test_modules_of_a_script_that_failed_are_not_taken_over(server, script):
    path = script("import sys; print('wave' in sys.modules); import wave; sys.exit(1)")
    assert [run(server.path, sys.executable, path).stdout for _ in range(2)] == ["False\n", "False\n"]


def test_scripts_run_beside_one_another(server, script):
    first = script(
        "import time, pathlib\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)", "first.py"
    )
    waiting = subprocess.Popen(command(server.path, sys.executable, first), cwd=Path(first).parent)
    done = run(server.path, sys.executable, script("open('go', 'w').close()"), cwd=Path(first).parent)
    assert (done.returncode, waiting.wait(PATIENCE)) == (0, 0)


@pytest.mark.parametrize("words", [(sys.executable, "-c", "print('own')"), ("echo", "own")])
def test_any_other_command_runs_by_itself(server, words):
    assert run(server.path, *words).stdout == "own\n"


def test_without_a_server_a_script_has_its_own_python(script, tmp_path):
    done = run(str(tmp_path / "none"), sys.executable, script("print('own')"))
    assert (done.returncode, done.stdout) == (0, "own\n")


def test_a_script_ends_with_its_client_and_the_server_with_its_run(server, script, tmp_path):
    path = script("import os, time; open('at', 'w').write(f'{os.getpid()}.'); time.sleep(60)")
    at = tmp_path / "at"

    def started():
        at.unlink(missing_ok=True)
        client = subprocess.Popen(command(server.path, sys.executable, path), cwd=tmp_path)
        assert soon(lambda: at.exists() and at.read_text().endswith("."))
        return client, int(at.read_text()[:-1])

    client, process = started()
    client.kill()
    client.wait()
    assert soon(lambda: not runs(process))
    client, process = started()
    server.communicate(timeout=PATIENCE)
    assert soon(lambda: not runs(process))
    assert client.wait(PATIENCE) == 1
    assert not Path(server.path).parent.exists()


@pytest.mark.parametrize(("platform", "switch"), [("darwin", "1"), ("linux", "0")])
def test_elsewhere_and_where_it_is_turned_off_there_is_no_server(monkeypatch, platform, switch):
    monkeypatch.setattr(fork_server.sys, "platform", platform)
    monkeypatch.setenv("SHUYI_FORK", switch)
    monkeypatch.setattr(fork_server, "start_server", lambda path: pytest.fail("a server was started"))
    assert command_prefix() == "set -euo pipefail; "
