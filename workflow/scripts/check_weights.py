"""Check row sums, diagonals and the links of contiguity."""

from shuyi import files
from shuyi.pipeline import checks, records

with records.logged(snakemake.log[0]):
    weights = dict(
        zip(snakemake.params.specs, map(records.read_weights, snakemake.input.weights), strict=True)
    )
    borders = files.read_csv_text(snakemake.input.borders)[["adcode_i", "adcode_j"]].to_numpy().tolist()
    report = checks.require(checks.check_weights(weights, borders, snakemake.params.specs))
    files.write_json(snakemake.output[0], report.to_record())
