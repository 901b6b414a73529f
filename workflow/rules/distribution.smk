"""Inequality, convergence, distribution dynamics and geography: results, tables, figures."""

DISTRIBUTED = {
    "inequality": [
        "parts",
        "regions",
        "pairs",
        "provinces",
        "dispersion",
        "spatial_gini",
        "other_parts",
        "other_regions",
    ],
    "convergence": [
        *[
            "sigma",
            "sigma_trends",
            "beta",
            "spatial_beta",
            "clubs",
            "club_tests",
            "paths",
        ],
    ],
    "dynamics": [
        *[
            "densities",
            "density_summary",
            "conditional",
            "transitions",
            "classes",
            "ergodic",
        ],
        *[
            "tests",
            "mobility",
            "lisa_transitions",
            "lisa_tests",
            "lisa_moves",
            "vectors",
        ],
        *["sectors", "rank_mobility", "ranks"],
    ],
    "geography": ["centres", "outlines", "trend", "surface"],
}
SCHEME_TABLES = ["16b", "16c", "16d"]
DISTRIBUTION_TABLES = [16, *SCHEME_TABLES, 17, 18, *range(23, 30)]
DISTRIBUTION_FIGURES = [
    *["inequality_by_year", "dispersion_by_indicator", "contributions_map"],
    *["sigma_by_year", "transition_paths", "club_map"],
    *["kernel_densities", "conditional_densities", "lisa_vectors"],
    *["ellipse_map", "centre_paths", "trend_map"],
]
RESULTS += [file for part in DISTRIBUTED for file in distributed(part).values()]
RESULTS += all_of_tables(*DISTRIBUTION_TABLES)
RESULTS += all_of_figures(*DISTRIBUTION_FIGURES)


rule inequality:
    input:
        panel="results/data/panel.parquet",
        neighbours=f"results/weights/{RUN.config['inequality']['weights']}.csv",
        scheme=f"config/indices/{RUN.config['index']['scheme']}.yaml",
        schema="workflow/schemas/index_scheme.schema.yaml",
    output:
        **distributed("inequality"),
    log:
        "results/logs/inequality.log",
    conda:
        "../../environment.yml"
    params:
        **RUN.config["inequality"],
        regions=RUN.config["regions"]["scheme"],
        seed=RUN.config["seed"],
        code=code_digest("files", "pipeline.records", "analyses.convergence.frames", "analyses.dynamics.frames", "analyses.geography.frames", "analyses.inequality.frames", "indices", "panel", "china.regions", "regions", "weights"),
    script:
        "../scripts/inequality.py"


rule inequality_tables:
    input:
        **distributed("inequality"),
        labels=LABELS,
        neighbours=f"results/weights/{RUN.config['inequality']['weights']}.csv",
        scheme=f"config/indices/{RUN.config['index']['scheme']}.yaml",
        schema="workflow/schemas/index_scheme.schema.yaml",
    output:
        report(
            "results/tables/table16.html",
            caption="../report/table16.rst",
            category="Tables",
            labels={"table": "16", "content": "Theil and Dagum decompositions"},
        ),
        report(
            expand("results/tables/table{number}.html", number=SCHEME_TABLES),
            caption="../report/table16.rst",
            category="Tables",
            labels={
                "table": "16",
                "content": "Decompositions by other region schemes",
            },
        ),
        report(
            "results/tables/table23.html",
            caption="../report/table23.rst",
            category="Tables",
            labels={"table": "23", "content": "Inequality within and between regions"},
        ),
        report(
            "results/tables/table24.html",
            caption="../report/table24.rst",
            category="Tables",
            labels={"table": "24", "content": "Dispersion by indicator"},
        ),
        report(
            "results/tables/table25.html",
            caption="../report/table25.rst",
            category="Tables",
            labels={"table": "25", "content": "Contributions of provinces"},
        ),
        files=[
            *table_files(16),
            *(file for number in SCHEME_TABLES for file in table_files(number)),
            *table_files(23),
            *table_files(24),
            *table_files(25),
        ],
    log:
        "results/logs/inequality_tables.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        options=RUN.config["tables"],
        weights=RUN.config["inequality"]["weights"],
        years=RUN.config["inequality"]["years"],
        frames=DISTRIBUTED["inequality"],
        code=code_digest("files", "pipeline.records", "indices", "publish", "publish.labels", "china.provinces", "weights", "analyses.convergence.tables", "analyses.dynamics.tables", "analyses.geography.tables", "analyses.inequality.tables", "publish.layout", "publish.notes", "publish.numbers"),
    script:
        "../scripts/inequality_tables.py"


