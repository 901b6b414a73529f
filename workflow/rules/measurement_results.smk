"""Tables and figures of schemes, coordination, tiers, ledger and industry."""

COORDINATION = RUN.config["coordination"]
SET_TABLES = [
    f"table19{letter}" for letter, _ in zip(["", *"bcdef"], COORDINATION["sets"])
]
SET_MAPS = [f"coordination_map_{name}" for name in COORDINATION["sets"]]
ACCOUNTED = HEADLINE.to_dict() | {
    "term": RUN.config["ledger"]["term"],
    "level": RUN.config["estimation"]["confidence"],
    "draws": RUN.config["estimation"]["draws"],
    "seed": RUN.config["seed"],
}
PRINTED = {
    "rank_tables": ["table31", "table32", "table33"],
    "coordination_tables": [*SET_TABLES, "table30"],
    "tier_tables": ["table34", "table35"],
    "ledger_tables": ["table36", "table37", "table38"],
    "industry_tables": ["table39", "table40", "table41"],
}
DRAWN = {
    "rank_intervals": ["rank_intervals"],
    "coordination_figures": [*SET_MAPS, "coordination_trend"],
    "tier_figures": ["tier_map", "development_coordinates"],
    "ledger_figures": ["ledger_map", "effect_matrix", "indirect_by_weights"],
    "industry_map": ["industry_map"],
}
RESULTS += all_of_tables(
    *(name.removeprefix("table") for made in PRINTED.values() for name in made)
)
RESULTS += all_of_figures(*(name for made in DRAWN.values() for name in made))


rule rank_tables:
    input:
        labels=[*LABELS, measured("index")["labels"]],
        summary=measured("index")["summary"],
        stability=measured("index")["stability"],
        intervals=measured("index")["intervals"],
    output:
        report(
            "results/tables/table31.html",
            caption="../report/table31.rst",
            category="Tables",
            labels={"table": "31", "content": "Index schemes and weightings"},
        ),
        report(
            "results/tables/table32.html",
            caption="../report/table32.rst",
            category="Tables",
            labels={"table": "32", "content": "Stability of ranks"},
        ),
        report(
            "results/tables/table33.html",
            caption="../report/table33.rst",
            category="Tables",
            labels={"table": "33", "content": "Ranks with intervals"},
        ),
        files=[
            *table_files(31),
            *table_files(32),
            *table_files(33),
        ],
    log:
        "results/logs/rank_tables.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        options=RUN.config["tables"],
        index=RUN.config["index"],
        rankings=RUN.config["rankings"],
        seed=RUN.config["seed"],
        years=[RUN.years[0], RUN.years[-1]],
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "china.provinces", "analyses.index.tables"),
    script:
        "../scripts/rank_tables.py"


rule coordination_tables:
    input:
        **{
            name: file
            for name, file in measured("coordination").items()
            if name in ("coordination", "scores", "trend", "slopes", "obstacles")
        },
        labels=[*LABELS, measured("coordination")["labels"]],
    output:
        report(
            expand("results/tables/{table}.html", table=SET_TABLES),
            caption="../report/table19.rst",
            category="Tables",
            labels={"table": "19", "content": "Coupling coordination"},
        ),
        report(
            "results/tables/table30.html",
            caption="../report/table30.rst",
            category="Tables",
            labels={"table": "30", "content": "Obstacle degrees by indicator"},
        ),
        files=[
            *table_files(30),
            *(
                file
                for name in SET_TABLES
                for file in table_files(name.removeprefix("table"))
            ),
        ],
    log:
        "results/logs/coordination_tables.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        options=RUN.config["tables"],
        settings=COORDINATION,
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "china.provinces", "analyses.coordination.tables"),
    script:
        "../scripts/coordination_tables.py"


rule tier_tables:
    input:
        **{
            name: file
            for name, file in measured("tiers").items()
            if name in ("tiers", "cuts", "changes", "transitions", "instruments")
        },
        labels=[*LABELS, measured("tiers")["labels"]],
    output:
        report(
            "results/tables/table34.html",
            caption="../report/table34.rst",
            category="Tables",
            labels={"table": "34", "content": "Tiers: transitions and sizes"},
        ),
        report(
            "results/tables/table35.html",
            caption="../report/table35.rst",
            category="Tables",
            labels={"table": "35", "content": "Policy instruments by tier"},
        ),
        files=[
            *table_files(34),
            *table_files(35),
        ],
    log:
        "results/logs/tier_tables.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        rule=RUN.config["tiers"],
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "china.provinces", "analyses.tiers.tables"),
    script:
        "../scripts/tier_tables.py"


