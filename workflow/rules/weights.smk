"""Spatial weights, from land borders, capitals, the clean panel or users' tables."""

WEIGHTS = expand("results/weights/{weights}.csv", weights=RUN.config["weights"])
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
        files=RUN.weights_files,
    output:
        matrices=WEIGHTS,
        beside=expand(
            "results/weights/{weights}.{kind}",
            weights=RUN.config["weights"],
            kind=["gal", "gwt", "json"],
        ),
        summary="results/weights/summary.csv",
    log:
        "results/logs/weights.log",
    conda:
        "../../environment.yml"
    params:
        specs=RUN.config["weights"],
        code=code_digest(
            *("files", "pipeline.records", "weights.spec", "weights.formats"),
            *("panel", "china.sources"),
        ),
    script:
        "../scripts/weights.py"
