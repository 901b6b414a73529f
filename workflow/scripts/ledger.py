"""Book what every province gives to and receives from the others in the headline model."""

from shuyi import io, regions
from shuyi.measurement import spillover

with io.logged(snakemake.log[0]):
    fit, p = io.read_fit(snakemake.input.fit), snakemake.params
    tiers = io.read_csv(snakemake.input.tiers, text=["unit"])
    frames = spillover.ledger_frames(
        fit.with_weights(io.read_weights(snakemake.input.weights).subset(fit.units)),
        p.term,
        spillover.groupings(
            tiers, clusters=regions.region_of("clusters"), region=regions.region_of(p.scheme)
        ),
        draws=p.draws,
        seed=p.seed,
        level=p.level,
    )
    io.write_frames(dict(snakemake.output.items()), frames)
