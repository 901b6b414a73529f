"""Write table 2: index weights and dimensions."""

from shuyi import indices, io, tables

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    scheme = indices.load_scheme(io.read_yaml(snakemake.input.scheme), io.read_yaml(snakemake.input.schema))
    panel = io.read_panel(snakemake.input.panel)
    table = tables.table2(
        io.read_csv(snakemake.input.indicators, text=["denominator"]),
        scheme,
        labels,
        weighting=snakemake.params.weighting,
        n=panel.n,
        periods=panel.periods,
    )
    io.write_table(snakemake.output[0], table)
