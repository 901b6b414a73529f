"""Write table 5: Moran's I by year and weights."""

from shuyi import files
from shuyi.analyses.autocorrelation import tables
from shuyi.pipeline import records
from shuyi.publish import notes, numbers

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    weights = dict(
        zip(snakemake.params.names, map(records.read_weights, snakemake.input.weights), strict=True)
    )
    table = tables.table5(
        files.read_csv(snakemake.input.moran),
        labels,
        numbers.TableOptions.from_config(snakemake.params.options),
        weights_notes=notes.all_weights_notes(weights, labels),
    )
    records.write_table(snakemake.output[0], table)
