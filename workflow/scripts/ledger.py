"""Book what every province gives to and receives from the others in the headline model."""

from shuyi import files
from shuyi.analyses.ledger import frames as ledger_frames
from shuyi.china import regions
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    fit, p = records.read_fit(snakemake.input.fit), snakemake.params
    tiers = files.read_csv(snakemake.input.tiers, text=["unit"])
    frames = ledger_frames.ledger_frames(
        fit.with_weights(records.read_weights(snakemake.input.weights).subset(fit.units)),
        p.term,
        ledger_frames.groupings(
            tiers, clusters=regions.region_of("clusters"), region=regions.region_of(p.scheme)
        ),
        draws=p.draws,
        seed=p.seed,
        level=p.level,
    )
    records.write_frames(dict(snakemake.output.items()), frames)
