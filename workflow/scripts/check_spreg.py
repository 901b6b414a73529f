"""Compare SAR and SEM with individual effects with spreg."""

from shuyi import files
from shuyi.analyses.estimation import estimates
from shuyi.pipeline import checks, records
from shuyi.spatialpanel import Specification

with records.logged(snakemake.log[0]):
    weights = dict(
        zip(snakemake.params.names, map(records.read_weights, snakemake.input.weights), strict=True)
    )
    rows = map(Specification.from_row, snakemake.params.specifications)
    compared = estimates.compare_with_peer(records.read_panel(snakemake.input.panel), weights, rows)
    report = checks.require(checks.check_peers("spreg", compared, checks.PEER))
    files.write_json(snakemake.output[0], report.to_record())
