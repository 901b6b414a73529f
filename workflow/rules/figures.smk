"""Figures and maps, each in PNG, PDF and SVG."""

OF_VARIABLES = expand(
    "{kind}_{variable}",
    kind=["lisa_map", "moran_scatter"],
    variable=RUN.config["lisa"]["variables"],
)
RESULTS += all_of_figures(
    "index_map", "weights_map", "moran_by_year", "effects_figure", *OF_VARIABLES
)


rule index_map:
    input:
        labels=LABELS,
        panel="results/data/panel.parquet",
    output:
        report(
            "results/figures/index_map.png",
            caption="../report/index_map.rst",
            category="Maps",
            labels={"figure": "index_map", "content": "Digital development index"},
        ),
        files=figure_files("index_map"),
    log:
        "results/logs/index_map.log",
    conda:
        "../../environment.yml"
    params:
        **RUN.config["maps"],
        language=RUN.config["language"],
        code=code_digest("files", "pipeline.records", "analyses.autocorrelation.figures", "analyses.estimation.figures", "analyses.index.figures", "publish.maps", "publish.style", "frames", "publish.labels", "panel"),
    script:
        "../scripts/index_map.py"


rule lisa_map:
    input:
        labels=LABELS,
        lisa="results/esda/lisa_{variable}.csv",
    output:
        report(
            "results/figures/lisa_map_{variable}.png",
            caption="../report/lisa_map.rst",
            category="Maps",
            labels={"figure": "lisa_map_{variable}", "content": "LISA clusters"},
        ),
        files=figure_files("lisa_map_{variable}"),
    log:
        "results/logs/lisa_map.{variable}.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        approval_number=RUN.config["maps"]["approval_number"],
        dpi=RUN.config["maps"]["dpi"],
        code=code_digest("files", "pipeline.records", "analyses.autocorrelation.figures", "analyses.estimation.figures", "analyses.index.figures", "publish.maps", "publish.style", "frames", "publish.labels"),
    script:
        "../scripts/lisa_map.py"


rule weights_map:
    input:
        labels=LABELS,
        weights=f"results/weights/{HEADLINE.weights}.csv",
    output:
        report(
            "results/figures/weights_map.png",
            caption="../report/weights_map.rst",
            category="Maps",
            labels={"figure": "weights_map", "content": "Links of the weights"},
        ),
        files=figure_files("weights_map"),
    log:
        "results/logs/weights_map.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        added=RUN.config["weights"][HEADLINE.weights].get("links", []),
        approval_number=RUN.config["maps"]["approval_number"],
        dpi=RUN.config["maps"]["dpi"],
        code=code_digest("files", "pipeline.records", "analyses.autocorrelation.figures", "analyses.estimation.figures", "analyses.index.figures", "publish.maps", "publish.style", "publish.labels", "weights", "china.provinces"),
    script:
        "../scripts/weights_map.py"


rule moran_scatter:
    input:
        labels=LABELS,
        lisa="results/esda/lisa_{variable}.csv",
        moran="results/esda/moran.csv",
    output:
        report(
            "results/figures/moran_scatter_{variable}.png",
            caption="../report/moran_scatter.rst",
            category="Figures",
            labels={
                "figure": "moran_scatter_{variable}",
                "content": "Moran scatterplots",
            },
        ),
        files=figure_files("moran_scatter_{variable}"),
    log:
        "results/logs/moran_scatter.{variable}.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        dpi=RUN.config["maps"]["dpi"],
        code=code_digest("files", "pipeline.records", "analyses.autocorrelation.figures", "analyses.estimation.figures", "publish.charts", "publish.style", "frames", "publish.labels", "china.provinces"),
    script:
        "../scripts/moran_scatter.py"


rule moran_by_year:
    input:
        labels=LABELS,
        moran="results/esda/moran.csv",
    output:
        report(
            "results/figures/moran_by_year.png",
            caption="../report/moran_by_year.rst",
            category="Figures",
            labels={"figure": "moran_by_year", "content": "Moran's I over the years"},
        ),
        files=figure_files("moran_by_year"),
    log:
        "results/logs/moran_by_year.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        names=RUN.config["moran"]["weights"],
        variable=RUN.config["moran"]["variables"][0],
        dpi=RUN.config["maps"]["dpi"],
        code=code_digest("files", "pipeline.records", "analyses.autocorrelation.figures", "analyses.estimation.figures", "publish.charts", "publish.style", "frames", "publish.labels"),
    script:
        "../scripts/moran_by_year.py"


rule effects_figure:
    input:
        labels=LABELS,
        effects=f"results/effects/{HEADLINE.id}.csv",
    output:
        report(
            "results/figures/effects_figure.png",
            caption="../report/effects_figure.rst",
            category="Figures",
            labels={
                "figure": "effects_figure",
                "content": "Effects of the headline model",
            },
        ),
        files=figure_files("effects_figure"),
    log:
        "results/logs/effects_figure.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        terms=HEADLINE.regressors,
        level=RUN.config["estimation"]["confidence"],
        dpi=RUN.config["maps"]["dpi"],
        code=code_digest("files", "pipeline.records", "analyses.autocorrelation.figures", "analyses.estimation.figures", "publish.charts", "publish.style", "frames", "publish.labels"),
    script:
        "../scripts/effects_figure.py"


# One target per map and scatterplot of a variable, e.g. lisa_map_digital.
for _figure in OF_VARIABLES:

    rule:
        name:
            _figure
        input:
            f"results/figures/{_figure}.png",
