"""The register of facts, the yearly report and the monitor."""

REGISTERS = ["data/facts/claims.csv", "data/policy/instruments.csv"]
FIGURES = "data/snapshot/provincial_figures.csv"
VINTAGE = RUN.config["monitor"]["previous_vintage"]
NAMES_MEASURED = [measured("coordination")["labels"], measured("tiers")["labels"]]
REPORT_SOURCES = [
    FIGURES,
    "results/data/index.csv",
    *[measured(part)[part] for part in ("coordination", "tiers", "ledger")],
]
MONITOR_SOURCES = [*REPORT_SOURCES[:-1], *([VINTAGE] if VINTAGE else [])]

RESULTS += [
    "results/checks/registers.json",
    "results/tables/facts.csv",
    *all_of_tables(42),
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


rule verify_registers:
    input:
        descriptor="data/registers.json",
        files=REGISTERS,
    output:
        "results/checks/registers.json",
    log:
        "results/logs/verify_registers.log",
    conda:
        "../../environment.yml"
    params:
        code=code_digest("files", "pipeline.records", "data.registers"),
    script:
        "../scripts/verify_registers.py"


rule facts:
    input:
        verified="results/checks/registers.json",
        claims="data/facts/claims.csv",
        panel="results/data/clean.parquet",
    output:
        "results/tables/facts.csv",
    log:
        "results/logs/facts.log",
    conda:
        "../../environment.yml"
    params:
        code=code_digest("files", "pipeline.records", "analyses.facts.register", "panel"),
    script:
        "../scripts/facts.py"


rule table42:
    input:
        labels=LABELS,
        facts="results/tables/facts.csv",
    output:
        report(
            "results/tables/table42.html",
            caption="../report/table42.rst",
            category="Tables",
            labels={"table": "42", "content": "Register of facts"},
        ),
        files=table_files(42),
    log:
        "results/logs/table42.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "analyses.facts.tables"),
    script:
        "../scripts/table42.py"


rule yearly_report:
    input:
        labels=LABELS,
        names=NAMES_MEASURED,
        index="results/data/index.parquet",
        weights="results/data/index_weights.csv",
        coordination=measured("coordination")["coordination"],
        tiers=measured("tiers")["tiers"],
        intervals=measured("index")["intervals"],
        ledger=measured("ledger")["ledger"],
        scheme=f"config/indices/{RUN.config['index']['scheme']}.yaml",
        schema="workflow/schemas/index_scheme.schema.yaml",
        descriptor="data/datapackage.json",
        sources=REPORT_SOURCES,
    output:
        html=report(
            "results/report/report_{year}.html",
            caption="../report/yearly_report.rst",
            category="Yearly report",
            labels={
                "year": "{year}",
                "content": "Regional digital competitiveness and coordination",
            },
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
        sources=REPORT_SOURCES,
        settings={
            key: RUN.config[key]
            for key in (
                *("seed", "index", "rankings", "coordination", "tiers", "ledger"),
                *("estimation", "maps"),
            )
        }
        | {"headline": HEADLINE.to_dict()},
        code=code_digest("files", "pipeline.records", "indices", "publish.labels", "publish.pages", "panel", "analyses.report.yearly"),
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
        labels=LABELS,
        names=NAMES_MEASURED,
        verified="results/checks/snapshot.json",
        index="results/data/index.parquet",
        coordination=measured("coordination")["coordination"],
        tiers=measured("tiers")["tiers"],
        figures=FIGURES,
        codebook="data/snapshot/codebook.csv",
        caveats="data/snapshot/caveats.csv",
        descriptor="data/datapackage.json",
        previous=[VINTAGE] if VINTAGE else [],
        sources=MONITOR_SOURCES,
    output:
        html=report(
            "results/report/monitor.html",
            caption="../report/monitor.rst",
            category="Yearly report",
            labels={"year": "last", "content": "Monitor"},
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
        code=code_digest("files", "pipeline.records", "china.series", "publish.labels", "analyses.report.monitor", "publish.pages", "panel", "analyses.report.yearly"),
    script:
        "../scripts/monitor.py"