rule ledger_tables:
    input:
        labels=[*LABELS, measured("tiers")["labels"]],
        ledger=measured("ledger")["ledger"],
        groups=measured("ledger")["groups"],
        verdicts="results/measurement/verdicts.csv",
        weights=f"results/weights/{HEADLINE.weights}.csv",
    output:
        report(
            "results/tables/table36.html",
            caption="../report/table36.rst",
            category="Tables",
            labels={"table": "36", "content": "Spillover ledger by province"},
        ),
        report(
            "results/tables/table37.html",
            caption="../report/table37.rst",
            category="Tables",
            labels={"table": "37", "content": "Spillover ledger by group"},
        ),
        report(
            "results/tables/table38.html",
            caption="../report/table38.rst",
            category="Tables",
            labels={"table": "38", "content": "Siphon or diffusion by weights"},
        ),
        files=[
            *table_files(36),
            *table_files(37),
            *table_files(38),
        ],
    log:
        "results/logs/ledger_tables.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        options=RUN.config["tables"],
        facts=ACCOUNTED,
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "china.provinces", "weights", "analyses.ledger.tables"),
    script:
        "../scripts/ledger_tables.py"


rule industry_tables:
    input:
        **{
            name: file
            for name, file in measured("industry").items()
            if name in ("industry", "structure", "undecided", "skipped")
        },
        labels=[*LABELS, measured("industry")["labels"]],
        negative_list="results/tables/negative_list.csv",
    output:
        report(
            "results/tables/table39.html",
            caption="../report/table39.rst",
            category="Tables",
            labels={"table": "39", "content": "Location quotients"},
        ),
        report(
            "results/tables/table40.html",
            caption="../report/table40.rst",
            category="Tables",
            labels={"table": "40", "content": "Similarity of industrial structure"},
        ),
        report(
            "results/tables/table41.html",
            caption="../report/table41.rst",
            category="Tables",
            labels={"table": "41", "content": "Negative list"},
        ),
        files=[
            *table_files(39),
            *table_files(40),
            *table_files(41),
        ],
    log:
        "results/logs/industry_tables.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        scheme=RUN.config["regions"]["scheme"],
        settings=RUN.config["industry"] | {"year": RUN.years[-1]},
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "china.provinces", "china.regions", "regions", "analyses.industry.tables"),
    script:
        "../scripts/industry_tables.py"


rule rank_intervals:
    input:
        labels=LABELS,
        intervals=measured("index")["intervals"],
    output:
        report(
            "results/figures/rank_intervals.png",
            caption="../report/rank_intervals.rst",
            category="Figures",
            labels={"figure": "rank_intervals", "content": "Ranks with intervals"},
        ),
        files=[
            *figure_files("rank_intervals"),
        ],
    log:
        "results/logs/rank_intervals.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        dpi=RUN.config["maps"]["dpi"],
        year=RUN.years[-1],
        level=RUN.config["rankings"]["confidence"],
        code=code_digest("files", "pipeline.records", "analyses.coordination.figures", "analyses.index.figures", "analyses.ledger.figures", "analyses.tiers.figures", "publish.style", "publish.labels", "china.provinces"),
    script:
        "../scripts/rank_intervals.py"


rule coordination_figures:
    input:
        labels=[*LABELS, measured("coordination")["labels"]],
        coordination=measured("coordination")["coordination"],
        trend=measured("coordination")["trend"],
    output:
        report(
            expand("results/figures/{name}.png", name=SET_MAPS),
            caption="../report/coordination_map.rst",
            category="Maps",
            labels={
                "figure": "coordination_map",
                "content": "Classes of coordination",
            },
        ),
        report(
            "results/figures/coordination_trend.png",
            caption="../report/coordination_trend.rst",
            category="Figures",
            labels={
                "figure": "coordination_trend",
                "content": "Coordination by region",
            },
        ),
        files=[
            file
            for name in DRAWN["coordination_figures"]
            for file in figure_files(name)
        ],
    log:
        "results/logs/coordination_figures.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        approval_number=RUN.config["maps"]["approval_number"],
        dpi=RUN.config["maps"]["dpi"],
        sets=COORDINATION["sets"],
        years=COORDINATION["years"],
        variant=COORDINATION["variant"],
        code=code_digest("files", "pipeline.records", "analyses.coordination.figures", "analyses.index.figures", "analyses.ledger.figures", "analyses.tiers.figures", "publish.style", "publish.labels", "analyses.autocorrelation.figures", "analyses.estimation.figures", "publish.maps", "analyses.industry.figures"),
    script:
        "../scripts/coordination_figures.py"


