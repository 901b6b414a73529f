"""Write table 7: main estimates side by side."""

from shuyi import estimation, io, tables

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    weights = dict(zip(snakemake.params.names, map(io.read_weights, snakemake.input.weights), strict=True))
    fits = dict(zip(snakemake.params.columns, map(io.read_fit, snakemake.input.fits), strict=True))
    serial = tables.serial_notes(estimation.serial_p_values(fits), labels)
    table = tables.table7(
        fits,
        labels,
        tables.TableOptions.from_config(snakemake.params.options),
        notes=[*serial, *tables.all_weights_notes(weights, labels)],
    )
    io.write_table(snakemake.output[0], table)
