"""One Python for the scripts of a run: each runs in a fork of a process that has imported their libraries.

To start Python with pandas and matplotlib, and to take them down at the end, costs more than most jobs do.
So a run has one server, and Snakemake starts each script through `shuyi.pipeline.fork_client`. Every script
tells which modules it imported, and the next fork starts with them: a run of one job imports nothing that it
does not need, a long run imports each library once or twice. What a script finds is otherwise what a fresh
Python would give it: its own arguments, folder, environment, standard streams and ``__main__``.

The server ends with the run, however that ends: it reads from a pipe that only the run's process holds open.
Where processes cannot be forked safely (everywhere but on Linux), and where ``SHUYI_FORK`` is ``0``, each
script has its own Python, and the same results.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import marshal
import os
import runpy
import selectors
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import types
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from shuyi.pipeline import fork_client
from shuyi.pipeline.fork_client import STARTED

CLIENT = Path(fork_client.__file__)
SWITCH = "SHUYI_FORK"
"""Environment variable that turns the server off with ``0``."""


def command_prefix() -> str:
    """Start the server of this run, and return what stands before each command of Snakemake's shell.

    Returns
    -------
    str
        As ``shell.prefix`` takes it; without a server, what Snakemake has by itself.
    """
    strict = "set -euo pipefail; "
    if sys.platform != "linux" or os.environ.get(SWITCH) == "0":
        return strict
    folder = tempfile.mkdtemp(prefix="shuyi-")
    path = str(Path(folder) / "socket")
    try:
        server = start_server(path)
    except OSError:
        shutil.rmtree(folder)
        return strict
    atexit.register(server.communicate)
    client = shlex.join([sys.executable, "-IS", str(CLIENT), path])
    return (strict + client + " ").replace("{", "{{").replace("}", "}}")


def start_server(path: str) -> subprocess.Popen[bytes]:
    """Start a server that ends when its standard input does.

    Parameters
    ----------
    path : str
        Socket to make, in a folder of its own that no one else can read; both go when the server ends.

    Returns
    -------
    Popen
        With a pipe as standard input, which is at its end when this process is.

    Raises
    ------
    OSError
        If the socket or the process cannot be made.
    """
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        return subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, str(listener.fileno()), path],
            stdin=subprocess.PIPE, pass_fds=[listener.fileno()], start_new_session=True,
        )  # fmt: skip


@dataclass(frozen=True)
class Request:
    """A script to run.

    Parameters
    ----------
    script : str
        Its path.
    folder : str
        Working folder.
    environment : dict of str to str
        Environment.
    streams : tuple of int
        File descriptors of standard input, output and error.
    """

    script: str
    folder: str
    environment: dict[str, str]
    streams: tuple[int, ...]


@dataclass
class Job:
    """A script that runs.

    Parameters
    ----------
    process : int
        Its process.
    client : socket
        Who waits for it.
    told : bytearray, default empty
        What it has told so far about the modules that it imported.
    """

    process: int
    client: socket.socket
    told: bytearray = field(default_factory=bytearray)


Forked = tuple[Request, int]
"""In a fork: the script to run, and the pipe to the server."""


class Server:
    """Runs scripts in forks of itself until its run ends.

    Parameters
    ----------
    listener : socket
        Where clients ask.
    lifeline : int
        File descriptor that is at its end when the run has ended.
    """

    def __init__(self, listener: socket.socket, lifeline: int) -> None:
        self.listener = listener
        self.jobs: dict[int, Job] = {}
        self.learned: list[str] = []
        self.ended = False
        self._events = selectors.DefaultSelector()
        self._watch(listener, self._accept)
        self._watch(lifeline, self._end)

    def serve(self) -> Forked | None:
        """Answer clients until the run has ended; then end what still runs.

        Returns
        -------
        (Request, int) or None
            In each fork the script that it must run and the pipe to the server; None in the server.
        """
        while not self.ended:
            for key, _ in self._events.select():
                forked: Forked | None = key.data()
                if forked:
                    return forked
        for job in self.jobs.values():
            os.kill(job.process, signal.SIGTERM)
        return None

    def _watch(self, source: Any, react: Callable[[], Forked | None]) -> None:
        self._events.register(source, selectors.EVENT_READ, react)

    def _end(self) -> None:
        self.ended = True

    def _accept(self) -> Forked | None:
        client, _ = self.listener.accept()
        request = receive(client)
        if request is None:
            client.close()
            return None
        import_all(self.learned)
        self.learned.clear()
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:
            self._close()
            client.close()
            os.close(reading)
            return request, writing
        for descriptor in (writing, *request.streams):
            os.close(descriptor)
        self.jobs[reading] = Job(process, client)
        self._watch(reading, lambda: self._listen(reading))
        self._watch(client, lambda: self._leave(reading))
        client.sendall(STARTED)
        return None

    def _close(self) -> None:
        """Close, in a fork, what belongs to the server."""
        self._events.close()
        self.listener.close()
        for pipe, job in self.jobs.items():
            os.close(pipe)
            job.client.close()

    def _leave(self, pipe: int) -> None:
        """End a script whose client has gone: the run no longer wants it."""
        self._events.unregister(self.jobs[pipe].client)
        os.kill(self.jobs[pipe].process, signal.SIGTERM)

    def _listen(self, pipe: int) -> None:
        """Take what a script tells; when it ends, tell its client."""
        job = self.jobs[pipe]
        found = os.read(pipe, 1 << 16)
        if found:
            job.told += found
            return
        self._events.unregister(pipe)
        os.close(pipe)
        del self.jobs[pipe]
        _, status = os.waitpid(job.process, 0)
        if job.told:
            self.learned += marshal.loads(job.told)
        with contextlib.suppress(KeyError):
            self._events.unregister(job.client)
        code = os.waitstatus_to_exitcode(status)
        with contextlib.suppress(OSError), job.client:
            job.client.sendall(code.to_bytes(4, "little", signed=True))


def receive(client: socket.socket) -> Request | None:
    """Return what a client asks for.

    Parameters
    ----------
    client : socket
        As `shuyi.pipeline.fork_client.ask` writes to it.

    Returns
    -------
    Request or None
        None if the client went away.
    """
    _, streams, _, _ = socket.recv_fds(client, 1, 3)
    with client.makefile("rb") as sent:
        content = sent.read(int.from_bytes(sent.read(8), "little"))
    if not content:
        for stream in streams:
            os.close(stream)
        return None
    command, folder, environment = marshal.loads(content)
    return Request(command[1], folder, environment, tuple(streams))


def import_all(names: Iterable[str]) -> None:
    """Import modules that a script has imported, and keep what they hold out of garbage collection.

    Parameters
    ----------
    names : iterable of str
        Names of modules, in the order in which they were imported; what cannot be imported by its name alone
        is left to the scripts, which warn and fail for themselves.
    """
    shown, warnings.showwarning = warnings.showwarning, lambda *about, **more: None
    for name in names:
        if name not in sys.modules:
            with contextlib.suppress(Exception):
                import_module(name)
    warnings.showwarning = shown
    gc.freeze()


def run_script(request: Request, told: int) -> NoReturn:
    """Run a script as Python would run it, tell which modules it imported, and end this process.

    Parameters
    ----------
    request : Request
        The script and what it finds.
    told : int
        Pipe to the server.
    """
    known = set(sys.modules)
    for number, stream in enumerate(request.streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    sys.path.insert(0, str(Path(request.script).parent))
    sys.excepthook = partial(show_error, request.script)
    sys.argv[:] = [request.script]
    runpy.run_path(request.script, run_name="__main__")
    imported = [name for name, module in sys.modules.items() if name not in known and is_module(module)]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(told, marshal.dumps(imported))
    os._exit(0)


def show_error(
    script: str, kind: type[BaseException], error: BaseException, trace: types.TracebackType | None
) -> None:
    """Print an error that ended a script, without the frames before the script's own.

    Parameters
    ----------
    script : str
        Its path.
    kind : type
        Of the error.
    error : BaseException
        The error.
    trace : traceback or None
        From the first frame of this process on.
    """
    while trace is not None and trace.tb_frame.f_code.co_filename != script:
        trace = trace.tb_next
    traceback.print_exception(kind, error, trace)


def is_module(module: object) -> bool:
    """Return whether an entry of ``sys.modules`` is a module that its name alone imports.

    Parameters
    ----------
    module : object
        The entry.

    Returns
    -------
    bool
        False for ``__main__`` and for what libraries put there themselves.
    """
    return getattr(module, "__spec__", None) is not None


def main(arguments: list[str]) -> None:
    """Serve until the run ends, and remove the socket with its folder; in a fork, run its script.

    Parameters
    ----------
    arguments : list of str
        File descriptor of the socket, and its path.
    """
    number, path = arguments
    forked = Server(socket.socket(fileno=int(number)), sys.stdin.fileno()).serve()
    if forked:
        run_script(*forked)
    shutil.rmtree(Path(path).parent, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
