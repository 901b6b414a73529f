"""shuyi: digital spillovers between Chinese provinces, from official figures to tables and maps."""

from snakemake.utils import min_version

min_version("9.10")


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/own.smk"
include: "workflow/rules/weights.smk"
include: "workflow/rules/estimation.smk"
include: "workflow/rules/analyses.smk"


if not RUN.is_own:

    include: "workflow/rules/report.smk"
    include: "workflow/rules/paper.smk"
    include: "workflow/rules/explorer.smk"
    include: "workflow/rules/validation.smk"


include: "workflow/rules/checks.smk"
include: "workflow/rules/multiverse.smk"


report: "workflow/report/workflow.rst"


rule all:
    default_target: True
    input:
        RESULTS,
        "results/checks/manifest.json",


include: "workflow/rules/guard.smk"


onstart:
    shell.prefix(command_prefix())


onsuccess:
    say_where_results_are()
