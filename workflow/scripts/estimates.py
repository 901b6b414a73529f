"""Estimate every row of the specification sheet, its effects, and the tests of the headline."""

from shuyi import files
from shuyi.analyses.estimation import estimates
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    i, o, p = snakemake.input, snakemake.output, snakemake.params
    weights = dict(zip(p.names, map(records.read_weights, i.weights), strict=True))
    sheet = estimates.Sheet.from_rows(p.sheet, p.samples)
    found = estimates.estimate_sheet(
        records.read_panel(i.panel), weights, sheet, p.with_effects, p.headline,
        draws=p.estimation["draws"], level=p.estimation["confidence"], seed=p.seed,
        permutations=p.permutations, term=p.term, power=p.estimation["power"],
        shared=files.read_json(i.about)["shared_denominators"],
    )  # fmt: skip
    records.write_records(o.fits, [fit.to_dict() for fit in found.fits.values()])
    records.write_records(o.caveats, [told.to_dict() for told in found.caveats.values()])
    records.write_csvs(o.effects, found.effects.values())
    files.write_csv(o.tests, found.tests)