rule tier_figures:
    input:
        labels=[*LABELS, measured("tiers")["labels"]],
        tiers=measured("tiers")["tiers"],
        arrows=measured("tiers")["arrows"],
    output:
        report(
            "results/figures/tier_map.png",
            caption="../report/tier_map.rst",
            category="Maps",
            labels={"figure": "tier_map", "content": "Tiers of digital development"},
        ),
        report(
            "results/figures/development_coordinates.png",
            caption="../report/development_coordinates.rst",
            category="Figures",
            labels={
                "figure": "development_coordinates",
                "content": "Development coordinates",
            },
        ),
        files=[
            *figure_files("tier_map"),
            *figure_files("development_coordinates"),
        ],
    log:
        "results/logs/tier_figures.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        approval_number=RUN.config["maps"]["approval_number"],
        dpi=RUN.config["maps"]["dpi"],
        scheme=RUN.config["regions"]["scheme"],
        years=RUN.config["tiers"]["years"],
        code=code_digest("files", "pipeline.records", "analyses.coordination.figures", "analyses.index.figures", "analyses.ledger.figures", "analyses.tiers.figures", "publish.style", "publish.labels", "analyses.autocorrelation.figures", "analyses.estimation.figures", "publish.maps", "analyses.industry.figures", "china.provinces", "china.regions", "regions"),
    script:
        "../scripts/tier_figures.py"


rule ledger_figures:
    input:
        labels=LABELS,
        ledger=measured("ledger")["ledger"],
        matrix=measured("ledger")["matrix"],
        verdicts="results/measurement/verdicts.csv",
    output:
        report(
            "results/figures/ledger_map.png",
            caption="../report/ledger_map.rst",
            category="Maps",
            labels={
                "figure": "ledger_map",
                "content": "Spillover given, received, net",
            },
        ),
        report(
            "results/figures/effect_matrix.png",
            caption="../report/effect_matrix.rst",
            category="Figures",
            labels={
                "figure": "effect_matrix",
                "content": "Matrix of effects between provinces",
            },
        ),
        report(
            "results/figures/indirect_by_weights.png",
            caption="../report/indirect_by_weights.rst",
            category="Figures",
            labels={
                "figure": "indirect_by_weights",
                "content": "Indirect effect by weights",
            },
        ),
        files=[
            *figure_files("ledger_map"),
            *figure_files("effect_matrix"),
            *figure_files("indirect_by_weights"),
        ],
    log:
        "results/logs/ledger_figures.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        approval_number=RUN.config["maps"]["approval_number"],
        dpi=RUN.config["maps"]["dpi"],
        term=RUN.config["ledger"]["term"],
        outcome=HEADLINE.outcome,
        level=RUN.config["estimation"]["confidence"],
        code=code_digest("files", "pipeline.records", "analyses.coordination.figures", "analyses.index.figures", "analyses.ledger.figures", "analyses.tiers.figures", "publish.style", "publish.labels", "analyses.autocorrelation.figures", "analyses.estimation.figures", "publish.maps", "analyses.industry.figures", "china.provinces"),
    script:
        "../scripts/ledger_figures.py"


rule industry_map:
    input:
        labels=[*LABELS, measured("industry")["labels"]],
        industry=measured("industry")["industry"],
    output:
        report(
            "results/figures/industry_map.png",
            caption="../report/industry_map.rst",
            category="Maps",
            labels={"figure": "industry_map", "content": "Location quotients"},
        ),
        files=[
            *figure_files("industry_map"),
        ],
    log:
        "results/logs/industry_map.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        approval_number=RUN.config["maps"]["approval_number"],
        dpi=RUN.config["maps"]["dpi"],
        year=RUN.years[-1],
        code=code_digest("files", "pipeline.records", "publish.style", "publish.labels", "analyses.autocorrelation.figures", "analyses.estimation.figures", "analyses.index.figures", "publish.maps", "analyses.coordination.figures", "analyses.industry.figures", "analyses.ledger.figures", "analyses.tiers.figures"),
    script:
        "../scripts/industry_map.py"


# One target per table and figure of a job that makes several.
for _job, _made in {**PRINTED, **DRAWN}.items():
    for _name in _made:
        if _name != _job:

            rule:
                name:
                    _name
                input:
                    f"results/{'tables' if _job in PRINTED else 'figures'}/{_name}.{'html' if _job in PRINTED else 'png'}",
