"""Checks that a finished run has passed, and the manifest of its files."""

RESULTS += expand(
    "results/checks/{check}.json",
    check=["snapshot", "weights", "imputation", "spreg", "effects"],
)
INPUTS = [
    "config/config.yaml",
    SHEET,
    f"config/indices/{RUN.config['index']['scheme']}.yaml",
    *LABELS,
    "data/datapackage.json",
    *SNAPSHOT,
    "data/registers.json",
    *REGISTERS,
    *([VINTAGE] if VINTAGE else []),
    *RUN.user_files,
    "requirements.lock",
]


rule check_weights:
    input:
        weights=expand("results/weights/{weights}.csv", weights=RUN.config["weights"]),
        borders="data/snapshot/adjacency.csv",
    output:
        "results/checks/weights.json",
    log:
        "results/logs/check_weights.log",
    conda:
        "../../environment.yml"
    params:
        specs=RUN.config["weights"],
        code=code_digest("files", "pipeline.records", "pipeline.checks", "weights"),
    script:
        "../scripts/check_weights.py"


rule check_imputation:
    input:
        "results/data/clean.json",
    output:
        "results/checks/imputation.json",
    log:
        "results/logs/check_imputation.log",
    conda:
        "../../environment.yml"
    params:
        largest_share=RUN.config["panel"]["max_imputed_share"],
        code=code_digest("files", "pipeline.records", "pipeline.checks"),
    script:
        "../scripts/check_imputation.py"


rule check_effects:
    input:
        effects=expand("results/effects/{spec}.csv", spec=RUN.effects_of("7")),
        fits=expand("results/fits/{spec}.json", spec=RUN.effects_of("7")),
    output:
        "results/checks/effects.json",
    log:
        "results/logs/check_effects.log",
    conda:
        "../../environment.yml"
    params:
        specs=RUN.effects_of("7"),
        row_standardised={
            spec: RUN.config["weights"][RUN.row(spec).weights]["normalisation"]
            == "row"
            for spec in RUN.effects_of("7")
        },
        code=code_digest("files", "pipeline.records", "pipeline.checks", "analyses.estimation.estimates"),
    script:
        "../scripts/check_effects.py"


rule check_spreg:
    input:
        panel="results/data/panel.parquet",
        weights=expand("results/weights/{weights}.csv", weights=RUN.peer_weights),
    output:
        "results/checks/spreg.json",
    log:
        "results/logs/check_spreg.log",
    conda:
        "../../environment.yml"
    params:
        names=RUN.peer_weights,
        specifications=[row.to_dict() for row in RUN.peer_rows],
        code=code_digest("files", "pipeline.records", "pipeline.checks", "analyses.estimation.estimates", "panel", "weights"),
    script:
        "../scripts/check_spreg.py"


rule manifest:
    input:
        inputs=INPUTS,
        outputs=RESULTS,
    output:
        "results/manifest.json",
    log:
        "results/logs/manifest.log",
    conda:
        "../../environment.yml"
    params:
        settings=RUN.config,
        code=code_digest("files", "pipeline.records", "pipeline.provenance"),
    script:
        "../scripts/manifest.py"


rule check_manifest:
    input:
        manifest="results/manifest.json",
        inputs=INPUTS,
        outputs=RESULTS,
    output:
        "results/checks/manifest.json",
    log:
        "results/logs/check_manifest.log",
    conda:
        "../../environment.yml"
    params:
        code=code_digest("files", "pipeline.records", "pipeline.checks", "pipeline.provenance"),
    script:
        "../scripts/check_manifest.py"
