"""One line per job in the terminal: ``snakemake --logger shuyi``, as ``make reproduce`` calls it.

Snakemake finds a logger by the name of its package, which is why this one stands beside shuyi. What is left
out of the terminal stands in Snakemake's own log, in .snakemake/log.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from logging import WARNING, LogRecord
from pathlib import Path

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

LONGEST = 120
"""Letters of a job's line."""
LAST = 60
"""Lines of a failed job's log that are shown."""


class LogHandler(LogHandlerBase):
    """Writes how many jobs there are, a line for each that ends, and what went wrong."""

    def __post_init__(self) -> None:
        """Start with no job known."""
        self.total = 0
        self.done = 0
        self.started: dict[int, tuple[str, float]] = {}

    def emit(self, record: LogRecord) -> None:
        """Write the lines of one event of the workflow.

        Parameters
        ----------
        record : LogRecord
            With the attribute ``event`` and those of the event.
        """
        event, about = getattr(record, "event", None), vars(record)
        if event == LogEvent.RUN_INFO:
            self.total = int((about.get("stats") or {}).get("total", 0)) or self.total
            if self.common_settings.dryrun:
                self._say(record.getMessage())
            elif self.done == 0 and not self.started:
                self._say(f"{self.total} jobs")
        elif event == LogEvent.JOB_INFO:
            self.started[about["jobid"]] = (job_name(about), time.monotonic())
        elif event == LogEvent.JOB_FINISHED and about["job_id"] in self.started:
            self._finished(about["job_id"])
        elif event == LogEvent.JOB_ERROR:
            self._failed(about)
        elif (event is None or event == LogEvent.ERROR) and record.levelno >= WARNING:
            self._say(record.getMessage())

    def _finished(self, job: int) -> None:
        name, start = self.started.pop(job)
        self.done += 1
        counted = f"{self.done:>{len(str(self.total))}} of {self.total}"
        self._say(f"{counted}  {name}  {time.monotonic() - start:.1f} s"[:LONGEST])

    def _failed(self, about: dict[str, object]) -> None:
        logs = about.get("log")
        paths = [str(path) for path in logs] if isinstance(logs, Sequence) else []
        self._say(f"FAILED  {job_name(about)}  log: {', '.join(paths) or 'none'}")
        for path in paths:
            self._say(tail(path))

    def _say(self, text: str) -> None:
        if text.strip():
            sys.stderr.write(f"{text.rstrip()}\n")
            sys.stderr.flush()

    @property
    def writes_to_stream(self) -> bool:
        """Whether it replaces Snakemake's own output."""
        return True

    @property
    def writes_to_file(self) -> bool:
        """Whether it writes a file."""
        return False

    @property
    def has_filter(self) -> bool:
        """Whether it chooses the events itself."""
        return True

    @property
    def has_formatter(self) -> bool:
        """Whether it writes the lines itself."""
        return True

    @property
    def needs_rulegraph(self) -> bool:
        """Whether it needs the graph of rules."""
        return False


def job_name(about: dict[str, object]) -> str:
    """Return the name of a job: its rule, with the wildcards that tell it from others.

    Parameters
    ----------
    about : dict
        Attributes of an event.

    Returns
    -------
    str
        For example ``yearly_report year=2024``.
    """
    wildcards = about.get("wildcards")
    named = wildcards.items() if isinstance(wildcards, dict) else ()
    return " ".join([str(about.get("rule_name", "")), *(f"{key}={value}" for key, value in named)])


def tail(path: str) -> str:
    """Return the last lines of a log, or nothing where there is none.

    Parameters
    ----------
    path : str
        File of a job's log.

    Returns
    -------
    str
        At most `LAST` lines, indented.
    """
    file = Path(path)
    if not file.is_file():
        return ""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST:]
    return "\n".join(f"  {line}" for line in lines)
