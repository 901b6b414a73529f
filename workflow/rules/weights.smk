"""Spatial weights, from land borders, capitals, the clean panel or users' tables."""

RESULTS += [
    *expand(
        "results/weights/{weights}.{kind}",
        weights=RUN.config["weights"],
        kind=["csv", "gal", "gwt", "json"],
    ),
    "results/weights/summary.csv",
]


rule weights:
    input:
        borders="data/snapshot/adjacency.csv",
        verified="results/checks/snapshot.json",
        panel="results/data/clean.parquet",
        files=weights_files,
    output:
        matrix="results/weights/{weights}.csv",
        links="results/weights/{weights}.gal",
        values="results/weights/{weights}.gwt",
        about="results/weights/{weights}.json",
    log:
        "results/logs/weights.{weights}.log",
    conda:
        "../../environment.yml"
    params:
        specs=lambda wildcards: RUN.weights_specs(wildcards.weights),
        code=code_digest("files", "pipeline.records", "weights", "panel", "china.sources"),
    script:
        "../scripts/weights.py"


rule weights_summary:
    input:
        expand("results/weights/{weights}.csv", weights=RUN.config["weights"]),
    output:
        "results/weights/summary.csv",
    log:
        "results/logs/weights_summary.log",
    conda:
        "../../environment.yml"
    params:
        names=list(RUN.config["weights"]),
        code=code_digest("files", "pipeline.records", "weights", "china.provinces"),
    script:
        "../scripts/weights_summary.py"
