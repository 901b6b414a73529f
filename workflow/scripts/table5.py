"""Write table 5: Moran's I by year and weights."""

from shuyi import io, tables

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    weights = dict(zip(snakemake.params.names, map(io.read_weights, snakemake.input.weights), strict=True))
    table = tables.table5(
        io.read_csv(snakemake.input.moran),
        labels,
        tables.TableOptions.from_config(snakemake.params.options),
        weights_notes=tables.all_weights_notes(weights, labels),
    )
    io.write_table(snakemake.output[0], table)
