"""Estimate the headline under each of the ledger's weights: diffusion, siphon, or no evidence of either."""

from shuyi import io
from shuyi.measurement import spillover
from shuyi.spatialpanel import Specification

with io.logged(snakemake.log[0]):
    p = snakemake.params
    frame = spillover.verdicts(
        io.read_panel(snakemake.input.panel),
        dict(zip(p.names, map(io.read_weights, snakemake.input.weights), strict=True)),
        Specification.from_row(p.specification),
        p.excluded,
        term=p.term,
        draws=p.draws,
        seed=p.seed,
        level=p.level,
    )
    io.write_csv(snakemake.output[0], frame)
