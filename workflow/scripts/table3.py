"""Write table 3: descriptive statistics."""

from shuyi.analyses.description import tables
from shuyi.pipeline import records
from shuyi.publish import numbers

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    options = numbers.TableOptions.from_config(snakemake.params.options)
    panel = records.read_panel(snakemake.input.panel)
    table = tables.table3(panel, snakemake.params.variables, labels, options)
    records.write_table(snakemake.output[0], table)
