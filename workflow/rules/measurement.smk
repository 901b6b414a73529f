"""Index schemes and ranks, coordination, tiers, the spillover ledger and the industry map."""

MEASURED = {
    "index": ["scores", "summary", "stability", "intervals", "labels"],
    "coordination": [
        *["coordination", "scores", "trend", "slopes", "obstacles", "weights", "labels"]
    ],
    "tiers": [
        *["tiers", "cuts", "changes", "transitions", "instruments", "unit_instruments"],
        *["coordinates", "arrows", "labels"],
    ],
    "ledger": ["ledger", "matrix", "blocks", "groups"],
    "industry": [
        "industry",
        "similarity",
        "structure",
        "undecided",
        "skipped",
        "labels",
    ],
}
INDEX_SCHEMES = sorted(
    path.as_posix() for path in Path("config/indices").glob("*.yaml")
)


RESULTS += [
    *(file for part in MEASURED for file in measured(part).values()),
    "results/measurement/verdicts.csv",
    "results/tables/negative_list.csv",
]


rule index_schemes:
    input:
        panel="results/data/clean.parquet",
        caveats="data/snapshot/caveats.csv",
        schemes=INDEX_SCHEMES,
        schema="workflow/schemas/index_scheme.schema.yaml",
    output:
        **measured("index"),
    log:
        "results/logs/index_schemes.log",
    conda:
        "../../environment.yml"
    params:
        **RUN.config["index"],
        rankings=RUN.config["rankings"],
        seed=RUN.config["seed"],
        variables=RUN.variables,
        code=code_digest("files", "pipeline.records", "china.series", "indices", "analyses.index.frames", "panel"),
    script:
        "../scripts/index_schemes.py"


rule coordination:
    input:
        panel="results/data/clean.parquet",
        caveats="data/snapshot/caveats.csv",
        sets="config/coordination.yaml",
        schema="workflow/schemas/coordination.schema.yaml",
        schemes=INDEX_SCHEMES,
        scheme_schema="workflow/schemas/index_scheme.schema.yaml",
    output:
        **measured("coordination"),
    log:
        "results/logs/coordination.log",
    conda:
        "../../environment.yml"
    params:
        sets=RUN.config["coordination"]["sets"],
        weighting=RUN.config["coordination"]["weighting"],
        scheme=RUN.config["regions"]["scheme"],
        code=code_digest("files", "pipeline.records", "china.series", "analyses.coordination.degrees", "indices", "analyses.coordination.frames", "panel", "china.regions", "regions"),
    script:
        "../scripts/coordination.py"


rule tiers:
    input:
        index="results/data/index.parquet",
        instruments="data/policy/instruments.csv",
        scheme=f"config/indices/{RUN.config['index']['scheme']}.yaml",
        schema="workflow/schemas/index_scheme.schema.yaml",
    output:
        **measured("tiers"),
    log:
        "results/logs/tiers.log",
    conda:
        "../../environment.yml"
    params:
        rule={
            key: RUN.config["tiers"][key]
            for key in ("method", "pool", "quantiles", "margin", "periods")
        },
        axes=RUN.config["tiers"]["axes"][RUN.config["index"]["scheme"]],
        seed=RUN.config["seed"],
        code=code_digest("files", "pipeline.records", "indices", "analyses.tiers.frames", "panel"),
    script:
        "../scripts/tiers.py"


rule ledger:
    input:
        fit=f"results/fits/{HEADLINE.id}.json",
        weights=f"results/weights/{HEADLINE.weights}.csv",
        tiers=measured("tiers")["tiers"],
    output:
        **measured("ledger"),
    log:
        "results/logs/ledger.log",
    conda:
        "../../environment.yml"
    params:
        term=RUN.config["ledger"]["term"],
        scheme=RUN.config["regions"]["scheme"],
        draws=RUN.config["estimation"]["draws"],
        level=RUN.config["estimation"]["confidence"],
        seed=RUN.config["seed"],
        code=code_digest("files", "pipeline.records", "analyses.estimation.estimates", "analyses.ledger.blocks", "analyses.ledger.frames", "china.regions", "regions", "weights"),
    script:
        "../scripts/ledger.py"


rule verdicts:
    input:
        panel="results/data/panel.parquet",
        weights=expand(
            "results/weights/{weights}.csv", weights=RUN.config["ledger"]["weights"]
        ),
    output:
        "results/measurement/verdicts.csv",
    log:
        "results/logs/verdicts.log",
    conda:
        "../../environment.yml"
    params:
        names=RUN.config["ledger"]["weights"],
        specification=HEADLINE.to_dict(),
        excluded=RUN.excluded(HEADLINE.id),
        term=RUN.config["ledger"]["term"],
        draws=RUN.config["estimation"]["draws"],
        level=RUN.config["estimation"]["confidence"],
        seed=RUN.config["seed"],
        code=code_digest("files", "pipeline.records", "analyses.ledger.blocks", "analyses.ledger.frames", "panel", "weights"),
    script:
        "../scripts/verdicts.py"


rule industry:
    input:
        panel="results/data/clean.parquet",
        weights=f"results/weights/{RUN.config['industry']['neighbours']}.csv",
        rules="config/negative_list_rules.yaml",
        schema="workflow/schemas/negative_list_rules.schema.yaml",
    output:
        **measured("industry"),
        negative_list="results/tables/negative_list.csv",
    log:
        "results/logs/industry.log",
    conda:
        "../../environment.yml"
    params:
        structure=RUN.config["industry"]["structure"],
        code=code_digest("files", "pipeline.records", "analyses.industry.quotients", "analyses.industry.frames", "panel", "weights"),
    script:
        "../scripts/industry.py"
