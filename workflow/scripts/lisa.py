"""Compute local Moran statistics of one variable in the configured years."""

from shuyi import esda, io

with io.logged(snakemake.log[0]):
    statistics = esda.local_morans(
        io.read_panel(snakemake.input.panel),
        io.read_weights(snakemake.input.weights),
        snakemake.wildcards.variable,
        snakemake.params.years,
        name=snakemake.params.weights,
        permutations=snakemake.params.permutations,
        seed=snakemake.params.seed,
        significance=snakemake.params.significance,
        fdr=snakemake.params.false_discovery_rate,
    )
    io.write_csv(snakemake.output[0], statistics)
