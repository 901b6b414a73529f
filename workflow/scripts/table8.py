"""Write table 8: direct, indirect and total effects."""

from shuyi import estimation, io, tables

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    weights = dict(zip(snakemake.params.names, map(io.read_weights, snakemake.input.weights), strict=True))
    p, frames = snakemake.params, [io.read_csv(path) for path in snakemake.input.effects]
    fits = dict(zip(p.columns, map(io.read_fit, snakemake.input.fits), strict=True))
    serial = tables.serial_notes(estimation.serial_p_values(fits), labels)
    table = tables.table8(
        tables.model_effects(p.columns, frames, draws=p.draws, seed=p.seed, level=p.level),
        labels,
        tables.TableOptions.from_config(p.options),
        facts=p.specification,
        n=p.n,
        periods=p.periods,
        notes=[*serial, *tables.all_weights_notes(weights, labels)],
    )
    io.write_table(snakemake.output[0], table)
