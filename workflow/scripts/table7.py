"""Write table 7: main estimates side by side."""

from shuyi.analyses.estimation import estimates, tables
from shuyi.pipeline import records
from shuyi.publish import notes, numbers

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    weights = dict(
        zip(snakemake.params.names, map(records.read_weights, snakemake.input.weights), strict=True)
    )
    fits = dict(zip(snakemake.params.columns, map(records.read_fit, snakemake.input.fits), strict=True))
    serial = tables.serial_notes(estimates.serial_p_values(fits), labels)
    table = tables.table7(
        fits,
        labels,
        numbers.TableOptions.from_config(snakemake.params.options),
        notes=[*serial, *notes.all_weights_notes(weights, labels)],
    )
    records.write_table(snakemake.output[0], table)
