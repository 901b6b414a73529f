"""Write tables 34 and 35: tiers, their transitions, and policy instruments."""

from shuyi import io, provinces
from shuyi.tables import tiers

with io.logged(snakemake.log[0]):
    p = snakemake.params
    tables = tiers.tier_tables(
        io.read_frames(snakemake.input, tiers.FRAMES, text=["unit", "source"]),
        io.read_labels(snakemake.input.labels, p.language),
        rule=p.rule,
        names=provinces.display_names(p.language),
    )
    io.write_tables(list(snakemake.output), tables)
