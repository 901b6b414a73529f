"""Write tables 34 and 35: tiers, their transitions, and policy instruments."""

from shuyi.analyses.tiers import tables as tiers_tables
from shuyi.china import provinces
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    p = snakemake.params
    tables = tiers_tables.tier_tables(
        records.read_frames(snakemake.input, tiers_tables.FRAMES, text=["unit", "source"]),
        records.read_labels(snakemake.input.labels, p.language),
        rule=p.rule,
        names=provinces.display_names(p.language),
    )
    records.write_tables(list(snakemake.output), tables)
