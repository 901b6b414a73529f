"""Describe the connectivity of all weights."""

from shuyi import files, weights
from shuyi.china import provinces
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    built = map(records.read_weights, snakemake.input)
    named = dict(zip(snakemake.params.names, built, strict=True))
    files.write_csv(snakemake.output[0], weights.summary(named, provinces.coordinates_of_capitals()))
