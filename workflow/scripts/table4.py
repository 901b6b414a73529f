"""Write table 4: correlations and variance inflation factors."""

from shuyi.analyses.description import tables
from shuyi.pipeline import records
from shuyi.publish import numbers

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    table = tables.table4(
        records.read_panel(snakemake.input.panel),
        snakemake.params.variables,
        snakemake.params.regressors,
        labels,
        numbers.TableOptions.from_config(snakemake.params.options),
        effects=snakemake.params.effects,
    )
    records.write_table(snakemake.output[0], table)
