"""The numbered tables, each in CSV (full precision and rounded), LaTeX, HTML and Word."""

RESULTS += all_of_tables(*range(1, 9))


rule table1:
    input:
        labels=LABELS,
        panel="results/data/panel.parquet",
        clean="results/data/clean.json",
        indicators="results/data/index_weights.csv",
        scheme=f"config/indices/{RUN.config['index']['scheme']}.yaml",
        schema="workflow/schemas/index_scheme.schema.yaml",
    output:
        report(
            "results/tables/table1.html",
            caption="../report/table1.rst",
            category="Tables",
            labels={"table": "1", "content": "Variables, units and sources"},
        ),
        files=table_files(1),
    log:
        "results/logs/table1.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        outcomes=RUN.outcomes,
        controls=RUN.controls,
        code=code_digest("files", "pipeline.records", "indices", "publish", "publish.labels", "panel"),
    script:
        "../scripts/table1.py"


rule table2:
    input:
        labels=LABELS,
        indicators="results/data/index_weights.csv",
        scheme=f"config/indices/{RUN.config['index']['scheme']}.yaml",
        schema="workflow/schemas/index_scheme.schema.yaml",
        panel="results/data/panel.parquet",
    output:
        report(
            "results/tables/table2.html",
            caption="../report/table2.rst",
            category="Tables",
            labels={"table": "2", "content": "Index weights and dimensions"},
        ),
        files=table_files(2),
    log:
        "results/logs/table2.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        weighting=RUN.config["index"]["weighting"],
        code=code_digest("files", "pipeline.records", "indices", "publish", "publish.labels", "panel"),
    script:
        "../scripts/table2.py"


rule table3:
    input:
        labels=LABELS,
        panel="results/data/panel.parquet",
    output:
        report(
            "results/tables/table3.html",
            caption="../report/table3.rst",
            category="Tables",
            labels={"table": "3", "content": "Descriptive statistics"},
        ),
        files=table_files(3),
    log:
        "results/logs/table3.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        options=RUN.config["tables"],
        variables=(*RUN.outcomes, "digital", *RUN.controls),
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "panel"),
    script:
        "../scripts/table3.py"


rule table4:
    input:
        labels=LABELS,
        panel="results/data/panel.parquet",
    output:
        report(
            "results/tables/table4.html",
            caption="../report/table4.rst",
            category="Tables",
            labels={"table": "4", "content": "Correlations and variance inflation"},
        ),
        files=table_files(4),
    log:
        "results/logs/table4.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        options=RUN.config["tables"],
        variables=(HEADLINE.outcome, *HEADLINE.regressors),
        regressors=HEADLINE.regressors,
        effects=HEADLINE.effects,
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "panel"),
    script:
        "../scripts/table4.py"


rule table5:
    input:
        labels=LABELS,
        moran="results/esda/moran.csv",
        weights=expand(
            "results/weights/{weights}.csv", weights=RUN.config["moran"]["weights"]
        ),
        checked="results/checks/weights.json",
    output:
        report(
            "results/tables/table5.html",
            caption="../report/table5.rst",
            category="Tables",
            labels={"table": "5", "content": "Moran's I by year and weights"},
        ),
        files=table_files(5),
    log:
        "results/logs/table5.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        options=RUN.config["tables"],
        names=RUN.config["moran"]["weights"],
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "weights"),
    script:
        "../scripts/table5.py"


rule table6:
    input:
        labels=LABELS,
        tests=f"results/tests/{HEADLINE.id}.csv",
        weights=f"results/weights/{HEADLINE.weights}.csv",
        checked="results/checks/weights.json",
    output:
        report(
            "results/tables/table6.html",
            caption="../report/table6.rst",
            category="Tables",
            labels={"table": "6", "content": "Specification tests"},
        ),
        files=table_files(6),
    log:
        "results/logs/table6.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        options=RUN.config["tables"],
        specification=HEADLINE.to_dict(),
        permutations=RUN.config["moran"]["permutations"],
        seed=RUN.config["seed"],
        n=RUN.units(HEADLINE.id),
        periods=RUN.years,
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "weights"),
    script:
        "../scripts/table6.py"


rule table7:
    input:
        labels=LABELS,
        fits=expand("results/fits/{spec}.json", spec=RUN.table("7")),
        weights=expand("results/weights/{weights}.csv", weights=RUN.table_weights("7")),
        checked=["results/checks/weights.json", "results/checks/spreg.json"],
    output:
        report(
            "results/tables/table7.html",
            caption="../report/table7.rst",
            category="Tables",
            labels={"table": "7", "content": "Main estimates"},
        ),
        files=table_files(7),
    log:
        "results/logs/table7.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        options=RUN.config["tables"],
        columns=[RUN.row(spec).column for spec in RUN.table("7")],
        names=RUN.table_weights("7"),
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "weights", "analyses.estimation.estimates"),
    script:
        "../scripts/table7.py"


rule table8:
    input:
        labels=LABELS,
        effects=expand("results/effects/{spec}.csv", spec=RUN.effects_of("7")),
        fits=expand("results/fits/{spec}.json", spec=RUN.effects_of("7")),
        weights=expand("results/weights/{weights}.csv", weights=RUN.table_weights("7")),
        checked=["results/checks/weights.json", "results/checks/effects.json"],
    output:
        report(
            "results/tables/table8.html",
            caption="../report/table8.rst",
            category="Tables",
            labels={"table": "8", "content": "Direct, indirect and total effects"},
        ),
        files=table_files(8),
    log:
        "results/logs/table8.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        options=RUN.config["tables"],
        columns=[RUN.row(spec).column for spec in RUN.effects_of("7")],
        names=RUN.table_weights("7"),
        specification=HEADLINE.to_dict(),
        n={RUN.row(spec).column: RUN.units(spec) for spec in RUN.effects_of("7")},
        periods=RUN.years,
        draws=RUN.config["estimation"]["draws"],
        level=RUN.config["estimation"]["confidence"],
        seed=RUN.config["seed"],
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "weights", "analyses.estimation.estimates"),
    script:
        "../scripts/table8.py"
