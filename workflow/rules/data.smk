"""Official figures to the estimation panel."""

RESULTS += [
    *multiext("results/data/clean", ".parquet", ".json"),
    "results/data/long.parquet",
    *multiext("results/data/index", ".parquet", ".csv", ".json"),
    *multiext("results/data/panel", ".parquet", ".csv"),
    "results/data/imputed_cells.csv",
    "results/data/index_weights.csv",
]
REGISTERS = ["data/facts/claims.csv", "data/policy/instruments.csv", "data/policy/policies.csv"]


rule verify_data:
    input:
        snapshot="data/datapackage.json",
        figures=SNAPSHOT,
        registers="data/registers.json",
        tables=REGISTERS,
    output:
        snapshot="results/checks/snapshot.json",
        registers="results/checks/registers.json",
    log:
        "results/logs/verify_data.log",
    conda:
        "../../environment.yml"
    params:
        code=code_digest(
            "files",
            "pipeline.records",
            "china.rules",
            "data.snapshot",
            "data.registers",
        ),
    script:
        "../scripts/verify_data.py"


rule clean_panel:
    input:
        verified="results/checks/snapshot.json",
        figures="data/snapshot/provincial_figures.csv",
        codebook="data/snapshot/codebook.csv",
        caveats="data/snapshot/caveats.csv",
        user=RUN.user_files,
    output:
        panel="results/data/clean.parquet",
        long="results/data/long.parquet",
        about="results/data/clean.json",
        imputed="results/data/imputed_cells.csv",
    log:
        "results/logs/clean_panel.log",
    conda:
        "../../environment.yml"
    params:
        first_year=RUN.config["panel"]["first_year"],
        last_year=RUN.config["panel"]["last_year"],
        long_year=RUN.config["policy"]["first_year"],
        base_year=RUN.config["panel"]["base_year"],
        variables=RUN.covered_variables,
        code=code_digest(
            *("files", "pipeline.records", "china.clean"),
            *("data.imputation", "data.users", "panel"),
        ),
    script:
        "../scripts/clean_panel.py"


rule panel:
    input:
        panel="results/data/clean.parquet",
        caveats="data/snapshot/caveats.csv",
        scheme=f"config/indices/{RUN.config['index']['scheme']}.yaml",
        schema="workflow/schemas/index_scheme.schema.yaml",
    output:
        index="results/data/index.parquet",
        scores="results/data/index.csv",
        weights="results/data/index_weights.csv",
        about="results/data/index.json",
        panel="results/data/panel.parquet",
        csv="results/data/panel.csv",
    log:
        "results/logs/panel.log",
    conda:
        "../../environment.yml"
    params:
        weighting=RUN.config["index"]["weighting"],
        shared_denominators=RUN.config["index"]["shared_denominators"],
        outcomes=RUN.outcomes,
        variables=RUN.variables,
        code=code_digest(
            *("files", "pipeline.records", "china.clean", "china.places"),
            *("data.series", "indices", "panel"),
        ),
    script:
        "../scripts/panel.py"
