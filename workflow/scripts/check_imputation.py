"""Check that imputed cells are few and all accounted for."""

from shuyi import checks, io

with io.logged(snakemake.log[0]):
    record = io.read_json(snakemake.input[0])
    report = checks.require(checks.check_imputation(record, snakemake.params.largest_share))
    io.write_json(snakemake.output[0], report.to_record())
