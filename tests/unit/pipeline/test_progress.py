"""One line per job in the terminal."""

import logging
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_shuyi import LAST, LONGEST, LogHandler


@pytest.fixture
def say(capsys):
    handler = LogHandler(SimpleNamespace(dryrun=False), None)

    def emit(event, level=logging.INFO, text="", **about):
        record = logging.LogRecord("snakemake", level, "", 0, text, None, None)
        record.__dict__.update(about, event=event)
        handler.emit(record)
        return capsys.readouterr().err

    return emit


def test_a_job_is_one_short_line(say):
    assert say(LogEvent.RUN_INFO, stats={"all": 1, "total": 12}) == "12 jobs\n"
    paths = [f"results/weights/{i}.csv" for i in range(999)]
    named = {"rule_name": "report", "wildcards": {"year": "2024"}, "input": paths}
    assert say(LogEvent.JOB_INFO, jobid=3, **named) == ""
    line = say(LogEvent.JOB_FINISHED, job_id=3)
    assert line.startswith(" 1 of 12  report year=2024  ")
    assert line.count("\n") == 1
    assert len(line) <= LONGEST + 1
    assert say(LogEvent.PROGRESS, done=1, total=12) == ""


def test_a_failed_job_shows_the_end_of_its_log(say, tmp_path):
    log = tmp_path / "job.log"
    log.write_text("".join(f"line {i}\n" for i in range(200)))
    text = say(LogEvent.JOB_ERROR, jobid=3, rule_name="panel", log=[str(log)])
    assert text.startswith("FAILED  panel  log: ")
    assert "line 199" in text
    assert text.count("\n") == LAST + 1


def test_warnings_and_errors_are_said_and_nothing_else(say):
    assert say(None, text="Building DAG of jobs...") == ""
    assert say(None, logging.ERROR, "There is no target.") == "There is no target.\n"
    assert say(LogEvent.ERROR, logging.ERROR, "broken") == "broken\n"
