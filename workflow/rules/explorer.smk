"""The explorer: one page for the browser."""

from shuyi.analyses.explorer.settings import (
    PAGE,
    SCENARIOS,
    inputs,
    settings,
    words,
)

if RUN.is_on("explorer"):
    RESULTS += [PAGE, SCENARIOS]

    rule explorer:
        input:
            **inputs(RUN, RUN.is_on),
            words=[*LABELS, *words(RUN, RUN.is_on)],
        output:
            html=PAGE,
            scenarios=SCENARIOS,
        log:
            "results/logs/explorer.log",
        conda:
            "../../environment.yml"
        params:
            settings=settings(RUN, RUN.is_on),
            shared=SHARED,
            code=code_digest(
                *("files", "pipeline.records", "pipeline.jobs", "panel", "weights"),
                *("analyses.explorer.contents", "publish.explorer", "publish.labels"),
                *("china.places", "china.basemap", "spatialpanel"),
            ),
        script:
            "../scripts/explorer.py"
