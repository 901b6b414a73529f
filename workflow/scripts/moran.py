"""Compute Moran's I by variable, year and weights."""

from shuyi import esda, io

with io.logged(snakemake.log[0]):
    weights = map(io.read_weights, snakemake.input.weights)
    statistics = esda.moran(
        io.read_panel(snakemake.input.panel),
        dict(zip(snakemake.params.weights, weights, strict=True)),
        snakemake.params.variables,
        permutations=snakemake.params.permutations,
        seed=snakemake.params.seed,
    )
    io.write_csv(snakemake.output[0], statistics.to_frame())
