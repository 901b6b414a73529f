"""Figures and outlines of a paper on units of one's own."""

if RUN.is_own:
    RESULTS += [
        "results/data/changes.csv",
        "results/data/left_out.csv",
        *(
            [BOUNDARIES, "results/data/boundaries.json"]
            if RUN.subject.get("boundaries")
            else []
        ),
    ]


if RUN.is_own:

    rule read_panel:
        input:
            figures=RUN.source_files,
            units=[path for path in RUN.ground if path != BOUNDARIES],
        output:
            panel="results/data/clean.parquet",
            about="results/data/clean.json",
            imputed="results/data/imputed_cells.csv",
            changes="results/data/changes.csv",
            left_out="results/data/left_out.csv",
            joined=(
                []
                if RUN.has_index
                else multiext("results/data/panel", ".parquet", ".csv")
            ),
        log:
            "results/logs/read_panel.log",
        conda:
            "../../environment.yml"
        params:
            subject=dict(RUN.subject),
            years=list(RUN.years),
            used=RUN.used_variables,
            code=code_digest(
                *("files", "pipeline.records", "pipeline.subject"),
                *("own.panel", "panel", "data.imputation"),
            ),
        script:
            "../scripts/read_panel.py"


if RUN.is_own and RUN.subject.get("boundaries"):

    rule boundaries:
        input:
            file=RUN.boundary_files,
            units=[path for path in RUN.ground if path != BOUNDARIES],
        output:
            outlines=BOUNDARIES,
            about="results/data/boundaries.json",
        log:
            "results/logs/boundaries.log",
        conda:
            "../../environment.yml"
        params:
            subject=dict(RUN.subject),
            code=code_digest(
                *("files", "pipeline.records", "pipeline.subject"),
                "own.boundaries",
            ),
        script:
            "../scripts/boundaries.py"
