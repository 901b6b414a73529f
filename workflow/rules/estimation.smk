"""Estimates, effects and specification tests of the whole specification sheet, one file per row."""

FITS = expand("results/fits/{spec}.json", spec=RUN.ids)
EFFECTS = expand("results/effects/{spec}.csv", spec=RUN.with_effects)
TESTS = f"results/tests/{HEADLINE.id}.csv"
RESULTS += [*FITS, *EFFECTS, TESTS]


rule estimate_sheet:
    input:
        panel="results/data/panel.parquet",
        weights=expand("results/weights/{weights}.csv", weights=RUN.sheet_weights),
    output:
        fits=FITS,
        effects=EFFECTS,
        tests=TESTS,
    log:
        "results/logs/estimate_sheet.log",
    conda:
        "../../environment.yml"
    params:
        sheet=[row.to_dict() for row in RUN.sheet],
        samples=RUN.config["samples"],
        names=RUN.sheet_weights,
        with_effects=RUN.with_effects,
        headline=HEADLINE.id,
        estimation=RUN.config["estimation"],
        permutations=RUN.config["moran"]["permutations"],
        seed=RUN.config["seed"],
        code=code_digest(
            *("files", "pipeline.records", "analyses.estimation.estimates", "panel"),
            *("weights", "spatialpanel.diagnostics"),
        ),
    script:
        "../scripts/estimates.py"