rule inequality_figures:
    input:
        **{
            name: distributed("inequality")[name]
            for name in ["parts", "dispersion", "provinces"]
        },
        labels=LABELS,
        scheme=f"config/indices/{RUN.config['index']['scheme']}.yaml",
        schema="workflow/schemas/index_scheme.schema.yaml",
    output:
        report(
            "results/figures/inequality_by_year.png",
            caption="../report/inequality_by_year.rst",
            category="Figures",
            labels={
                "figure": "inequality_by_year",
                "content": "Inequality over the years",
            },
        ),
        report(
            "results/figures/dispersion_by_indicator.png",
            caption="../report/dispersion_by_indicator.rst",
            category="Figures",
            labels={
                "figure": "dispersion_by_indicator",
                "content": "Ratios by indicator and year",
            },
        ),
        report(
            "results/figures/contributions_map.png",
            caption="../report/contributions_map.rst",
            category="Maps",
            labels={
                "figure": "contributions_map",
                "content": "Contributions to inequality",
            },
        ),
        files=[
            *figure_files("inequality_by_year"),
            *figure_files("dispersion_by_indicator"),
            *figure_files("contributions_map"),
        ],
    log:
        "results/logs/inequality_figures.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        variables=RUN.config["inequality"]["variables"],
        years=RUN.config["inequality"]["years"],
        frames=["parts", "dispersion", "provinces"],
        approval_number=RUN.config["maps"]["approval_number"],
        dpi=RUN.config["maps"]["dpi"],
        code=code_digest("files", "pipeline.records", "indices", "analyses.convergence.figures", "analyses.dynamics.figures", "analyses.geography.figures", "analyses.inequality.figures", "publish.charts", "publish.style", "analyses.autocorrelation.figures", "analyses.estimation.figures", "analyses.index.figures", "publish.maps", "publish", "publish.labels"),
    script:
        "../scripts/inequality_figures.py"


rule convergence:
    input:
        panel="results/data/panel.parquet",
        neighbours=f"results/weights/{RUN.config['convergence']['weights']}.csv",
    output:
        **distributed("convergence"),
    log:
        "results/logs/convergence.log",
    conda:
        "../../environment.yml"
    params:
        **RUN.config["convergence"],
        regions=RUN.config["regions"]["scheme"],
        code=code_digest("files", "pipeline.records", "analyses.convergence.frames", "analyses.dynamics.frames", "analyses.geography.frames", "analyses.inequality.frames", "panel", "china.regions", "regions", "weights"),
    script:
        "../scripts/convergence.py"


rule convergence_tables:
    input:
        **distributed("convergence"),
        labels=LABELS,
        neighbours=f"results/weights/{RUN.config['convergence']['weights']}.csv",
    output:
        report(
            "results/tables/table17.html",
            caption="../report/table17.rst",
            category="Tables",
            labels={"table": "17", "content": "Sigma and beta convergence"},
        ),
        report(
            "results/tables/table26.html",
            caption="../report/table26.rst",
            category="Tables",
            labels={"table": "26", "content": "Convergence clubs"},
        ),
        files=[
            *table_files(17),
            *table_files(26),
        ],
    log:
        "results/logs/convergence_tables.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        options=RUN.config["tables"],
        weights=RUN.config["convergence"]["weights"],
        controls=RUN.config["convergence"]["controls"],
        frames=DISTRIBUTED["convergence"],
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "china.provinces", "weights", "analyses.convergence.tables", "analyses.dynamics.tables", "analyses.geography.tables", "analyses.inequality.tables", "publish.layout", "publish.notes", "publish.numbers"),
    script:
        "../scripts/convergence_tables.py"


