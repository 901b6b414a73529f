"""Compute local Moran statistics of one variable in the configured years."""

from shuyi import esda, files
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    statistics = esda.local_morans(
        records.read_panel(snakemake.input.panel),
        records.read_weights(snakemake.input.weights),
        snakemake.wildcards.variable,
        snakemake.params.years,
        name=snakemake.params.weights,
        permutations=snakemake.params.permutations,
        seed=snakemake.params.seed,
        significance=snakemake.params.significance,
        fdr=snakemake.params.false_discovery_rate,
    )
    files.write_csv(snakemake.output[0], statistics)
