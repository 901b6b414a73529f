"""Describe the connectivity of all weights."""

from shuyi import io, provinces, weights

with io.logged(snakemake.log[0]):
    built = map(io.read_weights, snakemake.input)
    named = dict(zip(snakemake.params.names, built, strict=True))
    io.write_csv(snakemake.output[0], weights.summary(named, provinces.coordinates_of_capitals()))
