"""Write table 1: variables, units and sources."""

from shuyi import indices, io, tables

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    scheme = indices.load_scheme(io.read_yaml(snakemake.input.scheme), io.read_yaml(snakemake.input.schema))
    panel = io.read_panel(snakemake.input.panel)
    rows = tables.paper_variables(
        io.read_json(snakemake.input.clean),
        io.read_csv(snakemake.input.indicators, text=["denominator"]),
        panel,
        outcomes=snakemake.params.outcomes,
        index=indices.INDEX,
        controls=snakemake.params.controls,
    )
    table = tables.table1(rows, panel, labels, titles=tables.scheme_titles(scheme, labels))
    io.write_table(snakemake.output[0], table)
