"""The analyses of the paper. Everything follows from their declarations in src/shuyi/analyses: one job computes the
frames of an analysis, one prints its tables and draws its figures, and each of these is a target by name and by number.
"""

# Opens no line, because Snakemake takes a line that opens with `report(` for its own directive.
shown_in_report = report
CATEGORIES = {"table": "Tables", "figure": "Figures", "map": "Maps"}


def pages(analysis):
    """Return the pages of an analysis, each shown in the workflow's report."""
    return [
        shown_in_report(
            item.page,
            caption="../report/analysis.rst",
            category=CATEGORIES[item.kind],
            labels={
                "number": RUN.numbers[item.name],
                "content": TITLES[item.name],
                "name": item.name,
            },
        )
        for item in analysis.items(RUN)
    ]


for _analysis in RUN.analyses:
    RESULTS += _analysis.files(RUN)

    if _analysis.frames(RUN):

        rule:
            name:
                f"compute_{_analysis.id}"
            input:
                ground=RUN.ground,
                **_analysis.inputs(RUN),
            output:
                **_analysis.outputs(RUN),
            log:
                f"results/logs/compute_{_analysis.id}.log",
            conda:
                "../../environment.yml"
            params:
                analysis=_analysis.id,
                settings=_analysis.settings(RUN),
                subject=dict(RUN.subject),
                code=job_digest(_analysis.id, "frames"),
            script:
                "../scripts/analyse.py"

    if _analysis.items(RUN):

        rule:
            name:
                f"publish_{_analysis.id}"
            input:
                ground=RUN.ground,
                **_analysis.sources(RUN),
                words=[*LABELS, *_analysis.words(RUN)],
            output:
                *pages(_analysis),
                beside=[
                    file
                    for item in _analysis.items(RUN)
                    for file in item.files
                    if file != item.page
                ],
            log:
                f"results/logs/publish_{_analysis.id}.log",
            conda:
                "../../environment.yml"
            params:
                analysis=_analysis.id,
                settings=_analysis.settings(RUN),
                shared=SHARED,
                captions=[
                    f"{RUN.numbers[item.name]}: {TITLES[item.name]}"
                    for item in _analysis.items(RUN)
                ],
                code=publishing_digest(_analysis.id),
            script:
                "../scripts/publish.py"


# Targets: each table and figure by its name and by its number (table8, figure3), and each analysis as a whole.
for _item in RUN.items:
    for _target in (
        _item.name,
        f"{'table' if _item.kind == 'table' else 'figure'}{RUN.numbers[_item.name]}",
    ):

        rule:
            name:
                _target
            input:
                _item.page,


for _analysis in RUN.analyses:
    if _analysis.files(RUN) and _analysis.id not in RUN.numbers:

        rule:
            name:
                _analysis.id
            input:
                _analysis.files(RUN),
