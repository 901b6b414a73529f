"""Estimate one specification and write it as JSON."""

from shuyi import estimation, io
from shuyi.spatialpanel import Specification

with io.logged(snakemake.log[0]):
    fit = estimation.estimate(
        io.read_panel(snakemake.input.panel),
        io.read_weights(snakemake.input.weights),
        Specification.from_row(snakemake.params.specification),
        snakemake.params.excluded,
    )
    io.write_json(snakemake.output[0], fit.to_dict())
