"""Compare SAR and SEM with individual effects with spreg."""

from shuyi import checks, estimation, io
from shuyi.spatialpanel import Specification

with io.logged(snakemake.log[0]):
    weights = dict(zip(snakemake.params.names, map(io.read_weights, snakemake.input.weights), strict=True))
    rows = map(Specification.from_row, snakemake.params.specifications)
    compared = estimation.compare_with_peer(io.read_panel(snakemake.input.panel), weights, rows)
    report = checks.require(checks.check_peers("spreg", compared, checks.PEER))
    io.write_json(snakemake.output[0], report.to_record())
