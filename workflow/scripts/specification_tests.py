"""Test one specification: spatial dependence, effects, simplification, residuals."""

from shuyi import estimation, io
from shuyi.spatialpanel import Specification, tests

with io.logged(snakemake.log[0]):
    panel, weights = estimation.cut_to_sample(
        io.read_panel(snakemake.input.panel),
        io.read_weights(snakemake.input.weights),
        snakemake.params.excluded,
    )
    frame = tests.specification_tests(
        panel,
        weights,
        Specification.from_row(snakemake.params.specification),
        permutations=snakemake.params.permutations,
        seed=snakemake.params.seed,
    )
    io.write_csv(snakemake.output[0], frame)
