"""Write table 19, one part per set of systems, and table 30: obstacle degrees."""

from shuyi import io, provinces
from shuyi.tables import TableOptions, coordination

with io.logged(snakemake.log[0]):
    p = snakemake.params
    labels = io.read_labels(snakemake.input.labels, p.language)
    tables = coordination.coordination_tables(
        io.read_frames(snakemake.input, coordination.FRAMES, text=["unit"]),
        labels,
        TableOptions.from_config(p.options),
        **p.settings,
        names=provinces.display_names(p.language),
    )
    io.write_tables(list(snakemake.output), tables)
