"""Test one specification: spatial dependence, effects, simplification, residuals."""

from shuyi import files
from shuyi.analyses.estimation import estimates
from shuyi.pipeline import records
from shuyi.spatialpanel import Specification, diagnostics

with records.logged(snakemake.log[0]):
    panel, weights = estimates.cut_to_sample(
        records.read_panel(snakemake.input.panel),
        records.read_weights(snakemake.input.weights),
        snakemake.params.excluded,
    )
    frame = diagnostics.specification_tests(
        panel,
        weights,
        Specification.from_row(snakemake.params.specification),
        permutations=snakemake.params.permutations,
        seed=snakemake.params.seed,
    )
    files.write_csv(snakemake.output[0], frame)
