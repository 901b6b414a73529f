"""The typeset paper: every table and figure of the run, with a text whose numbers are computed."""

from shuyi.analyses.paper.settings import paper_paths
from shuyi.pipeline.paper import paper_files, paper_settings

PAPER_INPUTS = (
    [path for path, _ in paper_paths(RUN.config).values()] if RUN.is_on("paper") else []
)

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
