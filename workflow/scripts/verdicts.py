"""Estimate the headline under each of the ledger's weights: diffusion, siphon, or no evidence of either."""

from shuyi import files
from shuyi.analyses.ledger import frames
from shuyi.pipeline import records
from shuyi.spatialpanel import Specification

with records.logged(snakemake.log[0]):
    p = snakemake.params
    frame = frames.verdicts(
        records.read_panel(snakemake.input.panel),
        dict(zip(p.names, map(records.read_weights, snakemake.input.weights), strict=True)),
        Specification.from_row(p.specification),
        p.excluded,
        term=p.term,
        draws=p.draws,
        seed=p.seed,
        level=p.level,
    )
    files.write_csv(snakemake.output[0], frame)
