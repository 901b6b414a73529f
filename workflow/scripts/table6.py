"""Write table 6: tests of the specification."""

from shuyi import io, tables

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    spec = snakemake.params.specification
    weights = io.read_weights(snakemake.input.weights)
    table = tables.table6(
        io.read_csv(snakemake.input.tests, text=["spec", "note"]),
        labels,
        tables.TableOptions.from_config(snakemake.params.options),
        facts=spec,
        n=snakemake.params.n,
        periods=snakemake.params.periods,
        notes=tables.weights_notes(spec["weights"], weights, labels),
        permutations=snakemake.params.permutations,
        seed=snakemake.params.seed,
    )
    io.write_table(snakemake.output[0], table)
