"""Estimates, effects and specification tests, one job per row of the specification sheet."""

RESULTS += [
    *expand("results/fits/{spec}.json", spec=RUN.ids),
    *expand("results/effects/{spec}.csv", spec=RUN.effects_of("7")),
    f"results/tests/{HEADLINE.id}.csv",
]


rule fit:
    input:
        panel="results/data/panel.parquet",
        weights=weights_of,
    output:
        "results/fits/{spec}.json",
    log:
        "results/logs/fit.{spec}.log",
    conda:
        "../../environment.yml"
    params:
        specification=lambda wildcards: RUN.row(wildcards.spec).to_dict(),
        excluded=lambda wildcards: RUN.excluded(wildcards.spec),
        code=code_digest("files", "pipeline.records", "analyses.estimation.estimates", "panel", "weights"),
    script:
        "../scripts/fit.py"


rule effects:
    input:
        fit="results/fits/{spec}.json",
        weights=weights_of,
    output:
        "results/effects/{spec}.csv",
    log:
        "results/logs/effects.{spec}.log",
    conda:
        "../../environment.yml"
    params:
        draws=RUN.config["estimation"]["draws"],
        level=RUN.config["estimation"]["confidence"],
        seed=RUN.config["seed"],
        code=code_digest("files", "pipeline.records", "analyses.estimation.estimates", "weights"),
    script:
        "../scripts/effects.py"


rule specification_tests:
    input:
        panel="results/data/panel.parquet",
        weights=weights_of,
    output:
        "results/tests/{spec}.csv",
    log:
        "results/logs/specification_tests.{spec}.log",
    conda:
        "../../environment.yml"
    params:
        specification=lambda wildcards: RUN.row(wildcards.spec).to_dict(),
        excluded=lambda wildcards: RUN.excluded(wildcards.spec),
        permutations=RUN.config["moran"]["permutations"],
        seed=RUN.config["seed"],
        code=code_digest("files", "pipeline.records", "analyses.estimation.estimates", "panel", "weights", "spatialpanel.diagnostics"),
    script:
        "../scripts/specification_tests.py"
