"""Estimate one specification and write it as JSON."""

from shuyi import files
from shuyi.analyses.estimation import estimates
from shuyi.pipeline import records
from shuyi.spatialpanel import Specification

with records.logged(snakemake.log[0]):
    fit = estimates.estimate(
        records.read_panel(snakemake.input.panel),
        records.read_weights(snakemake.input.weights),
        Specification.from_row(snakemake.params.specification),
        snakemake.params.excluded,
    )
    files.write_json(snakemake.output[0], fit.to_dict())
