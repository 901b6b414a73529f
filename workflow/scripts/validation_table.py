"""Put the cells of the study below one another."""

from shuyi import io
from shuyi.spatialpanel import study

with io.logged(snakemake.log[0]):
    cells = map(io.read_csv, snakemake.input)
    io.write_csv(snakemake.output[0], study.collect(cells))
