"""Write table 42: the register of facts."""

from shuyi import files
from shuyi.analyses.facts import tables
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    register = files.read_csv(snakemake.input.facts, text=tables.TEXTS)
    records.write_table(snakemake.output[0], tables.table42(register, labels))