rule convergence_figures:
    input:
        **{
            name: distributed("convergence")[name]
            for name in ["sigma", "paths", "clubs"]
        },
        labels=LABELS,
    output:
        report(
            "results/figures/sigma_by_year.png",
            caption="../report/sigma_by_year.rst",
            category="Figures",
            labels={"figure": "sigma_by_year", "content": "Sigma convergence"},
        ),
        report(
            "results/figures/transition_paths.png",
            caption="../report/transition_paths.rst",
            category="Figures",
            labels={
                "figure": "transition_paths",
                "content": "Relative transition paths",
            },
        ),
        report(
            "results/figures/club_map.png",
            caption="../report/club_map.rst",
            category="Maps",
            labels={"figure": "club_map", "content": "Convergence clubs"},
        ),
        files=[
            *figure_files("sigma_by_year"),
            *figure_files("transition_paths"),
            *figure_files("club_map"),
        ],
    log:
        "results/logs/convergence_figures.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        variables=RUN.config["convergence"]["variables"],
        clubs=list(RUN.config["convergence"]["clubs"]),
        frames=["sigma", "paths", "clubs"],
        approval_number=RUN.config["maps"]["approval_number"],
        dpi=RUN.config["maps"]["dpi"],
        code=code_digest("files", "pipeline.records", "analyses.convergence.figures", "analyses.dynamics.figures", "analyses.geography.figures", "analyses.inequality.figures", "publish.charts", "publish.style", "analyses.autocorrelation.figures", "analyses.estimation.figures", "analyses.index.figures", "publish.maps", "publish.labels"),
    script:
        "../scripts/convergence_figures.py"


rule dynamics:
    input:
        panel="results/data/panel.parquet",
        neighbours=f"results/weights/{RUN.config['dynamics']['weights']}.csv",
    output:
        **distributed("dynamics"),
    log:
        "results/logs/dynamics.log",
    conda:
        "../../environment.yml"
    params:
        **RUN.config["dynamics"],
        regions=RUN.config["regions"]["scheme"],
        seed=RUN.config["seed"],
        code=code_digest("files", "pipeline.records", "analyses.convergence.frames", "analyses.dynamics.frames", "analyses.geography.frames", "analyses.inequality.frames", "panel", "china.regions", "regions", "weights"),
    script:
        "../scripts/dynamics.py"


rule dynamics_tables:
    input:
        **distributed("dynamics"),
        labels=LABELS,
        neighbours=f"results/weights/{RUN.config['dynamics']['weights']}.csv",
    output:
        report(
            "results/tables/table18.html",
            caption="../report/table18.rst",
            category="Tables",
            labels={"table": "18", "content": "Markov and spatial Markov transitions"},
        ),
        report(
            "results/tables/table27.html",
            caption="../report/table27.rst",
            category="Tables",
            labels={"table": "27", "content": "Transitions of LISA quadrants"},
        ),
        report(
            "results/tables/table28.html",
            caption="../report/table28.rst",
            category="Tables",
            labels={"table": "28", "content": "Rank mobility"},
        ),
        files=[
            *table_files(18),
            *table_files(27),
            *table_files(28),
        ],
    log:
        "results/logs/dynamics_tables.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        options=RUN.config["tables"],
        weights=RUN.config["dynamics"]["weights"],
        frames=DISTRIBUTED["dynamics"],
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "china.provinces", "weights", "analyses.convergence.tables", "analyses.dynamics.tables", "analyses.geography.tables", "analyses.inequality.tables", "publish.layout", "publish.notes", "publish.numbers"),
    script:
        "../scripts/dynamics_tables.py"


