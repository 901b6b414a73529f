"""The checked run, shared by all rules."""

import os
import sys
from pathlib import Path

from shuyi import io
from shuyi.config import Run, checked_run
from shuyi.data.recipes import coverage, variable_names
from shuyi.errors import ShuyiError
from shuyi.provenance import code_digest

# n = 31 needs one BLAS thread, and results must not depend on the order of threads.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ["MPLBACKEND"] = "agg"

SHEET = "config/specifications.csv"
LABELS = sorted(Path("config/labels").glob("*.csv"))
SNAPSHOT = sorted(str(path) for path in Path("data/snapshot").glob("*.csv"))


def the_run() -> Run:
    """Return the checked run, or stop with every problem of the configuration."""
    try:
        return checked_run(
            config,
            io.read_rows(SHEET),
            io.read_yaml("workflow/schemas/config.schema.yaml"),
            schemes=sorted(path.stem for path in Path("config/indices").glob("*.yaml")),
            variables=variable_names(),
            coverage=coverage(io.read_rows("data/snapshot/codebook.csv")),
        )
    except ShuyiError as error:
        raise WorkflowError(str(error)) from None


RUN = the_run()


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
