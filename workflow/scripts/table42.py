"""Write table 42: the register of facts."""

from shuyi import io
from shuyi.tables import facts

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    register = io.read_csv(snakemake.input.facts, text=facts.TEXTS)
    io.write_table(snakemake.output[0], facts.table42(register, labels))