rule dynamics_figures:
    input:
        **{
            name: distributed("dynamics")[name]
            for name in ["densities", "conditional", "vectors", "sectors"]
        },
        labels=LABELS,
    output:
        report(
            "results/figures/kernel_densities.png",
            caption="../report/kernel_densities.rst",
            category="Figures",
            labels={
                "figure": "kernel_densities",
                "content": "Kernel densities by year",
            },
        ),
        report(
            "results/figures/conditional_densities.png",
            caption="../report/conditional_densities.rst",
            category="Figures",
            labels={
                "figure": "conditional_densities",
                "content": "Conditional densities",
            },
        ),
        report(
            "results/figures/lisa_vectors.png",
            caption="../report/lisa_vectors.rst",
            category="Figures",
            labels={
                "figure": "lisa_vectors",
                "content": "Movements in the Moran scatterplot",
            },
        ),
        files=[
            *figure_files("kernel_densities"),
            *figure_files("conditional_densities"),
            *figure_files("lisa_vectors"),
        ],
    log:
        "results/logs/dynamics_figures.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        variable=RUN.config["dynamics"]["variable"],
        frames=["densities", "conditional", "vectors", "sectors"],
        dpi=RUN.config["maps"]["dpi"],
        code=code_digest("files", "pipeline.records", "analyses.convergence.figures", "analyses.dynamics.figures", "analyses.geography.figures", "analyses.inequality.figures", "publish.charts", "publish.style", "publish.labels", "china.provinces"),
    script:
        "../scripts/dynamics_figures.py"


rule geography:
    input:
        panel="results/data/panel.parquet",
    output:
        **distributed("geography"),
    log:
        "results/logs/geography.log",
    conda:
        "../../environment.yml"
    params:
        **RUN.config["geography"],
        code=code_digest("files", "pipeline.records", "analyses.convergence.frames", "analyses.dynamics.frames", "analyses.geography.frames", "analyses.inequality.frames", "panel"),
    script:
        "../scripts/geography.py"


rule table29:
    input:
        labels=LABELS,
        centres=distributed("geography")["centres"],
        trend=distributed("geography")["trend"],
    output:
        report(
            "results/tables/table29.html",
            caption="../report/table29.rst",
            category="Tables",
            labels={
                "table": "29",
                "content": "Mean centres, ellipses and trend surface",
            },
        ),
        files=table_files(29),
    log:
        "results/logs/table29.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        options=RUN.config["tables"],
        code=code_digest("files", "pipeline.records", "publish", "publish.labels", "analyses.convergence.tables", "analyses.dynamics.tables", "analyses.geography.tables", "analyses.inequality.tables", "publish.layout", "publish.notes", "publish.numbers"),
    script:
        "../scripts/table29.py"


rule geography_figures:
    input:
        **distributed("geography"),
        labels=LABELS,
    output:
        report(
            "results/figures/ellipse_map.png",
            caption="../report/ellipse_map.rst",
            category="Maps",
            labels={"figure": "ellipse_map", "content": "Deviational ellipses"},
        ),
        report(
            "results/figures/centre_paths.png",
            caption="../report/centre_paths.rst",
            category="Figures",
            labels={"figure": "centre_paths", "content": "Ways of the mean centres"},
        ),
        report(
            "results/figures/trend_map.png",
            caption="../report/trend_map.rst",
            category="Maps",
            labels={"figure": "trend_map", "content": "Trend surface"},
        ),
        files=[
            *figure_files("ellipse_map"),
            *figure_files("centre_paths"),
            *figure_files("trend_map"),
        ],
    log:
        "results/logs/geography_figures.log",
    conda:
        "../../environment.yml"
    params:
        language=RUN.config["language"],
        variables=RUN.config["geography"]["variables"],
        frames=["centres", "outlines", "surface"],
        approval_number=RUN.config["maps"]["approval_number"],
        dpi=RUN.config["maps"]["dpi"],
        code=code_digest("files", "pipeline.records", "analyses.convergence.figures", "analyses.dynamics.figures", "analyses.geography.figures", "analyses.inequality.figures", "publish.charts", "publish.style", "analyses.autocorrelation.figures", "analyses.estimation.figures", "analyses.index.figures", "publish.maps", "publish.labels"),
    script:
        "../scripts/geography_figures.py"


# One target per table and figure that shares its job with others, e.g. table16 or club_map.
for _number in DISTRIBUTION_TABLES[:-1]:

    rule:
        name:
            f"table{_number}"
        input:
            f"results/tables/table{_number}.html",


for _figure in DISTRIBUTION_FIGURES:

    rule:
        name:
            _figure
        input:
            f"results/figures/{_figure}.png",
