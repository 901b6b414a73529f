"""What must hold before any job: every file that a rule reads exists, and every target is known.

Snakemake takes a result that exists for granted where the job that would renew it cannot be built; a missing input
would then end with yesterday's tables and no error. Included last, so that it sees every rule.
"""

from shuyi import files
from shuyi.pipeline.integrity import check_results
from shuyi.pipeline.run import RESULTS as RESULTS_FOLDER
from shuyi.pipeline.run import check_inputs

TARGET = r"[A-Za-z][A-Za-z0-9_]*"

try:
    if workflow.is_main_process and Path(sys.argv[0]).stem in ("snakemake", "__main__"):
        names = [each.name for each in workflow.rules]
        check_targets(named_targets(), names, is_there, off_targets(RUN))
    check_inputs(
        {
            each.name: [str(file) for file in each.input if isinstance(file, str)]
            for each in workflow.rules
            if each.name not in OFF_RULES
        },
        is_made,
    )
    if workflow.is_main_process:
        files.sweep(RESULTS_FOLDER)
        check_results()
except ShuyiError as error:
    raise WorkflowError(str(error)) from None


rule unknown_target:
    input:
        lambda wildcards: refused(wildcards.target),
    output:
        "{target}",
    wildcard_constraints:
        target=TARGET,
