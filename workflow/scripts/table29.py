"""Write table 29: mean centres, deviational ellipses and trend surface."""

from shuyi import io, tables
from shuyi.tables import distribution

with io.logged(snakemake.log[0]):
    p = snakemake.params
    table = distribution.table29(
        io.read_csv(snakemake.input.centres),
        io.read_csv(snakemake.input.trend),
        io.read_labels(snakemake.input.labels, p.language),
        tables.TableOptions.from_config(p.options),
    )
    io.write_table(snakemake.output[0], table)
