"""Write table 8: direct, indirect and total effects."""

from shuyi import files
from shuyi.analyses.estimation import estimates, tables
from shuyi.pipeline import records
from shuyi.publish import notes, numbers

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    weights = dict(
        zip(snakemake.params.names, map(records.read_weights, snakemake.input.weights), strict=True)
    )
    p, frames = snakemake.params, [files.read_csv(path) for path in snakemake.input.effects]
    fits = dict(zip(p.columns, map(records.read_fit, snakemake.input.fits), strict=True))
    serial = tables.serial_notes(estimates.serial_p_values(fits), labels)
    table = tables.table8(
        tables.model_effects(p.columns, frames, draws=p.draws, seed=p.seed, level=p.level),
        labels,
        numbers.TableOptions.from_config(p.options),
        facts=p.specification,
        n=p.n,
        periods=p.periods,
        notes=[*serial, *notes.all_weights_notes(weights, labels)],
    )
    records.write_table(snakemake.output[0], table)
