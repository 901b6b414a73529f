"""The checked run, shared by all rules."""

import os
import sys
from pathlib import Path

from shuyi.errors import ShuyiError
from shuyi.pipeline.provenance import code_digest
from shuyi.pipeline.run import SHEET, load_run

# n = 31 needs one BLAS thread, and results must not depend on the order of threads.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
os.environ.update(dict.fromkeys(_THREADS, "1"), MPLBACKEND="agg")

LABELS = sorted(path.as_posix() for path in Path("config/labels").glob("*.csv"))
SNAPSHOT = sorted(path.as_posix() for path in Path("data/snapshot").glob("*.csv"))

try:
    RUN = load_run(config)
except ShuyiError as error:
    raise WorkflowError(str(error)) from None

HEADLINE = RUN.row(RUN.config["estimation"]["headline"])
RESULTS: list[str] = []
"""Every file of the default run; each file of rules adds its own. The manifest names them all."""


wildcard_constraints:
    spec="|".join(RUN.ids),
    weights="|".join(RUN.config["weights"]),
    variable="|".join(RUN.config["lisa"]["variables"]),


def say_where_results_are() -> None:
    """Print where the tables and figures of the run are."""
    sys.stderr.write(
        "Finished. Tables: results/tables/  Figures and maps: results/figures/  "
        "Checks: results/checks/  Digests of every file: results/manifest.json\n"
    )


def weights_files(wildcards):
    """Return the users' tables that an entry of the configuration names."""
    return [
        entry["path"]
        for entry in RUN.weights_specs(wildcards.weights).values()
        if entry["kind"] == "file"
    ]


def weights_of(wildcards):
    """Return the weights file of a specification."""
    return f"results/weights/{RUN.row(wildcards.spec).weights}.csv"


def table_files(number):
    """Return the files of a table beside its HTML page."""
    return multiext(
        f"results/tables/table{number}", ".csv", ".rounded.csv", ".tex", ".docx"
    )


def figure_files(name):
    """Return the files of a figure beside its PNG."""
    return multiext(f"results/figures/{name}", ".pdf", ".svg")


def all_of_tables(*numbers):
    """Return every file of the numbered tables."""
    return [
        file
        for n in numbers
        for file in (f"results/tables/table{n}.html", *table_files(n))
    ]


def all_of_figures(*names):
    """Return every file of the named figures."""
    return [
        file
        for name in names
        for file in (f"results/figures/{name}.png", *figure_files(name))
    ]


def measured(part):
    """Return the files of a part of the measurement by the name of their frame."""
    return {
        frame: f"results/measurement/{part}{'' if frame == part else f'_{frame}'}.csv"
        for frame in MEASURED[part]
    }


def distributed(part):
    """Return the files of a part of the distribution results by the name of their frame."""
    return {frame: f"results/{part}/{frame}.csv" for frame in DISTRIBUTED[part]}
