"""Checks that a finished run has passed, and the manifest of its files."""

CHECKS = {
    check: f"results/checks/{check}.json"
    for check in ("weights", "imputation", "spreg", "effects")
}
PRINTED = "results/checks/printed_tables.json"
"""Every rounded table of the run, checked like anyone's (docs/check_table.md)."""
RESULTS += [
    PRINTED,
    *CHECKS.values(),
    "results/checks/snapshot.json",
    "results/checks/registers.json",
]
INPUTS = [
    CONFIG,
    *CONFIGS,
    SHEET,
    f"config/indices/{RUN.config['index']['scheme']}.yaml",
    *LABELS,
    "data/SHA256SUMS",
    "data/datapackage.json",
    *SNAPSHOT,
    "data/registers.json",
    *REGISTERS,
    *([VINTAGE] if VINTAGE else []),
    *RUN.user_files,
    "requirements.lock",
]


rule checks:
    input:
        panel="results/data/panel.parquet",
        clean="results/data/clean.json",
        weights=WEIGHTS,
        borders="data/snapshot/adjacency.csv",
        effects=EFFECTS,
        fits=expand("results/fits/{spec}.json", spec=RUN.with_effects),
    output:
        **CHECKS,
    log:
        "results/logs/checks.log",
    conda:
        "../../environment.yml"
    params:
        weights=RUN.config["weights"],
        largest_share=RUN.config["panel"]["max_imputed_share"],
        specs=RUN.with_effects,
        row_standardised={
            spec: RUN.config["weights"][RUN.row(spec).weights]["normalisation"]
            == "row"
            for spec in RUN.with_effects
        },
        peers=[row.to_dict() for row in RUN.peer_rows],
        code=code_digest(
            *("files", "pipeline.records", "pipeline.checks", "panel", "weights"),
            "analyses.estimation.estimates",
        ),
    script:
        "../scripts/checks.py"


rule check_printed:
    input:
        tables=[
            item.page.removesuffix("html") + "rounded.csv"
            for item in RUN.items
            if item.kind == "table"
        ],
    output:
        PRINTED,
    log:
        "results/logs/check_printed.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        beside=RUN.config["tables"]["uncertainty"],
        stars=RUN.config["tables"]["stars"],
        row_standardised=RUN.all_row_standardised or None,
        code=code_digest("files", "pipeline.records", "review.own"),
    script:
        "../scripts/check_printed.py"


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
        code=code_digest(
            "files", "pipeline.records", "pipeline.checks", "pipeline.provenance"
        ),
    script:
        "../scripts/check_manifest.py"
