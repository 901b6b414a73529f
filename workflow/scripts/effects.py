"""Compute direct, indirect and total effects of one estimate."""

from shuyi import files
from shuyi.analyses.estimation import estimates
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    effects = estimates.effects_of(
        records.read_fit(snakemake.input.fit),
        records.read_weights(snakemake.input.weights),
        draws=snakemake.params.draws,
        seed=snakemake.params.seed,
        level=snakemake.params.level,
    )
    files.write_csv(snakemake.output[0], effects.to_frame())
