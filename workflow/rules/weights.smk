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
        borders=RUN.borders,
        verified=[] if RUN.is_own else "results/checks/snapshot.json",
        ground=RUN.ground,
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
        subject=dict(RUN.subject),
        code=code_digest(
            *("files", "pipeline.records", "pipeline.subject", "weights.spec"),
            *("weights.formats", "panel", "china.sources", "own.boundaries"),
        ),
    script:
        "../scripts/weights.py"
