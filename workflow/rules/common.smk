"""The checked run, shared by all rules."""

import os
import re
import sys
from pathlib import Path

from shuyi.errors import ShuyiError
from shuyi.files import shipped
from shuyi.pipeline.fork_server import command_prefix
from shuyi.pipeline.provenance import code_digest, job_digest, publishing_digest
from shuyi.pipeline.run import (
    CONFIG,
    SHEET,
    check_targets,
    label_files,
    load_run,
    off_targets,
    read_config,
    titles_of,
)
from shuyi.pipeline.subject import BOUNDARIES, read_words

# n = 31 needs one BLAS thread, and results must not depend on the order of threads.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
os.environ.update(dict.fromkeys(_THREADS, "1"), MPLBACKEND="agg")

LABELS = label_files()
SNAPSHOT = sorted(path.as_posix() for path in Path("data/snapshot").glob("[!.]*.csv"))
# No `configfile:`: Snakemake would render the file as a template, and take the last of two equal keys.
CONFIGS = [os.path.relpath(path) for path in workflow.config_settings.configfiles]

try:
    RUN = load_run(read_config(workflow.config_settings.config or {}, CONFIGS))
    TITLES = titles_of(RUN, read_words(LABELS, RUN.config["language"], RUN.subject))
except ShuyiError as error:
    raise WorkflowError(str(error)) from None

# Captions of the workflow's report read it there.
config.update(RUN.config)

HEADLINE = RUN.headline
OFF_RULES: list[str] = []
"""Rules whose analysis is off, and whose inputs need not be there."""
PAPER_INPUTS: list[str] = []
"""Files that the paper reads beside results; its rules set them."""
VINTAGE = RUN.config.get("monitor", {}).get("previous_vintage")
SHARED = {key: RUN.config[key] for key in ("language", "tables")} | {
    "maps": {key: RUN.config["maps"].get(key) for key in ("approval_number", "dpi")},
    "numbers": RUN.numbers,
    "subject": dict(RUN.subject),
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
        "Finished. Open results/index.html: answer, paper, tables, figures and checks. "
        "Tables: results/tables/  Figures and maps: results/figures/  "
        "Digests of every file: results/manifest.json\n"
    )


def is_there(file):
    """Return whether a rule makes a file, or it exists."""
    return is_made(file) or Path(file).exists()


def named_targets():
    """Return the targets of the command line, if any of its words could be an unknown one."""
    names = [each.name for each in workflow.rules]
    words = [word for word in sys.argv[1:] if re.match(r"[A-Za-z]", word)]
    if all(word in names or is_there(word) for word in words):
        return []
    from snakemake.cli import parse_args

    return list(parse_args(sys.argv[1:])[1].targets)
