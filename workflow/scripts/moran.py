"""Compute Moran's I by variable, year and weights."""

from shuyi import esda, files
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    weights = map(records.read_weights, snakemake.input.weights)
    statistics = esda.moran(
        records.read_panel(snakemake.input.panel),
        dict(zip(snakemake.params.weights, weights, strict=True)),
        snakemake.params.variables,
        permutations=snakemake.params.permutations,
        seed=snakemake.params.seed,
    )
    files.write_csv(snakemake.output[0], statistics.to_frame())
