"""Write table 19, one part per set of systems, and table 30: obstacle degrees."""

from shuyi.analyses.coordination import tables as coordination_tables
from shuyi.china import provinces
from shuyi.pipeline import records
from shuyi.publish.numbers import TableOptions

with records.logged(snakemake.log[0]):
    p = snakemake.params
    labels = records.read_labels(snakemake.input.labels, p.language)
    tables = coordination_tables.coordination_tables(
        records.read_frames(snakemake.input, coordination_tables.FRAMES, text=["unit"]),
        labels,
        TableOptions.from_config(p.options),
        **p.settings,
        names=provinces.display_names(p.language),
    )
    records.write_tables(list(snakemake.output), tables)
