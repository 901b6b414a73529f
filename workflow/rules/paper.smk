"""The typeset paper: every table and figure of the run, with a text whose numbers are computed."""

from shuyi.pipeline.paper import paper_files, paper_settings

if RUN.is_on("paper"):
    PAPER = multiext("results/paper/paper", ".pdf", ".docx", ".json")
    RESULTS += PAPER

    rule paper:
        input:
            **paper_files(RUN),
            words=LABELS,
        output:
            pdf=PAPER[0],
            docx=PAPER[1],
            values=PAPER[2],
        log:
            "results/logs/paper.log",
        conda:
            "../../environment.yml"
        params:
            language=RUN.config["language"],
            numbers=RUN.numbers,
            settings=paper_settings(RUN, TITLES),
            code=code_digest(
                *("files", "pipeline.records", "pipeline.jobs", "publish.paper"),
                *("analyses.paper.values", "china.places", "weights", "publish.labels"),
            ),
        script:
            "../scripts/paper.py"
