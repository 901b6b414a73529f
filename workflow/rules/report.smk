"""The yearly report and the monitor."""

from shuyi.analyses.base import frame_file

FIGURES = "data/snapshot/provincial_figures.csv"
VINTAGE = RUN.config["monitor"]["previous_vintage"]
MEASURED = {
    "coordination": frame_file("coordination", "coordination"),
    "tiers": frame_file("tiers", "tiers"),
    "ledger": frame_file("ledger", "ledger"),
}
REPORT_SOURCES = [FIGURES, "results/data/index.csv", *MEASURED.values()]
MONITOR_SOURCES = [*REPORT_SOURCES[:-1], *([VINTAGE] if VINTAGE else [])]
PAGES_LABELS = [
    *LABELS,
    frame_file("coordination", "labels"),
    frame_file("tiers", "labels"),
]

OFF_RULES: list[str] = []
"""Rules whose analysis is off, and whose inputs need not be there."""
if not RUN.is_on("report"):
    OFF_RULES += [
        "yearly_report",
        "monitor",
        *(f"report_{_year}" for _year in RUN.years),
    ]

if RUN.is_on("report"):
    RESULTS += [
        *expand(
            "results/report/report_{year}.{kind}",
            year=RUN.config["report"]["years"],
            kind=["html", "pdf", "csv"],
        ),
        "results/report/monitor.html",
        *expand(
            "results/report/monitor_{frame}.csv", frame=["changes", "vintage", "alarms"]
        ),
    ]


wildcard_constraints:
    year="|".join(map(str, RUN.years)),


rule yearly_report:
    input:
        **MEASURED,
        labels=PAGES_LABELS,
        index="results/data/index.parquet",
        weights="results/data/index_weights.csv",
        intervals=frame_file("index", "intervals"),
        scheme=f"config/indices/{RUN.config['index']['scheme']}.yaml",
        schema="workflow/schemas/index_scheme.schema.yaml",
        descriptor="data/datapackage.json",
        told=f"results/caveats/{HEADLINE.id}.json",
        sources=REPORT_SOURCES,
    output:
        html=report(
            "results/report/report_{year}.html",
            caption="../report/pages.rst",
            category="Yearly report",
            labels={"year": "{year}", "content": TITLES["report"]},
        ),
        pdf="results/report/report_{year}.pdf",
        csv="results/report/report_{year}.csv",
    log:
        "results/logs/yearly_report.{year}.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        year="{year}",
        approval=RUN.config["maps"]["approval_number"],
        sources=REPORT_SOURCES,
        settings={
            key: RUN.config[key]
            for key in (
                *("seed", "index", "rankings", "coordination", "tiers", "ledger"),
                *("estimation", "maps"),
            )
        }
        | {"headline": HEADLINE.to_dict()},
        code=code_digest(
            *(
                "files",
                "pipeline.records",
                "china.places",
                "china.basemap",
                "indices",
                "publish.labels",
            ),
            *("publish.pages", "panel", "analyses.report.yearly"),
        ),
    script:
        "../scripts/yearly_report.py"


# One target per year of the panel, e.g. report_2024.
for _year in RUN.years:

    rule:
        name:
            f"report_{_year}"
        input:
            multiext(f"results/report/report_{_year}", ".html", ".pdf", ".csv"),


rule monitor:
    input:
        coordination=MEASURED["coordination"],
        tiers=MEASURED["tiers"],
        labels=PAGES_LABELS,
        verified="results/checks/snapshot.json",
        index="results/data/index.parquet",
        figures=FIGURES,
        codebook="data/snapshot/codebook.csv",
        caveats="data/snapshot/caveats.csv",
        descriptor="data/datapackage.json",
        previous=[VINTAGE] if VINTAGE else [],
        sources=MONITOR_SOURCES,
    output:
        html=report(
            "results/report/monitor.html",
            caption="../report/pages.rst",
            category="Yearly report",
            labels={
                "year": str(RUN.years[-1]),
                "content": TITLES["monitor"].format(year=RUN.years[-1]),
            },
        ),
        changes="results/report/monitor_changes.csv",
        vintage="results/report/monitor_vintage.csv",
        alarms="results/report/monitor_alarms.csv",
    log:
        "results/logs/monitor.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        sources=MONITOR_SOURCES,
        settings={key: RUN.config[key] for key in ("seed", "coordination", "monitor")},
        code=code_digest(
            *("files", "pipeline.records", "china.places", "publish.labels"),
            *("analyses.report.monitor", "publish.pages", "panel"),
            "analyses.report.yearly",
        ),
    script:
        "../scripts/monitor.py"
