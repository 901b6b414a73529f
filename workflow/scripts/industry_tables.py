"""Write tables 39 to 41: location quotients, structures, and the negative list of the last year."""

from shuyi.analyses.industry import tables as industry_tables
from shuyi.china import provinces, regions
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    p = snakemake.params
    tables = industry_tables.industry_tables(
        records.read_frames(
            snakemake.input, industry_tables.FRAMES, text=["unit", "province", "nearest_neighbour"]
        ),
        records.read_labels(snakemake.input.labels, p.language),
        **p.settings,
        regions=regions.region_of(p.scheme),
        names=provinces.display_names(p.language),
    )
    records.write_tables(list(snakemake.output), tables)
