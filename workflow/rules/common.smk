"""The checked run, shared by all rules."""

import os
import sys
from pathlib import Path

from shuyi.errors import ShuyiError
from shuyi.pipeline.fork_server import command_prefix
from shuyi.pipeline.provenance import code_digest, job_digest, publishing_digest
from shuyi.pipeline.records import read_labels
from shuyi.pipeline.run import (
    CONFIG,
    SHEET,
    check_targets,
    load_run,
    off_targets,
    read_config,
    titles_of,
)

# n = 31 needs one BLAS thread, and results must not depend on the order of threads.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
os.environ.update(dict.fromkeys(_THREADS, "1"), MPLBACKEND="agg")

LABELS = sorted(path.as_posix() for path in Path("config/labels").glob("[!.]*.csv"))
SNAPSHOT = sorted(path.as_posix() for path in Path("data/snapshot").glob("[!.]*.csv"))
# No `configfile:`: Snakemake would render the file as a template, and take the last of two equal keys.
CONFIGS = [os.path.relpath(path) for path in workflow.config_settings.configfiles]

try:
    RUN = load_run(read_config(workflow.config_settings.config or {}, CONFIGS))
    TITLES = titles_of(RUN, read_labels(LABELS, RUN.config["language"]))
except ShuyiError as error:
    raise WorkflowError(str(error)) from None

# Captions of the workflow's report read it there.
config.update(RUN.config)

HEADLINE = RUN.headline
SHARED = {key: RUN.config[key] for key in ("language", "tables")} | {
    "maps": {key: RUN.config["maps"][key] for key in ("approval_number", "dpi")},
    "numbers": RUN.numbers,
}
"""What every table and figure is made with."""
RESULTS: list[str] = []
"""Every file of the default run; each file of rules adds its own. The manifest names them all."""

for _sentence in (*RUN.off.values(), *RUN.notes):
    sys.stderr.write(f"{_sentence}\n")


def is_made(file: str) -> bool:
    """Return whether a rule makes a file."""
    return any(
        each.name != "unknown_target" and each.is_producer(file)
        for each in workflow.rules
    )


def refused(target: str) -> None:
    """Say which targets there are."""
    try:
        known = [each.name for each in workflow.rules]
        check_targets([target], known, lambda file: False, off_targets(RUN))
    except ShuyiError as error:
        raise WorkflowError(str(error)) from None


def say_where_results_are() -> None:
    """Print where the tables and figures of the run are."""
    sys.stderr.write(
        "Finished. Tables: results/tables/  Figures and maps: results/figures/  "
        "Checks: results/checks/  Digests of every file: results/manifest.json\n"
    )
