"""Write table 6: tests of the specification."""

from shuyi import files
from shuyi.analyses.estimation import tables
from shuyi.pipeline import records
from shuyi.publish import notes, numbers

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    spec = snakemake.params.specification
    weights = records.read_weights(snakemake.input.weights)
    table = tables.table6(
        files.read_csv(snakemake.input.tests, text=["spec", "note"]),
        labels,
        numbers.TableOptions.from_config(snakemake.params.options),
        facts=spec,
        n=snakemake.params.n,
        periods=snakemake.params.periods,
        notes=notes.weights_notes(spec["weights"], weights, labels),
        permutations=snakemake.params.permutations,
        seed=snakemake.params.seed,
    )
    records.write_table(snakemake.output[0], table)
