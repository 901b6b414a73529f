"""Check row sums, diagonals and the links of contiguity."""

from shuyi import checks, io

with io.logged(snakemake.log[0]):
    weights = dict(zip(snakemake.params.specs, map(io.read_weights, snakemake.input.weights), strict=True))
    borders = io.read_csv_text(snakemake.input.borders)[["adcode_i", "adcode_j"]].to_numpy().tolist()
    report = checks.require(checks.check_weights(weights, borders, snakemake.params.specs))
    io.write_json(snakemake.output[0], report.to_record())
