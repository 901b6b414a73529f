"""Put the cells of the study below one another."""

from shuyi import files
from shuyi.pipeline import records
from shuyi.spatialpanel import montecarlo

with records.logged(snakemake.log[0]):
    cells = map(files.read_csv, snakemake.input)
    files.write_csv(snakemake.output[0], montecarlo.collect(cells))
