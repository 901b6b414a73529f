"""Have a script run by the fork server of this run, or by a Python of its own where that is not possible.

Started by path, isolated and without site packages, because it must cost next to nothing; so it imports the
standard library alone. Its arguments are the server's socket and the command as Snakemake would run it.
"""

import marshal
import os
import signal
import socket
import sys

STARTED = b"+"
"""First byte of an answer: the script runs, and must not be run a second time."""


def request(command: list[str]) -> bytes:
    """Return what the server needs to run a command here: arguments, folder and environment.

    Parameters
    ----------
    command : list of str
        Path of Python, path of the script.

    Returns
    -------
    bytes
        With its length in front, eight bytes.
    """
    # pathlib takes longer to import than everything else here.
    content = marshal.dumps((command, os.getcwd(), dict(os.environ)))  # noqa: PTH109
    return len(content).to_bytes(8, "little") + content


def ask(path: str, command: list[str]) -> int | None:
    """Return the exit status of a script that the server ran, negative for a signal; None if it did not run.

    Parameters
    ----------
    path : str
        Socket of the server.
    command : list of str
        Path of Python, path of the script.

    Returns
    -------
    int or None
        1 if the server ended before the script did.
    """
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(path)
            socket.send_fds(server, [STARTED], [0, 1, 2])
            server.sendall(request(command))
            if server.recv(1) != STARTED:
                return None
            status = server.recv(4)
    except OSError:
        return None
    return int.from_bytes(status, "little", signed=True) if status else 1


def main(arguments: list[str]) -> int:
    """Run a command and return its exit status.

    Parameters
    ----------
    arguments : list of str
        Socket of the server, then the command.

    Returns
    -------
    int
        Exit status.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    path, *command = arguments
    status = ask(path, command) if command[0] == sys.executable and len(command) == 2 else None
    if status is None:
        os.execvp(command[0], command)
    if status < 0:
        os.kill(os.getpid(), -status)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
