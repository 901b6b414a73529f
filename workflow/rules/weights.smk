"""Spatial weights, from land borders, capitals, the clean panel or users' tables."""


def weights_files(wildcards):
    """Return the users' tables that an entry of the configuration names."""
    return [
        entry["path"]
        for entry in RUN.weights_entries(wildcards.weights)
        if entry["kind"] == "file"
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
    params:
        specs=RUN.config["weights"],
        code=code_digest("io", "weights", "panel", "provinces"),
    conda:
        "../../environment.yml"
    script:
        "../scripts/weights.py"


rule weights_summary:
    input:
        expand("results/weights/{weights}.csv", weights=RUN.config["weights"]),
    output:
        "results/weights/summary.csv",
    log:
        "results/logs/weights_summary.log",
    params:
        names=list(RUN.config["weights"]),
        code=code_digest("io", "weights", "provinces"),
    conda:
        "../../environment.yml"
    script:
        "../scripts/weights_summary.py"
