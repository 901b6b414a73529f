"""Global and local spatial autocorrelation."""

RESULTS += [
    "results/esda/moran.csv",
    *expand(
        "results/esda/lisa_{variable}.csv", variable=RUN.config["lisa"]["variables"]
    ),
]


rule moran:
    input:
        panel="results/data/panel.parquet",
        weights=expand(
            "results/weights/{weights}.csv", weights=RUN.config["moran"]["weights"]
        ),
    output:
        "results/esda/moran.csv",
    log:
        "results/logs/moran.log",
    conda:
        "../../environment.yml"
    params:
        **RUN.config["moran"],
        seed=RUN.config["seed"],
        code=code_digest("files", "pipeline.records", "esda", "weights", "panel"),
    script:
        "../scripts/moran.py"


rule lisa:
    input:
        panel="results/data/panel.parquet",
        weights=f"results/weights/{RUN.config['lisa']['weights']}.csv",
    output:
        "results/esda/lisa_{variable}.csv",
    log:
        "results/logs/lisa.{variable}.log",
    conda:
        "../../environment.yml"
    params:
        **RUN.config["lisa"],
        seed=RUN.config["seed"],
        code=code_digest("files", "pipeline.records", "esda", "weights", "panel"),
    script:
        "../scripts/lisa.py"
