"""Write tables 39 to 41: location quotients, structures, and the negative list of the last year."""

from shuyi import io, provinces, regions
from shuyi.tables import industry

with io.logged(snakemake.log[0]):
    p = snakemake.params
    tables = industry.industry_tables(
        io.read_frames(snakemake.input, industry.FRAMES, text=["unit", "province", "nearest_neighbour"]),
        io.read_labels(snakemake.input.labels, p.language),
        **p.settings,
        regions=regions.region_of(p.scheme),
        names=provinces.display_names(p.language),
    )
    io.write_tables(list(snakemake.output), tables)
