"""The simulation study of the estimators: `snakemake validation`. Not part of the paper's run."""

from shuyi.pipeline.run import VALIDATION, load_validation

try:
    STUDY = load_validation()
except ShuyiError as error:
    raise WorkflowError(str(error)) from None

STUDIED = {
    "bias": expand("results/validation/cells/{cell}.bias.csv", cell=STUDY.names),
    "coverage": expand(
        "results/validation/cells/{cell}.coverage.csv", cell=STUDY.names
    ),
    "size": expand("results/validation/cells/{cell}.size.csv", cell=STUDY.names),
    "bootstrap": expand(
        "results/validation/cells/{cell}.bootstrap.csv", cell=STUDY.bootstrap.cells
    ),
}


wildcard_constraints:
    cell="|".join(STUDY.names),


rule validation_cell:
    input:
        settings=VALIDATION,
        schema="workflow/schemas/validation.schema.yaml",
        borders="data/snapshot/adjacency.csv",
    output:
        bias="results/validation/cells/{cell}.bias.csv",
        coverage="results/validation/cells/{cell}.coverage.csv",
        size="results/validation/cells/{cell}.size.csv",
    log:
        "results/logs/validation.{cell}.log",
    conda:
        "../../environment.yml"
    params:
        code=code_digest(
            *("files", "pipeline.records", "spatialpanel", "weights"),
            *("schema", "spatialpanel.montecarlo", "china.sources"),
        ),
    script:
        "../scripts/validation_cell.py"


rule validation_bootstrap:
    input:
        settings=VALIDATION,
        schema="workflow/schemas/validation.schema.yaml",
        borders="data/snapshot/adjacency.csv",
    output:
        "results/validation/cells/{cell}.bootstrap.csv",
    log:
        "results/logs/validation_bootstrap.{cell}.log",
    conda:
        "../../environment.yml"
    params:
        code=code_digest(
            *("files", "pipeline.records", "spatialpanel", "weights"),
            *("schema", "spatialpanel.montecarlo", "china.sources"),
        ),
    script:
        "../scripts/validation_bootstrap.py"


rule validation_table:
    input:
        lambda wildcards: STUDIED[wildcards.what],
    output:
        "results/validation/{what}.csv",
    log:
        "results/logs/validation.{what}.log",
    wildcard_constraints:
        what="|".join(STUDIED),
    conda:
        "../../environment.yml"
    params:
        code=code_digest("files", "pipeline.records", "spatialpanel.montecarlo"),
    script:
        "../scripts/validation_table.py"


rule validation:
    input:
        expand("results/validation/{what}.csv", what=STUDIED),
