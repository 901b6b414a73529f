"""Estimates, effects and specification tests of the whole specification sheet, one file per row."""

from shuyi.analyses.robustness.settings import ANSWER_SOURCES, has_answer

FITS = expand("results/fits/{spec}.json", spec=RUN.ids)
EFFECTS = expand("results/effects/{spec}.csv", spec=RUN.with_effects)
TESTS = f"results/tests/{HEADLINE.id}.csv"
TOLD = expand("results/caveats/{spec}.json", spec=RUN.ids)
RESULTS += [*FITS, *EFFECTS, *TOLD, TESTS]


rule estimate_sheet:
    input:
        panel="results/data/panel.parquet",
        about="results/data/index.json",
        weights=expand("results/weights/{weights}.csv", weights=RUN.sheet_weights),
    output:
        fits=FITS,
        effects=EFFECTS,
        caveats=TOLD,
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
        term=RUN.config["robustness"]["term"],
        estimation=RUN.config["estimation"],
        permutations=RUN.config["moran"]["permutations"],
        seed=RUN.config["seed"],
        code=code_digest(
            *("files", "pipeline.records", "analyses.estimation.estimates", "panel"),
            *("weights", "spatialpanel.diagnostics"),
        ),
    script:
        "../scripts/estimates.py"


ANSWER = "results/answer.json"

if RUN.is_on("robustness") and has_answer(RUN):
    RESULTS += [ANSWER, "results/answer.txt"]

    rule answer:
        input:
            **ANSWER_SOURCES,
            headline=f"results/effects/{HEADLINE.id}.csv",
            told=f"results/caveats/{HEADLINE.id}.json",
            tests=TESTS,
            words=LABELS,
        output:
            data=ANSWER,
            text="results/answer.txt",
        log:
            "results/logs/answer.log",
        conda:
            "../../environment.yml"
        params:
            headline=HEADLINE.to_dict(),
            frames=list(ANSWER_SOURCES),
            code=code_digest(
                *("files", "pipeline.records", "china.places", "publish.labels"),
                "analyses.robustness.answer",
            ),
        script:
            "../scripts/answer.py"
