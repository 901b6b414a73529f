"""Compute direct, indirect and total effects of one estimate."""

from shuyi import estimation, io

with io.logged(snakemake.log[0]):
    effects = estimation.effects_of(
        io.read_fit(snakemake.input.fit),
        io.read_weights(snakemake.input.weights),
        draws=snakemake.params.draws,
        seed=snakemake.params.seed,
        level=snakemake.params.level,
    )
    io.write_csv(snakemake.output[0], effects.to_frame())
