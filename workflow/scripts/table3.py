"""Write table 3: descriptive statistics."""

from shuyi import io, tables

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    options = tables.TableOptions.from_config(snakemake.params.options)
    panel = io.read_panel(snakemake.input.panel)
    table = tables.table3(panel, snakemake.params.variables, labels, options)
    io.write_table(snakemake.output[0], table)
