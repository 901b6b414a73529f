"""The simulation study of the estimators: `snakemake validation`. Not part of the paper's run."""

from shuyi.run import VALIDATION, load_validation

try:
    STUDY = load_validation()
except ShuyiError as error:
    raise WorkflowError(str(error)) from None


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
        code=code_digest("io", "spatialpanel", "weights", "problems"),
    script:
        "../scripts/validation_cell.py"


rule validation_table:
    input:
        expand("results/validation/cells/{cell}.{{what}}.csv", cell=STUDY.names),
    output:
        "results/validation/{what}.csv",
    log:
        "results/logs/validation.{what}.log",
    wildcard_constraints:
        what="bias|coverage|size",
    conda:
        "../../environment.yml"
    params:
        code=code_digest("io", "spatialpanel.study"),
    script:
        "../scripts/validation_table.py"


rule validation:
    input:
        expand("results/validation/{what}.csv", what=["bias", "coverage", "size"]),
