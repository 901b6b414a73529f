"""Check the identities of direct, indirect and total effects."""

from shuyi import files
from shuyi.pipeline import checks, records

with records.logged(snakemake.log[0]):
    specs = snakemake.params.specs
    effects = dict(zip(specs, map(files.read_csv, snakemake.input.effects), strict=True))
    fits = dict(zip(specs, map(records.read_fit, snakemake.input.fits), strict=True))
    report = checks.require(checks.check_effects(effects, fits, snakemake.params.row_standardised))
    files.write_json(snakemake.output[0], report.to_record())
