"""Official figures to the estimation panel."""

RESULTS += [
    *multiext("results/data/clean", ".parquet", ".json"),
    *multiext("results/data/index", ".parquet", ".csv", ".json"),
    *multiext("results/data/panel", ".parquet", ".csv"),
    "results/data/imputed_cells.csv",
    "results/data/index_weights.csv",
]


rule verify_snapshot:
    input:
        descriptor="data/datapackage.json",
        files=SNAPSHOT,
    output:
        "results/checks/snapshot.json",
    log:
        "results/logs/verify_snapshot.log",
    conda:
        "../../environment.yml"
    params:
        code=code_digest("files", "pipeline.records", "data.snapshot"),
    script:
        "../scripts/verify_snapshot.py"


rule clean_panel:
    input:
        verified="results/checks/snapshot.json",
        figures="data/snapshot/provincial_figures.csv",
        codebook="data/snapshot/codebook.csv",
        caveats="data/snapshot/caveats.csv",
        user=RUN.user_files,
    output:
        panel="results/data/clean.parquet",
        about="results/data/clean.json",
        imputed="results/data/imputed_cells.csv",
    log:
        "results/logs/clean_panel.log",
    conda:
        "../../environment.yml"
    params:
        first_year=RUN.config["panel"]["first_year"],
        last_year=RUN.config["panel"]["last_year"],
        base_year=RUN.config["panel"]["base_year"],
        variables=RUN.covered_variables,
        code=code_digest("files", "pipeline.records", "china.clean", "data.imputation", "data.users", "panel"),
    script:
        "../scripts/clean_panel.py"


rule digital_index:
    input:
        panel="results/data/clean.parquet",
        caveats="data/snapshot/caveats.csv",
        scheme=f"config/indices/{RUN.config['index']['scheme']}.yaml",
        schema="workflow/schemas/index_scheme.schema.yaml",
    output:
        panel="results/data/index.parquet",
        scores="results/data/index.csv",
        weights="results/data/index_weights.csv",
        about="results/data/index.json",
    log:
        "results/logs/digital_index.log",
    conda:
        "../../environment.yml"
    params:
        weighting=RUN.config["index"]["weighting"],
        variables=RUN.variables,
        code=code_digest("files", "pipeline.records", "china.series", "indices", "panel"),
    script:
        "../scripts/digital_index.py"


rule panel:
    input:
        panel="results/data/clean.parquet",
        index="results/data/index.parquet",
    output:
        parquet="results/data/panel.parquet",
        csv="results/data/panel.csv",
    log:
        "results/logs/panel.log",
    conda:
        "../../environment.yml"
    params:
        code=code_digest("files", "pipeline.records", "panel"),
    script:
        "../scripts/panel.py"
