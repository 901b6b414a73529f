"""What must hold before any job: every file that a rule reads exists, and every target is known.

Snakemake takes a result that exists for granted where the job that would renew it cannot be built; a missing input
would then end with yesterday's tables and no error. Included last, so that it sees every rule.
"""

from shuyi.pipeline.run import check_inputs, unknown_target

try:
    check_inputs(
        {
            each.name: [str(file) for file in each.input if isinstance(file, str)]
            for each in workflow.rules
        },
        made=lambda file: any(each.is_producer(file) for each in workflow.rules),
    )
except ShuyiError as error:
    raise WorkflowError(str(error)) from None


rule unknown_target:
    input:
        lambda wildcards: check_target(wildcards.target),
    output:
        "{target}",
    wildcard_constraints:
        target=r"[A-Za-z][A-Za-z0-9_]*",


def check_target(target):
    """Say which targets there are."""
    known = [each.name for each in workflow.rules]
    raise WorkflowError(unknown_target(target, known))
