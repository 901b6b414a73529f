"""Check weights, imputation and effects, and compare SAR and SEM with spreg."""

from shuyi import files
from shuyi.analyses.estimation import estimates
from shuyi.pipeline import checks, records, subject

with records.logged(snakemake.log[0]):
    i, p = snakemake.input, snakemake.params
    weights = dict(zip(p.weights, map(records.read_weights, i.weights), strict=True))
    effects = dict(zip(p.specs, map(files.read_csv, i.effects), strict=True))
    fits = dict(zip(p.specs, map(records.read_fit, i.fits), strict=True))
    peers = estimates.compare_rows_with_peer(records.read_panel(i.panel), weights, p.peers)
    reports = [
        checks.check_weights(weights, subject.border_pairs(p.subject, list(i.borders)), p.weights),
        checks.check_imputation(files.read_json(i.clean), p.largest_share),
        checks.check_peers("spreg", peers, checks.PEER),
        checks.check_effects(effects, fits, p.row_standardised),
    ]
    records.write_checks(dict(snakemake.output.items()), map(checks.require, reports))
