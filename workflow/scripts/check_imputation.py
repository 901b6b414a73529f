"""Check that imputed cells are few and all accounted for."""

from shuyi import files
from shuyi.pipeline import checks, records

with records.logged(snakemake.log[0]):
    record = files.read_json(snakemake.input[0])
    report = checks.require(checks.check_imputation(record, snakemake.params.largest_share))
    files.write_json(snakemake.output[0], report.to_record())
