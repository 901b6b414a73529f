"""Write table 29: mean centres, deviational ellipses and trend surface."""

from shuyi import files
from shuyi.analyses.geography import tables
from shuyi.pipeline import records
from shuyi.publish import numbers

with records.logged(snakemake.log[0]):
    p = snakemake.params
    table = tables.table29(
        files.read_csv(snakemake.input.centres),
        files.read_csv(snakemake.input.trend),
        records.read_labels(snakemake.input.labels, p.language),
        numbers.TableOptions.from_config(p.options),
    )
    records.write_table(snakemake.output[0], table)
