"""Write table 4: correlations and variance inflation factors."""

from shuyi import io, tables

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    table = tables.table4(
        io.read_panel(snakemake.input.panel),
        snakemake.params.variables,
        snakemake.params.regressors,
        labels,
        tables.TableOptions.from_config(snakemake.params.options),
        effects=snakemake.params.effects,
    )
    io.write_table(snakemake.output[0], table)
